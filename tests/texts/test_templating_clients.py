"""A mail keeps its shape in each mail program: what they strip is nothing that it rests on."""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from daemon.templating.clients import CLIENTS, LOGICAL, as_shown, style_of
from daemon.templating.engine import MARKER
from tests.each import each
from tests.texts.test_templating_golden import GOLDEN

MAILS = sorted(GOLDEN.rglob("*.html"))
BLOCKS = ("table", "td", "th", "p", "h1", "h2", "h3", "ul", "ol", "li")
ALIGNED = ("td", "th", "p", "h1", "h2", "h3")
CLIPPED_BY_GMAIL = 102 * 1024
BAND = re.compile(r'class="(reaches|internal)"[^>]*>(.*?)</td>')
SIDES = {"rtl": "right", "ltr": "left"}


class Page(HTMLParser):
    """The elements of a page's body with their attributes, and its texts in their order."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.spans: list[tuple[str, str]] = []  # direction and words of each value that stands apart
        self._open: list[str] = []
        self.feed(html[html.index("<body") :])
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "span":
            self._open.append(dict(attrs).get("dir") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "span":
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append(data.strip())
            if self._open:
                self.spans.append((self._open[-1], data))

    def named(self, *tags: str) -> list[tuple[str, dict[str, str | None]]]:
        return [(tag, attributes) for tag, attributes in self.elements if tag in tags]


def name_of(path: Path) -> str:
    return f"{path.parent.name}-{path.name.removesuffix('.html')}"


def language_of(path: Path) -> str:
    return path.parent.name


@cache
def read(path: Path) -> str:
    return path.read_text("utf-8")


@cache
def shown(path: Path) -> list[tuple[str, str, Page]]:
    """The mail in each program: the program's name, what it leaves of the mail, and that read."""
    stripped = [(client.name, as_shown(read(path), client)) for client in CLIENTS]
    return [(name, html, Page(html)) for name, html in stripped]


def words_of(page: Page) -> str:
    return "".join("".join(page.texts).split())


@each("path", MAILS, ids=name_of)
def test_every_block_states_its_direction_and_its_side(path: Path) -> None:
    direction = {"ar": "rtl", "en": "ltr"}[language_of(path)]

    for client, _, page in shown(path):
        for tag, attributes in page.named(*BLOCKS):
            assert attributes.get("dir") == direction, (client, tag, attributes)
            if tag in ("ul", "ol", "li"):
                assert style_of(attributes)["text-align"] == SIDES[direction], client
            elif tag in ALIGNED and attributes.get("align") != "center":
                assert attributes.get("align") == SIDES[direction], (client, tag, attributes)
                assert style_of(attributes)["text-align"] == SIDES[direction], client


@each("path", MAILS, ids=name_of)
def test_no_word_and_no_mark_is_lost(path: Path) -> None:
    html = read(path)
    words = words_of(Page(html))

    for client, stripped, page in shown(path):
        assert words_of(page) == words, client
        for mark in ("&lrm;", "&rlm;"):
            assert stripped.count(mark) == html.count(mark), client


@each("path", MAILS, ids=name_of)
def test_an_inbox_is_shown_the_preview_and_nothing_else(path: Path) -> None:
    for client, _, page in shown(path):
        preview, marker = page.texts[:2]
        hidden = next(
            attributes for tag, attributes in page.elements if tag == "div" and "style" in attributes
        )

        assert marker == MARKER[language_of(path)], client
        assert preview.startswith("\u200c\u200c\u200c"), client
        assert len(preview) > 150, client
        assert any(letter.isalpha() for letter in preview), client
        assert style_of(hidden).get("display") == "none", client


@each("path", MAILS, ids=name_of)
def test_nothing_rests_on_what_most_programs_drop(path: Path) -> None:
    page = Page(read(path))

    assert page.named("bdi", "blockquote", "img", "svg", "script", "link") == []
    for tag, attributes in page.elements:
        style = style_of(attributes)
        assert not [name for name in style if LOGICAL.search(name)], (tag, style)
        padded = any(name.startswith("padding") and value != "0" for name, value in style.items())
        assert not padded or tag in ("td", "th", "a"), (tag, style)
    assert len(read(path).encode()) < CLIPPED_BY_GMAIL / 3


@each("path", MAILS, ids=name_of)
def test_a_value_that_stands_apart_is_held_by_marks_of_its_own_direction(path: Path) -> None:
    for direction, words in Page(read(path)).spans:
        mark = {"ltr": "\u200e", "rtl": "\u200f"}[direction]
        assert words[0] == words[-1] == mark, words


@each("path", MAILS, ids=name_of)
def test_a_screen_reader_hears_one_article_with_one_title(path: Path) -> None:
    page = Page(read(path))

    (article,) = (attributes for _, attributes in page.elements if attributes.get("role") == "article")

    assert article["lang"] == language_of(path)
    assert article["aria-roledescription"]
    assert len(page.named("h1")) == 1
    tables = [attributes.get("role") for _, attributes in page.named("table")]
    assert tables.count(None) == len(
        [1 for _, attributes in page.elements if attributes.get("class") == "facts"]
    )
    assert set(tables) <= {None, "presentation"}


@each("path", MAILS, ids=name_of)
def test_staff_see_by_colour_and_words_whether_an_answer_reaches_the_citizen(path: Path) -> None:
    bands = BAND.findall(read(path))
    stays = {"ar": "لا يصل إلى العميل", "en": "does not reach the customer"}[language_of(path)]

    if not path.name.startswith("staff_"):
        assert bands == []
        return
    ((colour, words),) = bands
    assert colour == ("internal" if stays in words else "reaches")
