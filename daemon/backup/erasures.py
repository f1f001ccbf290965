"""The record of erasures, beside the database and beside the backups: which complaints and which mails went.

A backup that is older than an erasure brings the person back, and the database in it cannot know. The record
holds numbers of complaints and fingerprints of mails, which stay after an erasure anyway; nothing of anybody.
It is a file of JSON lines, only ever added to. What was begun is written before anything goes, and what was
done after it; a line that was cut by a crash is passed over, and counted.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final

NAME: Final = "shakwa-erasures.jsonl"


@dataclass(frozen=True, slots=True)
class Erasure:
    """One person's erasure. `tickets`: the numbers of their complaints; `others`: of those of others that
    bore the mobile that was named; `mails`: fingerprints of everything that came about them, `sent`: of what
    they sent themselves."""

    id: str
    at: datetime
    tickets: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    mails: tuple[str, ...] = ()
    sent: tuple[str, ...] = ()
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What all records together say, the oldest first. `unreadable`: lines that are none."""

    erasures: tuple[Erasure, ...] = ()
    unreadable: int = 0


def add(folder: Path, one: Erasure) -> None:
    """Write it down, durably. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / NAME
    is_new = not path.exists()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        if is_new:
            _give(descriptor, folder)
        # A line that a crash cut ends here, so that it spoils none but itself.
        os.write(descriptor, f"\n{_line(one)}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(folders: Iterable[Path]) -> Found:
    """What stands in the records of these folders. Raises OSError where one is there and cannot be read."""
    found: dict[str, Erasure] = {}
    unreadable = 0
    for folder in folders:
        path = folder / NAME
        if not path.exists():
            continue
        for line in path.read_bytes().splitlines():
            if not line.strip():
                continue
            one = _erasure(line)
            if one is None:
                unreadable += 1
            elif one.id not in found or one.is_done:
                found[one.id] = one
    return Found(tuple(sorted(found.values(), key=lambda one: (one.at, one.id))), unreadable)


def carry(found: Found, to: Path) -> None:
    """Have the record of the folder `to` hold all of these too. Raises OSError."""
    there = {one.id: one for one in read([to]).erasures}
    for one in found.erasures:
        known = there.get(one.id)
        if known is None or (one.is_done and not known.is_done):
            add(to, one)


def _give(descriptor: int, folder: Path) -> None:
    """What root writes here the daemon's account reads too."""
    if os.geteuid() == 0:
        owner = folder.stat()
        with contextlib.suppress(OSError):  # a file system without owners
            os.fchown(descriptor, owner.st_uid, owner.st_gid)


def _line(one: Erasure) -> str:
    return json.dumps(asdict(one) | {"at": one.at.isoformat()}, separators=(",", ":"))


def _erasure(line: bytes) -> Erasure | None:
    try:
        document = json.loads(line)
        values: dict[str, Any] = {name: _texts(document[name]) for name in _LISTS}
        at = datetime.fromisoformat(document["at"])
        if at.tzinfo is None or not isinstance(document["id"], str):
            return None
        return Erasure(document["id"], at, **values, is_done=document["is_done"] is True)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


_LISTS: Final = tuple(one.name for one in fields(Erasure) if one.name not in ("id", "at", "is_done"))


def _texts(given: Sequence[object]) -> tuple[str, ...]:
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise TypeError("no list of texts")
    return tuple(given)
