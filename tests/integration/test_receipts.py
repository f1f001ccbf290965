"""Receipts over real HTTP on each database: a gateway that takes SMS, reports on them, and can be asked."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx

from daemon.store import outbox, receipts
from daemon.store.outbox import Kept
from tests.integration.conftest import OpenOffice
from tests.integration.office import Office, mail
from tests.servers.sms_gateway import Fault, Sms

SECRET = "a-secret-of-the-webhook"
WEB = {
    "web": {"enabled": True, "port": 0},
    "sms.unifonic": {"receipt_secret": SECRET, "receipt_from": ["127.0.0.1"]},
}


@contextlib.asynccontextmanager
async def served(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    """The office with its web server running, as a gateway sees it."""
    (server,) = office.system.service._servers
    server.start()
    async with asyncio.TaskGroup() as group:
        group.create_task(server.run())
        try:
            async with httpx.AsyncClient(base_url=server.url) as gateway:  # type: ignore[attr-defined]
                yield gateway
        finally:
            server.stop()


def told(sms: Sms, state: str) -> dict[str, str]:
    return {"MessageID": str(sms.message_id), "DLR": state, "Recipient": sms.to}


def row_of(office: Office) -> Kept:
    (sms,) = office.outbox("received", channel="sms")
    found = office.system.database.read_now(outbox.by_id, sms.id)
    assert found is not None
    return found


async def test_a_gateway_reports_to_our_address_and_a_kill_in_between_loses_nothing(
    open_office: OpenOffice,
) -> None:
    async with open_office(**WEB) as office, served(office) as gateway:
        await office.handle(mail())
        (sms,) = office.sms.sent
        path = f"/hooks/sms/unifonic/{SECRET}"
        assert (await gateway.get(path, params=told(sms, "Undelivered"))).status_code == 405
        assert (await gateway.post(f"{path}x", data=told(sms, "Undelivered"))).status_code == 404
        answers = [await gateway.post(path, data=told(sms, state)) for state in ("Sent", "Delivered") * 2]
        assert [answer.status_code for answer in answers] == [200] * 4

    async with open_office(**WEB) as office:
        assert row_of(office).standing == "accepted", "kept, and not understood before it was stopped"
        await office.work()

        assert (row_of(office).standing, row_of(office).gateway) == ("delivered", "unifonic")
        said = office.system.database.read_now(receipts.shown_of, row_of(office).id)
        assert [one.receipt.state for one in said] == ["accepted", "delivered"]


async def test_a_gateway_is_asked_for_what_it_does_not_report(open_office: OpenOffice) -> None:
    async with open_office(**WEB) as office:
        await office.handle(mail())
        (sms,) = office.sms.sent
        office.clock.advance(hours=1)
        entry = {"MessageID": sms.message_id, "Status": "Undelivered", "DLR": "Undeliverable"}
        answer = {"success": "true", "errorCode": "ER-00", "data": {"messages": [entry]}}
        office.sms.details_faults.append(Fault(200, answer))

        await office.system.inquiry.run()
        await office.work()

        assert row_of(office).standing == "undelivered"
        office.clock.advance(hours=80)
        asked = len(office.sms.requests)
        await office.system.inquiry.run()
        assert len(office.sms.requests) == asked, "what is known is not asked for"
