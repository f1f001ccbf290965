"""What mail programs make of an HTML mail before they show it: one profile each of what it strips.

By caniemail's tables as read in November 2026, and Roundcube as seen (docs/MAILS.md). A profile is no mail
program: it leaves out of a mail what that program would not honour, and the rest is shown by a browser.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser

Keeps = Callable[[str, str, str], bool]
"""Of a tag, a property of its style and the value: whether the program honours it."""

LOGICAL = re.compile(r"(?:margin|padding|border|inset)-(?:inline|block)|^(?:inline|block)-size$|^inset$")
_SHEET = re.compile(r"<style>([^<]*)</style>")
_FOR_WORD = re.compile(r"<!--\[if mso\]>(.*?)<!\[endif\]-->", re.DOTALL)
_VOID = ("br", "hr", "meta", "img")


def _anything(tag: str, name: str, value: str) -> bool:
    return True


def _physical(tag: str, name: str, value: str) -> bool:
    """Gmail, Outlook on the web and Yahoo know no logical properties."""
    return not LOGICAL.search(name) and not name.startswith("mso-")


_UNKNOWN_TO_WORD = (
    "border-radius",
    "overflow",
    "opacity",
    "white-space",
    "word-break",
    "max-height",
    "position",
)


def _of_word(tag: str, name: str, value: str) -> bool:
    if LOGICAL.search(name) or name.startswith((*_UNKNOWN_TO_WORD, "-webkit")):
        return False
    if name.startswith("padding"):
        return tag in ("td", "th")
    if name.startswith("margin"):
        return "auto" not in value
    if name in ("max-width", "min-width"):
        return tag == "table"
    return not (name == "display" and value != "none")


@dataclass(frozen=True)
class Client:
    """One mail program.

    `keeps` judges inline styles; `sheet` a whole style element; `is_word` shows what stands in conditional
    comments; `drops_dir_of` are the elements whose `dir` is lost, `unknown` those that are unwrapped.
    """

    name: str
    keeps: Keeps = _anything
    sheet: Callable[[str], bool] = lambda sheet: True
    is_word: bool = False
    keeps_body: bool = False
    keeps_classes: bool = True
    drops_dir_of: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ("bdi",)


CLIENTS = (
    Client("apple", keeps_body=True, unknown=()),
    # Gmail drops a whole style element that holds what it does not know.
    Client("gmail", _physical, lambda sheet: "[data-" not in sheet and "prefers-color-scheme" not in sheet),
    Client("outlook", _of_word, lambda sheet: "mso-" in sheet, is_word=True),
    Client("outlook.com", _physical),
    Client("yahoo", _physical, lambda sheet: "prefers-color-scheme" not in sheet),
    Client("roundcube", unknown=()),
    # None of them, and worse than each: what must still read right when only text and tables are left.
    Client("barest", _of_word, lambda sheet: False, keeps_classes=False, drops_dir_of=("span",)),
)
BY_NAME = {client.name: client for client in CLIENTS}


def as_shown(html: str, client: Client) -> str:
    """`html` as `client` hands it to what draws it: a page, left to right unless the mail says otherwise."""
    html = _FOR_WORD.sub(r"\1" if client.is_word else "", html)
    sheets = "\n".join(sheet for sheet in _SHEET.findall(html) if client.sheet(sheet))
    if client.keeps_body:
        return html
    inner = _Stripped(client, _SHEET.sub("", html)).made
    return (
        '<!DOCTYPE html>\n<html lang="en" dir="ltr"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{sheets}</style></head>\n"
        f'<body style="margin:0">{inner}</body></html>\n'
    )


def style_of(attributes: dict[str, str | None]) -> dict[str, str]:
    """The properties of an element's style."""
    declared = (part.partition(":") for part in (attributes.get("style") or "").split(";") if ":" in part)
    return {name.strip(): value.strip() for name, _, value in declared}


class _Stripped(HTMLParser):
    """Writes the body again, as a block of the program's own page."""

    def __init__(self, client: Client, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.client = client
        self.made = ""
        self.is_body = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "body":
            self.is_body = True
            self.made += "<div>"
        elif self.is_body and tag not in self.client.unknown:
            self.made += f"<{tag}{self._attributes(tag, dict(attrs))}>"

    def _attributes(self, tag: str, attributes: dict[str, str | None]) -> str:
        style = style_of(attributes)
        kept = {name: value for name, value in style.items() if self.client.keeps(tag, name, value)}
        if self.client.is_word and style.get("mso-hide") == "all":
            kept["display"] = "none"
        if self.client.is_word and "mso-padding-alt" in style:
            kept["padding"] = style["mso-padding-alt"]
        said = {**attributes, "style": ";".join(f"{name}:{value}" for name, value in kept.items())}
        if tag in self.client.drops_dir_of:
            said.pop("dir", None)
        if not self.client.keeps_classes:
            said.pop("class", None)
        return "".join(f' {name}="{escape(value or "")}"' for name, value in said.items())

    def handle_endtag(self, tag: str) -> None:
        if tag == "body":
            self.made += "</div>"
            self.is_body = False
        elif self.is_body and tag not in self.client.unknown and tag not in _VOID:
            self.made += f"</{tag}>"

    def handle_data(self, data: str) -> None:
        self.made += data if self.is_body else ""

    def handle_entityref(self, name: str) -> None:
        self.made += f"&{name};" if self.is_body else ""

    def handle_charref(self, name: str) -> None:
        self.made += f"&#{name};" if self.is_body else ""
