"""The two embedded mail servers: pymap for IMAP, aiosmtpd for SMTP, both on loopback and free ports.

The SMTP server plays three parts: the citizens' submission server, the ministry's border, which says who
proved to be who (RFC 8601), and the mail servers of everybody the desk writes to.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import ssl
import time
from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP
from proxyprotocol.result import ProxyResultUnknown
from proxyprotocol.sock import SocketInfo
from pymap.backend.dict import Config, DictBackend, Login
from pymap.concurrent import Subsystem
from pymap.context import connection_exit
from pymap.imap import IMAPConnection
from pymap.imap.state import ConnectionState
from pymap.parsing.message import AppendMessage
from pysasl.hashing import Cleartext

from daemon.clock import Clock

HOST = "127.0.0.1"
AUTHSERV_ID = "mx.sandbox.example"
VERDICTS: Mapping[str, str] = {"unproven.example": "none", "forged.example": "fail"}
"""What the border says of a From domain, for whoever wants to see it; of all others it says "pass"."""
REFUSING = "refuses.example"
"""No address of this domain takes mail: how the desk tells staff that a citizen was not reached."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that the desk sent, as its recipient's server took it at `at` (seconds of time.monotonic())."""

    recipient: str
    message: EmailMessage
    path: Path
    at: float

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"] or "").strip()

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "")

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        return str(part.get_content()).replace("\r\n", "\n") if part else ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A mail that somebody sent to the desk, put into its INBOX at `at` (seconds of time.monotonic())."""

    sender: str
    subject: str
    message_id: str
    at: float


@dataclass
class PostOffice:
    """Both servers: `async with PostOffice(...) as post`. `folder` keeps each letter as a file."""

    address: str
    password: str
    folder: Path
    clock: Clock
    imap_port: int = 0
    smtp_port: int = 0
    letters: list[Letter] = field(default_factory=list)
    accepted: list[Accepted] = field(default_factory=list)
    on_letter: Callable[[Letter], None] = lambda letter: None
    on_accepted: Callable[[Accepted], None] = lambda accepted: None
    _stack: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)
    _connections: set[asyncio.Task[Any]] = field(default_factory=set)
    _backend: Any = None

    async def __aenter__(self) -> PostOffice:
        self.folder.mkdir(parents=True, exist_ok=True)
        async with contextlib.AsyncExitStack() as stack:
            self.imap_port = await self._start_imap(stack)
            self.smtp_port = await self._start_smtp(stack)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def letter(self, message_id: str, recipient: str) -> Letter | None:
        found = (one for one in self.letters if (one.message_id, one.recipient) == (message_id, recipient))
        return next(found, None)

    def accepted_at(self, message_id: str) -> float:
        return next(one.at for one in self.accepted if one.message_id == message_id)

    async def deliver(self, raw: bytes) -> None:
        """Put a mail into the desk's INBOX, as having arrived now."""
        async with self._backend.login.demo_user_identity.new_session() as session:
            await session.append_messages("INBOX", [AppendMessage(raw, self.clock.now())])

    # --- IMAP -----------------------------------------------------------------------------------------

    async def _start_imap(self, stack: contextlib.AsyncExitStack) -> int:
        config = _imap_config(self.address, self.password)
        login = Login(config)
        await DictBackend._add_demo_user(config, login)
        self._backend = DictBackend(login, config)
        config.apply_context()
        await self._backend.start(stack)

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
            origin = SocketInfo.get(writer, ProxyResultUnknown(None))
            async with contextlib.AsyncExitStack() as exits:
                connection_exit.set(exits)
                connection = IMAPConnection(config.commands, config, reader, writer, origin)
                exits.enter_context(contextlib.closing(connection))
                await connection.run(_ImapState(login, config))

        return await _listen(stack, await asyncio.start_server(serve, HOST, 0))

    # --- SMTP -----------------------------------------------------------------------------------------

    async def _start_smtp(self, stack: contextlib.AsyncExitStack) -> int:
        loop = asyncio.get_running_loop()
        live: set[_Smtp] = set()

        def drop() -> None:
            for one in live:
                if isinstance(one.transport, asyncio.Transport):
                    one.transport.abort()

        stack.callback(drop)
        server = await loop.create_server(lambda: _Smtp(self, live, loop), HOST, 0)
        return await _listen(stack, server)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, _: Any) -> str:
        if address.lower().endswith("@" + REFUSING):
            return "550 5.1.1 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        content: bytes = envelope.content
        for recipient in dict.fromkeys(envelope.rcpt_tos):
            if self._is_desk(recipient):
                await self._take_in(content, envelope.mail_from or "", str(session.host_name or "unknown"))
            else:
                self._keep(content, recipient)
        return "250 2.0.0 ok"

    def _is_desk(self, recipient: str) -> bool:
        """The mailbox, also with a subaddress: infocs+anything@ (RFC 5233)."""
        local, _, domain = recipient.lower().rpartition("@")
        return f"{local.partition('+')[0]}@{domain}" == self.address.lower()

    async def _take_in(self, content: bytes, mail_from: str, greeted_as: str) -> None:
        raw = at_the_border(content, mail_from, greeted_as, self.clock.now())
        message = message_from_bytes(raw, policy=policy.default)
        accepted = Accepted(
            parseaddr(str(message["From"] or ""))[1],
            str(message["Subject"] or ""),
            str(message["Message-ID"] or "").strip(),
            time.monotonic(),
        )
        self.accepted.append(accepted)
        self.on_accepted(accepted)
        await self.deliver(raw)

    def _keep(self, content: bytes, recipient: str) -> None:
        at = time.monotonic()
        name = re.sub(r"[^A-Za-z0-9.@+-]", "_", recipient)[:100]
        path = self.folder / f"{len(self.letters) + 1:04}-{name}.eml"
        path.write_bytes(content)
        letter = Letter(recipient, message_from_bytes(content, policy=policy.default), path, at)
        self.letters.append(letter)
        self.on_letter(letter)


class _Smtp(SMTP):
    """One connection; `live` holds those that are open, since the server itself does not end them."""

    def __init__(self, office: PostOffice, live: set[_Smtp], loop: asyncio.AbstractEventLoop) -> None:
        self._live = live
        super().__init__(office, hostname=AUTHSERV_ID, loop=loop)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._live.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._live.discard(self)
        super().connection_lost(error)


class _ImapState(ConnectionState):
    async def receive_updates(self, cmd: Any, done: Any) -> Any:
        """The library begins IDLE by waiting: of mail that came between the last command and IDLE it would
        speak only at the next change."""
        selected = await self.session.check_mailbox(self.selected)
        self._selected, untagged = selected.fork(cmd)
        return list(untagged) or await super().receive_updates(cmd, done)


class _ImapConfig(Config):
    @property
    def greeting(self) -> bytes:
        """The library asks DNS for the machine's name, which may take long where there is none."""
        return b"sandbox ready"


def _imap_config(user: str, password: str) -> _ImapConfig:
    arguments = Namespace(
        debug=False,
        host=None,
        port=0,
        cert=None,
        key=None,
        tls=False,
        proxy_protocol=None,
        passlib_cfg=None,
        demo_data=False,
        demo_user=user,
        demo_password=password,
    )
    # One password, made up for this run: hashing it slowly in threads would protect nothing.
    found: _ImapConfig = _ImapConfig.from_args(
        arguments,
        hash_context=Cleartext(),
        cpu_subsystem=Subsystem.for_asyncio(),
        ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER),
    )
    return found


async def _listen(stack: contextlib.AsyncExitStack, server: asyncio.Server) -> int:
    # Not `async with server`: from Python 3.12 on its end waits for connections, which we end ourselves.
    stack.callback(server.close)
    port: int = server.sockets[0].getsockname()[1]
    return port


def at_the_border(content: bytes, mail_from: str, greeted_as: str, now: datetime) -> bytes:
    """`content` with the trace fields of a receiving server (RFC 5321, 4.4), our verdict on its sender in
    place of any that it brought (RFC 8601, 5), and what a submission server adds (RFC 6409, 8)."""
    head, separator, body = content.partition(b"\r\n\r\n")
    fields = [one for one in re.split(rb"\r\n(?![ \t])", head) if one]
    names = {one.partition(b":")[0].strip().lower() for one in fields}
    kept = [one for one in fields if not one.lower().startswith(b"authentication-results")]
    sender = message_from_bytes(head + b"\r\n\r\n", policy=policy.default)["From"]
    domain = parseaddr(str(sender or ""))[1].rpartition("@")[2].lower()
    verdict = VERDICTS.get(domain, "pass")
    written = format_datetime(now)
    added = [
        f"Return-Path: <{mail_from}>",
        f"Authentication-Results: {AUTHSERV_ID}; dmarc={verdict} header.from={_atom(domain)}",
        f"Received: from {_atom(greeted_as)} ([{HOST}]) by {AUTHSERV_ID} with ESMTP; {written}",
    ]
    if b"message-id" not in names:
        added.append(f"Message-ID: {make_msgid(domain=AUTHSERV_ID)}")
    if b"date" not in names:
        added.append(f"Date: {written}")
    return b"\r\n".join([*(line.encode() for line in added), *kept]) + (separator or b"\r\n\r\n") + body


def _atom(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9.:\[\]-]", "-", text)[:200] or "unknown"


def free_port() -> int:
    """A port of loopback that nothing listens on now; the desk's web takes it a moment later."""
    with socket.create_server((HOST, 0)) as listening:
        return int(listening.getsockname()[1])
