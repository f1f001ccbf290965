"""The assembled program between a real mailbox, an SMTP sink and an SMS gateway, driven step by step."""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import starmap
from pathlib import Path
from typing import Any

from sqlalchemy import Row, func, select

from daemon.adapters import adapters_of
from daemon.assembly import System, build
from daemon.clock import ManualClock
from daemon.config import load
from daemon.reading.reader import OwnReader
from daemon.rulebook import attachment_rules, desk_rules
from daemon.store import deadlines, inbox, outbox, schema, tickets
from daemon.workflow.model import Ticket
from tests.servers import Patience
from tests.servers.dovecot import Dovecot
from tests.servers.sms_gateway import Sms, SmsGateway
from tests.servers.smtp_sink import SmtpSink

MAILBOX = "infocs@momah.gov.sa"
TEAM = "care@momah.gov.sa"
OPERATOR = "operator@momah.gov.sa"
AUTHSERV_ID = "mx.momah.gov.sa"
START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)  # Sunday noon in Riyadh

REQUEST = "رقم الطلب: ٢٠٢٦١٢٣٤٥ وقد تجاوز المدة دون أي إجراء."
PHONE = "جوالي ٠٥٠١٢٣٤٥٦٧"


def mail(
    sender: str = "خالد العتيبي <khalid@example.sa>",
    subject: str = "شكوى",
    text: str = f"السلام عليكم\n{REQUEST}\n{PHONE}\n",
    *,
    message_id: str = "",
    answers: str = "",
    headers: Sequence[tuple[str, str]] = (),
    to: str = MAILBOX,
    attachment_bytes: int = 0,
) -> bytes:
    """A mail as it lies in the mailbox; `headers` stand on top of all others, as trace headers do."""
    fields = {"From": sender, "To": to, "Subject": subject, "Date": "Sun, 22 Nov 2026 11:00:00 +0300"}
    fields |= {"Message-ID": message_id} if message_id else {}
    fields |= {"In-Reply-To": answers, "References": answers} if answers else {}
    top = "".join(f"{name}: {value}\r\n" for name, value in headers).encode()
    if not attachment_bytes and max(map(len, text.splitlines()), default=0) < 200:
        return top + b"".join(starmap(_field, fields.items())) + _plain(text)
    made = EmailMessage(policy=POLICY)
    for name, value in fields.items():
        made[name] = value
    made.set_content(text)
    if attachment_bytes:
        made.add_attachment(b"\0" * attachment_bytes, maintype="image", subtype="png", filename="صورة.png")
    return top + made.as_bytes()


POLICY = policy.SMTP.clone(max_line_length=998)


@functools.lru_cache(maxsize=1024)
def _field(name: str, value: str) -> bytes:
    """As the library writes it; thousands of mails share most of theirs."""
    return POLICY.fold_binary(*POLICY.header_store_parse(name, value))


def _plain(text: str) -> bytes:
    """What the library makes of a text with short lines, in a fraction of its time."""
    body = b"".join(line + b"\r\n" for line in text.encode().splitlines()) or b"\r\n"
    bits = 7 if body.isascii() else 8
    return (
        f'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: {bits}bit\r\n'
        "MIME-Version: 1.0\r\n\r\n"
    ).encode() + body


def proven(domain: str = "example.sa", verdict: str = "pass") -> tuple[str, str]:
    """What our border writes on top of a mail whose From address is proved (or, with "fail", refuted)."""
    return ("Authentication-Results", f"{AUTHSERV_ID}; dmarc={verdict} header.from={domain}")


def toml(tables: Mapping[str, Any]) -> str:
    """Tables of plain values, and lists of tables; JSON's strings, numbers and lists are TOML's too. None
    leaves a key out."""
    lines: list[str] = []
    for name, table in tables.items():
        for heading, one in (
            [(f"[[{name}]]", one) for one in table] if isinstance(table, list) else [(f"[{name}]", table)]
        ):
            lines.append(heading)
            given = {key: value for key, value in one.items() if value is not None}
            lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in given.items()]
    return "\n".join(lines) + "\n"


def configuration(
    *, url: str, folder: Path, imap: Any, user: str, smtp: Any, sms: Any, changed: Mapping[str, Any]
) -> Path:
    """A configuration file for those servers, with the tables of `changed` laid over the usual ones."""
    tables: dict[str, Any] = {
        "service": {
            "public_url": "https://shakwa.example",
            "data_dir": str(folder / "data"),
            "secret_key": "0123456789abcdef0123456789abcdef",
            "operator": OPERATOR,
        },
        "database": {"url": url},
        "mailbox": {
            "address": MAILBOX,
            "host": imap.host,
            "port": imap.port,
            "security": "none",
            "username": user,
            "password": imap.password,
            "authserv_id": AUTHSERV_ID,
        },
        "smtp": {"host": smtp.host, "port": smtp.port, "security": "none"},
        "sms": {"gateway": "unifonic", "sender": "MOMAH"},
        "sms.unifonic": {"url": sms.url, "app_sid": sms.app_sid},
        "teams": [{"name": "care", "address": TEAM}],
    }
    return _laid_over(tables, changed, folder)


def configuration_alone(folder: Path, changed: Mapping[str, Any] | None = None) -> Path:
    """A configuration file of a desk whose servers are never asked, with `changed` as in `configuration`."""
    tables: dict[str, Any] = {
        "service": {
            "public_url": "https://shakwa.example",
            "data_dir": str(folder / "data"),
            "secret_key": "0123456789abcdef0123456789abcdef",
        },
        "mailbox": {"address": MAILBOX, "host": "127.0.0.1", "security": "none"},
        "smtp": {"host": "127.0.0.1", "security": "none"},
        "sms": {"gateway": "console"},
        "teams": [{"name": "care", "address": TEAM}],
    }
    return _laid_over(tables, changed or {}, folder)


def _laid_over(tables: dict[str, Any], changed: Mapping[str, Any], folder: Path) -> Path:
    for name, table in changed.items():
        tables[name] = table if isinstance(table, list) else tables.get(name, {}) | table
    path = folder / "shakwa.toml"
    path.write_text(toml(tables))
    return path


@dataclass
class Office:
    """One running program and what surrounds it."""

    system: System
    clock: ManualClock
    box: Dovecot
    user: str
    smtp: SmtpSink
    sms: SmsGateway

    def arrive(self, *mails: bytes, at: datetime | None = None) -> None:
        self.box.append(mails, user=self.user, internaldate=at or self.clock.now())

    async def work(self) -> None:
        """Every loop's step until none finds work, as `once` does. Raises as the loops do."""
        await self.system.salvage.run()
        found = True
        while found:
            found = await self.system.fetch.step()
            found = await self.system.desk.step() or found
            for delivery in self.system.deliveries:
                found = await delivery.step() or found

    async def handle(self, *mails: bytes, at: datetime | None = None) -> None:
        self.arrive(*mails, at=at)
        await self.work()

    async def work_until(self, condition: Any, what: str, **pause: float) -> None:
        """Work, moving the clock on by `pause` after each round, until `condition()`; an outage's own
        pause is on the real clock, so a round that can do nothing yet is tried again."""
        import asyncio

        patience = Patience(20)
        while not condition():
            assert not patience.is_over, f"{what} did not come true"
            await self.work()
            self.clock.advance(**pause)
            await asyncio.sleep(0.01)

    # --- what there is now ------------------------------------------------------------------------------

    def tickets(self) -> list[Ticket]:
        return [stored.ticket for stored in self.system.database.read_now(tickets.walk)]

    def ticket(self) -> Ticket:
        (only,) = self.tickets()
        return only

    def inbox(self) -> list[Row[Any]]:
        return self.system.database.read_now(inbox.walk)

    def outbox(self, *notifications: str, channel: str = "") -> list[Row[Any]]:
        """All rows, or those of these notifications, in order."""
        rows = self.system.database.read_now(outbox.walk)
        return [
            row
            for row in rows
            if (not notifications or row.notification in notifications) and channel in ("", row.channel)
        ]

    def states(self) -> set[str]:
        return {row.state for row in self.outbox()}

    def is_all_sent(self) -> bool:
        return self.states() == {"sent"}

    def messages(self) -> list[Row[Any]]:
        with self.system.database.engine.connect() as connection:
            return list(connection.execute(select(schema.messages).order_by(schema.messages.c.id)))

    def deadlines(self) -> set[tuple[int, str]]:
        with self.system.database.engine.connect() as connection:
            return {(row.ticket_id, row.kind) for row in connection.execute(select(schema.deadlines))}

    def deadline_rows(self) -> list[Row[Any]]:
        with self.system.database.engine.connect() as connection:
            return list(connection.execute(select(schema.deadlines)))

    def history_events(self) -> set[str]:
        with self.system.database.engine.connect() as connection:
            return set(connection.execute(select(schema.history.c.event)).scalars())

    def next_deadline(self) -> datetime | None:
        return self.system.database.read_now(deadlines.next_due)

    def count(self, table: Any) -> int:
        with self.system.database.engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(table)).scalar_one()

    def mails_to(self, recipient: str) -> list[EmailMessage]:
        return [read(taken.content) for taken in self.smtp.messages_to(recipient)]

    def octets_to(self, recipient: str) -> list[bytes]:
        """Of each mail that the relay took."""
        return [taken.content for taken in self.smtp.messages_to(recipient)]

    def sms_to(self, number: str = "+966501234567") -> list[Sms]:
        return self.sms.sent_to(number)

    def folders(self) -> dict[str, int]:
        return {name: self.box.count(name, user=self.user) for name in ("INBOX", "Processed", "Quarantine")}


@functools.lru_cache(maxsize=512)
def read(octets: bytes) -> EmailMessage:
    """Once for each; nobody changes it."""
    found = message_from_bytes(octets, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    found: str = body.get_content()
    return found


@contextlib.asynccontextmanager
async def office(
    path: Path, clock: ManualClock, box: Dovecot, user: str, smtp: SmtpSink, sms: SmsGateway
) -> AsyncIterator[Office]:
    """Built and closed in the test's own event loop."""
    config = load(path)
    # Worker processes take a second to start; what they do is tests/integration/test_workers.py's.
    reader = OwnReader(desk_rules(config).reading, attachment_rules(config))
    adapters = replace(adapters_of(config, clock), reader=reader)
    system = build(config, clock=clock, adapters=adapters)
    try:
        yield Office(system, clock, box, user, smtp, sms)
    finally:
        await system.close()
