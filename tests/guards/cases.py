"""Guards of one case: which ticket a mail is about, whose words count, what is said to whom."""

from __future__ import annotations

from tests.guards.guard import guards_of

GUARDS = [
    *guards_of(
        "casework/finding.py",
        "casework/test_evidence.py",
        "casework/test_threads_and_addresses.py",
        "casework/test_pipeline_trust.py",
        "casework/test_hostile_senders.py",
        "casework/test_whole_life.py",
        a_number_in_the_subject_is_a_right_of_the_requester=("== email.lower():", '!= "":'),
        a_number_in_the_subject_is_a_right_of_participants=(
            "email.lower() in participants.of_ticket(connection, stored.id)",
            "True",
        ),
        who_asks_how_it_stands_asks_about_their_own=(".lower() == email:", '.lower() != "":'),
    ),
    *guards_of(
        "casework/mails.py",
        "casework/test_evidence.py",
        "casework/test_hostile_senders.py",
        "casework/test_pipeline_trust.py",
        "casework/test_quarantine.py",
        "casework/test_whose_words.py",
        a_machine_is_known_before_its_ticket_is_sought=('if treatment.action == "record":', "if False:"),
        what_is_set_aside_reaches_no_ticket=('if treatment.action == "quarantine":', "if False:"),
        a_blocked_sender_makes_no_noise=('if treatment.reason == "blocked":', "if False:"),
        nobody_of_ours_is_copied_in=("addresses_of_ours(policy) | {letter", "{letter"),
        the_mailbox_under_any_token_is_not_copied_in=("and not is_ours and", "and"),
    ),
    *guards_of(
        "casework/staff_cases.py",
        "casework/test_hostile_senders.py",
        "casework/test_pipeline_trust.py",
        "casework/test_whose_words.py",
        "casework/test_whole_life.py",
        a_token_of_a_ticket_that_went_to_others_proves_nothing=(
            "and not may_still_hold(person",
            "and False and (person",
        ),
        a_token_of_one_ticket_orders_nothing_about_another=(
            "if is_about_another(",
            "if False and is_about_another(",
        ),
        the_same_order_is_carried_out_once=("if found and was_carried_out(", "if False and was_carried_out("),
    ),
    *guards_of(
        "casework/staff_mail.py",
        "casework/test_evidence.py",
        "casework/test_pipeline_trust.py",
        "casework/test_whose_words.py",
        "casework/test_whole_life.py",
        a_message_id_proves_nothing_where_subaddresses_are_taken=(
            "answered = [] if stationery.subaddressing else",
            "answered =",
        ),
        a_token_is_its_holders_alone=(" if scope.holder in tags]", "]"),
        no_order_is_read_from_an_attached_text=("if reading.mail.is_text_attached:", "if False:"),
        what_may_be_quoted_goes_to_no_citizen=(
            "return relay.text if relay.is_certain else None",
            "return relay.text",
        ),
        addresses_of_staff_go_to_no_citizen=("frozenset(hidden),", "frozenset(),"),
    ),
    *guards_of(
        "casework/staff_mail.py",
        "casework/test_orders_of_staff.py",
        a_command_without_its_sign_sends_nothing=(
            "if script.forgotten and _may_be_an_order(",
            "if False and script.forgotten and _may_be_an_order(",
        ),
        inside_only_what_makes_a_difference_is_asked_about=(
            "return reaches_citizen or forgotten.name not in AS_AN_INTERNAL_ANSWER",
            "return True",
        ),
        a_name_that_nobody_here_has_is_no_order=(
            "and not on_roster(forgotten.person, policy):",
            "and False:",
        ),
    ),
    *guards_of(
        "mail/meaning/forgotten_sign.py",
        "unit/test_commands_forgotten.py",
        a_greeting_above_an_order_does_not_hide_it=("if not _is_greeting(line):", "if True:"),
        a_sentence_that_keeps_a_text_from_the_citizen_is_asked_about=(
            "return _by_word(match, digits) or _by_sentence(plain)",
            "return _by_word(match, digits)",
        ),
        a_sentence_that_an_argument_begins_is_no_order=(
            "and order.text and not _goes_with(rest, order.text):",
            "and False:",
        ),
    ),
    *guards_of(
        "mail/meaning/commands.py",
        "unit/test_commands_forgotten.py",
        a_note_without_its_sign_below_an_answer_is_no_part_of_it=(
            "heads_note = taker is not None and",
            "heads_note = False and taker is not None and",
        ),
    ),
    *guards_of(
        "casework/saying.py",
        "casework/test_threads_and_addresses.py",
        "casework/test_pipeline_trust.py",
        "casework/test_hostile_senders.py",
        "casework/test_whose_words.py",
        "casework/test_other_channels.py",
        a_mobile_that_nobody_proved_gets_no_link=(
            'if said.channel == "sms" and ticket.requester.is_phone_unproved:',
            "if False:",
        ),
        copies_go_to_whom_a_proved_mail_copied_in=("are_proved=True", "are_proved=False"),
        a_copy_holds_no_link=('{key: "" for key in WITHOUT if key in row.values}', "{}"),
        a_copy_repeats_no_subject=(
            "replace(envelope.conversation, reply_subject=None)",
            "envelope.conversation",
        ),
        an_automatic_answer_is_counted=(
            "limit_key(said.channel, said.recipient, account) if said",
            "None if said",
        ),
        an_unproved_one_counts_for_its_domain=("limit_domain=account.domain or None", "limit_domain=None"),
        what_staff_say_answers_no_mail_of_theirs=("if speech.ticket_id and not is_theirs:", "if False:"),
    ),
]
