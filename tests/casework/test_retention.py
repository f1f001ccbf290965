"""`privacy retention` and its nightly run: what was kept long enough goes, figures and chain stay."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from daemon.casework import retention
from daemon.cli.main import main
from daemon.config.privacy import LEAST_YEARS, Privacy
from daemon.loops.retention import Retention
from daemon.store import audit, schema
from daemon.store.files import FileStore
from tests.casework.conftest import OpenOffice
from tests.casework.test_erasure import KHALID_MAIL, SARA_MAIL, close_all, lived, report, traces_in
from tests.casework.test_whole_life import STAFF
from tests.integration.office import Office, mail, proven

ALL = dict.fromkeys(retention.KINDS, 1.0)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    monkeypatch.setattr("getpass.getuser", lambda: "root")
    return lambda *words: main(["--config", str(tmp_path / "shakwa.toml"), *words])


def aged(office: Office, years: float = 2.0) -> None:
    """Everything closed now."""
    office.clock.advance(days=366 * years)


def closed_now(office: Office) -> None:
    close_all(office.system.database)
    now = office.clock.now()
    office.system.database.transact_now(lambda one: one.execute(update(schema.tickets).values(closed_at=now)))


def test_each_kind_has_a_shortest_time_and_a_way_to_go() -> None:
    assert LEAST_YEARS.keys() == retention.KINDS.keys()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (5, {"receipts": 0.25, "complaints": 5.0}),
        ({"complaints": 5, "receipts": 1}, {"receipts": 1.0, "complaints": 5.0}),
        ({}, {"receipts": 0.25}),
    ],
)
def test_a_number_alone_is_that_of_complaints(given: Any, kept: dict[str, float]) -> None:
    assert Privacy.model_validate({"keep_years": given}).keep_years == kept


@pytest.mark.parametrize(
    "given", [0, -1, "five", True, {"complaints": 0.01}, {"audit": 0.5}, {"letters": 1}, {"audit": 1000}]
)
def test_a_time_that_is_none_is_refused(given: Any) -> None:
    with pytest.raises(ValueError, match="keep_years"):
        Privacy.model_validate({"keep_years": given})


async def test_what_is_old_goes_and_the_figures_stay(
    open_office: OpenOffice, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office(**STAFF) as office:
        await lived(office)
        closed_now(office)
        database = office.system.database
        aged(office)
        await office.handle(mail(**SARA_MAIL, message_id="<years-later@sara.example>"))
        before = report(run, capsys)

        done = retention.retire(database, ALL, office.clock.now(), "root")

        assert done.counts["complaints"] == 2
        assert done.counts["set_aside"] == 1
        assert len(done.files) == 1
        assert report(run, capsys) == before
        assert [one.requester.email is None for one in office.tickets()] == [True, True, False]
        assert [
            trace for trace in traces_in(database) if " in tickets" in trace or " in outbox" in trace
        ] == []
        newest = database.read_now(audit.latest)[0]
        assert newest.act == "data_retired"
        assert database.read_now(audit.verify).holds
        assert database.read_now(retention.due, ALL, office.clock.now()) == dict.fromkeys(ALL, 0)


async def test_what_is_not_old_or_not_closed_stays(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(**KHALID_MAIL))
        aged(office)
        await office.handle(mail(**SARA_MAIL))
        database = office.system.database

        retention.retire(
            database, {"complaints": 1.0, "raw_mails": 1.0, "messages": 1.0}, office.clock.now(), "root"
        )

        assert [one.requester.name for one in office.tickets()] == ["خالد بن سعد العتيبي", "سارة المطيري"]
        assert office.count(schema.raw_mails) == 2
        assert all(row.values for row in office.outbox())


@pytest.mark.parametrize("held", ["khalid@example.sa", "0541987650", "NUMBER"])
async def test_a_legal_hold_keeps_what_it_is_about(
    open_office: OpenOffice, run: Callable[..., int], held: str
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(**KHALID_MAIL), mail(**SARA_MAIL))
        closed_now(office)
        what = office.tickets()[0].number if held == "NUMBER" else held
        assert run("privacy", "hold", what, "--why", "a case") == 0
        aged(office)

        retention.retire(office.system.database, ALL, office.clock.now(), "root")

        assert [one.requester.email is None for one in office.tickets()] == [False, True]
        assert office.count(schema.raw_mails) == 1


async def test_raw_mails_and_words_go_alone_and_the_complaint_stays(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(**KHALID_MAIL))
        closed_now(office)
        aged(office)

        retention.retire(
            office.system.database, {"raw_mails": 1.0, "messages": 1.0}, office.clock.now(), "root"
        )

        assert office.count(schema.raw_mails) == 0
        assert {row.frozen for row in office.outbox()} == {None}
        assert office.ticket().requester.name == "خالد بن سعد العتيبي"
        assert office.messages()[0].text


async def test_receipts_of_no_message_have_an_age_by_themselves(
    open_office: OpenOffice, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office(**STAFF) as office:
        row = {
            "content": "x",
            "source": "webhook",
            "gateway": "unifonic",
            "peer_id": "p",
            "state": "delivered",
        }
        row |= {
            "word": "",
            "segment": 0,
            "code": "",
            "received_at": office.clock.now() - timedelta(days=365 * 20),
        }
        database = office.system.database
        database.transact_now(lambda one: one.execute(insert(schema.receipts), row))

        assert run("privacy", "retention", "--dry-run", "--json") == 0
        assert json.loads(capsys.readouterr().out)["receipts"] == {"keep_years": 0.25, "too_old": 1}
        assert office.count(schema.receipts) == 1

        assert run("privacy", "retention") == 0
        assert office.count(schema.receipts) == 0
        assert "for ever" in capsys.readouterr().out


async def test_it_is_done_once_a_night(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await lived(office)
        closed_now(office)
        aged(office)
        system = office.system
        files = FileStore(system.config.service.data_dir / "files")
        nightly = Retention(system.database, files, ALL, system.config.service.timezone, office.clock)

        await nightly.run()
        await nightly.run()

        acts = [one.act for one in system.database.read_now(audit.latest)]
        assert acts.count("data_retired") == 1
        assert [path for path in files.folder.rglob("*") if path.is_file()] == []


async def test_machines_mail_goes_by_its_own_age(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(
            mail("<>", "Automatic reply", headers=[("Auto-Submitted", "auto-replied"), proven()])
        )
        aged(office)

        retention.retire(office.system.database, {"other_mail": 1.0}, office.clock.now(), "root")

        with office.system.database.engine.connect() as connection:
            rows = connection.execute(select(schema.inbox.c.reason, schema.inbox.c.sender_key)).all()
        assert {row.reason for row in rows if row.reason != "quarantined"} <= {
            "erased",
            "no_sender",
            "broken",
        }
