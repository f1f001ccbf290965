"""The arguments of `db`."""

from __future__ import annotations

import argparse
from pathlib import Path

from daemon.cli.context import whole_number


def add(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    upgrading = actions.add_parser("upgrade", help="bring the tables to this program's version")
    upgrading.add_argument("--json", action="store_true", help="one JSON document")
    upgrading.set_defaults(run="database_commands.upgrade")
    checking = actions.add_parser("check", help="version, shape, integrity, the audit; exit 1 if one fails")
    checking.add_argument("--json", action="store_true", help="one JSON document")
    checking.set_defaults(run="database_commands.check")
    _add_backup(actions.add_parser("backup", help="one archive of the database and the files, while it runs"))
    _add_restore(actions.add_parser("restore", help="bring a backup back; it comes up with sending on hold"))
    reconciling = actions.add_parser(
        "reconcile", help="whether rows and mailbox agree; exit 1 where anything does not add up"
    )
    reconciling.add_argument("--json", action="store_true", help="one JSON document")
    reconciling.set_defaults(run="database_commands.reconcile")


def _add_backup(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("to", type=Path, nargs="?", metavar="PATH", help="a file, or a folder for a new one")
    parser.add_argument("--to", type=Path, dest="to_option", metavar="PATH", help="the same")
    parser.add_argument(
        "--key", action="append", metavar="AGE1…", help="encrypt to this public key; may be given again"
    )
    parser.add_argument("--keep", type=whole_number, metavar="N", help="of the folder only the newest N stay")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="backups.backup")


def _add_restore(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help="the backup")
    parser.add_argument(
        "--in-place",
        action="store_true",
        help="the database that stands there came from a continuous copy: hold it, and let it catch up",
    )
    parser.add_argument("--identity", type=Path, metavar="FILE", help="the secret key of an encrypted one")
    parser.add_argument(
        "--without-mailbox",
        action="store_true",
        help="the mailbox is gone too: look for nothing there before the hold may be released",
    )
    parser.add_argument(
        "--replace",
        action="store_true",
        help="also over data: it is put aside (SQLite) or replaced",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="backups.restore")
