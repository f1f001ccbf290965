"""The commands `db upgrade` and `db check`."""

from __future__ import annotations

import argparse

from daemon.cli.context import CommandFailed, Context, print_line
from daemon.store import migrations
from daemon.store.database import Database


def add(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    actions.add_parser("upgrade", help="bring the tables to this program's version").set_defaults(run=upgrade)
    actions.add_parser("check", help="version, shape and integrity").set_defaults(run=check)


def upgrade(context: Context, arguments: argparse.Namespace) -> int:
    database = _open(context)
    try:
        before, after = migrations.upgrade(database)
    finally:
        database.close()
    print_line(
        f"the database is at version {after}" + ("" if before == after else f" (was {before or 'empty'})")
    )
    return 0


def check(context: Context, arguments: argparse.Namespace) -> int:
    database = _open(context)
    try:
        migrations.ensure(database)
        wrong = migrations.drift(database) + migrations.integrity(database)
    finally:
        database.close()
    if wrong:
        raise CommandFailed("the database is not as it should be: " + "; ".join(wrong))
    print_line(f"version {migrations.HEAD}, shape and integrity are as they should be")
    return 0


def _open(context: Context) -> Database:
    """Without the version check: these commands are what an old version is told to run."""
    context.config.service.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Database(context.config.database_url)
