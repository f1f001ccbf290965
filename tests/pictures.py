"""Draws the pictures of docs/ar/ from the program itself: `make pictures`, after a change of looks.

A mail is rendered from the samples that its check uses, and photographed by Chromium. No picture holds a real
person's words.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Page

from daemon.store import migrations
from daemon.store.database import Database
from daemon.templating import sample_values, samples
from daemon.templating.catalogue import NOTIFICATIONS
from daemon.templating.engine import TemplateSet
from tests.integration.test_admin_day import NEW, OLD, WARNING, browser_page, day_at, preview_says, sign_in
from tests.integration.test_admin_day import chromium as admin_browser
from tests.servers.chromium import Browser, chromium
from tests.servers.smtp_sink import smtp_sink

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "ar" / "pictures"


@dataclass(frozen=True, slots=True)
class Mail:
    """A notification as its reader sees it, `width` CSS pixels wide."""

    name: str
    sample: str
    width: int = 390

    def draw(self, browser: Browser, folder: Path) -> bytes:
        notification = NOTIFICATIONS[self.name]
        values = dict(samples.contexts(notification))[self.sample]
        is_answered = notification.audience == "staff" and values.get("ticket_number")
        email = TemplateSet(ROOT / "templates", "ar").render_email(
            self.name, values, sample_values.REPLY_TO if is_answered else None
        )
        assert not email.fallback, email.problem
        page = folder / "mail.html"
        page.write_text(email.html, "utf-8")
        browser.open(page.as_uri(), self.width)
        return browser.picture()


@dataclass(frozen=True, slots=True)
class AdminPage:
    """A page of /admin/ over a desk of its own; `what` is done there before the picture is taken."""

    path: str
    what: Callable[[Page], Awaitable[None]] | None = None

    def draw(self, _: Browser, folder: Path) -> bytes:
        return asyncio.run(self._draw(Path(tempfile.mkdtemp(dir=folder))))

    async def _draw(self, folder: Path) -> bytes:
        database = Database(f"sqlite:///{folder}/shakwa.db")
        migrations.ensure(database)
        try:
            with smtp_sink() as sink:
                async with (
                    day_at(database, folder, sink) as day,
                    admin_browser() as browser,
                    browser_page(browser, viewport={"width": 1000, "height": 800}) as page,
                ):
                    await sign_in(page, day)
                    await page.goto(f"{day.url}/admin/{self.path}", wait_until="networkidle")
                    if self.what is not None:
                        await self.what(page)
                    return await page.screenshot()
        finally:
            database.close()


async def _shown(page: Page) -> None:
    """The preview beside the editor is there."""
    await preview_says(page, "النص سليم")
    frame = page.frame_locator("#frame").frame_locator("iframe.mail")
    await frame.locator("table").first.wait_for()
    await page.wait_for_load_state("networkidle")


async def _mistaken(page: Page) -> None:
    body = page.locator("#body")
    await body.fill((await body.input_value()).replace("((رقم الطلب))", "((رقم الطلبات))"))
    await preview_says(page, "هل تقصدون")


async def _restored(page: Page) -> None:
    """A history of two revisions."""
    body = page.locator("#body")
    await body.fill((await body.input_value()).replace(OLD, NEW))
    await page.fill("#why", "أسلوب ألطف")
    await page.get_by_role("button", name="حفظ ونشر").click()
    await page.get_by_text("وهو سارٍ الآن").wait_for()
    await page.get_by_role("link", name="السجل", exact=True).click()
    await page.wait_for_load_state("networkidle")


PICTURES: Mapping[str, Mail | AdminPage] = {
    "received": Mail("received", "usual"),
    "staff_new": Mail("staff_new", "usual"),
    "staff_command_error": Mail("staff_command_error", "usual"),
    "staff_digest": Mail("staff_digest", "usual"),
    "admin_list": AdminPage("texts"),
    "admin_edit": AdminPage(f"texts/edit/{WARNING}", _shown),
    "admin_mistake": AdminPage(f"texts/edit/{WARNING}", _mistaken),
    "admin_history": AdminPage(f"texts/edit/{WARNING}", _restored),
}
"""Each picture by the name of its file."""


def main(wanted: Sequence[str]) -> int:
    if unknown := set(wanted) - set(PICTURES):
        print(f"pictures: no such picture: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    with chromium() as browser, tempfile.TemporaryDirectory() as folder:
        for name in wanted or PICTURES:
            (FOLDER / f"{name}.png").write_bytes(PICTURES[name].draw(browser, Path(folder)))
            print(f"docs/ar/pictures/{name}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
