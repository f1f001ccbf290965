"""Reads what a calendar part asks for: the method of iTIP (RFC 5546), as mail carries it (RFC 6047)."""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.letter.parts import Part

_METHOD_LINE: Final = re.compile(rb"^METHOD:[ \t]{0,9}([A-Za-z]{1,20})", re.MULTILINE | re.IGNORECASE)
_MAX_CALENDAR_BYTES: Final = 4_096


def method_of(part: Part) -> str:
    """The method in lower case, "" where there is none.

    By the parameter of the part (RFC 6047, section 2.4), else by its own line.
    """
    stated = part.parameters.get("method", "")
    if not stated:
        line = _METHOD_LINE.search(part.octets(_MAX_CALENDAR_BYTES))
        stated = line[1].decode("ascii") if line else ""
    return stated.strip().lower()[:20]
