"""Writes a report as text, CSV and JSON. `templating.report_page` makes the page."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from daemon.workflow.figures import Backlog, Figures, Report, Share, Spread

Stamp = Callable[[datetime | None], str | None]

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection; LESSONS S14)."""
_DAY = timedelta(days=1)


# --- JSON ------------------------------------------------------------------------------------------


def as_json(report: Report, made_at: datetime, stamp: Stamp) -> bytes:
    document = {
        "from": stamp(report.period.start),
        "to": stamp(report.period.end),  # the first moment after it
        "made_at": stamp(made_at),
        "total": document_of(report.total, stamp),
        "by_channel": {name: document_of(one, stamp) for name, one in report.by_channel.items()},
        "by_category": {name or "none": document_of(one, stamp) for name, one in report.by_category.items()},
    }
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def document_of(figures: Figures, stamp: Stamp) -> dict[str, Any]:
    """One group's figures. First responses in seconds (a business day has 86400), processing in days."""
    return {
        "opened": figures.opened,
        "closed": {"total": sum(figures.closed.values()), **figures.closed},
        "reopened": figures.reopened,
        "first_response": {
            "count": figures.first_response.count,
            "average_s": _seconds(figures.first_response.average),
            "median_s": _seconds(figures.first_response.median),
            "p90_s": _seconds(figures.first_response.ninetieth),
            "in_time": _share(figures.first_response_in_time),
        },
        "processing": {
            "count": figures.processing.count,
            "average_business_days": _days(figures.processing.average),
            "median_business_days": _days(figures.processing.median),
            "p90_business_days": _days(figures.processing.ninetieth),
            "in_time": _share(figures.processing_in_time),
        },
        "promises_kept": {
            "first_response": _share(figures.first_response_kept),
            "processing": _share(figures.processing_kept),
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
        "backlog": _backlog(figures.backlog, stamp),
    }


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


def as_csv(report: Report, stamp: Stamp) -> bytes:
    """One line for all, for each channel and for each category, one column for each figure. With a byte
    order mark, by which spreadsheets know UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)  # RFC 4180: commas, CRLF
    period = (stamp(report.period.start), stamp(report.period.end))
    is_first = True
    for group, name, figures in _groups(report):
        cells = _flat(document_of(figures, stamp))
        if is_first:
            writer.writerow(["from", "to", "group", "name", *cells])
            is_first = False
        writer.writerow([neutral(cell) for cell in (*period, group, name, *cells.values())])
    return out.getvalue().encode("utf-8-sig")


def _groups(report: Report) -> Iterator[tuple[str, str, Figures]]:
    yield "all", "", report.total
    for name, figures in report.by_channel.items():
        yield "channel", name, figures
    for name, figures in report.by_category.items():
        yield "category", name or "none", figures


def _flat(document: Mapping[str, Any], head: str = "") -> dict[str, Any]:
    """{"closed": {"spam": 1}} as {"closed_spam": 1}."""
    cells: dict[str, Any] = {}
    for key, value in document.items():
        cells |= _flat(value, f"{head}{key}_") if isinstance(value, Mapping) else {f"{head}{key}": value}
    return cells


def neutral(cell: object) -> object:
    """A text that a spreadsheet would compute stays a text; numbers stay numbers, nothing stays empty."""
    if isinstance(cell, str) and cell.startswith(DANGEROUS):
        return f"'{cell}"
    return "" if cell is None else cell


# --- text ------------------------------------------------------------------------------------------


def as_text(report: Report, stamp: Stamp) -> bytes:
    lines = [f"Complaints from {stamp(report.period.start)} until {stamp(report.period.end)}", ""]
    for group, name, figures in _groups(report):
        lines += [f"{group}: {name}" if name else "all complaints"]
        lines += [f"  {label:20} {value}" for label, value in _lines(figures, stamp)]
        lines.append("")
    return "\n".join(lines).encode()


def _lines(figures: Figures, stamp: Stamp) -> Iterator[tuple[str, str]]:
    yield "opened", str(figures.opened)
    yield "closed", _counts(figures.closed)
    yield "reopened", str(figures.reopened)
    yield "first response", _times(figures.first_response, figures.first_response_in_time)
    yield "processing", _times(figures.processing, figures.processing_in_time)
    yield "kept first response", percent(figures.first_response_kept)
    yield "kept processing", percent(figures.processing_kept)
    yield "escalations", _counts(figures.escalations)
    stars = ", ".join(f"{score}: {count}" for score, count in figures.ratings.items())
    average = figures.average_rating
    yield "rated", f"{figures.rated}" + (f", average {average:.2f} of 5 ({stars})" if average else "")
    yield "surveys answered", percent(figures.surveys)
    backlog = figures.backlog
    standing = {"late": backlog.breached, "escalated": backlog.escalated, "held": backlog.held}
    oldest = f", oldest of {stamp(backlog.oldest_opened_at)}" if backlog.oldest_opened_at else ""
    yield "not closed now", _counts(backlog.states) + "; " + _named(standing) + oldest


def _counts(counts: Mapping[str, int]) -> str:
    return f"{sum(counts.values())} ({_named(counts)})"


def _named(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _times(times: Spread, in_time: Share) -> str:
    if not times.count:
        return "0"
    measured = (("average", times.average), ("median", times.median), ("90 % within", times.ninetieth))
    told = ", ".join(f"{label} {duration(time)}" for label, time in measured if time is not None)
    return f"{times.count}, {told}, in time {percent(in_time)}"


def percent(share: Share) -> str:
    return "-" if share.ratio is None else f"{share.ratio:.1%} ({share.part} of {share.of})"


def duration(time: timedelta) -> str:
    """A duration in the largest unit of which there is at least one; a day is one of business time."""
    seconds = time.total_seconds()
    for unit, size in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"
