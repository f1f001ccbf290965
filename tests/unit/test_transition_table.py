"""Every row of the transition table against the rules, and the page that is made from it."""

from __future__ import annotations

from tests.each import each
from tests.unit.transition_table import CASES, DOCS, Row, dot, happen, page, place_of, rows


@each("row", rows(), ids=lambda row: f"{row.before}, {row.what}")
def test_the_rules_do_what_the_row_says(row: Row) -> None:
    decision = happen(row)

    assert decision.ticket is not None
    assert place_of(decision.ticket) == row.after
    heard = {"requester": set(), "staff": set(), "operator": set()}
    for said in decision.notifications:
        heard[said.audience].add(said.name)
    assert heard == {"requester": row.citizen, "staff": row.staff, "operator": set()}


def test_every_case_stands_in_a_row() -> None:
    assert {row.what for row in rows()} == set(CASES)


def test_the_page_and_the_diagrams_are_made_from_this_table() -> None:
    again = "run: .venv/bin/python -m tests.unit.transition_table"
    assert (DOCS / "WORKFLOW.md").read_text("utf-8") == page(), again
    for language in ("en", "ar"):
        assert (DOCS / f"workflow.{language}.dot").read_text("utf-8") == dot(language), again
