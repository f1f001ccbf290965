"""The arguments of `simulate`."""

from __future__ import annotations

import argparse
from typing import Any

from daemon.cli import periods


def add(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Runs the coming deadlines of a temporary copy of the database on a clock that jumps. "
        "Assumes that every message is accepted at once and that nobody writes anything. "
        "The database itself is only read, also while the daemon runs. "
        "What lies between now and a later --from is run too, and only counted."
    )
    when: dict[str, Any] = {"type": periods.day_or_instant, "metavar": "DATE"}
    parser.add_argument("--from", dest="since", help="a day (from 00:00) or an instant; default: now", **when)
    parser.add_argument("--to", dest="until", required=True, help="a day (until 24:00) or an instant", **when)
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--show-recipients", action="store_true", help="addresses and numbers in full")
    parser.set_defaults(run="simulate.simulate", wrong_use=parser.error)
