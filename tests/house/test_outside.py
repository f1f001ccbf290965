"""What the program does outside itself: which modules reach out, no shell, and mails that share nothing."""

from __future__ import annotations

import ast
import email
import email.policy
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from daemon.mail.wire.compose import compose
from daemon.mail.wire.outgoing import OutgoingMail
from tests.house.trees import nodes_of

ROOT = Path(__file__).resolve().parents[2] / "daemon"
LIBRARIES = {
    *(
        "aiohttp",
        "aioimaplib",
        "aiosmtplib",
        "ftplib",
        "http.client",
        "httpx",
        "imaplib",
        "poplib",
        "requests",
    ),
    *("smtplib", "socket", "telnetlib", "urllib.request", "urllib3", "websockets", "xmlrpc.client"),
}
CALLS = {"create_connection", "create_unix_connection", "open_connection", "open_unix_connection"}
REACHING = {
    "attachments/clamd.py": "clamav.socket",
    "loops/heartbeat.py": "heartbeat.url",
    "mail/wire/imap/protocol.py": "mailbox.host",
    "mail/wire/imap/session.py": "mailbox.host",
    "mail/wire/oauth2.py": "oauth2.token_url",
    "mail/wire/smtp/opening.py": "smtp.host",
    "mail/wire/smtp/pool.py": "smtp.host",
    "service.py": "systemd's own socket",
    "sms/wire/client.py": "sms.unifonic.url, and `url` in the table of each other gateway",
    "web/admin/oidc.py": "oidc.issuer, and the endpoints that it names over https",
    "web/server.py": "listens only",
    "sandbox/pages.py": "the sandbox's own web",
    "sandbox/servers.py": "the sandbox's own servers",
    "sandbox/stage.py": "the sandbox's own mail server",
}
"""Every module that can reach another machine, and which key names the host. A host in a mail or a template
is never contacted (LESSONS S13): think twice before you add a line."""
SHELLS = {"popen", "popen2", "getoutput", "getstatusoutput", "create_subprocess_shell", "spawnlp", "execlp"}


def trees() -> Iterator[tuple[str, tuple[ast.AST, ...]]]:
    for path in sorted(ROOT.rglob("*.py")):
        yield str(path.relative_to(ROOT)), nodes_of(path)


def imported(tree: tuple[ast.AST, ...]) -> set[str]:
    found: set[str] = set()
    for node in tree:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def called(tree: tuple[ast.AST, ...]) -> set[str]:
    return {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in tree
        if isinstance(node, ast.Call)
    }


def is_of(module: str, libraries: set[str]) -> bool:
    return any(module == one or module.startswith(f"{one}.") for one in libraries)


def test_only_these_modules_reach_out() -> None:
    found = {
        name
        for name, tree in trees()
        if any(is_of(module, LIBRARIES) for module in imported(tree)) or CALLS & called(tree)
    }

    assert found <= set(REACHING), "a module that reaches out is new"
    assert set(REACHING) <= found | {"mail/wire/imap/protocol.py"}


def test_no_shell_is_anywhere() -> None:
    for name, tree in trees():
        assert not SHELLS & called(tree), name
        for node in tree:
            if isinstance(node, ast.Call):
                words = [word.arg for word in node.keywords]
                assert "shell" not in words, name
                is_system = isinstance(node.func, ast.Attribute) and node.func.attr == "system"
                assert not is_system, name


def test_mails_that_are_composed_together_share_nothing() -> None:
    """LESSONS S19: a sender that was used again carried the recipients of the mail before."""
    now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    first = OutgoingMail(
        message_id="<0@momah.gov.sa>",
        date=now,
        from_name="منصة فرص",
        from_address="infocs@momah.gov.sa",
        to_address="0@example.sa",
        subject="0 عنوان",
        text="0 نص",
        html="<p>0 نص</p>",
    )
    mails = [
        replace(
            first,
            message_id=f"<{number}@momah.gov.sa>",
            to_address=f"{number}@example.sa",
            subject=f"{number} عنوان",
            text=f"{number} نص",
            html=f"<p>{number} نص</p>",
        )
        for number in range(200)
    ]

    with ThreadPoolExecutor(8) as threads:
        composed = list(threads.map(compose, mails))

    for number, raw in enumerate(composed):
        made = email.message_from_bytes(raw, policy=email.policy.default)
        assert (made["To"], made["Message-ID"]) == (f"{number}@example.sa", f"<{number}@momah.gov.sa>")
        assert made["Subject"] == f"{number} عنوان"
        parts = [part.get_content().strip() for part in made.walk() if not part.is_multipart()]
        assert parts == [f"{number} نص", f"<p>{number} نص</p>"]
