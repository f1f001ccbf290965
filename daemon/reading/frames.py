"""The format in which a worker and the daemon speak: frames on two pipes, values as JSON, octets as they are.

A frame is one octet that says what it is, the length of what follows (four octets, big-endian), and that.
Values are JSON and nothing else (a pickle from a process that has read hostile octets would run in ours),
and are checked against the types on the way in: pydantic's strict reading of the very dataclasses.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from pydantic import TypeAdapter, ValidationError

from daemon.attachments.check import Rules
from daemon.mail.letter.message import Attachment
from daemon.reading.rules import ReadingRules

T = TypeVar("T")

HEAD = struct.Struct(">cI")
RULES, JOB, OCTETS, VALUE, ERROR, END = b"r", b"j", b"o", b"v", b"e", b"."
ANSWERS = frozenset({OCTETS, VALUE, ERROR, END})

Errand = Literal["read", "judge", "parse", "octets"]


class Malformed(Exception):
    """What came is no value of the type; the process that said so is not to be asked again."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a worker is set up with, once."""

    reading: ReadingRules
    attachments: Rules
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class Job:
    """One errand; the octets follow in a frame of their own. `listed`: the attachments that are known of
    ("judge"). `position`: which attachment's octets are wanted ("octets")."""

    errand: Errand
    listed: tuple[Attachment, ...] = ()
    position: int = 0


@dataclass(frozen=True, slots=True)
class Broken:
    """Reading raised what it never should: the type and the places (`traces.where`), no value."""

    where: str


@dataclass(frozen=True, slots=True)
class Ready:
    """A worker has started: the processor time of that, and whether a filter of system calls stands."""

    cpu_s: float
    is_filtered: bool


@dataclass(frozen=True, slots=True)
class Done:
    """The end of an errand, and the processor time of the worker since its start."""

    cpu_s: float


_ADAPTERS: dict[type, TypeAdapter[Any]] = {}
"""Made when first used: each costs some milliseconds."""


def _adapter(kind: type) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def written(value: Any) -> bytes:
    """`value`, one of the dataclasses that are spoken here, as JSON."""
    return _adapter(type(value)).dump_json(value)


def understood(kind: type[T], octets: bytes) -> T:
    """The value of type `kind`. Raises Malformed, without repeating what came."""
    try:
        found: T = _adapter(kind).validate_json(octets, strict=True)
    except ValidationError as error:
        raise Malformed(f"{kind.__name__}: {error.error_count()} mistakes") from None
    return found


def frame(what: bytes, octets: bytes) -> bytes:
    return HEAD.pack(what, len(octets)) + octets
