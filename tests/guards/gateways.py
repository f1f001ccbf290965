"""Guards of the SMS gateways: nothing is sent twice, no refusal is taken for an acceptance, nothing leaks."""

from __future__ import annotations

from tests.guards.guard import guards_of

FAILOVER = "unit/test_failover.py"
TABLE = "integration/test_gateways.py"
PURE = "unit/test_sms_gateways.py"
DECLARED = "unit/test_sms_declared.py"
ANSWERS = "unit/test_sms_answers.py"

GUARDS = [
    *guards_of(
        "sms/failover.py",
        FAILOVER,
        only_an_outage_lets_another_gateway_speak=("if not failure.outage:", "if False:"),
        what_one_gateway_may_have_never_goes_to_another=("if doubt is None:", "if True:"),
        what_a_gateway_may_have_that_is_gone_is_sent_by_none=(
            "if doubt and doubt not in names:",
            "if False:",
        ),
        a_gateway_that_cannot_be_asked_may_have_it=("if unheard is not None:", "if False:"),
    ),
    *guards_of(
        "dispatch/handover.py",
        "unit/test_handover.py",
        a_message_in_doubt_names_who_may_have_it=(
            'doubt = (row.gateway or "") if row.is_uncertain else None',
            "doubt = None",
        ),
    ),
    *guards_of(
        "store/outbox.py",
        "unit/test_store_rows.py",
        who_may_have_an_sms_is_remembered=(
            '**({"gateway": in_doubt_at} if in_doubt_at else {})',
            "**{}",
        ),
    ),
    *guards_of(
        "sms/gateways/taqnyat.py",
        PURE,
        a_201_with_our_number_rejected_is_a_failure=(
            'if number in numbers_in(at(document, "rejected")):',
            "if False:",
        ),
        a_200_with_an_error_inside_is_a_failure=(
            "max(answer.status, int(told))",
            "answer.status",
        ),
        a_201_that_lists_our_number_nowhere_is_unknown=(
            "bool(peer_id) if accepted is None else number in numbers_in(accepted)",
            "bool(peer_id)",
        ),
    ),
    *guards_of(
        "sms/gateways/jawaly.py",
        PURE,
        a_200_with_err_text_is_a_failure=('or at(document, "messages.0.err_text"):', ":"),
        no_number_inserted_is_a_failure=('if inserted == "0":', "if False:"),
    ),
    *guards_of(
        "sms/gateways/msegat.py",
        PURE,
        TABLE,
        success_is_what_the_code_says=("or _code(answer) not in _SUCCESS:", ":"),
        its_duplicate_was_accepted=("duplicate_is_acceptance = True", "duplicate_is_acceptance = False"),
    ),
    *guards_of(
        "sms/gateways/deewan.py",
        PURE,
        TABLE,
        a_200_with_an_error_inside_is_no_acceptance=(
            'or at(document, "error") or at(document, "errors"):',
            ":",
        ),
        a_token_with_a_line_break_begins_no_header=(
            'if not token.isascii() or not token.isprintable() or " " in token:',
            "if False:",
        ),
    ),
    *guards_of(
        "sms/wire/courier.py",
        TABLE,
        "integration/test_unifonic.py",
        a_token_is_renewed_before_its_end=(
            "token.lifetime - margin",
            "token.lifetime",
        ),
        a_refused_token_is_renewed=("if answer.status == 401 and dialect is not self._dialect:", "if False:"),
        a_repeat_that_is_refused_is_looked_up=(
            "if isinstance(found, Receipt):\n            return found\n        if found is None:",
            "if found is None:",
        ),
        an_inactive_sender_fails_doctor=("if active is False:", "if False:"),
        an_empty_account_fails_doctor=("and balance.problem:", "and False:"),
    ),
    *guards_of(
        "sms/wire/client.py",
        TABLE,
        an_answer_that_drips_ends=(
            "asyncio.timeout(self._whole_s)",
            "asyncio.timeout(None)",
        ),
    ),
    *guards_of(
        "sms/wire/answer.py",
        ANSWERS,
        a_body_without_end_is_not_read=("if len(content) > MOST_OCTETS:", "if False:"),
        no_code_in_a_log_is_a_number=("and not _MANY_DIGITS.search(found)", ""),
        nested_brackets_end_nothing=("except (ValueError, RecursionError):", "except ValueError:"),
    ),
    *guards_of(
        "sms/wire/refusal.py",
        ANSWERS,
        a_gateway_that_failed_may_have_the_sms=("if status >= 500:", "if False:"),
        a_duplicate_is_never_a_plain_refusal=(
            'if refusal.kind in ("unknown", "duplicate"):',
            'if refusal.kind == "unknown":',
        ),
    ),
    *guards_of(
        "placeholders.py",
        DECLARED,
        a_value_begins_no_header=("return quote(value, safe=_PRINTABLE)", "return value"),
        a_value_stays_in_its_place_in_an_address=('return quote(value, safe="")', "return value"),
        an_unknown_placeholder_is_a_mistake=("if name not in known:", "if False:"),
    ),
    *guards_of(
        "sms/gateways/http.py",
        DECLARED,
        a_declared_success_without_identifier_is_none=(
            "is_told = bool(peer_id or success.values)",
            "is_told = True",
        ),
        a_declared_rejection_of_our_number_is_a_failure=(
            "if success.rejected and number in",
            "if False and number in",
        ),
    ),
    *guards_of(
        "dispatch/own_words.py",
        "unit/test_own_words.py",
        no_two_sms_to_one_number_have_the_same_words=(
            "return text if text not in said else",
            "return text if True else",
        ),
    ),
]
