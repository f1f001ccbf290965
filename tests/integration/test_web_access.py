"""Every page and state of the citizen's, judged by axe-core in a real browser: narrow, dark, large.

`SHAKWA_PICTURES=DIR` keeps a picture of each at 390 and 1,000 px, light and dark.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FileChooser, Page, TimeoutError, expect, sync_playwright
from starlette.types import ASGIApp, Receive, Scope, Send

from daemon.front_desk import Step
from daemon.store.database import StoreUnavailable
from daemon.web.callers import Gate
from daemon.web.server import WebServer
from daemon.web.settings import UploadLimits
from daemon.web.throttle import Throttle
from tests.servers import MissingServer
from tests.servers.playing import PATIENCE_MS, shown
from tests.web_desk import NOW, SURVEY_TOKEN, TOKEN, FakeDesk, app_of

PAGE, SURVEY = f"/c/{TOKEN}", f"/s/{SURVEY_TOKEN}"
CHROMIUM = "/usr/bin/chromium"
LATER = NOW + timedelta(days=3)
TEXT = "أُعيد فتح صفحة الطلب رقم REQ-44012345.\n\nويمكنكم استكماله خلال 5 أيام عمل: https://furas.momah.gov.sa/r/1"
STEPS = (
    Step(NOW, "customer_wrote"),
    Step(NOW, "received"),
    Step(NOW + timedelta(days=1), "reply", "نعمل على طلبكم."),
    Step(NOW + timedelta(days=2), "resolved", TEXT),
)


def nothing(page: Page) -> None:
    pass


@dataclass(frozen=True)
class View:
    """One state of a page: how the desk stands, where, what is done there, and how the app is set up."""

    name: str
    path: str = PAGE
    place: Callable[[FakeDesk], object] = FakeDesk.place
    act: Callable[[Page], None] = nothing
    settings: tuple[tuple[str, Any], ...] = ()


def placed(**changes: Any) -> Callable[[FakeDesk], object]:
    return lambda desk: desk.place(**changes)


def surveyed(**changes: Any) -> Callable[[FakeDesk], object]:
    return lambda desk: desk.place_survey(**changes)


def stumbling(desk: FakeDesk) -> None:
    desk.place()
    desk.fault = StoreUnavailable("gone")


def unfold(page: Page) -> None:
    for one in page.locator("summary").all():
        if not one.locator("xpath=..").evaluate("one => one.open"):
            one.click()


def mistaken(page: Page) -> None:
    page.fill("#phone", "12")
    page.set_input_files("#files", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"})
    page.click("form[action$=information] button")


def too_large(page: Page) -> None:
    unfold(page)
    page.fill("#text", "مرفق صورة الرخصة")
    page.set_input_files("#files", {"name": "رخصة.pdf", "mimeType": "application/pdf", "buffer": b"x" * 2000})
    page.click("form[action$=information] button")


def added(page: Page) -> None:
    unfold(page)
    page.fill("#text", "أضيف أن الطلب لم يتحرك.")
    page.click("form[action$=information] button")


def rated(page: Page) -> None:
    page.click("form button")


MISSING: dict[str, Any] = {
    "state": "awaiting_info",
    "request_number": None,
    "missing": ("request_number", "ground", "mobile"),
    "escalation_possible_at": None,
    "next_by": LATER,
}
NEVER = Gate(Throttle(0, 60.0), Throttle(0, 60.0))
ENGLISH = (("language", "en"),)
VIEWS = (
    View("open", place=placed(next_by=LATER, answer_by=LATER)),
    View("open-unfolded", act=unfold),
    View("open-en", act=unfold, settings=ENGLISH),
    View("late", place=placed(is_late=True, may_escalate=True), act=unfold),
    View("missing", place=placed(**MISSING)),
    View("missing-en", place=placed(**MISSING), settings=ENGLISH),
    View("asked-by-staff", place=placed(state="awaiting_info", next_by=LATER)),
    View("resolved", place=placed(state="resolved", steps=STEPS, next_by=LATER), act=unfold),
    View("resolved-held", place=placed(state="resolved", steps=STEPS, is_held=True)),
    View("objecting", f"{PAGE}?objection", placed(state="closed", close_reason="resolved", steps=STEPS)),
    View(
        "closed", place=placed(state="closed", close_reason="resolved", steps=STEPS, next_by=LATER, rating=2)
    ),
    View(
        "closed-unprocessed",
        place=placed(state="closed", close_reason="no_response", may_escalate=True),
        act=unfold,
    ),
    View("closed-for-good", place=placed(state="closed", close_reason="withdrawn", may_add=False)),
    View("escalated", place=placed(escalation="accepted", steps=STEPS)),
    View("done", f"{PAGE}?done=added"),
    View("mistake", place=placed(**MISSING), act=mistaken),
    View("file-too-large", act=too_large, settings=(("uploads", UploadLimits(5, 1000, 1500)),)),
    View("added", act=added),
    View("too-often", act=added, settings=(("gate", NEVER),)),
    View("survey", SURVEY, surveyed()),
    View("survey-chosen", f"{SURVEY}?score=4", surveyed()),
    View("survey-en", SURVEY, surveyed(), settings=ENGLISH),
    View("survey-forgotten", SURVEY, surveyed(), rated),
    View("survey-low", f"{SURVEY}?score=1", surveyed(status_url=PAGE), rated),
    View("survey-high", f"{SURVEY}?score=5", surveyed(), rated),
    View("survey-over", SURVEY, surveyed(closes_at=NOW)),
    View("privacy", "/privacy", settings=(("privacy_notice_url", "https://momah.gov.sa/privacy"),)),
    View("privacy-en", "/privacy?language=en"),
    View("official", settings=(("is_official", True),), act=unfold),
    View("unknown", "/c/unknown"),
    View("not-found", "/nothing"),
    View("unavailable", place=stumbling),
)


class Stage:
    """One server; what is played on it is set for each test."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)

    def play(self, view: View) -> FakeDesk:
        desk = FakeDesk()
        view.place(desk)
        self.app = app_of(desk, public_url="http://127.0.0.1", **dict(view.settings))
        return desk


@pytest.fixture(scope="module")
def stage() -> Stage:
    return Stage()


@pytest.fixture(scope="module")
def url(stage: Stage) -> Iterator[str]:
    server = WebServer(stage, port=0)
    server.start()
    serving = threading.Thread(target=lambda: asyncio.run(server.run()))
    serving.start()
    yield server.url
    server.stop()
    serving.join(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        raise MissingServer("chromium (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


def found_by_axe(page: Page, *rules: str) -> list[tuple[str, str, list[str]]]:
    """Every rule that is broken (of `rules`, or of all), its weight, and the elements; best practices too."""
    options = {"runOnly": list(rules)} if rules else {}
    broken = Axe().run(page, options=options).response["violations"]
    return [
        (rule["id"], " ".join(rule["tags"]), [node["html"][:120] for node in rule["nodes"]])
        for rule in broken
    ]


def scrolls_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def keep(page: Page, name: str) -> None:
    """Pictures at 390 and 1,000 px, light and dark."""
    if not (folder := os.environ.get("SHAKWA_PICTURES")):
        return
    for width in (390, 1000):
        page.set_viewport_size({"width": width, "height": 844})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.screenshot(path=Path(folder, f"{name}-{width}-{scheme}.png"), full_page=True)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


@pytest.fixture
def plain_page(browser: Browser) -> Iterator[Page]:
    """Without JavaScript."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_everybody_can_read_it(page: Page, stage: Stage, url: str, view: View) -> None:
    stage.play(view)
    page.goto(url + view.path)
    view.act(page)

    assert found_by_axe(page) == []
    page.emulate_media(color_scheme="dark")
    assert found_by_axe(page, "color-contrast") == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert not scrolls_sideways(page)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert not scrolls_sideways(page)
    page.evaluate("document.documentElement.style.fontSize = ''")
    keep(page, view.name)


def test_the_ministrys_font_is_shown(page: Page, stage: Stage, url: str) -> None:
    stage.play(VIEWS[0])
    page.goto(url + PAGE)

    loaded = page.evaluate("document.fonts.ready.then(all => [...all].map(one => one.status + one.weight))")

    assert "loaded400" in loaded
    assert "loaded700" in loaded


def test_files_are_sent_by_keyboard_alone_and_without_script(
    plain_page: Page, stage: Stage, url: str
) -> None:
    desk = stage.play(VIEWS[0])
    # Chromium is told to hand over such dialogs by another road than its keys take: not on the last moment.
    plain_page.on("filechooser", lambda _: None)
    plain_page.goto(url + PAGE)

    shown(plain_page)
    press(plain_page, "Tab", "summary")
    press(plain_page, "Enter", "summary")  # unfolds «add information»
    press(plain_page, "Tab", "textarea")
    plain_page.keyboard.type("مرفق صورة الرخصة")
    press(plain_page, "Tab", "input[type=file]")
    chooser = chosen(plain_page, "Space")
    chooser.set_files({"name": "رخصة.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"})
    press(plain_page, "Tab", "button")
    plain_page.keyboard.press("Enter")
    plain_page.wait_for_url("**done=added")

    assert [said.text for _, said in desk.said] == ["مرفق صورة الرخصة"]
    assert [(one.filename, one.content) for one in desk.files] == [("رخصة.pdf", b"%PDF-1.7")]


def chosen(page: Page, key: str) -> FileChooser:
    """The dialog of files that this key opens. Pressed again when none has come: Chromium opens none for a
    key that a busy machine hands on five seconds late."""
    for _ in range(12):
        with contextlib.suppress(TimeoutError):
            with page.expect_file_chooser(timeout=PATIENCE_MS / 12) as chooser:
                page.keyboard.press(key)
            return chooser.value
    raise AssertionError(f"{key} opens no dialog of files")


def press(page: Page, key: str, selector: str) -> None:
    """One key, after which that element has the focus."""
    page.keyboard.press(key)
    expect(page.locator(f"{selector}:focus")).to_have_count(1)


def test_the_first_mistake_has_the_focus_and_its_reason_is_heard(
    plain_page: Page, stage: Stage, url: str
) -> None:
    stage.play(View("mistake", place=placed(**MISSING)))
    plain_page.goto(url + PAGE)
    mistaken(plain_page)

    focused = plain_page.locator(":focus")
    assert focused.get_attribute("id") == "phone"
    assert focused.get_attribute("aria-describedby") == "phone-hint phone-mistake"
    assert plain_page.locator("#phone-mistake").inner_text().startswith("نأمل كتابة رقم جوال")
    assert focused.input_value() == "12"
    assert plain_page.title().startswith("خطأ: ")


def test_who_rated_low_is_led_to_the_objection(plain_page: Page, stage: Stage, url: str) -> None:
    def place(desk: FakeDesk) -> None:
        desk.place(state="closed", close_reason="resolved")
        desk.place_survey(status_url=PAGE)

    desk = stage.play(View("low", place=place))
    plain_page.goto(f"{url}{SURVEY}?score=2")
    plain_page.click("form button")
    plain_page.click("main a.go")
    plain_page.fill("#text", "لم تُعالج المشكلة")
    plain_page.click("form[action$=information] button")
    plain_page.wait_for_url("**done=reopened")

    assert [said.kind for _, said in desk.said] == ["objection"]


GOLDEN = Path(__file__).parents[1] / "golden" / "templates"
MAILS = ("received", "info_requested", "resolved", "survey", "staff_new", "closed_no_response")


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("name", MAILS)
def test_of_a_mail_axe_says_no_more_than_best_practices(page: Page, name: str, language: str) -> None:
    page.set_content((GOLDEN / language / f"{name}.usual.html").read_text("utf-8"))

    found = found_by_axe(page)

    assert [one for one in found if "best-practice" not in one[1]] == []
    page.emulate_media(color_scheme="dark")
    assert found_by_axe(page, "color-contrast") == []
