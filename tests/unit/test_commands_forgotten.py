"""A first line that is a command's word without its `#` is found where it may be an order, not in prose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.meaning.command_words import WORDS
from daemon.mail.meaning.commands import Script, parse_commands
from tests.each import each

EVERY_WORD = [(name, word) for name, words in WORDS.items() for word in words]


def meant(text: str) -> str:
    """The command that is asked about, as its writer is shown it; "" where nobody is asked."""
    script = parse_commands(text)
    assert script.answer == text.strip()
    return script.forgotten.meant if script.forgotten else ""


@pytest.mark.parametrize(
    "form", ["{}", "{}:", "{} :", "{}.", "*{}*", " {} ", "{}: نص", "{} - نص", "\n\n{}\n"]
)
def test_every_commands_word_alone_or_before_a_colon_is_found(form: str) -> None:
    for name, word in EVERY_WORD:
        script = parse_commands(form.format(word) + "\nلا ترسلوا هذا للعميل")

        assert script.forgotten is not None, word
        assert (script.forgotten.name, script.forgotten.meant) == (name, f"#{word}")


@each(
    ("line", "shown"),
    [
        ("ملاحظة", "#ملاحظة"),
        ("الملاحظة:", "#ملاحظة"),
        ("ملاحظه:", "#ملاحظة"),
        ("مُلاحَظَة: العميل غاضب", "#ملاحظة"),
        ("\u200fملاحظة\u200f:", "#ملاحظة"),
        ("ملاحظة/ العميل غاضب", "#ملاحظة"),
        ("ملاحظة# العميل غاضب", "#ملاحظة"),
        ("@ملاحظة العميل غاضب", "#ملاحظة"),
        ("/note he is angry", "#note"),
        ("(ملاحظة) العميل غاضب", "#ملاحظة"),
        ("(ملاحظة): العميل غاضب", "#ملاحظة"),
        ("- ملاحظة: العميل غاضب", "#ملاحظة"),
        ("ملاحظة داخلية العميل غاضب", "#ملاحظة"),
        ("Internal note he is angry", "#note"),
        ("NOTE: he is angry", "#note"),
        ("الحل:", "#حل"),
        ("الرد:", "#رد"),
        ("إعادة فتح", "#فتح"),
        ("إعادة فتح الشكوى من فضلك", "#فتح"),
        ("قبول التصعيد", "#قبول"),
        ("حالة الشكوى", "#حالة"),
        ("reopen the ticket", "#reopen"),
        ("إغلاق الشكوى", "#إغلاق"),
        ("إغلاق مكررة", "#إغلاق مكررة"),
        ("إغلاق لعدم التجاوب", "#إغلاق لعدم التجاوب"),
        ("إغلاق مكررة: سبق الرد عليها", "#إغلاق مكررة: سبق الرد عليها"),
        ("إغلاق مكررة لأنها نفس الشكوى السابقة", "#إغلاق مكررة لأنها نفس الشكوى السابقة"),
        ("إقفال مسحوبة", "#إغلاق مسحوبة"),
        ("close duplicate", "#close duplicate"),
        ("Close spam.", "#close spam."),
        ("تمديد 3", "#تمديد 3"),
        ("تمديد3", "#تمديد 3"),
        ("تمديد ثلاثة أيام", "#تمديد ثلاثة أيام"),
        ("تمديد 3 أيام بسبب تأخر الأمانة", "#تمديد 3 أيام بسبب تأخر الأمانة"),
        ("extend 3 days", "#extend 3 days"),
        ("طلب 12345", "#طلب 12345"),
        ("جوال 0551234567", "#جوال 0551234567"),
        ("فئة تقني", "#فئة تقني"),
        ("إسناد سارة", "#إسناد سارة"),
        ("تحويل إلى سارة", "#إسناد إلى سارة"),
        ("assign to sara@momah.gov.sa please now", "#assign to sara@momah.gov.sa please now"),
        ("نيابة عن ali@example.com", "#نيابة عن ali@example.com"),
        ("إفراج 17", "#إفراج 17"),
        ("block 17, 18", "#block 17, 18"),
        ("السلام عليكم ورحمة الله\n\nملاحظة: العميل غاضب", "#ملاحظة"),
    ],
)
def test_what_may_be_an_order_is_found_and_shown_with_its_sign(line: str, shown: str) -> None:
    assert meant(f"{line}\nنص") == shown


@each(
    "line",
    [
        "حل المشكلة يتطلب تحديث المتصفح",
        "حل مشكلتكم: تحديث المتصفح",
        "حلول: تحديث المتصفح",
        "ملاحظة مهمة يجب تحديث المتصفح",
        "ملاحظاتكم محل اهتمامنا",
        "ردًا على استفساركم: تم",
        "رد الجهة المختصة وصلنا اليوم",
        "طلبكم قيد المعالجة",
        "طلب 12345 تمت معالجته",
        "طلب العميل: تمت معالجته",
        "حالة الطلب تغيرت إلى معتمد",
        "تمديد المهلة غير ممكن",
        "تمديد 3 أيام لطلبكم تم",
        "إغلاق الشكوى يتم بعد ردكم",
        "إغلاق المحل لا يؤثر في الرخصة",
        "Note that your request was approved",
        "Close duplicate requests before you go on",
        "Close the window and open it again",
        "Status changed to approved",
        "Help is on its way",
        "Request 12345 was approved",
        "Accept the terms and go on",
        "Internal error: please try again",
        "تم الحل",
        "نفيدكم بأن الطلب عولج\nملاحظة: يرجى تحديث المتصفح",
        "السلام عليكم\nنفيدكم بما يلي\nملاحظة: يرجى تحديث المتصفح",
        "«حالة» طلبكم تغيرت",
        "> ملاحظة",
        "3 أيام",
        "",
    ],
)
def test_an_ordinary_sentence_is_an_answer(line: str) -> None:
    assert parse_commands(line) == Script(answer=line)


@each(
    "line",
    [
        "ملاحظة لا ترسلوا هذا للعميل",
        "الملاحظة لا ترسلوا هذا إلى العميل",
        "لا ترسل للعميل",
        "لا يُرسل هذا النص إلى صاحب الشكوى",
        "لا تبلغوا العميل بهذا",
        "العميل مزعج، لا ترسلوا له هذا. ليس للعميل",
        "لا ترسلوا هذا",
        "داخلي: العميل مزعج",
        "داخلي",
        "داخلية: نص",
        "ملحوظة: العميل مزعج",
        "ملاحظات: العميل مزعج",
        "سري: نص",
        "سري للغاية، للعلم فقط",
        "للعلم: اتصلت به",
        "للعلم فقط لا يرسل للعميل",
        "للاستخدام الداخلي: نص",
        "للفريق فقط، العميل مزعج",
        "فيما بيننا العميل مزعج",
        "internal: he is angry",
        "Internal - he is angry",
        "Private: he is angry",
        "note to self: do not send",
        "NB internal",
        "For internal use only",
        "Please do not send this to the customer",
        "don’t tell the client yet",
        "Not for the customer: he is angry",
        "FYI: he is angry",
        "اتصلت بالأمانة اليوم\nلا ترسلوا هذا للعميل",
        "He called again.\nDo not forward this to the customer, please.",
    ],
)
def test_a_line_that_says_it_is_for_no_citizen_is_a_note(line: str) -> None:
    assert meant(f"{line}\nنص") in ("#ملاحظة", "#note")


@each(
    ("line", "shown"),
    [
        ("رفض التصعيد: لا ينطبق", "#رفض"),
        ("نرفض التصعيد لعدم الاختصاص", "#رفض"),
        ("تم رفض طلب التصعيد لعدم الاختصاص", "#رفض"),
        ("لا نقبل التصعيد لأن المدة لم تنته", "#رفض"),
        ("التصعيد مرفوض", "#رفض"),
        ("التصعيد غير مقبول", "#رفض"),
        ("We decline the escalation: not ours", "#decline"),
        ("أقبل التصعيد", "#قبول"),
        ("نقبل طلب التصعيد وسأتابعه", "#قبول"),
        ("موافق على التصعيد وسأتابعه", "#قبول"),
        ("طلب التصعيد مقبول", "#قبول"),
        ("I accept the escalation and will follow it up", "#accept"),
        ("Escalation accepted, I will call him", "#accept"),
    ],
)
def test_an_answer_to_an_escalation_in_a_sentence_is_asked_about(line: str, shown: str) -> None:
    assert meant(f"{line}\nنص") == shown


@each(
    "line",
    [
        "نأمل عدم إرسال أكثر من طلب للخدمة نفسها",
        "لا ترسلوا كلمة المرور لأحد",
        "Please do not send the form twice",
        "عزيزي العميل، نفيدكم بأن الطلب عولج",
        "Dear customer, the internal review of your request is over",
        "The internal system was repaired",
        "ملاحظاتكم محل اهتمامنا",
        "لا يرسل النظام رسالة نصية بعد الإغلاق",
        "نفيدكم بأن التصعيد متاح بعد انتهاء المدة",
        "رفض الطلب كان لنقص المستندات",
        "قبول الطلب يتم خلال يومين",
        "نفيدكم بأنه تم\nفريق الدعم\nInternal\nللاستخدام الداخلي فقط",
    ],
)
def test_a_text_for_the_citizen_that_only_resembles_a_note_goes_out(line: str) -> None:
    assert parse_commands(line) == Script(answer=line)


def test_a_long_name_counts_only_where_the_roster_has_it() -> None:
    script = parse_commands("إسناد سارة بنت محمد القحطاني")

    assert script.forgotten is not None
    assert script.forgotten.person == "سارة بنت محمد القحطاني"


@pytest.mark.parametrize(
    ("text", "is_asked"),
    [
        ("#حل تم الإصلاح\nملاحظة: العميل غاضب", True),
        ("#تمديد 3\n\nملاحظة\nالعميل غاضب", True),
        ("#حل تم الإصلاح\nملاحظة مهمة يجب تحديث المتصفح", False),
        ("#حل\nملاحظة: يرجى تحديث المتصفح", False),
        ("#بيانات نأمل تزويدنا بما يلي\nجوال:\nطلب:", False),
        ("#ملاحظة اتصلت\nملاحظة: العميل غاضب", False),
    ],
)
def test_a_note_without_its_sign_below_a_text_for_the_citizen_is_found(text: str, is_asked: bool) -> None:
    script = parse_commands(text)

    assert script.commands
    assert (script.forgotten is not None) is is_asked


@given(st.sampled_from(EVERY_WORD), st.text())
def test_whatever_stands_below_a_commands_word_its_writer_is_asked(one: tuple[str, str], below: str) -> None:
    script = parse_commands(f"{one[1]}\n{below}")

    assert script.forgotten or script.mistakes
