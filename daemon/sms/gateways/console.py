"""The SMS gateway that is none: for the sandbox and for tests, it writes what it would send.

Each SMS is one JSON line `{"at", "to", "text", "reference"}`.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path

from daemon.clock import Clock, SystemClock
from daemon.courier import FrozenMessage, Receipt, TemporaryFailure


class ConsoleCourier:
    """A Courier that hands each line to `write` and, with `path`, appends it to that file first.

    The file is the memory of `find`, also of a later process; without one, `find` knows this process only.
    """

    def __init__(
        self,
        write: Callable[[str], None] | None = None,
        path: Path | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._write = write
        self._path = path
        self._clock: Clock = clock or SystemClock()
        self._known: dict[str, int] = {}
        self._read_to = 0
        self._line_count = 0

    async def deliver(self, message: FrozenMessage) -> Receipt:
        """Write `message`; see Courier. Raises TemporaryFailure if the file cannot be written."""
        line = json.dumps(
            {
                "at": self._clock.now().isoformat(),
                "to": message.recipient,
                "text": message.content.decode("utf-8"),
                "reference": message.reference,
            },
            ensure_ascii=False,
        )
        if self._path is not None:
            try:
                _append(self._path, line)
            except OSError as error:
                raise TemporaryFailure(f"cannot write: {error.strerror}", outage=True) from error
        else:
            self._line_count += 1
            self._known[message.reference] = self._line_count
        if self._write is not None:
            self._write(line)
        return Receipt(peer_id=message.reference, detail="written")

    async def find(self, reference: str) -> Receipt | None:
        if self._path is not None:
            try:
                await asyncio.to_thread(self._catch_up, self._path)
            except FileNotFoundError:
                return None
            except OSError as error:
                raise TemporaryFailure(f"cannot read: {error.strerror}", outage=True) from error
        return Receipt(peer_id=reference, detail="written") if reference in self._known else None

    async def check(self) -> str:
        if self._path is None:
            return "SMS are shown, not sent"
        try:
            os.close(_open(self._path))
        except OSError as error:
            raise TemporaryFailure(f"cannot write {self._path}: {error.strerror}", outage=True) from error
        return f"SMS are written to {self._path}, not sent"

    async def close(self) -> None:
        """Nothing is held open."""

    def _catch_up(self, path: Path) -> None:
        with path.open("rb") as file:
            file.seek(self._read_to)
            for line in file:
                if not line.endswith(b"\n"):
                    break  # another process is in the middle of it
                self._read_to += len(line)
                self._line_count += 1
                try:
                    entry = json.loads(line)
                except ValueError:
                    continue
                if isinstance(entry, dict) and isinstance(entry.get("reference"), str):
                    self._known.setdefault(entry["reference"], self._line_count)


def _open(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def _append(path: Path, line: str) -> None:
    """One write of one line at the end: whole for any reader, kept if this process is killed."""
    file = _open(path)
    try:
        os.write(file, line.encode("utf-8", "replace") + b"\n")
    finally:
        os.close(file)
