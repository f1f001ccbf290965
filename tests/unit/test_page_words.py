"""The words of our pages: templates/LANGUAGE/pages/PAGE.toml."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from markupsafe import Markup

from daemon import resources
from daemon.templating import page_words
from daemon.templating.page_words import LANGUAGES, Shelf, problems, shipped
from daemon.web.pages import WORDS
from tests.each import each

PAGES = sorted(shipped("ar"))
APART = sorted(set(PAGES) - {*WORDS, "admin"})
"""Of the admins' sections, each shown within the frame of /admin/, and of what is no page."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An admin's copy of the texts."""
    for language in LANGUAGES:
        shutil.copytree(resources.templates() / language / "pages", tmp_path / language / "pages")
    return tmp_path


def edit(folder: Path, path: str, old: str, new: str) -> None:
    file = folder / path
    source = file.read_text("utf-8")
    assert old in source
    file.write_text(source.replace(old, new, 1), "utf-8")
    os.utime(file, ns=(1, 1))


def test_both_languages_have_the_same_files() -> None:
    assert shipped("ar").keys() == shipped("en").keys()


@each("page", PAGES)
def test_both_languages_have_the_same_keys_with_the_same_values(page: str) -> None:
    arabic, english = (
        {key: one.values for key, one in shipped(language)[page].items()} for language in LANGUAGES
    )

    assert arabic == english


@pytest.mark.parametrize("together", [WORDS, *(("common", "admin", page) for page in APART)])
def test_no_word_stands_in_two_files_that_are_shown_together(together: tuple[str, ...]) -> None:
    keys = [key for page in together for key in shipped("ar")[page]]

    assert len(keys) == len(set(keys))


def test_the_shipped_words_have_no_problem() -> None:
    assert problems(resources.templates()) == []


def test_every_word_that_a_page_of_ours_asks_for_is_there() -> None:
    known = set().union(*shipped("ar").values())
    asked = {
        key
        for file in resources.pages().rglob("*.html")
        for key in re.findall(r'say\("([a-z0-9_]+)"[,)]', file.read_text("utf-8"))
    }

    assert asked - known == set()


def test_a_sentence_is_escaped_and_its_values_are_isolated() -> None:
    words = page_words.PageWords("ar", {"x": page_words.sentence("<b> ((number)) & ((link))")})

    said = words.say("x", number="<1>\u202e", link=Markup("<a>y</a>"))

    assert said == "&lt;b&gt; <bdi>&lt;1&gt;</bdi> &amp; <a>y</a>"
    assert words.plain("x", number="1", link="y") == "<b> \u20681\u2069 & \u2068y\u2069"


def test_an_admins_words_are_shown_and_so_is_the_next_change(folder: Path) -> None:
    shelf = Shelf(folder, every_s=0.0)
    before = shelf.words("ar", "common", "rating").say("thanks_title")

    edit(folder, "ar/pages/rating.toml", before, "مع الشكر")

    assert shelf.words("ar", "common", "rating").say("thanks_title") == "مع الشكر"
    assert problems(folder) == []


@pytest.mark.parametrize(
    "new, told",
    [
        ('thanks_title = ""', "ar/pages/rating.toml: السطر «thanks_title» فارغ"),
        ("thanks_title = 3", "ar/pages/rating.toml: السطر «thanks_title» فارغ"),
        ('thanks_title = "شكرًا ((name))"', "القيم في السطر «thanks_title» يجب أن تكون هذه دون غيرها: –"),
        ('thanks_title = "شكرًا ((الاسم))"', "في السطر «thanks_title» أقواس بلا نظير"),
        ('thanks_title = "شكرًا\\u202E"', "في السطر «thanks_title» أقواس بلا نظير أو محارف خفية"),
        ('thanks_titel = "شكرًا"', "السطر «thanks_titel» لا تعرفه أي صفحة"),
        ('thanks_titel = "شكرًا"', "السطر «thanks_title» غير موجود"),
        ('thanks_title = "شكرًا', "ar/pages/rating.toml: تعذرت قراءة الملف"),
    ],
)
def test_what_cannot_serve_is_told_and_the_programs_own_words_are_shown(
    folder: Path, new: str, told: str
) -> None:
    own = Shelf().words("ar", "rating").say("thanks_title")

    edit(folder, "ar/pages/rating.toml", f'thanks_title = "{own}"', new)

    words = Shelf(folder).words("ar", "common", "rating")
    assert words.say("thanks_title") == own
    assert words.say("send_rating")
    assert told in "\n".join(map(str, problems(folder)))


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x = [" * 50_000, b"#" * 200_000])
def test_a_file_that_is_no_text_breaks_no_page(folder: Path, content: bytes) -> None:
    (folder / "en/pages/rating.toml").write_bytes(content)

    assert Shelf(folder).words("en", "rating").say("thanks_title") == "Thank you"
    assert [problem.path for problem in problems(folder)] == ["en/pages/rating.toml"]


def test_a_folder_that_is_older_than_a_page_shows_the_programs_words(tmp_path: Path) -> None:
    assert Shelf(tmp_path).words("en", *PAGES).say("thanks_title") == "Thank you"
    assert problems(tmp_path) == []


def test_the_disk_is_not_asked_for_each_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    shelf, stat = Shelf(folder), os.stat
    monkeypatch.setattr(page_words.os, "stat", lambda path, **how: (asked.append(path), stat(path, **how))[1])

    for _ in range(100):
        shelf.words("ar", "common", "rating")

    assert len(asked) == 2
