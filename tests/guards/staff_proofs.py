"""Guards of what staff must prove, and of what a mail from them may do."""

from __future__ import annotations

from tests.guards.guard import guards_of

GUARDS = [
    *guards_of(
        "workflow/staff_proofs.py",
        "unit/test_decide_guards.py",
        "unit/test_decide_staff.py",
        "unit/test_quarantine.py",
        "unit/test_decide.py",
        a_token_serves_only_those_who_have_the_ticket_now=(
            "return bool(teams & person.teams) or person.email.lower() in addresses or not teams",
            "return True",
        ),
        what_a_citizen_reads_and_what_changes_needs_both_proofs=(
            "is_proved = event.is_authenticated and has_token",
            "is_proved = event.is_authenticated or has_token",
        ),
        what_stays_inside_needs_one=("is_proved = event.is_authenticated or has_token", "is_proved = True"),
        a_plain_answer_is_read_by_the_citizen=("    return event.goes_to_citizen", "    return False"),
        only_what_stays_inside_needs_less=("(command, commands.INTERNAL) for", "(command, object) for"),
        where_nobody_can_be_proved_the_token_is_asked_for=("if not event.has_token:", "if False:"),
        a_colleagues_token_is_good_for_an_answer_only=(" and is_only_spoken(event))", ")"),
        only_a_command_that_says_something_is_an_answer=(
            "(command, commands.SPOKEN) for",
            "(command, object) for",
        ),
    ),
    *guards_of(
        "mail/trust/border.py",
        "unit/test_border.py",
        a_login_on_the_machine_itself_is_no_inner_hop=(
            "return is_local and not self.is_login",
            "return is_local",
        ),
        one_address_outside_makes_a_hop_an_outer_one=(
            "and all(map(_is_loopback, self.addresses))",
            "and any(map(_is_loopback, self.addresses))",
        ),
        a_named_borders_line_that_is_not_understood_ends_the_search=(
            'return Line(place, "") if is_perhaps else None',
            "continue",
        ),
        a_named_border_ends_at_another_way_in=(
            "        if hop.is_login or not hop.is_from(own):\n            return None",
            "        if hop.is_login or not hop.is_from(own):\n            continue",
        ),
        a_login_above_the_named_border_is_another_way_in=("if hop.is_login or not hop", "if not hop"),
        only_the_server_names_its_client=("is_local = self.names_client and all(", "is_local = all("),
        a_helo_in_the_servers_comment_names_nobody=(
            'if not own or own[-1].startswith(("helo ", "ehlo ")):',
            "if not own:",
        ),
        a_line_that_is_not_understood_ends_the_search=(
            "        if hop is None:\n            return last",
            "        if hop is None:\n            continue",
        ),
        a_private_client_is_ours_only_by_its_name=(" and below.by == hop.verified", ""),
        quotes_make_a_line_uncertain=(""" or '"' in value or "\\\\" in value:""", ":"),
        a_line_by_two_servers_is_by_none=('words.count("by") != 1', 'words.count("by") < 1'),
        signs_that_do_not_pair_make_a_line_uncertain=("    if depth or angle:\n", "    if False:\n"),
        a_line_cut_by_a_carriage_return_is_not_understood=(
            "    if not loose:\n        return headers",
            "    if True:\n        return headers",
        ),
    ),
    *guards_of(
        "mail/trust/results.py",
        "unit/test_border.py",
        a_field_below_the_borders_line_counts_for_nothing=(" and field.header < line.place]", "]"),
        fields_of_the_border_name_one_domain=(
            "if len({one.header_from for one in speaking}) > 1:",
            "if False:",
        ),
    ),
    *guards_of(
        "workflow/staff.py",
        "unit/test_decide_staff.py",
        only_a_known_writer_has_looked_at_the_files=("if is_known(event, policy) and not", "if not"),
        one_person_hears_of_one_cause_once=(" or writer.email.lower() in told):", "):"),
        who_crossed_the_citizens_words_is_warned=(
            "    crossed_at = facts.wrote_since if any(",
            "    crossed_at = None if any(",
        ),
    ),
    *guards_of(
        "casework/deliveries.py",
        "casework/test_hostile_senders.py",
        a_refuted_bounce_counts_on_the_null_path_alone=(
            'letter.reading.mail.return_path == "" and names',
            "names",
        ),
        a_refuted_bounce_names_its_recipient=(" and names_recipient(letter, row)\n", "\n"),
        a_refuted_bounce_without_proof_does_nothing=(
            ' or (authenticity.dmarc == "fail" and not is_own_proof)',
            "",
        ),
    ),
    *guards_of(
        "templating/defanging.py",
        "texts/test_templating_defanging.py",
        a_scheme_is_no_link=('return "[:]" + found[1:3]', 'return ":" + found[1:3]'),
        a_name_with_www_is_no_link=("(?<![a-z0-9])www[", "(?<![a-z0-9])wwww["),
        a_hosts_name_is_no_link=('    return _ANY_DOT.sub("[.]", found)\n\n', "    return found\n\n"),
        an_address_in_figures_is_no_link=("or _is_quad(found))", ")"),
        a_name_in_any_letters_is_no_link=(
            "    if not name.isascii() and not _ARABIC.search(name):\n",
            "    if False:\n",
        ),
        a_file_share_is_no_link=('return f"[{found}]"', "return found"),
        signs_that_nobody_sees_hide_no_host=('_INVISIBLE.sub("", top).lower()', "top.lower()"),
    ),
    *guards_of(
        "templating/telling.py",
        "texts/test_templating_defanging.py",
        what_a_stranger_wrote_is_defanged=("found[key] = _defanged(value)", "found[key] = value"),
    ),
    *guards_of(
        "mail/quoting/references.py",
        "unit/test_mail_clients.py",
        a_list_that_has_no_sign_of_a_program_is_the_writers=(
            "return list(own[:begin]) if is_named else list(own)",
            "return list(own[:begin])",
        ),
        a_list_begins_with_its_first_number=("    if first != 1:", "    if first == 0:"),
        a_heading_alone_is_no_list=(
            "    if first != 1:\n        return list(own)",
            "    if first != 1:\n        begin = end",
        ),
        a_few_letters_are_no_repetition=("_LEAST_LETTERS: Final = 12", "_LEAST_LETTERS: Final = 1"),
    ),
    *guards_of(
        "mail/quoting/marker.py",
        "unit/test_mail_clients.py",
        what_is_set_off_by_tabs_is_quoted=("    set_off = (", "    return lines\n    set_off = ("),
    ),
    *guards_of(
        "mail/meaning/person_name.py",
        "unit/test_signed_name.py",
        a_last_line_begins_with_a_first_name=(" or counted[0] not in _given():", ":"),
        a_word_to_somebody_is_no_name=("if (is_spoken and plain not in _given()) or not", "if not"),
        a_letter_of_one_line_is_no_signature=("if len(lines) < 2 or", "if not lines or"),
        a_preposition_is_no_first_name=(' and names[0][0] != "على" else', " else"),
    ),
    *guards_of(
        "cli/doctor_mail.py",
        "unit/test_doctor_mail.py",
        a_silent_border_is_told=("if seen.judged == 0 and seen.mails >= FEW:", "if False:"),
        a_reply_address_alone_is_told=(
            "            return NeedsAPerson(NOBODY)\n",
            '            return ""\n',
        ),
        what_needs_a_person_at_the_border_is_a_warning=(
            "NeedsAPerson(said) if seen.below else said",
            "said",
        ),
    ),
]
