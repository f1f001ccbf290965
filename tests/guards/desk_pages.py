"""Guards of what operators do and see: holds, cancelled messages, the arithmetic, the search, their pages."""

from __future__ import annotations

from tests.guards.guard import guards_of

GUARDS = [
    *guards_of(
        "store/holds.py",
        "casework/test_outbox_commands.py",
        what_another_hold_stops_stays_held=(
            "statement = statement.where(not_(or_(*(matches(one, gateways) for one in left))))",
            "pass",
        ),
    ),
    *guards_of(
        "loops/delivery.py",
        "casework/test_outbox_commands.py",
        a_daemon_asks_for_holds_before_each_claim=(
            "holds.set_aside(connection, held, {channel: gateway}, now)",
            "pass",
        ),
    ),
    *guards_of(
        "casework/outgoing.py",
        "casework/test_outbox_commands.py",
        a_complaint_hears_what_was_cancelled=(
            "report(connection, Failure(row_id, why, is_cancelled=True), by.at)",
            "pass",
        ),
        what_is_on_hold_is_not_tried=(
            "stopped = set(_stopped(connection, ids, gateways))",
            "stopped = set()",
        ),
    ),
    *guards_of(
        "workflow/deliveries.py",
        "casework/test_outbox_commands.py",
        what_was_cancelled_is_not_said_another_way=(
            "says = () if event.is_cancelled else another_way(facts, ticket, event, policy)",
            "says = another_way(facts, ticket, event, policy)",
        ),
    ),
    *guards_of(
        "workflow/reckoning.py",
        "properties/test_reckoning.py",
        what_no_day_explains_is_said=("if abs(term.used - total) >= LEAST_ADJUSTMENT:", "if False:"),
        the_day_on_which_it_is_full_ends_the_count=("if left < midnight - at:", "if left <= midnight - at:"),
    ),
    *guards_of(
        "workflow/search_words.py",
        "casework/test_search.py",
        a_mistyped_number_is_told=("if _BEGINS_LIKE_ONE.match(plain):", "if False:"),
    ),
    *guards_of(
        "web/admin/desk/tickets.py",
        "casework/test_admin_desk.py",
        what_was_typed_steers_no_page=(
            'typed = clean(asked.get("q", ""))[:MAX_QUERY]',
            'typed = asked.get("q", "")[:MAX_QUERY]',
        ),
    ),
    *guards_of(
        "web/admin/desk/asked.py",
        "casework/test_admin_desk.py",
        what_cannot_be_undone_is_confirmed=('if form.get("sure") != "yes":', "if False:"),
        a_reason_is_given=("if must and not why:", "if False:"),
    ),
    *guards_of(
        "web/admin/desk/messages.py",
        "casework/test_admin_desk.py",
        a_mail_in_a_frame_runs_nothing=(
            'return Response(html, 200, dict(FRAMED), "text/html; charset=utf-8")',
            'return Response(html, 200, {}, "text/html; charset=utf-8")',
        ),
    ),
    *guards_of(
        "casework/operators.py",
        "casework/test_admin_desk.py",
        a_release_stands_in_the_audit=(
            'audit.record(connection, Deed(person.name, "mail_released", f"mail {mail_id}", detail), now)',
            "pass",
        ),
    ),
]
