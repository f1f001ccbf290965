"""The reader of a server's octets: the same responses however they are cut; nothing endless."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.wire.imap.reader import LINE_OCTETS, LITERAL_OCTETS, ResponseReader, Unreadable

Heard = list[tuple[bytes, tuple[bytes, ...]]]


def read(pieces: list[bytes]) -> tuple[Heard, ResponseReader]:
    heard: Heard = []
    reader = ResponseReader(lambda text, literals: heard.append((text, literals)))
    for piece in pieces:
        reader.feed(piece)
    return heard, reader


def test_a_literal_stands_apart_whatever_it_holds() -> None:
    octets = b"* 1 FETCH (BODY[] {9}\r\nA1 OK x\r\n UID 5)\r\nA1 OK done\r\n"

    heard, _ = read([octets])

    assert heard == [(b"* 1 FETCH (BODY[] {9} UID 5)", (b"A1 OK x\r\n",)), (b"A1 OK done", ())]


def test_a_response_may_hold_several_literals_and_empty_ones() -> None:
    heard, _ = read([b"* 1 FETCH (A {0}\r\n B {2}\r\nxy C {1}\r\nz)\r\n"])

    assert heard == [(b"* 1 FETCH (A {0} B {2} C {1})", (b"", b"xy", b"z"))]


def test_a_status_text_that_ends_like_a_literal_holds_none() -> None:
    heard, _ = read([b"* OK [ALERT] nothing {7}\r\nA1 NO {5}\r\n+ {3}\r\n"])

    assert [text for text, _ in heard] == [b"* OK [ALERT] nothing {7}", b"A1 NO {5}", b"+ {3}"]


def test_a_line_may_end_without_cr() -> None:
    heard, _ = read([b"* 1 EXISTS\n* 2 EXISTS\r\n"])

    assert [text for text, _ in heard] == [b"* 1 EXISTS", b"* 2 EXISTS"]


def test_a_line_without_end_is_given_up() -> None:
    reader = ResponseReader(lambda text, literals: None)
    reader.feed(b"x" * LINE_OCTETS)

    with pytest.raises(Unreadable, match="endless line"):
        reader.feed(b"x")


def test_a_literal_too_large_to_hold_is_given_up_before_it_comes() -> None:
    with pytest.raises(Unreadable, match="larger than"):
        read([b"* 1 FETCH (BODY[] {%d}\r\n" % (LITERAL_OCTETS + 1)])


def test_what_the_listener_raises_reaches_the_caller() -> None:
    def refuse(text: bytes, literals: tuple[bytes, ...]) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        ResponseReader(refuse).feed(b"* 1 EXISTS\r\n")


@given(
    st.lists(
        st.sampled_from(
            [
                b"* ",
                b"1 FETCH (",
                b"UID 5 ",
                b"BODY[] {3}\r\n",
                b"abc",
                b"\r\n",
                b"\n",
                b")",
                b"{9}\r\n",
                b"+ ",
                b"* OK {5}\r\n",
                b"* 3 EXISTS\r\n",
                b"* BYE\r\n",
                b"\xff\0",
                b"{0}\r\n",
                b'* LIST () "/" x\r\n',
            ]
        )
        | st.binary(max_size=8)
    ).map(b"".join),
    st.lists(st.integers(1, 20), max_size=40),
)
def test_the_reader_stands_any_octets_cut_anywhere(octets: bytes, cuts: list[int]) -> None:
    pieces, rest = [], octets
    for size in cuts:
        pieces.append(rest[:size])
        rest = rest[size:]

    in_pieces, cut = read([*pieces, rest])
    at_once, whole = read([octets])

    assert in_pieces == at_once
    assert cut._missing == whole._missing
    assert bytes(cut._line) == bytes(whole._line)
