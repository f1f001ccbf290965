"""In which language a complaint is written; Arabic is never taken for English."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.meaning.written_language import written_in
from tests.each import each

ENGLISH = [
    ("Complaint", "My request 123456 is late. Please help."),
    (
        "Complaint about delay",
        "Dear team,\nThe platform does not accept my file.\nRegards,\nنورة بنت محمد العلي",
    ),
    ("Re: شكوى", "still no answer, it has been 2 months"),
    ("help", "Not working"),
    ("Request late", "No action since October"),
    ("Button", "The button «إرسال الطلب» does not work since yesterday, and nobody answers the telephone."),
    ("Late", f"{'CAUTION: This email originated from outside.'}\n\nMy request is late, what is the status?"),
    ("Furas", "I can't upload plan.pdf to https://furas.momah.gov.sa/x and the page shows an error."),
    ("", "We are waiting for the approval of request 4455 since three months ago, what is the status?"),
]
ARABIC = [
    ("شكوى", "طلبي متأخر"),
    ("", "طلبي رقم 123 في منصة Furas متأخر please help"),
    ("شكوى", "I have a problem with request 4455. لم يتم الرد على طلبي منذ شهر كامل وأرغب في معرفة السبب"),
    (
        "Complaint",
        "السلام عليكم\nطلبي متأخر\n\nSent from my iPhone. This message is for the named person only.",
    ),
    ("Complaint", "متأخر\n\nThis message is for the named person only, and you must not read it."),
    ("Request 44", "تجاوز المدة"),
    ("", "لا تفتح الصفحة ويظهر error 500: the server is not available"),
]
BANNER = "CAUTION: This email originated from outside the organization. Do not click links."
FOOTER = "This e-mail is confidential and intended only for the named person. Please notify the sender."
ARABIC += [
    ("شكوى", "Sent from my iPhone"),
    ("تأخر الطلب 4501728", f"{FOOTER}"),
    ("طلب 4501728 متأخر", f"\n\n{FOOTER}\n"),
    ("", f"{BANNER}\n\nالطلب 4501728 متأخر"),
    ("Complaint", f"{BANNER}\n\nمتأخر\n\n{FOOTER}"),
    ("", "Request No. 4501728 for the site in Al Nakheel\nمتأخر منذ شهر\nشكرا"),
]
NEITHER = [
    ("", "Talabi raqam 4501728 lam yatem al rad"),
    ("Request 5551", "ana 3andi mushkila fi talab raqam 5551"),
    ("", "law samahtum talabi mit2akhir min shahar wa la a7ad yrod 3alay"),
    ("Beschwerde", "Mein Antrag ist seit Wochen nicht bearbeitet worden"),
    ("", "123456"),
    ("", "Screenshot.png IMG_2034.jpg"),
    ("", "ok"),
    ("", ""),
]


@pytest.mark.parametrize("subject,text", ENGLISH)
def test_a_complaint_in_english_is_english_whatever_name_stands_below_it(subject: str, text: str) -> None:
    assert written_in(subject, text) == "en"


@each("subject,text", ARABIC)
def test_arabic_is_arabic_whatever_latin_words_stand_in_it(subject: str, text: str) -> None:
    assert written_in(subject, text) == "ar"


@pytest.mark.parametrize("subject,text", NEITHER)
def test_what_is_neither_is_left_to_the_service(subject: str, text: str) -> None:
    assert written_in(subject, text) is None


@given(
    st.lists(
        st.sampled_from(["طلبي", "متأخر", "منذ", "شهر", "ولم", "يصلني", "رد", "على", "الشكوى", "الأولى"]),
        min_size=3,
    )
)
def test_arabic_words_alone_are_never_english(words: list[str]) -> None:
    assert written_in("complaint about the delay", " ".join(words)) == "ar"


@given(st.text(max_size=300), st.text(max_size=60))
def test_anything_has_one_of_three_answers(text: str, subject: str) -> None:
    assert written_in(subject, text) in ("ar", "en", None)


LETTERS = tomllib.loads(Path(__file__).with_name("letters_by_language.toml").read_text("utf-8"))


def letters(kind: str) -> list[tuple[str, str]]:
    lines = [line.split("|", 1) for line in LETTERS[kind].splitlines()]
    return [(subject, text.replace("\\n", "\n")) for subject, text in lines]


@pytest.mark.parametrize(
    "kind, language", [("english", "en"), ("arabic", "ar"), ("in_doubt", "ar"), ("neither", None)]
)
def test_letters_of_every_kind_are_known(kind: str, language: str | None) -> None:
    assert [letter for letter in letters(kind) if written_in(*letter) != language] == []


@given(st.sampled_from(letters("english")), st.sampled_from(letters("arabic")))
def test_a_letter_with_an_arabic_paragraph_is_never_answered_in_english(
    english: tuple[str, str], arabic: tuple[str, str]
) -> None:
    sentence = f"{english[1]}\n\nلم يتم الرد على طلبي منذ شهر كامل وأرغب في معرفة السبب\n\n{english[1]}"

    assert written_in(arabic[0], sentence) == "ar"
