"""What mail programs append below a letter: signature delimiter, mobile footer, list footer.

Not the closing formula and the name: those the writer wrote (`staff_text` removes them for the citizen).
A footer names a device or a program and says nothing else: «أرسلت من جوالي صورة الهوية» is a sentence.
"""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.languages import lexicon
from daemon.mail.languages.notation import lazy
from daemon.mail.quoting.lines import folded

_MAX_FOOTER: Final = 110  # characters
_MAX_SIGNATURE: Final = 25  # lines below "-- " (RFC 3676, section 4.3: a signature separator with its blank)
_MAX_BARE_SIGNATURE: Final = 10  # lines below "--", which people draw between paragraphs too
_MAX_NEAR: Final = 60  # lines in which a second "--" is looked for
_MAX_WIDTH: Final = 80  # characters of a signature's line; prose runs on

_LINK: Final = re.compile(r"[<(\[]?(?:https?://|mailto:)[^\s<>()\]]*[>)\]]?|\]\(|[\[\]]")
_EXCUSE: Final = lazy(
    lambda: rf"(?<![.,!;،–-])[.,!;،–-]++\s*+{_words('politely')}?{_words('excuses')}\w*.{{0,60}}$"
)
_EDGE: Final = " \t*_<>()[]\"'.!~•|\u200e\u200f"

_FROM_DEVICE: Final = lazy(lambda: _words("from_device") + "(?= )")
_DEVICE_SENT: Final = lazy(lambda: _words("device_sent"))
_SENT_FROM_MY: Final = lazy(lambda: rf"{_words('sent_from_my')}[\w'+&-]++(?: [\w'+&-]++){{0,4}} ?")
_DEVICE: Final = lazy(lambda: _words("devices"))
_DEVICE_WORD: Final = lazy(lambda: _words("device_words"))
_NO_SIGNATURE: Final = lazy(
    # a question, a heading, a point of a list, a greeting, and what we may have asked for
    lambda: rf"[?؟:]$|^(?:[-*•]|\d{{1,2}}[-).])\s|{_words('no_signature')}"
)
_CONTACT: Final = lazy(lambda: rf"@|www\.|https?:|\||\+?\d[\d ()-]{{7,}}|{_words('contacts')}")
_ARABIC: Final = re.compile("[\u0621-\u064a]")
_LIST_RULE: Final = re.compile(r"_{2,}|-{40,}|={20,}")
_TRACKER: Final = frozenset("ᐧ")  # left behind by a reader-tracking add-on


def tidy(lines: list[str]) -> str:
    """`lines` as one text without signature, list footer and mobile footers at its end, and without the
    blank lines and the rule around it. "" if nothing else stands there.
    """
    lines = _without_signature("\n".join(lines).split("\n"))
    while lines and (not lines[-1].strip() or (len(lines) > 1 and _is_footer(lines[-1]))):
        lines.pop()
    first = next((index for index, line in enumerate(lines) if line.strip()), len(lines))
    return "\n".join(line.rstrip() for line in lines[first:])


def _is_footer(line: str) -> bool:
    """A mobile footer, or the rule above a quotation that has been cut."""
    bare = line.strip()
    if set(bare) <= _TRACKER or (set(bare) <= set("-_=–—") and len(bare) >= 10):
        return True
    return len(bare) <= 4 * _MAX_FOOTER and is_mobile_footer(bare)


def is_mobile_footer(line: str) -> bool:
    """Is `line` nothing but "Sent from my iPhone", «أُرسلت من الـ iPhone», "Get Outlook for iOS" …?"""
    written = _LINK.sub(" ", line).strip(_EDGE)
    if not written or len(written) > _MAX_FOOTER:
        return False
    written = " ".join(written.split())
    probe = _EXCUSE.sub("", folded(written)).strip(_EDGE)
    if _DEVICE_SENT.fullmatch(probe):
        return bool(re.search(r"[a-z]", probe)) or _DEVICE.search(probe) is not None
    if _SENT_FROM_MY.fullmatch(probe):
        return True
    phrase = _FROM_DEVICE.match(probe)
    if phrase is None or not _DEVICE.search(probe[phrase.end() :]):
        return False
    count = len(probe.split())
    rest = written.split()[len(phrase[0].split()) : count]
    return 0 < len(rest) <= 8 and all(map(_names_device, rest))


def _names_device(word: str) -> bool:
    """A product's name (a capital or a digit), a device in any language, or a small word between."""
    bare = folded(word).strip(_EDGE + ",-")
    if not bare or bare in lexicon.phrases("footers", "small_words") or _DEVICE_WORD.fullmatch(bare):
        return True
    if word.endswith((",", ";", ":", "?", "؟", "،")):
        return False
    return word[0].isupper() or word[0].isdigit() or (word[0].islower() and _DEVICE.search(bare) is not None)


def _without_signature(lines: list[str]) -> list[str]:
    filled = [index for index, line in enumerate(lines) if line.strip()]
    last = filled[1:][-_MAX_SIGNATURE - 1 :]  # never the first line: something was written above it
    for place, index in enumerate(last):
        if lines[index].lstrip()[0] in "-_=" and _begins_signature(lines, index, last[place + 1 :]):
            return lines[:index]
    return lines


def _looks_signed(lines: list[str]) -> bool:
    """Could `lines` below a bare "--" be a signature? People draw that rule between paragraphs too."""
    folded_lines = [folded(line.strip()) for line in lines]
    if len(lines) > _MAX_BARE_SIGNATURE or any(map(_NO_SIGNATURE.search, folded_lines)):
        return False
    if any(len(line) > _MAX_WIDTH for line in lines):
        return False
    if not lines or not _ARABIC.search(lines[0]):
        return not lines or len(lines[0].split()) <= 6 or is_mobile_footer(lines[0])
    # Names in Arabic look like any other words.
    return any(_CONTACT.search(line) and len(line.split()) <= 6 for line in folded_lines)


def _words(key: str) -> str:
    return lexicon.words("footers", key)


def _begins_signature(lines: list[str], index: int, below: list[int]) -> bool:
    line = lines[index]
    if line in ("-- ", "--\xa0", "--\t"):
        return len(below) <= _MAX_SIGNATURE
    if line.rstrip() == "--":
        if sum(other.strip() == "--" for other in lines[-_MAX_NEAR:]) > 1:
            return False  # rules between paragraphs
        return _looks_signed([lines[at] for at in below])
    if 0 < len(below) <= 6 and _LIST_RULE.fullmatch(line.strip()):
        footers = lexicon.phrases("footers", "list_footers")
        return any(footer in lines[at].lower() for at in below for footer in footers)
    return False
