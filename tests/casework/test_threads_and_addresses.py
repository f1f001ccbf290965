"""Addresses that take no mail, whom a requester copied in, Outlook's threads, merged complaints."""

from __future__ import annotations

from base64 import b64decode, b64encode

from daemon.casework.orders import Orders
from daemon.front_desk import Caller, Said
from tests.casework.conftest import OpenOffice
from tests.casework.test_other_channels import BY_PHONE, CALLER, brought, said
from tests.casework.test_pipeline_trust import bounce
from tests.casework.test_whole_life import KHALID, STAFF, last, staff_answer
from tests.integration.office import PHONE, TEAM, Office, mail, proven, text_of

SAMI = "sami@example.org"


def orders(office: Office) -> Orders:
    return Orders(office.system.desk.cases, office.clock)


INDEX = b64encode(b"\x01\xdc\x5b\x00\x00\x00" + bytes(16)).decode()


def with_copy(*copied: str) -> tuple[str, str]:
    return ("Cc", ", ".join(copied))


# --- addresses ------------------------------------------------------------------------------------------


async def test_a_dead_address_is_spared_and_sms_speaks_in_its_place(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(message_id="<first@example.sa>", headers=[proven()]))
        await office.handle(staff_answer(last(office, TEAM), "ننظر في طلبكم"))
        reply = office.outbox("reply")[0]
        assert [row.channel for row in office.outbox("reply")] == ["email"]

        await office.handle(bounce(reply.reference, status="5.1.1"))
        assert [row.channel for row in office.outbox("reply")] == ["email", "sms"], "the same words by SMS"
        assert office.ticket().number in office.sms_to()[-1].text
        mails = len(office.mails_to(KHALID))
        await office.handle(staff_answer(last(office, TEAM), "#حل تمت المعالجة"))
        assert [row.channel for row in office.outbox("resolved")] == ["sms"]
        assert len(office.mails_to(KHALID)) == mails

        still = "لم تُحل بعد"
        await office.handle(mail(text=still, answers="<first@example.sa>", message_id="<eve@x>"))
        assert office.ticket().requester.is_email_dead, "somebody wrote in their name"
        await office.handle(mail(text=still, answers="<first@example.sa>", headers=[proven()]))
        assert not office.ticket().requester.is_email_dead, "they write from it: it is alive"
        assert [row.channel for row in office.outbox("reopened")] == ["email"]


async def test_a_full_mailbox_is_tried_again_until_the_third_time(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        notice = last(office, TEAM)
        for number in range(3):
            await office.handle(staff_answer(notice, f"معلومة {number}"))
            assert not office.ticket().requester.is_email_dead
            await office.handle(bounce(office.outbox("reply", channel="email")[-1].reference, status="5.2.2"))
        assert office.ticket().requester.is_email_dead


async def test_another_complaint_to_a_dead_address_goes_by_sms_at_once(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        await office.handle(bounce(office.outbox("received", channel="email")[0].reference))

        await brought(
            office,
            BY_PHONE.__class__(
                channel="website",
                text="طلب آخر",
                phone="+966551234567",
                email=KHALID,
                request_number="99887766",
            ),
        )

        second = [row for row in office.outbox("received") if row.ticket_id == 2]
        assert [row.channel for row in second] == ["sms"]


# --- whom the requester copied in -----------------------------------------------------------------------


async def test_whom_a_proved_requester_copied_in_hears_staff_and_may_add(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(
            mail(
                message_id="<first@example.sa>",
                headers=[proven(), with_copy(SAMI, "infocs+x@momah.gov.sa", TEAM)],
            )
        )
        assert not office.mails_to(SAMI), "an acknowledgement is the requester's alone"

        await office.handle(staff_answer(last(office, TEAM), "ننظر في طلبكم"))
        copy = last(office, SAMI)
        assert "ننظر في طلبكم" in text_of(copy)
        assert "/c/" not in copy.as_string(), "the links let their holder act: they are the requester's"

        await office.handle(mail(sender=SAMI, text="مرفق ما طلبتم", answers=str(copy["Message-ID"])))
        assert len(office.tickets()) == 1
        assert not office.messages()[-1].is_requester
        assert "أضافه العميل في خانة النسخة" in text_of(last(office, TEAM))
        number = office.ticket().number
        await office.handle(mail(sender=SAMI, subject=f"بخصوص {number}", text="معلومة"))
        assert len(office.tickets()) == 1, "a participant may name the number"


async def test_an_unproved_requester_makes_us_write_to_nobody_else(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(headers=[with_copy("victim@example.net")]))
        await office.handle(staff_answer(last(office, TEAM), "ننظر في طلبكم"))
        assert last(office, KHALID)
        assert not office.mails_to("victim@example.net")


async def test_a_participants_words_end_no_closure_clock(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(
            mail(text=f"طلبي متأخر\n{PHONE}", message_id="<f@example.sa>", headers=[with_copy(SAMI)])
        )
        number = office.ticket().number
        await office.handle(mail(sender=SAMI, subject=number, text="رقم الطلب 202612345"))
        assert office.ticket().state == "awaiting_info"
        assert not office.ticket().wrote_since_asked


# --- Outlook's threads ----------------------------------------------------------------------------------


async def test_outlooks_thread_goes_on_in_each_answer(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(message_id="<first@example.sa>", headers=[("Thread-Index", INDEX)]))
        await office.handle(staff_answer(last(office, TEAM), "ننظر في طلبكم"))

        for answer in office.mails_to(KHALID):
            octets = b64decode("".join(str(answer["Thread-Index"]).split()))
            assert octets[:22] == b64decode(INDEX)
            assert len(octets) == 27
        assert last(office, TEAM)["Thread-Index"] is None


# --- merging --------------------------------------------------------------------------------------------


async def test_a_merged_complaint_goes_on_as_the_other(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(message_id="<one@example.sa>"))
        await office.handle(mail(text="رقم الطلب: 5554443 متأخر جدًا", message_id="<two@example.sa>"))
        first, second = (ticket.number for ticket in office.tickets())
        page = (await office.system.counter.standing(second, Caller("agent"))).status_url.rpartition("/")[2]

        done = office.system.database.transact_now(orders(office).merge, second, first)
        await office.work()

        assert not done.refused
        assert office.tickets()[1].close_reason == "duplicate"
        assert first in text_of(last(office, KHALID))
        assert first in office.sms_to()[-1].text
        await office.handle(mail(text="معلومة أخرى", answers="<two@example.sa>"))
        assert office.messages()[-1].ticket_id == 1
        assert office.tickets()[1].state == "closed"
        assert (await office.system.counter.page(page)).number == first
        assert (await said(office, second, Said("information", "بالهاتف"))).standing.number == first


async def test_two_peoples_complaints_stay_apart(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        await office.handle(mail(sender="eve@example.net", text="رقم الطلب: 5554443 متأخر"))
        first, second = (ticket.number for ticket in office.tickets())
        merge = orders(office).merge
        transact = office.system.database.transact_now

        assert transact(merge, second, first).refused == "another_requester"
        assert transact(merge, first, first).refused == "the_same_ticket"
        assert office.tickets()[1].state == "open"


async def test_a_vouched_mobile_lets_two_be_merged_once(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        one = await brought(office)
        two = await office.system.counter.open(
            BY_PHONE.__class__(channel="phone", text="أخرى", phone=BY_PHONE.phone, request_number="777888"),
            CALLER,
        )
        transact, merge = office.system.database.transact_now, orders(office).merge
        assert transact(merge, two.standing.number, one.standing.number).refused == ""
        assert transact(merge, two.standing.number, one.standing.number).refused in (
            "merged_already",
            "the_same_ticket",
        )
