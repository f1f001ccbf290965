"""Owns the closed list of things that can happen to a ticket. Past tense, plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from daemon.workflow.model import Audience, Category, DeliveryChannel

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
class DeadlineReached:
    """A deadline row fell due."""

    kind: str
    due_at: datetime


Event = MailReceived | MailTooLarge | DeliveryFailed | DeadlineReached
