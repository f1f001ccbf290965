"""The leads' figures in a real browser: without JavaScript, on a narrow screen, light and dark, for axe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.figures import POLICY, fill
from daemon.clock import ManualClock
from daemon.counting.desk import FiguresDesk
from daemon.counting.keeper import count_some
from daemon.store.database import Database
from daemon.web.admin.figures.section import Bureau, section
from daemon.web.settings import WebSettings
from daemon.workflow.model import Team
from tests.admin_house import NOURA, NOW, PASSWORD, URL, AdminHouse
from tests.conftest import started
from tests.servers.playing import findings, overflows, page_of, playing, served

HOUSE = replace(POLICY, teams=(Team("care", "care@momah.gov.sa"), Team("licences", "l@momah.gov.sa")))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started(playing()) as running:
        yield running


@pytest.fixture
def house(sqlite_database: Database) -> Iterator[AdminHouse]:
    database = sqlite_database
    fill(database, 120)
    while database.transact_now(count_some, HOUSE, 500):
        pass
    bureau = Bureau(FiguresDesk(database, HOUSE), ManualClock(NOW), HOUSE, WebSettings(URL), 0.05)
    with served(database, [section(bureau)]) as running:
        yield running


def opened(page: Page, house: AdminHouse, path: str) -> None:
    address = f"{house.settings.public_url}/admin/{path}"
    page.goto(address)
    page.fill("#name", NOURA.name)
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url(address)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_and_nobody_scrolls_sideways(
    browser: Browser, house: AdminHouse, dark: bool
) -> None:
    page, errors, found = page_of(browser, width=320, dark=dark), [], {}
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    opened(page, house, "figures")

    def look(what: str) -> None:
        for table in page.locator("summary").all():
            table.click()
        found[what] = [*findings(page), *(["scrolls sideways"] if overflows(page) else [])]

    look("a month")
    page.set_viewport_size({"width": 1000, "height": 900})
    page.goto(f"{house.settings.public_url}/admin/figures?from=2026-01-01&to=2026-12-31&team=care")
    look("a year of a team on a desk")
    page.goto(f"{house.settings.public_url}/admin/figures?from=2026-12-01&to=2026-01-01")
    look("a mistake")

    assert {what: wrong for what, wrong in found.items() if wrong} == {}
    assert [one for one in errors if "Content Security" in one or "Refused" in one] == []


def test_a_lead_chooses_a_quarter_and_a_team_without_javascript(browser: Browser, house: AdminHouse) -> None:
    page = page_of(browser, width=390, script=False)
    opened(page, house, "figures")
    expect(page.locator("svg[role=img]")).to_have_count(2)
    expect(page.locator("svg[role=img] > title").first).not_to_be_empty()

    page.select_option("#period", "2026-q2")
    page.select_option("#team", "licences")
    page.click("form.asking button")

    expect(page.locator(".shown")).to_contain_text("1 أبريل 2026")
    expect(page.locator(".shown")).to_contain_text("30 يونيو 2026")
    with page.expect_download() as download:
        page.click("a.go >> nth=0")
    assert download.value.suggested_filename == "shakwa-2026-04-01.csv"
