"""What happens when a message of ours was accepted, or failed."""

from __future__ import annotations

from dataclasses import replace

from daemon.workflow import deadline_kinds, notices, unproved_words
from daemon.workflow.events import DeliveryAccepted, DeliveryFailed, ImpossibleEvent
from daemon.workflow.history import Code, Kind, Line
from daemon.workflow.model import Decision, Facts, Notification, Ticket, Value
from daemon.workflow.naming import stamp
from daemon.workflow.policy import Policy
from daemon.workflow.reach import may_send_sms
from daemon.workflow.saying import with_number
from daemon.workflow.saying_to_staff import to_staff


def on_delivery_accepted(facts: Facts, event: DeliveryAccepted) -> Decision:
    """The three business days run from the first acceptance of the warning, on whichever channel."""
    ticket = facts.ticket
    if ticket is None:
        raise ImpossibleEvent("an acceptance without a ticket")
    is_unheard = ticket.held and not unproved_words.is_held(ticket)
    if event.notification == "resolved" and ticket.state == "resolved" and is_unheard:
        # It failed one way and arrived another: the time to object runs from here.
        ticket = replace(ticket, resolved_at=event.at, held=False)
        return Decision(ticket, (), (Line("outcome_accepted", {"channel": event.channel}),), "recorded")
    awaited = event.notification == deadline_kinds.INFO_WARNING and ticket.state == "awaiting_info"
    if not awaited or ticket.warning_accepted_at:
        said: dict[Kind, str | int] = {"notification": event.notification, "channel": event.channel}
        return Decision(ticket, (), (Line("notice_accepted", said),), "recorded")
    ticket = replace(ticket, warning_accepted_at=event.at, held=unproved_words.is_held(ticket))
    return Decision(ticket, (), (Line("warning_accepted", {"channel": event.channel}),), "recorded")


def _holds_closure(facts: Facts, event: DeliveryFailed) -> bool:
    """A bounce says that the address takes nothing, whatever it bounced (DESIGN §3, Classification). Of what
    must be heard before a closing, a failure counts where no other channel took it (LESSONS §1, 18)."""
    if notices.of(event.notification).starts_clock:
        return not facts.has_other_channel
    return event.has_bounced


def on_delivery_failed(facts: Facts, event: DeliveryFailed, policy: Policy) -> Decision:
    """Nobody thinks a person was told who was not: staff hear of it, and a complaint whose warning
    reached nobody is held. A failed notice to staff itself goes to the operator alone, or it would
    chase its own tail (LESSONS §1, 18 and 19)."""
    ticket = facts.ticket
    if event.audience != "requester" or ticket is None:
        code: Code = "copy_failed" if event.audience == "participant" else "inside_notice_failed"
        return Decision(ticket, (), (Line(code, {"notification": event.notification}),), "recorded")
    line = Line(_came_back(event), {"notification": event.notification, "channel": event.channel})
    if event.is_late:
        return _told_of_lateness(facts, ticket, event, line, policy)
    if event.is_superseded:
        return Decision(ticket, (), (line,), "recorded")
    if ticket.state in ("awaiting_info", "resolved"):
        if event.notification == deadline_kinds.INFO_WARNING:
            # The three days run from when another channel took it, or from when one still will.
            ticket = replace(ticket, warning_accepted_at=facts.other_accepted_at)
        if _holds_closure(facts, event):
            ticket = unproved_words.hold_unheard(ticket, event.at)
    if event.is_address_dead and _is_of(ticket, event):
        ticket = replace(ticket, requester=replace(ticket.requester, is_email_dead=True))
    values = _about_failure(event, policy) | {"is_held": ticket.state == "resolved" and ticket.held}
    says = () if event.is_cancelled else another_way(facts, ticket, event, policy)
    if _must_know(facts, event, is_said_otherwise=bool(says)):
        says = to_staff("staff_delivery_failed", ticket, policy, values) + says
    return Decision(ticket, says, (line,), "recorded")


def _about_failure(event: DeliveryFailed, policy: Policy) -> dict[str, Value]:
    return {
        "notification": event.notification,
        "channel": event.channel,
        "recipient": event.recipient,
        "error": event.error,
        "failed_at": stamp(event.at, policy),
        "is_undelivered": event.is_undelivered,
        "is_contradictory": event.is_contradictory,
        "is_late": event.is_late,
    }


def _told_of_lateness(
    facts: Facts, ticket: Ticket, event: DeliveryFailed, line: Line, policy: Policy
) -> Decision:
    """Staff hear that the customer was not told yet, unless another channel took the same words. Nothing else
    changes: it may still arrive."""
    is_heard = facts.other_accepted_at is not None or notices.of(event.notification).is_survey
    says = (
        () if is_heard else to_staff("staff_delivery_failed", ticket, policy, _about_failure(event, policy))
    )
    return Decision(ticket, says, (line,), "recorded")


def _came_back(event: DeliveryFailed) -> Code:
    if event.is_late:
        return "notice_late"
    if event.is_cancelled:
        return "notice_cancelled"
    if event.is_undelivered:
        return "notice_contradicted" if event.is_contradictory else "notice_undelivered"
    return "notice_bounced" if event.has_bounced else "notice_failed"


def _must_know(facts: Facts, event: DeliveryFailed, *, is_said_otherwise: bool) -> bool:
    """Whether staff hear of it at once. One SMS in a dozen does not arrive: where the same words go by mail,
    the ticket shows it and the digest counts it. A survey that nobody gets harms nobody."""
    is_heard = facts.has_other_channel or is_said_otherwise or notices.of(event.notification).is_survey
    return not (event.is_undelivered and is_heard)


def _is_of(ticket: Ticket, event: DeliveryFailed) -> bool:
    return event.channel == "email" and event.recipient.lower() == (ticket.requester.email or "").lower()


def another_way(
    facts: Facts, ticket: Ticket, event: DeliveryFailed, policy: Policy
) -> tuple[Notification, ...]:
    """The same words on the other channel, where they were not said there and are still true: nobody is left
    unheard because their mailbox was full, or their telephone off (LESSONS §3, 4)."""
    is_true = ticket.state in (notices.of(event.notification).true_in or (ticket.state,))
    if not facts.may_try_other or not is_true:
        return ()
    return _by_mail(facts, ticket, event) if event.channel == "sms" else _by_sms(facts, ticket, event, policy)


def _by_sms(facts: Facts, ticket: Ticket, event: DeliveryFailed, policy: Policy) -> tuple[Notification, ...]:
    """What was mailed holds a link, which goes to no mobile that may be a stranger's."""
    phone = None if ticket.requester.is_phone_unproved else ticket.requester.phone
    if not (_is_of(ticket, event) and phone and may_send_sms(ticket, policy)):
        return ()
    return (Notification(event.notification, "sms", phone, "requester", dict(facts.failed_values)),)


def _by_mail(facts: Facts, ticket: Ticket, event: DeliveryFailed) -> tuple[Notification, ...]:
    who = ticket.requester
    if event.recipient != who.phone or not who.email or who.is_email_dead:
        return ()
    subject = with_number(ticket.subject, ticket) if ticket.authenticated else None
    values = dict(facts.failed_values)
    return (Notification(event.notification, "email", who.email, "requester", values, reply_subject=subject),)
