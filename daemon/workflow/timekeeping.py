"""What happens when a clock runs out, and when a message of ours was accepted or failed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from daemon.workflow import deadline_kinds, endings, notices, unproved_words
from daemon.workflow.clocks import start_clock, stop_clock
from daemon.workflow.escalation import escalation_ground
from daemon.workflow.events import (
    DeadlineReached,
    DeliveryAccepted,
    DeliveryFailed,
    FilesScanned,
    TicketMerged,
)
from daemon.workflow.history import Code, Kind, Line
from daemon.workflow.model import Decision, Facts, Notification, Person, Ticket, Value
from daemon.workflow.naming import about_for_staff, asked_again, stamp
from daemon.workflow.policy import Policy
from daemon.workflow.reach import may_send_sms
from daemon.workflow.reminders import (
    breach,
    breached,
    forewarn,
    remind_again,
    remind_staff,
    tell_of_standstill,
)
from daemon.workflow.saying import to_requester, with_number
from daemon.workflow.saying_to_staff import escalation_ended, to_staff
from daemon.workflow.vocabulary import CloseReason, Escalation, News


class ImpossibleEvent(Exception):
    """The event cannot happen in the ticket's state: a fault of the caller, never of a person."""


def on_deadline(facts: Facts, event: DeadlineReached, policy: Policy, now: datetime) -> Decision:
    """A clock ran out: it leaves its mark on the ticket, and so leaves the open set."""
    ticket = facts.ticket
    if ticket is None:
        raise ImpossibleEvent(f"deadline {event.kind} without a ticket")
    if event.kind in deadline_kinds.TIMES and now < event.due_at:
        return forewarn(ticket, event, policy)
    match event.kind:
        case deadline_kinds.INFO_WARNING:
            return warn(ticket, policy, now)
        case deadline_kinds.ATTACHMENTS_UNSEEN:
            return tell_of_attachments(ticket, policy, now)
        case deadline_kinds.NO_RESPONSE:
            return _naming_message(close_for_no_response(ticket, policy, now), facts, policy)
        case deadline_kinds.RESOLVED_CLOSURE:
            return _naming_message(close_resolved(ticket, policy, now), facts, policy)
        case deadline_kinds.FIRST_RESPONSE | deadline_kinds.PROCESSING:
            return breach(breached(ticket, event.kind, now), event, policy, now)
        case deadline_kinds.ESCALATION_ANSWER | deadline_kinds.ESCALATION:
            return breach(ticket, event, policy, now)
        case deadline_kinds.OVERDUE | deadline_kinds.ESCALATION_OVERDUE | deadline_kinds.STALLED:
            return remind_again(ticket, event, policy, now)
        case deadline_kinds.PROCESSING_DELAYED:
            return tell_of_delay(ticket, policy)
        case deadline_kinds.SURVEY:
            return ask_for_rating(ticket, policy, now)
        case deadline_kinds.SURVEY_REMINDER:
            return remind_of_survey(ticket, policy)
        case (
            deadline_kinds.FIRST_RESPONSE_SOON
            | deadline_kinds.PROCESSING_SOON
            | deadline_kinds.ESCALATION_ANSWER_SOON
            | deadline_kinds.ESCALATION_SOON
        ):
            return remind_staff(ticket, event, policy, now)
        case _:
            raise ImpossibleEvent(f"no such deadline: {event.kind}")


def warn(ticket: Ticket, policy: Policy, now: datetime) -> Decision:
    """No answer to the request for data: contacted again and told of the three business days, which
    run from the moment a channel accepts this (the guide, section 3 (2))."""
    spoken = to_requester(
        ticket,
        policy,
        "info_warning",
        missing=asked_again(ticket),
        text=ticket.info_text,
        closure_business_days=policy.closure_business_days,
    )
    if not spoken:
        held = unproved_words.hold_unheard(replace(ticket, warned_at=now), now)
        told = tell_of_standstill(held, policy, now, is_again=False)
        return Decision(held, told, (Line("warning_impossible"),), "held")
    return Decision(replace(ticket, warned_at=now), spoken, (Line("warned"),), "warned")


def tell_of_attachments(ticket: Ticket, policy: Policy, now: datetime) -> Decision:
    """The time to warn has come, and nobody of the staff has looked at what came with the complaint: what
    is asked for may lie there. They are told, and reminded; until they act the requester is not warned."""
    reminded = ticket.reminded | {deadline_kinds.ATTACHMENTS_UNSEEN}
    ticket = replace(ticket, reminded=reminded, told_late_at=now)
    values = _without_words(ticket, "attachments_unseen")
    says = to_staff("staff_update", ticket, policy, values)
    return Decision(ticket, says, (Line("warning_withheld"),), "reminded")


def on_files_scanned(facts: Facts, event: FilesScanned, policy: Policy) -> Decision:
    """Staff hear of it where it changes what they have; the files themselves go along (`passing_on`)."""
    ticket = facts.ticket
    if ticket is None:
        raise ImpossibleEvent("files of no ticket")
    if not event.are_news:
        return Decision(ticket, (), (Line("files_clean"),), "recorded")
    values = _without_words(ticket, "attachments_scanned")
    says = to_staff("staff_update", ticket, policy, values)
    return Decision(ticket, says, (Line("files_news"),), "recorded")


def _without_words(ticket: Ticket, reason: News) -> dict[str, Value]:
    """The values of a `staff_update` that no mail caused."""
    return about_for_staff(ticket) | {
        "reason": reason,
        "from_requester": True,
        "is_proved": True,
        "writer_email": ticket.requester.email or "",
        "text": "",
        "attachments": [],
    }


def close_for_no_response(ticket: Ticket, policy: Policy, now: datetime) -> Decision:
    if ticket.wrote_since_asked:
        # Only thanks, or only a question how it stands: still somebody who is there. Staff decide.
        ticket = start_clock(replace(ticket, state="open"), now)
        values = _without_words(ticket, "data_still_missing")
        says = to_staff("staff_update", ticket, policy, values)
        return Decision(ticket, says, (Line("closing_withheld"),), "opened_for_staff")
    return close(ticket, Ending("no_response", Line("closed_no_response")), policy, now)


def close_resolved(ticket: Ticket, policy: Policy, now: datetime) -> Decision:
    return close(ticket, Ending("resolved", Line("closed_unopposed")), policy, now)


def _naming_message(decision: Decision, facts: Facts, policy: Policy) -> Decision:
    """A closing names the message after which the requester was silent, and what is known of it."""
    found, ticket = facts.rests_on, decision.ticket
    if found is None or ticket is None or ticket.state != "closed":
        return decision
    values: dict[Kind, str | int] = {
        "number": found.number,
        "channel": found.channel,
        "delivery": found.state,
        "moment": stamp(found.at, policy),
    }
    return replace(decision, history=(*decision.history, Line("closure_rests_on", values)))


def ask_for_rating(ticket: Ticket, policy: Policy, now: datetime) -> Decision:
    """The survey, through a link that says nothing and expires (the guide, section 3 (4))."""
    ticket = replace(ticket, surveyed_at=now)
    days = policy.survey_valid.days
    spoken = to_requester(ticket, policy, "survey", survey_url="", valid_days=days)
    return Decision(ticket, spoken, (Line("survey_sent"),), "surveyed")


def remind_of_survey(ticket: Ticket, policy: Policy) -> Decision:
    ticket = replace(ticket, reminded=ticket.reminded | {deadline_kinds.SURVEY_REMINDER})
    days = policy.survey_valid.days
    spoken = to_requester(ticket, policy, "survey_reminder", survey_url="", valid_days=days)
    return Decision(ticket, spoken, (Line("survey_reminded"),), "reminded")


def on_merged(facts: Facts, event: TicketMerged, policy: Policy, now: datetime) -> Decision:
    """Closed as a duplicate of the one that goes on, whose number the requester hears. One that was closed
    already stays as it is: only what is said about it goes elsewhere."""
    ticket = facts.ticket
    if ticket is None:
        raise ImpossibleEvent("a merging without a ticket")
    line = Line("merged_into", {"ticket": event.into})
    if ticket.state == "closed":
        return Decision(ticket, (), (line,), "merged")
    return close(ticket, Ending("duplicate", line, other_ticket=event.into), policy, now)


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a ticket is closed, and the line of its history. `text` is what staff say to the requester with it,
    `other_ticket` the number under which a merged complaint goes on."""

    reason: CloseReason
    line: Line
    text: str = ""
    other_ticket: str = ""


def close(ticket: Ticket, ending: Ending, policy: Policy, now: datetime) -> Decision:
    """Close it and tell the requester, except of spam (DESIGN §2, Notifications)."""
    before = ticket
    ticket = stop_clock(ticket, policy, now)
    reason = ending.reason
    # Whoever asks for it once more, because nothing was processed, raises a new one.
    escalation: Escalation = "done" if ticket.escalated else ticket.escalation
    ticket = replace(ticket, state="closed", close_reason=reason, closed_at=now, escalation=escalation)
    values: dict[str, Value] = {
        "reopen_days": policy.reopen_within.days,
        "reopen_until": stamp(endings.reopen_until(ticket, policy), policy),
        "text": ending.text,
    }
    match reason:
        case "spam":
            spoken: tuple[Notification, ...] = ()
        case "no_response":
            spoken = to_requester(ticket, policy, "closed_no_response", **values)
        case "not_admitted":
            spoken = to_requester(ticket, policy, "closed_not_admitted", **values)
        case _:
            has_exceeded = escalation_ground(ticket, policy, now) == "processing_exceeded"
            values |= {"close_reason": reason, "other_ticket": ending.other_ticket}
            values |= {"has_exceeded": has_exceeded}
            spoken = to_requester(ticket, policy, "closed", **values)
    spoken += escalation_ended(before, ticket, policy, Person("", ""))
    return Decision(ticket, spoken, (ending.line,), "closed")


def tell_of_delay(ticket: Ticket, policy: Policy) -> Decision:
    """The citizen hears of it before they have to ask, once, with how to escalate."""
    ticket = replace(ticket, reminded=ticket.reminded | {deadline_kinds.PROCESSING_DELAYED})
    is_followed_up = ticket.escalated and not ticket.is_escalated_by_staff
    spoken = to_requester(ticket, policy, "processing_delayed", is_escalated=is_followed_up)
    return Decision(ticket, spoken, (Line("delay_told"),), "delayed")


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
