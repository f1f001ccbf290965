"""Guards of what staff must prove, and of what a mail from them may do."""

from __future__ import annotations

from tests.guards.guard import guards_of

GUARDS = [
    *guards_of(
        "workflow/staff_proofs.py",
        "unit/test_decide_guards.py",
        "unit/test_decide_staff.py",
        "unit/test_quarantine.py",
        "unit/test_decide.py",
        a_token_serves_only_those_who_have_the_ticket_now=(
            "return bool(teams & person.teams) or person.email.lower() in addresses or not teams",
            "return True",
        ),
        a_command_that_changes_needs_both_proofs=(
            "(event.is_authenticated and event.has_token)",
            "(event.is_authenticated or event.has_token)",
        ),
        an_answer_needs_one_proof=("if not (event.is_authenticated or event.has_token):", "if False:"),
    ),
]
