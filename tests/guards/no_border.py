"""The guards of what citizens still get where none of them can be proved, and of what `doctor` says of it."""

from __future__ import annotations

from tests.guards.guard import Guard, guards_of

CASES = ("casework/test_no_border.py",)
GUARDS: list[Guard] = [
    *guards_of(
        "workflow/budgets.py",
        *CASES,
        the_unproved_people_of_a_provider_share_nothing_where_nobody_is_proved=(
            "is_charged = is_provable or not is_public(domain)",
            "is_charged = True",
        ),
        a_domain_of_somebodys_own_is_charged_all_the_same=(
            "is_charged = is_provable or not is_public(domain)",
            "is_charged = is_provable",
        ),
    ),
    *guards_of(
        "workflow/reach.py",
        *CASES,
        what_the_guide_promises_goes_to_an_unproved_mobile=(
            "is_spent = not notices.of(name).is_promised",
            "pass",
        ),
        nothing_else_goes_to_an_unproved_mobile=(
            "is_spent = not notices.of(name).is_promised",
            "is_spent = False",
        ),
        where_citizens_are_proved_a_mobile_gets_one_sms=(
            "if is_spent and name and not policy.proves_citizens:",
            "if is_spent and name:",
        ),
    ),
    *guards_of(
        "cli/doctor.py",
        "unit/test_doctor.py",
        what_needs_a_person_is_a_warning=('"WARN" if isinstance(found, NeedsAPerson) else "ok"', '"ok"'),
        a_hole_of_the_interpreter_is_a_warning=(
            "if holes or not is_filtered else",
            "if not is_filtered else",
        ),
    ),
    *guards_of(
        "cli/doctor_mail.py",
        "unit/test_doctor_mail.py",
        no_verdict_for_citizens_is_a_warning=("return NeedsAPerson(ONLY_INSIDE)", "return ONLY_INSIDE"),
    ),
]
