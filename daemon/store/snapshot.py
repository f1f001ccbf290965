"""Makes a consistent copy of the database in an SQLite file of its own, while daemons go on writing.

The copy is never written back, so its owner may change it freely.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, LargeBinary, Table, event, func, insert, select
from sqlalchemy.exc import DBAPIError

from daemon.store import migrations
from daemon.store.database import Database, StoreUnavailable, translated
from daemon.store.schema import metadata, raw_mails
from daemon.store.version_tables import schema_floor

Progress = Callable[[float], None]
"""Told from time to time which share of the whole is done, 0 to 1."""

PAGES = 2000
ROWS = 1000


def take(url: str, target: Path, on_progress: Progress = lambda share: None) -> Database:
    """Copy the database at `url` into the new SQLite file `target` and open that.

    What no decision of the desk needs is left out where that is cheap: from PostgreSQL the raw mails and
    the frozen bytes of what was sent. Raises StoreUnavailable, SchemaOutdated.
    """
    if url.startswith("sqlite"):
        back_up(Path(url.removeprefix("sqlite:///")), target, on_progress)
        copy = _opened(target)
    else:
        copy = _opened(target)
        try:
            _copy_rows(url, copy, on_progress)
        except BaseException:
            copy.close()
            raise
    return copy


def _opened(target: Path) -> Database:
    """The copy, which no power failure need spare: its commits are not waited for."""
    copy = Database(f"sqlite:///{target}")

    @event.listens_for(copy.engine, "connect")
    def hurry(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    try:
        migrations.ensure(copy)
    except BaseException:
        copy.close()
        raise
    return copy


def back_up(source: Path, target: Path, on_progress: Progress = lambda share: None) -> None:
    """SQLite's online backup. Its reader holds one snapshot from the first page to the last: in WAL mode
    writers go on beside it, and nothing of theirs makes it start over. Raises StoreUnavailable."""
    if not source.exists():
        raise StoreUnavailable(f"there is no database yet at {source}")

    def tell(_: int, remaining: int, total: int) -> None:
        on_progress(1 - remaining / total if total else 1.0)

    try:
        with (
            closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True, isolation_level=None)) as live,
            closing(sqlite3.connect(target)) as copy,
        ):
            live.execute("BEGIN")
            live.execute("SELECT count(*) FROM sqlite_master").fetchone()
            live.backup(copy, pages=PAGES, progress=tell)
    except sqlite3.Error as error:
        raise StoreUnavailable(f"no copy of the database: {error}") from error


def _copy_rows(url: str, copy: Database, on_progress: Progress) -> None:
    """PostgreSQL: every table out of one read-only REPEATABLE READ transaction, in batches."""
    source = Database(url)
    try:
        if source.read_now(migrations.current) is None:
            raise StoreUnavailable("there are no tables yet in the database")
        migrations.ensure(source)  # with tables there it only looks at their version
        with (
            source.engine.connect().execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            ) as live,
            live.begin(),
        ):
            copy.transact_now(_fill, live, on_progress)
    except DBAPIError as error:
        raise translated(error) from error
    finally:
        source.close()


def _fill(writing: Connection, live: Connection, on_progress: Progress) -> None:
    own = (raw_mails, schema_floor)  # the copy has its own version
    tables = [table for table in metadata.sorted_tables if table not in own]
    total = sum(live.execute(select(func.count()).select_from(table)).scalar_one() for table in tables)
    done = 0
    # A row may refer to a later one of its own table (tickets.merged_into).
    writing.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
    for table in tables:
        rows = live.execute(select(*_columns(table)), execution_options={"yield_per": ROWS})
        for batch in rows.mappings().partitions():
            writing.execute(insert(table), [dict(row) for row in batch])
            done += len(batch)
            on_progress(done / total)


def _columns(table: Table) -> list[Any]:
    return [column for column in table.columns if not isinstance(column.type, LargeBinary)]
