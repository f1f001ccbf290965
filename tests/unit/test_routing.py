"""The traces in a mail that say which ticket it may belong to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.letter.message import Address, IncomingMail
from daemon.mail.meaning.routing import Candidates, candidates
from daemon.workflow.ticket_number import format_number
from tests.each import each

MAILBOX = "infocs@momah.gov.sa"
NUMBER = format_number(2026, 123)
OTHER = format_number(2026, 124)


def to(*emails: str) -> tuple[Address, ...]:
    return tuple(Address("", email) for email in emails)


def test_a_new_mail_leaves_no_trace() -> None:
    mail = IncomingMail(to=to(MAILBOX), subject="شكوى على الطلب رقم 123456")

    assert candidates(mail, MAILBOX, "رقم الطلب 123456") == Candidates()


@each(
    ("recipient", "tokens"),
    [
        ("infocs+abc234@momah.gov.sa", ("abc234",)),
        ("InfoCS+ABC234@MOMAH.gov.sa", ("abc234",)),
        (" infocs+abc234@momah.gov.sa ", ("abc234",)),
        ("infocs+a+b@momah.gov.sa", ("a+b",)),
        ("infocs@momah.gov.sa", ()),
        ("infocs+@momah.gov.sa", ()),
        ("other+abc234@momah.gov.sa", ()),
        ("xinfocs+abc234@momah.gov.sa", ()),
        ("infocs+abc234@evil.example", ()),
        ("infocs+abc234@mail.momah.gov.sa", ()),
        ("infocs+abc234@evil.example@momah.gov.sa", ()),
        ("infocs+" + "a" * 65 + "@momah.gov.sa", ()),
        ("infocs+abc234", ()),
        ("", ()),
    ],
)
def test_a_token_is_the_detail_of_our_own_address(recipient: str, tokens: tuple[str, ...]) -> None:
    for mail in (
        IncomingMail(to=to(recipient)),
        IncomingMail(cc=to(recipient)),
        IncomingMail(delivered_to=(recipient,)),
    ):
        assert candidates(mail, MAILBOX).tokens == tokens


def test_where_the_mail_really_went_is_asked_first_and_a_token_counts_once() -> None:
    mail = IncomingMail(
        delivered_to=("infocs+real@momah.gov.sa",),
        to=to("infocs+shown@momah.gov.sa", "infocs+REAL@momah.gov.sa"),
        cc=to("infocs+copy@momah.gov.sa"),
    )

    assert candidates(mail, MAILBOX).tokens == ("real", "shown", "copy")


def test_reply_to_and_from_carry_no_token() -> None:
    ours = to("infocs+abc234@momah.gov.sa")

    assert candidates(IncomingMail(reply_to=ours, from_addresses=ours), MAILBOX).tokens == ()


def test_in_reply_to_comes_before_references_and_the_last_reference_first() -> None:
    mail = IncomingMail(in_reply_to=("<c@x>",), references=("<a@x>", "<b@x>", "<c@x>", "<a@x>"))

    assert candidates(mail, MAILBOX).replied_ids == ("<c@x>", "<a@x>", "<b@x>")


def test_a_flood_of_references_keeps_the_newest() -> None:
    mail = IncomingMail(references=tuple(f"<{n}@x>" for n in range(10_000)))

    replied = candidates(mail, MAILBOX).replied_ids

    assert len(replied) == 50
    assert replied[0] == "<9999@x>"


def test_repeats_of_one_reference_are_not_read_for_ever() -> None:
    mail = IncomingMail(references=("<old@x>", *("<new@x>" for _ in range(5_000))))

    assert candidates(mail, MAILBOX).replied_ids == ("<new@x>",)


def test_ticket_numbers_in_the_subject_count_and_those_in_the_new_text_only_link() -> None:
    mail = IncomingMail(subject=f"رد: شكوى [{NUMBER}]", text=f"{OTHER} في الاقتباس")

    found = candidates(mail, MAILBOX, f"أشير إلى {NUMBER} و رقم الشكوى {OTHER[4:]}")

    assert found.numbers == (NUMBER,)
    assert found.body_numbers == (OTHER,)


def test_without_new_text_a_number_in_the_whole_text_is_no_trace() -> None:
    assert candidates(IncomingMail(text=f"> {NUMBER}"), MAILBOX).body_numbers == ()


def test_a_long_text_is_searched_for_numbers_as_far_as_a_person_writes() -> None:
    for before, numbers in ((" " * 100, (NUMBER,)), ("نص " * 7_000, ())):
        text = f"{before}{NUMBER}"

        assert candidates(IncomingMail(subject=text), MAILBOX).numbers == numbers
        assert candidates(IncomingMail(), MAILBOX, text).body_numbers == numbers


def test_arabic_digits_in_the_subject_are_understood() -> None:
    arabic = NUMBER.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))

    assert candidates(IncomingMail(subject=arabic), MAILBOX).numbers == (NUMBER,)


@given(st.lists(st.text()), st.lists(st.text()), st.text(), st.text())
def test_any_header_is_read_without_an_error(
    addresses: list[str], ids: list[str], subject: str, text: str
) -> None:
    mail = IncomingMail(
        to=to(*addresses), delivered_to=tuple(addresses), references=tuple(ids), subject=subject
    )

    found = candidates(mail, MAILBOX, text)

    assert set(found.replied_ids) == set(ids[-50:]) or len(found.replied_ids) == 50
    assert all(token == token.lower() for token in found.tokens)
