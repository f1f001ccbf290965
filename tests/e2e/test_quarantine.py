"""`mail import`, `release`, `block`, `unblock`, `blocked`, right and wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from daemon.clock import SystemClock
from daemon.store import arrivals, inbox, migrations
from daemon.store.database import Database
from tests.e2e.conftest import RunPy
from tests.integration.office import configuration_alone, mail
from tests.integration.rows import PLACE


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return configuration_alone(tmp_path)


def set_aside(config: Path, *raws: bytes) -> None:
    """Rows in quarantine, as the desk leaves them."""
    folder = config.parent / "data"
    folder.mkdir(exist_ok=True)
    database = Database(f"sqlite:///{folder}/shakwa.db")
    migrations.ensure(database)
    now = SystemClock().now()
    mails = [
        arrivals.Arrival(uid, now, raw, f"{uid}", f"{uid}", f"<{uid}@x>") for uid, raw in enumerate(raws, 1)
    ]
    for inbox_id in database.transact_now(arrivals.take_in, PLACE, mails, now, owner="me"):
        assert inbox_id is not None
        outcome = inbox.Outcome("quarantined", "human", "quarantined", "spam", ["set aside"])
        database.transact_now(inbox.finish, "me", inbox_id, outcome, now)
    database.close()


def test_the_operator_releases_blocks_and_unblocks(run_here: RunPy, config: Path) -> None:
    set_aside(config, mail(), mail("sales@spam.example"), mail("x@gmail.com"), mail("care@momah.gov.sa"))

    assert run_here("mail", "release", "1", config=config).returncode == 0
    assert run_here("mail", "block", "<2@x>", config=config).returncode == 0
    assert run_here("mail", "block", "2", "--domain", config=config).returncode == 0
    listed = json.loads(run_here("mail", "blocked", "--json", config=config).stdout)
    assert [(one["pattern"], one["blocked_by"], one["mail"]) for one in listed] == [
        ("sales@spam.example", "operator", 2),
        ("@spam.example", "operator", 2),
    ]
    assert run_here("mail", "unblock", "spam.example", config=config).returncode == 0
    assert "sales@spam.example" in run_here("mail", "blocked", config=config).stdout

    states = [row["state"] for row in json.loads(run_here("mail", "list", "--json", config=config).stdout)]
    assert states == ["queued", "quarantined", "quarantined", "quarantined"]
    explained = run_here("mail", "explain", "3", config=config).stdout
    assert "called spam by the mail server" in explained
    for argv, says in (
        (("release", "1"), "mail 1 is not in quarantine (queued, quarantined)"),
        (("block", "3", "--domain"), "@gmail.com is a public mail service"),
        (("block", "4"), "care@momah.gov.sa is an address of our own"),
        (("unblock", "nobody@x.example"), "nobody@x.example is not blocked"),
    ):
        run = run_here("mail", *argv, config=config)
        assert (run.returncode, run.stderr.count("\n")) == (1, 1), run.stderr
        assert says in run.stderr


def test_mail_is_imported_once(run_here: RunPy, config: Path, tmp_path: Path) -> None:
    box = tmp_path / "archive.mbox"
    first, second = (mail(message_id=f"<{number}@x>").replace(b"\r\n", b"\n") for number in (1, 2))
    stamp = b"From khalid@example.sa Sun Nov  1 09:00:00 2020\n"
    box.write_bytes(stamp + first + b"\n" + stamp + second + b"\n")
    maildir = tmp_path / "Maildir"
    for name in ("cur", "new", "tmp"):
        (maildir / name).mkdir(parents=True)
    (maildir / "new" / "1604221200.M1.host").write_bytes(mail(message_id="<3@x>"))
    (maildir / "cur" / "1604221100.M1.host:2,S").write_bytes(first)

    run = run_here("mail", "import", box, config=config)
    assert run.returncode == 0, run.stderr
    assert "2 mails read, 2 new" in run.stdout
    again = run_here("mail", "import", maildir, "--at-delivery-date", config=config)
    assert "2 mails read, 1 new" in again.stdout, again.stderr

    rows = json.loads(run_here("mail", "list", "--json", config=config).stdout)
    assert [row["message_id"] for row in rows] == ["<1@x>", "<2@x>", "<3@x>"]
    assert [row["received_at"].startswith("2020-11-01T12:00:00") for row in rows] == [False, False, True]
    for path, says in (
        (config, "shakwa.toml: no mbox"),
        (tmp_path, "no Maildir"),
    ):
        run = run_here("mail", "import", path, config=config)
        assert (run.returncode, run.stderr.count("\n")) == (1, 1), run.stderr
        assert says in run.stderr
