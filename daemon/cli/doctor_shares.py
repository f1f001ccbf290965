"""The line of `doctor` about two SMS gateways: how the SMS are shared among them, and why."""

from __future__ import annotations

import asyncio

from daemon.cli.doctor_mail import NeedsAPerson
from daemon.config import Config
from daemon.opening import open_database
from daemon.store import gateway_shares
from daemon.store.gateway_shares import Pair, Stored

WHY = {
    "slow": "its delivery reports are slow",
    "failing": "it fails, or its SMS do not arrive",
    "stalled": "its delivery reports ceased",
    "peace": "the first one is well again",
}


async def shares(config: Config) -> str:
    """Raises StoreError."""
    if config.sms.pair is None:
        return "there is one gateway and no fallback"
    return await asyncio.to_thread(_shares, config, Pair(*config.sms.pair))


def _shares(config: Config, pair: Pair) -> str:
    database = open_database(config)
    try:
        return shares_line(config, database.read_now(gateway_shares.read, pair))
    finally:
        database.close()


def shares_line(config: Config, stored: Stored | None) -> str:
    """What is told of a share."""
    first, second = config.sms.pair or ("", "")
    percent = stored.share.percent if stored else 0
    line = f"{first} {100 - percent} %, {second} {percent} %"
    if stored is None or stored.share.moved_at is None:
        return line
    at = stored.share.moved_at.astimezone(config.service.timezone)
    line = f"{line} since {at:%Y-%m-%d %H:%M} ({stored.share.why}: {WHY.get(stored.share.why, '')})"
    return NeedsAPerson(line) if percent else line
