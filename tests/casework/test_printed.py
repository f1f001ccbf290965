"""Every command over a database in which every column that strangers or servers fill is hostile."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Connection, Text, select, update

from daemon import rulebook
from daemon.cli import commands
from daemon.cli.main import main
from daemon.reading.reader import OwnReader
from daemon.rulebook import desk_rules
from daemon.store.schema import metadata
from tests.casework.conftest import OpenOffice
from tests.casework.test_other_channels import BY_PHONE, brought
from tests.casework.test_whole_life import STAFF
from tests.integration.office import Office, mail
from tests.unit.test_plain import steers

HOSTILE = "\x1b]0;x\x07\x1b[2J\r\x08\x9b1m\x85\u2028\u202eexe.\u2066\nforged"
RAW = (
    b"From: =?utf-8?B?G1sySuKArg==?= <eve@example.net>\r\nSubject: a\x1b[2J =?utf-8?B?G1sySuKArg==?=\r\n"
    b"Message-ID: <x\x1b[2J@example.net>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n\r\nx\x1b[2J\xe2\x80\xaey\r\n--b\r\n"
    b'Content-Disposition: attachment; filename="\x1b[2J\xe2\x80\xae.exe"\r\n\r\nz\r\n--b--\r\n'
)
# What the program writes from its own closed lists, or derives: no stranger chooses it.
OURS = {
    *("state", "source", "kind", "outcome", "reason", "channel", "audience", "event", "notification"),
    *("close_reason", "category", "escalation", "verdict", "number", "proof", "claimed_by"),
    *("sha256", "fingerprint", "idempotency_key", "request_hash"),
}
BY_NUMBER = {"tickets": ("show",)}
BY_ID = {"mail": ("show", "explain", "replay", "release", "block"), "outbox": ("show",)}
# They print what the loops tell, through the same streams.
WORKING = {"canary", "doctor", "once", "sandbox", "serve"}


def poison(connection: Connection) -> list[str]:
    """Make every other text hostile; returns the columns."""
    done = []
    for table in metadata.sorted_tables:
        for column in table.columns:
            is_text = isinstance(column.type, Text) and not column.primary_key and not column.foreign_keys
            if not is_text or column.name in OURS or isinstance(column.type, JSON):
                continue
            rows = connection.execute(select(*table.primary_key.columns, column)).all()
            for *key, value in rows:
                here = [one == part for one, part in zip(table.primary_key.columns, key, strict=True)]
                connection.execute(
                    update(table).where(*here).values({column: f"{value or ''}{HOSTILE}{key}"})
                )
            done += [f"{table.name}.{column.name}"] if rows else []
    return done


async def lived(office: Office) -> None:
    await office.handle(mail())
    await brought(office, BY_PHONE)
    await office.handle(RAW)


def asked(office: Office) -> list[list[str]]:
    """Every command that reads, with each ticket, mail and message."""
    number = office.tickets()[0].number
    mails, messages = [str(row.id) for row in office.inbox()], [str(row.id) for row in office.outbox()]
    return [
        ["tickets", "list"],
        *(["tickets", "show", one.number] for one in office.tickets()),
        ["tickets", "show", number, "--deadlines"],
        ["tickets", "add", number, "--kind", "information", "--text", "نص"],
        ["tickets", "note", number, "--text", "نص"],
        ["tickets", "merge", office.tickets()[1].number, number],
        ["tickets", "attachment", "no-such-file"],
        ["mail", "list"],
        *(["mail", how, one] for one in mails for how in BY_ID["mail"]),
        ["mail", "blocked"],
        ["mail", "unblock", "a\x1b[2J@b.example"],
        ["mail", "export", "--jsonl"],
        ["mail", "import", "no-such-file\x1b[2J"],
        ["outbox", "list"],
        *(["outbox", "show", one] for one in messages),
        ["outbox", "retry", "--failed"],
        ["outbox", "hold", "--kind", "survey", "--why", HOSTILE, "--by", HOSTILE],
        ["outbox", "list"],
        ["outbox", "release", "--channel", "sms"],
        ["outbox", "cancel", messages[0], "--why", HOSTILE],
        ["simulate", "--to", "2027-01-31", "--recipients"],
        ["report", "--from", "2026-11-01", "--to", "2026-12-31"],
        ["report", "--from", "2026-11-01", "--format=csv"],
        ["report", "--from", "2026-11-01", "--json"],
        ["db", "check"],
        ["privacy", "hold", number, "--why", HOSTILE, "--by", HOSTILE],
        ["privacy", "hold", "0501234567", "--why", HOSTILE],
        ["privacy", "holds"],
        ["privacy", "erase", "a\x1b[2J@b.example", "0501234567", "--dry-run"],
        ["privacy", "erase", "khalid@example.sa", "--force"],
        ["privacy", "unhold", "a\x1b[2J"],
        ["privacy", "export", "sara@sara.example", "--output", "no-such-folder\x1b[2J/a.zip"],
        ["privacy", "retention", "--by", HOSTILE],
        ["audit", "list"],
        ["audit", "verify", "--head", "a\x1b[2J"],
        ["audit", "export", "--to", "no-such-folder\x1b[2J/a.jsonl"],
        ["tickets", "export", number, "--to", "no-such-folder\x1b[2J/a.tar"],
        ["tickets", "verify", "no-such-folder\x1b[2J/a.tar"],
        ["secret", "api-key", "a\x1b[2J"],
        ["init", "--yes", "--no-units", "--address", "a\x1b[2J"],
        ["init", "--yes", "--no-units", "--password-file", "no-such-file\x1b[2J"],
        ["templates", "list"],
        ["templates", "check", "closed", "--channel", "sms"],
        ["templates", "preview", "closed"],
        ["templates", "test-send", "closed", "--to", "a\x1b[2J"],
        ["templates", "save", "closed", str(Path(__file__)), "--by", "a\x1b[2J", "--why", HOSTILE],
        ["templates", "history", "closed"],
        ["templates", "diff", "closed"],
        ["templates", "rollback", "closed", "a\x1b[2J"],
        ["templates", "approve", "closed", "a\x1b[2J"],
        ["templates", "off", "survey\x1b[2J", "--why", HOSTILE],
        ["templates", "on", "survey\x1b[2J", "--why", HOSTILE],
        ["tickets", "close", number, "--reason", "spam"],
        ["tickets", "escalate", number],
    ]


async def test_no_command_prints_what_steers_a_terminal(
    open_office: OpenOffice,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # What the workers are, other tests show: here they would take most of the time.
    monkeypatch.setattr(rulebook, "pool_of", lambda config: OwnReader(desk_rules(config).reading))
    async with open_office(**STAFF) as office:
        await lived(office)
        poisoned = office.system.database.transact_now(poison)
        config = str(next(tmp_path.glob("*.toml")))
        capsys.readouterr()

        shown = {}
        for command in asked(office):
            with contextlib.suppress(SystemExit):
                main(["--config", config, *command])
            shown[" ".join(command)] = "".join(capsys.readouterr())

    assert {"tickets.subject", "tickets.requester_name", "messages.text", "outbox.recipient"} <= set(poisoned)
    for command, printed in shown.items():
        # CSV has line ends and a mark of its own (RFC 4180).
        words = printed.removeprefix("\ufeff").replace("\r\n", "\n") if "csv" in command else printed
        assert steers(words) == [], command
        assert "Traceback" not in printed
        assert "failed unexpectedly" not in printed, (command, printed)
    assert sum("\\u001b" in printed for printed in shown.values()) >= 10, "the hostile values were shown"
    forged = {
        command
        for command, printed in shown.items()
        if any(line.startswith("forged") for line in printed.splitlines())
    }
    assert forged == set(), "no value makes a line of its own"


async def test_a_json_document_has_the_very_values(
    open_office: OpenOffice, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office(**STAFF) as office:
        await lived(office)
        office.system.database.transact_now(poison)
        config = str(next(tmp_path.glob("*.toml")))
        capsys.readouterr()

        found: Any = {}
        for command in (["tickets", "list"], ["mail", "list"], ["outbox", "list"]):
            main(["--config", config, *command, "--json"])
            printed = capsys.readouterr().out
            assert steers(printed) == []
            found[command[0]] = json.loads(printed)

    assert HOSTILE in found["tickets"][0]["subject"]
    assert HOSTILE in found["mail"][0]["message_id"]
    assert HOSTILE in found["outbox"][0]["recipient"]


async def test_an_act_tells_what_it_did_in_one_document(
    open_office: OpenOffice, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office(**STAFF) as office:
        await lived(office)
        first = office.tickets()[0].number
        mails = [str(row.id) for row in office.inbox()]
        config = str(next(tmp_path.glob("*.toml")))
        capsys.readouterr()

        def told(*command: str) -> Any:
            assert main(["--config", config, *command, "--json"]) == 0
            return json.loads(capsys.readouterr().out)

        assert told("tickets", "note", first, "--text", "نص")["number"] == first
        assert told("outbox", "hold", "--kind", "survey", "--why", "w") == {"held": 0}
        assert told("outbox", "release", "--kind", "survey") == {"released": 0}
        assert told("outbox", "retry", "--failed") == {"retried": 0}
        assert told("mail", "block", mails[0]) == {"id": int(mails[0]), "blocked": "khalid@example.sa"}
        assert told("mail", "unblock", "khalid@example.sa") == {"unblocked": "khalid@example.sa"}
        assert told("privacy", "hold", first, "--why", "w") == {"scope": "ticket", "on_hold": True}
        assert told("privacy", "unhold", first) == {"scope": "ticket", "on_hold": False}
        assert told("templates", "off", "survey_reminder") == {"notification": "survey_reminder", "off": True}
        assert told("templates", "preview", "closed", "--channel", "sms")["text"]
        assert told("tickets", "close", first, "--reason", "spam")["number"] == first
        waiting = [row.id for row in office.outbox() if row.state == "queued"]
        assert told("outbox", "cancel", "--all") == {"cancelled": len(waiting)}


def test_no_command_is_forgotten() -> None:
    """A new command is asked above, or named here with why not."""
    tried = Path(__file__).read_text("utf-8")
    families = {
        "tickets": commands.TICKETS,
        "mail": commands.MAIL,
        "templates": commands.TEMPLATES,
        "audit": commands.AUDIT,
    }

    for name, *_ in commands.TOP:
        assert name in WORKING or f'["{name}", ' in tried, name
    not_asked = {"open"}  # prints what `add` prints
    for family, table in families.items():
        for name, *_ in table:
            asked_for = f'["{family}", "{name}"' in tried or name in (*BY_NUMBER["tickets"], *BY_ID["mail"])
            assert asked_for or name in not_asked, f"{family} {name}"
