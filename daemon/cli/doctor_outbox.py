"""The line of `doctor` about the outbox: whether an operator stopped anything from being sent."""

from __future__ import annotations

import asyncio

from sqlalchemy import Connection, func, select

from daemon.cli.doctor_mail import NeedsAPerson
from daemon.cli.outbox_acts import hold_lines
from daemon.config import Config
from daemon.opening import open_database
from daemon.store import holds
from daemon.store.schema import outbox


async def sending(config: Config) -> str:
    """Raises StoreError."""
    return await asyncio.to_thread(_sending, config)


def _sending(config: Config) -> str:
    database = open_database(config)
    try:
        lines, failed, held = database.read_now(_looked_at, config)
    finally:
        database.close()
    if lines:
        waiting = f"; {held} messages wait for `outbox release`"
        return NeedsAPerson("; ".join(lines) + waiting)
    if failed:
        return NeedsAPerson(f"nothing is on hold; {failed} messages failed: `outbox list --state failed`")
    return "nothing is on hold, no message failed"


def _looked_at(connection: Connection, config: Config) -> tuple[list[str], int, int]:
    zone = config.service.timezone
    stamps: dict[int, str | None] = {
        one.id: one.held_at.astimezone(zone).isoformat(timespec="minutes")
        for one in holds.in_force(connection)
    }
    failed, held = (_count(connection, state) for state in ("failed", "held"))
    return hold_lines(connection, stamps), failed, held


def _count(connection: Connection, state: str) -> int:
    channels = outbox.c.channel.in_(("email", "sms"))  # the index has the channel before the state
    found: int = connection.execute(
        select(func.count()).where(channels, outbox.c.state == state)
    ).scalar_one()
    return found
