"""What plain Markdown becomes in a mail: a title, a line on top, facts, a button; and the preview."""

from __future__ import annotations

import re
from html import unescape

import pytest

from daemon.templating import environment
from daemon.templating.keys import FOOTER_FILES, LAYOUT_FILE
from daemon.templating.layout import Layout
from daemon.templating.markup import skeleton
from daemon.templating.slots import Frame
from daemon.templating.values import Value
from daemon.templating.variables import Audience
from tests.each import each
from tests.texts.test_templating_golden import TEMPLATES
from tests.texts.test_templating_values import BAD_PIECES, Shape

AROUND: dict[str, Value] = {
    "service_name": "منصة فرص",
    "unified_number": "199040",
    "mailbox_address": "infocs@momah.gov.sa",
    "subject_line": "الموضوع FRS-2026-000123-4",
}
PAGE = (TEMPLATES / LAYOUT_FILE).read_text("utf-8")
FOOTERS = {to: (TEMPLATES / "ar" / file).read_text("utf-8") for to, file in FOOTER_FILES.items()}
LAYOUT = Layout(PAGE, FOOTERS, "ar")
VALUE = environment.token(0)


def made(markdown: str, value: str = "", audience: Audience = "citizen", **named: Value) -> tuple[str, str]:
    """Text without marker and footer, and the HTML part."""
    frame = Frame([value], {**AROUND, **named}, "ar")
    text, html = LAYOUT.assemble(skeleton(markdown, "ar"), audience, frame)
    return text.partition("\n\n")[2].partition("\n\n———")[0], html


def words(html: str) -> str:
    return re.sub("[\u200e\u200f]", "", unescape(re.sub("<[^>]*>", "", html))).strip()


def title_of(html: str) -> list[str]:
    return [words(found) for found in re.findall("<h1[^>]*>(.*?)</h1>", html)]


def preview_of(html: str) -> str:
    (found,) = re.findall('mso-hide:all[^>]*">(.*?)</div>', html, re.DOTALL)
    return re.sub("[\u034f\u200c\xa0]", "", words(found)).strip()


# --- the title and the line on top ----------------------------------------------------------------------


def test_a_first_heading_is_the_title() -> None:
    text, html = made("# سُجلت شكواكم\n\nنص.")

    assert title_of(html) == ["سُجلت شكواكم"]
    assert text == "سُجلت شكواكم\n\nنص."
    assert html.count("سُجلت شكواكم") == 1


@pytest.mark.parametrize("markdown", ["نص.", "نص.\n\n# عنوان لاحق", "## عنوان أصغر\n\nنص."])
def test_without_one_the_subject_is_the_title(markdown: str) -> None:
    _, html = made(markdown)

    assert title_of(html) == ["الموضوع FRS-2026-000123-4"]


def test_there_is_one_title_whatever_a_text_says() -> None:
    _, html = made("# أول\n\n# ثانٍ\n\n> # ثالث")

    assert title_of(html) == ["أول"]
    assert html.count("<h2") == 2


@pytest.mark.parametrize(("flag", "colour"), [(True, "reaches"), (False, "internal")])
@pytest.mark.parametrize(
    "markdown", ["**يصل إلى العميل**\n\n# عنوان\n\nنص.", "# عنوان\n\n**يصل إلى العميل**\n\nنص."]
)
def test_to_staff_the_bold_first_line_is_a_band(markdown: str, flag: bool, colour: str) -> None:
    _, html = made(markdown, audience="staff", replies_go_to_citizen=flag)

    bands = re.findall('class="(reaches|internal)"[^>]*>(.*?)</td>', html)

    assert [(kind, words(said)) for kind, said in bands] == [(colour, "يصل إلى العميل")]
    assert title_of(html) == ["عنوان"]
    assert html.count("يصل إلى العميل") == 1 + (preview_of(html) == "يصل إلى العميل")


def test_where_nothing_says_that_a_reply_reaches_the_citizen_the_band_is_internal() -> None:
    _, html = made("**رسالة داخلية**\n\nنص.", audience="staff")

    assert re.findall('class="(reaches|internal)"', html) == ["internal"]


def test_to_citizens_it_is_a_bold_paragraph() -> None:
    text, html = made("**مهم جدًا**\n\nنص.")

    assert re.findall('class="(reaches|internal)"', html) == []
    assert "><strong>مهم جدًا</strong></p>" in html
    assert text == "مهم جدًا\n\nنص."


def test_a_paragraph_that_is_partly_bold_or_the_second_is_none() -> None:
    for markdown in ("**تنبيه:** نص.", "**أ** و**ب**", "نص.\n\n**كله**"):
        _, html = made(markdown, audience="staff", replies_go_to_citizen=True)
        assert re.findall('class="(reaches|internal)"', html) == []


# --- facts ----------------------------------------------------------------------------------------------


def facts_of(html: str) -> list[tuple[str, str]]:
    rows = re.findall(r'<tr><th[^>]* scope="row"[^>]*>(.*?)</th><td[^>]*>(.*?)</td></tr>', html, re.DOTALL)
    return [(words(name), words(value)) for name, value in rows]


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_list_of_named_values_is_a_table(gap: str) -> None:
    text, html = made(f"- **رقم الشكوى:** {VALUE}{gap}- **الحالة:** قيد المعالجة\n", "FRS-2026-000123-4")

    assert facts_of(html) == [("رقم الشكوى:", "FRS-2026-000123-4"), ("الحالة:", "قيد المعالجة")]
    assert text.replace("\u2068", "").replace("\u2069", "") == (
        f"- رقم الشكوى: FRS-2026-000123-4{gap}- الحالة: قيد المعالجة"
    )


@pytest.mark.parametrize(
    "markdown",
    [
        "- **اسم:** قيمة\n- بلا اسم",
        "- **اسم** قيمة",
        "- **اسم:**",
        "- **اسم:** قيمة\n  - نقطة",
        "- **اسم:** قيمة\n\n  فقرة أخرى",
        "1. **اسم:** قيمة",
        "- اسم: قيمة",
    ],
)
def test_any_other_list_stays_a_list(markdown: str) -> None:
    _, html = made(markdown)

    assert facts_of(html) == []
    assert "<li" in html


def test_a_link_may_stand_in_a_fact() -> None:
    text, html = made("- **الصفحة:** [المتابعة](https://a.example/c)")

    assert facts_of(html) == [("الصفحة:", "المتابعة")]
    assert '<a href="https://a.example/c"' in html
    assert text == "- الصفحة: المتابعة\n  https://a.example/c"


# --- the button -----------------------------------------------------------------------------------------


def buttons_of(html: str) -> list[tuple[str, str]]:
    return re.findall('<a href="([^"]*)" class="button"[^>]*>(.*?)</a></td>', html)


def test_a_link_alone_is_a_button() -> None:
    text, html = made(f"نص.\n\n[متابعة الشكوى]({VALUE})", "https://a.example/c?x=1&y=2")

    assert buttons_of(html) == [("https://a.example/c?x=1&amp;y=2", "متابعة الشكوى")]
    assert text == "نص.\n\nمتابعة الشكوى\nhttps://a.example/c?x=1&y=2"


@pytest.mark.parametrize(
    "markdown",
    [
        f"من [الصفحة]({VALUE}).",
        f"[أ]({VALUE}) [ب]({VALUE})",
        f"[أ]({VALUE})\n[ب]({VALUE})",
        f"- [أ]({VALUE})",
        f"> [أ]({VALUE})",
    ],
)
def test_any_other_link_stays_a_link(markdown: str) -> None:
    _, html = made(markdown, "https://a.example/c")

    assert buttons_of(html) == []
    assert '<a href="https://a.example/c" style' in html


@pytest.mark.parametrize("target", ["", "javascript:alert(1)", 'https://a.example/"onclick=x'])
def test_a_button_that_leads_nowhere_is_its_words(target: str) -> None:
    _, html = made(f"[متابعة الشكوى]({VALUE})", target)

    assert buttons_of(html) == []
    assert ">متابعة الشكوى</p>" in html
    assert "alert" not in html
    assert "onclick" not in html


# --- the preview ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("السلام عليكم،\n\nسُجلت شكواكم. ومتوسط الوقت 10 أيام.", "سُجلت شكواكم."),
        ("السلام عليكم،\n\nهل وصلتكم النتيجة؟ نأمل إفادتنا.", "هل وصلتكم النتيجة؟"),
        ("**رسالة داخلية**\n\n- نقطة.", "رسالة داخلية"),
        ("# عنوان.\n\nتحية،", "تحية،"),
        ("نأمل الرد بما يأتي:\n\n- رقم الطلب.\n\nوتبدأ المعالجة بعد وصوله.", "وتبدأ المعالجة بعد وصوله."),
        (f"ورقمها {VALUE}، وهي مسجلة.", "ورقمها 12.5، وهي مسجلة."),
    ],
)
def test_the_preview_is_the_first_sentence(markdown: str, shown: str) -> None:
    assert preview_of(made(markdown, "12.5")[1]) == shown


def test_a_text_may_bring_its_own_preview() -> None:
    _, html = made("نص.", preview_line="سُجلت شكواكم برقم FRS-2026-000123-4")

    assert preview_of(html) == "سُجلت شكواكم برقم FRS-2026-000123-4"


def test_a_long_preview_is_cut() -> None:
    assert len(preview_of(made("كلمة " * 100 + ".")[1])) <= 150


# --- nothing that a person wrote is markup --------------------------------------------------------------


@each("value", [*BAD_PIECES, "".join(BAD_PIECES), "[a](https://evil.example)"])
def test_a_value_is_words_wherever_it_stands(value: str) -> None:
    value = value.replace("\ud800", "")
    markdown = (
        f"**{VALUE} أ**\n\n# {VALUE} ب\n\n{VALUE} ج.\n\n- **اسم:** {VALUE}\n\n[{VALUE}](https://a.example/c)"
    )
    _, usual = made(markdown, "نص", audience="staff")

    _, html = made(markdown, value, audience="staff")

    shape, expected = Shape(html), Shape(usual)
    assert shape.tags == expected.tags
    assert shape.comments == expected.comments


@pytest.mark.parametrize("name", ["preview_line", "subject_line"])
def test_a_preview_and_a_subject_are_words(name: str) -> None:
    hostile = '</div><script>alert(1)</script>" onclick="x'
    _, html = made("نص.", **{name: hostile})

    assert "<script" not in html
    assert '" onclick="' not in html
    assert Shape(html).words.count(hostile) >= 1


# --- a choice behind a link -----------------------------------------------------------------------------


def test_a_value_that_is_a_target_may_have_a_choice_behind_it() -> None:
    text, html = made(f"[4 – مرتفع]({VALUE}?score=4)", "https://a.example/s/x1")

    assert text == "4 – مرتفع\nhttps://a.example/s/x1?score=4"
    assert html.count('href="https://a.example/s/x1?score=4"') == 1


@pytest.mark.parametrize(
    "value", ["", "javascript:alert(1)", "https://a.example/?a=b", "https://a.example/<b>"]
)
def test_a_choice_makes_no_target_of_what_is_none(value: str) -> None:
    _, html = made(f"[4]({VALUE}?score=4)", value)

    assert "?score=4" not in html
    assert "javascript:" not in html


@pytest.mark.parametrize(
    "behind", ["/../x", "?a=b&c=d", "@evil.example", f"?score={VALUE}", "?score=", ".evil.example"]
)
def test_nothing_else_may_stand_behind_such_a_value(behind: str) -> None:
    with pytest.raises(ValueError, match="a link leads to"):
        skeleton(f"[4]({VALUE}{behind})", "ar")
