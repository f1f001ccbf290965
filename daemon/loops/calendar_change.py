"""Computes the deadlines of open tickets again when the calendar or a promised duration changes.

Each deadline that moves is recorded (DESIGN §2, Time: Eids are announced late).
"""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime

from sqlalchemy import Connection

from daemon.clock import Clock
from daemon.store import counters, deadlines, history, tickets
from daemon.store.database import Database
from daemon.workflow.deadlines import open_deadlines
from daemon.workflow.history import Line
from daemon.workflow.policy import Policy

log = logging.getLogger(__name__)

BATCH = 200
COUNTER = "calendar"


class CalendarChange:
    """Compares the calendar in force with the one that the stored deadlines were computed by."""

    def __init__(self, database: Database, policy: Policy, clock: Clock) -> None:
        self._database = database
        self._policy = policy
        self._clock = clock

    async def follow(self) -> int:
        """Bring open deadlines up to date if anything changed; returns how many tickets moved.

        Interrupted, it starts over the next time: the new calendar is written down last. Raises
        StoreUnavailable.
        """
        mark = fingerprint(self._policy)
        if await self._database.transact(counters.count_of, COUNTER) == mark:
            return 0
        moved, after = 0, 0
        while batch := await self._database.transact(self._recompute, after, self._clock.now()):
            after, changed = batch
            moved += changed
        await self._database.transact(counters.set_count, COUNTER, mark)
        if moved:
            log.warning("the calendar changed: deadlines computed afresh", extra={"tickets": moved})
        return moved

    def _recompute(self, connection: Connection, after: int, now: datetime) -> tuple[int, int] | None:
        """One batch of unclosed tickets; the last id looked at and how many moved, None at the end."""
        found = tickets.unclosed(connection, after, BATCH)
        changed = 0
        for stored in found:
            wanted = open_deadlines(stored.ticket, self._policy)
            # What waits for the morning, or for a fault to be mended, was not moved by a calendar.
            if deadlines.reconcile(connection, stored.id, wanted, leaves_put_off=True):
                lines = (Line("calendar_changed"),)
                history.add(connection, stored.id, "calendar", lines, stored.ticket.state, now)
                changed += 1
        return (found[-1].id, changed) if found else None


def fingerprint(policy: Policy) -> int:
    """A number that changes with whatever deadlines depend on: calendar, durations, speaking hours."""
    calendar = policy.calendar
    parts = (
        sorted(calendar.weekend),
        sorted(calendar.holidays),
        sorted(calendar.working_days_instead),
        str(calendar.timezone),
        policy.first_response_business_days,
        policy.processing_business_days,
        policy.info_warning_business_days,
        policy.closure_business_days,
        policy.resolved_closure_business_days,
        policy.escalation_answer_business_days,
        policy.escalation_business_days,
        policy.overdue_reminder_business_days,
        policy.survey_business_days,
        policy.survey_reminder_business_days,
        policy.survey_valid,
        policy.speaks_from,
        policy.speaks_until,
    )
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:8], "big") >> 1
