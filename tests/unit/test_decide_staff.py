"""What staff may order by mail: a row for each command and state, the proofs, what the citizen gets."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from daemon.workflow import commands
from daemon.workflow.clocks import processing_due, staff_processing_due
from daemon.workflow.commands import Command
from daemon.workflow.deadlines import open_deadlines
from daemon.workflow.decide import decide
from daemon.workflow.history import Entry, Line, unpacked
from daemon.workflow.model import Decision, Facts, Notification, Person, Recent, Team, Ticket
from tests.each import each
from tests.unit.test_decide import POLICY as BASE
from tests.unit.test_decide import SARA, SUNDAY, WAITING, WRITER, staff_mail, ticket, told

OMAR = Person("عمر", "omar@momah.gov.sa", frozenset({"senior"}))
GONE = Person("غائب", "gone@momah.gov.sa", frozenset({"care"}), is_active=False)
SENIOR = Team("senior", "senior@momah.gov.sa", is_escalation=True)
POLICY = replace(BASE, teams=(*BASE.teams, SENIOR), people=(SARA, OMAR, GONE))


def order(
    before: Ticket,
    *commands_: Command,
    writer: Person = SARA,
    now: timedelta = timedelta(hours=2),
    **given: object,
) -> Decision:
    return decide(Facts(before), staff_mail(*commands_, writer=writer, **given), POLICY, SUNDAY + now)


CLOSED = ticket("closed", close_reason="resolved", closed_at=SUNDAY)
RESOLVED = ticket("resolved", resolved_at=SUNDAY)
RAISED = ticket(escalation="raised")
ASKED = ticket("awaiting_info", request_number=None, info_requested_at=SUNDAY)
EARLIER = SUNDAY - timedelta(days=9)
WARNED = replace(ASKED, warned_at=EARLIER, warning_accepted_at=EARLIER)
JUST_WARNED = replace(ASKED, warned_at=SUNDAY, warning_accepted_at=SUNDAY)
WROTE = replace(WARNED, wrote_since_asked=True)


@each(
    ("command", "before", "state", "to_citizen"),
    [
        (commands.Resolve("تم"), ticket(), "resolved", {"resolved"}),
        (commands.Resolve("تم"), WAITING, "resolved", {"resolved"}),
        (commands.Reply("ننظر"), ticket(), "open", {"reply"}),
        (commands.Reply("ننظر"), CLOSED, "closed", {"reply"}),
        (commands.AskInfo("العقد"), ticket(), "awaiting_info", {"info_requested"}),
        (commands.AskInfo("العقد"), WAITING, "awaiting_info", {"info_requested"}),
        (commands.Extend(5), ticket(), "open", set()),
        (commands.Close("withdrawn"), ticket(), "closed", {"closed"}),
        (commands.Close("duplicate"), WAITING, "closed", {"closed"}),
        (commands.Close("not_admitted"), ticket(), "closed", {"closed_not_admitted"}),
        (commands.Close("no_response"), WARNED, "closed", {"closed_no_response"}),
        (commands.Close("spam"), ticket(), "closed", set()),
        (commands.Note("داخلي"), ticket(), "open", set()),
        (commands.Assign("سارة القحطاني"), ticket(), "open", set()),
        (commands.SetRequest("42"), ticket(), "open", set()),
        (commands.SetRequest("42"), WAITING, "open", {"in_progress"}),
        (commands.SetPhone("+966551112223"), ticket(), "open", set()),
        (commands.SetCategory("sla_exceeded"), ticket(), "open", set()),
        (commands.SetLanguage("en"), ticket(), "open", set()),
        (commands.Escalate("عاجل"), ticket(), "open", set()),
        (commands.Reopen(), CLOSED, "open", {"reopened"}),
        (commands.Reopen(), RESOLVED, "open", {"reopened"}),
        (commands.Status(), CLOSED, "closed", set()),
        (commands.Help(), ticket(), "open", set()),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str | set | Ticket) else "",
)
def test_a_command_does_what_it_says(
    command: Command, before: Ticket, state: str, to_citizen: set[str]
) -> None:
    decision = order(before, command)

    assert decision.ticket is not None
    assert decision.ticket.state == state
    assert {said.name for said in decision.notifications if said.audience == "requester"} == to_citizen
    assert decision.outcome == "staff"


@each(
    ("command", "before", "writer", "code"),
    [
        (commands.Resolve("تم"), CLOSED, SARA, "impossible_state"),
        (commands.Resolve("تم"), RESOLVED, SARA, "impossible_state"),
        (commands.AskInfo("x"), CLOSED, SARA, "impossible_state"),
        (commands.Extend(2), CLOSED, SARA, "impossible_state"),
        (commands.Close("withdrawn"), CLOSED, SARA, "impossible_state"),
        (commands.Close("no_response"), ticket(), SARA, "bad_reason"),
        (commands.Close("no_response"), ASKED, SARA, "bad_reason"),
        (commands.Close("no_response"), WROTE, SARA, "bad_reason"),
        (commands.Close("no_response"), JUST_WARNED, SARA, "bad_reason"),
        (commands.Close("no_response"), replace(WARNED, held=True), SARA, "bad_reason"),
        (commands.Assign("لا أحد"), ticket(), SARA, "bad_person"),
        (commands.Assign("غائب"), ticket(), SARA, "bad_person"),
        (commands.Reopen(), ticket(), SARA, "impossible_state"),
        (commands.Escalate(), RAISED, SARA, "impossible_state"),
        (commands.Accept(), RAISED, SARA, "not_escalation_team"),
        (commands.Decline("x"), RAISED, SARA, "not_escalation_team"),
        (commands.Accept(), ticket(), OMAR, "nothing_to_accept"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_done_is_explained_to_its_writer_and_changes_nothing(
    command: Command, before: Ticket, writer: Person, code: str
) -> None:
    decision = order(before, command, writer=writer)

    assert decision.ticket == before
    assert told(decision) == {("staff_command_error", "email")}
    assert decision.notifications[0].recipient == writer.email
    assert decision.notifications[0].values["error"] == code


def test_one_refused_command_undoes_those_before_it() -> None:
    decision = order(ticket(), commands.SetRequest("42"), commands.Reopen())

    assert decision.ticket == ticket()
    assert told(decision) == {("staff_command_error", "email")}


RESOLVE, NOTE, STATUS = commands.Resolve("تم"), commands.Note("للاطلاع"), commands.Status()
BOTH, SENDER, TOKEN, NEITHER = (True, True), (True, False), (False, True), (False, False)


@each(
    ("orders", "goes_to_citizen", "enough"),
    [
        ((RESOLVE,), True, [BOTH]),
        ((RESOLVE,), False, [BOTH]),
        ((commands.Reply("نص"),), False, [BOTH]),
        ((commands.Escalate(),), True, [BOTH]),
        ((commands.Assign("سارة"),), False, [BOTH]),
        ((commands.SetPhone("+966551112223"),), False, [BOTH]),
        ((STATUS, RESOLVE), True, [BOTH]),
        ((NOTE, commands.SetRequest("42")), True, [BOTH]),
        ((STATUS,), True, [BOTH, SENDER, TOKEN]),
        ((NOTE,), True, [BOTH, SENDER, TOKEN]),
        ((), True, [BOTH]),
        ((), False, [BOTH, SENDER, TOKEN]),
    ],
)
def test_what_a_citizen_reads_and_what_changes_needs_both_proofs_and_what_stays_inside_one(
    orders: tuple[Command, ...], goes_to_citizen: bool, enough: list[tuple[bool, bool]]
) -> None:
    for proofs in (BOTH, SENDER, TOKEN, NEITHER):
        decision = order(
            ticket(),
            *orders,
            answer="" if orders else "نص",
            goes_to_citizen=goes_to_citizen,
            is_authenticated=proofs[0],
            has_token=proofs[1],
        )

        assert (decision.outcome == "staff") == (proofs in enough), proofs
        assert proofs in enough or decision.ticket == ticket()


@pytest.mark.parametrize("orders", [(RESOLVE,), (NOTE,), ()])
def test_where_the_mail_server_proves_nobody_the_token_is_all_that_is_asked(
    orders: tuple[Command, ...],
) -> None:
    policy = replace(POLICY, has_border=False)
    for has_token in (True, False):
        event = staff_mail(
            *orders, answer="" if orders else "نص", is_authenticated=False, has_token=has_token
        )
        decision = decide(Facts(ticket()), event, policy, SUNDAY)

        assert (decision.outcome == "staff") == has_token
        assert has_token or decision.refusal == "no_token"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"is_authenticated": False, "verdict": "absent"}, "no_verdict"),
        ({"is_authenticated": False, "verdict": "fail"}, "refuted"),
        ({"is_authenticated": False, "verdict": "other"}, "not_authenticated"),
        ({"is_authenticated": True, "verdict": "pass", "has_token": False}, "no_token"),
    ],
)
def test_a_writer_hears_which_proof_was_missing(changes: dict[str, object], code: str) -> None:
    for event in (staff_mail(RESOLVE, **changes), staff_mail(answer="نص", **changes)):
        assert decide(Facts(ticket()), event, POLICY, SUNDAY).refusal == code


def test_a_colleague_of_another_team_may_answer_and_order_nothing_and_the_team_reads_it() -> None:
    theirs = {"writer": OMAR, "has_token": False, "has_anothers_token": True}

    answered = order(ticket(), answer="نعمل على طلبكم", **theirs)
    assert {said.name for said in answered.notifications} == {"reply", "staff_note"}
    assert order(ticket(), commands.Reply("نعمل على طلبكم"), **theirs).outcome == "staff"
    for command in (RESOLVE, commands.SetRequest("42"), commands.Close("withdrawn")):
        assert order(ticket(), command, **theirs).refusal == "no_token"
    assert order(ticket(), answer="نص", is_authenticated=False, **theirs).outcome == "refused"


def test_a_note_that_nobody_proved_says_so_and_is_no_look_at_the_attachments() -> None:
    before = replace(ticket(), has_unseen_attachments=True, assignee=OMAR.email)

    doubtful, proved = (order(before, NOTE, is_authenticated=known) for known in (False, True))

    assert [said.values["is_proved"] for said in doubtful.notifications[:1]] == [False]
    assert [said.values["is_proved"] for said in proved.notifications[:1]] == [True]
    assert doubtful.ticket is not None
    assert doubtful.ticket.has_unseen_attachments
    assert proved.ticket is not None
    assert not proved.ticket.has_unseen_attachments


# --- what was carried out is confirmed ------------------------------------------------------------------


def confirmed(decision: Decision) -> Notification | None:
    return next((said for said in decision.notifications if said.name == "staff_done"), None)


def test_what_a_command_did_and_what_the_citizen_was_sent_is_confirmed_to_its_writer() -> None:
    said = confirmed(order(ticket(), RESOLVE))
    assert said is not None
    assert (said.recipient, said.audience) == (SARA.email, "staff")
    assert (said.values["sent"], said.values["by_email"], said.values["by_sms"]) == (
        ["resolved"],
        True,
        False,
    )
    (entry,) = said.values["done"]  # type: ignore[misc]
    assert unpacked(str(entry)) == Entry((Line("resolved"),), "resolved")

    noted = confirmed(order(ticket(), NOTE))
    assert noted is not None
    assert noted.values["sent"] == []


@pytest.mark.parametrize(
    ("orders", "changes"),
    [
        ((), {"answer": "نص"}),
        ((STATUS,), {}),
        ((commands.Help(),), {}),
        ((RESOLVE, STATUS), {}),
        ((commands.Assign("سارة القحطاني"),), {}),
        ((commands.Reopen(),), {}),
        ((RESOLVE,), {"writer": Person("operator", "")}),
    ],
)
def test_nothing_is_confirmed_that_its_writer_hears_otherwise_or_did_not_order(
    orders: tuple[Command, ...], changes: dict[str, object]
) -> None:
    assert confirmed(order(ticket(), *orders, **changes)) is None


def test_confirmations_can_be_switched_off() -> None:
    decision = decide(Facts(ticket()), staff_mail(RESOLVE), replace(POLICY, confirm_commands=False), SUNDAY)

    assert confirmed(decision) is None


@pytest.mark.parametrize("confirms", [True, False])
def test_who_ends_a_complaint_without_having_read_the_citizens_last_words_is_warned(confirms: bool) -> None:
    policy = replace(POLICY, confirm_commands=confirms)
    facts = Facts(ticket(), wrote_since=SUNDAY + timedelta(hours=1))

    for command in (RESOLVE, commands.Close("withdrawn")):
        said = confirmed(decide(facts, staff_mail(command), policy, SUNDAY + timedelta(hours=2)))
        assert said is not None
        assert str(said.values["crossed_at"]).startswith("2026-11-22T")
    other = confirmed(decide(facts, staff_mail(NOTE), policy, SUNDAY))
    assert (other is not None) == confirms
    assert other is None or other.values["crossed_at"] == ""


@pytest.mark.parametrize("second", [commands.Status(), commands.Help()])
def test_the_warning_is_not_lost_beside_another_notice_to_its_writer(second: Command) -> None:
    facts = Facts(ticket(), wrote_since=SUNDAY + timedelta(hours=1))

    decision = decide(facts, staff_mail(RESOLVE, second), POLICY, SUNDAY + timedelta(hours=2))

    warned = confirmed(decision)
    assert warned is not None
    assert warned.values["crossed_at"]
    assert confirmed(decide(Facts(ticket()), staff_mail(RESOLVE, second), POLICY, SUNDAY)) is None


def test_an_internal_answer_that_nobody_reads_is_not_met_with_silence() -> None:
    before = ticket(assignee=OMAR.email, escalation="accepted")
    decision = order(before, answer="سأتصل بالعميل غدًا", goes_to_citizen=False, writer=OMAR)

    (said,) = decision.notifications
    assert (said.name, said.recipient, said.values["is_note"]) == ("staff_done", OMAR.email, True)
    assert said.is_automatic_answer, "and it is no half of a loop"
    for other in (
        order(before, answer="سأتصل", goes_to_citizen=False),  # its assignee reads it
        order(before, answer="نعمل على طلبكم", writer=OMAR),  # the citizen reads it
    ):
        assert confirmed(other) is None


def test_a_plain_answer_goes_to_the_citizen_and_meets_the_first_response() -> None:
    decision = order(ticket(), answer="نعمل على طلبكم")

    assert told(decision) == {("reply", "email")}
    assert decision.notifications[0].recipient == WRITER
    assert decision.ticket is not None
    assert decision.ticket.first_response_at == SUNDAY + timedelta(hours=2)


def test_an_answer_to_an_internal_notice_stays_internal() -> None:
    decision = order(replace(ticket(), assignee=OMAR.email), answer="سر", goes_to_citizen=False)

    assert told(decision) == {("staff_note", "email")}
    assert decision.notifications[0].recipient == OMAR.email


def test_a_note_is_not_sent_back_to_its_writer() -> None:
    decision = order(replace(ticket(), assignee=SARA.email), commands.Note("تذكير"))

    assert "staff_note" not in {said.name for said in decision.notifications}


@pytest.mark.parametrize("answer", ["", "   \n"])
def test_an_empty_answer_is_explained(answer: str) -> None:
    decision = order(ticket(), answer=answer)

    assert decision.notifications[0].values["error"] == "no_text"


def test_a_mistake_in_the_mail_is_explained_with_its_word() -> None:
    decision = order(ticket(), mistake="unknown_command", mistaken_command="#حلل", mistake_detail="#حل")

    said = decision.notifications[0]
    assert (said.values["error"], said.values["command"]) == ("unknown_command", "#حلل")
    assert decision.ticket == ticket()


def test_an_extension_moves_the_staffs_time_and_never_the_citizens() -> None:
    before = ticket()

    after = order(before, commands.Extend(5)).ticket

    assert after is not None
    assert processing_due(after, POLICY) == processing_due(before, POLICY)
    assert staff_processing_due(after, POLICY) > staff_processing_due(before, POLICY)  # type: ignore[operator]


def test_the_person_it_is_assigned_to_gets_the_case_and_every_later_notice() -> None:
    facts = Facts(ticket(), first_text="النص الأول")

    decision = decide(facts, staff_mail(commands.Assign("OMAR@momah.gov.sa")), POLICY, SUNDAY)

    assert (decision.notifications[0].name, decision.notifications[0].recipient) == ("staff_new", OMAR.email)
    assert decision.notifications[0].values["text"] == "النص الأول"
    assert decision.ticket is not None
    assert decision.ticket.assignee == OMAR.email


def test_the_escalation_team_accepts_and_resolving_makes_it_done() -> None:
    accepted = order(RAISED, commands.Accept(), writer=OMAR)
    assert {said.name for said in accepted.notifications} == {"escalation_outcome", "staff_new", "staff_note"}
    assert accepted.ticket is not None

    resolved = order(accepted.ticket, commands.Resolve("تم"), writer=OMAR)

    assert resolved.ticket is not None
    assert resolved.ticket.escalation == "done"


def test_a_declined_escalation_tells_the_citizen_why() -> None:
    decision = order(RAISED, commands.Decline("الطلب قيد الدراسة"), writer=OMAR)

    assert decision.ticket is not None
    assert decision.ticket.escalation == "declined"
    assert decision.notifications[0].values["text"] == "الطلب قيد الدراسة"


def test_asking_for_data_stops_the_clocks_and_starts_the_road_to_closure_anew() -> None:
    before = replace(ticket(), warned_at=SUNDAY, warning_accepted_at=SUNDAY, wrote_since_asked=True)

    after = order(before, commands.AskInfo("نأمل إرفاق العقد")).ticket

    assert after is not None
    assert {deadline.kind for deadline in open_deadlines(after, POLICY)} == {"info_warning"}
    assert after.used == timedelta(hours=2)


def test_attachments_count_as_seen_once_staff_act_but_not_when_they_only_ask() -> None:
    before = replace(ASKED, has_unseen_attachments=True)
    assert {deadline.kind for deadline in open_deadlines(before, POLICY)} == {"attachments_unseen"}

    asked = order(before, commands.Status()).ticket
    acted = order(before, commands.Note("اطلعت على المرفقات")).ticket

    assert asked is not None
    assert acted is not None
    assert asked.has_unseen_attachments
    assert {deadline.kind for deadline in open_deadlines(acted, POLICY)} == {"info_warning"}


def test_two_words_to_the_citizen_in_one_mail_are_refused_and_the_news_of_processing_gives_way() -> None:
    refused = order(ticket(), commands.Extend(3, "نحتاج وقتًا"), commands.Resolve("تم"))
    assert refused.notifications[0].values["error"] == "cannot_combine"
    assert refused.ticket == ticket()

    both = order(WAITING, commands.SetRequest("42"), commands.Resolve("تم"))
    assert {said.name for said in both.notifications} == {"resolved", "staff_done"}


def test_answers_to_staff_are_limited_like_any_automatic_answer() -> None:
    facts = Facts(ticket(), recent=Recent(to_address=10))

    decision = decide(facts, staff_mail(mistake="unknown_command"), POLICY, SUNDAY)

    assert decision.notifications[0].suppressed == "limit_per_address"
