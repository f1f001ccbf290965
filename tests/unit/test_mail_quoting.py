"""What the person wrote now, cut from what they quoted; and nothing of theirs lost."""

from __future__ import annotations

import pytest

from daemon.mail.quoting.new_text import folded, new_text
from tests.each import each

MARKER = "## الرجاء الرد أعلى هذا السطر ##"
OWN = "السلام عليكم،\nأود معرفة ما تم على طلبي رقم ١٢٣٤٥.\nشكراً لكم"
OLD = "عزيزنا العميل، تم استلام شكواكم."


@each(
    "header",
    [
        "\u202bفي الاثنين، 17 أغسطس 2026 في 3:53 م تمت كتابة ما يلي بواسطة "
        "‪الدعم‬ <\u202aa@b.sa\u202c\u200f>:\u202c\n\n> ",
        "في الاثنين، 17 أغسطس 2026 في 3:53 م تمت كتابة ما يلي بواسطة خدمة العملاء <\na@b.sa>:\n\n> ",
        "في الأحد، ٣ مارس ٢٠١٩ ١١:٢٢ خدمة العملاء <a@b.sa> كتب:\n",
        'بتاريخ ٢١/٠٣/٢٠١٨ ٩:٠٧ م، كتب "خدمة العملاء" <a@b.sa>:\n> ',
        "بتاريخ 4 يونيو، 2017 8:39 م، جاء من خدمة <a@b.sa>:\n\n",
        "في ٣ مارس ٢٠٢٤، الساعة ١١:٢٢ ص، كتب/كتبت خدمة العملاء <a@b.sa>:\n\n> ",
        "من: الدعم <a@b.sa>\nتم الإرسال: الأحد، 3 مارس 2024\nإلى: محمد\nالموضوع: رد: شكوى\n\n",
        "________________________________\nمن: الدعم\nتاريخ الإرسال: الأحد\nإلى: محمد\nالموضوع: شكوى\n\n",
        "*من:* الدعم <a@b.sa>\n*أرسلت:* 3/3/2024\n*إلى:* محمد\n*الموضوع:* شكوى\n\n",
        "كتب خدمة العملاء:\n> ",
        "-------- الرسالة الأصليَّة --------\nالموضوع: شكوى\n\n",
        "---- خدمة العملاء كتب ----\n",
        "أُرسلت من الـ iPhone\n\nفي ٣ مارس ٢٠٢٤، الساعة ١١:٢٢ ص، كتب/كتبت خدمة <a@b.sa>:\n\n> ",
        "احصل على Outlook لـ iOS<https://aka.ms/x>\n__________\nمن: الدعم\nالتاريخ: الأحد\nإلى: علي\n",
        "On Mon, Apr 2, 2012 at 6:26 PM, Tom <t@example.com> wrote:\n\n> ",
        "Am 13.12.2017 21:11 schrieb Tom <t@example.com>:\n\n",
        "Le 23 janv. 2015 à 22:03, Tom <t@example.com> a écrit :\n\n",
        "El 13 de enero de 2017, 12:00, Tom <t@example.com> escribió:\n\n",
        "Il giorno 13 gen 2017, alle 12:00, Tom <t@example.com> ha scritto:\n\n",
        "Op 13-02-2014 3:18 schreef Tom <t@example.com>:\n\n",
        "W dniu 28 stycznia 2015 01:53 użytkownik Tom <t@example.com>\nnapisał:\n\n",
        "13 января 2017 г., 12:00 пользователь Tom <t@example.com> написал:\n\n",
        "Den 14 september, 2015 02:23:18, Tom (t@example.com) skrev:\n\n",
        "在 2014年10月8日，上午11:12，Tom <t@example.com> 写道：\n\n",
        "-----Original Message-----\nFrom: Tom\n\n",
        "From: Tom <t@example.com>\nSent: Monday\nTo: Ali\nSubject: x\n\n",
    ],
)
def test_history_is_cut_whichever_program_quoted_it(header: str) -> None:
    result = new_text(f"{OWN}\n\n{header}{OLD}", MARKER)

    assert result.text == OWN
    assert result.certain


@pytest.mark.parametrize(
    "below",
    [
        f"{MARKER}\n{OLD}",
        f"> {MARKER}\n> {OLD}",
        f"> ## الرجاء الرد أعلى\n> هذا السطر ##\n> {OLD}",
        f"*{MARKER}*\n{OLD}",
    ],
)
def test_our_marker_is_found_quoted_wrapped_or_decorated(below: str) -> None:
    assert new_text(f"{OWN}\n{below}", MARKER) == new_text(f"{OWN}\n\n{below}", MARKER)
    assert new_text(f"{OWN}\n{below}", MARKER).text == OWN
    assert new_text(f"{OWN}\n{below}", MARKER).how == "marker"


def test_answers_between_quoted_lines_are_kept_and_need_a_look() -> None:
    text = "On 1 May 2024, Tom <t@x.sa> wrote:\n> رقم الطلب؟\n12345\n> والجوال؟\n0551234567\n"

    result = new_text(text, MARKER)

    assert result.text == "12345\n0551234567"
    assert not result.certain


def test_an_answer_below_the_quotation_is_kept() -> None:
    assert new_text(f"> {OLD}\n> {OLD}\n\n{OWN}", MARKER).text == OWN


@pytest.mark.parametrize(
    "text",
    [
        "في الحقيقة كتب لي الموظف أن طلبي مرفوض:\nولم يذكر السبب",
        "السادة:\nمن: أين أتابع الطلب؟\nإلى متى الانتظار",
        "في 3 مارس 2024 تقدمت بالطلب رقم 12345:\nولم أستلم ردا",
        "On Sunday I wrote to you:\nno answer came",
        "Sent from my desk, is much easier then my mobile phone.",
        "FYI\n\n---------- Forwarded message ----------\nFrom: t@x.sa\nSubject: s\n\nالقرار",
        "look >>> here\n>>> >>> http://x.sa <<<\nthanks",
    ],
)
def test_a_persons_own_words_are_left_alone(text: str) -> None:
    assert new_text(text, MARKER).text == text


@pytest.mark.parametrize(
    "text", [f"> {OLD}", f"{MARKER}\n{OLD}", f"On 1 May 2024, Tom <t@x.sa> wrote:\n{OLD}"]
)
def test_where_nothing_would_be_left_the_whole_is_returned_and_doubted(text: str) -> None:
    result = new_text(text, MARKER)

    assert result.text == text
    assert not result.certain


@pytest.mark.parametrize(
    "footer", ["-- \nعلي عمر\nمدير", "أُرسلت من الـ iPhone", "Sent from my iPhone", "مرسل من هاتف Samsung"]
)
def test_signatures_and_mobile_footers_are_cut(footer: str) -> None:
    assert new_text(f"{OWN}\n\n{footer}", MARKER).text == OWN


def test_a_second_history_below_the_first_is_no_answer() -> None:
    header = "On 1 May 2024, Tom <t@x.sa> wrote:"

    assert new_text(f"{OWN}\n\n{header}\n> {OLD}\n\n{header}\n{OLD}", MARKER).text == OWN


def test_folding_makes_arabic_comparable() -> None:
    assert folded("الرَّسالة إلى ٤٢ ۴۲") == "الرساله الي 42 42"
