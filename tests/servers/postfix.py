"""A Postfix of our own: one process tree, one temporary folder with its configuration, queue and mailboxes.

Needs root, as Postfix's master does. The machine's own Postfix, if there is one, is not touched.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import shutil
import socketserver
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers import MissingServer, answers, end_family, free_port, wait_until
from tests.servers.certificates import make_certificate
from tests.servers.smtp_sink import smtp_sink

PROGRAMS = Path("/usr/lib/postfix/sbin")
HOME = "momah.gov.sa"
"""Its own domain: every address there has a mailbox."""
TAKEN = "taken.example.sa"
"""A domain whose mail arrives in a mailbox too; the first mail to `grey@` there is put off."""
GONE = "gone.example.sa"
"""A domain whose mail is taken and then comes back: its own server knows nobody."""
SLOW = "slow.example.sa"
"""A domain whose mail is taken and waits: its own server puts everybody off."""

_MAIN = """\
compatibility_level = 3.6
queue_directory = {root}/spool
data_directory = {root}/data
command_directory = /usr/sbin
daemon_directory = {programs}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {root}/log
maillog_file_prefixes = {root}
myhostname = mx.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
default_database_type = texthash
alias_maps =
alias_database =
local_recipient_maps =
smtputf8_enable = yes
strict_smtputf8 = yes
fast_flush_domains =
recipient_delimiter = +
mynetworks = 127.0.0.0/8
virtual_mailbox_domains = {home}, {taken}
virtual_mailbox_base = {root}/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
relay_domains = {gone}, {slow}
relay_recipient_maps =
transport_maps = inline:{{ {gone}=smtp:[127.0.0.1]:{next_port}, {slow}=smtp:[127.0.0.1]:{next_port} }}
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:{policy_port}
smtpd_tls_cert_file = {root}/cert.pem
smtpd_tls_key_file = {root}/key.pem
smtpd_tls_security_level = encrypt
smtpd_client_event_limit_exceptions =
smtpd_peername_lookup = no
delay_warning_time = 1s
minimal_backoff_time = 1s
queue_run_delay = 1s
"""
_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
127.0.0.1:{slow_port} inet n - n - - smtpd -o smtpd_client_message_rate_limit=2
postlog unix-dgram n - n - 1 postlogd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
smtp unix - - n - - smtp
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
"""
_SPOOL = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "saved", "trace")


@dataclass
class Postfix:
    """A running server. `port` and `hasty_port` demand STARTTLS, with a certificate that `ca_file` vouches
    for; on `hasty_port` two mails a minute are taken."""

    root: Path
    port: int
    hasty_port: int
    host: str = "127.0.0.1"
    greylisted: set[str] = field(default_factory=set)
    """Recipients that were put off once."""

    @property
    def ca_file(self) -> Path:
        return self.root / "cert.pem"

    def mails(self) -> list[bytes]:
        """What arrived in any mailbox, in order of arrival."""
        found = (self.root / "mail").glob("all/new/*")
        return [path.read_bytes() for path in sorted(found, key=lambda path: path.stat().st_mtime_ns)]

    def wait_for(self, *words: bytes, timeout_s: float = 20.0) -> bytes:
        """The first mail that holds all of `words`."""
        found: list[bytes] = []

        def is_there() -> bool:
            found[:] = [one for one in self.mails() if all(word in one for word in words)]
            return bool(found)

        try:
            wait_until(is_there, timeout_s, f"a mail with {words}")
        except TimeoutError as error:
            raise TimeoutError(f"{error}; Postfix said: {self.log()[-2000:]}") from None
        return found[0]

    def log(self) -> str:
        path = self.root / "log"
        return path.read_text(errors="replace") if path.exists() else ""


@contextlib.contextmanager
def postfix() -> Iterator[Postfix]:
    """Start a Postfix and stop it at the end. Raises MissingServer."""
    if not (PROGRAMS / "master").exists() or os.geteuid() != 0:
        raise MissingServer("postfix (and root to run it)")
    root = Path(tempfile.mkdtemp(prefix="sk-smtp-"))
    root.chmod(0o755)
    server = Postfix(root, free_port(), free_port())
    try:
        with _policy(server.greylisted) as policy_port, smtp_sink() as next_hop:
            next_hop.rcpt[f"khalid@{GONE}"] = "550 5.1.1 no such user here"
            next_hop.rcpt["*"] = "450 4.2.1 not now"
            _furnish(server, policy_port, next_hop.port)
            master = start(root, server.port)
            try:
                yield server
            finally:
                stop(master)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _furnish(server: Postfix, policy_port: int, next_port: int) -> None:
    root, nobody = server.root, pwd.getpwnam("nobody")
    make_certificate(root)
    (root / "mail").mkdir()
    os.chown(root / "mail", nobody.pw_uid, nobody.pw_gid)
    values = {"uid": nobody.pw_uid, "gid": nobody.pw_gid, "policy_port": policy_port, "programs": PROGRAMS}
    values |= {"home": HOME, "taken": TAKEN, "gone": GONE, "slow": SLOW, "root": root, "next_port": next_port}
    furnish(root, _MAIN.format(**values), _MASTER.format(port=server.port, slow_port=server.hasty_port))


def furnish(root: Path, main: str, master: str) -> None:
    """The folders of a Postfix below `root`, with its two files."""
    owner, drop = pwd.getpwnam("postfix"), grp.getgrnam("postdrop").gr_gid
    for folder in ("etc", "spool", "spool/pid"):
        (root / folder).mkdir()
    for name in (*(f"spool/{one}" for one in _SPOOL), "spool/private", "data"):
        (root / name).mkdir(mode=0o700)
        os.chown(root / name, owner.pw_uid, 0)
    for name, mode in (("public", 0o710), ("maildrop", 0o730)):
        (root / "spool" / name).mkdir()
        os.chown(root / "spool" / name, owner.pw_uid, drop)
        (root / "spool" / name).chmod(mode)
    (root / "etc" / "main.cf").write_text(main)
    (root / "etc" / "master.cf").write_text(master)


def start(root: Path, port: int) -> subprocess.Popen[bytes]:
    """The master process of a furnished Postfix, once it answers on `port`."""
    with (root / "output").open("wb") as output:
        master = subprocess.Popen(
            [PROGRAMS / "master", "-c", root / "etc", "-d"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "MAIL_CONFIG": str(root / "etc")},
        )
    wait_until(lambda: answers(port) or master.poll() is not None, what="postfix")
    if master.poll() is not None:
        log = root / "log"
        said = (root / "output").read_text(errors="replace") + (log.read_text() if log.exists() else "")
        raise RuntimeError(f"postfix did not start: {said}")
    return master


def stop(master: subprocess.Popen[bytes]) -> None:
    """By its own process id, with its children; a queue that is thrown away needs no farewell."""
    end_family(master.pid, "postfix")
    master.wait(10)


@contextlib.contextmanager
def _policy(seen: set[str]) -> Iterator[int]:
    """A policy server of Postfix's protocol (SMTPD_POLICY_README) that greylists `grey…@`."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            asked: dict[str, str] = {}
            for line in self.rfile:
                name, _, value = line.decode().rstrip("\n").partition("=")
                if name:
                    asked[name] = value
                    continue
                recipient = asked.get("recipient", "")
                is_new = recipient.startswith("grey") and recipient not in seen
                seen.add(recipient)
                action = "450 4.2.0 Greylisted, see RFC 6647" if is_new else "DUNNO"
                self.wfile.write(f"action={action}\n\n".encode())

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
