"""The admins' frame in a real browser: by keyboard alone, without JavaScript, on a narrow screen, for axe."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from daemon.store.database import Database
from daemon.web.admin import audit_pages
from tests.admin_house import NOURA, PASSWORD, WRITER, AdminHouse
from tests.conftest import started
from tests.servers.playing import findings, overflows, page_of, playing, served, shown


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started(playing()) as running:
        yield running


@pytest.fixture
def house(sqlite_database: Database) -> Iterator[AdminHouse]:
    database = sqlite_database
    with served(database, [audit_pages.section(database)]) as running:
        yield running


def url(house: AdminHouse, path: str = "") -> str:
    return f"{house.settings.public_url}/admin/{path}"


def sign_in(page: Page, house: AdminHouse, name: str = NOURA.name) -> None:
    page.goto(url(house))
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url(url(house))


def test_an_admin_signs_in_and_out_by_keyboard_alone_without_javascript(
    browser: Browser, house: AdminHouse
) -> None:
    page = page_of(browser, width=320, script=False)

    page.goto(url(house, "audit"))
    shown(page)
    expect(page.locator("#name")).to_be_focused()  # no mouse, no hunting
    page.keyboard.type(NOURA.name)
    page.keyboard.press("Tab")
    page.keyboard.type("wrong password")
    page.keyboard.press("Enter")
    expect(page.locator(".wrong")).to_be_visible()
    expect(page.locator("#password")).to_be_focused()
    shown(page)
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")

    page.wait_for_url(url(house, "audit"))
    shown(page)
    expect(page.locator("h1")).to_have_text("سجل الأعمال")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Tab")
    expect(page.locator(".who button")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(url(house, "sign-in?done=out"))
    expect(page.locator(".done")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_and_nobody_scrolls_sideways(
    browser: Browser, house: AdminHouse, dark: bool
) -> None:
    page, errors = page_of(browser, width=320, dark=dark), []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)

    def look(what: str) -> None:
        found[what] = [*findings(page), *(["scrolls sideways"] if overflows(page) else [])]

    found: dict[str, list[str]] = {}
    page.goto(url(house, "sign-in"))
    look("sign-in")
    page.fill("#name", "somebody")
    page.fill("#password", "wrong")
    page.click("main button")
    look("sign-in refused")
    sign_in(page, house)
    look("home")
    page.goto(url(house, "audit"))
    look("audit")
    page.set_viewport_size({"width": 1000, "height": 800})
    look("audit on a desk")
    page.goto(url(house, "nothing"))
    look("no such page")

    assert {what: wrong for what, wrong in found.items() if wrong} == {}
    assert [one for one in errors if "Content Security" in one or "Refused" in one] == []


def test_a_role_shows_only_its_sections(browser: Browser, house: AdminHouse) -> None:
    page = page_of(browser)
    sign_in(page, house, WRITER.name)

    expect(page.locator("nav a")).to_have_count(1)
    page.goto(url(house, "audit"))
    expect(page.locator("h1")).to_have_text("لا صلاحية لكم هنا")


def test_a_page_of_another_site_cannot_act(browser: Browser, house: AdminHouse) -> None:
    page = page_of(browser)
    sign_in(page, house)

    # A page without an origin is another site.
    page.goto("about:blank")
    page.set_content(f'<form method="post" action="{url(house, "sign-out")}"><button>x</button></form>')
    page.click("button")

    expect(page.locator("h1")).to_have_text("لم يُنفّذ الطلب")
    page.goto(url(house))
    expect(page.locator("h1")).to_contain_text(NOURA.name)


def test_the_focus_is_seen_on_every_control(browser: Browser, house: AdminHouse) -> None:
    page = page_of(browser)
    page.goto(url(house, "sign-in"))
    shown(page)

    for key in ("Tab", "Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab"):
        page.keyboard.press(key)
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline in ("solid", "auto"), page.evaluate("document.activeElement.outerHTML")
