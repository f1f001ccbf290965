"""Judges from when on mail is answered where nobody configured it: a day before the first start.

Two clocks are at work. The mail server dates each mail as it arrives (INTERNALDATE; the Date header is the
writer's, and forged at will). This machine's clock says when the first start was. One of them may be wrong:

- Ours goes ahead. By it the mail of this morning is old, and would never be answered. So the earlier of the
  two counts.
- Ours goes behind, as after a dead battery. By it last month's mail is new. That much mail was never meant to
  be answered at once, so where it would be more than `MOST_BY_A_SLOW_CLOCK`, the server's clock counts.
- The server's is unknown. Then it is at least as late as the newest mail that it dated, unless that one lies
  in the future.

The first start is the first try to reach the mailbox. Where it could not be reached for days (`waited`), all
that arrived meanwhile is new.

What arrives after it was reached is answered whatever its date: it has a higher UID than all before it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

BEFORE_THE_START: Final = timedelta(days=1)
APART: Final = timedelta(hours=3)
"""Clocks that differ by no more count as the same: somebody chose a wrong zone, or nobody sets them."""
MOST_BY_A_SLOW_CLOCK: Final = 500
LONGEST_WAIT: Final = timedelta(days=14)
"""A mailbox that nobody could open for so long has somebody else who answers its mail."""


def agree(here: datetime, server: datetime) -> bool:
    """Whether the two clocks say the same, as far as it matters here."""
    return abs(here - server) <= APART


def default_limit(here: datetime, server: datetime | None, arrived: Collection[datetime]) -> datetime:
    """Older mail is left where it lies. `here` and `server` are what the two clocks say (None: not known),
    `arrived` the dates of all mails in the folder."""
    if server is None:
        server = max((at for at in arrived if at <= here), default=here)
    by_both = min(here, server) - BEFORE_THE_START
    by_server = server - BEFORE_THE_START
    between = sum(by_both <= at < by_server for at in arrived)
    return by_server if between > MOST_BY_A_SLOW_CLOCK else by_both


def waited(first_try: datetime, reached_at: datetime) -> timedelta:
    """How long the mailbox could not be reached at the first start. Nothing where that is longer than
    `LONGEST_WAIT`, or less than nothing: then our clock was set right meanwhile."""
    between = reached_at - first_try
    return between if timedelta() <= between <= LONGEST_WAIT else timedelta()
