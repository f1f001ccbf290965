"""The name with which a citizen signs on the last line, where nothing else says it."""

from __future__ import annotations

from daemon.mail.meaning.extraction import extract
from daemon.mail.meaning.extraction_policy import ExtractionPolicy
from tests.each import each

LETTER = "السلام عليكم\nرفعت الطلب رقم 4501728 ولم يُتخذ أي إجراء."


def name(last: str, letter: str = LETTER) -> str | None:
    return extract("", f"{letter}\n{last}\n", ExtractionPolicy()).name


@each(
    ("line", "signed"),
    [
        ("نورة العلي", "نورة العلي"),
        ("نوره العلي.", "نوره العلي"),
        ("\nخالد بن محمد العتيبي", "خالد بن محمد العتيبي"),
        ("عبدالله القحطاني", "عبدالله القحطاني"),
        ("أخوكم محمد العتيبي", "محمد العتيبي"),
        ("مقدمة الشكوى: سارة أحمد الزهراني", "سارة أحمد الزهراني"),
        ("المهندس فهد الدوسري", "فهد الدوسري"),
        ("مع التحية، نورة العلي", "نورة العلي"),
        ("مع التحية\nنورة العلي", "نورة العلي"),
        ("- علي حسن -", "علي حسن"),
        ("Khalid Alotaibi", "Khalid Alotaibi"),
        ("أمل العتيبي", "أمل العتيبي"),
        ("آلاء العتيبي", "آلاء العتيبي"),
        ("أمل بنت خالد الحربي", "أمل بنت خالد الحربي"),
        ("حسن الفهد", "حسن الفهد"),
        ("ماجد سعد الدوسري", "ماجد سعد الدوسري"),
        ("محمد الفوزان", "محمد الفوزان"),
        ("محمد آل سعود", "محمد آل سعود"),
        ("عبدالله وهبي", "عبدالله وهبي"),
        ("خالد يماني", "خالد يماني"),
        ("فهد بن يعقوب", "فهد بن يعقوب"),
    ],
)
def test_a_name_alone_on_the_last_line_is_the_writers(line: str, signed: str) -> None:
    assert name(line) == signed


@each(
    "line",
    [
        "شكرا لكم",
        "ولكم جزيل الشكر",
        "أرجو الرد",
        "بانتظار ردكم الكريم",
        "لم يصلني رد",
        "حسبي الله ونعم الوكيل",
        "على الرد",
        "على أحر من الجمر",
        "على طاولة المدير",
        "مع التحية",
        "نورة",
        "نورة العلي 0501234567",
        "نورة العلي لم يرد عليها أحد حتى الآن",
        "محمد لم يرد",
        "سعيد بخدمتكم",
        "أحمد ربي",
        "خالد وعدكم بالرد",
        "منى عليكم السلام",
        "محمد Ali",
        "وزارة البلديات والإسكان",
        "Thank You",
        "Kind Regards",
        "نورة العلي؟",
        "طلب رقم 4501728",
        "آمل حل المشكلة",
        "آمل الردادي",
        "أمل حل المشكلة",
        "أمل الاستجابة العاجلة",
        "أمل سرعة الإنجاز",
        "أمل التكرم بالإفادة",
        "أمل النظر والتوجيه",
        "عبدالله للمقاولات",
        "محمد العتيبي للتجارة",
        "محمد وإخوانه",
        "ماجد يتابع الموضوع",
        "محمد يتابع الموضوع",
        "نورة تتابع الموضوع",
        "خالد سيتابع الموضوع",
        "حسن التعامل",
        "صالح العام",
        "سعد بالخدمة",
        "Ali will call you",
    ],
)
def test_what_people_end_a_letter_with_is_no_name(line: str) -> None:
    assert name(line) is None


def test_a_letter_of_one_line_is_no_signature_and_a_label_goes_before() -> None:
    assert extract("", "نورة العلي", ExtractionPolicy()).name is None
    assert name("نورة العلي", f"الاسم: سعد الحربي\n{LETTER}") == "سعد الحربي"
