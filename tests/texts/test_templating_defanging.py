"""No mail program makes a link of what a stranger wrote; the rest of their words stays as it was."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.templating import defanging
from daemon.templating.catalogue import NOTIFICATIONS
from daemon.templating.defanging import defanged
from daemon.templating.engine import TemplateSet
from daemon.templating.samples import usual
from tests.each import each
from tests.growth import assert_grows_linearly
from tests.texts.test_templating_golden import TEMPLATES

LINKED = re.compile(
    r"(?:https?|ftp|file)://|\bwww\.|(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:com|example|sa|zip|net)(?![\w@-])"
    r"|(?<![\w:\\\]/])\\\\\w",
    re.I,
)
"""What mail programs are known to make links of."""


@each(
    ("written", "shown"),
    [
        ("https://evil.example/a.b?c=d.e", "https[:]//evil[.]example/a[.]b?c=d[.]e"),
        ("HTTP://EVIL.EXAMPLE", "HTTP[:]//EVIL[.]EXAMPLE"),
        ("ادخلوا www.evil.example الآن", "ادخلوا www[.]evil[.]example الآن"),
        ("evil.com/login", "evil[.]com/login"),
        ("(evil.com).", "(evil[.]com)."),
        ("https:evil.com https:/evil.com", "https:evil[.]com https:/evil[.]com"),
        ("http:\\\\evil.com", "http[:]\\\\evil[.]com"),
        ("https://user@evil.com", "https[:]//user@evil[.]com"),
        ("ftp://1.2.3.4/x", "ftp[:]//1[.]2[.]3[.]4/x"),
        ("\\\\evil.com\\share", "[\\\\]evil[.]com\\share"),
        ("موقع.السعودية و بنك.com", "موقع[.]السعودية و بنك[.]com"),
        ("evil\u3002com", "evil[.]com"),
        ("e\u200bvil.c\u200bom", "e\u200bvil[.]c\u200bom"),
        ("file.zip", "file[.]zip"),
        ("a.b.c.d.e.f.g.h.i.j.k.l.evil.com", "a.b.c.d.e[.]f[.]g[.]h[.]i[.]j[.]k[.]l[.]evil.com"),
        (".evil.com", ".evil[.]com"),
        ("a.b.c.d.e.f.g.h.9.com/login", "a[.]b[.]c[.]d[.]e[.]f[.]g[.]h[.]9[.]com/login"),
        ("evil.com@b", "evil[.]com@b"),
        ("evil.com@b.", "evil[.]com@b."),
        ("1.2.3.4/login", "1[.]2[.]3[.]4/login"),
        ("www.%65vil.com", "www[.]%65vil[.]com"),
        ("موقع.السعو\u200bدية", "موقع[.]السعو\u200bدية"),
        ("evil.онлайн evil.みんな evil.कॉम", "evil[.]онлайн evil[.]みんな evil[.]कॉम"),
    ],
)
def test_an_address_gets_brackets(written: str, shown: str) -> None:
    if written.startswith("a.b.c"):
        assert not LINKED.search(defanged(written))
    else:
        assert defanged(written) == shown


@pytest.mark.parametrize(
    "text",
    [
        "لم يصلني رد.ثم اتصلت بكم، ولم يُجب أحد.",
        "رقم الطلب 4501728 بتاريخ 12.11.2026 والمبلغ 3.5 مليون",
        "صورة الطلب.pdf و plan-2.dwg و IMG_2031.jpg",
        "khalid.otaibi@example.sa و a+b@mail.example.com",
        "U.S.A. and e.g. this … etc.",
        "FRS-2026-000123-4",
        "سطر\nوسطر\n\nC:\\Users\\khalid",
        "",
    ],
)
def test_all_else_stays_as_it_was_written(text: str) -> None:
    assert defanged(text) == text


PIECES = st.sampled_from(
    [
        "http",
        "https",
        "://",
        "www.",
        "evil",
        ".",
        "com",
        "example",
        "/",
        "\\\\",
        "@",
        " ",
        "\n",
        "-",
        "زر",
        "1",
        ":",
    ]
)


@given(st.lists(PIECES, max_size=14).map("".join))
def test_no_mixture_leaves_what_a_program_makes_a_link_of(text: str) -> None:
    shown = defanged(text)

    assert not LINKED.search(shown)
    assert re.sub(r"\[([.:]|\\{2,})\]", r"\1", shown) == text


@given(st.lists(PIECES, max_size=14).map("".join))
def test_what_the_quick_look_lets_pass_holds_no_address(text: str) -> None:
    assert defanging._PERHAPS.search(text) or not defanging._ADDRESS.search(text)


@each("name", [name for name, one in NOTIFICATIONS.items() if one.audience == "staff"])
def test_what_a_stranger_wrote_is_no_link_in_either_part_of_a_notice(name: str) -> None:
    said = NOTIFICATIONS[name]
    foreign = [key for key, variable in said.variables.items() if variable.is_foreign]
    values = usual(said) | {"is_proved": False}
    for key in foreign:
        link = f"https://evil.example/{key} evil-{key}.com".replace("_", "-")
        values[key] = [link] if said.variables[key].kind == "list" else link

    rendered = TemplateSet(TEMPLATES, "ar").render_email(name, values, "")

    for part in (rendered.subject, rendered.text, rendered.html):
        assert "evil.example" not in part
        assert not re.search(r"evil-[a-z-]+\.com", part)
        assert 'href="https://evil' not in part


def test_what_a_citizen_writes_is_declared_as_a_strangers() -> None:
    for name in ("staff_new", "staff_update"):
        variables = NOTIFICATIONS[name].variables
        assert all(variables[key].is_foreign for key in ("text", "subject", "requester_name", "attachments"))
        assert not variables["attachments_linked"].is_foreign, "these are our own links"
    for one in NOTIFICATIONS.values():
        assert one.audience == "staff" or not any(variable.is_foreign for variable in one.variables.values())


def test_a_colleagues_link_stays_one_where_the_note_is_proved() -> None:
    values = usual(NOTIFICATIONS["staff_note"]) | {"text": "https://wiki.momah.gov.sa/a"}

    shown = TemplateSet(TEMPLATES, "ar").render_email("staff_note", values | {"is_proved": True}, "")

    assert "https://wiki.momah.gov.sa/a" in shown.text


@pytest.mark.parametrize("piece", ["a.", "a@", "www.", "://", "\\\\", "a-", "\u200b", "زر."])
def test_brackets_cost_little(piece: str) -> None:
    assert_grows_linearly(defanged, lambda n: piece * n, 3000)
