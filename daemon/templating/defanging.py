"""Makes web addresses in a stranger's words such that no mail program makes links of them.

Staff read what anybody may have written, under the ministry's own sender: a deceiver's link must not be there
to click on (LESSONS S18). The words stay whole but for a pair of brackets in each address.
"""

from __future__ import annotations

import re
from typing import Final

_FILES: Final = frozenset(
    (
        *(
            "pdf",
            "doc",
            "docx",
            "xls",
            "xlsx",
            "ppt",
            "pptx",
            "odt",
            "ods",
            "rtf",
            "txt",
            "csv",
            "msg",
            "eml",
        ),
        *(
            "jpg",
            "jpeg",
            "png",
            "gif",
            "tif",
            "tiff",
            "bmp",
            "heic",
            "webp",
            "svg",
            "dwg",
            "mp3",
            "mp4",
            "wav",
        ),
        *("html", "htm", "xml", "json", "exe", "dll", "bat", "js", "rar", "7z", "gz", "tar", "vcf", "ics"),
    )
)
"""Endings of file names that are no top-level domains; «.zip» and «.mov» are."""
_IDN: Final = frozenset(
    (
        *(
            "السعودية",
            "امارات",
            "مصر",
            "قطر",
            "عمان",
            "الاردن",
            "فلسطين",
            "سورية",
            "تونس",
            "المغرب",
            "العراق",
        ),
        *("الجزائر", "سودان", "موريتانيا", "البحرين", "ایران", "پاکستان", "بھارت", "شبكة", "موقع", "بازار"),
        *("كوم", "همراه", "اتصالات", "ابوظبي", "ارامكو", "العليان", "عرب", "بيتك", "рф", "рус", "бел", "укр"),
        *("中国", "中國", "公司", "网络", "在线", "网址", "한국", "भारत"),
    )
)
"""Top-level domains in other letters. Elsewhere a full stop without a blank after it ends a sentence."""
_DOTS: Final = ".\u3002\uff0e\uff61"
"""What stands for the dot in a host's name (RFC 3490, section 3.1)."""
_ZERO: Final = "\u200b-\u200f\u2060\u00ad\u061c"
"""Signs that nobody sees."""
_LABEL: Final = rf"[\w{_ZERO}-]{{1,63}}"
_ADDRESS: Final = re.compile(
    rf"(?P<link>:[/\\]{{2}}\S*)"
    rf"|(?P<share>(?<![\w:\\])\\{{2,}}(?=[\w.\[]))"
    rf"|(?P<email>(?<![\w.+-])[\w.+-]{{1,64}}@[\w-]{{1,255}}\.\w[\w.-]{{0,255}})"
    rf"|(?P<www>(?<![a-z0-9])www[{_DOTS}])"
    rf"|(?P<host>(?<![\w-])(?:{_LABEL}[{_DOTS}])+(?P<top>{_LABEL})(?![\w-])(?:(?<=www)[{_DOTS}])?)",
    re.IGNORECASE,
)
_PERHAPS: Final = re.compile(rf"[{_DOTS}]\S|:[/\\]|\\|www", re.IGNORECASE)
"""Where none of it stands there is no address: most complaints are read through once, and that quickly."""
_INNER_WWW: Final = re.compile(rf"(?<![^\W_])www(?=[{_DOTS}])", re.IGNORECASE)
_SCHEME: Final = re.compile(r":(?=[/\\]{2})")
_SHARE: Final = re.compile(r"\\{2,}")
_ANY_DOT: Final = re.compile(f"[{_DOTS}]")
_INVISIBLE: Final = re.compile(f"[{_ZERO}]")
_ARABIC: Final = re.compile(r"[\u0600-\u06ff\u0750-\u077f]")
_ASCII_TOP: Final = re.compile(r"[a-z]{2,24}|xn--[a-z0-9-]{2,59}")


def defanged(text: str) -> str:
    """`text` with `[.]` in host names, `[:]` in schemes and `[\\\\]` before the name of a file share; e-mail
    addresses and file names stay as they are."""
    return _ADDRESS.sub(_without_teeth, text) if _PERHAPS.search(text) else text


def _without_teeth(match: re.Match[str]) -> str:
    found = match[0]
    if match["link"]:
        rest = _SHARE.sub(r"[\g<0>]", _SCHEME.sub("[:]", _ANY_DOT.sub("[.]", found[3:])))
        return "[:]" + found[1:3] + rest
    if match["share"]:
        return f"[{found}]"
    if match["email"] or (match["top"] and not (_is_named(found) or _is_quad(found))):
        return _ANY_DOT.sub("[.]", found) if _INNER_WWW.search(found) else found
    return _ANY_DOT.sub("[.]", found)


def _is_named(name: str) -> bool:
    """Whether a program may take it for a host's name, or a part of it: it ends a link before a label that
    cannot be a top-level domain (a word after a missing blank, a number, a dash). A file's name is none."""
    for label in reversed(_ANY_DOT.split(name)[1:]):
        if _INVISIBLE.sub("", label).lower() in _FILES:
            return False
        if _is_host(label):
            return True
    return False


def _is_host(top: str) -> bool:
    """Whether it may be a top-level domain. Of words in Arabic letters only those that are one."""
    name = _INVISIBLE.sub("", top).lower()
    if not name.isascii() and not _ARABIC.search(name):
        return True
    return name in _IDN or (_ASCII_TOP.fullmatch(name) is not None and name not in _FILES)


def _is_quad(found: str) -> bool:
    """An IPv4 address; dates and sums have fewer parts."""
    parts = _ANY_DOT.split(_INVISIBLE.sub("", found))
    return len(parts) == 4 and all(part.isdecimal() and len(part) <= 3 and int(part) < 256 for part in parts)
