"""Carries out what staff order about one ticket, or relays their plain answer (DESIGN §2, Staff by e-mail).

Whether the writer may order it by what they proved is judged before (`staff_proofs`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import assert_never

from daemon.workflow import commands
from daemon.workflow.clocks import first_response_due, staff_processing_due, start_clock, stop_clock
from daemon.workflow.closing import Ending, close
from daemon.workflow.commands import Command, Refused
from daemon.workflow.deadline_kinds import ATTACHMENTS_UNSEEN, PROCESSING, late, told_of
from daemon.workflow.endings import closes_at
from daemon.workflow.escalation import accepted, declined, escalate_to_teams, escalated, escalation_ground
from daemon.workflow.events import StaffWrote
from daemon.workflow.history import Entry, Line, packed
from daemon.workflow.model import Facts, Notification, Person, Ticket, Value
from daemon.workflow.naming import asked_again, stamp
from daemon.workflow.policy import Policy
from daemon.workflow.reopening import reopened
from daemon.workflow.saying import to_requester
from daemon.workflow.saying_to_staff import escalation_ended, handed_over, staff_note, to_person, to_staff
from daemon.workflow.staff_proofs import is_known, is_of_another_team
from daemon.workflow.teams import responsible
from daemon.workflow.vocabulary import Escalation, Ground


@dataclass(frozen=True, slots=True)
class Step:
    """What one command did: the ticket after it, what is said, and its line of history."""

    ticket: Ticket
    says: tuple[Notification, ...] = ()
    line: Line = field(kw_only=True)


def carry_out(facts: Facts, ticket: Ticket, event: StaffWrote, policy: Policy, now: datetime) -> list[Step]:
    if not event.commands:
        return [reply(ticket, event, policy, now)]
    steps: list[Step] = []
    for command in event.commands:
        step = _with_those_who_answer(
            ticket, obey(command, facts, ticket, event, policy, now), command, event, policy
        )
        ticket = step.ticket
        steps.append(step)
    return steps


def _with_those_who_answer(
    ticket: Ticket, step: Step, command: Command, event: StaffWrote, policy: Policy
) -> Step:
    """`step`, heard by whoever answers for the ticket where somebody else wrote to the requester."""
    if not isinstance(command, commands.Resolve | commands.AskInfo | commands.Extend | commands.Close):
        return step
    return replace(
        step, says=step.says + _to_those_who_answer(ticket, step.ticket, command.text, event.writer, policy)
    )


def _to_those_who_answer(
    ticket: Ticket, after: Ticket, text: str, writer: Person, policy: Policy
) -> tuple[Notification, ...]:
    """Those who answer for `ticket` read what another wrote to the requester: the member it is assigned to,
    or its team where the writer is of another one."""
    is_anothers = ticket.assignee is not None and ticket.assignee.lower() != writer.email.lower()
    if not writer.email or not (is_anothers or is_of_another_team(writer, ticket)):
        return ()
    return staff_note(after, policy, responsible(ticket, policy), "to_citizen", writer, text)


def reply(ticket: Ticket, event: StaffWrote, policy: Policy, now: datetime) -> Step:
    """A plain answer: to the citizen, or internal, as the answered notice said in its first line."""
    if not event.answer.strip():
        raise Refused("no_text")
    if not event.goes_to_citizen:
        return note(ticket, event.answer, event, policy)
    return answer(ticket, event.answer, event.writer, policy, now)


def answer(ticket: Ticket, text: str, writer: Person, policy: Policy, now: datetime) -> Step:
    """The citizen reads `text`, and nothing else changes. Those who answer for the ticket read it too, where
    the writer is another."""
    spoken = to_requester(ticket, policy, "reply", text=text)
    spoken += _to_those_who_answer(ticket, ticket, text, writer, policy)
    return Step(responded(ticket, now), spoken, line=Line("answered"))


def obey(
    command: Command, facts: Facts, ticket: Ticket, event: StaffWrote, policy: Policy, now: datetime
) -> Step:
    match command:
        case commands.Resolve():
            return resolve(ticket, command.text, event.writer, policy, now)
        case commands.Reply():
            return answer(ticket, command.text, event.writer, policy, now)
        case commands.AskInfo():
            return ask(ticket, command.text, policy, now)
        case commands.Extend():
            return extend(ticket, command, policy, now)
        case commands.Close():
            return close_by_staff(ticket, command, event.writer, policy, now)
        case commands.Note():
            return note(ticket, command.text, event, policy)
        case commands.Assign():
            return assign(facts, ticket, command.name, policy)
        case commands.SetRequest():
            return set_request(ticket, command.number, policy, now)
        case commands.SetPhone():
            return set_phone(ticket, command.phone)
        case commands.SetCategory():
            return Step(
                replace(ticket, category=command.category),
                line=Line("category_set", {"category": command.category}),
            )
        case commands.SetLanguage():
            return Step(
                replace(ticket, language=command.language),
                line=Line("language_set", {"language": command.language}),
            )
        case commands.Escalate():
            return escalate(ticket, command.text, policy, now)
        case commands.Accept():
            return accept(facts, ticket, event.writer, policy, now)
        case commands.Decline():
            return decline(ticket, command.text, event.writer, policy)
        case commands.Reopen():
            return reopen_by_staff(ticket, policy, now)
        case commands.Status():
            return status(facts, ticket, event.writer, policy)
        case commands.Help():
            told = to_person("staff_help", ticket, policy, event.writer, {})
            return Step(ticket, (told,), line=Line("help_asked"))
        case _:
            assert_never(command)


def resolve(ticket: Ticket, text: str, writer: Person, policy: Policy, now: datetime) -> Step:
    """The outcome; the requester hears it, and the ticket closes later unless they object. Said once more
    where the closing was held, it lets the closing go on. An outcome that no message can bring is held:
    nobody can object to what they did not hear."""
    if ticket.state not in ("open", "awaiting_info") and not (ticket.state == "resolved" and ticket.held):
        raise Refused("impossible_state", ticket.state)
    before, escalation = ticket, _ended(ticket)
    ticket = responded(stop_clock(ticket, policy, now), now)
    ticket = replace(ticket, state="resolved", resolved_at=now, escalation=escalation)
    spoken = to_requester(
        ticket,
        policy,
        "resolved",
        text=text,
        closure_business_days=policy.resolved_closure_business_days,
        closes_at=stamp(closes_at(replace(ticket, held=False), policy), policy),
        reopen_days=policy.reopen_within.days,
    )
    is_said = any(said.audience == "requester" for said in spoken)
    ticket = replace(ticket, held=not is_said)
    return Step(ticket, spoken + escalation_ended(before, ticket, policy, writer), line=Line("resolved"))


def _ended(ticket: Ticket) -> Escalation:
    return "done" if ticket.escalated else ticket.escalation


def ask(ticket: Ticket, text: str, policy: Policy, now: datetime) -> Step:
    """Data is missing: asked for, and the complaint waits; both clocks stand meanwhile."""
    if ticket.state not in ("open", "awaiting_info"):
        raise Refused("impossible_state", ticket.state)
    ticket = responded(stop_clock(ticket, policy, now), now)
    ticket = replace(
        ticket,
        state="awaiting_info",
        info_requested_at=now,
        info_text=text,
        wrote_since_asked=False,
        warned_at=None,
        warning_accepted_at=None,
        held=False,
        reminded=ticket.reminded - {ATTACHMENTS_UNSEEN},
    )
    spoken = to_requester(ticket, policy, "info_requested", missing=asked_again(ticket), text=text)
    return Step(ticket, spoken, line=Line("info_requested"))


def extend(ticket: Ticket, command: commands.Extend, policy: Policy, now: datetime) -> Step:
    """The staff's due time moves, never the day from which the citizen may escalate."""
    if ticket.state in ("resolved", "closed"):
        raise Refused("impossible_state", ticket.state)
    days = ticket.extension_days + command.business_days
    reminded = ticket.reminded - {"processing_80", told_of(PROCESSING), late(PROCESSING)}
    ticket = replace(ticket, extension_days=days, reminded=reminded)
    spoken: tuple[Notification, ...] = ()
    if command.text:
        ticket, spoken = responded(ticket, now), to_requester(ticket, policy, "reply", text=command.text)
    return Step(ticket, spoken, line=Line("extended", {"number": command.business_days}))


def close_by_staff(
    ticket: Ticket, command: commands.Close, writer: Person, policy: Policy, now: datetime
) -> Step:
    if ticket.state == "closed":
        raise Refused("impossible_state", ticket.state)
    if command.reason == "no_response" and not _may_close_for_no_response(ticket, policy, now):
        raise Refused("bad_reason", "no_response")
    if command.reason == "resolved" and (ticket.state != "resolved" or not ticket.held):
        raise Refused("bad_reason", "resolved")  # the outcome first, and time to object
    line = Line("closed_by_staff", {"reason": command.reason})
    closed = close(ticket, Ending(command.reason, line, text=command.text), policy, now)
    assert closed.ticket is not None
    return Step(closed.ticket, closed.notifications, line=line)


def _may_close_for_no_response(ticket: Ticket, policy: Policy, now: datetime) -> bool:
    """Warned, the three business days over, and nothing written since (the guide, section 3 (2))."""
    accepted_at = ticket.warning_accepted_at
    if ticket.state != "awaiting_info" or accepted_at is None or ticket.held or ticket.wrote_since_asked:
        return False
    return now >= policy.calendar.add_business_days(accepted_at, policy.closure_business_days)


def note(ticket: Ticket, text: str, event: StaffWrote, policy: Policy) -> Step:
    """Stays internal: the others who are responsible read it."""
    if not text.strip():
        raise Refused("no_text")
    is_proved = is_known(event, policy)
    told = _note_to_others(ticket, text, event.writer, policy, is_proved=is_proved)
    return Step(ticket, told, line=Line("noted_by_staff"))


def _note_to_others(
    ticket: Ticket, text: str, writer: Person, policy: Policy, *, is_proved: bool = True
) -> tuple[Notification, ...]:
    values: dict[str, Value] = {"writer_name": writer.name, "text": text, "is_proved": is_proved}
    told = to_staff("staff_note", ticket, policy, values)
    return tuple(said for said in told if said.recipient.lower() != writer.email.lower())


def assign(facts: Facts, ticket: Ticket, name: str, policy: Policy) -> Step:
    """To one person of the roster, by name or address; they get the whole case."""
    found = on_roster(name, policy)
    if len(found) != 1:
        raise Refused("bad_person", name)
    person = found[0]
    ticket = replace(ticket, assignee=person.email)
    told = to_person("staff_new", ticket, policy, person, handed_over(ticket, policy, facts))
    return Step(ticket, (told,), line=Line("assigned"))


def on_roster(name: str, policy: Policy) -> list[Person]:
    """Whom `name` may mean: those of that whole name or address, else those who have it in their name."""
    wanted = " ".join(name.split()).casefold()
    active = [person for person in policy.people if person.is_active]
    return [one for one in active if wanted in (one.name.casefold(), one.email.casefold())] or [
        one for one in active if wanted in one.name.casefold().split()
    ]


def set_phone(ticket: Ticket, phone: str) -> Step:
    """Where SMS of this complaint goes; it identifies nobody, unless it is the one that was vouched for."""
    known = ticket.requester
    is_vouched = known.is_phone_vouched and known.phone == phone
    requester = replace(
        known, phone=phone, is_phone_vouched=is_vouched, is_phone_unproved=False, is_phone_told=False
    )
    return Step(replace(ticket, requester=requester), line=Line("phone_set"))


def set_request(ticket: Ticket, number: str, policy: Policy, now: datetime) -> Step:
    """The awaited number, from staff (perhaps by phone): processing begins, and the citizen hears it."""
    was_waiting = ticket.state == "awaiting_info" and not ticket.request_number
    ticket, line = replace(ticket, request_number=number), Line("request_set")
    if not was_waiting:
        return Step(ticket, line=line)
    ticket = start_clock(replace(ticket, state="open", held=False), now)
    return Step(ticket, to_requester(ticket, policy, "in_progress", missing=[]), line=line)


def escalate(ticket: Ticket, text: str, policy: Policy, now: datetime) -> Step:
    """Of a ticket that goes on: one that is over is opened again first (#فتح), or it would close beneath the
    escalation."""
    if ticket.escalated or ticket.state in ("resolved", "closed"):
        raise Refused("impossible_state", ticket.escalation if ticket.escalated else ticket.state)
    ground: Ground = escalation_ground(ticket, policy, now) or "by_staff"
    ticket = escalated(ticket, now, is_by_staff=True)
    return Step(ticket, escalate_to_teams(ticket, policy, ground, text, now), line=Line("escalated_by_staff"))


def accept(facts: Facts, ticket: Ticket, writer: Person, policy: Policy, now: datetime) -> Step:
    """Those who answered for it until now hear that it is theirs no more."""
    _check_escalation_team(ticket, writer, policy)
    former = responsible(ticket, policy)
    ticket, says = accepted(facts, ticket, writer, policy, now)
    told = staff_note(ticket, policy, former, "accepted", writer) if ticket.assignee not in former else ()
    return Step(ticket, says + told, line=Line("escalation_accepted"))


def decline(ticket: Ticket, text: str, writer: Person, policy: Policy) -> Step:
    """Those who answer for it go on, and hear what the requester was told."""
    _check_escalation_team(ticket, writer, policy)
    ticket, says = declined(ticket, text, policy)
    told = staff_note(ticket, policy, responsible(ticket, policy), "declined", writer, text)
    return Step(ticket, says + told, line=Line("escalation_declined"))


def _check_escalation_team(ticket: Ticket, writer: Person, policy: Policy) -> None:
    special = {team.name for team in policy.teams if team.is_escalation}
    if special and not special & writer.teams:
        raise Refused("not_escalation_team")
    if ticket.escalation != "raised":
        raise Refused("nothing_to_accept")


def reopen_by_staff(ticket: Ticket, policy: Policy, now: datetime) -> Step:
    """The requester, who was told of its end, hears that it goes on; of spam nobody hears anything."""
    if ticket.state not in ("resolved", "closed"):
        raise Refused("impossible_state", ticket.state)
    was_told = ticket.close_reason != "spam"
    ticket = reopened(ticket, policy, now)
    spoken = to_requester(ticket, policy, "reopened", by_staff=True) if was_told else ()
    return Step(ticket, spoken, line=Line("reopened_by_staff"))


def status(facts: Facts, ticket: Ticket, writer: Person, policy: Policy) -> Step:
    values: dict[str, Value] = {
        "state": ticket.state,
        "close_reason": ticket.close_reason or "",
        "requester_name": ticket.requester.name,
        "request_number": ticket.request_number or "",
        "category": ticket.category or "",
        "opened_at": stamp(ticket.opened_at, policy),
        "first_response_due": stamp(first_response_due(ticket, policy), policy),
        "processing_due": stamp(staff_processing_due(ticket, policy), policy),
        "undelivered": [packed(Entry((line,), "")) for line in facts.undelivered[-20:]],
        "history": [packed(entry) for entry in facts.history[-20:]],
    }
    told = to_person("staff_status", ticket, policy, writer, values)
    return Step(ticket, (told,), line=Line("status_asked_by_staff"))


def responded(ticket: Ticket, now: datetime) -> Ticket:
    """A person spoke to the requester: the first-response clock is met."""
    if ticket.reopened_at is not None:
        ticket = replace(ticket, reanswered_at=ticket.reanswered_at or now)
    return replace(ticket, first_response_at=ticket.first_response_at or now)
