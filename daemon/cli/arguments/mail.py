"""The arguments of `mail`: what came in, the quarantine, and mailboxes from files."""

from __future__ import annotations

import argparse
from pathlib import Path

from daemon.cli.context import whole_number

STATES = ("queued", "claimed", "done", "quarantined")


def add_list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--state", choices=STATES)
    parser.add_argument("--limit", type=whole_number, metavar="N", help="only the newest N")
    parser.set_defaults(run="mail.list_rows")


def add_show(parser: argparse.ArgumentParser) -> None:
    _add_id(parser)
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--raw", action="store_true", help="its octets as they arrived, nothing else")
    parser.set_defaults(run="mail.show")


def add_explain(parser: argparse.ArgumentParser) -> None:
    _add_id(parser)
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="mail.explain")


def add_replay(parser: argparse.ArgumentParser) -> None:
    _add_id(parser)
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="mail.replay")


def add_release(parser: argparse.ArgumentParser) -> None:
    _add_id(parser)
    parser.add_argument(
        "--as",
        dest="writer",
        metavar="ADDRESS",
        default="",
        help="who wrote it, where the mail does not say so: two From addresses, none, a web form's",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="quarantine.release")


def add_block(parser: argparse.ArgumentParser) -> None:
    _add_id(parser)
    parser.add_argument("--domain", action="store_true", help="block everybody at the sender's domain")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="quarantine.block")


def add_unblock(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("address", metavar="ADDRESS", help="an address or a domain of `mail blocked`")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="quarantine.unblock")


def add_blocked(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="quarantine.list_blocked")


def add_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="FILE|DIR", type=Path, nargs="?")
    parser.add_argument(
        "--mailbox",
        action="store_true",
        help="in place of a file: the old mail of the mailbox, which is left where it lies",
    )
    parser.add_argument(
        "--silent",
        action="store_true",
        help="complaints from when they came, of which nobody is told; implies --at-delivery-date",
    )
    parser.add_argument(
        "--at-delivery-date",
        action="store_true",
        help="they came when the mailbox says they were delivered; default: they come now",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="importing.import_mails")


def add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--jsonl", action="store_true", required=True, help="one JSON line for each mail")
    parser.set_defaults(run="mail.export")


def _add_id(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="its number in `mail list`, its Message-ID or its SHA-256")
