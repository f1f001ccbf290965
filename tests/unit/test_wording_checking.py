"""What no file of the texts may be, of whatever kind it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from daemon import resources
from daemon.templating import shipped
from daemon.templating.keys import key_of
from daemon.templating.setting import Setting
from daemon.wording.checking import _is_ever_said, problems_of
from tests.each import each


class Texts:
    """The texts that the program comes with, some of them changed."""

    setting = Setting()

    def __init__(self, changed: Mapping[str, str] | None = None) -> None:
        self._folder: Path = resources.templates()
        self._changed = changed or {}

    def paths(self) -> list[str]:
        return shipped.files(self._folder)

    def read(self, path: str) -> str:
        return self._changed.get(path) or (self._folder / path).read_text("utf-8")


def messages(path: str, content: str) -> list[str]:
    return [str(one) for one in problems_of(path, content, Texts(), apart=False)]


@each(
    "path",
    [
        "ar/footer.md",
        "en/footer.staff.md",
        "layout.email.html",
        "ar/history.toml",
        "ar/cheat_card.md",
        "ar/pieces/greeting.named.md",
        "ar/received.sms.txt",
    ],
)
@each("sign", ["\x00", "\x1b", "\x85", "\u2028"])
def test_a_control_character_stands_in_no_file(path: str, sign: str) -> None:
    content = Texts().read(path)

    (told,) = messages(path, f"{content}س{sign}س\n")

    assert f"U+{ord(sign):04X}" in told
    assert f":{content.count(chr(10)) + 1}:" in told


@pytest.mark.parametrize(
    "name", ["greeting.nobody", "greeting", "greetings", "page.yes", "old.greeting.named"]
)
def test_a_piece_that_no_text_can_say_is_none(name: str) -> None:
    assert messages(f"ar/pieces/{name}.md", "x\n") != []
    assert len(messages(f"en/pieces/{name}.md", "x\n")) == 1


def test_every_piece_that_the_program_comes_with_can_be_said() -> None:
    pieces = [key for path in Texts().paths() if (key := key_of(path)) and key.is_piece]

    assert len(pieces) > 50
    assert [key.path for key in pieces if not _is_ever_said(key)] == []


@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_footer_for_citizens_keeps_the_telephone_and_the_privacy_notice(language: str) -> None:
    path = f"{language}/footer.md"
    lines = Texts().read(path).split("\n")

    def without(name: str) -> list[str]:
        called = {"number": ("الرقم الموحد", "unified number"), "notice": ("إشعار الخصوصية", "privacy")}[name]
        return messages(path, "\n".join(line for line in lines if not any(word in line for word in called)))

    assert messages(path, "\n".join(lines)) == []
    assert len(without("number")) == 1
    assert len(without("notice")) == 1
    assert len(messages(path, "x\n")) == 2


def test_the_telephone_must_stand_where_there_is_no_privacy_notice_too() -> None:
    inside = "[[\n((unified number)) [Privacy](((link of the privacy notice)))\n]]\n"

    assert len(messages("en/footer.md", inside)) == 1


def test_what_colleagues_read_below_a_mail_need_not_say_it() -> None:
    assert messages("ar/footer.staff.md", "x\n") == []
