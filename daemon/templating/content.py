"""Says of a text's content, before it is compiled: how long it may be, its line ends, its short name."""

from __future__ import annotations

import hashlib

MAX_SOURCE_BYTES = 32_768


def normalized(source: str) -> str:
    """The source as it is compiled: no byte order mark, \\n line ends."""
    return source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def revision_of(source: str) -> str:
    """Short name of a source's content: the first 12 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:12]
