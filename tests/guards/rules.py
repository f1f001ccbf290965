"""Guards of the rules: deadlines, limits on answers, what staff may order, quarantine, files passed on."""

from __future__ import annotations

from tests.guards.guard import guards_of

DECIDE = (
    "unit/test_decide_guards.py",
    "unit/test_decide.py",
    "unit/test_decide_time.py",
    "unit/test_decide_staff.py",
    "unit/test_decide_channels.py",
)

STAFF = (
    "unit/test_decide_guards.py",
    "unit/test_decide_staff.py",
    "unit/test_quarantine.py",
    "unit/test_decide.py",
)

GUARDS = [
    *guards_of(
        "workflow/deadlines.py",
        "unit/test_decide_guards.py",
        "unit/test_decide_time.py",
        "unit/test_decide.py",
        "unit/test_decide_channels.py",
        a_held_outcome_is_not_closed=(
            "if ticket.held else {RESOLVED_CLOSURE: closes_at(",
            "if False else {RESOLVED_CLOSURE: closes_at(",
        ),
        a_held_request_is_not_closed=(
            "if ticket.held or ticket.info_requested_at is None:",
            "if ticket.info_requested_at is None:",
        ),
        nothing_closes_before_its_warning_was_accepted=(
            "if ticket.warning_accepted_at is None:\n        return {}",
            "if ticket.warning_accepted_at is None:\n        return {NO_RESPONSE: ticket.warned_at}",
        ),
        a_complaint_with_unseen_attachments_is_not_warned=("if ticket.has_unseen_attachments:", "if False:"),
        staff_hear_once_of_unseen_attachments=("{} if ATTACHMENTS_UNSEEN in ticket.reminded else", ""),
        a_survey_is_not_reminded_of_after_its_link=(
            "or due >= survey_closes_at(ticket, policy):",
            "or False:",
        ),
        a_survey_is_reminded_of_once=("or SURVEY_REMINDER in ticket.reminded", "or False"),
        an_answered_survey_is_not_reminded_of=("if is_answered or", "if"),
        only_a_solved_complaint_is_rated=(
            'and ticket.close_reason == "resolved" and ticket.closed_at:',
            "and ticket.closed_at:",
        ),
        a_time_that_was_breached_is_not_breached_again=(
            "return ticket.first_response_breached_at is not None",
            "return False",
        ),
        staff_are_reminded_once_of_the_first_response=(
            "if FIRST_RESPONSE_SOON not in ticket.reminded:",
            "if True:",
        ),
        staff_are_reminded_once_of_the_processing=("if PROCESSING_SOON not in ticket.reminded:", "if True:"),
        the_citizen_hears_of_a_delay_once=("if PROCESSING_DELAYED not in ticket.reminded and", "if"),
    ),
    *guards_of(
        "workflow/endings.py",
        "unit/test_decide_guards.py",
        "unit/test_decide_time.py",
        "unit/test_decide.py",
        "unit/test_decide_channels.py",
        an_answer_counts_for_this_closing_only=(
            "ticket.rated_at is None or ticket.rated_at < ticket.surveyed_at",
            "True",
        ),
        an_answer_after_the_link_does_not_count=("and now < survey_closes_at(ticket, policy)", ""),
        nobody_is_woken=(
            "return policy.calendar.next_speaking_time(due, policy.speaks_from, policy.speaks_until)",
            "return due",
        ),
    ),
    *guards_of(
        "workflow/clocks.py",
        "unit/test_decide_guards.py",
        "unit/test_decide_time.py",
        "unit/test_decide.py",
        "unit/test_decide_channels.py",
        an_extension_does_not_move_the_citizens_day=(
            "return used_up_at(ticket, policy, days, ticket.used + ticket.used_over)",
            "return staff_processing_due(ticket, policy)",
        ),
        only_business_time_is_used_up=("max(business - used, timedelta())", "business"),
        a_clock_that_runs_is_not_started_again=("return ticket if ticket.is_running else", "return"),
    ),
    *guards_of(
        "workflow/business_days.py",
        "unit/test_business_days.py",
        a_weekend_is_no_business_day=("day.weekday() not in self.weekend and", ""),
        a_holiday_is_no_business_day=(" and day not in self.holidays", ""),
        the_ministrys_word_is_the_last=("if day in self.working_days_instead:", "if False:"),
        one_day_of_the_week_is_worked=("if len(self.weekend) == 7:", "if False:"),
        business_days_are_counted_forwards=("if n < 0:", "if False:"),
        an_instant_is_aware=("if instant.utcoffset() is None:", "if False:"),
        nobody_is_spoken_to_at_night=("and opens <= local.time() <= closes:", ":"),
        nobody_is_spoken_to_on_a_holiday=("self._first_business_day(day), opens", "day, opens"),
    ),
    *guards_of(
        "workflow/staff.py",
        *STAFF,
        a_mistake_stops_everything=("if event.mistake and (ticket", "if False and (ticket"),
        handing_in_needs_a_proof=("if not event.is_authenticated:", "if False:"),
        nobody_of_ours_is_handed_in_as_a_citizen=(
            "if event.mail.sender_email.lower() in ours(policy):",
            "if False:",
        ),
        answers_to_staff_count_like_any_other=(
            "if notices.of(said.name).answers_writer else said",
            "if False else said",
        ),
        one_cause_speaks_once_to_one_person=('elif others and said.audience == "requester":', "elif False:"),
    ),
    *guards_of(
        "workflow/staff_orders.py",
        *STAFF,
        an_empty_answer_goes_to_nobody=("if not event.answer.strip():", "if False:"),
        an_internal_answer_stays_inside=("if not event.goes_to_citizen:", "if False:"),
        what_is_over_is_not_resolved=(
            'and not (ticket.state == "resolved" and ticket.held):',
            "and False:",
        ),
        a_closing_for_no_response_needs_its_warning=(
            'command.reason == "no_response" and not _may',
            "False and not _may",
        ),
        a_warned_closing_needs_its_three_days=(
            "return now >= policy.calendar.add_business_days(accepted_at, policy.closure_business_days)",
            "return True",
        ),
        a_held_complaint_is_not_closed_for_no_response=(
            "or ticket.held or ticket.wrote_since_asked:",
            "or ticket.wrote_since_asked:",
        ),
        who_wrote_is_not_closed_for_no_response=("or ticket.wrote_since_asked:", "or False:"),
        an_inactive_person_is_assigned_nothing=(
            " in policy.people if person.is_active]",
            " in policy.people]",
        ),
        one_person_is_assigned=("if len(found) != 1:", "if not found:"),
        an_escalation_is_judged_by_its_team=("if special and not special & writer.teams:", "if False:"),
        only_a_raised_escalation_is_judged=('if ticket.escalation != "raised":', "if False:"),
        a_mobile_set_by_staff_identifies_nobody=("known.is_phone_vouched and known.phone == phone", "True"),
        of_spam_nobody_hears_that_it_goes_on=('was_told = ticket.close_reason != "spam"', "was_told = True"),
    ),
    *guards_of(
        "workflow/saying.py",
        *DECIDE,
        an_unproved_writers_name_is_not_repeated=(
            'ticket.requester.name if ticket.authenticated else ""',
            "ticket.requester.name",
        ),
        an_unproved_writers_number_is_not_repeated=(
            '(ticket.request_number or "") if ticket.authenticated else ""',
            '(ticket.request_number or "")',
        ),
        an_unproved_writers_subject_is_not_repeated=(
            "if not ticket.authenticated:\n        return spoken",
            "",
        ),
        no_survey_goes_to_a_mobile_that_nobody_proved=(" and not notice.is_survey\n", "\n"),
        a_dead_address_is_written_to_no_more=("if ticket.requester.is_email_dead:", "if False:"),
    ),
    *guards_of(
        "workflow/teams.py",
        *DECIDE,
        somebody_inactive_hears_nothing=(
            "person.is_active and person.email == ticket.assignee",
            "person.email == ticket.assignee",
        ),
    ),
    *guards_of(
        "workflow/questions.py",
        *DECIDE,
        who_is_unproved_gets_one_acknowledgement=(
            "or ticket.request_number):\n        return ()",
            "or True):\n        return ()",
        ),
    ),
    *guards_of(
        "workflow/citizen.py",
        *DECIDE,
        a_strangers_word_is_not_the_requesters=("if not is_requester(ticket, event):", "if False:"),
        spam_takes_no_word_any_more=(
            'if ticket.state == "closed" and ticket.close_reason == "spam":',
            "if False:",
        ),
        a_rating_counts_only_while_a_survey_is_open=(
            "if is_survey_open(ticket, policy, when",
            "if True or (ticket, policy, when",
        ),
        who_wrote_while_data_was_awaited_is_not_closed=(
            "is possible only when nothing was written.\n        ticket = replace(ticket, wrote",
            "is possible only when nothing was written.\n        replace(ticket, wrote",
        ),
    ),
    *guards_of(
        "workflow/learning.py",
        *DECIDE,
        nobody_is_the_requester_by_having_no_address=(
            "bool(event.sender_email) and bears_address",
            "bears_address",
        ),
    ),
    *guards_of(
        "workflow/reopening.py",
        *DECIDE,
        a_long_closed_complaint_is_not_reopened=(
            "return at - ticket.closed_at > policy.reopen_within",
            "return False",
        ),
    ),
    *guards_of(
        "workflow/timekeeping.py",
        *DECIDE,
        a_closure_stops_where_the_requester_had_written=("if ticket.wrote_since_asked:", "if False:"),
        a_warning_that_no_channel_carries_holds=(
            "if not spoken:\n        held",
            "if False:\n        held",
        ),
    ),
    *guards_of(
        "workflow/deliveries.py",
        *DECIDE,
        a_clock_starts_at_the_first_acceptance=(
            "if not awaited or ticket.warning_accepted_at:",
            "if not awaited:",
        ),
        a_failed_warning_holds_the_closure=(
            "ticket = unproved_words.hold_unheard(ticket, event.at)\n    if event",
            "pass\n    if event",
        ),
        a_failed_notice_to_staff_does_not_chase_its_tail=(
            'if event.audience != "requester" or ticket is None:',
            "if ticket is None:",
        ),
        only_the_requesters_own_address_dies=(
            "if event.is_address_dead and _is_of(ticket, event):",
            "if event.is_address_dead:",
        ),
    ),
    *guards_of(
        "workflow/closing.py",
        *DECIDE,
        of_spam_nobody_hears=(
            'case "spam":\n            spoken: tuple[Notification, ...] = ()',
            'case "spam" if False:\n            spoken = ()',
        ),
    ),
    *guards_of(
        "workflow/quarantine.py",
        "unit/test_quarantine.py",
        only_what_is_set_aside_is_released=('if found.state != "quarantined" and not', "if False and not"),
        only_a_guess_is_released_once_done=(
            "is_guess(found.reason) or (bool(writer)",
            "True or (bool(writer)",
        ),
        what_was_not_taken_in_is_not_released=('if found.source == "too_large":', "if False:"),
        nobody_without_an_address_is_released=('return "" if found.sender else "no_sender"', 'return ""'),
        nobody_without_an_address_is_blocked=("if not found.sender:", "if False:"),
        an_address_of_our_own_is_not_blocked=(
            "if found.sender.lower() in protected(policy) else",
            "if False else",
        ),
        a_domain_of_our_own_is_not_blocked=(
            "if any(address.rpartition",
            "if False and any(address.rpartition",
        ),
        a_public_domain_is_not_blocked=('return "public_domain" if is_public(domain) else ""', 'return ""'),
        the_lead_of_a_team_is_ours=("*(team.lead for team in policy.teams)", "*()"),
    ),
    *guards_of(
        "workflow/passing_on.py",
        "unit/test_passing_on.py",
        an_unscanned_file_does_not_pass_a_closed_door=(
            '(verdict == "unscanned" and not self.fail_closed)',
            'verdict == "unscanned"',
        ),
        a_whole_mail_does_not_go_to_a_citizen=("return one.media_type in PRIVATE or", "return"),
        a_card_does_not_go_to_a_citizen=("or one.filename.lower().endswith(PRIVATE_ENDINGS)", ""),
        a_citizen_gets_only_what_the_scanner_saw=("fail_closed=how.has_scanner", "fail_closed=False"),
        a_citizen_gets_no_link=("has_links=False, fail", "fail"),
        a_notice_carries_so_many_octets_at_most=("fits = one.size_bytes <= most_bytes", "fits = True"),
    ),
    *guards_of(
        "workflow/channels.py",
        "unit/test_decide_guards.py",
        "unit/test_decide_channels.py",
        "unit/test_survey_score.py",
        a_score_is_between_one_and_five=("or not 1 <= event.score <= 5 or", "or"),
        a_survey_is_answered_while_it_is_open=("or not is_survey_open(ticket, policy, now):", ":"),
        a_withdrawal_after_the_closing_changes_nothing=('if ticket.state == "closed":', "if False:"),
    ),
    *guards_of(
        "web/bodies.py",
        "unit/test_web_intake.py",
        "unit/test_web_app.py",
        "unit/test_web_status.py",
        a_declared_body_has_so_many_octets_at_most=(
            "if declared_bytes(request.scope) > most_bytes:",
            "if False:",
        ),
        a_body_has_so_many_octets_at_most=("if len(body) > most_bytes:", "if False:"),
        a_packed_body_is_refused=('.lower() != "identity":', '.lower() == "":'),
        a_form_has_so_many_fields_at_most=("max_num_fields=most_fields,", ""),
        a_name_stands_once_in_an_object=("if len(found) != len(pairs):", "if False:"),
    ),
    *guards_of(
        "web/complaints.py",
        "unit/test_web_intake.py",
        a_text_has_so_many_letters_at_most=("Field(max_length=MAX_TEXT)", "Field()"),
    ),
    *guards_of(
        "web/status.py",
        "unit/test_web_status.py",
        an_objection_on_a_page_is_limited=("if len(text) > MAX_TEXT:", "if False:"),
        words_added_on_a_page_are_limited=(
            "if len(said.text) > MAX_TEXT:",
            "if False:",
        ),
    ),
    *guards_of(
        "web/surveys.py",
        "unit/test_web_surveys.py",
        a_comment_has_so_many_letters_at_most=("if len(comment) > MAX_COMMENT:", "if False:"),
    ),
    *guards_of(
        "web/throttle.py",
        "unit/test_web_app.py",
        one_line_posts_so_often_at_most=("if bucket.left < 1:", "if False:"),
        a_throttle_remembers_so_many_at_most=("if len(self._buckets) > self._most:", "if False:"),
        a_bucket_is_never_fuller_than_full=(
            "bucket.left = min(self._burst, bucket.left + (now - bucket.at) / self._every_s)",
            "bucket.left += (now - bucket.at) / self._every_s",
        ),
    ),
    *guards_of(
        "front_desk.py",
        "unit/test_web_intake.py",
        "unit/test_web_status.py",
        a_request_number_has_so_many_letters_at_most=(
            "if len(number) <= MAX_REQUEST_NUMBER and _REQ",
            "if _REQ",
        ),
    ),
]
