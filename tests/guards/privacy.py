"""The guards of erasure: nothing names the person any more, and nobody else's is touched."""

from __future__ import annotations

from tests.guards.guard import Guard, guards_of

CASES = ("casework/test_erasure.py",)

GUARDS: list[Guard] = [
    *guards_of(
        "casework/erased_again.py",
        "casework/test_erased_again.py",
        what_the_database_went_through_is_not_done_again=("if one.id not in known]", "]"),
        others_who_bear_the_mobile_are_left_out=(
            "without = frozenset({bearer.number for bearer in bearing} - {*one.tickets})",
            "without = frozenset[str]()",
        ),
        nothing_but_those_complaints_goes=("while who and (more", "while False and (more"),
        the_mailbox_brings_nothing_back=(
            "    database.transact_now(erased.keep_out, one.mails, one.at)\n",
            "",
        ),
        what_was_only_begun_is_not_done=("        if one.is_done:\n", "        if True:\n"),
    ),
    *guards_of(
        "casework/erasure.py",
        *CASES,
        a_legal_hold_is_respected=("for hold in planned.holds:", "for hold in ():"),
        what_is_not_closed_is_refused=("if planned.unclosed and not is_forced:", "if False:"),
        rows_of_others_are_masked=(
            "        database.transact_now(mask_rows,",
            "        (lambda *_: None)(mask_rows,",
        ),
        the_record_is_written=(
            "    audit.record(connection, Deed(order.by,",
            "    (lambda *_: None)(connection, Deed(order.by,",
        ),
    ),
    *guards_of(
        "casework/person.py",
        *CASES,
        a_mobile_of_two_persons_is_asked_about=("if len(found) > 1:", "if False:"),
        what_others_bear_too_stays=(
            "return any(not self._is_own(bearer, who) for bearer in self._bearing(one))",
            "return False",
        ),
    ),
    *guards_of(
        "store/erasing.py",
        *CASES,
        what_an_sms_cost_stays=("values(segments=segments)", "values(segments=0)"),
        raw_mails_go=("connection.execute(delete(raw_mails)", "(delete(raw_mails)"),
        nothing_is_left_to_be_sent=(
            '(outbox.c.state.in_(("queued", "held")), "cancelled")',
            '(outbox.c.state.in_(("nothing",)), "cancelled")',
        ),
    ),
    *guards_of(
        "store/aging.py",
        "casework/test_retention.py",
        a_hold_keeps_a_complaint=("tickets.c.id.not_in(sorted(asked.held.tickets)),", ""),
        mail_of_a_running_complaint_stays=("table.c.ticket_id.not_in(unclosed) &", ""),
    ),
    *guards_of(
        "casework/person_copy.py",
        "casework/test_person_copy.py",
        what_is_not_proved_is_not_handed_out=("if is_own or row.proof else", "if True else"),
        mails_of_staff_stay_out=("if row.is_requester or _is_theirs(", "if True or _is_theirs("),
    ),
    *guards_of(
        "mail/meaning/privacy_wish.py",
        "unit/test_privacy_wish.py",
        who_speaks_of_it_in_passing_asks_for_nothing=('if "passing" in found:', "if False:"),
    ),
    *guards_of(
        "workflow/opening.py",
        "casework/test_privacy_request.py",
        a_complaint_about_a_request_stays_one=(
            "return bool(event.privacy_wish) and not event.request_number and not event.category",
            "return bool(event.privacy_wish)",
        ),
    ),
    *guards_of(
        "store/compaction.py",
        *CASES,
        deleted_rows_leave_the_file=('connection.execute("VACUUM")', "pass"),
    ),
    *guards_of(
        "store/tickets.py",
        *CASES,
        an_erased_ticket_is_found_no_more=(
            "is_it = (tickets.c.id == ticket_id) & tickets.c.erased_at.is_(None)",
            "is_it = tickets.c.id == ticket_id",
        ),
    ),
]
