"""The arguments of `doctor`."""

from __future__ import annotations

import argparse


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--send",
        action="store_true",
        help="also send a mail to a sub-address of the mailbox, and see it come back",
    )
    parser.add_argument(
        "--unit",
        metavar="NAME",
        nargs="?",
        const="shakwa.service",
        help="with the credentials of that unit of systemd and as its user, before its first start too; "
        "alone it is shakwa.service",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="doctor.run")
