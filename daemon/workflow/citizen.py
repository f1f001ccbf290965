"""What happens when a requester, or a stranger, writes a mail."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from daemon.workflow import trust, unproved_words
from daemon.workflow.endings import is_survey_open
from daemon.workflow.escalation import escalation_ground
from daemon.workflow.events import MailReceived, MailTooLarge
from daemon.workflow.history import Line
from daemon.workflow.learning import bears_address, is_requester, learn
from daemon.workflow.model import Decision, Facts, Notification, Ticket, Value
from daemon.workflow.naming import house
from daemon.workflow.opening import is_wish_about_data, open_after, open_ticket
from daemon.workflow.policy import Policy
from daemon.workflow.proof import prove
from daemon.workflow.questions import answer_too_early, answer_wish, tell_status
from daemon.workflow.reopening import end_wait, is_closed_for_good, join, reopen
from daemon.workflow.saying import answer, limit
from daemon.workflow.saying_to_staff import staff_update
from daemon.workflow.wishes import on_wish_to_escalate

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
    if ticket and not bears_address(ticket, event.sender_email):
        ticket = None
    if ticket and ticket.state == "awaiting_info":
        ticket = replace(ticket, wrote_since_asked=True)
    values: dict[str, Value] = {"size_mb": event.size_mb, "limit_mb": event.limit_mb}
    said = Notification("too_large", "email", event.sender_email, "requester", house(policy) | values)
    spoken = (limit(facts, said, policy, is_authenticated=False),)
    return Decision(ticket, spoken, (Line("mail_too_large"),), "quarantined")


# --- learning -----------------------------------------------------------------------------------------
