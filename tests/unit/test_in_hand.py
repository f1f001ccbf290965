"""In which order mails leave the desk's hand where one of them is slow to read."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from daemon.loops import in_hand
from daemon.loops.in_hand import ORDER_S, PATIENCE_S, InHand
from daemon.store.inbox import Claimed

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


class Reading:
    """A reader elsewhere, which holds each mail that is named slow until it is let go."""

    is_elsewhere = True

    def __init__(self) -> None:
        self.let_go = threading.Event()

    def start(self, mails: int) -> None:
        """Nothing to start."""

    def read(self, raw: bytes) -> Any:
        if raw.startswith(b"slow"):
            assert self.let_go.wait(30)
        return raw

    def close(self) -> None:
        self.let_go.set()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The monotonic clock of the module, moved by hand."""
    moved = SimpleNamespace(now_s=100.0)
    monkeypatch.setattr(in_hand, "time", SimpleNamespace(monotonic=lambda: moved.now_s))
    return moved


def mail(number: int, sender: str, raw: bytes = b"quick") -> Claimed:
    return Claimed(number, "mail", NOW, None, 0, False, None, None, sender, raw)


async def left(hand: InHand) -> list[int]:
    return [one.row.id for one in await hand.understood()]


def holding(reader: Reading) -> InHand:
    found = InHand(cast(Any, reader))
    found._patience_s = 0.05
    return found


async def all_quick_read(hand: InHand) -> None:
    quick = [held.reading for held in hand._held if held.row.raw == b"quick"]
    await asyncio.wait(quick)


async def test_a_slow_mail_is_passed_by_others_and_not_by_its_senders_next(clock: SimpleNamespace) -> None:
    reader = Reading()
    hand = holding(reader)
    try:
        await hand.take([mail(1, "khalid", b"slow"), mail(2, "khalid"), mail(3, "noura"), mail(4, "")])
        await all_quick_read(hand)

        assert await left(hand) == [], "nothing passes a mail that is not slow yet"
        clock.now_s += PATIENCE_S
        assert await left(hand) == [3, 4]
        assert await left(hand) == []

        reader.let_go.set()
        await asyncio.wait([held.reading for held in hand._held])
        assert await left(hand) == [1, 2]
    finally:
        hand.stop()


async def test_a_senders_next_does_not_wait_for_ever(clock: SimpleNamespace) -> None:
    reader = Reading()
    hand = holding(reader)
    try:
        await hand.take([mail(1, "khalid", b"slow"), mail(2, "khalid")])
        await all_quick_read(hand)
        clock.now_s += PATIENCE_S
        assert await left(hand) == []

        clock.now_s += ORDER_S

        assert await left(hand) == [2]
    finally:
        hand.stop()


async def test_two_slow_mails_without_a_sender_keep_nothing_back(clock: SimpleNamespace) -> None:
    reader = Reading()
    hand = holding(reader)
    try:
        await hand.take([mail(1, "", b"slow"), mail(2, "")])
        await all_quick_read(hand)
        clock.now_s += PATIENCE_S

        assert await left(hand) == [2]
    finally:
        hand.stop()
