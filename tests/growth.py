"""What an algorithm costs, told without a stopwatch: its cost at one size beside its cost at four times that.

No test asserts on seconds (STYLE, section 8): those depend on the machine and on what else runs there. The
CPU time of one thread, compared with itself in the same process, does not."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import TypeVar

Input = TypeVar("Input")

TIMES = 4
MOST = 9.0  # proportional cost gives 4, quadratic cost 16; between them is room for caches and memory
ROUNDS = 25  # only the best run of each size counts: whatever else runs can make a run dearer, never cheaper


def assert_grows_linearly(function: Callable[[Input], object], make: Callable[[int], Input], n: int) -> None:
    """`function(make(4 * n))` costs less than nine times what `function(make(n))` costs in CPU time.

    Choose `n` so that the cost of the input, not of the call, is what counts: a millisecond is enough.
    Raises AssertionError when no round stayed below that."""
    small, large = make(n), make(TIMES * n)
    function(small)  # fills the caches
    cheapest_small = min(_cpu_s(function, small) for _ in range(2))
    cheapest_large = _cpu_s(function, large)
    for _ in range(ROUNDS):
        if cheapest_large < MOST * cheapest_small:
            return
        cheapest_small = min(cheapest_small, _cpu_s(function, small))
        cheapest_large = min(cheapest_large, _cpu_s(function, large))
    raise AssertionError(
        f"{TIMES} times the input costs {cheapest_large / cheapest_small:.1f} times the CPU time"
    )


def _cpu_s(function: Callable[[Input], object], given: Input) -> float:
    """Seconds of CPU time of one call, the collector of cycles apart."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        began = time.thread_time()
        function(given)
        return max(time.thread_time() - began, 1e-9)
    finally:
        if was_enabled:
            gc.enable()
