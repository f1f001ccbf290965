"""The one life of inbox and outbox rows.

A row is `queued` until its `due_at`, then `claimed` by a living process, and then settled for good, put off
to a later `due_at`, or given back. A claim is a conditional UPDATE: the process whose UPDATE changes the row
has the row. What a dead process held is released. A row whose wait is longer than any that we set is due at
once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    Update,
    bindparam,
    func,
    literal,
    literal_column,
    select,
    update,
)

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

MOST_ERROR_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Later:
    """A row to be tried again at `due_at`, and why; not counted as an attempt where it is not at fault."""

    row_id: int
    error: str
    due_at: datetime
    is_attempt: bool = True


class Rows:
    """The rows of one table that live this life: it has the columns id, state, due_at, attempts, claimed_by
    and last_error. `when_released` are values that a row gets besides when its holder died."""

    def __init__(self, table: Table, when_released: Mapping[str, Any] | None = None) -> None:
        self._table = table
        self._when_released = dict(when_released or {})

    # --- statements, to be built once ----------------------------------------------------------------

    def due(
        self,
        *columns: ColumnElement[Any],
        where: Sequence[ColumnElement[bool]] = (),
        order: Sequence[ColumnElement[Any]] = (),
    ) -> Select[Any]:
        """The rows that are due at `now`, at most `most` of them, in the order of the columns `order`, else
        oldest first. On PostgreSQL they are locked, and those that another process is about to claim are
        passed over."""
        table = self._table
        return (
            select(*columns)
            .where(
                table.c.state == "queued",
                table.c.due_at <= bindparam("now", type_=table.c.due_at.type),
                *where,
            )
            .order_by(*order, table.c.due_at, table.c.id)
            .limit(bindparam("most"))
            .with_for_update(skip_locked=True)
        )

    def claiming(self, ids: Any) -> Update:
        """Claim for `owner` those of `ids` that are still queued: one attempt more."""
        table = self._table
        return (
            update(table)
            .where(table.c.id.in_(ids), _in_no_index(table.c.state) == "queued")
            .values(state="claimed", claimed_by=bindparam("owner"), attempts=table.c.attempts + literal(1))
        )

    def claiming_found(self, due: Select[Any]) -> Update:
        """Claim what `due` finds, which becomes a table of its own: where PostgreSQL joins row by row, a
        subquery is asked again for each row, finds others each time (those before are locked), and its limit
        limits nothing."""
        return self.claiming(select(due.cte("due").c.id))

    def settling(self) -> Update:
        """Let go of the row `row_id`, if `row_owner` still holds it."""
        table = self._table
        return (
            update(table)
            .where(table.c.id == bindparam("row_id"), table.c.claimed_by == bindparam("row_owner"))
            .values(claimed_by=None)
        )

    # --- what a row's holder does ----------------------------------------------------------------------

    def put_off(self, connection: Connection, owner: str, later: Later, **values: Any) -> None:
        """Give one row back to be tried later; nothing where `owner` does not hold it any more."""
        table = self._table
        if not later.is_attempt:
            values["attempts"] = table.c.attempts - literal(1)
        connection.execute(
            update(table)
            .where(table.c.id == later.row_id, table.c.claimed_by == owner)
            .values(
                state="queued",
                claimed_by=None,
                due_at=later.due_at,
                last_error=later.error[:MOST_ERROR_CHARACTERS],
                **values,
            )
        )

    def give_back(self, connection: Connection, owner: str, now: datetime) -> int:
        """Free what `owner` itself could not finish because the store failed: no fault of the rows, and no
        attempt. Returns how many rows."""
        table = self._table
        return self._free(
            connection, now, table.c.claimed_by == owner, attempts=table.c.attempts - literal(1)
        )

    # --- what others do with it ------------------------------------------------------------------------

    def put_back(
        self,
        connection: Connection,
        row_id: int,
        now: datetime,
        *conditions: ColumnElement[bool],
        **values: Any,
    ) -> bool:
        """Queue a settled or waiting row afresh, all its attempts before it. False where `conditions` do not
        hold."""
        table = self._table
        result = connection.execute(
            update(table)
            .where(table.c.id == row_id, *conditions)
            .values(state="queued", due_at=now, attempts=0, claimed_by=None, **values)
        )
        return result.rowcount == 1

    def claimants(self, connection: Connection) -> set[str]:
        """The names of all who hold rows."""
        table = self._table
        rows = connection.execute(select(table.c.claimed_by).where(table.c.state == "claimed").distinct())
        return {row.claimed_by for row in rows}

    def release_claims(
        self, connection: Connection, owners: Iterable[str], now: datetime, *conditions: ColumnElement[bool]
    ) -> int:
        """Free what dead processes held. Returns how many rows."""
        is_theirs = self._table.c.claimed_by.in_(list(owners))
        return self._free(connection, now, is_theirs, *conditions, **self._when_released)

    def forget_the_future(self, connection: Connection, now: datetime, longest: timedelta) -> int:
        """Rows that wait longer than any wait of ours: the clock was set back. They are due at once. Returns
        how many."""
        table = self._table
        waits = (table.c.state == "queued") & (table.c.due_at > now + longest)
        return connection.execute(update(table).where(waits).values(due_at=now)).rowcount

    def next_due(self, connection: Connection) -> datetime | None:
        """When the next row falls due, None where none is queued."""
        table = self._table
        found: datetime | None = connection.execute(
            select(func.min(table.c.due_at)).where(table.c.state == "queued")
        ).scalar()
        return found

    def _free(
        self, connection: Connection, now: datetime, *conditions: ColumnElement[bool], **values: Any
    ) -> int:
        table = self._table
        result = connection.execute(
            update(table)
            .where(table.c.state == "claimed", *conditions)
            .values(state="queued", claimed_by=None, due_at=now, **values)
        )
        return result.rowcount


def _in_no_index(column: ColumnElement[str]) -> ColumnElement[str]:
    """The column in words in which no index is known: where PostgreSQL has no statistics, or old ones, it
    would walk all that waits by an index of the state in place of looking each row up."""
    return column + literal_column("''")


def columns(
    table: Table, of: type[DataclassInstance], *, without: Collection[str] = ()
) -> list[ColumnElement[Any]]:
    """The columns of `table` that the fields of the dataclass `of` are named after, in their order."""
    return [table.c[field.name] for field in fields(of) if field.name not in without]
