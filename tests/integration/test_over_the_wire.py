"""One run of each family of cases between real servers and on both databases.

The cases themselves stand in tests/casework, where they take milliseconds; the fixture `open_office` is here
the one with Dovecot, an SMTP sink and an SMS gateway.
"""

from __future__ import annotations

from tests.casework.test_attachments import (
    test_files_of_an_answer_go_to_the_citizen_under_our_names as test_files_of_an_answer,
)
from tests.casework.test_attachments import (
    test_where_the_relay_refuses_the_files_the_words_go_without_them as test_files_that_the_relay_refuses,
)
from tests.casework.test_calendar_change import (
    test_a_holiday_announced_late_moves_open_deadlines_and_says_so as test_a_holiday_announced_late,
)
from tests.casework.test_digest import (
    test_no_digest_on_a_weekend_and_none_twice_after_a_restart as test_a_digest_once,
)
from tests.casework.test_hostile_senders import (
    test_a_copy_that_came_straight_counts_where_one_by_another_way_was_spoilt as test_a_straight_copy,
)
from tests.casework.test_hostile_senders import (
    test_a_staff_mail_once_more_with_a_blank_is_carried_out_once as test_a_staff_mail_once_more,
)
from tests.casework.test_other_channels import (
    test_staff_hand_in_a_citizens_mail as test_a_mail_handed_in,
)
from tests.casework.test_other_channels import (
    test_the_same_key_gives_the_same_answer_and_another_request_is_refused as test_the_same_key,
)
from tests.casework.test_other_channels import (
    test_the_survey_comes_a_business_day_after_closing_and_counts_once as test_the_survey,
)
from tests.casework.test_pipeline_trust import (
    test_a_bounce_of_our_mail_marks_that_very_message_and_staff_hear_of_it as test_a_bounce,
)
from tests.casework.test_pipeline_trust import (
    test_a_mail_whose_from_is_refuted_goes_to_quarantine_unanswered as test_a_refuted_mail,
)
from tests.casework.test_quarantine import (
    test_a_member_releases_and_blocks_by_answering_the_digest as test_an_answer_to_the_digest,
)
from tests.casework.test_quarantine import (
    test_a_released_mail_is_decided_on_at_the_time_it_came_and_its_copy_follows as test_a_released_mail,
)
from tests.casework.test_threads_and_addresses import (
    test_a_merged_complaint_goes_on_as_the_other as test_a_merged_complaint,
)
from tests.casework.test_threads_and_addresses import (
    test_whom_a_proved_requester_copied_in_hears_staff_and_may_add as test_a_participant,
)
from tests.casework.test_whole_life import (
    test_a_plain_answer_of_staff_reaches_the_citizen_in_their_own_thread as test_an_answer_of_staff,
)
from tests.casework.test_whole_life import (
    test_a_silent_requester_is_asked_warned_and_closed_to_the_minute as test_a_silent_requester,
)
from tests.casework.test_whole_life import (
    test_a_warning_that_no_channel_takes_holds_the_complaint as test_a_warning_that_nobody_takes,
)
from tests.casework.test_whole_life import (
    test_without_subaddressing_the_token_rides_in_the_message_id as test_the_token_in_the_message_id,
)
from tests.casework.test_whose_words import (
    test_a_token_goes_on_only_with_those_whose_ticket_it_is as test_whose_token,
)

__all__ = [
    "test_a_bounce",
    "test_a_digest_once",
    "test_a_holiday_announced_late",
    "test_a_mail_handed_in",
    "test_a_merged_complaint",
    "test_a_participant",
    "test_a_refuted_mail",
    "test_a_released_mail",
    "test_a_silent_requester",
    "test_a_staff_mail_once_more",
    "test_a_straight_copy",
    "test_a_warning_that_nobody_takes",
    "test_an_answer_of_staff",
    "test_an_answer_to_the_digest",
    "test_files_of_an_answer",
    "test_files_that_the_relay_refuses",
    "test_the_same_key",
    "test_the_survey",
    "test_the_token_in_the_message_id",
    "test_whose_token",
]
