"""The kept figures: which complaints and SMS are not in them yet, and the counts of each cell and span.

`workflow.counts` says what is counted; here it is only kept and read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Select, Table, func, select, text, update

from daemon.store.dialects import PerDialect
from daemon.store.reports import COLUMNS, OWN, case_of, text_of
from daemon.store.schema import counted_tickets, figures, history, outbox, tickets
from daemon.workflow.counts import ALL, NOW, Counts, Entry, shape, shapes_within
from daemon.workflow.figures import Day
from daemon.workflow.measures import Case, Group
from daemon.workflow.vocabulary import IN_CHANNEL

T = TypeVar("T")

CHUNK = 500
"""Keys in one statement."""
_OVER = frozenset({"resolved", "closed"})

_LATE_TICKETS = text("NOT is_counted")
_LATE_SMS = text("outbox.channel = 'sms' AND outbox.state = 'sent' AND NOT outbox.is_counted")
_UNCLOSED = text("state <> 'closed'")
"""As the indexes say it, or SQLite would not take them."""


class Late(NamedTuple):
    """A complaint that is not in the figures as it stands, and when it came back."""

    ticket_id: int
    case: Case
    reopenings: tuple[datetime, ...]


class LateSms(NamedTuple):
    """An SMS that went out and is not in the figures; where it belongs to no complaint, `group` is empty.
    `segments` stands in the place of an erased text."""

    outbox_id: int
    group: Group
    sent_at: datetime
    text: str
    segments: int | None = None


def is_alone(connection: Connection) -> bool:
    """Whether nobody else counts until the transaction ends. SQLite has one writer anyway."""
    if connection.dialect.name != "postgresql":
        return True
    return bool(connection.execute(text("SELECT pg_try_advisory_xact_lock(7203, 1)")).scalar())


def waiting(connection: Connection) -> int:
    """Complaints that are not in the figures as they stand."""
    statement = select(func.count()).select_from(tickets).where(_LATE_TICKETS)
    return int(connection.execute(statement).scalar_one())


def late(connection: Connection, limit: int, *, is_locking: bool) -> list[Late]:
    """The oldest complaints that are not in the figures; locked, without those in another's hand."""
    statement = (
        select(*COLUMNS, tickets.c.info_requested_at).where(_LATE_TICKETS).order_by(tickets.c.id).limit(limit)
    )
    rows = connection.execute(_locking(statement, is_locking)).all()
    states = _states(connection, [row.id for row in rows])
    return [_late(row, states[row.id]) for row in rows]


def _late(row: Any, states: Sequence[tuple[datetime, str]]) -> Late:
    # As `reports.cases`: only what ever waited needs the history to be measured.
    ever_waited = row.info_requested_at is not None and row.channel not in IN_CHANNEL
    came_back = tuple(
        at for (_, earlier), (at, state) in pairwise(states) if earlier in _OVER and state not in _OVER
    )
    return Late(row.id, case_of(row, states if ever_waited else ()), came_back)


def _states(connection: Connection, ids: Sequence[int]) -> Mapping[int, list[tuple[datetime, str]]]:
    found: defaultdict[int, list[tuple[datetime, str]]] = defaultdict(list)
    for part in _chunks(ids):
        rows = connection.execute(
            select(history.c.ticket_id, history.c.at, history.c.state)
            .where(history.c.ticket_id.in_(part))
            .order_by(history.c.ticket_id, history.c.id)
        )
        for row in rows:
            found[row[0]].append((row[1], row[2]))
    return found


def _locking(statement: Select[Any], is_locking: bool) -> Select[Any]:
    return statement.with_for_update(skip_locked=True) if is_locking else statement


def late_sms(connection: Connection, limit: int, *, is_locking: bool) -> list[LateSms]:
    """The oldest SMS that went out and are not in the figures; locked, without those in another's hand."""
    statement = (
        select(outbox.c.id, outbox.c.sent_at, outbox.c.frozen, outbox.c.ticket_id, outbox.c.segments)
        .where(_LATE_SMS)
        .order_by(outbox.c.id)
        .limit(limit)
    )
    rows = connection.execute(_locking(statement, is_locking)).all()
    groups: dict[int, Group] = {}
    for part in _chunks(sorted({row.ticket_id for row in rows if row.ticket_id is not None})):
        owners = connection.execute(select(tickets.c.id, *OWN).where(tickets.c.id.in_(part)))
        groups |= {row[0]: Group(*row[1:]) for row in owners}
    nobody = Group("", "", "", "")
    return [
        LateSms(row.id, groups.get(row.ticket_id, nobody), row.sent_at, text_of(row.frozen), row.segments)
        for row in rows
    ]


def counted(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[Group, list[Entry]]]:
    """What the figures hold of these tickets."""
    found = {}
    for part in _chunks(ids):
        rows = connection.execute(
            select(counted_tickets.c.ticket_id, counted_tickets.c.counted).where(
                counted_tickets.c.ticket_id.in_(part)
            )
        )
        for ticket_id, kept in rows:
            entries = [
                (str(span), str(what), int(value), int(times)) for span, what, value, times in kept["entries"]
            ]
            found[ticket_id] = Group(*kept["group"]), entries
    return found


def _entry(span: str, what: str, value: int, times: int) -> Entry:
    return span, what, value, times


_KEEP = PerDialect(
    lambda insert: _replacing(insert, counted_tickets, counted_tickets.c.ticket_id, ("counted",))
)
_KEEP_CELL = PerDialect(
    lambda insert: _replacing(insert, figures, figures.c.key, ("opened", "closed", "counts"))
)


def _replacing(insert: Callable[[Table], Any], table: Table, key: Any, names: Sequence[str]) -> Any:
    statement = insert(table)
    return statement.on_conflict_do_update(
        index_elements=[key], set_={name: statement.excluded[name] for name in names}
    )


def keep(connection: Connection, found: Mapping[int, tuple[Group, Sequence[Entry]]]) -> None:
    """Say that the figures hold this of these tickets, as they stand."""
    if not found:
        return
    rows = [
        {"ticket_id": ticket_id, "counted": {"group": list(group), "entries": [list(one) for one in entries]}}
        for ticket_id, (group, entries) in found.items()
    ]
    connection.execute(_KEEP.on(connection), rows)
    for part in _chunks(sorted(found)):
        connection.execute(update(tickets).where(tickets.c.id.in_(part)).values(is_counted=True))


def keep_sms(connection: Connection, ids: Sequence[int]) -> None:
    """Say that the figures hold these SMS."""
    for part in _chunks(ids):
        connection.execute(update(outbox).where(outbox.c.id.in_(part)).values(is_counted=True))


def add(connection: Connection, found: Mapping[tuple[str, Group], Counts]) -> None:
    """Add these counts to the cells of these spans."""
    keys = {_key(span, cell): (span, cell) for span, cell in found}
    for part in _chunks(sorted(keys)):
        joined = {key: Counts() for key in part}
        for key, kept in connection.execute(
            select(figures.c.key, figures.c.counts).where(figures.c.key.in_(part))
        ):
            joined[key].read(kept)
        for key, counts in joined.items():
            counts.join(found[keys[key]])
        connection.execute(_KEEP_CELL.on(connection), [_row(key, *keys[key], joined[key]) for key in part])


def _key(span: str, cell: Group) -> str:
    return "\x1f".join((span, *cell))


def _row(key: str, span: str, cell: Group, counts: Counts) -> dict[str, Any]:
    return {
        "key": key,
        "span": span,
        "shape": shape(cell),
        **cell._asdict(),
        "opened": counts.of("opened"),
        "closed": counts.of_all("closed."),
        "counts": counts.to_json(),
    }


# --- reading ---------------------------------------------------------------------------------------


Spans = Mapping[str, int]
"""Days and months, each with 1, or with -1 where it is to be taken out again (`workflow.period.spans_of`)."""


def cells(connection: Connection, spans: Spans, scope: Group) -> dict[Group, Counts]:
    """The cells of a report on `scope` in those spans together, and as they stand now."""
    return _cells(connection, {NOW: 1, **spans}, scope, set(shapes_within(scope).values()))


def total(connection: Connection, spans: Spans, scope: Group) -> Counts:
    """What `scope` counts in those spans together."""
    return _cells(connection, spans, scope, {shape(scope)}).get(scope, Counts())


def _cells(connection: Connection, spans: Spans, scope: Group, shapes: Iterable[str]) -> dict[Group, Counts]:
    names = (figures.c.span, figures.c.channel, figures.c.category, figures.c.team, figures.c.member)
    found: defaultdict[Group, Counts] = defaultdict(Counts)
    for part in _chunks(list(spans)):
        for row in connection.execute(select(*names, figures.c.counts).where(*_asked(part, scope, shapes))):
            span, channel, category, team, member, counts = row
            found[Group(channel, category, team, member)].read(counts, spans[span])
    return dict(found)


def course(connection: Connection, spans: Spans, scope: Group) -> dict[date, Day]:
    """What came and went in each of those spans that is a day, or, where one is a month, in each month."""
    shapes = shapes_within(scope)
    is_by_day = all(len(span) > len("2026-11") for span in spans)
    columns = (figures.c.span, figures.c.shape, figures.c.channel, figures.c.opened, figures.c.closed)
    found: dict[date, Day] = {}
    for part in _chunks(list(spans)):
        asked = _asked(part, scope, {shapes["total"], shapes["channel"]})
        for span, form, channel, opened, closed in connection.execute(select(*columns).where(*asked)):
            on = date.fromisoformat(span if is_by_day else f"{span[:7]}-01")
            day, sign = found.setdefault(on, Day(on)), spans[span]
            if form == shapes["total"]:
                day.opened += sign * opened
                day.closed += sign * closed
            if form == shapes["channel"] and opened:
                day.by_channel[channel] += sign * opened
    return found


def _asked(spans: Sequence[str], scope: Group, shapes: Iterable[str]) -> list[Any]:
    asked: list[Any] = [figures.c.span.in_(spans), figures.c.shape.in_(sorted(shapes))]
    if scope.channel != ALL:
        asked.append(figures.c.channel == scope.channel)
    if scope.team != ALL:
        asked.append(figures.c.team == scope.team)
    return asked


def oldest(connection: Connection, scope: Group) -> datetime | None:
    """When the oldest complaint of `scope` that is not closed now was opened."""
    asked = [
        column == name
        for column, name in ((tickets.c.channel, scope.channel), (tickets.c.team, scope.team))
        if name != ALL
    ]
    statement = select(tickets.c.opened_at).where(_UNCLOSED, *asked).order_by(tickets.c.opened_at).limit(1)
    return connection.execute(statement).scalar()


def _chunks(found: Sequence[T]) -> Iterator[Sequence[T]]:
    for at in range(0, len(found), CHUNK):
        yield found[at : at + CHUNK]
