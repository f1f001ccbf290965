"""Another process on the same store: `python -m tests.integration.store_process URL WORK`.

It says "ready", waits for a line, and then does its WORK:
`claim-inbox`, `claim-outbox`  claim five rows at a time until none is left, print every id, end
`count`                        take 50 numbers of one counter, each in its own transaction, print them, end
`hold`                         claim three inbox and three outbox rows and the name "mailbox", print its own
                               name, and live on until it is killed
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from daemon.store import counters, inbox, outbox
from daemon.store.database import Database
from daemon.store.liveness import liveness_of

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]


@contextlib.contextmanager
def started(url: str, work: str) -> Iterator[subprocess.Popen[str]]:
    """The process, ready and waiting for its line; killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.store_process", url, work],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.communicate(timeout=600)


def let_go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def work_together(url: str, work: str, processes: int) -> list[list[int]]:
    """What each of several processes printed that did `work` at the same time."""
    with contextlib.ExitStack() as stack:
        running = [stack.enter_context(started(url, work)) for _ in range(processes)]
        for process in running:
            let_go(process)
        return [[int(line) for line in process.communicate(timeout=600)[0].split()] for process in running]


def _claim_all(database: Database, work: str, owner: str) -> list[int]:
    claimed: list[int] = []
    while True:
        now = datetime.now(UTC)
        rows: list[Any] = (
            database.transact_now(inbox.claim, owner, now, limit=5)
            if work == "claim-inbox"
            else database.transact_now(outbox.claim, owner, "email", now, 5)
        )
        if not rows:
            return claimed
        claimed += [row.id for row in rows]
        time.sleep(0.01)  # the work on them, during which the others come


def main() -> None:
    url, work = sys.argv[1:]
    database = Database(url)
    liveness = liveness_of(database)
    # Its first statements take longer than another's whole work: they are made before the race.
    database.transact_now(inbox.claim, liveness.owner, LONG_AGO, limit=5)
    database.transact_now(outbox.claim, liveness.owner, "email", LONG_AGO, 5)
    print("ready", flush=True)
    sys.stdin.readline()
    if work == "hold":
        now = datetime.now(UTC)
        database.transact_now(inbox.claim, liveness.owner, now, limit=3)
        database.transact_now(outbox.claim, liveness.owner, "email", now, 3)
        assert liveness.hold("mailbox")
        print(liveness.owner, flush=True)
        sys.stdin.readline()
    elif work == "count":
        print(*(database.transact_now(counters.next_count, "ticket:2026") for _ in range(50)))
    else:
        print(*_claim_all(database, work, liveness.owner))


if __name__ == "__main__":
    main()
