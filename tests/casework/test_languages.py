"""Each complaint is answered in its own language, from its opening to its survey."""

from __future__ import annotations

from dataclasses import replace

from tests.casework.conftest import OpenOffice
from tests.casework.test_other_channels import BY_PHONE, brought, page_of
from tests.casework.test_whole_life import KHALID, STAFF, last, staff_answer, text_of
from tests.integration.office import TEAM, mail, proven

ENGLISH = "My request 202612345 is late and nobody answers. My mobile is 0501234567."


async def test_an_english_complaint_is_answered_in_english_and_staff_in_arabic(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(KHALID, "Late request", ENGLISH, headers=[proven()]))

        assert office.ticket().language == "en"
        answer = last(office, KHALID)
        assert "Your complaint is registered" in text_of(answer)
        assert answer["Content-Language"] in (None, "en")
        assert office.sms_to()[0].text.startswith("Furas: ")
        assert "الرد على هذه الرسالة يصل إلى العميل" in text_of(last(office, TEAM))

        await office.handle(staff_answer(last(office, TEAM), "#حل\nYour request was approved."))

        assert "Your request was approved." in text_of(last(office, KHALID))
        assert "Dear" in text_of(last(office, KHALID))


async def test_an_arabic_complaint_is_answered_in_arabic_though_later_words_are_english(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(KHALID, headers=[proven()]))
        await office.handle(staff_answer(last(office, TEAM), "#حل\nتمت الموافقة"))
        objection = mail(
            KHALID,
            "Re: x",
            "This is not the answer that I have been waiting for, please look at it again",
            answers=str(last(office, KHALID)["Message-ID"]),
            headers=[proven()],
        )
        await office.handle(objection)

        assert office.ticket().language == "ar"
        assert office.ticket().state == "open"
        assert "السلام عليكم" in text_of(last(office, KHALID))


async def test_a_reply_to_an_english_mail_of_ours_is_found_above_its_marker(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(KHALID, "Late request", ENGLISH, headers=[proven()]))
        ours = last(office, KHALID)
        quoted = "\n".join(f"> {line}" for line in text_of(ours).splitlines())
        reply = mail(
            KHALID,
            f"Re: {ours['Subject']}",
            f"One more thing: the page is down.\n\n{quoted}\n",
            answers=str(ours["Message-ID"]),
            headers=[proven()],
        )

        await office.handle(reply)

        assert office.outbox("staff_update")[-1].values["text"] == "One more thing: the page is down."


async def test_staff_change_the_language(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(KHALID, headers=[proven()]))

        await office.handle(staff_answer(last(office, TEAM), "#لغة en\n#حل\nDone."))

        assert office.ticket().language == "en"
        assert "Dear" in text_of(last(office, KHALID))


async def test_the_channel_says_the_language(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await brought(office, replace(BY_PHONE, language="en"))

        assert office.ticket().language == "en"
        assert office.sms_to()[0].text.startswith("Furas: ")


async def test_the_status_page_is_in_the_language_of_its_complaint(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(
            mail(KHALID, "Late request", "My request is late and nobody answers", headers=[proven()])
        )
        token = page_of(text_of(last(office, KHALID)))

        assert (await office.system.counter.page(token)).language == "en"
