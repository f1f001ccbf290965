"""/metrics: what waits and how old it is, what came to a bad end, and to whom it is told."""

from __future__ import annotations

import hashlib
import logging
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event

from daemon.store import gauges, holds
from daemon.store.database import Database, StoreUnavailable
from daemon.store.holds import What
from daemon.tallies import MOST_KINDS, Labelled, LineCounter
from tests.casework.conftest import OpenOffice
from tests.integration.office import START, mail, proven
from tests.scrapes import WATCHED, caller, scrape

KEY = "the-key-of-a-monitoring-system"
KEYED: dict[str, Any] = {
    "web": WATCHED["web"] | {"metrics_key_hash": hashlib.sha256(KEY.encode()).hexdigest()}
}


async def test_it_tells_how_old_the_oldest_mail_is_that_nobody_decided(open_office: OpenOffice) -> None:
    async with open_office(**WATCHED) as office:
        office.arrive(mail(headers=[proven()]))
        await office.system.fetch.step()
        office.clock.advance(minutes=7)

        waiting = await scrape(office)
        await office.work()
        decided = await scrape(office)

    assert waiting.of("shakwa_unread", source="mail") == 1
    assert waiting.of("shakwa_unread_oldest_age_seconds", source="mail") == 420
    assert decided.of("shakwa_unread_oldest_age_seconds", source="mail") == 0
    assert decided.of("shakwa_mails_decided_total", kind="human", outcome="opened") == 1
    assert decided.of("shakwa_mailbox_read_age_seconds") == 0


async def test_it_tells_what_is_not_sent_by_channel_and_kind(open_office: OpenOffice) -> None:
    async with open_office(**WATCHED) as office:
        office.smtp.is_away = True
        await office.handle(mail(headers=[proven()]))
        office.clock.advance(minutes=20)

        told = await scrape(office)

    assert told.of("shakwa_unsent", channel="email", kind="received") == 1
    assert told.of("shakwa_unsent_oldest_age_seconds", channel="email", kind="received") == 1200
    assert told.of("shakwa_unsent", channel="sms") == 0
    assert told.of("shakwa_messages_tried_total", channel="email", result="outage") >= 1
    assert told.of("shakwa_sending_seconds_count", channel="sms") == 1
    assert told.of("shakwa_sending_seconds_count", channel="email") == 0


async def test_it_measures_from_the_arrival_of_a_mail_to_its_acknowledgement(open_office: OpenOffice) -> None:
    async with open_office(**WATCHED) as office:
        arrived = office.clock.now() - timedelta(seconds=40)

        await office.handle(mail(headers=[proven()]), at=arrived)
        told, again = await scrape(office), await scrape(office)

    assert told.of("shakwa_acknowledging_seconds_count", channel="email") == 1
    assert told.of("shakwa_acknowledging_seconds_sum", channel="email") == 40
    assert told.of("shakwa_acknowledging_seconds_bucket", channel="email", le="30.0") == 0
    assert told.of("shakwa_acknowledging_seconds_bucket", channel="email", le="60.0") == 1
    assert again.of("shakwa_acknowledging_seconds_count", channel="email") == 1


async def test_it_tells_of_deadlines_that_nobody_acted_on(open_office: OpenOffice) -> None:
    async with open_office(**WATCHED) as office:
        await office.handle(mail(headers=[proven()]))
        due = min(row.due_at for row in office.deadline_rows())
        office.clock.advance(seconds=(due - office.clock.now()).total_seconds() + 540)

        told = await scrape(office)
        await office.work()
        swept = await scrape(office)

    assert told.of("shakwa_unswept_deadlines") == 1
    assert told.of("shakwa_unswept_deadlines_oldest_age_seconds") == 540
    assert swept.of("shakwa_unswept_deadlines") == 0


async def test_it_tells_of_holds_and_of_what_they_keep_back(open_office: OpenOffice) -> None:
    async with open_office(**WATCHED) as office:
        await office.system.database.transact(
            holds.put, What("channel", "email"), "operator", "test", office.clock.now()
        )
        await office.handle(mail(headers=[proven()]))
        office.clock.advance(hours=2)

        told = await scrape(office)

    assert told.of("shakwa_holds", scope="channel") == 1
    assert told.of("shakwa_holds_oldest_age_seconds", scope="channel") == 7200
    assert told.of("shakwa_held_messages", channel="email") >= 1
    assert told.of("shakwa_unsent", channel="email") == 0
    assert told.of("shakwa_part_working", part="sender") == 1


async def test_it_tells_why_mails_were_set_aside_within_a_day(open_office: OpenOffice) -> None:
    async with open_office(**WATCHED) as office:
        await office.handle(mail(headers=[proven(verdict="fail")]))
        told = await scrape(office)
        office.clock.advance(days=1, minutes=1)
        later = await scrape(office)

    assert told.of("shakwa_set_aside_last_day", reason="dmarc_fail") == 1
    assert told.of("shakwa_mails_decided_total", outcome="quarantined", reason="dmarc_fail") == 1
    assert later.of("shakwa_set_aside_last_day") == 0


async def test_it_tells_of_sms_without_a_receipt(open_office: OpenOffice) -> None:
    async with open_office(**WATCHED) as office:
        await office.handle(mail(headers=[proven()]))
        office.clock.advance(hours=3)
        told = await scrape(office)

    assert told.of("shakwa_oldest_silent_receipt_age_seconds") == 3 * 3600


async def test_it_tells_which_promises_were_kept_and_what_is_open(open_office: OpenOffice) -> None:
    async with open_office(**WATCHED) as office:
        await office.handle(mail(headers=[proven()]))
        office.clock.advance(days=2)
        await office.work()
        await office.system.keeper.run()

        told = await scrape(office)

    assert told.of("shakwa_promises_today", channel="email", promise="first_response", kept="no") == 1
    assert told.of("shakwa_complaints", state="open") == 1
    assert told.of("shakwa_complaints_marked", mark="breached") == 1


async def test_no_scrape_holds_anything_of_a_person(open_office: OpenOffice) -> None:
    async with open_office(**WATCHED) as office:
        await office.handle(
            mail(headers=[proven()]), mail("سارة <sara@example.org>", headers=[proven("example.org", "fail")])
        )
        told = await scrape(office)

    assert not re.search(r"@|FRS-|501234567|khalid|sara|خالد|[\u0600-\u06ff]", told.text)


async def test_what_it_can_say_without_the_database_it_says(
    open_office: OpenOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise StoreUnavailable("gone")

    async with open_office(**WATCHED) as office:
        await office.handle(mail(headers=[proven()]))
        monkeypatch.setattr(Database, "read_now", gone)
        told = await scrape(office)

    assert told.of("shakwa_database_up") == 0
    assert told.of("shakwa_mails_decided_total") == 1
    assert "shakwa_unread" not in told.names


async def test_the_labels_of_one_scrape_are_those_of_the_next(open_office: OpenOffice) -> None:
    async with open_office(**WATCHED) as office:
        empty = await scrape(office)
        await office.handle(*(mail(message_id=f"<{one}@example.sa>", headers=[proven()]) for one in range(5)))
        full = await scrape(office)

    grown = {name for name, _ in set(full.values) - set(empty.values)}
    assert grown <= {
        "shakwa_mails_decided_total",
        "shakwa_messages_tried_total",
        "shakwa_mailbox_read_age_seconds",
    }


def test_a_counter_keeps_a_bounded_set_of_labels() -> None:
    counted = Labelled()

    for one in range(3 * MOST_KINDS):
        counted.note("human", f"reason {one}")

    assert len(counted.counts) == MOST_KINDS + 1
    assert counted.counts["other", "other"] == 2 * MOST_KINDS


def test_lines_of_the_log_are_counted_by_level() -> None:
    lines = Labelled()
    log = logging.getLogger("tests.of.lines")
    handler = LineCounter(lines)
    log.addHandler(handler)

    log.warning("a warning")
    log.error("an error")
    log.info("nothing to count")
    log.removeHandler(handler)

    assert dict(lines.counts) == {("warning",): 1, ("error",): 1}


# --- to whom -------------------------------------------------------------------------------------------


STRANGERS: list[tuple[str, str, dict[str, str]]] = [
    ("203.0.113.5", "127.0.0.1:8080", {}),
    ("127.0.0.1", "shakwa.example", {}),
    ("127.0.0.1", "127.0.0.1.example", {}),
    ("127.0.0.1", "127.0.0.1:8080", {"X-Forwarded-For": "127.0.0.1"}),
    ("127.0.0.1", "localhost", {"Forwarded": "for=127.0.0.1"}),
    ("127.0.0.1", "localhost", {"X-Real-IP": "127.0.0.1"}),
    ("127.0.0.1", "localhost", {"Via": "1.1 proxy"}),
    ("127.0.0.1", "localhost", {"X-Forwarded-Proto": "https"}),
    ("::ffff:203.0.113.5", "localhost", {}),
    ("not an address", "localhost", {}),
]


async def test_a_stranger_does_not_read_them(open_office: OpenOffice) -> None:
    async with open_office(**WATCHED) as office:
        for address, host, headers in STRANGERS:
            async with caller(office, address, host) as client:
                answer = await client.get("/metrics", headers=headers)

            assert answer.status_code == 403, (address, host, headers)
            assert "shakwa_" not in answer.text


async def test_a_program_on_this_machine_reads_them(open_office: OpenOffice) -> None:
    async with open_office(**WATCHED) as office:
        for address, host in (
            ("127.0.0.1", "127.0.0.1:8080"),
            ("::1", "[::1]:8080"),
            ("::ffff:127.0.0.1", "localhost"),
        ):
            async with caller(office, address, host) as client:
                answer = await client.get("/metrics")

            assert answer.status_code == 200, (address, host)
            assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")


async def test_with_a_key_configured_nobody_reads_them_without(open_office: OpenOffice) -> None:
    async with open_office(**KEYED) as office:
        async with caller(office) as here:
            without = await here.get("/metrics")
            wrong = await here.get("/metrics", headers={"Authorization": "Bearer another"})
        async with caller(office, "203.0.113.5", "shakwa.example") as afar:
            right = await afar.get(
                "/metrics", headers={"Authorization": f"Bearer {KEY}", "X-Forwarded-For": "203.0.113.5"}
            )

    assert (without.status_code, wrong.status_code, right.status_code) == (401, 401, 200)
    assert without.headers["www-authenticate"].startswith("Bearer")


# --- what it costs -------------------------------------------------------------------------------------

MAY_BE_WALKED = {"outbox_holds", "gateway_errors", "gateway_shares"}
"""Tables of a few rows: holds, the errors of some hours, a pair of gateways."""


def test_no_query_of_a_scrape_walks_through_what_is_done(database: Database) -> None:
    steps: list[str] = []

    def look(connection: Connection) -> None:
        for statement in _statements(connection):
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement[0]}", statement[1])
            steps.extend(row[3] for row in plan)

    database.read_now(look)

    assert len(steps) > 10
    for step in steps:
        if step.startswith("SCAN "):
            table = step.split()[1]
            # An index of some rows holds what waits, and nothing else.
            assert table in MAY_BE_WALKED or step.endswith("USING COVERING INDEX ix_outbox_unsent"), step


def _statements(connection: Connection) -> list[tuple[str, Any]]:
    """What one scrape asks the database, with its values."""
    asked: list[tuple[str, Any]] = []

    def note(_: object, __: object, statement: str, values: Any, *___: object) -> None:
        asked.append((statement, values))

    event.listen(connection, "before_cursor_execute", note)
    gauges.read(connection, START, "2026-11-22", 2, ["unifonic"])
    gauges.arrived(connection, [1, 2, 3])
    event.remove(connection, "before_cursor_execute", note)
    return asked
