"""A stranger who proves nothing tries to read, move or redirect what belongs to somebody proved.

Sara's mails are proved. Eve writes in Sara's name and proves nothing: our border gives no verdict. What Eve
may not bring about stands in `assert_untouched`; each test is one of her ways.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from daemon.front_desk import Caller, Complaint, Said, SurveyOver, UnknownTicket
from daemon.workflow.model import Ticket
from tests.casework.conftest import OpenOffice
from tests.casework.test_attachments import run
from tests.casework.test_whole_life import STAFF, at, last, staff_answer, text_of
from tests.integration.office import TEAM, Office, mail, proven

SARA = "sara@example.sa"
SARA_MOBILE = "+966501111111"
EVE = "eve@evil.example"
EVE_MOBILE = "+966555555555"
REQUEST = "202612345"
HERS = f"رقم الطلب: {REQUEST} تجاوز المدة دون إجراء\nجوالي 0501111111\n"
EVES = f"رقم الطلب: {REQUEST} تجاوز المدة دون إجراء\nجوالي 0555555555\n"
SECRET = "قُبل طلبكم ورقم الصك 998877"
PHONED = Complaint(
    channel="phone",
    text="طلبي متأخر",
    name="سارة",
    phone=EVE_MOBILE,
    email=SARA,
    request_number=REQUEST,
)
CENTRE = Caller("call-centre")


def hers(text: str = HERS, subject: str = "شكوى", *, number: str = "1", answers: str = "") -> bytes:
    return mail(SARA, subject, text, message_id=f"<sara{number}@x>", answers=answers, headers=[proven()])


def forged(
    text: str = EVES, subject: str = "شكوى", *, number: str = "1", answers: str = "", cc: str = ""
) -> bytes:
    """From Sara's address, with no verdict of the border."""
    copied = [("Cc", cc)] if cc else []
    return mail(SARA, subject, text, message_id=f"<eve{number}@x>", answers=answers, headers=copied)


def of_hers(office: Office) -> Ticket:
    """Sara's own complaint: the first proved one."""
    return next(ticket for ticket in office.tickets() if ticket.authenticated)


def links_in(text: str) -> list[str]:
    return re.findall(r"https://shakwa\.example/[cs]/(\w+)", text)


async def assert_untouched(office: Office, before: Ticket | None = None) -> None:
    """Sara's complaint is as it was, but for what holds its closure; nothing of it reached Eve, and what she
    has opens no page of it."""
    now = of_hers(office)
    if before is not None:
        held = replace(
            now,
            held=before.held,
            wrote_since_asked=before.wrote_since_asked,
            reminded=before.reminded,
            told_late_at=before.told_late_at,
        )
        assert held == before, "nothing moved"
    assert now.requester.phone in (None, SARA_MOBILE)
    texts = [sms.text for sms in office.sms_to(EVE_MOBILE)]
    assert not any(SECRET in text or now.number in text for text in texts)
    mails = [text_of(one) for one in office.mails_to(EVE)]
    assert not any(SECRET in text for text in mails)
    for text in texts + mails:
        for token in links_in(text):
            assert await number_behind(office, token) != now.number


async def number_behind(office: Office, token: str) -> str | None:
    for look in (office.system.counter.page, office.system.counter.survey):
        try:
            return (await look(token)).number
        except (UnknownTicket, SurveyOver):
            continue
    return None


async def answered_secretly(office: Office) -> None:
    """Staff tell Sara what is for her alone."""
    number = of_hers(office).number
    notice = next(one for one in reversed(office.mails_to(TEAM)) if number in str(one["Subject"]))
    await office.handle(staff_answer(notice, f"#حل\n{SECRET}"))
    assert SECRET in text_of(last(office, SARA))


# --- before her ---------------------------------------------------------------------------------------


async def test_she_plants_her_mobile_and_the_request_number_before_sara_writes(
    open_office: OpenOffice,
) -> None:
    """S21, as it went through."""
    async with open_office(**STAFF) as office:
        await office.handle(forged("طلبي متأخر\nجوالي 0555555555\n"))
        assert [links_in(sms.text) for sms in office.sms_to(EVE_MOBILE)] == [[]], "once, and no link"
        await office.handle(forged(EVES, number="2", answers="<eve1@x>"))
        await office.handle(hers())

        assert [ticket.authenticated for ticket in office.tickets()] == [False, True]
        assert of_hers(office).linked_to == office.tickets()[0].number, "staff see both"
        assert office.outbox("staff_new")[-1].values["is_same_address"], "and are not told of a stranger"
        await answered_secretly(office)

        assert len(office.sms_to(EVE_MOBILE)) == 1
        assert office.sms_to(SARA_MOBILE)
        await assert_untouched(office)


async def test_she_writes_first_and_again_after_sara(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(forged())
        await office.handle(hers())
        before = of_hers(office)
        for number in ("2", "3"):
            await office.handle(forged(number=number))

        assert len(office.tickets()) == 2, "her second and third joined her first"
        await answered_secretly(office)
        await assert_untouched(office)
        assert replace(of_hers(office), state=before.state).requester == before.requester


async def test_sara_answers_what_she_began_and_the_mobile_and_the_links_are_gone(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(forged("طلبي متأخر\nجوالي 0555555555\n", "اربح الآن"))
        acknowledged = last(office, SARA)
        (old,) = links_in(text_of(acknowledged))
        assert await number_behind(office, old) == office.ticket().number

        answers = str(acknowledged["Message-ID"])
        await office.handle(forged("رقم الطلب: 700000001", number="2", answers=answers))
        await office.handle(hers("رقم الطلب: 202612345 وهذا لي", "رد", answers=answers))

        ticket = office.ticket()
        assert (ticket.authenticated, ticket.requester.phone, ticket.request_number) == (True, None, REQUEST)
        assert await number_behind(office, old) is None, "what was sent before the proof opens nothing"
        await answered_secretly(office)
        assert "اربح" not in str(last(office, SARA)["Subject"])
        assert len(office.sms_to(EVE_MOBILE)) == 1


async def test_a_link_that_she_was_sent_does_nothing_after_the_proof(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(forged("طلبي متأخر"))
        acknowledged = last(office, SARA)
        (old,) = links_in(text_of(acknowledged))
        await office.handle(hers(answers=str(acknowledged["Message-ID"])))
        before = of_hers(office)

        for kind in ("information", "objection", "escalation", "withdrawal"):
            with pytest.raises(UnknownTicket):
                await office.system.counter.say_on_page(old, Said(kind, "جوالي 0555555555"))
        await assert_untouched(office, before)


async def test_she_copies_the_message_id_that_sara_will_answer(open_office: OpenOffice) -> None:
    """Sara's own Message-ID is no secret: whoever she copied in has it."""
    async with open_office(**STAFF) as office:
        await office.handle(hers())
        copy = mail(SARA, text="رقم الطلب: 700000001 تجاوز المدة", message_id="<sara1@x>")
        await office.handle(copy)
        await office.handle(hers("هذه تتمة شكواي", "تتمة", number="2", answers="<sara1@x>"))

        first, second = office.tickets()
        assert (first.authenticated, second.authenticated) == (True, False)
        told = [row.ticket_id for row in office.outbox("staff_update")]
        assert told[-1] == 1, "and not into hers"
        await assert_untouched(office)


async def test_she_names_in_her_references_what_sara_will_write_next(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(forged(answers="<sara1@x>"))
        await office.handle(hers())

        assert [ticket.authenticated for ticket in office.tickets()] == [False, True]
        await answered_secretly(office)
        await assert_untouched(office)


# --- after her ----------------------------------------------------------------------------------------

WORDS = [
    "ألغوا شكواي، لا أريدها",
    "تصعيد",
    "لم تُحل المشكلة، أعيدوا فتحها",
    "جوالي الجديد 0555555555",
    "حالة",
    "شكرا لكم",
    "5",
    "1\nلم تحل",
    "رقم الطلب: 700000009",
]


@pytest.mark.parametrize("when", ["open", "resolved", "closed", "surveyed"])
@pytest.mark.parametrize("way", ["in-reply-to", "number", "her message-id"])
async def test_her_words_in_saras_name_change_nothing(open_office: OpenOffice, when: str, way: str) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(hers())
        if when != "open":
            await answered_secretly(office)
        for _ in range({"closed": 1, "surveyed": 2}.get(when, 0)):
            office.clock.advance(days=1, minutes=1)
            await office.work()
        before, sent = of_hers(office), len(office.mails_to(SARA))
        subject = f"رد [{before.number}]" if way == "number" else "رد"
        ids = {"in-reply-to": str(last(office, SARA)["Message-ID"]), "her message-id": "<sara1@x>"}

        for number, words in enumerate(WORDS):
            raw = forged(words, subject, number=str(number), answers=ids.get(way, ""), cc=EVE)
            await office.handle(raw)

            await assert_untouched(office, before)
            if len(office.tickets()) == 1:
                assert len(office.mails_to(SARA)) == sent, "nothing is said because of it"
            else:
                assert before.state == "closed", "a complaint of its own"
        assert not office.outbox("reopened", "escalation_received")


async def test_staff_are_warned_of_her_and_the_closure_waits(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(hers())
        await answered_secretly(office)
        answers = str(last(office, SARA)["Message-ID"])
        await office.handle(forged("لم تُحل المشكلة", answers=answers))

        notice = last(office, TEAM)
        assert "لم يثبت" in str(notice["Subject"]) + text_of(notice)
        assert "لم تغير" in text_of(notice)
        office.clock.advance(days=7)
        await office.work()
        assert of_hers(office).state == "resolved", "perhaps it was Sara: staff decide"

        await office.handle(hers("لم تُحل المشكلة", number="2", answers=answers))
        assert of_hers(office).state == "open"


async def test_staff_let_a_held_closure_go_on_by_saying_the_outcome_again(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(hers())
        await answered_secretly(office)
        await office.handle(forged("لم تُحل المشكلة", answers=str(last(office, SARA)["Message-ID"])))
        assert of_hers(office).held

        await office.handle(staff_answer(last(office, TEAM), f"#حل\n{SECRET}"))
        for _ in range(2):
            office.clock.advance(days=1, minutes=1)
            await office.work()

        assert (of_hers(office).state, of_hers(office).close_reason) == ("closed", "resolved")


async def test_a_complaint_that_waits_for_data_goes_to_staff_where_she_wrote(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(hers("طلبي متأخر جدا"))
        asked = str(last(office, SARA)["Message-ID"])
        await office.handle(forged("رقم الطلب: 700000009\nجوالي 0555555555", answers=asked))

        ticket = of_hers(office)
        assert (ticket.state, ticket.request_number, ticket.requester.phone) == ("awaiting_info", None, None)
        for day in (24, 29):
            office.clock.set(at(day, 12))
            await office.work()
        assert (of_hers(office).state, of_hers(office).request_number) == ("awaiting_info", None)
        assert of_hers(office).held, "staff are reminded until they look"
        assert not office.outbox("info_warning", "closed_no_response")


async def test_she_writes_after_the_time_to_reopen_and_gets_a_complaint_of_her_own(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(hers())
        await answered_secretly(office)
        for _ in range(2):
            office.clock.advance(days=21)  # a Sunday again: nobody is spoken to on a Friday
            await office.work()
        before = of_hers(office)

        await office.handle(forged("ما زال متأخرا", answers=str(last(office, SARA)["Message-ID"])))

        first, second = office.tickets()
        assert first == before
        assert (second.authenticated, second.linked_to) == (False, first.number)
        assert not office.sms_to(EVE_MOBILE)


async def test_she_sends_a_mail_that_is_too_large(open_office: OpenOffice) -> None:
    async with open_office(limits={"message_mb": 1}, **STAFF) as office:
        await office.handle(hers())
        await answered_secretly(office)
        before = of_hers(office)
        large = mail(
            SARA,
            f"رد [{before.number}]",
            "تصعيد",
            message_id="<e@x>",
            attachment_bytes=2_000_000,
        )
        await office.handle(large)

        await assert_untouched(office, before)


# --- under other names --------------------------------------------------------------------------------

SPELLINGS = [
    "sara+x@example.sa",
    "s.ara@example.sa",
    "SARA@example.sa.evil.example",
    '"sara@example.sa" <eve@evil.example>',
    '"sara"@example.sa',
    "sara@example.sa <eve@evil.example>",
    "ſara@example.sa",
    "sarа@example.sa",
    "sara@exámple.sa",
    "sara@example.sa.",
    "Sara@EXAMPLE.SA",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_however_she_spells_sara_she_is_not_her(open_office: OpenOffice, spelling: str) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(hers())
        await answered_secretly(office)
        before = of_hers(office)
        raw = mail(EVE, f"رد [{before.number}]", EVES + "تصعيد", message_id="<e@x>", answers="<sara1@x>")
        await office.handle(raw.replace(f"From: {EVE}".encode(), f"From: {spelling}".encode()))

        await assert_untouched(office, before)


@pytest.mark.parametrize(
    "spelling", ["\N{KELVIN SIGN}halid@example.sa", "Ｋhalid@example.sa", "khalid@example.sa\N{SOFT HYPHEN}"]
)
async def test_an_address_that_only_looks_like_hers_proves_itself_and_not_her(
    open_office: OpenOffice, spelling: str
) -> None:
    """A neighbour at the same provider, who proves an address of their own."""
    async with open_office(**STAFF) as office:
        await office.handle(mail("khalid@example.sa", message_id="<k@x>", headers=[proven()]))
        before = office.ticket()
        raw = mail(EVE, f"رد [{before.number}]", "تصعيد", message_id="<e@x>", headers=[proven()])
        await office.handle(raw.replace(f"From: {EVE}".encode(), f"From: {spelling}".encode()))

        assert office.tickets()[0] == before


async def test_she_answers_with_what_sara_forwarded_to_her(open_office: OpenOffice) -> None:
    """Our mail with its Message-ID, and the reply address of staff that stood in a forwarded notice."""
    async with open_office(**STAFF) as office:
        await office.handle(hers())
        to_staff = str(last(office, TEAM)["Reply-To"])
        answers = str(last(office, SARA)["Message-ID"])
        before = of_hers(office)
        raw = mail(EVE, "رد", "تصعيد\nجوالي 0555555555", message_id="<e1@x>", answers=answers)
        await office.handle(raw)
        await office.handle(mail(EVE, "رد", "#حل\nتم", message_id="<e2@x>", answers=answers, to=to_staff))
        await office.handle(mail(SARA, "رد", "#حل\nتم", message_id="<e3@x>", answers=answers, to=to_staff))

        await answered_secretly(office)
        assert not office.mails_to(EVE)
        assert of_hers(office).requester == before.requester


async def test_she_has_herself_copied_in(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(hers())
        answers = str(last(office, SARA)["Message-ID"])
        await office.handle(forged("أضيفوا أخي في المراسلة", answers=answers, cc=EVE))
        await answered_secretly(office)

        assert not office.mails_to(EVE)
        await assert_untouched(office)


# --- by other channels --------------------------------------------------------------------------------


async def test_she_telephones_with_saras_address_and_her_own_mobile(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        opened = await office.system.counter.open(PHONED, CENTRE)
        await office.work()
        token = opened.standing.status_url.rpartition("/")[2]

        await office.handle(hers())

        assert len(office.tickets()) == 2, "Sara's mail joins nothing that an agent was told"
        assert office.tickets()[1].linked_to == office.tickets()[0].number
        await answered_secretly_to_sara(office)
        told = await office.system.counter.page(token)
        assert told.number == office.tickets()[0].number
        assert not any(SECRET in step.text for step in told.steps)
        assert office.tickets()[1].requester.phone == SARA_MOBILE


async def answered_secretly_to_sara(office: Office) -> None:
    number = office.tickets()[1].number
    notice = next(one for one in reversed(office.mails_to(TEAM)) if number in str(one["Subject"]))
    await office.handle(staff_answer(notice, SECRET))
    assert SECRET in text_of(last(office, SARA))


async def test_the_mobile_that_she_gave_by_telephone_is_not_saras_in_a_later_complaint(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.system.counter.open(PHONED, CENTRE)
        await office.work()
        sent = len(office.sms_to(EVE_MOBILE))
        await office.handle(hers("لدي شكوى أخرى، طلبي متأخر"))
        await office.handle(hers("رقم الطلب: 700000001 تجاوز المدة", number="2"))

        assert [ticket.requester.phone for ticket in office.tickets()] == [EVE_MOBILE, None, None]
        assert len(office.sms_to(EVE_MOBILE)) == sent


async def test_after_the_time_to_reopen_her_mobile_does_not_follow_sara(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.system.counter.open(PHONED, CENTRE)
        await office.work()
        answers = str(last(office, SARA)["Message-ID"])
        await office.handle(staff_answer(last(office, TEAM), "#إغلاق غير_مقبولة"))
        office.clock.advance(days=30)
        await office.handle(hers("رقم الطلب: 700000001 تجاوز المدة", answers=answers))

        assert office.tickets()[-1].authenticated
        assert office.tickets()[-1].requester.phone is None


async def test_she_telephones_about_saras_complaint_after_her(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(hers())
        before = of_hers(office)
        await office.system.counter.open(PHONED, CENTRE)
        await office.work()

        assert len(office.tickets()) == 2
        await answered_secretly(office)
        assert of_hers(office).requester == before.requester
        await assert_untouched(office)


async def test_an_unproved_mail_in_a_callers_name_changes_nothing_of_the_call(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        called = replace(PHONED, phone=SARA_MOBILE)
        await office.system.counter.open(called, CENTRE)
        await office.work()
        (before,) = office.tickets()
        answers = str(last(office, SARA)["Message-ID"])
        for number, words in enumerate(("تصعيد", "جوالي 0555555555", "رقم الطلب: 700000001")):
            await office.handle(forged(words, f"[{before.number}]", number=str(number), answers=answers))

        assert office.tickets() == [before]
        assert not office.sms_to(EVE_MOBILE)


async def test_the_operator_merges_nothing_of_hers_into_saras(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.system.counter.open(PHONED, CENTRE)
        await office.work()
        await office.handle(hers())
        await office.handle(forged("رقم الطلب: 202612345 وقد تجاوز المدة", number="9"))
        phoned, of_sara, planted = (ticket.number for ticket in office.tickets())

        for one, other in ((phoned, of_sara), (of_sara, phoned), (planted, of_sara), (of_sara, planted)):
            assert run(office, "tickets", "merge", one, other) == 1
        assert {ticket.state for ticket in office.tickets()} == {"open"}


async def test_whoever_names_a_callers_address_elsewhere_is_not_the_caller(open_office: OpenOffice) -> None:
    """Sara telephoned and left her address; Eve types it into the chatbot, or telephones herself."""
    async with open_office(**STAFF) as office:
        for complaint in (
            replace(PHONED, phone=SARA_MOBILE),
            replace(PHONED, channel="chatbot", phone=None, name=""),
            PHONED,
        ):
            await office.system.counter.open(complaint, CENTRE)
            await office.work()
        of_sara, typed, phoned = (ticket.number for ticket in office.tickets())

        for one in (phoned, typed):
            assert run(office, "tickets", "merge", one, of_sara) == 1
        assert {ticket.state for ticket in office.tickets()} == {"open"}
        assert typed != of_sara


async def test_a_link_of_a_merged_complaint_opens_nothing_that_was_proved_since(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(forged("طلبي متأخر"))
        (token,) = links_in(text_of(last(office, SARA)))
        await office.handle(forged("رقم الطلب: 700000002 تجاوز المدة", number="2"))
        answers = str(last(office, SARA)["Message-ID"])
        first, second = (ticket.number for ticket in office.tickets())
        assert run(office, "tickets", "merge", first, second) == 0
        assert await number_behind(office, token) == second

        await office.handle(hers("هذه شكواي", answers=answers))

        assert of_hers(office).number == second
        assert await number_behind(office, token) is None


# --- the one SMS --------------------------------------------------------------------------------------


async def test_a_mobile_that_an_unproved_mail_named_hears_the_number_once_and_never_again(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(forged())
        (told,) = office.sms_to(EVE_MOBILE)
        assert office.ticket().number in told.text
        assert not links_in(told.text)

        await office.handle(staff_answer(last(office, TEAM), f"#حل\n{SECRET}"))
        for _ in range(3):
            office.clock.advance(days=2, minutes=1)
            await office.work()

        assert office.ticket().state == "closed"
        assert office.outbox("survey", channel="email")
        assert len(office.sms_to(EVE_MOBILE)) == 1


async def test_where_the_mail_comes_back_it_still_hears_nothing(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        office.smtp.rcpt[SARA] = "550 5.1.1 no such user"
        await office.handle(forged())
        await office.handle(staff_answer(last(office, TEAM), f"#حل\n{SECRET}"))

        assert len(office.sms_to(EVE_MOBILE)) == 1
        assert SECRET not in office.sms_to(EVE_MOBILE)[0].text
        assert not [row for row in office.outbox("resolved") if row.channel == "sms"]


async def test_one_that_was_named_later_hears_of_it_at_the_end_once(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(forged("رقم الطلب: 202612345 تجاوز المدة"))
        await office.handle(forged("جوالي 0555555555", number="2", answers="<eve1@x>"))
        assert not office.sms_to(EVE_MOBILE)
        await office.handle(staff_answer(last(office, TEAM), "#حل\nتم"))
        for _ in range(3):
            office.clock.advance(days=2, minutes=1)
            await office.work()

        (told,) = office.sms_to(EVE_MOBILE)
        assert not links_in(told.text)
