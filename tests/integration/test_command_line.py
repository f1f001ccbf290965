"""What a command loads: counted in modules, since seconds depend on the machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from daemon.cli import commands

ROOT = Path(__file__).resolve().parents[2]
SENDING = {"aioimaplib", "aiosmtplib", "httpx", "httpcore", "phonenumbers", "smsutil"}
SERVING = {"apscheduler", "starlette", "uvicorn"}
WRITING = {"jinja2", "markdown_it"}
SANDBOX = {"pymap", "aiosmtpd"}
STORE = {"sqlalchemy", "psycopg", "alembic"}
OTHERS = {"pydantic", "pydantic_core", "hijridate", "asyncio", "logging"}
HEAVY = SENDING | SERVING | WRITING | SANDBOX | STORE | OTHERS

RUN = """
import sys
sys.path.insert(0, sys.argv.pop(1))
from daemon.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print(*sorted(sys.modules), file=sys.stderr)
"""


def loaded(*arguments: str) -> set[str]:
    """The modules in memory after `run.py ARGUMENTS`, without those that every Python here starts with."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(ROOT), *arguments], capture_output=True, text=True, check=True
    )
    bare = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return set(done.stderr.splitlines()[-1].split()) - set(bare.stdout.split())


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "shakwa.toml"
    path.write_text(
        '[service]\npublic_url = "https://s.example"\ndata_dir = "."\nsecret_key = "0123456789abcdef"\n'
        '[mailbox]\naddress = "infocs@momah.gov.sa"\nhost = "127.0.0.1"\nsecurity = "none"\n'
        '[smtp]\nhost = "127.0.0.1"\nsecurity = "none"\n',
        "utf-8",
    )
    return str(path)


@pytest.mark.parametrize(
    "arguments", [("--help",), ("--version",), ("tickets", "--help"), ("mail", "--help")]
)
def test_help_loads_no_command_and_nothing_heavy(arguments: tuple[str, ...]) -> None:
    found = loaded(*arguments)

    ours = {name for name in found if name.startswith("daemon.")}
    assert not found & HEAVY
    assert ours == {
        "daemon.cli",
        "daemon.cli.commands",
        "daemon.cli.context",
        "daemon.cli.main",
        "daemon.cli.output",
        "daemon.invocation",
        "daemon.plain",
    }


def test_a_look_at_the_tickets_loads_nothing_that_sends_serves_or_writes(config: str) -> None:
    loaded("--config", config, "tickets", "list")  # makes the empty database, with alembic

    found = loaded("--config", config, "tickets", "list", "--json")

    others = {"psycopg", "alembic", "sqlalchemy.dialects.postgresql", "difflib"}
    assert not found & (SENDING | SERVING | WRITING | SANDBOX | others)
    assert not {name for name in found if name.startswith(("daemon.mail", "daemon.casework", "daemon.loops"))}
    assert {name for name in found if name.startswith("daemon.cli.")} == {
        *("daemon.cli.commands", "daemon.cli.context", "daemon.cli.journal", "daemon.cli.main"),
        *("daemon.cli.output", "daemon.cli.tickets"),
    }


def test_a_command_s_arguments_are_read_without_what_it_works_with() -> None:
    found = loaded("serve", "--help")

    assert not found & (HEAVY - {"asyncio", "logging", "sqlalchemy"})


@pytest.mark.parametrize(
    "table", [commands.TOP, commands.TICKETS, commands.MAIL], ids=["top", "tickets", "mail"]
)
def test_every_command_can_be_asked_for_its_arguments(table: tuple[tuple[str, str, str], ...]) -> None:
    for name, adder, text in table:
        parser = commands.CommandParser(prog=name)
        parser.adder = adder

        with pytest.raises(SystemExit) as left:
            parser.parse_known_args(["--help"])

        assert left.value.code == 0, name
        assert text
