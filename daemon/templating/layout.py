"""Puts the HTML page, the marker line and the footer around a body, for one language.

The page (layout.email.html) and the footer (LANGUAGE/footer.md) are rendered once per audience into
pieces. Only the values in them are filled in for each message. It knows no notification.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from daemon.templating import builtin
from daemon.templating.environment import Allowed, Compiled, Deferred
from daemon.templating.errors import RenderError, SourceError
from daemon.templating.markup import (
    BareValue,
    Frame,
    HtmlValue,
    Piece,
    Skeleton,
    fill,
    merged,
    skeleton,
    split,
)
from daemon.templating.variables import Audience

LAYOUT_FILE = "layout.email.html"
FOOTER_FILE = "footer.md"

_DEFERRED = ("service_name", "unified_number", "mailbox_address", "subject", "content", "footer")
_IN_FOOTER = _DEFERRED[:3]
_FIXED = ("language", "direction", "audience")
_SUBJECT, _CONTENT, _FOOTER = (_DEFERRED.index(name) for name in ("subject", "content", "footer"))
_FORBIDDEN = re.compile(
    r"<\s*(script|img|iframe|object|embed|link|form|input|svg|base|video|audio)\b"
    r"|\bon[a-z]+\s*=|\bsrc\s*=|@import|url\s*\(|javascript:|http-equiv\s*=\s*[\"']?refresh",
    re.IGNORECASE,
)
_TITLE = BareValue("subject_line")
_MOST_SETTLED = 16
DIRECTIONS = {"ar": "rtl", "en": "ltr"}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Pieces around the body for one audience: the text's tail, and the page before and after it."""

    text_tail: tuple[Piece, ...]
    html_head: tuple[Piece, ...]
    html_tail: tuple[Piece, ...]


def _settle(pieces: tuple[Piece, ...], frame: Frame) -> tuple[Piece, ...]:
    return merged([piece if piece == _TITLE else fill([piece], frame) for piece in pieces])


class Layout:
    """The surroundings in one language. Raises SourceError when page or footer cannot serve."""

    def __init__(self, page: str, footer: str, language: str) -> None:
        self.language = language
        self._marker = builtin.MARKER[language]
        self._filled: dict[tuple[str, ...], Surroundings] = {}
        self._around: dict[str, Surroundings] = {}
        for audience in ("citizen", "staff", "operator"):
            self._around[audience] = self._render(page, footer, audience)

    def assemble(
        self, body: Skeleton, audience: Audience, frame: Frame, card: tuple[str, str] = ("", "")
    ) -> tuple[str, str]:
        """Text and HTML of one mail. `frame.named` holds the subject under "subject_line"; `card` is what
        stands between body and footer, in text and HTML."""
        around = self._settled(audience, frame)
        below, below_html = card
        below = f"\n\n{below}" if below else ""
        text = f"{self._marker}\n\n{fill(body.text, frame)}{below}{fill(around.text_tail, frame)}\n"
        html = f"{fill(around.html_head, frame)}{fill(body.html, frame)}{below_html}"
        return text, html + fill(around.html_tail, frame)

    def _settled(self, audience: Audience, frame: Frame) -> Surroundings:
        """The surroundings with everything filled in but the subject: it rarely differs between mails."""
        key = (audience, *[str(frame.named[name]) for name in _IN_FOOTER])
        found = self._filled.get(key)
        if found is None:
            around = self._around[audience]
            found = Surroundings(
                _settle(around.text_tail, frame),
                _settle(around.html_head, frame),
                _settle(around.html_tail, frame),
            )
            if len(self._filled) >= _MOST_SETTLED:
                self._filled.clear()
            self._filled[key] = found
        return found

    def _render(self, page: str, footer: str, audience: str) -> Surroundings:
        end = self._footer(footer, audience)
        text_tail: tuple[Piece, ...] = ("\n\n———\n", *end.text) if end.text else ()
        head: list[Piece] = []
        tail: list[Piece] = []
        side = head
        seen = ""
        for part in split(self._page(page, audience)):
            if isinstance(part, str):
                seen += part
                side.append(part)
            elif part == _CONTENT:
                if side is tail:
                    raise SourceError(LAYOUT_FILE, 0, "the content must stand in the page once")
                if self._marker not in seen:
                    raise SourceError(LAYOUT_FILE, 0, "the marker must stand before the content")
                side = tail
            elif part == _FOOTER:
                side += end.html
            elif part == _SUBJECT:
                side.append(_TITLE)
            else:
                # Within a tag no element may stand, so no <bdi> either.
                in_tag = seen.rfind("<") > seen.rfind(">")
                side.append(BareValue(_DEFERRED[part]) if in_tag else HtmlValue(_DEFERRED[part]))
        if side is head:
            raise SourceError(LAYOUT_FILE, 0, "the content must stand in the page once")
        return Surroundings(text_tail, tuple(head), tuple(tail))

    def _page(self, page: str, audience: str) -> str:
        if found := _FORBIDDEN.search(page):
            line = page.count("\n", 0, found.start()) + 1
            raise SourceError(LAYOUT_FILE, line, f"{found[0].strip()} is not allowed in the layout")
        variables = (*_FIXED, "marker", *_DEFERRED)
        compiled = Compiled(page, LAYOUT_FILE, self.language, "layout", Allowed(variables, conditions=_FIXED))
        return self._run(compiled, audience, _DEFERRED)

    def _footer(self, footer: str, audience: str) -> Skeleton:
        path = f"{self.language}/{FOOTER_FILE}"
        variables = (*_FIXED, *_IN_FOOTER)
        compiled = Compiled(footer, path, self.language, "layout", Allowed(variables, conditions=_FIXED))
        try:
            return skeleton(self._run(compiled, audience, _IN_FOOTER).strip(), _IN_FOOTER)
        except ValueError as error:
            raise SourceError(path, 0, str(error)) from None

    def _run(self, compiled: Compiled, audience: str, deferred: tuple[str, ...]) -> str:
        values: dict[str, object] = {
            "language": self.language,
            "direction": DIRECTIONS[self.language],
            "audience": audience,
            "marker": self._marker,
        }
        values.update({name: Deferred(index) for index, name in enumerate(deferred)})
        try:
            return compiled.run(values)[0]
        except RenderError as error:
            raise SourceError(error.problem.path, error.problem.line, error.problem.message) from None


def builtin_layout(language: str) -> Layout:
    """The surroundings that need no file and no value."""
    return Layout(builtin.LAYOUT, builtin.FOOTER[language], language)
