"""What an admin writes in a text, what becomes of it, and what they are told where it cannot serve."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.templating import sample_values, samples
from daemon.templating.card import CARD
from daemon.templating.catalogue import LANGUAGES, NOTIFICATIONS
from daemon.templating.check import check
from daemon.templating.errors import SourceError, TemplateError
from daemon.templating.form_writing import FORMS
from daemon.templating.keys import TextKey, key_of
from daemon.templating.layout import FOOTER_VARIABLES
from daemon.templating.names import names
from daemon.templating.pieces import MappingShelf
from daemon.templating.setting import TOKEN_LENGTH, Setting
from daemon.templating.source import EmailSource, SmsSource
from daemon.templating.telling import told
from daemon.templating.words import shipped
from tests.each import each

HEAD = "---\nsubject: شكوى ((رقم الشكوى))\n---\n"
PIECES = MappingShelf(
    {
        "ar/pieces/greeting.named.md": "يا ((اسم العميل))",
        "ar/pieces/greeting.unnamed.md": "يا أيها العميل",
        "ar/pieces/missing.request_number.md": "- رقم",
        "ar/pieces/missing.ground.md": "- سبب",
        "ar/pieces/closing.md": "سطر\nوسطر",
    }
)


def said(body: str, name: str = "info_requested", **values: object) -> str:
    """The body of one mail, without its surroundings."""
    notification = NOTIFICATIONS[name]
    given_values = {**samples.usual(notification), **values}
    template = SmsSource(notification, body, "ar", PIECES)
    return template.render(told(notification, given_values, shipped("ar")))  # type: ignore[arg-type]


def refused(source: str, name: str = "received") -> str:
    with pytest.raises(SourceError) as caught:
        EmailSource(NOTIFICATIONS[name], source, "ar", PIECES)
    return str(caught.value)


def test_a_value_is_called_by_its_name_however_it_is_spelt() -> None:
    for written in ("((رقم الشكوى))", "((رقم الشكوي))", "(( رقم  الشكوى ))", "((رقم الشكوىٰ))"):
        assert said(written) == sample_values.TICKET


def test_a_value_is_said_in_its_form() -> None:
    assert said("((وقت التسجيل))") == "الاثنين 23 نوفمبر 2026، 3:05 م"
    assert said("((وقت التسجيل بالتقويمين))") == (
        "الاثنين 23 نوفمبر 2026م، الموافق 13 جمادى الآخرة 1448هـ، الساعة 3:05 م"
    )
    assert said("((مدة المعالجة))", processing_days=2) == "يوما عمل"
    assert said("((مدة إعادة الفتح))", "closed", reopen_days=11) == "11 يومًا"


@pytest.mark.parametrize(
    "known,wanted",
    [
        ({"request_number": "77", "status_url": "https://a.example"}, "س، بشأن 77 ع https://a.example ص"),
        ({"request_number": "", "status_url": "https://a.example"}, "س ع https://a.example ص"),
        ({"request_number": "77", "status_url": ""}, "س، بشأن 77 ص"),
        ({"request_number": "", "status_url": ""}, "س ص"),
    ],
)
def test_an_optional_piece_is_said_only_where_its_values_are_known(
    known: Mapping[str, str], wanted: str
) -> None:
    body = "س[[، بشأن ((رقم الطلب))]] [[ع ((رابط صفحة المتابعة))]] ص"

    assert said(body, **known) == wanted


def test_an_optional_piece_may_hold_another() -> None:
    body = "س[[ ((رقم الطلب))[[ و((رابط صفحة المتابعة))]]]]"

    assert said(body, request_number="7", status_url="https://a.example") == "س 7 وhttps://a.example"
    assert said(body, request_number="7", status_url="") == "س 7"
    assert said(body, request_number="", status_url="https://a.example") == "س"


def test_a_shared_piece_is_said_by_what_the_program_decided() -> None:
    assert said("((> التحية))", requester_name="نورة") == "يا نورة"
    assert said("((> التحية))", requester_name="") == "يا أيها العميل"


def test_pieces_of_a_list_follow_one_another() -> None:
    both, one = ["ground", "request_number"], ["ground"]

    assert said("((> البيانات الناقصة))", missing=both) == "- رقم - سبب"
    assert said("((> البيانات الناقصة))", missing=one) == "- سبب"


def test_a_list_is_said_in_words_within_a_sentence_and_line_by_line_after_a_bullet() -> None:
    notification = NOTIFICATIONS["staff_new"]
    values = {**samples.usual(notification), "missing": ["mobile", "ground"], "attachments": ["أ", "ب"]}
    body = "((رقم الشكوى))[[ ((نص الرسالة))]]\n\n[[ناقص: ((أسماء البيانات الناقصة))]]\n\n"
    body += "[[\n- ((المرفقات))\n]]\n"

    template = EmailSource(notification, HEAD + body, "ar", PIECES)
    markdown, slots = template._body.run(told(notification, values, shipped("ar")))  # type: ignore[arg-type]

    assert "سبب الشكوى ورقم الجوال" in slots
    assert markdown.count("\n- ") == 2


@each(
    "body,line,message",
    [
        ("((رقم الشكوة))", 4, "هل تقصدون: ((رقم الشكوى))؟"),
        ("((قيمة لا يعرفها أحد))", 4, "ليست قيمة معروفة"),
        ("نص\n\n((> التحيه الطيبة))", 6, "((> التحية))"),
        ("((رقم الطلب))", 4, "قد تكون القيمة «رقم الطلب» غير معروفة"),
        ("[[نص]]", 4, "عبارة لا قيمة فيها"),
        ("نص\n[[ ((رقم الطلب))", 5, "فُتح [[ ولم يُغلق"),
        ("نص ]]", 4, "وُجد ]]"),
        ("[[((رقم الطلب))[[((رقم الطلب))[[((رقم الطلب))]]]]]]", 4, "الاكتفاء باثنتين"),
        ("((رقم الشكوى)", 4, "دون نظيرهما"),
        ("نص\nنص <b>عريض</b>", 5, "من رموز صفحات الويب"),
        ("![شعار](https://a.example)", 4, "لا تُرسل صور"),
        ("| أ | ب |", 4, "لا تُرسل جداول"),
        ("علامة `واحدة", 4, "دون نظيرتها"),
        ('`"`', 4, "بين العلامتين"),
        ("{# x #}", 4, "من لغة برمجة"),
        ("{((رقم الشكوى))}", 4, "من لغة برمجة"),
        ("{رقم الشكوى}", 4, "من لغة برمجة"),
        ("نص | نص", 4, "لا تُرسل جداول"),
        ("#شكوى", 4, "مسافة بعد #"),
        ("نص\n##عنوان", 5, "مسافة بعد #"),
        ("(رقم الشكوى)", 4, "تُكتب هكذا: ((رقم الشكوى))"),
        ("[رقم الشكوى]", 4, "تُكتب هكذا: ((رقم الشكوى))"),
        ("<رقم الشكوى>", 4, "تُكتب هكذا: ((رقم الشكوى))"),
        ("( (رقم الشكوى) )", 4, "تُكتب القيمة هكذا"),
        ("（（رقم الشكوى））", 4, "تُكتب القيمة هكذا"),
        ("((التحية))", 4, "((> التحية))"),
        ("((< التحية))", 4, "((> التحية))"),
    ],
)
def test_what_cannot_serve_is_told_in_arabic_with_its_line_and_a_remedy(
    body: str, line: int, message: str
) -> None:
    found = refused(HEAD + body)

    assert found.startswith(f"ar/received.email.md:{line}: ")
    assert message in found


def test_a_piece_that_knows_another_notification_is_refused() -> None:
    assert "لا تُعرف فيه قيمتها" in refused(HEAD + "((> البيانات الناقصة))", "reopened")


def test_a_piece_of_several_lines_fits_no_subject() -> None:
    assert "من عدة أسطر" in refused("---\nsubject: x ((> الخاتمة))\n---\n((رقم الشكوى))")


def test_a_mistake_within_a_piece_names_the_piece() -> None:
    shelf = MappingShelf({"ar/pieces/closing.md": "مع التحية\n((اسمي))"})

    with pytest.raises(SourceError, match=r"ar/pieces/closing\.md:2"):
        EmailSource(NOTIFICATIONS["received"], HEAD + "((> الخاتمة))", "ar", shelf)


def test_a_piece_cannot_hold_itself() -> None:
    shelf = MappingShelf({"ar/pieces/closing.md": "((> الخاتمة))"})

    with pytest.raises(SourceError, match="أكثر من المسموح"):
        EmailSource(NOTIFICATIONS["received"], HEAD + "((> الخاتمة))", "ar", shelf)


@given(st.text(alphabet="([])>`{}%#*_-رقم الشكوى\n|<!\\\"'", max_size=60))
def test_whatever_is_typed_is_refused_with_one_line_or_serves(body: str) -> None:
    found = check(TextKey("received", "", "email", "ar"), HEAD + body, PIECES)

    assert all("\n" not in str(problem) for problem in found)


@given(st.text(max_size=40))
def test_what_a_person_wrote_is_never_taken_for_a_mark(name: str) -> None:
    notification = NOTIFICATIONS["received"]
    values = {**samples.usual(notification), "requester_name": name}
    template = SmsSource(notification, "[[((اسم العميل))–]]((رقم الشكوى))", "ar", PIECES)

    try:
        text = template.render(told(notification, values, shipped("ar")))  # type: ignore[arg-type]
    except TemplateError:
        pytest.fail("a value can spoil no text")

    assert text.endswith(sample_values.TICKET)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_is_of_a_variable_and_none_is_said_of_two(language: str) -> None:
    found = names(language)
    variables = {name for one in (*NOTIFICATIONS.values(), CARD) for name in one.variables}
    variables |= set(FOOTER_VARIABLES)

    for key in found.values:
        name, _, form = key.partition(".")
        assert name in variables, key
        assert not form or form in FORMS
        assert all(found.value(one, variables) == key for one in found.values[key]), key
    assert all(found.piece(name) == piece for piece, name in found.pieces.items())


def test_both_languages_name_the_same_values() -> None:
    arabic, english = (names(language) for language in LANGUAGES)

    assert set(arabic.values) == set(english.values)
    assert set(arabic.pieces) == set(english.pieces)


def test_a_key_is_its_path_and_back() -> None:
    key = TextKey("closed", "duplicate", "sms", "en")

    assert (key.label, key.path) == ("closed.duplicate", "en/closed.duplicate.sms.txt")
    assert key_of(key.path) == key
    assert key_of("ar/closed.email.md") == TextKey("closed", "", "email", "ar")
    assert key_of("closed.email.md") is None


DESK = Setting("https://furas.momah.gov.sa/complaints", ("momah.gov.sa",))


def sms_problems(text: str, setting: Setting = DESK) -> list[str]:
    key = TextKey("info_warning", "", "sms", "ar")
    return [problem.message for problem in check(key, text, PIECES, setting)]


def test_an_sms_is_measured_with_the_longest_link_of_the_desk() -> None:
    text = "لتجنب إغلاق شكواكم ((رقم الشكوى)) نأمل إكمالها خلال ((المهلة قبل الإغلاق))"
    text += "[[ ((رابط صفحة المتابعة))]]"

    assert sms_problems(text) == []
    assert len(DESK.link("c")) == len(DESK.public_url) + 3 + TOKEN_LENGTH
    longer = Setting(DESK.public_url + "/of-the-whole-ministry-and-all-its-branches")
    assert "تُحسب الرسالة النصية 3 رسائل" in sms_problems(text, longer)[0]


def test_an_sms_leads_to_no_host_that_is_not_registered() -> None:
    text = "شكواكم ((رقم الشكوى)) ((المهلة قبل الإغلاق))[[ ((رابط صفحة المتابعة))]] {}"

    assert sms_problems(text.format("momah.gov.sa/x")) == []
    assert "«bit.ly»" in sms_problems(text.format("https://bit.ly/x"))[0]
    assert "«momah.gov.sa.evil.example»" in sms_problems(text.format("momah.gov.sa.evil.example"))[0]


def test_stars_that_the_recipient_would_see_are_refused() -> None:
    key = TextKey("received", "", "email", "ar")

    for body in ("** ((رقم الشكوى)) **", "**((رقم الشكوى))"):
        assert any("نجمتين" in problem.message for problem in check(key, HEAD + body, PIECES))
    assert check(key, HEAD + "**((رقم الشكوى))**", PIECES) == []


def said_problems(body: str, name: str, variant: str = "", channel: str = "email") -> str:
    key = TextKey(name, variant, channel, "ar")  # type: ignore[arg-type]
    head = HEAD if channel == "email" else ""
    return " ".join(problem.message for problem in check(key, head + body, PIECES))


def test_what_must_be_said_is_said_of_every_citizen() -> None:
    """Not only of one whose request number is known."""
    hidden = "[[بشأن الطلب ((رقم الطلب)): ((نص الموظف))]]"
    assert "لا تظهر القيمة ((نص الموظف))" in said_problems(f"((رقم الشكوى)) {hidden}", "reply")

    link = "[[((رقم الطلب)) [تقييم](((رابط التقييم)))]]"
    assert "لا تظهر القيمة ((رابط التقييم))" in said_problems(f"((رقم الشكوى)) {link}", "survey")


def test_a_variant_says_what_it_is_for() -> None:
    body = "((رقم الشكوى)) ((> البيانات الناقصة))"
    assert "((نص الموظف))" in said_problems(body, "info_requested", "by_staff")
    assert "((رقم الشكوى الأخرى))" in said_problems("((رقم الشكوى))", "closed", "merged")
    assert "((رقم الشكوى الأخرى))" in said_problems("((رقم الشكوى))", "closed", "merged", "sms")


@pytest.mark.parametrize("body", ["( (رقم الشكوى) )", "（（رقم الشكوى））", "(رقم الشكوى) ((رقم الشكوى))"])
def test_parentheses_that_the_recipient_would_see_are_refused(body: str) -> None:
    assert "هكذا: ((رقم الشكوى))" in refused(HEAD + body)


def test_words_in_parentheses_are_words() -> None:
    text = said("((رقم الشكوى)) (المرفقات) (اتفاقية مستوى الخدمة)")

    assert text.endswith("(المرفقات) (اتفاقية مستوى الخدمة)")


def test_a_piece_without_its_sign_is_suggested() -> None:
    assert "هل تقصدون: ((> التحية))؟" in refused(HEAD + "((التحية))")


@pytest.mark.parametrize("mark", ["**مهم**", "[هنا](x)", "# عنوان", "http://1.2.3.4/x", "10.0.0.1"])
def test_an_sms_holds_no_mark_and_no_address_but_ours(mark: str) -> None:
    assert said_problems(f"{mark} ((رقم الشكوى))", "received", channel="sms")
    assert not said_problems("((رقم الشكوى)) 199040", "received", channel="sms")


def test_an_address_in_a_piece_of_an_sms_is_found_too() -> None:
    key = TextKey("received", "", "sms", "ar")
    shelf = MappingShelf({"ar/pieces/closing.md": "https://bit.ly/x"})

    (problem,) = check(key, "((رقم الشكوى)) ((> الخاتمة))", shelf, DESK)

    assert "bit.ly" in problem.message
