"""What is found in a citizen's words: request number, mobile, ground, name, thanks; and what never is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.languages.folding import clean, fold, fold_digits, fold_letters, strip_bidi
from daemon.mail.meaning.extraction import Extracted, extract, extract_answer
from daemon.mail.meaning.extraction_policy import ExtractionPolicy
from daemon.mail.meaning.gratitude import is_thanks
from daemon.workflow.ticket_number import format_number
from tests.each import each

POLICY = ExtractionPolicy()
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
RLM, LRM, RLE, PDF, FSI, PDI = "\u200f", "\u200e", "\u202b", "\u202c", "\u2068", "\u2069"
NATIONAL_ID = "1012345672"  # passes Luhn
IQAMA = "2012345670"


def request_number(text: str) -> str | None:
    return extract("", text, POLICY).request_number


def answered_number(text: str) -> str | None:
    return extract_answer(text, POLICY).request_number


def phone(text: str) -> str | None:
    return extract("", text, POLICY).phone


# ---- request number ------------------------------------------------------------------------------

LABELLED = [
    ("رقم الطلب: 1234567", "1234567"),
    ("رقم الطلب 1234567", "1234567"),
    ("رقم الطلب : 1234567", "1234567"),
    ("رقم الطلب:1234567", "1234567"),
    ("رقم الطلب/1234567", "1234567"),
    ("رقم الطلب / 1234567", "1234567"),
    ("رقم الطلب - 1234567", "1234567"),
    ("رقم الطلب #1234567", "1234567"),
    ("رقم الطلب (1234567)", "1234567"),
    ("رقم الطلب «1234567»", "1234567"),
    ("رقم الطلب هو 1234567", "1234567"),
    ("رقم الطلب هو: 1234567", "1234567"),
    ("رقم الطلب كالتالي: 1234567", "1234567"),
    ("رقم الطلب على منصة فرص 1234567", "1234567"),
    ("رقم الطلب في فرص هو 1234567", "1234567"),
    ("رقم الطلب لديكم: 1234567", "1234567"),
    ("رقم الطلب الخاص بي 1234567", "1234567"),
    ("رقم الطلب:\n1234567", "1234567"),
    ("رقم الطلب\n\n1234567", "1234567"),
    ("رقم الطلب: *1234567*", "1234567"),
    ("رقم الطلب 1234567.", "1234567"),
    ("رقم الطلب 1234567، وشكرا", "1234567"),
    ("رقم الطلب 1234567 بتاريخ 12/5/2026", "1234567"),
    ("رقم الطلب 1234567 وجوالي 0551234567", "1234567"),
    ("ورقم الطلب 1234567", "1234567"),
    ("أتقدم بشكوى بخصوص رقم الطلب: 1234567 ولم يتم الرد", "1234567"),
    ("رقم طلبي 1234567", "1234567"),
    ("رقم طلبنا هو 1234567", "1234567"),
    ("رقم طلب 1234567", "1234567"),
    ("رقم المعاملة 1234567", "1234567"),
    ("رقم المعامله: 1234567", "1234567"),
    ("رقم معاملتي 1234567", "1234567"),
    ("طلب رقم 1234567", "1234567"),
    ("طلب رقم: 1234567", "1234567"),
    ("الطلب رقم 1234567", "1234567"),
    ("الطلب رقم (1234567)", "1234567"),
    ("بالطلب رقم 1234567", "1234567"),
    ("للطلب رقم 1234567", "1234567"),
    ("طلبي رقم 1234567", "1234567"),
    ("طلبي رقمه 1234567", "1234567"),
    ("الطلب برقم 1234567", "1234567"),
    ("الطلب ذو الرقم 1234567", "1234567"),
    ("طلبي الذي يحمل الرقم 1234567", "1234567"),
    ("تقدمت بطلب استثمار برقم 1234567", "1234567"),
    ("تقدمت بطلب على منصة فرص برقم 1234567", "1234567"),
    ("طلب تمديد عقد الاستثمار المقدم برقم 1234567", "1234567"),
    ("المعاملة رقم 1234567", "1234567"),
    ("الطلب: 1234567", "1234567"),
    ("الطلب (1234567)", "1234567"),
    ("طلبي 1234567", "1234567"),
    ("متابعة طلب 1234567", "1234567"),
    ("طلبي المقدم في منصة فرص 1234567", "1234567"),
    ("رقم الطلب1234567", "1234567"),
    ("رقم الطلب هوا 1234567", "1234567"),
    ("رقم الطلب (الخاص بالاستثمار): 1234567", "1234567"),
    ("طلبنا المرفوع عبر منصة فرص (رقم 1234567)", "1234567"),
    ("الطلبات رقم 1234567 و 7654321", "1234567"),
    ("تاريخ الطلب 20260501 رقم الطلب 1234567", "1234567"),
    ("رقم السجل: 1010123456 رقم الطلب: 1234567 رقم الجوال: 0551234567", "1234567"),
    ("1234567 هو رقم الطلب", "1234567"),
    ("الرقم 1234567 هو رقم طلبي", "1234567"),
    ("request number: 1234567", "1234567"),
    ("Request Number 1234567", "1234567"),
    ("my request number is 1234567", "1234567"),
    ("request no. 1234567", "1234567"),
    ("Request No: 1234567", "1234567"),
    ("Request #1234567", "1234567"),
    ("request # 1234567", "1234567"),
    ("request id 1234567", "1234567"),
    ("request 1234567", "1234567"),
    ("the request on Furas number 1234567", "1234567"),
    ("Application number: 1234567", "1234567"),
    ("order no 1234567", "1234567"),
    ("1234567 is my request number", "1234567"),
    # forms of the identifier
    ("رقم الطلب 12345", "12345"),
    ("رقم الطلب 123456789012345", "123456789012345"),
    ("رقم الطلب FR-123456", "FR-123456"),
    ("رقم الطلب fr-123456", "FR-123456"),
    ("رقم الطلب FR123456", "FR123456"),
    ("رقم الطلب FR 123456", "FR123456"),
    ("رقم الطلب 2026/12345", "2026/12345"),
    ("رقم الطلب 2026-12345", "2026-12345"),
    ("رقم الطلب 01-25-004003-12345", "01-25-004003-12345"),
    ("رقم الطلب ط-12345", "ط-12345"),
    ("رقم الطلب 123 456 789", "123456789"),
    ("رقم الطلب 0012345", "0012345"),
    ("request number INV_2026_0045", "INV_2026_0045"),
]


@each(("text", "number"), LABELLED)
def test_a_labelled_request_number_is_found(text: str, number: str) -> None:
    assert request_number(text) == number


@each(("text", "number"), LABELLED)
def test_neither_digits_nor_marks_nor_tashkeel_hide_it(text: str, number: str) -> None:
    marked = re.sub(r"(\S*[0-9]\S*)", rf"{RLE}{FSI}\1{PDI}{PDF}", text)
    marked = marked.replace("رقم", "رَقْم").replace("لب", "ل\u0640ب")

    assert request_number(text.translate(ARABIC)) == number
    assert request_number(text.translate(PERSIAN)) == number
    assert request_number(f"{RLM}{marked}{LRM}") == number


@each(("text", "number"), LABELLED)
def test_it_may_stand_in_the_subject_or_in_an_answer_as_well(text: str, number: str) -> None:
    assert extract(text, "نص بلا رقم", POLICY).request_number == number
    assert extract(text, "رقم الطلب 7654321", POLICY).request_number == "7654321"
    assert answered_number(text) == number


NEVER = [
    # phones, in every way of writing them
    "0551234567",
    "055 123 4567",
    "055-123-4567",
    "+966551234567",
    "966551234567",
    "00966551234567",
    "966-55-123-4567",
    "551234567",
    "0112345678",
    "920012345",
    "8001234567",
    "199040",
    "00971501234567",
    # national IDs and Iqamas
    NATIONAL_ID,
    IQAMA,
    "1000000008",
    # ours
    format_number(2026, 123),
    format_number(2026, 123).replace("-", ""),
    format_number(2026, 123).lower(),
    "FRS-2026-000123-1",
    # dates and years
    "12/5/2026",
    "12-05-2026",
    "2026-05-12",
    "2026/05/12",
    "1448/6/13",
    "13/06/1448هـ",
    "2026/2027",
    "5/2026",
    "2026",
    "1448",
    # too short, too long, not whole
    "1234",
    "1",
    "1234567890123456",
    "SA0380000000608010167519",
    "SA03 8000 0000 6080 1016 7519",
    "123456@example.com",
    "12345.67",
    "12345 ريال",
    "50000 ر.س",
    "50000 SAR",
    "15000 متر مربع",
    "15000 م2",
    "12345%",
]


@each("value", NEVER)
def test_some_things_are_no_request_number_even_after_its_label(value: str) -> None:
    for label in ("رقم الطلب {}", "رقم الطلب: {}", "الطلب رقم {}", "طلبي {}", "request number: {}"):
        assert request_number(label.format(value)) is None
        assert request_number(label.format(value).translate(ARABIC)) is None


@each("value", NEVER)
def test_nor_are_they_an_answer(value: str) -> None:
    for frame in ("{}", "الرقم {}", "السلام عليكم\n{}\nشكرا", "تفضل {}"):
        assert answered_number(frame.format(value)) is None
        assert answered_number(frame.format(value).translate(ARABIC)) is None


@each(
    "text",
    [
        "",
        "لا أعرف رقم الطلب",
        "1234567",
        "شكوى 1234567",
        "الرقم 1234567",
        "رقم الهوية 1098765432",
        "رقم الهوية: 1012345678",
        "رقم الإقامة 2012345678",
        "هويتي 1012345678",
        "رقم الجوال 0551234567",
        "السجل التجاري 1010123456",
        "سجل تجاري رقم 4030123456",
        "الرقم الموحد 7001234567",
        "الرمز البريدي 12345",
        "رقم الفاتورة 1234567",
        "رقم العقد 1234567",
        "الفرصة رقم 1234567",
        "المنافسة رقم 1234567",
        "تقدمت بطلب على الفرصة رقم 1234567",
        "رقم الصك 1234567",
        "رخصة رقم 1234567",
        "مبلغ 150000 ريال",
        "طلبت منهم الهوية 1012345678",
        "رقم الطلب غير معروف والسجل التجاري 1010123456",
        "لا يوجد لدي رقم الطلب. رقم العقد 1234567",
        "رقم الطلب:\nرقم السجل التجاري: 1010123456",
        "رقم الطلب:\nالهوية: 1012345678",
        "هذا مطلب رقم 1234567",
        "متطلبات 1234567",
        "عدد الطلبات 12345",
        "عدد الطلب 20000",
        "رسوم الطلب 15000",
        "قيمة الطلب: 150000",
        "تاريخ الطلب: 20260501",
        "order 12345",
        "الطلب الخاص بالفرصة رقم 1234567",
        f"رقم الشكوى {format_number(2026, 123)[4:]}",
        "I requested 50000 SAR",
        "call me at 1234567",
        "رقم الموظف 1234567",
    ],
)
def test_a_number_of_something_else_is_no_request_number(text: str) -> None:
    assert request_number(text) is None
    assert request_number(text.translate(ARABIC)) is None


@each(
    "text",
    [
        "قدمت طلبا لاستثمار حديقة في أبها برقم 1234567 قبل شهرين",
        "قدمت طلباً لاستثمار حديقة برقم 1234567",
        "قدمت طلبا برقم 1234567",
        "تقدمت بطلب استثمار أرض في حي النخيل برقم 1234567",
        "قدمت طلب لاستثمار حديقة في أبها رقمه 1234567 ولم يرد أحد",
        "طلبي لاستثمار حديقة في أبها برقم 1234567",
        "رفعت طلبا على فرص يحمل الرقم 1234567",
        "لدينا طلب رفعناه في شهر محرم تحت رقم 1234567",
        "قدمت طلبا بتاريخ 2026/5/1 برقم 1234567",
        "طلب سجلناه من جوال 0551234567 برقم 1234567",
        "عندي معاملة رفعتها قبل شهر ورقمها 1234567",
        "إلحاقا لطلبي المرفوع بتاريخ 1448/05/12 رقم 1234567",
        "رقم طلب استئجار الأرض 1234567",
        "طلب التأجير 1234567",
        "معاملتي 1234567 متعطلة",
        "الطلب1234567",
        "I applied for a garden in Abha under number 1234567",
        "My application for the garden lease, number 1234567, is late",
    ],
)
def test_it_may_stand_apart_from_its_request(text: str) -> None:
    assert request_number(text) == "1234567"
    assert request_number(text.translate(ARABIC)) == "1234567"


@each(
    "text",
    [
        "قدمت طلب استثمار أرض برقم 1234567",
        "قدمت طلبا وصدرت لي رخصة برقم 1234567",
        "قدمت طلبا ثم شكوى برقم 1234567",
        "طلبت رخصة برقم 1234567",
        "قدمت طلبا. وعندي عقد قديم في البلدية برقم 1234567",
        "قدمت طلبا وهذا جوالي برقم 0551234567",
        "قدمت طلبا في شارع برقم 12345",
        "قدمت طلبا لحديقة قيمتها برقم 1234567 ريال",
        "قدمت طلبا برقم 20260501",
        "هذا مطلب الجميع وهو برقم 1234567",
        "I applied for a site number 1234567",
    ],
)
def test_a_number_apart_may_be_of_something_else(text: str) -> None:
    assert request_number(text) is None
    assert request_number(text.translate(ARABIC)) is None


def test_a_labelled_number_is_believed_before_one_apart() -> None:
    assert request_number("قدمت طلبا لحديقة برقم 111111 ثم جاءني رقم الطلب 222222") == "222222"


def test_a_labelled_number_of_ten_digits_that_is_no_valid_id_is_a_request_number() -> None:
    assert request_number("رقم الطلب 1012345678") == "1012345678"
    assert request_number("رقم الطلب 3012345678") == "3012345678"


def test_the_first_labelled_number_is_taken() -> None:
    assert request_number("الطلب رقم 111111 ثم رقم الطلب 222222") == "111111"


def test_a_refused_value_does_not_hide_the_right_one_behind_it() -> None:
    assert request_number("رقم الطلب 0551234567\nرقم الطلب 1234567") == "1234567"


@given(st.integers(10_000, 999_999_999_999_999))
def test_a_labelled_number_is_itself_or_nothing(value: int) -> None:
    found = request_number(f"أرجو النظر في رقم الطلب: {value} وشكرا")

    assert found in (str(value), None)
    if found is None:
        assert re.fullmatch(
            r"(966)?5[0-9]{8}|[12][0-9]{9}|9200[0-9]{5}|800[0-9]{7}|9661[0-9]{8}|199040", str(value)
        )


@given(st.from_regex(r"(\+966|00966|966|0|)5[013-689][0-9]{7}", fullmatch=True))
def test_no_saudi_mobile_is_ever_a_request_number(mobile: str) -> None:
    for text in (f"رقم الطلب {mobile}", f"طلبي {mobile}", mobile, f"الرقم {mobile}"):
        assert answered_number(text) is None


@given(st.integers(100_000_000, 299_999_999))
def test_no_national_id_is_ever_a_request_number(first_nine: int) -> None:
    doubled = sum(sum(divmod(int(d) * (2 - i % 2), 10)) for i, d in enumerate(str(first_nine)))
    valid = f"{first_nine}{-doubled % 10}"

    for text in (f"رقم الطلب {valid}", f"رقم الهوية {valid}", valid, valid.translate(ARABIC)):
        assert answered_number(text) is None


# ---- the answer to our question ------------------------------------------------------------------


@each(
    ("text", "number"),
    [
        ("123456789", "123456789"),
        (" ١٢٣٤٥٦٧ ", "1234567"),
        ("12345", "12345"),
        ("الرقم ١٢٣٤٥٦٧", "1234567"),
        ("الرقم: 1234567", "1234567"),
        ("رقمه 1234567", "1234567"),
        ("رقم 12345", "12345"),
        ("#1234567", "1234567"),
        ("number 1234567", "1234567"),
        ("It is 1234567", "1234567"),
        ("السلام عليكم\n1234567\nشكرا لكم", "1234567"),
        ("تفضلوا 1234567 وشكرا", "1234567"),
        ("FR-123456", "FR-123456"),
        ("1234567\n1234567", "1234567"),
        ("1234567\n\nمحمد العتيبي\nجوال 0551234567", "1234567"),
        ("الرقم 1234567 والهوية 1012345672", "1234567"),
        ("الرقم 1234567 والسجل التجاري 1010123456", "1234567"),
        ("لم أجده في البداية ثم بحثت في حسابي على المنصة فوجدته وهو:\n1234567", "1234567"),
    ],
)
def test_a_lone_number_answers_our_question(text: str, number: str) -> None:
    assert answered_number(text) == number
    assert request_number(text) is None


@each(
    "text",
    [
        "123456\n654321",
        "الرقم 123456 أو 654321",
        "السجل التجاري 1010123456",
        "1010123456",
        "4030123456",
        "7001234567",
        "الهوية 1012345678",
        "الرياض 12345",
        "ص.ب 12345",
        "الرمز البريدي 12345",
        "20260512",
        "المبلغ 150000",
        "150000 ريال",
        "id 1234567",
        "لا أذكر رقمه ولكن موظف البلدية في زيارته الأخيرة للموقع كتب على المحضر 1234567 ثم انصرف ولم يعد",
        "https://example.com/1234567",
        "a1234567@example.com",
        "لا يوجد لدي رقم",
    ],
)
def test_a_doubtful_number_does_not(text: str) -> None:
    assert answered_number(text) is None


# ---- mobile --------------------------------------------------------------------------------------


@each(
    "written",
    [
        "0551234567",
        "055 123 4567",
        "055-123-4567",
        "055.123.4567",
        "0 55 12 34 567",
        "(055) 123 4567",
        "+966551234567",
        "+966 55 123 4567",
        "+966-55-123-4567",
        "+966 (0) 55 123 4567",
        "+9660551234567",
        "966551234567",
        "00966551234567",
        "00966 55 123 4567",
    ],
)
def test_a_saudi_mobile_is_found_however_it_is_written(written: str) -> None:
    for frame in (
        "{}",
        "جوالي {}",
        "الجوال: {}",
        "الجوال/{}",
        "جوال {} وشكرا",
        "جوالي{}",
        "mobile: {}.",
        "رقم الطلب 1234567\n{}\nمحمد",
        "هويتي 1012345672 وجوالي {}",
        "{} - 0509999999",
        f"{RLM}{{}}{RLM}",
    ):
        for digits in ({}, ARABIC, PERSIAN):
            assert phone(frame.format(written).translate(digits)) == "+966551234567"


@each(
    "text",
    [
        "",
        "5",
        "055123456",
        "05512345678",
        "0521234567",  # no operator has 052
        "0579912345",
        "0112345678",
        "920012345",
        "+971501234567",
        "+201001234567",
        "1055123456",
        "10551234567",
        "FR0551234567",
        "551234567",
        "رقم الطلب 551234567",
        "SA03 0551 2345 6712 3456 7890",
        "https://example.com/0551234567",
        "0551234567@example.com",
        "جوال الموظف 0551234567",
        "رقم جوال المهندس: 0551234567",
        "تواصلت مع مكتب البلدية على 0551234567",
        "the officer's mobile 0551234567",
    ],
)
def test_nothing_else_is_a_mobile(text: str) -> None:
    assert phone(text) is None


def test_nine_digits_are_a_mobile_only_after_a_word_for_it() -> None:
    assert phone("جوالي 551234567") == "+966551234567"
    assert phone("للتواصل: ٥٥١٢٣٤٥٦٧") == "+966551234567"
    assert phone("mobile 551234567") == "+966551234567"


def test_the_first_mobile_that_is_not_somebody_elses_is_taken() -> None:
    assert phone("جوال الموظف 0551234567 وجوالي 0507654321") == "+966507654321"
    assert phone("0551234567 أو 0507654321") == "+966551234567"
    assert phone("0521234567 أو 0507654321") == "+966507654321"


def test_the_mobile_comes_from_the_text_and_never_from_the_subject() -> None:
    assert extract("جوالي 0551234567", "رقم الطلب 1234567", POLICY).phone is None


# ---- the ground ----------------------------------------------------------------------------------


@each(
    "text",
    [
        "تجاوز المدة المحددة",
        "تجاوزت المعاملة المهلة",
        "تم تجاوز اتفاقية مستوى الخدمة",
        "طلب لتجاوز اتفاقية مستوى الخدمة دون اتخاذ أي إجراء بشأنه",
        "تأخر الطلب",
        "الطلب متأخر جدا",
        "التأخير غير مبرر",
        "بسبب تأخيركم",
        "لم يتم الرد",
        "ولم يتم الرد حتى الآن",
        "لم يتم اتخاذ أي إجراء",
        "لم تتم معالجة الطلب",
        "لم يرد أحد",
        "لم يصلني أي رد",
        "دون أي إجراء",
        "بدون رد",
        "لا يوجد أي تجاوب",
        "ما فيه رد",
        "عدم الرد",
        "انتهت المدة",
        "مضى على الطلب أكثر من شهر",
        "منذ أكثر من شهرين",
        "الطلب معلق",
        "قيد المعالجة من زمان",
        "لم يتم الردّ عَلَيَّ",
        "The SLA was exceeded",
        "service level agreement",
        "no response so far",
        "nobody has answered me",
        "it has been delayed",
        "the request is overdue",
        "without any action",
        "exceeded the expected time",
        "more than two weeks",
        "لم يتخذ أي إجراء",
        "ما اتخذوا أي إجراء",
        "تجاوزتم المدة المحددة",
        "ما صار عليه شي",
        "طلبي مهمل عندكم",
        "معاملتي متوقفة من شهر",
        "ما زال الطلب تحت الدراسة من 3 شهور",
    ],
)
def test_a_request_past_its_time_is_recognised(text: str) -> None:
    assert extract("", text, POLICY).category == "sla_exceeded"
    assert extract(text, "", POLICY).category == "sla_exceeded"


@each(
    "text",
    [
        "ظهر خطأ عند الحفظ",
        "تظهر رسالة الخطأ",
        "يوجد مشكلة تقنية",
        "مشكلة فنية في المنصة",
        "تحديات تقنية تعيق إتمام الطلب",
        "الموقع لا يعمل",
        "المنصة لا تعمل منذ أسبوع",
        "الرابط لا يفتح",
        "ما يفتح معي",
        "تعذر رفع الملف",
        "يتعذر الدخول",
        "لا أستطيع إكمال الطلب",
        "لا يمكنني رفع المرفقات",
        "ما اقدر أسجل دخول",
        "لم أتمكن من السداد",
        "فشل الدفع",
        "خلل في النظام",
        "الموقع معطل",
        "النظام بطيء",
        "لم يصلني رمز التحقق",
        "I get an error",
        "there is a bug",
        "technical issue",
        "the page does not load",
        "it doesn't work",
        "it is not working",
        "I can't upload the file",
        "I cannot complete the request",
        "unable to submit",
        "payment failed at the last step",
        "the site is down",
        "ما وصلني كود التحقق",
        "الموقع متوقف",
        "المنصة واقفة من أمس",
    ],
)
def test_a_technical_obstacle_is_recognised(text: str) -> None:
    assert extract("", text, POLICY).category == "technical"
    assert extract(text, "", POLICY).category == "technical"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "أرجو الإفادة عن طلبي رقم 1234567",
        "أرسلت لكم خطابا",
        "رفعت الطلب بالخطأ",
        "سجلت عن طريق الخطأ",
        "لا يوجد أي خطأ",
        "بدون تأخير",
        "no errors here",
        "كيف أقدم على فرصة؟",
        "شكرا لكم",
    ],
)
def test_where_no_ground_is_named_none_is_guessed(text: str) -> None:
    assert extract("", text, POLICY).category is None


def test_of_two_grounds_the_one_with_more_to_say_counts() -> None:
    text = "ظهر خطأ وفشل الدفع ولم أتمكن من إكمال الطلب ولم يتم الرد"

    assert extract("", text, POLICY).category == "technical"
    assert extract("", "ظهر خطأ ثم لم يتم الرد وتأخر الطلب وتجاوز المدة", POLICY).category == "sla_exceeded"


def test_of_two_grounds_with_as_much_the_first_counts() -> None:
    assert extract("", "ظهر خطأ ولم يتم الرد", POLICY).category == "technical"
    assert extract("", "لم يتم الرد وظهر خطأ", POLICY).category == "sla_exceeded"


def test_how_long_it_takes_says_nothing_where_a_fault_is_named() -> None:
    assert extract("", "منذ أسبوعين لا أستطيع الدخول", POLICY).category == "technical"


# ---- the operator's own patterns -----------------------------------------------------------------


def test_an_operators_patterns_take_the_place_of_ours_in_any_spelling() -> None:
    policy = ExtractionPolicy(
        request_number_patterns=(r"رقم\s+الإستمارة[:\s]*(FRX-\d{4})",),
        sla_exceeded_patterns=("طوّلتوا علينا", r"وين\s+الردّ"),
        technical_patterns=("شاشة بيضاء/سوداء",),
        request_number_digits=(4, 10),
    )

    assert extract("", "رقم الاستمارة: frx-١٢٣٤", policy).request_number == "FRX-1234"
    assert extract("", "رقم الطلب 1234567", policy).request_number is None
    assert extract("", "طولتوا علينا", policy).category == "sla_exceeded"
    assert extract("", "وين الرد", policy).category == "sla_exceeded"
    assert extract("", "والشاشة البيضاء", policy).category == "technical"


def test_a_bad_pattern_is_an_error_of_the_configuration() -> None:
    with pytest.raises(re.error):
        extract("", "نص 12345", ExtractionPolicy(request_number_patterns=("(",)))


# ---- name ----------------------------------------------------------------------------------------


@each(
    ("text", "name"),
    [
        ("الاسم: محمد العتيبي", "محمد العتيبي"),
        ("الإسم : سارة بنت أحمد الغامدي", "سارة بنت أحمد الغامدي"),
        ("الاسم/ محمد عبدالله", "محمد عبدالله"),
        ("السلام عليكم\nالاسم: محمد العتيبي\nالجوال: 0551234567", "محمد العتيبي"),
        ("الاسم: محمد العتيبي الجوال: 0551234567", "محمد العتيبي"),
        ("الاسم: محمد العتيبي - الرياض", "محمد العتيبي"),
        ("الاسم الكامل: محمد بن علي القحطاني", "محمد بن علي القحطاني"),
        ("اسم مقدم الطلب: محمد العتيبي", "محمد العتيبي"),
        ("اسمي محمد العتيبي", "محمد العتيبي"),
        ("أنا اسمي محمد العتيبي من الرياض", "محمد العتيبي"),
        ("اسمي محمد العتيبي وأرغب بتقديم شكوى", "محمد العتيبي"),
        ("اسمي: محمد العتيبي، وأريد الشكوى", "محمد العتيبي"),
        ("Name: John Smith", "John Smith"),
        ("Full name: Anne-Marie O'Neil", "Anne-Marie O'Neil"),
        ("My name is John Smith and I", "John Smith"),
        ("*الاسم:* محمد العتيبي", "محمد العتيبي"),
        ("الاسم: مُحمّد العتيبي", "محمد العتيبي"),
    ],
)
def test_a_name_is_found_after_its_label_as_it_is_written(text: str, name: str) -> None:
    assert extract("", text, POLICY).name == name


@each(
    "text",
    [
        "",
        "الاسم:",
        "الاسم:\n",
        "الاسم: محمد",
        "الاسم التجاري للمنشأة: كذا",
        "الاسم: أ ب ج د ه و ز",
        "الاسم: 12345",
        "الاسم: x@example.com",
        "الاسم: <b>محمد العتيبي</b>",
        "اسمي غير ظاهر لديكم في النظام منذ مدة",
        "اسميته محمد العتيبي",
        "user name is missing here",
        "Name: " + "ا" * 50 + " " + "ب" * 50,
        "باسم الله الرحمن الرحيم",
    ],
)
def test_in_doubt_there_is_no_name(text: str) -> None:
    assert extract("", text, POLICY).name is None


# ---- thanks --------------------------------------------------------------------------------------


@each(
    "text",
    [
        "شكرا",
        "شكراً",
        "شكراً جزيلاً",
        "شكرا لكم.",
        "وشكرا",
        "شكرا!!! 🌹",
        "شكرًا لكم وجزاكم الله خيرا",
        "السلام عليكم، شكرا لكم",
        "مشكورين ما قصرتوا",
        "الله يعطيكم العافية",
        "يعطيكم العافيه",
        "ولكم جزيل الشكر",
        "Thank you",
        "Thanks a lot!",
        "thank you very much, best regards",
        "👍",
        "👍👍🏻",
        "❤️",
        "شكـــرا",
    ],
)
def test_thanks_are_only_thanks(text: str) -> None:
    assert is_thanks(text)


@each(
    "text",
    [
        "",
        " ",
        ".",
        "😡",
        "السلام عليكم",
        "تحياتي",
        "شكرا؟",
        "شكرا, is it done?",
        "شكرا لكم لكن الطلب لم يحل",
        "لا شكرا",
        "شكرا 1234567",
        "لم يتم الحل شكرا",
        "شكرا شكرا شكرا شكرا شكرا شكرا شكرا شكرا شكرا",
        "thank you but no",
        "no thanks",
        "الله",
        "شكرا " * 100,
    ],
)
def test_anything_more_is_not(text: str) -> None:
    assert not is_thanks(text)


def test_the_list_of_thanks_is_the_operators() -> None:
    assert is_thanks("يسلمو", ("يسلمو",))
    assert not is_thanks("شكرا", ("يسلمو",))
    assert not is_thanks("شكرا", ())


def test_eight_words_are_thanks_and_nine_are_not() -> None:
    assert is_thanks(" ".join(["شكرا"] * 8))
    assert not is_thanks(" ".join(["شكرا"] * 9))


# ---- a whole complaint, and hostile ones ---------------------------------------------------------

COMPLAINT = """السلام عليكم ورحمة الله وبركاته

السادة وزارة البلديات والإسكان المحترمين، تحية طيبة وبعد
تقدمت بطلب استثمار على منصة فرص برقم ١٢٣٤٥٦٧ بتاريخ ١٤٤٨/٣/١٢هـ ومبلغ ١٥٠٠٠٠ ريال، وقد تجاوزت المدة
المحددة في اتفاقية مستوى الخدمة ولم يتم اتخاذ أي إجراء بشأنه حتى الآن. السجل التجاري ١٠١٠١٢٣٤٥٦.

الاسم: محمد عبدالله العتيبي
الهوية: ١٠١٢٣٤٥٦٧٢
الجوال: ٠٥٥١٢٣٤٥٦٧
"""


def test_a_usual_complaint_gives_all_it_says() -> None:
    assert extract("شكوى", COMPLAINT, POLICY) == Extracted(
        request_number="1234567",
        phone="+966551234567",
        category="sla_exceeded",
        name="محمد عبدالله العتيبي",
    )


@given(st.text(), st.text())
def test_any_text_is_read_without_an_error(subject: str, text: str) -> None:
    extract(subject, text, POLICY)
    extract_answer(text, POLICY)
    is_thanks(text)


@given(
    st.lists(
        st.sampled_from(
            [
                "رقم",
                "الطلب",
                "طلب",
                ":",
                "هو",
                "1234567",
                "0551234567",
                NATIONAL_ID,
                "\n",
                "/",
                "-",
                "الاسم:",
                "جوالي",
            ]
        ),
        max_size=12,
    )
)
def test_what_is_found_keeps_its_shape(words: list[str]) -> None:
    for found in (extract("", " ".join(words), POLICY), extract_answer(" ".join(words), POLICY)):
        assert found.request_number is None or "0551234567" not in found.request_number
        assert found.request_number is None or found.request_number != NATIONAL_ID
        assert found.phone in (None, "+966551234567")


# ---- folding -------------------------------------------------------------------------------------


def test_folding_makes_one_spelling_of_many() -> None:
    assert fold("رَقـــمُ الطَّلَبِ") == fold("رقم الطلب")
    assert fold("أإآٱا ىيی ة ؤ کك") == "ااااا ييي ه و كك"
    assert fold("ﻻ ﷲ") == fold("لا الله")
    assert fold(f"{RLM}ABC{FSI}١٢۳４{PDI}") == "abc1234"


def test_cleaning_keeps_letters_as_they_are_written() -> None:
    assert clean("أحمد Ali\u00a0١") == "أحمد Ali 1"


def test_each_folding_alone() -> None:
    assert fold_digits("٠٩۰۹０９09") == "09090909"
    assert strip_bidi(f"{RLE}ا{PDF}\u200b") == "ا"
    assert fold_letters("إلى ABC") == "الي abc"


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold_digits(fold_digits(text)) == fold_digits(text)
    assert strip_bidi(strip_bidi(text)) == strip_bidi(text)
    assert clean(clean(text)) == clean(text)
    assert len(fold_digits(text)) == len(text)
