"""The sample messages with what their sources say of them; SHAKWA_CORPUS=DIR adds a folder like it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from daemon.mail.letter.parse import parse
from daemon.mail.machines.classifier import classify
from daemon.mail.quoting.new_text import new_text
from tests.each import each

MARKER = "## الرجاء الرد أعلى هذا السطر ##"
FOLDERS = [Path(__file__).parents[1] / "corpus", *map(Path, filter(None, [os.environ.get("SHAKWA_CORPUS")]))]
LOADED: list[tuple[Path, dict[str, Any]]] = [
    (folder / name, facts)
    for folder in FOLDERS
    for name, facts in json.loads((folder / "expected.json").read_text("utf-8")).items()
]


def cases(wanted: str) -> list[Any]:
    return [pytest.param(path, facts, id=path.name) for path, facts in LOADED if wanted in facts]


def words(text: str) -> str:
    """White space is not a fact."""
    return " ".join(text.split())


@each("path, facts", cases("kind"))
def test_a_machine_is_not_answered_and_a_person_is(path: Path, facts: dict[str, Any]) -> None:
    mail = parse(path.read_bytes())

    result = classify(mail, frozenset())

    if facts["acknowledge"] is not None:
        assert (result.kind == "human" and mail.sender is not None) == facts["acknowledge"], result


@each("path, facts", cases("expect"))
def test_the_mail_says_what_its_source_states(path: Path, facts: dict[str, Any]) -> None:
    mail = parse(path.read_bytes())

    for fact, value in facts["expect"].items():
        if fact == "subject":
            assert words(mail.subject) == words(value)
        elif fact == "from":
            assert mail.sender is not None
            assert mail.sender.email == value
        elif fact == "from_name":
            assert mail.sender is not None
            assert mail.sender.name == value
        elif fact == "text":
            assert words(mail.text) == words(value)
        elif fact.startswith("text_contains"):
            assert words(value) in words(mail.text)
        elif fact == "attachments":
            assert len(mail.attachments) == value


@pytest.mark.parametrize("path, facts", cases("reply"))
def test_what_was_written_now_is_found(path: Path, facts: dict[str, Any]) -> None:
    found = new_text(parse(path.read_bytes()).text, MARKER).text
    reply = facts["reply"]

    if "exact" in reply:
        # The sources disagree about mobile footers: talon keeps this one, the others cut it, and so do we.
        assert words(found) == words(new_text(reply["exact"], MARKER).text)
    for piece in reply.get("contains", []):
        assert words(piece) in words(found)
    for piece in reply.get("absent", []):
        assert words(piece) not in words(found)
