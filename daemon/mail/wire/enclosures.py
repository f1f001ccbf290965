"""Puts the files that go with a mail into it at the moment of sending (RFC 2045, RFC 2183)."""

from __future__ import annotations

import re
from base64 import encodebytes
from collections.abc import Sequence
from dataclasses import dataclass

_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,100}")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9+._-]{0,80}/[a-z0-9][a-z0-9+._-]{0,120}")
_ONLY_CARRIED = ("text/", "message/", "multipart/")


@dataclass(frozen=True, slots=True)
class File:
    """A file to go with a mail, under a name of ours: letters, digits, hyphens and dots, all ASCII."""

    name: str
    media_type: str
    content: bytes


def with_files(composed: bytes, files: Sequence[File]) -> bytes:
    """A mail that `compose` made with `takes_files`, with the files put in. The same files give the same
    octets always. Raises ValueError for any other mail, and for a name that is not one of ours."""
    whole = composed.rstrip(b"\r\n")
    body, line_end, closing = whole.rpartition(b"\r\n")
    boundary = closing[2:-2]
    if not line_end or not closing.startswith(b"--=_") or not closing.endswith(b"--"):
        raise ValueError("this mail takes no files")
    pieces = [body + b"\r\n"]
    for file in files:
        pieces += [b"--", boundary, b"\r\n", _file_head(file), _lines_of_base64(file.content)]
    return b"".join([*pieces, b"--", boundary, b"--\r\n"])


def _file_head(file: File) -> bytes:
    if not _FILE_NAME.fullmatch(file.name):
        raise ValueError("not a name of ours")
    # Text would be shown in a guessed charset, and an enclosed mail may not be in base64 (RFC 2046, 5.2.1):
    # such a file is only carried. A type that is none could end the header.
    is_shown = _MEDIA_TYPE.fullmatch(file.media_type) and not file.media_type.startswith(_ONLY_CARRIED)
    media_type = file.media_type if is_shown else "application/octet-stream"
    return (
        f'Content-Type: {media_type}; name="{file.name}"\r\n'
        f'Content-Disposition: attachment; filename="{file.name}"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n"
    ).encode("ascii")


def _lines_of_base64(octets: bytes) -> bytes:
    return encodebytes(octets).replace(b"\n", b"\r\n")
