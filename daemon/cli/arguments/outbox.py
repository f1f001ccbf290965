"""The arguments of `outbox`: looking, and acting on one message or many."""

from __future__ import annotations

import argparse

from daemon.cli.context import whole_number
from daemon.workflow.vocabulary import DELIVERY_CHANNELS

STATES = ("queued", "claimed", "sent", "failed", "held", "cancelled", "suppressed")


def add_list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--state", choices=STATES)
    parser.add_argument("--limit", type=whole_number, metavar="N", help="only the newest N")
    _add_choice(parser)
    parser.set_defaults(run="outbox.list_rows")


def add_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", type=whole_number, metavar="ID")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--raw", action="store_true", help="the very bytes that are sent, nothing else")
    parser.set_defaults(run="outbox.show")


def add_retry(parser: argparse.ArgumentParser) -> None:
    _add_ids(parser)
    parser.add_argument("--failed", action="store_true", help="every failed one")
    parser.add_argument("--all", action="store_true", help="every failed or waiting one")
    _add_why(parser)
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="outbox_acts.retry")


def add_cancel(parser: argparse.ArgumentParser) -> None:
    _add_ids(parser)
    parser.add_argument("--all", action="store_true", help="every one that is not sent and not on its way")
    _add_why(parser)
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="outbox_acts.cancel")


def add_hold(parser: argparse.ArgumentParser) -> None:
    _add_ids(parser)
    parser.add_argument("--all", action="store_true", help="everything; the same as naming nothing")
    _add_why(parser)
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="outbox_acts.hold")


def add_release(parser: argparse.ArgumentParser) -> None:
    _add_ids(parser)
    parser.add_argument("--all", action="store_true", help="end every hold")
    _add_why(parser)
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="outbox_acts.release")


def _add_choice(parser: argparse.ArgumentParser) -> None:
    """The options that choose messages, for every command of the family."""
    parser.add_argument("--ticket", metavar="N", help="those of one complaint")
    parser.add_argument("--channel", choices=DELIVERY_CHANNELS)
    parser.add_argument("--gateway", metavar="NAME", help="those that go by it: smtp, or the SMS gateway")
    parser.add_argument("--kind", metavar="NAME", help="those of one notification, such as survey")


def _add_ids(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ids", type=whole_number, nargs="*", metavar="ID")
    _add_choice(parser)


def _add_why(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--why", metavar="TEXT", help="kept with what is done")
    parser.add_argument("--by", metavar="NAME", help="who does it; default: your account")
