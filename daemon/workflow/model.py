"""The values that the rules speak about: frozen, standard library only, no behaviour beyond reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from daemon.workflow.history import Entry, Line, packed
from daemon.workflow.receipts import Standing
from daemon.workflow.vocabulary import (
    Audience,
    Category,
    CloseReason,
    DeliveryChannel,
    Escalation,
    Language,
    Outcome,
    Refusal,
    State,
)

Value = str | int | bool | list[str]


@dataclass(frozen=True, slots=True)
class Requester:
    """العميل. `email` identifies; `phone` (E.164) only receives, unless it is vouched for (DESIGN §2)."""

    name: str = ""
    email: str | None = None
    phone: str | None = None
    is_phone_vouched: bool = False
    """An API client or an agent answers for the mobile: then it identifies its owner too."""
    is_phone_unproved: bool = False
    """A mail that proved nothing named it: it may be a stranger's, so it gets the number of the complaint
    once, and never a link (DESIGN §3, Who is who). `is_phone_told`: it had that one SMS. Where it is vouched
    for as well, a mail has proved the address since and did not name it: it gets SMS still, and no link."""
    is_phone_told: bool = False
    handle: str | None = None
    """An account on the channel itself (X, without the @): who spoke there and left no other way."""
    is_email_dead: bool = False
    """Our mail to the address fails for good: what is to be said goes by SMS (DESIGN §3, Classification)."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A complaint as it stands. Instants are aware; durations are business time."""

    number: str
    state: State
    channel: str
    requester: Requester
    opened_at: datetime
    subject: str = ""
    category: Category | None = None
    request_number: str | None = None
    close_reason: CloseReason | None = None
    authenticated: bool = False
    """The requester's address is proved: by the mail that opened it, or by one since (`workflow.trust`)."""
    team: str | None = None
    running_since: datetime | None = None
    """Since when the clocks run; None while they stand (awaiting_info, resolved, closed)."""
    used: timedelta = timedelta()
    """Business time already used up before `running_since`."""
    reopened_at: datetime | None = None
    """When it last came back from resolved or closed: staff's clocks count from there."""
    used_before: timedelta = timedelta()
    """Of `used`, what was used up before that."""
    used_over: timedelta = timedelta()
    """Business time that it was resolved or closed for, before it came back. For the day from which the
    requester may escalate it counts."""
    reanswered_at: datetime | None = None
    """When a person first answered after the latest reopening."""
    info_requested_at: datetime | None = None
    info_text: str = ""
    """What staff asked for in words of their own (#بيانات), which the warning repeats."""
    wrote_since_asked: bool = False
    """A human reply came after the request for data: closure for no response is off (DESIGN §2)."""
    has_unseen_attachments: bool = False
    """It came with attachments that no member of staff has acted on: it is not warned before."""
    warned_at: datetime | None = None
    """The warning was decided on; `warning_accepted_at`: a channel took it, and the closure clock runs."""
    warning_accepted_at: datetime | None = None
    assignee: str | None = None
    """E-mail of the person it is assigned to; else it is the team's."""
    extension_days: int = 0
    """Business days more for staff (#تمديد)."""
    reminded: frozenset[str] = frozenset()
    """Deadline kinds of which staff were reminded at 80 %, or told late."""
    told_late_at: datetime | None = None
    """When staff last heard that a time of this ticket is over, or that it waits for them; and
    `escalation_told_late_at` the same of its escalation."""
    escalation_told_late_at: datetime | None = None
    contacted_at: datetime | None = None
    """In a channel that answers in itself: when the requester first spoke there."""
    first_response_at: datetime | None = None
    first_response_breached_at: datetime | None = None
    processing_breached_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    held: bool = False
    """Our words do not reach the requester: nothing may be closed over their head."""
    escalation: Escalation = ""
    escalated_at: datetime | None = None
    escalation_accepted_at: datetime | None = None
    is_escalated_by_staff: bool = False
    """Nobody asked for it but a member of staff: it is not worded as the requester's wish."""
    linked_to: str | None = None
    surveyed_at: datetime | None = None
    """When the survey of the present closing was sent; its link is good for so many days from here."""
    rating: int | None = None
    """The latest answer to a survey, 1 to 5; it stays when the complaint is reopened."""
    rating_comment: str = ""
    rated_at: datetime | None = None
    language: Language | None = None
    """What the requester is written to in; None: in that of the service."""

    @property
    def escalated(self) -> bool:
        return self.escalation in ("raised", "accepted")

    @property
    def is_running(self) -> bool:
        return self.running_since is not None


@dataclass(frozen=True, slots=True)
class Deadline:
    """A promise of time: what is to happen (`kind`) and when it is due."""

    kind: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Team:
    """A team's name and address; one without categories takes what no other team takes."""

    name: str
    address: str
    categories: frozenset[str] = frozenset()
    is_escalation: bool = False
    lead: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff: on the roster, in `teams`, active or not."""

    name: str
    email: str
    teams: frozenset[str] = frozenset()
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Notification:
    """Something to be said: becomes one outbox row.

    `recipient` is an e-mail address or an E.164 number. `values` fill the template `name`.
    `suppressed` is "" or the reason why it is recorded but not sent. `reply_subject` replaces the
    template's subject where the writer is authenticated; `thread` says which conversation it joins.
    """

    name: str
    channel: DeliveryChannel
    recipient: str
    audience: Audience
    values: Mapping[str, Value] = field(default_factory=dict)
    suppressed: str = ""
    reply_subject: str | None = None
    is_automatic_answer: bool = False
    """Caused by an incoming mail and sent to its writer: the limits on answers count it."""


@dataclass(frozen=True, slots=True)
class ToNumber:
    """How many automatic SMS a number got within the last hour, and within the last day."""

    in_hour: int = 0
    in_day: int = 0


@dataclass(frozen=True, slots=True)
class Recent:
    """How many automatic answers went out that count against one more (DESIGN §3, Limits on answers): within
    the last hour, where nothing else is said."""

    to_address: int = 0
    to_domain: int = 0
    numbers: Mapping[str, ToNumber] = field(default_factory=dict)
    """Of each mobile (E.164) that the answer may go to."""
    mobiles: frozenset[str] = frozenset()
    """To which mobiles the sender's mails sent SMS within the last day."""
    sms_of_domain: int = 0
    """What its unproved senders caused; or its proved ones, where one of them causes more."""
    sms_in_total: int = 0
    """What all unproved mail caused; or `client`, where an API client brought it."""
    client: str = ""

    def to_number(self, number: str) -> ToNumber:
        """What `number` got."""
        return self.numbers.get(number, ToNumber())


@dataclass(frozen=True, slots=True)
class Wrote:
    """What somebody wrote, and when it came."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class RestsOn:
    """The message in the outbox (its number) that a closing rests on, and what is known of it since when."""

    number: int
    channel: DeliveryChannel
    state: Standing
    at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a rule may look at besides the event. Gathered by the desk, never by a rule.

    `ticket` is the one the event is about, None for a new complaint; `new_number` is the number a
    new ticket would get; `known_phone` the mobile of the requester's earlier proved tickets, where
    the event is proved too.
    """

    ticket: Ticket | None = None
    new_number: str = ""
    known_phone: str | None = None
    recent: Recent = Recent()
    is_brought_by_staff: bool = False
    """An agent or a member of staff brought it: no budget holds back what answers it."""
    linked_ticket: str | None = None
    is_own_link: bool = False
    """`linked_ticket` is the writer's own, closed for good: staff may speak of it to them."""
    is_same_address: bool = False
    """`linked_ticket` bears the writer's address too, and is not as well proved: one person's, or not."""
    has_other_channel: bool = False
    """Of a failed message: the same words went, or may still go, another way."""
    other_accepted_at: datetime | None = None
    """When they were accepted there."""
    may_try_other: bool = False
    """Of a failed message: the same words were not tried on the other channel."""
    failed_values: Mapping[str, Value] = field(default_factory=dict)
    """Of a failed message: what filled it, for saying the same another way."""
    rests_on: RestsOn | None = None
    """Of a closing: the message after which the requester was silent."""
    undelivered: tuple[Line, ...] = ()
    """Which messages did not arrive, for #حالة."""
    is_email_dead: bool = False
    """Of a new complaint: our mail to that address failed for good before."""
    is_unheard: bool = False
    """Nobody was told anything of the ticket so far."""
    is_participant: bool = False
    """The writer is no requester, but the requester copied them in."""
    first_text: str = ""
    """What the requester first wrote, for a person who is assigned the ticket."""
    is_first_text_proved: bool = False
    """It is surely theirs, and so is the request number."""
    later_texts: tuple[Wrote, ...] = ()
    """What they wrote after that, the last of it, oldest first."""
    is_more_between: bool = False
    """They wrote more between the first and these."""
    history: tuple[Entry, ...] = ()
    """The ticket's history, oldest first, for #حالة."""
    wrote_since: datetime | None = None
    """When the requester wrote, if they did after the notice that a staff mail answers was written."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What must be written because an event happened."""

    ticket: Ticket | None
    notifications: tuple[Notification, ...]
    history: tuple[Line, ...]
    """What the ticket's history says of it."""
    outcome: Outcome
    refusal: Refusal | Literal[""] = ""
    """Where the outcome is "refused": why."""

    @property
    def note(self) -> str:
        """What the history says, for `mail explain`: an `Entry`, packed."""
        return packed(Entry(self.history, self.ticket.state if self.ticket else ""))
