"""The commands `db upgrade` and `db check`. `cli.reconciliation` has `db reconcile`."""

from __future__ import annotations

import argparse

from daemon.cli.context import Context, account, print_json, print_line, tell
from daemon.clock import SystemClock
from daemon.store import audit, database_check, migrations
from daemon.store.audit import Deed
from daemon.store.database import Database


def upgrade(context: Context, arguments: argparse.Namespace) -> int:
    database = _open(context)
    try:
        before, after = migrations.upgrade(database)
        if before != after:
            deed = Deed(account(), "database_upgraded", "database", {"from": before, "to": after})
            database.transact_now(audit.record, deed, SystemClock().now())
    finally:
        database.close()
    line = f"the database is at version {after}" + ("" if before == after else f" (was {before or 'empty'})")
    tell(arguments, line, version=after, was=before)
    return 0


def check(context: Context, arguments: argparse.Namespace) -> int:
    """A line for each check; 1 where one finds anything."""
    database = _open(context)
    try:
        found = database_check.all_of(database)
    finally:
        database.close()
    if arguments.json:
        print_json([{"check": one.name, "ok": one.is_ok, "found": list(one.wrong)} for one in found])
    else:
        for one in found:
            print_line(f"{'ok  ' if one.is_ok else 'FAIL'}  {one.name}: {one.told}")
    return 0 if all(one.is_ok for one in found) else 1


def reconcile(context: Context, arguments: argparse.Namespace) -> int:
    from daemon.cli.reconciliation import reconcile as compare  # with it comes the mailbox

    return compare(context, arguments)


def _open(context: Context) -> Database:
    """Without the version check: these commands are what an old version is told to run."""
    context.config.service.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Database(context.config.database_url)
