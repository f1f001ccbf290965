"""The guards of the reconciliation: what is damaged is named, and what is under way is not."""

from __future__ import annotations

from tests.guards.guard import Guard, guards_of

CASES = ("casework/test_reconciliation.py",)

GUARDS: list[Guard] = [
    *guards_of(
        "workflow/reconciliation.py",
        *CASES,
        a_row_that_contradicts_itself_is_named=(
            '        if row.is_broken:\n            yield Discrepancy("inbox',
            '        if False:\n            yield Discrepancy("inbox',
        ),
        a_try_that_is_over_is_named=(
            "row.due_at < now - patience or row.due_at > now + LONGEST_WAIT",
            "False",
        ),
        a_mail_that_has_only_just_come_is_no_contradiction=("if arrived_at < now - GRACE:", "if True:"),
        a_mail_that_left_is_named=("if place.uid not in mailbox.uids:", "if False:"),
        a_mail_that_was_put_into_our_folder_is_named=("folder.came - after - on_their_way) > 0", "0) > 0"),
        a_line_names_twelve_at_most=("join(names[:MOST_NAMED])", "join(names)"),
    ),
    *guards_of(
        "casework/reconciliation.py",
        *CASES,
        what_was_taken_in_meanwhile_is_known=("if uid not in taken_in}", "}"),
    ),
    *guards_of(
        "loops/reconciliation.py",
        *CASES,
        it_is_done_once_a_day=("self._day_of(last.at) == today", "False"),
        whoever_does_not_hold_the_mailbox_leaves_it=("not fetch.is_holding or", "False or"),
    ),
    *guards_of(
        "mail/wire/imap/session.py",
        "casework/test_mailbox_returns.py",
        a_server_that_vanished_is_noticed_within_a_minute=("_IDLE_ROUND_S = 20.0", "_IDLE_ROUND_S = 300.0"),
    ),
    *guards_of(
        "service.py",
        "casework/test_mailbox_returns.py",
        no_pause_is_longer_than_a_return_may_take=("10.0, 20.0)", "10.0, 30.0, 60.0)"),
    ),
    *guards_of(
        "store/reconciliation.py",
        *CASES,
        what_a_hold_stops_is_no_contradiction=(
            "held.where(not_(holds.stops(holds.in_force(connection), gateways)))",
            "held",
        ),
    ),
]
