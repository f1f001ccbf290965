"""What staff order by mail and clients bring through the API stands in the audit, as what admins do does."""

from __future__ import annotations

from daemon.front_desk import Caller, Said
from daemon.store import audit
from daemon.store.audit import Entry
from tests.casework.conftest import OpenOffice
from tests.casework.test_other_channels import brought, said
from tests.casework.test_whole_life import STAFF, last, staff_answer
from tests.integration.office import TEAM, Office, mail

CALL_CENTRE = Caller("call-centre", channels=("phone",))


def entries(office: Office) -> list[Entry]:
    """The oldest first."""
    return office.system.database.read_now(audit.latest)[::-1]


async def test_what_staff_order_by_mail_is_audited_once_it_is_carried_out(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        await office.handle(staff_answer(last(office, TEAM), "#حل\nتمت معالجة طلبكم."))

        [entry] = entries(office)
        assert (entry.act, entry.about) == ("staff_ordered", f"ticket {office.ticket().number}")
        assert "@" in entry.who
        assert '"mail": ' in (entry.detail or "")
        assert office.system.database.read_now(audit.verify).holds


async def test_what_was_refused_or_came_from_others_did_nothing(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        await office.handle(staff_answer(last(office, TEAM), "#لاشيءكهذا\n"))

        assert office.ticket().state == "open"
        assert entries(office) == []


async def test_what_a_client_brings_is_audited_under_its_name(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        number = (await brought(office, caller=CALL_CENTRE)).standing.number
        await said(office, number, Said("information", "مع صورة"), CALL_CENTRE)

        found = [(one.who, one.act, one.about) for one in entries(office)]
        assert found == [
            ("call-centre", "ticket_opened", f"ticket {number}"),
            ("call-centre", "ticket_added_to", f"ticket {number}"),
        ]
