"""Reports that come in at once share a commit; each caller hears of it only after its own is kept."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from daemon.casework import receipt_counter
from daemon.casework.receipt_counter import TOGETHER, ReceiptCounter
from daemon.casework.receipts import Posted, take_in
from daemon.clock import SystemClock
from daemon.store.database import Database
from daemon.store.schema import inbox

BAD = b"bad"


@pytest.fixture
def database(tmp_path: Path, sqlite_model: Path) -> Iterator[Database]:
    shutil.copy(sqlite_model, tmp_path / "shakwa.db")
    opened = Database(f"sqlite:///{tmp_path}/shakwa.db")
    yield opened
    opened.close()


def kept(database: Database) -> list[str]:
    def bodies(connection: Connection) -> list[str]:
        return [
            row.payload["body"] for row in connection.execute(select(inbox.c.payload).order_by(inbox.c.id))
        ]

    return database.read_now(bodies)


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many reports each commit held."""
    counted: list[int] = []
    keep = ReceiptCounter._keep

    def counting(
        self: ReceiptCounter, connection: Connection, together: list[receipt_counter._Waiting]
    ) -> None:
        counted.append(len(together))
        keep(self, connection, together)

    monkeypatch.setattr(ReceiptCounter, "_keep", counting)
    return counted


async def test_what_comes_at_once_shares_commits_and_each_is_kept_once(
    database: Database, commits: list[int]
) -> None:
    counter = ReceiptCounter(database, SystemClock(), lambda: None)
    count = 3 * TOGETHER

    async def post(number: int) -> None:
        await counter.take("unifonic", str(number).encode(), "application/json")
        assert str(number) in kept(database), "its caller heard of it too early"

    await asyncio.gather(*(post(number) for number in range(count)))

    assert sorted(map(int, kept(database))) == list(range(count))
    assert len(commits) <= count / 10
    assert max(commits) <= TOGETHER


async def test_one_alone_waits_for_nobody(database: Database, commits: list[int]) -> None:
    await ReceiptCounter(database, SystemClock(), lambda: None).take("unifonic", b"1", "")

    assert commits == [1]


async def test_one_that_cannot_be_kept_keeps_out_no_other(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(connection: Connection, posted: Posted, now: object) -> int:
        if posted.body == BAD:
            raise KeyError("this one alone")
        return take_in(connection, posted, SystemClock().now())

    monkeypatch.setattr(receipt_counter, "take_in", refusing)
    counter = ReceiptCounter(database, SystemClock(), lambda: None)
    bodies = [b"0", BAD, b"1", b"2", BAD, b"3"]

    done = await asyncio.gather(
        *(counter.take("unifonic", one, "") for one in bodies), return_exceptions=True
    )

    assert [isinstance(one, KeyError) for one in done] == [body == BAD for body in bodies]
    assert sorted(kept(database)) == ["0", "1", "2", "3"]


async def test_a_caller_that_hangs_up_takes_nobody_along(database: Database) -> None:
    counter = ReceiptCounter(database, SystemClock(), lambda: None)
    posts = [asyncio.create_task(counter.take("unifonic", str(n).encode(), "")) for n in range(8)]
    await asyncio.sleep(0)
    posts[0].cancel()
    posts[5].cancel()

    await asyncio.gather(*posts, return_exceptions=True)

    assert {"1", "2", "3", "4", "6", "7"} <= set(kept(database))
