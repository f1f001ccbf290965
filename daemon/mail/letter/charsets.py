"""Turns octets into text: repairs charset labels, notices wrong ones, guesses where there is none.

Nothing here raises, whatever the octets are. The text is safe to store (no lone surrogate, no NUL).
MIME structure is the work of `parts`, headers of `headers`, transfer encodings of `transfer`.
"""

from __future__ import annotations

import re
from typing import Final
from unicodedata import normalize

from daemon.mail.letter.arabic_octets import (
    arabic_likelihood,
    believable_layout,
    count_high,
    is_surely_arabic,
    likelier_layout,
    looks_arabic,
)
from daemon.mail.letter.charset_labels import codec_of
from daemon.mail.letter.cyrillic_octets import likelier_cyrillic
from daemon.mail.letter.mojibake import unscrambled
from daemon.mail.letter.safe_text import clean

# Here octets below 0x80 do not mean ASCII letters, so they must be decoded as labelled even when 7-bit.
_WIDE: Final = frozenset({"utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"})
_SHIFTING: Final = frozenset({"utf-7", "hz"})  # and ISO-2022
_ARABIC: Final = frozenset({"iso8859-6", "cp1256"})
_WESTERN: Final = frozenset(
    {
        "cp1252",
        "cp1254",
        "iso8859-15",
        "iso8859-2",
        "cp1250",
        "iso8859-4",
        "cp1257",
        "cp437",
        "cp850",
        "mac-roman",
    }
)
_HIGH_RUN: Final = re.compile(rb"[\x80-\xff]{2,}")
# Nobody writes C1 controls: they are the signs that windows-1252 has in their places.
_CONTROL: Final = re.compile("[\x80-\x9f]")
_WINDOWS_SIGNS: Final = {
    octet: char for octet in range(0x80, 0xA0) if (char := bytes((octet,)).decode("cp1252", "ignore"))
}
_JOINED: Final = re.compile("[\ufb50-\ufbb1\ufe70-\ufefc]+")
_BYTE_ORDER_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_SHORT: Final = 200
_MAX_CONTROLLED: Final = 2 << 20
_MAX_MIXED: Final = 1 << 20
_MAX_SHIFTED: Final = 1 << 20  # octets translated in Python, not in C
_GUESS_WINDOW: Final = 20_000  # octets looked at when guessing: enough to be sure, bounded in time


def decode(octets: bytes, label: str | None = None) -> tuple[str, bool]:
    """Return `octets` as store-safe text, and whether the label had to be disbelieved or repaired.

    The label is honoured unless the octets contradict it: text that is valid UTF-8 and not ASCII is
    UTF-8 whatever its label says (a longer text in another charset is never valid UTF-8 by accident;
    help desks' own test sets hold UTF-8 labelled Big5 and latin-1), and the two single-byte Arabic
    layouts are told apart by what they decode to. Arabic scrambled on the way is put right.
    """
    text, is_repaired = _decoded(octets, _believable(octets, codec_of(label)))
    text = clean(text)
    readable = unscrambled(text)
    if len(readable) <= _MAX_CONTROLLED and _CONTROL.search(readable):
        readable = readable.translate(_WINDOWS_SIGNS)
    if len(readable) <= _MAX_MIXED and _JOINED.search(readable):
        # Letters in their joined shapes would hide the words from every search.
        readable = _JOINED.sub(lambda match: normalize("NFKC", match[0]), readable)
    return readable, is_repaired or readable is not text


def _believable(octets: bytes, codec: str | None) -> str | None:
    """The codec, unless the octets cannot be in it at all."""
    if octets.startswith(_BYTE_ORDER_MARKS):
        return codec if codec in _WIDE else "utf-16"
    if codec in _WIDE:
        if b"\0" not in octets[:_GUESS_WINDOW]:
            return None  # blanks and full stops would have one
        if codec == "utf-16":  # RFC 2781, section 4.3: without a mark big-endian, which few obey
            even, odd = octets[:_GUESS_WINDOW:2].count(0), octets[1:_GUESS_WINDOW:2].count(0)
            return "utf-16-be" if even > odd else "utf-16-le"
        return codec
    is_shifting = codec is not None and (codec in _SHIFTING or codec.startswith("iso2022"))
    return None if is_shifting and not octets.isascii() else codec


def _decoded(octets: bytes, codec: str | None) -> tuple[str, bool]:
    if codec is None or not (codec in _WIDE or codec in _SHIFTING or codec.startswith("iso2022")):
        if octets.isascii():
            return octets.decode("ascii"), False
        utf8 = _utf8(octets)
        if utf8 is not None and not _is_short_of_proof(octets, codec):
            return utf8.removeprefix("\ufeff"), codec != "utf-8"
        if codec in (None, "utf-8") or codec in _WESTERN or codec in _ARABIC:
            mixed = _mixed_lines(octets, codec)
            if mixed is not None:
                return mixed, True
    return _in_one_charset(octets, codec)


def _is_short_of_proof(octets: bytes, codec: str | None) -> bool:
    """A word or two may be valid UTF-8 by accident: there the label counts, unless what it makes of them is
    no word and UTF-8 makes one."""
    if codec in (None, "utf-8") or len(octets) > _SHORT or count_high(octets) > 6:
        return False
    labelled = _strict(octets, codec)
    if labelled is None:
        return False
    if codec not in _WESTERN and codec not in _ARABIC:
        return True
    utf8 = octets.decode("utf_8", "replace")
    return bool(_SELDOM.search(utf8)) or (_is_word(labelled) and not _is_word(utf8))


# Letters and signs that people write in UTF-8; others are rather an accident of two octets.
_SELDOM: Final = re.compile(
    "[^\x00-\x7f\xa0-\u017f\u0384-\u03ce\u0401-\u0451\u05d0-\u05ea\u0600-\u06ff\u2010-\u2044\u20ac-\uffff]"
)


def _is_word(text: str) -> bool:
    """Whether letters beyond ASCII stand in words of letters, in capitals or not."""
    words = [word for word in text.split() if not word.isascii()]
    return all(word.isalpha() and word in (word.lower(), word.upper(), word.title()) for word in words)


def _mixed_lines(octets: bytes, codec: str | None) -> str | None:
    """Some lines in UTF-8, others not: a footer, a signature or a quotation was pasted in as octets."""
    if len(octets) > _MAX_MIXED:
        return None
    lines = octets.split(b"\n")
    utf8 = {
        at: text for at, line in enumerate(lines) if _is_long_utf8(line) and (text := _strict(line, "utf_8"))
    }
    if not utf8:
        return None
    rest = b"\n".join(line for at, line in enumerate(lines) if at not in utf8)
    others = iter(_in_one_charset(rest, codec)[0].split("\n"))
    return "\n".join(utf8.get(at) or next(others, "") for at in range(len(lines)))


def _is_long_utf8(line: bytes) -> bool:
    """Four pairs at least: in no other charset of mail do octets pair up that way by accident."""
    return not line.isascii() and len(_UTF8_PAIR.findall(line[:1_000])) >= 4


_UTF8_PAIR: Final = re.compile(rb"[\xc3-\xf4][\x80-\xbf]")


def _in_one_charset(octets: bytes, codec: str | None) -> tuple[str, bool]:
    if codec is None:
        return _guess(octets), True
    if codec == "utf-8":
        return _damaged_utf8(octets), True
    if codec in _ARABIC:
        layout = believable_layout(octets[:_GUESS_WINDOW], codec)
        return octets.decode(layout, "replace"), layout != codec
    if codec in _WESTERN and is_surely_arabic(octets[:_GUESS_WINDOW]):
        return _arabic(octets), True  # from a program that knows no better
    if codec == "cp1252":
        return _western(octets), False
    text = _strict(octets, codec)
    if text is not None:
        return text, False
    return _last_resort(octets, codec), True


def _utf8(octets: bytes) -> str | None:
    """UTF-8, whose last character may be cut off (U+FFFD then stands for it); None if anything else stands
    in it. One high octet at the end proves no UTF-8: `Andr\\xe9` is a name in latin-1."""
    try:
        return octets.decode("utf_8")
    except UnicodeDecodeError as error:
        whole = octets[: error.start]
        is_cut = error.reason == "unexpected end of data" and not whole.isascii()
        return f"{whole.decode('utf_8')}\ufffd" if is_cut else None


def _strict(octets: bytes, codec: str) -> str | None:
    try:
        return octets.decode(codec)
    except (UnicodeError, ValueError):
        return None


def _guess(octets: bytes) -> str:
    """Text of octets that are neither ASCII nor UTF-8 and carry no usable label."""
    window = octets[:_GUESS_WINDOW]
    cyrillic = likelier_cyrillic(window)
    is_russian = cyrillic and count_high(window) >= 6 and cyrillic[1] > arabic_likelihood(window) + 1
    if looks_arabic(window) and not is_russian:
        return _arabic(octets)
    if cyrillic:
        return octets.decode(cyrillic[0], "replace")
    if _is_mostly_pairs(window):
        text = octets.decode("gb18030", "replace")
        if text[:_GUESS_WINDOW].count("\ufffd") * 20 <= _count_high(text):
            return text
    damaged = octets.decode("utf_8", "replace")
    # A UTF-8 text cut in the middle of a character, or with one bad octet, is still a UTF-8 text.
    if damaged[:_GUESS_WINDOW].count("\ufffd") * 8 < _count_high(damaged):
        return damaged
    return _western(octets)


def _damaged_utf8(octets: bytes) -> str:
    text = octets.decode("utf_8", "replace")
    foreign = text[:_GUESS_WINDOW].count("\ufffd")
    honest = _count_high(text) - foreign
    return text if honest >= foreign else _guess(octets)


def _is_mostly_pairs(window: bytes) -> bool:
    """Chinese in GB: most high octets belong to runs of even length, each from 0xA1 on. A pair or three of
    letters that stand in no ASCII word and are letters in windows-1252 too are rather a western name."""
    runs = _HIGH_RUN.findall(window)
    pairs = [run for run in runs if len(run) % 2 == 0 and min(run) >= 0xA1]
    if len({octet for run in pairs for octet in run}) <= _FEW_LETTERS and _western(b"".join(pairs)).isalpha():
        return False
    return bool(pairs) and sum(map(len, pairs)) * 10 >= 8 * count_high(window)


_FEW_LETTERS: Final = 4


def _arabic(octets: bytes) -> str:
    return octets.decode(likelier_layout(octets[:_GUESS_WINDOW]), "replace")


def _western(octets: bytes) -> str:
    """windows-1252, with the five octets it leaves undefined kept as they are."""
    text = _strict(octets, "cp1252")
    return octets.decode("latin_1") if text is None else text


def _last_resort(octets: bytes, codec: str) -> str:
    """The labelled charset cannot decode this: try its wider relatives, then let holes stand."""
    if codec.startswith("iso2022_jp"):
        for wider in ("iso2022_jp_ext", "iso2022_jp_3", "iso2022_jp_2004"):
            text = _strict(octets, wider)
            if text is not None:
                return text
        text = _strict(_shifted_jis(octets[:_MAX_SHIFTED]), "cp932")
        if text is not None:
            return text
    try:
        text = octets.decode(codec, "replace")
    except (UnicodeError, ValueError):
        return _guess(octets)
    return _guess(octets) if text[:_GUESS_WINDOW].count("\ufffd") * 3 > _count_high(text) else text


def _count_high(text: str) -> int:
    return sum(1 for char in text[:_GUESS_WINDOW] if char > "\x7f")


_DOUBLE_BYTES: Final = re.compile(rb"\x1b\$[@B]([!-~]*)")
_SINGLE_BYTES: Final = re.compile(rb"\x1b\([BJ]")


def _shifted_jis(octets: bytes) -> bytes:
    """ISO-2022-JP as Windows writes it, with NEC's signs in row 13 that no codec of Python's knows:
    the same characters in Shift_JIS (JIS X 0208, annex 1), whose cp932 has them.
    """

    def shifted(match: re.Match[bytes]) -> bytes:
        out = bytearray()
        letters = match[1]
        for row, cell in zip(letters[::2], letters[1::2], strict=False):
            lead = (row + 1) // 2 + (0x70 if row < 0x5F else 0xB0)
            out += bytes((lead, cell + (0x1F if cell < 0x60 else 0x20) if row % 2 else cell + 0x7E))
        return bytes(out)

    return _SINGLE_BYTES.sub(b"", _DOUBLE_BYTES.sub(shifted, octets))
