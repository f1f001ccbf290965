"""What the play asks of the running daemon. It only looks: nothing here can change a ticket."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from daemon.workflow.model import Ticket
from daemon.workflow.policy import Policy


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the desk: what, by which channel, to whom. `state` is the outbox row's; `reference`
    its Message-ID or SMS reference."""

    notification: str
    channel: str
    recipient: str
    state: str
    reference: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one mail: the inbox row's columns, and what it made the desk say."""

    inbox_id: int
    message_id: str
    kind: str
    outcome: str
    reason: str
    ticket: str | None
    explanation: tuple[str, ...]
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """One line of a ticket's history."""

    id: int
    ticket: str
    at: datetime
    event: str
    note: str
    state: str
    codes: tuple[str, ...] = ()
    """What `note` says, as the history keeps it."""


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline as it was computed: one that waits for the morning stands until it is acted upon."""

    ticket: str
    kind: str
    due_at: datetime


class Witness(Protocol):
    """Looks into the running daemon's store."""

    policy: Policy

    async def verdicts(self, after: int = 0) -> list[Verdict]:
        """Of the mails decided so far whose inbox id is above `after`, in order of arrival."""

    async def tickets(self) -> list[Ticket]:
        """All, oldest first."""

    async def notes(self, after: int = 0) -> list[Note]:
        """The history lines of all tickets with an id above `after`, in order."""

    async def unsaid(self) -> int:
        """How many messages wait to be sent or are being sent."""

    async def said_about(self, number: str, notification: str, channel: str) -> Said | None:
        """The latest message of that kind about a ticket."""

    async def deadlines(self) -> list[Due]:
        """All that are open, the next one first."""
