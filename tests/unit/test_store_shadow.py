"""The step from shadow mode to live: what waited then is never sent, and what waits later is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from daemon.store import outbox, shadow
from daemon.store.database import Database, StoreError
from daemon.store.schema import metadata
from tests.integration.rows import promised


@pytest.fixture
def database() -> Iterator[Database]:
    opened = Database("sqlite://")
    metadata.create_all(opened.engine)
    yield opened
    opened.close()


def test_what_waits_at_the_first_live_start_is_never_sent_and_later_ones_are(database: Database) -> None:
    assert database.transact_now(shadow.enter, is_shadow=True) == 0
    promised(database, 2)
    assert database.transact_now(shadow.enter, is_shadow=True) == 0

    silenced = database.transact_now(shadow.enter, is_shadow=False)
    promised(database, 3)  # the first two are those that are there
    again = database.transact_now(shadow.enter, is_shadow=False)

    assert (silenced, again) == (2, 0)
    states = sorted(row.state for row in database.read_now(outbox.walk))
    assert states == ["queued", "suppressed", "suppressed"]


def test_a_desk_that_never_was_in_shadow_loses_nothing_at_its_start(database: Database) -> None:
    promised(database, 1)

    assert database.transact_now(shadow.enter, is_shadow=False) == 0
    assert [row.state for row in database.read_now(outbox.walk)] == ["queued"]


def test_a_live_desk_that_owes_messages_does_not_go_into_the_shadow(database: Database) -> None:
    promised(database, 1)

    with pytest.raises(StoreError, match="1 messages of the live desk wait"):
        database.transact_now(shadow.enter, is_shadow=True)

    assert [row.state for row in database.read_now(outbox.walk)] == ["queued"]
