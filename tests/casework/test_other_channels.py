"""Complaints that do not come by mail, the survey, and what staff hand in: through the assembled program."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from daemon.front_desk import Answer, Caller, Complaint, KeyReused, Said, SurveyOver, UnknownTicket
from tests.casework.conftest import OpenOffice
from tests.casework.test_whole_life import KHALID, NOURA, OMAR, SENIOR, STAFF, last, staff_answer
from tests.integration.office import TEAM, Office, mail, proven, text_of

RIYADH = ZoneInfo("Asia/Riyadh")
PHONE = "+966501234567"
CALLER = Caller("call-centre")
BY_PHONE = Complaint(
    channel="phone",
    text="طلبي متأخر منذ شهر دون أي إجراء",
    name="خالد العتيبي",
    phone=PHONE,
    request_number="202612345",
    category="sla_exceeded",
)


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=RIYADH)


async def brought(office: Office, complaint: Complaint = BY_PHONE, caller: Caller = CALLER) -> Answer:
    answer = await office.system.counter.open(complaint, caller)
    await office.work()
    return answer


async def said(office: Office, number: str, words: Said, caller: Caller = CALLER) -> Answer:
    answer = await office.system.counter.say(number, words, caller)
    await office.work()
    return answer


def page_of(text: str) -> str:
    found = re.search(r"https://shakwa\.example/c/(\w+)", text)
    assert found, text
    return found[1]


async def test_a_complaint_by_phone_lives_the_same_life_by_sms(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        answer = await brought(office)

        ticket = office.ticket()
        assert (answer.outcome, answer.standing.state, answer.standing.missing) == ("opened", "open", ())
        assert ticket.number == answer.standing.number
        assert ticket.first_response_at == ticket.opened_at, "answered in the channel itself"
        assert ticket.requester.is_phone_vouched
        assert answer.standing.number in office.sms_to()[-1].text
        assert "الرقم الموحد" in text_of(last(office, TEAM))
        assert not any(kind.startswith("first_response") for _, kind in office.deadlines())

        await office.handle(staff_answer(last(office, TEAM), "ننظر في طلبكم."))
        told = office.sms_to()[-1].text
        standing = await office.system.counter.page(page_of(told))
        assert [step.text for step in standing.steps if step.what == "reply"] == ["ننظر في طلبكم."]


async def test_the_same_news_to_one_number_has_words_of_its_own_each_time(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await brought(office)
        for answer in ("ننظر في طلبكم.", "ما زلنا ننظر فيه.", "اقتربنا."):
            await office.handle(staff_answer(last(office, TEAM), answer))

        replies = [sms.text for sms in office.sms_to() if "لديكم رد" in sms.text]

        assert len(replies) == 3
        assert replies[1:] == [f"{replies[0]} (2)", f"{replies[0]} (3)"]
        assert len({sms.text for sms in office.sms_to()}) == len(office.sms_to())


async def test_a_website_has_the_one_day_clock_and_no_number_waits_for_data(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        by_form = replace(BY_PHONE, channel="website", request_number=None, email=KHALID)

        answer = await brought(office, by_form)

        assert (answer.standing.state, answer.standing.missing) == ("awaiting_info", ("request_number",))
        assert [row.channel for row in office.outbox("info_requested")] == ["email", "sms"]
        assert page_of(office.sms_to()[-1].text)

        later = await said(office, answer.standing.number, Said("information", "رقم الطلب 202612345"))
        assert (later.outcome, later.standing.state) == ("added", "open")
        assert office.ticket().request_number == "202612345"
        assert office.outbox("in_progress")
        assert (1, "first_response") in office.deadlines()


async def test_a_first_response_told_by_the_channel_is_kept(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        earlier = office.clock.now() - timedelta(minutes=7)
        await brought(office, replace(BY_PHONE, first_response_at=earlier))
        assert office.ticket().first_response_at == earlier


async def test_only_a_vouched_mobile_joins_an_open_complaint(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        # Somebody writes Khalid's mobile and request number into a mail of their own.
        await office.handle(mail(sender="eve@example.net"))
        first = await brought(office)
        assert first.outcome == "opened", "a mobile in a mail identifies nobody"

        again = await brought(office)
        assert (again.outcome, again.standing.number) == ("joined", first.standing.number)
        other = await brought(office, replace(BY_PHONE, phone="+966551234567"))
        assert other.outcome == "opened"


async def test_an_address_given_to_an_agent_proves_nothing_and_joins_nothing(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(message_id="<first@example.sa>"))
        eve = replace(BY_PHONE, channel="website", phone=None, email=KHALID)

        answer = await brought(office, eve)

        assert answer.outcome == "opened"
        assert "خالد" not in text_of(last(office, KHALID)), "nothing of the form is repeated to that address"


async def test_the_same_key_gives_the_same_answer_and_another_request_is_refused(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        keyed = Caller("call-centre", "k-1", "hash-a")
        first = await brought(office, caller=keyed)
        office.clock.advance(days=2)
        again = await brought(office, caller=keyed)

        assert again.standing.number == first.standing.number
        assert again.standing == replace(first.standing, steps=())
        assert len(office.tickets()) == 1
        assert len(office.outbox("received")) == 1
        with pytest.raises(KeyReused):
            await office.system.counter.open(BY_PHONE, replace(keyed, request_hash="hash-b"))
        other = await brought(office, replace(BY_PHONE, phone="+966551234567"), Caller("x", "k-1", "hash-a"))
        assert other.outcome == "opened", "each client has keys of its own"

        office.clock.advance(days=31)
        late = await brought(office, caller=keyed)
        assert late.outcome == "joined", "after thirty days the key is new"


async def test_an_escalation_by_phone_waits_for_the_guides_two_cases(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        number = (await brought(office)).standing.number

        early = await said(office, number, Said("escalation"))
        assert (early.standing.escalation, early.standing.may_escalate) == ("", False)
        assert early.standing.escalation_possible_at == at(6, 12, month=12)
        assert office.outbox("escalation_too_early", channel="sms")

        office.clock.set(at(6, 12, 1, month=12))
        await office.work()
        assert office.outbox("processing_delayed", channel="sms")
        raised = await said(office, number, Said("escalation", "مضى الوقت"))
        assert raised.standing.escalation == "raised"
        assert office.outbox("staff_escalated")[-1].recipient == SENIOR


async def test_an_objection_reopens_and_a_withdrawal_closes(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        number = (await brought(office)).standing.number
        await office.handle(staff_answer(last(office, TEAM), "#حل تمت المعالجة"))

        back = await said(office, number, Said("objection", "لم تُحل"))
        assert back.standing.state == "open"
        assert "لم تُحل" in text_of(last(office, TEAM))
        gone = await said(office, number, Said("withdrawal"))
        assert (gone.outcome, gone.standing.close_reason) == ("closed", "withdrawn")
        assert office.outbox("closed", channel="sms")
        assert "سحب" in text_of(last(office, TEAM))
        twice = await said(office, number, Said("withdrawal"))
        assert twice.outcome == "recorded"
        assert len(office.outbox("closed")) == 1


async def test_an_unknown_number_or_link_is_refused_and_changes_nothing(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await brought(office)
        counter, before = office.system.counter, len(office.outbox())

        with pytest.raises(UnknownTicket):
            await counter.say("FRS-2026-999999-9", Said("information", "?"), CALLER)
        for token in ("", "x", "A" * 26, "../../etc"):
            with pytest.raises(UnknownTicket):
                await counter.page(token)
            with pytest.raises(UnknownTicket):
                await counter.survey(token)
        assert len(office.outbox()) == before


async def test_the_status_page_takes_data_and_a_wish(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(text="طلبي متأخر جدا\nجوالي 0501234567"))
        assert "https://" not in office.sms_to()[-1].text, "nobody proved whose mobile that is"
        token = page_of(text_of(office.mails_to("khalid@example.sa")[-1]))
        counter = office.system.counter

        answer = await counter.say_on_page(token, Said("information", "رقم الطلب: ٢٠٢٦١٢٣٤٥"))
        await office.work()

        assert answer.standing.state == "open"
        assert office.ticket().request_number == "202612345"
        assert not office.ticket().authenticated, "a link proves no address"
        office.clock.advance(days=30)
        await office.work()
        raised = await counter.say_on_page(token, Said("escalation"))
        assert raised.standing.escalation == "raised"


async def test_the_fields_of_the_page_are_the_same_facts_as_a_mail(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(text="لدي شكوى"))
        token = page_of(text_of(office.mails_to("khalid@example.sa")[-1]))
        fields = Said("information", "", "202612345", "+966501234567", "technical")

        answer = await office.system.counter.say_on_page(token, fields)
        await office.work()

        ticket = office.ticket()
        assert (answer.standing.state, answer.standing.missing) == ("open", ())
        assert (ticket.request_number, ticket.category) == ("202612345", "technical")
        assert ticket.requester.phone == "+966501234567"
        assert ticket.requester.is_phone_unproved, "a link proves no mobile, as no unproved mail does"
        assert all("https://" not in one.text for one in office.sms_to())
        assert "202612345" in text_of(office.mails_to(TEAM)[-1])


async def test_the_page_knows_what_is_next_and_by_when(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        answer = await brought(office, replace(BY_PHONE, channel="website"))
        token, counter = page_of(answer.standing.status_url), office.system.counter

        opened = await counter.page(token)
        office.clock.advance(days=40)
        late = await counter.page(token)
        await office.handle(staff_answer(last(office, TEAM), "#حل\nاستُكمل الطلب."))
        resolved = await counter.page(token)
        assert resolved.next_by is not None
        office.clock.set(resolved.next_by)
        await office.work()
        closed = await counter.page(token)

        assert opened.next_by == opened.escalation_possible_at is not None
        assert opened.answer_by is not None
        assert opened.answer_by < opened.next_by
        assert [one.is_late for one in (opened, late, resolved, closed)] == [False, True, False, False]
        assert (closed.state, closed.answer_by) == ("closed", None)
        closed_at = office.ticket().closed_at
        assert closed_at is not None
        assert closed.next_by == closed_at + timedelta(days=14)


async def test_the_page_of_a_warned_complaint_knows_when_silence_closes_it(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        answer = await brought(
            office, replace(BY_PHONE, channel="website", request_number=None, email=KHALID)
        )
        token, counter = page_of(answer.standing.status_url), office.system.counter

        asked = await counter.page(token)
        office.clock.set(at(24, 12))
        await office.work()
        warned = await counter.page(token)

        assert asked.next_by is None, "nothing is closed before it was warned of"
        assert warned.next_by is not None
        office.clock.set(warned.next_by)
        await office.work()
        assert office.ticket().close_reason == "no_response"


async def test_a_link_cannot_flood_a_phone(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        number = (await brought(office)).standing.number
        token = (await office.system.counter.standing(number, CALLER)).status_url.rpartition("/")[2]
        for _ in range(8):
            await office.system.counter.say_on_page(token, Said("escalation"))
        await office.work()

        states = [row.state for row in office.outbox("escalation_too_early", channel="sms")]
        assert states.count("sent") == 4, "and one before them"
        assert states.count("suppressed") == 4


# --- the survey -----------------------------------------------------------------------------------------


async def resolved_and_closed(office: Office) -> None:
    await office.handle(mail(message_id="<first@example.sa>", headers=[proven()]))
    await office.handle(staff_answer(last(office, TEAM), "#حل تمت المعالجة"))
    office.clock.set(at(23, 12))
    await office.work()
    assert office.ticket().state == "closed"


def survey_token(text: str) -> str:
    found = re.search(r"https://shakwa\.example/s/(\w+)", text)
    assert found, text
    return found[1]


async def test_the_survey_comes_a_business_day_after_closing_and_counts_once(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await resolved_and_closed(office)
        office.clock.set(at(24, 11, 59))
        await office.work()
        assert not office.outbox("survey")
        office.clock.set(at(24, 12))
        await office.work()
        assert [row.channel for row in office.outbox("survey")] == ["email", "sms"]

        token = survey_token(text_of(last(office, KHALID)))
        counter = office.system.counter
        survey = await counter.survey(token)
        assert survey.closes_at == at(8, 12, month=12)
        assert office.ticket().rating is None, "looking at it records nothing"
        await counter.rate(token, 4, "شكرا على المتابعة")

        assert (office.ticket().rating, office.ticket().rating_comment) == (4, "شكرا على المتابعة")
        with pytest.raises(SurveyOver) as over:
            await counter.rate(token, 1)
        assert over.value.rating == 4
        assert office.ticket().rating == 4
        office.clock.set(at(30, 12))
        await office.work()
        assert not office.outbox("survey_reminder"), "who answered is not reminded"


@pytest.mark.parametrize("is_proved", [True, False])
async def test_the_survey_leads_to_the_page_of_who_is_known_while_it_can_be_reopened(
    open_office: OpenOffice, is_proved: bool
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(headers=[proven()] if is_proved else []))
        await office.handle(staff_answer(last(office, TEAM), "#حل تمت المعالجة"))
        for when in (at(23, 12), at(24, 12)):
            office.clock.set(when)
            await office.work()
        token, counter = survey_token(text_of(last(office, KHALID))), office.system.counter

        page = (await counter.survey(token)).status_url
        office.clock.set(at(8, 11, 59, month=12))
        assert (await counter.survey(token)).status_url == "", "it can be reopened no more"

        office.clock.set(at(24, 12))
        assert bool(page) == is_proved, "the survey of somebody unknown opens nothing else"
        if page:
            assert (await counter.page(page_of(page))).number == office.ticket().number


async def test_a_silent_customer_is_reminded_once_by_mail_and_the_link_expires(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await resolved_and_closed(office)
        office.clock.set(at(24, 12))
        await office.work()
        token = survey_token(text_of(last(office, KHALID)))

        office.clock.set(at(29, 12))  # Wednesday, Thursday, Sunday
        await office.work()
        assert [row.channel for row in office.outbox("survey_reminder")] == ["email"]
        office.clock.set(at(8, 11, 59, month=12))
        assert await office.system.counter.survey(token)
        office.clock.set(at(8, 12, month=12))
        with pytest.raises(SurveyOver):
            await office.system.counter.rate(token, 5)
        office.clock.advance(days=90)
        with pytest.raises(UnknownTicket):
            await office.system.counter.rate(token, 5)
        assert office.ticket().rating is None
        assert len(office.outbox("survey_reminder")) == 1


async def test_a_number_in_answer_to_the_survey_counts_and_reopens_nothing(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await resolved_and_closed(office)
        office.clock.set(at(24, 12))
        await office.work()
        asked = str(last(office, KHALID)["Message-ID"])

        await office.handle(mail(text="٥", answers=asked, headers=[proven()]))

        assert (office.ticket().rating, office.ticket().state) == (5, "closed")
        await office.handle(mail(text="3", answers=asked, headers=[proven()]))
        assert (office.ticket().rating, office.ticket().state) == (5, "closed")
        assert len(office.tickets()) == 1


async def test_a_low_number_with_an_objection_below_is_both(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await resolved_and_closed(office)
        office.clock.set(at(24, 12))
        await office.work()
        asked = str(last(office, KHALID)["Message-ID"])

        await office.handle(mail(text="1\nلم تُحل مشكلتي إطلاقًا", answers=asked, headers=[proven()]))

        assert (office.ticket().rating, office.ticket().state) == (1, "open")
        assert "لم تُحل مشكلتي" in text_of(last(office, TEAM))


async def test_a_number_in_any_other_mail_is_no_rating(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await resolved_and_closed(office)
        closed = str(last(office, KHALID)["Message-ID"])
        await office.handle(mail(text="5", answers=closed, headers=[proven()]))
        assert office.ticket().rating is None
        assert office.ticket().state == "open"


async def test_no_survey_after_any_other_closing(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        await office.handle(staff_answer(last(office, TEAM), "#إغلاق غير_مقبولة ليست شكوى"))
        office.clock.advance(days=20)
        await office.work()
        assert not office.outbox("survey")


# --- handed in by staff ---------------------------------------------------------------------------------


FORWARDED = """#نيابة sami@example.org

---------- Forwarded message ---------
من: سامي الحربي <sami@example.org>
تاريخ الإرسال: الأحد، 22 نوفمبر 2026
الموضوع: طلبي متأخر
إلى: نورة <noura@momah.gov.sa>

السلام عليكم
رقم الطلب: 202699887 تجاوز المدة دون أي إجراء. جوالي 0559998877
"""


def forwarded(text: str = FORWARDED, sender: str = f"نورة <{NOURA}>", *, is_proved: bool = True) -> bytes:
    headers = [proven("momah.gov.sa")] if is_proved else []
    return mail(sender=sender, subject="إعادة توجيه: طلبي متأخر", text=text, headers=headers)


async def test_staff_hand_in_a_citizens_mail(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(forwarded())

        ticket = office.ticket()
        assert (ticket.requester.email, ticket.subject) == ("sami@example.org", "طلبي متأخر")
        assert (ticket.request_number, ticket.state) == ("202699887", "open")
        assert ticket.requester.phone is None, "a mobile in a forwarded mail may be anybody's"
        assert ticket.number in text_of(last(office, "sami@example.org"))
        assert NOURA not in last(office, "sami@example.org").as_string()
        assert "تجاوز المدة" in text_of(last(office, TEAM))
        assert (office.inbox()[-1].kind, office.inbox()[-1].reason) == ("staff", "behalf")

        # What the citizen then writes is theirs.
        await office.handle(
            mail(
                sender="sami@example.org",
                text="معلومة",
                answers=str(last(office, "sami@example.org")["Message-ID"]),
            )
        )
        assert len(office.tickets()) == 1
        assert office.messages()[-1].is_requester


async def test_a_handed_in_mail_about_the_same_request_joins(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(forwarded())
        await office.handle(forwarded(text=FORWARDED + "\nومرة أخرى"))
        assert len(office.tickets()) == 1
        assert office.outbox("joined")


async def test_a_writer_of_another_team_gets_a_copy(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(forwarded(sender=OMAR))
        assert office.ticket().number in text_of(last(office, OMAR))


@pytest.mark.parametrize(
    "text",
    ["#نيابة", "#نيابة noura@momah.gov.sa\nنص", "#نيابة infocs@momah.gov.sa\nنص", "#نيابة ليس عنوانا\nنص"],
)
async def test_behalf_of_nobody_is_explained_and_opens_nothing(open_office: OpenOffice, text: str) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(forwarded(text=text))
        assert not office.tickets()
        assert [row.notification for row in office.outbox()] == ["staff_command_error"]


async def test_behalf_by_a_forger_opens_nothing(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(forwarded(is_proved=False))
        assert not office.tickets()
        assert office.inbox()[-1].reason == "staff_auth_failed"


# --- reminders in one mail ------------------------------------------------------------------------------


async def test_reminders_within_a_quarter_of_an_hour_come_in_one_mail(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        for minute in (0, 6, 14):
            office.clock.set(at(22, 12, minute))
            await office.handle(
                mail(sender=f"c{minute}@example.sa", text=f"رقم الطلب: 2026{minute:05} وقد تجاوز المدة")
            )
        first, second, third = (ticket.number for ticket in office.tickets())

        office.clock.set(at(23, 7, 11))
        await office.work()
        assert not office.outbox("staff_due_soon")
        office.clock.set(at(23, 7, 12))  # 80 % of a business day after Sunday noon
        await office.work()
        (soon,) = office.outbox("staff_due_soon")
        text = text_of(last(office, TEAM))
        assert all(number in text for number in (first, second, third))
        office.clock.set(at(23, 7, 30))
        await office.work()
        assert len(office.outbox("staff_due_soon")) == 1

        office.clock.set(at(23, 12))
        await office.work()
        breached = office.outbox("staff_breached")
        assert {row.recipient for row in breached} == {TEAM, SENIOR}
        assert len(breached) == 2
        assert soon.ticket_id == breached[0].ticket_id
        marks = [ticket.first_response_breached_at for ticket in office.tickets()]
        assert marks == [at(23, 12), None, None], "a breach is recorded when it comes to it"
        office.clock.set(at(23, 12, 14))
        await office.work()
        assert all(ticket.first_response_breached_at for ticket in office.tickets())
        assert len(office.outbox("staff_breached")) == 2


async def test_a_reminder_an_hour_later_is_a_mail_of_its_own(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        for hour in (12, 13):
            office.clock.set(at(22, hour))
            await office.handle(mail(sender=f"c{hour}@example.sa", text=f"رقم الطلب: 20260{hour:04} تأخر"))
        office.clock.set(at(23, 7, 12))
        await office.work()
        assert len(office.outbox("staff_due_soon")) == 1
        office.clock.set(at(23, 8, 12))
        await office.work()
        assert len(office.outbox("staff_due_soon")) == 2


# --- how does it stand? ---------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ["حالة", "{number}", "ما هي حالة الشكوى رقم {number}", "status"])
async def test_a_mail_that_only_asks_is_answered_with_the_state(open_office: OpenOffice, asked: str) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(headers=[proven()]))
        number = office.ticket().number

        await office.handle(mail(subject="استفسار", text=asked.format(number=number), headers=[proven()]))

        assert len(office.tickets()) == 1
        assert [row.channel for row in office.outbox("status")] == ["email"]
        assert "قيد المعالجة" in text_of(last(office, KHALID))


async def test_a_stranger_who_asks_about_a_number_learns_nothing(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        number = office.ticket().number

        await office.handle(mail(sender="eve@example.net", subject="استفسار", text=number))

        assert not office.outbox("status")
        assert len(office.tickets()) == 2
        assert number not in "".join(one.as_string() for one in office.mails_to("eve@example.net"))


async def test_the_link_to_the_page_ends_with_its_ticket(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        answer = await brought(office)
        token, opened_at = page_of(answer.standing.status_url), office.clock.now()
        office.clock.advance(days=500)
        assert (await office.system.counter.page(token)).state == "open", "it lives as long as the ticket"
        office.clock.set(opened_at)
        await office.handle(staff_answer(last(office, TEAM), "#إغلاق مكررة"))
        closed_at = office.ticket().closed_at
        assert closed_at is not None

        office.clock.set(closed_at + timedelta(days=27, hours=23))
        assert (await office.system.counter.page(token)).state == "closed"
        office.clock.set(closed_at + timedelta(days=28))
        with pytest.raises(UnknownTicket):
            await office.system.counter.page(token)


async def test_nobody_is_told_of_a_closing_on_a_friday_at_noon(open_office: OpenOffice) -> None:
    """Also where it is found late, after a downtime."""
    async with open_office(**STAFF) as office:
        await brought(office)
        await office.handle(staff_answer(last(office, TEAM), "#حل\nاستُكمل الطلب."))
        office.clock.set(at(27, 12))
        await office.work()
        assert office.ticket().state == "resolved"
        assert not office.outbox("closed")

        office.clock.set(at(29, 8))
        await office.work()

        assert office.ticket().state == "closed"
        assert office.outbox("closed")
