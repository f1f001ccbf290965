"""What a command loads: counted in modules, since seconds depend on the machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from daemon.cli import commands
from daemon.cli.main import main

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


READING = {"daemon.reading.mail", "daemon.mail.letter.parse", "daemon.mail.meaning.commands"}


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
        "daemon.cli.loading",
        "daemon.cli.main",
        "daemon.cli.output",
        "daemon.invocation",
        "daemon.plain",
    }


LOOKS = {
    # Each command that looks something up: rooms of ours, and libraries beside `CONFIGURED` and the store's.
    "secret key": (set(), set()),
    "tickets list": ({"store", "workflow"}, {"hijridate"}),
    "tickets show FRS-2026-000001-4": ({"store", "workflow", "templating"}, {"hijridate"}),
    "mail list": ({"store", "workflow"}, set()),
    "mail blocked": ({"store", "workflow"}, {"hijridate"}),
    "outbox list": ({"store", "workflow"}, set()),
    "audit verify": ({"store", "workflow"}, set()),
    "privacy holds": ({"store", "workflow"}, {"hijridate"}),
    "templates list": ({"store", "workflow", "templating", "wording"}, {"hijridate"}),
    "report": ({"store", "workflow", "templating", "sms"}, {"hijridate", "smsutil"}),
}
LOOKING_UP = {"sqlalchemy", "pydantic", "pydantic_core", "asyncio", "logging"}
"""SQLAlchemy loads asyncio, whatever is asked of it."""


@pytest.mark.parametrize("typed", LOOKS)
def test_a_look_loads_the_store_and_what_it_shows(typed: str, config: str) -> None:
    rooms, libraries = LOOKS[typed]

    found = loaded("--config", config, *typed.split())

    ours = {name.split(".")[1] for name in found if name.startswith("daemon.") and name.count(".") > 1}
    assert ours - {"cli", "config"} <= rooms
    assert {name.partition(".")[0] for name in found} & HEAVY <= LOOKING_UP | libraries
    assert not found & {"sqlalchemy.dialects.postgresql", "alembic"}


def test_a_list_of_the_tickets_loads_no_other_command_and_nothing_that_only_a_ticket_s_page_needs(
    config: str,
) -> None:
    found = loaded("--config", config, "tickets", "list", "--json")

    assert not found & {"difflib", "daemon.store.search", "daemon.store.outbox", "daemon.store.history"}
    assert {name for name in found if name.startswith("daemon.cli.")} == {
        *("daemon.cli.commands", "daemon.cli.context", "daemon.cli.journal", "daemon.cli.loading"),
        *("daemon.cli.main", "daemon.cli.output", "daemon.cli.tickets"),
        *("daemon.cli.arguments", "daemon.cli.arguments.tickets"),
    }


def test_a_first_start_makes_its_database_without_what_upgrades_one(config: str) -> None:
    assert not loaded("--config", config, "tickets", "list") & {"alembic", "mako"}


def test_a_pass_that_finds_nothing_loads_nothing_that_reads_or_writes_mail(config: str) -> None:
    found = loaded("--config", config, "once")

    assert "daemon.loops.desk" in found
    assert not found & (WRITING | SERVING | SANDBOX | READING)
    assert not found & {"alembic", "httpx", "phonenumbers", "psycopg", "daemon.templating.engine"}
    assert not {name for name in found if name.startswith(("daemon.mail.machines", "daemon.mail.quoting"))}


def test_a_pass_without_an_sms_to_send_loads_no_client_of_its_gateway(config: str) -> None:
    with Path(config).open("a", encoding="utf-8") as more:
        more.write(
            '[sms]\ngateway = "unifonic"\nsender = "MOMAH"\n'
            '[sms.unifonic]\nurl = "https://sms.example/send"\napp_sid = "secret"\n'
        )

    found = loaded("--config", config, "once")

    assert "daemon.sms.gateways.unifonic" in found
    assert not found & {"httpx", "httpcore", "phonenumbers"}


@pytest.mark.parametrize(
    "table",
    [commands.TOP, commands.TICKETS, commands.MAIL, commands.OUTBOX],
    ids=["top", "tickets", "mail", "outbox"],
)
def test_every_command_can_be_asked_for_its_arguments(table: commands.Table) -> None:
    for name, adder, text in table:
        parser = commands.CommandParser(prog=name)
        parser.adder = adder

        with pytest.raises(SystemExit) as left:
            parser.parse_known_args(["--help"])

        assert left.value.code == 0, name
        assert text


@pytest.mark.parametrize(
    "wrong",
    [
        (),
        ("bogus",),
        ("tickets",),
        ("tickets", "show"),
        ("tickets", "list", "--limit", "0"),
        ("tickets", "close", "FRS-2026-000001-7"),
        ("outbox", "show", "x"),
        ("mail", "import"),
        ("db", "restore"),
        ("tickets", "list"),  # of which configuration?
    ],
    ids=" ".join,
)
def test_wrong_use_is_one_line_and_exit_code_2(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, wrong: tuple[str, ...]
) -> None:
    monkeypatch.delenv("SHAKWA_CONFIG", raising=False)

    try:
        code: object = main(wrong)
    except SystemExit as left:
        code = left.code

    told = capsys.readouterr()
    assert (code, told.out) == (2, "")
    assert len(told.err.splitlines()) == 1
