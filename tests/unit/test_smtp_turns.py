"""How many mails are on their way at once, and fewer where the relay wants it."""

from __future__ import annotations

import asyncio

from daemon.mail.wire.smtp.turns import FEWER_FOR_S, SAME_S, Turns


class Seconds:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


async def most_at_once(turns: Turns, count: int = 12) -> int:
    """How many of `count` ran at the same time, at most."""
    running, most = 0, 0

    async def one() -> None:
        nonlocal running, most
        async with turns.one():
            running += 1
            most = max(most, running)
            for _ in range(3):
                await asyncio.sleep(0)
            running -= 1

    await asyncio.gather(*(one() for _ in range(count)))
    return most


async def test_each_complaint_takes_one_connection_away_and_an_hour_of_peace_gives_one_back() -> None:
    seconds = Seconds()
    turns = Turns(4, monotonic=seconds)
    assert await most_at_once(turns) == 4

    turns.fewer()
    turns.fewer()  # of the same moment
    await most_at_once(turns)
    assert await most_at_once(turns) == turns.allowed == 3

    seconds.now_s += SAME_S
    turns.fewer()
    await most_at_once(turns)
    assert await most_at_once(turns) == 2

    seconds.now_s += FEWER_FOR_S
    await most_at_once(turns)
    assert await most_at_once(turns) == 3


async def test_one_connection_is_always_left() -> None:
    seconds = Seconds()
    turns = Turns(2, monotonic=seconds)
    for _ in range(5):
        turns.fewer()
        seconds.now_s += SAME_S
        await most_at_once(turns)

    assert await most_at_once(turns) == turns.allowed == 1


async def test_a_cancelled_one_gives_its_turn_back() -> None:
    turns = Turns(1)

    async def hold() -> None:
        async with turns.one():
            await asyncio.Event().wait()

    holding = asyncio.create_task(hold())
    await asyncio.sleep(0)
    holding.cancel()
    await asyncio.gather(holding, return_exceptions=True)

    assert await most_at_once(turns) == 1
