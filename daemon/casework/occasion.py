"""What happens to a case, as values: everything in which a mail, a call, a deadline and a delivery differ.

The module that sees it happen makes one; what follows is the same for all (`casework.case`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from daemon.casework.saying import Answered
from daemon.store import outbox, ticket_rows
from daemon.store.lost import FirstLife
from daemon.store.messages import Message
from daemon.workflow.budgets import NOBODY, Account, of_client, of_page, of_writer
from daemon.workflow.events import Event, StaffHandedIn
from daemon.workflow.model import Decision
from daemon.workflow.passing_on import Filed

if TYPE_CHECKING:
    from daemon.reading.attachments import Judged

Source = Literal["mail", "staff", "intake", "page", "survey", "operator", "deadline", "delivery", "scan"]
"""By what a case was moved, as its history says."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a person said, to be kept as `message`. `by` says whose they are: the requester's, staff's, or the
    writer's, who is the requester where the address is theirs. A requester without an address in `message`
    is as the ticket names them."""

    message: Message
    by: Literal["writer", "requester", "staff"]
    thread: tuple[str, ...] = ()
    """Message-IDs that are the requester's own conversation from now on, where the words are theirs."""
    copied_in: tuple[str, ...] = ()
    """Whom they make participants, where they are the requester's."""
    is_proved: bool = False
    judged: tuple[Judged, ...] = ()
    """The files that came with them."""


@dataclass(frozen=True, slots=True)
class Call:
    """What did not come as an inbox row, and is kept as one: `payload` is what was brought, `by` whom."""

    payload: Mapping[str, object]
    by: str = ""
    is_by_staff: bool = False
    """An agent brought it, and no API client."""
    raw: bytes = field(default=b"", repr=False)
    """The files that came with it, as a mail that carries them (`casework.uploads`)."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """One thing that happened. `found` is the ticket that it is about, locked; `inbox_id` the row of a mail,
    or else `call` is written down as one. `cause` is what the outbox knows it by, "" for that row."""

    source: Source
    event: Event
    found: ticket_rows.Stored | None = None
    inbox_id: int | None = None
    call: Call | None = None
    cause: str = ""
    words: Words | None = None
    files: tuple[Filed, ...] = ()
    """Files that came before, of which staff are told now."""
    answered: Answered | None = None
    linked: str | None = None
    """A ticket's number that is named, and not the one that it is about."""
    notice_at: datetime | None = None
    """When the notice that a staff mail answers was written, where it names one about this ticket."""
    failed: outbox.Kept | None = None
    """The outbox row that failed."""
    first_life: FirstLife | None = None
    """Of a mail that was decided on before a restore: the number and the id that its ticket had."""

    @property
    def is_brought_by_staff(self) -> bool:
        """Whether somebody of the house brought what a customer said."""
        is_by_agent = self.call is not None and self.call.is_by_staff
        return is_by_agent or isinstance(self.event, StaffHandedIn)

    @property
    def account(self) -> Account:
        """On whom automatic answers are charged that it causes."""
        if self.is_brought_by_staff:
            return NOBODY
        if self.answered is not None:
            writer = self.answered
            return of_writer(writer.email, is_proved=writer.is_proved, is_provable=writer.is_provable)
        if self.source == "page" and self.found is not None:
            return of_page(self.found.ticket.requester)
        return of_client(self.call.by) if self.call is not None else NOBODY

    @property
    def news_of(self) -> str:
        """Whose words they are that staff are told of, so that many of them come as one notice: a mailbox's,
        proved and unproved apart; else those about one ticket. "" where somebody of the house brings them,
        and for a new complaint through the API, which speaks for many people."""
        if self.is_brought_by_staff:
            return ""
        if self.source == "mail":
            return self.account.sender
        is_said = self.source in ("page", "intake") and self.found is not None
        return f"ticket:{self.found.ticket.number}" if is_said and self.found else ""


@dataclass(frozen=True, slots=True)
class Decided:
    """An occasion and what the rules say of it; nothing is written yet."""

    occasion: Occasion
    decision: Decision

    @property
    def is_refused(self) -> bool:
        return self.decision.outcome == "refused"


@dataclass(frozen=True, slots=True)
class Settled:
    """What was written. `ticket_id` is None where it is about no ticket; `said` are the new outbox rows."""

    decision: Decision
    ticket_id: int | None
    said: tuple[outbox.ToSay, ...] = ()

    def reached(self, email: str) -> bool:
        """Whether anything was said to that address."""
        return any(one.recipient.lower() == email.lower() for one in self.said)

    @property
    def answered_requester(self) -> bool:
        """Whether anything goes to the requester because of it."""
        return any(one.audience == "requester" and not one.suppressed for one in self.said)
