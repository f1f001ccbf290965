"""Answers the operators' pages: looks things up, and acts on mails and messages. It implements
`operator_desk.OperatorDesk`.

Whatever it changes goes the way of the commands (`casework.quarantine`, `casework.outgoing`), and stands in
the audit by the same transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import ParamSpec, TypeVar

from sqlalchemy import Connection

from daemon.casework import outgoing, quarantine, ticket_file
from daemon.casework.ticket_file import Saying, went
from daemon.clock import Clock
from daemon.operator_desk import (
    Blocked,
    Held,
    HeldScope,
    MailFile,
    MailLine,
    Mails,
    MessageAct,
    MessageQuery,
    Messages,
    NotFound,
    Person,
    Query,
    TicketFile,
    TicketLine,
    Tickets,
    Went,
)
from daemon.reading.process import ReadingFailed, WorkersUnavailable
from daemon.reading.reader import Reader
from daemon.store import audit, blocked, holds, inbox, outbox, outbox_acts, search, tickets
from daemon.store.audit import Deed
from daemon.store.database import Database
from daemon.store.hold_rows import By
from daemon.store.holds import Gateways, What
from daemon.store.outbox_acts import Chosen
from daemon.store.ticket_rows import Stored
from daemon.workflow.clocks import reopened_processing_due
from daemon.workflow.deadlines import overdue_time
from daemon.workflow.search_words import wanted_of

P = ParamSpec("P")
T = TypeVar("T")

PAGE = 50
BLOCKED = 200
MAILS = 25
"""Of each the header is read, so a page has fewer."""
SHOWN = 300
"""Characters of a subject or a name in a list."""


class Operators:
    """`on_decided` wakes whoever decides and sends."""

    def __init__(
        self,
        database: Database,
        saying: Saying,
        gateways: Gateways,
        reader: Reader,
        clock: Clock,
        on_decided: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._saying = saying
        self._gateways = gateways
        self._reader = reader
        self._clock = clock
        self._on_decided = on_decided

    @property
    def teams(self) -> Sequence[str]:
        return [team.name for team in self._saying.policy.teams]

    def name(self, kind: str, word: str) -> str:
        return self._saying.words().name(kind, word)

    # --- complaints ---------------------------------------------------------------------------------------

    async def tickets(self, query: Query) -> Tickets:
        return await self._read(self._tickets, query)

    def _tickets(self, connection: Connection, query: Query) -> Tickets:
        wanted, now = wanted_of(query.text), self._clock.now()
        if wanted.number:
            one = tickets.by_number(connection, wanted.number)
            return Tickets(tuple(map(self._line, [one] if one else [])))
        if wanted.is_mistyped and not wanted.words:
            return Tickets((), is_mistyped=True)
        asked = search.Filter(
            wanted.words,
            query.state,
            query.team,
            query.channel,
            query.is_late,
            query.is_escalated,
            query.before,
        )
        found = search.find(connection, asked, now, PAGE + 1)
        lines = tuple(map(self._line, found[:PAGE]))
        return Tickets(lines, found[PAGE - 1].id if len(found) > PAGE else None, wanted.is_mistyped)

    def _line(self, stored: Stored) -> TicketLine:
        policy, now = self._saying.policy, self._clock.now()
        due_at = reopened_processing_due(stored.ticket, policy)
        is_late = bool(overdue_time(stored.ticket, policy)) or (due_at is not None and due_at <= now)
        return TicketLine(stored.ticket, due_at, is_late)

    async def ticket(self, number: str) -> TicketFile:
        return await self._read(ticket_file.file_of, number, self._saying)

    async def html_of(self, message_id: int) -> bytes:
        return await self._read(ticket_file.html_of, message_id)

    # --- mails --------------------------------------------------------------------------------------------

    async def quarantined(self, before: int | None) -> Mails:
        return await self._read(
            lambda connection: self._mails(inbox.set_aside(connection, before, MAILS + 1), connection)
        )

    async def unanswered(self, kind: str, before: int | None) -> Mails:
        return await self._read(
            lambda connection: self._mails(inbox.unanswered(connection, kind, before, MAILS + 1), connection)
        )

    def _mails(self, rows: Sequence[inbox.Kept], connection: Connection) -> Mails:
        lines = tuple(_mail_line(connection, row) for row in rows[:MAILS])
        return Mails(lines, rows[MAILS - 1].id if len(rows) > MAILS else None)

    async def mail(self, mail_id: int) -> MailFile:
        return await asyncio.to_thread(self._mail, mail_id)

    def _mail(self, mail_id: int) -> MailFile:
        """Its text is read by a worker, under the limits that hold for every mail."""

        def look(connection: Connection) -> tuple[MailLine, inbox.Kept, bytes]:
            row = inbox.row_of(connection, mail_id)
            if row is None or row.source not in inbox.MAILS:
                raise NotFound(f"mail {mail_id}")
            return _mail_line(connection, row), row, inbox.raw_of(connection, mail_id)

        line, row, raw = self._database.read_now(look)
        explained = tuple(self._explained(one) for one in row.explanation or ())
        try:
            mail = self._reader.parse(raw)
        except (ReadingFailed, WorkersUnavailable):
            return MailFile(line, row.state, None, (), explained)
        files = tuple(part.filename[:SHOWN] for part in mail.attachments)
        return MailFile(line, row.state, mail.text[: ticket_file.MOST_CHARACTERS], files, explained)

    def _explained(self, line: str) -> str:
        return self._saying.words().explained(line)

    async def release(self, mail_id: int, writer: str, person: Person) -> str:
        return await self._act(self._release, mail_id, writer, person)

    def _release(self, connection: Connection, mail_id: int, writer: str, person: Person) -> str:
        now = self._clock.now()
        code = quarantine.release(connection, mail_id, self._saying.policy, now, writer)
        if not code:
            detail = {"why": person.why, "as": writer}
            audit.record(connection, Deed(person.name, "mail_released", f"mail {mail_id}", detail), now)
        return code

    async def block(self, mail_id: int, person: Person, *, is_whole_domain: bool) -> str:
        return await self._act(self._block, mail_id, person, is_whole_domain)

    def _block(self, connection: Connection, mail_id: int, person: Person, is_whole_domain: bool) -> str:
        now = self._clock.now()
        code, pattern = quarantine.block(
            connection, mail_id, person.name, self._saying.policy, now, is_whole_domain=is_whole_domain
        )
        if not code:
            detail = {"why": person.why, "blocked": pattern}
            audit.record(connection, Deed(person.name, "mail_blocked", f"mail {mail_id}", detail), now)
        return code

    async def blocked(self, part: str) -> Sequence[Blocked]:
        return await self._read(self._blocked, part.lower())

    def _blocked(self, connection: Connection, part: str) -> Sequence[Blocked]:
        found = [one for one in reversed(blocked.walk(connection)) if part in one.pattern]
        return [
            Blocked(one.pattern, one.blocked_at, one.blocked_by, one.inbox_id, one.spares_proven)
            for one in found[:BLOCKED]
        ]

    async def unblock(self, pattern: str, person: Person) -> bool:
        return await self._act(self._unblock, pattern, person)

    def _unblock(self, connection: Connection, pattern: str, person: Person) -> bool:
        was_blocked = blocked.remove(connection, pattern)
        if was_blocked:
            detail = {"why": person.why, "blocked": pattern}
            audit.record(connection, Deed(person.name, "mail_unblocked", "", detail), self._clock.now())
        return was_blocked

    # --- the outbox ---------------------------------------------------------------------------------------

    async def messages(self, query: MessageQuery) -> Messages:
        return await self._read(self._messages, query)

    def _messages(self, connection: Connection, query: MessageQuery) -> Messages:
        channels = (query.channel,) if query.channel else ()
        chosen = Chosen((), None, channels, query.kind, query.states, query.before)
        found = outbox_acts.find(connection, chosen, PAGE + 1)
        lines = tuple(went(connection, row, with_text=False) for row in found[:PAGE])
        held = tuple(_held(connection, one) for one in holds.in_force(connection))
        return Messages(lines, held, found[PAGE - 1].id if len(found) > PAGE else None)

    async def message(self, message_id: int) -> Went:
        return await self._read(self._message, message_id)

    def _message(self, connection: Connection, message_id: int) -> Went:
        row = outbox.by_id(connection, message_id)
        if row is None:
            raise NotFound(f"message {message_id}")
        return went(connection, row)

    async def act(self, act: MessageAct, message_id: int, person: Person) -> bool:
        return await self._act(self._act_on, act, message_id, person)

    def _act_on(self, connection: Connection, act: MessageAct, message_id: int, person: Person) -> bool:
        self._message(connection, message_id)
        by, what = self._by(person), What("message", str(message_id))
        match act:
            case "retry":
                return outgoing.retry(connection, [message_id], by, self._gateways).count == 1
            case "cancel":
                return outgoing.cancel(connection, [message_id], by).count == 1
            case "hold":
                return outgoing.hold(connection, what, by, self._gateways) is not None
            case "release":
                return outgoing.release(connection, what, by, self._gateways) is not None

    async def hold(self, scope: HeldScope, value: str, person: Person) -> bool:
        done = await self._act(outgoing.hold, What(scope, value), self._by(person), self._gateways)
        return done is not None

    async def lift(self, scope: str, value: str, person: Person) -> bool:
        return await self._act(self._lift, scope, value, self._by(person))

    def _lift(self, connection: Connection, scope: str, value: str, by: By) -> bool:
        """That one hold: `release` with the scope `all` would end every one."""
        held = holds.in_force(connection)
        found = [one for one in held if (one.scope, one.value) == (scope, value)]
        if found:
            outgoing.lift(connection, found, What(found[0].scope, value), by, self._gateways)
        return bool(found)

    async def retry_failed(self, person: Person) -> int:
        return await self._act(self._retry_failed, person)

    def _retry_failed(self, connection: Connection, person: Person) -> int:
        ids = outbox_acts.ids_of(connection, Chosen(states=("failed",)))
        return outgoing.retry(connection, ids, self._by(person), self._gateways).count

    # --- the way to the database --------------------------------------------------------------------------

    def _by(self, person: Person) -> By:
        return By(person.name, person.why, self._clock.now())

    async def _read(self, look: Callable[..., T], *given: object) -> T:
        return await asyncio.to_thread(self._database.read_now, look, *given)

    async def _act(self, act: Callable[..., T], *given: object) -> T:
        done = await self._database.transact(act, *given)
        self._on_decided()
        return done


def _mail_line(connection: Connection, row: inbox.Kept) -> MailLine:
    mail = quarantine.heading(inbox.head_of(connection, row.id))
    number = tickets.number_of(connection, row.ticket_id) if row.ticket_id else None
    limit = outbox_acts.held_back(connection, row.ticket_id, f"inbox:{row.id}") if row.ticket_id else ""
    return MailLine(
        row.id,
        row.received_at,
        (mail.sender.email if mail.sender else "")[:SHOWN],
        (mail.sender.name if mail.sender else "")[:SHOWN],
        mail.subject[:SHOWN],
        row.kind or "",
        row.outcome or "",
        row.reason or "",
        number or "",
        limit,
    )


def _held(connection: Connection, hold: holds.Hold) -> Held:
    is_of_ticket = hold.scope == "ticket"
    number = tickets.number_of(connection, int(hold.value)) if is_of_ticket else None
    return Held(hold.scope, hold.value, number or hold.value, hold.held_at, hold.held_by, hold.why)
