"""An event loop whose clock jumps to the next timer as soon as no socket has anything to say.

So an outage of an hour between a client and a server on the same loop takes milliseconds. Sockets are real;
whatever runs in another thread is not waited for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class JumpingLoop(asyncio.SelectorEventLoop):
    """`time()` is the machine's, and all that was jumped."""

    def __init__(self) -> None:
        self._jumped_s = 0.0
        super().__init__()
        select: Callable[[float | None], list[Any]] = self._selector.select  # type: ignore[attr-defined]

        def jump(timeout: float | None = None) -> list[Any]:
            found = select(0)
            if found or timeout == 0:
                return found
            found = select(0.001)  # what was written a moment ago
            if not found and timeout is not None:
                self._jumped_s += timeout
            return found

        self._selector.select = jump  # type: ignore[attr-defined]

    def time(self) -> float:
        return super().time() + self._jumped_s


def run_jumping(coroutine: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(coroutine)
