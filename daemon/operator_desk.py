"""What the operators' pages may ask of the desk: complaints, quarantine, the outbox, what was not answered.

It holds values and the protocol; `casework.operators` answers. What strangers wrote is in them as it came:
whoever shows it cleans it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol

from daemon.workflow.model import Ticket
from daemon.workflow.reckoning import Reckoning

MessageAct = Literal["retry", "cancel", "hold", "release"]
HeldScope = Literal["all", "channel", "kind", "message"]


class NotFound(Exception):
    """There is no such complaint, mail or message."""


# --- complaints -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for, as it was typed, and which complaints; "" and False: all. `before`: of the next
    page."""

    text: str = ""
    state: str = ""
    team: str = ""
    channel: str = ""
    is_late: bool = False
    is_escalated: bool = False
    before: int | None = None


@dataclass(frozen=True, slots=True)
class TicketLine:
    """One complaint in a list. `due_at` is the end of its processing."""

    ticket: Ticket
    due_at: datetime | None
    is_late: bool


@dataclass(frozen=True, slots=True)
class Tickets:
    """A page of complaints, the newest first. `following` asks for the next one, None at the end."""

    lines: tuple[TicketLine, ...]
    following: int | None = None
    is_mistyped: bool = False
    """A number was typed, and one of its digits is wrong."""


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file that came along. `name` is ours, `filename` the sender's; `verdict` and `detail` say how it was
    judged."""

    name: str
    filename: str
    media_type: str
    size_bytes: int
    verdict: str
    detail: str
    id: int = 0


@dataclass(frozen=True, slots=True)
class Came:
    """What somebody wrote. `by`: requester, staff or another."""

    at: datetime
    by: Literal["requester", "staff", "another"]
    name: str
    email: str
    subject: str
    text: str
    mail_id: int | None = None
    files: tuple[FileLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Acted:
    """What a person did about a message of ours."""

    act: str
    at: datetime
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Went:
    """A message of ours as it was sent, and what became of it. Until it is written `text` is "". `revision`
    names the text that it was made of, `peer_id` what the peer calls it; `segments` 0 for an e-mail.
    `delivery` is the code of how it stands after it left, `is_contradictory` where reports differ."""

    id: int
    at: datetime
    notification: str
    channel: str
    audience: str
    recipient: str
    state: str
    subject: str
    text: str
    has_html: bool
    segments: int
    revision: str
    attempts: int
    due_at: datetime
    sent_at: datetime | None
    bounced_at: datetime | None
    peer_id: str
    error: str
    ticket: str = ""
    acts: tuple[Acted, ...] = ()
    delivery: str = ""
    is_contradictory: bool = False


@dataclass(frozen=True, slots=True)
class Happened:
    """A line of the history, in words of the desk's language."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class TicketFile:
    """All that is known of one complaint: what came, went and happened, in the order of time."""

    ticket: Ticket
    timeline: tuple[Came | Went | Happened, ...]
    reckonings: tuple[Reckoning, ...]
    holidays: Mapping[date, str] = field(default_factory=dict)


# --- mails ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MailLine:
    """A mail that came in. `kind`, `outcome` and `reason` are codes; `limit` is the budget that held back
    its answer."""

    id: int
    received_at: datetime
    sender: str
    name: str
    subject: str
    kind: str
    outcome: str
    reason: str
    ticket: str = ""
    limit: str = ""


@dataclass(frozen=True, slots=True)
class Mails:
    lines: tuple[MailLine, ...]
    following: int | None = None


@dataclass(frozen=True, slots=True)
class MailFile:
    """One mail with its words; None where it could not be read."""

    line: MailLine
    state: str
    text: str | None
    files: tuple[str, ...] = ()
    explanation: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Blocked:
    """A blocked address, or a domain as "@example.sa". `mail_id`: for which mail; `spares_proven`: who proves
    to be the sender is not blocked."""

    pattern: str
    at: datetime
    by: str
    mail_id: int | None
    spares_proven: bool


# --- the outbox -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MessageQuery:
    states: tuple[str, ...] = ()
    channel: str = ""
    kind: str = ""
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A hold in force. `value` is what its scope is about, `shown` the same for people: a complaint's number
    in place of its id."""

    scope: str
    value: str
    shown: str
    at: datetime
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Messages:
    lines: tuple[Went, ...]
    holds: tuple[Held, ...]
    following: int | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts, and why."""

    name: str
    why: str = ""


class OperatorDesk(Protocol):
    """Each act is one transaction, with its line of the audit. Raises StoreUnavailable, and NotFound where
    something is named that is not there."""

    @property
    def teams(self) -> Sequence[str]: ...

    def name(self, kind: str, word: str) -> str:
        """What a code is called (`templating.words`): of a state, reason, category, notification, channel."""

    async def tickets(self, query: Query) -> Tickets: ...

    async def ticket(self, number: str) -> TicketFile: ...

    async def html_of(self, message_id: int) -> bytes:
        """The HTML part of a message as it was sent."""

    async def quarantined(self, before: int | None) -> Mails: ...

    async def unanswered(self, kind: str, before: int | None) -> Mails: ...

    async def mail(self, mail_id: int) -> MailFile: ...

    async def release(self, mail_id: int, writer: str, person: Person) -> str:
        """Have it decided on as a person's, or as that of `writer`. Returns "", or the code of why not."""

    async def block(self, mail_id: int, person: Person, *, is_whole_domain: bool) -> str:
        """Block its sender. Returns "", or the code of why not."""

    async def blocked(self, part: str) -> Sequence[Blocked]:
        """Who is blocked and holds `part` in the address, the newest first; no more than a page."""

    async def unblock(self, pattern: str, person: Person) -> bool:
        """End a block. False where there is none."""

    async def messages(self, query: MessageQuery) -> Messages: ...

    async def message(self, message_id: int) -> Went: ...

    async def act(self, act: MessageAct, message_id: int, person: Person) -> bool:
        """Do it to one message. False where it cannot be done."""

    async def hold(self, scope: HeldScope, value: str, person: Person) -> bool:
        """Stop sending. False where the same hold is in force."""

    async def lift(self, scope: str, value: str, person: Person) -> bool:
        """End a hold. False where there is none."""

    async def retry_failed(self, person: Person) -> int:
        """Try every failed message. Returns how many."""
