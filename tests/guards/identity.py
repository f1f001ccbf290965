"""Guards of who is who: proved and unproved never share a ticket, a mobile or a link."""

from __future__ import annotations

from tests.guards.guard import guards_of

ATTACKS = ("casework/test_who_is_who.py",)
SINCE = ("casework/test_proved_since.py",)
WRITERS = ("casework/test_writers.py", "unit/test_quarantine.py")

GUARDS = [
    *guards_of(
        "workflow/trust.py",
        "unit/test_trust.py",
        *ATTACKS,
        whoever_an_agent_was_told_of_is_not_who_proves_an_address=(
            'ticket.channel != "email" or ticket.requester.is_phone_vouched:',
            "False:",
        ),
        who_proved_nothing_does_not_speak_for_who_did=(
            'return is_proved or standing(ticket) == "unproved"',
            "return True",
        ),
        who_only_asks_joins_what_is_equally_proved=(
            'return standing(ticket) == ("proved" if is_proved else "unproved")',
            "return True",
        ),
        tickets_of_unequal_standing_are_not_one_persons=(
            "return (standing(one), epoch(one)) == (standing(other), epoch(other))",
            "return True",
        ),
        proof_ends_the_links_before_it=("return 1 if ticket.authenticated else 0", "return 0"),
        proof_forgets_a_planted_mobile=("    elif requester.is_phone_unproved:", "    elif False:"),
    ),
    *guards_of(
        "workflow/trust.py",
        "unit/test_trust.py",
        *SINCE,
        a_caller_gets_no_link_after_the_proof=("is_phone_unproved=requester.phone != phone)", ")"),
        a_caller_does_not_vouch_for_a_mobile_after_the_proof=(
            "return is_proved and not is_vouched",
            "return True",
        ),
        what_is_said_after_the_proof_is_not_for_the_caller=(
            'return ticket.authenticated and standing(ticket) == "vouched"',
            "return False",
        ),
    ),
    *guards_of(
        "casework/standing.py",
        *SINCE,
        a_caller_reads_no_word_after_the_proof=("quotes = is_open and notices", "quotes = notices"),
        a_caller_gets_no_good_link_after_the_proof=(
            "trust.epoch(ticket) if is_open else trust.EPOCHS[0]",
            "trust.epoch(ticket)",
        ),
    ),
    *guards_of(
        "workflow/channels.py",
        *SINCE,
        a_call_after_the_proof_proves_nothing=(" and not (event.is_vouched and is_proved_since(ticket))", ""),
    ),
    *guards_of(
        "workflow/saying.py",
        *SINCE,
        a_caller_gets_no_stand_in_for_a_mail_after_the_proof=(
            'is_wanted = notice.way == "both" and not notice.is_survey',
            "pass",
        ),
    ),
    *guards_of(
        "workflow/deliveries.py",
        *SINCE,
        a_mail_that_comes_back_goes_to_no_caller_after_the_proof=(
            "phone = None if ticket.requester.is_phone_unproved else ticket.requester.phone",
            "phone = ticket.requester.phone",
        ),
    ),
    *guards_of(
        "workflow/proof.py",
        *ATTACKS,
        *SINCE,
        proof_replaces_what_anybody_could_have_written=(
            'if trust.standing(ticket) == "unproved":\n        request =',
            "if False:\n        request =",
        ),
        proof_gives_a_proved_mobile_back=(
            "requester=replace(ticket.requester, phone=known_phone)",
            "team=ticket.team",
        ),
    ),
    *guards_of(
        "workflow/citizen.py",
        *ATTACKS,
        "unit/test_decide_channels.py",
        "unit/test_decide_guards.py",
        an_unproved_mail_changes_nothing_of_a_proved_complaint=(
            "if not trust.speaks_for_requester(ticket, is_proved=event.is_authenticated):",
            "if False:",
        ),
        an_unproved_mail_holds_a_closure=(
            "    ticket = unproved_words.hold(ticket, now)\n",
            "",
        ),
        an_unproved_mail_is_an_answer_all_the_same=(
            "wrote_since_asked=True)\n    if event.is_thanks or",
            "held=ticket.held)\n    if event.is_thanks or",
        ),
    ),
    *guards_of(
        "workflow/opening.py",
        *ATTACKS,
        "unit/test_decide_channels.py",
        "unit/test_decide_guards.py",
        a_mobile_in_an_unproved_mail_counts_as_unproved=(
            'if ticket.requester.phone and trust.standing(ticket) == "unproved":',
            "if False:",
        ),
        a_mobile_that_an_agent_was_told_goes_into_no_mails_complaint=(
            ' and not (is_mail(event) and trust.standing(ticket) == "vouched")',
            "",
        ),
        a_planted_mobile_is_taken_over_nowhere=("is_theirs = not known.is_phone_unproved and", "is_theirs ="),
    ),
    *guards_of(
        "workflow/learning.py",
        *ATTACKS,
        "unit/test_decide_channels.py",
        "unit/test_decide_guards.py",
        a_known_mobile_stays=(
            "(requester.phone is None or (requester.is_phone_unproved and is_sure))",
            "True",
        ),
    ),
    *guards_of(
        "workflow/reach.py",
        *ATTACKS,
        "unit/test_decide_guards.py",
        a_planted_mobile_gets_no_second_sms=(
            "phone.startswith(SAUDI) and not is_spent",
            "phone.startswith(SAUDI)",
        ),
    ),
    *guards_of(
        "workflow/saying.py",
        *ATTACKS,
        "unit/test_decide_guards.py",
        an_unproved_mail_without_a_number_is_answered_once=(
            "and notices.of(name).needs_number and not is_known:",
            "and False:",
        ),
    ),
    *guards_of(
        "workflow/deliveries.py",
        *ATTACKS,
        "unit/test_decide_guards.py",
        what_comes_back_goes_to_no_foreign_mobile=(
            "and phone and may_send_sms(ticket, policy)):",
            "and phone and policy.has_sms):",
        ),
    ),
    *guards_of(
        "workflow/merging.py",
        *ATTACKS,
        nothing_unproved_is_merged_into_what_is_proved=("if not are_equal(ticket, into):", "if False:"),
        an_address_beside_a_vouched_mobile_identifies_nobody=(
            "if not ways or (ticket.authenticated and into.authenticated):",
            "if True:",
        ),
    ),
    *guards_of(
        "workflow/merging.py",
        *SINCE,
        who_differs_in_one_way_is_another=(
            "is_same and all(ours == theirs for ours, theirs in ways if ours and theirs)",
            "is_same",
        ),
    ),
    *guards_of(
        "store/tickets.py",
        *SINCE,
        an_address_that_is_named_once_more_joins_nothing_that_was_proved=(
            "    tickets.c.requester_handle.is_(None),\n    tickets.c.authenticated.is_(false()),\n",
            "    tickets.c.requester_handle.is_(None),\n",
        ),
    ),
    *guards_of(
        "casework/facts.py",
        *SINCE,
        only_a_proved_mail_borrows_a_proved_mobile=(
            "if mail.is_authenticated and not is_known:",
            "if not is_known:",
        ),
        a_proved_requesters_first_words_are_proved=(
            "first_text=proved[0], is_first_text_proved=is_theirs or is_set",
            "is_first_text_proved=True",
        ),
        a_request_that_another_named_is_not_proved=("is_theirs or is_set", "True"),
    ),
    *guards_of(
        "workflow/citizen.py",
        *SINCE,
        what_a_stranger_is_told_is_no_part_of_the_complaint=(
            "if ticket and not bears_address(ticket, event.sender_email):",
            "if False:",
        ),
    ),
    *guards_of(
        "workflow/quarantine.py",
        *WRITERS,
        nobody_is_made_one_of_ours_by_a_release=(
            '"protected_address" if writer.lower() in protected(policy) else ""',
            '""',
        ),
        only_what_was_recorded_is_released_as_somebodys=(
            '(bool(writer) and found.outcome == "recorded")',
            "bool(writer)",
        ),
    ),
    *guards_of(
        "casework/quarantine.py",
        *WRITERS,
        only_an_address_may_be_named_as_the_writer=("if writer and not is_address(writer):", "if False:"),
    ),
    *guards_of(
        "casework/counter.py",
        *ATTACKS,
        a_link_of_an_earlier_epoch_opens_nothing=(
            "or link.epoch != trust.epoch(stored.ticket):",
            "or False:",
        ),
        a_link_follows_a_merging_only_to_its_equal=(
            "if stored is None or not trust.are_equal(named.ticket, stored.ticket):",
            "if stored is None:",
        ),
    ),
    *guards_of(
        "casework/case.py",
        *ATTACKS,
        "casework/test_threads_and_addresses.py",
        "casework/test_unproved_words.py",
        an_unproved_mail_is_no_part_of_a_proved_thread=(
            "is_theirs and trust.speaks_for_requester(ticket, is_proved=words.is_proved)",
            "is_theirs",
        ),
    ),
    *guards_of(
        "store/tickets.py",
        *ATTACKS,
        "casework/test_whose_words.py",
        the_same_request_is_sought_among_the_equally_proved=(
            '& (tickets.c.authenticated == bindparam("proved"))',
            '& (bindparam("proved").is_not(None))',
        ),
        what_an_agent_was_told_is_joined_by_no_mail=(
            '(tickets.c.channel == "email")\n    &',
            "tickets.c.id.is_not(None)\n    &",
        ),
        an_address_finds_no_caller_who_is_known_by_a_mobile=(
            "    tickets.c.phone_vouched.is_(false()),\n    tickets.c.requester_handle.is_(None),\n",
            "",
        ),
        only_a_proved_mobile_is_borrowed=(
            'tickets.c.authenticated,\n        tickets.c.channel == "email",',
            "",
        ),
    ),
    *guards_of(
        "store/threads.py",
        *ATTACKS,
        a_copied_message_id_leads_a_proved_mail_nowhere=(
            'tickets.c.authenticated >= bindparam("proved", type_=tickets.c.authenticated.type),',
            'bindparam("proved", type_=tickets.c.authenticated.type).is_not(None),',
        ),
    ),
    *guards_of(
        "reading/mail.py",
        *WRITERS,
        only_a_proved_form_names_its_writer=(
            "in rules.form_senders and verdict.authenticated and",
            "in rules.form_senders and",
        ),
        who_filled_in_a_form_is_proved_by_nothing=(
            'verdict = replace(verdict, authenticated=False, why="web_form", proof="")',
            'verdict = replace(verdict, why="web_form")',
        ),
        a_form_names_one_writer=("if len(found) == 1 else None", "if found else None"),
        a_form_names_neither_itself_nor_us=(
            "if writer and writer.email.lower() in {form, *own}:",
            "if False:",
        ),
        a_named_writer_is_proved_by_nothing=(
            'replace(proved, authenticated=False, dmarc="none", why="named_by_person", proof="")',
            "proved",
        ),
    ),
]
