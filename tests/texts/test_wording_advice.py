"""What an editor may want to look at again."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from daemon import resources
from daemon.templating import shipped
from daemon.wording import advice as advising
from daemon.wording.advice import MOST_FOUND, advice

HEAD = "---\nsubject: شكوى ((رقم الشكوى))\n---\n"


@pytest.fixture
def no_dictionary(monkeypatch: pytest.MonkeyPatch) -> None:
    """For what is no matter of spelling: to start the dictionary takes a quarter of a second."""
    monkeypatch.setattr(shutil, "which", lambda _: None)


def hints(body: str, path: str = "ar/closed.email.md") -> list[str]:
    return [str(one) for one in advice({path: HEAD + body})]


@pytest.mark.usefixtures("no_dictionary")
@pytest.mark.parametrize(
    "body,found",
    [
        ("خلال 10 أيام عمل من الآن", "«10 أيام عمل»"),
        ("مدة 14 يومًا.", "«14 يومًا»"),
        ("within 3 business days", "«3 business days»"),
        ("خلال ((مدة إعادة الفتح))", ""),
        ("خلال ثلاثة أيام عمل", "«ثلاثة أيام عمل»"),
        ("خلال عشرة أيام", "«عشرة أيام»"),
        ("بعد يومين من الآن", "«يومين»"),
        ("خلال يومي عمل", "«يومي عمل»"),
        ("خلال يوم عمل واحد", "«يوم عمل واحد»"),
        ("خلال أربعة عشر يومًا", "«أربعة عشر يومًا»"),
        ("خلال ١٠ أيام عمل", "«١٠ أيام عمل»"),
        ("خلال ۱۴ يومًا", "«۱۴ يومًا»"),
        ("وثلاث ساعات", "«وثلاث ساعات»"),
        ("within three business days", "«three business days»"),
        ("for two weeks", "«two weeks»"),
        ("في اليوم نفسه، يومكم سعيد", ""),
        ("`10 أيام`", ""),
    ],
)
def test_a_duration_typed_as_a_number_is_told_of_with_its_line(body: str, found: str) -> None:
    said = [one for one in hints(body) if "كُتبت المدة" in one]

    assert bool(said) is bool(found)
    assert all(one.startswith("ar/closed.email.md:4: ") and found in one for one in said)


@pytest.mark.usefixtures("no_dictionary")
@pytest.mark.parametrize(
    "body,found",
    [
        ("على الرقم 199040", "«199040»"),
        ("على الرقم ١٩٩٠٤٠", "«١٩٩٠٤٠»"),
        ("+966501234567", "«+966501234567»"),
        ("1. أولًا", ""),
        ("[رد](mailto:x@momah.gov.sa?subject=a%20b)", ""),
        ("في 2026-12-01، 10:30", ""),
        ("خلال 10 أيام عمل", ""),
    ],
)
def test_a_number_that_is_typed_is_told_of(body: str, found: str) -> None:
    said = [one for one in hints(body) if "كُتب الرقم" in one]

    assert [found in one for one in said] == ([True] if found else [])


def test_a_word_that_the_dictionary_does_not_know_is_told_of_once() -> None:
    if not shutil.which("hunspell"):
        assert os.environ.get("CI") != "true", "hunspell is missing: apt-get install hunspell hunspell-ar"
        pytest.skip("hunspell is missing: apt-get install hunspell hunspell-ar")

    said = hints("سيجابايت و سيجابايت وشكواكم ومعالجة")

    assert said == ["ar/closed.email.md:4: كلمة قد يكون فيها خطأ إملائي: «سيجابايت». هل تقصدون: سيجابه؟"]


def test_what_holds_no_words_gets_no_advice() -> None:
    assert advice({"layout.email.html": "10 days", "ar/names.toml": 'x = "10 days"'}) == []


@pytest.mark.usefixtures("no_dictionary")
@pytest.mark.parametrize("path", ["ar/footer.md", "ar/footer.staff.md", "ar/cheat_card.md"])
def test_what_stands_around_the_mails_gets_advice(path: str) -> None:
    assert [(one.path, one.line) for one in advice({path: "العناية\nخلال 77 يومًا"})] == [(path, 2)]


@pytest.mark.usefixtures("no_dictionary")
@pytest.mark.parametrize("path", ["ar/pages/rating.toml", "ar/history.toml"])
def test_of_a_file_of_sentences_the_sentences_are_looked_at(path: str) -> None:
    content = '# خلال 77 يومًا\n\nfor_77_days = "((number)) {days}"\nother = "خلال 77 يومًا"  # 88 يومًا\n'

    assert [(one.line, "77 يومًا" in one.message) for one in advice({path: content})] == [(4, True)]


@pytest.mark.usefixtures("no_dictionary")
def test_a_number_that_the_program_says_itself_is_told_of_nobody() -> None:
    path = "ar/staff_new.privacy.email.md"
    own = (resources.templates() / path).read_text("utf-8")
    assert "ثلاثون يومًا" in own, "a term of the law"

    assert advice({path: own}) == []
    assert [one.line for one in advice({path: own + "\nخلال ثلاثة أيام"})] == [own.count("\n") + 2]


def test_nothing_is_told_of_any_text_that_the_program_comes_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advising, "LOOKS_S", 600)  # of all at once, on any machine
    folder = resources.templates()
    contents = {path: (folder / path).read_text("utf-8") for path in shipped.files(folder)}

    assert [str(one) for one in advice(contents)] == []


def test_a_slip_in_a_sentence_of_a_page_is_told_of_with_its_line() -> None:
    if not shutil.which("hunspell"):
        pytest.skip("hunspell is missing: apt-get install hunspell hunspell-ar")
    path = "ar/pages/rating.toml"
    own = (resources.templates() / path).read_text("utf-8")
    line = 1 + own.split("\n").index(next(one for one in own.split("\n") if one.startswith("survey_title")))

    (found,) = advice({path: own.replace("تقييم معالجة", "تقييم معاالجة", 1)})

    assert (found.line, "معاالجة" in found.message) == (line, True)


def test_the_dictionary_is_started_once_for_all_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Answer:
        stdout = "& شكوا 1 0: شكوى\n# صصص 0\n"

    def run(command: list[str], *, input: str, **others: object) -> Answer:
        asked.append(input)
        return Answer()

    monkeypatch.setattr(shutil, "which", lambda name: name)
    monkeypatch.setattr(subprocess, "run", run)

    said = advice(
        {"ar/joined.email.md": "شكوا", "ar/closed.email.md": "صَصص\nشكوا", "en/closed.email.md": "x"}
    )

    assert [(one.path, one.line) for one in said] == [
        ("ar/joined.email.md", 1),
        ("ar/closed.email.md", 1),
        ("ar/closed.email.md", 2),
    ]
    assert len(asked) == 1


def test_what_the_dictionary_said_in_time_is_told_where_it_takes_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def run(command: list[str], *, timeout: float, **others: object) -> None:
        raise subprocess.TimeoutExpired(command, timeout, "& شكواا 1 0: شكوى\n# ضض".encode())

    monkeypatch.setattr(shutil, "which", lambda name: name)
    monkeypatch.setattr(subprocess, "run", run)

    said = advice({"ar/joined.email.md": "شكواا ضضض"})

    assert [one.message for one in said] == ["كلمة قد يكون فيها خطأ إملائي: «شكواا». هل تقصدون: شكوى؟"]


def test_a_text_full_of_doubts_is_told_of_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)

    assert len(advice({"ar/joined.email.md": "12 " * 10_000})) == MOST_FOUND


def test_what_is_no_word_of_any_language_is_looked_up_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    # Of sixteen thousand letters in a row the dictionary thinks for five seconds.
    monkeypatch.setattr(shutil, "which", lambda name: name)
    monkeypatch.setattr(subprocess, "run", lambda *given, **named: pytest.fail("looked up"))

    assert advice({"ar/joined.email.md": "ا" * 16_000}) == []
