"""The versions of the schema: Alembic revisions in `versions/`, and the question which one a database has.
It needs no alembic.ini, so an operator has none to keep.

Two releases may share a database while daemons are replaced one by one. A revision that only adds what an
older program does not miss (a table, an index, a column that may be NULL or has a server's default) names in
`oldest_program` the oldest version that may go on; one that says nothing shuts all older ones out. The
database keeps the newest of these floors: an older program that starts meets a revision that it does not
know, reads the floor, and goes on or refuses.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    delete,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError

from daemon import invocation, resources
from daemon.store.database import Database, SchemaOutdated, StoreError, translated
from daemon.store.schema import metadata
from daemon.store.version_tables import schema_floor

if TYPE_CHECKING:
    from alembic.config import Config as AlembicConfig

log = logging.getLogger(__name__)

HEAD = "0027"
"""The newest revision in `versions/`; a test keeps it true. Known without loading Alembic, so that a
command which only looks something up starts quickly."""

FLOOR = "0024"
"""The oldest program that may run on tables of HEAD; a test keeps it true."""

_VERSION = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""As Alembic itself makes it."""

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
        _make(database)
    elif revision is not None and revision not in known():
        _share(database, revision)
    else:
        first = "" if revision is not None and revision >= FLOOR else "stop every daemon, then "
        raise SchemaOutdated(
            f"the database is of an older version: {first}run `{invocation.name()} db upgrade`"
        )


def _share(database: Database, revision: str) -> None:
    """Whether the newer release whose tables these are left them fit for this program. Raises SchemaOutdated,
    StoreUnavailable."""
    floor = database.read_now(_floor, revision)
    if not floor or floor > HEAD:
        raise SchemaOutdated(f"the database is of a newer version ({revision}) than this program")
    log.warning("the database is of a newer version, which this program may share: replace it soon")


def _floor(connection: Connection, revision: str | None) -> str:
    """The oldest program that may run on `revision`; empty where the release that made it did not say."""
    if not inspect(connection).has_table(schema_floor.name):
        return ""
    said = select(schema_floor.c.oldest).where(schema_floor.c.revision == revision)
    return connection.execute(said).scalar() or ""


def _make(database: Database) -> None:
    """The tables of an empty database as `schema` has them, marked as of the newest revision. A test holds
    that the revisions lead to the same; a start need not load Alembic and walk through them.

    Raises SchemaOutdated, StoreUnavailable.
    """
    try:
        with database.engine.begin() as connection:
            _alone(connection)
            if current(connection) is None and not _tables(connection):
                metadata.create_all(connection, checkfirst=False)
                _VERSION.create(connection)
                connection.execute(_VERSION.insert().values(version_num=HEAD))
                connection.execute(schema_floor.insert().values(revision=HEAD, oldest=FLOOR))
    except DBAPIError as error:
        raise translated(error) from error


def _alone(connection: Connection) -> None:
    """Two daemons starting on an empty database make its tables once. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7340032)")


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
            _alone(connection)
            before = current(connection)
            floor = _floor(connection, before)
            config = _alembic()
            config.attributes["connection"] = connection
            command.upgrade(config, target)
            _keep_floor(connection, floor)
            if database.is_sqlite and (
                broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            ):
                raise BrokenReferences(f"{len(broken)} rows would refer to nothing; nothing was changed")
            return before, HEAD
    except DBAPIError as error:
        raise translated(error) from error


def floor_of_known() -> str:
    """The oldest program that may run on what all revisions lead to."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(_alembic()).walk_revisions()
    return max(getattr(script.module, "oldest_program", script.revision) for script in scripts)


def _keep_floor(connection: Connection, before: str) -> None:
    """Who may still run. Never lowered: what an earlier revision shut out stays out."""
    if current(connection) == HEAD and inspect(connection).has_table(schema_floor.name):
        connection.execute(delete(schema_floor))
        connection.execute(schema_floor.insert().values(revision=HEAD, oldest=max(before, floor_of_known())))


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
