"""Owns the IMAP wire (RFC 3501, 9051): one mailbox, read in batches, emptied by moves, watched by IDLE.

What a mail means, and when it may be moved, is decided elsewhere. Built on aioimaplib, whose commands
and states are used as they are; its reader of responses is replaced (see `_Protocol`).

    MailboxUnavailable   the connection, the server or our login failed: connect again later
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import re
import socket
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Literal, NamedTuple

from aioimaplib import aioimaplib

from daemon.clock import Clock, SystemClock
from daemon.mail.wire.oauth2 import TokenSource, TokenUnavailable

log = logging.getLogger(__name__)
# At DEBUG the library writes message bodies and the XOAUTH2 string into the log.
logging.getLogger("aioimaplib.aioimaplib").setLevel(logging.WARNING)

_BATCH_MAILS = 50
_BATCH_BYTES = 4 * 1024 * 1024
_BATCH_SIZES = 200
_SET_OCTETS = 7000
"""RFC 7162, section 4: a client should keep command lines under 8192 octets."""
_IDLE_ROUND_S = 300.0
"""RFC 2177 asks for a new IDLE within 29 minutes; a half-open connection is only noticed by writing."""
_LINE_OCTETS = 16 * 1024 * 1024
"""A SEARCH answer of a million UIDs is 8 MB; a longer line is no mail server talking."""
_LITERAL_OCTETS = 512 * 1024 * 1024
_BELIEVED_OCTETS = 64 * 1024 * 1024
_SLOWEST_BYTES_PER_S = 32 * 1024


class MailboxUnavailable(Exception):
    """The mailbox cannot be used over this connection; it is closed, connect again. `is_auth` is true
    where our credentials were refused, so that a person must act. `reason` names no person."""

    def __init__(self, reason: str, *, is_auth: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_auth = is_auth


@dataclass(frozen=True, slots=True)
class ImapSettings:
    """Where the mailbox is and how to enter it. Folder names are plain text, "الأرشيف" as it reads."""

    host: str
    username: str
    port: int = 993
    security: Literal["tls", "none"] = "tls"
    password: str = field(default="", repr=False)
    auth: Literal["password", "xoauth2"] = "password"
    folder: str = "INBOX"
    processed: str = "Processed"
    quarantine: str = "Quarantine"
    token_source: TokenSource | None = None
    ca_file: str | None = None
    """PEM file to trust in place of the system's authorities."""
    timeout_s: float = 30.0
    """How long one command may take, and how long a transfer may stand still."""
    poll_s: float = 15.0
    """Pause between NOOPs at a server without IDLE."""


@dataclass(frozen=True, slots=True)
class FetchedMail:
    """One mail as the server keeps it: `raw` are its octets, `internaldate` (aware) when it arrived."""

    uid: int
    internaldate: datetime
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sought:
    """A mail to be found in a folder where its UID is not known; `key` is the caller's own name for it."""

    key: int
    message_id: str | None
    size_bytes: int


class _Untagged(NamedTuple):
    """One untagged response: its text without "* ", a marker `{n}` in place of each literal."""

    text: bytes
    literals: tuple[bytes, ...]


class _Protocol(aioimaplib.IMAP4ClientProtocol):  # type: ignore[misc]
    """aioimaplib's protocol with another reader.

    The library's reader calls itself once a line (about 1000 lines in one read end in RecursionError),
    copies what is left of the data for each line, leaves commands waiting for ever when the connection
    ends, and drops EXISTS. This one loops, copies an octet of a literal once, fails what is pending, and
    counts the mails of the mailbox.
    """

    transport: Any
    pending_sync_command: Any

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self.lost: asyncio.Future[str] = loop.create_future()
        self.news = asyncio.Event()
        self.exists = 0
        self.heard_at = loop.time()
        self.bye = ""
        self.refusal = ""
        self._line = bytearray()
        self._pieces: list[bytes] = []
        self._literals: list[bytes] = []
        self._literal: io.BytesIO | None = None
        self._missing = 0
        self._greeted = False

    def data_received(self, d: bytes) -> None:
        self.heard_at = self.loop.time()
        try:
            self._read(d)
        except Exception as error:  # noqa: BLE001 - whatever a server says, the connection ends, not the loop
            self.abort(f"not understood: {type(error).__name__}")

    def connection_lost(self, exc: Exception | None) -> None:
        self.abort(self.bye or "connection lost")

    def abort(self, reason: str) -> None:
        """End the connection and fail every command that waits for an answer."""
        if not self.lost.done():
            self.lost.set_result(reason)
        if self.transport is not None:
            self.transport.abort()
        pending = [*self.pending_async_commands.values(), self.pending_sync_command]
        self.pending_async_commands.clear()
        self.pending_sync_command = None
        for command in pending:
            if command is not None:
                command._exception = ConnectionError(self.lost.result())
                command._timer.cancel()
                command._event.set()

    async def welcome(self, command: bytes) -> None:
        try:
            await super().welcome(command)
        except (aioimaplib.AioImapException, ConnectionError, IndexError):
            self.abort(f"unusable greeting: {_readable(command)}")

    def _read(self, data: bytes) -> None:
        view, at, end = memoryview(data), 0, len(data)
        while at < end:
            if self._literal is not None:
                taken = min(self._missing, end - at)
                self._literal.write(view[at : at + taken])
                at += taken
                self._missing -= taken
                if not self._missing:
                    self._end_literal()
                continue
            newline = data.find(b"\n", at)
            if newline < 0:
                self._line += view[at:]
                if len(self._line) > _LINE_OCTETS:
                    self.abort("endless line")
                return
            line = data[at : newline + 1]
            at = newline + 1
            if self._line:
                self._line += line
                line = bytes(self._line)
                self._line.clear()
            self._take(line[:-2] if line.endswith(b"\r\n") else line[:-1])

    def _take(self, line: bytes) -> None:
        self._pieces.append(line)
        size = _LITERAL.search(line) if line.endswith(b"}") else None
        if size is not None and _may_hold_literal(self._pieces[0]):
            self._begin_literal(int(size[1]))
            return
        text, literals = b"".join(self._pieces), tuple(self._literals)
        self._pieces.clear()
        self._literals.clear()
        self._respond(text, literals)

    def _begin_literal(self, size: int) -> None:
        if size > _LITERAL_OCTETS:
            self.abort("a mail larger than this program can hold")
            return
        # Its final size at once, filled in place and handed out without a copy: a mail of 25 MB is in
        # memory once. A large size is believed only as the octets come.
        self._missing, self._literal = size, io.BytesIO()
        if 0 < size <= _BELIEVED_OCTETS:
            self._literal.seek(size - 1)
            self._literal.write(b"\0")
            self._literal.seek(0)
        if not size:
            self._end_literal()

    def _end_literal(self) -> None:
        assert self._literal is not None
        self._literals.append(self._literal.getvalue())
        self._literal = None

    def _respond(self, text: bytes, literals: tuple[bytes, ...]) -> None:
        if text.startswith(b"* "):
            if self._greeted:
                self._untagged(_Untagged(text[2:], literals))
            else:
                self._greet(text)
        elif text.startswith(b"+"):
            self._continuation(text)
        elif text.startswith(self.tagpre.encode()):
            if text.split(b" ")[1:2] not in ([b"OK"], [b"NO"], [b"BAD"]):
                raise ValueError("no such result")
            self._response_done(text)
        # Anything else is noise between responses, as some servers' empty lines.

    def _greet(self, text: bytes) -> None:
        self._greeted = True
        if text[2:5].upper() == b"BYE":
            self.abort(f"greeting: {_readable(text)}")
            return
        task = asyncio.ensure_future(self.welcome(text))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _untagged(self, response: _Untagged) -> None:
        text = response.text
        counted = _COUNT.match(text)
        word = (counted[2] if counted else text.split(b" ", 1)[0]).upper()
        if word == b"EXISTS" and counted:
            if int(counted[1]) > self.exists:
                self.news.set()
            self.exists = int(counted[1])
        elif word == b"EXPUNGE":
            self.exists = max(0, self.exists - 1)
        elif word == b"BYE":
            self.bye = f"server said {_readable(text)}"
        command = self.pending_sync_command
        if command is None:
            wanted = "SEARCH" if word == b"ESEARCH" else word.decode("ascii", "replace")
            command = self.pending_async_commands.get(wanted)
            if command is not None and word in (b"LIST", b"CAPABILITY", b"STATUS"):
                text = text.partition(b" ")[2]  # as the library's own code expects it
        if command is None or command.name == "IDLE":
            return
        # A mail's text goes to the command whole; for plain lines the library's shape is kept.
        command._resp_lines.append(response if word in (b"FETCH", b"SEARCH", b"ESEARCH") else text)

    def _continuation(self, line: bytes) -> None:
        if self.pending_sync_command is not None and self.pending_sync_command.name == "AUTHENTICATE":
            # RFC 7628, section 3.2.3: the challenge is the error; only our empty answer ends the exchange.
            self.refusal = _readable(line[1:].strip())
            self.transport.write(b"\r\n")
        else:
            super()._continuation(line)


class _Client(aioimaplib.IMAP4):  # type: ignore[misc]
    def create_client(
        self,
        host: str,
        port: int,
        loop: asyncio.AbstractEventLoop | None,
        conn_lost_cb: object = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        running = asyncio.get_running_loop()
        self.protocol = _Protocol(running)
        self._client_task = running.create_task(
            running.create_connection(lambda: self.protocol, host, port, ssl=ssl_context)
        )


class Mailbox:
    """One folder of one account over one connection, for one task at a time.

    After MailboxUnavailable the connection is closed; `connect` opens a new one. Nothing is remembered
    from one connection to the next but the settings: read `uidvalidity` after each `connect`.
    """

    def __init__(self, settings: ImapSettings, clock: Clock | None = None) -> None:
        self._settings = settings
        self._clock: Clock = clock or SystemClock()
        self._client: _Client | None = None
        self._may_idle = False
        self.uidvalidity = 0
        """Of the selected folder; UIDs mean nothing under another one (RFC 9051, section 2.3.1.1)."""

    @property
    def is_connected(self) -> bool:
        return self._client is not None and not self._client.protocol.lost.done()

    async def connect(self) -> None:
        """Log in, make the two target folders if they are missing, select the folder.

        Raises MailboxUnavailable, `is_auth` where the server refused us.
        """
        await self.close()
        self._client = _Client(
            self._settings.host,
            self._settings.port,
            timeout=self._settings.timeout_s,
            ssl_context=self._tls(),
        )
        try:
            await self._greet()
            await self._log_in()
            for name in dict.fromkeys((self._settings.processed, self._settings.quarantine)):
                await self._ensure_folder(name)
            await self._select()
        except BaseException:
            self._drop("given up")
            raise

    async def list_uids(self) -> list[int]:
        """The UIDs now in the folder, ascending. Raises MailboxUnavailable."""
        # A server searches what it has told us of; NOOP is how it is made to look and tell.
        protocol = self._live().protocol
        self._require(await self._command(protocol.simple_command("NOOP")), "NOOP")
        protocol.news.clear()  # before the search: what arrives from here on is news
        criterion = "ALL" if self._may_remove() else "UNDELETED"
        response = await self._command(protocol.search(criterion, by_uid=True, charset=None))
        self._require(response, "UID SEARCH")
        uids = {uid for line in _untagged(response) for uid in _searched(line.text)}
        if not uids and protocol.exists:
            # No answer line, or one we cannot read, must not look like an empty mailbox.
            uids = await self._uids_one_by_one(protocol.exists)
        return sorted(uids)

    async def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """RFC822.SIZE in octets of those `uids` that still exist. The server's figure: Exchange may name
        another than it delivers. Raises MailboxUnavailable."""
        found: dict[int, int] = {}
        for batch in _chunks(uids, _BATCH_SIZES):
            response = await self._fetch(_uid_set(batch), "(UID RFC822.SIZE)")
            for text, _ in _untagged(response):
                uid, size = _UID.search(text), _SIZE.search(text)
                if uid and size:
                    found[int(uid[1])] = int(size[1])
        return found

    async def fetch(
        self, uids: Sequence[int], sizes: Mapping[int, int] | None = None
    ) -> AsyncIterator[FetchedMail]:
        """Yield the mails `uids` in that order, a batch in memory at a time (at most 50 mails, about 4 MiB,
        or one mail however large). \\Seen is not set. `sizes` as from `sizes()`, asked for if absent.

        A mail that is gone, or that the server will not hand out even alone, is left out (the latter
        logged): one that stays listed and is never yielded is for the caller to report. Raises
        MailboxUnavailable.
        """
        known = await self.sizes(uids) if sizes is None else sizes
        for batch in _batches(uids, known):
            for mail in await self._fetch_batch(batch, sum(known.get(uid, 0) for uid in batch)):
                yield mail

    async def fetch_header(self, uid: int, max_bytes: int) -> FetchedMail | None:
        """The first `max_bytes` octets of the header section, for a mail too large to be taken whole; None
        if it is gone. Raises MailboxUnavailable."""
        items = f"(UID INTERNALDATE BODY.PEEK[HEADER]<0.{max_bytes}>)"
        response = await self._fetch(str(uid), items, max_bytes)
        return next(iter(self._mails(response)), None)

    async def move(self, uids: Iterable[int], folder: str) -> None:
        """Move `uids` into `folder` (created again if somebody removed it); those that are gone are no
        error. One UID MOVE, or several where the set is too long for a line.

        Without MOVE (RFC 6851): UID COPY, then \\Deleted, then UID EXPUNGE (RFC 4315); dying in between
        leaves a second copy in `folder`, never none. Without UIDPLUS too, the mail stays, marked \\Deleted,
        and is no longer listed: a plain EXPUNGE would also remove what somebody else had marked.
        Raises MailboxUnavailable.
        """
        for uid_set in _uid_sets(sorted(set(uids))):
            await self._move_set(uid_set, _quoted(folder), folder)

    async def refile(
        self, source: str, target: str, wanted: Sequence[Sought], is_it: Callable[[Sought, bytes], bool]
    ) -> set[int]:
        """Move the `wanted` mails, whose octets `is_it` knows, from `source` to `target`, neither of them our
        own folder; returns the keys of those that lie in `target` now.

        Looked for by Message-ID (without a usable one by size), in `target` too: we may have died after
        moving. Afterwards our own folder is selected again, and `uidvalidity` is what it then has. Raises
        MailboxUnavailable.
        """
        try:
            found = await self._uids_in(source, wanted, is_it)
            if found:
                await self.move(found.values(), target)
            missing = [one for one in wanted if one.key not in found]
            there = await self._uids_in(target, missing, is_it) if missing else {}
        finally:
            if self.is_connected:
                await self._select()
        return {*found, *there}

    async def wait_for_change(self, timeout_s: float, wake: asyncio.Event) -> bool:
        """Wait until mail has arrived since the last `list_uids` began, `wake` is set, or `timeout_s` is
        over; true only for the first. `wake` is not cleared. Raises MailboxUnavailable."""
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout_s
        protocol = self._live().protocol
        while not (protocol.news.is_set() or wake.is_set()):
            left = until - loop.time()
            if left <= 0:
                break
            if self._may_idle:
                await self._idle(min(left, _IDLE_ROUND_S), wake)
            else:
                self._require(await self._command(self._live().protocol.simple_command("NOOP")), "NOOP")
                if not protocol.news.is_set():
                    await self._pause(min(left, self._settings.poll_s), wake)
        return bool(protocol.news.is_set())

    async def close(self) -> None:
        """Log out if the server answers within two seconds, and let go of the connection. Never raises."""
        client = self._client
        if client is None:
            return
        if not client.protocol.lost.done() and client.protocol.state in ("NONAUTH", "AUTH", "SELECTED"):
            with contextlib.suppress(MailboxUnavailable):
                await self._command(client.protocol.logout(), timeout_s=2.0)
        self._drop("closed")

    # --- connecting ---------------------------------------------------------------------------------

    def _tls(self) -> ssl.SSLContext | None:
        if self._settings.security == "none":
            return None
        try:
            return ssl.create_default_context(cafile=self._settings.ca_file)
        except OSError as error:
            raise MailboxUnavailable(f"cannot read the CA file: {error.strerror}") from error

    async def _greet(self) -> None:
        client = self._live(or_connecting=True)
        try:
            await self._guard(client._wait_connection_and_hello(), self._settings.timeout_s)
        except ssl.SSLError as error:
            reason = getattr(error, "verify_message", "") or error.reason or "TLS failed"
            raise MailboxUnavailable(f"TLS refused: {reason}") from error
        except OSError as error:
            raise MailboxUnavailable(f"cannot connect: {error.strerror or type(error).__name__}") from error
        sock = client.protocol.transport.get_extra_info("socket")
        if sock is not None:  # so that a dead peer is noticed while we only listen
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for option, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 20), ("TCP_KEEPCNT", 3)):
                if hasattr(socket, option):
                    sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)

    async def _log_in(self) -> None:
        client = self._live()
        if client.get_state() == "NONAUTH":
            response = await (
                self._log_in_by_token() if self._settings.auth == "xoauth2" else self._log_in_by_password()
            )
            if response.result != "OK":
                said = client.protocol.refusal or _last(response)
                token_source = self._settings.token_source
                if token_source is not None:
                    token_source.forget()
                # RFC 5530: these three speak about the server's state, not about our password.
                busy = any(word in said.upper() for word in ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]"))
                raise MailboxUnavailable(f"login refused: {said}", is_auth=not busy)
        # IDLE and MOVE often appear only now, and the library misreads the list in LOGIN's answer.
        await self._command(client.protocol.capability())
        client.protocol.capabilities = {word.upper() for word in client.protocol.capabilities}
        self._may_idle = "IDLE" in client.protocol.capabilities

    async def _log_in_by_password(self) -> Any:
        client = self._live()
        if "LOGINDISABLED" in client.protocol.capabilities:
            raise MailboxUnavailable("server takes no passwords here (LOGINDISABLED)", is_auth=True)
        return await self._command(
            client.protocol.login(_string(self._settings.username), self._settings.password)
        )

    async def _log_in_by_token(self) -> Any:
        source = self._settings.token_source
        if source is None:
            raise MailboxUnavailable("xoauth2 needs a token source", is_auth=True)
        try:
            token = await source.token()
        except TokenUnavailable as failure:
            raise MailboxUnavailable(failure.reason, is_auth=failure.is_auth) from failure
        return await self._command(self._live().protocol.xoauth2(self._settings.username, token))

    async def _ensure_folder(self, name: str) -> None:
        if await self._has_folder(name):
            return
        response = await self._command(self._live().protocol.simple_command("CREATE", _quoted(name)))
        if response.result != "OK" and not await self._has_folder(name):
            raise self._failed(f"cannot create the folder {name!r}: {_last(response)}")
        # Only so that mail programs show it; a server may refuse.
        await self._command(self._live().protocol.simple_command("SUBSCRIBE", _quoted(name)))

    async def _has_folder(self, name: str) -> bool:
        response = await self._command(self._live().protocol.simple_command("LIST", '""', _quoted(name)))
        self._require(response, "LIST")
        # The tagged line ends every answer; a folder adds one before it.
        return any(
            b"\\noselect" not in line.lower() for line in response.lines[:-1] if isinstance(line, bytes)
        )

    async def _select(self, folder: str = "") -> None:
        folder = folder or self._settings.folder
        client = self._live()
        client.protocol.exists = 0
        response = await self._command(client.protocol.select(_quoted(folder)))
        if response.result != "OK":
            raise self._failed(f"cannot select the folder {folder!r}: {_last(response)}")
        lines = [line for line in response.lines if isinstance(line, bytes)]
        if b"[READ-ONLY]" in lines[-1].upper():
            raise self._failed(f"the folder {folder!r} is read-only")
        validity = next((found for line in lines if (found := _UIDVALIDITY.search(line))), None)
        if validity is None:
            raise self._failed("the server keeps no UIDs (no UIDVALIDITY)")
        self.uidvalidity = int(validity[1])
        client.protocol.news.clear()

    # --- reading and moving -------------------------------------------------------------------------

    async def _fetch(self, uid_set: str, items: str, size_bytes: int = 0, *, by_uid: bool = True) -> Any:
        coroutine = self._live().protocol.fetch(uid_set, items, by_uid=by_uid, timeout=None)
        return await self._command(coroutine, size_bytes=size_bytes)

    async def _fetch_batch(self, batch: Sequence[int], size_bytes: int) -> list[FetchedMail]:
        response = await self._fetch(_uid_set(batch), "(UID INTERNALDATE BODY.PEEK[])", size_bytes)
        by_uid = {mail.uid: mail for mail in self._mails(response)}
        if response.result != "OK":
            # NO may mean "some are gone" (RFC 5530, EXPUNGEISSUED) or one rotten mail among good ones.
            for uid in (uid for uid in batch if uid not in by_uid and len(batch) > 1):
                by_uid.update({mail.uid: mail for mail in await self._fetch_batch([uid], size_bytes)})
            if len(batch) == 1 and not by_uid:
                log.warning(
                    "the mail server will not hand out a mail: %s", _last(response), extra={"uid": batch[0]}
                )
        return [by_uid[uid] for uid in batch if uid in by_uid]

    def _mails(self, response: Any) -> list[FetchedMail]:
        mails: dict[int, FetchedMail] = {}
        for text, literals in _untagged(response):
            uid, raw = _UID.search(text), _body(text, literals)
            if uid and raw is not None:  # a line of flags that changed meanwhile has no body
                when = _INTERNALDATE.search(text)
                arrived = parse_internaldate(when[1]) if when else None
                mails[int(uid[1])] = FetchedMail(int(uid[1]), arrived or self._clock.now(), raw)
        return list(mails.values())

    async def _uids_one_by_one(self, exists: int) -> set[int]:
        uids: set[int] = set()
        for first in range(1, exists + 1, _BATCH_SIZES):
            last = min(first + _BATCH_SIZES - 1, exists)
            response = await self._fetch(f"{first}:{last}", "(UID FLAGS)", by_uid=False)
            for text, _ in _untagged(response):
                uid = _UID.search(text)
                if uid and (self._may_remove() or b"\\deleted" not in text.lower()):
                    uids.add(int(uid[1]))
        return uids

    async def _uids_in(
        self, folder: str, wanted: Sequence[Sought], is_it: Callable[[Sought, bytes], bool]
    ) -> dict[int, int]:
        """The UID in `folder`, selected now, of each of `wanted` that is there, by its key."""
        if not await self._has_folder(folder):
            return {}  # named so in an earlier configuration
        await self._select(folder)
        found: dict[int, int] = {}
        for one in wanted:
            criterion = _criterion(one) if self._may_remove() else f"UNDELETED {_criterion(one)}"
            response = await self._command(self._live().protocol.search(criterion, by_uid=True, charset=None))
            if response.result != "OK":
                # A server that will not search so must not keep new mail from being read.
                log.warning("the mail server will not search: %s", _last(response))
                continue
            uids = sorted({uid for line in _untagged(response) for uid in _searched(line.text)})
            async for mail in self.fetch(uids[:_MOST_ALIKE]):
                if is_it(one, mail.raw):
                    found[one.key] = mail.uid
                    break
        return found

    def _may_remove(self) -> bool:
        """Whether a moved mail really leaves the folder at this server."""
        capabilities = self._live().protocol.capabilities
        return "MOVE" in capabilities or "UIDPLUS" in capabilities

    async def _move_set(self, uid_set: str, target: str, folder: str, *, is_repeat: bool = False) -> None:
        protocol = self._live().protocol
        has_move = "MOVE" in protocol.capabilities
        coroutine = (protocol.move if has_move else protocol.copy)(uid_set, target, by_uid=True)
        response = await self._command(coroutine, timeout_s=self._settings.timeout_s * 4)
        if response.result != "OK":
            if not is_repeat and "[TRYCREATE]" in _last(response).upper():
                await self._ensure_folder(folder)
                return await self._move_set(uid_set, target, folder, is_repeat=True)
            raise self._failed(f"server refused to move: {_last(response)}")
        if not has_move:
            mark = protocol.store(uid_set, "+FLAGS.SILENT", r"(\Deleted)", by_uid=True)
            self._require(await self._command(mark), "STORE")
            if "UIDPLUS" in protocol.capabilities:
                self._require(await self._command(protocol.expunge(uid_set, by_uid=True)), "UID EXPUNGE")
        return None

    # --- waiting ------------------------------------------------------------------------------------

    async def _idle(self, timeout_s: float, wake: asyncio.Event) -> None:
        """One round of IDLE (RFC 2177). The server tells at its start what it had not told yet."""
        client = self._live()
        protocol = client.protocol
        idle = asyncio.ensure_future(client.idle())
        try:
            began = asyncio.ensure_future(protocol.wait_for_idle_response())
            await self._first_of(self._settings.timeout_s, idle, began)
            began.cancel()
            if idle.done():
                self._may_idle = False  # refused, whatever it advertised: poll from now on
                with contextlib.suppress(aioimaplib.AioImapException, ConnectionError):
                    await idle
                self._live()
                return
            if not protocol._idle_event.is_set():
                raise self._failed("no answer to IDLE")
            await self._pause(timeout_s, wake)
            protocol.send("DONE")
            self._require(await self._guard(idle, self._settings.timeout_s), "IDLE")
        except BaseException:
            if not idle.cancel() and not idle.cancelled():
                idle.exception()  # looked at, or asyncio reports it as forgotten
            self._drop("IDLE given up")
            raise

    async def _pause(self, timeout_s: float, wake: asyncio.Event) -> None:
        protocol = self._live().protocol
        news, woken = asyncio.ensure_future(protocol.news.wait()), asyncio.ensure_future(wake.wait())
        try:
            await self._first_of(timeout_s, news, woken)
        finally:
            news.cancel()
            woken.cancel()
        self._live()

    async def _first_of(self, timeout_s: float, *tasks: asyncio.Future[Any]) -> None:
        await asyncio.wait(
            {*tasks, self._live().protocol.lost}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED
        )

    # --- every call to the library goes through here ------------------------------------------------

    async def _command(
        self, coroutine: Coroutine[Any, Any, Any], *, timeout_s: float | None = None, size_bytes: int = 0
    ) -> Any:
        """The answer to one command, or MailboxUnavailable. `size_bytes` expected lengthen the deadline;
        standing still for `timeout_s` ends it in any case."""
        still_s = timeout_s or self._settings.timeout_s
        return await self._guard(coroutine, still_s, still_s + size_bytes / _SLOWEST_BYTES_PER_S)

    async def _guard(self, awaitable: Awaitable[Any], still_s: float, total_s: float | None = None) -> Any:
        client = self._client
        if client is None:
            if asyncio.iscoroutine(awaitable):
                awaitable.close()
            raise MailboxUnavailable("not connected")
        protocol, loop = client.protocol, asyncio.get_running_loop()
        task = asyncio.ensure_future(awaitable)
        began = protocol.heard_at = loop.time()
        deadline = began + (total_s or still_s)
        try:
            while not task.done() and not protocol.lost.done():
                wait_s = min(deadline, protocol.heard_at + still_s) - loop.time()
                if wait_s <= 0:
                    raise self._failed("no answer in time")
                await asyncio.wait({task, protocol.lost}, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise self._failed(protocol.lost.result())
            return task.result()
        except MailboxUnavailable:
            raise
        except (ConnectionError, aioimaplib.AioImapException, ValueError) as error:
            if not protocol.lost.done() and isinstance(error, OSError):
                raise  # from connecting: `_greet` knows how to word it
            said = protocol.lost.result() if protocol.lost.done() else type(error).__name__
            raise self._failed(said) from error
        except asyncio.CancelledError:
            self._drop("cancelled")  # an answer still on its way would be taken for the next one's
            raise
        finally:
            if not task.done():
                task.cancel()

    def _live(self, *, or_connecting: bool = False) -> _Client:
        client = self._client
        if client is None:
            raise MailboxUnavailable("not connected")
        if client.protocol.lost.done():
            raise self._failed(client.protocol.lost.result())
        if client.protocol.transport is None and not or_connecting:
            raise MailboxUnavailable("not connected")
        return client

    def _require(self, response: Any, what: str) -> None:
        if response.result != "OK":
            raise self._failed(f"server refused {what}: {_last(response)}")

    def _failed(self, reason: str) -> MailboxUnavailable:
        self._drop(reason)
        return MailboxUnavailable(reason)

    def _drop(self, reason: str) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.protocol.abort(reason)
            for task in (client._client_task, *client.tasks, *client.protocol.tasks):
                task.cancel()


# --- pure parts -------------------------------------------------------------------------------------

_LITERAL = re.compile(rb"\{(\d{1,12})\}$")
_COUNT = re.compile(rb"(\d+) ([A-Za-z]+)")
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_UIDVALIDITY = re.compile(rb"\[UIDVALIDITY (\d+)\]", re.IGNORECASE)
_INTERNALDATE = re.compile(rb'\bINTERNALDATE "([^"]*)"')
_BODY = re.compile(rb'\bBODY\[[^\]]*\](?:<\d+>)? (?:(~?\{\d+\})|"((?:[^"\\]|\\.)*)"|(NIL))', re.DOTALL)
_ESEARCH_ALL = re.compile(rb"\bALL ([0-9:,]+)")
_ADDRESS = re.compile(r"\S*@\S*")
_STATUS_WORDS = (b"OK", b"NO", b"BAD", b"BYE", b"PREAUTH")
_MONTHS = {
    name: number
    for number, name in enumerate(
        (b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"), 1
    )
}
_DATE_TIME = re.compile(
    rb"\s*(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d{1,2}):(\d{2}):(\d{2})(?: ?([+-])(\d{2}):?(\d{2}))?"
)


def parse_internaldate(text: bytes) -> datetime | None:
    """RFC 3501 `date-time` without its quotes as an aware instant; without a zone it counts as UTC. None if
    it cannot be read."""
    found = _DATE_TIME.match(text)
    month = _MONTHS.get(found[2].lower()) if found else None
    if found is None or month is None:
        return None
    offset = timedelta(hours=int(found[8] or 0), minutes=int(found[9] or 0))
    try:
        zone = timezone(-offset if found[7] == b"-" else offset) if found[7] else UTC
        second = min(int(found[6]), 59)  # a leap second has no datetime
        return datetime(
            int(found[3]), month, int(found[1]), int(found[4]), int(found[5]), second, tzinfo=zone
        )
    except ValueError:
        return None


def encode_folder(name: str) -> str:
    """Modified UTF-7 (RFC 3501, section 5.1.3): "الوارد" becomes "&BicGRAZIBicGMQYv-"."""
    out: list[str] = []
    wide = ""
    for char in f"{name}\0":  # the NUL only closes the last run
        plain = "\x20" <= char <= "\x7e"
        if wide and (plain or char == "\0"):
            coded = (
                b64encode(wide.encode("utf-16-be", "surrogatepass")).decode().rstrip("=").replace("/", ",")
            )
            out.append(f"&{coded}-")
            wide = ""
        if plain:
            out.append("&-" if char == "&" else char)
        elif char not in "\0\r\n":
            wide += char
    return "".join(out)


_MOST_ALIKE = 20
"""Mails looked at to find one: as many share a Message-ID, or a size, only where somebody made them so."""
_SEARCHABLE = re.compile(r"<[!#-\[\]-~]{1,250}>")


def _criterion(sought: Sought) -> str:
    if sought.message_id and _SEARCHABLE.fullmatch(sought.message_id):
        return f"HEADER MESSAGE-ID {_string(sought.message_id)}"
    return f"LARGER {max(0, sought.size_bytes - 1)} SMALLER {sought.size_bytes + 1}"


def _string(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _quoted(folder: str) -> str:
    return _string(encode_folder(folder))


def _may_hold_literal(first: bytes) -> bool:
    """Status texts are free and may end like a literal; no data response begins like one of them."""
    return first.startswith(b"* ") and first[2:].split(b" ", 1)[0].upper() not in _STATUS_WORDS


def _untagged(response: Any) -> list[_Untagged]:
    return [line for line in response.lines if isinstance(line, _Untagged)]


def _body(text: bytes, literals: tuple[bytes, ...]) -> bytes | None:
    found = _BODY.search(text)
    if found is None:
        return None
    if found[1] is not None:
        # Literals stand in the order of their markers; ours is the one after those before BODY.
        return literals[len(re.findall(rb"\{\d+\}", text[: found.start(1)]))]
    return re.sub(rb"\\(.)", rb"\1", found[2]) if found[2] is not None else b""


def _searched(text: bytes) -> Iterable[int]:
    """UIDs of a SEARCH line, or of an ESEARCH line (RFC 4731), which some servers send unasked."""
    if text[:7].upper() == b"ESEARCH":
        found = _ESEARCH_ALL.search(text)
        for part in found[1].split(b",") if found else ():
            low, _, high = part.partition(b":")
            yield from range(min(int(low), int(high or low)), max(int(low), int(high or low)) + 1)
    else:
        yield from (int(word) for word in text.split()[1:] if word.isdigit())


def _chunks(uids: Sequence[int], count: int) -> Iterable[Sequence[int]]:
    return (uids[start : start + count] for start in range(0, len(uids), count))


def _batches(uids: Sequence[int], sizes: Mapping[int, int]) -> Iterable[list[int]]:
    batch: list[int] = []
    octets = 0
    for uid in uids:
        size = sizes.get(uid, 0)
        if batch and (len(batch) >= _BATCH_MAILS or octets + size > _BATCH_BYTES):
            yield batch
            batch, octets = [], 0
        batch.append(uid)
        octets += size
    if batch:
        yield batch


def _uid_set(uids: Sequence[int]) -> str:
    """RFC 3501 `sequence-set` of exactly these: neighbours as a range."""
    parts: list[str] = []
    ordered = sorted(set(uids))
    start = 0
    for end in range(1, len(ordered) + 1):
        if end == len(ordered) or ordered[end] != ordered[end - 1] + 1:
            low, high = ordered[start], ordered[end - 1]
            parts.append(str(low) if low == high else f"{low}:{high}")
            start = end
    return ",".join(parts)


def _uid_sets(uids: Sequence[int]) -> Iterable[str]:
    if not uids:
        return
    whole = _uid_set(uids)
    if len(whole) <= _SET_OCTETS:
        yield whole
    else:
        yield from _uid_sets(uids[: len(uids) // 2])
        yield from _uid_sets(uids[len(uids) // 2 :])


def _last(response: Any) -> str:
    line = response.lines[-1] if response.lines else b""
    return _readable(line) if isinstance(line, bytes) else response.result


def _readable(text: bytes) -> str:
    """What a server said, fit for a log: printable, short, without addresses."""
    plain = "".join(char for char in text.decode("utf-8", "replace") if char.isprintable())
    return _ADDRESS.sub("…", plain)[:200]
