"""A relay's limit a minute is kept by all daemons of a database together, by a clock that a test moves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from daemon.courier import FrozenMessage, OutcomeUnknown, Receipt, TemporaryFailure
from daemon.store.schema import departures
from tests.casework.conftest import OpenOffice
from tests.casework.world import MemoryRelay
from tests.integration.office import Office, mail, proven

LIMIT = 6
LIMITED: dict[str, Any] = {"smtp": {"per_minute": LIMIT}, "limits": {"automatic_per_domain_per_hour": 1000}}


class Watched:
    """When the relay took what, by the moved clock. `failures` are raised first."""

    def __init__(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at: list[datetime] = []
        self.failures: list[Exception] = []
        assert isinstance(office.smtp, MemoryRelay)
        deliver = office.smtp.deliver

        async def watched(message: FrozenMessage) -> Receipt:
            self.at.append(office.clock.now())
            if self.failures:
                raise self.failures.pop(0)
            return await deliver(message)

        monkeypatch.setattr(office.smtp, "deliver", watched)

    def most_in_a_minute(self) -> int:
        minute = timedelta(minutes=1)
        return max(sum(first <= one < first + minute for one in self.at) for first in self.at)


def complaints(count: int) -> list[bytes]:
    return [
        mail(sender=f"c{one}@d{one}.example.sa", headers=[proven(f"d{one}.example.sa")])
        for one in range(count)
    ]


async def go_on(offices: Sequence[Office], seconds: int) -> None:
    """All of them work, again and again, while the time passes."""
    for _ in range(seconds // 5):
        for office in offices:
            await office.work()
        offices[0].clock.advance(seconds=5)


async def test_two_daemons_send_together_what_the_relay_takes_and_no_more(
    open_office: OpenOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_office(**LIMITED) as one, open_office(**LIMITED) as other:
        watched = Watched(one, monkeypatch)
        one.arrive(*complaints(15))

        await go_on([one, other], 6 * 60)

        rows = [row for row in one.outbox(channel="email") if row.state == "sent"]
        assert len(rows) == len(watched.at) == 30, "to each customer one, and one to the team"
        assert watched.most_in_a_minute() == LIMIT
        assert watched.at[-1] - watched.at[0] <= timedelta(minutes=5), "it is used to the full"


async def test_one_daemon_alone_keeps_it_as_well(
    open_office: OpenOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_office(**LIMITED) as office:
        watched = Watched(office, monkeypatch)
        office.arrive(*complaints(8))

        await go_on([office], 3 * 60)

        assert len(watched.at) == 16
        assert watched.most_in_a_minute() == LIMIT


async def test_what_may_have_gone_counts_and_what_was_refused_does_not(
    open_office: OpenOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_office(**LIMITED) as one, open_office(**LIMITED) as other:
        watched = Watched(one, monkeypatch)
        watched.failures = [OutcomeUnknown("cut") for _ in range(4)] + [TemporaryFailure("busy")]
        one.arrive(*complaints(10))

        await one.work()
        await other.work()

        assert len(watched.at) == LIMIT + 1


async def test_a_clock_that_was_set_back_stops_nothing_for_longer_than_a_minute(
    open_office: OpenOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_office(**LIMITED) as office:
        watched = Watched(office, monkeypatch)
        office.arrive(*complaints(3))
        await office.work()
        assert len(watched.at) == LIMIT

        office.clock.advance(hours=-3)
        await office.handle(*complaints(6)[3:])

        assert len(watched.at) == 2 * LIMIT


async def test_where_there_is_no_limit_nothing_is_asked_or_written(open_office: OpenOffice) -> None:
    async with open_office() as office:
        said: list[str] = []
        engine = office.system.database.engine

        def heard(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
            said.append(statement)

        event.listen(engine, "before_cursor_execute", heard)
        try:
            await office.handle(*complaints(2))
        finally:
            event.remove(engine, "before_cursor_execute", heard)

        assert any("outbox" in one for one in said)
        assert [one for one in said if "departures" in one] == []


async def test_what_left_is_forgotten_after_some_minutes(open_office: OpenOffice) -> None:
    async with open_office(**LIMITED) as office:
        for number in range(4):
            await office.handle(*complaints(number + 1)[number:])
            office.clock.advance(minutes=2)

        with office.system.database.engine.connect() as connection:
            kept = connection.execute(select(departures.c.at)).scalars().all()
        assert kept
        assert min(kept) > office.clock.now() - timedelta(minutes=6)
