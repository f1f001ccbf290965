"""The papers are true: every path, module, link, key, make target and command that they name exists."""

from __future__ import annotations

import argparse
import itertools
import re
import tomllib
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from daemon.cli.main import parser
from daemon.config.loading import Config
from daemon.config.mistakes import known_keys, table_in
from daemon.store.schema import metadata
from tests.servers import border

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
BASES = (ROOT, ROOT / "daemon", ROOT / "daemon" / "mail", ROOT / "docs")
PARTS = {path.stem for path in (ROOT / "daemon").iterdir()} | {
    path.stem for path in (ROOT / "daemon" / "mail").iterdir() if path.is_dir()
}
FILES = re.compile(r"\.(py|md|toml|txt|html|css|service|in|lock|svg|cfg)$")
HOMES = {"MAIL.md": ("daemon/mail/letter", "daemon/mail/trust"), "MACHINES.md": ("daemon/mail/machines",)}
"""Where a bare name of a module is looked for; elsewhere any folder will do."""
ABSENT = "What is not there yet:"
"""Of the README: from here to the end of the paragraph it names commands that do not exist."""

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def spans(text: str) -> list[str]:
    """What stands between backticks, and nothing of it in blocks of code."""
    lines = (line for line in text.splitlines() if not line.startswith("    "))
    plain = re.sub(r"```.*?```", "", "\n".join(lines), flags=re.DOTALL)
    return [" ".join(one.split()) for one in re.findall(r"`([^`]+)`", plain)]


# --- paths and modules --------------------------------------------------------------------------------


def spellings(path: str) -> Iterator[str]:
    """`templates/{ar,en}/x.md` and `templates/LANGUAGE/x.md` are two paths each."""
    choices = re.search(r"\{([^}]+)\}|\bLANGUAGE\b", path)
    if choices is None:
        yield path
        return
    for one in (choices.group(1) or "ar,en").split(","):
        yield from spellings(path[: choices.start()] + one + path[choices.end() :])


def is_path(span: str) -> bool:
    if span.startswith(("/", "share/")) or re.search(r"[\s…@:=]|NAME|FILE\b", span):
        return False
    is_module = bool(re.fullmatch(r"[a-z_]+(/[a-z_]+)+/?", span)) and span.split("/")[0] in PARTS
    return bool(FILES.search(span)) or is_module or (span.endswith("/") and span != "/")


def exists(path: str, page: Path) -> bool:
    if "/" not in path:
        homes = HOMES.get(page.name, ("daemon", "templates", "tests", "docs"))
        return any(next((ROOT / home).rglob(path), None) for home in homes)
    bases = (page.parent, *BASES)
    return any(next(base.glob(path.rstrip("/")), None) or (base / f"{path}.py").is_file() for base in bases)


@every_page
def test_every_path_that_is_named_exists(page: Path) -> None:
    named = [one for span in spans(page.read_text("utf-8")) if is_path(span) for one in spellings(span)]

    assert [path for path in named if not exists(path, page) and not (ROOT / path).exists()] == []


@every_page
def test_every_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8"))

    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


def columns() -> set[str]:
    return {f"{table.name}.{column.name}" for table in metadata.tables.values() for column in table.columns}


def keys() -> set[str]:
    """Every `table.key` of the configuration, and `table.table.key`."""

    def of(model: type[BaseModel], path: str) -> Iterator[str]:
        for name in known_keys(model):
            yield f"{path}{name}"
        for name, field in model.model_fields.items():
            if inner := table_in(field.annotation):
                yield from of(inner, f"{path}{name}.")

    return set(of(Config, ""))


@every_page
def test_every_dotted_name_is_a_module_a_key_or_a_column(page: Path) -> None:
    tables = {name.split(".")[0] for name in keys()} | set(metadata.tables)
    named = [span for span in spans(page.read_text("utf-8")) if re.fullmatch(r"[a-z_]+(\.[a-z0-9_]+)+", span)]
    named = [span for span in named if span.split(".")[0] in PARTS | tables and not FILES.search(span)]

    unknown = [span for span in named if span not in keys() | columns()]
    modules = [span.replace(".", "/") for span in unknown]
    # A module, or a function of one.
    assert [one for one in modules if not (exists(one, page) or exists(one.rpartition("/")[0], page))] == []


def test_the_tree_shows_every_folder_of_the_program_and_nothing_else() -> None:
    block = (ROOT / "docs" / "ARCHITECTURE.md").read_text("utf-8").split("\n\n")[1]
    shown: set[str] = set()
    folders: list[str] = []
    for line in block.splitlines():
        name = line.split()[0]
        depth = (len(line) - len(line.lstrip()) - 4) // 2
        folders = [*folders[:depth], name.rstrip("/")]
        shown.add("/".join(folders))
    program = ROOT / "daemon"
    real = {
        f"daemon/{path.relative_to(program)}"
        for path in program.rglob("*")
        if path.is_dir() and not {"__pycache__", "versions"} & set(path.relative_to(program).parts)
    } | {f"daemon/{path.name}" for path in program.glob("*.py") if path.name != "__init__.py"}

    assert shown == real | {"run.py", "daemon", "templates"}


def test_the_layers_on_the_page_are_those_that_the_test_holds() -> None:
    from tests.house.test_imports import LAYERS

    page = (ROOT / "docs" / "ARCHITECTURE.md").read_text("utf-8")
    block = page.split("may not know:\n\n")[1].split("\n\n")[0]

    assert [set(line.strip().split(", ")) for line in block.splitlines()] == LAYERS


def count_of(table: str, key: str = "") -> int:
    """In how many languages words are recognised."""
    found = (
        tomllib.loads(path.read_text("utf-8")) for path in (ROOT / "daemon/mail/languages").glob("*.toml")
    )
    return sum(table in one and (not key or key in one[table]) for one in found)


def test_the_numbers_of_languages_are_right() -> None:
    docs = ROOT / "docs"

    assert f"in {count_of('absence', 'subjects')} languages" in (docs / "MACHINES.md").read_text("utf-8")
    assert f"({count_of('quotation')} languages)" in (docs / "QUOTING.md").read_text("utf-8")


# --- commands -----------------------------------------------------------------------------------------


def actions_of(one: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in one._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def load(one: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """With its arguments, which its module adds when they are first asked for."""
    with pytest.raises(SystemExit):
        one.parse_known_args(["--help"])
    return one


TOP = actions_of(parser())


def command_lines(text: str) -> Iterator[list[str]]:
    """Commands between backticks and behind `run.py` in blocks, one list of words for each."""
    typed = re.findall(r"^    \S*run\.py (?:--config \S+ )?(.+?)(?:  +#.*)?$", text, flags=re.MULTILINE)
    for line in [*spans(text), *typed]:
        words = [word.strip("[]") for word in line.removeprefix("shakwa ").split()]
        if words and words[0] in TOP and re.match(r"^[a-z]+( |$)", line):
            choices = [
                word.split("|") if re.fullmatch(r"[a-z]+(\|[a-z]+)+", word) else [word] for word in words
            ]
            yield from (list(one) for one in itertools.product(*choices))


def why_not(words: list[str]) -> str:
    """Why a command cannot be typed so; "" where it can."""
    command = load(TOP[words[0]])
    rest = words[1:]
    if actions := actions_of(command):
        if not rest:
            return ""
        if rest[0] not in actions:
            return f"{words[0]} has no {rest[0]}"
        command = load(actions[rest[0]])
    known = set(command._option_string_actions)
    return ", ".join(word for word in rest if word.startswith("--") and word not in known)


@every_page
def test_every_command_that_is_named_can_be_typed(page: Path, capsys: typing.Any) -> None:
    text = page.read_text("utf-8")
    before, _, behind = text.partition(ABSENT)
    text = before + behind.partition("\n\n")[2]

    wrong = {" ".join(words): why for words in command_lines(text) if (why := why_not(words))}
    assert wrong == {}


def test_what_is_said_not_to_be_there_is_not(capsys: typing.Any) -> None:
    """Where nothing is missing, the README says nothing; where it does, it names what cannot be typed."""
    told = re.findall(ABSENT + r"(.*?)\n\n", (ROOT / "README.md").read_text("utf-8"), flags=re.DOTALL)
    named = [list(command_lines(absent)) for absent in told]

    assert len(named) <= 1
    assert all(named)
    assert [words for one in named for words in one if not why_not(words)] == []


@every_page
def test_every_make_target_that_is_named_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), flags=re.MULTILINE))
    named = re.findall(r"(?:`|^    )make ([a-z]+)", page.read_text("utf-8"), flags=re.MULTILINE)

    assert set(named) <= targets


# --- the threat model ---------------------------------------------------------------------------------


SECURITY = (ROOT / "docs" / "SECURITY.md").read_text("utf-8")
NAMED = re.findall(r"`(tests/[a-z0-9_/]+\.py)::(\w+)`", SECURITY)


def test_each_test_that_the_threat_model_names_exists() -> None:
    assert len(NAMED) > 70
    missing = [
        f"{file}::{name}"
        for file, name in NAMED
        if not (ROOT / file).is_file()
        or not re.search(rf"^(async )?def {name}\(", (ROOT / file).read_text("utf-8"), re.MULTILINE)
    ]
    assert missing == []


def test_each_line_of_the_threat_model_names_its_test() -> None:
    rows = [line for line in SECURITY.splitlines() if line.startswith("| ") and "|---" not in line]
    defended = SECURITY.split("## The lines of defence")[1].split("## What is left to others")[0]
    lines = [row for row in rows if row in defended and not re.match(r"\| (line|#) \|", row)]

    assert len(lines) > 50
    assert [line for line in lines if "::test_" not in line] == []
    assert re.findall(r"^\| (S\d+) \|", SECURITY, re.MULTILINE) == [f"S{number}" for number in range(1, 28)]


def test_each_line_of_the_border_that_the_tests_run_stands_on_its_page() -> None:
    page = (ROOT / "docs" / "DEPLOY.md").read_text("utf-8")
    tried = (border.OPENDKIM_VERIFY, border.OPENDKIM_SIGN, border.OPENDMARC, border.DOVECOT, border.MAIN)
    lines = [line.replace("{folder}", "/etc/postfix") for text in tried for line in text.splitlines()]
    checks = [line for line in border.HEADER_CHECKS.splitlines() if f"    {line}" not in page]

    assert [line for line in lines if f"`{line}`" not in page] + checks == []
