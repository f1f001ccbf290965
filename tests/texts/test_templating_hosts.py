"""A typed address leads to hosts that the operator registered, however it is spelt, in every kind of text."""

from __future__ import annotations

import pytest

from daemon import resources
from daemon.templating.check import check
from daemon.templating.hosts import foreign_hosts
from daemon.templating.keys import TextKey
from daemon.templating.pieces import MappingShelf
from daemon.templating.setting import Setting
from daemon.wording.checking import problems_of
from tests.each import each
from tests.unit.test_wording_checking import Texts

OURS = Setting("https://shakwa.momah.gov.sa", ("furas.momah.gov.sa",))


def hosts(words: str) -> list[str]:
    return [host for _, host in foreign_hosts(words, OURS)]


@each(
    "words",
    [
        "[هنا](https://evil.example/x)",
        "[هنا](<https://evil.example>)",
        "[هنا](//evil.example)",
        "[هنا](evil.example)",
        "((رقم الشكوى)).example",
        "<https://evil.example>",
        "https://evil.example",
        "HTTPS://EVIL.EXAMPLE",
        "زوروا evil.example للمزيد",
        "زوروا www.evil",
        "bit.ly/x",
        "https://furas.momah.gov.sa@evil.example/",
        "https://furas.momah.gov.sa:x@evil.example/",
        "https://evil.example/furas.momah.gov.sa",
        "https://furas.momah.gov.sa.evil.example",
        "https://evil.example:443/",
        "https&#58;&#47;&#47;evil.example",
        "[هنا](https:&#47;&#47;evil&#46;example)",
        r"https:\/\/evil\.example",
        "ev\u200bil.exa\u00admple",
        "https://evil。example",
        "https://موقع.السعودية",
        "موقع.السعودية/دخول",
        "http://203.0.113.9/x",
        "203.0.113.9",
        "https://((رقم الشكوى)).evil.example",
        "ftp://evil.example",
    ],
)
def test_an_address_that_leads_elsewhere_is_found(words: str) -> None:
    assert hosts(f"نص\n{words}\n")
    assert next(line for line, _ in foreign_hosts(f"نص\n{words}\n", OURS)) == 2


@pytest.mark.parametrize(
    "words",
    [
        "[هنا](https://furas.momah.gov.sa/login)",
        "https://shakwa.momah.gov.sa/x",
        "furas.momah.gov.sa",
        "[الصفحة](((رابط الصفحة)))",
        "((رابط الصفحة))",
        "[رد](mailto:infocs@momah.gov.sa)",
        "infocs@momah.gov.sa",
        "[اتصال](tel:199040)",
        "صورة.pdf وscreenshot.png",
        "انتهت.وبدأت",
        "10.5 و2.3",
    ],
)
def test_our_own_and_what_is_no_address_are_not(words: str) -> None:
    assert hosts(words) == []


def folder() -> dict[str, str]:
    root = resources.templates()
    return {str(path.relative_to(root)): path.read_text("utf-8") for path in root.glob("ar/pieces/*")}


def test_a_mail_with_a_strangers_link_is_refused_with_its_line_and_a_remedy() -> None:
    source = (resources.templates() / "ar/received.email.md").read_text("utf-8")
    key = TextKey("received", "", "email", "ar")

    (problem,) = check(key, f"{source}\n[هنا](https://evil.example/x)\n", MappingShelf(folder()), OURS)

    assert problem.line == source.count("\n") + 2
    assert "«evil.example» غير مسجل" in problem.message
    assert "مشغّل النظام" in problem.message


def test_a_shared_piece_brings_no_strangers_link_into_a_mail() -> None:
    source = (resources.templates() / "ar/received.email.md").read_text("utf-8")
    pieces = folder()
    pieces["ar/pieces/closing.md"] = f"{pieces['ar/pieces/closing.md'].rstrip()} evil.example\n"

    (problem,) = check(TextKey("received", "", "email", "ar"), source, MappingShelf(pieces), OURS)

    assert problem.path == "ar/pieces/closing.md"


@pytest.mark.parametrize(
    "path,more",
    [
        ("ar/footer.md", "https://evil.example"),
        ("en/footer.staff.md", "[x](https://evil.example)"),
        ("ar/cheat_card.md", "[x](https://evil.example)"),
        ("layout.email.html", '<a href="//evil.example">x</a>'),
        ("ar/history.toml", 'x = "https://evil.example"'),
    ],
)
def test_what_stands_around_the_words_leads_nowhere_else_either(path: str, more: str) -> None:
    content = Texts().read(path).rstrip("\n")

    found = problems_of(path, f"{content}\n{more}\n", Texts(), apart=False)

    assert ("evil.example" in found[0].message, found[0].line) == (True, content.count("\n") + 2)
    assert problems_of(path, Texts().read(path), Texts(), apart=False) == []
