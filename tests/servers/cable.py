"""A line between a program and a server, which a test cuts and mends."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator

from tests.servers import free_port


class Cable:
    """Forwards a port of its own, in a thread of its own, to a server's. While it is cut, what is connected
    dies and nobody is let in."""

    def __init__(self, to: int) -> None:
        self.port = free_port()
        self._to = to
        self._is_cut = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._is_listening = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._is_listening.wait(60)

    def cut(self) -> None:
        self._loop.call_soon_threadsafe(self._cut)

    def mend(self) -> None:
        self._is_cut = False

    def close(self) -> None:
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)

    def _cut(self) -> None:
        self._is_cut = True
        for writer in self._writers:
            writer.transport.abort()

    def _run(self) -> None:
        listening = asyncio.start_server(self._take, "127.0.0.1", self.port, backlog=200)
        server = self._loop.run_until_complete(listening)
        self._is_listening.set()
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        if tasks:
            self._loop.run_until_complete(asyncio.wait(tasks))
        self._loop.close()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        there: asyncio.StreamWriter | None = None
        try:
            if not self._is_cut:
                answer, there = await asyncio.open_connection("127.0.0.1", self._to)
                self._writers.add(there)
                await asyncio.gather(_pass_on(reader, there), _pass_on(answer, writer))
        except OSError:
            pass
        finally:
            for one in filter(None, (writer, there)):
                self._writers.discard(one)
                one.transport.abort()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until either end is gone; then both are."""
    with contextlib.suppress(OSError):
        while octets := await reader.read(1 << 16):
            writer.write(octets)
            await writer.drain()
    writer.transport.abort()


@contextlib.contextmanager
def cable(to: int) -> Iterator[Cable]:
    made = Cable(to)
    try:
        yield made
    finally:
        made.close()
