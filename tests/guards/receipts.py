"""The guards of receipts: who may report, what is believed of it, and that nothing is said twice for it."""

from __future__ import annotations

from tests.guards.guard import Guard, guards_of

RULE = ("unit/test_receipts.py",)
CASES = ("casework/test_receipts.py",)

GUARDS: list[Guard] = [
    *guards_of(
        "workflow/receipts.py",
        *RULE,
        a_later_success_hides_no_error=(
            "    for error in ERRORS:\n        if times",
            '    for error in (*(() if "delivered" in {one.state for one in said} else ERRORS),):\n'
            "        if times",
        ),
        an_error_beside_a_success_is_contradictory=('state in ERRORS and "delivered" in states)', "False)"),
        one_segment_is_not_the_whole=("and arrived >= set(range(1, segments + 1))", ""),
        a_clock_that_is_ahead_is_not_believed=(
            "if self.at is None or self.at > self.received_at else",
            "if self.at is None else",
        ),
        what_was_known_is_never_unknown_again=(
            'for wanted in ("silent", "accepted", "unknown"):',
            'for wanted in ("unknown", "silent", "accepted"):',
        ),
    ),
    *guards_of(
        "casework/receipts.py",
        *CASES,
        bad_news_is_told_once=("and message.state not in ERRORS and message.channel", "and message.channel"),
        a_receipt_that_overtakes_the_acceptance_is_matched=(
            "        follow(connection, outbox_id, now)\n\n\ndef match_early(",
            "        pass\n\n\ndef match_early(",
        ),
    ),
    *guards_of(
        "store/receipts.py",
        *CASES,
        a_repeated_receipt_is_one_row=(
            'told = "\\0".join((*map(str, parts), at.isoformat() if at else ""))',
            'told = "\\0".join((*map(str, parts), str(self.inbox_id)))',
        ),
        a_message_is_asked_for_at_its_times_alone=(
            "passed = sum(1 for one in after if row.sent_at <= now - one)",
            "passed = asked",
        ),
    ),
    *guards_of(
        "store/other_ways.py",
        *CASES,
        what_did_not_arrive_is_no_other_way=(
            'func.coalesce(outbox.c.delivery_state, "").not_in(ERRORS),\n',
            "\n",
        ),
        what_stands_in_is_never_replaced=("if said.instead_of is not None:\n        return True", ""),
    ),
    *guards_of(
        "casework/deliveries.py",
        *CASES,
        an_acceptance_after_the_bad_news_starts_no_clock=("if said.has_come_back:", "if False:"),
    ),
    *guards_of(
        "casework/dsn.py",
        *CASES,
        a_forged_report_is_no_receipt=(
            "row = deliveries.believed(letter, ours)",
            "from daemon.store import outbox\n"
            "    row = outbox.by_reference(\n"
            '        letter.case.connection, letter.reading.classification.bounced_message_id or ""\n'
            "    )",
        ),
        a_delivery_behind_a_forwarding_is_none=(
            'if state == "delivered" and not deliveries.names_recipient(letter, row):',
            "if False:",
        ),
    ),
    *guards_of(
        "workflow/deliveries.py",
        *CASES,
        words_that_are_true_no_more_are_not_said=(
            "if not facts.may_try_other or not is_true:",
            "if not facts.may_try_other:",
        ),
        the_same_words_go_once_to_a_channel=(
            "if not facts.may_try_other or not is_true:",
            "if not is_true:",
        ),
        a_silent_telephone_beside_a_mail_troubles_nobody=(
            "return not (event.is_undelivered and is_heard)",
            "return True",
        ),
    ),
    *guards_of(
        "web/receipts.py",
        "unit/test_web_receipts.py",
        a_secret_opens_its_own_gateway_alone=(
            'f"{gateway}\\0{secret}".encode("utf-8", "surrogatepass")',
            'secret.encode("utf-8", "surrogatepass")',
        ),
        every_secret_is_compared=(
            "found = [hook for digest, hook in self._known if hmac.compare_digest(digest, given)]",
            "found = [hook for digest, hook in self._known if digest == given]",
        ),
        only_named_addresses_may_report=("if not _may_call(hook, request):", "if False:"),
        a_signature_is_checked_where_it_is_configured=(
            "if hook.signature_key and not _is_signed(hook, request, body):",
            "if False:",
        ),
        a_report_is_small=("body = await read(request, MOST_BYTES)", "body = await request.body()"),
    ),
]
