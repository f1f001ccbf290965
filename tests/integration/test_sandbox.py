"""`run.py sandbox` as whoever tries the program meets it: a process, its story, its addresses, its end."""

from __future__ import annotations

import contextlib
import imaplib
import json
import os
import re
import select
import shlex
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest

from daemon.sandbox.clock import SandboxClock
from daemon.sandbox.servers import AUTHSERV_ID, at_the_border
from tests.conftest import started
from tests.e2e.moved_clock import libfaketime
from tests.servers import followed, wait_until

ROOT = Path(__file__).resolve().parents[2]
NUMBER = re.compile(r"FRS-\d{4}-\d{6}-\d")
DESK = "infocs@momah.gov.sa"


def environment(temporary: Path) -> dict[str, str]:
    """Nothing configured, no locale, temporary files in a folder of the test's own."""
    temporary.mkdir(exist_ok=True)
    return {"TMPDIR": str(temporary), "PATH": os.environ["PATH"]}


def run(
    temporary: Path, *arguments: str, at: tuple[str, ...] = (), is_followed: bool = False
) -> subprocess.CompletedProcess[str]:
    program = followed.run_py() if is_followed else [sys.executable, str(ROOT / "run.py")]
    return subprocess.run(
        [*at, *program, *arguments],
        env=environment(temporary),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=600,
    )


class Running:
    """A sandbox that was told to stay: what it prints, line by line."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.text = ""
        self._rest = b""

    def read_until(self, condition: Callable[[str], bool], what: str, timeout_s: float = 300.0) -> None:
        until = time.monotonic() + timeout_s
        assert self.process.stdout is not None
        while not condition(self.text):
            assert time.monotonic() < until, f"{what} did not come:\n{self.text[-3000:]}"
            if select.select([self.process.stdout], [], [], 0.2)[0]:
                found = os.read(self.process.stdout.fileno(), 65536)
                assert found, f"it ended before {what}:\n{self.text[-3000:]}"
                *lines, self._rest = (self._rest + found).split(b"\n")
                self.text += "".join(line.decode() + "\n" for line in lines)

    def named(self, name: str) -> str:
        """The value that stands behind `name` in the list of addresses."""
        found = re.search(rf"^    {name} +(\S+)", self.text, re.MULTILINE)
        assert found is not None
        return found[1]

    @property
    def smtp_port(self) -> int:
        return int(self.named("SMTP").rpartition(":")[2])

    @property
    def imap_port(self) -> int:
        return int(self.named("IMAP").rpartition(":")[2])

    def command_line(self, beginning: str) -> str:
        return next(line for line in self.text.splitlines() if line.startswith(beginning))

    def command(self, *arguments: str) -> Any:
        """Another process on the printed configuration; its JSON."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "run.py"), "--config", self.named("config"), *arguments, "--json"],
            capture_output=True,
            timeout=600,
            check=True,
        )
        return json.loads(done.stdout)

    def send(self, sender: str, text: str, subject: str = "شكوى") -> None:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, DESK, subject
        mail.set_content(text)
        with smtplib.SMTP("127.0.0.1", self.smtp_port, local_hostname="localhost", timeout=120) as smtp:
            smtp.send_message(mail)

    def folder_count(self, name: str) -> int:
        password = re.search(r"password (\S+)", self.text)
        assert password is not None
        with imaplib.IMAP4("127.0.0.1", self.imap_port, timeout=120) as imap:
            imap.login(DESK, password[1])
            return int(imap.select(name, readonly=True)[1][0] or 0)


@contextlib.contextmanager
def staying(temporary: Path, *arguments: str, is_followed: bool = False) -> Iterator[Running]:
    program = followed.run_py() if is_followed else [sys.executable, str(ROOT / "run.py")]
    process = subprocess.Popen(
        [*program, "sandbox", *arguments],
        env=environment(temporary),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    with process:
        try:
            yield Running(process)
        finally:
            if process.poll() is None:
                process.kill()


@contextlib.contextmanager
def kept_in(temporary: Path, *, is_followed: bool = False) -> Iterator[Running]:
    with staying(temporary, "--keep", is_followed=is_followed) as sandbox:
        sandbox.read_until(lambda text: "Ctrl-C ends it." in text, "the addresses")
        yield sandbox


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Running]:
    """One of the test's own, which it may end."""
    with kept_in(tmp_path / "t", is_followed=True) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One for all tests that only use it: its story is most of what such a test costs."""
    with kept_in(tmp_path_factory.mktemp("shared") / "t") as sandbox:
        yield sandbox


def ended(sandbox: Running) -> tuple[int, float, str, str]:
    """SIGTERM, then the exit code, how many seconds it took, and what it said last and wrongly."""
    since = time.monotonic()
    sandbox.process.send_signal(signal.SIGTERM)
    out, errors = sandbox.process.communicate(timeout=600)
    return sandbox.process.returncode, time.monotonic() - since, out.decode(), errors.decode()


# --- the story --------------------------------------------------------------------------------------------


Told = tuple[subprocess.CompletedProcess[str], float, Path]


@pytest.fixture(scope="module")
def told_once(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """One ordinary run: the process, its seconds, its folder for temporary files."""
    temporary = tmp_path_factory.mktemp("told") / "t"
    since = time.monotonic()
    done = run(temporary, "sandbox")
    return done, time.monotonic() - since, temporary


def test_the_story_is_told_in_numbered_steps_and_proves_itself(told_once: Told) -> None:
    done, took_s, _ = told_once

    assert (done.returncode, done.stderr) == (0, "")
    assert took_s < 90  # about six seconds where nobody else wants the machine
    numbers = sorted(set(NUMBER.findall(done.stdout)))
    assert len(numbers) == 4
    steps = [int(found) for found in re.findall(r"^ ?(\d+)\. ", done.stdout, re.MULTILINE)]
    assert steps == list(range(1, len(steps) + 1))
    assert len(steps) > 10
    for told in (
        "ورقم الطلب: ٢٠٢٦١٢٣٤٥",  # what came in, as it was written
        f"Subject: Re: طلبي متأخر [{numbers[0]}]",
        f"سُجلت شكواكم برقم {numbers[0]}",  # the SMS, without direction marks
        "routed: answers a mail of ours about " + numbers[1],
        "routed: same requester and request number as " + numbers[0],
        "In-Reply-To is the citizen's own Message-ID",
        "classified auto",
        "the call centre reports it to the intake API",  # a telephone call, and its page
        "Behind the link, her status page: http://127.0.0.1:",
        "Behind the link, the survey's page: http://127.0.0.1:",
        "ما مدى رضاكم عن معالجة الشكوى؟",
        "ولتجنب إغلاق الشكوى",  # the warning before the closure
        f"{numbers[3]} is closed for no response, and he was told so.",
        "The wish counts, because the complaint was closed without processing",
        f"{numbers[3]} is hers now",  # the escalation was accepted
        "#حل راجعنا الطلب مع الجهة المختصة",
        "His page shows the same.",
    ):
        assert told in " ".join(re.sub(r"\n +\|? *", " ", done.stdout).split()), told
    delays = [float(found) for found in re.findall(r", (\d+\.\d+) s after the mail", done.stdout)]
    assert len(delays) >= 8
    assert max(delays) < 10


def test_the_story_is_plain_text_where_nobody_watches_and_leaves_no_trace(told_once: Told) -> None:
    done, _, temporary = told_once

    assert "\x1b" not in done.stdout
    assert not [line for line in done.stdout.splitlines() if line != line.rstrip()]
    assert list(temporary.iterdir()) == []


def test_days_pass_in_seconds_and_every_deadline_falls_due(tmp_path: Path) -> None:
    """In the night before a weekend, when what speaks to citizens waits for a morning days later."""
    with started(libfaketime()):
        night = ("env", "TZ=Asia/Riyadh", "faketime", "2026-12-02 23:30:00")  # a Wednesday
        done = run(tmp_path / "t", "sandbox", "--fast", "5", at=night, is_followed=True)

    assert (done.returncode, done.stderr) == (0, "")
    exceeded = re.findall(r"FRS-\S+: the time for the processing was exceeded", done.stdout)
    assert len(exceeded) == 2  # the others were resolved, closed, rated
    assert "is rated 5 of 5" in done.stdout
    assert done.stdout.count("a business day") >= 10
    assert "not a business day" in done.stdout


def test_a_claim_that_does_not_hold_is_a_failure_in_one_line(tmp_path: Path) -> None:
    program = (
        "import sys; from daemon.sandbox import messages; messages.REQUEST_OF_KHALID = '1'\n"
        "from daemon.cli.main import main; sys.exit(main(['sandbox']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment(tmp_path / "t"),
        capture_output=True,
        encoding="utf-8",
        timeout=600,
    )

    assert done.returncode == 1
    assert done.stderr == "run.py: the sandbox failed: the request number was not found\n"
    assert list((tmp_path / "t").iterdir()) == []


@pytest.mark.parametrize("seconds", ["1", "soon", "-5", "nan"])
def test_a_senseless_pace_is_wrong_use(tmp_path: Path, seconds: str) -> None:
    done = run(tmp_path / "t", "sandbox", f"--fast={seconds}")

    assert done.returncode == 2
    assert "Traceback" not in done.stderr


# --- left running -----------------------------------------------------------------------------------------


def test_it_is_used_from_another_process_and_ends_cleanly(kept: Running, tmp_path: Path) -> None:
    states = [one["state"] for one in kept.command("tickets", "list")]
    assert states == ["closed", "open", "open", "resolved"]

    kept.send("هند المطيري <hind@example.net>", "رقم الطلب ٧٧١١٢٢ وقد تجاوز المدة. جوالي 0533334444")
    kept.read_until(lambda text: "to hind@example.net" in text, "the acknowledgement")
    wait_until(lambda: kept.folder_count("INBOX") == 0, 15, "the mail to be filed")

    (ticket,) = [one for one in kept.command("tickets", "list") if one["request_number"] == "771122"]
    shown = kept.command("tickets", "show", ticket["number"])
    assert {(row["notification"], row["channel"]) for row in shown["outbox"]} == {
        ("received", "email"),
        ("received", "sms"),
        ("staff_new", "email"),
    }
    written = next(row for row in kept.command("mail", "list") if row["ticket"] == ticket["number"])
    assert kept.command("mail", "explain", str(written["id"]))["ticket"] == ticket["number"]
    assert kept.command("outbox", "show", str(shown["outbox"][0]["id"]))["recipient"] == "hind@example.net"
    letters = list(Path(kept.named("letters")).glob("*-hind@example.net.eml"))
    assert len(letters) == 1
    assert ticket["number"] in letters[0].read_text()

    code, took_s, last, errors = ended(kept)
    assert (code, errors) == (0, "")
    assert took_s < 10
    assert "rm -r " in last
    with pytest.raises(ProcessLookupError):
        os.killpg(kept.process.pid, 0)
    for port in (kept.smtp_port, kept.imap_port):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=5)
    (folder,) = (tmp_path / "t").iterdir()
    assert folder.stat().st_mode & 0o077 == 0
    # What was kept is still readable by every command that needs no server.
    assert len(kept.command("tickets", "list")) == 5


def decided(told: str, outcome: str) -> bool:
    """Whether a mail came to that since the reader was told how to send one."""
    since = told.rpartition("Send a complaint yourself")[2]
    return re.search(rf"decided   mail \d+: {outcome}", since) is not None


def test_the_printed_commands_do_what_they_promise(shared: Running) -> None:
    python = shared.command_line("python3 -c").replace("python3", shlex.quote(sys.executable), 1)
    subprocess.run(python, shell=True, check=True, timeout=600)
    shared.read_until(lambda text: decided(text, "opened"), "the first complaint")
    subprocess.run(python, shell=True, check=True, timeout=600)
    shared.read_until(lambda text: decided(text, "joined"), "the second one")

    *_, answer = [line for line in shared.text.splitlines() if line.startswith("python3 -c")]
    assert "اطلعنا على شكواكم" in answer
    subprocess.run(
        answer.replace("python3", shlex.quote(sys.executable), 1), shell=True, check=True, timeout=600
    )
    shared.read_until(lambda text: "said by e-mail: answer of staff" in text, "the answer of staff")
    call = shared.command_line("curl -sS http://")
    done = subprocess.run(call, shell=True, capture_output=True, timeout=600, check=True)
    assert json.loads(done.stdout)["state"] == "open"

    looks = [line for line in shared.text.splitlines() if line.startswith(sys.executable)]
    assert len(looks) >= 5
    for line in looks:
        done = subprocess.run(line, shell=True, capture_output=True, timeout=600)
        assert done.returncode == 0, (line, done.stdout.decode(), done.stderr.decode())


def test_the_border_tells_proved_from_unproved_and_refuted(shared: Running) -> None:
    undelivered = "by e-mail could not be delivered"
    assert not decided(shared.text, "quarantined")
    assert undelivered not in shared.text
    text = "رقم الطلب 55667788 وقد تجاوز المدة"
    shared.send("a@unproven.example", text, "سر الموضوع")
    shared.read_until(lambda told: "to a@unproven.example" in told, "the answer to an unproved sender")
    shared.send("b@forged.example", text)
    shared.read_until(lambda told: decided(told, "quarantined"), "the quarantine")
    shared.send("c@refuses.example", text)
    shared.read_until(lambda told: undelivered in told, "the failed delivery")

    (answer,) = Path(shared.named("letters")).glob("*-a@unproven.example.eml")
    assert "سر الموضوع" not in answer.read_text()
    assert not list(Path(shared.named("letters")).glob("*forged*"))
    wait_until(lambda: shared.folder_count("Quarantine") == 1, 15, "the mail in Quarantine")


def test_stopped_in_the_middle_it_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    with staying(tmp_path / "t", "--fast", "60") as sandbox:
        sandbox.read_until(lambda text: "the days go by" in text, "the last act")
        code, took_s, _, errors = ended(sandbox)

    assert (code, errors) == (1, "run.py: stopped before the play was over\n")
    assert took_s < 10
    assert list((tmp_path / "t").iterdir()) == []


# --- its parts --------------------------------------------------------------------------------------------


def test_the_clock_runs_faster_without_a_jump() -> None:
    clock = SandboxClock()
    before = clock.now()
    clock.run_at(86_400)
    hurried = clock.now()
    assert timedelta() <= hurried - before < timedelta(hours=12)

    until = time.monotonic() + 5
    while clock.now() - hurried < timedelta(hours=1):
        assert time.monotonic() < until
    clock.run_at(1)
    late = clock.now()
    assert timedelta() <= clock.now() - late < timedelta(seconds=5)


def test_the_border_believes_no_verdict_that_a_mail_brings_along() -> None:
    brought = (
        b"Authentication-Results: mx.sandbox.example;\r\n dmarc=pass\r\nFrom: a@forged.example\r\n\r\nx\r\n"
    )

    raw = at_the_border(brought, "a@forged.example", "client\r\nX: y", SandboxClock().now())

    head, _, body = raw.partition(b"\r\n\r\n")
    assert head.lower().count(b"authentication-results") == 1
    assert f"{AUTHSERV_ID}; dmarc=fail header.from=forged.example".encode() in head
    assert b"\r\nX: y" not in head
    assert b"\r\nMessage-ID: <" in head
    assert body == b"x\r\n"


def test_whoever_keeps_it_running_can_sign_in_as_its_admin(shared: Running) -> None:
    printed = re.search(r"admin +(\S+)/admin/ +name (\S+) +password (\S+)", shared.text)
    assert printed is not None
    url, name, password = printed.groups()

    with httpx.Client(base_url=url, headers={"Sec-Fetch-Site": "same-origin"}) as browser:
        wrong = browser.post("/admin/sign-in", data={"name": name, "password": "another one"})
        right = browser.post("/admin/sign-in", data={"name": name, "password": password})
        home = browser.get("/admin/")

    assert [wrong.status_code, right.status_code, home.status_code] == [401, 303, 200]
    assert name in home.text
