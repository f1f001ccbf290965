"""Owns the closed list of things that can happen to a ticket. Past tense, plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from daemon.workflow.commands import Command
from daemon.workflow.model import Audience, Category, DeliveryChannel, Person

Match = Literal["none", "token", "reply", "number", "request"]
"""Which routing rule found the ticket, in DESIGN §3's order."""


@dataclass(frozen=True, slots=True)
class MailReceived:
    """A person wrote. `at` is min(INTERNALDATE, now): a Date header never counts (DESIGN §2).

    `request_number` is what the text plainly calls one; `answer_number` what would count as one in
    an answer to our question. `new_text` is what the person wrote now, `text` everything readable.
    """

    at: datetime
    sender_email: str
    sender_name: str
    subject: str
    text: str
    new_text: str
    match: Match = "none"
    attachments: tuple[str, ...] = ()
    request_number: str | None = None
    answer_number: str | None = None
    phone: str | None = None
    category: Category | None = None
    is_thanks: bool = False
    wants_escalation: bool = False
    asks_status: bool = False
    is_authenticated: bool = False


@dataclass(frozen=True, slots=True)
class MailTooLarge:
    """A mail over the limit was left unread, whole, in quarantine; only its header is known."""

    at: datetime
    sender_email: str
    size_mb: int
    limit_mb: int


@dataclass(frozen=True, slots=True)
class DeliveryFailed:
    """A message of ours failed for good: refused by the peer, given up, or bounced later."""

    at: datetime
    notification: str
    channel: DeliveryChannel
    recipient: str
    audience: Audience
    error: str
    has_bounced: bool = False


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
    mistake: str = ""
    mistaken_command: str = ""
    mistake_detail: str = ""


@dataclass(frozen=True, slots=True)
class DeadlineReached:
    """A deadline row fell due."""

    kind: str
    due_at: datetime


Event = MailReceived | MailTooLarge | DeliveryFailed | DeliveryAccepted | StaffWrote | DeadlineReached
