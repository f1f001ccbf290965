"""Opens the database that the configuration names; a command that only asks the store loads no rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.store import migrations
from daemon.store.database import Database

if TYPE_CHECKING:
    from daemon.config import Config


def open_database(config: Config) -> Database:
    """The database, made if it is empty. Raises SchemaOutdated, StoreUnavailable."""
    config.service.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = Database(config.database_url)
    try:
        migrations.ensure(database)
    except BaseException:
        database.close()
        raise
    return database
