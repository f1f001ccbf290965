"""What happens when a clock runs out, and when files of a ticket were scanned late."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from daemon.workflow import deadline_kinds, unproved_words
from daemon.workflow.clocks import start_clock
from daemon.workflow.closing import Ending, close
from daemon.workflow.events import DeadlineReached, FilesScanned, ImpossibleEvent
from daemon.workflow.history import Kind, Line
from daemon.workflow.model import Decision, Facts, Ticket, Value
from daemon.workflow.naming import about_for_staff, asked_again, stamp
from daemon.workflow.policy import Policy
from daemon.workflow.reminders import (
    breach,
    breached,
    forewarn,
    remind_again,
    remind_staff,
    tell_of_standstill,
)
from daemon.workflow.saying import to_requester
from daemon.workflow.saying_to_staff import to_staff
from daemon.workflow.vocabulary import News


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


def tell_of_delay(ticket: Ticket, policy: Policy) -> Decision:
    """The citizen hears of it before they have to ask, once, with how to escalate."""
    ticket = replace(ticket, reminded=ticket.reminded | {deadline_kinds.PROCESSING_DELAYED})
    is_followed_up = ticket.escalated and not ticket.is_escalated_by_staff
    spoken = to_requester(ticket, policy, "processing_delayed", is_escalated=is_followed_up)
    return Decision(ticket, spoken, (Line("delay_told"),), "delayed")
