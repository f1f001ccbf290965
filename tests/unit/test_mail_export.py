"""One line for each mail, whoever splits the lines."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from daemon.cli.mail import json_line


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=30)))
def test_a_document_is_one_line_by_anybodys_idea_of_a_line(document: dict[str, str]) -> None:
    line = json_line(document)

    assert line.splitlines() == [line]
    assert json.loads(line) == document


def test_the_line_ends_that_json_lets_stand_are_escaped() -> None:
    assert json_line({"text": "a\x85b\u2028c\u2029د"}) == '{"text": "a\\u0085b\\u2028c\\u2029د"}'
