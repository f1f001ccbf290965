"""`tickets show N --deadlines`: how each deadline of a complaint was computed, as it was lived."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from daemon.cli.main import main
from tests.casework.conftest import OpenOffice
from tests.integration.office import Office, mail


def run(office: Office, *arguments: str) -> int:
    path = office.system.config.service.data_dir.parent / "shakwa.toml"
    return main(["--config", str(path), *arguments])


async def test_each_deadline_is_shown_with_its_days(
    open_office: OpenOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office() as office:
        await office.handle(mail())
        number = office.ticket().number

        assert run(office, "tickets", "show", number, "--deadlines", "--json") == 0

    shown = json.loads(capsys.readouterr().out)
    due = {one["kind"]: one["due_at"] for one in shown["deadlines"]}
    counted = {one["kind"]: one for one in shown["arithmetic"]}
    assert {kind: counted[kind]["due_at"] for kind in due} == due
    assert counted["escalation_possible"]["due_at"] == shown["escalation_possible_at"]
    days = counted["processing"]["days"]
    assert {"business", "weekend"} == {day["kind"] for day in days}
    assert sum(day["counted_s"] for day in days) == 10 * 24 * 3600
    assert days[-1]["day"] == datetime.fromisoformat(due["processing"]).date().isoformat()


async def test_people_read_it_as_lines(open_office: OpenOffice, capsys: pytest.CaptureFixture[str]) -> None:
    async with open_office(calendar={"extra_holidays": ["2026-11-24"]}) as office:
        await office.handle(mail())
        number = office.ticket().number

        assert run(office, "tickets", "show", number, "--deadlines") == 0

    printed = capsys.readouterr().out
    assert "processing: 10 business days, counted from" in printed
    assert "weekend" in printed
    assert "Tue 2026-11-24  holiday" in printed
    assert printed.count("  due ") >= 3


async def test_without_being_asked_for_it_is_not_shown(
    open_office: OpenOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office() as office:
        await office.handle(mail())

        run(office, "tickets", "show", office.ticket().number, "--json")

    assert "arithmetic" not in json.loads(capsys.readouterr().out)
