"""Says whether a message that waited is still true, or is better left unsaid.

After an outage the newest facts count: nobody is asked for what arrived meanwhile, or reminded of a survey
that is over. What staff wrote to a customer is said in any case, for they believe it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from daemon.workflow import notices
from daemon.workflow.endings import is_survey_open
from daemon.workflow.model import Ticket, Value
from daemon.workflow.policy import Policy

LATE: Final = timedelta(minutes=5)
"""What waited no longer is said as it was decided."""
DUE_SOON: Final = "staff_due_soon"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message as it was decided. `is_said_again`: another one waits behind it that says the same anew."""

    notification: str
    values: Mapping[str, Value]
    created_at: datetime
    is_said_again: bool = False


def may_lapse(notification: str, created_at: datetime, now: datetime) -> bool:
    """Whether it is worth looking: it waited, and is of a kind that can become untrue. A clock that was set
    back makes nothing late."""
    notice = notices.of(notification)
    is_of_a_moment = bool(notice.true_in) or notice.is_survey or notification == DUE_SOON
    return is_of_a_moment and now - created_at > LATE


def is_untrue(said: Waiting, ticket: Ticket, policy: Policy, now: datetime) -> bool:
    """Whether it must not be said any more, `ticket` being what it is about."""
    if not may_lapse(said.notification, said.created_at, now):
        return False
    if said.notification == DUE_SOON:
        return _is_over(said, ticket, now)
    notice = notices.of(said.notification)
    if _is_of_staff(said, notice):
        return False
    if said.is_said_again or ticket.state not in (notice.true_in or (ticket.state,)):
        return True
    if notice.is_survey:
        return not is_survey_open(ticket, policy, now)
    return _is_other_ending(said, ticket)


def _is_of_staff(said: Waiting, notice: notices.Notice) -> bool:
    """Whether it holds what staff wrote of an outcome. What they asked for is of no use once it came."""
    return bool(said.values.get("text")) and "awaiting_info" not in notice.true_in


def _is_other_ending(said: Waiting, ticket: Ticket) -> bool:
    """Whether it tells of a closing that was undone, and followed by one of another kind."""
    if ticket.state != "closed":
        return False
    told = notices.of(said.notification).ending or said.values.get("close_reason")
    return bool(told) and told != ticket.close_reason


def _is_over(said: Waiting, ticket: Ticket, now: datetime) -> bool:
    """A time that is nearly over is over by now, or was kept. One mail may name several complaints: then it
    goes, for each of them."""
    if any(value for name, value in said.values.items() if name.startswith("others_")):
        return False
    due_at = str(said.values.get("due_at") or "")
    is_past = bool(due_at) and datetime.fromisoformat(due_at) < now
    return is_past or ticket.state in ("resolved", "closed")
