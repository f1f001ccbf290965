"""What staff order by mail: Arabic and English commands, their texts, and mistakes that stop everything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.meaning.commands import Behalf, Mistake, Order, Script, parse_commands
from daemon.workflow.commands import (
    Accept,
    AskInfo,
    Assign,
    Close,
    Decline,
    Escalate,
    Extend,
    Help,
    Note,
    Reopen,
    Reply,
    Resolve,
    SetCategory,
    SetLanguage,
    SetPhone,
    SetRequest,
    Status,
)
from daemon.workflow.ticket_number import format_number
from tests.each import each

RLM, RLE, PDF, FSI, PDI = "\u200f", "\u202b", "\u202c", "\u2068", "\u2069"


def orders(text: str) -> tuple[Order, ...]:
    script = parse_commands(text)
    assert script.mistakes == ()
    assert script.answer == ""
    return script.commands


def mistakes(text: str) -> list[tuple[str, str]]:
    script = parse_commands(text)
    assert script.commands == ()
    assert script.answer == ""
    return [(mistake.code, mistake.word) for mistake in script.mistakes]


# ---- one command ---------------------------------------------------------------------------------


@each(
    ("text", "order"),
    [
        ("#حل تم إصلاح العطل", Resolve("تم إصلاح العطل")),
        ("#resolve It works again", Resolve("It works again")),
        ("#رد ننظر في طلبكم", Reply("ننظر في طلبكم")),
        ("#reply We look into it", Reply("We look into it")),
        ("#بيانات\nنأمل تزويدنا بصورة الهوية", AskInfo("نأمل تزويدنا بصورة الهوية")),
        ("#info Please send it", AskInfo("Please send it")),
        ("#تمديد 3", Extend(3)),
        ("#extend 3", Extend(3)),
        ("#إغلاق مكررة", Close("duplicate")),
        ("#close spam", Close("spam")),
        ("#ملاحظة اتصلت بالعميل", Note("اتصلت بالعميل")),
        ("#note I called", Note("I called")),
        ("#إسناد سارة العتيبي", Assign("سارة العتيبي")),
        ("#assign Sara Otaibi", Assign("Sara Otaibi")),
        ("#طلب 12345", SetRequest("12345")),
        ("#request FR-12345", SetRequest("FR-12345")),
        ("#جوال 0551234567", SetPhone("+966551234567")),
        ("#phone +966 55 123 4567", SetPhone("+966551234567")),
        ("#فئة تقني", SetCategory("technical")),
        ("#category sla", SetCategory("sla_exceeded")),
        ("#لغة en", SetLanguage("en")),
        ("#لغة الإنجليزية", SetLanguage("en")),
        ("#language Arabic", SetLanguage("ar")),
        ("#تصعيد", Escalate()),
        ("#escalate the lead asks", Escalate("the lead asks")),
        ("#قبول", Accept()),
        ("#accept", Accept()),
        ("#رفض المدة لم تنته", Decline("المدة لم تنته")),
        ("#decline too early", Decline("too early")),
        ("#فتح", Reopen()),
        ("#reopen", Reopen()),
        ("#حالة", Status()),
        ("#status", Status()),
        ("#مساعدة", Help()),
        ("#help", Help()),
        ("#نيابة ali@example.com", Behalf("ali@example.com")),
        ("#behalf ali@example.com", Behalf("ali@example.com")),
    ],
)
def test_each_command_has_an_arabic_and_an_english_word(text: str, order: Order) -> None:
    assert orders(text) == (order,)


@each(
    "line",
    [
        "#ملاحظة نص",
        "# ملاحظة نص",
        "#  ملاحظة   نص ",
        "＃ملاحظة نص",
        "﹟ملاحظة نص",
        "##ملاحظة نص",
        "#ملاحظه نص",
        "#ملاحظة: نص",
        "#ملاحظة : نص",
        "#ملاحظة：نص",
        "#ملاحظة، نص",
        "#ملاحظة - نص",
        "#مُلاحَظَة نص",
        "#ملاحـــظة نص",
        f"{RLM}#{RLM}ملاحظة{RLM} نص{RLM}",
        f"{RLE}#ملاحظة نص{PDF}",
        f"{FSI}#ملاحظة{PDI} نص",
        "\ufeff#ملاحظة نص",
        "*#ملاحظة* نص",
        "**#ملاحظة:** نص",
        "\u00a0#\u00a0ملاحظة\u00a0نص",
        "   #ملاحظة نص",
        "\n\n \u200f\n#ملاحظة نص",
        "#ملاحظة\nنص",
        "#ملاحظة:\n\n\nنص\n\n",
        "#ملاحظة\r\nنص",
        "#ملاحظة\u2028نص",
        "#NOTE نص",
        "#Note: نص",
        "#ﻣﻼﺣﻈﺔ نص",
    ],
)
def test_a_command_is_known_however_it_is_typed(line: str) -> None:
    assert orders(line) == (Note("نص"),)


@pytest.mark.parametrize(
    ("line", "order"),
    [
        ("#إغلاق مكررة", Close("duplicate")),
        ("#اغلاق مكرره", Close("duplicate")),
        ("#إسناد سارة", Assign("سارة")),
        ("#اسناد سارة", Assign("سارة")),
        ("#فئه تقنيه", SetCategory("technical")),
        ("#حاله", Status()),
        ("#مساعده", Help()),
        ("#Re-open", Reopen()),
    ],
)
def test_hamza_and_ta_marbuta_make_no_difference(line: str, order: Order) -> None:
    assert orders(line) == (order,)


# ---- arguments -----------------------------------------------------------------------------------


@each(
    ("argument", "reason"),
    [
        ("عدم_تجاوب", "no_response"),
        ("عدم تجاوب", "no_response"),
        ("عدم-تجاوب", "no_response"),
        ("عدم  التجاوب", "no_response"),
        ("no_response", "no_response"),
        ("No Response", "no_response"),
        ("no-response", "no_response"),
        ("غير_مقبولة", "not_admitted"),
        ("غير مقبوله", "not_admitted"),
        ("not_admitted", "not_admitted"),
        ("مكررة", "duplicate"),
        ("مكرره.", "duplicate"),
        ("duplicate", "duplicate"),
        ("منسحب", "withdrawn"),
        ("withdrawn", "withdrawn"),
        ("مزعج", "spam"),
        ("مُزعِج", "spam"),
        ("SPAM", "spam"),
        ("معالجة", "resolved"),
        ("بعد المعالجة", "resolved"),
        ("resolved", "resolved"),
    ],
)
def test_a_reason_for_closing_is_known_in_any_spelling(argument: str, reason: str) -> None:
    for line in (f"#إغلاق {argument}", f"#close: {argument}", f"#إغلاق_{argument}"):
        (order,) = orders(line)
        assert isinstance(order, Close)
        assert order.reason == reason


def test_text_after_a_reason_goes_with_it() -> None:
    assert orders("#إغلاق مكررة: مثل الشكوى السابقة\nوقد أبلغ العميل") == (
        Close("duplicate", "مثل الشكوى السابقة\nوقد أبلغ العميل"),
    )


@pytest.mark.parametrize("argument", ["", "لا أعرف", "مكررات", "عدم", "غير", "تم", "duplicates"])
def test_an_unknown_reason_is_a_mistake(argument: str) -> None:
    assert parse_commands(f"#إغلاق {argument}").mistakes == (Mistake("bad_reason", "إغلاق", argument),)


@each(
    ("argument", "days"),
    [
        *(
            ("٣", 3),
            ("۳", 3),
            ("３", 3),
            ("3 أيام", 3),
            ("٣ أيام عمل", 3),
            ("3أيام", 3),
            ("10 days", 10),
            ("90", 90),
        ),
        *(
            ("1 business day", 1),
            ("5 working days.", 5),
            ("يومين", 2),
            ("يوم عمل", 1),
            (f"{FSI}٣{PDI}", 3),
            ("- 3", 3),
        ),
    ],
)
def test_days_are_read_in_any_digits_and_with_their_unit(argument: str, days: int) -> None:
    assert orders(f"#تمديد {argument}") == (Extend(days),)


@each(
    "argument",
    [
        "",
        "0",
        "-3",
        "3.5",
        "٣٫٥",
        "3-5",
        "3/5",
        "91",
        "9" * 30,
        "قليلا",
        "ثلاثمائة",
        "ثلاثة وعشرين",
        "twenty-one",
        "ثلاثة عشر ألف",
    ],
)
def test_other_days_are_a_mistake(argument: str) -> None:
    assert mistakes(f"#تمديد {argument}") == [("bad_days", "تمديد")]


@each(
    ("argument", "number"),
    [
        ("12345", "12345"),
        ("١٢٣٤٥", "12345"),
        (": 12345", "12345"),
        ("رقم 12345", "12345"),
        ("رقم الطلب: 12345.", "12345"),
        ("no. 12345", "12345"),
        ("fr-12345", "FR-12345"),
        ("2026 / 12345", "2026/12345"),
        ("123 456 789", "123456789"),
        (f"{FSI}12345{PDI}", "12345"),
        ("1012345672", "1012345672"),  # reads as a national ID, and staff say it is the number
        ("0551234567", "0551234567"),
    ],
)
def test_a_request_number_is_kept_as_extraction_keeps_it(argument: str, number: str) -> None:
    assert orders(f"#طلب {argument}") == (SetRequest(number),)


@pytest.mark.parametrize(
    "argument",
    [
        "",
        "1234",
        "1" * 16,
        "abc",
        "12345 و 67890",
        "12345 67890",
        "12345 شكرا",
        "رقم",
        format_number(2026, 123),
        "1-2",
    ],
)
def test_what_is_no_request_number_is_a_mistake(argument: str) -> None:
    assert mistakes(f"#طلب {argument}") == [("bad_number", "طلب")]


def test_the_length_of_a_request_number_is_the_operators_to_say() -> None:
    assert parse_commands("#طلب 123", (3, 4)).commands == (SetRequest("123"),)
    assert parse_commands("#طلب 12345", (3, 4)).mistakes == (Mistake("bad_number", "طلب", "12345"),)


@each(
    "argument",
    [
        *("0551234567", "551234567", "966551234567", "+966551234567", "00966551234567", "+9660551234567"),
        *("055 123 4567", "(055) 123-4567", "٠٥٥١٢٣٤٥٦٧", "+٩٦٦٥٥١٢٣٤٥٦٧", "۰۵۵۱۲۳۴۵۶۷", "٠٠٩٦٦ ٥٥ ١٢٣ ٤٥٦٧"),
        *(f"{RLM}0551234567{RLM}", "رقم الجوال: 0551234567", "0551234567."),
    ],
)
def test_a_mobile_becomes_e164(argument: str) -> None:
    assert orders(f"#جوال {argument}") == (SetPhone("+966551234567"),)


@pytest.mark.parametrize(
    "argument",
    [
        "",
        "0521234567",
        "0112345678",
        "920000000",
        "199040",
        "055123456",
        "05512345678",
        "055123456O",
        "0551234567 علي",
    ],
)
def test_what_takes_no_sms_is_a_mistake(argument: str) -> None:
    assert mistakes(f"#جوال {argument}") == [("bad_phone", "جوال")]


@each(
    ("argument", "category"),
    [
        *((word, "technical") for word in ("تقني", "تقنية", "تقنيه", "فني", "فنية", "technical")),
        *((word, "technical") for word in ("Technical.", "تحديات تقنية", "مشكلة_تقنية")),
        *((word, "sla_exceeded") for word in ("تجاوز", "تأخر", "تاخر", "مستوى_الخدمة", "مستوى الخدمة")),
        *((word, "sla_exceeded") for word in ("مستوي-الخدمه", "sla", "SLA", "sla_exceeded", "sla exceeded")),
    ],
)
def test_a_category_is_known_in_any_spelling(argument: str, category: str) -> None:
    (order,) = orders(f"#فئة {argument}")

    assert isinstance(order, SetCategory)
    assert order.category == category


@pytest.mark.parametrize("argument", ["", "أخرى", "تقني أو تجاوز", "3"])
def test_an_unknown_category_is_a_mistake(argument: str) -> None:
    assert mistakes(f"#فئة {argument}") == [("bad_reason", "فئة")]


@pytest.mark.parametrize(
    ("argument", "name"),
    [
        ("سارة  العتيبي .", "سارة العتيبي"),
        ("إلى سارة", "سارة"),
        ("to Sara", "Sara"),
        ("sara@momah.gov.sa", "sara@momah.gov.sa"),
        ("سارة <sara@momah.gov.sa>", "sara@momah.gov.sa"),
        ("sara@momah.gov.sa<mailto:sara@momah.gov.sa>", "sara@momah.gov.sa"),
        ("@Sara", "Sara"),
        ("Tony", "Tony"),
    ],
)
def test_a_person_is_named_as_people_name_them(argument: str, name: str) -> None:
    assert orders(f"#إسناد {argument}") == (Assign(name),)


@pytest.mark.parametrize("argument", ["", ".", "ا" * 101])
def test_nobody_is_no_person(argument: str) -> None:
    assert mistakes(f"#إسناد {argument}") == [("bad_person", "إسناد")]


@pytest.mark.parametrize(
    "argument",
    [
        *(
            "Ali.B+x@Example.com",
            "<Ali.B+x@Example.com>",
            "محمد علي <Ali.B+x@Example.com>",
            "(Ali.B+x@Example.com)",
        ),
        *(
            "Ali.B+x@Example.com <mailto:Ali.B+x@Example.com>",
            "mailto:Ali.B+x@Example.com",
            "Ali.B+x@Example.com.",
        ),
    ],
)
def test_on_behalf_of_one_address(argument: str) -> None:
    assert orders(f"#نيابة {argument}") == (Behalf("Ali.B+x@Example.com"),)


@each(
    "argument",
    [
        *(
            "",
            "محمد",
            "ali@",
            "@example.com",
            "ali@example",
            "a@b.com c@d.com",
            "a@b.com <mailto:c@d.com>",
            "a@b@c.com",
        ),
        *(f"{'a' * 65}@example.com", "a b@c..com", "ali@[127.0.0.1]", "..a@b.com@"),
    ],
)
def test_a_doubtful_address_is_a_mistake(argument: str) -> None:
    assert mistakes(f"#نيابة {argument}") == [("bad_address", "نيابة")]


def test_a_mail_handed_in_is_no_order_of_ours_whatever_its_writer_wrote() -> None:
    text = "#نيابة ali@example.com\n\n---------- Forwarded message\n#حل تم\nنص\n#إغلاق مزعج"

    assert orders(text) == (
        Behalf("ali@example.com", "---------- Forwarded message\n#حل تم\nنص\n#إغلاق مزعج"),
    )
    assert orders("#behalf a@b.com\n#حل تم") == (Behalf("a@b.com", "#حل تم"),)
    assert orders("#behalf a@b.com يشكو من التأخر\nنص") == (Behalf("a@b.com", "يشكو من التأخر\nنص"),)


@pytest.mark.parametrize(
    ("line", "order"),
    [
        ("#تمديد3", Extend(3)),
        ("#طلب12345", SetRequest("12345")),
        ("#طلب_12345", SetRequest("12345")),
        ("#close_not_admitted", Close("not_admitted")),
        ("#إغلاق_عدم_تجاوب", Close("no_response")),
    ],
)
def test_an_argument_may_be_glued_to_its_command(line: str, order: Order) -> None:
    assert orders(line) == (order,)


@each(
    ("line", "order"),
    [
        ("#الحل: تم الإصلاح", Resolve("تم الإصلاح")),
        ("#الرد\nننظر في طلبكم", Reply("ننظر في طلبكم")),
        ("#إجابة: ننظر في طلبكم", Reply("ننظر في طلبكم")),
        ("#طلب بيانات: صورة العقد", AskInfo("صورة العقد")),
        ("#طلب_البيانات صورة العقد", AskInfo("صورة العقد")),
        ("#الملاحظة العميل غاضب", Note("العميل غاضب")),
        ("#ملاحظة داخلية: العميل غاضب", Note("العميل غاضب")),
        ("#internal note: he is angry", Note("he is angry")),
        ("#تحويل سارة", Assign("سارة")),
        ("#تحويل الشكوى إلى الموظفة سارة", Assign("سارة")),
        ("#حل - تم الإصلاح", Resolve("تم الإصلاح")),
        ("#إحالة إلى سارة", Assign("سارة")),
        ("#إعادة فتح", Reopen()),
        ("#اعادة الفتح", Reopen()),
        ("#إعادة_فتح", Reopen()),
        ("#إعادة فتح: لم تُعالج", Reopen("لم تُعالج")),
        ("#الحالة", Status()),
        ("#الهاتف 0551234567", SetPhone("+966551234567")),
        ("#تمديد ثلاثة أيام", Extend(3)),
        ("#تمديد ثلاث أيام عمل", Extend(3)),
        ("#التمديد لمدة خمسة أيام", Extend(5)),
        ("#تمديد المهلة 3 أيام", Extend(3)),
        ("#تمديد خمسة عشر يومًا", Extend(15)),
        ("#extend by three days", Extend(3)),
        ("#extend ten business days", Extend(10)),
        ("#إغلاق لعدم التجاوب", Close("no_response")),
        ("#إغلاق الشكوى لعدم التجاوب", Close("no_response")),
        ("#إغلاق_لعدم_التجاوب", Close("no_response")),
        ("#إغلاق بسبب عدم الرد", Close("no_response")),
        ("#إغلاق مسحوبة", Close("withdrawn")),
        ("#إغلاق لانسحاب العميل", Close("withdrawn", "العميل")),
        ("#إغلاق للتكرار", Close("duplicate")),
        ("#إغلاق لأنها مكررة", Close("duplicate")),
        ("#إغلاق مكرره", Close("duplicate")),
        ("#close the ticket as duplicate", Close("duplicate")),
    ],
)
def test_what_people_naturally_write_is_understood(line: str, order: Order) -> None:
    assert orders(line) == (order,)


# ---- texts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "نفيدكم بأن الطلب عولج",
        "الطلب رقم #12345 عولج",
        "نفيدكم بأن العطل #حل",
        "السلام عليكم،\n\nتم الحل.\n#فرص #استثمار",
        "المطلوب:\n#1 الهوية\n#2 السجل",
        "#1 الهوية\n#٢ السجل",
        "",
        "> #حل",
    ],
)
def test_without_a_command_the_whole_is_an_answer(text: str) -> None:
    assert parse_commands(f"\n{text}\n") == Script(answer=text)


def test_text_begins_after_the_command_and_goes_on_below() -> None:
    assert orders("#حل تم إصلاح العطل.\nويمكنكم الإكمال.\n\nشكرا لصبركم.\n") == (
        Resolve("تم إصلاح العطل.\nويمكنكم الإكمال.\n\nشكرا لصبركم."),
    )


def test_what_is_no_command_word_stays_in_the_text() -> None:
    assert orders("#بيانات نأمل إرفاق:\n#1 الهوية\n# شكرا") == (AskInfo("نأمل إرفاق:\n#1 الهوية\n# شكرا"),)


def test_text_after_days_or_a_reason_goes_with_them() -> None:
    assert orders("#تمديد 3 أيام: ننتظر رد الأمانة\nوسنوافيكم به") == (
        Extend(3, "ننتظر رد الأمانة\nوسنوافيكم به"),
    )
    assert orders("#تمديد 3\n#ملاحظة اتصلت\nبالأمانة") == (Extend(3), Note("اتصلت\nبالأمانة"))
    assert orders("#إغلاق مكررة\n\nمع التحية\nسارة") == (Close("duplicate"),)
    assert orders("#تمديد 3.\n-- \nسارة") == (Extend(3),)


def test_several_commands_each_on_a_line() -> None:
    text = "#طلب ١٢٣٤٥\n\n#فئة تقني\n#بيانات\nنأمل تزويدنا بصورة من الشاشة"

    assert orders(text) == (
        SetRequest("12345"),
        SetCategory("technical"),
        AskInfo("نأمل تزويدنا بصورة من الشاشة"),
    )


def test_the_text_below_belongs_to_the_last_command_that_takes_text() -> None:
    assert orders("#ملاحظة اتصلت به\n#حل\n#فئة تقني\nتم الإصلاح") == (
        Note("اتصلت به"),
        Resolve("تم الإصلاح"),
        SetCategory("technical"),
    )
    assert orders("#حل تم الإصلاح\n#ملاحظة\nالعميل غاضب") == (Resolve("تم الإصلاح"), Note("العميل غاضب"))
    assert orders("#قبول\n#حل تم") == (Accept(), Resolve("تم"))


def test_text_that_belongs_to_no_command_stays_internal_as_a_note() -> None:
    assert orders("#فئة تقني\nالعميل غاضب") == (SetCategory("technical"), Note("العميل غاضب"))
    assert orders("#طلب 12345\n#ملاحظة اتصلت\n#حالة للاطلاع") == (
        SetRequest("12345"),
        Note("اتصلت\nللاطلاع"),
        Status(),
    )
    assert orders("#حالة الشكوى") == (Status(),)
    assert orders("#help me please") == (Help(),)


@pytest.mark.parametrize(
    "line", ["#حل", "#بيانات", "#ملاحظة", "#رفض", "#resolve:", "#info  ", "#حل -- ", "#حل\n\n\n"]
)
def test_a_command_without_its_text_is_a_mistake(line: str) -> None:
    assert [code for code, _ in mistakes(line)] == ["no_text"]


def test_a_signature_is_no_text() -> None:
    assert mistakes("#حل\n\nمع التحية\nسارة العتيبي") == [("no_text", "حل")]
    assert orders("#فئة تقني\n\n-- \nسارة") == (SetCategory("technical"),)
    assert orders("#قبول\nمع التحية") == (Accept(),)


def test_a_text_keeps_its_signature_for_whoever_relays_it() -> None:
    assert orders("#حل تم\nمع التحية\nسارة") == (Resolve("تم\nمع التحية\nسارة"),)
    assert orders("#حل\nتم\nمع التحية\nسارة") == (Resolve("تم\nمع التحية\nسارة"),)


# ---- mistakes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "word", "near"),
    [
        ("#حلل تم", "حلل", "#حل"),
        ("#اغلق مكررة", "اغلق", "#إغلاق"),
        ("#الحل_الأخير", "الحل_الأخير", "#حل"),
        ("#إعادة", "إعادة", "#فتح"),
        ("#ردود", "ردود", "#رد"),
        ("#ملاحظات نص", "ملاحظات", "#ملاحظة"),
        ("#reslove done", "reslove", "#resolve"),
        ("#Escalation", "Escalation", "#escalate"),
    ],
)
def test_an_unknown_command_is_a_mistake_that_names_the_nearest(line: str, word: str, near: str) -> None:
    (mistake,) = parse_commands(line).mistakes

    assert (mistake.code, mistake.word) == ("unknown_command", word)
    assert near in mistake.detail.split()


@pytest.mark.parametrize("line", ["#", "# ", "#xyzzy", "#حل_المشكلة تم", "#" + "ا" * 100_000, "#😀"])
def test_a_first_line_with_the_sign_is_never_an_answer(line: str) -> None:
    (mistake,) = parse_commands(f"{line}\nنص").mistakes

    assert mistake.code == "unknown_command"
    assert len(mistake.word) <= 40


@pytest.mark.parametrize(
    "text",
    [
        "#حل تم\n#خطأ",
        "#خطأ\n#حل تم",
        "#طلب abc\n#حل تم",
        "#ملاحظة نص\n#تمديد كثيرا\n#فئة تقني",
        "#حل\n#ملاحظة\nنص",
    ],
)
def test_one_mistake_stops_everything(text: str) -> None:
    assert len(mistakes(text)) == 1


def test_all_mistakes_are_told_at_once() -> None:
    text = "#طلب abc\n#جوال 123\n#إغلاق\n#تمديد\n#إسناد\n#كلام"

    codes = [code for code, _ in mistakes(text)]

    assert codes == ["bad_number", "bad_phone", "bad_reason", "bad_days", "bad_person", "unknown_command"]


@pytest.mark.parametrize(
    "text",
    [
        "السلام عليكم\n#ملاحظة العميل غاضب",
        "نفيدكم بما يلي\n\n  #إغلاق مكررة",
        "#بيانات\nنأمل تزويدنا بالهوية\n#ملاحظة العميل غاضب",
        "نص\n#note internal",
    ],
)
def test_a_command_below_a_text_never_reaches_the_citizen_as_text(text: str) -> None:
    assert [code for code, _ in mistakes(text)] == ["not_first"]


@pytest.mark.parametrize(
    ("text", "word", "other"),
    [
        ("#حل تم\n#إغلاق مكررة", "إغلاق", "#حل"),
        ("#بيانات نص\n#حل نص", "حل", "#بيانات"),
        ("#حل نص\n#رد نص", "رد", "#حل"),
        ("#قبول\n#رفض نص", "رفض", "#قبول"),
        ("#طلب 12345\n#request 12346", "request", "#طلب"),
        ("#ملاحظة أ\n#ملاحظة ب", "ملاحظة", "#ملاحظة"),
        ("#فئة تقني\n#نيابة a@b.com", "نيابة", "#فئة"),
    ],
)
def test_commands_that_contradict_each_other_are_not_combined(text: str, word: str, other: str) -> None:
    assert parse_commands(text).mistakes == (Mistake("cannot_combine", word, other),)


def test_what_was_written_is_shown_back_but_not_without_end() -> None:
    script = parse_commands("#طلب " + "س" * 1_000_000 + "\n" + "#خطأ\n" * 1_000)

    assert len(script.mistakes) == 10
    assert all(len(mistake.detail) <= 200 for mistake in script.mistakes)


# ---- any text ------------------------------------------------------------------------------------

SCRAPS = st.sampled_from(
    [
        *(
            "#",
            "＃",
            "حل",
            "بيانات",
            "إغلاق",
            "مكررة",
            "ملاحظة",
            "طلب",
            "12345",
            "٣",
            "تمديد",
            "فئة",
            "تقني",
            "نيابة",
        ),
        *(
            "a@b.com",
            "-- ",
            "مع التحية",
            "نص",
            ":",
            " ",
            "\n",
            "\n#",
            RLM,
            "*",
            "#حل ",
            "#ملاحظة ",
            "#تمديد 3\n",
        ),
    ]
)


@given(st.one_of(st.text(), st.lists(SCRAPS, max_size=20).map("".join)))
def test_a_script_is_one_of_three_things(text: str) -> None:
    script = parse_commands(text)

    assert sum(map(bool, (script.commands, script.answer, script.mistakes))) <= 1
    assert script.mistakes or script.commands or script.answer == text.strip()
    for order in script.commands:
        if isinstance(order, Resolve | AskInfo | Note | Decline):
            assert order.text.strip()


@given(st.lists(SCRAPS, max_size=20).map("".join))
def test_no_text_with_a_command_of_ours_at_a_lines_beginning_is_ever_an_answer(text: str) -> None:
    for word in ("حل", "ملاحظة", "note"):
        assert parse_commands(f"{text}\n#{word} سري").answer == ""


@given(
    st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp"), exclude_characters="#＃﹟-—–"))
)
def test_a_note_keeps_every_word(text: str) -> None:
    script = parse_commands(f"#ملاحظة بداية\n{text}\nنهاية")

    (note,) = script.commands
    assert isinstance(note, Note)
    assert note.text.split() == ["بداية", *text.split(), "نهاية"]
