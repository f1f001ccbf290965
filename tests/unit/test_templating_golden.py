"""Every shipped template, rendered with sample values, against its stored copy.

After a change of wording that is meant, refresh the copies and read their diff:

    SHAKWA_UPDATE_GOLDEN=1 .venv/bin/pytest tests/unit/test_templating_golden.py
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest

from daemon.templating import samples
from daemon.templating.card import CARD_FILE
from daemon.templating.catalogue import LANGUAGES, NOTIFICATIONS
from daemon.templating.check import check, check_layout, unbalanced
from daemon.templating.engine import MARKER, RenderedEmail, TemplateSet
from daemon.templating.layout import FOOTER_FILE, LAYOUT_FILE
from daemon.templating.source import SUFFIXES, path_of
from daemon.templating.words import HISTORY_FILE

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
GOLDEN = ROOT / "tests" / "golden" / "templates"
UPDATE = os.environ.get("SHAKWA_UPDATE_GOLDEN") == "1"
IN_TEXT = ("usual", "empty", "full")
CHOICES_IN_TEXT = {
    "closed": ("close_reason-",),
    "status": ("state-", "close_reason-", "escalation-"),
    "staff_command_error": ("error-forgotten_sign",),
    "escalation_too_early": ("no-possible_at", "is_reopened"),
    "escalation_outcome": ("outcome-", "by_staff"),
    "staff_due_soon": ("kind-",),
    "staff_breached": ("kind-", "cause-", "is_again", "is_reopened"),
    "staff_new": ("is_unreached", "is_handed_over", "is_same_address"),
    "staff_done": ("is_note",),
    "staff_note": ("news-",),
    "staff_delivery_failed": ("channel-none",),
}


def in_text(name: str, label: str) -> bool:
    return label in IN_TEXT or label.startswith(CHOICES_IN_TEXT.get(name, ("\n",)))


def in_html(name: str, label: str) -> bool:
    return label == "usual" or (label == "markup" and name in ("received", "staff_new"))


EMAILS = [(language, name) for language in LANGUAGES for name in NOTIFICATIONS]
SMS = [(language, name) for language, name in EMAILS if "sms" in NOTIFICATIONS[name].channels]


@cache
def shipped() -> dict[str, TemplateSet]:
    """The shipped templates by language, loaded once for all tests of templating."""
    return {language: TemplateSet(TEMPLATES, language) for language in LANGUAGES}


@pytest.fixture
def sets() -> dict[str, TemplateSet]:
    return shipped()


def as_sent(templates: TemplateSet, name: str, values: samples.Context) -> RenderedEmail:
    """With the cheat card where the notice is one about a ticket to staff, as `writer` asks for it."""
    is_answerable = NOTIFICATIONS[name].audience == "staff" and values.get("ticket_number")
    return templates.render_email(name, values, samples.REPLY_TO if is_answerable else None)


def compare(path: Path, text: str) -> None:
    if UPDATE:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    assert path.exists(), f"{path.name} has no stored copy; see the top of this file"
    assert text == path.read_text(encoding="utf-8")


def contexts(name: str) -> dict[str, samples.Context]:
    return dict(samples.contexts(NOTIFICATIONS[name]))


def test_every_shipped_template_passes_its_check(sets: dict[str, TemplateSet]) -> None:
    assert [str(problem) for templates in sets.values() for problem in templates.problems()] == []


def test_there_is_a_file_for_every_notification_and_no_other() -> None:
    declared = {path_of(name, channel, language) for language, name in EMAILS for channel in SUFFIXES}
    wanted = {
        path_of(name, channel, language)
        for language, name in EMAILS
        for channel in NOTIFICATIONS[name].channels
    }

    shipped = {str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.*") if path.is_file()}

    assert shipped & declared == wanted
    around = {
        f"{language}/{file}" for language in LANGUAGES for file in (FOOTER_FILE, CARD_FILE, HISTORY_FILE)
    }
    assert shipped - declared == {LAYOUT_FILE, *around}


@pytest.mark.parametrize("language,name", EMAILS)
def test_the_email_reads_as_its_stored_copy(sets: dict[str, TemplateSet], language: str, name: str) -> None:
    for label, values in contexts(name).items():
        email = as_sent(sets[language], name, values)
        assert (email.fallback, email.problem) == ("", "")
        if in_text(name, label):
            compare(GOLDEN / language / f"{name}.{label}.txt", f"Subject: {email.subject}\n\n{email.text}")
        if in_html(name, label):
            compare(GOLDEN / language / f"{name}.{label}.html", email.html)


@pytest.mark.parametrize("language,name", SMS)
def test_the_sms_reads_as_its_stored_copy(sets: dict[str, TemplateSet], language: str, name: str) -> None:
    for label, values in contexts(name).items():
        message = sets[language].render_sms(name, values)
        assert (message.fallback, message.problem) == ("", "")
        assert message.segments <= 2
        if in_text(name, label):
            compare(GOLDEN / language / f"{name}.{label}.sms.txt", message.text + "\n")


def test_no_stored_copy_is_left_over(sets: dict[str, TemplateSet]) -> None:
    wanted = set()
    for language, name in EMAILS:
        for label in contexts(name):
            stem = f"{language}/{name}.{label}"
            wanted |= {f"{stem}.txt"} if in_text(name, label) else set()
            wanted |= {f"{stem}.html"} if in_html(name, label) else set()
            wanted |= {f"{stem}.sms.txt"} if in_text(name, label) and (language, name) in SMS else set()

    stored = {str(path.relative_to(GOLDEN)) for path in GOLDEN.rglob("*") if path.is_file()}

    assert stored == wanted


@pytest.mark.parametrize("language,name", EMAILS)
def test_both_parts_begin_with_the_marker_and_every_line_closes_its_isolates(
    sets: dict[str, TemplateSet], language: str, name: str
) -> None:
    for values in contexts(name).values():
        email = as_sent(sets[language], name, values)

        assert email.text.startswith(MARKER[language] + "\n\n")
        visible = email.html[email.html.index("<body") :]
        assert visible[visible.index(">") :].count(MARKER[language]) >= 1
        assert visible.index(MARKER[language]) < visible.index("<p style=")
        assert not unbalanced(email.text)
        assert not any(mark in email.subject for mark in "\u2066\u2067\u2068\u2069\u202a\u202b\u202c\n\r")


@pytest.mark.parametrize("name", [name for name in NOTIFICATIONS if name.startswith("staff_")])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_line_to_staff_names_the_ticket_and_who_hears_a_reply(
    sets: dict[str, TemplateSet], language: str, name: str
) -> None:
    reaches = {"ar": "يصل إلى العميل", "en": "reaches the customer"}[language]
    stays = {"ar": "لا يصل إلى العميل", "en": "does not reach the customer"}[language]
    for values in contexts(name).values():
        first = sets[language].render_email(name, values).text.split("\n")[2]

        if values.get("ticket_number"):
            assert str(values["ticket_number"]) in first
        goes_out = values.get("replies_go_to_citizen") is True
        assert (reaches if goes_out else stays) in first
        assert (stays in first) is not goes_out


def test_arabic_and_english_say_the_same_variables(sets: dict[str, TemplateSet]) -> None:
    for name, notification in NOTIFICATIONS.items():
        for channel in notification.channels:
            arabic, english = (sets[language]._needed(name, channel).good for language in LANGUAGES)
            assert arabic is not None
            assert english is not None
            assert arabic.names == english.names, (name, channel)


def test_the_page_passes_its_check() -> None:
    page = (TEMPLATES / LAYOUT_FILE).read_text(encoding="utf-8")
    for language in LANGUAGES:
        footer = (TEMPLATES / language / FOOTER_FILE).read_text(encoding="utf-8")
        assert check_layout(page, footer, language) == []


def test_the_html_page_states_language_and_direction(sets: dict[str, TemplateSet]) -> None:
    values = contexts("received")["usual"]

    assert '<html lang="ar" dir="rtl">' in sets["ar"].render_email("received", values).html
    assert '<html lang="en" dir="ltr">' in sets["en"].render_email("received", values).html


def test_the_ticket_number_is_isolated_in_arabic_and_nowhere_in_sms_or_subject(
    sets: dict[str, TemplateSet],
) -> None:
    values = contexts("received")["usual"]

    email = sets["ar"].render_email("received", values)
    message = sets["ar"].render_sms("received", values)

    assert f"\u2068{samples.TICKET}\u2069" in email.text
    assert f">{samples.TICKET}</bdi>" in email.html
    assert samples.TICKET in email.subject
    assert samples.TICKET in message.text
    assert "\u2068" not in email.subject + message.text


def test_processing_is_an_average_and_never_a_date(sets: dict[str, TemplateSet]) -> None:
    for name in ("received", "info_requested", "in_progress"):
        email = sets["ar"].render_email(name, contexts(name)["usual"])
        assert "متوسط وقت المعالجة 10 أيام عمل" in email.text
        assert "ديسمبر" not in email.text


@pytest.mark.parametrize("name", ["received", "info_requested"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_acknowledgement_to_an_unproven_sender_repeats_nothing_of_theirs(
    sets: dict[str, TemplateSet], language: str, name: str
) -> None:
    values = {**contexts(name)["full"], "requester_name": "", "request_number": ""}
    written = {**values, "requester_name": "Qzq", "request_number": "777888"}

    silent = sets[language].render_email(name, values)
    spoken = sets[language].render_email(name, written)

    assert "Qzq" in spoken.text
    for part in (silent.text, silent.html, silent.subject, sets[language].render_sms(name, written).text):
        assert "Qzq" not in part
        assert "777888" not in part
    assert " ," not in silent.text
    assert "/ \n" not in silent.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_exactly_what_is_missing_is_asked_for(sets: dict[str, TemplateSet], language: str) -> None:
    words = {
        "ar": {"request_number": "**رقم الطلب:**", "ground": "تحديات تقنية تعيق", "mobile": "رقم جوال سعودي"},
        "en": {"request_number": "Request number:", "ground": "technical obstacle", "mobile": "Saudi mobile"},
    }[language]
    base = contexts("info_requested")["usual"]
    for asked in (["request_number"], ["ground", "request_number"], ["request_number", "ground", "mobile"]):
        text = sets[language].render_email("info_requested", {**base, "missing": asked}).text
        for item, phrase in words.items():
            assert (phrase.strip("*") in text) is (item in asked)


def test_the_layout_loads_nothing_from_elsewhere(sets: dict[str, TemplateSet]) -> None:
    html = sets["ar"].render_email("received", contexts("received")["usual"]).html

    for word in ("<img", "<script", "src=", "@import", "url(", "http://", "https://"):
        assert word not in html


def test_a_check_of_an_unknown_notification_is_a_problem() -> None:
    assert check("no_such", "email", "x", "ar")
    assert check("staff_new", "sms", "x", "ar")
    assert check("received", "email", "x", "fr")
