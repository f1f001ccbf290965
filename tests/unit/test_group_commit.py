"""Works that wait for one commit share it, and none of them spoils another."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import OperationalError

from daemon.store.database import Database, StoreUnavailable


class Counted:
    """A database of one table, and how often it committed. `gate` holds up the thread that writes."""

    def __init__(self, path: Path) -> None:
        self.database = Database(f"sqlite:///{path}/group.db")
        self.commits = 0
        self.gate = threading.Event()
        self.database.transact_now(lambda connection: connection.execute(text("CREATE TABLE t (n INTEGER)")))
        event.listen(self.database.engine, "commit", self._count)

    def _count(self, connection: Connection) -> None:
        self.commits += 1

    def hold(self) -> None:
        self.database._executor.submit(self.gate.wait)

    def numbers(self) -> list[int]:
        return list(
            self.database.read_now(lambda one: one.execute(text("SELECT n FROM t ORDER BY n")).scalars())
        )


@pytest.fixture
def counted(tmp_path: Path) -> Iterator[Counted]:
    made = Counted(tmp_path)
    yield made
    made.gate.set()
    made.database.close()


def put(connection: Connection, number: int, error: Exception | None = None) -> int:
    connection.execute(text("INSERT INTO t VALUES (:n)"), {"n": number})
    if error is not None:
        raise error
    return number * 10


async def asked(counted: Counted, *works: tuple[int, Exception | None]) -> list[int | BaseException]:
    """All of them while the writing thread is busy, and then let it go on."""
    counted.hold()
    tasks = [asyncio.create_task(counted.database.transact_together(put, *work)) for work in works]
    await asyncio.sleep(0)
    counted.gate.set()
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_what_waits_goes_into_one_commit(counted: Counted) -> None:
    results = await asked(counted, (1, None), (2, None), (3, None))

    assert (results, counted.numbers(), counted.commits) == ([10, 20, 30], [1, 2, 3], 2), (
        "and the reading one"
    )


async def test_one_that_fails_is_undone_alone(counted: Counted) -> None:
    wrong = ValueError("mine")

    results = await asked(counted, (1, None), (2, wrong), (3, None))

    assert (results, counted.numbers()) == ([10, wrong, 30], [1, 3])


async def test_an_outage_is_everybody_s_and_nothing_is_written(counted: Counted) -> None:
    gone = OperationalError("INSERT", {}, sqlite3.OperationalError("database is locked"))

    results = await asked(counted, (1, None), (2, gone), (3, None))

    assert [type(one) for one in results] == [StoreUnavailable] * 3
    assert counted.numbers() == []


async def test_who_is_cancelled_while_waiting_takes_the_work_away(counted: Counted) -> None:
    counted.hold()
    going = asyncio.create_task(counted.database.transact_together(put, 1))
    staying = asyncio.create_task(counted.database.transact_together(put, 2))
    await asyncio.sleep(0)
    going.cancel()
    await asyncio.sleep(0)
    counted.gate.set()

    assert await staying == 20
    assert counted.numbers() == [2]


async def test_what_comes_during_a_commit_goes_into_the_next(counted: Counted) -> None:
    entered, may_end = threading.Event(), threading.Event()

    def slow(connection: Connection) -> int:
        entered.set()
        may_end.wait()
        return put(connection, 1)

    first = asyncio.create_task(counted.database.transact_together(slow))
    await asyncio.to_thread(entered.wait)
    later = [asyncio.create_task(counted.database.transact_together(put, n)) for n in (2, 3)]
    await asyncio.sleep(0)
    may_end.set()

    assert await asyncio.gather(first, *later) == [10, 20, 30]
    assert counted.commits == 2
    assert counted.numbers() == [1, 2, 3]


async def test_after_closing_nothing_waits_for_ever(counted: Counted) -> None:
    counted.database.close()

    with pytest.raises(RuntimeError):
        await counted.database.transact_together(put, 1)
