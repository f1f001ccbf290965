"""What a mail counts for: the ticket it only names, whom it copies in, an order that is only attached."""

from __future__ import annotations

from email import message_from_bytes, policy

from daemon.store import participants
from tests.casework.conftest import OpenOffice
from tests.casework.test_whole_life import STAFF, last, staff_answer
from tests.integration.office import MAILBOX, TEAM, mail, proven

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


async def test_neither_the_desk_nor_its_staff_become_participants(open_office: OpenOffice) -> None:
    token = MAILBOX.replace("@", "+anything@")
    async with open_office() as office:
        copied = ("Cc", f"{TEAM}, {MAILBOX}, {token}, sami@example.org, khalid@example.sa")

        await office.handle(mail(headers=[proven(), copied]))

        found = office.system.database.read_now(lambda connection: participants.of_ticket(connection, 1))
        assert list(found) == ["sami@example.org"]


async def test_no_order_of_staff_is_read_from_an_attached_text(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        answer = message_from_bytes(staff_answer(last(office, TEAM), "x"), policy=policy.SMTP)
        answer.set_content("")
        answer.add_attachment("#حل تمت المعالجة\n", filename="answer.txt")

        await office.handle(answer.as_bytes())

        assert office.ticket().state == "open"
        assert not office.outbox("resolved")
        assert office.inbox()[-1].reason == "uncertain_quotation"


async def test_what_may_be_a_quotation_goes_to_no_citizen(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())

        answer = message_from_bytes(staff_answer(last(office, TEAM), "x"), policy=policy.SMTP)
        answer.set_content("> نص الشكوى\nتم النظر في طلبكم\n> بقية النص\n")

        await office.handle(answer.as_bytes())

        assert not office.outbox("reply")
        assert office.inbox()[-1].reason == "uncertain_quotation"


async def test_no_address_of_staff_goes_to_a_citizen(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())

        await office.handle(
            staff_answer(last(office, TEAM), f"راجعوا زميلي omar@momah.gov.sa أو {MAILBOX} غدا")
        )

        assert office.outbox("reply")
        told = str(office.outbox("reply")[0].values)
        assert "omar@" not in told
        assert MAILBOX in told
