"""72 hours without the mail relay, the SMS gateway, the mailbox or the database: everything arrives
afterwards, and once. The clock is moved by hand, the lines' own among them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest

from daemon.courier import TemporaryFailure
from daemon.mail.wire.imap.errors import MailboxUnavailable
from daemon.store.database import StoreUnavailable
from tests.casework.conftest import OpenOffice
from tests.integration.office import Office, mail, proven

HOURS = 72
STEP_H = 12
OUTAGES = (StoreUnavailable, MailboxUnavailable)


def complaint(number: int) -> bytes:
    text = f"رقم الطلب: 2026{number:05} تجاوز المدة دون أي إجراء\nجوالي 05000000{number:02}\n"
    return mail(f"c{number}@example.sa", text=text, message_id=f"<c{number}@x>", headers=[proven()])


def by_the_moved_clock(office: Office) -> None:
    for delivery in office.system.deliveries:
        delivery._line._monotonic = lambda: office.clock.now().timestamp()


async def work(office: Office) -> None:
    """As the service does: a loop that meets an outage lets the others go on."""
    system = office.system
    for _ in range(12):
        found = False
        with suppress(*OUTAGES):
            await system.salvage.run()
        for loop in (system.fetch, system.desk, *system.deliveries):
            with suppress(*OUTAGES):
                found |= await loop.step()
        if not found:
            return


async def three_days(office: Office) -> int:
    """A complaint each half a day. Returns how many."""
    for number in range(HOURS // STEP_H):
        office.arrive(complaint(number))
        await work(office)
        office.clock.advance(hours=STEP_H)
    return HOURS // STEP_H


async def afterwards(office: Office) -> None:
    """Until nothing waits any more, a few minutes at a time."""
    for _ in range(60):
        await work(office)
        ended = {"sent", "suppressed", "cancelled"}
        if {row.state for row in office.outbox()} <= ended and not office.folders()["INBOX"]:
            return
        office.clock.advance(minutes=5)
    raise AssertionError(
        Counter((row.state, row.notification, row.channel, row.last_error) for row in office.outbox())
    )


def assert_everything_arrived_once(office: Office, count: int) -> None:
    assert sorted(ticket.requester.email or "" for ticket in office.tickets()) == sorted(
        f"c{number}@example.sa" for number in range(count)
    )
    assert office.folders() == {"INBOX": 0, "Processed": count, "Quarantine": 0}
    for channel, courier in (("email", office.smtp), ("sms", office.sms)):
        wanted = Counter(row.reference for row in office.outbox(channel=channel) if row.state == "sent")
        assert Counter(one.reference for one in courier.taken) == wanted  # type: ignore[union-attr]
        assert len(wanted) >= count
    kept = {row.reference: row.frozen for row in office.outbox()}
    for one in (*office.smtp.taken, *office.sms.taken):  # type: ignore[attr-defined]
        assert one.content == kept[one.reference]
    assert office.outbox("staff_delivery_failed") == []
    left_unsaid = {row.notification for row in office.outbox() if row.state == "cancelled"}
    assert left_unsaid <= {"staff_due_soon"}, "a reminder of what is over by now, and no more"


@contextmanager
def down(what: Any, *methods: str, error: Callable[[], Exception]) -> Iterator[None]:
    """Each of these methods fails."""
    kept = {name: getattr(what, name) for name in methods}

    async def fails(*_: Any, **__: Any) -> None:
        raise error()

    for name in methods:
        setattr(what, name, fails)
    try:
        yield
    finally:
        for name, method in kept.items():
            setattr(what, name, method)


@pytest.mark.parametrize("channel", ["smtp", "sms"])
async def test_a_courier_that_is_gone_for_three_days(open_office: OpenOffice, channel: str) -> None:
    async with open_office() as office:
        by_the_moved_clock(office)
        gone = TemporaryFailure("no connection", outage=True)
        with down(getattr(office, channel), "deliver", "find", error=lambda: gone):
            count = await three_days(office)
            waiting = [row for row in office.outbox() if row.state == "queued"]
            assert len(waiting) >= count
            assert all(row.due_at <= office.clock.now() + timedelta(hours=6) for row in waiting)

        await afterwards(office)

        assert_everything_arrived_once(office, count)


async def test_a_mailbox_that_is_gone_for_three_days(open_office: OpenOffice) -> None:
    async with open_office() as office:
        by_the_moved_clock(office)
        began = office.clock.now()
        office.box.is_connected = False  # type: ignore[misc]
        with down(office.box, "connect", error=lambda: MailboxUnavailable("cannot connect")):
            count = await three_days(office)
            assert office.tickets() == []

        await afterwards(office)

        assert_everything_arrived_once(office, count)
        opened = [(ticket.opened_at - began) / timedelta(hours=1) for ticket in office.tickets()]
        assert sorted(opened) == list(range(0, HOURS, STEP_H)), "the clocks run from the arrival"


async def test_a_database_that_is_gone_for_three_days_from_the_moment_of_an_acceptance(
    open_office: OpenOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_office() as office:
        by_the_moved_clock(office)
        database, deliver = office.system.database, office.smtp.deliver  # type: ignore[attr-defined]
        transact, is_gone = database.transact_now, False

        def transact_now(*arguments: Any, **options: Any) -> Any:
            if is_gone:
                raise StoreUnavailable("the database is gone")
            return transact(*arguments, **options)

        async def deliver_and_lose(message: Any) -> Any:
            nonlocal is_gone
            receipt = await deliver(message)
            is_gone = True
            return receipt

        monkeypatch.setattr(database, "transact_now", transact_now)
        monkeypatch.setattr(office.smtp, "deliver", deliver_and_lose)
        count = await three_days(office)
        assert is_gone
        monkeypatch.setattr(office.smtp, "deliver", deliver)
        is_gone = False

        await afterwards(office)

        assert_everything_arrived_once(office, count)
