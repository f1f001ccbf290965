"""Finds the Python codec for a charset label, as mail writes them. `charsets` does the decoding."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from typing import Final

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


def is_known(label: str | None) -> bool:
    """Whether `label` names a charset that can be decoded."""
    return codec_of(label) is not None


def is_utf7(label: str | None) -> bool:
    """Whether `label` names UTF-7, in which ASCII is not what it seems."""
    return codec_of(label) == "utf-7"


def codec_of(label: str | None) -> str | None:
    """The codec's registry name for a label; None when there is none or it names no charset."""
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
        sample = _SIGNS.decode(found, "replace")  # refuses codecs that are no text encoding ("hex", "zlib")
    except (LookupError, ValueError, TypeError):
        return None
    if found.replace("_", "-") in _REFUSED:
        return None
    return found if found in _WIDE or sample.encode("ascii", "replace") == _SIGNS else None


# What must mean the same in every charset that headers may be in: with EBCDIC, a sender could write an
# address or a result that no server on the way has seen.
_SIGNS: Final = b"AZaz09<>@;=,.:()"
_WIDE: Final = frozenset({"utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"})


def is_for_headers(label: str | None) -> bool:
    """Whether raw octets of a header may be in this charset: not where signs take several octets."""
    return codec_of(label) not in _WIDE
