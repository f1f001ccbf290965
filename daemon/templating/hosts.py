"""Finds the addresses that are typed in a text and lead to hosts that nobody registered for it.

Whoever gets a message of the ministry trusts what stands in it, in a mail as in an SMS. A link comes as a
value; one that is typed leads to the host of `public_url` or to one in [templates] sms_hosts. What a mail
program would make a link of by itself counts too, however it is spelt.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from daemon.templating.setting import Setting

_AUTHORITY = re.compile(r"(?<!\w)(?:[a-z][a-z0-9+.-]{1,15}:)?//([^\s/?#)\]>\"'«»]{1,253})", re.IGNORECASE)
_BARE = re.compile(r"(?<![\w.@/-])(?:[a-z0-9-]{1,63}\.){1,9}[a-z]{2,24}(?![\w-])", re.IGNORECASE)
_WITH_PATH = re.compile(r"(?<![\w.@/-])(?:[\w-]{1,63}\.){1,9}[^\W\d_]{2,24}(?=[/:]\w)")
_WWW = re.compile(r"(?<![\w.@-])www\.[^\s/?#)\]>\"'«»]{1,253}", re.IGNORECASE)
_IP = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u061c\u2060\u202a-\u202e\u2066-\u2069\ufeff]")
_DOTS = str.maketrans({"。": ".", "．": ".", "｡": "."})
_VALUE = re.compile(r"\(\([^()\n]{0,200}\)\)")
_FILES = frozenset({"pdf", "doc", "docx", "xls", "xlsx", "png", "jpg", "jpeg", "dwg", "heic", "csv"})
"""Endings of files, which no mail program makes links of."""


def foreign_hosts(words: str, setting: Setting, first_line: int = 1) -> Iterator[tuple[int, str]]:
    """Each unregistered host that the words lead to, with its line, once a line."""
    for number, line in enumerate(words.split("\n"), first_line):
        for host in dict.fromkeys(_hosts(_read(line))):
            if host not in setting.hosts:
                yield number, host


def _read(line: str) -> str:
    """As Markdown and mail programs read it."""
    return _UNSEEN.sub("", html.unescape(line).replace("\\", "")).translate(_DOTS)


def _hosts(line: str) -> Iterator[str]:
    for found in _AUTHORITY.finditer(line):
        yield _host(found[1])
    bare = _VALUE.sub("value", line)
    for pattern in (_WWW, _BARE, _WITH_PATH, _IP):
        names = (found[0].lower() for found in pattern.finditer(bare))
        yield from (name for name in names if name.rpartition(".")[2] not in _FILES)


def _host(authority: str) -> str:
    """Without the name of somebody who signs in, and without a port: «ours@theirs» leads to theirs."""
    return authority.rpartition("@")[2].partition(":")[0].lower().rstrip(".")
