"""A mail that asks about its writer's data: a ticket like any other, and nothing is done by itself."""

from __future__ import annotations

from typing import Any

from daemon.store import history
from tests.casework.conftest import OpenOffice
from tests.casework.test_erasure import close_all
from tests.casework.test_whole_life import KHALID, NOURA
from tests.integration.office import TEAM, mail, proven, text_of

DPO = "privacy@momah.gov.sa"
LEAD = "dpo@momah.gov.sa"
OFFICE: dict[str, Any] = {
    "teams": [
        {"name": "care", "address": TEAM},
        {"name": "privacy", "address": DPO, "lead": LEAD},
    ],
    "staff": [{"name": "نورة", "email": NOURA, "teams": ["care"]}],
    "privacy": {"team": "privacy"},
}
WISH = "السلام عليكم، أرغب في حذف جميع بياناتي الشخصية لديكم بموجب نظام حماية البيانات الشخصية."


async def test_it_goes_to_the_team_and_its_lead_and_its_writer_hears_of_the_identity(
    open_office: OpenOffice,
) -> None:
    async with open_office(**OFFICE) as office:
        await office.handle(mail(subject="طلب حذف بياناتي", text=WISH, headers=[proven()]))

        ticket = office.ticket()
        assert (ticket.state, ticket.team, ticket.request_number) == ("open", "privacy", None)
        [answer] = office.mails_to(KHALID)
        assert "يتحقق موظفونا من هوية مقدم الطلب" in text_of(answer)
        assert ticket.number in text_of(answer)
        for reader in (DPO, LEAD):
            [notice] = office.mails_to(reader)
            assert "قبل التحقق من هوية" in text_of(notice)
        assert office.mails_to(TEAM) == []
        lines = [
            line.code
            for row in office.system.database.read_now(history.of_ticket, 1)
            for line in row.entry.lines
        ]
        assert lines == ["opened", "privacy_asked"]


async def test_nothing_is_done_to_the_data_and_the_clocks_run(open_office: OpenOffice) -> None:
    async with open_office(**OFFICE) as office:
        await office.handle(mail(subject="طلب حذف بياناتي", text=WISH))

        assert office.ticket().requester.email == KHALID
        assert office.messages()[0].text
        assert {kind for _, kind in office.deadlines()} >= {"first_response", "processing"}


async def test_without_a_team_of_its_own_it_goes_where_the_rest_goes(open_office: OpenOffice) -> None:
    async with open_office(**OFFICE | {"privacy": {}}) as office:
        await office.handle(
            mail(subject="Subject access request", text="Please send a copy of my personal data.")
        )

        assert office.ticket().team == "care"
        [answer] = office.mails_to(KHALID)
        assert "verify who is asking" in text_of(answer)


async def test_a_complaint_about_a_request_stays_one_whatever_it_says_of_data(
    open_office: OpenOffice,
) -> None:
    async with open_office(**OFFICE) as office:
        await office.handle(mail(text=f"رقم الطلب: 202612345 تجاوز المدة دون أي إجراء\n{WISH}\n"))

        assert office.ticket().team == "care"
        assert "بياناتكم الشخصية" not in str(office.mails_to(KHALID)[0]["Subject"])


async def test_a_wish_in_answer_to_a_closed_complaint_opens_its_own(open_office: OpenOffice) -> None:
    async with open_office(**OFFICE) as office:
        await office.handle(mail(headers=[proven()], message_id="<first@example.sa>"))
        first = office.ticket().number
        close_all(office.system.database)

        await office.handle(
            mail(subject="طلب حذف بياناتي", text=WISH, headers=[proven()], answers="<first@example.sa>")
        )

        assert [one.state for one in office.tickets()] == ["closed", "open"]
        assert office.tickets()[1].linked_to == first
