"""Attachments through the program as a process: passed on, fetched by link, and safe from kills and hangs."""

from __future__ import annotations

import itertools
import json
import re
import signal
import socket
import threading
import time
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest

from daemon.templating.defanging import defanged
from tests.casework.test_attachments import MB, PDF, carrying, files_of
from tests.e2e.conftest import Forge, Run, RunPy
from tests.integration.office import TEAM, configuration, read, text_of
from tests.servers import wait_until
from tests.servers.clamd import INFECTED, SIGNATURE, ClamdServer
from tests.servers.dovecot import Dovecot
from tests.servers.sms_gateway import SmsGateway
from tests.servers.smtp_sink import SmtpSink

_users = itertools.count()


class Workplace:
    """The servers, and a configuration and mailbox of its own for each use."""

    def __init__(self, box: Dovecot, smtp: SmtpSink, sms: SmsGateway, folder: Path) -> None:
        self.box, self.smtp, self.sms, self.folder = box, smtp, sms, folder
        self.user = ""

    def configure(self, **changed: Any) -> Path:
        self.user = f"attach-{next(_users)}-{time.monotonic_ns()}@momah.gov.sa"
        folder = self.folder / self.user
        folder.mkdir()
        return configuration(
            url="sqlite:///shakwa.db",
            folder=folder,
            imap=self.box,
            user=self.user,
            smtp=self.smtp,
            sms=self.sms,
            changed=changed,
        )

    def arrive(self, *mails: bytes) -> None:
        self.box.append(mails, user=self.user)

    def told(self, team: str = TEAM) -> list[EmailMessage]:
        return [read(taken.content) for taken in self.smtp.messages_to(team)]


@pytest.fixture
def place(imap_server: Dovecot, smtp_server: SmtpSink, sms_server: SmsGateway, tmp_path: Path) -> Workplace:
    return Workplace(imap_server, smtp_server, sms_server, tmp_path)


def started(forge: Forge, config: Path) -> Run:
    run = forge.start("--config", str(config), "serve")
    wait_until(lambda: "started" in run.said or run.ended.is_set(), 30, "start")
    assert not run.ended.is_set(), run.said
    return run


def ended(run: Run) -> None:
    run.send(signal.SIGTERM)
    assert run.wait(12) == 0, run.said


def test_staff_get_the_small_file_and_a_link_to_the_large_one_and_nobody_the_infected_one(
    forge: Forge, place: Workplace, clamd_server: ClamdServer, run_py: RunPy
) -> None:
    config = place.configure(
        web={"enabled": True, "port": 0},
        clamav={"socket": str(clamd_server.path), "fail_closed": True},
        limits={"attachments_to_staff_mb": 1},
    )
    run = started(forge, config)
    try:
        big = PDF.ljust(2 * MB, b"x")
        place.arrive(carrying(("s.pdf", PDF), ("b.pdf", big), ("v.pdf", PDF + INFECTED)))
        wait_until(place.told, 20, "the notice")

        (notice,) = place.told()
        assert list(files_of(notice).values()) == [PDF]
        assert defanged(SIGNATURE) in text_of(notice)
        found = re.search(r"https://shakwa\.example(/f/\S+)", text_of(notice))
        served = re.search(r"serving on (http://\S+)", run.said)
        assert found
        assert served
        with httpx.Client(base_url=served[1]) as web:
            got = web.get(found[1])
            assert got.content == big
            assert got.headers["content-disposition"].startswith("attachment;")
            assert got.headers["content-security-policy"].startswith("sandbox")
        assert found[1].split("/")[2] not in run.said, "a link to a file is a secret"
    finally:
        ended(run)

    number = json.loads(run_py("tickets", "list", "--json", config=config).stdout)[0]["number"]
    shown = json.loads(run_py("tickets", "show", number, "--json", config=config).stdout)
    assert [one["verdict"] for one in shown["messages"][0]["attachments"]] == ["clean", "clean", "infected"]


def test_a_scanner_that_hangs_holds_up_neither_the_end_nor_the_mail_after_it(
    forge: Forge, place: Workplace
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]
        asked = threading.Event()

        def accept() -> None:
            channel, _ = deaf.accept()
            asked.set()
            channel.recv(10)
            stopped.wait(30)
            channel.close()

        stopped = threading.Event()
        listener = threading.Thread(target=accept)
        listener.start()
        config = place.configure(clamav={"socket": f"127.0.0.1:{port}", "timeout_seconds": 60})
        run = started(forge, config)
        try:
            place.arrive(carrying(("s.pdf", PDF)))
            assert asked.wait(20)
            began = time.monotonic()
        finally:
            ended(run)
            stopped.set()
            listener.join(10)
        assert time.monotonic() - began < 10
    assert place.told() == []

    changed = config.read_text().replace(f"127.0.0.1:{port}", "")
    config.write_text(changed)
    again = started(forge, config)
    try:
        wait_until(place.told, 30, "the notice")
    finally:
        ended(again)
    assert list(files_of(place.told()[0]).values()) == [PDF]


def test_a_kill_around_the_files_leaves_each_of_them_once_and_staff_with_it(
    forge: Forge, place: Workplace
) -> None:
    def live(number: int) -> Run:
        """A life that is killed at that boundary (0: not), and one after it."""
        team = f"care{number}@momah.gov.sa"
        config = place.configure(smtp={"connections": 1}, teams=[{"name": "care", "address": team}])
        place.arrive(carrying(("a.pdf", PDF), ("b.pdf", PDF + b"2"), sender=f"k{number}@example.sa"))
        run = forge.run("--config", str(config), "once", kill_at=number)
        for _ in range(2):
            assert forge.run("--config", str(config), "once").code == 0
        notices = place.told(team)
        assert {str(notice["Message-ID"]) for notice in notices} == {str(notices[0]["Message-ID"])}
        assert len({notice.as_bytes() for notice in notices}) == 1, "a repeat is the same, byte for byte"
        assert list(files_of(notices[0]).values()) == [PDF, PDF + b"2"]
        files = [path for path in (config.parent / "data" / "files").rglob("*") if path.suffix == ".bin"]
        assert len(files) == 2
        return run

    met = live(0).boundaries
    assert met.count("before file") == 2
    # Around the files each one, and what follows them until all is said; others are `test_crash`'s.
    first = met.index("before file") + 1
    until = len(met) - met[::-1].index("after smtp")
    chosen = [*range(first, first + 6), *range(first + 6, until + 1, 2)]
    codes = [live(number).code for number in chosen]

    assert codes.count(-9) >= len(chosen) - 2
