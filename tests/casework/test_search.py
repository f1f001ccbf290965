"""Finding a complaint as people ask for one: by what they remember of it, typed as they type."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from daemon.cli.main import main
from daemon.store import search, tickets
from daemon.store.database import Database
from daemon.store.search import Filter
from daemon.workflow.model import Requester, Ticket
from daemon.workflow.search_words import Wanted, wanted_of, words_in
from daemon.workflow.ticket_number import format_number
from tests.casework.conftest import OpenOffice
from tests.integration.office import mail
from tests.integration.rows import NOW

NUMBER = format_number(2026, 123)
ARABIC_INDIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def stored(database: Database, counter: int, subject: str = "شكوى", **changed: Any) -> Ticket:
    values: dict[str, Any] = {
        "number": format_number(2026, counter),
        "state": "open",
        "channel": "email",
        "requester": Requester("خالد القحطاني", "Khalid@example.sa", "+966501234567"),
        "opened_at": NOW,
        "subject": subject,
        "request_number": "REQ-44012345",
        "team": "الاستثمار",
    }
    made = Ticket(**(values | changed))

    def write(connection: Any) -> None:
        search.index(connection, tickets.create(connection, made), made)

    database.transact_now(write)
    return made


def found(database: Database, typed: str = "", **asked: Any) -> list[str]:
    wanted = wanted_of(typed)
    rows = database.read_now(search.find, Filter(wanted.words, **asked), NOW)
    return [row.ticket.number for row in rows]


@pytest.mark.parametrize(
    "typed",
    [
        NUMBER,
        NUMBER.lower(),
        NUMBER.replace("-", ""),
        NUMBER.replace("-", " - "),
        NUMBER.translate(ARABIC_INDIC),
        f"رقم الشكوى: {NUMBER}",
        NUMBER.removeprefix("FRS-"),
        f"\u202b{NUMBER}\u202c",
    ],
)
def test_a_number_is_understood_however_it_is_typed(typed: str) -> None:
    assert wanted_of(typed) == Wanted(NUMBER)


@pytest.mark.parametrize("typed", ["FRS-2026-000124-4", "frs 2026 12", "FRS-2026-000123", "2026-000123-5"])
def test_a_mistyped_number_is_told(typed: str) -> None:
    assert wanted_of(typed).is_mistyped


@pytest.mark.parametrize("typed", ["٤٤٠١٢٣٤٥", "REQ-44012345", "شكوى 2026", "", "x" * 100_000, "\u202e"])
def test_anything_else_is_no_mistyped_number(typed: str) -> None:
    assert not wanted_of(typed).is_mistyped


@pytest.mark.parametrize(
    "typed",
    [
        *("44012345", "req-44012345", "٤٤٠١٢٣٤٥", "REQ 44012345"),
        *("0501234567", "050 123 4567", "+966 50 123 4567", "00966501234567", "٠٥٠١٢٣٤٥٦٧"),
        *("khalid@example.sa", "KHALID@EXAMPLE.SA", "khalid", "example.sa"),
        *("خالد", "القحطاني", "قحطاني", "خـالـد", "خالِد", "خالد القحطاني"),
        *("تأخر", "تاخر", "التأخر", "إستثمار", "استثمارا", "النخيل حي", "نخي"),
    ],
)
def test_a_complaint_is_found_by_what_one_remembers_of_it(database: Database, typed: str) -> None:
    subject = "تأخّر طلب الاستثمار في حي النخيل استثمارا"
    one = stored(database, 1, subject)
    stored(database, 2, "رسوم لوحة", requester=Requester("نورة", "n@example.com"), request_number="99")

    assert found(database, typed) == [one.number]


def test_all_words_must_be_there(database: Database) -> None:
    stored(database, 1, "رسوم لوحة")

    assert found(database, "رسوم لوحة") != []
    assert found(database, "رسوم حديقة") == []


def test_what_is_learned_later_is_found_and_what_is_gone_is_not(database: Database) -> None:
    one = stored(database, 1, request_number=None)
    row = database.read_now(tickets.by_number, one.number)
    assert row is not None
    from dataclasses import replace

    after = replace(one, request_number="77012")

    database.transact_now(search.index, row.id, after, one)

    assert found(database, "77012") == [one.number]
    database.transact_now(search.index, row.id, one, after)
    assert found(database, "77012") == []


def test_a_page_begins_where_the_last_one_ended(database: Database) -> None:
    numbers = [stored(database, counter).number for counter in range(1, 8)]

    def page(before: int | None) -> list[Any]:
        return database.read_now(search.find, Filter(("خالد",), before=before), NOW, 3)

    seen, before = [], None
    while rows := page(before):
        seen += [row.ticket.number for row in rows]
        before = rows[-1].id

    assert seen == numbers[::-1]


def test_each_filter_and_all_of_them(database: Database) -> None:
    stored(database, 1)
    stored(database, 2, state="closed", team="الرخص", channel="phone")
    escalated = stored(database, 3, escalation="raised", channel="x")
    late = stored(database, 4)
    row = database.read_now(tickets.by_number, late.number)
    assert row is not None
    from daemon.store import deadlines
    from daemon.workflow.model import Deadline

    overdue = {Deadline("processing", NOW - timedelta(minutes=1))}
    database.transact_now(deadlines.reconcile, row.id, overdue)

    assert found(database, state="closed") == [format_number(2026, 2)]
    assert found(database, team="الرخص", channel="phone", state="closed") == [format_number(2026, 2)]
    assert found(database, channel="x") == [escalated.number]
    assert found(database, is_escalated=True) == [escalated.number]
    assert found(database, is_late=True) == [late.number]
    assert found(database, "خالد", is_late=True, state="open") == [late.number]
    assert found(database, is_late=True, state="closed") == []
    assert len(found(database)) == 4


def test_a_huge_subject_costs_no_more_than_a_long_one(database: Database) -> None:
    stored(database, 1, "كلمة " * 250_000)

    assert len(words_in("كلمة " * 250_000)) == 1
    assert found(database, "كلمة") != []


async def test_the_command_finds_too(open_office: OpenOffice, capsys: pytest.CaptureFixture[str]) -> None:
    async with open_office() as office:
        await office.handle(mail())
        path = str(office.system.config.service.data_dir.parent / "shakwa.toml")
        number = office.ticket().number
        capsys.readouterr()

        def listed(*options: str) -> list[str]:
            assert main(["--config", path, "tickets", "list", "--json", *options]) == 0
            return [one["number"] for one in json.loads(capsys.readouterr().out)]

        assert listed("--find", "khalid@example.sa") == [number]
        assert listed("--find", number.replace("-", "").translate(ARABIC_INDIC)) == [number]
        assert listed("--find", "لا-يوجد-مثلها") == []
        assert listed("--state", "closed") == []
        assert main(["--config", path, "tickets", "list", "--find", "FRS-2026-000124-4"]) == 1
        assert "is not a ticket number" in capsys.readouterr().err
