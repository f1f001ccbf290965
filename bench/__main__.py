"""`python -m bench [RUN …]`: measure and print a table; without one everything (a quarter hour)."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from bench import backlog, figures, hostile, large, latency, reading, scrape, sweep, throughput
from bench.arena import progress
from tests.servers import MissingServer

RUNS = ("throughput", "reading", "latency", "backlog", "large", "sweep", "scrape", "figures", "hostile")


def main(argv: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(argv)
    wrong = [name for name in asked.runs if name not in RUNS]
    if wrong:
        print(f"bench: no run {wrong[0]!r}; there are {', '.join(RUNS)}", file=sys.stderr)
        return 2
    measured: dict[str, Any] = {"machine": _machine()}
    for name in asked.runs or RUNS:
        try:
            found = _measurement(name, asked)()
        except (MissingServer, RuntimeError, TimeoutError) as error:
            progress("")
            print(f"bench: {name}: {error}", file=sys.stderr)
            return 1
        measured[name] = asdict(found)
        if name == "throughput":
            measured[name]["share"] = {parser: found.share(parser) for parser in throughput.PARSERS}
        progress("")
        if not asked.json:
            for label, value in found.rows():
                print(f"{label:<62} {value:>16}", flush=True)
    if asked.json:
        json.dump(measured, sys.stdout, indent=2)
        print()
    return 0


def _measurement(name: str, asked: argparse.Namespace) -> Callable[[], Any]:
    count = {"mails": asked.mails} if asked.mails else {}
    if name == "throughput":
        return lambda: throughput.measure(
            **count,
            rounds=asked.rounds,
            with_postgresql=not asked.no_postgresql,
            parsers=() if asked.no_bare else throughput.PARSERS,
        )
    modules: dict[str, Any] = {
        "reading": reading,
        "latency": latency,
        "backlog": backlog,
        "large": large,
        "sweep": sweep,
        "scrape": scrape,
        "figures": figures,
        "hostile": hostile,
    }
    return lambda: modules[name].measure(**count)


def _machine() -> dict[str, object]:
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load": os.getloadavg()[0],  # of the others, before we began
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("runs", nargs="*", metavar="RUN", help=f"of {', '.join(RUNS)}; default all")
    parser.add_argument(
        "--mails", type=int, metavar="N", help="how many mails, or tickets (each run has its own default)"
    )
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="of throughput (default 5)")
    parser.add_argument("--no-postgresql", action="store_true", help="throughput on SQLite alone")
    parser.add_argument("--no-bare", action="store_true", help="throughput of the daemon alone")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON document")
    return parser


if __name__ == "__main__":
    sys.exit(main())
