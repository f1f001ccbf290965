"""However often a hostile piece is repeated, the work of a reader grows with the length only."""

from __future__ import annotations

import pytest

from daemon.mail.letter.claimed_sender import claimed_sender
from daemon.mail.letter.message import IncomingMail
from daemon.mail.meaning.commands import parse_commands
from daemon.mail.meaning.extraction import extract, extract_answer
from daemon.mail.meaning.routing import candidates
from daemon.mail.trust.authenticity import judge
from daemon.mail.trust.border import find
from daemon.mail.wire.imap.syntax import Untagged, fetched
from daemon.sms.numbers import saudi_mobile
from daemon.workflow.ticket_number import find_numbers
from tests.each import each
from tests.growth import assert_grows_linearly
from tests.unit.test_authenticity import BORDER, mail
from tests.unit.test_border import MX
from tests.unit.test_commands import RLM
from tests.unit.test_extraction import COMPLAINT, POLICY
from tests.unit.test_routing import MAILBOX, to
from tests.unit.test_staff_text import relay


@pytest.mark.parametrize(
    "piece",
    ["(", ")", '"', "\\", "; dmarc=pass header.from=momah.gov.sa", "dmarc = ", " header.from=", "a ", "1/"],
)
def test_the_results_of_a_border(piece: str) -> None:
    def judge_all(pieces: str) -> None:
        judge(mail(*[f"{BORDER}; {pieces}"] * 20), BORDER, None, None)
        judge(mail(*[f"evil.example; {pieces}"] * 20), BORDER, None, None)

    assert_grows_linearly(judge_all, lambda n: piece * n, 750)


@pytest.mark.parametrize("piece", ["(", "<", "by ", "[", "() ", "from x by y "])
def test_the_search_for_the_border(piece: str) -> None:
    assert_grows_linearly(lambda value: find([("received", value)] * 3, (MX,)), lambda n: piece * n, 100)


@pytest.mark.parametrize(
    "piece", [b"From", b"From:\r\n ", b"<", b"a", b"a@", b"From: <a@b>\n ", b"\r\n ", b"\n\r"]
)
def test_a_claimed_sender(piece: bytes) -> None:
    assert_grows_linearly(claimed_sender, lambda n: b"From: " + piece * n, 4_000)


@each(
    "piece",
    [
        "#",
        "#حل ",
        "#حل\n",
        "#خطأ\n",
        "#طلب 1",
        "*",
        " ",
        "\n",
        RLM,
        "a@",
        "a.",
        "-",
        "_",
        "1 ",
        "<",
        "نص\n",
        "نص\n#حل\n",
    ],
)
def test_orders_of_staff(piece: str) -> None:
    def understand(many: str) -> None:
        for beginning in ("", "#حل ", "#طلب ", "#نيابة ", "#إسناد ", "#جوال ", "#تمديد 1", "#إغلاق "):
            parse_commands(beginning + many)

    assert_grows_linearly(understand, lambda n: piece * (n // len(piece)), 1_500)


@each(
    "piece",
    [
        "ملاحظة ",
        "*",
        "-",
        "(",
        " ",
        "إعادة ",
        "تمديد 3 ",
        "إسناد ",
        "a@",
        "سلام\n",
        "_",
        "لا ",
        "لا ترسلوا ",
        "do not send ",
    ],
)
def test_orders_without_their_sign(piece: str) -> None:
    def understand(many: str) -> None:
        for beginning in ("", "إعادة", "إغلاق ", "تمديد ", "نيابة ", "إسناد ", "السلام عليكم\n"):
            parse_commands(beginning + many)

    assert_grows_linearly(understand, lambda n: piece * (n // len(piece)), 1_500)


def test_a_usual_complaint_repeated() -> None:
    assert_grows_linearly(
        lambda text: extract("شكوى", text, POLICY), lambda n: COMPLAINT * (n // len(COMPLAINT)), 5_000
    )


@each(
    "piece",
    [
        "رقم الطلب ",
        "رقم الطلب : : : : : : : ",
        "طلب ",
        "طلب في في في في في في ",
        "طلبا لحديقة برقم ",
        "applied for number ",
        "1",
        "12 ",
        "1-",
        "FR-",
        "12345 هو ",
        "0551234567 ",
        "5 ",
        "5.",
        "+966 ",
        "sa03 ",
        "الاسم: ",
        "اسمي ",
        "لم يتم ",
        "لا ",
        "request no ",
        "\n",
        " ",
        "ا",
        "\u064b",
        "\ufdfa",
        "جوال ",
        "رقم هو ",
        "a",
    ],
)
def test_what_a_complaint_says(piece: str) -> None:
    def understand(text: str) -> None:
        extract(text, text, POLICY)
        extract_answer(text, POLICY)

    assert_grows_linearly(understand, lambda n: piece * (n // len(piece)), 4_000)


@pytest.mark.parametrize(
    "piece", [b'"', b'"\\"', b"BODY[", b"BODY[]<1", b"{1", b"(", b"(UID ", b'\\"(', b"~{"]
)
def test_a_response_of_imap(piece: bytes) -> None:
    assert_grows_linearly(lambda text: fetched(Untagged(text)), lambda n: b"(" + piece * n, 6_000)


def test_a_header_of_many_addresses_gives_few_tokens() -> None:
    everyone = to(*(f"infocs+{n}@momah.gov.sa" for n in range(8_000)))

    found = candidates(IncomingMail(to=everyone, cc=everyone), MAILBOX)

    assert len(found.tokens) == 50
    assert_grows_linearly(
        lambda some: candidates(IncomingMail(to=some, cc=some), MAILBOX), lambda n: everyone[:n], 2_000
    )


@pytest.mark.parametrize("piece", ["السلام عليكم 12345 ", "5 ", "0 5", "+966", "1"])
def test_a_mobile(piece: str) -> None:
    assert_grows_linearly(saudi_mobile, lambda n: piece * (n // len(piece)), 5_000)


@each(
    "piece",
    [
        *(
            "a",
            "@",
            "a@",
            "%40",
            "'",
            "." * 119 + "@",
            "'" * 119 + "@",
            "ali@momah.gov.sa ",
            "infocs+",
            "infocs+a",
        ),
        *(
            "-- \n",
            "\n",
            "مع التحية\n",
            "\u200b",
            "[",
            "<",
            "من: ali@momah.gov.sa\n",
            "ali@momah.gov.sa\u200b",
        ),
    ],
)
def test_what_staff_pass_on(piece: str) -> None:
    def pass_on(text: str) -> None:
        relay(text, how="no_quotation")
        relay(text)

    assert_grows_linearly(pass_on, lambda n: piece * (n // len(piece)), 1_000)


@pytest.mark.parametrize(
    "piece",
    [
        "FRS-2026-000123-",
        "FRS ",
        "2026 ",
        "رقم الشكوى ",
        "رقم الشكوى: 2 0 ",
        "- ",
        "FRS-1",
        "\u200f",
        "complaint ",
    ],
)
def test_ticket_numbers(piece: str) -> None:
    assert_grows_linearly(find_numbers, lambda n: piece * (n // len(piece)), 10_000)
