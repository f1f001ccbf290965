"""Writes the report as one page for a browser, a printer or a phone: no remote parts, no script, no customer.

`workflow.figures` counts, `report_view` lays out; the admins' pages take the `body` alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from daemon import resources
from daemon.templating import formats
from daemon.templating.page_words import PageWords
from daemon.templating.report_view import View
from daemon.templating.report_words import ReportWords
from daemon.templating.values import clean
from daemon.workflow.figures import Report
from daemon.workflow.period import Period
from daemon.workflow.policy import Policy


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a report is written on: its words, and what it says beside the figures."""

    policy: Policy
    words: PageWords
    service_name: str
    price: float | None = None
    """Of a segment of an SMS, in riyals; None: no cost is told."""
    about: str = ""
    """Whose figures they are, where not everybody's."""
    has_comments: bool = True
    names: Mapping[str, str] = field(default_factory=dict)
    """Members' names, by their addresses in lower case; empty: those of the roster."""


def page(report: Report, made_at: datetime, sheet: Sheet) -> str:
    """The whole page. `made_at` is aware."""
    words = sheet.words
    return (
        _environment()
        .get_template("report_page.html")
        .render(
            say=words.say,
            language=words.language,
            direction=words.direction,
            service_name=sheet.service_name,
            about=sheet.about,
            style=Markup(style()),  # noqa: S704 - a file of ours
            period=period_of(report.period, words),
            made_at=formats.moment(made_at.isoformat(), words.language),
            body=body(report, sheet),
        )
    )


def body(report: Report, sheet: Sheet) -> Markup:
    """The figures alone, in one element of the class `figures`."""
    names = sheet.names or {one.email.lower(): one.name for one in sheet.policy.people}
    view = View(report, sheet.policy, ReportWords(sheet.words, names), sheet.price)
    template = _environment().get_template("report_body.html")
    written = template.render(
        say=sheet.words.say,
        tiles=list(view.tiles()),
        times=view.times(),
        pictures=(view.course(), view.distribution()),
        parts=list(view.parts()),
        tables=list(view.tables()),
        comments=view.comments() if sheet.has_comments else None,
        notes=list(view.notes()),
    )
    return Markup(written)  # noqa: S704 - the template escapes


def period_of(period: Period, words: PageWords) -> Markup:
    """«من الأحد 1 نوفمبر 2026 إلى الاثنين 30 نوفمبر 2026»."""
    last = period.end - timedelta(microseconds=1)
    first, last_day = (formats.day(at.isoformat(), words.language) for at in (period.start, last))
    return words.say("report_period", first=first, last=last_day)


def style() -> str:
    """The style of the figures; the colours are those of the page around them."""
    return (resources.report_page().parent / "report.css").read_text("utf-8")


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(resources.report_page().parent),
        autoescape=True,
        undefined=StrictUndefined,
        # A name or a comment is a stranger's, and the page may be printed to a terminal.
        finalize=lambda value: clean(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
