"""Opens the database that the configuration names; a command that only asks the store loads no rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.store import migrations, under_way
from daemon.store.database import Database, StoreError

if TYPE_CHECKING:
    from daemon.config import Config


class RestoreUnderWay(StoreError):
    """The database was put in its place, and not all of what a restore does was done to it."""


def open_database(config: Config) -> Database:
    """The database, made if it is empty. Raises SchemaOutdated, StoreUnavailable, RestoreUnderWay."""
    config.service.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = Database(config.database_url)
    try:
        migrations.ensure(database)
        if database.read_now(under_way.is_it):
            raise RestoreUnderWay(
                "a restore of this database has not come to its end: run `db restore` again"
            )
    except BaseException:
        database.close()
        raise
    return database
