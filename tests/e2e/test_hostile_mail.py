"""Mails that were made to stop the desk, beside an ordinary citizen's: the daemon with its workers."""

from __future__ import annotations

import base64
import json
import tarfile
import time
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from types import SimpleNamespace

import pytest

from daemon.store import inbox
from tests.e2e.conftest import Forge, RunPy
from tests.e2e.test_crash import Workshop, empty_sqlite, workshop
from tests.e2e.test_serve import complaints, ends_within, serve
from tests.integration.office import OPERATOR, configuration
from tests.servers import wait_until

__all__ = ["empty_sqlite", "workshop"]  # fixtures


def carriage_returns() -> bytes:
    """What once held everything for seconds: a base64 text of bare CRs."""
    body = base64.encodebytes(b"\r" * 147_000)
    return b"From: a@evil.example\r\nSubject: x\r\nContent-Transfer-Encoding: base64\r\n\r\n" + body


def pax_digits(size: int = 400_000) -> bytes:
    """A tar whose PAX header is one number without an end (CVE-2024-6232 in Python before 3.11.10)."""
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, size
    packed = header.tobuf(tarfile.USTAR_FORMAT) + b"1" * size + b"\0" * (-size % 512)
    inner = tarfile.TarInfo("a.txt")
    packed += inner.tobuf(tarfile.USTAR_FORMAT) + b"\0" * 1024
    made = EmailMessage(policy=SMTP)
    made["From"], made["Subject"] = "b@evil.example", "x"
    made.set_content("text")
    made.add_attachment(packed, maintype="application", subtype="x-tar", filename="a.tar")
    return made.as_bytes()


def test_an_ordinary_citizen_is_answered_while_hostile_mails_are_read(
    forge: Forge, workshop: Workshop
) -> None:
    with workshop.lineage(mails=complaints(1)) as lineage:
        daemon = serve(forge, lineage)
        lineage.smtp.wait_for(2)
        hostile = [carriage_returns(), pax_digits(), pax_digits(500_000)]

        began = time.monotonic()
        lineage.box.append([*hostile, *complaints(1, first=50)], user=lineage.user)
        wait_until(lambda: lineage.smtp.messages_to("c50@example.sa"), 30, "the citizen's acknowledgement")
        answered_s = time.monotonic() - began

        unread = lineage.database.read_now
        wait_until(lambda: unread(inbox.unread_since) is None, 60, "the end of the hostile mails")
        found = {row.reason for row in lineage.database.read_now(inbox.walk) if row.state == "quarantined"}
        if found:
            wait_until(lambda: lineage.smtp.messages_to(OPERATOR), 30, "the alert to the operator")
        code = ends_within(daemon, 10)

    assert code == 0
    assert answered_s < 15, "on a busy machine; at rest it is under a second"
    assert found <= {"too_costly"}
    assert "Traceback" not in daemon.said


# --- the commands that read mail again ---------------------------------------------------------------------

# Whatever library or pattern is at fault: this one of the configuration never comes to an end.
ENDLESS = {"workflow": {"technical_patterns": ["(z+z+)+!"]}}
FREEZING = b"From: c@evil.example\r\nSubject: x\r\nMessage-ID: <freezing@evil.example>\r\n\r\n" + b"z" * 400
ORDINARY = "From: d@example.sa\r\nMessage-ID: <plain@example.sa>\r\n\r\nرقم الطلب 4401\r\n".encode()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Of a desk whose servers nobody asks."""
    nobody = SimpleNamespace(host="127.0.0.1", port=9, password="x", url="http://127.0.0.1:9", app_sid="x")
    return configuration(
        url="sqlite:///shakwa.db",
        folder=tmp_path,
        imap=nobody,
        user="x",
        smtp=nobody,
        sms=nobody,
        changed=ENDLESS,
    )


@pytest.fixture
def hostile(config: Path, tmp_path: Path, run_py: RunPy) -> Path:
    """The configuration of a database that holds mails that froze the desk, and one ordinary mail last."""
    box = tmp_path / "hostile.mbox"
    mails = [carriage_returns(), pax_digits(), FREEZING, ORDINARY]
    box.write_bytes(b"".join(b"From x Sun Nov 22 09:00:00 2026\n" + one + b"\n\n" for one in mails))
    taken = run_py("mail", "import", box, config=config)
    assert taken.stdout.startswith("4 mails read, 4 new"), taken.stderr
    return config


def test_an_export_comes_to_its_end_with_a_line_for_each_mail(hostile: Path, run_py: RunPy) -> None:
    done = run_py("mail", "export", "--jsonl", config=hostile)

    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["id"] for line in lines] == [1, 2, 3, 4]
    assert all(line["sha256"] for line in lines)
    assert (lines[2]["message_id"], lines[2]["text"]) == ("<freezing@evil.example>", "")
    assert "4401" in lines[3]["text"], "the mail behind them is read"


def test_each_command_about_a_hostile_mail_comes_to_its_end(hostile: Path, run_py: RunPy) -> None:
    for command in ("show", "explain", "replay", "block", "release"):
        done = run_py("mail", command, "<freezing@evil.example>", config=hostile)

        assert done.returncode in (0, 1)
        assert "Traceback" not in done.stderr
        assert "unexpectedly" not in done.stderr
        assert command != "show" or "more of the machine's time or memory" in done.stdout


def test_a_hostile_file_is_given_out_within_the_limits(hostile: Path, run_py: RunPy) -> None:
    """`once` reads and judges all of them; the mailbox being away, it says so."""
    done = run_py("once", config=hostile)

    assert "Traceback" not in done.stderr
    listed = json.loads(run_py("mail", "list", "--json", config=hostile).stdout)
    assert {one["reason"] for one in listed if one["state"] == "quarantined"} >= {"too_costly"}
    assert [one["state"] for one in listed][-1] == "done"
    for one in listed:
        if one["ticket"]:
            shown = json.loads(run_py("tickets", "show", one["ticket"], "--json", config=hostile).stdout)
            for message in shown["messages"]:
                for file in message["attachments"]:
                    given = run_py("tickets", "attachment", file["name"], "--withheld", config=hostile)
                    assert given.returncode in (0, 1), given.stderr
