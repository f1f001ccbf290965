"""A mail border as docs/DEPLOY.md describes it: Postfix, OpenDKIM, OpenDMARC, and Dovecot's LMTP behind.

Two doors: `mx_port` takes mail from outside, judged by both filters; `submission_port` takes the desk's own,
which OpenDKIM signs. Whatever the recipient's domain, the mail comes to a mailbox of the Dovecot, so that a
citizen's can be looked into too. Needs root, as Postfix's master does.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import smtplib
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.servers import MissingServer, answers, end_family, free_port, is_running, wait_until
from tests.servers.dkim import Signer
from tests.servers.dns import name_server
from tests.servers.dovecot import Dovecot, dovecot
from tests.servers.postfix import PROGRAMS, furnish, start, stop

HOME = "momah.gov.sa"
AUTHSERV_ID = "mx.momah.gov.sa"
PROVIDER = "mail.example.sa"
"""The name of the server by which the outside comes, as the border looked it up."""
PROVIDER_ADDRESS = "203.0.113.7"

# --- what docs/DEPLOY.md says, line by line ---------------------------------------------------------------

OPENDKIM_VERIFY = """\
Mode v
AuthservID mx.momah.gov.sa
RemoveARFrom mx.momah.gov.sa
AlwaysAddARHeader yes
"""
OPENDMARC = """\
AuthservID mx.momah.gov.sa
TrustedAuthservIDs mx.momah.gov.sa
RejectFailures false
SPFSelfValidate true
"""
OPENDKIM_SIGN = """\
Mode s
Canonicalization relaxed/relaxed
OversignHeaders From
"""
MAIN = """\
milter_default_action = tempfail
recipient_delimiter = +
header_checks = regexp:{folder}/header_checks
"""
HEADER_CHECKS = """\
/^Authentication-Results:[[:space:]]*mx\\.momah\\.gov\\.sa/ IGNORE
"""
DOVECOT = """\
recipient_delimiter = +
lmtp_save_to_detail_mailbox = no
"""

# --- and what only a test needs: ports, folders, no names of this machine ---------------------------------

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
myhostname = mx.momah.gov.sa
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
default_database_type = texthash
alias_maps =
alias_database =
local_recipient_maps =
smtputf8_enable = yes
fast_flush_domains =
mynetworks = 127.0.0.1/32
virtual_mailbox_domains = static:all
virtual_mailbox_maps = static:all
virtual_transport = lmtp:inet:127.0.0.1:{lmtp_port}
smtpd_authorized_xclient_hosts = 127.0.0.1
smtpd_relay_restrictions = permit_auth_destination, reject
smtpd_recipient_restrictions =
smtpd_peername_lookup = no
{documented}
"""
_MASTER = """\
127.0.0.1:{mx_port} inet n - n - - smtpd
  -o smtpd_milters=inet:127.0.0.1:{verify_port},inet:127.0.0.1:{dmarc_port}
127.0.0.1:{submission_port} inet n - n - - smtpd -o smtpd_milters=inet:127.0.0.1:{sign_port}
postlog unix-dgram n - n - 1 postlogd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
"""
_LMTP = """\
protocols = imap lmtp
service lmtp {{
  chroot =
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {port}
  }}
}}
"""


@dataclass
class Border:
    """A running one. `box` holds everybody's mailbox, under their address."""

    root: Path
    box: Dovecot
    mx_port: int
    submission_port: int
    host: str = "127.0.0.1"

    @property
    def port(self) -> int:
        """Where the desk sends."""
        return self.submission_port

    def receive(self, raw: bytes, recipient: str, sender: str = "citizen@example.sa") -> None:
        """From outside: as if the provider's server had connected (XCLIENT, Postfix's own word for tests and
        proxies)."""
        with smtplib.SMTP(self.host, self.mx_port, timeout=60) as client:
            client.ehlo(PROVIDER)
            said = client.docmd("XCLIENT", f"ADDR={PROVIDER_ADDRESS} NAME={PROVIDER} HELO={PROVIDER}")
            assert said[0] == 220, said
            client.ehlo(PROVIDER)
            client.sendmail(sender, [recipient], raw)

    def mails(self, user: str) -> list[bytes]:
        """What lies in `user`'s mailbox."""
        return self.box.read(user=user) if self.box.maildir(user=user).exists() else []

    def wait_for(self, user: str, count: int) -> list[bytes]:
        """So many mails in `user`'s mailbox, once they are there."""
        found: list[bytes] = []

        def are_there() -> bool:
            found[:] = self.mails(user)
            return len(found) >= count

        try:
            wait_until(are_there, 60, f"{count} mails of {user}")
        except TimeoutError as error:
            raise TimeoutError(f"{error}; Postfix said: {self.log()[-3000:]}") from None
        return found

    def log(self) -> str:
        path = self.root / "log"
        return path.read_text(errors="replace") if path.exists() else ""


@contextlib.contextmanager
def border(own: Signer, texts: dict[str, str]) -> Iterator[Border]:
    """Start all of it and stop it at the end. `own` signs what the desk sends; `texts` is what stands in the
    DNS besides its record. Raises MissingServer."""
    missing = [name for name in ("opendkim", "opendmarc") if shutil.which(name, path=_PATH) is None]
    if not Path("/usr/lib/dovecot/lmtp").exists():
        missing.append("dovecot-lmtpd")
    if not (PROGRAMS / "master").exists() or os.geteuid() != 0:
        missing.append("postfix (and root to run it)")
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
        missing.append("a mount namespace (unshare --mount)")
    if missing:
        raise MissingServer(" ".join(missing))
    root = Path(tempfile.mkdtemp(prefix="sk-border-"))
    root.chmod(0o755)
    ports = {name: free_port() for name in ("mx", "submission", "lmtp", "verify", "dmarc", "sign")}
    name, text = own.record
    texts[name] = text
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, root, ignore_errors=True)
        address = stack.enter_context(name_server(texts))
        (root / "resolv.conf").write_text(f"nameserver {address}\n")
        box = stack.enter_context(dovecot(extra=_LMTP.format(port=ports["lmtp"]) + DOVECOT))
        for each, program, written in _filters(root, own, ports, address):
            (root / f"{each}.conf").write_text(written)
            stack.enter_context(_filter(root, program, each, ports[each]))
        values = {f"{name}_port": port for name, port in ports.items()}
        main = _MAIN.format(
            root=root, programs=PROGRAMS, documented=MAIN.format(folder=root), lmtp_port=ports["lmtp"]
        )
        (root / "header_checks").write_text(HEADER_CHECKS)
        furnish(root, main, _MASTER.format(**values))
        master = start(root, ports["mx"])
        stack.callback(stop, master)
        yield Border(root, box, ports["mx"], ports["submission"])


_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def _filters(root: Path, own: Signer, ports: dict[str, int], dns: str) -> Sequence[tuple[str, str, str]]:
    """Each filter's name here, its program, and its configuration."""
    (root / "key.private").write_bytes(own.pem())
    (root / "key.private").chmod(0o600)
    # OpenDMARC spares the machine itself, and the test comes from there under another name.
    (root / "nobody").write_text("192.0.2.1\n")

    def socket(name: str) -> str:
        return f"Socket inet:{ports[name]}@127.0.0.1\nSyslog no\n"

    sign = f"Domain {own.domain}\nSelector test\nKeyFile {root}/key.private\nInternalHosts 127.0.0.1\n"
    sign += "RequireSafeKeys no\n"  # a folder of everybody is not safe
    return (
        # Debian's asks by libunbound, which does not read resolv.conf.
        ("verify", "opendkim", OPENDKIM_VERIFY + f"Nameservers {dns}\n" + socket("verify")),
        ("sign", "opendkim", OPENDKIM_SIGN + sign + socket("sign")),
        ("dmarc", "opendmarc", OPENDMARC + f"IgnoreHosts {root}/nobody\n" + socket("dmarc")),
    )


@contextlib.contextmanager
def _filter(root: Path, program: str, name: str, port: int) -> Iterator[None]:
    """In a mount namespace of its own, in which the test's name server is the resolver's."""
    flag = "-x" if program == "opendkim" else "-c"
    ask = f"mount --bind {root}/resolv.conf /etc/resolv.conf && exec {program} -f {flag} {root}/{name}.conf"
    with (root / f"{name}.output").open("wb") as output:
        process = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", ask],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={"PATH": _PATH},
        )
    try:
        wait_until(lambda: answers(port) or process.poll() is not None, what=program)
        if process.poll() is not None:
            said = (root / f"{name}.output").read_text(errors="replace")
            raise RuntimeError(f"{program} did not start: {said}")
        yield
    finally:
        if is_running(process.pid):
            end_family(process.pid, program)
        process.wait(10)
