"""The arguments of `canary`."""

from __future__ import annotations

import argparse

WAIT_S = 120


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--timeout", type=_seconds, default=WAIT_S, metavar="SECONDS", help="how long to wait"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="canary.run")


def _seconds(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 3600:
        raise argparse.ArgumentTypeError("must be seconds from 1 to 3600")
    return int(text)
