"""The arguments of `templates`."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path

CHANNELS = ("email", "sms", "page")


def add_list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="templates.list_texts")


def add_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="only this text; default: all")
    parser.add_argument("--channel", choices=CHANNELS)
    parser.add_argument("--language", choices=("ar", "en"))
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="templates.check")


def add_preview(parser: argparse.ArgumentParser) -> None:
    _add_shown(parser)
    parser.add_argument("--as", dest="form", choices=("text", "html", "json"), default="text")
    parser.add_argument(
        "--json", dest="form", action="store_const", const="json", help="one JSON document: --as json"
    )
    parser.set_defaults(run="templates_shown.preview")


def add_test_send(parser: argparse.ArgumentParser) -> None:
    _add_shown(parser)
    parser.add_argument(
        "--to", metavar="ADDRESS", default="", help="a real mail goes there; default: service.operator"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="templates_shown.test_send")


def add_history(parser: argparse.ArgumentParser) -> None:
    _add_name(parser)
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="templates.history")


def add_diff(parser: argparse.ArgumentParser) -> None:
    _add_name(parser)
    parser.add_argument(
        "revisions",
        metavar="REVISION",
        nargs="*",
        help="one: against the one before it; two: from the first to the second; none: what is in force",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="templates.diff")


def add_rollback(parser: argparse.ArgumentParser) -> None:
    _add_name(parser)
    parser.add_argument("revision", metavar="REVISION", help="as `templates history` shows it")
    _add_writer(parser)
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="templates_acts.rollback")


def add_save(parser: argparse.ArgumentParser) -> None:
    _add_name(parser)
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument(
        "--begun-from", metavar="REVISION", default="", help="stop if the text is another by now"
    )
    parser.add_argument(
        "--over", metavar="REVISION", default="", help="take the place of that revision, which waits"
    )
    parser.add_argument("--at", type=_instant, metavar="TIME", help="in force from then on; 2026-12-01T08:00")
    _add_writer(parser)
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="templates_acts.save")


def add_off(parser: argparse.ArgumentParser) -> None:
    _add_switched(parser)
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="templates_switches.off")


def add_on(parser: argparse.ArgumentParser) -> None:
    _add_switched(parser)
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="templates_switches.on")


def add_approve(parser: argparse.ArgumentParser) -> None:
    _add_name(parser)
    parser.add_argument("revision", metavar="REVISION")
    parser.add_argument("--by", metavar="NAME", default="", help="who approves; default: your account")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run="templates_acts.approve")


def _add_name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="as `templates list` shows it: closed, closed.duplicate")
    parser.add_argument("--channel", choices=CHANNELS, help="default: e-mail where there is one")
    parser.add_argument("--language", choices=("ar", "en"), help="default: service.language")


def _add_writer(parser: argparse.ArgumentParser) -> None:
    """Who does it, and why."""
    parser.add_argument("--why", metavar="TEXT", default="", help="stands in the history")
    parser.add_argument("--by", metavar="NAME", default="", help="who does it; default: your account")


def _add_shown(parser: argparse.ArgumentParser) -> None:
    _add_name(parser)
    parser.add_argument("--sample", metavar="SAMPLE", default="usual", help="its values; default: usual")


def _add_switched(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="of a notification: joined, in_progress")
    _add_writer(parser)


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a time like 2026-12-01T08:00, not {text!r}") from None
