"""How the mail server's clock is found out: by the age of a mail, or by a mail of our own.

IMAP has no command that asks for the time, and INTERNALDATE is by the server's clock, not by ours.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

LONGEST_S: Final = 2**31 - 1
"""RFC 5032, section 3: an interval is an nz-number; some servers read it as 32 bits with a sign."""

PROBE: Final = (
    b"From: <>\r\nSubject: What time is it?\r\nAuto-Submitted: auto-generated\r\n\r\n"
    b"Put here to see by which clock this server dates mail, and removed at once.\r\n"
)


async def age_s(is_older: Callable[[int], Awaitable[bool]]) -> int:
    """The age in seconds, 0 for a mail of the future. `is_older` asks whether it is at least so many seconds
    old, and is asked about thirty times."""
    low, high = 0, LONGEST_S + 1
    while high - low > 1:
        middle = (low + high) // 2
        if await is_older(middle):
            low = middle
        else:
            high = middle
    return low
