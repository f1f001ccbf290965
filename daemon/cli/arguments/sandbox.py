"""The arguments of `sandbox`."""

from __future__ import annotations

import argparse

DAYS_IN_S = 60.0
"""DESIGN §4: `--fast` compresses business days; ten of them into about a minute."""


def add(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Starts a mail server, an SMS console, a database and the real daemon on this machine, "
        "plays complaints through them and tells what happens. Nothing leaves the machine."
    )
    parser.add_argument(
        "--keep",
        action="store_true",
        help="leave it running after the play, with its addresses and its folder",
    )
    parser.add_argument(
        "--fast",
        nargs="?",
        type=_seconds,
        const=DAYS_IN_S,
        metavar="SECONDS",
        help=f"then let ten business days pass in about {DAYS_IN_S:.0f} seconds, or in SECONDS",
    )
    parser.set_defaults(run="sandbox.sandbox")


def _seconds(text: str) -> float:
    value = float(text)
    if not 2 <= value <= 3600:
        raise argparse.ArgumentTypeError("must be from 2 to 3600 seconds")
    return value
