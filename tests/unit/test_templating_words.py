"""Every note that the rules write has Arabic words, and what has none is shown as it is."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from daemon.templating.words import history_line, notification_name
from daemon.workflow import notices, saying

WORKFLOW = Path(saying.__file__).parent
ARABIC = re.compile(r"[؀-ۿ]")
EXAMPLES = {
    "event.survey_score": "4",
    "event.score": "5",
    "ground": "processing_exceeded",
    "refused.code": "no_text",
    "command.reason": "withdrawn",
    "command.category": "technical",
    "command.business_days": "3",
    "event.into": "FRS-2026-000001-7",
    "event.kind": "processing",
    "kind": "first_response",
    "event.channel": "sms",
    "event.notification": "info_warning",
    "event.audience": "staff",
    "what": "bounced",
    "who": "a participant's mail",
    "decision.note": "opened",
}


def notes() -> set[str]:
    """The third argument of each Decision and Step, and what is assigned to `note`, with examples put in."""
    found: set[str] = set()
    for path in WORKFLOW.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Decision", "Step"):
                found |= {text for argument in node.args[2:3] if (text := written(argument))}
            elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "note":
                found.add(written(node.value))
    return found


def written(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        parts = (
            EXAMPLES[ast.unparse(part.value)] if isinstance(part, ast.FormattedValue) else written(part)
            for part in node.values
        )
        return "".join(parts)
    return ""


@pytest.mark.parametrize("note", sorted(notes() - {""}))
def test_every_note_of_the_rules_is_told_in_arabic(note: str) -> None:
    line = history_line(f"{note} [open]", "ar")

    assert ARABIC.search(line.partition(" – ")[0]), line
    assert line.endswith(" – مفتوحة")
    assert not re.search(r"[a-z]{3,}", line.replace("no_text", "")), line


def test_there_are_notes_to_look_at() -> None:
    assert len(notes()) > 40


def test_notes_of_several_commands_are_told_one_after_the_other() -> None:
    line = history_line("mobile set by staff; request number set by staff [open]", "ar")

    assert line == "سجل الموظف رقم الجوال، سجل الموظف رقم الطلب – مفتوحة"


def test_what_has_no_words_is_shown_as_it_was_noted() -> None:
    assert history_line("something new; thanks recorded [odd]", "ar") == "something new، وردت رسالة شكر – odd"
    assert history_line("opened [open]", "en") == "opened [open]"


def test_every_notification_to_a_customer_has_a_name() -> None:
    names = [one.name for one in notices.NOTICES.values() if one.audience == "requester"]

    assert all(ARABIC.search(notification_name(name, "ar")) for name in names)
    assert notification_name("unheard_of", "ar") == "unheard_of"
