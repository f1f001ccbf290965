"""What a person writes may look like a quotation; to cut it would be the worse harm (LESSONS 15)."""

from __future__ import annotations

import pytest

from daemon.mail.quoting.new_text import new_text
from tests.each import each

MARKER = "## الرجاء الرد أعلى هذا السطر ##"
GREETING = "السلام عليكم ورحمة الله وبركاته\n\n"

OWN_WORDS = [
    "في يوم الأحد 3 مارس كتب لي الموظف أن طلبي مرفوض:\nولم يذكر السبب",
    "في 3 مارس 2024 الساعة 11:30 كتب لي الموظف:\nطلبكم مرفوض",
    "بتاريخ 3/3/2024 كتبت لكم عن الموضوع:\nولم يصلني رد",
    "بتاريخ 3/3/2024 كتب لنا المهندس أحمد:\nالطلب ناقص",
    "في الأحد 3 مارس 2024 11:22 ص كتب موظف خدمة العملاء:\nالطلب مرفوض ولا يمكن قبوله",
    "في الحقيقة كتب لي الموظف أن طلبي مرفوض:\nولم يذكر السبب",
    "كتبت لكم سابقا:\nأن الطلب رقم 12345 متوقف",
    "كتب الموظف في 3/3/2024:\nالطلب مرفوض",
    "يوم 3/3/2024 الساعة 10:00 راسلت infocs@momah.gov.sa وكتب لي الموظف:\nسيتم الرد",
    "في 3 مارس 2024 الساعة 11:20 أرسلت إلى infocs@momah.gov.sa<mailto:infocs@momah.gov.sa>:\nنص الشكوى",
    "3/3/2024 11:20 أرسلت إلى الدعم <infocs@momah.gov.sa>:\nنص الشكوى الأولى\n5/3/2024 10:00 لم يصلني رد",
    "راسلت الدعم <infocs@momah.gov.sa> وكتبت:\nالطلب متوقف",
    "أرسلت إلى: الدعم <infocs@momah.gov.sa>:\nولم يردوا",
    "في 3 مارس 2024 تقدمت بالطلب رقم 12345:\nولم أستلم ردا",
    "من: الرياض\nإلى: جدة\nالتاريخ: 3/3/2024\nتأخرت الرحلة",
    "From: Riyadh\nTo: Jeddah\nDate: 3 March 2024 10:30\nThe truck was stopped at the gate.",
    "من: 1/3/2024\nإلى: 30/3/2024\nلم يصلني رد",
    "فترة الانقطاع:\nمن: 10:00 صباحا\nإلى: 12:00 ظهرا\nتاريخ: 3/3/2024\nوتكرر ذلك",
    "من: محمد العلي\nإلى: وزارة البلديات والإسكان\nالموضوع: شكوى على تأخر الطلب\n\nأتقدم إليكم بهذه الشكوى",
    "من: شركة الأفق\nإلى: وزارة البلديات\nالتاريخ: 3/3/2024\nالموضوع: تظلم\n\nنأمل النظر في طلبنا",
    "السادة:\nمن: أين أتابع الطلب؟\nإلى متى الانتظار",
    "الاسم: محمد\nالتاريخ: 3/3/2024\nالموضوع: رخصة بناء\nالبريد: m@example.com\nرقم الطلب: 12345",
    "التاريخ: الأحد 3 مارس 2024\nالوقت: 10:00 صباحا\nالمكان: حي النخيل\nحضر المراقب ولم يكتب شيئا",
    "Date: Wednesday 3 October 2024\nTime: 7:00am\nAddress: 130 King Rd\n\nPlease send somebody.",
    "On Sunday 3 March 2024 at 10:30 the employee wrote to me:\nyour request is rejected",
    "On 3 March 2024 at 10:30, the inspector wrote:\nyour request is rejected, and gave no reason",
    "On Sunday I wrote to you:\nno answer came",
    "On 3 March 2024 I sent a request to you and\nnobody from support@example.com wrote:\nI am still waiting",
    "In 2023 my neighbour wrote:\nthe street is broken",
    "أرسلت من جوالي صورة الهوية",
    "أرسلت من بريدي الرسمي كل المستندات",
    "تم الإرسال من مكتبي أمس",
    "Sent from my desk, is much easier then my mobile phone.",
    "Sent via mail on Sunday, no reply yet",
    "I have sent from my phone the pictures you wanted",
    "الخيار الأول: الإلغاء\n--\nالخيار الثاني: التعديل، فهل يمكن ذلك؟",
    "الاسم: محمد\n--\nرقم الطلب: 12345\n--\nالمدينة: الرياض",
    "الاسم: محمد\n--\nرقم الطلب: 12345",
    "الأول ناقص\n--\nالثاني مكتمل وأطلب اعتماده",
    "القسم الأول\n--\n1) لم يتم الرد\n2) لم يتم الاتصال",
    "الدعم <support@example.com>\nالتاريخ: 3/3/2024\nHe wrote:\nnothing at all",
    "التاريخ: 3 مارس 2024 الساعة 10:30\nالموضوع: شكوى\nhttps://furas.example.sa/ar/request?id=12345&x=a@b",
    "شكرا لكم\nالتاريخ: 3/3/2024",
    "من: محمد العلي\nالجوال: 0501234567\nالموضوع: شكوى\nتم الإرسال: نعم\nيرجى الإفادة",
    "المطلوب:\n> صورة الهوية\n> صورة السجل",
    "القسم الأول\n-----\nالقسم الثاني\n_____\nالقسم الثالث",
    "الرد على كلامكم:\n1) رقم الطلب 12345\n2) الجوال 0551234567",
    "Previous replies:\nnone of them helped me",
    "الرسالة الأصلية مرفقة، وفيها كل شيء",
    "Original message attached below as a picture",
    "القيمة > 100 و < 200\nوليس أكثر",
    "look >>> here\n>>> >>> http://x.sa <<<\nthanks",
    "وصلني هذا الرد:\n\nمن: الدعم <a@b.sa>\nتم الإرسال: 3 مارس 2024 11:22 ص\nإلى: محمد\n\nطلبكم مرفوض"
    "\n\nوأنا أعترض عليه",
    "3/3/2024 أحمد العلي <a@b.sa>\n\n5/3/2024 سارة <s@b.sa>\n\nكلاهما لم يرد",
    "FYI\n\n---------- Forwarded message ----------\nFrom: t@x.sa\nSubject: s\n\nالقرار",
    "أعيد توجيه القرار\n\nبداية الرسالة المُعاد توجيهها:\n\nمن: الأمانة <a@b.sa>\nالموضوع: قرار\n\nنص القرار",
    "للعلم\n\n-------- رسالة ممرّرة --------\nمِن: الأمانة <a@b.sa>\n\nنص القرار",
]


@each("words", OWN_WORDS)
def test_a_persons_own_words_are_left_alone(words: str) -> None:
    assert new_text(words, MARKER).text == words


@each("words", OWN_WORDS)
def test_they_are_left_alone_below_a_greeting_and_above_a_quotation(words: str) -> None:
    letter = f"{GREETING}{words}\n\nشاكرا لكم"
    attribution = "في ٣ مارس ٢٠٢٤، الساعة ١١:٢٢ ص، كتب/كتبت شكاوى فرص <infocs@momah.gov.sa>:"

    assert new_text(letter, MARKER).text == letter
    found = new_text(f"{letter}\n\n{attribution}\n\n> نص سابق", MARKER)
    assert found.text.startswith(letter)


@pytest.mark.parametrize(
    "words",
    [
        "On 3 March 2024 at 10:30, the inspector wrote:\nyour request is rejected",
        "من: محمد\nإلى: الوزارة\nالموضوع: شكوى\n\nنص",
        "في الأحد 3 مارس 2024 11:22 ص كتب أحمد العلي:\nالطلب مرفوض",
    ],
)
def test_what_may_be_a_quotation_is_kept_and_told(words: str) -> None:
    found = new_text(f"{GREETING}{words}", MARKER)

    assert found.text == f"{GREETING}{words}"
    assert not found.certain


def test_an_answer_between_long_quoted_lines_is_no_rest_of_them() -> None:
    question = "> هل تم رفع الطلب على المنصة، وما هو رقمه وتاريخه، ومن الموظف الذي استلمه منكم في ذلك اليوم"
    mail = f"{question}\nنعم رقم الطلب 12345\n{question}\n0551234567\n> شكرا"

    assert new_text(mail, MARKER).text == "نعم رقم الطلب 12345\n0551234567"


def test_the_rest_of_a_quoted_line_that_a_program_wrapped_is_no_answer() -> None:
    mail = (
        "Yes\n\nOn 3 March 2024 at 10:30, Tom <t@example.com> wrote:\n"
        "> Please tell us the number of the request that you have made on the platform\n"
        "and the day\n> of it.\n"
    )

    assert new_text(mail, MARKER).text == "Yes"
