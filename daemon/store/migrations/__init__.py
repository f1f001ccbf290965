"""The versions of the schema: Alembic revisions in `versions/`, and the question which one a database has.
It needs no alembic.ini, so an operator has none to keep."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from daemon import invocation, resources
from daemon.store.database import Database, SchemaOutdated, StoreError, translated
from daemon.store.schema import metadata

if TYPE_CHECKING:
    from alembic.config import Config as AlembicConfig

HEAD = "0009"
"""The newest revision in `versions/`; a test keeps it true. Known without loading Alembic, so that a
command which only looks something up starts quickly."""

FOLDERS = (resources.migrations() / "versions",)
"""Where revisions are looked for; a test adds one of its own."""


def _alembic() -> AlembicConfig:
    from alembic.config import Config as AlembicConfig

    config = AlembicConfig()
    # "%" would be an interpolation to the config parser.
    config.set_main_option("script_location", str(resources.migrations()).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(map(str, FOLDERS)).replace("%", "%%"))
    return config


def known() -> list[str]:
    """Every revision in `versions/`, the newest first."""
    from alembic.script import ScriptDirectory

    return [script.revision for script in ScriptDirectory.from_config(_alembic()).walk_revisions()]


def current(connection: Connection) -> str | None:
    """The database's revision, None for one without tables of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def ensure(database: Database) -> None:
    """Make the tables of an empty database; refuse another version than ours.

    Raises SchemaOutdated with the command to run, StoreUnavailable.
    """
    # A plain read first: the usual start takes no write lock.
    found = database.read_now(lambda connection: (current(connection), bool(_tables(connection))))
    revision, has_tables = found
    if revision == HEAD:
        return
    if revision is None and not has_tables:
        upgrade(database)
        return
    if revision is not None and revision not in known():
        raise SchemaOutdated(f"the database is of a newer version ({revision}) than this program")
    raise SchemaOutdated(
        f"the database is of an older version: stop every daemon, then run `{invocation.name()} db upgrade`"
    )


class BrokenReferences(StoreError):
    """A revision would have torn rows from what they belong to; it was undone."""


@contextlib.contextmanager
def _unguarded(database: Database) -> Iterator[Connection]:
    """A connection on which SQLite enforces no foreign keys. To alter a column Alembic copies the table and
    drops the old one, and with keys enforced that deletes every row that hangs on it (ON DELETE CASCADE).
    The pragma does nothing inside a transaction, so it comes before."""
    with database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        if not database.is_sqlite:
            yield connection
            return
        assert raw is not None
        raw.execute("PRAGMA foreign_keys=OFF")
        try:
            yield connection
        finally:
            raw.execute("PRAGMA foreign_keys=ON")


def upgrade(database: Database, target: str = "head") -> tuple[str | None, str]:
    """Bring the database to our version, in one transaction. Returns the revisions before and after.

    Raises StoreUnavailable, and BrokenReferences where a revision would leave rows that refer to nothing.
    """
    from alembic import command

    try:
        with _unguarded(database) as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                # Two daemons starting on an empty database make its tables once.
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7340032)")
            before = current(connection)
            config = _alembic()
            config.attributes["connection"] = connection
            command.upgrade(config, target)
            if database.is_sqlite and (
                broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            ):
                raise BrokenReferences(f"{len(broken)} rows would refer to nothing; nothing was changed")
            return before, HEAD
    except DBAPIError as error:
        raise translated(error) from error


def _tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) & set(metadata.tables)


def drift(database: Database) -> list[str]:
    """How the tables differ from what this program expects; empty when they do not."""

    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    def compare(connection: Connection) -> list[str]:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        return [str(difference) for difference in compare_metadata(context, metadata)]

    return database.read_now(compare)


def integrity(database: Database) -> list[str]:
    """What SQLite itself finds wrong in its file; empty when nothing is, and on PostgreSQL."""
    if not database.is_sqlite:
        return []

    def ask(connection: Connection) -> list[str]:
        found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check(20)")]
        found += [
            f"row {row[1]} of {row[0]} refers to nothing in {row[2]}"
            for row in connection.exec_driver_sql("PRAGMA foreign_key_check")
        ]
        return [line for line in found if line != "ok"]

    return database.read_now(ask)
