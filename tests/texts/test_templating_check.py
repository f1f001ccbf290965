"""What a template must fulfil before it may serve, and how Markdown becomes two parts."""

from __future__ import annotations

import pytest

from daemon.templating import builtin, samples
from daemon.templating.catalogue import NOTIFICATIONS
from daemon.templating.check import check
from daemon.templating.check_apart import check_in_subprocess
from daemon.templating.check_around import check_layout
from daemon.templating.direction_marks import unbalanced
from daemon.templating.keys import TextKey
from daemon.templating.layout import builtin_layout
from daemon.templating.marker import MARKER
from daemon.templating.pieces import NO_PIECES, MappingShelf
from daemon.templating.source import EmailSource
from tests.each import each

PIECES = MappingShelf({f"ar/pieces/visibility.{to}.md": to for to in ("citizen", "internal")})
HEAD = "---\nsubject: S ((رقم الشكوى))\n---\n"
NUMBER = "((رقم الشكوى))\n"


def first(source: str, name: str = "received", channel: str = "email") -> str:
    problems = check(TextKey(name, "", channel, "ar"), source, PIECES)  # type: ignore[arg-type]
    return str(problems[0]) if problems else ""


def parts(body: str, **values: str) -> tuple[str, str]:
    """Text and HTML of a body alone."""
    notification = NOTIFICATIONS["received"]
    template = EmailSource(notification, HEAD + body, "ar", NO_PIECES)
    _, text, html = template.render({**samples.usual(notification), **values}, builtin_layout("ar"))
    text = text.removeprefix(MARKER["ar"]).rpartition("\n———\n")[0]
    html = html.partition("</p>\n")[2].rpartition("<p ")[0]
    return text.strip("\n"), html.strip()


@each(
    "source,message",
    [
        ("", "ar/received.email.md:1: السطر الأول هو ---"),
        ("subject: x\n", "ar/received.email.md:1: السطر الأول هو ---"),
        ("---\nsubject: x\n", "لم يُكتب سطر --- الثاني"),
        ("---\n---\nx", "ar/received.email.md:2: ليس للرسالة موضوع"),
        ("---\nsubject:\n---\nx", "ar/received.email.md:2: السطر subject: فارغ"),
        ("---\nsubject: a\nsubject: b\n---\n", "ar/received.email.md:3: بين سطري ---"),
        ("---\nsubject: a\nBcc: b\n---\n", "ar/received.email.md:3: بين سطري ---"),
        (HEAD + "x", "لا يظهر رقم الشكوى"),
        ("---\nsubject: a\n---\nx", "لا بد من ذكر القيمة ((رقم الشكوى))"),
        (HEAD + "[[((رقم الطلب)) " + NUMBER + "]]", "لا يظهر رقم الشكوى"),
        (HEAD + NUMBER + "{{ opened_at | moment }}", "ar/received.email.md:5: الرمز «{{» من لغة برمجة"),
        (HEAD + NUMBER + "((وقت التسجيل))", ""),
        (HEAD + NUMBER + "[x](ftp:a)", "a link leads to http, https, mailto, tel or to one value"),
        (HEAD + NUMBER + "[x](/relative)", "a link leads to"),
        (HEAD + NUMBER + "[x](((وقت التسجيل))/a)", "a link leads to"),
        (HEAD + NUMBER + "نص \u2068غير مغلق", "ar/received.email.md:5: علامات الاتجاه غير متوازنة"),
        (HEAD + NUMBER + MARKER["ar"], "يضعه النظام"),
        ("---\nsubject: ((رقم الشكوى)) " + "ش" * 200 + "\n---\n" + NUMBER, "أطول من 120 حرفًا"),
        (
            "---\nsubject: [[((رقم الطلب))]]\n---\n" + NUMBER,
            "في العينة empty: يكون موضوع الرسالة فارغًا",
        ),
        (HEAD + NUMBER + "a\u2028b", "ar/received.email.md:5: في النص رمز خفي (U+2028)"),
        ("---\nsubject: \u2068((رقم الشكوى))\u2069\n---\n" + NUMBER, "في الموضوع علامات اتجاه"),
        (HEAD + NUMBER + "&#x202e;abc", "علامات الاتجاه غير متوازنة"),
        (HEAD + NUMBER + "{% if %}", "ar/received.email.md:5: "),
    ],
)
def test_a_problem_is_named(source: str, message: str) -> None:
    assert message in first(source)
    assert bool(message) is bool(first(source))


def test_the_first_line_to_staff_must_name_the_ticket() -> None:
    source = HEAD + "مرحبا\n\n((رقم الشكوى)) [[((نص الموظف))]] ((> وجهة الرد))\n"

    assert "السطر الأول من رسائل الموظفين" in first(source, "staff_new")


def test_the_words_of_the_citizen_must_reach_staff() -> None:
    flag = "((> وجهة الرد))\n"

    assert first(HEAD + NUMBER + flag + "[[((نص الموظف))]]\n", "staff_new") == ""
    assert "لا بد من ذكر القيمة ((نص الموظف))" in first(HEAD + NUMBER + flag, "staff_new")
    assert "لا تظهر القيمة ((نص الموظف))" in first(
        HEAD + NUMBER + flag + "[[((رقم الشكوى المرتبطة)) ((نص الموظف))]]", "staff_new"
    )


@pytest.mark.parametrize(
    "source,message",
    [
        ("((رقم الشكوى))", ""),
        ("((رقم الشكوى))" + "ش" * (134 - 17), ""),
        ("((رقم الشكوى))" + "ش" * (135 - 17), "تُحسب الرسالة النصية 3 رسائل (135 حرفًا)"),
        ("((رقم الشكوى))" + "a" * (306 - 17), ""),
        ("((رقم الشكوى))" + "a" * (307 - 17), "3 رسائل"),
        ("((رقم الشكوى))[[ ((رقم الطلب))]][[ ((اسم العميل))]]", "تُحسب الرسالة النصية"),
        ("شكرًا", "لا بد من ذكر القيمة ((رقم الشكوى))"),
        ("((رقم الشكوى)) \u2068x\u2069", "في الرسالة النصية علامات اتجاه"),
    ],
)
def test_an_sms_stays_within_two_segments(source: str, message: str) -> None:
    found = first(source, "received", "sms")
    assert message in found
    assert bool(message) is bool(found)


@pytest.mark.parametrize(
    "page,message",
    [
        ("<p>{{ marker }}</p>", "the content must stand in the page once"),
        ("{{ marker }}{{ content }}{{ content }}", "the content must stand in the page once"),
        ("{{ content }}{{ marker }}", "the marker must stand before the content"),
        ("{{ marker }}{{ content }}", "does not state its direction"),
        ("{{ marker }}{{ content }}<img src=x>", "<img is not allowed"),
        ("{{ marker }}{{ content }}<p onclick=x>", "is not allowed"),
        ("{{ marker }}{{ content }}{{ ticket_number }}", "unknown variable ticket_number"),
        ("{{ marker }}{{ content }}{% if service_name %}{% endif %}", "cannot decide by service_name"),
        ("{{ marker }}{{ content }}{{ service_name | length }}", "layout"),
        ("{{ marker }}{{ content }}{{ 'a' if subject else 'b' }}", "layout"),
    ],
)
def test_a_page_that_cannot_serve_is_refused(page: str, message: str) -> None:
    assert message in str(check_layout(page, {}, "ar")[0])


def test_the_builtin_page_passes() -> None:
    for language in ("ar", "en"):
        assert check_layout(builtin.LAYOUT, builtin.FOOTERS[language], language) == []


@each(
    "body,text,html",
    [
        ("a\nb\n\nc", "a\nb\n\nc", "a<br>\nb"),
        ("# h\n\n- x\n- y\n\n1. p\n2. q", "h\n\n- x\n- y\n\n1. p\n2. q", "<h1"),
        ("- x\n  - y\n\nz", "- x\n  - y\n\nz", "<li"),
        ("> q\n> r\n\ns", "> q\n> r\n\ns", 'role="blockquote"'),
        ("**b** *e*", "b e", "<strong>b</strong> <em>e</em>"),
        ("a\n\n---\n\nb", "a\n\n———\n\nb", "<hr"),
        ("x &amp; \\*y\\*", "x & *y*", "x &amp; *y*"),
        ("[go](https://a.example/b).", "go.\nhttps://a.example/b", '<a href="https://a.example/b"'),
        ("<https://a.example/b>", "https://a.example/b", '<a href="https://a.example/b"'),
        ("    not code", "not code", "not code</p>"),
        ("`#x`", "\u2068#x\u2069", "#x"),
        ("x [[y((رقم الطلب))]]\nz", "x y\u20687\u2069\nz", "x y"),
        ("x\n[[\ny((رقم الطلب))\n]]\nz", "x\ny\u20687\u2069\nz", "x<br>\ny"),
    ],
)
def test_one_source_makes_both_parts(body: str, text: str, html: str) -> None:
    made_text, made_html = parts(body, request_number="7")

    assert made_text == text
    assert html in made_html


def test_values_are_filled_in_after_markdown() -> None:
    text, html = parts(
        "[[> ((رقم الطلب))]]\n\n[[- ((اسم العميل))]]", request_number="a\nb", requester_name="*c*"
    )

    assert text == "> \u2068a\u2069\n> \u2068b\u2069\n\n- \u2068*c*\u2069"
    assert ">&lrm;a&lrm;</span>&rlm;<br>\n" in html
    assert ">&lrm;b&lrm;</span>" in html
    assert ">&lrm;*c*&lrm;</span>" in html


@pytest.mark.parametrize(
    "text,line",
    [
        ("abc", 0),
        ("\u2068a\u2069", 0),
        ("\u2068a", 1),
        ("a\n\u2069", 2),
        ("\u202ba\u202c", 0),
        ("\u202ba\u2069", 1),
        ("\u2068\u202ba\u2069\u202c", 1),
        ("\u2068a\n\u2069", 1),
    ],
)
def test_direction_marks_balance_within_a_line(text: str, line: int) -> None:
    assert unbalanced(text) == line


def test_the_subprocess_says_the_same() -> None:
    sms, email = TextKey("received", "", "sms", "ar"), TextKey("received", "", "email", "ar")
    broken = HEAD + "\n{{ x }}"

    assert check_in_subprocess(sms, "((رقم الشكوى))", {}) == []
    assert check_in_subprocess(email, broken, {}) == check(email, broken, NO_PIECES)


@pytest.mark.parametrize("limits", [{"seconds": 0}, {"memory_mb": 8}])
def test_a_check_beyond_its_limits_is_a_problem(limits: dict[str, int]) -> None:
    # Much of it: a small source fits into what the interpreter holds before the limit is set.
    source = HEAD + "\n" + "((رقم الشكوى)) ((وقت التسجيل))\n\n" * 100

    problems = check_in_subprocess(TextKey("received", "", "email", "ar"), source, {}, **limits)

    assert "لم ينته الفحص" in problems[0].message or "MemoryError" in problems[0].message
