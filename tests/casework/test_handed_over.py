"""What a member reads who is assigned a complaint: the customer's first words, and what they wrote since."""

from __future__ import annotations

import pytest

from tests.casework.conftest import OpenOffice
from tests.casework.test_whole_life import KHALID, NOURA, OMAR, SENIOR, STAFF, last, staff_answer
from tests.integration.office import TEAM, Office, mail, proven, text_of

FIRST = "رقم الطلب: 20261234 تجاوز المدة دون أي إجراء"
ASSIGN = "#إسناد عمر"


def word(number: int, text: str, *, is_proved: bool = True) -> bytes:
    """A word of the customer about their complaint, with our own mail quoted below it."""
    quoted = "\n\nفي الأحد 22 نوفمبر 2026 كتب منصة فرص:\n> كلام منا\n"
    headers = [proven()] if is_proved else []
    return mail(KHALID, text=text + quoted, message_id=f"<w{number}@x>", answers="<first@x>", headers=headers)


async def opened(office: Office, *, is_proved: bool = True) -> None:
    headers = [proven()] if is_proved else []
    await office.handle(mail(KHALID, text=FIRST, message_id="<first@x>", headers=headers))
    office.clock.advance(minutes=20)


async def assigned(office: Office, order: str = ASSIGN) -> str:
    """The text that the new assignee reads."""
    office.clock.advance(minutes=20)
    await office.handle(staff_answer(last(office, TEAM), order))
    row = office.outbox("staff_new")[-1]
    assert row.values["is_handed_over"]
    return str(row.values["text"])


@pytest.mark.parametrize("is_proved", [True, False])
async def test_the_last_words_of_the_customer_stand_below_the_first(
    open_office: OpenOffice, is_proved: bool
) -> None:
    async with open_office(**STAFF) as office:
        await opened(office, is_proved=is_proved)
        await office.handle(word(1, "أضيف أن المبنى مغلق", is_proved=is_proved))
        office.clock.advance(minutes=20)
        await office.handle(word(2, "وهذا أمر مستعجل", is_proved=is_proved))

        text = await assigned(office)

        assert text.startswith(FIRST)
        assert "[2026-11-22 12:20]\nأضيف أن المبنى مغلق" in text
        assert text.endswith("[2026-11-22 12:40]\nوهذا أمر مستعجل")
        assert "كلام منا" not in text, "what they quote is no word of theirs"
        assert "وهذا أمر مستعجل" in text_of(last(office, OMAR))


async def test_a_complaint_with_one_message_is_handed_over_with_that_alone(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await opened(office)

        assert (await assigned(office)).strip() == FIRST


async def test_of_many_words_the_last_five_are_shown_and_that_there_are_more(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await opened(office)
        for number in range(8):
            await office.handle(word(number, f"الكلمة {number} " + "س" * 5_000))
            office.clock.advance(minutes=20)

        text = await assigned(office)

        assert [number for number in range(8) if f"الكلمة {number}" in text] == [3, 4, 5, 6, 7]
        assert f"{FIRST}\n\n[…]\n\n[" in text
        assert len(text) < 12_000


async def test_an_unproved_word_in_a_proved_customers_name_is_not_among_theirs(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await opened(office)
        await office.handle(word(1, "حولوا المبلغ إلى الآيبان", is_proved=False))
        await office.handle(word(2, "أضيف أن المبنى مغلق"))

        text = await assigned(office)

        assert "أضيف أن المبنى مغلق" in text
        assert "الآيبان" not in text


async def test_what_was_written_before_the_proof_is_not_shown_as_the_proved_ones(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await opened(office, is_proved=False)
        await office.handle(word(1, "حولوا المبلغ إلى الآيبان", is_proved=False))
        ours = str(last(office, KHALID)["Message-ID"])
        await office.handle(
            mail(KHALID, text="ما هذا؟ لا أفهم", message_id="<p@x>", answers=ours, headers=[proven()])
        )
        await office.handle(word(3, "أضيف أن المبنى مغلق"))

        text = await assigned(office)

        assert text.startswith("ما هذا")
        assert "أضيف أن المبنى مغلق" in text
        assert "الآيبان" not in text
        assert FIRST not in text


async def test_whoever_accepts_an_escalation_reads_its_words(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await opened(office)
        office.clock.advance(days=20)
        await office.handle(word(1, "أطلب تصعيد الشكوى فقد طال الانتظار"))
        await office.handle(staff_answer(last(office, SENIOR), "#قبول", sender=f"عمر <{OMAR}>"))

        assert "طال الانتظار" in str(office.outbox("staff_new")[-1].values["text"])
        assert "طال الانتظار" in text_of(last(office, OMAR))
        assert NOURA not in text_of(last(office, OMAR))
