"""Puts the HTML page, the marker line and the footer around a body, for one language.

The page (layout.email.html) and the footers (LANGUAGE/footer.md to citizens, footer.staff.md and
footer.operator.md to the others) are rendered once per audience into pieces. Only the values in them are
filled in for each message. It knows no notification.

The HTML part begins with the hidden line that an inbox shows beside the subject, then the marker. The text
part begins with the marker: text cannot be hidden, and what a program quotes above the marker is what a
reply's writer seems to have written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from daemon.templating import blocks, builtin
from daemon.templating.blocks import DIRECTIONS
from daemon.templating.environment import Allowed, Compiled, Deferred
from daemon.templating.errors import RenderError, SourceError
from daemon.templating.form_writing import Writer
from daemon.templating.keys import FOOTER_FILES, LAYOUT_FILE
from daemon.templating.marker import MARKER
from daemon.templating.markup import Skeleton, preview_of, skeleton, split
from daemon.templating.names import names
from daemon.templating.pieces import NO_PIECES
from daemon.templating.slots import BareValue, Frame, HtmlValue, Piece, fill, merged
from daemon.templating.values import as_html, clean, safe_target, single_line, title_as_html
from daemon.templating.variables import Audience, Notification, Variable

_PRIVACY = "privacy_url"
_IN_FOOTER = ("service_name", "unified_number", "mailbox_address", _PRIVACY)
FOOTER_VARIABLES = {
    **{name: Variable("config") for name in _IN_FOOTER},
    _PRIVACY: Variable("url", empty=True, default=""),
}
_PER_MAIL = ("subject", "preview", "band", "title")
_DEFERRED = (*_IN_FOOTER, *_PER_MAIL, "content", "footer")
_FIXED = ("language", "direction", "side", "audience")
_FORBIDDEN = re.compile(
    r"<\s*(script|img|iframe|object|embed|link|form|input|svg|base|video|audio)\b"
    r"|\bon[a-z]+\s*=|\bsrc\s*=|@import|url\s*\(|javascript:|http-equiv\s*=\s*[\"']?refresh",
    re.IGNORECASE,
)
_MOST_SETTLED = 16
_ZWNJ = "\u200c"
_SIGN = "&zwnj;&zwnj;&zwnj;"
_PADDING = "&#847;&zwnj;&nbsp;" * 60
"""Around the preview line, unseen. The padding keeps what follows out of the inbox. By both together the
line is known where a program quotes it above the marker (`mail.quoting.marker`)."""


@dataclass(frozen=True, slots=True)
class Hole:
    """Where something belongs that each mail says anew: one of _PER_MAIL."""

    name: str

    def fill(self, frame: Frame) -> str:
        raise KeyError(self.name)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Pieces around the body for one audience: the text's tail, and the page before and after it."""

    text_tail: tuple[Piece, ...]
    html_head: tuple[Piece, ...]
    html_tail: tuple[Piece, ...]
    homeless: tuple[str, ...]
    """What the page has no place for and the content begins with: "band", "title"."""


def _settle(pieces: tuple[Piece, ...], frame: Frame) -> tuple[Piece, ...]:
    return merged([piece if isinstance(piece, Hole) else fill([piece], frame) for piece in pieces])


def _filled(pieces: tuple[Piece, ...], said: Mapping[str, str]) -> str:
    return "".join([said[piece.name] if isinstance(piece, Hole) else str(piece) for piece in pieces])


class Layout:
    """The surroundings in one language. Raises SourceError when page or footer cannot serve."""

    def __init__(self, page: str, footers: Mapping[Audience, str], language: str) -> None:
        """`footers`: by audience, each a text in the form of all texts (`form`)."""
        self.language = language
        self._marker = MARKER[language]
        self._filled: dict[tuple[str, ...], Surroundings] = {}
        self._around: dict[tuple[str, bool], Surroundings] = {}
        written = self._page(page)
        for audience in FOOTER_FILES:
            footer = self._footer(footers.get(audience, ""), audience)
            for has_privacy_url in (False, True):
                end = self._end(footer, has_privacy_url)
                self._around[audience, has_privacy_url] = self._render(written, end, audience)

    def assemble(
        self, body: Skeleton, audience: Audience, frame: Frame, card: tuple[str, str] = ("", "")
    ) -> tuple[str, str]:
        """Text and HTML of one mail. `frame.named` holds the subject under "subject_line"; `card` is what
        stands between body and footer, in text and HTML."""
        around = self._settled(audience, frame)
        below, below_html = card
        below = f"\n\n{below}" if below else ""
        text = f"{self._marker}\n\n{fill(body.text, frame)}{below}{fill(around.text_tail, frame)}\n"
        said = self._said(body, audience, frame)
        above = "".join([said[name] for name in around.homeless])
        html = f"{_filled(around.html_head, said)}{above}{fill(body.html, frame)}{below_html}"
        return text, html + _filled(around.html_tail, said)

    def _said(self, body: Skeleton, audience: Audience, frame: Frame) -> Mapping[str, str]:
        """What one mail puts into the page's holes."""
        subject = str(frame.named["subject_line"])
        title = fill(body.title, frame) or title_as_html(subject, self.language)
        band, lead = "", fill(body.lead, frame)
        if lead and audience == "staff":
            reaches = frame.named.get("replies_go_to_citizen") is True
            before, behind = blocks.band(self.language, reaches_citizen=reaches)
            band, lead = f"{before}{lead}{behind}", ""
        if lead:
            lead = f"{blocks.opened('p', self.language)}{lead}{blocks.closed('p')}"
        return {
            "subject": escape(single_line(subject)),
            "preview": f"{_SIGN}{escape(preview_of(body, frame).replace(_ZWNJ, ''))} {_PADDING}",
            "band": band,
            "title": f"{blocks.opened('h1', self.language)}{title}{blocks.closed('h1')}{lead}",
        }

    def _settled(self, audience: Audience, frame: Frame) -> Surroundings:
        """The surroundings with everything filled in but the subject: it rarely differs between mails."""
        privacy_url = safe_target(str(frame.named.get(_PRIVACY) or ""))
        key = (audience, privacy_url, *[str(frame.named[name]) for name in _IN_FOOTER if name != _PRIVACY])
        found = self._filled.get(key)
        if found is None:
            around = self._around[audience, bool(privacy_url)]
            frame = Frame(frame.slots, {**frame.named, _PRIVACY: privacy_url}, frame.language)
            found = Surroundings(
                _settle(around.text_tail, frame),
                _settle(around.html_head, frame),
                _settle(around.html_tail, frame),
                around.homeless,
            )
            if len(self._filled) >= _MOST_SETTLED:
                self._filled.clear()
            self._filled[key] = found
        return found

    def _end(self, footer: Compiled, has_privacy_url: bool) -> Skeleton:
        """The footer's own skeleton, with the line of the privacy notice or without."""
        try:
            without = {} if has_privacy_url else {_PRIVACY: ""}
            return skeleton(
                self._run(footer, without, _IN_FOOTER).strip(), self.language, _IN_FOOTER, "footer"
            )
        except ValueError as error:
            raise SourceError(footer.path, 0, str(error)) from None

    def _render(self, page: Compiled, end: Skeleton, audience: Audience) -> Surroundings:
        text_tail: tuple[Piece, ...] = ("\n\n———\n", *end.text) if end.text else ()
        head: list[Piece] = []
        tail: list[Piece] = []
        side = head
        seen = ""
        for part in split(self._run(page, {"audience": audience}, _DEFERRED)):
            name = _DEFERRED[part] if isinstance(part, int) else ""
            if isinstance(part, str):
                seen += part
                side.append(part)
            elif name == "content":
                if side is tail:
                    raise SourceError(LAYOUT_FILE, 0, "the content must stand in the page once")
                if self._marker not in seen:
                    raise SourceError(LAYOUT_FILE, 0, "the marker must stand before the content")
                side = tail
            elif name == "footer":
                side += end.html
            elif name in _PER_MAIL:
                side.append(Hole(name))
            else:
                # Within a tag no element may stand, so none around the value either.
                in_tag = seen.rfind("<") > seen.rfind(">")
                side.append(BareValue(name) if in_tag else HtmlValue(name))
        if side is head:
            raise SourceError(LAYOUT_FILE, 0, "the content must stand in the page once")
        homeless = tuple(name for name in ("band", "title") if Hole(name) not in head)
        return Surroundings(text_tail, tuple(head), tuple(tail), homeless)

    def _page(self, page: str) -> Compiled:
        if found := _FORBIDDEN.search(page):
            line = page.count("\n", 0, found.start()) + 1
            raise SourceError(LAYOUT_FILE, line, f"{found[0].strip()} is not allowed in the layout")
        variables = (*_FIXED, "marker", *_DEFERRED)
        return Compiled(page, LAYOUT_FILE, self.language, "layout", Allowed(variables, conditions=_FIXED))

    def _footer(self, footer: str, audience: Audience) -> Compiled:
        path = f"{self.language}/{FOOTER_FILES[audience]}"
        notification = Notification("", audience, ("email",), FOOTER_VARIABLES, {})
        written = Writer(notification, self.language, names(self.language), NO_PIECES).jinja(
            footer, path, "body"
        )
        allowed = Allowed(_IN_FOOTER, conditions=(_PRIVACY,))
        return Compiled(written, path, self.language, "layout", allowed)

    def _run(self, compiled: Compiled, fixed: Mapping[str, object], deferred: tuple[str, ...]) -> str:
        values: dict[str, object] = {
            "language": self.language,
            "direction": DIRECTIONS[self.language],
            "side": blocks.SIDES[self.language],
            "marker": self._marker,
        }
        values.update({name: Deferred(index) for index, name in enumerate(deferred)})
        values.update(fixed)
        try:
            return compiled.run(values)[0]
        except RenderError as error:
            raise SourceError(error.problem.path, error.problem.line, error.problem.message) from None


def builtin_layout(language: str) -> Layout:
    """The surroundings that need no file and no value."""
    return Layout(builtin.LAYOUT, builtin.FOOTERS[language], language)


def builtin_page(language: str, subject: str, paragraphs: Sequence[str]) -> str:
    """The whole page of a mail in the built-in words, which cannot fail."""
    opened, closed = blocks.opened("p", language), blocks.closed("p")
    inner = "".join([f"{opened}{as_html(clean(part), language)}{closed}" for part in paragraphs])
    return (
        f'<!DOCTYPE html>\n<html lang="{language}" dir="{DIRECTIONS[language]}">\n'
        f'<head><meta charset="utf-8"><title>{escape(subject)}</title></head>\n'
        f'<body style="font-family:Tahoma,Arial,sans-serif;font-size:16px;line-height:1.8">\n'
        f"{opened}{MARKER[language]}{closed}{inner}</body>\n</html>\n"
    )
