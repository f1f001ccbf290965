"""What a person wrote stays what it is: text. No markup, no link, no header, no change of order."""

from __future__ import annotations

import html
import re
import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from daemon.templating import environment, sample_values, samples
from daemon.templating.catalogue import NOTIFICATIONS
from daemon.templating.direction_marks import unbalanced
from daemon.templating.engine import MARKER, TemplateSet
from daemon.templating.source import segments
from daemon.templating.values import as_html, clean, isolated, safe_target, single_line, title_as_html
from tests.each import each
from tests.texts.test_templating_golden import shipped

ARABIC, ENGLISH = shipped()["ar"], shipped()["en"]
STAFF = samples.usual(NOTIFICATIONS["staff_new"])
CITIZEN = samples.usual(NOTIFICATIONS["received"])

BAD_PIECES = [
    "<script>alert(1)</script>",
    "</title><img src=x onerror=1>",
    "</blockquote></div>",
    "<!--",
    "]]>",
    "&lt;b&gt;",
    "[a](http://evil.example)",
    "http://evil.example",
    "<http://evil.example>",
    "**b**",
    "# h",
    "> q",
    "- l",
    "---",
    "```",
    "\r\nBcc: x@evil.example\r\n\r\n",
    "\u2028",
    "\u2029",
    "\x85",
    "\x0b\x0c\x00\x1b",
    "\u202e",
    "\u2066",
    "\u2069\u2069",
    "\u202c",
    "\u200f",
    "=?utf-8?B?2LQ=?=",
    "{{ ticket_number }}",
    "{% if x %}",
    "\ud800",
    "\ufeff",
    environment.token(0),
    environment.token(1),
    environment.token(999),
    MARKER["ar"],
    "نص عربي",
    "٠٥٠",
    " ",
    "\n",
    "\\",
    "%0d%0a",
    "'\"",
]
hostile = st.lists(st.one_of(st.sampled_from(BAD_PIECES), st.text(max_size=5)), max_size=6).map("".join)


class Shape(HTMLParser):
    """The elements and links of a page, and its text; <span dir> and <br> come with values."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.words = ""
        self.comments = 0
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("span", "br"):
            self.tags.append((tag, tuple(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag != "span":
            self.tags.append(("/" + tag, ()))

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_comment(self, data: str) -> None:
        self.comments += 1


def without_marks(text: str) -> str:
    """Without those that stand around values in the HTML part."""
    return re.sub("[\u200e\u200f]", "", text)


def with_everywhere(values: sample_values.Context, words: str) -> sample_values.Context:
    declared = NOTIFICATIONS["staff_new"].variables
    changed = dict(values)
    for name in values:
        if declared[name].kind in ("line", "lines") and not declared[name].choices:
            changed[name] = words
    return changed


@pytest.mark.parametrize("templates", [ARABIC, ENGLISH], ids=["ar", "en"])
@given(words=hostile.filter(lambda words: bool(clean(words).strip())))
@example(words="".join(BAD_PIECES))
def test_values_never_change_the_page(templates: TemplateSet, words: str) -> None:
    usual = templates.render_email("staff_new", with_everywhere(STAFF, "نص"))

    email = templates.render_email("staff_new", with_everywhere(STAFF, words))

    assert email.fallback == ""
    page, expected = Shape(email.html), Shape(usual.html)
    assert page.tags == expected.tags
    assert page.comments == expected.comments
    said = without_marks("".join(clean(words).split()))
    assert said in without_marks("".join(page.words.split()))


@given(words=hostile)
@example(words="".join(BAD_PIECES))
def test_the_text_part_keeps_every_character_and_its_order(words: str) -> None:
    email = ARABIC.render_email("staff_new", with_everywhere(STAFF, words))

    assert email.fallback == ""
    assert email.text.startswith(MARKER["ar"] + "\n\n")
    assert not unbalanced(email.text)
    assert not re.search(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066\u2067\ud800-\udfff]", email.text.replace("\t", "")
    )
    plain = email.text.replace("\u2068", "").replace("\u2069", "")
    for line in clean(words).strip().split("\n"):
        assert line.rstrip() in plain


@given(words=hostile)
@example(words="".join(BAD_PIECES))
def test_a_subject_and_an_sms_are_one_printable_line(words: str) -> None:
    alert = ARABIC.render_email(
        "operator_alert", {**samples.usual(NOTIFICATIONS["operator_alert"]), "what": words}
    )
    message = ARABIC.render_sms("received", {**CITIZEN, "unified_number": words, "requester_name": words})

    assert alert.fallback == ""
    assert len(alert.subject) <= 250
    for line in (alert.subject, message.text):
        assert line
        assert line.splitlines() == [line]
        assert line == line.strip()
        assert "=?" not in line
        assert not any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in line)
        assert not re.search("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]", line)


@given(words=hostile)
def test_a_value_cannot_name_a_placeholder(words: str) -> None:
    secret = "only-the-subject"
    values = {**STAFF, "subject": secret, "text": words + "".join(environment.token(i) for i in range(30))}

    email = ARABIC.render_email("staff_new", values)

    assert email.text.count(secret) == 1
    assert email.html.count(secret) == 1


def test_placeholders_differ_between_processes_and_are_not_short() -> None:
    assert len(environment.token(0)) >= 18


@given(st.text())
def test_cleaning_is_idempotent_and_isolation_is_balanced(words: str) -> None:
    for text in (words, words + "\u2067abc\u202e"):
        once = clean(text)
        assert clean(once) == once
        assert single_line(single_line(text)) == single_line(text)
        for language in ("ar", "en"):
            assert not unbalanced(isolated(once, language, "> "))
            shown = html.unescape(re.sub("<[^>]*>", "", as_html(once, language)))
            assert without_marks(shown) == without_marks(once)
        once.encode("utf-8")


@pytest.mark.parametrize(
    "value,shown",
    [
        ("FRS-2026-000123-4", "\u2068FRS-2026-000123-4\u2069"),
        ("+966501234567", "\u2068+966501234567\u2069"),
        ("٠٥٠١٢٣", "\u2068٠٥٠١٢٣\u2069"),
        ("محمد (ABC)", "\u2068محمد (ABC)\u2069"),
        ("عبدالله بن محمد", "عبدالله بن محمد"),
        ("https://furas.momah.gov.sa/c/abc", "https://furas.momah.gov.sa/c/abc"),
        ("سطر\nline two", "سطر\n\u2068line two\u2069"),
        ("\u202eabc", "\u2068abc\u2069"),
    ],
)
def test_isolation_in_arabic(value: str, shown: str) -> None:
    assert isolated(clean(value), "ar") == shown


@pytest.mark.parametrize(
    "value,shown",
    [
        ("عبدالله بن محمد", "عبدالله بن محمد"),
        (
            "+966501234567",
            '&rlm;<span dir="ltr" style="white-space:nowrap">&lrm;+966501234567&lrm;</span>&rlm;',
        ),
        ("#resolve", '&rlm;<span dir="ltr" style="white-space:nowrap">&lrm;#resolve&lrm;</span>&rlm;'),
        ("#تمديد 3", '<span dir="rtl" style="white-space:nowrap">&rlm;#تمديد 3&rlm;</span>'),
        ("محمد (ABC)", '<span dir="rtl">&rlm;محمد (ABC)&rlm;</span>'),
        (
            "FRS-2026-000123-4",
            '&rlm;<span dir="ltr" style="white-space:nowrap">&lrm;FRS-2026-000123-4&lrm;</span>&rlm;',
        ),
        ("12 < 13", '&rlm;<span dir="ltr">&lrm;12 &lt; 13&lrm;</span>&rlm;'),
        ("سطر\nline", 'سطر<br>\n&rlm;<span dir="ltr">&lrm;line&lrm;</span>&rlm;'),
    ],
)
def test_a_value_in_arabic_html_stands_apart_by_its_own_direction(value: str, shown: str) -> None:
    assert as_html(clean(value), "ar") == shown


@pytest.mark.parametrize(
    "value,shown",
    [
        ("Sara (ABC)", "Sara (ABC)"),
        ("سارة", '&lrm;<span dir="rtl">&rlm;سارة&rlm;</span>&lrm;'),
        ("Sara سارة", '<span dir="ltr">&lrm;Sara سارة&lrm;</span>'),
        ("#تمديد 3", '&lrm;<span dir="rtl" style="white-space:nowrap">&rlm;#تمديد 3&rlm;</span>&lrm;'),
    ],
)
def test_a_value_in_english_html_stands_apart_where_it_holds_arabic(value: str, shown: str) -> None:
    assert as_html(clean(value), "en") == shown


def test_a_subject_as_a_title_keeps_the_number_in_one_piece_and_is_escaped() -> None:
    title = title_as_html("شكوى FRS-2026-000123-4: <b>", "ar")

    number = '&rlm;<span dir="ltr" style="white-space:nowrap">&lrm;FRS-2026-000123-4&lrm;</span>&rlm;'
    assert title == f"شكوى {number}: &lt;b&gt;"


TARGETS = [
    ("https://furas.momah.gov.sa/c/abc?x=1&y=2#z", True),
    ("http://[::1]/", True),
    ("mailto:infocs@momah.gov.sa", True),
    ("", False),
    ("javascript:alert(1)", False),
    ("JaVaScRiPt:alert(1)", False),
    ("java\nscript:alert(1)", False),
    ("data:text/html,x", False),
    ("vbscript:x", False),
    ("file:///etc/passwd", False),
    ("//evil.example", False),
    ("/relative", False),
    ("https:evil", False),
    ('https://x.example/"onmouseover=1', False),
    ("https://x.example/<b>", False),
    ("https://x.example/a b", False),
    ("https://x.example\\@evil", False),
    ("ftp://x.example", False),
    ("tel:199040", False),
]


@each("url,good", TARGETS)
def test_only_web_and_mail_addresses_become_links(url: str, good: bool) -> None:
    values = {**samples.usual(NOTIFICATIONS["info_requested"]), "status_url": url}

    email = ARABIC.render_email("info_requested", values)
    links = [dict(attrs)["href"] for tag, attrs in Shape(email.html).tags if tag == "a"]

    assert email.fallback == ""
    assert bool(safe_target(url)) is good
    ours = ["tel:199040", "mailto:infocs@momah.gov.sa"]
    assert links == ([url, *ours] if good else ours)
    if not good and url:
        assert url not in email.text


@pytest.mark.parametrize("url", [" https://x.example", "https://x.example/\u202egpj", "https://x.example\n"])
def test_a_target_is_judged_to_its_last_character(url: str) -> None:
    assert safe_target(url) == ""


def test_a_configured_address_cannot_leave_its_link() -> None:
    values = {**CITIZEN, "mailbox_address": 'a@b.example?bcc=x@evil.example"><b>', "unified_number": "1/../2"}

    page = Shape(ARABIC.render_email("received", values).html)

    links = [str(dict(attrs)["href"]) for tag, attrs in page.tags if tag == "a"]
    assert [link for link in links if not link.startswith("https:")] == [
        "tel:1%2F..%2F2",
        "mailto:a@b.example%3Fbcc%3Dx@evil.example%22%3E%3Cb%3E",
    ]


def test_thousands_of_attachments_are_counted_not_listed() -> None:
    email = ARABIC.render_email("staff_new", {**STAFF, "attachments": [f"a{n}.png" for n in range(5000)]})

    assert email.fallback == ""
    assert email.text.count(".png") == 40
    assert "+4960" in email.text


@given(st.text(alphabet=st.sampled_from("abc€{}\\ ابت،\U0001f600é\n"), max_size=330))
def test_segments_agree_with_smsutil(text: str) -> None:
    import smsutil

    assert segments(text) == len(smsutil.split(text).parts)


@pytest.mark.parametrize("length,count", [(70, 1), (71, 2), (134, 2), (135, 3)])
def test_arabic_segments(length: int, count: int) -> None:
    assert segments("ش" * length) == count
