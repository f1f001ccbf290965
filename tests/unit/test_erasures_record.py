"""The record of erasures: only ever added to, whole after any crash, and carried from folder to folder."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from daemon.backup import erasures
from daemon.backup.erasures import NAME, Erasure

AT = datetime(2026, 12, 1, 9, tzinfo=UTC)
ONE = Erasure("1" * 16, AT, ("FRS-2026-000001-7",), (), ("a" * 64, "b" * 64), ("a" * 64,))
TWO = Erasure("2" * 16, AT + timedelta(days=1), (), ("FRS-2026-000002-5",), is_done=True)


def test_what_was_begun_and_then_done_is_one_erasure(tmp_path: Path) -> None:
    for one in (TWO, ONE, replace(ONE, is_done=True), ONE):
        erasures.add(tmp_path, one)

    assert erasures.read([tmp_path, tmp_path / "none"]).erasures == (replace(ONE, is_done=True), TWO)


def test_a_cut_line_spoils_none_but_itself(tmp_path: Path) -> None:
    erasures.add(tmp_path, ONE)
    whole = (tmp_path / NAME).read_bytes()
    for size in range(1, len(whole) - 2):
        (tmp_path / NAME).write_bytes(whole[:size])
        erasures.add(tmp_path, TWO)

        found = erasures.read([tmp_path])
        assert found.erasures == (TWO,)
        assert found.unreadable == (1 if whole[:size].strip() else 0)


@pytest.mark.parametrize(
    "line",
    [
        b"[]",
        b"{}",
        b"[" * 100_000,
        b"\xff",
        b'{"id":1,"at":"2026-12-01T09:00:00+00:00","tickets":[],"others":[],"mails":[],"sent":[],"is_done":true}',
        b'{"id":"x","at":"2026-12-01T09:00:00","tickets":[],"others":[],"mails":[],"sent":[],"is_done":true}',
        b'{"id":"x","at":"2026-12-01T09:00:00+00:00","tickets":"F","others":[],"mails":[],"sent":[],"is_done":true}',
    ],
)
def test_a_line_that_is_none_is_counted(tmp_path: Path, line: bytes) -> None:
    (tmp_path / NAME).write_bytes(line + b"\n")
    erasures.add(tmp_path, ONE)

    assert erasures.read([tmp_path]) == erasures.Found((ONE,), 1)


def test_a_record_is_carried_on_and_nothing_is_written_twice(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    erasures.add(here, ONE)
    erasures.add(there, TWO)

    erasures.carry(erasures.read([here]), there)
    size = (there / NAME).stat().st_size
    erasures.carry(erasures.read([here]), there)

    assert (there / NAME).stat().st_size == size
    assert erasures.read([there]).erasures == (ONE, TWO)
    erasures.add(here, replace(ONE, is_done=True))
    erasures.carry(erasures.read([here]), there)
    assert erasures.read([there]).erasures == (replace(ONE, is_done=True), TWO)
    erasures.carry(erasures.Found(), tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()
