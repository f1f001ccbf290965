"""An admin's day with the texts, in a real browser over real servers, and the pages as everybody must be able
to use them: axe, 320 pixels, no JavaScript, the keyboard alone.

`SHAKWA_PICTURES=DIR` keeps a picture of each page, to be looked at.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright

from daemon import resources
from daemon.clock import ManualClock
from daemon.courier import FrozenMessage
from daemon.dispatch.marks import Stationery
from daemon.dispatch.trial import Trials
from daemon.dispatch.writer import Letterhead, Writer
from daemon.mail.trust.tokens import Keyring
from daemon.mail.wire.smtp.courier import SmtpCourier
from daemon.mail.wire.smtp.settings import SmtpSettings
from daemon.store import outbox
from daemon.store.database import Database
from daemon.store.frozen import Frozen, freeze
from daemon.store.outbox import ToSay
from daemon.templating import samples
from daemon.templating.catalogue import NOTIFICATIONS
from daemon.templating.engine import TemplateSet
from daemon.templating.setting import Setting
from daemon.web.admin.texts.section import texts_section
from daemon.web.server import WebServer
from daemon.web.settings import WebSettings
from daemon.wording.desk import TextsDesk
from daemon.wording.file_door import FileDoor
from daemon.wording.library import Library
from daemon.wording.revisions import Rules
from tests.admin_house import NOURA, NOW, PASSWORD, AdminHouse, admin_house
from tests.servers import free_port
from tests.servers.playing import PATIENCE_MS
from tests.servers.smtp_sink import SmtpSink

CHROMIUM = "/usr/bin/chromium"
MAILBOX, CITIZEN = "infocs@momah.gov.sa", "khalid@example.sa"
WARNING = "ar/info_warning.email.md"
OLD, NEW = "نود تذكيركم", "نذكّركم بمودة"
HEAD = Letterhead(MAILBOX, "منصة فرص", "Furas", "ar")


@dataclass
class Day:
    """The desk of the day: a program with its web, and a relay."""

    url: str
    house: AdminHouse
    library: Library
    sink: SmtpSink
    folder: Path
    clock: ManualClock

    def courier(self, channel: str = "email") -> SmtpCourier | None:
        if channel != "email":
            return None
        return SmtpCourier(SmtpSettings("127.0.0.1", self.sink.port, "none"))

    async def next_mail(self, name: str = "info_warning") -> str:
        """The text of the next mail of that kind to a citizen, sent by another daemon on this database."""
        database = self.library.database
        other = Library(database, self.library.clock, resources.templates(), self.folder, self.library.rules)
        other.open()
        cause = f"mail {len(self.sink.taken)}"
        values = samples.usual(NOTIFICATIONS[name])
        said = ToSay(cause, name, "email", "requester", CITIZEN, f"<{len(self.sink.taken)}@x>", values, {})
        now = self.library.clock.now()
        database.transact_now(outbox.add, [said], now)
        (row,) = database.transact_now(outbox.claim, "other", "email", now, 5)
        written = Writer({"ar": TemplateSet(other, "ar")}, HEAD).write(row)
        frozen = Frozen(row.id, written.sender, written.content, written.revision, written.made_of)
        database.transact_now(freeze, "other", [frozen])
        courier = self.courier()
        assert courier is not None
        await courier.deliver(FrozenMessage(written.sender, CITIZEN, written.content, row.reference))
        await courier.close()
        database.transact_now(outbox.mark_sent, [(row.id, "p")], now)
        self.clock.advance(minutes=1)
        return text_of(self.sink.messages_to(CITIZEN)[-1].content)


def text_of(content: bytes) -> str:
    body = message_from_bytes(content, policy=policy.default).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@contextlib.asynccontextmanager
async def day_at(database: Database, folder: Path, sink: SmtpSink) -> AsyncIterator[Day]:
    """The program's web on a port of its own."""
    url = f"http://127.0.0.1:{free_port()}"
    (folder / "texts" / "ar").mkdir(parents=True)
    clock = ManualClock(NOW)
    library = Library(database, clock, resources.templates(), folder / "texts", Rules(setting=Setting(url)))
    await asyncio.to_thread(library.open)
    found = Day(url, None, library, sink, folder / "texts", clock)  # type: ignore[arg-type]  # set below
    trials = Trials(HEAD, Stationery(Keyring("a secret of thirty-two characters")), clock, found.courier)
    desk, zone = TextsDesk(library, 0.05), ZoneInfo("Asia/Riyadh")
    section = texts_section(desk, trials, zone, WebSettings(url))
    found.house = admin_house(database, [section], public_url=url)
    server = WebServer(found.house.app, port=int(url.rpartition(":")[2]))
    server.start()
    serving = asyncio.create_task(server.run())
    try:
        yield found
    finally:
        server.stop()
        await serving


@contextlib.asynccontextmanager
async def browser_page(browser: Browser, **settings: object) -> AsyncIterator[Page]:
    context = await browser.new_context(**settings)  # type: ignore[arg-type]  # Playwright's own names
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield await context.new_page()
    finally:
        await context.close()


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    if not Path(CHROMIUM).exists():
        assert os.environ.get("CI") != "true", "chromium is missing: apt-get install chromium"
        pytest.skip("chromium is missing: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            await browser.close()


async def sign_in(page: Page, day: Day) -> None:
    await page.goto(f"{day.url}/admin/")
    await page.fill("#name", NOURA.name)
    await page.fill("#password", PASSWORD)
    await page.get_by_role("button", name="دخول").click()


async def keep(page: Page, name: str) -> None:
    if folder := os.environ.get("SHAKWA_PICTURES"):
        await page.screenshot(path=f"{folder}/admin_{name}.png", full_page="list" not in name)


async def preview_says(page: Page, words: str) -> None:
    """The frame beside the editor shows them."""
    await page.frame_locator("#frame").get_by_text(words).first.wait_for()


async def test_a_sentence_is_found_changed_tried_published_and_taken_back(
    sqlite_database: Database, tmp_path: Path, smtp_server: SmtpSink
) -> None:
    clicks = 0

    async with day_at(sqlite_database, tmp_path, smtp_server) as day, chromium() as browser:
        assert OLD in await day.next_mail()
        async with browser_page(browser, locale="ar") as page:

            async def click(role: str, name: str, *, exact: bool = False) -> None:
                nonlocal clicks
                clicks += 1
                await page.get_by_role(role, name=name, exact=exact).first.click()  # type: ignore[arg-type]

            await page.goto(f"{day.url}/admin/")
            await page.fill("#name", NOURA.name)
            await page.fill("#password", PASSWORD)
            await click("button", "دخول")
            await click("link", "النصوص", exact=True)
            await keep(page, "list")
            await page.fill("#q", "تنبيه")
            if await page.locator(f'a[href$="{WARNING}"]').count() != 1:
                await page.fill("#q", "info_warning")
            await click("button", "بحث")
            clicks += 1
            await page.locator(f'a[href$="{WARNING}"]').click()

            # A sentence is changed, and seen as it is written, without a click.
            body = page.locator("#body")
            words = await body.input_value()
            await body.fill(words.replace(OLD, NEW))
            await preview_says(page, "النص سليم")
            mail = page.frame_locator("#frame").frame_locator("iframe.mail")
            await mail.get_by_text(NEW).first.wait_for()
            await keep(page, "edit")

            # A name is mistyped, and help stands beside it.
            await body.fill(words.replace(OLD, NEW).replace("((رقم الطلب))", "((رقم الطلبات))"))
            await preview_says(page, "هل تقصدون: ((رقم الطلب))؟")
            await keep(page, "mistake")
            await body.fill(words.replace(OLD, NEW))
            await mail.get_by_text(NEW).first.wait_for()

            await click("button", "إرسال تجربة إليّ")
            await preview_says(page, "أُرسلت التجربة")
            (test,) = smtp_server.messages_to(NOURA.email)
            assert NEW in text_of(test.content)

            await page.fill("#why", "أسلوب ألطف")
            await click("button", "حفظ ونشر")
            await page.get_by_text("وهو سارٍ الآن").wait_for()
            assert clicks <= 12, "from the sign-in to the published change"

            assert NEW in await day.next_mail()

            await page.get_by_role("link", name="السجل", exact=True).click()
            await keep(page, "history")
            await page.get_by_text("العودة إلى هذا النص").click()
            await page.locator("details[open] input[name=why]").fill("كان أوضح")
            await page.get_by_role("button", name="إعادته الآن").click()
            await page.get_by_text("عاد النص السابق").wait_for()

            assert OLD in await day.next_mail()
            past, _ = TextsDesk(day.library).history(WARNING, None, 20)
            sent = {one.revision.why: one.sent for one in past}
            assert sent == {"": 1, "أسلوب ألطف": 1, "كان أوضح": 1}


async def test_a_name_is_clicked_in_where_the_writing_stands(
    sqlite_database: Database, tmp_path: Path, smtp_server: SmtpSink
) -> None:
    async with (
        day_at(sqlite_database, tmp_path, smtp_server) as day,
        chromium() as browser,
        browser_page(browser) as page,
    ):
        await sign_in(page, day)
        await page.goto(f"{day.url}/admin/texts/edit/{WARNING}")
        await page.fill("#body", "أول آخر")
        await page.evaluate("document.getElementById('body').setSelectionRange(4, 4)")
        await page.get_by_text("القيم والقطع التي يمكن ذكرها").click()

        await page.get_by_role("button", name="((رقم الشكوى))", exact=True).click()

        assert await page.locator("#body").input_value() == "أول ((رقم الشكوى))آخر"


PAGES = (
    *("", "texts", f"texts/edit/{WARNING}", "texts/edit/ar/received.sms.txt", "texts/edit/ar/footer.md"),
    *("texts/edit/en/received.email.md", f"texts/history/{WARNING}", "texts/switch/joined", "texts/seen/1"),
    *("texts/edit/ar/pages/rating.toml", "texts/edit/en/pages/common.toml"),
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_everybody_can_use_every_page(
    sqlite_database: Database, tmp_path: Path, smtp_server: SmtpSink, scheme: str
) -> None:
    """axe finds nothing, and nothing moves sideways on 320 pixels."""
    found: dict[str, object] = {}

    async with day_at(sqlite_database, tmp_path, smtp_server) as day, chromium() as browser:
        settings = {"viewport": {"width": 320, "height": 640}, "color_scheme": scheme}
        async with browser_page(browser, **settings) as page:
            await sign_in(page, day)
            for path in PAGES:
                await page.goto(f"{day.url}/admin/{path}", wait_until="networkidle")
                wide = await page.evaluate("document.documentElement.scrollWidth")
                report = (await Axe().run(page)).response["violations"]
                if wide > 320 or report:
                    nodes = [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in report]
                    found[path] = (wide, nodes)
                await keep(page, re.sub(r"\W", "_", f"{path}_{scheme}_320"))

    assert found == {}


async def test_the_whole_way_is_there_without_javascript_and_without_a_mouse(
    sqlite_database: Database, tmp_path: Path, smtp_server: SmtpSink
) -> None:
    async with (
        day_at(sqlite_database, tmp_path, smtp_server) as day,
        chromium() as browser,
        browser_page(browser, java_script_enabled=False) as page,
    ):
        await page.goto(f"{day.url}/admin/sign-in")
        await page.screenshot()  # until it was painted once, Chromium drops keys
        await page.locator("#name").press_sequentially(NOURA.name)
        await page.locator("#password").press_sequentially(PASSWORD)
        await page.keyboard.press("Enter")
        # Whoever leaves before the answer is not signed in: the password is looked at for a moment.
        await page.get_by_role("link", name="النصوص", exact=True).first.wait_for()
        await page.goto(f"{day.url}/admin/texts/edit/{WARNING}")
        body = page.locator("#body")
        words = await body.input_value()
        await body.fill(words.replace(OLD, NEW))
        await page.locator("#show").focus()
        await page.keyboard.press("Enter")
        await preview_says(page, "النص سليم")
        await page.locator("#why").fill("أسلوب ألطف")
        await page.get_by_role("button", name="حفظ ونشر").focus()
        await page.keyboard.press("Enter")
        await page.get_by_text("وهو سارٍ الآن").wait_for()

    assert NEW in day.library.read(WARNING)


async def test_a_broken_file_and_a_sudden_end_leave_the_last_good_words(
    sqlite_database: Database, tmp_path: Path, smtp_server: SmtpSink
) -> None:
    async with (
        day_at(sqlite_database, tmp_path, smtp_server) as day,
        chromium() as browser,
        browser_page(browser) as page,
    ):
        await sign_in(page, day)
        await page.goto(f"{day.url}/admin/texts/edit/{WARNING}")
        words = await page.locator("#body").input_value()
        await page.fill("#body", words.replace(OLD, NEW))
        await page.fill("#why", "أسلوب ألطف")
        await page.get_by_role("button", name="حفظ ونشر").click()
        await page.get_by_text("وهو سارٍ الآن").wait_for()
        (day.folder / WARNING).write_text("{% for x in y %}", "utf-8")
        await asyncio.to_thread(FileDoor(day.library).look)

        await page.goto(f"{day.url}/admin/texts/edit/{WARNING}")
        await page.get_by_text("في المجلد ملف لم يُقبل").wait_for()
        assert NEW in await day.next_mail(), "also by a daemon that never saw the good file"
