"""What may be asked of the figures, and what answers: values, and the port that the web asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from daemon.workflow.counts import EVERYTHING
from daemon.workflow.figures import Report
from daemon.workflow.measures import Group
from daemon.workflow.period import Period


@dataclass(frozen=True, slots=True)
class Asked:
    """A period of whole days, and the channel and the team, or all (`workflow.counts.ALL`)."""

    period: Period
    scope: Group = EVERYTHING
    is_compared: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """The report, and how many complaints have changed since and are not in it."""

    report: Report
    waiting: int


class Figures(Protocol):
    async def answer(self, asked: Asked) -> Answer:
        """The report that was asked for. Raises StoreUnavailable."""
