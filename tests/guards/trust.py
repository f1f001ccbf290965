"""Guards of trust: what proves a sender, what a token is good for, who is heard at all."""

from __future__ import annotations

from tests.guards.guard import guards_of

GUARDS = [
    *guards_of(
        "workflow/trust.py",
        "unit/test_trust.py",
        a_machine_is_recorded_and_never_answered=("if not is_person:", "if False:"),
        only_a_guess_may_be_released_as_a_person=(" and is_guess(evidence.reason))", ")"),
        a_mail_without_a_sender_is_set_aside=("if not evidence.has_sender:", "if False:"),
        a_rostered_address_is_judged_as_staff=(
            "if evidence.is_rostered and (evidence.is_active or not evidence.was_released):",
            "if False:",
        ),
        a_release_makes_no_staff_of_somebody_inactive=(
            "(evidence.is_active or not evidence.was_released)",
            "True",
        ),
        a_blocked_sender_is_set_aside=("if evidence.is_blocked:", "if False:"),
        a_token_in_the_wrong_hand_is_set_aside=("if evidence.has_stray_token:", "if False:"),
        a_forged_sender_is_set_aside=(
            'if evidence.dmarc == "fail":\n        return Treatment("human"',
            'if False:\n        return Treatment("human"',
        ),
        spam_is_set_aside=("if evidence.is_spam:", "if False:"),
        inactive_staff_are_not_heard=("if not evidence.is_active:", "if False:"),
        staff_without_a_proof_are_not_heard=("or not is_proved:", "or False:"),
        a_forged_staff_address_is_not_heard_even_with_a_token=(
            'if evidence.dmarc == "fail" or not',
            "if not",
        ),
        wording_alone_is_a_guess=('"wording" in reason or', "False or"),
    ),
    *guards_of(
        "mail/machines/classifier.py",
        "casework/test_pipeline_trust.py",
        "unit/test_mail_automatic.py",
        a_mail_of_our_own_is_recorded=("if _is_own(mail, own_addresses):", "if False:"),
    ),
    *guards_of(
        "mail/trust/authenticity.py",
        "unit/test_authenticity.py",
        two_from_addresses_prove_nobody=("len(mail.from_addresses) != 1 or", "not mail.from_addresses or"),
        two_from_fields_prove_nobody=(" or len(fields) > 1:", ":"),
        an_unusable_from_proves_nobody=("if sender_domain is None:", "if False:"),
        a_failure_outweighs_an_internal_header=(
            'if said.dmarc == "fail":\n        # Also',
            "if False:\n        # Also",
        ),
        an_internal_header_counts_only_where_it_is_configured_and_there=(
            "internal_header is not None and _has_internal_header(mail, internal_header)",
            "internal_header is not None",
        ),
        a_second_internal_header_with_another_value_refutes=(
            "and all(v == value for v in found)",
            "and any(v == value for v in found)",
        ),
        an_internal_header_without_a_value_proves_nothing=("bool(value and found)", "bool(found)"),
        a_pass_for_another_domain_is_no_pass=(
            " or not _is_aligned(said.header_from, sender_domain)):",
            "):",
        ),
        a_pass_names_the_domain_that_it_is_for=(
            "(said.header_from is None or not",
            "(said.header_from is not None and not",
        ),
        an_internal_header_that_only_a_lenient_reader_finds_proves_nothing=(
            " and not any(mail.are_loose(name))",
            "",
        ),
        a_public_suffix_aligns_nobody=(" and not _is_public_suffix(shorter)", ""),
        one_domain_lies_under_the_other_at_a_dot=('endswith("." + shorter)', "endswith(shorter)"),
        country_domains_have_second_levels_of_strangers=(
            "and labels[0] in _GENERIC_SECOND_LEVEL",
            "and False",
        ),
    ),
    *guards_of(
        "mail/trust/results.py",
        "unit/test_authenticity.py",
        a_field_that_only_a_lenient_reader_finds_proves_nothing=(
            "if any(field.is_loose for field in found.fields):",
            "if False:",
        ),
        without_an_authserv_id_nothing_is_trusted=("if authserv_id is None:", "if False:"),
        any_refutation_counts=("if refuted:", "if False:"),
        where_nobody_took_the_mail_only_the_topmost_field_proves=(
            "    if not found.is_bounded:\n",
            "    if False:\n",
        ),
        only_fields_near_the_top_are_ours=(" and found.fields[0].place >= _MAX_FIELDS)", " and False)"),
        a_field_counts_by_its_authserv_id=(
            "== authserv_id:\n            # Ours",
            "is not None:\n            # Ours",
        ),
        a_hidden_result_beside_a_pass_spoils_it=('if words == ["pass"] and any(', "if False and any("),
        two_header_froms_are_none=("if len(stated) > 1:", "if False:"),
        only_pass_is_a_pass=('if words != ["pass"]:', "if False:"),
        an_unclosed_comment_makes_a_field_unreadable=("if depth or quoted or escaped:", "if False:"),
        an_over_long_field_is_not_read=("if len(value) > _MAX_FIELD:", "if False:"),
        signs_inside_quotes_mean_nothing=("or char.isspace() else char", "and False else char"),
    ),
    *guards_of(
        "mail/trust/tokens.py",
        "unit/test_tokens.py",
        a_short_secret_is_refused=("if any(len(secret) < _MIN_SECRET", "if any(len(secret) < 0"),
        a_reply_token_ends=("or at >= _read(body[6:10]):", "or False:"),
        a_link_ends=("or at >= _read(body[5:9]):", "or False:"),
        a_token_is_over_at_the_very_second=("at >= _read(body[6:10])", "at > _read(body[6:10])"),
        a_link_is_good_for_one_purpose=('return f"link:{purpose}"', 'return "link:"'),
        each_purpose_has_a_key_of_its_own=('_derived(secret, f"purpose:{purpose}")', '_derived(secret, "")'),
        a_proof_is_compared_whole=(
            "_mac(secret, purpose, body), proof)",
            "_mac(secret, purpose, body)[:4], proof[:4])",
        ),
        a_proof_is_compared_in_constant_time=(
            "hmac.compare_digest(_mac(secret, purpose, body), proof)",
            "_mac(secret, purpose, body) == proof",
        ),
        a_holder_is_a_tag=("if not _TAG.fullmatch(scope.holder):", "if False:"),
        the_holders_tag_depends_on_the_holder=("holder.encode()).digest()", "b'').digest()"),
        a_foreign_letter_is_no_second_writing=("not token.isascii() or not", "not"),
        an_id_has_32_bits=("if not 0 <= number < 2**32:", "if number < 0:"),
        a_token_is_judged_at_an_aware_time=("if at.tzinfo is None:", "if False:"),
        a_link_has_a_purpose=("if not purpose:", "if False:"),
        tokens_of_the_previous_secrets_stay_good=("(keys.current, *keys.previous) if", "(keys.current,) if"),
    ),
]
