"""What a report reads from each database, and the command."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection

from daemon.cli.main import main
from daemon.store import counters, history, reports, tickets
from daemon.store.database import Database
from daemon.workflow.business_days import Calendar
from daemon.workflow.measures import Case, Group, first_response_time
from daemon.workflow.period import Period
from daemon.workflow.policy import Policy
from tests.integration.office import configuration_alone
from tests.integration.rows import ticket

RIYADH = ZoneInfo("Asia/Riyadh")
POLICY = Policy(Calendar(), "infocs@momah.gov.sa")


def at(day: int, hour: int = 12, month: int = 10) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=RIYADH)


OCTOBER = Period(at(1, 0), at(1, 0, month=11))


def keep(database: Database, *lines: tuple[datetime, str], **changed: Any) -> None:
    """One more ticket, with its history of (when, state)."""

    def write(connection: Connection) -> None:
        number = f"FRS-2026-{counters.next_count(connection, 'test'):06}-0"
        ticket_id = tickets.create(connection, ticket(number, **changed))
        for when, state in lines:
            history.add(connection, ticket_id, "test", (), state, when)

    database.transact_now(write)


def cases(database: Database, period: Period = OCTOBER) -> list[Case]:
    return database.read_now(lambda connection: list(reports.cases(connection, period)))


def closed(reason: str = "resolved", day: int = 20, **changed: Any) -> dict[str, Any]:
    return {
        "state": "closed",
        "close_reason": reason,
        "closed_at": at(day),
        "running_since": None,
        **changed,
    }


def test_only_what_the_period_or_the_present_says_anything_about_is_read(database: Database) -> None:
    keep(database, **closed(opened_at=at(1, month=8), closed_at=at(3, month=8)))
    keep(database, **closed(opened_at=at(1, month=8), closed_at=at(3, month=8), rating=4, rated_at=at(7)))
    keep(database, **closed(opened_at=at(30, month=9), category="technical", used=timedelta(days=2)))
    keep(database, opened_at=at(2, month=8), held=True)
    keep(database, **closed(opened_at=OCTOBER.end, closed_at=OCTOBER.end))

    found = cases(database)

    assert [(one.state, one.category, one.rating) for one in found] == [
        ("closed", "", 4),
        ("closed", "technical", None),
        ("open", "", None),
    ]
    assert found[1].used == timedelta(days=2)
    assert found[2].is_held


def test_the_time_of_waiting_for_data_is_known_from_the_history(database: Database) -> None:
    answered = {"opened_at": at(5), "first_response_at": at(6, 14)}
    keep(
        database,
        (at(5), "awaiting_info"),
        (at(6, 11), "open"),
        (at(6, 14), "open"),
        info_requested_at=at(5),
        **answered,
    )
    keep(database, (at(5), "open"), (at(6, 14), "open"), **answered)

    waited, straight = cases(database)

    assert first_response_time(waited, POLICY) == timedelta(hours=3)
    assert first_response_time(straight, POLICY) == timedelta(hours=26)


def test_what_came_back_is_counted_by_channel_and_category(database: Database) -> None:
    keep(database, (at(2), "open"), (at(3), "resolved"), (at(4), "open"), (at(5), "open"), channel="x")
    keep(
        database,
        *((at(day), state) for day, state in ((2, "closed"), (3, "open"), (4, "closed"), (5, "open"))),
        category="technical",
    )
    keep(database, (at(2), "closed"), (OCTOBER.end, "open"))
    keep(database, (at(2), "awaiting_info"), (at(3), "open"), (at(4), "awaiting_info"))

    assert database.read_now(reports.reopened, OCTOBER) == {
        Group("x", "", "", ""): 1,
        Group("email", "technical", "", ""): 2,
    }


@pytest.fixture
def config(database: Database, database_url: str, tmp_path: Path) -> Path:
    keep(
        database,
        **closed(opened_at=at(10), category="technical", resolved_at=at(19), rating=5, rated_at=at(21)),
    )
    return configuration_alone(tmp_path, {"database": {"url": database_url}})


def command(config: Path, *arguments: str) -> int:
    return main(["--config", str(config), "report", *arguments])


PERIOD = ("--from", "2026-10-01", "--to", "2026-10-31")


@pytest.mark.parametrize(
    "how", [("--json",), ("--format", "text"), ("--format", "csv"), ("--format", "html")]
)
def test_a_report_in_each_format_names_nobody(
    config: Path, how: Sequence[str], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert command(config, *PERIOD, *how) == 0

    written = capfdbinary.readouterr().out.decode("utf-8-sig")
    for person in ("خالد", "alid@example.sa", "501234567", "FRS-2026"):
        assert person not in written
    if how == ("--json",):
        found = json.loads(written)
        assert (found["from"], found["to"]) == ("2026-10-01T00:00:00+03:00", "2026-11-01T00:00:00+03:00")
        assert found["by_category"]["technical"]["satisfaction"]["average"] == 5.0


def test_a_report_goes_into_a_file_whole_or_not_at_all(
    config: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "october.html"
    assert command(config, *PERIOD, "--format", "html", "--output", str(target)) == 0
    assert target.read_text("utf-8").endswith("</html>\n")
    assert [path.name for path in tmp_path.iterdir() if "october" in path.name] == ["october.html"]

    assert command(config, *PERIOD, "--output", str(tmp_path / "no" / "such" / "file")) == 1
    assert capfd.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    "wrong",
    [
        ("--from", "2026-10-31", "--to", "2026-10-01"),
        ("--from", "yesterday"),
        ("--format", "pdf"),
        ("--json", "--format", "csv"),
    ],
)
def test_wrong_use_is_told_apart(config: Path, wrong: Sequence[str]) -> None:
    with pytest.raises(SystemExit) as left:
        command(config, *wrong)

    assert left.value.code == 2
