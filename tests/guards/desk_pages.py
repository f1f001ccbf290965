"""Guards of what operators do and see: holds, cancelled messages, the arithmetic, the search, their pages."""

from __future__ import annotations

from tests.guards.guard import guards_of

GUARDS = [
    *guards_of(
        "store/holds.py",
        "casework/test_outbox_commands.py",
        what_another_hold_stops_stays_held=(
            "goes_on = not_(stops(in_force(connection), gateways))",
            "goes_on = true()",
        ),
    ),
    *guards_of(
        "store/holds.py",
        "casework/test_gateway_holds.py",
        what_one_gateway_may_have_waits_for_it=(
            "            found.append(of_channel & outbox.c.is_uncertain & may_have_it)\n",
            "            pass\n",
        ),
        what_it_cannot_have_does_not_wait=(
            "of_channel & outbox.c.is_uncertain & may_have_it",
            "of_channel & may_have_it",
        ),
        unnamed_it_is_the_preferred_ones=("func.coalesce(outbox.c.gateway, names[0])", "outbox.c.gateway"),
        what_is_about_no_complaint_is_released=("outbox.c.ticket_id.is_not(None) & (", "("),
    ),
    *guards_of(
        "sms/failover.py",
        "casework/test_gateway_holds.py",
        "unit/test_failover.py",
        a_gateway_on_hold_gets_nothing=("if name not in message.barred]", "]"),
        nor_what_it_may_have=(
            "if (one := doubt or names[0]) in message.barred:",
            "if not (one := doubt or names[0]):",
        ),
    ),
    *guards_of(
        "loops/delivery.py",
        "casework/test_outbox_commands.py",
        a_daemon_asks_for_holds_before_each_claim=(
            "holds.set_aside(connection, held, {line.channel: line.gateways}, now)",
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
        "unit/test_decide_guards.py",
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
