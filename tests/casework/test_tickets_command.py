"""`tickets list` and `show`: what other programs read of a complaint."""

from __future__ import annotations

import json

import pytest

from daemon.cli.main import main
from tests.casework.conftest import OpenOffice
from tests.integration.office import mail


async def test_the_moment_of_the_first_broken_promise_is_told(
    open_office: OpenOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office() as office:
        path = str(office.system.config.service.data_dir.parent / "shakwa.toml")

        def listed() -> object:
            capsys.readouterr()
            assert main(["--config", path, "tickets", "list", "--json"]) == 0
            return json.loads(capsys.readouterr().out)[0]["breached_at"]

        await office.handle(mail())
        assert listed() is None
        office.clock.advance(days=1, minutes=1)
        await office.work()
        assert listed() == "2026-11-23T12:01:00+03:00"
        office.clock.advance(days=30)
        await office.work()
        assert listed() == "2026-11-23T12:01:00+03:00", "the first one"
