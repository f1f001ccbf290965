"""An SMTP server that keeps what it takes and misbehaves on request: aiosmtpd in a thread of its own, or
(`smtp_process`) in a process of its own for measurements.

Plain, STARTTLS or TLS from the start; with or without a login.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import logging
import os
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers import free_port, wait_until
from tests.servers.certificates import make_certificate

logging.getLogger("mail.log").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Taken:
    """One accepted message: its envelope and octets, and `at`, seconds of time.monotonic()."""

    mail_from: str
    rcpt_to: tuple[str, ...]
    content: bytes
    at: float
    is_heard: bool = True
    """Whether its sender could hear of it: the connection was not cut before the answer."""


@dataclass
class SmtpSink:
    """Change the attributes at any time from any thread; they hold from the next command on.

    `rcpt`, `data` map a recipient (lower case, or "*") to the reply to RCPT or to the final dot, such as
    "550 5.1.1 no such user"; a list is used up one by one, then accepts. `mail` is the reply to MAIL,
    `greeting` replaces the greeting's code and text.
    `cut_before_reply`: that many messages are taken, and the connection dies before the answer.
    `cut_after_reply`: that many messages are taken and acknowledged, and the connection is closed.
    `delay_reply_s`: so long after a message was taken its answer comes.
    `cut_before_taking`: the connection dies after the final dot, nothing is taken.
    `extensions` are offered beside those of aiosmtpd, which takes commands sent together as they come.
    `cut_at`: command words ("MAIL", "RCPT", "DATA") at which the connection dies, each used once.
    """

    port: int = 0
    host: str = "127.0.0.1"
    ca_file: Path | None = None
    username: str = ""
    password: str = ""
    token: str = ""
    taken: list[Taken] = field(default_factory=list)
    rcpt: dict[str, str | list[str]] = field(default_factory=dict)
    data: dict[str, str | list[str]] = field(default_factory=dict)
    mail: str = ""
    greeting: str = ""
    cut_before_reply: int = 0
    cut_before_taking: int = 0
    cut_after_reply: int = 0
    cut_at: list[str] = field(default_factory=list)
    extensions: list[str] = field(default_factory=lambda: ["PIPELINING"])
    offers_smtputf8: bool = False
    delay_data_s: float = 0.0
    delay_reply_s: float = 0.0
    idle_timeout_s: float = 300.0
    connection_count: int = 0
    login_count: int = 0
    commands: deque[str] = field(default_factory=lambda: deque(maxlen=10_000))
    _live: set[Any] = field(default_factory=set)
    _loop: asyncio.AbstractEventLoop | None = None

    def messages_to(self, recipient: str) -> list[Taken]:
        return [one for one in self.taken if recipient.lower() in (to.lower() for to in one.rcpt_to)]

    def wait_for(self, count: int, timeout_s: float = 15.0) -> list[Taken]:
        wait_until(lambda: len(self.taken) >= count, timeout_s, f"{count} messages ({len(self.taken)} came)")
        return list(self.taken)

    def drop_connections(self) -> None:
        """End every open connection, as a server does that restarts or tires of idle ones."""
        if self._loop is None:
            return
        done = threading.Event()

        def drop() -> None:
            for server in list(self._live):
                if server.transport is not None:
                    server.transport.abort()
            done.set()

        self._loop.call_soon_threadsafe(drop)
        done.wait(5)


class _Server(SMTP):
    def __init__(self, sink: SmtpSink, **options: Any) -> None:
        self.sink = sink
        super().__init__(_Handler(sink), **options)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self not in self.sink._live:
            self.sink._live.add(self)
            self.sink.connection_count += 1
        if self.sink.greeting:
            assert isinstance(transport, asyncio.Transport)
            transport.write(f"{self.sink.greeting}\r\n".encode())
            transport.close()
            return
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.sink._live.discard(self)
        if self.session is not None:
            super().connection_lost(error)

    def _cut(self, word: str) -> bool:
        self.sink.commands.append(word)
        if word in self.sink.cut_at:
            self.sink.cut_at.remove(word)
            if self.transport is not None:
                self.transport.abort()
            return True
        return False

    async def smtp_MAIL(self, arg: str) -> None:
        if not self._cut("MAIL"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str) -> None:
        if not self._cut("RCPT"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        if not self._cut("DATA"):
            await super().smtp_DATA(arg)


class _Handler:
    def __init__(self, sink: SmtpSink) -> None:
        self.sink = sink

    async def handle_EHLO(
        self, server: Any, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [responses[0], *(f"250-{name}" for name in self.sink.extensions), *responses[1:]]

    async def handle_MAIL(
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.sink.mail:
            return self.sink.mail
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 ok"

    async def handle_RCPT(
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = _reply(self.sink.rcpt, [address])
        if reply:
            return reply
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        sink = self.sink
        if sink.delay_data_s:
            await asyncio.sleep(sink.delay_data_s)
        if sink.cut_before_taking > 0:
            sink.cut_before_taking -= 1
            server.transport.abort()
            return "421 gone"
        reply = _reply(sink.data, envelope.rcpt_tos)
        if reply:
            return reply
        content = envelope.original_content or b""
        mail_from, rcpt_to = (envelope.mail_from or "").strip("<>"), tuple(envelope.rcpt_tos)
        is_heard = sink.cut_before_reply <= 0
        sink.taken.append(Taken(mail_from, rcpt_to, content, time.monotonic(), is_heard))
        if sink.cut_before_reply > 0:
            sink.cut_before_reply -= 1
            server.transport.abort()
            return "421 gone"
        if sink.delay_reply_s:
            await asyncio.sleep(sink.delay_reply_s)
        if sink.cut_after_reply > 0:
            sink.cut_after_reply -= 1
            asyncio.get_running_loop().call_later(0.01, server.transport.close)
        return f"250 2.0.0 ok queued as {len(sink.taken)}"

    async def auth_XOAUTH2(self, server: Any, args: list[str]) -> AuthResult:
        self.sink.login_count += 1
        said = base64.b64decode(args[1]).decode() if len(args) > 1 else ""
        if said == f"user={self.sink.username}\x01auth=Bearer {self.sink.token}\x01\x01":
            return AuthResult(success=True)
        await server.challenge_auth(base64.b64encode(b'{"status":"401"}').decode(), encode_to_b64=False)
        return AuthResult(success=False, handled=False)


def _reply(programme: dict[str, str | list[str]], recipients: list[str]) -> str:
    for recipient in [*recipients, "*"]:
        reply = programme.get(recipient.lower(), "")
        if isinstance(reply, list):
            reply = reply.pop(0) if reply else ""
        if reply:
            return reply
    return ""


@contextlib.contextmanager
def smtp_sink(
    security: Literal["none", "starttls", "tls"] = "none",
    *,
    username: str = "",
    password: str = "",
    token: str = "",
    port: int = 0,
) -> Iterator[SmtpSink]:
    """Start a sink in a thread of this process. With `username`, a login by `password` or XOAUTH2 `token`
    is needed; `port` fixed lets a sink come back where it was."""
    sink = SmtpSink(username=username, password=password, token=token)
    with tempfile.TemporaryDirectory(prefix="sk-smtp-") as folder:
        context = None
        if security != "none":
            certificate = make_certificate(Path(folder))
            sink.ca_file = certificate.cert
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate.cert, certificate.key)
        ready = threading.Event()
        stop: list[Any] = []
        trouble: list[BaseException] = []

        def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
            sink.login_count += 1
            good = (
                isinstance(data, LoginPassword)
                and data.login == username.encode()
                and data.password == password.encode()
            )
            return AuthResult(success=good, handled=False)

        async def main() -> None:
            loop = asyncio.get_running_loop()
            loop.set_exception_handler(lambda *_: None)  # cut connections are meant
            sink._loop = loop
            done = asyncio.Event()
            stop.append(lambda: loop.call_soon_threadsafe(done.set))

            def factory() -> _Server:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # aiosmtpd warns of logins without TLS
                    return _Server(
                        sink,
                        hostname="sink.test",
                        tls_context=context if security == "starttls" else None,
                        require_starttls=security == "starttls",
                        enable_SMTPUTF8=sink.offers_smtputf8,
                        auth_required=bool(username),
                        auth_require_tls=False,
                        authenticator=authenticate,
                        auth_exclude_mechanism=["XOAUTH2"] if username and not token else [],
                        timeout=sink.idle_timeout_s,
                        loop=loop,
                    )

            try:
                server = await loop.create_server(
                    factory, sink.host, port, ssl=context if security == "tls" else None
                )
            except BaseException as error:
                trouble.append(error)
                ready.set()
                raise
            sink.port = server.sockets[0].getsockname()[1]
            ready.set()
            await done.wait()
            server.close()
            for one in list(sink._live):
                if one.transport is not None:
                    one.transport.abort()
            await asyncio.sleep(0)

        def run() -> None:
            with contextlib.suppress(Exception), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                asyncio.run(main())

        thread = threading.Thread(target=run, name="smtp-sink", daemon=True)
        thread.start()
        ready.wait(10)
        if trouble:
            raise trouble[0]
        try:
            yield sink
        finally:
            stop[0]()
            thread.join(10)


class SmtpProcess:
    """A sink in another process, so that measurements do not share its interpreter. Only counts what came
    (and keeps it, `taken()`)."""

    def __init__(self, port: int, folder: Path) -> None:
        self.host = "127.0.0.1"
        self.port = port
        self._folder = folder

    def count(self) -> int:
        try:
            return (self._folder / "count").stat().st_size
        except FileNotFoundError:
            return 0

    def taken(self) -> list[Taken]:
        path = self._folder / "taken.jsonl"
        if not path.exists():
            return []
        found = []
        for line in path.read_bytes().splitlines(keepends=True):
            if not line.endswith(b"\n"):
                break  # it is being written
            one = json.loads(line)
            content = base64.b64decode(one["content"])
            found.append(Taken(one["mail_from"], tuple(one["rcpt_to"]), content, one["at"]))
        return found


@contextlib.contextmanager
def smtp_process(*, keep: bool = False) -> Iterator[SmtpProcess]:
    """Start a plain sink as a process; with `keep` the messages are stored, else only counted."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="sk-smtp-") as folder:
        # As a module from the project's root, wherever the caller stands.
        root = Path(__file__).resolve().parents[2]
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.servers.smtp_sink", str(port), folder, "keep" if keep else "count"],
            cwd=root,
            stdin=subprocess.DEVNULL,
        )
        try:
            # Not by connecting: the caller may want a sink that nobody has touched.
            wait_until(lambda: Path(folder, "ready").exists() or process.poll() is not None)
            if process.poll() is not None:
                raise RuntimeError("the sink's process ended")
            yield SmtpProcess(port, Path(folder))
        finally:
            process.terminate()
            process.wait(10)


class _Counter:
    """Offers PIPELINING, as every relay in use does."""

    async def handle_EHLO(
        self, server: Any, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [responses[0], "250-PIPELINING", *responses[1:]]

    def __init__(self, folder: Path, keep: bool) -> None:
        self._count = os.open(folder / "count", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._kept = (folder / "taken.jsonl").open("ab", buffering=0) if keep else None

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        if self._kept is not None:
            entry = {
                "mail_from": envelope.mail_from,
                "rcpt_to": envelope.rcpt_tos,
                "content": base64.b64encode(envelope.original_content or b"").decode(),
                "at": time.monotonic(),
            }
            self._kept.write(json.dumps(entry).encode() + b"\n")
        os.write(self._count, b".")
        return "250 2.0.0 ok"


def _serve(port: int, folder: Path, keep: bool) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        counter = _Counter(folder, keep)
        await loop.create_server(
            lambda: SMTP(counter, hostname="sink.test", loop=loop, timeout=3600), "127.0.0.1", port
        )
        (folder / "ready").touch()
        await asyncio.Event().wait()

    asyncio.run(main())


if __name__ == "__main__":
    _serve(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "keep")
