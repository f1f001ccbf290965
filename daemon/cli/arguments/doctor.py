"""The arguments of `doctor`."""

from __future__ import annotations

import argparse


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--send",
        action="store_true",
        help="also send a mail to a sub-address of the mailbox, and see it come back",
    )
    parser.set_defaults(run="doctor.run")
