"""A number in answer to the survey, and what is only a number in a sentence; subjects without prefixes."""

from __future__ import annotations

import pytest

from daemon.mail.meaning.citizen_words import SurveyAnswer, survey_answer
from daemon.mail.meaning.subjects import without_prefixes
from tests.each import each


@each(
    ("text", "expected"),
    [
        ("5", (5, True)),
        ("٥", (5, True)),
        ("۴", (4, True)),
        (" 3 ", (3, True)),
        ("\u200f٤\u200f", (4, True)),
        ("5/5", (5, True)),
        ("٤ من ٥", (4, True)),
        ("4 out of 5", (4, True)),
        ("التقييم: 3", (3, True)),
        ("تقييمي ٢", (2, True)),
        ("My rating: 4", (4, True)),
        ("*5*", (5, True)),
        ("5.", (5, True)),
        ("5 شكرا لكم", (5, True)),
        ("5\n\nشكرا جزيلا", (5, True)),
        ("1\nلم تُحل مشكلتي", (1, False)),
        ("2\nما زال الطلب متأخرًا، فمتى يُحل؟", (2, False)),
        ("3 مرات راسلتكم ولم تردوا", None),
        ("5 أيام وأنا أنتظر", None),
        ("0", None),
        ("6", None),
        ("10", None),
        ("4.5", None),
        ("5٪", None),
        ("12345", None),
        ("", None),
        ("لا أعلم", None),
        ("أعطيكم 5", None),
    ],
)
def test_a_number_answers_the_survey_only_where_it_stands_alone(
    text: str, expected: tuple[int, bool] | None
) -> None:
    found = survey_answer(text)

    assert (found and (found.score, found.is_only)) == expected


@pytest.mark.parametrize(
    ("below", "objects"),
    [
        ("خدمة ممتازة وسريعة", False),
        ("Great service", False),
        ("لكن المشكلة لم تُحل", True),
        ("ما زال الطلب معلقًا", True),
        ("متى يكتمل؟", True),
        ("Not solved yet", True),
    ],
)
def test_what_stands_below_the_number_is_the_comment_and_may_object(below: str, objects: bool) -> None:
    assert survey_answer(f"\u200f٥\n\n{below}") == SurveyAnswer(5, False, below, objects)


def test_a_long_hostile_line_is_no_number_and_costs_nothing() -> None:
    assert survey_answer("_" * 100_000 + "5") is None
    assert survey_answer("5 " + "شكرا " * 50_000) is None


@each(
    ("subject", "expected"),
    [
        ("شكوى", "شكوى"),
        ("Re: شكوى", "شكوى"),
        ("إعادة توجيه: Re: شكوى", "شكوى"),
        ("FW: رد: [2] طلب", "[2] طلب"),
        ("رد[3]: طلب", "طلب"),
        ("Fwd：طلب", "طلب"),
        ("\u202bإعادة توجيه: طلب\u202c", "طلب"),
        ("تحويل: ملكية", "ملكية"),
        ("Reform: a plan", "Reform: a plan"),
        ("Re:", ""),
        ("re: " * 30 + "x", "re: " * 9 + "re: x"),
        ("", ""),
    ],
)
def test_a_subject_is_given_as_it_was_first_written(subject: str, expected: str) -> None:
    assert without_prefixes(subject) == expected
