"""The wish to know how a complaint stands, and the wish to escalate it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.meaning.citizen_words import is_status_request, wants_escalation
from daemon.templating.catalogue import LANGUAGES, NOTIFICATIONS
from daemon.templating.samples import contexts
from daemon.workflow.ticket_number import format_number
from tests.each import each
from tests.texts.test_templating_golden import shipped

NUMBER = format_number(2026, 123)
ARABIC_NUMBER = NUMBER.translate({ord(str(n)): chr(0x660 + n) for n in range(10)})


@each(
    "text",
    [
        NUMBER,
        f"  {NUMBER}\n",
        f"\u200f{ARABIC_NUMBER}\u200f",
        f"رقم الشكوى: {NUMBER}",
        "حالة",
        "حالة الشكوى",
        "حَالـة الشَّكوى؟",
        f"حالة الشكوى {NUMBER}",
        "ما هي حالة شكواي؟",
        "السلام عليكم ورحمة الله وبركاته\nحالة الشكوى لو سمحتم",
        "#حالة",
        "status",
        "STATUS?",
        f"What is the status of my complaint {NUMBER}, please?",
    ],
)
def test_a_number_or_the_word_alone_asks_how_it_stands(text: str) -> None:
    assert is_status_request(text)


@each(
    "text",
    [
        "",
        "السلام عليكم",
        "شكرا",
        "الشكوى",
        "12345",
        "حالة الطلب 12345",
        f"{NUMBER} رقم الطلب 12345",
        NUMBER.replace("FRS", "").replace("-", ""),
        f"{NUMBER[:-1]}{(int(NUMBER[-1]) + 1) % 10}",
        "حالة الشكوى سيئة ولم يرد أحد",
        f"لم يصلني رد على {NUMBER}",
        "status quo is bad",
        "حالة " * 100,
    ],
)
def test_anything_more_is_a_message(text: str) -> None:
    assert not is_status_request(text)


@each(
    "text",
    [
        "تصعيد",
        "التصعيد",
        "تصـعيد",
        "تَصْعِيد!",
        "أرغب في تصعيد الشكوى",
        "أرغب بالتصعيد",
        "أطلب التصعيد",
        "نطلب تصعيدها للإدارة",
        "يرجى التصعيد",
        "الرجاء تصعيد الشكوى رقم ٥",
        "أود أن يتم تصعيد شكواي",
        "لم يصلني أي رد، أرغب في التصعيد",
        "لم يصلني رد أرغب في التصعيد",
        "لا أريد إغلاق الشكوى بل أريد التصعيد",
        "لا أريد إلا التصعيد",
        "وأطلب رسميا وبشكل عاجل تصعيد الشكوى",
        "هل يمكن تصعيد الشكوى؟",
        "السلام عليكم\nتصعيد\nشكرا",
        "لا أريد التصعيد الآن. بل أريد التصعيد فورا",
        "طلب تصعيد",
        "Please escalate",
        "I want to escalate my complaint.",
        "Escalation",
        "No answer. I request escalation",
        "للتصعيد",
        "تصعيد الشكوى لأنها لم تحل حتى الآن",
        "تصعيد عاجل",
        "التصعيد لعدم الرد",
        f"تصعيد الشكوى رقم {NUMBER}",
        "التصعيد لو سمحتم",
        "طلب تصعيد الشكوى لتجاوز المدة",
        "أرفع لكم طلب تصعيد هذه الشكوى",
        "أتقدم بهذا الطلب للتصعيد",
        "أرجو رفع الشكوى للتصعيد",
        "وصلني إشعار بإغلاق الشكوى دون معالجتها، تصعيد",
        "السلام عليكم ورحمة الله وبركاته، أرغب في التصعيد وشكرا لكم",
        "Please escalate this complaint to your manager",
        "Escalate complaint because it was never answered",
        "escalate please",
        "تصعيد رجاء",
        "نعم تصعيد",
        "تصعيد تصعيد",
        "رفع طلب تصعيد",
        "تقديم طلب تصعيد",
        "أكرر طلب التصعيد",
        "أؤكد طلب التصعيد",
        "أكرر رغبتي في التصعيد",
        "يجب تصعيد الشكوى",
        "لا بد من التصعيد",
        "لابد من تصعيد الشكوى",
        "مطلوب التصعيد",
        "تصعيد بعد انتهاء المدة",
        "صعّدوا الشكوى",
        "أرجو أن تصعدوا، أريد أن أصعد الشكوى",
        "I'd like this escalated",
        "Escalation requested",
        "«تصعيد»",
    ],
)
def test_the_wish_to_escalate_is_understood(text: str) -> None:
    assert wants_escalation(text)


@each(
    "text",
    [
        "",
        "شكرا لكم",
        "لا أريد التصعيد",
        "لا أرغب في تصعيد الشكوى",
        "لا نرغب حاليا في تصعيد الشكوى",
        "ما أبي تصعيد",
        "لا داعي للتصعيد",
        "لا حاجة إلى التصعيد",
        "نأمل عدم التصعيد",
        "أريد الحل لا التصعيد",
        "أرجو حل المشكلة قبل التصعيد",
        "أرجو الرد دون تصعيد",
        "نأمل سرعة الحل تفاديا للتصعيد",
        "وإلا سنضطر إلى التصعيد",
        "تم التصعيد سابقا",
        "متى يحق لي التصعيد؟",
        "كيف يمكن التصعيد؟",
        "التصعيد غير مطلوب",
        "التصعيد لا أريده",
        "I don't want to escalate",
        "I don’t want to escalate",
        "There is no need to escalate",
        "please do not escalate",
        "It was escalated before",
        "مصعد المبنى معطل",
        "سبق التصعيد",
        "سبق لي التصعيد ولم يتغير شيء",
        "سأضطر للتصعيد إن لم يصلني رد",
        "حتى لا نلجأ للتصعيد نأمل الرد",
        "الموظف المسؤول عن التصعيد لم يرد على اتصالي",
        "تحدثت مع زميلكم للتصعيد وأفادني بأن الطلب قيد الدراسة",
        "راجعت مكتبكم للتصعيد يوم الأحد، وهذه صورة العقد",
        "شكرا على التصعيد",
        "طلب التصعيد السابق لم يرد عليه أحد",
        "رفعت طلب تصعيد الأسبوع الماضي",
        "تصعيد الشكوى لم يفد",
        "ما مصير طلب التصعيد",
        "أود الاستفسار عن التصعيد",
        "بخصوص التصعيد وصلني اتصال منكم",
        "تصعيد الخلاف مع الجار ليس موضوعنا",
        "أريد حلا وسوف أطلب التصعيد لاحقا",
        "صفحة التصعيد لا تعمل",
        "My escalation was ignored",
        "Thank you for the escalation",
        "I may escalate later",
        "The escalation page does not open",
        "الصعيد",
        "أرغب في إلغاء طلب التصعيد",
        "أريد سحب طلب التصعيد",
        "أطلب إيقاف التصعيد",
        "please cancel the escalation",
        "أرجو إفادتي بنتيجة التصعيد",
        "أريد متابعة طلب التصعيد",
        "أرجو الرد على طلب التصعيد",
        "من طلب التصعيد؟",
        "هل أكتب «تصعيد»؟",
        'لا أعرف ماذا يعني "تصعيد"',
        "كتبتم لي: يمكنكم طلب التصعيد بالرد على هذه الرسالة بكلمة «تصعيد»",
        "My complaint was escalated",
        "أرجو سرعة الحل لأني سأضطر للتصعيد",
    ],
)
def test_naming_the_word_is_not_wishing_it(text: str) -> None:
    assert not wants_escalation(text)


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    is_status_request(text)
    wants_escalation(f"{text} تصعيد {text}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_mail_of_ours_wishes_for_an_escalation_when_it_is_quoted_without_a_mark(language: str) -> None:
    for name, notification in NOTIFICATIONS.items():
        if notification.audience == "citizen":
            for label, values in contexts(notification):
                mail = shipped()[language].render_email(name, {**values, "text": "."})
                assert not wants_escalation(mail.text), (name, label)
