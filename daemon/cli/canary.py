"""The command `canary`: a complaint of the program's own through the running desk and back, timed.

The daemon does the work, as for any complaint; this command sends the mail and watches the rows.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from datetime import datetime
from typing import Any, Final

from daemon.adapters import adapters_of
from daemon.cli.context import CommandFailed, Context
from daemon.clock import SystemClock
from daemon.courier import DeliveryFailure
from daemon.loops.canary import Canaries, where_it_is
from daemon.settings import route_of
from daemon.store.canaries import Canary
from daemon.store.database import Database

LOOKS_EVERY_S: Final = 0.2
LEGS: Final = (
    ("sent", "sent_at", "the relay took it"),
    ("arrived", "arrived_at", "it lay in the mailbox"),
    ("decided", "decided_at", "the desk decided on it"),
    ("answered", "answered_at", "the relay took the answer"),
    ("returned", "returned_at", "the answer came back"),
)


def run(context: Context, arguments: argparse.Namespace) -> int:
    """0 where it came through, 1 where it did not in time."""
    with context.database() as database:
        canary = asyncio.run(fly(context, database, arguments.timeout))
    return say(context, canary, arguments)


def say(context: Context, canary: Canary, arguments: argparse.Namespace) -> int:
    """Print how it went; the exit code."""
    if arguments.json:
        print(json.dumps(_document(context, canary), ensure_ascii=False))
    else:
        _tell(canary)
    if canary.outcome == "done":
        return 0
    why = f"{where_it_is(canary)} within {arguments.timeout} s (is the daemon running?)"
    print(f"the canary did not come through: {why}", file=sys.stderr)
    return 1


async def fly(context: Context, database: Database, timeout_s: float) -> Canary:
    """Send one and wait for it. Raises CommandFailed where the relay does not take it, and in shadow mode."""
    if context.config.service.is_shadow:
        raise CommandFailed('nothing is sent in shadow mode ([service] mode = "shadow"), no canary either')
    adapters = adapters_of(context.config, SystemClock())
    flights = Canaries(database, adapters.email, route_of(context.config), SystemClock())
    until = time.monotonic() + timeout_s
    try:
        canary_id = await flights.send()
        while True:
            canary = await flights.follow(canary_id)
            if canary is None:
                raise CommandFailed("somebody took the canary out of the database")
            if canary.outcome:
                return canary
            if time.monotonic() > until:
                await flights.give_up(canary_id)
                return canary
            await asyncio.sleep(LOOKS_EVERY_S)
    except DeliveryFailure as failure:
        raise CommandFailed(f"the mail relay did not take the canary: {failure.reason}") from None
    finally:
        await adapters.email.close()


def _legs(canary: Canary) -> list[tuple[str, str, datetime, float]]:
    """Name, words, when, and the seconds since the beginning, of each leg that it came through."""
    return [
        (name, words, at, max((at - canary.begun_at).total_seconds(), 0.0))
        for name, column, words in LEGS
        if (at := getattr(canary, column)) is not None
    ]


def _tell(canary: Canary) -> None:
    for name, words, _, seconds in _legs(canary):
        print(f"{name:<9} {seconds:6.1f} s  {words}")


def _document(context: Context, canary: Canary) -> dict[str, Any]:
    legs = _legs(canary)
    is_done = canary.outcome == "done"
    return {
        "ok": is_done,
        "id": canary.id,
        "begun_at": context.stamp(canary.begun_at),
        "legs": [
            {"leg": name, "at": context.stamp(at), "seconds": round(seconds, 3)}
            for name, _, at, seconds in legs
        ],
        "seconds": round(legs[-1][3], 3) if is_done and legs else None,
        "lost": None if is_done else where_it_is(canary),
    }
