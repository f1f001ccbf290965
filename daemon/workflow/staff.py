"""What happens when a member of staff answers one of our notices (DESIGN §2, Staff by e-mail).

Commands are carried out in their order, or none of them is. The first one that cannot be carried out is
explained to its writer, and nothing else happens.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from daemon.workflow import commands, notices, unproved_words
from daemon.workflow.citizen import on_mail
from daemon.workflow.commands import Refused
from daemon.workflow.events import StaffHandedIn, StaffWrote
from daemon.workflow.history import Entry, Line, packed
from daemon.workflow.model import Decision, Facts, Notification, Person, Requester, Ticket, Value
from daemon.workflow.naming import stamp
from daemon.workflow.policy import Policy
from daemon.workflow.saying import limit
from daemon.workflow.saying_to_staff import to_person
from daemon.workflow.staff_orders import carry_out
from daemon.workflow.staff_proofs import check_proofs, is_harmless, is_known, why_unproved


def on_staff_mail(facts: Facts, event: StaffWrote, policy: Policy, now: datetime) -> Decision:
    """Judge the proofs, then relay the answer or carry out the commands."""
    ticket = facts.ticket
    try:
        if event.mistake and (ticket or event.mistake == "forgotten_sign"):
            raise Refused(event.mistake, event.mistake_detail)
        if ticket is None:
            raise Refused("no_ticket")
        check_proofs(event, policy)
        steps = carry_out(facts, ticket, event, policy, now)
        says = one_word_each(said for step in steps for said in step.says)
    except Refused as refused:
        return refusal(ticket, limited(facts, explain(ticket, event, policy, refused), policy), refused)
    after = steps[-1].ticket if steps else ticket
    if is_known(event, policy) and not is_harmless(event):
        # Staff have looked: what came with it is seen, and a complaint with attachments may be warned;
        # so are unproved words in the requester's name.
        after = unproved_words.seen(replace(after, has_unseen_attachments=False))
    lines = tuple(step.line for step in steps)
    says += confirmation(facts, Decision(after, says, lines, "staff"), event, policy)
    return Decision(after, limited(facts, says, policy), lines, "staff")


def refusal(ticket: Ticket | None, explained: tuple[Notification, ...], refused: Refused) -> Decision:
    """Nothing is done, and the writer hears why."""
    line = Line("refused", {"refusal": refused.code})
    return Decision(ticket, explained, (line,), "refused", refused.code)


def on_handed_in(facts: Facts, event: StaffHandedIn, policy: Policy, now: datetime) -> Decision:
    """A citizen's mail forwarded by staff (#نيابة): a complaint of the citizen's, whom the acknowledgement
    reaches. No token can exist for a ticket that does not; the proved sender alone is believed, and the
    citizen's address is the one in the command, never one found in the text (LESSONS §1, 26)."""
    try:
        if not event.is_authenticated:
            raise Refused(why_unproved(event.verdict))
        if event.mail.sender_email.lower() in ours(policy):
            raise Refused("bad_address", event.mail.sender_email)
    except Refused as refused:
        about = StaffWrote(event.mail.at, event.writer, mistaken_command="نيابة")
        explained = limited(facts, explain(None, about, policy, refused), policy)
        return refusal(None, explained, refused)
    decision = on_mail(facts, event.mail, policy, now)
    assert decision.ticket is not None
    told = copy_to_writer(decision, event.writer, policy)
    lines = (*decision.history, Line("handed_in"))
    return replace(decision, notifications=decision.notifications + told, history=lines)


def copy_to_writer(decision: Decision, writer: Person, policy: Policy) -> tuple[Notification, ...]:
    """The notice of the team, to a writer who is not of that team: they must know that it is open."""
    ticket = decision.ticket
    if ticket is None or (ticket.team in writer.teams and not ticket.assignee):
        return ()
    return tuple(
        replace(said, recipient=writer.email)
        for said in decision.notifications
        if said.audience == "staff" and said.recipient.lower() != writer.email.lower()
    )


def ours(policy: Policy) -> frozenset[str]:
    """Addresses that are nobody's complaint: the mailbox, teams, staff."""
    people = (person.email for person in policy.people)
    teams = (team.address for team in policy.teams)
    return frozenset(address.lower() for address in (policy.mailbox_address, *people, *teams))


def explain(
    ticket: Ticket | None, event: StaffWrote, policy: Policy, refused: Refused
) -> tuple[Notification, ...]:
    """Mistakes are explained to their writer, never forwarded to the citizen."""
    about = ticket or Ticket("", "open", "email", Requester(), event.at)
    values: dict[str, Value] = {
        "command": event.mistaken_command,
        "error": refused.code,
        "detail": refused.detail,
    }
    told = to_person("staff_command_error", about, policy, event.writer, values)
    return (told,)


ENDINGS = (commands.Resolve, commands.Close)


def confirmation(
    facts: Facts, decision: Decision, event: StaffWrote, policy: Policy
) -> tuple[Notification, ...]:
    """To the writer of commands: what was carried out, what the citizen was sent, and whether the citizen
    wrote again before a command that ended the complaint: that is said always, the rest only where no other
    notice tells them. To the writer of an internal answer that nobody else reads: that it is kept."""
    ticket, lines, writer = decision.ticket, decision.history, event.writer
    is_wanted = policy.confirm_commands and not is_harmless(event)
    crossed_at = facts.wrote_since if any(isinstance(one, ENDINGS) for one in event.commands) else None
    told = {said.recipient.lower() for said in decision.notifications if said.audience == "staff"}
    is_note = not event.commands and not event.goes_to_citizen and not decision.notifications
    if ticket is None or not writer.email or not (event.commands or is_note):
        return ()
    if crossed_at is None and not is_note and (not is_wanted or writer.email.lower() in told):
        return ()
    spoken = [said for said in decision.notifications if said.audience == "requester" and not said.suppressed]
    values: dict[str, Value] = {
        "done": [packed(Entry(lines, ticket.state))],
        "sent": list(dict.fromkeys(said.name for said in spoken)),
        "by_email": any(said.channel == "email" for said in spoken),
        "by_sms": any(said.channel == "sms" for said in spoken),
        "crossed_at": stamp(crossed_at, policy),
        "is_note": is_note,
    }
    done = to_person("staff_done", ticket, policy, writer, values)
    # Thanks for it would be another note: two robots never end.
    return (limit(facts, done, policy, is_authenticated=True) if is_note else done,)


def tell_of_files(ticket: Ticket, writer: Person, policy: Policy, lists: dict[str, Value]) -> Notification:
    """To the writer of an answer: which of its files did not go to the citizen (`passing_on`)."""
    values: dict[str, Value] = {
        "reason": "files_left_out",
        "from_requester": True,
        "writer_email": "",
        "requester_name": ticket.requester.name,
        "request_number": ticket.request_number or "",
        "subject": ticket.subject,
        "text": "",
    }
    return to_person("staff_update", ticket, policy, writer, values | lists)


def limited(facts: Facts, says: tuple[Notification, ...], policy: Policy) -> tuple[Notification, ...]:
    """Automatic answers to staff count like any other: a robot at a rostered address must not turn us
    into one half of a loop (DESIGN §3, Limits on answers)."""
    return tuple(
        limit(facts, said, policy, is_authenticated=True) if notices.of(said.name).answers_writer else said
        for said in says
    )


def one_word_each(says: Iterable[Notification]) -> tuple[Notification, ...]:
    """Never two messages of one cause to one person on one channel (DESIGN §2, Notifications): the news
    that processing begins, or goes on, gives way; two texts of staff's own cannot be one, and their writer is
    told."""
    found = list(says)
    for said in list(found):
        others = [one for one in found if one is not said and _reaches_the_same(one, said)]
        if others and notices.of(said.name).gives_way:
            found.remove(said)
        elif others and said.audience == "requester":
            raise Refused("cannot_combine")
    last: dict[tuple[str, str, str], Notification] = {}
    for said in found:
        key = (said.name, said.channel, said.recipient.lower())
        last[key] = _with_text_of(last.get(key), said)
    return tuple(last.values())


def _with_text_of(before: Notification | None, said: Notification) -> Notification:
    """`said`, a note to colleagues with what an earlier one of the same mail says."""
    if before is None or said.name != "staff_note":
        return said
    texts = [str(one.values["text"]) for one in (before, said)]
    return replace(said, values={**said.values, "text": "\n\n".join(filter(None, texts))})


def _reaches_the_same(one: Notification, other: Notification) -> bool:
    return (one.audience, one.channel, one.recipient.lower()) == (
        other.audience,
        other.channel,
        other.recipient.lower(),
    )
