"""A few kills of the harness, by another seed each time: nothing is lost, doubled or changed on the way.

A failure prints its seed: `python -m tests.harness --kills 7 --seed SEED` plays the same again.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.conftest import started
from tests.e2e.conftest import Forge
from tests.harness.failover import play_failovers
from tests.harness.ledger import Ledger
from tests.harness.play import play, stage_on
from tests.harness.soak import Plan, Trouble, errors_in, grown, soak, soak_stage
from tests.servers.dovecot import Dovecot
from tests.servers.postgres_pair import postgres_pair
from tests.servers.smtp_sink import Taken

KILLS = {"sqlite": 7, "postgresql": 3}


@pytest.mark.parametrize("kind", KILLS)
def test_kills_at_instants_by_lot_lose_nothing_and_repeat_only_what_was_taken_unheard(
    forge: Forge, imap_server: Dovecot, tmp_path: Path, request: pytest.FixtureRequest, kind: str
) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    server = request.getfixturevalue("postgres_server") if kind == "postgresql" else None
    with stage_on(forge, imap_server, tmp_path, seed, server) as stage:
        result = play(stage, KILLS[kind], seed)

    print(result.line())
    assert result.faults == [], result.line()
    assert result.kills == KILLS[kind]
    assert result.mails >= KILLS[kind]


def test_two_daemons_outlive_a_fail_over_of_their_database(
    forge: Forge, imap_server: Dovecot, tmp_path: Path
) -> None:
    """More of them by hand: `python -m tests.harness --failovers 20`."""
    seed = random.SystemRandom().randrange(1_000_000)
    with (
        started(postgres_pair()) as pair,
        stage_on(forge, imap_server, tmp_path, seed, url=pair.url) as stage,
    ):
        result = play_failovers(stage, pair, 1, seed)

    print(result.line())
    assert result.faults == [], result.line()
    assert result.mails >= 2


def test_a_short_soak_with_the_mailbox_cut_off_loses_nothing_and_has_no_error_without_a_cause(
    forge: Forge, imap_server: Dovecot, tmp_path: Path
) -> None:
    """A long one by hand: `python -m tests.harness --soak 60 --rate 20 --daemons 2 --database postgresql`."""
    seed = random.SystemRandom().randrange(1_000_000)
    plan = Plan(seconds=8, rate=2, faults=("imap",), fault_s=2, pause_s=8)
    with soak_stage(forge, imap_server, tmp_path, seed) as (stage, cables):
        result = soak(stage, cables, plan, seed)

    told = "\n".join(result.lines())
    assert result.faults == [], told
    assert [one.kind for one in result.troubles] == ["imap"]
    assert result.complaints == len(result.delays_s) >= 10, told


# --- the ledger itself ----------------------------------------------------------------------------------


def taken(name: str, words: str = "words", *, is_heard: bool = True) -> Taken:
    return Taken("us@x", ("c@x",), f"Message-ID: <{name}>\r\n\r\n{words}".encode(), 0.0, is_heard)


def test_the_ledger_sees_what_was_accepted_twice_in_one_life() -> None:
    ledger = Ledger()
    ledger.after_a_life([taken("a"), taken("a", is_heard=False)], [], 1)
    assert ledger.faults == []

    ledger.after_a_life([taken("a"), taken("a", is_heard=False), taken("b"), taken("b")], [], 2)

    assert ledger.faults == ["life 2: <b> was accepted 2 times, and heard"]


def test_the_ledger_sees_what_arrived_and_is_known_to_nobody() -> None:
    ledger = Ledger()

    ledger.at_the_end([taken("a"), taken("a", "other words")], [], [])

    assert ledger.faults == ["<a> arrived, and no row knows it"]
    assert ledger.repeats == 1


def test_an_error_of_the_log_has_a_cause_where_something_was_broken_shortly_before() -> None:
    [(at, line)] = errors_in("2026-12-01 13:00:00,123 ERROR daemon.a: x\n2026-12-01 13:00:01,000 WARNING y\n")

    assert line == "daemon.a: x"
    assert Trouble("imap", at - 20, at - 10).explains(at)
    assert not Trouble("imap", at - 200, at - 100).explains(at)
    assert not Trouble("imap", at + 10, at + 20).explains(at)


def test_memory_that_grows_is_told_of_and_what_only_warms_up_is_not() -> None:
    flat = [50 << 20] * 3 + [150 << 20] * 57

    assert list(grown({1: flat, 2: [50 << 20, 400 << 20]})) == []
    assert list(grown({7: [(100 + 5 * n) << 20 for n in range(60)]})) == [
        "the memory of 7 grew from 220 to 377 MB"
    ]
