"""The arguments of `privacy`: a person's data out or gone, what is too old, and what must be kept."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_erase(parser: argparse.ArgumentParser) -> None:
    _add_person(parser)
    parser.add_argument(
        "--dry-run", action="store_true", help="show what would be erased, and change nothing"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask at the terminal")
    parser.add_argument(
        "--force", action="store_true", help="also what is not closed: it ends as withdrawn, nobody is told"
    )
    parser.add_argument(
        "--mailbox", action="store_true", help="remove the copies on the mail server too; default: list them"
    )
    _add_by(parser)
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="privacy.erase")


def add_export(parser: argparse.ArgumentParser) -> None:
    _add_person(parser)
    parser.add_argument(
        "--output",
        "-o",
        type=Path,
        metavar="FILE.zip",
        help="the archive; must not exist yet; default: export-DATE.zip, here",
    )
    parser.add_argument("--dry-run", action="store_true", help="show what there is, and write nothing")
    parser.add_argument("--by", metavar="NAME", help="who does it; default: your account")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="privacy_export.export")


def add_retention(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="count what is too old, and remove nothing")
    parser.add_argument("--by", metavar="NAME", help="who does it; default: your account")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="privacy_retention.retire")


def add_hold(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what", metavar="TICKET|PERSON", help="a complaint's number, an address, a mobile or @name"
    )
    parser.add_argument("--why", required=True, metavar="TEXT", help="kept with the hold")
    parser.add_argument("--by", metavar="NAME", help="who does it; default: your account")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="privacy_holds.hold")


def add_unhold(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="TICKET|PERSON", help="as it was held")
    parser.add_argument("--why", default="", metavar="TEXT", help="kept with the hold")
    parser.add_argument("--by", metavar="NAME", help="who does it; default: your account")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="privacy_holds.unhold")


def add_holds(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="privacy_holds.list_holds")


def _add_person(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "person",
        nargs="+",
        metavar="PERSON",
        help="an address, a mobile or an account (@name), in any spelling; several of one person",
    )
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="N",
        help="a complaint that the list shows and that is another's; can be repeated",
    )


def _add_by(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--why", default="", metavar="TEXT", help="kept in the audit; must not name the person"
    )
    parser.add_argument("--by", metavar="NAME", help="who does it; default: your account")
