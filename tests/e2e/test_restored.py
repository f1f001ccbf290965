"""The commands themselves: complaints, a backup, more complaints, the database is gone, and comes back."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from tests.e2e.conftest import RunPy
from tests.integration.office import configuration, mail
from tests.servers.dovecot import Dovecot
from tests.servers.sms_gateway import SmsGateway
from tests.servers.smtp_sink import SmtpSink

COUNT = 12
"""Complaints after the backup; with 500 it was run by hand (docs/BACKUP.md)."""


def complaint(number: int) -> bytes:
    return mail(
        sender=f"c{number}@d{number}.example.sa",
        text=f"السلام عليكم\nطلبي رقم 2026{number:05d} متأخر\nجوالي 05{number:08d}\n",
        message_id=f"<c{number}@example.sa>",
    )


def test_what_came_after_the_backup_is_there_again_and_nobody_hears_twice(
    run_here: RunPy,
    imap_server: Dovecot,
    imap_user: str,
    smtp_server: SmtpSink,
    sms_server: SmsGateway,
    tmp_path: Path,
) -> None:
    limits = {"automatic_per_domain_per_hour": 100_000, "automatic_sms_in_all_per_hour": 100_000}
    url = f"sqlite:///{tmp_path / 'shakwa.db'}"
    config = configuration(
        url=url,
        folder=tmp_path,
        imap=imap_server,
        user=imap_user,
        smtp=smtp_server,
        sms=sms_server,
        changed={"limits": limits},
    )

    def run(*argv: str, fails: bool = False) -> str:
        done = run_here(*argv, config=config)
        assert (done.returncode != 0) == fails, done.stderr
        return done.stderr if fails else done.stdout

    def arrive(*numbers: int) -> None:
        mails = [complaint(number) for number in numbers]
        imap_server.append(mails, user=imap_user, internaldate=datetime.now(UTC))

    def heard() -> Counter[str]:
        mails = Counter(recipient for one in smtp_server.taken for recipient in one.rcpt_to)
        return mails + Counter(one.to for one in sms_server.sent)

    def numbers() -> dict[str, str]:
        return {
            one["requester"]["email"]: one["number"] for one in json.loads(run("tickets", "list", "--json"))
        }

    arrive(1)
    run("once")
    archive = json.loads(run("db", "backup", "--json"))["path"]
    arrive(*range(2, COUNT + 2))
    run("once")
    known, said = numbers(), heard()
    assert len(known) == COUNT + 1
    for path in tmp_path.glob("shakwa.db*"):
        path.unlink()

    assert "sending is on hold" in run("db", "restore", archive)
    assert "read the mailbox first" in run("outbox", "release", "--all", fails=True)
    arrive(COUNT + 2)
    run("once")
    assert known.items() <= numbers().items()
    assert heard() == said
    run("outbox", "release", "--all")
    run("once")

    new = {who.lstrip("+"): count for who, count in (heard() - said).items()}
    assert new == {
        f"c{COUNT + 2}@d{COUNT + 2}.example.sa": 1,
        f"9665{COUNT + 2:08d}": 1,
        "care@momah.gov.sa": 1,
    }
    assert "chain holds" in run("db", "check")
