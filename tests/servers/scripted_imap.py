"""An IMAP server that says exactly what a test wants, for what no real server does on demand."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

CAPABILITIES = "IMAP4rev1 IDLE MOVE UIDPLUS SASL-IR AUTH=XOAUTH2"

Reply = str | bytes | Callable[["Conversation", str], Awaitable[None]]


@dataclass
class Conversation:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    tag: str = ""

    async def say(self, text: str | bytes) -> None:
        """`text` with `{tag}` filled in; line ends are the caller's."""
        if isinstance(text, str):
            text = text.replace("{tag}", self.tag).encode()
        else:
            text = text.replace(b"{tag}", self.tag.encode())
        self.writer.write(text)
        await self.writer.drain()

    async def hear(self) -> str:
        return (await self.reader.readline()).decode().rstrip("\r\n")

    def cut(self) -> None:
        self.writer.transport.abort()


async def silence(conversation: Conversation, line: str) -> None:
    """No answer, ever (until the peer leaves)."""
    while await conversation.reader.read(4096):
        pass


async def cut(conversation: Conversation, line: str) -> None:
    conversation.cut()


@dataclass
class ScriptedImap:
    """`replies` maps a pattern for the command (without tag, matched from its start, any case) to what is
    said, `{tag}` filled in; the first that fits is used, those here before the ordinary ones."""

    replies: dict[str, Reply] = field(default_factory=dict)
    greeting: Reply = "* OK ready\r\n"
    port: int = 0
    host: str = "127.0.0.1"
    heard: list[str] = field(default_factory=list)
    connection_count: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connection_count += 1
        conversation = Conversation(reader, writer)
        with contextlib.suppress(ConnectionError):
            await self._act(conversation, self.greeting, "")
            while not writer.transport.is_closing():
                line = await conversation.hear()
                if not line:
                    break
                conversation.tag, _, command = line.partition(" ")
                self.heard.append(command)
                await self._act(conversation, self._reply_to(command), command)

    def _reply_to(self, command: str) -> Reply:
        for pattern, reply in [*self.replies.items(), *_ORDINARY.items()]:
            if re.match(pattern, command, re.IGNORECASE):
                return reply
        return "{tag} OK done\r\n"

    async def _act(self, conversation: Conversation, reply: Reply, command: str) -> None:
        if callable(reply):
            await reply(conversation, command)
        else:
            await conversation.say(reply)


async def _idle(conversation: Conversation, line: str) -> None:
    await conversation.say("+ idling\r\n")
    if await conversation.hear() == "DONE":
        await conversation.say("{tag} OK IDLE done\r\n")


_ORDINARY: dict[str, Reply] = {
    "CAPABILITY": f"* CAPABILITY {CAPABILITIES}\r\n{{tag}} OK done\r\n",
    "LIST": '* LIST () "/" Processed\r\n{tag} OK done\r\n',
    "SELECT": (
        "* FLAGS (\\Seen \\Deleted)\r\n* 0 EXISTS\r\n* 0 RECENT\r\n"
        "* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 1] ok\r\n{tag} OK [READ-WRITE] done\r\n"
    ),
    "UID SEARCH": "* SEARCH\r\n{tag} OK done\r\n",
    "IDLE": _idle,
    "LOGOUT": "* BYE bye\r\n{tag} OK done\r\n",
}


@contextlib.asynccontextmanager
async def scripted_imap(
    replies: dict[str, Reply] | None = None, greeting: Reply = "* OK ready\r\n"
) -> AsyncIterator[ScriptedImap]:
    """Serve on the running loop. Reply patterns are regular expressions, such as r"UID FETCH"."""
    script = ScriptedImap(replies or {}, greeting)
    async with serving(script.serve) as script.port:
        yield script


@contextlib.asynccontextmanager
async def serving(
    talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[int]:
    """Let `talk` answer each connection to a loopback port, which is yielded; at the end all are cut."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await talk(reader, writer)
        except (asyncio.CancelledError, ConnectionError):
            pass  # the play is over, or the peer has left
        finally:
            tasks.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=2**20)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
