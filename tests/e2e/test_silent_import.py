"""The old mail of a real mailbox, taken in silently by the command, and filed by the daemon."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from daemon.store import tickets
from tests.e2e.conftest import Forge
from tests.e2e.test_crash import Workshop, empty_sqlite, workshop
from tests.e2e.test_serve import complaints

__all__ = ["empty_sqlite", "workshop"]  # fixtures

OLD = datetime.now(UTC).replace(microsecond=0) - timedelta(days=400)


def test_old_mail_becomes_complaints_of_its_day_of_which_no_citizen_hears(
    forge: Forge, workshop: Workshop
) -> None:
    with workshop.lineage(mails=complaints(1)) as lineage:
        lineage.box.drop(complaints(2, 1), internaldate=OLD, user=lineage.user)
        assert forge.run(*lineage.arguments("once")).code == 0
        assert lineage.folders() == {"INBOX": 2, "Processed": 1, "Quarantine": 0}

        silently = ("--config", str(lineage.config), "mail", "import", "--mailbox", "--silent")
        imported = forge.run(*silently)
        again = forge.run(*silently)
        assert lineage.folders()["INBOX"] == 2, "the command only reads"
        passed = forge.run(*lineage.arguments("once"))

        assert "2 mails read, 2 new" in imported.said
        assert "0 mails read, 0 new" in again.said
        assert passed.code == 0
        assert lineage.folders() == {"INBOX": 0, "Processed": 3, "Quarantine": 0}
        found = [one.ticket.opened_at for one in lineage.database.read_now(tickets.walk)]
        assert sorted(found)[:2] == [OLD, OLD]
        told = {recipient for taken in lineage.smtp.taken for recipient in taken.rcpt_to}
        assert "c0@example.sa" in told
        assert not told & {"c1@example.sa", "c2@example.sa"}
