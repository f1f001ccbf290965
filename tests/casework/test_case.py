"""One case, whatever it comes from: what is written, what is not, and that it is written once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from daemon.casework.case import Case
from daemon.casework.deliveries import Acceptance, Failure, acceptance_of, failure_of, report
from daemon.casework.occasion import Occasion
from daemon.casework.orders import Orders
from daemon.front_desk import UnknownTicket
from daemon.store import inbox, schema, tickets
from daemon.workflow.commands import Close, Note, Resolve
from daemon.workflow.events import FilesScanned
from tests.casework.conftest import OpenOffice
from tests.casework.test_whole_life import STAFF
from tests.integration.office import TEAM, Office, mail, proven, text_of

NOBODY = "FRS-2026-000009-9"


def order(office: Office, command: Any, number: str = "") -> Any:
    orders = Orders(office.system.desk.cases, office.clock)
    number = number or office.ticket().number
    return office.system.database.transact_now(orders.order, number, command)


def rows(office: Office, table: Any) -> list[Any]:
    with office.system.database.engine.connect() as connection:
        return list(connection.execute(select(table).order_by(table.c.id)))


# --- orders of the operator ---------------------------------------------------------------------------


async def test_an_operators_order_is_kept_as_one_of_the_tickets_messages(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())

        order(office, Note("اتصل بنا هاتفيًا"))

        kept = office.messages()[-1]
        assert (kept.text, kept.is_staff, kept.is_requester) == ("اتصل بنا هاتفيًا", True, False)
        brought = rows(office, schema.inbox)[-1]
        assert (brought.source, brought.state, brought.id) == ("operator", "done", kept.inbox_id)
        assert brought.payload["command"] == "Note"


async def test_an_outcome_that_the_operator_orders_is_said_to_the_requester(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())

        order(office, Resolve("أُنجز طلبكم"))
        await office.work()

        assert office.ticket().state == "resolved"
        assert "أُنجز طلبكم" in text_of(office.mails_to("khalid@example.sa")[-1])


async def test_a_refused_order_writes_nothing_at_all(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        order(office, Close("withdrawn"))
        await office.work()
        before = [len(rows(office, table)) for table in (schema.inbox, schema.outbox, schema.history)]

        refused = order(office, Close("duplicate")).refused

        assert refused == "impossible_state"
        after = [len(rows(office, table)) for table in (schema.inbox, schema.outbox, schema.history)]
        assert after == before


async def test_an_order_about_no_ticket_is_refused(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        with pytest.raises(UnknownTicket):
            order(office, Note("x"), NOBODY)


# --- what became of our messages ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "failure",
    [Failure(7, "5.1.1 no such user"), Failure(7, "bounced 5.2.2", has_bounced=True, is_of_another=True)],
)
async def test_a_report_of_a_failure_comes_back_as_it_was(open_office: OpenOffice, failure: Failure) -> None:
    async with open_office() as office:
        office.system.database.transact_now(report, failure, office.clock.now())

        (row,) = rows(office, schema.inbox)
        assert failure_of(row.payload) == failure


async def test_a_report_of_an_acceptance_comes_back_as_it_was(open_office: OpenOffice) -> None:
    async with open_office() as office:
        taken = Acceptance(7, office.clock.now())
        office.system.database.transact_now(report, taken, office.clock.now())

        (row,) = rows(office, schema.inbox)
        assert acceptance_of(row.payload) == taken


@pytest.mark.parametrize("payload", [None, {}, {"outbox_id": "7", "error": "x"}, {"outbox_id": 7}])
def test_a_report_of_another_shape_is_refused(payload: dict[str, Any] | None) -> None:
    with pytest.raises(ValueError, match="no report"):
        failure_of(payload)


async def test_a_report_that_cannot_be_read_is_set_aside_and_stops_nothing(open_office: OpenOffice) -> None:
    async with open_office() as office:
        office.system.database.transact_now(
            inbox.add_event, "delivery_failure", {"outbox_id": "?"}, office.clock.now()
        )
        await office.handle(mail())
        for _ in range(4):
            office.clock.advance(hours=1)
            await office.work()

        odd, complaint = rows(office, schema.inbox)
        assert (odd.state, odd.reason) == ("quarantined", "failed")
        assert complaint.state == "done"


# --- what is said -------------------------------------------------------------------------------------


async def test_a_message_whose_envelope_cannot_be_read_fails_alone(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        office.arrive(mail())
        await office.system.fetch.step()
        await office.system.desk.step()
        notice = office.outbox("staff_new")[0]
        with office.system.database.engine.begin() as connection:
            spoilt = update(schema.outbox).where(schema.outbox.c.id == notice.id)
            connection.execute(spoilt.values(thread={"in_reply_to": 7}))

        await office.work()

        states = {row.notification: row.state for row in office.outbox(channel="email")}
        assert states["staff_new"] == "failed"
        assert states["received"] == "sent"


async def test_one_cause_speaks_once_and_is_noted_each_time(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        stored = office.system.database.read_now(tickets.walk)[0]
        occasion = Occasion("scan", FilesScanned(are_news=True), stored, cause="scan:1")

        def settle(connection: Any) -> int:
            case: Case = office.system.desk.cases.at(connection, office.clock.now())
            return len(case.settle(occasion).said)

        said = [office.system.database.transact_now(settle) for _ in range(2)]

        assert said == [1, 0]
        assert [row.recipient for row in office.outbox("staff_update")] == [TEAM]


# --- what a mail proved -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "proof"),
    [
        ([], ""),
        ([proven()], "dmarc"),
        ([proven("other.example")], ""),
        ([proven(verdict="fail")], ""),
        ([("X-Internal", "yes")], "internal_header"),
    ],
)
async def test_the_row_of_a_mail_keeps_by_what_its_sender_is_proved(
    open_office: OpenOffice, headers: list[tuple[str, str]], proof: str
) -> None:
    async with open_office(mailbox={"internal_header": "X-Internal: yes"}) as office:
        await office.handle(mail(headers=headers))

        assert [row.proof for row in office.inbox()] == [proof]


async def test_a_call_proves_nothing_of_an_address(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(headers=[proven()]))
        order(office, Note("x"))

        assert [row.proof for row in rows(office, schema.inbox)] == ["dmarc", ""]
