"""How much was said lately under each limit, and to which mobiles: what the budgets are counted by."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Literal, NamedTuple, TypeVar

from sqlalchemy import Connection, Select, bindparam, func, select

from daemon.store.schema import outbox

LimitColumn = Literal["limit_key", "limit_domain", "limit_total"]
Name = TypeVar("Name", bound=Hashable)


class Said(NamedTuple):
    """Rows under the limit `value` since `since`, counted up to `most`, so that a flood costs no more; of one
    channel, or "" of any."""

    column: LimitColumn
    value: str
    since: datetime
    most: int
    channel: str = ""


def count_recent(connection: Connection, column: LimitColumn, value: str, since: datetime, most: int) -> int:
    """Rows under that limit since `since`, counted up to `most`. A domain's are its e-mails."""
    return sums(connection, {"": [Said(column, value, since, most, _channel_of(column))]})[""]


def _channel_of(column: LimitColumn) -> str:
    return "email" if column == "limit_domain" else ""


def sums(connection: Connection, wanted: Mapping[Name, Sequence[Said]]) -> dict[Name, int]:
    """For each name how much was said under all its limits together; one statement for all of them."""
    every = [one for several in wanted.values() for one in several]
    counted: list[int] = []
    if every:
        values: dict[str, Any] = {}
        for place, one in enumerate(every):
            values |= {f"wanted{place}": one.value, f"since{place}": one.since, f"most{place}": one.most}
        shape = tuple((one.column, one.channel) for one in every)
        counted = list(connection.execute(_counting(shape), values).one())
    found, begin = {}, 0
    for name, several in wanted.items():
        found[name] = sum(counted[begin : begin + len(several)])
        begin += len(several)
    return found


@cache
def _counting(shape: tuple[tuple[LimitColumn, str], ...]) -> Select[Any]:
    """Kept for each shape, of which there are few: to build it takes longer than to run it."""
    return select(
        *(
            select(func.count())
            .select_from(
                _said_lately(column, channel, str(place)).limit(bindparam(f"most{place}")).subquery()
            )
            .scalar_subquery()
            .label(f"counted{place}")
            for place, (column, channel) in enumerate(shape)
        )
    )


def _said_lately(column: str, channel: str = "", place: str = "") -> Select[Any]:
    """What was said under a limit since `since`, and not only recorded."""
    found = select(outbox.c.id).where(
        outbox.c[column] == bindparam(f"wanted{place}"),
        outbox.c.created_at > bindparam(f"since{place}", type_=outbox.c.created_at.type),
        outbox.c.state != "suppressed",
    )
    return found.where(outbox.c.channel == channel) if channel else found


_MOBILES = (
    _said_lately("limit_sender").with_only_columns(outbox.c.recipient).distinct().limit(bindparam("most"))
)


def mobiles_of(connection: Connection, sender: str, since: datetime, most: int) -> frozenset[str]:
    """To which mobiles the mails of `sender` sent SMS since `since`; `most` of them at most."""
    rows = connection.execute(_MOBILES, {"wanted": sender, "since": since, "most": most})
    return frozenset(row.recipient for row in rows)
