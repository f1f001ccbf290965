"""`python -m tests.harness --kills N --database sqlite|postgresql [--seed S]`, `--failovers N` of a pair of
PostgreSQL servers under two daemons, or `--soak MINUTES --rate N [--daemons 2] [--faults imap,smtp,…]` under
load: exit 1 where anything was lost, doubled or changed."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.e2e.conftest import forge_in
from tests.harness.failover import play_failovers
from tests.harness.play import play, stage_on
from tests.harness.soak import FAULTS, Plan, soak, soak_stage
from tests.servers.dovecot import dovecot
from tests.servers.postgres import postgres
from tests.servers.postgres_pair import postgres_pair


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.harness")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--failovers", type=int, default=0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--soak", type=float, default=0.0, metavar="MINUTES")
    parser.add_argument("--rate", type=float, default=5.0, metavar="COMPLAINTS", help="a second")
    parser.add_argument("--daemons", type=int, default=1)
    parser.add_argument("--pause", type=float, default=60.0, help="seconds from one fault to the next")
    parser.add_argument("--faults", default=",".join(FAULTS))
    given = parser.parse_args()
    if given.soak:
        return _soak(given)
    told = f"{given.failovers} fail-overs" if given.failovers else f"{given.kills} kills on {given.database}"
    print(f"seed {given.seed}: {told}", flush=True)
    began = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sk-harness-")))
        box = stack.enter_context(dovecot())
        forge = stack.enter_context(forge_in(folder))
        if given.failovers:
            pair = stack.enter_context(postgres_pair())
            stage = stack.enter_context(stage_on(forge, box, folder, given.seed, url=pair.url))
            result = play_failovers(stage, pair, given.failovers, given.seed, _tell)
        else:
            server = stack.enter_context(postgres()) if given.database == "postgresql" else None
            stage = stack.enter_context(stage_on(forge, box, folder, given.seed, server))
            result = play(stage, given.kills, given.seed, _tell)
    print(f"{result.line()}, {time.monotonic() - began:.0f} s; {dict(result.moods)}")
    for fault in result.faults:
        print(f"FAULT {fault}")
    return 1 if result.faults else 0


def _soak(given: argparse.Namespace) -> int:
    faults = [one for one in given.faults.split(",") if one]
    plan = Plan(given.soak * 60, given.rate, given.daemons, faults, pause_s=given.pause)
    print(f"seed {given.seed}: {given.soak} minutes, {given.rate} complaints a second", flush=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sk-harness-")))
        box = stack.enter_context(dovecot())
        forge = stack.enter_context(forge_in(folder))
        server = stack.enter_context(postgres()) if given.database == "postgresql" else None
        stage, cables = stack.enter_context(soak_stage(forge, box, folder, given.seed, server))
        result = soak(stage, cables, plan, given.seed, _tell)
    for line in result.lines():
        print(line)
    for fault in result.faults:
        print(f"FAULT {fault}")
    return 1 if result.faults else 0


def _tell(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
