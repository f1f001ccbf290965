"""The pages as a person sees them: in a real browser, on a phone and on a desk, light and dark.

`SHAKWA_PICTURES=DIR` keeps a picture of each, to be looked at.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon.front_desk import Step
from daemon.store.database import StoreUnavailable
from daemon.web.server import WebServer
from tests.conftest import started
from tests.servers.chromium import Browser, chromium
from tests.web_desk import NOW, NUMBER, SURVEY_TOKEN, TOKEN, FakeDesk, app_of

LOOK = """(() => {
  const shown = [...document.querySelectorAll('main *, header *, footer *')]
      .filter(e => e.getClientRects().length);
  const box = e => e.getBoundingClientRect();
  const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(Number).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
      return 0.2126*r + 0.7152*g + 0.0722*b; };  // WCAG 2.2, relative luminance
  const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
      if (c !== 'rgba(0, 0, 0, 0)' && c !== 'transparent') return c; } return 'rgb(255, 255, 255)'; };
  const contrast = e => { const a = light(getComputedStyle(e).color), b = light(behind(e));
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); };
  const texts = shown.filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()));
  const number = document.querySelector('h1 .number');
  return {
    direction: getComputedStyle(document.documentElement).direction,
    language: document.documentElement.lang,
    scrollWidth: document.documentElement.scrollWidth,
    innerWidth: window.innerWidth,
    tooWide: shown.filter(e => box(e).left < -0.5 || box(e).right > window.innerWidth + 0.5)
      .map(e => e.outerHTML.slice(0, 80)),
    faint: texts.filter(e => contrast(e) < 4.5).map(e => [contrast(e), e.outerHTML.slice(0, 80)]),
    small: shown
      .filter(e => e.matches('button, textarea, input[type=text], input[type=tel], label.score, summary'))
      .filter(e => e.checkVisibility() && (box(e).height < 44 || box(e).width < 44))
      .map(e => e.outerHTML.slice(0, 80)),
    headingLines: number ? number.getClientRects().length : 1,
    numberDirection: number ? getComputedStyle(number).direction : 'ltr',
    styled: getComputedStyle(document.querySelector('header')).backgroundColor,
  };
})()"""


UNFOLD = "document.querySelectorAll('details').forEach(one => { one.open = true; })"
CONTROLS = {"radiogroup", "radio", "textbox", "button", "heading", "link"}


@dataclass(frozen=True)
class View:
    """One page to look at: how the desk stands, and where."""

    name: str
    path: str
    place: Callable[[FakeDesk], Any]
    language: str = "ar"


def _missing(desk: FakeDesk) -> None:
    missing = ("request_number", "ground", "mobile")
    steps = [Step(NOW + timedelta(hours=n), name) for n, name in enumerate(("received", "info_requested"))]
    desk.place(
        state="awaiting_info",
        request_number=None,
        missing=missing,
        escalation_possible_at=None,
        steps=tuple(steps),
    )


def _long(desk: FakeDesk) -> None:
    names = ("customer_wrote", "received", "reply", "processing_delayed", "escalation_received", "resolved")
    desk.place(
        state="resolved",
        request_number="REQUEST-2026-ABCDEFGH-1234567890-98765",
        may_escalate=True,
        escalation="declined",
        rating=4,
        steps=tuple(
            Step(NOW + timedelta(days=n), name, WRITTEN.get(name, "")) for n, name in enumerate(names)
        ),
    )


WRITTEN = {
    "reply": "نأمل إعادة المحاولة من الرابط https://furas.momah.gov.sa/requests/REQUEST-2026-ABCDEFGH-1234567890",
    "resolved": "أُعيد فتح صفحة الطلب رقم REQ-44012345.\n\nويمكنكم استكماله خلال 5 أيام عمل.",
}


def _closed(desk: FakeDesk) -> None:
    desk.place(state="closed", close_reason="no_response", may_add=False, escalation="raised")


VIEWS = (
    View("survey", f"/s/{SURVEY_TOKEN}", lambda desk: desk.place_survey()),
    View("survey-chosen", f"/s/{SURVEY_TOKEN}?score=2", lambda desk: desk.place_survey()),
    View("survey-en", f"/s/{SURVEY_TOKEN}", lambda desk: desk.place_survey(), "en"),
    View("status-open", f"/c/{TOKEN}", lambda desk: desk.place()),
    View("status-missing", f"/c/{TOKEN}", _missing),
    View("status-long", f"/c/{TOKEN}?done=reopened", _long),
    View("status-closed", f"/c/{TOKEN}", _closed),
    View("status-en", f"/c/{TOKEN}", _missing, "en"),
    View("unknown", "/s/unknown", lambda desk: None),
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started(chromium()) as opened:
        yield opened


@contextlib.asynccontextmanager
async def serving(desk: FakeDesk, **changes: Any) -> AsyncIterator[str]:
    server = WebServer(app_of(desk, **changes), port=0)
    server.start()
    async with asyncio.TaskGroup() as group:
        group.create_task(server.run())
        try:
            yield server.url
        finally:
            server.stop()


def _keep(name: str, picture: bytes) -> None:
    if folder := os.environ.get("SHAKWA_PICTURES"):
        Path(folder, f"{name}.png").write_bytes(picture)


def _width(png: bytes) -> int:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    return int.from_bytes(png[16:20])


def _judge(seen: dict[str, Any], view: View) -> None:
    assert seen["direction"] == ("rtl" if view.language == "ar" else "ltr")
    assert seen["language"] == view.language
    assert seen["styled"] == "rgb(27, 131, 84)"  # the style's hash is the one that the policy names
    assert seen["scrollWidth"] <= seen["innerWidth"]
    assert seen["tooWide"] == []
    assert seen["faint"] == []
    assert seen["small"] == []
    assert (seen["headingLines"], seen["numberDirection"]) == (1, "ltr")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1200])
@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
async def test_a_page_can_be_read(browser: Browser, view: View, width: int, dark: bool) -> None:
    desk = FakeDesk()
    view.place(desk)

    async with serving(desk, language=view.language, public_url="http://127.0.0.1") as url:
        await asyncio.to_thread(browser.open, url + view.path, width, dark=dark)
        seen = await asyncio.to_thread(browser.ask, LOOK)
        picture = await asyncio.to_thread(browser.picture)
        await asyncio.to_thread(browser.ask, UNFOLD)
        unfolded = await asyncio.to_thread(browser.ask, LOOK)
        _keep(f"{view.name}-unfolded-{width}-{dark=}", await asyncio.to_thread(browser.picture))
    _keep(f"{view.name}-{width}-{'dark' if dark else 'light'}", picture)

    _judge(seen, view)
    _judge(unfolded, view)
    assert seen["innerWidth"] == width
    assert _width(picture) == width


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
async def test_a_page_can_be_heard(browser: Browser, view: View) -> None:
    desk = FakeDesk()
    view.place(desk)

    async with serving(desk, language=view.language, public_url="http://127.0.0.1") as url:
        await asyncio.to_thread(browser.open, url + view.path, 360)
        heard = await asyncio.to_thread(browser.heard)

    controls = [(role, name) for role, name in heard if role in CONTROLS]
    assert all(name.strip() for _, name in controls), controls
    assert sum(role == "heading" for role, _ in heard) >= 1
    if view.path.startswith(f"/s/{SURVEY_TOKEN}"):
        assert next(name for role, name in heard if role == "radio").startswith("1 ")
        assert next(name for role, name in heard if role == "radiogroup").endswith(("?", "؟"))


@pytest.mark.parametrize("width", [320, 360])
async def test_a_long_word_and_a_narrow_phone_do_not_make_it_scroll_sideways(
    browser: Browser, width: int
) -> None:
    desk = FakeDesk()
    desk.place(request_number="W" * 40, missing=("ground", "mobile"), next_by=NOW)

    async with serving(desk, service_name="م" * 60, public_url="http://127.0.0.1") as url:
        await asyncio.to_thread(browser.open, f"{url}/c/{TOKEN}", width)
        await asyncio.to_thread(browser.ask, UNFOLD)
        seen = await asyncio.to_thread(browser.ask, LOOK)

    assert seen["scrollWidth"] <= width
    assert seen["tooWide"] == []


async def test_the_survey_is_answered_by_keyboard_without_script(browser: Browser) -> None:
    desk = FakeDesk()
    desk.place_survey()

    def answer(url: str) -> str:
        browser.open(url, 360, script=False)
        for key in ("Tab", "Space", "ArrowDown", "ArrowDown", "Tab"):
            browser.press(key)
        browser.type("خدمة جيدة")
        browser.press("Tab")
        browser.press("Enter")
        browser.wait_for("Page.loadEventFired")
        _keep("survey-thanks-360", browser.picture())
        return str(browser.ask("document.querySelector('h1').textContent"))

    async with serving(desk, public_url="http://127.0.0.1") as url:
        heading = await asyncio.to_thread(answer, f"{url}/s/{SURVEY_TOKEN}")

    assert desk.ratings == {SURVEY_TOKEN: (3, "خدمة جيدة")}
    assert heading == "شكرًا لكم"


async def test_what_was_forgotten_is_shown_where_it_belongs(browser: Browser) -> None:
    desk = FakeDesk()
    desk.place_survey()

    def forget(url: str) -> Any:
        browser.open(url, 360)
        browser.ask("document.querySelector('form').requestSubmit()")
        browser.wait_for("Page.loadEventFired")
        _keep("survey-mistake-360", browser.picture())
        return browser.ask(LOOK), browser.ask("document.querySelector('[role=alert] a').hash")

    async with serving(desk, public_url="http://127.0.0.1") as url:
        seen, target = await asyncio.to_thread(forget, f"{url}/s/{SURVEY_TOKEN}")

    _judge(seen, VIEWS[0])
    assert target == "#score"
    assert not desk.has_written


async def test_a_reload_after_adding_says_nothing_again(browser: Browser) -> None:
    desk = FakeDesk()
    _missing(desk)

    def add(url: str) -> str:
        browser.open(url, 360)
        browser.ask("document.getElementById('request_number').value = '44012345'")
        browser.ask("document.querySelector('form').requestSubmit()")
        browser.wait_for("Page.loadEventFired")
        _keep("status-added-360", browser.picture())
        browser.call("Page.reload")
        browser.wait_for("Page.loadEventFired")
        return str(browser.ask("document.querySelector('[role=status]').textContent.trim()"))

    async with serving(desk, public_url="http://127.0.0.1") as url:
        told = await asyncio.to_thread(add, f"{url}/c/{TOKEN}")

    assert told.startswith("استلمنا ما أرسلتموه")
    assert [(number, said.request_number) for number, said in desk.said] == [(NUMBER, "44012345")]


async def test_after_an_outage_the_words_are_sent_again_from_the_same_page(browser: Browser) -> None:
    desk = FakeDesk()
    desk.place()

    def send(url: str) -> dict[str, Any]:
        browser.open(url, 360)
        browser.ask("document.getElementById('text').value = 'كلام طويل'")
        desk.fault = StoreUnavailable("no")
        browser.ask("document.querySelector('form').requestSubmit()")
        browser.wait_for("Page.loadEventFired")
        _keep("status-again-360", browser.picture())
        seen: dict[str, Any] = browser.ask(LOOK)
        desk.fault = None
        browser.ask("document.querySelector('form').requestSubmit()")
        browser.wait_for("Page.loadEventFired")
        return seen

    async with serving(desk, public_url="http://127.0.0.1") as url:
        seen = await asyncio.to_thread(send, f"{url}/c/{TOKEN}")

    _judge(seen, View("again", "", lambda desk: None))
    assert [said.text for _, said in desk.said] == ["كلام طويل"]
