"""Runs of the program that end by SIGKILL at a chosen boundary.

A boundary is the moment just before or just after something that cannot be taken back: a commit of something
written, a file kept, a fetch from the mailbox, a move in it, a hand-over to a courier. They are counted from
outside, by wrapping what the program calls; the program itself knows nothing of it.

As a process (`python -m tests.e2e.crashing`) this imports the program and reads its templates once, and
forks a child for each line of JSON on its standard input, {"id", "argv", "kill_at", "output"}. It answers
with {"id", "pid"} at once and with {"id", "code", "boundaries"} at the end: code -9 is the kill, `boundaries`
names those that the run had met.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import anyio._backends._asyncio
import httpcore
import httpx
import phonenumbers
from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

import daemon.assembly
import daemon.casework.mails
import daemon.cli.arguments.running
import daemon.cli.journal
import daemon.cli.main
import daemon.cli.running
import daemon.reading.mail
import daemon.reading.rules
import daemon.rulebook
import daemon.sms_gateways
import daemon.store.migrations
import daemon.store.shadow
import daemon.templating.engine
import daemon.workflow.beside
from daemon.config import Config, ConfigError, check
from daemon.mail.wire.imap.mailbox import Mailbox
from daemon.mail.wire.smtp.courier import SmtpCourier
from daemon.reading.reader import OwnReader
from daemon.sms.gateways.unifonic import UnifonicCourier
from daemon.store.files import FileStore
from daemon.templating.engine import TemplateSet
from daemon.templating.in_force import keys
from daemon.templating.sources import Folder

LOADED = (
    *(anyio._backends._asyncio, httpcore, httpx, phonenumbers, daemon.store.migrations, daemon.sms_gateways),
    *(daemon.casework.mails, daemon.reading.mail, daemon.cli.running, daemon.assembly, daemon.store.shadow),
    *(daemon.cli.arguments.running, daemon.cli.journal, daemon.workflow.beside),
)
"""Loaded by the program where it needs them; here before the fork."""
SAID = ("received", "info_requested", "in_progress", "staff_new", "staff_update", "operator_alert")
"""What nearly every run says."""
ROOT = Path(__file__).resolve().parents[2]


READING = ("SELECT", "PRAGMA", "BEGIN", "SAVEPOINT", "RELEASE")
"""What a transaction of these alone commits is nothing: a kill there is a kill at the boundary before it."""


class Boundaries:
    """Counts, and kills this process at number `kill_at` (from 1; 0: never)."""

    def __init__(self, kill_at: int, record: Callable[[str], None]) -> None:
        self._kill_at = kill_at
        self._record = record
        self._count = 0
        self._lock = threading.Lock()

    def met(self, name: str) -> None:
        with self._lock:
            self._count += 1
            self._record(name)
            if self._count == self._kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    # --- where they lie ---------------------------------------------------------------------------------

    def watch(self) -> None:
        self._watch_commits()
        self._watch_call(Mailbox, "move", "move")
        self._watch_call(SmtpCourier, "deliver", "smtp")
        self._watch_call(UnifonicCourier, "deliver", "sms")
        self._watch_fetch()
        self._watch_files()

    def _watch_commits(self) -> None:
        commit = DefaultDialect.do_commit
        writing: set[int] = set()

        def executed(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
            if not statement.startswith(READING):
                writing.add(id(connection.connection.dbapi_connection))

        def do_commit(dialect: Any, connection: Any) -> None:
            inner = getattr(connection, "dbapi_connection", connection)
            if id(inner) not in writing:
                commit(dialect, connection)
                return
            self.met("before commit")
            commit(dialect, connection)
            self.met("after commit")
            writing.discard(id(inner))

        event.listen(Engine, "before_cursor_execute", executed)
        DefaultDialect.do_commit = do_commit  # type: ignore[method-assign]

    def _watch_call(self, owner: type, method: str, name: str) -> None:
        original = getattr(owner, method)

        async def watched(*arguments: Any, **options: Any) -> Any:
            self.met(f"before {name}")
            result = await original(*arguments, **options)
            self.met(f"after {name}")
            return result

        setattr(owner, method, watched)

    def _watch_fetch(self) -> None:
        original = Mailbox.fetch

        async def fetch(*arguments: Any, **options: Any) -> AsyncIterator[Any]:
            async for mail in original(*arguments, **options):
                self.met("after fetch")
                yield mail

        Mailbox.fetch = fetch  # type: ignore[method-assign]

    def _watch_files(self) -> None:
        original = FileStore.put

        def put(store: FileStore, content: bytes) -> str:
            self.met("before file")
            sha256 = original(store, content)
            self.met("after file")
            return sha256

        FileStore.put = put  # type: ignore[method-assign]


def own_reader(config: Config) -> OwnReader:
    return OwnReader(daemon.rulebook.desk_rules(config).reading, daemon.rulebook.attachment_rules(config))


def run_child(order: dict[str, Any], names: Path) -> None:
    """In the forked child: the program with its boundaries watched. Never returns."""
    code = 70
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        output = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(output, 1)
        os.dup2(output, 2)
        log = os.open(names, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        Boundaries(order["kill_at"], lambda name: os.write(log, f"{name}\n".encode()) and None).watch()
        if "once" in order["argv"] or order.get("reads_itself"):
            # Hundreds of runs, and each would start workers for a second; other tests run with them.
            daemon.rulebook.pool_of = own_reader  # type: ignore[assignment]
        code = daemon.cli.main.main(order["argv"])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


class Shipped(Folder):
    """The texts that the program comes with, which tests enough have checked."""

    are_checked = True

    def are_as_shipped(self, *beginnings: str) -> bool:
        return True


def warmed(language: str) -> TemplateSet:
    """Them, with what is said in nearly every run compiled."""
    texts = TemplateSet(Shipped(ROOT / "templates"), language)
    for key in keys(language):
        if key.name in SAID:
            texts.revision(key)
    texts.render_email("staff_new", {}, "")  # with the cheat card
    return texts


def warm_configuration() -> None:
    """Have its models built."""
    with contextlib.suppress(ConfigError):
        check({}, ROOT)


def warm_reading() -> None:
    """Have every pattern compiled and every language's words read."""
    rules = daemon.reading.rules.ReadingRules("infocs@momah.gov.sa", "##", authserv_id="mx.momah.gov.sa")
    raw = "From: a@example.sa\r\nSubject: شكوى\r\n\r\nرقم الطلب: 2026999 تأخر\r\nجوالي 0501234567\r\n"
    daemon.reading.mail.read(raw.encode(), rules)


def main() -> None:
    """Forks on request until standard input ends; then ends the children that are left."""
    running: dict[int, tuple[str, Path]] = {}
    # To compile the texts and the page costs more than all the rest of a run.
    shipped = warmed("ar")
    warm_reading()
    warm_configuration()

    def templates(sources: object, language: str) -> TemplateSet:
        is_shipped = language == "ar" and getattr(sources, "folder", None) == ROOT / "templates"
        return shipped if is_shipped else TemplateSet(sources, language)  # type: ignore[arg-type]

    daemon.templating.engine.TemplateSet = templates  # type: ignore
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.collect()
    gc.freeze()  # a child's collector walks over nothing of this, which would copy every page of it

    def reap(flags: int) -> bool:
        try:
            pid, status = os.waitpid(-1, flags)
        except ChildProcessError:
            return False
        if not pid:
            return False
        order, names = running.pop(pid)
        met = names.read_text().splitlines() if names.exists() else []
        answer = {"id": order, "code": os.waitstatus_to_exitcode(status), "boundaries": met}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
        return True

    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    _serve(running, reap, reader)
    for pid in list(running):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    while running and reap(0):
        pass


def _serve(running: dict[int, tuple[str, Path]], reap: Callable[[int], bool], reader: int) -> None:
    import select

    pending = b""
    while True:
        ready, _, _ = select.select([0, reader], [], [])
        if reader in ready:
            os.read(reader, 4096)
            while reap(os.WNOHANG):
                pass
        if 0 not in ready:
            continue
        chunk = os.read(0, 65536)
        if not chunk:
            return
        *lines, pending = (pending + chunk).split(b"\n")
        for line in lines:
            order = json.loads(line)
            names = Path(order["output"] + f".{order['id']}.boundaries")
            pid = os.fork()
            if not pid:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                signal.signal(signal.SIGINT, signal.default_int_handler)
                run_child(order, names)
            running[pid] = (order["id"], names)
            sys.stdout.write(json.dumps({"id": order["id"], "pid": pid}) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
