"""What a revision changed, word by word; and what a file of the folder is to a person."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.wording.differences import MOST_PAIRS, Part, differences, marked
from daemon.wording.overview import Row, Text, named, nearest, text_of
from daemon.wording.revisions import Rules, is_for_citizens

TEXT = st.text(alphabet="ابجد abc\n ()", max_size=60)


def test_a_changed_word_is_shown_beside_the_one_it_came_for() -> None:
    parts = differences("السلام عليكم\nشكواكم قيد المعالجة", "السلام عليكم\nشكواكم قيد الدراسة")

    assert parts == [
        Part("same", "السلام عليكم\nشكواكم قيد "),
        Part("removed", "المعالجة"),
        Part("added", "الدراسة"),
    ]
    assert list(marked(parts)) == ["شكواكم قيد [-المعالجة-]{+الدراسة+}"]


def test_words_that_went_over_several_lines_are_marked_in_each() -> None:
    assert list(marked(differences("a\nb c\nd e\nf", "a\nf"))) == ["[-b c-]", "[-d e-]"]


@pytest.mark.parametrize("between", [" ", "\n"])
def test_long_texts_of_the_same_words_are_compared_within_a_bound(
    monkeypatch: pytest.MonkeyPatch, between: str
) -> None:
    # Word by word it took minutes.
    old, new = f"نعم{between}لا{between}" * 4_000, f"لا{between}نعم{between}" * 4_000
    asked: list[int] = []
    whole = difflib.SequenceMatcher

    def counted(junk: None, before: list[str], after: list[str], autojunk: bool) -> object:
        asked.append(len(before) * len(after))
        assert sum(asked) <= 2 * MOST_PAIRS
        return whole(junk, before, after, autojunk)

    monkeypatch.setattr(difflib, "SequenceMatcher", counted)

    parts = differences(old, new)

    assert "".join(part.words for part in parts if part.kind != "added") == old
    assert "".join(part.words for part in parts if part.kind != "removed") == new


def test_one_word_in_a_long_text_is_found_whatever_stands_around_it() -> None:
    around = "نعم لا " * 4_000

    parts = differences(f"{around}قبل {around}", f"{around}بعد {around}")

    assert [(part.kind, part.words) for part in parts if part.kind != "same"] == [
        ("removed", "قبل"),
        ("added", "بعد"),
    ]


def test_the_same_text_has_no_marked_line() -> None:
    assert list(marked(differences("كما هو", "كما هو"))) == []


@given(TEXT, TEXT)
def test_the_parts_are_both_versions_whole(old: str, new: str) -> None:
    parts = differences(old, new)

    assert "".join(part.words for part in parts if part.kind != "added") == old
    assert "".join(part.words for part in parts if part.kind != "removed") == new


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("ar/closed.email.md", Text("ar/closed.email.md", "closed", "email", "ar", "citizen")),
        ("en/staff_new.email.md", Text("en/staff_new.email.md", "staff_new", "email", "en", "staff")),
        ("ar/pieces/missing.md", Text("ar/pieces/missing.md", "pieces/missing", "email", "ar", "all")),
        ("ar/footer.md", Text("ar/footer.md", "footer", "email", "ar", "all")),
        ("ar/footer.staff.md", Text("ar/footer.staff.md", "footer.staff", "email", "ar", "all")),
        ("layout.email.html", Text("layout.email.html", "layout", "email", "", "all")),
    ],
)
def test_a_file_is_known_by_what_people_call_it(path: str, text: Text) -> None:
    assert text_of(path) == text


@pytest.mark.parametrize(
    ("path", "wants"),
    [
        ("ar/closed.email.md", True),
        ("ar/closed.duplicate.sms.txt", True),
        ("ar/pieces/missing.md", True),
        ("ar/footer.md", True),
        ("ar/staff_new.email.md", False),
        ("ar/operator_alert.email.md", False),
    ],
)
def test_all_that_citizens_may_read_wants_a_second_person(path: str, wants: bool) -> None:
    assert is_for_citizens(path) is wants
    assert Rules(second_person=True).wants_second(path) is wants
    assert not Rules().wants_second(path)


def test_an_unknown_name_has_a_nearest_one() -> None:
    rows = [
        Row(text_of(f"ar/{name}.email.md"), "", "in_force", None, "", "")
        for name in ("closed", "closed.duplicate", "received")
    ]

    assert nearest(rows, "clsoed") == "closed"
    assert nearest(rows, "close.duplicat") == "closed.duplicate"
    assert nearest(rows, "xyz") == ""
    assert [row.text.path for row in named(rows, "closed.duplicate")] == ["ar/closed.duplicate.email.md"]
