"""Owns octets -> text: charset labels repaired, wrong labels noticed, unlabelled octets guessed.

Nothing here raises, whatever the octets; what comes out is store-safe (no lone surrogate, no NUL).
MIME structure, headers and transfer encodings belong to `parse`.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from typing import Final

from daemon.mail.safe_text import clean

# Labels seen in real mail that Python's codec registry does not know, or knows as something narrower
# than what the sender's program really wrote (WHATWG Encoding Standard, section 4.2, makes the same
# widenings: latin-1 is windows-1252, gb2312 is gb18030, ks_c_5601 is cp949, and so on).
_ALIASES: Final[dict[str, str]] = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "usascii": "cp1252",
    "ansi_x3.4-1968": "cp1252",
    "646": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "l1": "cp1252",
    "iso-latin-1": "cp1252",
    "cp-1252": "cp1252",
    "iso-8859-6-i": "iso8859_6",
    "iso-8859-6-e": "iso8859_6",
    "asmo-708": "iso8859_6",
    "asmo_708": "iso8859_6",
    "arabic": "iso8859_6",
    "x-mac-arabic": "mac_arabic",
    "macarabic": "mac_arabic",
    "dos-720": "cp720",
    "ibm864": "cp864",
    "iso-8859-8-i": "iso8859_8",
    "iso-8859-8-e": "iso8859_8",
    "logical": "iso8859_8",
    "visual": "iso8859_8",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "dos-874": "cp874",
    "iso-8859-9": "cp1254",
    "latin5": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "gb_2312-80": "gb18030",
    "chinese": "gb18030",
    "big5": "cp950",
    "x-x-big5": "cp950",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "ksc5601": "cp949",
    "ksc_5601": "cp949",
    "euc-kr": "cp949",
    "euckr": "cp949",
    "windows-949": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "ms_kanji": "cp932",
    "windows-31j": "cp932",
    "unicode-1-1-utf-7": "utf_7",
    "x-unicode-2-0-utf-7": "utf_7",
    "csunicode11utf7": "utf_7",
    "unicode-1-1-utf-8": "utf_8",
    "utf8mb4": "utf_8",
    "utf8mb3": "utf_8",
    "x-utf-8": "utf_8",
    "unicode": "utf_8",
    "utf": "utf_8",
    "utf-8-mac": "utf_8",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-user-defined": "cp1252",
    "x-unknown": "",
    "unknown": "",
    "unknown-8bit": "",
    "8bit": "",
    "7bit": "",
    "binary": "",
    "default": "",
    "default_charset": "",
    "none": "",
    "iso": "",
    "-": "",
}

# Python codecs that are no charset of mail; some are code (unicode_escape) or quadratic (punycode, idna).
_REFUSED: Final = frozenset(
    [
        "unicode-escape",
        "raw-unicode-escape",
        "idna",
        "punycode",
        "undefined",
        "mbcs",
        "oem",
        "palmos",
        "utf-8-sig",
    ]
)
# Here octets below 0x80 do not mean ASCII letters, so they must be decoded as labelled even when 7-bit.
_STATEFUL: Final = frozenset(
    {"utf-7", "hz", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"}
)
_SINGLE_BYTE_ARABIC: Final = frozenset({"iso8859-6", "cp1256"})

_ARABIC_LETTERS: Final = re.compile(r"[\u0621-\u063a\u0641-\u0652\u067e\u0686\u0698\u06af]+")
# Letters that windows-1256 shares with French: rare inside Arabic words, frequent when the octets are
# really Cyrillic, Greek, Hebrew or Chinese.
_STRANGE: Final = re.compile(r"[\u0080-\u009f\u00c0-\u024f\u0192\u02c6\u0152\u0153]")
_HIGH_RUN: Final = re.compile(rb"[\x80-\xff]{2,}")
_GUESS_WINDOW: Final = 20_000  # octets looked at when guessing: enough to be sure, bounded in time


def decode(octets: bytes, label: str | None = None) -> tuple[str, bool]:
    """Return `octets` as store-safe text, and whether the label had to be disbelieved or repaired.

    The label is honoured unless the octets contradict it: text that is valid UTF-8 and not ASCII is
    UTF-8 whatever its label says (a longer text in another charset is never valid UTF-8 by accident;
    help desks' own test sets hold UTF-8 labelled Big5 and latin-1), and the two single-byte Arabic
    layouts are told apart by what they decode to.
    """
    codec = _codec(label)
    if codec is None or not _is_stateful(codec):
        if octets.isascii():
            return clean(octets.decode("ascii")), False
        utf8 = _strict(octets, "utf_8")
        if utf8 is not None:
            return clean(utf8.removeprefix("\ufeff")), codec != "utf-8"
    if codec is None:
        return clean(_guess(octets)), True
    if codec == "utf-8":
        return clean(_damaged_utf8(octets)), True
    if codec in _SINGLE_BYTE_ARABIC:
        return clean(_arabic(octets, codec)), codec != _codec(label)
    if codec == "cp1252":
        return clean(_western(octets, label)), False
    text = _strict(octets, codec)
    if text is not None:
        return clean(text), False
    return clean(_last_resort(octets, codec)), True


def is_known(label: str | None) -> bool:
    """Whether `label` names a charset that can be decoded."""
    return _codec(label) is not None


def _codec(label: str | None) -> str | None:
    return _resolve(label[:64]) if label else None


@lru_cache(maxsize=512)
def _resolve(label: str) -> str | None:
    """The registry's name for a label as mail writes it; None when it names no charset."""
    name = label.strip(" \t\"'<>;,").lower().removeprefix("charset=").strip(" \"'")
    name = name.partition("'")[0].partition("*")[0].replace(" ", "")  # RFC 2231, section 5: language
    for candidate in (name, name.replace("_", "-"), _windows_name(name)):
        target = _ALIASES.get(candidate, candidate)
        if not target:
            return None
        found = _registered(target)
        if found:
            return found
    return None


def _windows_name(name: str) -> str:
    """`cp-1256`, `windows1256`, `win-1256`, `x-cp1256`, `ms1256`… -> `cp1256`; `iso88596` -> `iso-8859-6`."""
    if match := re.fullmatch(r"(?:x-)?(?:windows|win|cp|ms|ibm|microsoft)?[-_]?(?:cp)?[-_]?(\d{3,4})", name):
        return "cp" + match[1]
    if match := re.fullmatch(r"iso[-_]?8859[-_]?(\d{1,2})(?:[-_:].*)?", name):
        return _ALIASES.get("iso-8859-" + match[1], "iso-8859-" + match[1])
    if re.fullmatch(r"utf[-_]?8.*", name):
        return "utf_8"
    return name


def _registered(name: str) -> str | None:
    try:
        found = codecs.lookup(name).name
        b"    ".decode(found, "replace")  # refuses codecs that are no text encoding ("hex", "zlib")
    except (LookupError, ValueError, TypeError):
        return None
    return None if found.replace("_", "-") in _REFUSED else found


def _is_stateful(codec: str) -> bool:
    return codec in _STATEFUL or codec.startswith(("iso2022", "utf-16", "utf-32"))


def _strict(octets: bytes, codec: str) -> str | None:
    try:
        return octets.decode(codec)
    except (UnicodeError, ValueError):
        return None


def _guess(octets: bytes) -> str:
    """Text of octets that are neither ASCII nor UTF-8 and carry no usable label."""
    window = octets[:_GUESS_WINDOW]
    if _looks_arabic(window):
        return _arabic(octets, "cp1256")
    if _strict(octets, "gb18030") is not None and _is_mostly_pairs(window):
        return octets.decode("gb18030", "replace")
    damaged = octets.decode("utf_8", "replace")
    # A UTF-8 text cut in the middle of a character, or with one bad octet, is still a UTF-8 text.
    if damaged.count("\ufffd") * 8 < sum(1 for char in damaged if char > "\x7f"):
        return damaged
    return _western(octets, None)


def _damaged_utf8(octets: bytes) -> str:
    text = octets.decode("utf_8", "replace")
    foreign = text.count("\ufffd")
    honest = sum(1 for char in text[:_GUESS_WINDOW] if char > "\x7f") - foreign
    return text if honest >= foreign else _guess(octets)


def _looks_arabic(window: bytes) -> bool:
    """Whether windows-1256 makes plausible Arabic of these octets: runs of letters, few strangers.

    Western text has its high octets alone inside words; Cyrillic, Greek, Hebrew and Chinese come out
    full of à, è, ç and punctuation.
    """
    high = sum(1 for octet in window if octet > 0x7F)
    in_runs = sum(len(run) for run in _HIGH_RUN.findall(window))
    if high == 0 or in_runs * 10 < high * 7:
        return False
    return any(
        _arabic_score(window.decode(codec, "replace")) > 0.8 * high for codec in ("cp1256", "iso8859_6")
    )


def _is_mostly_pairs(window: bytes) -> bool:
    """Chinese in GB: nearly every high octet belongs to a run of even length, each from 0xA1 on."""
    runs = _HIGH_RUN.findall(window)
    even = sum(len(run) for run in runs if len(run) % 2 == 0 and min(run) >= 0xA1)
    return even > 0 and even * 10 >= 9 * sum(1 for octet in window if octet > 0x7F)


def _arabic_score(text: str) -> float:
    strange = len(_STRANGE.findall(text)) + text.count("\ufffd")
    return sum(map(len, _ARABIC_LETTERS.findall(text))) - 2.0 * strange


def _arabic(octets: bytes, codec: str) -> str:
    """Decode by the labelled single-byte Arabic layout, or by the other one where it fits far better.

    Old Outlook Express and PHP scripts label windows-1256 octets iso-8859-6: the two differ from
    0xD7 on, so the wrong choice gives letters nobody wrote, or none.
    """
    other = "cp1256" if codec == "iso8859-6" else "iso8859_6"
    window = octets[:_GUESS_WINDOW]
    mine = _arabic_score(window.decode(codec, "replace"))
    if _arabic_score(window.decode(other, "replace")) > mine + max(1.0, 0.05 * abs(mine)):
        codec = other
    return octets.decode(codec, "replace")


def _western(octets: bytes, label: str | None) -> str:
    """windows-1252, with the five octets it leaves undefined kept as they are.

    A program that knows no better writes Arabic under a latin-1 or us-ascii label too.
    """
    if label is not None and _looks_arabic(octets[:_GUESS_WINDOW]):
        return _arabic(octets, "cp1256")
    text = _strict(octets, "cp1252")
    return octets.decode("latin_1") if text is None else text


def _last_resort(octets: bytes, codec: str) -> str:
    """The labelled charset cannot decode this: try its wider relatives, then let holes stand."""
    if codec.startswith("iso2022_jp"):
        for wider in ("iso2022_jp_ext", "iso2022_jp_3", "iso2022_jp_2004"):
            text = _strict(octets, wider)
            if text is not None:
                return text
        text = _strict(_shifted_jis(octets), "cp932")
        if text is not None:
            return text
    try:
        text = octets.decode(codec, "replace")
    except (UnicodeError, ValueError):
        return _guess(octets)
    high = sum(1 for char in text if char > "\x7f")
    return _guess(octets) if text.count("\ufffd") * 3 > high else text


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
