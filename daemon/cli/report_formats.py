"""Writes a report as JSON and text. `templating.report_shapes` makes the CSV, `report_page` the page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from daemon.plain import one_line, visible
from daemon.templating.report_shapes import Stamp, document_of, groups_of
from daemon.workflow.figures import Comment, Day, Figures, Report, Share, Spread

# --- JSON ------------------------------------------------------------------------------------------


def as_json(report: Report, made_at: datetime, stamp: Stamp, price: float | None = None) -> bytes:
    """The whole report. `price` of a segment in riyals, None where nobody said it."""

    def shaped(groups: Mapping[str, Figures]) -> dict[str, Any]:
        return {name or "none": document_of(one, stamp, price) for name, one in groups.items()}

    document = {
        "from": stamp(report.period.start),
        "to": stamp(report.period.end),  # the first moment after it
        "made_at": stamp(made_at),
        "total": document_of(report.total, stamp, price),
        "by_channel": shaped(report.by_channel),
        "by_category": {
            name or "none": document_of(one, stamp, price) for name, one in report.by_category.items()
        },
        "by_team": {name or "none": document_of(one, stamp, price) for name, one in report.by_team.items()},
        "by_member": [
            {"team": team or None, "member": member or None, **document_of(one, stamp, price)}
            for (team, member), one in report.by_member.items()
        ],
        "by_day": [_day(one) for one in report.days],
        "comments": [_comment(one, stamp) for one in report.comments],
        "previous": document_of(report.previous, stamp, price) if report.previous else None,
    }
    return visible(json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def _day(day: Day) -> dict[str, Any]:
    return {
        "day": day.day.isoformat(),
        "opened": day.opened,
        "closed": day.closed,
        "by_channel": dict(day.by_channel),
    }


def _comment(comment: Comment, stamp: Stamp) -> dict[str, Any]:
    return {"at": stamp(comment.at), "score": comment.score, "text": comment.text}


# --- text ------------------------------------------------------------------------------------------


def as_text(report: Report, stamp: Stamp) -> bytes:
    lines = [f"Complaints from {stamp(report.period.start)} until {stamp(report.period.end)}", ""]
    for group, name, figures in groups_of(report):
        lines += [f"{group}: {one_line(name)}" if name else "all complaints"]
        lines += [f"  {label:20} {value}" for label, value in _lines(figures, stamp)]
        lines.append("")
    if report.previous:
        lines += [
            "the period before",
            *(f"  {name:20} {value}" for name, value in _lines(report.previous, stamp)),
        ]
        lines.append("")
    return visible("\n".join(lines)).encode()


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
    yield "SMS", f"{figures.sms.messages}, {figures.sms.segments} segments"
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
    measured = (
        ("average", times.average),
        ("median", times.median),
        ("90 % within", times.ninetieth),
        ("95 % within", times.ninety_fifth),
    )
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
