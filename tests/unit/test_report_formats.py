"""A report as text, CSV, JSON and as a page."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import datetime, timedelta
from html.parser import HTMLParser

import pytest

from daemon.cli import report_formats
from daemon.plain import one_line
from daemon.templating.page_words import Shelf
from daemon.templating.report_page import Sheet, page
from daemon.templating.report_shapes import as_csv
from daemon.templating.report_words import duration
from daemon.workflow.figures import Report, report
from tests.unit.test_figures import FIGURES, NOVEMBER, POLICY, RIYADH, case

MADE_AT = datetime(2026, 12, 1, 9, tzinfo=RIYADH)
NOTHING = report([], {}, NOVEMBER, POLICY)


def sheet(language: str, service_name: str) -> Sheet:
    return Sheet(POLICY, Shelf().words(language, "report"), service_name, 0.05)


def stamp(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def test_json_has_every_figure_by_all_three_groupings() -> None:
    found = json.loads(report_formats.as_json(FIGURES, MADE_AT, stamp))

    assert found["from"] == "2026-11-01T00:00:00+03:00"
    assert found["total"]["processing"] == {
        "count": 4,
        "average_business_days": 6.25,
        "median_business_days": 6.0,
        "p90_business_days": 12.0,
        "p95_business_days": 12.0,
        "in_time": {"kept": 3, "of": 4, "share": 0.75},
        "by_business_days": [1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, *[0] * 9],
    }
    assert found["total"]["first_response"]["p90_s"] == 108_000
    assert found["total"]["satisfaction"]["distribution"] == {"1": 0, "2": 1, "3": 0, "4": 0, "5": 1}
    assert list(found["by_channel"]) == ["phone", "website", "email"]
    assert list(found["by_category"]) == ["sla_exceeded", "technical", "none"]


def test_csv_has_a_mark_for_spreadsheets_and_a_line_for_each_group() -> None:
    written = as_csv(FIGURES, stamp)

    assert written.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(written.decode("utf-8-sig"), newline="")))
    assert [(row["group"], row["name"]) for row in rows] == [
        ("all", ""),
        ("channel", "phone"),
        ("channel", "website"),
        ("channel", "email"),
        ("category", "sla_exceeded"),
        ("category", "technical"),
        ("category", "none"),
        ("team", "care"),
        ("team", "none"),
        ("member", "care: sara@momah.gov.sa"),
        ("member", "none: none"),
        *(("day", f"2026-11-{day:02}") for day in range(1, 31)),
    ]
    assert rows[0]["closed_total"] == "3"
    assert rows[0]["processing_average_business_days"] == "6.25"
    assert rows[2]["satisfaction_average"] == "", "nobody rated: empty, not None"


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_a_spreadsheet_would_compute_stays_text(begin: str) -> None:
    wicked = report([case(channel=f"{begin}1+1")], {}, NOVEMBER, POLICY)

    written = as_csv(wicked, stamp).decode("utf-8-sig")

    names = [row["name"] for row in csv.DictReader(io.StringIO(written, newline=""))]
    assert one_line(f"'{begin}1+1") in names
    assert f"{begin}1+1" not in names


def test_text_says_the_figures_and_what_they_are_a_share_of() -> None:
    text = report_formats.as_text(FIGURES, stamp).decode()

    assert "processing           4, average 6.2 days, median 6.0 days, 90 % within 12.0 days" in text
    assert "kept first response  40.0% (2 of 5)" in text
    assert "channel: phone" in text
    assert "category: none" in text


@pytest.mark.parametrize("found", [FIGURES, NOTHING], ids=["figures", "nothing"])
@pytest.mark.parametrize("language, direction", [("ar", "rtl"), ("en", "ltr")])
def test_the_page_stands_alone_and_is_well_formed(found: Report, language: str, direction: str) -> None:
    html = page(found, MADE_AT, sheet(language, "منصة فرص <&>"))

    assert f'<html lang="{language}" dir="{direction}">' in html
    assert not re.search(r"https?:|src=|href=|@import|url\((?!#)|<script|<link", html)
    assert "منصة فرص &lt;&amp;&gt;" in html
    _Balanced().check(html)


def test_the_page_says_it_in_arabic() -> None:
    html = page(FIGURES, MADE_AT, sheet("ar", "منصة فرص"))

    said = re.sub("<[^>]+>|[\u2068\u2069]", "", html)
    for words in (
        "من الأحد 1 نوفمبر 2026",
        "إلى الاثنين 30 نوفمبر 2026",
        "متوسط المعالجة",
        "6.2 يوم عمل",
        "3.5 من 5",
        "الرقم الموحد (199040)",
        "غير مصنفة",
    ):
        assert words in said


@pytest.mark.parametrize(
    "time, arabic, english",
    [
        (timedelta(0), "0 ثانية", "0 seconds"),
        (timedelta(seconds=9), "9 ثوانٍ", "9 seconds"),
        (timedelta(seconds=59.9), "دقيقة", "1 minute"),
        (timedelta(minutes=2), "دقيقتان", "2 minutes"),
        (timedelta(minutes=90), "1.5 ساعة", "1.5 hours"),
        (timedelta(hours=5), "5 ساعات", "5 hours"),
        (timedelta(hours=11), "11 ساعة", "11 hours"),
        (timedelta(hours=23, minutes=59), "يوم عمل", "1 business day"),
        (timedelta(days=2), "يوما عمل", "2 business days"),
        (timedelta(days=10), "10 أيام عمل", "10 business days"),
        (timedelta(days=6.9), "6.9 يوم عمل", "6.9 business days"),
    ],
)
def test_a_duration_agrees_with_its_number(time: timedelta, arabic: str, english: str) -> None:
    assert duration(time, "ar") == arabic
    assert duration(time, "en") == english


class _Balanced(HTMLParser):
    """Every element that is opened is closed in its turn."""

    VOID = frozenset({"meta"})

    def check(self, html: str) -> None:
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
