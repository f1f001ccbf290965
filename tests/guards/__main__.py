"""Takes each guard out of a copy of the program and runs the tests that must notice.

`make guards`, or `.venv/bin/python -m tests.guards [WORD …]` for the guards whose name or file holds a word.
Exits with 1 where a guard's text is not found once, where its tests fail with it, or where they pass without
it. All of them take ten minutes and more, so they are a target of their own and no part of `make test`, where
`tests/house/test_guards.py` looks only whether every text is still there.
"""

from __future__ import annotations

import os
import queue
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.guards import GUARDS
from tests.guards.guard import Guard
from tests.guards.runner import Copy


def main(words: Sequence[str]) -> int:
    guards = [one for one in GUARDS if not words or any(word in f"{one.file} {one.what}" for word in words)]
    lost = [one for one in guards if one.occurrences != 1]
    for guard in lost:
        print(f"not found once: {guard.file}: {guard.what}")
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        unseen = _unseen([one for one in guards if one not in lost], Path(folder))
    print(f"{len(guards)} guards in {time.monotonic() - began:.0f} s: {len(lost)} lost, {len(unseen)} unseen")
    return 1 if lost or unseen else 0


def _unseen(guards: list[Guard], folder: Path) -> list[Guard]:
    """Those whose tests pass without them, printed as they are found. Raises SystemExit where tests fail with
    every guard in its place, since they would prove nothing."""
    copies: queue.SimpleQueue[Copy] = queue.SimpleQueue()
    for number in range(os.cpu_count() or 1):
        copies.put(Copy(folder / str(number)))

    def is_whole(tests: tuple[str, ...]) -> bool:
        copy = copies.get()
        try:
            return copy.passes(tests)
        finally:
            copies.put(copy)

    def is_seen(guard: Guard) -> bool:
        copy = copies.get()
        try:
            with copy.without(guard):
                seen = not copy.passes(guard.tests)
        finally:
            copies.put(copy)
        if not seen:
            print(f"nobody guards: {guard.file}: {guard.what}", flush=True)
        return seen

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        sets = sorted({(one,) for guard in guards for one in guard.tests})
        failing = [
            tests for tests, passed in zip(sets, threads.map(is_whole, sets), strict=True) if not passed
        ]
        if failing:
            raise SystemExit(f"these fail with every guard in its place: {failing}")
        return [guard for guard, seen in zip(guards, threads.map(is_seen, guards), strict=True) if not seen]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
