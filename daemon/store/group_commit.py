"""Commits in one transaction what several callers ask for at about the same time (group commit).

A commit waits for the disk, and on SQLite for the one thread that writes. What comes meanwhile does not queue
for a commit of its own: all that waits when the next one begins goes into it. Nobody waits in order that
others may come, so one caller alone is as quick as without.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection

T = TypeVar("T")


class Transact(Protocol):
    """`Database.transact_now`."""

    def __call__(self, work: Callable[[Connection], T]) -> T: ...


@dataclass(eq=False, slots=True)
class _Job:
    work: Callable[[Connection], Any]
    done: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


class GroupCommit:
    """Used by the tasks of one event loop. `transact` runs on `executor`; `spoils_all` says of which errors
    nobody in the group is to be blamed."""

    def __init__(
        self, transact: Transact, executor: Executor, spoils_all: Callable[[Exception], bool]
    ) -> None:
        self._transact = transact
        self._executor = executor
        self._spoils_all = spoils_all
        self._waiting: deque[_Job] = deque()
        self._is_running = False

    async def run(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns, once it is durable. Raises what `work` raises, whose writes are then undone,
        and what the transaction raises as a whole. A caller that is cancelled while its work waits takes it
        away; once it was begun it is done all the same."""
        loop = asyncio.get_running_loop()
        job = _Job(work, loop.create_future())
        self._waiting.append(job)
        if not self._is_running:
            self._begin(loop)
        result: T = await job.done
        return result

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        self._is_running = True
        try:
            # No future of asyncio's for it: each would wake the loop by one more system call.
            self._executor.submit(self._commit, loop)
        except RuntimeError:  # closed
            self._is_running = False
            self._waiting.clear()
            raise

    def _commit(self, loop: asyncio.AbstractEventLoop) -> None:
        """In a thread: all that waits by now."""
        jobs: list[_Job] = []
        while self._waiting:
            job = self._waiting.popleft()
            if not job.done.cancelled():
                jobs.append(job)
        try:
            if jobs:
                self._transact(lambda connection: self._all(connection, jobs))
        except BaseException as error:  # noqa: BLE001 - raised where the results are awaited
            for job in jobs:
                job.error = error
        loop.call_soon_threadsafe(self._end, loop, jobs)

    def _all(self, connection: Connection, jobs: list[_Job]) -> None:
        for job in jobs:
            job.error = None  # of a transaction that was undone and begun again
            if len(jobs) == 1:
                job.result = job.work(connection)
                continue
            try:
                with connection.begin_nested():
                    job.result = job.work(connection)
            except Exception as error:
                if self._spoils_all(error):
                    raise
                job.error = error

    def _end(self, loop: asyncio.AbstractEventLoop, jobs: list[_Job]) -> None:
        for job in jobs:
            if job.done.cancelled():
                continue
            if job.error is not None:
                job.done.set_exception(job.error)
            else:
                job.done.set_result(job.result)
        self._is_running = False
        if self._waiting:
            self._begin(loop)
