"""Turns HTML into readable plain text. Quoted blocks become lines that begin with "> ".

It is a scanner of its own, because html.parser is quadratic on unclosed comments and tags (CPython
gh-135462) and a complaint desk reads what strangers write. It makes one pass without recursion. It renders
and does not validate; markup never leaves this module.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Final

MAX_TAGS: Final = 200_000  # far more than any letter a person writes; bounds time on hostile input
_MAX_DEPTH: Final = 20  # quotation depth shown; deeper is shown at this depth
_MAX_ATTRIBUTES: Final = 1_000  # characters of them looked at

_SKIPPED: Final = frozenset(
    {"script", "style", "title", "template", "xml", "noscript", "select", "svg", "audio"}
)
_RAW: Final = frozenset({"script", "style", "title"})  # inside these, only their own end tag is markup
# fmt: off
_BLOCKS: Final = frozenset({
    "address", "article", "aside", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset",
    "figure", "footer", "form", "head", "header", "hr", "html", "legend", "li", "main", "nav", "ol", "option",
    "section", "table", "tbody", "tfoot", "thead", "tr", "ul",
})
# fmt: on
_PARAGRAPHS: Final = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote"])
_ENDS_TITLE: Final = (_BLOCKS | _PARAGRAPHS) - {"html", "head"}
_EMOJI: Final = re.compile(r"""\balt\s*=\s*["']([^\x00-\x7f]{1,8})["']""")
_NAME: Final = re.compile(r"/?([a-zA-Z][a-zA-Z0-9:-]{0,30})")
_TAG_REST: Final = re.compile(r"""((?:[^"'>]++|"[^"]*+"|'[^']*+')*+)>""")
_SPACE: Final = re.compile(r"[ \t\r\n\f\v\u200b]+")
# Where a mail program says itself that what follows is the quoted message. Gmail's div.gmail_quote is not
# among them: it also holds what a person writes between the quoted lines.
_NAMED: Final = re.compile(r"""(?:class|id)\s*=\s*("[^"]*+"|'[^']*+'|[^\s"'>]++)""", re.IGNORECASE)
_QUOTE_NAMES: Final = re.compile(
    r"\b(?:yahoo_quoted|protonmail_quote|moz-forward-container-off|OLK_SRC_BODY_SECTION|zmail_extra_hr"
    r"|mail_quote_start|replied-message-body)\b",
    re.IGNORECASE,
)
# Outlook and Gmail use blockquote for plain indentation too; they say so in the style.
_INDENTATION: Final = re.compile(r"border\s*:\s*(?:none|0)|webkit-indent-blockquote", re.IGNORECASE)
_CITATION: Final = re.compile(r"""type\s*=\s*["']?cite|gmail_quote|cite\s*=|border-left""", re.IGNORECASE)


_EMBEDDED: Final = re.compile(r"data:[\w/+.;=-]{1,100},[A-Za-z0-9+/=%\r\n]{100,}")


def without_embedded(html: str) -> str:
    """`html` without the pictures that stand in it as data: addresses, which may be most of its length."""
    return _EMBEDDED.sub("", html) if "base64," in html else html


def readable_text(html: str, max_tags: int = MAX_TAGS) -> str:
    """Return what a reader of `html` sees, as plain lines; quoted blocks as lines beginning "> ".

    What comes after `max_tags` tags is left out.
    """
    page = _Page()
    pieces = html.split("<", max_tags)
    del pieces[max_tags:]  # the last holds all the rest
    page.words(pieces[0] if pieces else "")
    index = 1
    while index < len(pieces):
        index = _piece(page, pieces, index)
    return page.finish()


def _is_quote_block(attributes: str) -> bool:
    if not _QUOTE_NAMES.search(attributes):
        return False
    return any(_QUOTE_NAMES.search(match[1]) for match in _NAMED.finditer(attributes))


def _piece(page: _Page, pieces: list[str], index: int) -> int:
    """Take what follows one "<" and return the index of the next piece to look at."""
    piece = pieces[index]
    if piece.startswith("!--"):
        return _after_comment(page, pieces, index)
    name = _NAME.match(piece)
    if name is None:
        if piece[:1] in ("!", "?", "/"):
            page.words(piece.partition(">")[2])
        else:
            page.words("<" + piece)  # "a < b": no markup at all
        return index + 1
    tag = name[1].lower()
    if page.raw and tag not in (page.raw, "body") and not (page.raw == "title" and tag in _ENDS_TITLE):
        return index + 1
    last = index
    text = piece[name.end() :]
    end = _TAG_REST.match(text)
    while end is None and last + 1 < min(len(pieces), index + 4) and ('"' in text or "'" in text):
        # An attribute may hold "<" or ">" in quotes; look a few pieces ahead, never further.
        last += 1
        text += "<" + pieces[last]
        end = _TAG_REST.match(text)
    if end is not None:
        page.tag(tag, piece[0] == "/", end[1])
        page.words(text[end.end() :])
        return last + 1
    attributes, closed, rest = piece[name.end() :].partition(">")  # unbalanced quotes
    if closed:
        page.tag(tag, piece[0] == "/", attributes)
        page.words(rest)
    else:
        page.words("<" + piece)
    return index + 1


def _after_comment(page: _Page, pieces: list[str], index: int) -> int:
    """Skip a comment. One that never ends is taken to end at its first ">", as browsers do."""
    if page.endless_comment:
        page.words(pieces[index].partition(">")[2])
        return index + 1
    for at in range(index, len(pieces)):
        _, closed, rest = (pieces[at][3:] if at == index else pieces[at]).partition("-->")
        if closed:
            page.words(rest)
            return at + 1
    page.endless_comment = True
    page.words(pieces[index].partition(">")[2])
    return index + 1


class _Page:
    """The text under construction: a list of finished lines, and the pieces of the present one."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.present: list[str] = []
        self.blank_wanted = False
        self.depth = 0
        self.last_depth = 0
        self.skipping: list[str] = []
        self.quotes: list[tuple[str, int]] = []  # tag that began a quotation, nesting of that tag since
        self.raw = ""
        self.preformatted = 0
        self.endless_comment = False

    def words(self, text: str) -> None:
        if not text or self.skipping:
            return
        if "&" in text:
            text = unescape(text)
        if self.preformatted:
            first, *others = text.replace("\r\n", "\n").split("\n")
            self.present.append(first)
            for line in others:
                self.end_line(keep_blank=True)
                self.present.append(line)
            return
        text = _SPACE.sub(" ", text)
        if text == " " and not self.present:
            return
        self.present.append(text)

    def end_line(self, keep_blank: bool = False) -> None:
        text = "".join(self.present).replace("\xa0", " ")
        self.present.clear()
        text = text.rstrip() if self.preformatted else _SPACE.sub(" ", text).strip()
        prefix = "> " * min(self.depth, _MAX_DEPTH)
        if not text:
            if keep_blank:
                self.lines.append(prefix.rstrip())
            return
        if self.blank_wanted and self.lines and self.lines[-1].strip("> "):
            self.lines.append(("> " * min(self.depth, self.last_depth, _MAX_DEPTH)).rstrip())
        self.blank_wanted = False
        self.last_depth = self.depth
        self.lines.append(prefix + text)

    def tag(self, tag: str, is_end: bool, attributes: str) -> None:
        if self.skipping:
            self._skip(tag, is_end, attributes)
            return
        if tag == "br":
            self.end_line(keep_blank=True)
        elif tag in _SKIPPED:
            if not is_end and not attributes.endswith("/"):
                self.skipping.append(tag)
                self.raw = tag if tag in _RAW else ""
        elif tag == "img":  # mail programs send emoji as pictures
            self.present += _EMOJI.findall(attributes[:_MAX_ATTRIBUTES])[:1]
        elif tag in ("td", "th"):
            if is_end:
                self.present.append(" ")
        elif tag == "li" and not is_end:
            self.end_line()
            self.present.append("- ")
        elif tag in _PARAGRAPHS:
            self.end_line()
            self.blank_wanted = True
            if tag == "pre":
                self.preformatted = max(0, self.preformatted + (-1 if is_end else 1))
        elif tag in _BLOCKS:
            self.end_line()
        if tag in ("blockquote", "div"):
            self._quotation(tag, is_end, attributes)

    def _skip(self, tag: str, is_end: bool, attributes: str) -> None:
        if tag == "body" or (self.raw == "title" and tag in _ENDS_TITLE):
            # An unclosed <title> or <style> does not swallow the letter.
            self.skipping.clear()
        elif tag == self.skipping[-1]:
            if is_end:
                self.skipping.pop()
            elif not self.raw and len(self.skipping) < 50 and not attributes.endswith("/"):
                self.skipping.append(tag)
        if not self.skipping:
            self.raw = ""

    def _quotation(self, tag: str, is_end: bool, attributes: str) -> None:
        """Keep count of the elements that quote, so that each one's end is found."""
        attributes = attributes[:_MAX_ATTRIBUTES]
        if is_end:
            if self.quotes and self.quotes[-1][0] == tag:
                name, nesting = self.quotes.pop()
                if nesting:
                    self.quotes.append((name, nesting - 1))
                else:
                    self.depth -= 1
            return
        begins = (
            bool(_CITATION.search(attributes)) or not _INDENTATION.search(attributes)
            if tag == "blockquote"
            else _is_quote_block(attributes)
        )
        if begins:
            self.quotes.append((tag, 0))
            self.depth += 1
        elif self.quotes and self.quotes[-1][0] == tag:
            name, nesting = self.quotes.pop()
            self.quotes.append((name, nesting + 1))

    def finish(self) -> str:
        self.end_line()
        lines: list[str] = []
        for line in self.lines:
            if line.strip("> ") or (lines and lines[-1].strip("> ")):
                lines.append(line)
        return "\n".join(lines).strip()
