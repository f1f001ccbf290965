"""Which source serves: saves, broken files, fallbacks. Rendering always gives a message."""

from __future__ import annotations

import hashlib
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from daemon.templating import sample_values, samples
from daemon.templating.catalogue import LANGUAGES, NOTIFICATIONS
from daemon.templating.engine import MARKER, TemplateSet, Value
from daemon.templating.keys import TextKey
from daemon.templating.sources import Folder
from tests.texts.test_templating_golden import TEMPLATES, shipped

RECEIVED = TextKey("received", "", "email", "ar")
VALUES = samples.usual(NOTIFICATIONS["received"])
GOOD = "---\nsubject: S ((رقم الشكوى))\n---\nOne ((رقم الشكوى))\n"
BETTER = GOOD.replace("One", "Two")
FRAGILE = "---\nsubject: S\n---\nThree ((رقم الشكوى)) [[((رقم الطلب))]]\n"


def loaded(folder: Path) -> TemplateSet:
    """Every file read and checked, as the daemon does at its start."""
    templates = TemplateSet(folder, "ar")
    templates.reload()
    return templates


@pytest.fixture(name="shipped")
def shipped_sets() -> dict[str, TemplateSet]:
    return shipped()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ar").mkdir()
    for name in ("layout.email.html", "ar/footer.md", "ar/received.sms.txt"):
        shutil.copy(TEMPLATES / name, tmp_path / name)
    (tmp_path / "ar" / "received.email.md").write_text(GOOD)
    return tmp_path


def save(folder: Path, content: str | bytes) -> None:
    path = folder / "ar" / "received.email.md"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    os.utime(path, ns=(path.stat().st_mtime_ns + 10**9,) * 2)


def about(templates: TemplateSet, part: str = "/received.email") -> list[str]:
    return [str(problem) for problem in templates.problems() if part in problem.path]


def test_a_good_file_serves_with_its_revision(folder: Path) -> None:
    templates = loaded(folder)

    email = templates.render_email("received", VALUES)

    assert "One \u2068FRS-2026-000123-4\u2069" in email.text
    assert email.revision == hashlib.sha256(GOOD.encode()).hexdigest()[:12]
    assert (email.fallback, email.problem) == ("", "")
    assert templates.source(RECEIVED) == GOOD
    assert templates.revision(RECEIVED) == email.revision
    assert templates.names() == list(NOTIFICATIONS)


def test_a_save_is_found_told_and_served(folder: Path) -> None:
    templates = loaded(folder)
    save(folder, BETTER)

    changes = templates.reload()

    assert [(change.key.label, change.key.channel, change.accepted) for change in changes] == [
        ("received", "email", True)
    ]
    assert changes[0].source == BETTER
    assert "Two" in templates.render_email("received", VALUES).text
    assert templates.reload() == []


def test_a_broken_save_leaves_the_good_source_in_force_and_is_told(folder: Path) -> None:
    templates = loaded(folder)
    save(folder, GOOD.replace("((رقم الشكوى))\n---", "((رقم لا يعرفه أحد))\n---"))

    change = templates.reload()[0]

    assert not change.accepted
    (told,) = about(templates)
    assert told.startswith("ar/received.email.md:2: «((رقم لا يعرفه أحد))» ليست قيمة معروفة")
    email = templates.render_email("received", VALUES)
    assert "One" in email.text
    assert email.fallback == ""

    save(folder, BETTER)
    templates.reload()
    assert about(templates) == []
    assert "Two" in templates.render_email("received", VALUES).text


@pytest.mark.parametrize("content", [b"\xff\xfe", b"", b"x" * 100_000, GOOD.encode("utf-16")])
def test_an_unreadable_save_changes_nothing(folder: Path, content: bytes) -> None:
    templates = loaded(folder)
    save(folder, content)

    templates.reload()

    assert len(about(templates)) == 1
    assert "One" in templates.render_email("received", VALUES).text


def test_a_vanished_file_changes_nothing(folder: Path) -> None:
    templates = loaded(folder)
    (folder / "ar" / "received.email.md").unlink()

    templates.reload()

    assert about(templates) == ["ar/received.email.md: the file is missing"]
    assert "One" in templates.render_email("received", VALUES).text


def test_a_touched_file_is_no_save(folder: Path) -> None:
    templates = loaded(folder)
    save(folder, GOOD)

    assert templates.reload() == []


def test_a_windows_editor_is_welcome(folder: Path) -> None:
    templates = loaded(folder)
    save(folder, b"\xef\xbb\xbf" + BETTER.replace("\n", "\r\n").encode())

    assert templates.reload()[0].accepted
    assert "Two" in templates.render_email("received", VALUES).text


def test_reload_can_be_asked_too_often(folder: Path) -> None:
    templates = loaded(folder)
    save(folder, BETTER)

    assert templates.reload(at_most_every_s=3600) == []
    assert len(templates.reload()) == 1


def test_a_source_from_elsewhere_serves_if_it_is_good(folder: Path) -> None:
    templates = loaded(folder)

    assert templates.put(RECEIVED, "nonsense") != []
    assert "One" in templates.render_email("received", VALUES).text
    assert templates.put(RECEIVED, BETTER) == []
    assert "Two" in templates.render_email("received", VALUES).text
    templates.reload()
    assert "Two" in templates.render_email("received", VALUES).text


def test_a_failing_render_falls_back_to_the_source_before_then_to_the_builtin_words(folder: Path) -> None:
    templates = loaded(folder)
    save(folder, FRAGILE)
    templates.reload()
    fewer = {key: value for key, value in VALUES.items() if key != "request_number"}
    nothing: dict[str, Value] = {"ticket_number": sample_values.TICKET}

    assert "Three" in templates.render_email("received", VALUES).text
    previous = templates.render_email("received", fewer)
    builtin = templates.render_email("received", nothing)

    assert previous.fallback == "previous"
    assert "One" in previous.text
    assert previous.problem == "ar/received.email.md:4: 'request_number' is undefined"
    assert builtin.fallback == "builtin"
    assert builtin.revision == "builtin"
    assert builtin.problem
    assert sample_values.TICKET in builtin.text
    assert sample_values.TICKET in builtin.html
    assert sample_values.TICKET in builtin.subject


def test_a_broken_file_at_first_load_falls_back_to_the_builtin_words(folder: Path) -> None:
    save(folder, "{{")

    email = TemplateSet(folder, "ar").render_email("received", VALUES)

    assert email.fallback == "builtin"
    assert "نفيدكم بتسجيل شكواكم برقم FRS-2026-000123-4" in email.text
    assert email.text.startswith(MARKER["ar"] + "\n\n")
    assert MARKER["ar"] in email.html
    assert "received.email.md" in email.problem


def test_a_broken_or_missing_page_does_not_stop_mail(folder: Path) -> None:
    templates = loaded(folder)
    (folder / "layout.email.html").write_text("<html>{{ content }}<script>x</script>")
    templates.reload()
    assert about(templates, "layout") == ["layout.email.html:1: <script is not allowed in the layout"]
    assert "وزارة البلديات" in templates.render_email("received", VALUES).html

    (folder / "layout.email.html").unlink()
    fresh = loaded(folder)
    email = fresh.render_email("received", VALUES)
    assert about(fresh, "layout") == ["layout.email.html: the file is missing (page or footer)"]
    assert email.fallback == ""
    assert "One" in email.html
    assert MARKER["ar"] in email.html


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "values", [{}, {"ticket_number": sample_values.TICKET}, {"ticket_number": 5}, {"missing": "x"}]
)
def test_nothing_at_all_still_gives_a_message(
    shipped: dict[str, TemplateSet], tmp_path: Path, language: str, values: dict[str, Value]
) -> None:
    for templates in (TemplateSet(tmp_path, language), shipped[language]):
        for name in [*NOTIFICATIONS, "staff_nonsense", "nonsense"]:
            email = templates.render_email(name, values)
            message = templates.render_sms(name, values)

            assert email.subject
            assert email.text.startswith(MARKER[language])
            assert "</html>" in email.html
            assert email.fallback == "builtin"
            assert message.text
            assert message.segments <= 2
            assert "{" not in email.text + message.text


def test_builtin_words_escape_what_people_wrote(tmp_path: Path) -> None:
    values = {**samples.usual(NOTIFICATIONS["staff_new"]), "text": "<b>\u202ex</b>\nsecond"}

    email = TemplateSet(tmp_path, "ar").render_email("staff_new", values)

    assert "&lt;b&gt;x&lt;/b&gt;&lrm;</span>&rlm;<br>" in email.html
    assert "<b>x" not in email.html
    assert "<b>x</b>\nsecond" in email.text
    assert "الرد على هذه الرسالة يصل إلى العميل" in email.text.split("\n")[2]


@pytest.mark.parametrize("odd", [None, 1.5, datetime.now(UTC), b"x", object(), True, {"a": 1}, ["x"]])
def test_a_value_of_a_wrong_type_is_never_shown(shipped: dict[str, TemplateSet], odd: object) -> None:
    email = shipped["ar"].render_email("received", {**VALUES, "request_number": odd})  # type: ignore[dict-item]

    if odd:
        assert email.fallback == "builtin"
        assert "object at 0x" not in email.text + email.html + email.problem


def test_an_unreadable_time_does_not_stop_the_message(shipped: dict[str, TemplateSet]) -> None:
    email = shipped["ar"].render_email("received", {**VALUES, "opened_at": "secret words"})

    assert email.fallback == "builtin"
    assert "secret" not in email.problem


def test_an_unknown_language_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError):
        TemplateSet(tmp_path, "fr")


def test_a_file_is_read_when_it_is_first_needed(folder: Path) -> None:
    templates = TemplateSet(folder, "ar")
    path = folder / "ar" / "received.sms.txt"
    path.write_text(path.read_text("utf-8") + " أول مرة", "utf-8")

    assert templates.render_sms("received", VALUES).text.endswith("أول مرة")


def test_what_nobody_needed_yet_is_left_alone_until_they_do(folder: Path) -> None:
    templates = TemplateSet(folder, "ar")

    assert templates.reload(used_alone=True) == []

    templates.render_email("received", VALUES)
    save(folder, BETTER)
    assert [change.key.label for change in templates.reload(used_alone=True)] == ["received"]
    assert "Two" in templates.render_email("received", VALUES).text


def test_a_piece_that_changed_is_said_without_a_restart(folder: Path) -> None:
    (folder / "ar" / "pieces").mkdir()
    piece = folder / "ar" / "pieces" / "closing.md"
    piece.write_text("Before")
    save(folder, GOOD + "\n((> الخاتمة))\n")
    templates = loaded(folder)
    assert "Before" in templates.render_email("received", VALUES).text

    piece.write_text("After it")
    templates.reload(used_alone=True)

    email = templates.render_email("received", VALUES)
    assert "After it" in email.text
    assert (email.fallback, email.problem) == ("", "")


def test_what_was_checked_at_its_save_is_only_compiled(folder: Path) -> None:
    """By the setting of the desk, which the engine does not know."""

    class Checked(Folder):
        are_checked = True

    (folder / "ar" / "received.sms.txt").write_text("https://registered.example ((رقم الشكوى))")
    templates = TemplateSet(Checked(folder), "ar")

    assert templates.render_sms("received", VALUES).fallback == ""
    assert TemplateSet(folder, "ar").render_sms("received", VALUES).fallback == "builtin"
