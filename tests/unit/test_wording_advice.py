"""What an editor may want to look at again."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from daemon.wording.advice import advice

HEAD = "---\nsubject: شكوى ((رقم الشكوى))\n---\n"


def hints(body: str, path: str = "ar/closed.email.md") -> list[str]:
    return [str(one) for one in advice({path: HEAD + body})]


@pytest.mark.parametrize(
    "body,found",
    [
        ("خلال 10 أيام عمل من الآن", "«10 أيام عمل»"),
        ("مدة 14 يومًا.", "«14 يومًا»"),
        ("within 3 business days", "«3 business days»"),
        ("خلال ((مدة إعادة الفتح))", ""),
        ("على الرقم 199040", ""),
        ("`10 أيام`", ""),
    ],
)
def test_a_duration_typed_as_a_number_is_told_of_with_its_line(body: str, found: str) -> None:
    said = [one for one in hints(body) if "رقمًا ثابتًا" in one]

    assert bool(said) is bool(found)
    assert all(one.startswith("ar/closed.email.md:4: ") and found in one for one in said)


def test_a_word_that_the_dictionary_does_not_know_is_told_of_once() -> None:
    if not shutil.which("hunspell"):
        assert os.environ.get("CI") != "true", "hunspell is missing: apt-get install hunspell hunspell-ar"
        pytest.skip("hunspell is missing: apt-get install hunspell hunspell-ar")

    said = hints("ميجابايت و ميجابايت وشكواكم ومعالجة")

    assert said == ["ar/closed.email.md:4: كلمة قد يكون فيها خطأ إملائي: «ميجابايت». هل تقصدون: ميغابايت؟"]


def test_what_is_no_text_of_its_own_gets_no_advice() -> None:
    assert advice({"layout.email.html": "10 days"}) == []


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
