"""Every shipped template, rendered with sample values, against its stored copy.

After a change of wording that is meant, refresh the copies and read their diff:

    SHAKWA_UPDATE_GOLDEN=1 .venv/bin/pytest tests/texts/test_templating_golden.py
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest

from daemon.templating import page_words, sample_values, samples
from daemon.templating.catalogue import LANGUAGES, NOTIFICATIONS
from daemon.templating.check import check
from daemon.templating.check_around import check_layout
from daemon.templating.direction_marks import unbalanced
from daemon.templating.engine import MARKER, RenderedEmail, TemplateSet
from daemon.templating.in_force import keys
from daemon.templating.keys import CARD_FILE, FOOTER_FILES, HISTORY_FILE, LAYOUT_FILE, TextKey
from daemon.templating.names import NAMES_FILE, names
from daemon.templating.pieces import NO_PIECES, PIECES
from daemon.templating.remarks import REMARKS_FILE
from daemon.templating.shipped import LIST
from daemon.templating.sources import Folder
from daemon.templating.titles import TITLES_FILE
from daemon.wording.advice import TERMS_FILE
from daemon.workflow.variants import variants_of
from tests.each import each

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
GOLDEN = ROOT / "tests" / "golden" / "templates"
UPDATE = os.environ.get("SHAKWA_UPDATE_GOLDEN") == "1"
HOSTILE = ("long", "mixed", "markup", "breaks", "long-subject")
"""Samples of what a stranger may write: checked, and not stored."""


def in_html(name: str, label: str) -> bool:
    return label == "usual" or (label == "markup" and name in ("received", "staff_new"))


TEXTS = [key for language in LANGUAGES for key in keys(language)]
EMAILS = [(language, name) for language in LANGUAGES for name in NOTIFICATIONS]
PIECE_FILES = sorted(path.name.removesuffix(".md") for path in (TEMPLATES / "ar" / "pieces").glob("*.md"))


class Checked(Folder):
    """Taken as checked, which `test_every_shipped_template_passes_its_check` does: to check all of them takes
    seconds, in every process of the tests."""

    are_checked = True


@cache
def shipped() -> dict[str, TemplateSet]:
    """The shipped templates by language, loaded once for all tests of templating."""
    return {language: TemplateSet(Checked(TEMPLATES), language) for language in LANGUAGES}


@pytest.fixture
def sets() -> dict[str, TemplateSet]:
    return shipped()


def as_sent(templates: TemplateSet, name: str, values: sample_values.Context) -> RenderedEmail:
    """With the cheat card where the notice is one about a ticket to staff, as `writer` asks for it."""
    is_answerable = NOTIFICATIONS[name].audience == "staff" and values.get("ticket_number")
    return templates.render_email(name, values, sample_values.REPLY_TO if is_answerable else None)


def compare(path: Path, text: str) -> None:
    if UPDATE:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    assert path.exists(), f"{path.name} has no stored copy; see the top of this file"
    assert text == path.read_text(encoding="utf-8")


def contexts(name: str) -> dict[str, sample_values.Context]:
    return dict(samples.contexts(NOTIFICATIONS[name]))


def test_every_shipped_template_passes_its_check() -> None:
    checking = [TemplateSet(TEMPLATES, language) for language in LANGUAGES]

    assert [str(problem) for templates in checking for problem in templates.problems()] == []


def test_there_is_a_file_for_every_text_and_no_other() -> None:
    wanted = {key.path for key in TEXTS}
    pieces = {f"{language}/pieces/{name}.md" for language in LANGUAGES for name in PIECE_FILES}
    around = {
        f"{language}/{file}"
        for language in LANGUAGES
        for file in (*FOOTER_FILES.values(), CARD_FILE, HISTORY_FILE, NAMES_FILE, REMARKS_FILE)
    }

    shipped = {str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.*") if path.is_file()}

    pages = {f"{language}/pages/{page}.toml" for language in LANGUAGES for page in page_words.shipped("ar")}
    apart = {LAYOUT_FILE, LIST, f"ar/{TERMS_FILE}", f"ar/{TITLES_FILE}"}
    assert shipped == {*apart, *wanted, *pieces, *around, *pages}


def as_read(templates: TemplateSet, key: TextKey, values: sample_values.Context) -> str:
    """One sample as its reader sees it."""
    if key.channel == "sms":
        message = templates.render_sms(key.name, values)
        assert (message.fallback, message.problem) == ("", "")
        assert message.segments <= 2
        return f"{message.text}\n({message.segments})\n"
    email = as_sent(templates, key.name, values)
    assert (email.fallback, email.problem) == ("", "")
    return f"Subject: {email.subject}\n\n{email.text}"


@each("key", TEXTS, ids=lambda key: key.path)
def test_each_text_reads_as_its_stored_copy(sets: dict[str, TemplateSet], key: TextKey) -> None:
    """With every choice and every optional piece, one after the other."""
    said = {
        label: as_read(sets[key.language], key, values)
        for label, values in samples.contexts_of(NOTIFICATIONS[key.name], key.channel, key.variant)
    }

    assert "usual" in said, "no sample leads to this variant"
    # The card at the foot is the same in all of them.
    unlike = {label: text for label, text in said.items() if label == "usual" or text != said["usual"]}
    stored = [f"=== {label}\n{text}" for label, text in unlike.items() if label not in HOSTILE]
    compare(GOLDEN / f"{key.path}.txt", "\n".join(stored))


@each("language,name", EMAILS)
def test_the_page_is_as_its_stored_copy(sets: dict[str, TemplateSet], language: str, name: str) -> None:
    for label, values in contexts(name).items():
        if in_html(name, label):
            email = as_sent(sets[language], name, values)
            compare(GOLDEN / language / f"{name}.{label}.html", email.html)


def test_no_stored_copy_is_left_over() -> None:
    wanted = {f"{key.path}.txt" for key in TEXTS}
    for language, name in EMAILS:
        wanted |= {f"{language}/{name}.{label}.html" for label in contexts(name) if in_html(name, label)}

    stored = {str(path.relative_to(GOLDEN)) for path in GOLDEN.rglob("*") if path.is_file()}

    assert stored == wanted


@each("language,name", EMAILS)
def test_both_parts_begin_with_the_marker_and_every_line_closes_its_isolates(
    sets: dict[str, TemplateSet], language: str, name: str
) -> None:
    for values in contexts(name).values():
        email = as_sent(sets[language], name, values)

        assert email.text.startswith(MARKER[language] + "\n\n")
        visible = email.html[email.html.index("<body") :]
        assert visible[visible.index(">") :].count(MARKER[language]) >= 1
        assert visible.index(MARKER[language]) < visible.index("<h1 ")
        assert not unbalanced(email.text)
        assert not any(mark in email.subject for mark in "\u2066\u2067\u2068\u2069\u202a\u202b\u202c\n\r")


@each("name", [name for name in NOTIFICATIONS if name.startswith("staff_")])
@each("language", LANGUAGES)
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
            for variant in variants_of(name, channel):
                arabic, english = (
                    sets[language]._needed(TextKey(name, variant, channel, language)).good
                    for language in LANGUAGES
                )
                assert arabic is not None
                assert english is not None
                assert arabic.names == english.names, (name, variant, channel)


def test_every_piece_is_a_declared_one_and_stands_in_both_languages() -> None:
    for language in LANGUAGES:
        stored = {path.name.removesuffix(".md") for path in (TEMPLATES / language / "pieces").glob("*.md")}
        assert stored == set(PIECE_FILES)
        assert {name.partition(".")[0] for name in stored} == set(PIECES) == set(names(language).pieces)


def test_the_page_passes_its_check() -> None:
    page = (TEMPLATES / LAYOUT_FILE).read_text(encoding="utf-8")
    for language in LANGUAGES:
        footers = {
            audience: (TEMPLATES / language / file).read_text("utf-8")
            for audience, file in FOOTER_FILES.items()
        }
        assert check_layout(page, footers, language) == []


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

    assert f"\u2068{sample_values.TICKET}\u2069" in email.text
    assert f'<span dir="ltr" style="white-space:nowrap">&lrm;{sample_values.TICKET}&lrm;</span>' in email.html
    assert sample_values.TICKET in email.subject
    assert sample_values.TICKET in message.text
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
        "ar": {"request_number": "رقم الطلب المرفوع", "ground": "سبب الشكوى:", "mobile": "رقم جوال سعودي"},
        "en": {"request_number": "Request number:", "ground": "technical obstacle", "mobile": "Saudi mobile"},
    }[language]
    base = contexts("info_requested")["usual"]
    for asked in (["request_number"], ["ground", "request_number"], ["request_number", "ground", "mobile"]):
        text = sets[language].render_email("info_requested", {**base, "missing": asked}).text
        for item, phrase in words.items():
            assert (phrase in text) is (item in asked)


def test_the_layout_loads_nothing_from_elsewhere(sets: dict[str, TemplateSet]) -> None:
    html = sets["ar"].render_email("received", {**contexts("received")["usual"], "status_url": ""}).html

    for word in ("<img", "<script", "src=", "@import", "url(", "http://", "https://"):
        assert word not in html


def test_a_check_of_an_unknown_notification_is_a_problem() -> None:
    assert check(TextKey("no_such", "", "email", "ar"), "x", NO_PIECES)
    assert check(TextKey("staff_new", "", "sms", "ar"), "x", NO_PIECES)
    assert check(TextKey("received", "", "email", "fr"), "x", NO_PIECES)
    assert check(TextKey("received", "no_such", "email", "ar"), "x", NO_PIECES)
