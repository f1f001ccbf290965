"""The command `report`: the figures of a period as text, CSV, JSON or a page. No figure names a person."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from daemon.cli import periods, report_formats
from daemon.cli.context import CommandFailed, Context
from daemon.cli.output import write_octets
from daemon.cli.progress import ProgressLine
from daemon.clock import SystemClock
from daemon.settings import policy_of
from daemon.store import reports
from daemon.workflow.figures import Case, Period, Report, report
from daemon.workflow.policy import Policy


def add(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Figures of a period, by default of the last full month. --from alone: from then until "
        "now; --to alone: from the first day of that month. The backlog is always the present one."
    )
    when: dict[str, Any] = {"type": periods.day_or_instant, "metavar": "DATE"}
    parser.add_argument("--from", dest="since", help="a day (from 00:00) or an instant", **when)
    parser.add_argument("--to", dest="until", help="a day (until 24:00) or an instant", **when)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--format", choices=tuple(FORMATS), default="text", help="default: text")
    how.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write it there instead")
    parser.set_defaults(run=run, wrong_use=parser.error)


def run(context: Context, arguments: argparse.Namespace) -> int:
    now = SystemClock().now().astimezone(context.config.service.timezone)
    period = period_of(arguments.since, arguments.until, now)
    if period.start >= period.end:
        arguments.wrong_use("--from must lie before --to, and not after now where it stands alone")
    policy = policy_of(context.config)
    with context.database() as database:
        found = database.read_now(_count, period, policy)
    if arguments.json:
        written = report_formats.as_json(found, now, context.stamp)
    else:
        written = FORMATS[arguments.format](context, found, now, policy)
    if arguments.output:
        _put(arguments.output, written)
    else:
        write_octets(written)
    return 0


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

        def counted() -> Iterator[Case]:
            for number, case in enumerate(reports.cases(connection, period), 1):
                progress.show(f"counting: {number} complaints")
                yield case

        progress.show("counting")
        return report(counted(), reports.reopened(connection, period), period, policy)


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


def _page(context: Context, found: Report, now: datetime, policy: Policy) -> bytes:
    from daemon.templating.report_page import page

    service = context.config.service
    return page(found, now, policy, service.language, service.name).encode()


Writer = Callable[[Context, Report, datetime, Policy], bytes]

FORMATS: Mapping[str, Writer] = {
    "text": lambda context, found, now, policy: report_formats.as_text(found, context.stamp),
    "csv": lambda context, found, now, policy: report_formats.as_csv(found, context.stamp),
    "html": _page,
}
