"""What must hold for any life of a complaint: any events, in any order, on every channel.

A life is played on a clock of its own: each event comes seven hours after the one before, or at the time
of the deadline that it is. After every step the promises of DESIGN §2 are looked at, not one outcome.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from daemon.workflow import commands
from daemon.workflow.clocks import processing_due
from daemon.workflow.deadline_kinds import (
    AGAIN,
    ESCALATION,
    ESCALATION_ANSWER,
    ESCALATION_OVERDUE,
    SPEAKING,
    SURVEY,
    SURVEY_REMINDER,
)
from daemon.workflow.deadlines import open_deadlines
from daemon.workflow.decide import ImpossibleEvent, decide
from daemon.workflow.events import (
    ComplaintMade,
    CustomerSaid,
    DeadlineReached,
    DeliveryAccepted,
    Event,
    FilesScanned,
    MailReceived,
    MailTooLarge,
    StaffWrote,
    SurveyAnswered,
    TicketMerged,
)
from daemon.workflow.model import Decision, Facts, Ticket
from tests.unit.test_decide import CLOCKS, PHONE, RIYADH, SUNDAY, WRITER, failure, mail, staff_mail
from tests.unit.test_decide_staff import OMAR, POLICY

STRANGER = "eve@example.net"
AFTER_CLOSING = {SURVEY, SURVEY_REMINDER}
OF_ESCALATION = {ESCALATION_ANSWER, ESCALATION, ESCALATION_OVERDUE}
HOURS = timedelta(hours=7)

numbers = st.sampled_from([None, "77", "88"])
openings = st.one_of(
    st.builds(mail, sender_email=st.just(WRITER), match=st.just("none"), request_number=numbers),
    st.builds(
        ComplaintMade,
        at=st.just(SUNDAY),
        channel=st.sampled_from(["phone", "website", "x", "chatbot", "sign_language"]),
        text=st.just("لم يصلني رد"),
        phone=st.just(PHONE),
        request_number=numbers,
    ),
    st.builds(
        ComplaintMade,
        at=st.just(SUNDAY),
        channel=st.just("x"),
        text=st.just("لم يصلني رد"),
        phone=st.sampled_from([None, "+971501234567"]),
        handle=st.just("noura_q"),
        request_number=numbers,
    ),
)
mails = st.builds(
    mail,
    at=st.integers(-10, 60).map(lambda days: SUNDAY + timedelta(days=days)),
    sender_email=st.sampled_from([WRITER, "KHALID@example.com", STRANGER]),
    match=st.sampled_from(["token", "reply", "number", "request"]),
    request_number=numbers,
    answer_number=numbers,
    phone=st.sampled_from([None, PHONE]),
    is_thanks=st.booleans(),
    wants_escalation=st.booleans(),
    asks_status=st.booleans(),
    is_authenticated=st.booleans(),
    survey_score=st.sampled_from([None, 1, 5]),
    objects=st.booleans(),
)
said = st.builds(
    CustomerSaid,
    at=st.just(SUNDAY),
    kind=st.sampled_from(["information", "objection", "escalation", "withdrawal"]),
    text=st.just("هذه معلومة"),
    request_number=numbers,
    is_vouched=st.booleans(),
)
rated = st.builds(SurveyAnswered, at=st.just(SUNDAY), score=st.integers(1, 5))
nth_deadline = st.integers(0, 7)  # of those that are open just then, in the order of their times
accepted = st.sampled_from(["info_warning", "received"]).map(
    lambda name: DeliveryAccepted(SUNDAY, name, "email")
)
failures = st.sampled_from(["info_warning", "received", "resolved", "closed"]).map(
    lambda name: failure(notification=name)
)
citizens_orders = [
    commands.Resolve("تمت المعالجة"),
    commands.AskInfo("نأمل إرفاق العقد"),
    commands.Extend(3),
    commands.Close("no_response"),
    commands.Close("withdrawn"),
    commands.Close("spam"),
    commands.SetRequest("99"),
    commands.Escalate(),
    commands.Reopen(),
    commands.Note("داخلي"),
    commands.Status(),
]
orders = st.one_of(
    st.sampled_from(citizens_orders).map(lambda command: staff_mail(command)),
    st.sampled_from([commands.Accept(), commands.Decline("لم تتحقق")]).map(
        lambda command: staff_mail(command, writer=OMAR)
    ),
)
whatever_else = st.one_of(
    st.just(MailTooLarge(SUNDAY, WRITER, 40, 35)),
    st.builds(FilesScanned, st.booleans()),
    st.just(TicketMerged("FRS-2026-000077-1")),
    st.builds(
        failure,
        notification=st.sampled_from(["info_warning", "info_requested", "reply", "resolved"]),
        has_bounced=st.booleans(),
        is_address_dead=st.booleans(),
        channel=st.sampled_from(["email", "sms"]),
        is_undelivered=st.booleans(),
        is_contradictory=st.booleans(),
        is_superseded=st.booleans(),
    ),
    st.sampled_from(
        [
            commands.Reply("ننظر فيه"),
            commands.Close("not_admitted", "لا رقم طلب"),
            commands.Close("duplicate"),
            commands.Assign("عمر"),
            commands.SetPhone(PHONE),
            commands.Extend(5, "نحتاج إلى وقت أطول"),
        ]
    ).map(lambda command: staff_mail(command)),
    st.just(staff_mail(answer="ننظر في طلبكم")),
)
happenings = st.one_of(
    mails, said, rated, nth_deadline, nth_deadline, accepted, failures, orders, whatever_else
)
lives = st.lists(happenings, max_size=16)


class Life:
    """A ticket and its clock. Each step is one event decided and looked at."""

    def __init__(self, opening: Event) -> None:
        self.now = SUNDAY
        self.spoken: Counter[tuple[str, datetime]] = Counter()
        opened = decide(Facts(new_number="N0"), opening, POLICY, self.now).ticket
        assert opened is not None
        self.ticket = opened

    def event(self, happening: object) -> Event | None:
        """Deadlines are drawn by place; None where so many are not open."""
        if not isinstance(happening, int):
            return happening  # type: ignore[return-value]
        waiting = sorted(open_deadlines(self.ticket, POLICY), key=lambda one: (one.due_at, one.kind))
        if happening >= len(waiting):
            return None
        due = waiting[happening]
        self.now = max(self.now, due.due_at)
        return DeadlineReached(due.kind, due.due_at)

    def step(self, place: int, happening: object) -> tuple[Ticket, Event, Decision] | None:
        self.now += HOURS
        event = self.event(happening)
        if event is None:
            return None
        before = self.ticket
        try:
            decision = decide(Facts(before, new_number=f"N{place}"), event, POLICY, self.now)
        except ImpossibleEvent:
            assert isinstance(event, SurveyAnswered), "only an answer to no survey cannot happen"
            return None
        if decision.ticket is None:
            assert isinstance(event, MailTooLarge), "only what a stranger is told is no part of a complaint"
            decision = replace(decision, ticket=before)
        assert decision.ticket is not None
        if decision.ticket.number == before.number:
            self.ticket = decision.ticket
        return before, event, decision


Step = tuple[Ticket, Event, Decision, Ticket]


def steps(life: Life, later: list[object]) -> Iterator[Step]:
    """Each step of a life: the ticket before it, the event, what was decided, and the ticket that this leaves
    (perhaps a new one)."""
    for place, happening in enumerate(later):
        if step := life.step(place, happening):
            before, event, decision = step
            assert decision.ticket is not None
            yield before, event, decision, decision.ticket


def kinds(ticket: Ticket) -> set[str]:
    return {deadline.kind for deadline in open_deadlines(ticket, POLICY)}


@given(opening=openings, later=lives)
def test_the_clocks_keep_their_promises_in_any_life(opening: Event, later: list[object]) -> None:
    life = Life(opening)
    for before, _, _, after in steps(life, later):
        assert after.used >= timedelta()
        if after.state != "open":
            assert not kinds(after) & CLOCKS, "a clock runs only while a ticket is open"
            assert not after.is_running
        if after.state == "closed":
            assert kinds(after) <= AFTER_CLOSING
            assert after.close_reason == "resolved" or not kinds(after), "only a solved complaint is rated"
        if after.number == before.number and before.state == after.state != "open":
            assert after.used == before.used, "a clock that stands never runs"
        assert after.opened_at <= life.now.astimezone(UTC)
        for due in open_deadlines(after, POLICY):
            if due.kind in SPEAKING:
                local = due.due_at.astimezone(RIYADH)
                assert time(8) <= local.time() <= time(21), "nobody is woken"
                assert POLICY.calendar.is_business_day(local.date()), "nor spoken to on a Friday"


@given(opening=openings, later=lives)
def test_closure_never_comes_over_the_requesters_head(opening: Event, later: list[object]) -> None:
    life = Life(opening)
    for before, event, decision, after in steps(life, later):
        if before.state != "closed" and after.close_reason == "no_response" and after.state == "closed":
            assert before.warning_accepted_at, "closure never comes without an accepted warning"
            assert not before.wrote_since_asked
        if isinstance(event, DeadlineReached) and after.state == "closed" != before.state:
            assert not before.held
            assert "closed" in {said.name[:6] for said in decision.notifications}, "it is always told"


@given(opening=openings, later=lives)
def test_no_cause_speaks_twice(opening: Event, later: list[object]) -> None:
    life = Life(opening)
    fired: Counter[tuple[str, datetime]] = Counter()
    for _, event, decision, _ in steps(life, later):
        keys = [(said.name, said.channel, said.recipient) for said in decision.notifications]

        assert len(keys) == len(set(keys)), "one cause speaks once to one person on one channel"
        assert all(said.recipient for said in decision.notifications)
        if isinstance(event, DeadlineReached):
            fired[event.kind, event.due_at] += 1
            still_open = {(one.kind, one.due_at) for one in open_deadlines(life.ticket, POLICY)}
            assert (event.kind, event.due_at) not in still_open, "a deadline that fired leaves the set"
    assert not [key for key, times in fired.items() if times > 1]


@given(opening=openings, later=lives)
def test_nothing_is_told_to_a_stranger_and_a_stranger_changes_nothing(
    opening: Event, later: list[object]
) -> None:
    life = Life(opening)
    known = life.ticket.requester
    named_by_proved = set()
    for before, event, decision, after in steps(life, later):
        if isinstance(event, MailReceived) and event.is_authenticated:
            named_by_proved.add(event.phone)
        if isinstance(event, MailTooLarge):
            continue  # it answers whoever wrote it, and says nothing of the ticket
        of_requester = [said for said in decision.notifications if said.audience == "requester"]
        if isinstance(event, MailReceived) and event.sender_email == STRANGER:
            if after.number != before.number:
                # A request of their own, in answer to an old mail of ours: their own complaint, and no word
                # to anybody else.
                assert after.requester.email == STRANGER
                assert all(said.recipient in (STRANGER, PHONE) for said in of_requester)
                continue
            assert (after.state, after.escalation) == (before.state, before.escalation)
            assert not of_requester
        for said in of_requester:
            own = {after.requester.email, after.requester.phone, before.requester.email}
            assert said.recipient in own | {"KHALID@example.com"}
        if isinstance(event, StaffWrote):
            assert after.requester.email == before.requester.email
    if known.phone:
        assert life.ticket.requester.phone in {known.phone} | named_by_proved


@given(opening=openings, later=lives)
def test_an_escalation_is_raised_only_where_the_guide_allows_it(opening: Event, later: list[object]) -> None:
    """The guide, «التصعيد»: processing exceeded its time, or a closure notice without processing."""
    life = Life(opening)
    for before, event, _, after in steps(life, later):
        if isinstance(event, StaffWrote) or after.number != before.number:
            continue

        if after.escalation == "raised" != before.escalation:
            due = processing_due(before, POLICY)
            assert before.state == "closed" or before.processing_breached_at or (due and life.now >= due)
            assert not isinstance(event, DeadlineReached), "never in the citizen's name"


@given(opening=openings, later=lives)
def test_no_open_promise_is_without_a_clock(opening: Event, later: list[object]) -> None:
    """DESIGN §2: also after every breach, where a channel has not answered yet, and where all is held."""
    life = Life(opening)
    assert open_deadlines(life.ticket, POLICY)
    for _, _, _, after in steps(life, later):
        if after.state in ("open", "awaiting_info") or (after.state == "resolved" and after.held):
            assert open_deadlines(after, POLICY), "nobody would ever act on it"
        if after.escalated:
            assert after.state in ("open", "awaiting_info"), "an escalation ends with its ticket"
            assert kinds(after) & OF_ESCALATION, "nobody would ever answer it, or carry it through"


@given(opening=openings, later=lives)
def test_a_time_that_is_over_is_told_again_and_again(opening: Event, later: list[object]) -> None:
    """Whatever a life came to: if nobody acts, the clock alone brings a next word to staff, for weeks."""
    life = Life(opening)
    for _ in steps(life, later):
        pass
    if life.ticket.state not in ("open", "awaiting_info"):
        return
    for place in range(40):
        step = life.step(place, 0)
        if life.ticket.state == "closed":
            break
        assert step is not None
    else:
        _, event, decision = step
        assert isinstance(event, DeadlineReached)
        assert event.kind in AGAIN
        assert {said.audience for said in decision.notifications} == {"staff"}


@given(opening=openings, later=lives)
def test_a_reopening_and_an_extension_never_move_the_day_of_escalation_back(
    opening: Event, later: list[object]
) -> None:
    life = Life(opening)
    for before, _, _, after in steps(life, later):
        if after.number != before.number or before.state != "open" or after.state != "open":
            continue
        assert processing_due(after, POLICY) == processing_due(before, POLICY)


def test_a_life_reaches_every_state() -> None:
    """The properties above would prove nothing on lives that never leave the first state."""
    life = Life(replace(mail(match="none"), sender_email=WRITER))
    seen = [life.ticket.state]
    for place, happening in enumerate([mail(request_number="77"), staff_mail(commands.Resolve("تم")), 0, 0]):
        assert life.step(place, happening)
        seen.append(life.ticket.state)

    assert seen == ["awaiting_info", "open", "resolved", "closed", "closed"]
    assert life.ticket.surveyed_at
