"""The steps of CONTRIBUTING.md: where one was forgotten, a test here or one that the page names fails.

Notifications are held by test_notices, lines of the history by test_history, entries of a language by
test_languages, and revisions of the tables by the integration tests of the migrations.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import tomllib
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.cli.main import parser
from daemon.clock import SystemClock
from daemon.config import check
from daemon.config.sms import NEEDS
from daemon.mail.languages import lexicon
from daemon.mail.meaning import command_words as reading
from daemon.mail.meaning.commands import Behalf, Judge, Order, parse_commands
from daemon.mail.quoting.new_text import folded
from daemon.sms import gateways
from daemon.sms_gateways import gateway_of
from daemon.templating.catalogue import LANGUAGES
from daemon.templating.keys import HISTORY_FILE
from daemon.templating.page_words import shipped
from daemon.workflow import commands, vocabulary
from daemon.workflow.measures import ANSWERED_WITHIN, first_response_promise
from tests.each import each
from tests.unit.test_config import minimal
from tests.unit.test_decide import POLICY
from tests.unit.test_mail_quoting_languages import ATTRIBUTIONS, BARE_ATTRIBUTIONS, BLOCKS, SEPARATORS
from tests.unit.transition_table import CASES

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")

EXAMPLES = {
    # What to write after the word of an order, where it wants something.
    "resolve": "the outcome",
    "reply": "we look into it",
    "info": "the deed",
    "extend": "3",
    "close": "duplicate",
    "note": "internal",
    "assign": "نورة",
    "request": "123456",
    "phone": "0501234567",
    "category": "technical",
    "language": "en",
    "decline": "the reason",
    "behalf": "sara@example.com\n\nher words",
    "release": "17",
    "block": "17",
}
DECLARED = {
    # What an operator says of a gateway that is written in TOML.
    "send": {"fields": {"to": "((number))", "body": "((text))"}},
    "success": {"id": ["id"]},
}
OUTSIDE_THE_TABLE = {
    "status": "changes nothing",
    "help": "changes nothing",
    "phone": "changes no state, tells nobody",
    "category": "changes no state, tells nobody",
    "language": "changes no state, tells nobody",
    "release": "about a mail, not a complaint",
    "block": "about a mail, not a complaint",
}
OUTSIDE_THE_CARD = {
    "behalf": "stands on a mail that staff forward, not in an answer",
    "release": "told by the digest, where the mails it is about stand",
    "block": "told by the digest, where the mails it is about stand",
    "reply": "a plain answer to most notices does the same",
    "request": "seldom needed: the help has it, and the card stays short",
    "phone": "seldom needed: the help has it, and the card stays short",
    "category": "seldom needed: the help has it, and the card stays short",
    "language": "seldom needed: the help has it, and the card stays short",
    "escalate": "seldom needed: the help has it, and the card stays short",
}
WORDS = reading.WORDS


# ---- what the page says --------------------------------------------------------------------------------


def test_every_file_that_the_page_names_exists() -> None:
    named = re.findall(r"`([\w.{},/-]+/[\w.{},-]*|[\w-]+\.(?:md|toml|py))`", PAGE)
    named += re.findall(r"\]\(([^)]+)\)", PAGE)
    assert named

    for name in named:
        for path in alternatives(name):
            places = [ROOT / path, ROOT / "daemon" / "mail" / path]
            assert any(place.exists() for place in places) or list(ROOT.glob(path)), name


def alternatives(name: str) -> Iterator[str]:
    """`templates/{ar,en}/x` is two files."""
    found = re.search(r"\{([^}]*)\}", name)
    if found is None:
        yield name
        return
    for choice in found[1].split(","):
        yield from alternatives(name.replace(found[0], choice, 1))


def test_every_make_target_that_the_page_names_exists() -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))

    for line in re.findall(r"(?:^    |`)make ([a-z ]+?)(?: {2,}|`|$)", PAGE, re.MULTILINE):
        assert set(line.split()) <= targets, line


def test_the_checks_before_a_commit_are_those_of_ci_and_fetch_nothing() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    check = (ROOT / ".ci" / "check").read_text("utf-8")

    assert re.findall(r"- repo: (\S+)", hooks) == ["local"]
    assert set(re.findall(r"language: (\S+)", hooks)) == {"system"}
    entries = re.findall(r"entry: make --no-print-directory (\w+)", hooks)
    assert entries == ["lint", "types", "unit"]
    assert "make --no-print-directory lint types" in check
    assert re.search(r"-m pytest[\s\\/\w]* tests/unit\b", check)


# ---- orders of staff -----------------------------------------------------------------------------------


def kinds_of_orders() -> set[type]:
    return {*typing.get_args(commands.Command), Behalf, Judge}


def written(name: str, word: str) -> Order:
    script = parse_commands(f"#{word} {EXAMPLES.get(name, '')}".strip())
    assert not script.mistakes, f"#{word}: {script.mistakes}; does EXAMPLES say what it wants?"
    (order,) = script.commands
    return order


def test_every_order_can_be_written_in_arabic_and_english() -> None:
    found = set()
    for name, (arabic, english) in WORDS.items():
        assert type(written(name, arabic)) is type(written(name, english))
        found.add(type(written(name, arabic)))

    assert found == kinds_of_orders()


@each("name", sorted(WORDS))
def test_every_order_has_a_row_in_the_transition_table(name: str) -> None:
    rows = [what for what in CASES if re.search(rf"\(#{name}\b", what)]

    assert bool(rows) != (name in OUTSIDE_THE_TABLE), "a row that names it, or a reason for none"


@each("language", LANGUAGES)
@each("name", sorted(WORDS))
def test_every_order_is_explained_in_the_help(name: str, language: str) -> None:
    folder = ROOT / "templates" / language
    text = (folder / "pieces" / "commands.md").read_text("utf-8")

    for word in WORDS[name]:
        assert re.search(rf"#{word}(?!\w)", text), "a line that explains it"


@each("language", LANGUAGES)
@each("name", sorted(WORDS))
def test_every_order_is_on_the_cheat_card(name: str, language: str) -> None:
    folder = ROOT / "templates" / language
    text = "".join(path.read_text("utf-8") for path in folder.glob("pieces/card_*.md"))
    word = WORDS[name][LANGUAGES.index(language)]

    is_offered = re.search(rf"#{word}(?!\w)", text) or re.search(rf"%23{word}(?!\w)", text)

    assert bool(is_offered) != (name in OUTSIDE_THE_CARD), "a link that begins it, or a reason for none"


# ---- commands of the program ---------------------------------------------------------------------------


def ends(tree: argparse.ArgumentParser, path: tuple[str, ...] = ()) -> Iterator[str]:
    """`tickets list`, `serve` …: each command that does something."""
    with contextlib.suppress(SystemExit):
        tree.parse_known_args(["--help"])  # a command's own are added when it is first asked
    below = [action for action in tree._actions if isinstance(action, argparse._SubParsersAction)]
    if not below:
        yield " ".join(path)
    for action in below:
        for name, child in action.choices.items():
            yield from ends(child, (*path, name))


def test_every_command_stands_in_the_readme(capsys: pytest.CaptureFixture[str]) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    found = list(ends(parser()))
    capsys.readouterr()
    assert len(found) > 25

    for command in found:
        ways = [
            rf"`(?:[^`\n]*[ (])?{command}(?![\w-])",
            rf"--config \S+ {command}(?![\w-])",
            rf"make {command}\b",
        ]
        assert re.search("|".join(ways), readme), f"{command} is not in README.md"


# ---- SMS gateways --------------------------------------------------------------------------------------


def gateway_modules() -> list[str]:
    return sorted(path.stem for path in Path(gateways.__path__[0]).glob("*.py") if path.stem != "__init__")


@pytest.mark.parametrize("name", gateway_modules())
def test_a_gateway_can_be_configured_built_examined_and_is_in_the_example(name: str, tmp_path: Path) -> None:
    values: dict[str, object] = dict.fromkeys(NEEDS.get(name, ()), "https://gateway.example/send")
    values |= DECLARED if name == "http" else {}
    config = check({**minimal(), "sms": {"gateway": name, name: values}}, tmp_path)

    courier = gateway_of(config.sms, name, SystemClock())

    assert courier is not None, "sms_gateways.gateway_of does not build it"
    assert type(courier).__module__ == f"daemon.sms.gateways.{name}"
    assert callable(getattr(courier, "check", None)), "doctor asks it"
    example = (ROOT / "config" / "shakwa.toml").read_text("utf-8")
    assert re.search(rf"^\s*#?\s*\[sms\.{name}\]", example, re.MULTILINE), "its keys are in the example"


# ---- languages of mail programs ------------------------------------------------------------------------


@each("language", lexicon.languages(), ids=lambda language: language.code)
def test_a_language_has_a_letter_of_a_mail_program_among_the_tests(language: lexicon.Language) -> None:
    letters = [folded(header) for header in (*ATTRIBUTIONS, *BARE_ATTRIBUTIONS, *BLOCKS, *SEPARATORS)]
    words = [
        word
        for key in ("wrote", "wrote_before", "sent", "original")
        for word in language.expressions("quotation", key)
    ]

    is_there = any(re.search(rf"(?<!\w)(?:{word})(?!\w)", letter) for word in words for letter in letters)

    assert is_there == bool(words), "add one to test_mail_quoting_languages"


# ---- intake channels -----------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", vocabulary.CHANNELS)
def test_a_channel_has_a_promise_names_and_a_description(channel: str) -> None:
    is_answered_in_it = channel in vocabulary.IN_CHANNEL

    assert (channel in ANSWERED_WITHIN) == is_answered_in_it, "its time, or the clock of a business day"
    assert is_answered_in_it or first_response_promise(channel, POLICY), "it has a clock"
    for language in LANGUAGES:
        assert f"channel_{channel}" in shipped(language)["report"]
        words = tomllib.loads((ROOT / "templates" / language / HISTORY_FILE).read_text("utf-8"))
        assert words["origin"][channel], f"{language}: staff read no name for it"
    assert f"`{channel}`" in (ROOT / "docs" / "API.md").read_text("utf-8")
