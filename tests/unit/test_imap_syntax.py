"""IMAP's grammar: responses as values, parts of commands as text (RFC 9051, section 9)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.wire.imap.batches import BATCH_BYTES, BATCH_MAILS, SET_OCTETS, batches, chunks, uid_sets
from daemon.mail.wire.imap.syntax import (
    Fetched,
    Untagged,
    capabilities,
    criterion,
    encode_folder,
    fetched,
    has_code,
    is_selectable,
    literal_size,
    may_hold_literal,
    parse_internaldate,
    quoted,
    quoted_folder,
    readable,
    searched,
    uid_set,
    uidvalidity,
    word_of,
)

SCRAPS = st.lists(
    st.sampled_from(
        [
            b"(",
            b")",
            b'"',
            b"\\",
            b"{3}",
            b"{",
            b"BODY[",
            b"]",
            b"<0>",
            b" ",
            b"UID 5",
            b"FLAGS",
            b"NIL",
            b"~",
        ]
    )
    | st.binary(max_size=4)
).map(b"".join)


# --- FETCH --------------------------------------------------------------------------------------------


def test_a_mail_is_read_with_its_uid_date_size_and_octets() -> None:
    text = b'12 FETCH (UID 31 RFC822.SIZE 4 INTERNALDATE " 1-Feb-2026 03:04:05 +0300" BODY[] {4})'

    mail = fetched(Untagged(text, (b"mail",)))

    assert mail == Fetched(31, 4, datetime(2026, 2, 1, 0, 4, 5, tzinfo=UTC), b"mail")


@pytest.mark.parametrize(
    "items, body",
    [
        (b"BODY[] {0}", b"one"),
        (b"BODY[HEADER]<0> {3}", b"one"),
        (b'BODY[HEADER.FIELDS ("SUBJECT")] {3}', b"one"),
        (b"BODY[] ~{3}", b"one"),
        (b'BODY[] "a \\"b\\" \\\\ {4}"', b'a "b" \\ {4}'),
        (b'BODY[] ""', b""),
        (b"BODY[] NIL", b""),
        (b"BODY[] nil", b""),
        (b"FLAGS (\\Seen)", None),
        (b"BODY[] {9} {9}", b"one"),
    ],
)
def test_a_body_is_a_literal_a_quoted_string_or_nil(items: bytes, body: bytes | None) -> None:
    assert fetched(Untagged(b"1 FETCH (UID 9 %b)" % items, (b"one",))).body == body


def test_each_item_has_its_own_literal() -> None:
    text = b"1 FETCH (X-FIRST {3} BODY[] {3} UID 8)"

    mail = fetched(Untagged(text, (b"one", b"two")))

    assert (mail.uid, mail.body) == (8, b"two")


def test_a_marker_without_its_literal_is_no_body() -> None:
    assert fetched(Untagged(b"1 FETCH (UID 9 BODY[] {3})")).body is None


def test_what_stands_inside_a_string_or_a_list_is_no_item() -> None:
    hostile = (
        b'1 FETCH (BODY[] "UID 5 RFC822.SIZE 1) (UID 6" ENVELOPE ("UID 7" (UID 77)) FLAGS (UID 8) UID 9)'
    )

    mail = fetched(Untagged(hostile))

    assert (mail.uid, mail.size_bytes) == (9, None)


def test_items_come_in_any_order_and_case() -> None:
    mail = fetched(Untagged(b"1 FETCH (flags (\\seen \\DELETED $x[) body[] {1} uid 8)", (b"x",)))

    assert mail == Fetched(uid=8, body=b"x", is_deleted=True)


def test_only_the_flag_itself_says_deleted() -> None:
    assert not fetched(Untagged(b'1 FETCH (UID 1 FLAGS (\\Seen Deleted) BODY[] "\\\\Deleted")')).is_deleted


@given(SCRAPS, st.lists(st.binary(max_size=3), max_size=3).map(tuple))
def test_any_octets_are_read_as_some_mail(text: bytes, literals: tuple[bytes, ...]) -> None:
    mail = fetched(Untagged(b"1 FETCH (" + text, literals))

    assert mail.uid is None or mail.uid >= 0


@given(
    st.integers(1, 2**32 - 1),
    st.binary(max_size=30).filter(lambda octets: not re.search(rb"[\r\n\0]", octets)),
    st.permutations(range(4)),
)
def test_a_quoted_body_reads_back_wherever_it_stands(uid: int, body: bytes, order: list[int]) -> None:
    string = b'"' + body.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
    items = [b"UID %d" % uid, b"BODY[] " + string, b"FLAGS (\\Seen)", b'X-NOISE ("(" ")")']

    mail = fetched(Untagged(b"3 FETCH (%b)" % b" ".join(items[at] for at in order)))

    assert (mail.uid, mail.body) == (uid, body)


@given(st.binary(max_size=40))
def test_any_internaldate_is_read_or_refused(text: bytes) -> None:
    when = parse_internaldate(text)
    assert when is None or when.tzinfo is not None


@given(st.datetimes(timezones=st.just(UTC)), st.integers(-14 * 60, 14 * 60))
def test_internaldates_read_back(when: datetime, minutes: int) -> None:
    local = when.replace(microsecond=0)
    month = "JanFebMarAprMayJunJulAugSepOctNovDec"[local.month * 3 - 3 : local.month * 3]
    zone = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"
    text = f"{local.day:2d}-{month}-{local.year:04} {local:%H:%M:%S} {zone}"
    assert parse_internaldate(text.encode()) == local.replace(tzinfo=timezone(timedelta(minutes=minutes)))


def test_a_leap_second_and_a_missing_zone_are_understood() -> None:
    assert parse_internaldate(b"30-Jun-2015 23:59:60") == datetime(2015, 6, 30, 23, 59, 59, tzinfo=UTC)
    assert parse_internaldate(b"31-Feb-2015 23:59:00 +0000") is None


# --- SEARCH and sets ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, uids",
    [
        (b"SEARCH 2 3 5", [2, 3, 5]),
        (b"SEARCH", []),
        (b"SEARCH 5 (MODSEQ 7)", [5]),
        (b"SEARCH " + b"9" * 5000, []),
        (b'ESEARCH (TAG "A1") UID ALL 3:5,9', [3, 4, 5, 9]),
        (b'ESEARCH (TAG "A1") UID ALL 5:3', [3, 4, 5]),
        (b'ESEARCH (TAG "A1") UID', []),
        (b'ESEARCH (TAG "A1") UID ALL 1:2:3,9', []),
        (b'ESEARCH (TAG "A1") UID ALL ,', []),
    ],
)
def test_a_search_names_its_uids(text: bytes, uids: list[int]) -> None:
    assert searched(text) == uids


@given(st.sets(st.integers(1, 60)))
def test_a_uid_set_names_exactly_its_uids(uids: set[int]) -> None:
    named = searched(b"ESEARCH UID ALL " + uid_set(sorted(uids)).encode())

    assert named == sorted(uids)


@given(st.sets(st.integers(1, 10**9), min_size=1, max_size=3000))
def test_long_sets_are_cut_into_lines(uids: set[int]) -> None:
    sets = list(uid_sets(sorted(uids)))

    assert all(len(one) <= SET_OCTETS for one in sets)
    assert sum(one.count(",") + 1 for one in sets) <= len(uids)


@given(st.lists(st.integers(0, 9_000_000), max_size=200))
def test_batches_are_bounded_and_complete(sizes: list[int]) -> None:
    known = dict(enumerate(sizes, 1))

    cut = list(batches(list(known), known))

    assert [uid for batch in cut for uid in batch] == list(known)
    for batch in cut:
        assert len(batch) <= BATCH_MAILS
        assert len(batch) == 1 or sum(known[uid] for uid in batch) <= BATCH_BYTES


@given(st.lists(st.integers(1, 10**9), max_size=500))
def test_chunks_lose_nothing(uids: list[int]) -> None:
    assert [uid for chunk in chunks(uids) for uid in chunk] == uids


# --- status, capabilities, folders ----------------------------------------------------------------------


def test_response_codes_are_found_in_any_case() -> None:
    assert has_code(b"[TryCreate] no such folder", "TRYCREATE")
    assert not has_code(b"TRYCREATE", "TRYCREATE")
    assert uidvalidity([b"OK [UIDNEXT 1] x", b"OK [uidvalidity 77] ok"]) == 77
    assert uidvalidity([b"OK [UIDVALIDITY x]"]) is None


def test_capabilities_have_no_case() -> None:
    assert capabilities(b"CAPABILITY imap4rev2 Idle AUTH=xoauth2 \xff") >= {
        "IMAP4REV2",
        "IDLE",
        "AUTH=XOAUTH2",
    }
    assert capabilities(b"CAPABILITY") == frozenset()


def test_a_folder_that_only_holds_folders_cannot_be_selected() -> None:
    assert is_selectable(b'LIST (\\HasNoChildren) "/" Processed')
    assert not is_selectable(b'LIST (\\NoSelect) "/" Processed')


@pytest.mark.parametrize(
    "text, word, count",
    [
        (b"3 EXISTS", b"EXISTS", 3),
        (b"7 fetch (UID 1)", b"FETCH", 7),
        (b"search 5", b"SEARCH", None),
        (b"BYE", b"BYE", None),
        (b"", b"", None),
        (b"1" * 5000 + b" EXISTS", b"1" * 5000, None),
    ],
)
def test_a_response_says_what_it_is_about(text: bytes, word: bytes, count: int | None) -> None:
    assert word_of(text) == (word, count)


@given(st.binary(max_size=300))
def test_a_servers_words_are_short_and_name_nobody(text: bytes) -> None:
    said = readable(text + b" noura@example.sa")

    assert "@" not in said
    assert len(said) <= 200
    assert said.isprintable()


def test_only_data_may_hold_a_literal() -> None:
    assert may_hold_literal(b"* 1 FETCH (BODY[] {3}")
    assert not may_hold_literal(b"* OK [ALERT] nothing {7}")
    assert not may_hold_literal(b"A1 OK {7}")
    assert literal_size(b"BODY[] {12}") == 12
    assert literal_size(b"BODY[] {12} ") is None
    assert literal_size(b"{}") is None


# --- what is written ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, wire",
    [
        ("INBOX", "INBOX"),
        ("a&b", "a&-b"),
        ("الوارد", "&BicGRAZIBicGMQYv-"),
        ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
        ("a\r\nb\0", "ab"),
        ("\U0001f600", "&2D3eAA-"),
    ],
)
def test_folder_names_are_written_in_modified_utf_7(name: str, wire: str) -> None:
    assert encode_folder(name) == wire


def decoded(wire: str) -> str:
    """Modified UTF-7 read by the standard library's UTF-7: "&" and "," stand for "+" and "/"."""
    runs = re.split(r"&([^-]*)-", wire)
    plain = [run if at % 2 == 0 else run.replace(",", "/") for at, run in enumerate(runs)]
    return "".join(
        part if at % 2 == 0 else (f"+{part}-".encode().decode("utf-7") if part else "&")
        for at, part in enumerate(plain)
    )


@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r\n\0")))
def test_folder_names_read_back(name: str) -> None:
    wire = encode_folder(name)

    assert wire.isascii()
    assert wire.isprintable()
    assert decoded(wire) == name


@given(st.text())
def test_a_folder_can_never_end_its_quotes_or_its_line(name: str) -> None:
    wire = quoted_folder(name)

    assert re.fullmatch(r'"(?:[^"\\\r\n\0]|\\["\\])*"', wire)


def test_quotes_and_backslashes_are_escaped() -> None:
    assert quoted('a "b" \\') == '"a \\"b\\" \\\\"'


@pytest.mark.parametrize(
    "message_id, key",
    [
        ("<a@b>", 'HEADER MESSAGE-ID "<a@b>"'),
        ('<"a\\b"@c>', "LARGER 9 SMALLER 11"),
        ("<a b@c>", "LARGER 9 SMALLER 11"),
        ("<é@c>", "LARGER 9 SMALLER 11"),
        ("<" + "a" * 300 + ">", "LARGER 9 SMALLER 11"),
        (None, "LARGER 9 SMALLER 11"),
    ],
)
def test_a_mail_is_looked_for_by_its_id_or_else_by_its_size(message_id: str | None, key: str) -> None:
    assert criterion(message_id, 10) == key
