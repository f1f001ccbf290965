"""A Dovecot of our own: one process tree, one temporary folder, any user name with one password.

Runs as root (mail belongs to `nobody` then) and as an ordinary user.
"""

from __future__ import annotations

import contextlib
import grp
import imaplib
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from daemon.mail.wire.imap.syntax import encode_folder
from tests.servers import MissingServer, answers, end_family, free_port, is_running, wait_until
from tests.servers.certificates import make_certificate

PASSWORD = "pw-tests"  # with nothing a shell or a config file would read as syntax
USER = "infocs@momah.gov.sa"

_CONFIG = """\
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log
protocols = imap
listen = 127.0.0.1
instance_name = {instance}
ssl = {ssl}
ssl_cert = <{root}/cert.pem
ssl_key = <{root}/key.pem
auth_failure_delay = 0
disable_plaintext_auth = no
auth_mechanisms = plain login
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {group}
default_process_limit = 200
default_client_limit = 2000
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{root}/mail/%u
mail_max_userip_connections = 200
mailbox_list_index = yes
{extra}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
  # Dovecot slows down logins from an address that failed before: our tests share one.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


@dataclass
class Dovecot:
    """A running server. `port` speaks plain IMAP, `tls_port` (0 without TLS) IMAP over TLS with a
    certificate that only `ca_file` vouches for."""

    root: Path
    port: int
    tls_port: int
    user: str = USER
    password: str = PASSWORD
    host: str = "127.0.0.1"
    _uid: int = 0
    _gid: int = 0
    _counter: Iterator[int] = field(default_factory=itertools.count)

    @property
    def ca_file(self) -> Path:
        return self.root / "cert.pem"

    def maildir(self, folder: str = "INBOX", user: str | None = None) -> Path:
        base = self.root / "mail" / (user or self.user)
        return base if folder == "INBOX" else base / f".{encode_folder(folder)}"

    def client(self, user: str | None = None) -> imaplib.IMAP4:
        client = imaplib.IMAP4(self.host, self.port, timeout=30)
        client.login(f'"{user or self.user}"', self.password)
        return client

    def append(
        self,
        messages: Iterable[bytes],
        *,
        folder: str = "INBOX",
        internaldate: datetime | None = None,
        user: str | None = None,
    ) -> None:
        """Through APPEND, with `internaldate` (aware; default now). About 1 ms a message."""
        when = imaplib.Time2Internaldate(internaldate or datetime.now(UTC))
        client = self.client(user)
        try:
            for message in messages:
                status, answer = client.append(_quote(folder), "", when, message)
                assert status == "OK", answer
        finally:
            client.logout()

    def drop(
        self, messages: Iterable[bytes], *, internaldate: datetime | None = None, user: str | None = None
    ) -> None:
        """Straight into the Maildir's `new`, as a delivery agent does: the fastest way to many mails."""
        self._prepare(user)
        base = self.maildir(user=user)
        seconds = (internaldate or datetime.now(UTC)).timestamp()
        for message in messages:
            name = f"{int(time.time())}.M{next(self._counter)}P{os.getpid()}.test"
            path = base / "tmp" / name
            path.write_bytes(message)
            os.utime(path, (seconds, seconds))  # Dovecot takes INTERNALDATE from mtime
            if os.geteuid() == 0:
                os.chown(path, self._uid, self._gid)
            path.rename(base / "new" / name)

    def read(self, folder: str = "INBOX", *, user: str | None = None) -> list[bytes]:
        """The raw messages of `folder` in order of UID, [] if there is no such folder."""
        client = self.client(user)
        try:
            status, _ = client.select(_quote(folder), readonly=True)
            if status != "OK":
                return []
            _, found = client.uid("SEARCH", "ALL")
            uids = (found[0] or b"").split()
            raw: list[bytes] = []
            for start in range(0, len(uids), 200):
                part = b",".join(uids[start : start + 200]).decode()
                _, answer = client.uid("FETCH", part, "(BODY.PEEK[])")
                raw += [item[1] for item in answer if isinstance(item, tuple)]
            return raw
        finally:
            client.logout()

    def count(self, folder: str = "INBOX", *, user: str | None = None) -> int:
        client = self.client(user)
        try:
            status, answer = client.select(_quote(folder), readonly=True)
            return int(answer[0] or b"0") if status == "OK" else 0
        finally:
            client.logout()

    def log(self) -> str:
        path = self.root / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def start(self) -> None:
        if self.is_up:
            return
        shutil.rmtree(self.root / "run", ignore_errors=True)  # sockets left by a kill
        # Into a file: the daemon keeps its output open, and a pipe would never end.
        with (self.root / "output").open("wb") as output:
            done = subprocess.run(
                [_program(), "-c", str(self.root / "dovecot.conf")],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                timeout=30,
                check=False,
            )
        if done.returncode:
            said = (self.root / "output").read_text(errors="replace")
            raise RuntimeError(f"dovecot did not start: {said}{self.log()}")
        wait_until(lambda: answers(self.port), what="dovecot")

    def stop(self) -> None:
        """End it, connections included, by its own process id; `start` brings it back with its mail."""
        pid = self._pid()
        if pid is None:
            return
        # All at once and not gently: the master alone would wait for clients to leave, and a Maildir
        # needs no farewell.
        end_family(pid, "dovecot")

    @property
    def is_up(self) -> bool:
        pid = self._pid()
        return pid is not None and is_running(pid)

    def _pid(self) -> int | None:
        try:
            return int((self.root / "run" / "master.pid").read_text())
        except (FileNotFoundError, ValueError):
            return None

    def _prepare(self, user: str | None) -> None:
        if not (self.maildir(user=user) / "new").is_dir():
            client = self.client(user)  # Dovecot makes the Maildir with the right owner
            client.select("INBOX")
            client.logout()


@contextlib.contextmanager
def dovecot(*, tls: bool = False, user: str = USER, extra: str = "") -> Iterator[Dovecot]:
    """Start a Dovecot and stop it at the end. `extra` is more configuration, such as
    "imap_capability = IMAP4rev1" to take abilities away. Raises MissingServer."""
    _program()
    # Not pytest's tmp_path: sockets need a short path, and `nobody` must be able to enter.
    root = Path(tempfile.mkdtemp(prefix="sk-imap-"))
    root.chmod(0o755)
    uid, gid, internal, login, group = _users()
    make_certificate(root)
    for name in ("mail", "home", "state"):
        (root / name).mkdir()
        os.chown(root / name, uid, gid)
    server = Dovecot(root, free_port(), free_port() if tls else 0, user=user, _uid=uid, _gid=gid)
    (root / "dovecot.conf").write_text(
        _CONFIG.format(
            root=root,
            instance=root.name,
            ssl="yes" if tls else "no",
            internal=internal,
            login=login,
            group=group,
            password=PASSWORD,
            uid=uid,
            gid=gid,
            port=server.port,
            tls_port=server.tls_port,
            extra=extra,
        )
    )
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(root, ignore_errors=True)


def messages(count: int, *, size_bytes: int = 400, first: int = 0) -> list[bytes]:
    """`count` different small Arabic mails for tests that need many."""
    body = "السلام عليكم، الطلب 12345 متأخر.\r\n"
    return [
        (
            f"From: c{number}@example.sa\r\nTo: {USER}\r\nSubject: complaint {number}\r\n"
            f"Message-ID: <m{number}@example.sa>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
            + body
            * max(1, size_bytes // 60)
        ).encode()
        for number in range(first, first + count)
    ]


def _program() -> str:
    path = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if path is None:
        raise MissingServer("dovecot-core dovecot-imapd")
    if not any(Path(folder, "imap").exists() for folder in ("/usr/lib/dovecot", "/usr/libexec/dovecot")):
        raise MissingServer("dovecot-imapd")
    return path


def _users() -> tuple[int, int, str, str, str]:
    if os.geteuid() == 0:
        names = {entry.pw_name for entry in pwd.getpwall()}
        nobody = pwd.getpwnam("nobody")
        internal = "dovecot" if "dovecot" in names else "nobody"
        login = "dovenull" if "dovenull" in names else "nobody"
        group = grp.getgrgid(pwd.getpwnam(internal).pw_gid).gr_name
        return nobody.pw_uid, nobody.pw_gid, internal, login, group
    me = pwd.getpwuid(os.geteuid())
    return me.pw_uid, me.pw_gid, me.pw_name, me.pw_name, grp.getgrgid(me.pw_gid).gr_name


def _quote(folder: str) -> str:
    return '"' + encode_folder(folder).replace('"', '\\"') + '"'
