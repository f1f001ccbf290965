"""Shapes a report for programs and spreadsheets: each figure under its name, and the lines of a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from daemon.plain import one_line
from daemon.workflow.figures import Backlog, Figures, Report, Share

Stamp = Callable[[datetime | None], str | None]

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection; LESSONS S14)."""
_DAY = timedelta(days=1)


def document_of(figures: Figures, stamp: Stamp, price: float | None = None) -> dict[str, Any]:
    """One group's figures: first responses in seconds (a business day has 86400), processing in days. `price`
    of a segment is in riyals, None where nobody said it."""
    return {
        "opened": figures.opened,
        "closed": {"total": sum(figures.closed.values()), **figures.closed},
        "reopened": figures.reopened,
        "first_response": {
            "count": figures.first_response.count,
            "average_s": _seconds(figures.first_response.average),
            "median_s": _seconds(figures.first_response.median),
            "p90_s": _seconds(figures.first_response.ninetieth),
            "p95_s": _seconds(figures.first_response.ninety_fifth),
            "in_time": _share(figures.first_response_in_time),
        },
        "processing": {
            "count": figures.processing.count,
            "average_business_days": _days(figures.processing.average),
            "median_business_days": _days(figures.processing.median),
            "p90_business_days": _days(figures.processing.ninetieth),
            "p95_business_days": _days(figures.processing.ninety_fifth),
            "in_time": _share(figures.processing_in_time),
            # By whole business days: up to the first, to the second … and what took longer than the last.
            "by_business_days": list(figures.processing_days.values()),
        },
        "promises_kept": {
            "first_response": _share(figures.first_response_kept),
            "processing": _share(figures.processing_kept),
        },
        "promises_missed": {
            "first_response": figures.first_response_kept.rest,
            "processing": figures.processing_kept.rest,
        },
        "escalations": {"total": sum(figures.escalations.values()), **figures.escalations},
        "satisfaction": {
            "count": figures.rated,
            "average": _rounded(figures.average_rating),
            "distribution": {str(score): count for score, count in figures.ratings.items()},
            "surveys_sent": figures.surveys.of,
            "surveys_answered": figures.surveys.part,
            "response_rate": _rounded(figures.surveys.ratio, 4),
        },
        "sms": _sms(figures, price),
        "backlog": _backlog(figures.backlog, stamp),
    }


def _sms(figures: Figures, price: float | None) -> dict[str, Any]:
    cost = None if price is None else round(price * figures.sms.segments, 2)
    return {"messages": figures.sms.messages, "segments": figures.sms.segments, "cost_sar": cost}


def _backlog(backlog: Backlog, stamp: Stamp) -> dict[str, Any]:
    return {
        **backlog.states,
        "breached": backlog.breached,
        "escalated": backlog.escalated,
        "held": backlog.held,
        "oldest_opened_at": stamp(backlog.oldest_opened_at),
    }


def _share(share: Share) -> dict[str, Any]:
    return {"kept": share.part, "of": share.of, "share": _rounded(share.ratio, 4)}


def _seconds(time: timedelta | None) -> int | None:
    return round(time.total_seconds()) if time is not None else None


def _days(time: timedelta | None) -> float | None:
    return _rounded(time / _DAY) if time is not None else None


def _rounded(number: float | None, digits: int = 2) -> float | None:
    return round(number, digits) if number is not None else None


# --- CSV -------------------------------------------------------------------------------------------


def as_csv(report: Report, stamp: Stamp, price: float | None = None) -> bytes:
    """One line for all, for each channel, category, team, member and day, and for the period before; one
    column for each figure. With a byte order mark, by which spreadsheets know UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)  # RFC 4180: commas, CRLF
    period = (stamp(report.period.start), stamp(report.period.end))
    columns = list(_flat(document_of(report.total, stamp, price)))
    writer.writerow(["from", "to", "group", "name", *columns])
    for group, name, figures in groups_of(report):
        cells = _flat(document_of(figures, stamp, price))
        writer.writerow([neutral(cell) for cell in (*period, group, name, *cells.values())])
    for day in report.days:
        known = {"opened": day.opened, "closed_total": day.closed}
        writer.writerow([*period, "day", day.day.isoformat(), *(known.get(name, "") for name in columns)])
    if report.previous:
        cells = _flat(document_of(report.previous, stamp, price))
        writer.writerow([*period, "previous", "", *map(neutral, cells.values())])
    return out.getvalue().encode("utf-8-sig")


def groups_of(report: Report) -> Iterator[tuple[str, str, Figures]]:
    """What is divided, by what, and its figures."""
    yield "all", "", report.total
    for name, figures in report.by_channel.items():
        yield "channel", name, figures
    for name, figures in report.by_category.items():
        yield "category", name or "none", figures
    for name, figures in report.by_team.items():
        yield "team", name or "none", figures
    for (team, member), figures in report.by_member.items():
        yield "member", f"{team or 'none'}: {member or 'none'}", figures


def _flat(document: Mapping[str, Any], head: str = "") -> dict[str, Any]:
    """{"closed": {"spam": 1}} as {"closed_spam": 1}, and {"days": [4, 2]} as {"days_1": 4, "days_2": 2}."""
    cells: dict[str, Any] = {}
    for key, value in document.items():
        if isinstance(value, list):
            value = {str(place): one for place, one in enumerate(value, 1)}
        cells |= _flat(value, f"{head}{key}_") if isinstance(value, Mapping) else {f"{head}{key}": value}
    return cells


def neutral(cell: object) -> object:
    """A text that a spreadsheet would compute stays a text, and steers no terminal. Numbers stay numbers,
    nothing stays empty."""
    if not isinstance(cell, str):
        return "" if cell is None else cell
    return one_line(f"'{cell}" if cell.startswith(DANGEROUS) else cell)
