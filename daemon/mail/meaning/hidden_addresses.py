"""Finds and removes e-mail addresses that a citizen never sees, however they are written.

Which ones these are is the caller's knowledge. The mailbox's plain address is public; its sub-addresses
carry tokens and are always hidden.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from daemon.mail.languages.folding import fold, strip_bidi

_MAY_HOLD_ADDRESS: Final = re.compile(r"[@＠﹫+＋]|%40|%2[bB]")
_LOCAL_SIGNS: Final = "abcdefghijklmnopqrstuvwxyz0123456789.!#$&'*+=^_`{|}~-"
_MAX_LOCAL: Final = 120
"""Characters looked at before an @: RFC 5321, 4.5.3.1.1 allows 64, programs more."""
_NOT_OFTEN_IN_LOCAL: Final = re.compile("[!#$&'*=^`{|}~]")
"""Allowed, but in «to='sara@…» they stand outside the address."""
_MAX_PASSES: Final = 10
_ESCAPE_OR_CHAR: Final = re.compile("%[2-7][0-9a-f]|.", re.IGNORECASE | re.DOTALL)
_BEFORE_ADDRESS: Final = re.compile(r"(?:mailto|smtp|sip) ?: ?\Z")
_AFTER_ADDRESS: Final = re.compile(r"\?(?:subject|body|cc|bcc)=[^\s<>()\[\]]*")
_BRACKETS: Final = ("<>", "()", "[]", "«»")
_WORD: Final = re.compile(r"\w+")
_LABEL_ALONE: Final = re.compile(
    r"(?:(?:ال)?(?:بريد|ايميل)(?: (?:ال)?(?:الكتروني|رسمي))*"
    r"|e ?mail(?: address)?|mail|from|to|cc|من|الي|نسخه)?"
)


class _Seen:
    """A line as a reader sees its addresses: lower case, without escapes (%40), wide letters and invisible
    signs; and where each character of it was written."""

    def __init__(self, line: str) -> None:
        chars: list[str] = []
        self._spans: list[tuple[int, int]] = []
        for match in _ESCAPE_OR_CHAR.finditer(line):
            written = match[0]
            char = chr(int(written[1:], 16)) if len(written) == 3 else written
            if not char.isascii():
                char = strip_bidi(unicodedata.normalize("NFKC", char))
            for seen in char.lower():
                chars.append(seen)
                self._spans.append(match.span())
        self._line = line
        self.text = "".join(chars)

    def written(self, start: int, stop: int) -> tuple[int, int]:
        """Where text[start:stop] was written, with the invisible signs around it."""
        first, last = self._spans[start][0], self._spans[stop - 1][1]
        while first > 0 and not strip_bidi(self._line[first - 1]):
            first -= 1
        while last < len(self._line) and not strip_bidi(self._line[last]):
            last += 1
        return first, last


class AddressScrubber:
    """Removes addresses that the citizen never sees."""

    def __init__(self, hidden: set[str], mailbox: str) -> None:
        mailbox = _Seen(mailbox.strip()).text
        mailbox_local, _, mailbox_domain = mailbox.rpartition("@")
        self._sub_address = f"{mailbox_local}+"
        self._mailbox_domains = (mailbox_domain,)
        domains: dict[str, set[str]] = {}
        for address in hidden:
            local, _, domain = _Seen(address.strip()).text.rpartition("@")
            if local and domain and (local, domain) != (mailbox_local, mailbox_domain):
                domains.setdefault(local, set()).add(domain)
        # The longest first: of «momah.gov.sa» and «momah.gov.sauna» the one that was written.
        self._domains = {
            local: tuple(sorted(found, key=len, reverse=True)) for local, found in domains.items()
        }
        # A token whose @ was lost or wrapped away is still a token.
        self._bare_token = re.compile(rf"{re.escape(self._sub_address)}[a-z0-9+]{{16,200}}")
        # Roster entries outside ASCII are rare, and only looked for as they are written.
        odd = sorted((a for a in hidden if not a.isascii() and a.strip()), key=len, reverse=True)
        self._odd = re.compile("|".join(map(re.escape, odd)), re.IGNORECASE) if odd else None

    def __call__(self, text: str) -> str:
        """`text` without them, tidied where one stood; "" if they could not all be removed."""
        for _ in range(_MAX_PASSES):
            cleaned = "\n".join(
                line for line in map(self._clean_line, text.split("\n")) if line is not None
            ).strip()
            if cleaned == text:
                return text
            # Again: what stood on both sides of one may be another.
            text = cleaned
        return ""

    def finds(self, line: str) -> bool:
        return any(True for _ in self._places(line))

    def finds_token(self, line: str) -> bool:
        """Is a sub-address of the mailbox in `line`, or a token whose @ was lost?"""
        if _MAY_HOLD_ADDRESS.search(line) is None:
            return False
        text = _Seen(line).text
        return self._sub_address in text and (self.finds(line) or self._bare_token.search(text) is not None)

    def _clean_line(self, line: str) -> str | None:
        places = sorted(self._places(line))
        if not places:
            return line
        kept: list[str] = []
        end = 0
        for start, stop in places:
            kept.append(line[end:start])
            end = max(end, stop)
        kept.append(line[end:])
        return _tidy("".join(kept))

    def _places(self, line: str) -> Iterator[tuple[int, int]]:
        """Where hidden addresses are written in `line`, with what belongs to them; may overlap."""
        if self._odd is not None:
            for match in self._odd.finditer(line):
                yield match.span()
        if _MAY_HOLD_ADDRESS.search(line) is None:
            return
        seen = _Seen(line)
        for match in re.finditer("@", seen.text):
            length = self._length_before(seen.text, match.start())
            if length is not None:
                before, after = length
                yield seen.written(*_widened(seen.text, match.start() - before, match.end() + after))
        for match in self._bare_token.finditer(seen.text):
            yield seen.written(*_widened(seen.text, *match.span()))

    def _length_before(self, text: str, at: int) -> tuple[int, int] | None:
        """How many characters before and after the @ at `at` belong to a hidden address, if it is one."""
        window = text[max(0, at - _MAX_LOCAL) : at]
        local = window[len(window.rstrip(_LOCAL_SIGNS)) :]
        for candidate in _local_parts(local):
            for domain in self._domains_of(candidate):
                # Whatever is glued to its end: better a stranger's address cut than one of ours shown.
                if text.startswith(domain, at + 1):
                    return len(candidate), len(domain)
        return None

    def _domains_of(self, local: str) -> tuple[str, ...]:
        if local.startswith(self._sub_address):
            return self._mailbox_domains
        # A sub-address of a member of staff names them too (RFC 5233).
        return self._domains.get(local) or self._domains.get(local.partition("+")[0], ())


def _local_parts(written: str) -> Iterator[str]:
    """What may be the local part of an address, of the signs before its @; the longest first."""
    yield written
    yield written.lstrip(".!#$&'*+=^_`{|}~-")
    for sign in _NOT_OFTEN_IN_LOCAL.finditer(written):
        yield written[sign.end() :]


def _widened(text: str, start: int, stop: int) -> tuple[int, int]:
    """With mailto:, its parameters, and brackets around."""
    after = _AFTER_ADDRESS.match(text, stop)
    stop = after.end() if after else stop
    for _ in range(3):
        before = _BEFORE_ADDRESS.search(text[max(0, start - 10) : start])
        start -= len(before[0]) if before else 0
        if start > 0 and stop < len(text) and text[start - 1] + text[stop] in _BRACKETS:
            start, stop = start - 1, stop + 1
    return start, stop


def _tidy(line: str) -> str | None:
    """A line out of which something was taken; None where only a label was left."""
    if _LABEL_ALONE.fullmatch(" ".join(_WORD.findall(fold(line)))):
        return None
    line = re.sub(r"(?<=\S)[ \t]{2,}", " ", line)
    return re.sub(r" (?=[)\].,،؛;:!؟?])", "", line).rstrip(" \t|,،-–—")
