"""The process that reads strangers' octets: one errand after another from its standard input, until that
ends.

It is started by `pool`, with an empty environment, no descriptor but its two pipes, and nothing that is
worth having: no configuration, no secret, no database. What it says is believed only after it was checked
(`frames`).
"""

from __future__ import annotations

import codecs
import importlib
import os
import pkgutil
import resource
import sys
from collections.abc import Iterator
from encodings import aliases
from typing import BinaryIO

from daemon.mail.letter.parse import parse
from daemon.reading import frames
from daemon.reading.attachments import judge, octets_of
from daemon.reading.confinement import confine
from daemon.reading.mail import read
from daemon.traces import where

ROOM_BYTES = 48 << 20
"""What an ordinary mail and its files need beside the program; a limit that leaves less is a mistake."""


def main() -> None:
    heard, said = sys.stdin.buffer, os.fdopen(os.dup(1), "wb", buffering=1 << 16)
    setting = frames.understood(frames.Setting, _next(heard, frames.RULES))
    _load_all(setting)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)  # the log is the daemon's
    os.close(null)
    if _held_bytes() + ROOM_BYTES > setting.memory_bytes:
        raise SystemExit(3)  # every mail would be called too costly, and none is at fault
    is_filtered = confine(setting.memory_bytes)
    _say(said, frames.VALUE, frames.written(frames.Ready(_cpu_s(), is_filtered)))
    while (order := heard.read(frames.HEAD.size)) and len(order) == frames.HEAD.size:
        job = frames.understood(frames.Job, heard.read(frames.HEAD.unpack(order)[1]))
        octets = _next(heard, frames.OCTETS)
        try:
            for what, answer in _answers(job, octets, setting):
                said.write(frames.frame(what, answer))
        except MemoryError:
            os._exit(2)  # nothing here can be relied on any more
        except Exception as error:  # noqa: BLE001
            # Reading is total; if it is not, that is a bug, and is told without a word of the mail.
            said.write(frames.frame(frames.ERROR, frames.written(frames.Broken(where(error)))))
        del octets
        _say(said, frames.END, frames.written(frames.Done(_cpu_s())))


def _answers(job: frames.Job, octets: bytes, setting: frames.Setting) -> Iterator[tuple[bytes, bytes]]:
    if job.errand == "read":
        yield frames.VALUE, frames.written(read(octets, setting.reading))
    elif job.errand == "parse":
        yield frames.VALUE, frames.written(parse(octets))
    elif job.errand == "judge":
        for judged, content in judge(octets, job.listed, setting.attachments):
            yield frames.VALUE, frames.written(judged)
            yield frames.OCTETS, content if judged.verdict == "unscanned" else b""
    else:
        content_there = octets_of(octets, job.position)
        if content_there is not None:
            yield frames.OCTETS, content_there


def _load_all(setting: frames.Setting) -> None:
    """What Python would look for on the disk at its first use: afterwards nothing can be opened."""
    package = importlib.import_module("encodings")
    for module in pkgutil.iter_modules(package.__path__):
        if module.name not in ("mbcs", "oem"):
            importlib.import_module(f"encodings.{module.name}")
    for name in {*aliases.aliases.values()} - {"mbcs"}:
        codecs.lookup(name)
    sample = _SAMPLE.encode()
    mail = read(sample, setting.reading).mail
    for judged, _ in judge(sample, mail.attachments, setting.attachments):
        frames.written(judged)
    frames.written(read(sample, setting.reading))
    frames.written(mail)
    frames.written(frames.Ready(0, False))
    frames.written(frames.Done(0))
    frames.written(frames.Broken(""))


_SAMPLE = (
    "From: =?windows-1256?Q?=E3=CD=E3=CF?= <a@example.org>\r\nSubject: شكوى\r\nMIME-Version: 1.0\r\n"
    "Date: Mon, 30 Nov 2026 09:00:00 +0300\r\n"
    'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n'
    "<p>رقم الطلب 123456 والجوال 0501234567</p><blockquote>a</blockquote>\r\n"
    "--b\r\nContent-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==\r\n--b--\r\n"
)


def _held_bytes() -> int:
    """The address space that is taken already, which is what RLIMIT_AS bounds; 0 where it is not told."""
    try:
        with open("/proc/self/statm", "rb") as told:
            return int(told.read().split()[0]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return 0


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _next(heard: BinaryIO, what: bytes) -> bytes:
    head = heard.read(frames.HEAD.size)
    if len(head) < frames.HEAD.size:
        raise SystemExit(0)  # whoever started us is gone
    kind, size = frames.HEAD.unpack(head)
    if kind != what:
        raise frames.Malformed("frames out of order")
    return heard.read(int(size))


def _say(said: BinaryIO, what: bytes, octets: bytes) -> None:
    said.write(frames.frame(what, octets))
    said.flush()
