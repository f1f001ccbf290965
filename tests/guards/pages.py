"""Guards of the citizen's pages: a link alone proves nobody, and opens nothing more than it was sent for."""

from __future__ import annotations

from tests.guards.guard import guards_of

GUARDS = [
    *guards_of(
        "casework/counter.py",
        "casework/test_other_channels.py",
        a_survey_opens_the_page_of_nobody_unknown=(
            'if may_open_page(ticket, case.policy, "survey") and not',
            "if not",
        ),
    ),
    *guards_of(
        "web/status.py",
        "unit/test_web_status.py",
        what_is_no_saudi_mobile_is_not_taken_for_one=(
            'if typed["phone"] and said.phone is None:',
            "if False:",
        ),
    ),
    *guards_of(
        "templating/markup.py",
        "unit/test_templating_shapes.py",
        nothing_but_a_choice_stands_behind_a_links_value=(
            "bool(_CHOICE.fullmatch(literal))",
            "True",
        ),
    ),
]
