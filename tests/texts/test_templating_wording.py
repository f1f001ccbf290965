"""What the words must say, and must never say, whatever the template's admin makes of them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import product

import pytest

from daemon.mail.trust.tokens import Keyring, mint_link
from daemon.templating import builtin, sample_values, samples
from daemon.templating.catalogue import LANGUAGES, NOTIFICATIONS
from daemon.templating.check import check
from daemon.templating.engine import TemplateSet
from daemon.templating.formats import both, day_both, moment
from daemon.templating.keys import TextKey
from daemon.templating.names import names
from daemon.templating.pieces import NO_PIECES
from daemon.templating.telling import told
from daemon.templating.words import shipped as words_of
from tests.each import each
from tests.texts.test_templating_golden import shipped

ARABIC, ENGLISH = shipped()["ar"], shipped()["en"]
CITIZENS = [name for name, notification in NOTIFICATIONS.items() if notification.audience == "citizen"]
ERRORS = NOTIFICATIONS["staff_command_error"].variables["error"].choices
COMMANDS = [  # DESIGN §2, Staff by e-mail
    *(
        ("#حل", "#resolve"),
        ("#رد", "#reply"),
        ("#بيانات", "#info"),
        ("#تمديد", "#extend"),
        ("#إغلاق", "#close"),
    ),
    *(("#ملاحظة", "#note"), ("#إسناد", "#assign"), ("#طلب", "#request"), ("#جوال", "#phone")),
    *(
        ("#فئة", "#category"),
        ("#لغة", "#language"),
        ("#تصعيد", "#escalate"),
        ("#قبول", "#accept"),
        ("#رفض", "#decline"),
    ),
    *(("#فتح", "#reopen"), ("#حالة", "#status"), ("#مساعدة", "#help")),
    *(("#نيابة", "#behalf"), ("#إفراج", "#release"), ("#حظر", "#block")),
]
REASONS = [
    *(("عدم تجاوب", "no response"), ("غير مقبولة", "not admitted"), ("مكررة", "duplicate")),
    *(("مسحوبة", "withdrawn"), ("مزعجة", "spam")),
]


def usual(name: str, **values: samples.Value) -> sample_values.Context:
    return {**samples.usual(NOTIFICATIONS[name]), **values}


def plain(text: str) -> str:
    return re.sub("[\u2068\u2069]", "", text)


def read(templates: TemplateSet, name: str, **values: samples.Value) -> str:
    email = templates.render_email(name, usual(name, **values))
    assert (email.fallback, email.problem) == ("", "")
    return plain(email.text)


def text_message(templates: TemplateSet, name: str, **values: samples.Value) -> str:
    message = templates.render_sms(name, usual(name, **values))
    assert (message.fallback, message.problem) == ("", "")
    return message.text


@pytest.mark.parametrize(
    "count,words",
    [
        (1, "خلال يوم عمل واحد"),
        (2, "خلال يومي عمل"),
        (3, "خلال ثلاثة أيام عمل"),
        (4, "خلال 4 أيام عمل"),
        (10, "خلال 10 أيام عمل"),
        (11, "خلال 11 يوم عمل"),
    ],
)
def test_a_number_of_business_days_agrees(count: int, words: str) -> None:
    assert f"{words} من وصول هذه الرسالة:" in read(ARABIC, "info_warning", closure_business_days=count)
    assert f"{words} من وصول هذه الرسالة" in read(ARABIC, "resolved", closure_business_days=count)
    in_figures = {"خلال يوم عمل واحد": "خلال يوم عمل", "خلال ثلاثة أيام عمل": "خلال 3 أيام عمل"}.get(
        words, words
    )
    for name, url in product(("info_warning", "resolved"), ("", sample_values.STATUS_URL)):
        assert in_figures in text_message(ARABIC, name, closure_business_days=count, status_url=url)


@pytest.mark.parametrize(
    "count,arabic,english",
    [
        (1, "يوم واحد", "1 day"),
        (2, "يومين", "2 days"),
        (3, "3 أيام", "3 days"),
        (10, "10 أيام", "10 days"),
        (14, "14 يومًا", "14 days"),
        (30, "30 يومًا", "30 days"),
    ],
)
def test_a_number_of_days_agrees(count: int, arabic: str, english: str) -> None:
    for name in ("closed", "closed_no_response", "closed_not_admitted"):
        assert f"خلال {arabic} " in text_message(ARABIC, name, reopen_days=count)
        assert f"ithin {english}" in text_message(ENGLISH, name, reopen_days=count)
    assert f"خلال {arabic} من إغلاقها" in read(ARABIC, "resolved", reopen_days=count)
    assert f"within {english} of its closing" in read(ENGLISH, "resolved", reopen_days=count)
    for name in ("survey", "survey_reminder"):
        assert f"مدة {arabic} من تاريخ" in read(ARABIC, name, valid_days=count)


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_moments_that_were_passed_are_named(language: str) -> None:
    """Processing is never promised for a date."""
    moments = ("opened_at", "joined_at", "possible_at", "closes_at", "reopen_until")
    for name in CITIZENS:
        values = {**usual(name), "request_number": "", "text": "x"}
        given = [str(values[key]) for key in moments if key in values]
        shown = [form(one, language) for form in (both, day_both, moment) for one in given]
        email = shipped()[language].render_email(name, values)
        rest = plain(email.subject + email.text).replace(sample_values.TICKET, "")
        for words in shown:
            rest = rest.replace(words, "")
        assert not re.search(r"20\d\d", rest), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_citizen_sees_the_mailbox_and_no_other_address(language: str) -> None:
    for name in CITIZENS:
        for values in samples.contexts(NOTIFICATIONS[name]):
            email = shipped()[language].render_email(name, values[1])
            if "victim" not in email.text:  # what a hostile sample says of itself
                assert set(re.findall(r"[\w.+-]+@[\w.-]+\w", email.text)) == {"infocs@momah.gov.sa"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_longest_sms_stays_within_two_segments(language: str) -> None:
    templates = shipped()[language]
    token = sample_values.LONGEST_URL.rpartition("/")[2]
    assert len(token) == len(mint_link(Keyring(b"k" * 32), "status", 1, datetime(2036, 1, 1, tzinfo=UTC)))
    longest = [("escalation_too_early", {"possible_at": "2026-09-23T09:05:00+00:00"})]
    longest += [
        (name, {key: sample_values.LONGEST_URL, "closure_business_days": days, "reopen_days": 30})
        for name in CITIZENS
        for key in ("status_url", "survey_url")
        for days in (2, 3, 10, 11)
    ]
    status = NOTIFICATIONS["status"].variables
    longest += [
        ("status", {"state": state, "close_reason": reason, "escalation": escalation, "is_late": is_late})
        for state, reason, escalation, is_late in product(
            *(status[key].choices for key in ("state", "close_reason", "escalation")), (False, True)
        )
    ]
    for name, values in longest:
        if "sms" in NOTIFICATIONS[name].channels:
            message = templates.render_sms(name, usual(name, **values))
            assert message.segments <= 2, message.text
            assert sample_values.TICKET in message.text or name == "too_large"
            assert language == "en" or len(message.text) <= 134


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_sms_carries_the_page_where_there_is_one(language: str) -> None:
    for name in ("info_warning", "reply", "resolved", "processing_delayed"):
        assert sample_values.STATUS_URL in text_message(shipped()[language], name)
        assert "://" not in text_message(shipped()[language], name, status_url="")
    for name in ("survey", "survey_reminder"):
        values = usual(name)
        assert text_message(shipped()[language], name).endswith(f" {values['survey_url']}")
        assert str(values["survey_url"]) in read(shipped()[language], name)


ONE_SEGMENT: list[tuple[str, sample_values.Context]] = [
    *((name, {}) for name in ("received", "in_progress", "joined", "reopened", "escalation_received")),
    *((name, {"status_url": ""}) for name in ("info_requested", "reply", "processing_delayed")),
    ("info_requested", {"status_url": "", "text": "x", "missing": []}),
    ("processing_delayed", {"is_escalated": True}),
    *(
        ("escalation_outcome", {"outcome": outcome, "by_staff": by_staff})
        for outcome in ("accepted", "declined")
        for by_staff in (False, True)
    ),
    *(("status", {"state": state}) for state in ("awaiting_info", "open", "resolved", "closed")),
]


@each("name,values", ONE_SEGMENT)
@each("language", LANGUAGES)
def test_an_sms_that_needs_no_link_takes_one_segment(
    language: str, name: str, values: sample_values.Context
) -> None:
    message = shipped()[language].render_sms(name, usual(name, **values))

    assert (message.fallback, message.segments) == ("", 1), message.text


@pytest.mark.parametrize("name", ["closed_no_response", "closed_not_admitted", "closed"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_who_is_told_of_a_closing_without_processing_hears_that_they_may_escalate(
    language: str, name: str
) -> None:
    values = {"close_reason": "duplicate"} if name == "closed" else {}
    word = {"ar": "بالرد بكلمة «تصعيد»", "en": 'by replying with the word "escalate"'}[language]

    assert word in read(shipped()[language], name, **values)
    assert {"ar": "تصعيدها", "en": "escalated"}[language] in text_message(shipped()[language], name, **values)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_status_past_the_expected_time_says_so_and_how_to_escalate(language: str) -> None:
    late = {"ar": "تجاوزت الوقت المتوقع", "en": "taken longer than expected"}[language]
    word = {"ar": "بكلمة «تصعيد»", "en": '"escalate"'}[language]

    in_time = read(shipped()[language], "status")
    exceeded = read(shipped()[language], "status", is_late=True)
    followed_up = read(shipped()[language], "status", is_late=True, escalation="raised")

    assert (late in in_time, late in exceeded, late in followed_up) == (False, True, True)
    assert (word in in_time, word in exceeded, word in followed_up) == (False, True, False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_first_response_is_promised_only_where_one_is_owed(language: str) -> None:
    promise = {"ar": "رد من موظفينا خلال يوم عمل واحد", "en": "answer you within one business day"}[language]
    for name in ("received", "in_progress", "reopened"):
        assert promise in read(shipped()[language], name)
        silent = shipped()[language].render_email(name, usual(name, first_response_days=0))
        assert {"ar": "رد من موظفينا", "en": "one of our staff"}[language] not in silent.text


def test_a_survey_may_be_answered_with_a_number() -> None:
    for name in ("survey", "survey_reminder"):
        assert "بالرد على هذه الرسالة برقم من 1 إلى 5" in read(ARABIC, name)
        assert "reply to this message with a number from 1 to 5" in read(ENGLISH, name)


@pytest.mark.parametrize("name", ["processing_delayed", "escalation_too_early"])
def test_the_word_that_escalates_is_told(name: str) -> None:
    assert "بالرد على هذه الرسالة بكلمة «تصعيد»" in read(ARABIC, name)
    assert 'replying to this message with the word "escalate"' in read(ENGLISH, name)


@pytest.mark.parametrize("name", ["resolved", "reply", "closed_not_admitted", "escalation_outcome"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_of_staff_reach_the_citizen_whole_and_only_by_mail(language: str, name: str) -> None:
    words = "سطر أول\n\n- ليست قائمة\n**ليس غامقًا** #حل"

    assert words in read(shipped()[language], name, text=words)
    assert "سطر" not in text_message(shipped()[language], name, text=words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_missing_is_asked_for_only_while_it_can_be_used(language: str) -> None:
    asked = {"ar": "رقم الطلب المرفوع", "en": "the number of the request on Furas"}[language]
    for state in ("awaiting_info", "open", "resolved", "closed"):
        text = read(shipped()[language], "status", state=state, missing=["request_number"])
        assert (asked in text) is (state in ("awaiting_info", "open"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mistake_has_its_own_words_and_says_that_nothing_happened(language: str) -> None:
    nothing = {
        "ar": "ولم يتغير شيء، ولم يصل شيء إلى العميل.",
        "en": "Nothing was changed, and nothing reached the customer.",
    }[language]
    label = {"ar": "السبب: ", "en": "Reason: "}[language]
    told = set()
    for error, command in product((*ERRORS, "a_code_of_tomorrow"), ("حلل", "")):
        text = read(shipped()[language], "staff_command_error", error=error, command=command, detail="")
        assert nothing in text
        told.add(next(line for line in text.split("\n") if line.startswith(label)))
    assert len(told) == len(ERRORS) + 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_state_or_reason_in_the_detail_is_worded(language: str) -> None:
    seen = set()
    for state in ("awaiting_info", "open", "resolved", "closed", "raised", "accepted"):
        text = read(shipped()[language], "staff_command_error", error="impossible_state", detail=state)
        seen.add(text)
        assert {"ar": "ما كُتب:", "en": "What you wrote:"}[language] not in text
        assert {"ar": "الراهنة (", "en": "state ("}[language] in text
    assert len(seen) == 6
    text = read(shipped()[language], "staff_command_error", error="bad_reason", detail="no_response")
    assert {"ar": "إلا بعد تنبيه العميل", "en": "only after the customer was warned"}[language] in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_of_commands_is_whole(language: str) -> None:
    either = {"ar": "أو", "en": "or"}[language]
    text = read(shipped()[language], "staff_help")

    for arabic, english in [*COMMANDS, *REASONS]:
        assert f"- {arabic} {either} {english}" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_says_which_text_reaches_the_citizen(language: str) -> None:
    inside = {"ar": "أوامر يبقى نصها داخليًّا", "en": "Commands whose text stays internal"}[language]
    to_citizen, internal = read(shipped()[language], "staff_help").split(inside)

    reaching = {english for _, english in COMMANDS if english in to_citizen}
    assert reaching == {"#resolve", "#reply", "#info", "#extend", "#close", "#decline"}
    assert not any(english in internal for english in reaching)


@pytest.mark.parametrize("name", ["staff_command_error", "staff_help"])
def test_without_a_ticket_the_first_line_is_plainly_internal(name: str) -> None:
    first = read(ARABIC, name, ticket_number="").split("\n")[2]

    assert first == "رسالة داخلية – الرد على هذه الرسالة داخلي ولا يصل إلى العميل"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_digest_without_tickets_says_so(language: str) -> None:
    said = {"ar": "ولا توجد شكاوى تجاوزت موعدها", "en": "No complaint is overdue or due today."}[language]
    heading = {"ar": "تجاوزت موعدها:", "en": "Overdue:"}[language]

    quiet = read(shipped()[language], "staff_digest", due_today=[], breached=[])
    busy = read(shipped()[language], "staff_digest", due_today=[], breached=["الشكوى 1"])

    assert said in quiet
    assert heading not in quiet
    assert said not in busy
    assert heading in busy


@pytest.mark.parametrize(
    "name,variable",
    [
        ("escalation_outcome", "text"),
        ("status", "standing"),
        ("survey", "survey_url"),
    ],
)
def test_an_edit_that_forgets_what_decides_is_refused(name: str, variable: str) -> None:
    source = "---\nsubject: x\n---\n((رقم الشكوى))\n"

    found = check(TextKey(name, "", "email", "ar"), source, NO_PIECES)

    called = names("ar").values.get(variable, (variable,))[0]
    assert f"لا بد من ذكر القيمة (({called})) في هذا النص" in [problem.message for problem in found]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_builtin_words_carry_what_the_mail_is_for(language: str) -> None:
    def paragraphs(name: str) -> list[str]:
        return builtin.paragraphs(name, language, usual(name))

    for name in ("resolved", "reply", "closed_not_admitted", "escalation_outcome"):
        assert usual(name)["text"] in paragraphs(name)
    for name in ("survey", "survey_reminder"):
        assert usual(name)["survey_url"] in paragraphs(name)
        assert builtin.sms(name, language, usual(name)).endswith(str(usual(name)["survey_url"]))
        assert builtin.sms(name, language, usual(name, survey_url="x" * 99)).endswith("199040")
    digest = NOTIFICATIONS["staff_digest"]
    shown = builtin.paragraphs(
        "staff_digest", language, told(digest, usual("staff_digest"), words_of(language))
    )
    assert "FRS-2026-000077-1: طلب ترخيص لوحات إعلانية – " in "\n".join(shown)
    assert "unknown_command" in paragraphs("staff_command_error")
    assert samples.usual(NOTIFICATIONS["staff_new"])["text"] not in paragraphs("received")


def test_every_notification_to_a_citizen_has_builtin_words_of_its_own() -> None:
    general = builtin.sentence("nonsense", "ar", usual("received"))
    for name in CITIZENS:
        if name != "status":
            assert builtin.sentence(name, "ar", usual(name)) != general


@pytest.mark.parametrize("outcome", ["accepted", "declined"])
def test_what_staff_escalated_is_not_said_to_be_asked_for(outcome: str) -> None:
    for templates, wish in ((ARABIC, "طلب تصعيد"), (ENGLISH, "your escalation")):
        assert wish in read(templates, "escalation_outcome", outcome=outcome)
        assert wish not in read(templates, "escalation_outcome", outcome=outcome, by_staff=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_builtin_words_say_the_time_that_a_citizen_has(language: str) -> None:
    reopening = {"ar": "خلال 14 يومًا", "en": "within 14 days"}
    time_left = {
        "info_warning": {"ar": "خلال ثلاثة أيام عمل", "en": "within three business days"},
        "resolved": {"ar": "خلال يوم عمل واحد", "en": "within one business day"},
        "closed": reopening,
        "closed_no_response": reopening,
        "closed_not_admitted": reopening,
    }
    for name, words in time_left.items():
        assert words[language] in builtin.sentence(name, language, usual(name))
        assert builtin.sentence(name, language, {"ticket_number": sample_values.TICKET})


@pytest.mark.parametrize("language,word", [("ar", "«تصعيد»"), ("en", '"escalate"')])
def test_who_may_escalate_what_was_processed_too_late_is_told_how(language: str, word: str) -> None:
    templates = shipped()[language]
    cases: list[tuple[str, sample_values.Context]] = [
        ("closed", {"has_exceeded": True}),
        ("status", {"state": "resolved", "is_late": True}),
        ("status", {"state": "closed", "close_reason": "resolved", "is_late": True}),
    ]
    for name, values in cases:
        assert word in read(templates, name, **values)
        assert word not in read(templates, name, **{**values, "has_exceeded": False, "is_late": False})


@pytest.mark.parametrize("language,sent", [("ar", "وأُرسلت إليكم النتيجة"), ("en", "We sent you the outcome")])
def test_an_outcome_that_no_message_could_bring_is_not_said_to_be_sent(language: str, sent: str) -> None:
    assert sent in read(shipped()[language], "status", state="resolved")
    assert sent not in read(shipped()[language], "status", state="resolved", closes_at="")
