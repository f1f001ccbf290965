"""Guards of SMTP: nothing goes twice or to nobody, nothing in clear is believed, limits are kept."""

from __future__ import annotations

from tests.guards.guard import guards_of

GROUPS = "integration/test_smtp_groups.py"
REPLIES = "unit/test_smtp_replies.py"
TURNS = "unit/test_smtp_turns.py"
LINE = "unit/test_line.py"
TOKENS = "integration/test_oauth2.py"

WINDOW = "casework/test_repeat_window.py"
GROUP = "unit/test_group_commit.py"

GUARDS = [
    *guards_of(
        "loops/delivery.py",
        WINDOW,
        no_more_is_begun_than_may_be_repeated=(
            "if len(self._unsettled) >= self._line.connections:",
            "if False:",
        ),
        what_an_outage_left_claimed_is_given_back=("= was_clean and is_whole", "= is_whole"),
        what_was_accepted_is_written_down_when_time_is_out=(
            "await recording  # out of time",
            "pass  # out of time",
        ),
    ),
    *guards_of(
        "store/group_commit.py",
        GROUP,
        one_that_fails_spoils_no_other=("if self._spoils_all(error):", "if True:"),
        an_outage_is_everybodys=("if self._spoils_all(error):", "if False:"),
        who_is_cancelled_takes_the_work_away=("if not job.done.cancelled():", "if True:"),
    ),
    *guards_of(
        "mail/wire/smtp/connection.py",
        GROUPS,
        no_empty_mail_goes_to_a_recipient_that_was_taken=("if not is_to_nobody:", "if False:"),
        data_let_pass_for_nobody_is_ended=('if first is not None and "data" not in refusals:', "if False:"),
        a_refusal_counts_though_the_rest_is_lost=(
            "            if first is None:\n                raise\n            self.close()",
            "            raise",
        ),
        an_answer_out_of_step_ends_the_connection=('raise Unreadable("out of step")', "pass"),
        what_left_whole_alone_is_in_doubt=("if not is_whole:", "if False:"),
        an_address_that_needs_smtputf8_goes_only_where_it_is_offered=(
            "if is_utf8 and not (self._offers.smtputf8 and self._offers.eightbit):",
            "if False:",
        ),
    ),
    *guards_of(
        "mail/wire/smtp/dialogue.py",
        GROUPS,
        an_answer_to_nothing_ends_the_connection=("if not self._owed and self._buffer:", "if False:"),
    ),
    *guards_of(
        "mail/wire/smtp/pool.py",
        GROUPS,
        what_does_not_bear_groups_is_spoken_to_step_by_step=("connection.in_groups = False", "pass"),
        a_connection_carries_no_more_than_it_may=("elif most and connection.carried >= most:", "elif False:"),
    ),
    *guards_of(
        "mail/wire/smtp/opening.py",
        GROUPS,
        "integration/test_smtp.py",
        no_mail_goes_in_clear_where_starttls_is_configured=(
            'start_tls=settings.security == "starttls",',
            'start_tls=None if settings.security == "starttls" else False,',
        ),
    ),
    *guards_of(
        "mail/wire/smtp/courier.py",
        GROUPS,
        too_many_connections_become_fewer=("self._turns.fewer()", "pass"),
    ),
    *guards_of(
        "mail/wire/smtp/turns.py",
        TURNS,
        one_connection_is_always_left=("or self.allowed <= 1", ""),
    ),
    *guards_of(
        "mail/wire/smtp/replies.py",
        REPLIES,
        a_citizens_server_slows_nobody_else_down=(
            'if stage == "rcpt" and (_ABOUT_RECIPIENT.fullmatch(enhanced)',
            "if False and (_ABOUT_RECIPIENT.fullmatch(enhanced)",
        ),
        a_full_server_is_left_alone=("or (_SLOWER_ENHANCED.fullmatch(enhanced) and not is_closing)", ""),
    ),
    *guards_of(
        "dispatch/line.py",
        LINE,
        what_the_peer_wishes_is_waited_for=("wished_s * random.uniform(1.0, 1.2)", "0.0"),
    ),
    *guards_of(
        "store/pace.py",
        "casework/test_pace.py",
        "integration/test_store_pace.py",
        what_is_in_hand_counts_for_the_minute=("outbox.state = 'claimed'", "outbox.state = 'nowhere'"),
        what_left_counts_for_a_minute=(
            "        connection.execute(insert(departures), row)\n",
            "        pass\n",
        ),
        a_clock_that_was_set_back_stops_no_sending=(
            '"until": now + MINUTE}',
            '"until": now + 9000 * MINUTE}',
        ),
        claims_take_turns=('if connection.dialect.name == "postgresql":', "if False:"),
    ),
    *guards_of(
        "dispatch/handover.py",
        "casework/test_pace.py",
        what_may_have_gone_counts=(" or isinstance(self.failure, OutcomeUnknown)", ""),
    ),
    *guards_of(
        "mail/wire/oauth2.py",
        TOKENS,
        "unit/test_oauth2.py",
        a_token_is_renewed_ahead_of_its_end=("max(lifetime_s - _AHEAD_S, lifetime_s / 2)", "lifetime_s"),
        a_refusal_of_an_old_token_throws_no_new_one_away=("if refused != self._token:", "if False:"),
        a_new_token_that_is_refused_is_not_replaced_at_once=(
            "return self._monotonic() - self._made_at >= JUST_NOW_S",
            "return True",
        ),
    ),
    *guards_of(
        "mail/wire/imap/protocol.py",
        TOKENS,
        no_log_holds_a_token_at_any_level=("_log_of_the_library.addFilter(_is_fit_to_log)", "pass"),
    ),
    *guards_of(
        "mail/wire/smtp/replies.py",
        TOKENS,
        a_login_lost_in_mid_session_is_made_again=(
            "return basic in map(str, _LOGIN_CODES) or enhanced in _LOGIN_ENHANCED",
            "return False",
        ),
    ),
    *guards_of(
        "loops/secret_end.py",
        "unit/test_secret_end.py",
        the_end_of_the_secret_is_told_once_a_day=("or today == self._told_on", ""),
    ),
]
