"""The arguments of `audit`."""

from __future__ import annotations

import argparse
from pathlib import Path

from daemon.cli.context import whole_number


def add_list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--limit", type=whole_number, metavar="N", help="only the newest N")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="audit.list_entries")


def add_verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--head", metavar="LINK", default="", help="a head that left the machine: it must be in the chain"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--file", type=Path, metavar="FILE", help="of an export, without the database")
    parser.set_defaults(run="audit.verify")


def add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--to", type=Path, metavar="FILE", help="default: the standard output")
    parser.set_defaults(run="audit.export")
