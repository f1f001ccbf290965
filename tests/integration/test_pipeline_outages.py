"""The world out of order: relays, gateways, mailboxes and disks that refuse, break off or vanish."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from daemon.mail.wire.imap.errors import MailboxUnavailable
from daemon.store import outbox, schema
from daemon.store.database import StoreUnavailable
from tests.integration.conftest import OpenOffice
from tests.integration.office import REQUEST, TEAM, Office, mail
from tests.servers import free_port
from tests.servers.postgres import Postgres
from tests.servers.sms_gateway import DETAILS_PATH, Fault
from tests.servers.smtp_sink import smtp_sink

KHALID = "khalid@example.sa"


# --- the mail relay ---------------------------------------------------------------------------------------


async def test_a_relay_that_is_down_for_days_gives_nothing_up_and_everything_goes_once_it_is_back(
    open_office: OpenOffice,
) -> None:
    port = free_port()
    async with open_office(smtp={"port": port}) as office:
        await office.handle(*(mail(f"c{number}@example.sa") for number in range(5)))
        for _ in range(5):
            office.clock.advance(hours=30)
            await office.work()
        states = {row.state for row in office.outbox(channel="email")}

        with smtp_sink(port=port) as back:
            await office.work_until(office.is_all_sent, "delivery", seconds=10)

        assert states == {"queued"}
        assert [len(back.messages_to(f"c{number}@example.sa")) for number in range(5)] == [1] * 5
        assert len(office.sms.sent) == 5


async def test_a_wrong_password_fails_no_message_and_locks_no_account(open_office: OpenOffice) -> None:
    with smtp_sink(username="shakwa", password="right") as sink:
        login = {"host": sink.host, "port": sink.port, "username": "shakwa"}
        async with open_office(smtp=login | {"password": "wrong"}) as office:
            await office.handle(*(mail(f"c{number}@example.sa") for number in range(5)))
            tried = sink.login_count
            assert {row.state for row in office.outbox(channel="email")} == {"queued"}
            assert office.outbox("staff_delivery_failed") == []

        async with open_office(smtp=login | {"password": "right"}) as office:
            await office.work_until(office.is_all_sent, "delivery", seconds=10)

        assert tried <= 2
        assert [len(sink.messages_to(f"c{number}@example.sa")) for number in range(5)] == [1] * 5


async def test_a_connection_cut_after_the_final_dot_repeats_the_very_same_message(
    open_office: OpenOffice,
) -> None:
    async with open_office(smtp={"connections": 1}) as office:
        office.smtp.cut_before_reply = 1

        await office.handle(mail())
        await office.work_until(office.is_all_sent, "delivery", seconds=30)

        first, second = sorted(office.smtp.taken, key=lambda one: one.at)[:2]
        repeated = [one for one in office.smtp.taken if office.smtp.taken.count(one) > 1]
        assert len(office.smtp.taken) == 3
        assert repeated == []
        assert sorted(len(office.octets_to(to)) for to in (KHALID, TEAM)) == [1, 2]
        twice = office.octets_to(KHALID) if len(office.octets_to(KHALID)) == 2 else office.octets_to(TEAM)
        assert twice[0] == twice[1]
        assert first.content in twice
        assert second.at >= first.at


async def test_a_connection_cut_before_the_message_was_taken_sends_it_once(open_office: OpenOffice) -> None:
    async with open_office() as office:
        office.smtp.cut_at = ["MAIL", "RCPT", "DATA"]

        await office.handle(mail())
        await office.work_until(office.is_all_sent, "delivery", seconds=30)

        assert len(office.octets_to(KHALID)) == len(office.octets_to(TEAM)) == 1


# --- the SMS gateway --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        Fault(429, "slow down", {"Retry-After": "60"}),
        Fault(500, "oops"),
        Fault(503, "maintenance"),
        Fault(401, {"success": False, "errorCode": "401"}),
        Fault(200, {"success": False, "errorCode": "ER-01", "message": "no funds"}),
    ],
    ids=["429", "500", "503", "credentials", "funds"],
)
async def test_an_sms_the_gateway_could_not_take_goes_out_once_it_can(
    open_office: OpenOffice, fault: Fault
) -> None:
    async with open_office() as office:
        office.sms.faults = [fault]

        await office.handle(mail())
        refused = office.outbox(channel="sms")[0].state
        await office.work_until(office.is_all_sent, "delivery", seconds=30)

        assert refused == "queued"
        assert len(office.sms_to()) == 1
        assert len(office.octets_to(KHALID)) == 1


@pytest.mark.parametrize(
    "fault",
    [Fault(cut=True, accept=True), Fault(500, "oops", accept=True), Fault(200, "<html>", accept=True)],
    ids=["cut", "500", "not understood"],
)
async def test_an_sms_that_was_taken_unheard_is_asked_for_and_not_sent_again(
    open_office: OpenOffice, fault: Fault
) -> None:
    async with open_office() as office:
        office.sms.faults = [fault]

        await office.handle(mail())
        await office.work_until(office.is_all_sent, "delivery", seconds=30)

        (sms,) = office.sms.sent
        row = office.outbox(channel="sms")[0]
        assert (row.reference, row.peer_id) == (sms.reference, str(sms.message_id))
        assert DETAILS_PATH in [path for path, _ in office.sms.requests]


async def test_a_gateway_that_cannot_be_asked_now_gets_no_repeat_before_it_can(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        office.sms.faults = [Fault(cut=True, accept=True)]
        office.sms.details_faults = [Fault(503, "maintenance"), Fault(500, "oops")]

        await office.handle(mail())
        await office.work_until(office.is_all_sent, "delivery", seconds=60)

        assert len(office.sms.sent) == 1
        assert office.sms.details_faults == []


async def test_an_sms_that_is_refused_for_good_is_told_to_staff_and_the_mail_goes_on(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        office.sms.numbers["966501234567"] = Fault(
            200, {"success": False, "errorCode": "ER-05", "message": "no route"}
        )

        await office.handle(mail())

        assert office.outbox(channel="sms")[0].state == "failed"
        assert len(office.octets_to(KHALID)) == 1
        assert len(office.outbox("staff_delivery_failed")) == 1


# --- the mailbox ------------------------------------------------------------------------------------------


async def test_a_mailbox_that_refuses_us_stops_only_the_mailbox(open_office: OpenOffice) -> None:
    async with open_office() as office:
        office.arrive(mail())
        await office.system.fetch.step()
    async with open_office(mailbox={"password": "wrong"}) as office:
        with pytest.raises(MailboxUnavailable) as refused:
            await office.system.fetch.step()
        await office.system.desk.step()
        await office.system.deliveries[0].step()

        assert refused.value.is_auth
        assert len(office.octets_to(KHALID)) == 1
        assert office.folders()["INBOX"] == 1

    async with open_office() as office:
        await office.work()

        assert office.folders() == {"INBOX": 0, "Processed": 1, "Quarantine": 0}


async def test_a_connection_to_the_mailbox_that_breaks_is_taken_up_again(open_office: OpenOffice) -> None:
    async with open_office() as office:
        office.arrive(mail())
        await office.system.fetch.step()
        office.box.stop()
        try:
            with pytest.raises(MailboxUnavailable):
                await office.system.fetch.step()
            await office.system.desk.step()
        finally:
            office.box.start()
        office.arrive(mail("sara@example.sa"))

        await patiently(office)

        assert len(office.tickets()) == 2
        assert len(office.octets_to(KHALID)) == 1
        assert office.folders() == {"INBOX": 0, "Processed": 2, "Quarantine": 0}


async def test_folders_that_somebody_removed_are_made_again(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(mail())
        client = office.box.client(office.user)
        client.delete("Processed")
        client.logout()

        await office.handle(mail("sara@example.sa"))

        assert office.folders() == {"INBOX": 0, "Processed": 1, "Quarantine": 0}


# --- the store --------------------------------------------------------------------------------------------


async def patiently(office: Office, rounds: int = 30) -> int:
    """Work as the service does: an outage is met by trying again. Returns how many there were."""
    outages = 0
    while True:
        try:
            await office.work()
        except (StoreUnavailable, MailboxUnavailable):
            outages += 1
            assert outages < rounds
        else:
            return outages


def several(count: int) -> dict[str, bytes]:
    """Complaints of different people with different mobiles, by their senders."""
    return {
        f"c{number}@example.sa": mail(
            f"c{number}@example.sa",
            text=f"{REQUEST}\nجوالي 05012345{number:02}\n",
            message_id=f"<c{number}@example.sa>",
        )
        for number in range(count)
    }


def assert_each_handled_once(office: Office, senders: list[str]) -> None:
    assert sorted(ticket.requester.email or "" for ticket in office.tickets()) == sorted(senders)
    assert [len(office.octets_to(sender)) for sender in senders] == [1] * len(senders)
    assert len(office.mails_to(TEAM)) == len(senders)
    assert sorted(sms.to[-2:] for sms in office.sms.sent) == [
        f"{number:02}" for number in range(len(senders))
    ]
    assert office.states() == {"sent"}
    assert office.folders() == {"INBOX": 0, "Processed": len(senders), "Quarantine": 0}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_disk_that_is_full_for_a_long_time_loses_nothing_and_sets_nothing_aside(
    open_office: OpenOffice,
) -> None:
    senders, mails = list(several(6)), list(several(6).values())
    async with open_office() as office:
        engine = office.system.database.engine

        def limit(dbapi_connection: sqlite3.Connection, _: object) -> None:
            dbapi_connection.execute("PRAGMA max_page_count=1")  # SQLite: no further than now

        office.arrive(*mails)
        await office.system.fetch.step()
        engine.dispose()
        event.listen(engine, "connect", limit)
        outages = 0
        for _ in range(12):
            try:
                await office.work()
            except StoreUnavailable:
                outages += 1
        event.remove(engine, "connect", limit)
        engine.dispose()

        await patiently(office)

        assert outages == 12
        assert_each_handled_once(office, senders)


async def test_what_was_accepted_while_the_store_failed_is_not_sent_again(
    open_office: OpenOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark_sent, failures = outbox.mark_sent, iter(range(4))

    def failing(*arguments: Any) -> None:
        if next(failures, None) is not None:
            raise OperationalError("UPDATE", {}, Exception("database or disk is full"))
        mark_sent(*arguments)

    monkeypatch.setattr(outbox, "mark_sent", failing)
    senders, mails = list(several(6)), list(several(6).values())
    async with open_office() as office:
        office.arrive(*mails)

        outages = await patiently(office)

        assert outages > 0
        assert_each_handled_once(office, senders)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_database_that_cuts_every_session_loses_and_doubles_nothing(
    open_office: OpenOffice, postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    senders, mails = list(several(6)), list(several(6).values())
    async with open_office() as office:
        url = office.system.database.url
        mark_sent, cuts = outbox.mark_sent, iter(range(2))

        def cut_while_recording(*arguments: Any) -> None:
            if next(cuts, None) is not None:
                postgres_server.cut_connections(url)
            mark_sent(*arguments)

        monkeypatch.setattr(outbox, "mark_sent", cut_while_recording)
        office.arrive(*mails)
        owner = office.system.liveness.owner

        await office.system.fetch.step()
        postgres_server.cut_connections(url)
        outages = await patiently(office)

        assert outages >= 2
        assert office.system.liveness.owner != owner, "under a lost session nothing is ours"
        assert_each_handled_once(office, senders)


async def test_two_programs_on_one_database_share_the_work_and_double_nothing(
    open_office: OpenOffice,
) -> None:
    senders, mails = list(several(30)), list(several(30).values())
    async with open_office() as one, open_office() as other:
        one.arrive(*mails)

        await asyncio.gather(one.work(), other.work())
        await asyncio.gather(one.work(), other.work())

        assert [one.system.fetch.is_holding, other.system.fetch.is_holding].count(True) == 1
        assert_each_handled_once(one, senders)
        assert one.count(schema.tickets) == 30
