"""Answers the one question "what happens to a ticket when X?": decide(facts, event, policy, now) -> Decision.

Pure: reads no clock, does no I/O, words nothing (that is `templates/`). The rules stand beside it by who
acts: `citizen`, `channels`, `staff`, `timekeeping`; the transition tables of `tests/unit/test_decide*.py`
have a row for each of their branches.
"""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from daemon.workflow.channels import on_complaint, on_customer_said, on_survey_answered
from daemon.workflow.citizen import on_mail, on_mail_too_large
from daemon.workflow.closing import on_merged
from daemon.workflow.deliveries import on_delivery_accepted, on_delivery_failed
from daemon.workflow.events import (
    ComplaintMade,
    CustomerSaid,
    DeadlineReached,
    DeliveryAccepted,
    DeliveryFailed,
    Event,
    FilesScanned,
    ImpossibleEvent,
    MailReceived,
    MailTooLarge,
    StaffHandedIn,
    StaffWrote,
    SurveyAnswered,
    TicketMerged,
)
from daemon.workflow.model import Decision, Facts
from daemon.workflow.policy import Policy
from daemon.workflow.reach import mark_told
from daemon.workflow.silence import silenced
from daemon.workflow.staff import on_handed_in, on_staff_mail
from daemon.workflow.timekeeping import on_deadline, on_files_scanned

__all__ = ["ImpossibleEvent", "decide"]


def decide(facts: Facts, event: Event, policy: Policy, now: datetime) -> Decision:
    """Say what must be written because `event` happened, given `facts`.

    `facts` holds everything a rule may look at; `now` is aware. Reads no clock, changes
    nothing. Raises ImpossibleEvent when the event cannot happen in the ticket's state.
    """
    return mark_told(_decided(facts, event, policy, now))


def _decided(facts: Facts, event: Event, policy: Policy, now: datetime) -> Decision:
    match event:
        case MailReceived():
            decision = on_mail(facts, event, policy, now)
            return silenced(decision, facts) if event.is_silent else decision
        case ComplaintMade():
            return on_complaint(facts, event, policy, now)
        case CustomerSaid():
            return on_customer_said(facts, event, policy, now)
        case SurveyAnswered():
            return on_survey_answered(facts, event, policy, now)
        case MailTooLarge():
            return on_mail_too_large(facts, event, policy)
        case StaffWrote():
            return on_staff_mail(facts, event, policy, now)
        case StaffHandedIn():
            return on_handed_in(facts, event, policy, now)
        case FilesScanned():
            return on_files_scanned(facts, event, policy)
        case TicketMerged():
            return on_merged(facts, event, policy, now)
        case DeliveryAccepted():
            return on_delivery_accepted(facts, event)
        case DeliveryFailed():
            return on_delivery_failed(facts, event, policy)
        case DeadlineReached():
            return on_deadline(facts, event, policy, now)
        case _:
            assert_never(event)
