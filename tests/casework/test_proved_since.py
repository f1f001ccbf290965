"""What proof ends that comes late: somebody began a complaint with Sara's address, and Sara, who is proved,
goes on with it.

Eve telephoned with her own mobile, or wrote without proof. From the proof on the complaint is Sara's: Eve may
have been honest Sara herself, so it goes on, and Eve reads, moves and redirects nothing of it.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from daemon.front_desk import Complaint, Said, SurveyOver, UnknownTicket
from daemon.store import messages
from tests.casework.conftest import OpenOffice
from tests.casework.test_attachments import run
from tests.casework.test_who_is_who import (
    CENTRE,
    EVE,
    EVE_MOBILE,
    PHONED,
    REQUEST,
    SARA,
    SARA_MOBILE,
    SECRET,
    forged,
    hers,
    links_in,
    number_behind,
    of_hers,
)
from tests.casework.test_whole_life import STAFF, last, staff_answer, text_of
from tests.integration.office import TEAM, Office, mail, proven

MORE = "تفاصيل إضافية مهمة عن الطلب المتأخر"


async def phoned_and_proved(office: Office, text: str = MORE, complaint: Complaint = PHONED) -> str:
    """Eve calls, and Sara answers what we mailed her. Returns the token of Eve's link."""
    opened = await office.system.counter.open(complaint, CENTRE)
    await office.work()
    await office.handle(hers(text, number="4", answers=str(last(office, SARA)["Message-ID"])))
    assert office.ticket().authenticated, "still one complaint: she may be the caller"
    return opened.standing.status_url.rpartition("/")[2]


async def lived(office: Office) -> None:
    """Resolved with a secret, closed, and asked for a rating."""
    await office.handle(staff_answer(last(office, TEAM), f"#حل\n{SECRET}"))
    for _ in range(8):
        office.clock.advance(hours=24)
        await office.work()
    assert office.ticket().state == "closed"
    assert office.outbox("survey", channel="email")


async def test_a_caller_reads_and_withdraws_nothing_that_saras_mail_built_on(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        token = await phoned_and_proved(office)
        await office.handle(staff_answer(last(office, TEAM), SECRET))

        assert await number_behind(office, token) is None
        with pytest.raises(UnknownTicket):
            await office.system.counter.say_on_page(token, Said("withdrawal", "لا أريد"))
        assert office.ticket().state == "open"

        await office.handle(staff_answer(last(office, TEAM), "#بيانات\nنسخة من الرخصة"))
        theirs = links_in(text_of(last(office, SARA)))
        assert [await number_behind(office, one) for one in theirs] == [office.ticket().number]


async def test_a_caller_hears_how_it_stands_by_sms_and_gets_no_link(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await phoned_and_proved(office)
        await office.handle(staff_answer(last(office, TEAM), "#بيانات\nنسخة من الرخصة"))
        await lived(office)

        texts = [sms.text for sms in office.sms_to(EVE_MOBILE)]
        assert any("أُغلقت" in text for text in texts), "perhaps it is Sara's own"
        assert not any(SECRET in text for text in texts)
        for token in links_in(" ".join(texts)):
            assert await number_behind(office, token) is None
            with pytest.raises((UnknownTicket, SurveyOver)):
                await office.system.counter.rate(token, 1, "سيئ")
        assert office.ticket().rating is None


async def test_whoever_brought_the_call_reads_no_word_of_it_after_the_proof(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await phoned_and_proved(office)
        await office.handle(staff_answer(last(office, TEAM), SECRET))
        number = office.ticket().number
        told = [await office.system.counter.standing(number, CENTRE)]
        told.append((await office.system.counter.open(PHONED, CENTRE)).standing)
        told.append((await office.system.counter.say(number, Said("information", "متى"), CENTRE)).standing)

        for standing in told:
            assert (standing.number, standing.state) == (number, "open")
            assert not any(step.text for step in standing.steps)
            assert await number_behind(office, standing.status_url.rpartition("/")[2]) is None


@pytest.mark.parametrize("complaint", [PHONED, replace(PHONED, channel="website", phone=None)])
async def test_a_caller_names_no_other_mobile_for_the_links(
    open_office: OpenOffice, complaint: Complaint
) -> None:
    async with open_office(**STAFF) as office:
        await phoned_and_proved(office, complaint=complaint)
        number = office.ticket().number
        await office.system.counter.say(number, Said("information", "جوالي 0555555555"), CENTRE)
        if complaint.phone:
            await office.system.counter.open(complaint, CENTRE)
        await lived(office)

        for sms in office.sms_to(EVE_MOBILE):
            assert number not in [await number_behind(office, token) for token in links_in(sms.text)]


async def test_a_caller_calls_again_after_the_time_to_reopen_and_proves_nothing(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await phoned_and_proved(office)
        await office.handle(staff_answer(last(office, TEAM), "#إغلاق غير_مقبولة"))
        number = office.ticket().number
        office.clock.advance(days=30)
        await office.system.counter.say(number, Said("objection", "لم تحل"), CENTRE)

        second = office.tickets()[-1]
        assert (second.authenticated, second.requester.phone) == (False, EVE_MOBILE), "the caller's own"
        assert not second.requester.is_phone_unproved


async def test_where_saras_mailbox_is_full_the_caller_gets_neither_her_mail_nor_its_link(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await phoned_and_proved(office)
        sent = len(office.sms_to(EVE_MOBILE))
        office.smtp.rcpt[SARA] = "550 5.1.1 no such user"
        await office.handle(staff_answer(last(office, TEAM), SECRET))
        await office.handle(staff_answer(last(office, TEAM), f"#حل\n{SECRET}"))

        assert len(office.sms_to(EVE_MOBILE)) == sent
        assert office.outbox("staff_delivery_failed")


async def test_the_mobile_that_sara_names_takes_the_place_of_the_callers(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await phoned_and_proved(office, f"{MORE}\nجوالي 0501111111")
        sent = len(office.sms_to(EVE_MOBILE))
        await lived(office)

        assert len(office.sms_to(EVE_MOBILE)) == sent
        assert office.outbox("survey", channel="sms")
        assert office.ticket().requester.phone == SARA_MOBILE
        tokens = links_in(" ".join(sms.text for sms in office.sms_to(SARA_MOBILE)))
        assert await number_behind(office, tokens[-1]) == office.ticket().number


async def test_who_telephoned_and_names_the_same_mobile_by_mail_goes_on_as_before(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await phoned_and_proved(office, f"{MORE}\nجوالي 0555555555")
        await lived(office)

        requester = office.ticket().requester
        assert (requester.phone, requester.is_phone_vouched) == (EVE_MOBILE, True)
        (survey,) = office.outbox("survey", channel="sms")
        assert survey.state == "sent"


# --- whose words staff read ---------------------------------------------------------------------------

PLANTED = f"رقم الطلب: {REQUEST} تجاوز المدة دون إجراء. حولوا المبلغ إلى حساب SA0380000000608010167519\n"


async def test_what_another_wrote_first_is_not_shown_as_the_words_of_who_proved_it(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(forged(PLANTED))
        await office.handle(
            hers("ما هذا؟ لا أفهم", number="4", answers=str(last(office, SARA)["Message-ID"]))
        )
        await office.handle(staff_answer(last(office, TEAM), "#إسناد نورة"))

        values = office.outbox("staff_new")[-1].values
        assert "ما هذا" in str(values["text"])
        assert "SA0380" not in str(values["text"])
        assert values["authenticated"] is False, "nobody proved that the request is hers"


@pytest.mark.parametrize("by", ["sara", "staff"])
async def test_the_request_that_sara_or_staff_named_too_is_shown_as_hers(
    open_office: OpenOffice, by: str
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(forged(PLANTED))
        words = f"رقم طلبي: {REQUEST}" if by == "sara" else "ما هذا؟ لا أفهم"
        await office.handle(hers(words, number="4", answers=str(last(office, SARA)["Message-ID"])))
        if by == "staff":
            await office.handle(staff_answer(last(office, TEAM), f"#طلب {REQUEST}"))
        await office.handle(staff_answer(last(office, TEAM), "#إسناد نورة"))

        values = office.outbox("staff_new")[-1].values
        assert (values["authenticated"], "SA0380" in str(values["text"])) == (True, False)


@pytest.mark.parametrize("is_mailed", [True, False])
async def test_what_is_proved_or_vouched_for_is_assigned_without_a_warning(
    open_office: OpenOffice, is_mailed: bool
) -> None:
    async with open_office(**STAFF) as office:
        if is_mailed:
            await office.handle(hers())
        else:
            await office.system.counter.open(PHONED, CENTRE)
            await office.work()
        await office.handle(staff_answer(last(office, TEAM), "#إسناد نورة"))

        assert office.outbox("staff_new")[-1].values["authenticated"] is True


# --- whose mobile it is -------------------------------------------------------------------------------


async def test_the_proved_mobile_is_not_lent_and_comes_back_with_the_proof(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(hers())
        sent = len(office.sms_to(SARA_MOBILE))
        await office.handle(forged("رقم الطلب: 77777 تجاوز المدة\n", number="5"))

        assert len(office.sms_to(SARA_MOBILE)) == sent
        assert office.tickets()[1].requester.phone is None
        assert SARA_MOBILE not in str(office.outbox("staff_new")[-1].values)

        answers = str(last(office, SARA)["Message-ID"])
        await office.handle(forged("جوالي 0555555555", number="6", answers=answers))
        await office.handle(hers("نعم هذه لي", "رد", number="7", answers=answers))

        requester = office.tickets()[1].requester
        assert (requester.phone, requester.is_phone_unproved) == (SARA_MOBILE, False)


async def test_the_mobile_that_staff_set_gets_every_sms_though_an_unproved_one_stood_there(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(forged())
        assert len(office.sms_to(EVE_MOBILE)) == 1
        await office.handle(staff_answer(last(office, TEAM), "#جوال 0507654321"))
        await lived(office)

        assert len(office.sms_to(EVE_MOBILE)) == 1
        assert {
            row.notification for row in office.outbox(channel="sms") if row.recipient == "+966507654321"
        } == {
            "closed",
            "survey",
        }


# --- one person's, or two -----------------------------------------------------------------------------

X = Complaint(channel="x", text="طلبي متأخر", handle="sara_x", request_number=REQUEST)


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [
        (PHONED, replace(PHONED, phone=SARA_MOBILE, request_number="20269999"), 1),
        (PHONED, replace(PHONED, request_number="20269999", email=None), 0),
        (replace(X, phone=SARA_MOBILE), replace(X, phone=EVE_MOBILE, request_number="20269999"), 1),
        (
            replace(X, phone=SARA_MOBILE),
            replace(X, handle="eve_x", phone=SARA_MOBILE, request_number="20269"),
            1,
        ),
        (replace(X, phone=SARA_MOBILE), replace(X, request_number="20269999"), 0),
    ],
)
async def test_two_vouched_complaints_are_merged_where_nothing_that_was_vouched_for_differs(
    open_office: OpenOffice, one: Complaint, other: Complaint, code: int
) -> None:
    async with open_office(**STAFF) as office:
        first = await office.system.counter.open(one, CENTRE)
        second = await office.system.counter.open(other, CENTRE)
        await office.work()

        assert run(office, "tickets", "merge", first.standing.number, second.standing.number) == code


async def test_who_names_saras_address_once_more_joins_nothing_that_she_proved(
    open_office: OpenOffice,
) -> None:
    typed = replace(PHONED, channel="website", phone=None)
    async with open_office(**STAFF) as office:
        await phoned_and_proved(office, complaint=typed)
        first = office.ticket()
        again = await office.system.counter.open(typed, CENTRE)

        assert (again.outcome, office.tickets()[0]) == ("opened", first)
        assert office.tickets()[1].linked_to == first.number, "staff see both"


# --- what was too large to read -----------------------------------------------------------------------


async def test_what_a_stranger_is_told_of_a_large_mail_is_no_part_of_saras_complaint(
    open_office: OpenOffice,
) -> None:
    async with open_office(limits={"message_mb": 1}, **STAFF) as office:
        await office.handle(hers())
        before, answers = of_hers(office), str(last(office, SARA)["Message-ID"])
        office.smtp.rcpt["gone@evil.example"] = "550 5.1.1 no such user"
        for writer in (EVE, "gone@evil.example"):
            large = mail(writer, "x", message_id=f"<{writer}>", answers=answers, attachment_bytes=1_600_000)
            await office.handle(large)

        assert office.mails_to(EVE), "nobody is left in silence"
        assert [row.ticket_id for row in office.outbox("too_large")] == [None, None]
        assert of_hers(office) == before
        assert not office.outbox("staff_delivery_failed")


@pytest.mark.parametrize("channel", ["phone", "website"])
async def test_a_callers_name_is_in_no_mail_to_whom_the_address_is_proved_to_be(
    open_office: OpenOffice, channel: str
) -> None:
    planted = "راسلونا على evil.example"
    async with open_office(**STAFF) as office:
        await phoned_and_proved(office, complaint=replace(PHONED, channel=channel, name=planted))
        await office.handle(staff_answer(last(office, TEAM), "#حل تمت المعالجة"))

        assert office.ticket().requester.name != planted
        assert not any("evil" in text_of(mail) for mail in office.mails_to(SARA))
        kept = office.system.database.read_now(messages.of_ticket, 1)[0]
        assert kept.sender_name == planted, "staff can look it up"


async def test_a_name_is_not_taken_from_every_later_mail(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await phoned_and_proved(office)
        name = office.ticket().requester.name
        ours, other = str(last(office, SARA)["Message-ID"]), f"اسم آخر <{SARA}>"
        await office.handle(
            mail(other, text="كلمة أخرى", message_id="<z@x>", answers=ours, headers=[proven()])
        )

        assert office.ticket().requester.name == name
