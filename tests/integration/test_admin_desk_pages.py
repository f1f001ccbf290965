"""The operators' pages in a real browser: axe, a narrow screen, the keyboard alone, without JavaScript.

`SHAKWA_PICTURES=DIR` keeps a picture of each, to be looked at.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from daemon.clock import ManualClock
from daemon.store import blocked, holds
from daemon.store.database import Database
from daemon.store.holds import What
from daemon.store.schema import outbox
from daemon.web.admin.desk.sections import desk_sections
from tests.admin_house import NOURA, PASSWORD, AdminHouse
from tests.casework.conftest import offices_of
from tests.casework.test_admin_desk import FORGED, desk_of, room_of
from tests.casework.test_whole_life import STAFF
from tests.conftest import started
from tests.integration.office import START, Office, mail
from tests.servers.playing import findings, overflows, page_of, playing, reach, served, shown

LONG = "https://furas.momah.gov.sa/" + "very-long-address-without-a-space-" * 6


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started(playing()) as running:
        yield running


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, sqlite_model: Path) -> Iterator[AdminHouse]:
    folder = tmp_path_factory.mktemp("desk")
    database = Database(f"sqlite:///{shutil.copy(sqlite_model, folder)}")
    filled: list[Office] = []
    # In a thread of its own: the browser's library keeps a loop in this one.
    filling = threading.Thread(target=lambda: filled.append(asyncio.run(lived(database, folder))))
    filling.start()
    filling.join()
    with served(database, desk_sections(desk_of(filled[0]), room_of(filled[0]))) as running:
        yield running
    database.close()


async def lived(database: Database, folder: Path) -> Office:
    """A desk on which something of each kind happened."""
    border = {"mailbox": {"authserv_id": "mx.momah.gov.sa"}}
    async with offices_of(database, ManualClock(START), folder)(**STAFF | border) as office:
        await office.handle(mail(subject="تأخر ترخيص لوحة في حي النخيل", attachment_bytes=2000))
        await office.handle(mail("نورة <noura@example.sa>", text=f"لم يصلني رد على طلبي. {LONG}"))
        await office.handle(mail("Eve <eve@evil.example>", subject=LONG, headers=FORGED))
        await office.handle(mail(subject="خارج المكتب", headers=[("Auto-Submitted", "auto-replied")]))
        database.transact_now(holds.put, What("kind", "survey"), "سعد", "مراجعة نص التقييم", START)

        def fail(connection: Any) -> None:
            failed = update(outbox).where(outbox.c.id == 1)
            connection.execute(failed.values(state="failed", last_error="550 5.1.1 mailbox unavailable"))

        database.transact_now(fail)
        for pattern, spares in (("@spam.example", False), ("a-very-long-name-of-a-sender@example.sa", True)):
            database.transact_now(blocked.add, pattern, "سعد القحطاني", 3, START, spares_proven=spares)
        return office


def url(house: AdminHouse, path: str = "") -> str:
    return f"{house.settings.public_url}/admin/{path}"


def sign_in(page: Page, house: AdminHouse, path: str = "tickets") -> None:
    page.goto(url(house, path))
    page.fill("#name", NOURA.name)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url(url(house, path))


@pytest.mark.parametrize(("width", "dark"), [(320, False), (1000, True)], ids=["narrow", "wide, dark"])
def test_axe_finds_nothing_and_nobody_scrolls_sideways(
    browser: Browser, house: AdminHouse, width: int, dark: bool
) -> None:
    page, errors = page_of(browser, width=width, dark=dark), []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    sign_in(page, house)
    number = page.locator("tbody .number").last.inner_text()
    found: dict[str, list[str]] = {}
    mails = [href for href in page_hrefs(page, house, "quarantine") if href[-1].isdigit()]
    paths = ["tickets", "tickets?q=FRS-2026-000124-4", f"tickets/{number}", "quarantine", mails[0]]
    for path in (
        *paths,
        "quarantine/blocked",
        "unanswered",
        "outbox",
        "outbox?view=sent",
        "outbox/1",
        "outbox/2",
    ):
        page.goto(url(house, path))
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        found[path] = [*findings(page), *(["scrolls sideways"] if overflows(page) else [])]
        if folder := os.environ.get("SHAKWA_PICTURES"):
            name = "".join(sign if sign.isalnum() else "-" for sign in path)
            page.screenshot(path=f"{folder}/desk-{name}-{width}{'-dark' if dark else ''}.png", full_page=True)

    assert {path: wrong for path, wrong in found.items() if wrong} == {}
    assert [one for one in errors if "Content Security" in one or "Refused" in one] == []


def page_hrefs(page: Page, house: AdminHouse, path: str) -> list[str]:
    """Where the links of a list lead, below /admin/."""
    page.goto(url(house, path))
    links = page.locator("main a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    return [link.partition("/admin/")[2] for link in links]


def test_an_operator_finds_holds_and_releases_by_keyboard_alone_without_javascript(
    browser: Browser, house: AdminHouse
) -> None:
    page = page_of(browser, width=320, script=False)
    sign_in(page, house)

    shown(page)
    page.locator("#q").focus()
    page.keyboard.type("ترخيص النخيل")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    reach(page, "tbody a")
    page.keyboard.press("Enter")
    expect(page.locator("h1 bdi")).to_contain_text("FRS-")
    reach(page, "summary")
    page.keyboard.press("Enter")
    expect(page.locator("details[open] table").first).to_be_visible()

    page.goto(url(house, "outbox"))
    reach(page, "#scope")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    reach(page, "#why")
    page.keyboard.type("نقل الخادم")
    page.keyboard.press("Enter")
    expect(page.locator("#mistakes")).to_contain_text("تأكيد ذلك")
    reach(page, "#sure")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator(".done")).to_contain_text("أُوقف الإرسال")
    expect(page.locator(".warn")).to_have_count(2)
    reach(page, ".warn button >> nth=1")
    page.keyboard.press("Enter")
    expect(page.locator(".done")).to_contain_text("انتهى الإيقاف")
