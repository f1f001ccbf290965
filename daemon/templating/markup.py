"""Turns Markdown into the two parts of an e-mail, as skeletons into which values are filled afterwards.

A skeleton depends only on the Markdown with its placeholders, never on a value, so it is cached and one
message costs two joins. The Markdown is a small one: paragraphs, headings, lists, quotations, rules,
emphasis and links. One line break in the source is one line break in the message. No HTML, images, code
or tables.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import takewhile
from typing import Protocol

from markdown_it import MarkdownIt
from markdown_it.token import Token

from daemon.templating.environment import TOKEN_PATTERN
from daemon.templating.values import Values, as_html, clean, in_url, isolated, safe_target, single_line

_TOKEN = re.compile(TOKEN_PATTERN)
_LITERAL_TARGET = re.compile(r"(https?://|mailto:|tel:)[^\s]+", re.IGNORECASE)

STYLES = {
    "p": "margin:0 0 16px",
    "inner p": "margin:0 0 4px",
    "h1": "margin:0 0 16px;font-size:20px;line-height:1.5",
    "h2": "margin:24px 0 8px;font-size:18px;line-height:1.5",
    "h3": "margin:20px 0 8px;font-size:16px;line-height:1.6",
    "ul": "margin:0 0 16px;padding:0;padding-inline-start:24px",
    "ol": "margin:0 0 16px;padding:0;padding-inline-start:24px",
    "li": "margin:0 0 6px",
    "blockquote": "margin:0 0 16px;padding:12px 16px;border-inline-start:4px solid #8a9a92;"
    "background:#f2f5f3",
    "hr": "margin:24px 0;border:0;border-top:1px solid #c9d2cd",
}
_LINK_STYLE = "color:#0b5c3b;text-decoration:underline"

Key = int | str
"""Which value: the place among one rendering's values, or the name of one passed to the layout."""


@dataclass(slots=True)
class Frame:
    """What fills one message's skeletons: the rendering's values in order, all values by name."""

    slots: Sequence[str]
    named: Values
    language: str

    def get(self, key: Key) -> str:
        if isinstance(key, int):
            return self.slots[key]
        return clean(str(self.named[key]))


class Slot(Protocol):
    def fill(self, frame: Frame) -> str: ...


Piece = str | Slot


@dataclass(frozen=True, slots=True)
class TextValue:
    key: Key
    prefix: str = ""

    def fill(self, frame: Frame) -> str:
        return isolated(frame.get(self.key), frame.language, self.prefix)


@dataclass(frozen=True, slots=True)
class HtmlValue:
    key: Key

    def fill(self, frame: Frame) -> str:
        return as_html(frame.get(self.key), frame.language)


@dataclass(frozen=True, slots=True)
class BareValue:
    """Escaped and nothing else: for an attribute or the title, where no element may stand."""

    key: Key

    def fill(self, frame: Frame) -> str:
        return escape(single_line(frame.get(self.key)))


@dataclass(frozen=True, slots=True)
class Target:
    """Where a link leads: a literal, a whole value, or a literal beginning with values after it."""

    parts: tuple[Key | tuple[str], ...]

    def url(self, frame: Frame) -> str:
        """The address, or "" when the value may not be a link's target, and for a mail to nobody."""
        first = self.parts[0]
        if not isinstance(first, tuple):
            return safe_target(frame.get(first)) if len(self.parts) == 1 else ""
        mail = first[0].lower().startswith("mailto:")
        url = "".join(
            [
                part[0] if isinstance(part, tuple) else in_url(frame.get(part), mail=mail)
                for part in self.parts
            ]
        )
        return "" if mail and url[len("mailto:") :][:1] in ("", "?") else url

    @property
    def is_prepared_mail(self) -> bool:
        """Whether it opens a mail with words in it (RFC 6068): no address that a reader could type."""
        # A target that begins with a value is that value and nothing else.
        written = "".join([part[0] for part in self.parts if isinstance(part, tuple)]).lower()
        return written.startswith("mailto:") and "body=" in written


@dataclass(frozen=True, slots=True)
class LinkOpen:
    target: Target

    def fill(self, frame: Frame) -> str:
        url = self.target.url(frame)
        return f'<a href="{escape(url)}" style="{_LINK_STYLE}">' if url else ""


@dataclass(frozen=True, slots=True)
class LinkClose:
    target: Target

    def fill(self, frame: Frame) -> str:
        return "</a>" if self.target.url(frame) else ""


@dataclass(frozen=True, slots=True)
class UrlLine:
    """The address of a link on a line of its own, unless its label already showed it."""

    target: Target
    prefix: str
    label: tuple[Piece, ...]

    def fill(self, frame: Frame) -> str:
        url = self.target.url(frame).removeprefix("mailto:").removeprefix("tel:")
        shown = "".join([piece if isinstance(piece, str) else _plain(piece, frame) for piece in self.label])
        return f"\n{self.prefix}{url}" if url and shown.strip() != url else ""


def _plain(piece: Slot, frame: Frame) -> str:
    return frame.get(piece.key) if isinstance(piece, TextValue) else ""


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Both parts of a text, with holes where values belong."""

    text: tuple[Piece, ...]
    html: tuple[Piece, ...]


def fill(pieces: Sequence[Piece], frame: Frame) -> str:
    """The pieces with their values. Raises KeyError when a layout's value was not passed."""
    return "".join([piece if isinstance(piece, str) else piece.fill(frame) for piece in pieces])


def split(source: str) -> list[str | int]:
    """`source` cut at its placeholders: literals, and the numbers of values between them."""
    return [
        int(part) if place % 2 else part
        for place, part in enumerate(_TOKEN.split(source))
        if place % 2 or part
    ]


_PARSER = MarkdownIt("zero", {"html": False, "breaks": True}).enable(
    ["heading", "list", "blockquote", "hr", "emphasis", "link", "autolink", "escape", "entity", "newline"]
)


@lru_cache(maxsize=512)
def skeleton(markdown: str, names: tuple[str, ...] | None = None) -> Skeleton:
    """Markdown with placeholders -> skeleton. `names`: the values' names where they are known by name.

    Raises ValueError when a link of the template leads to anything but http, https, mailto or tel.
    """
    writer = _Writer(names)
    for block in _PARSER.parse(markdown):
        writer.block(block)
    return Skeleton(merged(writer.text), merged(writer.html))


def merged(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """The same pieces with neighbouring literals in one."""
    joined: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        elif piece != "":
            joined.append(piece)
    return tuple(joined)


def _shared(one: list[str], other: list[str]) -> list[str]:
    return [left for left, _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))]


class _Writer:
    """Walks the parser's blocks once and writes both parts."""

    def __init__(self, names: tuple[str, ...] | None) -> None:
        self.names = names
        self.text: list[Piece] = []
        self.html: list[Piece] = []
        self.prefixes: list[str] = []
        self.before: list[str] = []  # the prefixes of the block above
        self.bullet = ""  # a list item's mark, until its first line is written
        self.numbers: list[int | None] = []  # of the lists we are in; None where unnumbered
        self.tight = False
        self.targets: list[tuple[Target, int]] = []
        self.lines: list[UrlLine] = []

    def key(self, index: int) -> Key:
        return index if self.names is None else self.names[index]

    # --- blocks

    def block(self, token: Token) -> None:
        match token.type:
            case "inline":
                for child in token.children or []:
                    self.inline(child)
                self.text += self.lines
                self.lines = []
            case "paragraph_open" if token.hidden:
                self.begin(blank=False)
            case "paragraph_open" | "heading_open":
                self.begin(blank=True)
                self.open(token.tag)
            case "paragraph_close" if token.hidden:
                pass
            case "paragraph_close" | "heading_close":
                self.close(token.tag)
            case "hr":
                self.begin(blank=True)
                self.text.append("———")
                self.html.append(f'<hr style="{STYLES["hr"]}">\n')
            case "blockquote_open":
                self.open("blockquote")
                self.prefixes.append("> ")
                self.tight = False
            case "blockquote_close":
                self.prefixes.pop()
                self.close("blockquote")
            case "bullet_list_open" | "ordered_list_open":
                self.open(token.tag)
                start = int(token.attrs.get("start", 1))
                self.numbers.append(start if token.tag == "ol" else None)
                self.tight = len(self.numbers) > 1  # a list within an item follows its words closely
            case "bullet_list_close" | "ordered_list_close":
                self.numbers.pop()
                self.tight = False
                self.close(token.tag)
            case "list_item_open":
                self.open("li")
                number = self.numbers[-1]
                self.bullet = "- " if number is None else f"{number}. "
                self.numbers[-1] = None if number is None else number + 1
                self.prefixes.append(" " * len(self.bullet))
            case "list_item_close":
                self.prefixes.pop()
                self.close("li")
                self.bullet, self.tight = "", True
            case _:
                raise ValueError(f"{token.type} is not allowed")

    def open(self, tag: str) -> None:
        style = STYLES["inner p"] if tag == "p" and self.prefixes else STYLES.get(tag, STYLES["h3"])
        self.html.append(f'<{tag} style="{style}">')

    def close(self, tag: str) -> None:
        self.html.append(f"</{tag}>\n")

    def begin(self, *, blank: bool) -> None:
        """Start a block's first line in the text part."""
        if self.text:
            shared = "".join(_shared(self.before, self.prefixes))
            self.text.append("\n" if not blank and self.tight else f"\n{shared.rstrip()}\n")
        self.before = list(self.prefixes)
        first_line = "".join(self.prefixes)
        if self.bullet:
            first_line = "".join(self.prefixes[:-1]) + self.bullet
            self.bullet = ""
        self.text.append(first_line)

    # --- inlines

    def inline(self, token: Token) -> None:
        match token.type:
            case "text" | "text_special":
                self.words(token.content)
            case "softbreak" | "hardbreak":
                self.text.append("\n" + "".join(self.prefixes))
                self.html.append("<br>\n")
            case "strong_open" | "em_open":
                self.html.append(f"<{token.tag}>")
            case "strong_close" | "em_close":
                self.html.append(f"</{token.tag}>")
            case "link_open":
                target = self.target(str(token.attrs["href"]))
                self.targets.append((target, len(self.text)))
                self.html.append(LinkOpen(target))
            case "link_close":
                target, start = self.targets.pop()
                label = tuple(self.text[start:])
                if not target.is_prepared_mail:
                    self.lines.append(UrlLine(target, "".join(self.prefixes), label))
                self.html.append(LinkClose(target))
            case _:
                raise ValueError(f"{token.type} is not allowed")

    def words(self, content: str) -> None:
        for part in split(content):
            if isinstance(part, str):
                self.text.append(part)
                self.html.append(escape(part, quote=False))
            else:
                self.text.append(TextValue(self.key(part), "".join(self.prefixes)))
                self.html.append(HtmlValue(self.key(part)))

    def target(self, href: str) -> Target:
        parts = tuple((part,) if isinstance(part, str) else self.key(part) for part in split(href))
        whole_value = len(parts) == 1 and not isinstance(parts[0], tuple)
        if not whole_value and not (parts and isinstance(parts[0], tuple) and _LITERAL_TARGET.match(href)):
            raise ValueError("a link leads to http, https, mailto, tel or to one value")
        return Target(parts)
