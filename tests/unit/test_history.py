"""What a ticket's history says: every code is written by some rule, and has words in both languages."""

from __future__ import annotations

import importlib
import json
import re
import shutil
import tomllib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from daemon.cli.explanation import worded
from daemon.templating.catalogue import NOTIFICATIONS
from daemon.templating.engine import TemplateSet
from daemon.templating.keys import HISTORY_FILE
from daemon.templating.samples import usual
from daemon.templating.sources import Folder
from daemon.templating.words import Words, read, words_of
from daemon.workflow import commands, notices, steps, vocabulary
from daemon.workflow.decide import decide
from daemon.workflow.events import (
    CustomerSaid,
    DeadlineReached,
    DeliveryAccepted,
    DeliveryFailed,
    Event,
    FilesScanned,
    MailTooLarge,
    StaffWrote,
    TicketMerged,
)
from daemon.workflow.history import (
    CODES,
    WORDED,
    Code,
    Entry,
    Line,
    from_json,
    packed,
    to_json,
    unpacked,
    values_of,
)
from daemon.workflow.model import Decision, Facts, Requester, Ticket
from daemon.workflow.quarantine import judged
from daemon.workflow.steps import Step
from daemon.workflow.steps import packed as packed_step
from tests.each import each
from tests.unit.test_decide import CLOSED, SUNDAY, WRITER, mail, ticket
from tests.unit.transition_table import NOURA, POLICY, happen, rows, staff

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
LANGUAGES = ("ar", "en")
ARABIC = re.compile(r"[؀-ۿ]")
WAITING = ticket("awaiting_info", request_number=None, info_requested_at=SUNDAY)
RATED = replace(CLOSED, surveyed_at=SUNDAY, rated_at=SUNDAY + timedelta(hours=1), rating=4)


def failed(
    audience: vocabulary.Audience, name: str = "reply", *, has_bounced: bool = False
) -> DeliveryFailed:
    return DeliveryFailed(SUNDAY, name, "email", WRITER, audience, "550", has_bounced)


# What happens to which ticket, for the codes that no row of the transition table writes.
OTHERS: list[tuple[Code, Ticket, Event]] = [
    ("category_set", ticket(), staff(commands.SetCategory("technical"))),
    ("language_set", ticket(), staff(commands.SetLanguage("en"))),
    ("phone_set", ticket(), staff(commands.SetPhone("+966500000000"))),
    ("help_asked", ticket(), staff(commands.Help())),
    ("status_asked_by_staff", ticket(), staff(commands.Status())),
    ("refused", ticket(), StaffWrote(SUNDAY, NOURA, (commands.Reopen(),), has_token=True)),
    ("participant_wrote", ticket(), mail(sender_email="copied@example.com")),
    ("rated_too_late", RATED, mail(survey_score=2, is_only_score=True)),
    ("withdrawn_too_late", CLOSED, CustomerSaid(SUNDAY, "withdrawal")),
    ("mail_too_large", ticket(), MailTooLarge(SUNDAY, WRITER, 40, 35)),
    ("merged_into", ticket(), TicketMerged("FRS-2026-000002-6")),
    ("files_clean", ticket(), FilesScanned(are_news=False)),
    ("files_news", ticket(), FilesScanned(are_news=True)),
    ("notice_accepted", ticket(), DeliveryAccepted(SUNDAY, "info_warning", "sms")),
    ("outcome_accepted", ticket("resolved", held=True), DeliveryAccepted(SUNDAY, "resolved", "sms")),
    ("notice_bounced", ticket(), failed("requester", has_bounced=True)),
    ("notice_cancelled", ticket(), replace(failed("requester"), is_cancelled=True)),
    ("notice_late", ticket(), replace(failed("requester"), is_late=True)),
    ("copy_failed", ticket(), failed("participant")),
    ("inside_notice_failed", ticket(), failed("staff", "staff_new")),
    ("staff_forewarned", ticket(), DeadlineReached("processing", SUNDAY + timedelta(minutes=10))),
    ("warning_impossible", replace(WAITING, requester=Requester()), DeadlineReached("info_warning", SUNDAY)),
]
NOT_DECIDED = {
    "merged_from": "written into the ticket that goes on, about which nothing is decided",
    "notice_lapsed": "written by whoever was to send it",
    "calendar_changed": "deadlines computed afresh are no event of the ticket's",
    "noted": "a line of an earlier version",
}


def said_of(before: Ticket, event: Event) -> Decision:
    return decide(Facts(before, is_participant=True), event, POLICY, SUNDAY)


@each(("code", "before", "event"), OTHERS, ids=[code for code, *_ in OTHERS])
def test_what_no_row_of_the_transition_table_writes(code: Code, before: Ticket, event: Event) -> None:
    assert [line.code for line in said_of(before, event).history] == [code]


def test_every_code_is_written_by_some_rule() -> None:
    event = StaffWrote(SUNDAY, NOURA, is_authenticated=True, has_token=True)
    judging = judged(Facts(), event, {17: "release", 18: "block"}, ["18: a"], POLICY)
    written = {line.code for row in rows() for line in happen(row).history}
    written |= {line.code for _, before, event in OTHERS for line in said_of(before, event).history}
    written |= {line.code for line in judging.history}

    assert written | set(NOT_DECIDED) == set(CODES)
    assert not written & set(NOT_DECIDED)


def test_what_was_refused_is_named_by_its_code() -> None:
    decision = said_of(ticket(), StaffWrote(SUNDAY, NOURA, (commands.Reopen(),), has_token=True))

    assert (decision.outcome, decision.refusal) == ("refused", "no_verdict")
    assert said_of(ticket(), staff(commands.Help())).refusal == ""


# --- values ---------------------------------------------------------------------------------------------


def example(code: Code) -> Line:
    others = {"number": 3, "ticket": "FRS-2026-000001-7", "text": "something of old"}
    others["moment"] = "2026-11-24T14:30:00+03:00"
    return Line(code, {kind: WORDED[kind][0] if kind in WORDED else others[kind] for kind in values_of(code)})


@each("code", CODES)
def test_a_line_comes_back_from_the_store_and_from_a_notification(code: Code) -> None:
    line = example(code)

    assert from_json(json.loads(json.dumps(to_json([line])))) == (line,)
    assert unpacked(packed(Entry((line,), "open"))) == Entry((line,), "open")


@pytest.mark.parametrize(
    "values", [{}, {"number": "4"}, {"number": True}, {"ground": "by_staff"}, {"number": 4, "text": ""}]
)
def test_a_line_takes_only_the_values_of_its_code(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="rated_by_mail"):
        Line("rated_by_mail", values)  # type: ignore[arg-type]


def test_what_a_later_version_kept_is_told_as_it_stands() -> None:
    (line,) = from_json([{"code": "a_new_thing", "days": 4}])

    assert line == Line("noted", {"text": '{"code": "a_new_thing", "days": 4}'})


@pytest.mark.parametrize(
    "text", ["", "opened [open]", "7", "[]", "{}", '{"lines": 7, "state": "open"}', "null"]
)
def test_a_text_that_is_no_entry_stays_a_text(text: str) -> None:
    assert unpacked(text) is None
    assert words_of(TEMPLATES, "ar").value(text) == text


# --- words ----------------------------------------------------------------------------------------------


@each("language", LANGUAGES)
@each("code", CODES)
def test_every_code_has_words_that_name_its_values(code: Code, language: str) -> None:
    words, line = words_of(TEMPLATES, language), example(code)

    told = words.line(line)

    assert told != str(line) or code in ("opened", "resolved", "assigned", "noted")
    for kind, value in line.values.items():
        assert words.name(kind, str(value)) in told


@each("code", [code for code in CODES if code != "noted"])
def test_the_arabic_words_are_arabic(code: Code) -> None:
    line = words_of(TEMPLATES, "ar").entry(Entry((example(code),), "open"))

    assert ARABIC.search(line.partition(" – ")[0]), line
    assert line.endswith(" – قيد المعالجة")
    assert not re.search(r"[a-z]{3,}", line), line


def test_every_name_of_a_kind_is_arabic() -> None:
    document = tomllib.loads((TEMPLATES / "ar" / HISTORY_FILE).read_text("utf-8"))
    wanted = {"state": vocabulary.STATES, **WORDED}

    assert {kind: set(document[kind]) for kind in wanted} == {
        kind: set(names) for kind, names in wanted.items()
    }
    assert all(ARABIC.search(name) for kind in wanted for name in document[kind].values())


def test_several_lines_are_told_one_after_the_other() -> None:
    entry = Entry((Line("phone_set"), Line("request_set")), "open")

    arabic = words_of(TEMPLATES, "ar").entry(entry)
    assert arabic == "سجل الموظف رقم الجوال، سجل الموظف رقم الطلب – قيد المعالجة"
    assert words_of(TEMPLATES, "en").entry(entry) == (
        "mobile set by staff; request number set by staff (status: in progress)"
    )


def test_what_has_no_name_is_shown_as_it_is() -> None:
    words = words_of(TEMPLATES, "ar")

    of_old = Line("inside_notice_failed", {"notification": "staff_of_old"})
    assert words.line(of_old) == "تعذر إشعار داخلي (staff_of_old)"
    assert words.name("notification", "unheard_of") == "unheard_of"
    assert words.entry(Entry((Line("opened"),), "odd")) == "سُجلت الشكوى – odd"


def test_every_notification_has_a_name() -> None:
    words = words_of(TEMPLATES, "ar")

    assert all(ARABIC.search(words.name("notification", name)) for name in notices.NOTICES)


# --- the check ------------------------------------------------------------------------------------------

SHIPPED = (TEMPLATES / "en" / HISTORY_FILE).read_text("utf-8")


@each(
    ("old", "new", "problem"),
    [
        ('warned = "', 'warmed = "', "warned is missing in [lines]"),
        ('warned = "', 'warmed = "', "warmed is not known in [lines]"),
        ("{ground}", "", "escalation_raised in [lines] must hold {ground}"),
        ("{ground}", "{reason}", "escalation_raised in [lines] must hold {ground}"),
        ("{ground}", "{ground} {ground}", "escalation_raised in [lines] must hold {ground}"),
        ("{ground}", "{ground.__class__}", "escalation_raised in [lines] must hold {ground}"),
        ("{ground}", "{ground!r}", "escalation_raised in [lines] must hold {ground}"),
        ("{ground}", "{ground:>9999999}", "escalation_raised in [lines] must hold {ground}"),
        ("{ground}", "{ground", "escalation_raised in [lines] must hold {ground}"),
        ('assigned = "assigned"', 'assigned = "{}"', "assigned in [lines] must hold no braces"),
        ('assigned = "assigned"', 'assigned = " "', "assigned in [lines] must be a text"),
        ('assigned = "assigned"', "assigned = 7", "assigned in [lines] must be a text"),
        ('separator = "; "', "", "separator is missing in the top"),
        ('closed = "closed"', "", "closed is missing in [state]"),
        ("[lines]", "[states]\n[lines]", "[states] is not known"),
        ("[lines]", "", "[lines] is missing"),
        ("[lines]", "[lines", "line 9"),
    ],
)
def test_what_is_wrong_with_the_words_is_named(old: str, new: str, problem: str) -> None:
    assert old in SHIPPED

    words, problems = read(SHIPPED.replace(old, new, 1), "en")

    assert words is None
    assert problem in "\n".join(map(str, problems))


def test_the_shipped_words_pass() -> None:
    for language in LANGUAGES:
        words, problems = read((TEMPLATES / language / HISTORY_FILE).read_text("utf-8"), language)
        assert words is not None
        assert problems == []


def test_a_folder_without_words_is_served_with_the_programs_own(tmp_path: Path) -> None:
    entry = Entry((Line("breached", {"clock": "processing"}),), "open")

    assert words_of(tmp_path, "ar").entry(entry) == "تجاوزت وقت المعالجة – قيد المعالجة"
    (tmp_path / "ar").mkdir()
    (tmp_path / "ar" / HISTORY_FILE).write_text("broken = [", "utf-8")
    assert words_of(tmp_path, "ar").entry(entry) == "تجاوزت وقت المعالجة – قيد المعالجة"


def test_without_any_words_the_codes_are_told() -> None:
    entry = Entry((Line("breached", {"clock": "processing"}),), "open")

    assert Words().entry(entry) == "breached processing [open]"
    assert Words().name("state", "open") == "open"


def status(templates: TemplateSet, *history: str) -> str:
    values = {**usual(NOTIFICATIONS["staff_status"]), "history": list(history)}
    return re.sub("[\u2066-\u2069]", "", templates.render_email("staff_status", values).text)


def test_staff_read_the_history_in_the_language_of_their_notices() -> None:
    entry = packed(Entry((Line("escalation_raised", {"ground": "processing_exceeded"}),), "open"))

    arabic, english = (status(TemplateSet(TEMPLATES, language), entry) for language in LANGUAGES)

    assert "- رُفع طلب تصعيد لتجاوز وقت المعالجة – قيد المعالجة" in arabic
    assert "- escalation raised: processing took longer than expected (status: in progress)" in english


def test_the_last_words_hold_the_history_too(tmp_path: Path) -> None:
    (tmp_path / "ar").mkdir()
    shutil.copy(TEMPLATES / "ar" / HISTORY_FILE, tmp_path / "ar")

    said = status(TemplateSet(tmp_path, "ar"), packed(Entry((Line("opened"),), "open")))

    assert "سُجلت الشكوى – قيد المعالجة" in said


class Checked(Folder):
    """Its texts need no look at their samples: this is about the words beside them."""

    are_checked = True


def test_words_that_fail_their_check_never_replace_the_good_ones(tmp_path: Path) -> None:
    shutil.copytree(TEMPLATES, tmp_path, dirs_exist_ok=True)
    templates, entry = TemplateSet(Checked(tmp_path), "en"), packed(Entry((Line("assigned"),), "open"))
    words = tmp_path / "en" / HISTORY_FILE
    assert "- assigned (status: in progress)" in status(templates, entry)

    words.write_text(SHIPPED.replace('assigned = "assigned"', 'assigned = "given to {whom}"'), "utf-8")
    templates.reload()

    assert "- assigned (status: in progress)" in status(templates, entry)
    assert [problem.path for problem in templates.problems()] == [f"en/{HISTORY_FILE}"]

    words.write_text(SHIPPED.replace('assigned = "assigned"', 'assigned = "given to a person"'), "utf-8")
    templates.reload()

    assert "- given to a person (status: in progress)" in status(templates, entry)
    assert templates.problems() == []


# --- what was kept before -------------------------------------------------------------------------------

OLD = importlib.import_module("daemon.store.migrations.versions.0002_history_as_codes")


@each("sentence", OLD.SENTENCES)
def test_every_sentence_of_before_becomes_its_code_with_its_values(sentence: str) -> None:
    note = sentence
    for kind, names in {
        **WORDED,
        "number": ("4",),
        "ticket": ("FRS-2026-000001-7",),
    }.items():
        note = note.replace(f"{{{kind}}}", names[0])

    (line,) = from_json(OLD.lines_of(note))

    assert line.code == OLD.SENTENCES[sentence]
    if "operator" not in sentence:  # of a ticket's history nothing was said to the operator
        told = Words({"lines": {line.code: sentence}}).lines([line])
        assert told == note


def test_an_explanation_is_told_in_words() -> None:
    decision = decide(Facts(), mail(request_number=None), POLICY, SUNDAY)
    new, said = Step("new"), Step("said", {"notification": "received", "channel": "email"})
    lines = ["routed: of old", packed_step(new), decision.note, packed_step(said), '{"lines": 7}']

    told = worded(lines, words_of(TEMPLATES, "en"))

    assert told == [
        "routed: of old",
        "routed: new, no trace of an earlier mail",
        "decided: opened; the request number is missing and was asked for"
        " (status: waiting for the customer's data)",
        "said by e-mail: registration of the complaint",
        '{"lines": 7}',
    ]
    assert worded(None, words_of(TEMPLATES, "en")) == []


# --- the steps of a mail --------------------------------------------------------------------------------


def step_like(code: steps.Code) -> Step:
    names = {**steps.WORDED, "notification": ("received",), "channel": ("email",)}
    found = {
        kind: 7 if kind in ("message", "megabytes") else names.get(kind, ("sk-1",))[0]
        for kind in steps.values_of(code)
    }
    return Step(code, found)


@each("code", steps.CODES)
def test_a_step_comes_back_from_the_store_and_has_words_that_name_its_values(code: steps.Code) -> None:
    step = step_like(code)

    assert steps.unpacked(packed_step(step)) == step
    for language in LANGUAGES:
        words = words_of(TEMPLATES, language)
        told = words.explained(packed_step(step))
        assert told not in (str(step), packed_step(step)) or code == "about"
        assert all(words.name(kind, str(value)) in told for kind, value in step.values.items())


@each("code", steps.CODES)
def test_the_arabic_words_of_a_step_are_arabic(code: steps.Code) -> None:
    told = words_of(TEMPLATES, "ar").step(step_like(code)).replace("sk-1", "").replace("DMARC", "")

    assert ARABIC.search(told)
    assert not re.search(r"[A-Za-z]{2,}", told), told


def test_every_name_in_a_step_is_arabic() -> None:
    document = tomllib.loads((TEMPLATES / "ar" / HISTORY_FILE).read_text("utf-8"))

    assert {kind: set(document[kind]) for kind in steps.WORDED} == {
        kind: set(names) for kind, names in steps.WORDED.items()
    }
    assert all(ARABIC.search(name) for kind in steps.WORDED for name in document[kind].values())


@pytest.mark.parametrize("text", ["", "routed: new", "7", "[]", "{}", '{"step": "new", "ticket": "a"}'])
def test_a_text_that_is_no_step_stays_a_text(text: str) -> None:
    assert steps.unpacked(text) is None
    assert words_of(TEMPLATES, "ar").explained(text) == text


def test_a_step_takes_only_the_values_of_its_code() -> None:
    with pytest.raises(ValueError, match="answers_ours"):
        Step("answers_ours", {"message": 4})


def test_words_of_an_earlier_version_leave_the_steps_to_the_programs_own() -> None:
    source = (TEMPLATES / "ar" / HISTORY_FILE).read_text("utf-8")
    of_old = source[: source.index("[steps]")]

    words, problems = read(of_old, "ar")

    assert problems == []
    assert words is not None
    assert words.step(Step("new")) == "الوجهة: شكوى جديدة، لا أثر فيها لرسالة سابقة"
    assert Words().step(Step("new")) == "routed: new, no trace of an earlier mail"


def test_a_step_without_its_value_in_the_words_is_named() -> None:
    wrong = SHIPPED.replace("routed: answers a mail of ours about {ticket}", "routed: answers a mail of ours")

    words, problems = read(wrong, "en")

    assert words is None
    assert "answers_ours in [steps] must hold {ticket}" in str(problems[0])
