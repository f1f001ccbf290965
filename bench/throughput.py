"""Measures complaints a second through the whole path, beside the bare libraries doing the same work.

One complaint: its mail fetched, a ticket, the citizen's e-mail, the team's e-mail, an SMS, all accepted, and
the mail moved to Processed. Rounds of ours and of `bench.bare` alternate; medians are compared.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bench.arena import TEAM, Arena, Run, Used, arena, durable_postgres, progress
from bench.bare import Letter, Task
from bench.mails import ADDRESS
from bench.mails import mails as some_mails
from tests.servers import MissingServer

PARSERS = ("default", "compat32")


@dataclass(frozen=True)
class Figure:
    """Medians over the rounds. `per_s` counts the whole process, `net_per_s` leaves out what a pass over one
    mail takes (interpreter, imports, workers, templates, connections), `cpu_ms` likewise."""

    name: str
    mails: int
    rounds: int
    per_s: float
    net_per_s: float
    cpu_ms: float
    peak_mb: float


@dataclass(frozen=True)
class Throughput:
    figures: tuple[Figure, ...]
    """ours on SQLite, ours on PostgreSQL (if there is one), bare with each parser."""

    def figure(self, name: str) -> Figure | None:
        return next((figure for figure in self.figures if figure.name == name), None)

    def share(self, parser: str = "default") -> float | None:
        """Ours on SQLite as part of bare, both without their start."""
        ours, bare = self.figure("sqlite"), self.figure(f"bare {parser}")
        return ours.net_per_s / bare.net_per_s if ours and bare else None

    def rows(self) -> list[tuple[str, str]]:
        found = []
        for figure in self.figures:
            name = figure.name if figure.name.startswith("bare") else f"daemon on {figure.name}"
            found.append((f"{name}, complaints per second", f"{figure.net_per_s:.0f}"))
            found.append((f"{name}, with its start", f"{figure.per_s:.0f}"))
            found.append((f"{name}, CPU per complaint", f"{figure.cpu_ms:.2f} ms"))
            found.append((f"{name}, largest memory", f"{figure.peak_mb:.0f} MB"))
        for parser in PARSERS:
            share = self.share(parser)
            if share is not None:
                found.append((f"daemon on sqlite as part of bare {parser}", f"{share:.0%}"))
        return found


@dataclass(frozen=True)
class _Round:
    used: Used
    start_s: float
    start_cpu_s: float


def measure(
    mails: int = 1000, rounds: int = 5, *, with_postgresql: bool = True, parsers: Sequence[str] = PARSERS
) -> Throughput:
    everything = list(some_mails(mails))
    found: dict[str, list[_Round]] = {}
    with arena() as servers:
        letters: Task | None = None
        for number in range(1, rounds + 1):
            progress(f"throughput: round {number} of {rounds}, daemon on SQLite")
            run = servers.new_run(everything)
            found.setdefault("sqlite", []).append(_ours(run, mails))
            letters = letters or _task(run, mails)
            run.clean()
            for parser in parsers:
                progress(f"throughput: round {number} of {rounds}, bare libraries ({parser})")
                run = servers.new_run(everything)
                found.setdefault(f"bare {parser}", []).append(_bare(run, replace(letters, parser=parser)))
                run.clean()
        if with_postgresql:
            try:
                found["postgresql"] = _on_postgresql(servers, everything, max(1, (rounds + 1) // 2))
            except MissingServer as missing:
                progress("")
                print(f"PostgreSQL left out: {missing}")
    order = ("sqlite", "postgresql", *(f"bare {parser}" for parser in PARSERS))
    return Throughput(tuple(_figure(name, mails, found[name]) for name in order if name in found))


def _ours(run: Run, mails: int) -> _Round:
    used = run.daemon("once").end()
    run.verify(mails)
    return _Round(used, run.start_s, run.start_cpu_s)


def _on_postgresql(servers: Arena, everything: list[bytes], rounds: int) -> list[_Round]:
    found = []
    with durable_postgres() as postgres:
        for number in range(1, rounds + 1):
            progress(f"throughput: round {number} of {rounds}, daemon on PostgreSQL")
            url = postgres.create_database()
            run = servers.new_run(everything, database=url)
            found.append(_ours(run, len(everything)))
            postgres.drop_database(url)
            run.clean()
    return found


def _bare(run: Run, task: Task) -> _Round:
    """The tables were made by the daemon; the start is measured on no mail at all."""
    box = run.arena.box
    _empty(run.sqlite_file)
    task = replace(task, imap=(box.host, box.port, run.user, box.password), database=str(run.sqlite_file))
    files = [run.folder / "none.json", run.folder / "task.json"]
    for path, count in zip(files, (0, task.mails), strict=True):
        path.write_text(json.dumps(asdict(replace(task, mails=count))))
    start = _run_bare(run, files[0]).end()
    used = _run_bare(run, files[1]).end()
    run.verify(task.mails)
    return _Round(used, start.wall_s, start.cpu_s)


def _empty(file: Path) -> None:
    """Without what the daemon wrote of its first mail: the bare libraries number their rows themselves."""
    with contextlib.closing(sqlite3.connect(file)) as database, database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            database.execute(f'DELETE FROM "{table}"')


def _run_bare(run: Run, path: Path) -> Any:
    return run.arena.start(["-m", "bench.bare", path], run.log)


def _task(run: Run, mails: int) -> Task:
    """What the daemon wrote and said about one mail of middling size, taken from its database."""
    arena = run.arena
    database = sqlite3.connect(run.sqlite_file)
    database.row_factory = sqlite3.Row

    def rows(query: str, *values: object) -> list[dict[str, Any]]:
        return [dict(row) for row in database.execute(query, values)]

    middle = rows("SELECT * FROM messages ORDER BY length(text) LIMIT 1 OFFSET ?", mails // 2)[0]
    ticket = middle["ticket_id"]
    letters = [_letter(row) for row in rows("SELECT * FROM outbox WHERE ticket_id = ? ORDER BY id", ticket)]
    task = Task(
        mails=mails,
        parser="default",
        imap=("", 0, "", ""),
        smtp=(arena.smtp.host, arena.smtp.port),
        sms_url=arena.sms.url,
        app_sid=arena.sms.app_sid,
        sender=ADDRESS,
        team=TEAM,
        database="",
        letters=tuple(letters),
        inbox=rows("SELECT * FROM inbox WHERE id = ?", middle["inbox_id"])[0],
        ticket=rows("SELECT * FROM tickets WHERE id = ?", ticket)[0],
        message=_without_id(middle),
        history=tuple(map(_without_id, rows("SELECT * FROM history WHERE ticket_id = ?", ticket))),
        deadlines=tuple(rows("SELECT * FROM deadlines WHERE ticket_id = ?", ticket)),
    )
    database.close()
    return task


def _without_id(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "id"}


def _letter(row: dict[str, Any]) -> Letter:
    content = bytes(row.pop("frozen")).decode()
    return Letter(row["channel"], row["audience"], {**row, "frozen": None}, content)


def _figure(name: str, mails: int, rounds: list[_Round]) -> Figure:
    return Figure(
        name=name,
        mails=mails,
        rounds=len(rounds),
        per_s=statistics.median(mails / one.used.wall_s for one in rounds),
        net_per_s=statistics.median(mails / max(0.001, one.used.wall_s - one.start_s) for one in rounds),
        cpu_ms=statistics.median((one.used.cpu_s - one.start_cpu_s) / mails * 1000 for one in rounds),
        peak_mb=statistics.median(one.used.peak_mb for one in rounds),
    )
