"""The arguments of `tickets`: looking, acting for a customer on the phone, and files."""

from __future__ import annotations

import argparse
from pathlib import Path

from daemon.cli.context import whole_number
from daemon.workflow.vocabulary import (
    CATEGORIES,
    CHANNELS,
    LANGUAGES,
    ORDERED_CLOSE_REASONS,
    SAID_KINDS,
    STATES,
)


def add_list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--limit", type=whole_number, metavar="N", help="only the newest N")
    parser.add_argument("--find", metavar="TEXT", help="a number, a request, a name, an address, words of it")
    parser.add_argument("--state", choices=STATES, help="only those in that state")
    parser.add_argument("--late", action="store_true", help="only those whose time is over")
    parser.add_argument("--escalated", action="store_true", help="only those whose escalation is open")
    parser.set_defaults(run="tickets.list_tickets")


def add_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", metavar="N")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--deadlines", action="store_true", help="also how each was computed, day by day")
    parser.set_defaults(run="ticket.show")


def add_open(parser: argparse.ArgumentParser) -> None:
    from daemon.front_desk import LONGEST_AGO  # only this command needs it

    parser.add_argument("--channel", required=True, choices=[one for one in CHANNELS if one != "email"])
    _add_text(parser, required=True)
    parser.add_argument("--request", metavar="NUMBER", help="number of the request on Furas")
    parser.add_argument("--category", choices=CATEGORIES)
    parser.add_argument(
        "--language", choices=LANGUAGES, help="of our messages; default: as the text is written"
    )
    parser.add_argument("--name", default="")
    parser.add_argument("--phone", help="the customer's mobile; SMS go to Saudi ones")
    parser.add_argument("--email", help="where answers go")
    parser.add_argument("--handle", metavar="NAME", help="the customer's account on X")
    times = f"ISO 8601 with offset, or HH:MM today, at most {LONGEST_AGO.days} days ago; default: now"
    parser.add_argument("--contacted", metavar="TIME", help=f"when they first spoke: {times}")
    parser.add_argument("--first-response-at", metavar="TIME", help=f"when they were answered: {times}")
    parser.set_defaults(run="agents.open_ticket")


def add_words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", metavar="N")
    parser.add_argument("--kind", required=True, choices=SAID_KINDS)
    _add_text(parser, required=False)
    parser.add_argument("--request", metavar="NUMBER", help="the request number, if they give it now")
    parser.set_defaults(run="agents.say")


def add_escalate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", metavar="N")
    _add_text(parser, required=False)
    parser.set_defaults(run="agents.say", kind="escalation", request=None)


def add_note(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", metavar="N")
    parser.add_argument("--text", required=True, metavar="TEXT", help='the note; "-" reads standard input')
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="agents.note")


def add_merge(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", metavar="N")
    parser.add_argument("into", metavar="INTO")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="agents.merge")


def add_close(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", metavar="N")
    parser.add_argument("--reason", required=True, choices=ORDERED_CLOSE_REASONS)
    parser.add_argument("--text", default="", metavar="TEXT", help="goes to the customer")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="agents.close")


def add_attachment(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="our name for it, as `tickets show` prints it")
    parser.add_argument("--output", metavar="FILE", help="a new file; by default to the standard output")
    parser.add_argument(
        "--withheld", action="store_true", help="also one that is infected, blocked or was not scanned"
    )
    parser.set_defaults(run="files.give")


def _add_text(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument(
        "--text", required=required, default="", metavar="TEXT", help='their words; "-" reads standard input'
    )
    parser.add_argument("--json", action="store_true", help="one JSON document")


def add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", metavar="N")
    parser.add_argument("--to", type=Path, metavar="FILE", help="default: N.evidence.tar, here")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="evidence.export")


def add_verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--key", metavar="HEX", help="the public key that must have signed it")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="evidence.verify")
