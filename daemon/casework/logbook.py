"""The logbook in the mailbox: what a database that is restored from yesterday cannot know by itself.

Before a decided mail is moved, and every few seconds while anything is said, a page is put into a folder of
its own: which mail has which number, which numbers were given to calls, which messages went out. It holds no
address, no name and no word of anybody: fingerprints, numbers, keyed digests and our own Message-IDs. A page
is signed with a key that is derived from `secret_key`; one that is not ours is passed over.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import secrets
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final, Protocol

from daemon.clock import Clock
from daemon.mail.trust.tokens import Keyring
from daemon.store import logbook as store
from daemon.store.database import Database
from daemon.store.logbook import MailNote, News, TicketNote

log = logging.getLogger(__name__)

EVERY: Final = timedelta(seconds=10)
"""So often at most a page is written for messages alone."""
SUBJECT: Final = "Shakwa logbook"
_LINE: Final = 76
_LARGEST: Final = 8 << 20
"""Octets of a page when unpacked: a page of ours has some hundred kilobytes."""


class Shelf(Protocol):
    """The mailbox, as far as the logbook needs it."""

    async def keep(self, folder: str, raw: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class Binding:
    """Where pages are put, whose they are, and the keys that sign them."""

    folder: str
    address: str
    keys: Keyring = field(repr=False)


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it is read. `said`: the Message-ID or reference and the time, by mark."""

    at: datetime
    mails: tuple[MailNote, ...]
    tickets: tuple[TicketNote, ...]
    said: dict[str, tuple[str, datetime]]


class Logbook:
    """Writes pages, for whoever holds the mailbox."""

    def __init__(self, database: Database, shelf: Shelf, binding: Binding, clock: Clock) -> None:
        self._database = database
        self._shelf = shelf
        self._binding = binding
        self._clock = clock
        self._written_at: datetime | None = None

    async def is_due(self) -> bool:
        """Whether anything was said or given out of which no page tells. Raises StoreUnavailable."""
        return bool(await self._database.transact(store.news, ()))

    async def write(self, place_ids: Sequence[int] = (), *, is_last: bool = False) -> None:
        """Tell what is new, before the mails at these places are moved; without places at most every ten
        seconds. Raises StoreUnavailable, MailboxUnavailable."""
        now = self._clock.now()
        is_early = self._written_at is not None and abs(now - self._written_at) < EVERY
        if not place_ids and is_early and not is_last:
            return
        while told := await self._database.transact(store.news, place_ids):
            await self._shelf.keep(self._binding.folder, bound(told, self._binding, now))
            await self._database.transact(store.note, told)
            self._written_at = now
            if len(told.said) < store.MOST_SAID and len(told.tickets) < store.MOST_SAID:
                break
            place_ids = ()


def mark_of(idempotency_key: str, secret: bytes) -> str:
    """What stands for a message in the logbook. Keyed: a mobile among ten digits could else be found out by
    trying."""
    return hmac.new(_key(secret, b"marks"), idempotency_key.encode(), hashlib.sha256).hexdigest()[:32]


def bound(told: News, binding: Binding, now: datetime) -> bytes:
    """A page as a message, CRLF line ends."""
    secret = binding.keys.current
    document = {
        "at": now.isoformat(),
        "mails": [
            [one.inbox_id, one.fingerprint, one.ticket_id, one.number, one.decided_at.isoformat()]
            for one in told.mails
        ],
        "tickets": [[one.ticket_id, one.number, one.channel] for one in told.tickets],
        "said": [[mark_of(one.key, secret), one.reference, one.sent_at.isoformat()] for one in told.said],
        "audit": told.head,
    }
    packed = zlib.compress(json.dumps(document, separators=(",", ":")).encode())
    signature = hmac.new(_key(secret, b"pages"), packed, hashlib.sha256).hexdigest()
    body = base64.b64encode(packed).decode()
    domain = binding.address.rpartition("@")[2]
    lines = [
        f"Date: {format_datetime(now)}",
        f"From: {binding.address}",
        f"To: {binding.address}",
        f"Subject: {SUBJECT} {now:%Y-%m-%d %H:%M:%S}",
        f"Message-ID: <{secrets.token_hex(16)}.logbook@{domain}>",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        "For a restore of the complaint desk (docs/BACKUP.md). Keep it as long as your oldest backup.",
        "",
        f"signature {signature}",
        *(body[at : at + _LINE] for at in range(0, len(body), _LINE)),
        "",
    ]
    return "\r\n".join(lines).encode("ascii")


def unbound(raw: bytes, keys: Keyring) -> Page | None:
    """The page in a message, None where it is none that we signed."""
    _, _, text = raw.replace(b"\r\n", b"\n").partition(b"\nsignature ")
    signature, _, body = text.partition(b"\n")
    try:
        packed = base64.b64decode(body.replace(b"\n", b""), validate=True)
        ours = any(_is_signed(packed, signature.decode().strip(), secret) for secret in _secrets(keys))
        if not packed or not ours:
            return None
        unpacker = zlib.decompressobj()
        return _page(json.loads(unpacker.decompress(packed, _LARGEST)))
    except (ValueError, zlib.error, KeyError, TypeError):
        return None


def _page(document: dict[str, Any]) -> Page:
    return Page(
        datetime.fromisoformat(document["at"]),
        tuple(_mail_note(*one) for one in document["mails"]),
        tuple(TicketNote(*one) for one in document["tickets"]),
        {mark: (reference, datetime.fromisoformat(at)) for mark, reference, at in document["said"]},
    )


def _mail_note(
    inbox_id: int, fingerprint: str, ticket_id: int | None, number: str | None, decided_at: str
) -> MailNote:
    return MailNote(inbox_id, fingerprint, ticket_id, number, datetime.fromisoformat(decided_at))


def _secrets(keys: Keyring) -> tuple[bytes, ...]:
    return (keys.current, *keys.previous)


def _is_signed(packed: bytes, signature: str, secret: bytes) -> bool:
    return hmac.compare_digest(
        hmac.new(_key(secret, b"pages"), packed, hashlib.sha256).hexdigest(), signature
    )


def _key(secret: bytes, purpose: bytes) -> bytes:
    return hmac.new(secret, b"shakwa logbook: " + purpose, hashlib.sha256).digest()
