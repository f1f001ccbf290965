"""One item that cannot be decided neither stops nor spoils its batch (STYLE §4, two kinds of trouble)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from daemon.casework import case
from daemon.loops import desk
from daemon.store import inbox, schema
from daemon.store.database import StoreUnavailable
from tests.integration.conftest import OpenOffice
from tests.integration.office import OPERATOR, mail

POISON = "poison@example.sa"


def poison_decides(monkeypatch: pytest.MonkeyPatch, change: Any) -> None:
    """`change(decision)` for the mails of POISON; every other mail is decided as always."""
    decide = case.decide

    def deciding(facts: Any, event: Any, policy: Any, now: Any) -> Any:
        decision = decide(facts, event, policy, now)
        return change(decision) if getattr(event, "sender_email", "") == POISON else decision

    monkeypatch.setattr(case, "decide", deciding)


def mails() -> list[bytes]:
    senders = ("a@example.sa", POISON, "b@example.sa", "c@example.sa")
    return [mail(sender, message_id=f"<{sender}>") for sender in senders]


async def test_a_row_the_database_refuses_takes_nothing_of_its_neighbours_with_it(
    open_office: OpenOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_a_number_already_given(decision: Any) -> Any:
        return replace(decision, ticket=replace(decision.ticket, number="FRS-2026-000001-7"))

    poison_decides(monkeypatch, with_a_number_already_given)
    async with open_office() as office:
        office.arrive(*mails())
        await office.system.fetch.step()
        await office.system.desk.step()

        states = [(row.state, row.outcome) for row in office.inbox()]
        assert states == [("done", "opened"), ("queued", None), ("done", "opened"), ("done", "opened")]
        assert [ticket.number[:15] for ticket in office.tickets()] == [
            "FRS-2026-000001",
            "FRS-2026-000002",
            "FRS-2026-000003",
        ], "the failed one took no number"
        assert "IntegrityError" in office.inbox()[1].last_error


async def test_an_item_that_breaks_half_way_leaves_no_half_of_itself(
    open_office: OpenOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison_decides(monkeypatch, lambda decision: replace(decision, notifications=(None,)))
    async with open_office() as office:
        await office.handle(*mails())

        assert office.count(schema.tickets) == 3
        assert office.count(schema.messages) == 3
        assert office.count(schema.history) == 3
        assert {row.recipient for row in office.outbox("received", channel="email")} == {
            "a@example.sa",
            "b@example.sa",
            "c@example.sa",
        }


async def test_an_item_that_keeps_failing_is_set_aside_and_the_operator_told(
    open_office: OpenOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison_decides(monkeypatch, lambda decision: replace(decision, notifications=(None,)))
    async with open_office() as office:
        await office.handle(*mails())

        await office.work_until(lambda: office.inbox()[1].state == "quarantined", "quarantine", minutes=1)
        await office.work()

        assert office.inbox()[1].attempts == desk.TRIES
        assert office.folders() == {"INBOX": 0, "Processed": 3, "Quarantine": 1}
        assert len(office.mails_to(OPERATOR)) == 1
        assert office.count(schema.tickets) == 3


async def test_an_item_whose_fault_was_mended_meanwhile_is_handled_like_any_other(
    open_office: OpenOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        poison_decides(broken, lambda decision: replace(decision, notifications=(None,)))
        async with open_office() as office:
            await office.handle(*mails())

    async with open_office() as office:
        office.clock.advance(hours=1)
        await office.work()

        assert office.inbox()[1].outcome == "opened"
        assert len(office.mails_to(POISON)) == 1
        assert office.folders()["Processed"] == 4


async def test_an_outage_of_the_store_in_the_middle_of_a_batch_blames_no_item(
    open_office: OpenOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(decision: Any) -> Any:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    async with open_office() as office:
        with monkeypatch.context() as full:
            poison_decides(full, fail)
            office.arrive(*mails())
            for _ in range(inbox.MAX_ATTEMPTS + 3):
                with pytest.raises(StoreUnavailable):
                    await office.work()
        assert office.tickets() == []

        await office.work()

        assert [row.outcome for row in office.inbox()] == ["opened"] * 4
        assert office.folders() == {"INBOX": 0, "Processed": 4, "Quarantine": 0}
