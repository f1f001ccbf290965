"""How much was said lately under each limit, and to which mobiles: what the budgets are counted by."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Select, bindparam, func, select

from daemon.store.schema import outbox

LimitColumn = Literal["limit_key", "limit_domain", "limit_total"]


def _said_lately(column: str) -> Select[Any]:
    """What was said under a limit since `since`, and not only recorded."""
    return select(outbox.c.id).where(
        outbox.c[column] == bindparam("wanted"),
        outbox.c.created_at > bindparam("since", type_=outbox.c.created_at.type),
        outbox.c.state != "suppressed",
    )


def _counting(column: LimitColumn, channel: str) -> Select[int]:
    found = _said_lately(column)
    if channel:
        found = found.where(outbox.c.channel == channel)
    return select(func.count()).select_from(found.limit(bindparam("most")).subquery())


_COUNTED: tuple[tuple[LimitColumn, str], ...] = (
    ("limit_key", ""),
    ("limit_total", ""),
    ("limit_domain", "email"),
    ("limit_domain", "sms"),
)

_COUNT_RECENT = {(column, channel): _counting(column, channel) for column, channel in _COUNTED}


def count_recent(
    connection: Connection,
    column: LimitColumn,
    value: str,
    since: datetime,
    most: int,
) -> int:
    """Rows under that limit since `since`, counted up to `most`, so that a flood costs no more. A domain's
    are its e-mails; `count_sms_of_domain` has its SMS."""
    channel = "email" if column == "limit_domain" else ""
    return _count_recent(connection, (column, channel), value, since, most)


def count_sms_of_domain(connection: Connection, domain: str, since: datetime, most: int) -> int:
    """SMS charged to `domain` (`workflow.budgets`) since `since`, counted up to `most`."""
    return _count_recent(connection, ("limit_domain", "sms"), domain, since, most)


def _count_recent(
    connection: Connection, which: tuple[LimitColumn, str], value: str, since: datetime, most: int
) -> int:
    found = connection.execute(_COUNT_RECENT[which], {"wanted": value, "since": since, "most": most})
    return found.scalar_one()


_MOBILES = _said_lately("limit_sender").with_only_columns(outbox.c.recipient).distinct()


def mobiles_of(connection: Connection, sender: str, since: datetime, most: int) -> frozenset[str]:
    """To which mobiles the mails of `sender` sent SMS since `since`; `most` of them at most."""
    rows = connection.execute(
        _MOBILES.limit(bindparam("most")), {"wanted": sender, "since": since, "most": most}
    )
    return frozenset(row.recipient for row in rows)
