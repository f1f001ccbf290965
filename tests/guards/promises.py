"""Guards of promises: no open one without a clock, and when a citizen may escalate."""

from __future__ import annotations

from tests.guards.guard import guards_of

PROPERTIES = "properties/test_decide_properties.py"
PROMISES = "unit/test_decide_promises.py"
DECIDE = (
    PROMISES,
    "unit/test_decide_guards.py",
    "unit/test_decide_time.py",
    "unit/test_decide_staff.py",
    "unit/test_decide.py",
)

GUARDS = [
    *guards_of(
        "workflow/deadlines.py",
        *DECIDE,
        PROPERTIES,
        what_is_over_its_time_is_told_again=(
            "| _processing(ticket, policy) | _overdue(ticket, policy)",
            "| _processing(ticket, policy)",
        ),
        what_is_held_or_unseen_is_told_again=(
            "_awaited(ticket, policy) or _stalled(ticket, policy)",
            "_awaited(ticket, policy)",
        ),
        an_open_escalation_has_a_clock=('if ticket.escalated and ticket.state != "closed":', "if False:"),
        a_late_escalation_is_told_again=(
            "return {ESCALATION_OVERDUE: _again(escalation_overdue_since(ticket, policy), policy)}",
            "return {}",
        ),
        no_silence_ends_an_escalation=("if kind not in CLOSURES}", "}"),
    ),
    *guards_of(
        "workflow/clocks.py",
        *DECIDE,
        PROPERTIES,
        a_reopened_ticket_owes_an_answer=("return ticket.reanswered_at is None", "return False"),
        a_reopened_ticket_has_its_whole_time=(
            "return ticket.used - ticket.used_before",
            "return ticket.used",
        ),
        the_first_day_of_escalation_counts_through_a_closing=(
            "ticket.used + ticket.used_over)",
            "ticket.used)",
        ),
        what_was_processed_in_time_was_not_exceeded=("if used < expected <= used + over:", "if False:"),
        the_time_after_a_withdrawal_is_not_ours=("and ticket.close_reason not in NOT_OURS:", ":"),
        an_extension_before_a_reopening_is_over=("        extension_days=0,\n", ""),
    ),
    *guards_of(
        "workflow/escalation.py",
        *DECIDE,
        an_escalation_needs_one_of_the_guides_cases=("or (due and now >= due)):", "or True):"),
        only_an_unprocessed_closing_may_be_escalated=("and ticket.close_reason in UNPROCESSED:", ":"),
        a_withdrawn_complaint_was_not_processed_too_late=(
            'is_promised = ticket.state != "closed" or ticket.close_reason == "resolved"',
            "is_promised = True",
        ),
        who_accepts_has_the_ticket=("assignee=member.email or ticket.assignee", "assignee=ticket.assignee"),
        what_staff_escalated_is_not_the_citizens_wish=(
            'return "" if ticket.is_escalated_by_staff else ticket.escalation',
            "return ticket.escalation",
        ),
    ),
    *guards_of(
        "workflow/reminders.py",
        *DECIDE,
        a_breach_told_before_is_not_told_again=("() if told in ticket.reminded else", ""),
    ),
    *guards_of(
        "workflow/closing.py",
        *DECIDE,
        PROPERTIES,
        an_escalation_ends_with_its_ticket=(
            'escalation: Escalation = "done" if ticket.escalated else ticket.escalation',
            "escalation: Escalation = ticket.escalation",
        ),
    ),
    *guards_of(
        "workflow/merging.py",
        PROMISES,
        no_escalation_is_lost_in_a_merging=("if ticket.escalated and not into.escalated:", "if False:"),
    ),
    *guards_of(
        "workflow/business_days.py",
        "unit/test_business_days.py",
        nobody_is_spoken_to_on_a_friday_at_noon=(
            "if self.is_business_day(local.date()) and opens",
            "if opens",
        ),
    ),
    *guards_of(
        "loops/digest.py",
        "casework/test_digest.py",
        the_lead_gets_the_digest=("in (team.address, team.lead) if address", "in (team.address,) if address"),
        a_digest_is_said_once_a_day=("== local.date().toordinal():", "== -1:"),
    ),
    *guards_of(
        "casework/counter.py",
        "casework/test_other_channels.py",
        a_page_ends_with_its_ticket=("if ends_at is not None and case.now >= ends_at:", "if False:"),
    ),
    *guards_of(
        "casework/counter.py",
        "casework/test_requesters.py",
        an_account_joins_its_own_complaint=("if found is None and complaint.handle:", "if False:"),
    ),
    *guards_of(
        "workflow/reach.py",
        "casework/test_requesters.py",
        an_sms_goes_to_a_saudi_mobile=(
            "phone.startswith(SAUDI) and not is_spent",
            "bool(phone) and not is_spent",
        ),
    ),
    *guards_of(
        "workflow/saying.py",
        "casework/test_requesters.py",
        what_must_be_heard_is_passed_on=(
            "if not spoken and notices.of(name).must_be_heard and is_unreached(ticket, policy):",
            "if False:",
        ),
    ),
    *guards_of(
        "web/complaints.py",
        "unit/test_web_intake.py",
        nobody_is_answered_before_they_speak=("if spoke_at is not None and spoke_at > instant:", "if False:"),
        nobody_waited_for_years=("if instant < info.context - LONGEST_AGO:", "if False:"),
        a_name_alone_reaches_nobody=("if value is None and others == [None, None]:", "if False:"),
    ),
    *guards_of(
        "workflow/measures.py",
        "casework/test_requesters.py",
        a_wait_begins_with_the_customers_first_word=(
            "(case.contacted_at or case.opened_at)",
            "case.opened_at",
        ),
    ),
    *guards_of(
        "mail/meaning/citizen_words.py",
        "texts/test_citizen_words.py",
        a_threat_is_no_wish=('"about", "passing", "not_yet")):', '"about", "passing")):'),
        a_word_in_passing_is_no_wish=("    return _is_said_alone(words, at)\n", "    return True\n"),
        what_is_said_of_an_escalation_is_no_wish=(
            'if _is_among(word, _folded("escalation", "over", "refused", "done")):',
            "if False:",
        ),
    ),
    *guards_of(
        "workflow/wishes.py",
        *DECIDE,
        a_second_wish_is_added_to_the_open_one=("elif ticket.escalated:", "elif False:"),
    ),
    *guards_of(
        "workflow/unproved_words.py",
        "casework/test_unproved_words.py",
        unproved_words_hold_what_silence_would_end=(
            "return replace(ticket, held=True, reminded=ticket.reminded | {MARK}, told_late_at=now)",
            "return ticket",
        ),
        looking_mends_no_delivery=(
            "    if MARK not in ticket.reminded:\n        return ticket\n",
            "",
        ),
    ),
    *guards_of(
        "loops/desk.py",
        "casework/test_unread_mail.py",
        an_answer_that_may_lie_unread_stops_a_closing=(
            " and (not unread_since or max(silent) < unread_since)",
            "",
        ),
    ),
    *guards_of(
        "store/deadlines.py",
        "casework/test_unread_mail.py",
        one_unread_mail_stops_no_earlier_closing=(
            "or_(others, deadlines.c.due_at < before) if before else others",
            "others",
        ),
    ),
]
