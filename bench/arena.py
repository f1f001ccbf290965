"""The surroundings of a measurement: a mail server, two sinks in processes of their own, a folder per run
with its configuration, and the measured program as a process with what it used.

What is measured runs alone in its process; nothing of this one shares an interpreter with it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.mails import ADDRESS, AUTHSERV_ID, mail
from tests.servers import wait_until
from tests.servers.dovecot import Dovecot, dovecot
from tests.servers.postgres import Postgres, postgres
from tests.servers.sms_gateway import SmsProcess, sms_process
from tests.servers.smtp_sink import SmtpProcess, smtp_process

ROOT = Path(__file__).resolve().parents[1]
TEAM = "care@momah.gov.sa"
FIRST = 900_000
"""The number of the mail that a run begins with; no measurement counts it."""
PASSES = 5
"""So many more may be needed until that mail is answered."""

_CONFIG = """\
[service]
public_url = "https://shakwa.example"
data_dir = "{folder}"
secret_key = "bench-bench-bench-bench-bench-bench"
operator = "operator@momah.gov.sa"
[database]
url = "{database}"
[mailbox]
address = "{address}"
host = "{imap_host}"
port = {imap_port}
security = "none"
username = "{user}"
password = "{password}"
authserv_id = "{authserv_id}"
[smtp]
host = "{smtp_host}"
port = {smtp_port}
security = "none"
[sms]
gateway = "unifonic"
sender = "MOMAH"
[sms.unifonic]
url = "{sms_url}"
app_sid = "{app_sid}"
[limits]
# A measurement is a flood: what holds back one is not what is measured.
automatic_per_address_per_hour = 1000000
automatic_per_number_per_hour = 1000000
automatic_per_number_per_day = 1000000
automatic_per_domain_per_hour = 1000000
automatic_mobiles_per_sender_per_day = 1000000
automatic_sms_per_domain_per_hour = 1000000
automatic_sms_per_proved_domain_per_hour = 1000000
automatic_sms_in_all_per_hour = 1000000
notices_per_sender = 1000000
[[teams]]
name = "care"
address = "{team}"
"""


@dataclass(frozen=True)
class Used:
    """What one process used: wall seconds from start to end, CPU seconds, and its largest resident size."""

    wall_s: float
    cpu_s: float
    peak_mb: float


@dataclass
class Program:
    """A started process. `end` gives what it used; `peak_mb` is what the kernel says so far."""

    process: subprocess.Popen[bytes]
    log: Path
    started_at: float = field(default_factory=time.perf_counter)
    peak_mb: float = 0.0

    def poll(self) -> bool:
        """Whether it still runs; remembers its peak, which /proc forgets with the process.

        VmHWM and not getrusage's maxrss, in which a child begins with its parent's size.
        """
        with contextlib.suppress(OSError, ValueError, IndexError):
            status = Path(f"/proc/{self.process.pid}/status").read_text()
            kilobytes = int(status.partition("VmHWM:")[2].split(maxsplit=1)[0])
            self.peak_mb = max(self.peak_mb, kilobytes / 1024)
        found = os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return found is None

    def end(self, *, stop: bool = False, timeout_s: float = 3600.0) -> Used:
        """Wait for its end, with `stop` after SIGTERM. Raises RuntimeError where it failed."""
        if stop:
            self.process.send_signal(signal.SIGTERM)
        until = time.monotonic() + timeout_s
        while self.poll():
            if time.monotonic() > until:
                self.process.kill()
                raise RuntimeError(f"not done within {timeout_s:.0f} s; see {self.log}")
            time.sleep(0.02)
        wall = time.perf_counter() - self.started_at
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        if self.process.returncode:
            raise RuntimeError(f"exit code {self.process.returncode}:\n{self.log.read_text()[-2000:]}")
        return Used(wall, usage.ru_utime + usage.ru_stime, self.peak_mb)


class Arena:
    """The servers of one session of measurements. Each run takes a mailbox user of its own."""

    def __init__(self, box: Dovecot, smtp: SmtpProcess, sms: SmsProcess, folder: Path) -> None:
        self.box = box
        self.smtp = smtp
        self.sms = sms
        self.folder = folder
        self._runs = 0

    def new_run(self, mails: Iterable[bytes] = (), *, database: str = "sqlite:///shakwa.db") -> Run:
        self._runs += 1
        run = Run(self, f"run{self._runs}", database)
        run.prepare()
        self.box.drop(mails, user=run.user)
        run.mailbox_count("INBOX")  # the server's own first look at them is not measured
        return run

    def answered_at(self) -> dict[str, float]:
        """When each recipient was sent the first e-mail; of an arena that keeps them."""
        found: dict[str, float] = {}
        for one in self.smtp.taken():
            found.setdefault(one.rcpt_to[0], one.at)
        return found

    def start(self, arguments: Sequence[str | Path], log: Path) -> Program:
        environment = {**os.environ, "SHAKWA_LOG": "WARNING", "PYTHONDONTWRITEBYTECODE": ""}
        with log.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, *map(str, arguments)],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        return Program(process, log)


class Run:
    """One run: a mailbox user, a folder with a configuration, and an empty database in it."""

    def __init__(self, arena: Arena, name: str, database: str) -> None:
        self.arena = arena
        self.user = f"{name}@momah.gov.sa"
        self.folder = arena.folder / name
        self.database = database
        self.start_s = 0.0
        self.start_cpu_s = 0.0
        """What a pass over a mailbox with one mail takes: interpreter, imports, workers, templates,
        connections."""
        self.before = (0, 0)
        self.filed_before = 0

    @property
    def config(self) -> Path:
        return self.folder / "shakwa.toml"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def sqlite_file(self) -> Path:
        return self.folder / "shakwa.db"

    def prepare(self) -> None:
        self.folder.mkdir()
        arena = self.arena
        self.config.write_text(
            _CONFIG.format(
                folder=self.folder,
                database=self.database,
                address=ADDRESS,
                imap_host=arena.box.host,
                imap_port=arena.box.port,
                user=self.user,
                password=arena.box.password,
                authserv_id=AUTHSERV_ID,
                smtp_host=arena.smtp.host,
                smtp_port=arena.smtp.port,
                sms_url=arena.sms.url,
                app_sid=arena.sms.app_sid,
                team=TEAM,
            )
        )
        self.daemon("once").end()  # makes the tables and the two folders
        # One mail, and not none: most of the program is loaded with the first one.
        arena.box.drop([mail(FIRST, sizes="small")], user=self.user)
        first = self.daemon("once").end()
        self.start_s, self.start_cpu_s = first.wall_s, first.cpu_s
        self._say_the_rest()
        self.filed_before = self.mailbox_count("Processed")
        self.before = (arena.smtp.count(), arena.sms.count())

    def _say_the_rest(self) -> None:
        """What a busy machine kept the first pass from sending must not count as the run's own. Raises
        RuntimeError."""
        listed = [ROOT / "run.py", "--config", self.config, "outbox", "list", "--json"]
        for _ in range(PASSES):
            said = subprocess.run(
                [sys.executable, *listed], capture_output=True, text=True, check=True
            ).stdout
            is_filed = self.mailbox_count("INBOX") == 0
            if is_filed and all(row["state"] == "sent" for row in json.loads(said)):
                return
            self.daemon("once").end()
        raise RuntimeError("the first mail is not answered in full")

    def daemon(self, *arguments: str) -> Program:
        return self.arena.start([ROOT / "run.py", "--config", self.config, *arguments], self.log)

    def mailbox_count(self, folder: str) -> int:
        return self.arena.box.count(folder, user=self.user)

    def accepted(self) -> tuple[int, int]:
        """E-mails and SMS that the sinks took since this run was made."""
        return self.arena.smtp.count() - self.before[0], self.arena.sms.count() - self.before[1]

    def wait_for_answers(self, writers: Sequence[str], timeout_s: float = 30.0) -> None:
        """Until each has an acknowledgement. What else goes out (a digest, an alert) is not counted, so it is
        asked who was written to; and seldom, since that reads all that was sent. Raises TimeoutError."""
        looked_at = -1

        def is_done() -> bool:
            nonlocal looked_at
            if (accepted := self.accepted()[0]) == looked_at:
                return False
            looked_at = accepted
            return set(writers) <= self.arena.answered_at().keys()

        wait_until(is_done, timeout_s, "the answers")

    def verify(self, mails: int) -> None:
        """Each mail was answered in full and filed. Raises RuntimeError, with the program's log."""
        wanted = (2 * mails, mails)
        with contextlib.suppress(TimeoutError):
            wait_until(lambda: self.accepted() == wanted, 3.0)
        filed = self.mailbox_count("Processed"), self.mailbox_count("INBOX")
        if self.accepted() != wanted or filed != (self.filed_before + mails, 0):
            said = self.log.read_text()[-2000:]
            raise RuntimeError(
                f"of {mails} mails: {self.accepted()} e-mails and SMS, {filed} processed and left\n{said}"
            )

    def clean(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.arena.box.maildir(user=self.user), ignore_errors=True)


@contextlib.contextmanager
def arena(*, keep_mails: bool = False) -> Iterator[Arena]:
    """Raises MissingServer."""
    with (
        tempfile.TemporaryDirectory(prefix="shakwa-bench-") as folder,
        dovecot() as box,
        smtp_process(keep=keep_mails) as smtp,
        sms_process() as sms,
    ):
        yield Arena(box, smtp, sms, Path(folder))


@contextlib.contextmanager
def durable_postgres() -> Iterator[Postgres]:
    """Raises MissingServer."""
    with postgres(durable=True) as server:
        yield server


def progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
