"""Shadow mode beside the present team, and the step to live: the program as a process, on real servers."""

from __future__ import annotations

import imaplib
import json
import time
from pathlib import Path

import pytest

from daemon.store import inbox, tickets
from tests.e2e.conftest import Forge
from tests.e2e.test_crash import Lineage, Workshop, empty_sqlite, workshop
from tests.e2e.test_serve import complaints, ends_within, serve
from tests.integration.office import mail
from tests.servers import wait_until

__all__ = ["empty_sqlite", "workshop"]  # fixtures


def in_shadow(lineage: Lineage, *command: str) -> tuple[str, ...]:
    path = lineage.config.with_name("shadow.toml")
    text = lineage.config.read_text()
    path.write_text(text.replace("[service]", '[service]\nmode = "shadow"', 1))
    return ("--config", str(path), *command)


def seen_by_others(lineage: Lineage) -> dict[str, bytes]:
    """Each file of the mailbox: its name holds the flags, its folder whether anybody was told of it."""
    place: Path = lineage.box.maildir("INBOX", lineage.user)
    return {path.name: path.read_bytes() for kind in ("new", "cur") for path in (place / kind).iterdir()}


@pytest.mark.parametrize("command", ["once", "serve"])
def test_in_shadow_mode_all_is_decided_and_nothing_moved_marked_or_sent(
    forge: Forge, workshop: Workshop, command: str
) -> None:
    with workshop.lineage(mails=complaints(3)) as lineage:
        before = seen_by_others(lineage)

        if command == "once":
            assert forge.run(*in_shadow(lineage, "once")).code == 0
        else:
            daemon = forge.start(*in_shadow(lineage, "serve"))
            rows = lineage.rows
            wait_until(lambda: len(rows()) == 6 and {row.state for row in rows()} == {"sent"}, 30, "the end")
            assert "shadow mode" in daemon.said
            assert ends_within(daemon, 10) == 0

        assert len(list(lineage.database.read_now(tickets.walk))) == 3
        assert {(row.state, row.gateway) for row in lineage.rows()} == {("sent", "shadow")}
        after = seen_by_others(lineage)
        assert sorted(after.values()) == sorted(before.values())
        assert {name.partition(":2,")[2] for name in after} <= {""}, "no mail was marked"
        assert lineage.folders() == {"INBOX": 3, "Processed": 0, "Quarantine": 0}
        assert not lineage.box.maildir("Processed", lineage.user).exists()
        assert lineage.smtp.taken == []
        assert lineage.sms.sent == []


def test_going_live_files_what_was_read_repeats_nothing_and_answers_what_comes(
    forge: Forge, workshop: Workshop
) -> None:
    with workshop.lineage(mails=complaints(2)) as lineage:
        forge.run(*in_shadow(lineage, "once"))
        told = json.loads(
            forge.run(*in_shadow(lineage, "report", "--shadow", "--json", "--from", "2026-01-01")).said
        )
        lineage.box.drop(complaints(1, 2), user=lineage.user)

        daemon = serve(forge, lineage)
        wait_until(lambda: lineage.folders()["Processed"] == 3, 30, "filing")
        lineage.smtp.wait_for(2)
        code = ends_within(daemon, 10)

        assert code == 0
        assert {one.rcpt_to[0] for one in lineage.smtp.taken} & {"c0@example.sa", "c1@example.sa"} == set()
        assert lineage.smtp.messages_to("c2@example.sa")
        assert len(list(lineage.database.read_now(tickets.walk))) == 3
        assert len(list(lineage.database.read_now(inbox.walk))) >= 3
        assert len(told["unsent"]) == 4
        assert {one["notification"] for one in told["unsent"]} >= {"received", "staff_new"}


def test_the_report_stands_beside_what_the_team_really_sent_and_changes_nothing_there(
    forge: Forge, workshop: Workshop
) -> None:
    answers = [mail("care@example.sa", answers=answered) for answered in ("<0@x>", "<elsewhere@x>")]
    with workshop.lineage(mails=complaints(2)) as lineage:
        forge.run(*in_shadow(lineage, "once"))
        client = lineage.box.client(lineage.user)
        client.create("Sent")
        for one in answers:
            client.append("Sent", "", imaplib.Time2Internaldate(time.time() - 60), one)
        asked = ("report", "--shadow", "--json", "--from", "2026-01-01", "--sent")

        told = json.loads(forge.run(*in_shadow(lineage, *asked)).said)["beside"]
        refused = forge.run(*in_shadow(lineage, *asked, "No such"))
        client.select("Sent", readonly=True)
        _, flags = client.fetch("1:*", "(FLAGS)")
        client.logout()

        assert told["counts"] == {"both": 1, "team": 0, "desk": 1, "neither": 0}
        assert told["unrelated"] == 1
        (both,) = [one for one in told["conversations"] if one["answered_by"] == "both"]
        assert len(both["team"]) == 1
        assert [said["notification"] for said in both["desk"]] == ["received"]
        assert refused.code == 1
        assert "the folder 'No such' cannot be read" in refused.said
        assert all(b"Seen" not in bytes(str(one), "ascii") for one in flags), "nothing was marked"
