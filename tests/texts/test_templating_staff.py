"""What the words of mails to staff and the operator must say, whatever their editor makes of them."""

from __future__ import annotations

import re

import pytest

from daemon.mail.meaning.commands import parse_commands
from daemon.templating import samples
from daemon.templating.catalogue import LANGUAGES, NOTIFICATIONS
from daemon.workflow.budgets import ALARMING
from daemon.workflow.vocabulary import ALARMS
from tests.texts.test_templating_golden import shipped
from tests.texts.test_templating_wording import REASONS, plain, read, usual


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_and_category_that_is_shown_is_understood(language: str) -> None:
    text = read(shipped()[language], "staff_command_error", error="bad_reason", detail="?")
    quoted = re.findall("«([^»]+)»|“([^”]+)”", text.split({"ar": "السبب:", "en": "Reason:"}[language])[1])
    shown = [one or other for one, other in quoted]
    (close, category, tongue) = {
        "ar": ("إغلاق", "فئة", "لغة"),
        "en": ("close", "category", "language"),
    }[language]

    assert len(shown) == len(REASONS) + 4
    for words in [*shown[:-4], *(one[language == "en"] for one in REASONS)]:
        assert parse_commands(f"#{close} {words}").mistakes == ()
    for words in shown[-4:-2]:
        assert parse_commands(f"#{category} {words}").mistakes == ()
    for words in shown[-2:]:
        assert parse_commands(f"#{tongue} {words}").mistakes == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mistake_shows_how_to_ask_for_the_commands_and_not_the_whole_list(language: str) -> None:
    asked = {"ar": "#مساعدة", "en": "#help"}[language]
    for error in ("unknown_command", "bad_days", "cannot_combine", "impossible_state"):
        text = read(shipped()[language], "staff_command_error", error=error)

        assert asked in text
        assert len(re.findall(r"#[^\W\d_]", text)) <= 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_operator_reads_words_and_what_to_do_for_each_trouble(language: str) -> None:
    seen = set()
    for what in ALARMS:
        email = shipped()[language].render_email("operator_alert", usual("operator_alert", what=what))
        seen.add(email.subject)

        assert "_" not in what or what not in plain(email.subject + email.text)
        if what in ALARMING:
            assert f"limits.{ALARMING[what]}" in plain(email.text)  # type: ignore[index]
    assert len(seen) == len(ALARMS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mail_about_a_time_says_that_a_plain_reply_reaches_nobody(language: str) -> None:
    said = {"ar": "دون أمر لا يصل إليه", "en": "without a command does not reach them"}[language]
    for name in ("staff_due_soon", "staff_breached"):
        for kind in ("first_response", "processing", "escalation"):
            assert said in read(shipped()[language], name, kind=kind)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_subject_is_longer_than_a_phone_shows(language: str) -> None:
    for name, notification in NOTIFICATIONS.items():
        for label, values in samples.contexts(notification):
            if label in ("long", "mixed", "markup", "breaks"):
                continue
            assert len(shipped()[language].render_email(name, values).subject) <= 120, (name, label)
