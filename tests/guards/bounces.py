"""The guards of what a bounce may do that somebody forged."""

from __future__ import annotations

from tests.guards.guard import Guard, guards_of

GUARDS: list[Guard] = [
    *guards_of(
        "casework/deliveries.py",
        "casework/test_forged_bounces.py",
        a_bounce_kills_no_address_that_it_does_not_name=(
            "is_of_another = not names_recipient(letter, row)",
            "is_of_another = bool(bounced.bounced_recipient) and not names_recipient(letter, row)",
        ),
        whoever_wrote_since_is_alive=(
            "and is_ended and not _is_alive(case, said, failure)",
            "and is_ended",
        ),
        what_was_sent_after_their_last_word_can_bounce=(
            "sent_at = said.sent_at or said.created_at",
            "sent_at = datetime.fromtimestamp(0, case.now.tzinfo)",
        ),
        a_report_of_no_failure_does_nothing=(
            ' or bounced.bounce_action not in ("failed", "")',
            "",
        ),
    ),
]
