"""Plays fail-overs of the database under load: two daemons go on while the server that they write to is
killed and its follower takes its place."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.e2e.conftest import Run
from tests.harness.ledger import Ledger
from tests.harness.play import Result, Stage
from tests.servers import wait_until
from tests.servers.postgres_pair import Pair

BACK_WITHIN_S = 60.0
"""After a fail-over each daemon works again."""


def play_failovers(
    stage: Stage, pair: Pair, failovers: int, seed: int, tell: Callable[[str], None] = lambda line: None
) -> Result:
    """So many fail-overs, each at an instant by lot while complaints come in, and then peace."""
    result, ledger = Result(seed, what="fail-overs"), Ledger()
    with _two_daemons(stage, result) as runs:
        for number in range(1, failovers + 1):
            for _ in range(stage.dice.randint(1, 4)):
                stage.drop()
                time.sleep(stage.dice.uniform(0, 0.3))
            pair.fail_over()
            stage.drop()
            began = time.monotonic()
            try:
                wait_until(lambda: not stage.waiting_mails(), BACK_WITHIN_S, "intake")
            except TimeoutError:
                result.faults.append(f"after fail-over {number} no intake for {BACK_WITHIN_S} s")
                tell("\n".join(run.said[-3000:] for run in runs))
                break
            rows = stage.rows()  # before what was taken: the daemons go on, and what is sent was taken
            ledger.after_a_life(list(stage.receivers.smtp.taken), rows, number)
            result.kills += 1
            tell(f"fail-over {number}: all mail taken in after {time.monotonic() - began:.1f} s")
            result.faults += [f"a daemon ended ({run.code})" for run in runs if run.ended.is_set()]
    result.faults += stage.finish()
    rows = stage.rows()
    ledger.after_a_life(list(stage.receivers.smtp.taken), rows, failovers + 1)
    ledger.at_the_end(list(stage.receivers.smtp.taken), list(stage.receivers.sms.sent), rows)
    result.faults += [*ledger.faults, *stage.judge_mails()]
    result.mails, result.messages, result.repeats = len(stage.sent_in), len(rows), ledger.repeats
    return result


@contextmanager
def _two_daemons(stage: Stage, result: Result) -> Iterator[list[Run]]:
    runs = [stage.forge.start(*stage.arguments("serve"), reads_itself=True) for _ in range(2)]
    try:
        # Before that a daemon may end where the database does, to be started again.
        for sign in ("the mailbox is ours", "another process holds the mailbox"):
            wait_until(lambda sign=sign: any(sign in run.said for run in runs), 60, sign)
        yield runs
    finally:
        for run in runs:
            run.send(signal.SIGTERM)
        for run in runs:
            if run.wait() or "Traceback" in run.said:
                result.faults.append(f"a daemon did not end well ({run.code}): {run.said[-500:]}")
