"""`tickets list` and `show`: what other programs read of a complaint."""

from __future__ import annotations

import json

import pytest

from daemon.cli.main import main
from daemon.settings import library_of
from daemon.store.texts import Save
from daemon.templating.content import revision_of
from daemon.workflow.ticket_number import format_number
from tests.casework.conftest import OpenOffice
from tests.integration.office import mail

HISTORY = "en/history.toml"


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


async def test_commands_speak_in_the_words_that_are_in_force(
    open_office: OpenOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not in those of the folder, which may be older, or hold what nobody accepted."""
    async with open_office() as office:
        path = str(office.system.config.service.data_dir.parent / "shakwa.toml")
        await office.handle(mail())
        library = library_of(office.system.config, office.system.database, office.clock)
        library.open()
        own = library.read(HISTORY)
        content = own.replace('opened = "', 'opened = "Here ', 1)
        assert content != own
        library.save(Save(HISTORY, revision_of(content), content, "Sara", "", "browser"))

        assert main(["--config", path, "tickets", "show", format_number(2026, 1), "--json"]) == 0
        shown = json.loads(capsys.readouterr().out)
        assert main(["--config", path, "mail", "explain", "1", "--json"]) == 0
        explained = json.loads(capsys.readouterr().out)

    assert any("Here " in one["note"] for one in shown["history"])
    assert any("Here " in one for one in explained["explanation"])
