"""The closed list of things that can happen to a ticket. Past tense, plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from daemon.workflow.commands import Command
from daemon.workflow.model import Person
from daemon.workflow.vocabulary import (
    Audience,
    Category,
    DeliveryChannel,
    Language,
    PrivacyWish,
    Refusal,
    SaidKind,
    Verdict,
)

Match = Literal["none", "token", "reply", "number", "request"]
"""Which routing rule found the ticket, in DESIGN §3's order."""


@dataclass(frozen=True, slots=True)
class MailReceived:
    """A person wrote. `at` is min(INTERNALDATE, now): a Date header never counts (DESIGN §2).

    `request_number` is what the text plainly calls one; `answer_number` what would count as one in
    an answer to our question. `new_text` is what the person wrote now, `text` everything readable.
    `survey_score` is the number with which the mail answers our survey, `is_only_score` where it says
    nothing else. What comes on another channel is read as the mail it would have been (`channels`).
    """

    at: datetime
    sender_email: str
    sender_name: str
    subject: str
    text: str
    new_text: str
    is_new_text_certain: bool = True
    """Whether `new_text` is surely all that was written now, as quoting says."""
    match: Match = "none"
    attachments: tuple[str, ...] = ()
    request_number: str | None = None
    answer_number: str | None = None
    phone: str | None = None
    category: Category | None = None
    is_thanks: bool = False
    wants_escalation: bool = False
    asks_status: bool = False
    privacy_wish: PrivacyWish = ""
    """What it asks about the writer's own data; only where nothing makes it a complaint about a request."""
    is_authenticated: bool = False
    is_silent: bool = False
    """An old mail, taken in without a word to anybody."""
    survey_score: int | None = None
    is_only_score: bool = False
    survey_comment: str = ""
    """What stands below that number; `objects` where it asks something, or says that something is not so."""
    objects: bool = False
    channel: str = "email"
    is_vouched: bool = False
    """An API client or an agent brought it: it caused no automatic mail that could be turned on others."""
    is_phone_vouched: bool = False
    """And answers for `phone`: it identifies its owner (DESIGN §2, Requester)."""
    handle: str | None = None
    contacted_at: datetime | None = None
    first_response_at: datetime | None = None
    language: Language | None = None
    """What it is written in; None where that is neither Arabic nor plainly English."""


@dataclass(frozen=True, slots=True)
class ComplaintMade:
    """A complaint came on another channel, through the intake API or an agent (DESIGN §2, Channels).

    `phone` (E.164), `handle` (an account on X) and `email` are vouched for: each identifies the requester.
    `contacted_at` is when the customer first spoke in the channel itself, `first_response_at` when somebody
    answered there; None: at the opening.
    """

    at: datetime
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
    """What the channel says, or the text is written in."""


@dataclass(frozen=True, slots=True)
class CustomerSaid:
    """What a customer says later on another channel: on the phone, through the API, on their own page.

    `is_vouched`: an API client or an agent says who it was; else it was the holder of the page's link.
    """

    at: datetime
    kind: SaidKind
    text: str = ""
    request_number: str | None = None
    answer_number: str | None = None
    phone: str | None = None
    """A mobile in `text`: taken where none is known, as from a mail."""
    category: Category | None = None
    is_vouched: bool = False
    attachments: tuple[str, ...] = ()
    """Names of the files that came with it."""


@dataclass(frozen=True, slots=True)
class SurveyAnswered:
    """The survey's page was filled in: `score` 1 to 5, `comment` perhaps empty (the guide, section 3 (4))."""

    at: datetime
    score: int
    comment: str = ""


@dataclass(frozen=True, slots=True)
class MailTooLarge:
    """A mail over the limit was left unread, whole, in quarantine; only its header is known."""

    at: datetime
    sender_email: str
    size_mb: int
    limit_mb: int


@dataclass(frozen=True, slots=True)
class DeliveryFailed:
    """A message of ours failed for good: refused by the peer, given up, bounced later, or undelivered."""

    at: datetime
    notification: str
    channel: DeliveryChannel
    recipient: str
    audience: Audience
    error: str
    has_bounced: bool = False
    is_address_dead: bool = False
    """It is the address that takes nothing, and not this one message."""
    is_undelivered: bool = False
    """It was accepted, and a receipt says since that it did not arrive; `is_contradictory`: and another one
    that it did. Then staff find out, and nothing is closed before."""
    is_contradictory: bool = False
    is_superseded: bool = False
    """The same was said again since: what became of this one is of no consequence any more."""
    is_cancelled: bool = False
    """The operator ended it: nothing is wrong with the way, and the same is not said another way."""
    is_late: bool = False
    """It did not fail: it has waited for days, and is still tried."""


@dataclass(frozen=True, slots=True)
class DeliveryAccepted:
    """The next system took a message whose acceptance starts a clock (`info_warning`)."""

    at: datetime
    notification: str
    channel: DeliveryChannel


@dataclass(frozen=True, slots=True)
class StaffWrote:
    """A member of staff answered one of our notices, proved as far as the flags say.

    Either `commands`, carried out in their order or not at all, or an `answer`; `goes_to_citizen` is the
    visibility that the answered notice carried. `mistake` is a code where the text could not be used.
    """

    at: datetime
    writer: Person
    commands: tuple[Command, ...] = ()
    answer: str = ""
    goes_to_citizen: bool = False
    is_authenticated: bool = False
    has_token: bool = False
    has_anothers_token: bool = False
    """It went to the reply address of a colleague, of another team or of before: good for an answer only."""
    verdict: Verdict = "absent"
    mistake: Refusal | Literal[""] = ""
    mistaken_command: str = ""
    mistake_detail: str = ""


@dataclass(frozen=True, slots=True)
class StaffHandedIn:
    """A member of staff forwarded a citizen's mail (#نيابة EMAIL): the complaint is `mail`'s, as if its
    sender had written to us; `writer` answers for it and is told of what cannot be done."""

    writer: Person
    mail: MailReceived
    is_authenticated: bool = False
    verdict: Verdict = "absent"


@dataclass(frozen=True, slots=True)
class FilesScanned:
    """The virus scanner, not there when a mail came, has seen its files since. `are_news`: staff get now
    what was withheld, or learn of a virus in what they have."""

    are_news: bool


@dataclass(frozen=True, slots=True)
class TicketMerged:
    """An operator found that `facts.ticket` is about the same as ticket `into` of the same requester."""

    into: str


@dataclass(frozen=True, slots=True)
class DeadlineReached:
    """A deadline row fell due."""

    kind: str
    due_at: datetime


Event = (
    MailReceived
    | ComplaintMade
    | CustomerSaid
    | SurveyAnswered
    | MailTooLarge
    | DeliveryFailed
    | DeliveryAccepted
    | StaffWrote
    | StaffHandedIn
    | FilesScanned
    | TicketMerged
    | DeadlineReached
)


class ImpossibleEvent(Exception):
    """The event cannot happen in the ticket's state: a fault of the caller, never of a person."""
