"""The arguments of `report`. A test holds that each format can be written."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from daemon.cli import periods

FORMATS = ("text", "csv", "html")


def add(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Figures of a period, by default of the last full month. --from alone: from then until "
        "now; --to alone: from the first day of that month. The backlog is always the present one."
    )
    when: dict[str, Any] = {"type": periods.day_or_instant, "metavar": "DATE"}
    parser.add_argument("--from", dest="since", help="a day (from 00:00) or an instant", **when)
    parser.add_argument("--to", dest="until", help="a day (until 24:00) or an instant", **when)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--format", choices=FORMATS, default="text", help="default: text")
    how.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument(
        "--shadow",
        action="store_true",
        help="what would have been sent in shadow mode, instead of the figures; text, csv or JSON",
    )
    parser.add_argument(
        "--sent",
        nargs="?",
        const="Sent",
        metavar="FOLDER",
        help="with --shadow: beside what the team really sent, as that folder of the mailbox shows it (Sent "
        "where none is named); the folder is only read",
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="write it there instead")
    parser.set_defaults(run="report.run", wrong_use=parser.error)
