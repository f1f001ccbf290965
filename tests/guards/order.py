"""The guards of order and truth: who waits for whom, what is not said any more, who hears of what waits."""

from __future__ import annotations

from tests.guards.guard import Guard, guards_of

ORDER = ("casework/test_order.py",)
UNTIMELY = ("casework/test_untimely.py",)
RULE = ("unit/test_still_true.py",)

GUARDS: list[Guard] = [
    *guards_of(
        "store/outbox.py",
        *ORDER,
        what_was_said_later_leaves_later=(", COMES_FIRST]", "]"),
        a_mail_that_is_refused_for_hours_silences_nobody=(
            '"soon": now + HOLDS_BACK,',
            '"soon": now + 9 * HOLDS_BACK,',
        ),
    ),
    *guards_of(
        "store/order.py",
        *ORDER,
        what_is_put_off_is_waited_for=(
            "_EARLIER.c.first_tried_at.is_not(None)",
            "_EARLIER.c.first_tried_at.is_(None)",
        ),
        who_waits_for_somebody_else_is_not_held_back=(
            "        _EARLIER.c.recipient == outbox.c.recipient,\n",
            "",
        ),
    ),
    *guards_of(
        "workflow/still_true.py",
        *RULE,
        what_staff_wrote_is_said=("    if _is_of_staff(said, notice):\n        return False\n", ""),
        a_survey_that_is_over_is_not_asked_for=(
            "return not is_survey_open(ticket, policy, now)",
            "return False",
        ),
        a_closing_is_told_with_its_reason=(
            "return bool(told) and told != ticket.close_reason",
            "return False",
        ),
        what_is_said_at_once_is_said_as_decided=("now - created_at > LATE", "True"),
    ),
    *guards_of(
        "casework/untimely.py",
        *UNTIMELY,
        what_became_untrue_is_not_said=(
            "        if not is_untrue(said, found.ticket, self._policy, now):\n            return False\n",
            "        if is_untrue(said, found.ticket, self._policy, now):\n            return False\n"
            "        if found:\n            return False\n",
        ),
        the_ticket_says_what_was_not_said=('if row.audience != "staff":', "if False:"),
    ),
    *guards_of(
        "loops/delivery.py",
        *UNTIMELY,
        staff_hear_of_what_waits_for_days=(">= TOLD_AFTER", ">= 99 * TOLD_AFTER"),
        staff_hear_of_it_once=("if is_late and outbox.note_late(connection, row.id, now):", "if is_late:"),
    ),
]
