"""The transition table of `workflow.decide`, a row for each branch, and what must hold for any sequence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from daemon.workflow import commands
from daemon.workflow.business_days import Calendar
from daemon.workflow.deadlines import open_deadlines
from daemon.workflow.decide import ImpossibleEvent, decide
from daemon.workflow.events import (
    DeadlineReached,
    DeliveryFailed,
    MailReceived,
    MailTooLarge,
    StaffWrote,
)
from daemon.workflow.model import Decision, Facts, Person, Recent, Requester, Team, Ticket, ToNumber
from daemon.workflow.naming import missing
from daemon.workflow.policy import Policy
from daemon.workflow.teams import team_for
from tests.each import each

RIYADH = ZoneInfo("Asia/Riyadh")
CALENDAR = Calendar(frozenset({4, 5}), frozenset(), frozenset(), RIYADH)
SUNDAY = datetime(2026, 11, 22, 10, 0, tzinfo=RIYADH)
POLICY = Policy(
    CALENDAR,
    "infocs@momah.gov.sa",
    teams=(
        Team("tech", "tech@momah.gov.sa", frozenset({"technical"})),
        Team("care", "care@momah.gov.sa"),
    ),
    operator="ops@momah.gov.sa",
)
WRITER = "khalid@example.com"


def ticket(state: str = "open", **changes: object) -> Ticket:
    base = Ticket(
        number="FRS-2026-000001-7",
        state=state,  # type: ignore[arg-type]
        channel="email",
        requester=Requester("خالد", WRITER, "+966501234567"),
        opened_at=SUNDAY,
        subject="شكوى",
        category="technical",
        request_number="2026123",
        team="care",
        running_since=SUNDAY if state == "open" else None,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def mail(**changes: object) -> MailReceived:
    base = MailReceived(
        at=SUNDAY + timedelta(hours=1),
        sender_email=WRITER,
        sender_name="خالد",
        subject="شكوى",
        text="النص كله",
        new_text="النص الجديد",
        match="reply",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


CLOCKS = {"first_response", "first_response_80", "processing", "processing_80", "processing_delayed"}


def told(decision: Decision) -> set[tuple[str, str]]:
    return {(said.name, said.channel) for said in decision.notifications}


RECEIVED = {("received", "email"), ("received", "sms"), ("staff_new", "email")}
ASKED = {("info_requested", "email"), ("info_requested", "sms"), ("staff_new", "email")}
UPDATE = {("staff_update", "email")}


@dataclass(frozen=True)
class Row:
    """Given `before` and `event`, then the ticket's state, who is told, and the outcome."""

    name: str
    before: Ticket | None
    event: MailReceived
    state: str
    says: set[tuple[str, str]]
    outcome: str
    new_ticket: bool = False
    after: timedelta = timedelta(hours=1)


PHONE = "+966501234567"
FIRST = {"match": "none"}
WAITING = ticket("awaiting_info", request_number=None)
CLOSED = ticket("closed", close_reason="resolved", closed_at=SUNDAY)
TABLE = [
    Row("complete", None, mail(**FIRST, request_number="77", phone=PHONE), "open", RECEIVED, "opened", True),
    Row("no number", None, mail(**FIRST, phone=PHONE), "awaiting_info", ASKED, "opened", True),
    Row(
        "no mobile: no SMS",
        None,
        mail(**FIRST, request_number="77"),
        "open",
        {("received", "email"), ("staff_new", "email")},
        "opened",
        True,
    ),
    Row("reply", ticket(), mail(), "open", UPDATE, "added"),
    Row("thanks", ticket(), mail(is_thanks=True), "open", set(), "recorded"),
    Row("thanks while waiting", WAITING, mail(is_thanks=True), "awaiting_info", set(), "recorded"),
    Row("a stranger's reply", ticket(), mail(sender_email="eve@example.net"), "open", UPDATE, "added"),
    Row(
        "a stranger's thanks",
        ticket("resolved"),
        mail(sender_email="eve@example.net", is_thanks=True),
        "resolved",
        UPDATE,
        "added",
    ),
    Row(
        "the number arrives",
        WAITING,
        mail(answer_number="88"),
        "open",
        {("in_progress", "email"), *UPDATE},
        "added",
    ),
    Row("an answer without it", WAITING, mail(), "open", UPDATE, "added"),
    Row(
        "it arrives later still",
        ticket(request_number=None),
        mail(answer_number="88"),
        "open",
        {("in_progress", "email"), *UPDATE},
        "added",
    ),
    Row("still without it", ticket(request_number=None), mail(), "open", UPDATE, "added"),
    Row(
        "a second complaint",
        ticket(),
        mail(match="request", request_number="2026123"),
        "open",
        {("joined", "email"), *UPDATE},
        "joined",
    ),
    Row(
        "a second complaint on a resolved one",
        ticket("resolved", resolved_at=SUNDAY),
        mail(match="request", request_number="2026123"),
        "open",
        {("joined", "email"), *UPDATE},
        "joined",
    ),
    Row(
        "a reply to resolved",
        ticket("resolved"),
        mail(),
        "open",
        {("reopened", "email"), *UPDATE},
        "added",
    ),
    Row("thanks for resolved", ticket("resolved"), mail(is_thanks=True), "resolved", set(), "recorded"),
    Row("a reply to closed", CLOSED, mail(), "open", {("reopened", "email"), *UPDATE}, "added"),
    Row(
        "on the fourteenth day",
        CLOSED,
        mail(),
        "open",
        {("reopened", "email"), *UPDATE},
        "added",
        after=timedelta(days=14),
    ),
    Row(
        "after the fourteenth day",
        CLOSED,
        mail(request_number="77", at=SUNDAY + timedelta(days=14, seconds=1)),
        "open",
        RECEIVED,
        "opened",
        True,
        after=timedelta(days=14, seconds=2),
    ),
    Row(
        "closed as spam",
        replace(CLOSED, close_reason="spam"),
        mail(),
        "closed",
        set(),
        "recorded",
    ),
]


@each("row", TABLE, ids=lambda row: row.name)
def test_the_transition_table_holds(row: Row) -> None:
    facts = Facts(ticket=row.before, new_number="FRS-2026-000009-9")

    decision = decide(facts, row.event, POLICY, SUNDAY + row.after)

    assert decision.ticket is not None
    assert decision.ticket.state == row.state
    assert told(decision) == row.says
    assert decision.outcome == row.outcome
    assert (decision.ticket.number == "FRS-2026-000009-9") == row.new_ticket


def test_a_ticket_after_the_time_to_reopen_is_linked_to_the_old_one() -> None:
    facts = Facts(ticket=CLOSED, new_number="FRS-2026-000009-9")

    late = SUNDAY + timedelta(days=20)
    decision = decide(facts, mail(at=late), POLICY, late)

    assert decision.ticket is not None
    assert decision.ticket.linked_to == CLOSED.number
    assert decision.ticket.requester.phone == PHONE, "who was reached stays reachable"
    staff = next(said for said in decision.notifications if said.name == "staff_new")
    assert staff.values["is_own_link"]


@pytest.mark.parametrize(("days_later", "is_new"), [(13, False), (15, True)])
def test_a_reply_counts_from_when_it_came_and_not_from_when_we_read_it(days_later: int, is_new: bool) -> None:
    facts = Facts(ticket=CLOSED, new_number="FRS-2026-000009-9")

    decision = decide(
        facts, mail(at=SUNDAY + timedelta(days=days_later)), POLICY, SUNDAY + timedelta(days=18)
    )

    assert decision.ticket is not None
    assert (decision.ticket.number != CLOSED.number) == is_new


def test_the_clocks_stand_while_data_is_awaited_and_run_from_its_arrival() -> None:
    waiting = decide(Facts(new_number="N"), mail(match="none"), POLICY, SUNDAY).ticket
    assert waiting is not None
    assert {deadline.kind for deadline in open_deadlines(waiting, POLICY)} == {"info_warning"}

    arrived = decide(Facts(waiting), mail(answer_number="88"), POLICY, SUNDAY + timedelta(days=1)).ticket

    assert arrived is not None
    assert {deadline.kind for deadline in open_deadlines(arrived, POLICY)} == CLOCKS
    assert arrived.running_since == SUNDAY + timedelta(hours=1)


def test_a_mail_from_the_future_opens_now() -> None:
    decision = decide(Facts(new_number="N"), mail(at=SUNDAY + timedelta(days=9)), POLICY, SUNDAY)

    assert decision.ticket is not None
    assert decision.ticket.opened_at == SUNDAY


def test_until_the_writer_is_proved_nothing_they_wrote_is_repeated() -> None:
    event = mail(match="none", request_number="CHEAP-PILLS-5", sender_name="Buy Now", subject="Buy pills")

    answer = decide(Facts(new_number="N"), event, POLICY, SUNDAY).notifications[0]

    assert answer.reply_subject is None
    assert not {"Buy Now", "Buy pills", "CHEAP-PILLS-5"} & {str(value) for value in answer.values.values()}


def test_a_proved_writer_gets_their_subject_back_with_the_number() -> None:
    event = mail(match="none", request_number="77", subject="طلبي متأخر", is_authenticated=True)

    decision = decide(Facts(new_number="FRS-2026-000009-9"), event, POLICY, SUNDAY)

    assert decision.notifications[0].reply_subject == "طلبي متأخر [FRS-2026-000009-9]"
    assert decision.notifications[0].values["requester_name"] == "خالد"


def test_the_number_stands_in_the_subject_once() -> None:
    event = mail(subject="Re: شكوى [FRS-2026-000001-7]", is_authenticated=True, answer_number="88")

    decision = decide(Facts(WAITING), event, POLICY, SUNDAY)

    assert decision.notifications[0].reply_subject == "Re: شكوى [FRS-2026-000001-7]"


@pytest.mark.parametrize(
    ("recent", "suppressed"),
    [
        (Recent(to_address=9), {"email": "", "sms": ""}),
        (Recent(to_address=10), {"email": "limit_per_address", "sms": ""}),
        (Recent(numbers={PHONE: ToNumber(5)}), {"email": "", "sms": "limit_per_number"}),
        (Recent(to_domain=500), {"email": "limit_per_domain", "sms": ""}),
    ],
)
def test_answers_over_a_limit_are_recorded_but_not_sent(recent: Recent, suppressed: dict[str, str]) -> None:
    event = mail(match="none", request_number="77", phone=PHONE)

    decision = decide(Facts(new_number="N", recent=recent), event, POLICY, SUNDAY)

    answers = {said.channel: said.suppressed for said in decision.notifications if said.name == "received"}
    assert answers == suppressed
    assert [said.suppressed for said in decision.notifications if said.name == "staff_new"] == [""]


def test_the_domain_limit_does_not_hold_back_a_proved_writer() -> None:
    event = mail(match="none", request_number="77", is_authenticated=True)

    decision = decide(Facts(new_number="N", recent=Recent(to_domain=500)), event, POLICY, SUNDAY)

    assert decision.notifications[0].suppressed == ""


def test_exactly_what_is_missing_is_asked_for_and_only_once() -> None:
    opened = decide(Facts(new_number="N"), mail(match="none"), POLICY, SUNDAY)
    assert opened.ticket is not None
    assert opened.notifications[0].values["missing"] == ["request_number", "ground", "mobile"]

    later = decide(Facts(opened.ticket), mail(answer_number="88"), POLICY, SUNDAY)

    assert later.notifications[0].values["missing"] == []
    assert later.ticket is not None
    assert missing(later.ticket) == ["ground", "mobile"]


def test_a_known_mobile_of_an_earlier_ticket_is_used_and_not_asked_for() -> None:
    facts = Facts(new_number="N", known_phone="+966551112223")

    decision = decide(facts, mail(match="none", request_number="77"), POLICY, SUNDAY)

    assert [said.recipient for said in decision.notifications if said.channel == "sms"] == ["+966551112223"]
    assert decision.notifications[0].values["missing"] == ["ground"]


def test_without_a_gateway_no_sms_is_written() -> None:
    event = mail(match="none", request_number="77", phone=PHONE)

    decision = decide(Facts(new_number="N"), event, replace(POLICY, has_sms=False), SUNDAY)

    assert all(said.channel == "email" for said in decision.notifications)


@pytest.mark.parametrize(
    ("category", "teams", "expected"),
    [
        ("technical", POLICY.teams, "tech"),
        ("sla_exceeded", POLICY.teams, "care"),
        (None, POLICY.teams, "care"),
        ("sla_exceeded", POLICY.teams[:1], "tech"),
        (None, (), None),
    ],
)
def test_the_team_of_the_category_hears_of_it_else_the_one_that_takes_the_rest(
    category: str | None, teams: tuple[Team, ...], expected: str | None
) -> None:
    team = team_for(category, replace(POLICY, teams=teams))

    assert (team.name if team else None) == expected


def test_without_teams_the_operator_hears_of_a_complaint() -> None:
    decision = decide(Facts(new_number="N"), mail(match="none"), replace(POLICY, teams=()), SUNDAY)

    assert decision.notifications[-1].recipient == "ops@momah.gov.sa"


SARA = Person("سارة القحطاني", "sara@momah.gov.sa", frozenset({"care"}))


def staff_mail(*orders: commands.Command, **changes: object) -> StaffWrote:
    base = StaffWrote(
        SUNDAY, SARA, tuple(orders), goes_to_citizen=True, is_authenticated=True, has_token=True
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def failure(**changes: object) -> DeliveryFailed:
    base = DeliveryFailed(SUNDAY, "info_requested", "email", WRITER, "requester", "550 5.1.1")
    return replace(base, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("notification", "has_other_channel", "has_bounced", "held"),
    [
        ("info_warning", False, False, True),
        ("info_warning", True, False, False),
        ("info_warning", True, True, False),
        ("info_requested", False, False, False),
        ("info_requested", False, True, True),
    ],
)
def test_a_warning_that_reached_nobody_or_a_bounce_holds_the_ticket_and_staff_are_told(
    notification: str, has_other_channel: bool, has_bounced: bool, held: bool
) -> None:
    facts = Facts(replace(WAITING, warned_at=SUNDAY), has_other_channel=has_other_channel)

    decision = decide(facts, failure(notification=notification, has_bounced=has_bounced), POLICY, SUNDAY)

    assert decision.ticket is not None
    assert decision.ticket.held == held
    assert told(decision) == {("staff_delivery_failed", "email")}
    assert {deadline.kind for deadline in open_deadlines(decision.ticket, POLICY)} == {"stalled"}


def test_a_failed_notice_to_staff_tells_no_staff() -> None:
    decision = decide(Facts(ticket()), failure(audience="staff"), POLICY, SUNDAY)

    assert decision.notifications == ()


def test_a_mail_too_large_is_answered() -> None:
    decision = decide(Facts(), MailTooLarge(SUNDAY, WRITER, 40, 35), POLICY, SUNDAY)

    assert [(said.name, said.recipient) for said in decision.notifications] == [("too_large", WRITER)]


@pytest.mark.parametrize("kind", ["first_response", "processing"])
def test_a_breach_leaves_its_mark_and_so_leaves_the_open_set(kind: str) -> None:
    decision = decide(Facts(ticket()), DeadlineReached(kind, SUNDAY), POLICY, SUNDAY)

    assert decision.ticket is not None
    assert kind not in {deadline.kind for deadline in open_deadlines(decision.ticket, POLICY)}
    assert {name for name, _ in told(decision)} == {"staff_breached"}


def test_a_deadline_of_no_ticket_or_no_kind_is_impossible() -> None:
    with pytest.raises(ImpossibleEvent):
        decide(Facts(), DeadlineReached("processing", SUNDAY), POLICY, SUNDAY)
    with pytest.raises(ImpossibleEvent):
        decide(Facts(ticket()), DeadlineReached("nonsense", SUNDAY), POLICY, SUNDAY)
