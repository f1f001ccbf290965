"""What a scrape reads, on both databases."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, insert, update

from daemon.store import canaries, gateway_shares, gauges, holds, places, receipts, schema
from daemon.store.database import Database
from daemon.store.gauges import Happened, Waiting
from daemon.store.holds import What
from daemon.store.receipts import Heard
from daemon.workflow.receipts import Receipt
from tests.integration.rows import NOW, promised, taken_in

LATER = NOW + timedelta(minutes=10)


def look(database: Database) -> gauges.Gauges:
    return database.read_now(gauges.read, LATER, "2026-11-22", 2, ["unifonic"])


def test_an_empty_database_has_nothing_that_waits(database: Database) -> None:
    found = look(database)

    assert not any((found.unread, found.unsent, found.unswept, found.set_aside, found.given_up, found.holds))
    assert (found.read_until, found.awaited_since, found.canary, found.canary_since) == (None,) * 4
    assert not found.standing
    assert not found.promises


def test_what_waits_and_what_failed_is_read(database: Database) -> None:
    first, second, _ = taken_in(database, 3)
    promised(database, 4)
    database.transact_now(_some_of_each, first)

    found = look(database)

    assert found.unread == [Waiting(("mail",), 2, NOW)]
    assert found.set_aside == [Happened(("spam",), 1)]
    assert found.unsent == [Waiting(("email", "received", "queued"), 2, NOW)]
    assert found.given_up == [Happened(("email",), 1)]
    assert found.awaited_since == NOW
    assert found.heard == {"unifonic": NOW}
    assert found.unreached == [Happened(("unifonic", "silent"), 1)]
    assert found.holds == [Waiting(("channel",), 1, NOW)]
    assert found.shares == {("unifonic", "taqnyat"): 40}
    assert found.gateway_errors == [Happened(("unifonic",), 2)]
    assert found.read_until == NOW
    assert found.promises["email"].of("first_response_kept.yes") == 3
    assert found.canary_since == NOW
    assert database.read_now(gauges.arrived, [first, second]) == {first: NOW, second: NOW}


def _some_of_each(connection: Connection, mail: int) -> None:
    inbox, outbox = schema.inbox, schema.outbox
    spam = {"state": "quarantined", "reason": "spam", "outcome": "quarantined", "decided_at": NOW}
    connection.execute(update(inbox).where(inbox.c.id == mail).values(spam))
    failed = {"state": "failed", "last_error": "550"}
    connection.execute(update(outbox).where(outbox.c.cause == "inbox:1").values(failed))
    sent = {"channel": "sms", "state": "sent", "sent_at": NOW, "gateway": "unifonic"}
    connection.execute(update(outbox).where(outbox.c.cause == "inbox:2").values(sent))
    holds.put(connection, What("channel", "email"), "operator", "why", NOW)
    places.set_read_until(connection, NOW)
    gateway_shares.note_errors(connection, {"unifonic": 2}, NOW)
    share = {"percent": 40, "calm_since": NOW, "version": 1, "why": "slow"}
    pair = {"first": "unifonic", "second": "taqnyat"}
    connection.execute(insert(schema.gateway_shares), pair | share)
    for source, state in (("webhook", "delivered"), ("asked", "silent")):
        said = Receipt(state, NOW)  # type: ignore[arg-type]
        receipts.add(connection, Heard(source, "unifonic", "id", said), None)  # type: ignore[arg-type]
    cell = {"channel": "email", "category": "*", "team": "*", "member": "*", "opened": 0, "closed": 0}
    day = {"key": "k", "span": "2026-11-22", "shape": "c", "counts": {"first_response_kept.yes": 3}}
    connection.execute(insert(schema.figures), cell | day)
    canaries.begin(connection, NOW)
