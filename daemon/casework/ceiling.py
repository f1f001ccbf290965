"""The ceiling of SMS that deadlines send to one number.

No budget holds back what a deadline has to say (DESIGN §3, Limits on answers), and its e-mail always goes.
But each complaint brings an SMS at its warning and another at its closing, days later, to whatever mobile its
writer named: twelve complaints were two dozen SMS to somebody who never wrote. So where the same words go by
e-mail too, a number gets no more SMS of deadlines a day than of automatic answers. Where SMS is the only way,
it goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from daemon.store import said_lately
from daemon.workflow.model import Notification

OVER_IT: Final = "limit_deadline_sms"
"""Why an SMS is only recorded."""
DAY: Final = timedelta(days=1)


def key_of(number: str) -> str:
    """Under what the SMS of deadlines to that number are counted."""
    return f"deadline:sms:{number}"


def under_ceiling(
    connection: Connection, said: Sequence[Notification], most: int, now: datetime
) -> tuple[Notification, ...]:
    """What a deadline says, with the SMS over `most` a day to one number only recorded."""
    mailed = {one.name for one in said if one.channel == "email" and one.audience == "requester"}
    return tuple(
        replace(one, suppressed=OVER_IT)
        if one.channel == "sms" and one.name in mailed and _is_spent(connection, one.recipient, most, now)
        else one
        for one in said
    )


def _is_spent(connection: Connection, number: str, most: int, now: datetime) -> bool:
    key = key_of(number)
    return said_lately.count_recent(connection, "limit_key", key, now - DAY, most) >= most
