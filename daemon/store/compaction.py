"""Writes the database anew, so that nothing of what was deleted is left in any byte of its files.

SQLite keeps deleted rows in pages that are free, and the write-ahead log keeps pages as they were before.
PostgreSQL keeps dead rows, and samples of columns in its statistics; its write-ahead log and base backups
are the operator's (docs/PRIVACY.md).
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, ProgrammingError

from daemon.store.database import Database, StoreUnavailable, translated
from daemon.store.schema import metadata

PATIENCE_S = 60.0
"""So long a reader or a writer beside us is waited for."""
_PAUSE_S = 0.1


def compact(database: Database) -> None:
    """Raises StoreUnavailable: where others hold the database, it is to be done again."""
    if database.path is not None:
        _rewrite_file(str(database.path))
    else:
        _rewrite_tables(database.engine)


def _rewrite_file(path: str) -> None:
    with closing(sqlite3.connect(path, timeout=PATIENCE_S, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA secure_delete=ON")
            connection.execute("VACUUM")
        except sqlite3.Error as error:
            raise StoreUnavailable(f"the file cannot be written anew now: {error}") from error
        _empty_log(connection)


def _empty_log(connection: sqlite3.Connection) -> None:
    """Readers of an old state keep the log; they are waited for."""
    give_up_at = time.monotonic() + PATIENCE_S
    while True:
        is_busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not is_busy:
            return
        if time.monotonic() > give_up_at:
            raise StoreUnavailable("somebody reads an old state of the database: its log cannot be emptied")
        time.sleep(_PAUSE_S)


def _rewrite_tables(engine: Engine) -> None:
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in metadata.sorted_tables:
                connection.exec_driver_sql(f'VACUUM (FULL, ANALYZE) "{table.name}"')
            try:
                connection.exec_driver_sql("VACUUM FULL pg_catalog.pg_statistic")
            except ProgrammingError as error:
                raise StoreUnavailable(
                    "the statistics are written anew by the owner of the database alone: "
                    "VACUUM FULL pg_catalog.pg_statistic"
                ) from error
    except DBAPIError as error:
        raise translated(error) from error
