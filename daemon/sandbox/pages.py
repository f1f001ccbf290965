"""The web of the play: opens pages as a browser does, and reports a call as the call centre does.

A page is told as text; its address is printed beside it, to be opened.
"""

from __future__ import annotations

import json
import re
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

PATIENCE_S = 10.0
_LINK = re.compile(r"http://[0-9.]+:\d+/[cs]/[A-Za-z0-9_-]+")
_BLOCKS = {*["h1", "h2", "p", "dt", "dd", "li", "label", "legend", "button", "summary", "div", "section"]}
_UNSEEN = {"style", "title", "head"}


@dataclass(frozen=True, slots=True)
class Web:
    """The desk's own web at `url`; `key` is the call centre's, for the intake API; `password` the admin's."""

    url: str
    key: str = field(repr=False)
    password: str = field(default="", repr=False)

    def page(self, address: str) -> str:
        """The page as text, a line for each thing that it says. Raises OSError."""
        with urllib.request.urlopen(address, timeout=PATIENCE_S) as answer:  # noqa: S310 - our own loopback
            return as_text(answer.read().decode())

    def report_call(self, complaint: dict[str, Any]) -> dict[str, Any]:
        """What the intake API answers to a complaint. Raises OSError where it is refused."""
        request = urllib.request.Request(  # noqa: S310 - our own loopback
            f"{self.url}/api/v1/complaints",
            json.dumps(complaint).encode(),
            {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310 - our own loopback
            found = json.load(answer)
        assert isinstance(found, dict)
        return found


def link_in(text: str) -> str | None:
    """The first link to a page of ours."""
    found = _LINK.search(text)
    return found[0] if found else None


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = [""]
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._unseen += tag in _UNSEEN
        if tag in _BLOCKS:
            self.lines.append("")

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in _UNSEEN
        if tag in _BLOCKS:
            self.lines.append("")
        elif tag == "time":
            self.lines[-1] += " "

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.lines[-1] += data


def as_text(html: str) -> str:
    """What a reader sees, without its looks."""
    reader = _Reader()
    reader.feed(html)
    lines = (" ".join(line.split()) for line in reader.lines)
    return "\n".join(line for line in lines if line)
