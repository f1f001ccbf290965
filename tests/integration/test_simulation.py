"""The time machine: on each database, it foretells what the daemon then does, and changes nothing."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, insert, select

from daemon.casework import case
from daemon.cli import simulate as command_module
from daemon.cli.main import main
from daemon.cli.simulate import masked
from daemon.config import load
from daemon.rulebook import desk_rules
from daemon.simulation import Beginning, Change, Message, Simulation
from daemon.store import arrivals, counters, deadlines, outbox, places, schema, snapshot, tickets
from daemon.store.database import Database, StoreUnavailable
from daemon.workflow.deadlines import open_deadlines
from daemon.workflow.decide import decide
from daemon.workflow.model import Decision, Facts
from tests.integration.conftest import OpenOffice
from tests.integration.office import START, Office, configuration_alone, mail
from tests.integration.rows import ticket, to_say

RIYADH = ZoneInfo("Asia/Riyadh")
DAY = timedelta(days=1)


@pytest.fixture
def config(database_url: str, tmp_path: Path) -> Path:
    return configuration_alone(tmp_path, {"database": {"url": database_url}})


async def foretold(
    url: str, config: Path, folder: Path, until: datetime, start: datetime = START
) -> tuple[Beginning, list[Message | Change]]:
    """What a simulation of the database at `url` says."""
    settings = load(config)
    copy = snapshot.take(url, folder / "copy.db")
    try:
        simulation = Simulation(copy, desk_rules(settings), settings.service.language, start)
        try:
            beginning = await simulation.begin(until)
            return beginning, [happening async for happening in simulation.run(until)]
        finally:
            simulation.close()
    finally:
        copy.close()


def messages(happenings: Sequence[Message | Change]) -> list[Message]:
    return [one for one in happenings if isinstance(one, Message)]


def keep(database: Database, config: Path, **changed: Any) -> int:
    """One more ticket with its deadlines; returns its id."""
    policy = desk_rules(load(config)).policy

    def write(connection: Connection) -> int:
        number = f"FRS-2026-{counters.next_count(connection, 'test'):06}-0"
        kept = ticket(number, **({"team": "care"} | changed))
        ticket_id = tickets.create(connection, kept)
        deadlines.reconcile(connection, ticket_id, open_deadlines(kept, policy), is_new=True)
        return ticket_id

    return database.transact_now(write)


AWAITING = {"state": "awaiting_info", "running_since": None, "info_requested_at": START}


def dump(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, by table."""
    with database.engine.connect() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in schema.metadata.sorted_tables
        }


async def _live(office: Office, until: datetime) -> None:
    """The daemon itself, its clock moved from due instant to due instant."""
    while (now := office.clock.now()) < until:
        await office.system.digest.run()
        await office.work()
        local = now.astimezone(RIYADH)
        morning = local.replace(hour=8, minute=0, second=0, microsecond=0)
        instants = [morning if morning > local else morning + DAY, office.next_deadline()]
        office.clock.set(min(instant for instant in instants if instant and instant > now))


async def test_it_foretells_what_the_daemon_then_does(open_office: OpenOffice, tmp_path: Path) -> None:
    until = START + 30 * DAY
    async with open_office() as office:
        await office.handle(mail(), mail("sara@example.sa", "بلا رقم", "طلبي متأخر، جوالي ٠٥٠٧٦٥٤٣٢١"))
        before, known = dump(office.system.database), len(office.outbox())

        _, happenings = await foretold(
            office.system.database.url, tmp_path / "shakwa.toml", tmp_path, until, office.clock.now()
        )

        assert dump(office.system.database) == before, "the database itself was changed"
        said_of = {one.notification for one in messages(happenings)}
        assert {"info_warning", "closed_no_response", "processing_delayed", "staff_digest"} <= said_of
        await _live(office, until)
        lived = [
            (row.created_at, row.notification, row.channel, row.recipient) for row in office.outbox()[known:]
        ]
        assert sorted(lived) == sorted(
            (one.at, one.notification, one.channel, one.recipient) for one in messages(happenings)
        )
        changes = [one for one in happenings if isinstance(one, Change)]
        lines = {(str(line), one.state) for one in changes for line in one.lines}
        assert ("closed_no_response", "closed") in lines
        assert ("breached processing", "open") in lines


async def test_the_survey_and_its_reminder_are_foretold(
    database: Database, config: Path, tmp_path: Path
) -> None:
    keep(database, config, state="resolved", running_since=None, resolved_at=START)

    _, happenings = await foretold(database.url, config, tmp_path, START + 14 * DAY)

    said = [(f"{one.at.astimezone(RIYADH):%d %H:%M}", one.notification) for one in messages(happenings)]
    by_mail = [one for one in said if said.count(one) == 2 or one[1] == "survey_reminder"]
    assert list(dict.fromkeys(by_mail)) == [
        ("23 12:00", "closed"),
        ("24 12:00", "survey"),
        ("29 12:00", "survey_reminder"),
    ]


async def test_what_waits_in_the_outbox_is_sent_at_the_start(
    database: Database, config: Path, tmp_path: Path
) -> None:
    ticket_id = keep(database, config, **AWAITING, warned_at=START)
    rows = [
        to_say("one", notification="info_warning", ticket_id=ticket_id),
        to_say("two", "late@example.sa"),
        to_say("three", "never@example.sa", suppressed="limit"),
    ]
    database.transact_now(outbox.add, rows, START)
    database.transact_now(outbox.claim, "somebody", "email", START, 1)
    start = START + timedelta(minutes=3)

    _, happenings = await foretold(database.url, config, tmp_path, START + 5 * DAY, start)

    at_start = [(one.notification, one.recipient) for one in messages(happenings) if one.at == start]
    assert at_start == [
        ("info_warning", "khalid@example.sa"),
        ("received", "late@example.sa"),
        ("staff_digest", "care@momah.gov.sa"),  # names what the limit held back, late on its day
    ]
    # Its acceptance then started the three business days.
    closed = next(one for one in messages(happenings) if one.notification == "closed_no_response")
    assert closed.at == start + 3 * DAY


async def test_mails_not_decided_on_are_left_out_and_said_so(
    database: Database, config: Path, tmp_path: Path
) -> None:
    place = places.Place("INBOX", 1)
    arrival = arrivals.Arrival(1, START, b"From: a@example.sa\r\n\r\nx", "f" * 64, "f" * 64, None)
    database.transact_now(arrivals.take_in, place, [arrival], START)
    keep(database, config, **AWAITING)

    beginning, happenings = await foretold(database.url, config, tmp_path, START + 3 * DAY)

    assert beginning.mails_left_out == 1
    assert {one.notification for one in messages(happenings)} == {"info_warning", "staff_digest"}


async def test_a_holiday_in_the_configuration_moves_what_is_foretold(
    database: Database, config: Path, tmp_path: Path
) -> None:
    keep(database, config, **AWAITING)
    with config.open("a") as file:
        file.write('[calendar]\nextra_holidays = ["2026-11-24"]\n')

    beginning, happenings = await foretold(database.url, config, tmp_path, START + 4 * DAY)

    assert beginning.tickets_moved == 1
    (warning, *_) = [one for one in messages(happenings) if one.notification == "info_warning"]
    assert warning.at == START + 3 * DAY


async def test_a_ticket_that_cannot_be_decided_on_stops_nothing(
    database: Database,
    config: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keep(database, config, **AWAITING, subject="broken")
    keep(database, config, **AWAITING)

    def decide_or_break(facts: Facts, *others: Any) -> Decision:
        assert facts.ticket is None or facts.ticket.subject != "broken", "a bug"
        return decide(facts, *others)

    monkeypatch.setattr(case, "decide", decide_or_break)

    _, happenings = await foretold(database.url, config, tmp_path, START + 3 * DAY)

    warned = {one.ticket for one in messages(happenings) if one.notification == "info_warning"}
    assert warned == {"FRS-2026-000002-0"}
    assert "deadline failed" in caplog.text


def test_a_copy_is_taken_beside_a_writer_and_sees_only_what_is_committed(
    database: Database, config: Path, tmp_path: Path
) -> None:
    first, second = keep(database, config), keep(database, config)
    merging = schema.tickets.update().where(schema.tickets.c.id == first).values(merged_into=second)
    database.transact_now(lambda connection: connection.execute(merging))
    with database.engine.connect() as writing, writing.begin():
        writing.execute(insert(schema.counters).values(name="half", value=1))
        copy = snapshot.take(database.url, tmp_path / "copy.db")
        writing.execute(insert(schema.counters).values(name="done", value=1))
    try:
        assert copy.read_now(counters.count_of, "half") is None
        assert len(copy.read_now(tickets.walk)) == 2
        assert database.read_now(counters.count_of, "half") == 1
    finally:
        copy.close()


def test_writers_go_on_while_a_large_database_is_copied(sqlite_database: Database, tmp_path: Path) -> None:
    """Written to after every few pages, the copy neither starts over nor mixes two states."""

    def fill(connection: Connection) -> None:
        rows = [{"name": f"row {number}", "value": 1} for number in range(20_000)]
        connection.execute(insert(schema.counters), rows)

    sqlite_database.transact_now(fill)
    shares: list[float] = []
    writer = sqlite3.connect(tmp_path / "shakwa.db", isolation_level=None)

    def write(share: float) -> None:
        shares.append(share)
        writer.execute("UPDATE counters SET value = value + 1")

    pages, snapshot.PAGES = snapshot.PAGES, 20
    try:
        copy = snapshot.take(sqlite_database.url, tmp_path / "copy.db", write)
    finally:
        snapshot.PAGES = pages
        writer.close()
    with copy.engine.connect() as connection:
        values = set(connection.execute(select(schema.counters.c.value)).scalars())
    copy.close()

    assert len(shares) > 5
    assert shares == sorted(shares), "it started over"
    assert values == {1}


def test_there_must_be_a_database(empty_database_url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=r"no (database|tables) yet"):
        snapshot.take(empty_database_url, tmp_path / "copy.db")

    assert not (tmp_path / "shakwa.db").exists(), "asking made one"


# --- the command -----------------------------------------------------------------------------------------


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def command(config: Path, *arguments: str) -> int:
    return main(["--config", str(config), "simulate", *arguments])


PERIOD = ("--from", "2026-11-22T12:00", "--to", "2026-12-10")


def test_the_command_prints_each_message_masked_and_removes_its_copy(
    database: Database, config: Path, temporary: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    keep(database, config, **AWAITING)
    before = dump(database)

    assert command(config, *PERIOD) == 0

    printed = capfd.readouterr().out
    lines = [" ".join(line.split()) for line in printed.splitlines()]
    assert "2026-11-24T12:00:00+03:00 FRS-2026-000001-0 info_warning email K…@example.sa" in lines
    assert "2026-11-24T12:00:00+03:00 FRS-2026-000001-0 info_warning sms …567" in lines
    closing = "2026-11-29T12:00:00+03:00 FRS-2026-000001-0 * closed: no response"
    (closed,) = [line for line in lines if line.startswith(closing)]
    assert closed.endswith("[closed]"), closed
    assert "info_warning 2" in lines
    assert "halid@example.sa" not in printed
    assert list(temporary.iterdir()) == []
    assert dump(database) == before


def test_the_copy_of_a_command_that_was_killed_goes_with_the_next(
    database: Database, config: Path, temporary: Path
) -> None:
    keep(database, config, **AWAITING)
    left = temporary / "shakwa-simulate-abcdefgh"
    left.mkdir(mode=0o700)
    (left / "copy.db").write_bytes(b"every complaint, in the clear")
    (temporary / "another's").mkdir()

    assert command(config, *PERIOD) == 0

    assert [path.name for path in temporary.iterdir()] == ["another's"]


def test_json_is_one_document_with_the_same(
    database: Database, config: Path, temporary: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    keep(database, config, **AWAITING)

    assert command(config, *PERIOD, "--json", "--show-recipients") == 0

    found = json.loads(capfd.readouterr().out)
    warning = next(one for one in found["events"] if one.get("notification") == "info_warning")
    assert warning == {
        "at": "2026-11-24T12:00:00+03:00",
        "ticket": "FRS-2026-000001-0",
        "kind": "message",
        "notification": "info_warning",
        "channel": "email",
        "audience": "requester",
        "recipient": "Khalid@example.sa",
    }
    assert found["counts"]["closed_no_response"] == 2
    assert {one["state"] for one in found["events"] if one["kind"] == "change"} == {"awaiting_info", "closed"}


def test_what_lies_before_a_later_beginning_is_run_and_only_counted(
    database: Database, config: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(database, config, **AWAITING)
    monkeypatch.setattr(command_module.SystemClock, "now", lambda self: START)

    assert command(config, "--from", "2026-11-29", "--to", "2026-11-29", "--json") == 0

    found = json.loads(capfd.readouterr().out)
    assert found["before"]["info_warning"] == 2
    assert found["counts"] == {"closed_no_response": 2, "staff_digest": 1}
    assert all(one["at"].startswith("2026-11-29") for one in found["events"])


def test_the_copy_is_private_and_goes_also_where_the_command_fails(
    database: Database,
    config: Path,
    temporary: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[int] = []

    async def fail(self: Simulation, until: datetime) -> Beginning:
        (folder,) = temporary.iterdir()
        seen.append(folder.stat().st_mode & 0o777)
        raise StoreUnavailable("disk full")

    monkeypatch.setattr(Simulation, "begin", fail)

    assert command(config, *PERIOD) == 1
    assert seen == [0o700]
    assert list(temporary.iterdir()) == []
    assert capfd.readouterr().err == "run.py: the database cannot be used: disk full\n"


@pytest.mark.parametrize(
    "wrong",
    [
        (),
        ("--to", "2026-02-30"),
        ("--to", "2026-11-22", "--from", "2026-11-23"),
        ("--to", "2025-01-01"),
    ],
)
def test_wrong_use_is_told_apart(config: Path, wrong: Sequence[str]) -> None:
    with pytest.raises(SystemExit) as left:
        command(config, *wrong)

    assert left.value.code == 2


def test_masks() -> None:
    assert masked("khalid@example.sa") == "k…@example.sa"
    assert masked("+966501234567") == "…567"
