"""The leads' figures in the admins' pages: what is shown, for which period, and to whom."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from bench.figures import POLICY, fill
from daemon.clock import ManualClock
from daemon.counting.desk import FiguresDesk
from daemon.counting.keeper import count_some
from daemon.store.database import Database
from daemon.web.admin.figures.choice import Choice, Mistake, asked_of, choice_of
from daemon.web.admin.figures.section import Bureau, section
from daemon.web.settings import WebSettings
from daemon.workflow.model import Person, Team
from daemon.workflow.period import days_of, month_of, quarter_of
from tests.admin_house import NOW, URL, WRITER, AdminHouse, admin_house

RIYADH = ZoneInfo("Asia/Riyadh")
TODAY = date(2026, 11, 22)
TEAMS = (Team("care", "care@momah.gov.sa"), Team("licences", "licences@momah.gov.sa"))
HOUSE = replace(POLICY, teams=TEAMS, people=(Person("سارة القحطاني", "care0@momah.gov.sa"),))


@pytest.fixture
def house(database: Database) -> AdminHouse:
    fill(database, 120)
    while database.transact_now(count_some, HOUSE, 500):
        pass
    desk = FiguresDesk(database, HOUSE)
    return admin_house(database, [section(Bureau(desk, ManualClock(NOW), HOUSE, WebSettings(URL), 0.05))])


async def test_the_page_tells_the_month_that_ended_last(house: AdminHouse) -> None:
    visitor = await house.signed_in()

    page = await visitor.get("/admin/figures")

    assert page.status_code == 200
    said = re.sub("<[^>]+>", "", page.text)
    assert "من الخميس 1 أكتوبر 2026 إلى السبت 31 أكتوبر 2026" in said
    assert "الفترة السابقة:" in said
    assert "سارة القحطاني" in said, "a member by the name of the roster"
    assert page.text.count('role="img"') == 2
    assert "10 أيام عمل</text>" in page.text, "the line of the promise"
    assert " style=" not in page.text, "the page's policy allows no style inline"


async def test_only_who_has_the_role_sees_figures(house: AdminHouse) -> None:
    visitor = await house.signed_in(WRITER)

    assert (await visitor.get("/admin/figures")).status_code == 403
    assert (await visitor.get("/admin/figures/csv")).status_code == 403
    assert (await house.visitor().get("/admin/figures/csv")).status_code == 303


async def test_a_team_and_a_channel_are_chosen(house: AdminHouse) -> None:
    visitor = await house.signed_in()

    whole = await visitor.get("/admin/figures/csv?period=2026-q3")
    part = await visitor.get("/admin/figures/csv?period=2026-q3&team=care&channel=email")

    def first(text: str) -> dict[str, str]:
        return next(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))

    assert 'filename="shakwa-2026-07-01.csv"' in whole.headers["content-disposition"]
    assert 0 < int(first(part.text)["opened"]) < int(first(whole.text)["opened"])
    assert float(first(whole.text)["sms_cost_sar"]) > 0


@pytest.mark.parametrize(
    "query, field",
    [
        ("from=2026-11-30&to=2026-11-01", "to"),
        ("from=gestern&to=2026-11-01", "from"),
        ("from=2026-11-01", "to"),
        ("period=2026-13", "period"),
        ("period=²026-1", "period"),
        ("period=nonsense", "period"),
        (f"period={'9' * 5_000}-1", "period"),
        (f"period=2026-q{'0' * 5_000}1", "period"),
        ("team=other", "team"),
        ("channel=fax", "channel"),
    ],
)
async def test_what_cannot_be_asked_is_said_with_the_way_to_its_field(
    house: AdminHouse, query: str, field: str
) -> None:
    visitor = await house.signed_in()

    page = await visitor.get(f"/admin/figures?{query}")

    assert page.status_code == 422
    assert f'href="#{field}"' in page.text
    assert f'id="{field}"' in page.text
    assert (await visitor.get(f"/admin/figures/csv?{query}")).status_code == 404


async def test_the_page_for_a_printer_stands_alone(house: AdminHouse) -> None:
    visitor = await house.signed_in()

    page = await visitor.get("/admin/figures/print?period=2026-10&team=care")

    assert "default-src 'none'; style-src 'unsafe-inline'" in page.headers["content-security-policy"]
    assert not re.search(r"src=|href=|<script|<link", page.text)
    assert "– care</p>" in page.text


async def test_what_waits_to_be_counted_is_said(house: AdminHouse) -> None:
    fill_more = "UPDATE tickets SET is_counted = false"
    house.database.transact_now(lambda connection: connection.exec_driver_sql(fill_more))
    visitor = await house.signed_in()

    page = await visitor.get("/admin/figures")

    assert "ولم تُحتسب في هذه المؤشرات بعد: <bdi>120</bdi>" in page.text


@pytest.mark.parametrize(
    "query, period",
    [
        ({}, month_of(date(2026, 10, 1), RIYADH)),
        ({"period": "2026-02"}, month_of(date(2026, 2, 1), RIYADH)),
        ({"period": "2025-Q4"}, quarter_of(date(2025, 12, 1), RIYADH)),
        (
            {"period": "2026-02", "from": "2026-03-05", "to": "2026-03-05"},
            days_of(date(2026, 3, 5), date(2026, 3, 5), RIYADH),
        ),
    ],
)
def test_a_period_is_read_from_the_address(query: dict[str, str], period: object) -> None:
    assert asked_of(choice_of(query, TODAY), RIYADH, (), ()).period == period


def test_a_choice_is_the_same_in_the_address_of_its_table() -> None:
    chosen = Choice("", "2026-03-05", "2026-04-01", "email", "care", is_compared=False)

    assert choice_of(chosen.query(), TODAY) == chosen


def test_a_year_beyond_the_calendar_is_a_mistake() -> None:
    with pytest.raises(Mistake):
        asked_of(Choice("9999-12"), RIYADH, (), ())
