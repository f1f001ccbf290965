"""Arabic answers as each mail program writes them: exactly what was written now is found (FACTS §4.9)."""

from __future__ import annotations

import pytest

from daemon.mail.quoting.new_text import new_text
from tests.each import each

MARKER = "## الرجاء الرد أعلى هذا السطر ##"
OWN = "السلام عليكم ورحمة الله،\n\nرقم الطلب ١٢٣٤٥٦، ولم يتغير شيء منذ أسبوع.\nأرجو الإفادة"
HISTORY = "عزيزنا العميل،\nتم استلام شكواكم ورقمها FRS-2026-000123-4.\nرقم الجوال المسجل 0501234567"
QUOTED = "\n".join(f"> {line}" for line in HISTORY.split("\n"))
OURS = f"{MARKER}\n\n{HISTORY}"
OURS_QUOTED = f"> {MARKER}\n>\n{QUOTED}"
ADDRESS = "<infocs@momah.gov.sa>"

ATTRIBUTIONS = {
    "Gmail, new": f"في الاثنين، 17 أغسطس 2026 في 3:53 م تمت كتابة ما يلي بواسطة شكاوى فرص {ADDRESS}:",
    "Gmail, new, a comma": f"في الاثنين، 17 أغسطس 2026 في 3:53 م، تمت كتابة ما يلي بواسطة فرص {ADDRESS}:",
    "Gmail, new, embedded and wrapped": (
        "\u202bفي الاثنين، 17 أغسطس 2026 في 3:53 م تمت كتابة ما يلي بواسطة "
        "\u202aشكاوى\nفرص\u202c \u200f<\u202ainfocs@momah.gov.sa\u202c\u200f>:\u202c"
    ),
    "Gmail, new, wrapped inside the address": (
        "في الاثنين، 17 أغسطس 2026 في 3:53 م تمت كتابة ما يلي بواسطة شكاوى فرص <\ninfocs@momah.gov.sa>:"
    ),
    "Gmail, new, on three lines": (
        "في الاثنين، 17 أغسطس 2026 في 3:53 م تمت كتابة ما يلي بواسطة\nشكاوى منصة فرص للاستثمار\n"
        "<infocs@momah.gov.sa>:"
    ),
    "Gmail, new, Arabic-Indic digits": (
        f"في الاثنين، ١٧ أغسطس ٢٠٢٦ في ٣:٥٣ م تمت كتابة ما يلي بواسطة شكاوى فرص {ADDRESS}:"
    ),
    "Gmail, old": f"في الأحد، ٣ مارس ٢٠١٩ ١١:٢٢ شكاوى فرص {ADDRESS} كتب:",
    "Gmail, old, numeric date": f'بتاريخ ٢١/٠٣/٢٠١٨ ٩:٠٧ م، كتب "شكاوى فرص" {ADDRESS}:',
    "Gmail, oldest": f"بتاريخ 4 يونيو، 2017 8:39 م، جاء من شكاوى فرص {ADDRESS}:",
    "Gmail, Persian digits": f"في الأحد، ۳ مارس ۲۰۱۹ ۱۱:۲۲ شكاوى فرص {ADDRESS} كتب:",
    "Gmail, Levantine month": f"في الأحد، 3 آذار 2024 في 11:22 ص كتب شكاوى فرص {ADDRESS}:",
    "Gmail, Levantine month of two words": f"في الخميس، 4 كانون الثاني 2024 11:22 ص شكاوى فرص {ADDRESS} كتب:",
    "Gmail, the address twice": (
        "في الأحد، ٣ مارس ٢٠١٩ ١١:٢٢ فرص <infocs@momah.gov.sa\n<mailto:infocs@momah.gov.sa> > كتب:"
    ),
    "Gmail, brackets as in HTML, no hour": (
        "في الأربعاء، 7 أكتوبر 2026 تمت كتابة ما يلي بواسطة &lt;infocs@momah.gov.sa&gt;:"
    ),
    "the verb first and the date last": f"جاء من شكاوى فرص {ADDRESS} بتاريخ 4 يونيو 2017 8:39 م:",
    "between dashes with a date": "-- شكاوى فرص كتب في 3 مارس 2019 --",
    "Proton": f"في يوم الأحد، 3 مارس 2024 الساعة 11:22 ص، كتب شكاوى فرص {ADDRESS}:",
    "Hijri date": f"في الأحد، ٢٢ شعبان ١٤٤٥ هـ في ١١:٢٢ ص، كتب شكاوى فرص {ADDRESS}:",
    "Spark": f"في ٣ مارس ٢٠٢٤، ١١:٢٢ ص +٠٣٠٠، شكاوى فرص {ADDRESS}، كتب:",
    "only name and verb": f"شكاوى فرص {ADDRESS} كتب:",
    "Apple Mail": f"في ٣ مارس ٢٠٢٤، الساعة ١١:٢٢ ص، كتب/كتبت شكاوى فرص {ADDRESS}:",
    "Apple Mail, ASCII digits": f"في 3 مارس 2024، الساعة 11:22 ص، كتب/كتبت شكاوى فرص {ADDRESS}:",
    "Apple Mail, wrapped before the name": (
        f"في ٣ مارس ٢٠٢٤، الساعة ١١:٢٢ ص، كتب/كتبت\nشكاوى فرص {ADDRESS}:"
    ),
    "Apple Mail, a name without address": "في ٣ مارس ٢٠٢٤، الساعة ١١:٢٢ ص، كتب/كتبت شكاوى فرص:",
    "iPhone below its footer": (
        f"أُرسلت من الـ iPhone\n\nفي ٣ مارس ٢٠٢٤، الساعة ١١:٢٢ ص، كتب/كتبت شكاوى فرص {ADDRESS}:"
    ),
    "Samsung below its footer": (
        f"مُرسل من هاتف Samsung Galaxy الذكي\n\nفي ٣/٣/٢٠٢٤ ١١:٢٢ ص، كتب شكاوى فرص {ADDRESS}:"
    ),
    "Yahoo": f"في الأحد، 3 مارس 2024 في 11:22:33 ص غرينتش+3، كتب شكاوى فرص {ADDRESS}:",
    "Zoho": f"---- في الأحد، 03 مارس 2024 11:22:33 +0300 شكاوى فرص {ADDRESS} كتب ----",
    "Android": "---- شكاوى فرص كتب ----",
    "tashkeel and tatweel": f"فِي الأَحَد، ٣ مارس ٢٠١٩ ١١:٢٢ شكاوى فرص {ADDRESS} كـتَـبَ:",
    "marks, no-break spaces and a tab before it": (
        f"\u200f\xa0\t\u202bفي\xa0الأحد، ٣ مارس ٢٠١٩ ١١:٢٢ شكاوى فرص {ADDRESS} كتب:\u202c"
    ),
    "Thunderbird's original message": "-------- الرسالة الأصليَّة --------\nالموضوع: شكوى\nمِن: فرص",
    "Yahoo's original message": "----- الرسالة الأصلية -----\nمن: شكاوى فرص\nإلى: محمد",
    "an original message's other title": "-----الرسالة الأساسية-----\nمن: شكاوى فرص\nإلى: محمد",
    "Outlook, desktop": (
        f"من: شكاوى فرص {ADDRESS} \nتم الإرسال: الأحد، 3 مارس، 2024 11:22 ص\nإلى: محمد\nالموضوع: رد: شكوى"
    ),
    "Outlook, desktop, no address": (
        "من: شكاوى فرص\nتم الإرسال: الأحد، 3 مارس، 2024 11:22 ص\nإلى: محمد\nالموضوع: رد: شكوى"
    ),
    "Outlook, web": (
        f"________________________________\nمن: شكاوى فرص {ADDRESS}\n"
        "‏‏تم الإرسال: 03/شعبان/1445 11:22 ص\nإلى: محمد\nالموضوع: شكوى"
    ),
    "Outlook, web, date label and copy": (
        f"________________________________\nمن: شكاوى فرص {ADDRESS}\nتاريخ الإرسال: الأحد, ٣ مارس ٢٠٢٤\n"
        "إلى: محمد\nنسخة: علي\nالموضوع: شكوى"
    ),
    "Outlook, mobile, below its footer": (
        "احصل على Outlook لـ iOS<https://aka.ms/o0ukef>\n________________________________\n"
        f"من: شكاوى فرص {ADDRESS}\nأرسلت: الأحد, مارس 3, 2024 11:22:33 ص\nإلى: محمد\nالموضوع: شكوى"
    ),
    "Outlook, bold labels": (
        f"*من:* شكاوى فرص {ADDRESS}\n*تم الإرسال:* الأحد، 3 مارس 2024 11:22 ص\n*إلى:* محمد\n*الموضوع:* شكوى"
    ),
    "Outlook, a blank line between its labels": (
        f"من: شكاوى فرص {ADDRESS}\n\nتم الإرسال: الأحد، 3 مارس 2024 11:22 ص\n\nإلى: محمد\n\nالموضوع: شكوى"
    ),
    "Outlook, everything on one line": (
        f"من: شكاوى فرص {ADDRESS} تم الإرسال: الأحد، 3 مارس 2024 11:22 ص إلى: محمد الموضوع: شكوى"
    ),
    "Huawei": (
        f"-------- الرسالة الأصلية --------\nمن: شكاوى فرص {ADDRESS}\nالتاريخ: الأحد، 3 مارس 2024، 11:22 ص\n"
        "إلى: محمد\nالموضوع: شكوى"
    ),
}


@each("attribution", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
def test_only_what_was_written_now_is_found(attribution: str) -> None:
    for history in (HISTORY, QUOTED, OURS, OURS_QUOTED):
        found = new_text(f"{OWN}\n\n{attribution}\n\n{history}\n", MARKER)

        assert found.text == OWN, history
        assert found.certain, history


@each("attribution", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
def test_line_ends_of_windows_and_no_blank_line_above_change_nothing(attribution: str) -> None:
    mail = f"{OWN}\n{attribution}\n{QUOTED}\n".replace("\n", "\r\n")

    assert new_text(mail, MARKER).text == OWN


@each("attribution", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
def test_an_answer_below_what_it_answers_is_not_lost(attribution: str) -> None:
    found = new_text(f"{attribution}\n{QUOTED}\n\n{OWN}\n", MARKER)

    assert found.text.endswith(OWN)
    assert "0501234567" not in found.text or not found.certain


@each(
    "marker_lines",
    [
        MARKER,
        f"*{MARKER}*",
        f"\u202b{MARKER}\u202c",
        f"> {MARKER}",
        f"> > {MARKER}",
        f"| {MARKER}",
        "## الرجاء الرد أعلى هذا\nالسطر ##",
        "> ## الرجاء الرد أعلى\n> هذا السطر ##",
        "## الرجاء\nالرد أعلى\nهذا السطر ##",
        "##\nالرجاء الرد أعلى\nهذا السطر\n##",
        "## الرَّجاء الرد أعلى هذا السطر ##",
        "الرجاء الرد أعلى هذا السطر",
        "##\xa0الرجاء\xa0الرد\xa0أعلى\xa0هذا\xa0السطر\xa0##",
        "##الرجاء الرد اعلى هذا السطر##",
    ],
)
def test_our_marker_is_found_however_a_program_quotes_it(marker_lines: str) -> None:
    found = new_text(f"{OWN}\n\n{marker_lines}\n{HISTORY}", MARKER)

    assert found.text == OWN
    assert found.certain


def test_answers_between_the_lines_of_our_mail_are_not_lost_below_a_greeting() -> None:
    mail = f"السلام عليكم\n\n> {MARKER}\n> رقم الطلب؟\n12345\n> رقم الجوال؟\n0551234567\n> وشكرا\n\nمرفق الصك"

    found = new_text(mail, MARKER)

    assert found.text == "السلام عليكم\n\n12345\n0551234567\n\nمرفق الصك"
    assert not found.certain


def test_a_disclaimer_below_our_quoted_mail_is_no_answer() -> None:
    mail = f"{OWN}\n\n{OURS_QUOTED}\n\nهذه الرسالة سرية\nوهي للمرسل إليه وحده"

    found = new_text(mail, MARKER)

    assert found.text == OWN
    assert found.certain


@pytest.mark.parametrize(
    "attribution",
    [
        f"Sunnuntai 3.3.2024 klo 11.22, 分 {ADDRESS} qapla':",  # no language that anybody here knows
        f"Pada 3 Mac 2024, infocs@momah.gov.sa telah menulis sesuatu:\n{QUOTED}",
        f"Dari: {ADDRESS}\nTanggal: 3/3/2024\nKepada: محمد",
    ],
)
def test_above_our_marker_an_unknown_programs_attribution_is_cut_too(attribution: str) -> None:
    found = new_text(f"{OWN}\n\n{attribution}\n\n{OURS_QUOTED}", MARKER)

    assert found.text == OWN


@each(
    "footer",
    [
        "أُرسلت من الـ iPhone",
        "أرسلت من الايفون",
        "من الـ iPhone الخاص بي",
        "أُرسلت من هاتفي iPhone",
        "مرسل من هاتف Samsung Galaxy الذكي.",
        "مُرسَل من جهاز Huawei",
        "أرسلت من جوالي",
        "تم الإرسال من جهاز سامسونج جالاكسي",
        "أُرسلت من بريد Yahoo على Android",
        "مرسل من Outlook لـ Android",
        "احصل على Outlook لـ Android",
        "احصل على Outlook لـ iOS<https://aka.ms/o0ukef>",
        "-- \nمحمد العلي\nمدير المشاريع\n0112345678",
        "أُرسلت من الـ iPhone\n\n________________________________",
        "Sent from my iPhone",
        "Get Outlook for iOS<https://aka.ms/o0ukef>",
        "Sent from Yahoo Mail on Android",
    ],
)
def test_what_a_telephone_appends_is_cut(footer: str) -> None:
    assert new_text(f"{OWN}\n\n{footer}\n", MARKER).text == OWN
    assert new_text(f"{OWN}\n\n{footer}\n\n{ATTRIBUTIONS['Apple Mail']}\n{QUOTED}", MARKER).text == OWN


@each(
    "name",
    [
        "علي محمد",
        "علي",
        "لينا الأحمد",
        "لين",
        "إلهام عنبر",
        "أحمد بن علي بن عبدالله آل سعيد القحطاني",
        "م. خالد العتيبي",
        '"العتيبي، سارة"',
        "د.نورة",
        "خدمة العملاء - فرص",
        "خدمات المستثمرين | منصة فرص",
        "إدارة الشكاوى (فرص)",
        "شكاوى «فرص»",
        "Ali Al-Otaibi",
        "Mir Ahmed",
        "فرص Furas 2030",
        "infocs@momah.gov.sa",
    ],
)
def test_the_writers_name_may_be_any(name: str) -> None:
    for attribution in (
        f"في الاثنين، 17 أغسطس 2026 في 3:53 م تمت كتابة ما يلي بواسطة {name} {ADDRESS}:",
        f"في الأحد، ٣ مارس ٢٠١٩ ١١:٢٢ {name} {ADDRESS} كتب:",
        f"بتاريخ ٢١/٠٣/٢٠١٨ ٩:٠٧ م، كتب {name} {ADDRESS}:",
        f"في ٣ مارس ٢٠٢٤، الساعة ١١:٢٢ ص، كتب/كتبت {name} {ADDRESS}:",
        f"من: {name} {ADDRESS}\nتم الإرسال: الأحد، 3 مارس 2024\nإلى: {name}\nالموضوع: شكوى",
        f"On Sun, Mar 3, 2024 at 11:22 AM {name} {ADDRESS} wrote:",
    ):
        assert new_text(f"{OWN}\n\n{attribution}\n\n{HISTORY}", MARKER).text == OWN, attribution
