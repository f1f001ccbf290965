"""The command `report`: the figures of a period as text, CSV, JSON or a page. No figure names a customer."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from daemon.cli import periods, report_formats
from daemon.cli.context import CommandFailed, Context
from daemon.cli.output import write_octets
from daemon.cli.progress import ProgressLine
from daemon.clock import SystemClock
from daemon.settings import policy_of
from daemon.sms import segments
from daemon.store import reports
from daemon.templating.report_shapes import as_csv
from daemon.workflow.counts import EVERYTHING
from daemon.workflow.figures import Report, report
from daemon.workflow.measures import Case
from daemon.workflow.period import Period, before
from daemon.workflow.policy import Policy

if TYPE_CHECKING:
    from daemon.store.database import Database
    from daemon.workflow.beside import Comparison

MOST_COMMENTS = 200
"""What customers wrote beside their ratings, the newest of it; a period of years would fill a book."""


def run(context: Context, arguments: argparse.Namespace) -> int:
    now = SystemClock().now().astimezone(context.config.service.timezone)
    period = period_of(arguments.since, arguments.until, now)
    if period.start >= period.end:
        arguments.wrong_use("--from must lie before --to, and not after now where it stands alone")
    if arguments.sent is not None and not arguments.shadow:
        arguments.wrong_use("--sent goes with --shadow")
    written = (_shadow if arguments.shadow else _figures)(context, arguments, period, now)
    if arguments.output:
        _put(arguments.output, written)
    else:
        write_octets(written)
    return 0


def _figures(context: Context, arguments: argparse.Namespace, period: Period, now: datetime) -> bytes:
    policy = policy_of(context.config)
    with context.database() as database:
        found = database.read_now(_count, period, policy)
    if arguments.json:
        return report_formats.as_json(found, now, context.stamp, _price(context))
    return FORMATS[arguments.format](context, found, now, policy)


def _shadow(context: Context, arguments: argparse.Namespace, period: Period, now: datetime) -> bytes:
    from daemon.cli import shadow_report
    from daemon.store import shadow

    if arguments.sent is not None and not arguments.sent.strip():
        arguments.wrong_use("--sent: which folder?")
    if arguments.format == "html":
        arguments.wrong_use("--shadow is written as text, csv or JSON")
    with context.database() as database:
        found = database.read_now(
            lambda connection: list(shadow.unsent(connection, period.start, period.end))
        )
        beside = _beside(context, database, arguments.sent, period) if arguments.sent else None
    if arguments.json:
        return shadow_report.as_json(found, period, context.stamp, beside)
    if arguments.format == "csv":
        return shadow_report.as_csv(found, context.stamp, beside)
    return shadow_report.as_text(found, period, context.stamp, beside)


def _beside(context: Context, database: Database, folder: str, period: Period) -> Comparison:
    """What the team really sent, as its folder shows it, beside what would have been sent."""
    import asyncio

    from daemon.cli.sent_folder import sent_in
    from daemon.store import shadow
    from daemon.workflow.beside import compared

    sent = asyncio.run(sent_in(context.config, folder, period))
    came = database.read_now(shadow.read_in, period.start, period.end)
    return compared(came, database.read_now(shadow.meant_for_citizens, period.start, period.end), sent)


def period_of(since: date | datetime | None, until: date | datetime | None, now: datetime) -> Period:
    """The period meant; `now` is in the service's time zone. Without any dates the last full month."""
    zone = now.tzinfo
    assert isinstance(zone, ZoneInfo)
    if since is None and until is None:
        end = datetime(now.year, now.month, 1, tzinfo=zone)
        return Period((end - timedelta(days=1)).replace(day=1), end)
    end = periods.end(until, zone) if until else now
    if since is not None:
        return Period(periods.beginning(since, zone), end)
    last = (end - timedelta(microseconds=1)).astimezone(zone)
    return Period(datetime(last.year, last.month, 1, tzinfo=zone), end)


def _count(connection: Connection, period: Period, policy: Policy) -> Report:
    with closing(ProgressLine()) as progress:

        def counted(part: Period) -> Report:
            return report(said(part), reports.beside(connection, part, billed), part, policy)

        def said(part: Period) -> Iterator[Case]:
            for number, case in enumerate(reports.cases(connection, part), 1):
                progress.show(f"counting: {number} complaints")
                yield case

        progress.show("counting")
        return replace(
            counted(period),
            previous=counted(before(period)).total,
            comments=reports.comments(connection, period, MOST_COMMENTS, EVERYTHING),
        )


def billed(text: str) -> int:
    """Segments of an SMS."""
    return segments.count(text).segments


def _put(path: Path, written: bytes) -> None:
    """The whole file or the old one: never half of it."""
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "wb") as file:
            file.write(written)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError as error:
        raise CommandFailed(f"{path}: {error.strerror}") from None


def _price(context: Context) -> float | None:
    return context.config.sms.segment_price


def _page(context: Context, found: Report, now: datetime, policy: Policy) -> bytes:
    from daemon.cli.named_texts import library
    from daemon.templating.page_words import Shelf
    from daemon.templating.report_page import Sheet, page
    from daemon.templating.report_words import PAGE

    service = context.config.service
    with library(context, takes_in=False) as texts:
        words = Shelf(texts).words(service.language, PAGE)
    return page(found, now, Sheet(policy, words, service.name, _price(context))).encode()


Writer = Callable[[Context, Report, datetime, Policy], bytes]

FORMATS: Mapping[str, Writer] = {
    "text": lambda context, found, now, policy: report_formats.as_text(found, context.stamp),
    "csv": lambda context, found, now, policy: as_csv(found, context.stamp, _price(context)),
    "html": _page,
}
