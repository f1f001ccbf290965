"""The first start over a mailbox that holds old mail: none of it is answered, and none is touched."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from daemon.casework.reconciliation import Comparison, Result
from daemon.clock import ManualClock
from daemon.mail.wire.imap.errors import MailboxUnavailable
from daemon.settings import scope_of
from daemon.store import mailbox_starts, places
from daemon.store.database import StoreUnavailable
from tests.casework.conftest import OpenOffice
from tests.casework.world import MemoryMailbox
from tests.integration.office import START, Office, mail

DAY = timedelta(days=1)
YEARS = timedelta(days=800)


def old(count: int = 3) -> list[bytes]:
    return [mail(f"old{one}@example.sa", message_id=f"<old{one}@x>") for one in range(count)]


def fresh(name: str = "new") -> bytes:
    return mail(f"{name}@example.sa", message_id=f"<{name}@x>")


def box_of(office: Office) -> MemoryMailbox:
    box: Any = office.box
    assert isinstance(box, MemoryMailbox)
    return box


async def compared(office: Office) -> Result:
    comparison = Comparison(office.system.database, office.system.liveness, scope_of(office.system.config))
    return await comparison.run(office.box, office.clock.now())  # type: ignore[arg-type]


def senders(office: Office) -> set[str]:
    return {ticket.requester.email or "" for ticket in office.tickets()}


@contextlib.contextmanager
def counted_questions(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many dates were asked for each time."""
    asked: list[int] = []
    plain = MemoryMailbox.arrived

    async def arrived(self: MemoryMailbox, uids: list[int]) -> dict[int, datetime]:
        asked.append(len(uids))
        return await plain(self, uids)

    monkeypatch.setattr(MemoryMailbox, "arrived", arrived)
    yield asked


async def test_old_mail_is_left_where_it_lies_and_the_new_one_beside_it_is_answered(
    open_office: OpenOffice, caplog: pytest.LogCaptureFixture
):
    async with open_office() as office:
        office.arrive(*old(), at=START - 30 * DAY)
        await office.handle(fresh(), at=START - timedelta(minutes=5))

        assert senders(office) == {"new@example.sa"}
        assert office.folders() == {"INBOX": 3, "Processed": 1, "Quarantine": 0}
        assert len(office.inbox()) == 1
        assert not office.mails_to("old0@example.sa")
        assert "3 mails from before 2026-11-21" in caplog.text


async def test_what_comes_after_the_first_start_is_answered_whatever_its_date(open_office: OpenOffice):
    async with open_office() as office:
        await office.handle(*old(), at=START - 30 * DAY)
        await office.handle(fresh(), at=START - YEARS)

        assert senders(office) == {"new@example.sa"}


async def test_the_first_start_is_kept_over_restarts_and_days(open_office: OpenOffice):
    async with open_office() as office:
        await office.handle(*old(), at=START - 30 * DAY)
        office.clock.advance(days=40)
    async with open_office() as office:
        await office.handle(fresh())

        assert senders(office) == {"new@example.sa"}
        assert office.folders()["INBOX"] == 3


async def test_old_mail_is_asked_about_once(open_office: OpenOffice, monkeypatch: pytest.MonkeyPatch):
    with counted_questions(monkeypatch) as asked:
        async with open_office() as office:
            await office.handle(*old(50), at=START - 30 * DAY)
            first = sum(asked)
            await office.handle(fresh())
            await office.work()
        async with open_office() as office:
            await office.handle(fresh("again"))

        assert first <= 100
        assert sum(asked) == first


@pytest.mark.parametrize("skew", [YEARS, -YEARS, 30 * DAY, -30 * DAY])
async def test_fresh_mail_is_answered_whatever_our_clock_says(
    open_office: OpenOffice, clock: ManualClock, caplog: pytest.LogCaptureFixture, skew: timedelta
):
    server = ManualClock(START)
    clock.set(START + skew)
    async with open_office() as office:
        box_of(office).server_clock = server
        office.arrive(fresh("before"), at=START - timedelta(minutes=5))
        office.arrive(*old(), at=START - 3 * YEARS)
        await office.handle(fresh("after"), at=START)

        assert senders(office) == {"before@example.sa", "after@example.sa"}
        assert office.folders()["INBOX"] == 3
        assert "the clocks disagree" in caplog.text


async def test_with_a_clock_ahead_and_an_unknown_server_fresh_mail_is_answered(
    open_office: OpenOffice, clock: ManualClock
):
    clock.set(START + YEARS)
    async with open_office() as office:
        box_of(office).server_clock = None
        office.arrive(*old(), at=START - 30 * DAY)
        await office.handle(fresh(), at=START)

        assert senders(office) == {"new@example.sa"}


async def test_a_quiet_mailbox_answers_none_of_its_last_mails(open_office: OpenOffice):
    async with open_office() as office:
        await office.handle(*old(), at=START - 30 * DAY)

        assert not office.tickets()


async def test_a_new_uidvalidity_makes_old_mail_no_new_one(open_office: OpenOffice):
    async with open_office() as office:
        await office.handle(*old(), at=START - 30 * DAY)
        office.clock.advance(days=10)
        box_of(office).uidvalidity = 2
        await office.system.fetch.close()
        await office.handle(fresh())

        assert senders(office) == {"new@example.sa"}
        assert office.folders()["INBOX"] == 3


async def test_a_new_uidvalidity_hides_no_new_mail_where_our_clock_went_ahead(
    open_office: OpenOffice, clock: ManualClock
):
    clock.set(START + YEARS)
    async with open_office() as office:
        box_of(office).server_clock = ManualClock(START + DAY)
        await office.work()  # the first start, over an empty folder
        box_of(office).uidvalidity = 2
        await office.system.fetch.close()
        await office.handle(fresh(), at=START + DAY)

        assert senders(office) == {"new@example.sa"}


async def test_a_configured_limit_wins_and_holds_for_what_comes_later_too(open_office: OpenOffice):
    async with open_office(mailbox={"answer_since": "2026-10-01"}) as office:
        office.arrive(fresh("october"), at=datetime.fromisoformat("2026-10-01T00:00:00+03:00"))
        office.arrive(*old(), at=datetime.fromisoformat("2026-09-30T23:59:59+03:00"))
        await office.work()
        await office.handle(fresh("late"), at=START - YEARS)

        assert senders(office) == {"october@example.sa"}
        assert office.folders()["INBOX"] == 4


async def test_an_earlier_limit_takes_in_what_was_left(open_office: OpenOffice):
    async with open_office() as office:
        office.arrive(*old(2), at=START - 10 * DAY)
        await office.handle(*old(4)[2:], at=START - 30 * DAY)
        assert not office.tickets()
    async with open_office(mailbox={"answer_since": "2026-11-01T00:00:00"}) as office:
        await office.work()

        assert senders(office) == {"old0@example.sa", "old1@example.sa"}


async def test_what_somebody_took_away_is_counted_no_more(open_office: OpenOffice):
    async with open_office() as office:
        await office.handle(*old(), at=START - 30 * DAY)
        box_of(office).folders["INBOX"].pop(1)
        await office.work()
        start = office.system.database.read_now(
            lambda connection: mailbox_starts.of(connection, places.Place("INBOX", 1))
        )

        assert start is not None
        assert start.left_uids == "2:3"


async def test_a_desk_from_before_its_start_was_kept_goes_on(open_office: OpenOffice):
    async with open_office() as office:
        await office.handle(fresh("first"), at=START - 40 * DAY)  # as a desk did that answered everything
        database = office.system.database
        with database.engine.begin() as connection:
            connection.execute(mailbox_starts.mailbox_starts.delete())
    async with open_office(mailbox={"answer_since": "2026-01-01"}) as office:
        await office.handle(fresh("first"), at=START - 40 * DAY)
        with office.system.database.engine.begin() as connection:
            connection.execute(mailbox_starts.mailbox_starts.delete())
    async with open_office() as office:
        await office.handle(fresh("missed"), at=START - 30 * DAY)

        assert senders(office) == {"first@example.sa", "missed@example.sa"}


async def test_a_store_that_fails_at_the_first_start_is_asked_again(
    open_office: OpenOffice, monkeypatch: pytest.MonkeyPatch
):
    async with open_office() as office:
        office.arrive(*old(), at=START - 30 * DAY)

        def fail(*_: object) -> None:
            raise StoreUnavailable("away")

        with monkeypatch.context() as patched:
            patched.setattr(mailbox_starts, "keep", fail)
            with pytest.raises(StoreUnavailable):
                await office.work()
        await office.handle(fresh())

        assert senders(office) == {"new@example.sa"}


async def test_a_mailbox_that_cannot_be_reached_at_the_first_start_loses_none_of_what_comes_meanwhile(
    open_office: OpenOffice, monkeypatch: pytest.MonkeyPatch
):
    async with open_office() as office:
        with monkeypatch.context() as patched:

            async def refused(_: MemoryMailbox) -> None:
                raise MailboxUnavailable("login refused")

            patched.setattr(MemoryMailbox, "connect", refused)
            with pytest.raises(MailboxUnavailable):
                await office.work()
    office.clock.advance(days=5)  # until somebody mended the password
    async with open_office() as office:
        office.arrive(*old(), at=START - 30 * DAY)
        office.arrive(fresh("monday"), at=START + DAY)
        await office.handle(fresh("friday"), at=START + 5 * DAY)

        assert senders(office) == {"monday@example.sa", "friday@example.sa"}
        assert office.folders()["INBOX"] == 3


async def test_left_mail_is_no_contradiction(open_office: OpenOffice):
    async with open_office() as office:
        office.arrive(*old(), at=START - 30 * DAY)
        before = await compared(office)
        await office.handle(fresh())
        office.clock.advance(hours=2)
        after = await compared(office)

        assert (before.found, before.left) == ((), 3)
        assert (after.found, after.left) == ((), 3)


async def test_a_new_mail_that_nobody_takes_in_is_named_beside_those_left(open_office: OpenOffice):
    async with open_office() as office:
        await office.handle(*old(), at=START - 30 * DAY)
        office.arrive(fresh())
        office.clock.advance(hours=2)
        result = await compared(office)

        assert [one.kind for one in result.found] == ["mail_unseen"]
        assert result.left == 3
