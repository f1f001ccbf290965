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
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

from daemon.templating import blocks
from daemon.templating.environment import TOKEN_PATTERN
from daemon.templating.shapes import find_shapes, shape_of
from daemon.templating.slots import (
    Button,
    CommandGap,
    Frame,
    HtmlValue,
    Key,
    LinkClose,
    LinkOpen,
    Piece,
    Target,
    TextValue,
    UrlLine,
    merged,
)
from daemon.templating.values import clean, for_preview, single_line

_TOKEN = re.compile(TOKEN_PATTERN)
_CHOICE = re.compile(r"\?[a-z]{1,20}=[a-z0-9]{1,20}", re.ASCII)
"""What may stand behind a value that is a link's target: a choice on the page that it leads to."""
_LITERAL_TARGET = re.compile(r"(https?://|mailto:|tel:)[^\s]+", re.IGNORECASE)

_MAX_PREVIEW = 150
"""Characters of the line beside a subject; no inbox shows more."""
_MOST_COMMANDS = 3
"""Commands of a card that are buttons; the others are links."""
_SENTENCE = re.compile(r"[.؟?!](?=\s|$)")

Kind = Literal["body", "footer", "card"]
"""What a text is: only a mail's body has title, facts and buttons; a card has commands."""


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Both parts of a text, with holes where values belong.

    `html` is without `title` and `lead`, the words of the title and of the line on top, which the layout
    places; () where the text has none. `preview` is its first sentence, in pieces of the text part.
    """

    text: tuple[Piece, ...]
    html: tuple[Piece, ...]
    title: tuple[Piece, ...] = ()
    lead: tuple[Piece, ...] = ()
    preview: tuple[Piece, ...] = ()


def preview_of(body: Skeleton, frame: Frame) -> str:
    """The line that an inbox shows beside the subject: `preview_line` where the frame has one, else the first
    sentence of the body. One line, not escaped."""
    given = frame.named.get("preview_line")
    if given:
        line = single_line(clean(str(given)))
    else:
        line = " ".join("".join([_previewed(piece, frame) for piece in body.preview]).split())
    return line if len(line) <= _MAX_PREVIEW else f"{line[: _MAX_PREVIEW - 1]}…"


def _previewed(piece: Piece, frame: Frame) -> str:
    if isinstance(piece, str):
        return piece
    return for_preview(frame.get(piece.key), frame.language) if isinstance(piece, TextValue) else ""


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


@lru_cache(maxsize=2048)  # the branches of every text, in both languages
def skeleton(
    markdown: str, language: str, names: tuple[str, ...] | None = None, kind: Kind = "body"
) -> Skeleton:
    """Markdown with placeholders -> skeleton. `names`: the values' names where they are known by name.

    Raises ValueError when a link of the template leads to anything but http, https, mailto or tel.
    """
    tokens = _PARSER.parse(markdown)
    if kind == "body":
        find_shapes(tokens)
    writer = _Writer(language, names, kind)
    for token in tokens:
        writer.block(token)
    parts = (writer.text, writer.html, writer.title, writer.lead, writer.preview)
    return Skeleton(*[merged(part) for part in parts])


def _tag(token: Token) -> str:
    """A heading that is not the title is one below it: a mail has one h1."""
    return "h2" if token.tag == "h1" else token.tag


def _shared(one: list[str], other: list[str]) -> list[str]:
    return [left for left, _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))]


class _Writer:
    """Walks the parser's blocks once and writes both parts."""

    def __init__(self, language: str, names: tuple[str, ...] | None, kind: Kind) -> None:
        self.language = language
        self.names = names
        self.commands = _MOST_COMMANDS if kind == "card" else 0  # how many links may still be one
        self.text: list[Piece] = []
        self.html: list[Piece] = []
        self.title: list[Piece] = []
        self.lead: list[Piece] = []
        self.preview: list[Piece] = []
        self.body = self.html  # where `html` goes on after words that are placed elsewhere
        self.is_told = False  # whether `preview` is a whole sentence
        self.prefixes: list[str] = []
        self.before: list[str] = []  # the prefixes of the block above
        self.bullet = ""  # a list item's mark, until its first line is written
        self.numbers: list[int | None] = []  # of the lists we are in; None where unnumbered
        self.is_facts = False
        self.tight = False
        self.targets: list[tuple[Target, int, str]] = []
        self.lines: list[UrlLine] = []

    def key(self, index: int) -> Key:
        return index if self.names is None else self.names[index]

    # --- blocks

    def block(self, token: Token) -> None:
        shape = shape_of(token)
        match token.type:
            case "inline":
                self.inlines(token)
            case "heading_open" | "paragraph_open" if shape in ("title", "lead", "button"):
                self.begin(blank=True)
                self.html = {"title": self.title, "lead": self.lead}.get(shape, [])
            case "heading_close" | "paragraph_close" if shape in ("title", "lead", "button"):
                if shape == "button":
                    self.body.append(self.button(self.html))
                self.html = self.body
            case "paragraph_open" if token.hidden or self.is_facts:
                self.begin(blank=not token.hidden)
            case "paragraph_open" | "heading_open":
                self.begin(blank=True)
                self.open(_tag(token))
            case "paragraph_close" if token.hidden or self.is_facts:
                pass
            case "paragraph_close" | "heading_close":
                self.html.append(blocks.closed(_tag(token)))
            case "hr":
                self.begin(blank=True)
                self.text.append("———")
                self.html.append(blocks.RULE)
            case "blockquote_open":
                self.html.append(blocks.quotation(self.language)[0])
                self.prefixes.append("> ")
                self.tight = False
            case "blockquote_close":
                self.prefixes.pop()
                self.html.append(blocks.quotation(self.language)[1])
            case _:
                self.list_block(token, is_facts=shape == "facts")

    def list_block(self, token: Token, *, is_facts: bool) -> None:
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                self.is_facts = is_facts
                kind = f"inner {token.tag}" if self.numbers else token.tag
                self.html.append(
                    blocks.facts(self.language)[0] if is_facts else blocks.opened(kind, self.language)
                )
                start = int(token.attrs.get("start", 1))
                self.numbers.append(start if token.tag == "ol" else None)
                self.tight = len(self.numbers) > 1  # a list within an item follows its words closely
            case "bullet_list_close" | "ordered_list_close":
                self.numbers.pop()
                self.is_facts = self.tight = False
                self.html.append(blocks.facts(self.language)[1] if is_facts else blocks.closed(token.tag))
            case "list_item_open":
                self.html.append(
                    blocks.fact(self.language)[0] if self.is_facts else blocks.opened("li", self.language)
                )
                number = self.numbers[-1]
                self.bullet = "- " if number is None else f"{number}. "
                self.numbers[-1] = None if number is None else number + 1
                self.prefixes.append(" " * len(self.bullet))
            case "list_item_close":
                self.prefixes.pop()
                self.html.append(blocks.fact(self.language)[2] if self.is_facts else blocks.closed("li"))
                self.bullet, self.tight = "", True
            case _:
                raise ValueError(f"{token.type} is not allowed")

    def open(self, tag: str) -> None:
        kind = "inner p" if tag == "p" and self.prefixes else tag
        self.html.append(blocks.opened(kind, self.language))

    def button(self, pieces: Sequence[Piece]) -> Button:
        target = next(piece.target for piece in pieces if isinstance(piece, LinkOpen))
        label = [piece for piece in pieces if not isinstance(piece, LinkOpen | LinkClose)]
        return Button(target, merged(label), self.language)

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

    def inlines(self, token: Token) -> None:
        """A block's words, with the addresses of its links below them in the text part."""
        start = len(self.text)
        is_name = self.is_facts
        for child in token.children or []:
            if is_name and child.type in ("strong_open", "strong_close"):
                is_name = child.type == "strong_open"
                self.html += [] if is_name else [blocks.fact(self.language)[1]]
            else:
                self.inline(child)
        if not self.prefixes:
            self.look_for_sentence(self.text[start:])
        self.text += self.lines
        self.lines = []

    def look_for_sentence(self, pieces: Sequence[Piece]) -> None:
        """Take the first sentence with an end as the preview; until there is one, the first paragraph.

        A greeting has no full stop, so what stands beside the subject is the first thing that is said.
        """
        if self.is_told or self.html is self.title:
            return
        for at, piece in enumerate(pieces if self.html is self.body else ()):
            end = _SENTENCE.search(piece) if isinstance(piece, str) else None
            if isinstance(piece, str) and end:
                self.preview = [*pieces[:at], piece[: end.end()]]
                self.is_told = True
                return
        self.preview = self.preview or list(pieces)

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
                opening = self.link(target)
                self.targets.append((target, len(self.text), opening.edge))
                self.html.append(opening)
            case "link_close":
                target, start, edge = self.targets.pop()
                label = tuple(self.text[start:])
                if not target.is_prepared_mail:
                    self.lines.append(UrlLine(target, "".join(self.prefixes), label))
                self.html.append(LinkClose(target, edge))
            case _:
                raise ValueError(f"{token.type} is not allowed")

    def link(self, target: Target) -> LinkOpen:
        if not self.commands:
            return LinkOpen(target)
        self.commands -= 1
        return LinkOpen(target, blocks.COMMAND_LOOK, blocks.COMMAND_EDGE)

    def gap(self, words: str) -> CommandGap | None:
        last = self.html[-1] if self.html else None
        is_between = bool(self.commands) and isinstance(last, LinkClose) and words.strip() == "·"
        return CommandGap(last.target, words) if is_between and isinstance(last, LinkClose) else None

    def words(self, content: str) -> None:
        for part in split(content):
            if isinstance(part, str):
                self.text.append(part)
                self.html.append(self.gap(part) or escape(part, quote=False))
            else:
                self.text.append(TextValue(self.key(part), "".join(self.prefixes)))
                self.html.append(HtmlValue(self.key(part)))

    def target(self, href: str) -> Target:
        parts = tuple((part,) if isinstance(part, str) else self.key(part) for part in split(href))
        literal = "".join(part[0] for part in parts[1:] if isinstance(part, tuple))
        whole_value = bool(parts) and not isinstance(parts[0], tuple)
        whole_value = whole_value and (
            len(parts) == 1 or (len(parts) == 2 and bool(_CHOICE.fullmatch(literal)))
        )
        if not whole_value and not (parts and isinstance(parts[0], tuple) and _LITERAL_TARGET.match(href)):
            raise ValueError("a link leads to http, https, mailto, tel or to one value")
        return Target(parts)
