"""What the intake API, an agent on the phone and the citizen's own pages may ask of the desk.

It holds values and the protocol; `casework.counter` answers.

    Refusal             what was asked cannot be done; `code` names why, nothing was changed
    ├── UnknownTicket   no such ticket, or a link that is not ours, not for this, or no longer good
    ├── KeyReused       an Idempotency-Key came back with another request
    ├── SurveyOver      the survey cannot be answered: over, or answered already
    ├── FileWithheld    the file is there and is not given out: not scanned, infected, or lost
    └── FilesRefused    files that were brought cannot be taken; nothing of what came with them was
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from daemon.workflow.vocabulary import Category, CloseReason, Escalation, Language, Missing, SaidKind, State

MAX_TEXT = 20_000
"""Characters of a complaint or an addition; a longer one is refused where it comes in, never cut."""
MAX_COMMENT = 2_000
MAX_REQUEST_NUMBER = 40
LONGEST_AGO = timedelta(days=30)
"""So long before a complaint is brought its customer may have spoken in the channel itself, or been answered
there. What lies before that is mistyped, and would spoil the figures of a whole period."""

_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_MARKS = re.compile("[\u061c\u200b-\u200f\u2060\u2066-\u2069\u202a-\u202e\ufeff]")
_REQUEST_NUMBER = re.compile(r"(?=(?:[^0-9]*[0-9]){3})[A-Za-z0-9]+(?:[ ./_-][A-Za-z0-9]+)*")


_HANDLE = re.compile(r"(?:@|(?:https?://)?(?:www\.)?(?:x|twitter)\.com/)?([A-Za-z0-9_]{1,30})/?", re.ASCII)


def handle_of(text: str) -> str | None:
    """The name of an account on X as somebody typed it, without the @ or the address before it; None for what
    is none."""
    found = _HANDLE.fullmatch(_MARKS.sub("", text).strip())
    return found[1] if found else None


def request_number_of(text: str) -> str | None:
    """One request number as somebody typed it, with ASCII digits; None for what is none: «لا أعرف» must not
    pass for the number without which a complaint waits (the guide, section 2). Three digits at least,
    perhaps with Latin letters, and what divides groups."""
    number = _MARKS.sub("", text).strip().translate(_DIGITS)
    return number if len(number) <= MAX_REQUEST_NUMBER and _REQUEST_NUMBER.fullmatch(number) else None


class Refusal(Exception):
    """What was asked cannot be done, and nothing was changed."""

    code = "refused"


class UnknownTicket(Refusal):
    """There is no such ticket, or the link is not ours, not for this purpose, or expired."""

    code = "unknown_ticket"


class KeyReused(Refusal):
    """The Idempotency-Key belongs to another request of this client."""

    code = "key_reused"


class SurveyOver(Refusal):
    """The survey is over, or answered already (`rating` then says how)."""

    code = "survey_over"

    def __init__(self, rating: int | None = None) -> None:
        super().__init__(self.code)
        self.rating = rating


class FileWithheld(Refusal):
    """The file is known and is not given out (now)."""

    code = "file_withheld"


class FilesRefused(Refusal):
    """Some files cannot be taken. `files`: the name of each as it was given, and the verdict on it
    (`workflow.passing_on`), "too_many" for what is over the limit, "unreadable" for all of them together."""

    code = "files_refused"

    def __init__(self, files: tuple[tuple[str, str], ...]) -> None:
        super().__init__(self.code)
        self.files = files


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that a customer adds on their page; name and type are what their browser says of it."""

    filename: str
    declared_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class StaffFile:
    """A file that came with a mail, under a name of ours."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint made on another channel than mail (DESIGN §4, Web).

    `phone` (E.164), `handle` (an account on X) and `email` are vouched for by who brings it: any of them is
    enough, and identifies the requester. In a channel that answers in itself `contacted_at` (aware) is when
    the customer first spoke there and `first_response_at` when somebody answered; None: at the opening.
    """

    channel: str
    text: str
    name: str = ""
    phone: str | None = None
    email: str | None = None
    handle: str | None = None
    request_number: str | None = None
    category: Category | None = None
    contacted_at: datetime | None = None
    first_response_at: datetime | None = None
    language: Language | None = None
    """What the channel says that the customer is to be written to in; None: as they write."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a customer says later. What they name apart is the request's number, a Saudi mobile (E.164)
    and the ground; None is looked for in `text`."""

    kind: SaidKind
    text: str = ""
    request_number: str | None = None
    phone: str | None = None
    category: Category | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the history in plain words: `what` is a notification's name (it was said to the customer)
    or "customer_wrote". `text` holds what staff wrote to the customer in it, else ""."""

    at: datetime
    what: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a complaint stands, for its customer or for an agent. Of all that was written only what staff
    wrote to the customer, who may have nothing but an SMS that leads here."""

    number: str
    state: State
    channel: str
    opened_at: datetime
    status_url: str
    close_reason: CloseReason | None = None
    category: Category | None = None
    request_number: str | None = None
    missing: tuple[Missing, ...] = ()
    escalation: Escalation = ""
    may_escalate: bool = False
    """One of the guide's two cases holds, and no escalation is under way."""
    escalation_possible_at: datetime | None = None
    """From when the first case would hold; None where that is not known (the clock stands)."""
    is_late: bool = False
    """Open, and over the time that was expected."""
    is_held: bool = False
    """No message of ours reaches its customer, as far as we know."""
    answer_by: datetime | None = None
    """When a person should have answered an open complaint."""
    next_by: datetime | None = None
    """When what comes next does: open, the expected end of processing; without the data or an objection, the
    closing; closed, the last moment to reopen it. None where that has no time."""
    may_add: bool = True
    """Whether words added now reach this complaint (not once it is closed for good)."""
    rating: int | None = None
    language: Language | None = None
    """What the customer is written to in; None: in that of the service."""
    steps: tuple[Step, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a request. `outcome`: "opened", "joined", "added", "recorded", "closed"…, as decided."""

    outcome: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class Survey:
    """An open survey, for its page."""

    number: str
    closes_at: datetime
    language: Language | None = None
    status_url: str = ""
    """The complaint's own page, "" where it takes no word any more, or nobody knows who holds the link."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who brings it: `name` of the API client, "agent" or "page". `key`: an Idempotency-Key, with the
    SHA-256 of the request it came with; the same key and request give the first answer again for 30 days."""

    name: str
    key: str | None = None
    request_hash: str = ""
    is_staff: bool = False
    """Somebody of the house, on whom no budget of SMS and e-mails is charged."""
    channels: tuple[str, ...] | None = None
    """Where given, it knows only complaints of these channels, and of them those that it opened itself."""


class FrontDesk(Protocol):
    """Each call is one transaction: decided, written and answered at once. Raises StoreUnavailable."""

    async def open(self, complaint: Complaint, caller: Caller) -> Answer:
        """Open a ticket, or join the same customer's open one about the same request, where the caller knows
        that one. Raises KeyReused."""

    async def say(self, number: str, said: Said, caller: Caller) -> Answer:
        """What the customer of ticket `number` says later. Raises KeyReused; UnknownTicket also for a ticket
        that the caller does not know: nothing tells the two apart."""

    async def standing(self, number: str, caller: Caller) -> Standing:
        """Raises UnknownTicket, as `say` does."""

    async def page(self, token: str) -> Standing:
        """The standing behind the link /c/TOKEN. Raises UnknownTicket."""

    async def say_on_page(self, token: str, said: Said, files: Sequence[Upload] = ()) -> Answer:
        """What the holder of the link /c/TOKEN says, and the files that they add, which are checked as those
        of mails are. Raises UnknownTicket, FilesRefused."""

    async def survey(self, token: str) -> Survey:
        """The survey behind the link /s/TOKEN; asking changes nothing. Raises UnknownTicket, SurveyOver."""

    async def rate(self, token: str, score: int, comment: str = "") -> None:
        """Record the answer, 1 to 5, once. Raises UnknownTicket, SurveyOver, ValueError."""


class FileDesk(Protocol):
    async def file(self, token: str) -> StaffFile:
        """The file behind the link /f/TOKEN, which only mails to staff carry. Raises UnknownTicket,
        FileWithheld, StoreUnavailable."""


class FileRoom(Protocol):
    """Gives out the files of complaints, each with its line of the audit."""

    async def taken_out(self, number: str, attachment_id: int, by: str) -> StaffFile:
        """A file of that complaint, as `FileDesk` gives it to staff. Raises UnknownTicket,
        FileWithheld, StoreUnavailable."""


class ReceiptDesk(Protocol):
    async def take(self, gateway: str, body: bytes, content_type: str) -> None:
        """Keep what an SMS gateway reports, as it came; it is understood afterwards. Raises
        StoreUnavailable."""
