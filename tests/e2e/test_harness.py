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
