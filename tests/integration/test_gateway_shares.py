"""The shares of two gateways on both databases: one of several daemons decides, and all see the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection, update

from daemon.casework.receipts import hear
from daemon.store import gateway_shares, outbox
from daemon.store.database import Database
from daemon.store.gateway_shares import Pair
from daemon.store.receipts import Heard
from daemon.store.schema import outbox as table
from daemon.workflow.receipts import Receipt
from daemon.workflow.shares import Bounds, Seen, at_rest
from tests.integration.rows import NOW, later, to_say

PAIR = Pair("unifonic", "taqnyat")


def test_each_version_is_changed_by_one_daemon_alone(database: Database) -> None:
    with ThreadPoolExecutor(4) as pool:
        for version in range(12):
            share = replace(at_rest(NOW), percent=version)
            won = list(
                pool.map(
                    lambda _, now=version, to=share: database.transact_now(
                        gateway_shares.change, PAIR, to, now
                    ),
                    range(4),
                )
            )
            assert won.count(True) == 1

    found = database.read_now(gateway_shares.read, PAIR)
    assert found is not None
    assert (found.share.percent, found.version) == (11, 12)


def test_what_was_seen_of_a_gateway_is_counted(database: Database) -> None:
    def live(connection: Connection) -> None:
        rows = [to_say(f"test:{one}", f"+96650000{one:04}", channel="sms") for one in range(10)]
        outbox.add(connection, rows, NOW)
        for row in outbox.walk(connection):
            values = {"state": "sent", "sent_at": NOW, "gateway": "unifonic", "peer_id": f"u{row.id}"}
            connection.execute(update(table).where(table.c.id == row.id).values(values))
            if row.id <= 6:
                state, minutes = ("delivered", 1) if row.id <= 4 else ("undelivered", 1)
                at = later(minutes=5 if row.id <= 2 else minutes)
                hear(connection, Heard("webhook", "unifonic", f"u{row.id}", Receipt(state, at)), at)  # type: ignore[arg-type]
        gateway_shares.note_errors(connection, {"unifonic": 2, "taqnyat": 1}, later(minutes=1))

    database.transact_now(live)

    def seen(gateway: str, **after: float) -> Seen:
        return database.read_now(gateway_shares.seen, gateway, later(**after), Bounds())

    assert seen("unifonic", minutes=5) == Seen(reports=6, slow=2, lost=2, tries=12, failed=2)
    assert seen("taqnyat", minutes=5) == Seen(tries=1, failed=1)
    assert seen("unifonic", hours=2) == Seen()
    assert seen("unifonic", minutes=5, days=-1) == Seen(), "what lies ahead of a clock that was set back"
    long_after = NOW + timedelta(hours=9)
    database.transact_now(gateway_shares.note_errors, {}, long_after)
    assert database.read_now(gateway_shares.seen, "taqnyat", later(minutes=5), Bounds()) == Seen()
