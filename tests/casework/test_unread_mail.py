"""Nothing is held against a citizen whose answer may still be unread; another's mail holds nothing up."""

from __future__ import annotations

import pytest

from daemon.reading.mail import Reading
from daemon.reading.process import WorkersUnavailable
from daemon.reading.reader import OwnReader, Reader
from tests.casework.conftest import OpenOffice
from tests.casework.test_whole_life import KHALID, STAFF, last, staff_answer
from tests.integration.office import TEAM, mail


def unable(reader: Reader) -> Reader:
    """A reader that finds no memory for one mail: it is put off each time."""

    class Unable(OwnReader):
        def read(self, raw: bytes) -> Reading:
            if b"<unread@x>" in raw:
                raise WorkersUnavailable("no memory")
            return reader.read(raw)

    return Unable(reader._reading)  # type: ignore[attr-defined]


def unread(sender: str) -> bytes:
    return mail(sender, message_id="<unread@x>")


async def test_a_mail_put_off_after_the_closing_was_due_does_not_stop_it(open_office: OpenOffice) -> None:
    async with open_office(unable, **STAFF) as office:
        await office.handle(mail(KHALID, message_id="<k@x>"))
        await office.handle(staff_answer(last(office, TEAM), "#حل\nتم"))
        office.clock.advance(hours=30)

        await office.handle(unread("other@example.net"))
        assert office.ticket().state == "closed"


@pytest.mark.parametrize("sender", [KHALID, "other@example.net"])
async def test_a_mail_put_off_before_it_was_due_does(open_office: OpenOffice, sender: str) -> None:
    """Also another's: a citizen may answer from a second address."""
    async with open_office(unable, **STAFF) as office:
        await office.handle(mail(KHALID, message_id="<k@x>"))
        await office.handle(staff_answer(last(office, TEAM), "#حل\nتم"))
        office.clock.advance(hours=3)

        await office.handle(unread(sender))
        office.clock.advance(hours=27)
        await office.work()

        assert office.ticket().state == "resolved"


async def test_a_mail_put_off_holds_up_only_what_was_due_after_it(open_office: OpenOffice) -> None:
    async with open_office(unable, **STAFF) as office:
        await office.handle(mail(KHALID, message_id="<k@x>"))
        await office.handle(staff_answer(last(office, TEAM), "#حل\nتم"))
        office.clock.advance(hours=2)
        await office.handle(mail("hind@example.org", message_id="<h@x>"))
        await office.handle(staff_answer(last(office, TEAM), "#حل\nتم"))
        office.clock.advance(hours=23)

        # Nobody is at work between the first closing and the second: the mail came in between.
        office.arrive(unread("other@example.net"))
        office.clock.advance(hours=23)
        await office.work()

        assert [ticket.state for ticket in office.tickets()] == ["closed", "resolved"]
