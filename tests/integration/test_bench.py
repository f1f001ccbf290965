"""Each run of the bench, over a few mails: it ends, and counts what it says. No figure is judged here."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bench import backlog, figures, hostile, large, latency, reading, scrape, sweep, throughput
from bench.__main__ import RUNS, main
from bench.arena import ROOT

IS_THOROUGH = os.environ.get("SHAKWA_EXAMPLES") == "thorough"
PARSERS = throughput.PARSERS if IS_THOROUGH else throughput.PARSERS[:1]


def test_throughput_counts_what_was_sent_by_us_and_by_the_bare_libraries() -> None:
    found = throughput.measure(3, rounds=1, parsers=PARSERS)

    assert [figure.name for figure in found.figures] == [
        *("sqlite", "postgresql"),
        *(f"bare {parser}" for parser in PARSERS),
    ]
    assert {figure.mails for figure in found.figures} == {3}
    assert found.rows()


def test_reading_is_measured_here_and_in_workers() -> None:
    assert reading.measure(4, rounds=1).rows()


def test_latency_waits_for_the_acknowledgement_and_nothing_else() -> None:
    found = latency.measure(2)

    assert found.mails == 2
    assert 0 < found.median_ms <= found.worst_ms


def test_a_backlog_is_worked_off() -> None:
    found = backlog.measure(6)

    assert found.mails == 6
    assert found.rows()


def test_a_large_mail_is_answered_among_others() -> None:
    found = large.measure(megabytes=1, mails=1)

    assert found.large_ms > 0
    assert found.rows()


def test_a_sweep_finds_what_is_due_on_both_databases() -> None:
    found = sweep.measure(8, few=4, due=(1, 2))

    assert [(run.kind, run.tickets, list(run.each_ms)) for run in found.runs] == [
        *(("SQLite", 4, [1, 2]), ("PostgreSQL", 4, [1, 2])),
        *(("SQLite", 8, [1, 2]), ("PostgreSQL", 8, [1, 2])),
    ]


def test_a_scrape_is_measured_beside_complaints_that_were_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrape, "SEED", 10)
    monkeypatch.setattr(scrape, "ROUNDS", 2)

    found = scrape.measure(40, few=4)

    assert [(run.kind, run.tickets) for run in found.runs] == [
        *(("SQLite", 4), ("PostgreSQL", 4)),
        *(("SQLite", 40), ("PostgreSQL", 40)),
    ]
    assert all(run.reading_ms > 0 for run in found.runs)
    assert found.rows()


def test_the_figures_are_counted_on_both_databases() -> None:
    found = figures.measure(60)

    assert {run.kind for run in found.runs} == {"SQLite", "PostgreSQL"}
    assert found.rows()


def test_a_citizen_is_answered_beside_a_hostile_mail() -> None:
    found = hostile.measure(1)

    assert list(found.beside_ms) == ["bare CRs"]
    assert found.peak_mb > 0
    assert found.rows()


def test_a_profile_names_the_stages() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.profile", "--mails", "2"], cwd=ROOT, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    assert "2 complaints" in done.stdout
    assert "fetch: a step" in done.stdout


def test_every_run_has_a_short_one_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert RUNS == (
        "throughput",
        "reading",
        "latency",
        "backlog",
        "large",
        "sweep",
        "scrape",
        "figures",
        "hostile",
    )
    assert main(["no such run"]) == 2
    assert "no run" in capsys.readouterr().err
