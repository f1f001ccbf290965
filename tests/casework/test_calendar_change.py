"""A holiday announced late moves the open deadlines, and each move is recorded."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from daemon.store import deadlines
from daemon.store.deadlines import Due
from tests.casework.conftest import OpenOffice
from tests.integration.office import START, mail

RIYADH = ZoneInfo("Asia/Riyadh")


async def test_a_holiday_announced_late_moves_open_deadlines_and_says_so(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.system.calendar.follow()
        await office.handle(mail())
        assert await office.system.calendar.follow() == 0, "nothing changed"
        before = {row.kind: row.due_at for row in office.deadline_rows()}
        assert before["first_response"] == datetime(2026, 11, 23, 12, tzinfo=RIYADH)

    async with open_office(calendar={"extra_holidays": ["2026-11-23"]}) as office:
        assert await office.system.calendar.follow() == 1

        after = {row.kind: row.due_at for row in office.deadline_rows()}
        assert after["first_response"] == datetime(2026, 11, 24, 12, tzinfo=RIYADH)
        assert after.keys() == before.keys()
        assert "calendar" in office.history_events()
        assert await office.system.calendar.follow() == 0
        assert after["processing"] > START


async def test_a_deadline_that_was_put_off_was_not_moved_by_a_calendar(open_office: OpenOffice) -> None:
    """A closure that waits for the morning, at a daemon's first look at its calendar as at any other."""
    async with open_office() as office:
        await office.handle(mail())
        (computed,) = (row.due_at for row in office.deadline_rows() if row.kind == "first_response")
        morning = computed + timedelta(hours=12)
        for until in (computed + timedelta(hours=1), morning):
            found = Due(1, "first_response", computed if until < morning else until - timedelta(hours=11))
            await office.system.database.transact(deadlines.postpone, found, until)

        assert await office.system.calendar.follow() == 0
        assert "calendar" not in office.history_events()
        assert {row.kind: row.due_at for row in office.deadline_rows()}["first_response"] == morning

    async with open_office(calendar={"extra_holidays": ["2026-11-23"]}) as office:
        assert await office.system.calendar.follow() == 1

        after = {row.kind: row.due_at for row in office.deadline_rows()}
        assert after["first_response"] == datetime(2026, 11, 24, 12, tzinfo=RIYADH)
