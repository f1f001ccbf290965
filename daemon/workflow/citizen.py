"""What happens when a requester, or a stranger, writes a mail."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from daemon.workflow import trust, unproved_words
from daemon.workflow.deadlines import is_survey_open, start_again, start_clock
from daemon.workflow.escalation import escalate_to_teams, escalated, escalation_ground
from daemon.workflow.events import MailReceived, MailTooLarge
from daemon.workflow.history import Line
from daemon.workflow.model import Decision, Facts, Notification, Requester, Team, Ticket, Value
from daemon.workflow.naming import house, missing, stamp
from daemon.workflow.policy import Policy
from daemon.workflow.proof import prove
from daemon.workflow.questions import answer_too_early, answer_wish, tell_status
from daemon.workflow.saying import answer, limit
from daemon.workflow.saying_to_staff import is_mail, staff_new, staff_update, to_staff, to_teams
from daemon.workflow.teams import escalation_addresses, privacy_team, team_for
from daemon.workflow.vocabulary import IN_CHANNEL, News

MOST_COMMENT_CHARS = 2000
"""Of a comment beside a rating, as on the survey's page."""


def on_mail(facts: Facts, event: MailReceived, policy: Policy, now: datetime) -> Decision:
    ticket = facts.ticket
    if ticket is None:
        return open_ticket(facts, event, policy, now)
    is_over = ticket.state == "closed" and ticket.close_reason != "spam"
    if is_wish_about_data(event) and is_over and is_requester(ticket, event):
        # About their data, and not about that complaint, which stays closed.
        return open_ticket(replace(facts, linked_ticket=ticket.number), event, policy, now)
    if is_another_complaint(ticket, event):
        return open_ticket(replace(facts, linked_ticket=ticket.number), event, policy, now)
    if not is_requester(ticket, event):
        return on_mail_of_another(ticket, event, policy, is_participant=facts.is_participant)
    if not trust.speaks_for_requester(ticket, is_proved=event.is_authenticated):
        return on_unproved_mail(facts, ticket, event, policy, now)
    if ticket.requester.is_email_dead:
        # They write from it: it is alive, whatever bounced before.
        ticket = replace(ticket, requester=replace(ticket.requester, is_email_dead=False))
    return on_words_of_requester(facts, ticket, event, policy, now)


def is_another_complaint(ticket: Ticket, event: MailReceived) -> bool:
    """Whether a mail that answers one about a closed ticket names a request of its own: somebody else's,
    perhaps in the requester's name, or the requester's after a ticket that was closed as spam and takes no
    word any more."""
    names_another = event.request_number is not None and event.request_number != ticket.request_number
    is_theirs = is_requester(ticket, event)
    is_theirs = is_theirs and trust.speaks_for_requester(ticket, is_proved=event.is_authenticated)
    takes_words = is_theirs and ticket.close_reason != "spam"
    return ticket.state == "closed" and names_another and not takes_words


def on_words_of_requester(
    facts: Facts, ticket: Ticket, event: MailReceived, policy: Policy, now: datetime
) -> Decision:
    """The requester of `ticket` says something more, on whichever channel."""
    if event.is_authenticated and not ticket.authenticated:
        ticket = prove(ticket, event, facts.known_phone)
    if ticket.state == "awaiting_info":
        # Whatever it says: closure for no response is possible only when nothing was written.
        ticket = replace(ticket, wrote_since_asked=True)
    if ticket.state == "closed" and ticket.close_reason == "spam":
        return Decision(ticket, (), (Line("mail_recorded"),), "recorded")
    if event.survey_score is not None:
        if is_survey_open(ticket, policy, when_written(event, ticket.surveyed_at, now)):
            ticket = rated(ticket, event.survey_score, event.survey_comment[:MOST_COMMENT_CHARS], now)
            if is_content(event):
                return Decision(ticket, (), (Line("rated_by_mail", {"number": event.survey_score}),), "rated")
        elif event.is_only_score:
            # Answered already, or too late: still no complaint and no objection.
            return Decision(ticket, (), (Line("rated_too_late"),), "recorded")
    if event.is_thanks:
        if ticket.state == "resolved":
            ticket = unproved_words.seen(ticket)  # whoever else objected in their name, they are content
        return Decision(ticket, (), (Line("thanks_received"),), "recorded")
    if ticket.state == "awaiting_info":
        number = ticket.request_number or event.request_number or event.answer_number
        ended = end_wait(replace(ticket, request_number=number), min(event.at, now))
        if event.wants_escalation and (ticket.escalated or escalation_ground(ended, policy, now)):
            # Data is awaited of a complaint that may be escalated: the wish weighs more than the data.
            return on_wish_to_escalate(facts, ended, event, policy, now)
        return on_answer(facts, ticket, event, policy, now)
    if event.asks_status:
        return tell_status(facts, ticket, event, policy)
    if is_closed_for_good(ticket, policy, when_written(event, ticket.closed_at, now)):
        return open_after(facts, ticket, event, policy, now)
    if event.wants_escalation:
        return on_wish_to_escalate(facts, ticket, event, policy, now)
    if ticket.state == "resolved" and event.match == "request":
        return join(facts, ticket, event, policy, now)
    if ticket.state in ("resolved", "closed"):
        return reopen(facts, ticket, event, policy, now)
    if not ticket.request_number:
        return on_answer(facts, ticket, event, policy, now)
    if event.match == "request":
        return join(facts, ticket, event, policy, now)
    ticket = learn(ticket, event)
    return Decision(ticket, staff_update(ticket, event, policy, "reply"), (Line("reply_received"),), "added")


def on_unproved_mail(
    facts: Facts, ticket: Ticket, event: MailReceived, policy: Policy, now: datetime
) -> Decision:
    """A mail with the requester's address in From, which proves nothing, about a ticket whose requester is
    known: perhaps their words, perhaps a stranger's. Kept and shown to staff with a warning; until they have
    looked nobody is warned or closed, and it changes nothing else (DESIGN §3, Who is who)."""
    line = Line("unproved_wrote")
    if is_closed_for_good(ticket, policy, when_written(event, ticket.closed_at, now)):
        facts = replace(facts, linked_ticket=ticket.number, is_same_address=True)
        return open_ticket(facts, event, policy, now)
    if ticket.state == "awaiting_info":
        ticket = replace(ticket, wrote_since_asked=True)
    if event.is_thanks or event.is_only_score or ticket.close_reason == "spam":
        return Decision(ticket, (), (line,), "recorded")
    ticket = unproved_words.hold(ticket, now)
    return Decision(ticket, staff_update(ticket, event, policy, "unproved"), (line,), "added")


def when_written(event: MailReceived, since: datetime | None, now: datetime) -> datetime:
    """When the words came in: who was in time is not late because we read late, after a downtime of days. A
    time before `since`, from which it counts, is no measure of what came after it: then `now`."""
    return event.at if since is not None and since <= event.at <= now else now


SATISFIED = 4
"""From this score on a word beside it is a comment and no objection."""


def is_content(event: MailReceived) -> bool:
    """A good score with a kind word: nobody who is content asks for the complaint to be opened again."""
    is_good = (event.survey_score or 0) >= SATISFIED and not event.objects
    return event.is_only_score or (is_good and not event.wants_escalation)


def is_closed_for_good(ticket: Ticket, policy: Policy, at: datetime) -> bool:
    """Whether words that come at `at` open a complaint of their own."""
    if ticket.state != "closed" or ticket.closed_at is None:
        return False
    return at - ticket.closed_at > policy.reopen_within


def is_over_for_good(ticket: Ticket, policy: Policy, at: datetime) -> bool:
    """Whether nothing that the requester says at `at` reaches this complaint any more."""
    if ticket.state != "closed":
        return False
    return ticket.close_reason == "spam" or ticket.closed_at is None or is_closed_for_good(ticket, policy, at)


def open_after(facts: Facts, ticket: Ticket, event: MailReceived, policy: Policy, now: datetime) -> Decision:
    """Words about a complaint that is closed for good: a new one, linked to it, of the same requester, who
    is reached where they were reached before."""
    known = ticket.requester
    # A mail does not reach the mobile that somebody gave on another channel, with this address perhaps.
    is_theirs = not known.is_phone_unproved and not (is_mail(event) and trust.standing(ticket) == "vouched")
    is_theirs = is_theirs or (known.is_phone_vouched and event.is_vouched)
    if event.phone is None and known.phone is not None and is_theirs:
        event = replace(event, phone=known.phone, is_phone_vouched=known.is_phone_vouched)
    facts = replace(
        facts,
        linked_ticket=ticket.number,
        is_own_link=True,
        is_email_dead=facts.is_email_dead or known.is_email_dead,
    )
    return open_ticket(facts, event, policy, now)


def open_ticket(facts: Facts, event: MailReceived, policy: Policy, now: datetime) -> Decision:
    """A new complaint. What holds it is a missing request number, nothing else (DESIGN §2)."""
    opened_at = min(event.at, now)
    is_about_privacy = is_wish_about_data(event)
    team = privacy_team(policy) if is_about_privacy else team_for(event.category, policy)
    ticket = Ticket(
        number=facts.new_number,
        state="open" if event.request_number or is_about_privacy else "awaiting_info",
        channel=event.channel,
        requester=Requester(
            event.sender_name,
            event.sender_email or None,
            event.phone or facts.known_phone,
            is_phone_vouched=event.is_phone_vouched,
            handle=event.handle,
            is_email_dead=facts.is_email_dead,
        ),
        opened_at=opened_at,
        subject=event.subject,
        category=event.category,
        request_number=event.request_number,
        authenticated=event.is_authenticated,
        has_unseen_attachments=bool(event.attachments),
        team=team.name if team else None,
        linked_to=facts.linked_ticket,
        language=event.language,
    )
    if ticket.requester.phone and trust.standing(ticket) == "unproved":
        ticket = replace(ticket, requester=replace(ticket.requester, is_phone_unproved=True))
    if ticket.channel in IN_CHANNEL:
        answered_at = event.first_response_at or opened_at
        contacted_at = event.contacted_at or min(opened_at, answered_at)
        ticket = replace(ticket, contacted_at=contacted_at, first_response_at=answered_at)
    if ticket.state == "open":
        ticket = start_clock(ticket, opened_at)
        name, line = "received", Line("opened")
    else:
        ticket = replace(ticket, info_requested_at=now)
        name, line = "info_requested", Line("opened_incomplete")
    # What is missing is asked for once, here (DESIGN §2).
    lacking: dict[str, Value] = {"missing": list(missing(ticket))}
    spoken = answer(facts, ticket, event, policy, name, **lacking | _about_privacy(is_about_privacy))
    # Where nobody can be asked, `staff_new` says so: one message of one cause.
    spoken = tuple(said for said in spoken if said.audience == "requester")
    text = event.text or event.new_text
    values = staff_new(
        ticket,
        policy,
        text,
        event.attachments,
        is_proved=event.is_authenticated or event.is_vouched or not ticket.requester.email,
        is_own_link=facts.is_own_link,
    )
    values["is_same_address"] = facts.is_same_address
    told = to_staff("staff_new", ticket, policy, values | _about_privacy(is_about_privacy))
    if is_about_privacy:
        told += _lead_too(team, ticket, policy, told)
        return Decision(ticket, spoken + told, (line, Line("privacy_asked")), "opened")
    return Decision(ticket, spoken + told, (line,), "opened")


def is_wish_about_data(event: MailReceived) -> bool:
    """Whether a mail asks about its writer's own data and nothing else: what names a request of Furas or a
    ground is a complaint, whatever it says of data. It opens a ticket like any other, which no request
    number holds; people verify who is asking, and the program itself does nothing about the data."""
    return bool(event.privacy_wish) and not event.request_number and not event.category


def _about_privacy(is_so: bool) -> dict[str, Value]:
    return {"is_about_privacy": True, "missing": []} if is_so else {}


def _lead_too(
    team: Team | None, ticket: Ticket, policy: Policy, told: tuple[Notification, ...]
) -> tuple[Notification, ...]:
    """The law gives thirty days: the lead hears of it at once (PDPL, Implementing Regulation, Art. 3)."""
    known = {said.recipient.lower() for said in told}
    if team is None or not team.lead or team.lead.lower() in known or not told:
        return ()
    return to_teams("staff_new", ticket, policy, [team.lead], told[0].values)


def on_answer(facts: Facts, ticket: Ticket, event: MailReceived, policy: Policy, now: datetime) -> Decision:
    """The requester wrote while data was awaited: whatever it says, the closure clock ends."""
    was_open = ticket.state == "open"
    number = ticket.request_number or event.request_number or event.answer_number
    # «حالة» alone brings nothing of what staff asked for besides the number.
    has_arrived = number is not None and not (ticket.request_number and event.asks_status)
    ticket = learn(replace(ticket, request_number=number), event)
    ticket = end_wait(ticket, min(event.at, now))
    if not has_arrived:
        update = staff_update(ticket, event, policy, "reply" if was_open else "data_still_missing")
        wished = answer_wish(facts, ticket, event, policy)
        return Decision(ticket, wished + update, (Line("reply_incomplete"),), "added")
    update = staff_update(ticket, event, policy, "data_arrived")
    if event.wants_escalation:
        # The wish is what they want to hear of; that processing goes on gives way.
        wished = answer_too_early(facts, ticket, event, policy)
        lines = (Line("data_arrived"), Line("escalation_too_early"))
        return Decision(ticket, wished + update, lines, "added")
    spoken = answer(facts, ticket, event, policy, "in_progress", missing=[])
    return Decision(ticket, spoken + update, (Line("data_arrived"),), "added")


def end_wait(ticket: Ticket, at: datetime) -> Ticket:
    """Nothing is awaited any more, and processing goes on."""
    return start_clock(replace(ticket, state="open", held=False), at)


def join(facts: Facts, ticket: Ticket, event: MailReceived, policy: Policy, now: datetime) -> Decision:
    """A second complaint about the same request while the first is not closed: one that was thought
    resolved is open again, or it would be closed over the requester's head."""
    is_over = ticket.state == "resolved"
    if is_over:
        ticket = reopened(ticket, policy, min(event.at, now))
    ticket = end_wait(learn(ticket, event), min(event.at, now))
    joined_at = stamp(event.at, policy)
    spoken = answer(facts, ticket, event, policy, "joined", joined_at=joined_at, is_reopened=is_over)
    update = staff_update(ticket, event, policy, "joined")
    return Decision(ticket, spoken + update, (Line("joined"),), "joined")


def reopen(facts: Facts, ticket: Ticket, event: MailReceived, policy: Policy, now: datetime) -> Decision:
    ticket = reopened(learn_answer(ticket, event), policy, min(event.at, now))
    spoken = answer(facts, ticket, event, policy, "reopened", by_staff=False)
    update = staff_update(ticket, event, policy, "reopened")
    return Decision(ticket, spoken + update, (Line("reopened_by_reply"),), "added")


def reopened(ticket: Ticket, policy: Policy, at: datetime) -> Ticket:
    """Open again, with clocks of its own; a later closing asks for a rating of its own."""
    return replace(
        start_again(ticket, policy, at),
        state="open",
        close_reason=None,
        closed_at=None,
        resolved_at=None,
        held=False,
        surveyed_at=None,
    )


def rated(ticket: Ticket, score: int, comment: str, now: datetime) -> Ticket:
    return replace(ticket, rating=score, rating_comment=comment, rated_at=now)


def on_mail_of_another(
    ticket: Ticket, event: MailReceived, policy: Policy, *, is_participant: bool
) -> Decision:
    """Someone else answered one of our mails, perhaps whom the requester copied in: kept and shown to staff,
    told nothing, and no word of the requester's (LESSONS S3 and §1, 27)."""
    update = staff_update(ticket, event, policy, "reply", from_requester=False, is_participant=is_participant)
    line = Line("participant_wrote" if is_participant else "stranger_wrote")
    return Decision(ticket, update, (line,), "added")


def on_mail_too_large(facts: Facts, event: MailTooLarge, policy: Policy) -> Decision:
    """Nobody may be left in silence because a mail was too big (LESSONS §1, 17). It is a human reply all
    the same: the complaint it answers is not closed for no response. What a stranger is told is no part of
    the complaint that they answered."""
    ticket = facts.ticket
    if ticket and not _writes(ticket, event.sender_email):
        ticket = None
    if ticket and ticket.state == "awaiting_info":
        ticket = replace(ticket, wrote_since_asked=True)
    values: dict[str, Value] = {"size_mb": event.size_mb, "limit_mb": event.limit_mb}
    said = Notification("too_large", "email", event.sender_email, "requester", house(policy) | values)
    spoken = (limit(facts, said, policy, is_authenticated=False),)
    return Decision(ticket, spoken, (Line("mail_too_large"),), "quarantined")


# --- escalation ---------------------------------------------------------------------------------------


def on_wish_to_escalate(
    facts: Facts, ticket: Ticket, event: MailReceived, policy: Policy, now: datetime
) -> Decision:
    """An escalation where a case holds; else recorded, and answered with when it becomes possible."""
    ticket = learn_answer(ticket, event)
    ground = escalation_ground(ticket, policy, now)
    is_ended = ticket.state in ("closed", "resolved")
    if is_ended:
        # An objection all the same. The time that it was over for is none that processing took.
        ticket = reopened(ticket, policy, min(event.at, now))
        # One that was withdrawn after its time is, open again, past it.
        ground = ground or escalation_ground(ticket, policy, now)
    elif ticket.escalated:
        return add_wish(facts, ticket, event, policy)
    if not ground:
        spoken = answer_too_early(facts, ticket, event, policy, is_reopened=is_ended)
        update = staff_update(ticket, event, policy, "reopened" if is_ended else "reply")
        lines = (Line("reopened_by_reply"),) if is_ended else ()
        return Decision(ticket, spoken + update, (*lines, Line("escalation_too_early")), "added")
    ticket = escalated(ticket, now)
    spoken = answer(facts, ticket, event, policy, "escalation_received")
    text = (event.new_text or event.text)[: policy.staff_text_chars]
    told = escalate_to_teams(ticket, policy, ground, text, now)
    # Whoever processes it must know of the wish, and whether it is theirs again.
    was_waiting = facts.ticket is not None and facts.ticket.state == "awaiting_info"
    reason: News = "reopened" if is_ended else "data_still_missing" if was_waiting else "escalated"
    told += tuple(
        said
        for said in staff_update(ticket, event, policy, reason)
        if said.recipient.lower() not in {one.recipient.lower() for one in told}
    )
    return Decision(ticket, spoken + told, (Line("escalation_raised", {"ground": ground}),), "added")


def add_wish(facts: Facts, ticket: Ticket, event: MailReceived, policy: Policy) -> Decision:
    """One open escalation per ticket: a second wish is added to it, and whoever follows it up reads it.
    Perhaps staff raised it, and this is the first word of it: nobody who asks is met with silence."""
    ticket = replace(ticket, is_escalated_by_staff=False)
    spoken = answer(facts, ticket, event, policy, "escalation_received")
    news = staff_update(ticket, event, policy, "reply")
    if ticket.escalation == "raised" and news:
        addresses = [said.recipient for said in news] + escalation_addresses(ticket, policy)
        news = to_teams("staff_update", ticket, policy, addresses, news[0].values)
    return Decision(ticket, spoken + news, (Line("escalation_wished_again"),), "added")


# --- learning -----------------------------------------------------------------------------------------


def is_requester(ticket: Ticket, event: MailReceived) -> bool:
    """Whether the From address is the requester's; nobody is the requester by having no address."""
    return bool(event.sender_email) and _writes(ticket, event.sender_email)


def _writes(ticket: Ticket, email: str) -> bool:
    return (ticket.requester.email or "").lower() == email.lower()


def learn_answer(ticket: Ticket, event: MailReceived) -> Ticket:
    """`learn`, where our own mail asked for the data (a complaint closed for no response): a bare number
    answers it."""
    number = ticket.request_number or event.request_number
    if number is None and ticket.close_reason == "no_response":
        number = event.answer_number
    return learn(replace(ticket, request_number=number), event)


def learn(ticket: Ticket, event: MailReceived) -> Ticket:
    """Fill what was missing from the new mail; what is known already stays."""
    requester = ticket.requester
    is_proved, is_vouched = event.is_authenticated, event.is_vouched
    is_sure = trust.is_phone_sure(ticket, is_proved=is_proved, is_vouched=is_vouched)
    if event.phone and (requester.phone is None or (requester.is_phone_unproved and is_sure)):
        is_phone_vouched = requester.is_phone_vouched and requester.phone == event.phone
        requester = replace(
            requester,
            phone=event.phone,
            is_phone_vouched=is_phone_vouched,
            is_phone_unproved=not is_sure,
            is_phone_told=False,
        )
    return replace(
        ticket,
        requester=requester,
        category=ticket.category or event.category,
        request_number=ticket.request_number or event.request_number,
        has_unseen_attachments=ticket.has_unseen_attachments or bool(event.attachments),
    )
