"""Which ticket a mail is about, where only a number says so: a hint, never a right."""

from __future__ import annotations

from tests.casework.conftest import OpenOffice
from tests.integration.office import mail

STRANGER = "غريب <stranger@other.example>"


async def test_a_number_in_the_subject_is_its_requesters(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(mail())
        number = office.ticket().number

        await office.handle(mail(subject=f"بخصوص {number}", text="معلومة أخرى"))

        assert office.ticket().number == number


async def test_a_stranger_who_names_a_number_opens_a_complaint_of_their_own(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(mail())
        number = office.ticket().number

        await office.handle(mail(STRANGER, f"بخصوص {number}", "رقم الطلب 7654321\nلم ينجز"))

        theirs, of_stranger = sorted(office.tickets(), key=lambda ticket: ticket.number)
        assert theirs.number == number
        assert of_stranger.requester.email == "stranger@other.example"
        assert of_stranger.linked_to == number


async def test_a_stranger_who_asks_how_it_stands_hears_nothing_of_anothers(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(mail())
        number = office.ticket().number

        await office.handle(mail(STRANGER, "استفسار", f"حالة {number}"))

        assert not office.outbox("status")
        writers = {ticket.requester.email for ticket in office.tickets()}
        assert writers == {"khalid@example.sa", "stranger@other.example"}
