"""The words of our pages: templates/LANGUAGE/pages/PAGE.toml."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from markupsafe import Markup

from daemon import resources
from daemon.templating import page_words
from daemon.templating.keys import CITIZENS_PAGES, PageKey, is_text, page_of
from daemon.templating.page_check import problems_of
from daemon.templating.page_file import filled, sentences_of
from daemon.templating.page_words import LANGUAGES, Shelf, shipped
from daemon.templating.sources import Folder
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


RATING = PageKey("rating", "ar")


def edited(old: str, new: str, key: PageKey = RATING) -> str:
    """A file that we ship with one change."""
    source = (resources.templates() / key.path).read_text("utf-8")
    assert old in source
    return source.replace(old, new, 1)


def told(content: str, key: PageKey = RATING) -> str:
    return "\n".join(map(str, problems_of(key, content)))


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


@each("page", PAGES)
def test_the_shipped_words_have_no_problem(page: str) -> None:
    for key in (PageKey(page, language) for language in LANGUAGES):
        content = (resources.templates() / key.path).read_text("utf-8")

        assert problems_of(key, content) == []
        assert page_of(key.path) == key
        assert is_text(key.path)


def test_every_page_that_citizens_see_is_known_as_theirs() -> None:
    assert {*WORDS, "person"} == CITIZENS_PAGES
    assert set(PAGES) >= CITIZENS_PAGES


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
    shelf = Shelf(Folder(folder), every_s=0.0)
    before = shelf.words("ar", "common", "rating").say("thanks_title")

    (folder / RATING.path).write_text(edited(before, "مع الشكر"), "utf-8")

    assert shelf.words("ar", "common", "rating").say("thanks_title") == "مع الشكر"


@pytest.mark.parametrize(
    "new, said",
    [
        ('thanks_title = ""', "السطر «thanks_title» فارغ"),
        ("thanks_title = 3", "السطر «thanks_title» فارغ"),
        ('thanks_title = "شكرًا ((name))"', "القيم في السطر «thanks_title» يجب أن تكون هذه دون غيرها: –"),
        ('thanks_title = "شكرًا ((الاسم))"', "في السطر «thanks_title» أقواس بلا نظير"),
        ('thanks_title = "شكرًا\\u202E"', "في السطر «thanks_title» أقواس بلا نظير، أو محارف خفية"),
        ('thanks_title = "شكرًا\\nلكم"', "أو أكثر من سطر"),
        ('thanks_title = "**شكرًا**"', "في السطر «thanks_title» العلامة «**»"),
        ('thanks_title = "<b>شكرًا</b>"', "في السطر «thanks_title» العلامة «<»"),
        ('thanks_title = "شكرًا &nbsp;"', "في السطر «thanks_title» العلامة «&nbsp;»"),
        ('thanks_title = "شكرًا {{ name }}"', "في السطر «thanks_title» العلامة «{»"),
        ('thanks_titel = "شكرًا"', "السطر «thanks_titel» لا تعرفه أي صفحة"),
        ('thanks_title = "شكرًا', "تعذرت قراءة هذا السطر"),
    ],
)
def test_what_cannot_serve_is_refused_at_its_line(folder: Path, new: str, said: str) -> None:
    own = Shelf().words("ar", "rating").say("thanks_title")
    content = edited(f'thanks_title = "{own}"', new)
    line = content[: content.index(new)].count("\n") + 1

    assert (
        f"ar/pages/rating.toml:{line}: {said}" in told(content)
        or said in told(content).partition(f"ar/pages/rating.toml:{line}: ")[2]
    )
    (folder / RATING.path).write_text(content, "utf-8")
    words = Shelf(Folder(folder)).words("ar", "common", "rating")
    assert words.say("send_rating")


@pytest.mark.parametrize("new", ["شكرًا ((", "شكرًا\\u202E", "شكرًا\\nلكم", "", "شكرًا ((name))"])
def test_a_sentence_that_cannot_serve_never_is_shown(folder: Path, new: str) -> None:
    own = Shelf().words("ar", "rating").say("thanks_title")

    (folder / RATING.path).write_text(edited(f'thanks_title = "{own}"', f'thanks_title = "{new}"'), "utf-8")

    assert Shelf(Folder(folder)).words("ar", "rating").say("thanks_title") == own


def test_a_line_that_is_missing_is_refused_by_its_name() -> None:
    own = Shelf().words("ar", "rating").say("thanks_title")

    assert "السطر «thanks_title» غير موجود" in told(edited(f'thanks_title = "{own}"', "# شكرًا"))


def test_a_value_that_a_sentence_must_say_is_named() -> None:
    said = told(edited("شكواكم رقم ((number))", "شكواكم"))

    assert said.endswith("القيم في السطر «survey_intro» يجب أن تكون هذه دون غيرها: ((number))")
    assert said.count("\n") == 0


def test_a_sign_that_the_programs_own_sentence_speaks_of_may_stand_there() -> None:
    key = PageKey("admin_texts", "ar")

    assert told(edited("وسطر أوله - بند", "والسطر الذي أوله - بند", key), key) == ""


def test_words_of_no_page_are_refused() -> None:
    assert "لا يوجد نص بهذا الاسم" in told('x = "y"', PageKey("nothing", "ar"))


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x = [" * 50_000, b"#" * 200_000])
def test_a_file_that_is_no_text_breaks_no_page(folder: Path, content: bytes) -> None:
    (folder / "en/pages/rating.toml").write_bytes(content)

    assert Shelf(Folder(folder)).words("en", "rating").say("thanks_title") == "Thank you"


def test_endless_brackets_are_a_problem_like_any_other() -> None:
    assert "تعذرت قراءة" in told("x = [" * 5_000)


def test_a_folder_that_is_older_than_a_page_shows_the_programs_words(tmp_path: Path) -> None:
    assert Shelf(Folder(tmp_path)).words("en", *PAGES).say("thanks_title") == "Thank you"


def test_the_disk_is_not_asked_for_each_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    shelf, stamp = Shelf(Folder(folder)), Folder.stamp
    monkeypatch.setattr(Folder, "stamp", lambda self, path: (asked.append(path), stamp(self, path))[1])

    for _ in range(100):
        shelf.words("ar", "common", "rating")

    assert len(asked) == 2


@pytest.fixture
def in_place(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A source tree, whose own files an admin edits."""
    shutil.copy(resources.templates() / "shipped.txt", folder)
    for name in ("pristine", "templates"):
        monkeypatch.setattr(resources, name, lambda: folder)
    shipped.cache_clear()
    yield folder
    shipped.cache_clear()


def test_where_an_admin_edits_the_programs_own_files_a_spoilt_one_spoils_no_page(in_place: Path) -> None:
    content = edited('thanks_title = "شكرًا لكم"', "thanks_titel = 3").replace("((number))", "")
    (in_place / RATING.path).write_text(content, "utf-8")
    own = shipped("ar")["rating"]

    assert own.keys() == shipped("en")["rating"].keys()
    assert own["send_rating"].text == "إرسال التقييم"
    assert own["thanks_title"].text == "Thank you", "rather than none"
    assert own["survey_intro"].values == {"number"}
    (in_place / RATING.path).write_text("= [", "utf-8")
    shipped.cache_clear()
    assert shipped("ar")["rating"].keys() == own.keys()


@each("page", PAGES)
def test_a_file_as_fields_and_back_is_the_same_file(page: str) -> None:
    for key in (PageKey(page, language) for language in LANGUAGES):
        content = (resources.templates() / key.path).read_text("utf-8")

        assert filled(content, sentences_of(key, content)) == content


def test_a_sentence_is_changed_in_its_line_and_the_notes_stay() -> None:
    content = edited('dear = "', 'dear = "')
    sentences = {**sentences_of(RATING, content), "thanks_title": 'قالوا: "شكرًا" \\ مع التقدير'}

    made = filled(content, sentences)

    assert sentences_of(RATING, made) == sentences
    assert made.startswith(content.partition("\n")[0])
    assert len(made.split("\n")) == len(content.split("\n"))


def test_a_sentence_that_a_file_lacks_comes_at_its_end_and_what_no_page_knows_goes() -> None:
    content = edited('thanks_title = "شكرًا لكم"', 'nothing = "x"')

    made = filled(content, sentences_of(RATING, content))

    assert problems_of(RATING, made) == []
    assert made.endswith('thanks_title = "شكرًا لكم"\n')


def test_a_file_that_is_written_otherwise_becomes_a_line_for_each_sentence() -> None:
    content = edited('thanks_title = "شكرًا لكم"', 'thanks_title = """\nشكرًا لكم"""')

    made = filled(content, sentences_of(RATING, content))

    assert problems_of(RATING, made) == []
    assert sentences_of(RATING, made) == sentences_of(RATING, content)
