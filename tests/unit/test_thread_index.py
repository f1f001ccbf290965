"""Outlook's Thread-Index: an answer has its parent's header and one block more ([MS-OXOMSG] 2.2.1.3)."""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.wire.thread_index import answer_to, usable

BEGUN = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


def index(begun: datetime = BEGUN, blocks: int = 0) -> str:
    ticks = (begun - EPOCH) // timedelta(microseconds=1) * 10
    header = ticks.to_bytes(8, "big")[:6] + bytes(range(16))
    return b64encode(header + b"\x01\x02\x03\x04\x05" * blocks).decode()


def test_an_answer_has_one_block_more_and_the_same_header() -> None:
    parent = index(blocks=2)

    answer = answer_to(parent, BEGUN + timedelta(hours=2), "<a@b>")

    assert answer is not None
    octets = b64decode(answer)
    assert octets[:-5] == b64decode(parent)
    # 2 h are 72,000,000,000 ticks of 100 ns; the lowest 18 bits are dropped, and what the header lost too.
    assert abs(int.from_bytes(octets[-5:-1], "big") - (72_000_000_000 >> 18)) <= 1


def test_the_same_mail_has_the_same_index_at_every_try() -> None:
    assert answer_to(index(), BEGUN, "<a@b>") == answer_to(index(), BEGUN, "<a@b>")


def test_years_are_kept_in_coarser_steps_and_a_clock_behind_is_no_harm() -> None:
    late = answer_to(index(), BEGUN + timedelta(days=900), "<a@b>")
    early = answer_to(index(), BEGUN - timedelta(days=900), "<a@b>")

    assert late is not None
    assert early is not None
    assert b64decode(late)[-5] & 0x80
    assert b64decode(early)[-5:-1] == b"\0\0\0\0"


def test_a_chain_without_end_keeps_only_its_header() -> None:
    answer = answer_to(index(blocks=60), BEGUN, "<a@b>")
    assert answer is not None
    assert len(b64decode(answer)) == 27


def test_white_space_of_folding_is_no_part_of_it() -> None:
    value = index(blocks=8)
    assert usable(value[:60] + "\r\n\t" + value[60:]) == value


@pytest.mark.parametrize(
    "value", [None, "", "x", "AQ==", "====", b64encode(b"\x02" * 22).decode(), "A" * 5000, "ع"]
)
def test_what_is_no_index_is_not_echoed(value: str | None) -> None:
    assert usable(value) is None
    assert answer_to(value, BEGUN, "<a@b>") is None


@given(st.text(max_size=100), st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)))
def test_any_value_is_borne(value: str, at: datetime) -> None:
    answer = answer_to(value, at.replace(tzinfo=UTC), "<a@b>")
    assert answer is None or len(b64decode(answer)) >= 27
