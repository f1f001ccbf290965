"""The transition table of a complaint, readable as a table, and the page docs/WORKFLOW.md made from it.

Each row is checked against the rules by `test_transition_table`; what stands in the page is what the rules
do. After a change that is meant:

    .venv/bin/python -m tests.unit.transition_table        (draws the diagrams where Graphviz is installed)
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from daemon.workflow import commands
from daemon.workflow.clocks import stop_clock
from daemon.workflow.deadline_kinds import late
from daemon.workflow.decide import decide
from daemon.workflow.events import (
    ComplaintMade,
    CustomerSaid,
    DeadlineReached,
    DeliveryAccepted,
    DeliveryFailed,
    Event,
    MailReceived,
    StaffHandedIn,
    StaffWrote,
    SurveyAnswered,
)
from daemon.workflow.model import Decision, Facts, Person, Requester, RestsOn, Team, Ticket
from tests.unit.test_decide import CLOSED, PHONE, SUNDAY, mail, ticket
from tests.unit.test_decide import POLICY as BASE

DOCS = Path(__file__).resolve().parents[2] / "docs"

# From | what happens | to | the citizen hears | staff hear. "closed: x" names the reason; * is every state.
TABLE = """
-                    | a complaint arrives                          | open                | received               | staff_new
-                    | … without its request number                 | awaiting_info       | info_requested         | staff_new
-                    | … in old mail that is imported silently      | open                |                        |
-                    | … or a wish about one's own personal data     | open                | received               | staff_new
-                    | … by phone, X, chatbot or sign language      | open                | received               | staff_new
-                    | … forwarded by staff (#behalf)               | open                | received               | staff_new
awaiting_info        | the awaited data arrives                     | open                | in_progress            | staff_update
awaiting_info        | an answer comes, the data is not in it       | open                |                        | staff_update
awaiting_info        | staff give the request number (#request)     | open                | in_progress            |
awaiting_info        | «حالة», after staff asked for data           | open                | status                 | staff_update
awaiting_info        | a wish to escalate, the processing time used up | open             | escalation_received    | staff_escalated staff_update
awaiting_info        | only thanks                                  | awaiting_info       |                        |
awaiting_info        | two business days without an answer          | awaiting_info       | info_warning           |
awaiting_info        | … and attachments nobody has looked at       | awaiting_info       |                        | staff_update
awaiting_info        | a channel takes the warning                  | awaiting_info       |                        |
awaiting_info        | no channel takes the warning                 | awaiting_info       |                        | staff_delivery_failed
awaiting_info        | its SMS is reported undelivered, and its mail was taken | awaiting_info |                     |
awaiting_info        | … and nothing else was said or taken         | awaiting_info       |                        | staff_delivery_failed
awaiting_info        | … and no mail of it went to a known address  | awaiting_info       | info_warning           |
awaiting_info        | … and nobody acts: again and again           | awaiting_info       |                        | staff_breached
awaiting_info        | three business days after the warning        | closed: no_response | closed_no_response     |
awaiting_info        | … though the citizen had written             | open                |                        | staff_update
open                 | staff ask for data (#info)                   | awaiting_info       | info_requested         |
open                 | the citizen writes again                     | open                |                        | staff_update
open                 | a stranger answers our mail                  | open                |                        | staff_update
open                 | … or one in the proved requester's name does | open                |                        | staff_update
open                 | a second complaint about the same request    | open                | joined                 | staff_update
open                 | «حالة», or only the number                   | open                | status                 |
open                 | staff answer                                 | open                | reply                  |
open                 | staff answer any notice of theirs (#reply)    | open                | reply                  |
open                 | an internal note (#note)                     | open                |                        | staff_note
open                 | assigned to a person (#assign)               | open                |                        | staff_new
open                 | more time for staff (#extend)                | open                |                        |
open                 | 80 % of the first-response time used         | open                |                        | staff_due_soon
open                 | the first-response time is over              | open                |                        | staff_breached
open                 | 80 % of the processing time used             | open                |                        | staff_due_soon
open                 | the processing time is over                  | open                |                        | staff_breached
open                 | … and the citizen is told                    | open                | processing_delayed     |
open                 | a wish to escalate before its time           | open                | escalation_too_early   | staff_update
open                 | a wish to escalate once the time is over     | open                | escalation_received    | staff_escalated staff_update
open                 | a wish to escalate what staff escalated      | open                | escalation_received    | staff_update
open                 | the times after a breach, again and again    | open                |                        | staff_breached
open                 | 80 % of the time to answer an escalation     | open                |                        | staff_due_soon
open                 | the time to answer an escalation is over     | open                |                        | staff_breached
open                 | 80 % of the time of an accepted escalation   | open                |                        | staff_due_soon
open                 | the time of an accepted escalation is over   | open                |                        | staff_breached
open                 | … and again, until it is resolved            | open                |                        | staff_breached
open                 | an escalation by staff (#escalate)          | open                |                        | staff_escalated
open                 | the escalation is accepted (#accept)         | open                | escalation_outcome     | staff_new staff_note
open                 | the escalation is declined (#decline)        | open                | escalation_outcome     | staff_note
open                 | the outcome (#resolve)                       | resolved            | resolved               |
open                 | … while an escalation is raised              | resolved            | resolved               | staff_note
open                 | … which no message can bring                 | resolved            |                        | staff_delivery_failed
open                 | the citizen withdraws                        | closed: withdrawn   | closed                 | staff_update
open                 | not admitted (#close not_admitted)           | closed: not_admitted | closed_not_admitted   |
open                 | a duplicate (#close duplicate)               | closed: duplicate   | closed                 |
open                 | spam (#close spam)                           | closed: spam        |                        |
open                 | a message of ours fails for good             | open                |                        | staff_delivery_failed
resolved             | … and staff told them (#close resolved)      | closed: resolved    |                        | staff_delivery_failed
resolved             | reports contradict each other: the outcome arrived, and did not | resolved |               | staff_delivery_failed
resolved             | one business day without an objection        | closed: resolved    | closed                 |
resolved             | only thanks                                  | resolved            |                        |
resolved             | an objection, or any other reply             | open                | reopened               | staff_update
resolved             | an unproved mail in the proved requester's name | resolved         |                        | staff_update
resolved             | a wish to escalate, processed in time        | open                | escalation_too_early   | staff_update
resolved             | a wish to escalate, processed too late       | open                | escalation_received    | staff_escalated staff_update
resolved             | a second complaint about the same request    | open                | joined                 | staff_update
closed: resolved     | a wish to escalate, processed too late       | open                | escalation_received    | staff_escalated staff_update
closed: resolved     | one business day after closing               | closed: resolved    | survey                 |
closed: resolved     | three more without a rating                  | closed: resolved    | survey_reminder        |
closed: resolved     | the survey is answered                       | closed: resolved    |                        |
closed: resolved     | a number in answer to the survey's mail      | closed: resolved    |                        |
closed: resolved     | a reply within 14 days                       | open                | reopened               | staff_update
closed: resolved     | an unproved mail in the proved requester's name | closed: resolved |                        | staff_update
closed: resolved     | a reply after 14 days: a new, linked one     | awaiting_info       | info_requested         | staff_new
closed: resolved     | a good score with a kind word                | closed: resolved    |                        |
closed: not_admitted | a wish to escalate                           | open                | escalation_received    | staff_escalated staff_update
closed: spam         | any mail                                     | closed: spam        |                        |
closed: resolved     | reopened by staff (#reopen)                  | open                | reopened               |
"""  # noqa: E501

SENIOR = Team("senior", "senior@momah.gov.sa", is_escalation=True)
NOURA = Person("نورة", "noura@momah.gov.sa", frozenset({"care", "senior"}))
OMAR = Person("عمر", "omar@momah.gov.sa", frozenset({"senior"}))
POLICY = replace(BASE, teams=(*BASE.teams, SENIOR), people=(NOURA, OMAR), confirm_commands=False)
DAY = timedelta(days=1)
NEW = "FRS-2026-000009-9"

Prepare = Callable[[Ticket], Ticket]


@dataclass(frozen=True)
class Case:
    """What the words of a row mean: an event, the ticket it meets, when, and the same in Arabic."""

    arabic: str
    event: Event
    prepare: Prepare = lambda before: before
    after: timedelta = timedelta(hours=2)
    known: Facts = field(default_factory=Facts)
    """What else is known."""


def staff(*orders: commands.Command, answer: str = "") -> StaffWrote:
    return StaffWrote(
        SUNDAY, NOURA, orders, answer, goes_to_citizen=True, is_authenticated=True, has_token=True
    )


def due(kind: str) -> DeadlineReached:
    return DeadlineReached(kind, SUNDAY)


def first(**changes: object) -> MailReceived:
    return mail(match="none", request_number="77", phone=PHONE, **changes)


def asked(before: Ticket) -> Ticket:
    return replace(before, info_requested_at=SUNDAY)


def warned(before: Ticket) -> Ticket:
    return replace(asked(before), warned_at=SUNDAY)


def accepted(before: Ticket) -> Ticket:
    return replace(warned(before), warning_accepted_at=SUNDAY)


def surveyed(before: Ticket) -> Ticket:
    return replace(before, surveyed_at=SUNDAY + DAY)


def raised(before: Ticket) -> Ticket:
    return replace(before, escalation="raised", escalated_at=SUNDAY)


def proved(before: Ticket) -> Ticket:
    return replace(before, authenticated=True)


def unreached(before: Ticket) -> Ticket:
    return replace(before, channel="x", requester=Requester("خالد", handle="khalid"))


def taken_on(before: Ticket) -> Ticket:
    return replace(raised(before), escalation="accepted", escalation_accepted_at=SUNDAY, assignee=OMAR.email)


def late_by(kind: str, prepare: Prepare) -> Prepare:
    return lambda before: replace(prepare(before), reminded=frozenset({late(kind)}))


def used_up(before: Ticket) -> Ticket:
    return replace(asked(before), request_number="77", used=11 * DAY)


def asked_by_staff(before: Ticket) -> Ticket:
    return replace(asked(before), request_number="77", info_text="نأمل إرفاق العقد")


FAILED = DeliveryFailed(SUNDAY, "info_warning", "email", "khalid@example.com", "requester", "550")
UNDELIVERED = DeliveryFailed(SUNDAY, "info_warning", "sms", PHONE, "requester", "21", is_undelivered=True)
CASES = {
    "a complaint arrives": Case("تصل شكوى", first()),
    "… without its request number": Case("… بلا رقم طلب", mail(match="none", phone=PHONE)),
    "… in old mail that is imported silently": Case(
        "… في بريد قديم يُستورد بصمت", mail(match="none", phone=PHONE, is_silent=True)
    ),
    "… or a wish about one's own personal data": Case(
        "… أو طلب يتعلق بالبيانات الشخصية", mail(match="none", phone=PHONE, privacy_wish="erasure")
    ),
    "… by phone, X, chatbot or sign language": Case(
        "… بالهاتف أو منصة X أو المحادثة الآلية أو لغة الإشارة",
        ComplaintMade(SUNDAY, "phone", "شكوى", phone=PHONE, request_number="77"),
    ),
    "… forwarded by staff (#behalf)": Case(
        "… يعيد موظف توجيهها (#نيابة)", StaffHandedIn(NOURA, first(), is_authenticated=True)
    ),
    "the awaited data arrives": Case("تصل البيانات المطلوبة", mail(answer_number="88"), asked),
    "an answer comes, the data is not in it": Case("يصل رد خالٍ من البيانات", mail(), asked),
    "staff give the request number (#request)": Case(
        "يسجل موظف رقم الطلب (#طلب)", staff(commands.SetRequest("88")), asked
    ),
    "only thanks": Case("شكر فحسب", mail(is_thanks=True)),
    "two business days without an answer": Case("يوما عمل بلا رد", due("info_warning"), asked),
    "… and attachments nobody has looked at": Case(
        "… وفي الشكوى مرفقات لم يُطلع عليها",
        due("attachments_unseen"),
        lambda before: replace(asked(before), has_unseen_attachments=True),
    ),
    "a channel takes the warning": Case(
        "تُسلَّم رسالة التنبيه إلى إحدى القناتين", DeliveryAccepted(SUNDAY, "info_warning", "sms"), warned
    ),
    "no channel takes the warning": Case("يتعذر تسليم التنبيه بكل قناة", FAILED, warned),
    "its SMS is reported undelivered, and its mail was taken": Case(
        "يرد تقرير بأن رسالته النصية لم تصل، وقد سُلّم بريده",
        UNDELIVERED,
        accepted,
        known=Facts(has_other_channel=True, other_accepted_at=SUNDAY),
    ),
    "… and nothing else was said or taken": Case("… ولم يُسلَّم بغيرها", UNDELIVERED, accepted),
    "… and no mail of it went to a known address": Case(
        "… ولم يُرسل إلى بريده المعروف", UNDELIVERED, accepted, known=Facts(may_try_other=True)
    ),
    "reports contradict each other: the outcome arrived, and did not": Case(
        "تتضارب التقارير: وصلت النتيجة، ولم تصل",
        replace(UNDELIVERED, notification="resolved", is_contradictory=True),
    ),
    "… and nobody acts: again and again": Case(
        "… ولم يتخذ أحد إجراءً: يتكرر التذكير",
        due("stalled"),
        lambda before: replace(asked(before), has_unseen_attachments=True),
        3 * DAY,
    ),
    "three business days after the warning": Case(
        "ثلاثة أيام عمل من وصول التنبيه",
        due("no_response"),
        accepted,
        4 * DAY,
        Facts(rests_on=RestsOn(17, "sms", "delivered", SUNDAY)),
    ),
    "… though the citizen had written": Case(
        "… وقد كتب العميل شيئًا",
        due("no_response"),
        lambda before: replace(accepted(before), wrote_since_asked=True),
        4 * DAY,
    ),
    "staff ask for data (#info)": Case("يطلب موظف بيانات (#بيانات)", staff(commands.AskInfo("صورة العقد"))),
    "the citizen writes again": Case("يكتب العميل مرة أخرى", mail()),
    "a stranger answers our mail": Case("يرد غير العميل على رسالتنا", mail(sender_email="eve@example.net")),
    "… or one in the proved requester's name does": Case(
        "… أو يرد باسم عميل ثبت عنوانه من لم يثبت عنوانه", mail(phone="+966555555555"), proved
    ),
    "an unproved mail in the proved requester's name": Case(
        "رسالة باسم عميل ثبت عنوانه، لم يثبت مرسلها", mail(wants_escalation=True), proved
    ),
    "a second complaint about the same request": Case(
        "شكوى ثانية بشأن الطلب نفسه", mail(match="request", request_number="2026123")
    ),
    "«حالة», or only the number": Case("«حالة»، أو رقم الشكوى وحده", mail(asks_status=True)),
    "staff answer": Case("يرد موظف", staff(answer="ننظر في طلبكم")),
    "staff answer any notice of theirs (#reply)": Case(
        "رد موظف من أي رسالة إليه (#رد)", staff(commands.Reply("ننظر في طلبكم"))
    ),
    "an internal note (#note)": Case("ملاحظة داخلية (#ملاحظة)", staff(commands.Note("اتصل العميل"))),
    "assigned to a person (#assign)": Case("إسناد إلى موظف (#إسناد)", staff(commands.Assign("عمر"))),
    "more time for staff (#extend)": Case("وقت أطول للموظفين (#تمديد)", staff(commands.Extend(3))),
    "80 % of the first-response time used": Case(
        "مضى 80 % من وقت الاستجابة الأولى", due("first_response_80")
    ),
    "the first-response time is over": Case("انقضى وقت الاستجابة الأولى", due("first_response")),
    "80 % of the processing time used": Case("مضى 80 % من وقت المعالجة", due("processing_80")),
    "the processing time is over": Case("انقضى وقت المعالجة", due("processing"), after=20 * DAY),
    "the times after a breach, again and again": Case(
        "بعد تجاوز الموعد: يتكرر التذكير",
        due("overdue"),
        lambda before: replace(before, processing_breached_at=SUNDAY + 15 * DAY),
        20 * DAY,
    ),
    "80 % of the time to answer an escalation": Case(
        "مضى 80 % من وقت البت في طلب التصعيد", due("escalation_answer_80"), raised
    ),
    "the time to answer an escalation is over": Case(
        "انقضى وقت البت في طلب التصعيد", due("escalation_answer"), raised
    ),
    "80 % of the time of an accepted escalation": Case(
        "مضى 80 % من وقت متابعة التصعيد", due("escalation_80"), taken_on
    ),
    "the time of an accepted escalation is over": Case(
        "انقضى وقت متابعة التصعيد", due("escalation"), taken_on
    ),
    "… and again, until it is resolved": Case(
        "… ويتكرر التذكير حتى المعالجة", due("escalation_overdue"), late_by("escalation", taken_on), 9 * DAY
    ),
    "a wish to escalate, processed in time": Case(
        "رغبة في تصعيد ما عولج في وقته", mail(wants_escalation=True)
    ),
    "a wish to escalate, processed too late": Case(
        "رغبة في تصعيد ما عولج بعد وقته",
        mail(wants_escalation=True),
        lambda before: replace(before, used=11 * DAY),
    ),
    "… and the citizen is told": Case("… فيُفاد العميل", due("processing_delayed"), after=20 * DAY),
    "a wish to escalate before its time": Case(
        "رغبة في التصعيد قبل أوانه", mail(wants_escalation=True, is_authenticated=True)
    ),
    "a wish to escalate once the time is over": Case(
        "رغبة في التصعيد بعد انقضاء الوقت", mail(wants_escalation=True), after=20 * DAY
    ),
    "a wish to escalate": Case("رغبة في التصعيد", mail(wants_escalation=True)),
    "a wish to escalate what staff escalated": Case(
        "رغبة في تصعيد ما صعّده الموظف", mail(wants_escalation=True), raised
    ),
    "a wish to escalate, the processing time used up": Case(
        "رغبة في التصعيد بعد استنفاد وقت المعالجة", mail(wants_escalation=True), used_up
    ),
    "«حالة», after staff asked for data": Case(
        "«حالة» بعد طلب الموظف بيانات", mail(asks_status=True, is_authenticated=True), asked_by_staff
    ),
    "an escalation by staff (#escalate)": Case("يرفع موظف تصعيدًا (#تصعيد)", staff(commands.Escalate())),
    "the escalation is accepted (#accept)": Case("يُقبل التصعيد (#قبول)", staff(commands.Accept()), raised),
    "the escalation is declined (#decline)": Case(
        "يُرفض التصعيد (#رفض)", staff(commands.Decline("لم ينقض الوقت")), raised
    ),
    "the outcome (#resolve)": Case("النتيجة (#حل)", staff(commands.Resolve("تمت المعالجة"))),
    "… while an escalation is raised": Case(
        "… وقد رُفع طلب تصعيد لم يُبتّ فيه", staff(commands.Resolve("تمت المعالجة")), raised
    ),
    "… which no message can bring": Case(
        "… ولا تصل بها رسالة إلى العميل", staff(commands.Resolve("تمت المعالجة")), unreached
    ),
    "… and staff told them (#close resolved)": Case(
        "… فأفاده الموظف بوسيلة أخرى (#إغلاق معالجة)",
        staff(commands.Close("resolved")),
        lambda before: replace(unreached(before), held=True),
    ),
    "the citizen withdraws": Case("يسحب العميل شكواه", CustomerSaid(SUNDAY, "withdrawal", is_vouched=True)),
    "not admitted (#close not_admitted)": Case(
        "غير مقبولة (#إغلاق غير_مقبولة)", staff(commands.Close("not_admitted", "لا رقم طلب"))
    ),
    "a duplicate (#close duplicate)": Case("مكررة (#إغلاق مكررة)", staff(commands.Close("duplicate"))),
    "spam (#close spam)": Case("مزعجة (#إغلاق مزعج)", staff(commands.Close("spam"))),
    "a message of ours fails for good": Case("يتعذر تسليم إحدى رسائلنا", FAILED),
    "one business day without an objection": Case("يوم عمل بلا اعتراض", due("resolved_closure")),
    "an objection, or any other reply": Case("اعتراض، أو أي رد آخر", mail()),
    "one business day after closing": Case("يوم عمل بعد الإغلاق", due("survey"), after=DAY),
    "three more without a rating": Case(
        "ثلاثة أيام أخرى بلا تقييم", due("survey_reminder"), surveyed, 5 * DAY
    ),
    "the survey is answered": Case("يصل التقييم", SurveyAnswered(SUNDAY, 4), surveyed, 2 * DAY),
    "a number in answer to the survey's mail": Case(
        "رقم في الرد على رسالة التقييم", mail(survey_score=5, is_only_score=True), surveyed, 2 * DAY
    ),
    "a good score with a kind word": Case(
        "تقييم جيد مع كلمة طيبة", mail(survey_score=5, new_text="5\nخدمة سريعة"), surveyed, 2 * DAY
    ),
    "a reply within 14 days": Case("رد خلال 14 يومًا", mail(), after=10 * DAY),
    "a reply after 14 days: a new, linked one": Case(
        "رد بعد 14 يومًا: شكوى جديدة مرتبطة بها", mail(phone=PHONE, at=SUNDAY + 20 * DAY), after=20 * DAY
    ),
    "any mail": Case("أي رسالة", mail()),
    "reopened by staff (#reopen)": Case("يعيد موظف فتحها (#فتح)", staff(commands.Reopen())),
}


@dataclass(frozen=True)
class Row:
    """A line of the table. `citizen` and `staff` are notifications, in no order."""

    before: str
    what: str
    after: str
    citizen: frozenset[str]
    staff: frozenset[str]

    @property
    def case(self) -> Case:
        return CASES[self.what]


def rows() -> list[Row]:
    found = []
    for line in TABLE.strip().splitlines():
        before, what, after, citizen, staff_hears = (cell.strip() for cell in line.split("|"))
        found.append(Row(before, what, after, frozenset(citizen.split()), frozenset(staff_hears.split())))
    return found


def ticket_in(place: str) -> Ticket | None:
    state, _, reason = place.partition(": ")
    if state == "-":
        return None
    if state == "closed":
        return replace(CLOSED, close_reason=reason, requester=ticket().requester)  # type: ignore[arg-type]
    if state == "awaiting_info":
        return ticket("awaiting_info", request_number=None)
    if state == "resolved":
        return replace(stop_clock(ticket(), POLICY, SUNDAY), state="resolved", resolved_at=SUNDAY)
    return ticket()


def happen(row: Row) -> Decision:
    """What the rules say of a row."""
    before = ticket_in(row.before)
    ticket = row.case.prepare(before) if before else None
    facts = replace(row.case.known, ticket=ticket, new_number=NEW)
    return decide(facts, row.case.event, POLICY, SUNDAY + row.case.after)


def place_of(after: Ticket) -> str:
    return f"closed: {after.close_reason}" if after.state == "closed" else after.state


# --- the page -----------------------------------------------------------------------------------------

STATES = {
    "-": ("", ""),
    "awaiting_info": ("waiting for data", "بانتظار البيانات"),
    "open": ("open", "قيد المعالجة"),
    "resolved": ("resolved", "عولجت"),
    "closed": ("closed", "مغلقة"),
}
REASONS = {
    "resolved": "بعد معالجتها",
    "no_response": "لعدم التجاوب",
    "not_admitted": "غير مقبولة",
    "duplicate": "مكررة",
    "withdrawn": "مسحوبة",
    "spam": "مزعجة",
}
HEADINGS = {
    "en": ("From", "What happens", "To", "The citizen hears", "Staff hear"),
    "ar": ("من", "ما يحدث", "إلى", "يُشعر العميل بـ", "يُشعر الموظفون بـ"),
}


def words(place: str, language: str) -> str:
    state, _, reason = place.partition(": ")
    if language == "en":
        return STATES[state][0] + (f": {reason.replace('_', ' ')}" if reason else "")
    return STATES[state][1] + (f": {REASONS[reason]}" if reason else "")


def table(language: str) -> str:
    lines = [" | ".join(HEADINGS[language]), " | ".join(["---"] * 5)]
    for row in rows():
        what = row.what if language == "en" else row.case.arabic
        says = [", ".join(f"`{name}`" for name in sorted(names)) for names in (row.citizen, row.staff)]
        lines.append(" | ".join((words(row.before, language), what, words(row.after, language), *says)))
    return "\n".join(f"| {line} |" for line in lines)


def dot(language: str) -> str:
    """The diagram of the states, for Graphviz: an arrow for each pair of states that a row joins."""
    place = 0 if language == "en" else 1
    joined: dict[tuple[str, str], list[str]] = {}
    for row in rows():
        before, after = row.before.partition(":")[0], row.after.partition(":")[0]
        if before != after and not row.what.startswith(("… by", "… forw", "… though", "a reply after")):
            joined.setdefault((before, after), []).append(row.what if language == "en" else row.case.arabic)
    lines = [
        "digraph complaint {",
        '  graph [rankdir=TB, nodesep=1.1, ranksep=0.9, fontname="Noto Sans Arabic"];',
        '  node [shape=box, style="rounded,filled", fillcolor="#e3efe9", color="#0b5c3b",'
        ' fontname="Noto Sans Arabic", margin="0.25,0.15"];',
        '  edge [fontname="Noto Sans Arabic", fontsize=11, color="#4c5852"];',
        '  "-" [shape=circle, label="", width=0.2, fillcolor="#0b5c3b"];',
    ]
    lines += [f'  "{state}" [label="{names[place]}"];' for state, names in STATES.items() if state != "-"]
    for (before, after), events in joined.items():
        label = "\\n".join(events)
        lines.append(f'  "{before}" -> "{after}" [label="{label}"];')
    return "\n".join([*lines, "}"]) + "\n"


PAGE = """\
# The life of a complaint · حياة الشكوى

The rules of the ministry's guide as the program keeps them. Made from the transition table that the tests check
against the rules (`tests/unit/transition_table.py`): what stands here is what the program does. Durations are the
defaults; all of them are configuration.

![The states of a complaint](workflow.en.svg)

{english}

Both clocks stand while data is awaited; only business time counts (Sunday to Thursday, without the government's
holidays). A complaint that is reopened has both clocks anew; the day from which the citizen may escalate stays the first
one, and «#تمديد» does not move it either. An escalation must be answered within one business day, and an accepted one be
resolved within five: accepting assigns the complaint to the member, who gets all of it and whatever the citizen writes
from then on. Staff are told at 50 % (in the digest), at 80 % and at 100 % of each time, the lead and an escalation team at
100 %. After that, and where a complaint stands still because our words do not arrive or nobody has looked at its files,
the responsible and the lead are reminded every two business days at 08:00 until somebody acts: what is open has always
a next deadline. What a deadline says to a citizen it says from 08:00 to 21:00 on a business day. A warning is never sent over
attachments that nobody of the staff has looked at, and nothing is closed for no response once the requester wrote
anything at all. `received`, `info_requested`, `info_warning`, every closing, `escalation_outcome` and `survey` go by
e-mail and SMS; the others by e-mail, and by SMS only where there is no address.

## بالعربية

<div dir="rtl" lang="ar">

![حالات الشكوى](workflow.ar.svg)

{arabic}

1. **الاستقبال:** تصل الشكوى فيُشعر العميل برقمها بالبريد والرسالة النصية، ويصل نصها إلى الفريق المختص.
2. **نقص البيانات:** إن لم يُذكر رقم الطلب طُلب من العميل ما ينقص تحديدًا. فإن لم يرد خلال يومي عمل ذُكِّر وأُفيد بأن عليه
   توفير البيانات خلال ثلاثة أيام عمل من وصول التذكير لتجنب الإغلاق. وأي رد منه يوقف الإغلاق.
3. **المعالجة:** يرد الموظف على رسالة الشكوى فيصل رده إلى العميل. ومتوسط وقت المعالجة 10 أيام عمل، ويُنبَّه الفريق قبل انتهائها.
4. **الإغلاق:** يُفاد العميل بالنتيجة، ثم تُغلق الشكوى بعد يوم عمل إن لم يعترض، ويُشعر بذلك برسالة نصية. وردُّه خلال 14 يومًا
   يعيد فتحها.
5. **التقييم:** بعد يوم عمل من إغلاقها معالَجةً يصل العميلَ رابط التقييم، ويُذكَّر به مرة واحدة.
6. **التصعيد:** يطلبه العميل بكلمة «تصعيد» أو من صفحة المتابعة أو بالهاتف، إذا تجاوزت المعالجة وقتها، أو أُغلقت الشكوى بدون
   معالجة. وقبل ذلك يُفاد بموعد إمكانه. ويُبت في الطلب خلال يوم عمل، ومن يقبله تُسند إليه الشكوى، وعليه إتمامها خلال خمسة
   أيام عمل.
7. **المواعيد:** لكل شكوى مفتوحة ولكل تصعيد موعد قادم دائمًا. فإذا انقضى آخر المواعيد، أو توقفت الشكوى بانتظار إجراء، ذُكّر
   المسؤول عنها ورئيس الفريق كل يومي عمل في الثامنة صباحًا حتى اتخاذ الإجراء. والشكوى التي يعاد فتحها تبدأ مواعيدها من
   جديد، ويبقى يوم إمكان التصعيد كما كان.

</div>
"""  # noqa: E501


def page() -> str:
    return PAGE.format(english=table("en"), arabic=table("ar"))


def main() -> None:
    (DOCS / "WORKFLOW.md").write_text(page(), "utf-8")
    for language in ("en", "ar"):
        source = DOCS / f"workflow.{language}.dot"
        source.write_text(dot(language), "utf-8")
        if shutil.which("dot"):
            subprocess.run(["dot", "-Tsvg", source, "-o", source.with_suffix(".svg")], check=True)


if __name__ == "__main__":
    main()
