"""What surrounds the program, in memory: a mailbox, a mail relay and an SMS gateway, without a socket.

Small real implementations of the adapters' interfaces; they also answer the questions that tests ask of the
real servers. What a server does wrong is shown by tests/integration against real ones.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from daemon.clock import Clock
from daemon.courier import FrozenMessage, PermanentFailure, Receipt, TemporaryFailure
from daemon.mail.wire.imap.contents import FetchedMail
from daemon.mail.wire.imap.mailbox import Sought
from tests.integration.office import Office
from tests.servers.sms_gateway import Sms
from tests.servers.smtp_sink import Taken


def tried_at_once(office: Office) -> None:
    """Each line is tried now, as after the half a minute that it waits on the real clock after an outage."""
    for delivery in office.system.deliveries:
        delivery._line._down_until = 0.0


@dataclass
class MemoryMailbox:
    """One account. `folders` holds mails by UID."""

    host: str = "127.0.0.1"
    port: int = 1
    password: str = "secret"
    uidvalidity: int = 1
    is_connected: bool = False
    folders: dict[str, dict[int, FetchedMail]] = field(default_factory=dict)
    server_clock: Clock | None = None
    """What it dates mail by; None for a server that does not tell."""
    _uids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _gone: set[int] = field(default_factory=set)

    # --- as tests see it ------------------------------------------------------------------------------

    def append(self, mails: Iterable[bytes], *, user: str, internaldate: datetime) -> None:
        for raw in mails:
            self._put("INBOX", raw, internaldate)

    def count(self, folder: str, *, user: str) -> int:
        return len(self.folders.get(folder, {}))

    # --- as the program sees it -----------------------------------------------------------------------

    async def connect(self) -> None:
        self.is_connected = True

    async def close(self) -> None:
        self.is_connected = False

    async def list_uids(self) -> list[int]:
        return sorted(self.folders.get("INBOX", {}))

    async def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        return {uid: len(self.folders["INBOX"][uid].raw) for uid in uids}

    async def arrived(self, uids: Sequence[int]) -> dict[int, datetime]:
        here = self.folders.get("INBOX", {})
        return {uid: here[uid].internaldate for uid in uids if uid in here}

    @property
    def uidnext(self) -> int:
        return max((*self.folders.get("INBOX", {}), *self._gone), default=0) + 1

    async def server_time(self, uid: int, arrived_at: datetime, *, may_write: bool) -> datetime | None:
        return self.server_clock.now() if self.server_clock else None

    async def uids_from(self, folder: str, first: int) -> tuple[int, list[int]]:
        found = self.folders.get(folder)
        return (0, []) if found is None else (self.uidvalidity, sorted(uid for uid in found if uid >= first))

    async def fetch(
        self, uids: Sequence[int], sizes: Mapping[int, int] | None = None
    ) -> AsyncIterator[FetchedMail]:
        for uid in uids:
            yield self.folders["INBOX"][uid]

    async def fetch_header(self, uid: int, max_bytes: int) -> FetchedMail | None:
        mail = self.folders["INBOX"][uid]
        head = mail.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        return FetchedMail(uid, mail.internaldate, head[:max_bytes])

    async def keep(self, folder: str, raw: bytes) -> None:
        self._put(folder, raw, datetime.now(UTC))

    async def each_in(
        self,
        folder: str,
        since: datetime,
        max_bytes: int,
        take: Callable[[FetchedMail, int], Awaitable[None]],
    ) -> None:
        for mail in list(self.folders.get(folder, {}).values()):
            if mail.internaldate.date() >= since.date():
                await take(mail, len(mail.raw))

    async def move(self, uids: Iterable[int], folder: str) -> None:
        for uid in uids:
            mail = self.folders["INBOX"].pop(uid)
            self._gone.add(uid)
            self._put(folder, mail.raw, mail.internaldate)

    async def refile(
        self, source: str, target: str, wanted: Sequence[Sought], is_it: Callable[[Sought, bytes], bool]
    ) -> set[int]:
        moved = set()
        for one in wanted:
            for uid, mail in list(self.folders.get(source, {}).items()):
                if is_it(one, mail.raw):
                    del self.folders[source][uid]
                    self._put(target, mail.raw, mail.internaldate)
                    moved.add(one.key)
        return moved

    async def wait_for_change(self, timeout_s: float, wake: asyncio.Event) -> bool:
        return False

    def _put(self, folder: str, raw: bytes, internaldate: datetime) -> None:
        uid = next(self._uids)
        self.folders.setdefault(folder, {})[uid] = FetchedMail(uid, internaldate, raw)


@dataclass
class MemoryCourier:
    """Takes every message."""

    taken: list[FrozenMessage] = field(default_factory=list)

    async def deliver(self, message: FrozenMessage) -> Receipt:
        self.taken.append(message)
        return Receipt(str(len(self.taken)))

    async def find(self, reference: str) -> Receipt | None:
        return next((Receipt() for one in self.taken if one.reference == reference), None)

    async def check(self) -> str:
        return "in memory"

    async def close(self) -> None:
        pass


@dataclass
class MemoryRelay(MemoryCourier):
    """The mail relay, as `SmtpSink` shows it: `rcpt` refuses an address, `data` its next messages; nobody can
    connect while it `is_away`, and one of `unwanted` (Message-IDs) is never taken."""

    host: str = "127.0.0.1"
    port: int = 1
    rcpt: dict[str, str] = field(default_factory=dict)
    data: dict[str, list[str]] = field(default_factory=dict)
    is_away: bool = False
    unwanted: set[str] = field(default_factory=set)

    async def deliver(self, message: FrozenMessage) -> Receipt:
        if self.is_away:
            raise TemporaryFailure("cannot connect", outage=True)
        if message.reference in self.unwanted:
            raise TemporaryFailure("not this one", code="452 4.3.1")
        refusals = self.data.get(message.recipient)
        refusal = self.rcpt.get(message.recipient) or (refusals.pop(0) if refusals else "")
        if refusal:
            basic, enhanced, reason = refusal.split(" ", 2)
            failure = PermanentFailure if basic.startswith("5") else TemporaryFailure
            raise failure(reason, code=f"{basic} {enhanced}")
        return await MemoryCourier.deliver(self, message)

    def messages_to(self, recipient: str) -> list[Taken]:
        return [
            Taken(one.sender, (one.recipient,), one.content, 0.0)
            for one in self.taken
            if one.recipient.lower() == recipient.lower()
        ]


@dataclass
class MemoryGateway(MemoryCourier):
    """The SMS gateway, as `SmsGateway` shows it."""

    url: str = "http://127.0.0.1:1/rest/SMS/messages"
    app_sid: str = "sid"
    is_away: bool = False

    async def deliver(self, message: FrozenMessage) -> Receipt:
        if self.is_away:
            raise TemporaryFailure("cannot connect", outage=True)
        return await MemoryCourier.deliver(self, message)

    @property
    def sent(self) -> list[Sms]:
        return [
            Sms(at, one.recipient, one.content.decode(), one.sender, one.reference, 0.0)
            for at, one in enumerate(self.taken)
        ]

    def sent_to(self, number: str) -> list[Sms]:
        return [one for one in self.sent if one.to == number]
