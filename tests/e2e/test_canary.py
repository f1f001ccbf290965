"""A canary over real servers: out by the relay, into the mailbox, through the running daemon, and back."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

from daemon.store import tickets
from tests.conftest import started
from tests.e2e.conftest import ROOT, Forge
from tests.e2e.moved_clock import RIYADH, daemon_at, libfaketime
from tests.e2e.test_crash import Lineage, Workshop, empty_sqlite, workshop
from tests.integration.office import MAILBOX, OPERATOR
from tests.servers import wait_until

__all__ = ["empty_sqlite", "workshop"]  # fixtures

LEGS = ["sent", "arrived", "decided", "answered", "returned"]


@contextlib.contextmanager
def carrying(lineage: Lineage) -> Iterator[None]:
    """The relay puts into the mailbox what is sent to it, as the ministry's does."""
    is_over, local = threading.Event(), MAILBOX.partition("@")[0]

    def carry() -> None:
        seen = 0
        while not is_over.wait(0.05):
            taken = list(lineage.smtp.taken)
            for one in taken[seen:]:
                if any(to.startswith(local) for to in one.rcpt_to):
                    lineage.box.drop([one.content], user=lineage.user)
            seen = len(taken)

    thread = threading.Thread(target=carry, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join(20)


def test_it_comes_through_the_real_mailbox_is_timed_and_counts_nowhere(
    forge: Forge, workshop: Workshop
) -> None:
    with workshop.lineage(mails=[]) as lineage:
        daemon = forge.start(*lineage.arguments("serve"))
        wait_until(lambda: "the mailbox is ours" in daemon.said, 60, "the mailbox")
        with carrying(lineage):
            found = subprocess.run(
                [sys.executable, ROOT / "run.py", *lineage.arguments("canary"), "--json", "--timeout", "120"],
                cwd=ROOT,
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
        wait_until(lambda: lineage.folders()["INBOX"] == 0, 60, "filing")

        assert found.returncode == 0, (found.stderr, daemon.said)
        told = json.loads(found.stdout)
        assert told["ok"]
        assert [leg["leg"] for leg in told["legs"]] == LEGS
        assert told["seconds"] == told["legs"][-1]["seconds"] > 0
        assert lineage.database.read_now(tickets.walk) == []
        assert {
            to for one in lineage.smtp.taken for to in one.rcpt_to if not to.startswith("infocs")
        } == set()


def test_while_the_way_into_the_mailbox_is_cut_the_operator_hears_of_it(workshop: Workshop) -> None:
    """The relay takes all and brings nothing to the mailbox: nothing else inside the desk could notice."""
    now = datetime(2026, 11, 29, 10, tzinfo=RIYADH)
    with started(libfaketime()), workshop.lineage(mails=[], canary={"every_minutes": 5}) as lineage:
        output = lineage.config.with_suffix(".log")
        with daemon_at(now, lineage.config, output) as (_, clock):
            wait_until(lambda: "the mailbox is ours" in output.read_text(), 120, "the mailbox")
            for number, minutes in enumerate((2, 8, 14), 1):
                clock.set(now + timedelta(minutes=minutes))
                wait_until(lambda wanted=number: _canaries(lineage) >= wanted, 120, "the next canary")
            clock.set(now + timedelta(minutes=16))
            wait_until(lambda: _alarms(lineage), 180, f"an alarm: {output.read_text()[-2000:]}")

        assert "a canary is lost: it was sent, and did not come into the mailbox" in output.read_text()


def _canaries(lineage: Lineage) -> int:
    return sum(MAILBOX.partition("@")[0] in to for one in lineage.smtp.taken for to in one.rcpt_to)


def _alarms(lineage: Lineage) -> list[int]:
    return [
        row.id
        for row in lineage.rows()
        if (row.notification, row.recipient, row.state) == ("operator_alert", OPERATOR, "sent")
    ]
