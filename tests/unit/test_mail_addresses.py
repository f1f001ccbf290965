"""What is no address, and how many a header may hold."""

from __future__ import annotations

import pytest

from daemon.mail.letter.addresses import address_list
from daemon.mail.letter.parse import parse


def emails(header: bytes) -> list[str]:
    return [address.email for address in address_list(header)]


@pytest.mark.parametrize(
    "header",
    [
        b"=?utf-8?q?admin?=@example.sa",
        b"Admin <=?utf-8?q?admin?=@example.sa>",
        b"admin@=?utf-8?q?example?=.sa",
        b"a" * 129 + b"@example.sa",
        b"a@" + b"b" * 253 + b".sa",
        b"a@example..sa",
        b"a@.example.sa",
        b"a@-example.sa",
    ],
)
def test_what_is_half_encoded_too_long_or_oddly_dotted_is_no_address(header: bytes) -> None:
    assert emails(header) == []


def test_an_address_at_its_greatest_length_is_one() -> None:
    assert emails(b"a" * 128 + b"@example.sa") == ["a" * 128 + "@example.sa"]
    assert emails(b"a@" + b"b" * 252 + b".sa") == ["a@" + "b" * 252 + ".sa"]


def test_a_header_holds_a_thousand_addresses_at_most() -> None:
    header = b", ".join(b"a%d@example.sa" % number for number in range(1_500))

    assert len(emails(header)) == 1_000


def test_a_header_is_read_for_four_thousand_items_at_most() -> None:
    assert emails(b"," * 5_000 + b"a@example.sa") == []
    assert emails(b"," * 3_000 + b"a@example.sa") == ["a@example.sa"]


def test_all_fields_of_one_name_hold_a_thousand_addresses_at_most() -> None:
    field = b"Cc: " + b", ".join(b"a%d@example.sa" % number for number in range(700)) + b"\n"

    assert len(parse(b"From: a@b.sa\n" + field * 2 + b"\nx").cc) == 1_000


def test_a_mail_has_two_thousand_headers_at_most_and_keeps_its_text() -> None:
    mail = parse(b"From: a@b.sa\n" + b"A: b\n" * 3_000 + b"\nthe text")

    assert len(mail.headers) == 2_000
    assert "headers" in mail.defects
    assert mail.text == "the text"


def test_a_header_value_is_read_for_64_kilobytes_at_most() -> None:
    mail = parse(b"From: a@b.sa\nX-Long: " + b"x" * 100_000 + b"\n\nthe text")

    assert dict(mail.headers)["x-long"] == "x" * 64 * 1024
    assert mail.text == "the text"


def test_headers_are_read_for_half_a_megabyte_at_most() -> None:
    line = b"X-A: " + b"x" * 1_000 + b"\n"

    mail = parse(b"From: a@b.sa\n" + line * 700 + b"\nthe text")

    assert len(mail.headers) < 600
    assert mail.text == "the text"
