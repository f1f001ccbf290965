"""What fills the holes of a skeleton for one message: values, links, buttons.

Each kind of hole is a slot that turns the message's values (`Frame`) into its part of text or HTML. The
skeletons are made by `markup`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Protocol

from daemon.templating import blocks
from daemon.templating.values import Values, as_html, clean, in_url, isolated, safe_target, single_line

Key = int | str
"""Which value: the place among one rendering's values, or the name of one passed to the layout."""


@dataclass(slots=True)
class Frame:
    """What fills one message's skeletons: the rendering's values in order, all values by name."""

    slots: Sequence[str]
    named: Values
    language: str
    urls: dict[int, str] = field(default_factory=dict)
    """What each target of these skeletons came to: what stands around a link asks again."""

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
    """Where a link leads: a literal, a whole value (perhaps with a literal choice behind it, ?score=4), or a
    literal beginning with values after it."""

    parts: tuple[Key | tuple[str], ...]

    def url(self, frame: Frame) -> str:
        """The address, or "" when the value may not be a link's target, and for a mail to nobody."""
        found = frame.urls.get(id(self))
        if found is None:
            found = frame.urls[id(self)] = self._url(frame)
        return found

    def _url(self, frame: Frame) -> str:
        first = self.parts[0]
        if not isinstance(first, tuple):
            url = safe_target(frame.get(first))
            chosen = "".join(part[0] for part in self.parts[1:] if isinstance(part, tuple))
            return f"{url}{chosen}" if url and "?" not in url else url
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
    look: str = blocks.LINK_LOOK
    edge: str = ""

    def fill(self, frame: Frame) -> str:
        url = self.target.url(frame)
        return f'<a href="{escape(url)}" {self.look}>{self.edge}' if url else ""


@dataclass(frozen=True, slots=True)
class LinkClose:
    target: Target
    edge: str = ""

    def fill(self, frame: Frame) -> str:
        return f"{self.edge}</a>" if self.target.url(frame) else ""


@dataclass(frozen=True, slots=True)
class CommandGap:
    """What stands between two commands in place of `words`: their borders part them, where they are links."""

    target: Target
    words: str

    def fill(self, frame: Frame) -> str:
        return " " if self.target.url(frame) else self.words


@dataclass(frozen=True, slots=True)
class Button:
    """A link that is a paragraph of its own; its words alone where it leads nowhere."""

    target: Target
    label: tuple[Piece, ...]
    language: str

    def fill(self, frame: Frame) -> str:
        url, label = self.target.url(frame), fill(self.label, frame)
        if not url:
            return f"{blocks.opened('p', self.language)}{label}{blocks.closed('p')}"
        before, between, behind = blocks.button(self.language)
        return f"{before}{escape(url)}{between}{label}{behind}"


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


def fill(pieces: Sequence[Piece], frame: Frame) -> str:
    """The pieces with their values. Raises KeyError when a layout's value was not passed."""
    return "".join([piece if isinstance(piece, str) else piece.fill(frame) for piece in pieces])


def merged(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """The same pieces with neighbouring literals in one."""
    joined: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        elif piece != "":
            joined.append(piece)
    return tuple(joined)
