"""One mail's way through the assembled program: what becomes of it, and which ticket it finds."""

from __future__ import annotations

import pytest

from tests.casework.conftest import OpenOffice
from tests.integration.office import PHONE, REQUEST, TEAM, mail, proven, text_of

KHALID = "khalid@example.sa"


async def test_a_complaint_without_a_number_is_asked_for_it_and_goes_on_when_it_comes(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        await office.handle(mail(text=f"طلبي متأخر تجاوز المدة\n{PHONE}\n", message_id="<a@example.sa>"))
        asked = office.ticket()
        (question,) = office.mails_to(KHALID)
        deadlines_while_waiting = office.deadlines()

        office.clock.advance(hours=2)
        number_only = mail(subject="رد: شكوى", text="٢٠٢٦١٢٣٤٥\n", answers=question["Message-ID"])
        await office.handle(number_only)

        assert asked.state == "awaiting_info"
        assert deadlines_while_waiting == {(1, "info_warning")}, "while data is awaited no other clock runs"
        assert [row.notification for row in office.outbox(channel="sms")] == ["info_requested"]
        ticket = office.ticket()
        assert (ticket.state, ticket.request_number) == ("open", "202612345")
        assert ticket.running_since == office.clock.now()
        assert [row.notification for row in office.outbox() if row.recipient == KHALID] == [
            "info_requested",
            "in_progress",
        ]
        assert office.deadlines() >= {(1, "first_response"), (1, "processing")}
        assert (1, "info_warning") not in office.deadlines()
        assert len(office.mails_to(TEAM)) == 2


async def test_downtime_does_not_move_the_day_on_which_a_complaint_was_opened(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        await office.work()  # its first start: what came before that is left where it lies
        arrived = office.clock.now()
        office.clock.advance(days=3)

        await office.handle(mail(), at=arrived)

        assert office.ticket().opened_at == arrived
        assert office.ticket().first_response_breached_at == office.clock.now()


async def test_a_deadline_that_passes_leaves_its_mark_once(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(mail())

        for _ in range(3):
            office.clock.advance(days=10)
            await office.work()

        ticket = office.ticket()
        assert ticket.first_response_breached_at is not None
        assert ticket.processing_breached_at is not None
        assert office.deadlines() == {(1, "overdue")}


async def test_the_same_complaint_delivered_twice_is_one_ticket(open_office: OpenOffice) -> None:
    async with open_office() as office:
        one = mail(message_id="<same@example.sa>")

        await office.handle(one, one)
        await office.handle(one)

        assert len(office.tickets()) == 1
        assert len(office.mails_to(KHALID)) == len(office.sms_to()) == 1
        assert office.folders() == {"INBOX": 0, "Processed": 3, "Quarantine": 0}


async def test_the_same_complaint_through_two_aliases_is_one_ticket(open_office: OpenOffice) -> None:
    async with open_office() as office:
        through = [
            mail(
                message_id="<same@example.sa>",
                headers=[
                    ("Return-Path", "<khalid@example.sa>"),
                    ("Delivered-To", alias),
                    (
                        "Received",
                        f"from mx{number}.example.sa by mx.momah.gov.sa; Sun, 22 Nov 2026 11:00:0{number}",
                    ),
                ],
            )
            for number, alias in enumerate(("infocs@momah.gov.sa", "complaints@momah.gov.sa"))
        ]

        await office.handle(*through)

        assert len(office.tickets()) == 1
        assert len(office.inbox()) == 1
        assert office.folders()["Processed"] == 2


@pytest.mark.parametrize("second", ["khalid@example.sa", "sara@example.sa"])
async def test_two_different_mails_that_share_a_message_id_are_two(
    open_office: OpenOffice, second: str
) -> None:
    async with open_office() as office:
        one = mail(message_id="<broken-program@example.sa>")
        other = mail(second, text="رقم الطلب: 777001 لم ينجز\n", message_id="<broken-program@example.sa>")

        await office.handle(one, other)

        assert [ticket.request_number for ticket in office.tickets()] == ["202612345", "777001"]
        assert len(office.outbox("received", channel="email")) == 2


async def test_a_restart_between_any_two_steps_doubles_nothing(open_office: OpenOffice) -> None:
    stages = ["fetch", "desk", "email", "sms", "file"]
    for stage in stages:
        async with open_office() as office:
            system = office.system
            if stage == "fetch":
                office.arrive(*(mail(f"c{number}@example.sa") for number in range(3)))
                await system.fetch.step()
            elif stage == "desk":
                await system.desk.step()
            elif stage in ("email", "sms"):
                await system.deliveries[stages.index(stage) - 2].step()
            else:
                await office.work()

    async with open_office() as office:
        assert len(office.tickets()) == 3
        assert [len(office.mails_to(f"c{number}@example.sa")) for number in range(3)] == [1, 1, 1]
        assert len(office.sms.sent) == 3
        assert office.states() == {"sent"}
        assert office.folders()["Processed"] == 3


async def test_a_reply_that_overtakes_the_mail_it_answers_finds_the_same_ticket(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        reply = mail(subject="Re: شكوى", text="إضافة: لم يرد أحد\n", message_id="<r@x>", answers="<p@x>")
        await office.handle(reply)

        await office.handle(mail(message_id="<p@x>"))

        ticket = office.ticket()
        assert (ticket.state, ticket.request_number) == ("open", "202612345")
        assert len(office.messages()) == 2


async def test_a_reply_to_our_answer_joins_its_ticket(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(mail())
        (answer,) = office.mails_to(KHALID)

        await office.handle(mail(subject="Re: شكوى", text="أرفق لكم المستند\n", answers=answer["Message-ID"]))

        assert len(office.tickets()) == 1
        assert [message.is_requester for message in office.messages()] == [True, True]
        assert len(office.mails_to(KHALID)) == 1, "a reply to an open ticket is told to staff, not answered"
        assert len(office.mails_to(TEAM)) == 2


async def test_the_requester_who_names_the_number_in_the_subject_joins_the_ticket(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        await office.handle(mail())
        number = office.ticket().number
        arabic = number.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))

        await office.handle(mail("KHALID@example.sa", subject=f"بخصوص الشكوى {arabic}", text="هل من جديد؟\n"))

        assert len(office.tickets()) == 1
        assert [row.reason for row in office.inbox()] == ["none", "number"]


async def test_a_stranger_who_quotes_a_number_opens_a_ticket_of_their_own(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(mail())
        first = office.ticket()

        await office.handle(
            mail("stranger@elsewhere.sa", subject=f"الشكوى {first.number}", text="ما حالتها؟\n")
        )

        unchanged, own = office.tickets()
        assert unchanged == first
        assert own.requester.email == "stranger@elsewhere.sa"
        assert own.linked_to == first.number
        (answer,) = office.mails_to("stranger@elsewhere.sa")
        assert first.number not in text_of(answer)
        assert len(office.mails_to(KHALID)) == 1


async def test_a_stranger_who_answers_our_mail_is_kept_for_staff_and_told_nothing(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        await office.handle(mail())
        first = office.ticket()
        (answer,) = office.mails_to(KHALID)

        stranger = mail("stranger@elsewhere.sa", text="٩٩٩٩٩٩\n", answers=answer["Message-ID"])
        await office.handle(stranger)

        assert office.tickets() == [first]
        assert [message.is_requester for message in office.messages()] == [True, False]
        assert office.mails_to("stranger@elsewhere.sa") == []
        assert len(office.mails_to(KHALID)) == 1
        assert len(office.mails_to(TEAM)) == 2


async def test_a_second_complaint_about_the_same_request_joins_the_first_and_says_so(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        await office.handle(mail())

        await office.handle(mail(subject="شكوى ثانية", text=f"{REQUEST}\nولم يتصل أحد\n"))

        assert len(office.tickets()) == 1
        assert [row.notification for row in office.outbox() if row.recipient == KHALID] == [
            "received",
            "joined",
        ]


async def test_a_proven_writer_gets_their_own_subject_back_with_the_number(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(mail(subject="طلبي متأخر جداً", headers=[proven()]))

        (answer,) = office.mails_to(KHALID)
        assert answer["Subject"] == f"Re: طلبي متأخر جداً [{office.ticket().number}]"
        assert "خالد العتيبي" in text_of(answer)
        assert "202612345" in text_of(answer)


async def test_an_answer_to_a_writer_who_is_not_proven_contains_nothing_they_wrote(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        spam = "ربحت جائزة www.evil.example"
        await office.handle(
            mail(f"{spam} <victim@example.sa>", subject=spam, text=f"{REQUEST}\n{spam}\n{PHONE}\n")
        )

        (answer,) = office.mails_to("victim@example.sa")
        whole = (
            answer.as_string()
            + str(answer["Subject"])
            + "".join(part.get_content() for part in answer.walk() if part.get_content_maintype() == "text")
        )
        assert office.ticket().number in whole
        for theirs in ("جائزة", "evil", "202612345", "٢٠٢٦١٢٣٤٥"):
            assert theirs not in whole
        (sms,) = office.sms_to()
        assert "جائزة" not in sms.text


async def test_mail_that_names_no_usable_writer_is_kept_in_quarantine(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(b"Subject: x\r\n\r\nno From at all\r\n", mail("a@example.sa, b@example.sa"))

        assert [(row.kind, row.reason) for row in office.inbox()] == [("broken", "no_sender")] * 2
        assert office.tickets() == []
        assert office.folders() == {"INBOX": 0, "Processed": 0, "Quarantine": 2}
