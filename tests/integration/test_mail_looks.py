"""The mails as a person sees them: in a real browser, stripped as mail programs do, on a phone and a desk.

What is measured is where things stand, since pictures differ with every font. `SHAKWA_PICTURES=DIR` keeps a
picture of each, to be looked at.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import pytest

from daemon.templating import environment
from daemon.templating.clients import BY_NAME, CLIENTS, Client, as_shown
from daemon.templating.keys import FOOTER_FILES, LAYOUT_FILE
from daemon.templating.layout import Layout
from daemon.templating.markup import skeleton
from daemon.templating.slots import Frame
from tests.conftest import started
from tests.servers.chromium import Browser, chromium
from tests.texts.test_templating_golden import TEMPLATES, as_sent, contexts, shipped

# Outlook for Windows has no narrow screen.
SCREENS = [
    (client, width) for width in (390, 1000) for client in CLIENTS if width > 600 or not client.is_word
]
MAILS = ("received", "info_requested", "survey", "staff_new", "staff_command_error")
LANGUAGES = ("ar", "en")


def screen_name(value: Client | int) -> str:
    return value.name if isinstance(value, Client) else str(value)


VALUES = {
    "phone": "+966501234567",
    "ticket": "FRS-2026-000123-4",
    "request": "4501728",
    "english": "#resolve",
    "arabic": "#حل",
    "release": "#release 17",
    "mixed": "محمد (ABC)",
    "file": "(1) plan.pdf",
    "link": "https://furas.momah.gov.sa/c/k7q2m4x9t5w3z8n6",
}
SHAPES = {
    "ar": """**الشكوى {ticket} – الرد على هذه الرسالة داخلي ولا يصل إلى العميل**

# سُجلت شكواكم

السلام عليكم ورحمة الله وبركاته،

نفيدكم بتسجيل الشكوى {ticket}، {request} وهي قيد المعالجة. الجوال {phone}.

- **رقم الشكوى:** {ticket}
- **الجوال:** {phone}
- **العميل:** {mixed}

الأوامر {english} أو {arabic} أو غيرهما ({release}):

- أولًا: {file}
  - نقطة داخل نقطة
- ثانيًا

> {mixed}: نص العميل، وفيه {english}.

[صفحة متابعة الشكوى]({link})
""",
    "en": """**Ticket {ticket} – a reply to this message stays internal**

# Your complaint is registered

Dear customer,

Your complaint {ticket}, {request} is registered. Mobile {phone}.

- **Number:** {ticket}
- **Mobile:** {phone}
- **Customer:** {mixed}

Commands {english} or {arabic} or others ({release}):

- First: {file}
  - A point within
- Second

> {mixed}: the words of the customer with {english}.

[Status of your complaint]({link})
""",
}

LOOK = """((document, window) => {
  const all = selector => [...document.querySelectorAll(selector)];
  const box = e => e.getBoundingClientRect();
  const style = e => window.getComputedStyle(e);
  const article = document.querySelector('[role=article]');
  const card = document.querySelector('h1').closest('table');
  const shown = [...article.querySelectorAll('*')].filter(e => e.getClientRects().length);
  const spoken = e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
  const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(Number).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
      return 0.2126*r + 0.7152*g + 0.0722*b; };  // WCAG 2.2, relative luminance
  const behind = e => { for (; e; e = e.parentElement) { const c = style(e).backgroundColor;
      if (c !== 'rgba(0, 0, 0, 0)' && c !== 'transparent') return c; } return 'rgb(255, 255, 255)'; };
  const contrast = e => { const a = light(style(e).color), b = light(behind(e));
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); };
  const start = e => { const range = document.createRange(); range.selectNodeContents(e);
      const rects = [...range.getClientRects()].filter(r => r.width > 1);
      const s = style(e), b = box(e), px = parseFloat;
      return s.direction === 'rtl'
        ? b.right - px(s.paddingRight) - px(s.borderRightWidth) - Math.max(...rects.map(r => r.right))
        : Math.min(...rects.map(r => r.left)) - b.left - px(s.paddingLeft) - px(s.borderLeftWidth); };
  const blocks = shown.filter(e => ['P', 'H1', 'H2', 'LI', 'TD', 'TH'].includes(e.tagName) && spoken(e)
      && style(e).textAlign !== 'center' && e.textContent.trim() && !e.closest('[aria-hidden]'));
  return {
    scrollWidth: document.documentElement.scrollWidth,
    innerWidth: window.innerWidth,
    card: [box(card).left, box(card).right],
    astray: blocks.filter(e => Math.abs(start(e)) > 2).map(e => [start(e), e.outerHTML.slice(0, 200)]),
    points: all('li').map(e => [box(e).left, box(e).right]),
    facts: all('th').map(e => [e, e.nextElementSibling].flatMap(e => [box(e).left, box(e).top])),
    faint: shown.filter(e => spoken(e) && e.textContent.trim() && contrast(e) < 4.5)
      .map(e => [contrast(e), e.outerHTML.slice(0, 120)]),
    hidden: box(document.querySelector('div[style*=none]')).height,
    titleSize: parseFloat(style(document.querySelector('h1')).fontSize),
    buttons: all('td[align=center][bgcolor]').map(e => [box(e).height, style(e).backgroundColor]),
  };
})"""
PLACES = """((document, needle) => {
  const walker = document.createTreeWalker(document.querySelector('h1').closest('td'), NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const at = node.data.indexOf(needle);
    if (at < 0) continue;
    return [...needle].map((letter, n) => { const range = document.createRange();
      range.setStart(node, at + n); range.setEnd(node, at + n + 1);
      return range.getBoundingClientRect().left; });
  }
  return null;
})"""


def shapes(language: str) -> str:
    """A mail with every shape that a text can have, and values that lose their order easily."""
    tokens = {name: environment.token(index) for index, name in enumerate(VALUES)}
    page = (TEMPLATES / LAYOUT_FILE).read_text("utf-8")
    footers = {to: (TEMPLATES / language / file).read_text("utf-8") for to, file in FOOTER_FILES.items()}
    around = {
        "service_name": "منصة فرص",
        "unified_number": "199040",
        "mailbox_address": "infocs@momah.gov.sa",
    }
    frame = Frame(list(VALUES.values()), {**around, "subject_line": "S"}, language)
    body = skeleton(SHAPES[language].format(**tokens), language)
    return Layout(page, footers, language).assemble(body, "staff", frame)[1]


def mail(name: str, language: str) -> str:
    if name == "shapes":
        return shapes(language)
    return as_sent(shipped()[language], name, contexts(name)["full" if name == "received" else "usual"]).html


Seen = dict[str, Any]
WORDS = (
    *("+966501234567", "FRS-2026-000123-4", "4501728", "#resolve", "#release 17", "(1) plan.pdf"),
    *("#حل", "محمد (ABC)", "غيرهما (", "others (", "):"),
)
"""Of which is asked where their characters stand."""


class Eyes:
    """One browser. All mails as one program shows them stand in one page, each in a frame as wide as the
    screen: a page of its own for each would take a second."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self.browser, self.folder = browser, folder
        self.view: tuple[int, bool] | None = None
        self._seen: dict[tuple[str, int], dict[tuple[str, str], Seen]] = {}

    def shown(self, name: str, language: str, client: Client, width: int) -> Seen:
        """What stands where in one mail; under "places" the left edge of each character of WORDS."""
        screen = client.name, width
        if screen not in self._seen:
            self._seen[screen] = self._look_at_all(client, width)
        return self._seen[screen][name, language]

    def _look_at_all(self, client: Client, width: int) -> dict[tuple[str, str], Seen]:
        names = [(name, language) for name in (*MAILS, "shapes") for language in LANGUAGES]
        pages = [as_shown(mail(name, language), client) for name, language in names]
        if os.environ.get("SHAKWA_PICTURES"):
            for (name, language), page in zip(names, pages, strict=True):
                self.look(page, width)
                self.keep(f"{name}-{language}-{client.name}-{width}")
        frames = "".join(
            f'<iframe style="border:0;display:block;width:{width}px;height:6000px" srcdoc="{escape(page)}">'
            "</iframe>"
            for page in pages
        )
        path = self.folder / "all.html"
        path.write_text(f'<!DOCTYPE html><meta charset="utf-8"><body style="margin:0">{frames}', "utf-8")
        self.view = None
        self.browser.open(path.as_uri(), 1000)
        seen = self.browser.ask(
            f"""[...document.querySelectorAll('iframe')].map(f => {{
              const seen = {LOOK}(f.contentDocument, f.contentWindow);
              seen.places = {json.dumps(WORDS)}.map(words => {PLACES}(f.contentDocument, words));
              return seen; }})"""
        )
        for one in seen:
            one["places"] = dict(zip(WORDS, one["places"], strict=True))
        return dict(zip(names, seen, strict=True))

    def look(self, html: str, width: int, *, dark: bool = False) -> Seen:
        """At one mail in a page of its own, on a phone where it is narrow."""
        path = self.folder / "mail.html"
        path.write_text(html, "utf-8")
        if self.view == (width, dark):
            self.browser.call("Page.navigate", url=path.as_uri())
            self.browser.wait_for("Page.loadEventFired")
        else:
            self.browser.open(path.as_uri(), width, dark=dark)
            self.view = width, dark
        seen: Seen = self.browser.ask(f"{LOOK}(document, window)")
        return seen

    def keep(self, name: str) -> None:
        if folder := os.environ.get("SHAKWA_PICTURES"):
            Path(folder, f"{name}.png").write_bytes(self.browser.picture())


@pytest.fixture(scope="module")
def eyes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Eyes]:
    with started(chromium()) as browser:
        yield Eyes(browser, tmp_path_factory.mktemp("mails"))


@pytest.mark.parametrize("name", [*MAILS, "shapes"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("client", "width"), SCREENS, ids=screen_name)
def test_every_line_begins_at_its_side_and_nothing_leaves_the_page(
    eyes: Eyes, name: str, language: str, client: Client, width: int
) -> None:
    seen = eyes.shown(name, language, client, width)

    assert seen["scrollWidth"] <= seen["innerWidth"] == width
    left, right = seen["card"]
    assert right - left <= 602
    assert seen["astray"] == []
    # The points of a list stand in the margin of 24 pixels beside it, inside the card.
    assert all(left + 20 <= begin and end <= right - 20 for begin, end in seen["points"])
    assert seen["faint"] == []
    assert seen["hidden"] == 0
    assert seen["titleSize"] >= 20


@pytest.mark.parametrize("name", [*MAILS, "shapes"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_can_be_read_in_the_dark(eyes: Eyes, name: str, language: str) -> None:
    seen = eyes.look(mail(name, language), 390, dark=True)
    eyes.keep(f"{name}-{language}-dark-390")

    assert seen["faint"] == []
    assert seen["scrollWidth"] <= seen["innerWidth"] == 390


@pytest.mark.parametrize("name", [*MAILS, "shapes"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_can_be_read_where_outlook_made_it_dark(eyes: Eyes, name: str, language: str) -> None:
    html = as_shown(mail(name, language), BY_NAME["outlook.com"])

    seen = eyes.look(html.replace("<body", "<body data-ogsc data-ogsb"), 390)
    eyes.keep(f"{name}-{language}-ogsc-390")

    assert seen["faint"] == []


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_has_an_order_of_its_own_keeps_it(eyes: Eyes, language: str, client: Client) -> None:
    places = eyes.shown("shapes", language, client, 1000)["places"]

    for words in ("+966501234567", "FRS-2026-000123-4", "#resolve", "#release 17", "(1) plan.pdf"):
        lefts = places[words]
        assert lefts == sorted(lefts), words
    sign, *letters = places["#حل"]
    assert all(letter < sign for letter in letters)
    if (
        language == "ar" or "span" not in client.drops_dir_of
    ):  # marks hold signs, and make no word go the other way
        arabic, *latin = places["محمد (ABC)"]
        assert arabic > max(latin[-4:-1])


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_value_stands_between_its_neighbours(eyes: Eyes, language: str, client: Client) -> None:
    places = eyes.shown("shapes", language, client, 1000)["places"]

    opening = {"ar": "غيرهما (", "en": "others ("}[language]
    in_order = [
        [places[opening][-1], places["#release 17"][0], places["):"][0]],
        [places["FRS-2026-000123-4"][0], places["4501728"][0]],
    ]

    for lefts in in_order:
        assert lefts == sorted(lefts, reverse=language == "ar")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("client", "width"), SCREENS, ids=screen_name)
def test_facts_are_a_table_and_the_link_a_button(
    eyes: Eyes, language: str, client: Client, width: int
) -> None:
    seen = eyes.shown("shapes", language, client, width)

    assert len(seen["facts"]) == 3
    for name_left, name_top, value_left, value_top in seen["facts"]:
        assert abs(name_top - value_top) < 2
        assert (name_left > value_left) is (language == "ar")
    ((height, colour),) = seen["buttons"]
    assert height >= (24 if client.name == "barest" else 44)
    assert colour == "rgb(27, 131, 84)"
