"""Tells the operator ahead of the day on which the secret of [oauth2] ends: after it no mail comes or goes.

No server says when a secret ends; the day is the one that was configured.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, tzinfo

from daemon.clock import Clock
from daemon.workflow.vocabulary import Alarm

TOLD_DAYS_BEFORE = (30, 21, 14, 7, 6, 5, 4, 3, 2, 1, 0)
"""After the end it is told each day."""


def is_told_on(left_days: int) -> bool:
    """Whether a day with so many days left, or fewer than none, is one on which the operator is told."""
    return left_days < 0 or left_days in TOLD_DAYS_BEFORE


def said_of(ends: date, today: date) -> str:
    """One line for an operator."""
    left = (ends - today).days
    what = f"the secret of [oauth2] ended on {ends}" if left < 0 else f"the secret of [oauth2] ends on {ends}"
    return f"{what}: make a new one, then set client_secret and client_secret_expires"


class SecretEnd:
    """Looks once in a while, and tells once a day."""

    def __init__(
        self, ends: date | None, zone: tzinfo, clock: Clock, on_problem: Callable[[Alarm, str], None]
    ) -> None:
        self._ends = ends
        self._zone = zone
        self._clock = clock
        self._on_problem = on_problem
        self._told_on: date | None = None

    async def look(self) -> None:
        today = self._clock.now().astimezone(self._zone).date()
        if self._ends is None or today == self._told_on or not is_told_on((self._ends - today).days):
            return
        self._told_on = today
        self._on_problem("secret_ends", said_of(self._ends, today))
