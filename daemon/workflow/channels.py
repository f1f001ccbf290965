"""What happens when a customer speaks by another way than mail: the intake API, an agent on the phone, their
own page, the survey.

From there on it is treated like a mail with the same words, by the rules of `citizen` (DESIGN §2, Channels).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from daemon.workflow.citizen import on_words_of_requester, rated
from daemon.workflow.closing import Ending, close
from daemon.workflow.endings import is_survey_open
from daemon.workflow.events import ComplaintMade, CustomerSaid, ImpossibleEvent, MailReceived, SurveyAnswered
from daemon.workflow.history import Line
from daemon.workflow.model import Decision, Facts, Ticket
from daemon.workflow.opening import open_ticket
from daemon.workflow.policy import Policy
from daemon.workflow.reopening import join
from daemon.workflow.saying_to_staff import staff_update
from daemon.workflow.trust import is_proved_since


def on_complaint(facts: Facts, event: ComplaintMade, policy: Policy, now: datetime) -> Decision:
    """A new complaint, or one more about the same request by the same requester (`facts.ticket`)."""
    mail = MailReceived(
        at=event.at,
        sender_email=event.email or "",
        sender_name=event.name,
        subject="",
        text=event.text,
        new_text=event.text,
        match="request" if facts.ticket else "none",
        request_number=event.request_number,
        phone=event.phone,
        category=event.category,
        channel=event.channel,
        is_vouched=True,
        is_phone_vouched=event.phone is not None,
        handle=event.handle,
        contacted_at=event.contacted_at,
        first_response_at=event.first_response_at,
        language=event.language,
    )
    if facts.ticket is None:
        return open_ticket(facts, mail, policy, now)
    return join(facts, facts.ticket, mail, policy, now)


def on_customer_said(facts: Facts, event: CustomerSaid, policy: Policy, now: datetime) -> Decision:
    """Information, an objection, a wish to escalate: as if mailed. A withdrawal closes.

    Raises ImpossibleEvent without a ticket.
    """
    ticket = facts.ticket
    if ticket is None:
        raise ImpossibleEvent("somebody said something about no ticket")
    mail = as_mail(ticket, event)
    if event.kind == "withdrawal":
        return withdraw(ticket, mail, policy, now)
    return on_words_of_requester(facts, ticket, mail, policy, now)


def as_mail(ticket: Ticket, event: CustomerSaid) -> MailReceived:
    """The mail that the ticket's requester would have written. Holding the page's link proves no address:
    it may have come by SMS to a number that somebody else wrote; nor does having telephoned."""
    return MailReceived(
        at=event.at,
        sender_email=ticket.requester.email or "",
        sender_name=ticket.requester.name,
        subject=ticket.subject,
        text=event.text,
        new_text=event.text,
        match="token",
        attachments=event.attachments,
        request_number=event.request_number,
        answer_number=event.answer_number,
        phone=event.phone,
        category=event.category,
        wants_escalation=event.kind == "escalation",
        is_authenticated=ticket.authenticated and not (event.is_vouched and is_proved_since(ticket)),
        channel=ticket.channel,
        handle=ticket.requester.handle,
        is_vouched=event.is_vouched,
    )


def withdraw(ticket: Ticket, mail: MailReceived, policy: Policy, now: datetime) -> Decision:
    """The customer takes the complaint back: closed, and staff need not go on."""
    if ticket.state == "closed":
        return Decision(ticket, (), (Line("withdrawn_too_late"),), "recorded")
    closed = close(ticket, Ending("withdrawn", Line("closed_withdrawn")), policy, now)
    assert closed.ticket is not None
    told = staff_update(closed.ticket, mail, policy, "withdrawn")
    return replace(closed, notifications=closed.notifications + told)


def on_survey_answered(facts: Facts, event: SurveyAnswered, policy: Policy, now: datetime) -> Decision:
    """The first answer to the survey of the present closing counts; a later one changes nothing.

    Raises ImpossibleEvent where no survey is open, or the score is none: the page asks before.
    """
    ticket = facts.ticket
    if ticket is None or not 1 <= event.score <= 5 or not is_survey_open(ticket, policy, now):
        raise ImpossibleEvent("no survey is open for this answer")
    ticket = rated(ticket, event.score, event.comment, now)
    return Decision(ticket, (), (Line("rated_on_page", {"number": event.score}),), "rated")
