"""The bare libraries doing the work of one pass, as a process: `python -m bench.bare TASK.json`.

What the daemon is measured against. The same mails fetched and moved (aioimaplib), parsed (email), the same
rows with the same bytes in the same tables by the same durable commits (sqlite3, synchronous=FULL), the same
e-mails over kept connections (aiosmtplib) and SMS (httpx). No rule, no look-up, no template, no retry, no
care for anything that may fail: what is left is what the libraries themselves cost. Fetching, writing and
sending overlap, the database has a thread of its own, and sending never waits for the next batch of mail.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import email.utils
import hashlib
import json
import sqlite3
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.header import decode_header, make_header
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiosmtplib
import httpx
from aioimaplib import aioimaplib

BATCH = 50
CONNECTIONS = 4
NOW = "2026-11-23 07:00:00.000000"


Sample = dict[str, Any]
"""A row as the daemon wrote it, by column: what is stored here has the same columns and as many bytes."""


@dataclass(frozen=True)
class Letter:
    """What is sent for each mail, prebuilt: an outbox row and its content."""

    channel: str
    audience: str
    row: Sample
    content: str


@dataclass(frozen=True)
class Task:
    mails: int
    parser: str
    """"default" for email.policy.default, "compat32" for the older one with decoding by hand."""
    imap: tuple[str, int, str, str]
    smtp: tuple[str, int]
    sms_url: str
    app_sid: str
    sender: str
    team: str
    database: str
    letters: tuple[Letter, ...]
    inbox: Sample
    ticket: Sample
    message: Sample
    history: tuple[Sample, ...]
    deadlines: tuple[Sample, ...]


@dataclass(frozen=True)
class Parsed:
    sender: str
    subject: str
    message_id: str
    text: str
    attachments: list[dict[str, Any]]


@dataclass
class Sending:
    row_id: int
    letter: Letter
    recipient: str
    reference: str

    @property
    def kind(self) -> tuple[str, str]:
        return self.letter.channel, self.letter.audience


# --- parsing ---------------------------------------------------------------------------------------


def parse_default(raw: bytes) -> Parsed:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain", "html"))
    attachments = [
        {
            "filename": part.get_filename(),
            "content_type": part.get_content_type(),
            "size_bytes": len(part.get_payload(decode=True) or b""),
        }
        for part in message.iter_attachments()
    ]
    return Parsed(
        message["From"].addresses[0].addr_spec,
        str(message["Subject"]),
        str(message["Message-ID"]),
        body.get_content() if body else "",
        attachments,
    )


def parse_compat32(raw: bytes) -> Parsed:
    message = email.message_from_bytes(raw)
    texts: dict[str, str] = {}
    attachments = []
    for part in message.walk():
        if part.is_multipart():
            continue
        octets = part.get_payload(decode=True)
        assert isinstance(octets, bytes)
        if part.get_filename():
            kind = part.get_content_type()
            entry = {
                "filename": _header(part.get_filename()),
                "content_type": kind,
                "size_bytes": len(octets),
            }
            attachments.append(entry)
        else:
            charset = part.get_content_charset() or "utf-8"
            texts.setdefault(part.get_content_subtype(), octets.decode(charset, "replace"))
    sender = email.utils.parseaddr(message["From"])[1]
    text = texts.get("plain") or texts.get("html") or ""
    return Parsed(sender, _header(message["Subject"]), message["Message-ID"], text, attachments)


def _header(value: str | None) -> str:
    return str(make_header(decode_header(value or "")))


# --- the database ----------------------------------------------------------------------------------


class Store:
    """Plain sqlite3 in a thread of its own; the same tables as the daemon's, made by it beforehand."""

    def __init__(self, path: str) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "cache_size=-8000",
            "temp_store=MEMORY",
            "wal_autocheckpoint=4000",
        ):
            self._connection.execute(f"PRAGMA {pragma}")

    async def commit(self, *work: tuple[str, Iterable[tuple[Any, ...]]]) -> None:
        """Run executemany of each in one durable transaction."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._commit, work)

    def _commit(self, work: tuple[tuple[str, Iterable[tuple[Any, ...]]], ...]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        for statement, rows in work:
            self._connection.executemany(statement, rows)
        self._connection.execute("COMMIT")

    def close(self) -> None:
        self._thread.shutdown()
        self._connection.close()


class Insert:
    """INSERT of rows that are `sample` but for some columns."""

    def __init__(self, table: str, sample: Sample, *changing: str) -> None:
        columns = [*changing, *(name for name in sample if name not in changing)]
        names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
        self.statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"
        self._rest = tuple(sample[name] for name in columns[len(changing) :])

    def rows(self, changed: Iterable[tuple[Any, ...]]) -> tuple[str, list[tuple[Any, ...]]]:
        return self.statement, [(*values, *self._rest) for values in changed]


_OWNER = "0123456789abcdef"
_RAW = "INSERT INTO raw_mails (inbox_id, raw) VALUES (?, ?)"
_PLACE = "INSERT INTO mailbox_uids (folder, uidvalidity, uid, inbox_id) VALUES ('INBOX', 1, ?, ?)"
_DECIDED = (
    "UPDATE inbox SET state = 'done', claimed_by = NULL, kind = 'human', outcome = 'opened', reason = 'none',"
    " explanation = ?, ticket_id = ?, answered = 1, decided_at = ? WHERE id = ?"
)
_COUNT = (
    "INSERT INTO counters (name, value) VALUES ('ticket:2026', 1)"
    " ON CONFLICT (name) DO UPDATE SET value = value + 1"
)
_THREAD = "INSERT INTO ticket_threads (message_id, ticket_id) VALUES (?, ?)"
_CLAIM = "UPDATE outbox SET state = 'claimed', claimed_by = ?, attempts = 1, first_tried_at = ? WHERE id = ?"
_FREEZE = "UPDATE outbox SET sender = ?, frozen = ?, template_revision = ? WHERE id = ?"
_SENT = "UPDATE outbox SET state = 'sent', claimed_by = NULL, sent_at = ?, peer_id = ? WHERE id = ?"
_MOVED = "UPDATE mailbox_uids SET moved_to = 'Processed', moved_at = ? WHERE uid = ?"


# --- the way of the mails --------------------------------------------------------------------------


class Pass:
    """One pass over the mailbox."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.store = Store(task.database)
        self.parse: Callable[[bytes], Parsed] = parse_default if task.parser == "default" else parse_compat32
        self.emails: asyncio.Queue[list[Sending]] = asyncio.Queue()
        self.sms: asyncio.Queue[list[Sending]] = asyncio.Queue()
        self.next_id = 1
        self.explanation = task.inbox["explanation"]
        self.take_in = Insert(
            "inbox",
            _before(task.inbox),
            "id",
            "fingerprint",
            "sha256",
            "message_id",
            "size_bytes",
            "claimed_by",
        )
        self.ticket = Insert(
            "tickets", task.ticket, "id", "number", "requester_email", "requester_email_shown", "subject"
        )
        self.message = Insert(
            "messages",
            task.message,
            "ticket_id",
            "inbox_id",
            "sender_email",
            "subject",
            "text",
            "attachments",
        )
        self.histories = [Insert("history", sample, "ticket_id") for sample in task.history]
        self.deadlines = [Insert("deadlines", sample, "ticket_id") for sample in task.deadlines]
        self.outbox = {
            (letter.channel, letter.audience): Insert(
                "outbox",
                _before(letter.row),
                *("id", "idempotency_key", "cause", "ticket_id", "recipient", "reference", "limit_key"),
            )
            for letter in task.letters
        }

    async def run(self) -> None:
        sending = [
            asyncio.create_task(self.send_all(self.emails, 2 * self.task.mails, self.email_carriers)),
            asyncio.create_task(self.send_all(self.sms, self.task.mails, self.sms_carriers)),
        ]
        await self.read_all()
        await asyncio.gather(*sending)
        self.store.close()

    # --- reading

    async def read_all(self) -> None:
        host, port, user, password = self.task.imap
        client = aioimaplib.IMAP4(host, port, timeout=60)
        await client.wait_hello_from_server()
        await client.login(user, password)
        await client.protocol.capability()
        await client.select("INBOX")
        found = await client.uid_search("ALL", charset=None)
        uids = [int(uid) for uid in found.lines[0].split()][: self.task.mails]
        assert len(uids) == self.task.mails
        settling: asyncio.Task[None] | None = None
        done: list[int] = []
        for at in range(0, len(uids), BATCH):
            batch = uids[at : at + BATCH]
            answer = await client.uid("fetch", ",".join(map(str, batch)), "(UID INTERNALDATE BODY.PEEK[])")
            mails = [bytes(line) for line in answer.lines if isinstance(line, bytearray)]
            if settling is not None:
                await settling
                await self.move(client, done)
            settling, done = asyncio.create_task(self.settle(batch, mails)), batch
        if settling is not None:
            await settling
            await self.move(client, done)
        await client.logout()

    async def move(self, client: aioimaplib.IMAP4, uids: list[int]) -> None:
        await client.uid("move", ",".join(map(str, uids)), "Processed")
        await self.store.commit((_MOVED, [(NOW, uid) for uid in uids]))

    async def settle(self, uids: list[int], raws: list[bytes]) -> None:
        first = self.next_id
        self.next_id += len(raws)
        ids = range(first, first + len(raws))
        sums = [hashlib.sha256(raw).hexdigest() for raw in raws]
        entries = self.take_in.rows(
            (number, digest, digest, f"<{number}@x>", len(raw), _OWNER)
            for number, digest, raw in zip(ids, sums, raws, strict=True)
        )
        await self.store.commit(
            entries, (_RAW, zip(ids, raws, strict=True)), (_PLACE, zip(uids, ids, strict=True))
        )
        parsed = []
        for raw in raws:
            parsed.append(self.parse(raw))
            await asyncio.sleep(0)  # what is being sent goes on meanwhile
        letters = [
            sending
            for number, mail in zip(ids, parsed, strict=True)
            for sending in self.answers(number, mail)
        ]
        await self.store.commit(*self.decision(ids, parsed, letters))
        self.emails.put_nowait([sending for sending in letters if sending.letter.channel == "email"])
        self.sms.put_nowait([sending for sending in letters if sending.letter.channel == "sms"])

    def answers(self, number: int, mail: Parsed) -> list[Sending]:
        to = {"requester": mail.sender, "staff": self.task.team}
        return [
            Sending(
                row_id=3 * number + at,
                letter=letter,
                recipient=to[letter.audience] if letter.channel == "email" else f"+9665{number:08d}",
                reference=f"<{number:031x}{at}.shakwa@momah.gov.sa>",
            )
            for at, letter in enumerate(self.task.letters)
        ]

    def decision(
        self, ids: Iterable[int], mails: list[Parsed], letters: list[Sending]
    ) -> tuple[tuple[str, list[tuple[Any, ...]]], ...]:
        both = list(zip(ids, mails, strict=True))
        keys = [(number,) for number, _ in both]
        return (
            (_COUNT, [() for _ in mails]),
            self.ticket.rows(
                (number, f"FRS-2026-{number:06d}-0", mail.sender, mail.sender, mail.subject)
                for number, mail in both
            ),
            (_THREAD, [(mail.message_id, number) for number, mail in both]),
            self.message.rows(
                (
                    number,
                    number,
                    mail.sender,
                    mail.subject,
                    mail.text,
                    json.dumps(mail.attachments, ensure_ascii=False),
                )
                for number, mail in both
            ),
            *(insert.rows(keys) for insert in (*self.histories, *self.deadlines)),
            *(
                insert.rows(self.outbox_row(one) for one in letters if one.kind == kind)
                for kind, insert in self.outbox.items()
            ),
            (_DECIDED, [(self.explanation, number, NOW, number) for number, _ in both]),
        )

    def outbox_row(self, one: Sending) -> tuple[Any, ...]:
        ticket = one.row_id // 3
        key = hashlib.sha256(one.reference.encode()).hexdigest()
        limit = None if one.letter.audience == "staff" else f"{one.letter.channel}:{one.recipient}"
        return (one.row_id, key, f"inbox:{ticket}", ticket, one.recipient, one.reference, limit)

    # --- sending

    async def send_all(
        self,
        queue: asyncio.Queue[list[Sending]],
        total: int,
        carriers: Callable[[asyncio.Queue[Sending | None], asyncio.Queue[tuple[int, str]]], Any],
    ) -> None:
        """Claim, freeze, send, write down: the rows of a batch in one commit, results as they come."""
        ready: asyncio.Queue[Sending | None] = asyncio.Queue()
        results: asyncio.Queue[tuple[int, str]] = asyncio.Queue()
        working = await carriers(ready, results)
        recorder = asyncio.create_task(self.record(results, total))
        taken = 0
        while taken < total:
            letters = await queue.get()
            taken += len(letters)
            for at in range(0, len(letters), BATCH):
                batch = letters[at : at + BATCH]
                await self.store.commit((_CLAIM, [(_OWNER, NOW, one.row_id) for one in batch]))
                frozen = [
                    (self.task.sender, one.letter.content.encode(), "0123456789ab", one.row_id)
                    for one in batch
                ]
                await self.store.commit((_FREEZE, frozen))
                for one in batch:
                    ready.put_nowait(one)
        for _ in working:
            ready.put_nowait(None)
        await asyncio.gather(*working)
        await recorder

    async def record(self, results: asyncio.Queue[tuple[int, str]], total: int) -> None:
        recorded = 0
        while recorded < total:
            batch = [await results.get()]
            while not results.empty():
                batch.append(results.get_nowait())
            recorded += len(batch)
            await self.store.commit((_SENT, [(NOW, peer_id, row_id) for row_id, peer_id in batch]))

    async def email_carriers(
        self, ready: asyncio.Queue[Sending | None], results: asyncio.Queue[tuple[int, str]]
    ) -> list[asyncio.Task[None]]:
        host, port = self.task.smtp

        async def carry() -> None:
            client = aiosmtplib.SMTP(hostname=host, port=port, start_tls=False, use_tls=False)
            await client.connect()
            while (one := await ready.get()) is not None:
                _, said = await client.sendmail(
                    self.task.sender, [one.recipient], one.letter.content.encode()
                )
                results.put_nowait((one.row_id, said[:60]))
            await client.quit()

        return [asyncio.create_task(carry()) for _ in range(CONNECTIONS)]

    async def sms_carriers(
        self, ready: asyncio.Queue[Sending | None], results: asyncio.Queue[tuple[int, str]]
    ) -> list[asyncio.Task[None]]:
        client = httpx.AsyncClient(trust_env=False)
        open_carriers = CONNECTIONS

        async def carry() -> None:
            nonlocal open_carriers
            while (one := await ready.get()) is not None:
                form = {
                    "AppSid": self.task.app_sid,
                    "Recipient": one.recipient.lstrip("+"),
                    "Body": one.letter.content,
                    "responseType": "JSON",
                    "CorrelationID": one.reference,
                    "SenderID": "MOMAH",
                }
                answer = await client.post(self.task.sms_url, data=form)
                answer.raise_for_status()
                results.put_nowait((one.row_id, str(answer.json()["data"]["MessageID"])))
            open_carriers -= 1
            if not open_carriers:
                await client.aclose()

        return [asyncio.create_task(carry()) for _ in range(CONNECTIONS)]


def _before(row: Sample) -> Sample:
    """An inbox or outbox row as it was before anything became of it."""
    return {
        name: _AT_FIRST.get(name, None if name in _LATER else value)
        for name, value in row.items()
        if name != "id"
    }


_AT_FIRST = {"state": "queued", "attempts": 0, "answered": 0}
_LATER = frozenset(
    (
        *("claimed_by", "kind", "outcome", "reason", "explanation", "ticket_id", "decided_at", "last_error"),
        *("sender", "frozen", "template_revision", "first_tried_at", "sent_at", "peer_id"),
    )
)


def load(path: Path) -> Task:
    document = json.loads(path.read_text())
    letters = tuple(Letter(**letter) for letter in document.pop("letters"))
    return Task(letters=letters, **document)


if __name__ == "__main__":
    asyncio.run(Pass(load(Path(sys.argv[1]))).run())
