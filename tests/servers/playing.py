"""A browser that clicks and types (Playwright on the system's Chromium), and the admins' pages on a port.

with playing() as browser, served(database, [section]) as house:
    page = page_of(browser, width=320)
    page.goto(f"{house.settings.public_url}/admin/")
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import threading
from collections.abc import Iterator, Sequence

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from daemon.store.database import Database
from daemon.web.admin.routes import Section
from daemon.web.server import WebServer
from tests.admin_house import AdminHouse, admin_house
from tests.servers import MissingServer, free_port

PATIENCE_MS = 120_000
"""A busy machine makes a test late, and not wrong."""
expect.set_options(timeout=PATIENCE_MS)
_FLAGS = ("--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")


@contextlib.contextmanager
def playing() -> Iterator[Browser]:
    """Raises MissingServer."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        raise MissingServer("chromium fonts-noto-core")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*_FLAGS])
        try:
            yield browser
        finally:
            browser.close()


def page_of(browser: Browser, *, width: int = 390, dark: bool = False, script: bool = True) -> Page:
    """A fresh page with cookies of its own."""
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
        locale="ar-SA",
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    return page


def shown(page: Page) -> None:
    """Wait until it was painted once: until then Chromium drops keys, so that nobody presses what they did
    not see."""
    page.screenshot()


def reach(page: Page, selector: str) -> None:
    """Press Tab until that element has the focus."""
    shown(page)
    wanted = page.locator(selector).first
    for _ in range(120):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"{selector} is not reached by keyboard")


def findings(page: Page) -> list[str]:
    """What axe-core finds wrong, a line each."""
    violations = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['html'][:120]}" for one in violations for node in one["nodes"]]


def overflows(page: Page) -> bool:
    """Whether it must be scrolled sideways."""
    script = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    return bool(page.evaluate(script))


@contextlib.contextmanager
def served(database: Database, sections: Sequence[Section] = ()) -> Iterator[AdminHouse]:
    """The pages on a port of this machine, in a thread."""
    port = free_port()
    house = admin_house(database, sections, public_url=f"http://127.0.0.1:{port}")
    server = WebServer(house.app, port=port)
    server.start()
    thread = threading.Thread(target=lambda: asyncio.run(server.run()))
    thread.start()
    try:
        yield house
    finally:
        server.stop()
        thread.join()
