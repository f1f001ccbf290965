"""The figures of one month, computed by hand from a table of complaints.

November 2026 in Riyadh: 1 is a Sunday, Fridays and Saturdays are free; no holiday lies in the calendar here.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from daemon.workflow.business_days import Calendar
from daemon.workflow.counts import Counts
from daemon.workflow.figures import Share, Sms, report, spread
from daemon.workflow.measures import Case, Group, first_response_time
from daemon.workflow.period import Period
from daemon.workflow.policy import Policy

RIYADH = ZoneInfo("Asia/Riyadh")
POLICY = Policy(Calendar(), "infocs@momah.gov.sa")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def at(day: int, hour: int = 12, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=RIYADH)


NOVEMBER = Period(at(1, 0), at(1, 0, month=12))


def case(**changed: Any) -> Case:
    values: dict[str, Any] = {
        "channel": "email",
        "category": "technical",
        "state": "open",
        "opened_at": at(2),
    }
    return Case(**(values | changed))


TABLE = (
    # A: answered after 6 h, processed in 4 days, closed, rated 5 after its survey.
    case(
        state="closed",
        close_reason="resolved",
        first_response_at=at(2, 18),
        used=4 * DAY,
        resolved_at=at(8),
        closed_at=at(9),
        surveyed_at=at(10),
        rating=5,
        rated_at=at(11),
    ),
    # B: answered after the promised day (opened Thursday; Friday and Saturday do not count), processed in 12
    # days, escalated and done, surveyed but silent; its closing lies in December.
    case(
        opened_at=at(5),
        state="closed",
        close_reason="resolved",
        first_response_at=at(8, 18),
        first_response_breached_at=at(8),
        processing_breached_at=at(19),
        escalation="done",
        escalated_at=at(20),
        used=12 * DAY,
        resolved_at=at(23),
        closed_at=at(1, month=12),
        surveyed_at=at(2, month=12),
    ),
    # C: by telephone, answered after 15 s; not admitted without having been resolved: that is an outcome.
    case(
        channel="phone",
        category="",
        opened_at=at(10),
        first_response_at=at(10) + timedelta(seconds=15),
        state="closed",
        close_reason="not_admitted",
        used=1 * DAY,
        closed_at=at(11),
    ),
    # D: by telephone, answered after 30 s, and still open, in its time.
    case(channel="phone", opened_at=at(30), first_response_at=at(30) + timedelta(seconds=30)),
    # E: of October, answered in its time then; rated 2 in November; came back and is resolved again.
    case(
        category="sla_exceeded",
        opened_at=at(5, month=10),
        first_response_at=at(5, 18, month=10),
        state="resolved",
        used=8 * DAY,
        resolved_at=at(29),
        rating=2,
        rated_at=at(3),
    ),
    # F: nobody answered: the promise was broken without any response.
    case(opened_at=at(24), first_response_breached_at=at(25), escalation="raised", escalated_at=at(26)),
    # G: no answer to the request for data: closed, and not processed.
    case(
        channel="website",
        opened_at=at(3),
        state="closed",
        close_reason="no_response",
        closed_at=at(12),
        used=HOUR,
    ),
    # H: of last year, long closed: says nothing.
    case(
        opened_at=at(2, month=1),
        first_response_at=at(2, 13, month=1),
        state="closed",
        close_reason="spam",
        closed_at=at(4, month=1),
    ),
)


def beside() -> dict[Group, Counts]:
    """One complaint came back, and one SMS of two segments went about it."""
    counts = Counts()
    counts.add("reopened")
    counts.add("sms")
    counts.add("sms_segments", times=2)
    return {Group("email", "sla_exceeded", "care", "sara@momah.gov.sa"): counts}


FIGURES = report(TABLE, beside(), NOVEMBER, POLICY)
TOTAL = FIGURES.total


def test_volume() -> None:
    assert TOTAL.opened == 6  # A B C D F G
    assert {reason: count for reason, count in TOTAL.closed.items() if count} == {
        "resolved": 1,  # A; B closed in December
        "not_admitted": 1,
        "no_response": 1,
    }
    assert TOTAL.reopened == 1


def test_first_responses_given_in_the_period() -> None:
    # A 6 h, B 12 h of Thursday and 18 h of Sunday, C 15 s, D 30 s; E answered in October.
    assert TOTAL.first_response.count == 4
    assert TOTAL.first_response.median == (timedelta(seconds=30) + 6 * HOUR) / 2
    assert TOTAL.first_response.ninetieth == 30 * HOUR
    assert TOTAL.first_response_in_time == Share(2, 4)  # A, C


def test_processing_counts_outcomes_by_the_business_time_used() -> None:
    # A 4, B 12, C 1, E 8 days; G was closed without an outcome.
    assert TOTAL.processing.count == 4
    assert TOTAL.processing.average == 6.25 * DAY
    assert TOTAL.processing.median == 6 * DAY
    assert TOTAL.processing.ninetieth == 12 * DAY
    assert TOTAL.processing_in_time == Share(3, 4)


def test_a_promise_is_decided_once_when_it_is_kept_or_when_its_time_runs_out() -> None:
    assert TOTAL.first_response_kept == Share(2, 5)  # A and C; not B, D, F
    assert TOTAL.processing_kept == Share(3, 4)  # A, C, E; not B
    december = report(TABLE, {}, Period(at(1, 0, month=12), at(31, 0, month=12)), POLICY).total
    assert december.processing_kept == Share(0, 0), "B's broken promise is November's alone"


def test_escalations_and_satisfaction() -> None:
    assert TOTAL.escalations == {"raised": 1, "accepted": 0, "declined": 0, "done": 1}
    assert TOTAL.ratings == {1: 0, 2: 1, 3: 0, 4: 0, 5: 1}
    assert (TOTAL.rated, TOTAL.average_rating) == (2, 3.5)
    assert TOTAL.surveys == Share(1, 1)  # A; B's went out in December


def test_a_rating_of_an_earlier_closing_is_no_answer_to_a_later_survey() -> None:
    again = case(
        state="closed",
        close_reason="resolved",
        closed_at=at(20),
        surveyed_at=at(22),
        rating=1,
        rated_at=at(9),
    )

    figures = report([again], {}, NOVEMBER, POLICY).total

    assert figures.surveys == Share(0, 1)
    assert figures.rated == 1


def test_the_backlog_is_what_is_not_closed_now() -> None:
    backlog = TOTAL.backlog
    assert backlog.states == {"awaiting_info": 0, "open": 2, "resolved": 1}  # D F; E
    assert (backlog.breached, backlog.escalated, backlog.held) == (1, 1, 0)  # F, F
    assert backlog.oldest_opened_at == at(5, month=10)  # E


def test_the_same_by_channel_and_by_category() -> None:
    assert {name: figures.opened for name, figures in FIGURES.by_channel.items()} == {
        "phone": 2,
        "website": 1,
        "email": 3,
    }
    assert list(FIGURES.by_category) == ["sla_exceeded", "technical", ""]
    phone = FIGURES.by_channel["phone"]
    assert phone.first_response_in_time == phone.first_response_kept == Share(1, 2)
    assert FIGURES.by_category["sla_exceeded"].reopened == FIGURES.by_channel["email"].reopened == 1
    assert FIGURES.by_category[""].processing.average == DAY
    assert sum(one.opened for one in FIGURES.by_category.values()) == TOTAL.opened


def test_waiting_for_data_is_no_time_of_ours() -> None:
    waited = case(
        opened_at=at(2),
        first_response_at=at(8, 14),
        # The first line is written a moment after the opening; data came on Sunday at 10.
        states=[(at(2, 13), "awaiting_info"), (at(8, 10), "open"), (at(8, 14), "awaiting_info")],
    )

    assert first_response_time(waited, POLICY) == 4 * HOUR


def test_asked_in_between_only_the_open_stretches_count() -> None:
    asked = case(
        opened_at=at(2, 8),
        first_response_at=at(4, 10),
        states=[(at(2, 9), "open"), (at(2, 11), "awaiting_info"), (at(4, 9), "open"), (at(9), "open")],
    )

    assert first_response_time(asked, POLICY) == 4 * HOUR  # 8 to 11, and 9 to 10


@pytest.mark.parametrize("channel, seconds, share", [("x", 900, 1), ("x", 901, 0), ("chatbot", 0, 1)])
def test_instant_channels_are_measured_by_the_clock_also_on_a_friday(
    channel: str, seconds: int, share: int
) -> None:
    friday = at(6)
    one = case(channel=channel, opened_at=friday, first_response_at=friday + timedelta(seconds=seconds))

    assert report([one], {}, NOVEMBER, POLICY).total.first_response_in_time == Share(share, 1)


def test_sign_language_has_no_promise_of_a_first_response() -> None:
    figures = report([case(channel="sign_language", first_response_at=at(9))], {}, NOVEMBER, POLICY).total

    assert figures.first_response.count == 1
    assert figures.first_response_in_time == figures.first_response_kept == Share(0, 0)
    assert figures.first_response_in_time.ratio is None


def test_the_ends_of_a_period() -> None:
    cases = [case(opened_at=NOVEMBER.start), case(opened_at=NOVEMBER.end)]

    assert report(cases, {}, NOVEMBER, POLICY).total.opened == 1


@pytest.mark.parametrize("count, rank", [(1, 1), (9, 9), (10, 9), (11, 10), (20, 18), (100, 90)])
def test_the_ninetieth_percentile_is_by_nearest_rank(count: int, rank: int) -> None:
    assert spread({number * 86_400: 1 for number in range(count, 0, -1)}, 0).ninetieth == rank * DAY


@pytest.mark.parametrize("count, rank", [(1, 1), (19, 19), (20, 19), (21, 20), (100, 95)])
def test_95_of_100_is_by_nearest_rank(count: int, rank: int) -> None:
    assert spread({number * 86_400: 1 for number in range(count, 0, -1)}, 0).ninety_fifth == rank * DAY


def test_a_time_that_was_taken_often_counts_as_often() -> None:
    found = spread({60: 9, 600: 1}, 1140)

    assert (found.count, found.median, found.ninetieth) == (10, timedelta(minutes=1), timedelta(minutes=1))
    assert found.average == timedelta(seconds=114)


def test_the_same_by_team_and_by_member() -> None:
    cases = [
        case(team="care", member="sara@momah.gov.sa", processing_breached_at=at(9)),
        case(team="care", first_response_at=at(2, 14), resolved_at=at(3), state="resolved"),
        case(team="licences", member="ali@momah.gov.sa", resolved_at=at(3), state="resolved"),
        case(),
    ]

    found = report(cases, beside(), NOVEMBER, POLICY)

    assert {name: one.opened for name, one in found.by_team.items()} == {"care": 2, "licences": 1, "": 1}
    assert {who: one.processing_kept for who, one in found.by_member.items()} == {
        ("care", "sara@momah.gov.sa"): Share(0, 1),
        ("care", ""): Share(1, 1),
        ("licences", "ali@momah.gov.sa"): Share(1, 1),
        ("", ""): Share(0, 0),
    }
    assert found.by_team["care"].sms == Sms(1, 2)


def test_each_day_of_the_period_says_what_came_and_went() -> None:
    days = FIGURES.days

    assert (days[0].day, days[-1].day, len(days)) == (date(2026, 11, 1), date(2026, 11, 30), 30)
    assert sum(day.opened for day in days) == TOTAL.opened
    assert sum(day.closed for day in days) == TOTAL.closed_count
    assert days[9].by_channel == {"phone": 1}  # C


def test_the_tenth_day_is_in_time_and_not_a_second_more() -> None:
    ten, more = 10 * DAY, 10 * DAY + timedelta(seconds=1)
    cases = [
        case(used=used, resolved_at=at(20), state="resolved") for used in (timedelta(), ten, more, 99 * DAY)
    ]

    total = report(cases, {}, NOVEMBER, POLICY).total

    assert {days: count for days, count in total.processing_days.items() if count} == {
        1: 1,
        10: 1,
        11: 1,
        21: 1,
    }
    assert total.processing_in_time == Share(2, 4)


def test_nothing_took_no_time() -> None:
    nothing = report([], {}, NOVEMBER, POLICY)

    assert nothing.total.processing.average is None
    assert nothing.total.average_rating is None
    assert (nothing.by_channel, nothing.by_category) == ({}, {})
