"""What opens each module says what the module is, and the modules that docstrings and comments name exist."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from tests.house.trees import nodes_of, tree_of

REPOSITORY = Path(__file__).resolve().parents[2]
DAEMON = REPOSITORY / "daemon"
# A name begins in `daemon`, in `mail` for the rooms there, or beside whoever names it: `wire.compose`.
BEGINNINGS = (DAEMON, DAEMON / "mail")
DOTTED = re.compile(r"`([a-z_][a-z_0-9]*(?:\.[A-Za-z_][A-Za-z_0-9]*)+)`")
SHORTEST = 20

MODULES = sorted(path.relative_to(REPOSITORY).as_posix() for path in DAEMON.rglob("*.py"))


def is_package_or_module(beginning: Path, name: str) -> bool:
    return (beginning / name).is_dir() or (beginning / f"{name}.py").is_file()


def names_in(path: Path) -> set[str]:
    """What a module defines or imports at its top, and what its classes define."""
    found: set[str] = set()
    for node in nodes_of(path):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name for alias in node.names}
    return found


def leads_somewhere(beginning: Path, parts: list[str]) -> bool:
    """Whether folders, then a module, then perhaps a name in it, follow one another below `beginning`."""
    head, rest = parts[0], parts[1:]
    folder, module = beginning / head, beginning / f"{head}.py"
    if module.is_file():
        return not rest or rest[0] in names_in(module)
    if not folder.is_dir():
        return False
    if not rest:
        return True
    package = folder / "__init__.py"
    return leads_somewhere(folder, rest) or (package.is_file() and rest[0] in names_in(package))


def is_config_key(name: str) -> bool:
    table, _, key = name.partition(".")
    document = tomllib.loads((REPOSITORY / "config" / "shakwa.toml").read_text("utf-8"))
    given = document.get(table)
    return isinstance(given, dict) and key in given


def named_in_vain(path: Path) -> list[str]:
    named = [
        name.removeprefix("daemon.").removesuffix(".py") for name in DOTTED.findall(path.read_text("utf-8"))
    ]
    return [
        dotted
        for dotted in named
        if any(is_package_or_module(beginning, dotted.split(".")[0]) for beginning in BEGINNINGS)
        and not any(leads_somewhere(beginning, dotted.split(".")) for beginning in (*BEGINNINGS, path.parent))
        and not is_config_key(dotted)
    ]


def test_a_module_opens_by_saying_what_it_is() -> None:
    openings = {name: ast.get_docstring(tree_of(REPOSITORY / name)) or "" for name in MODULES}
    short = [name for name, said in openings.items() if len(said) < SHORTEST]
    empty = {name for name, said in openings.items() if said.startswith("Owns")}
    assert not short, "say in a line what this module is or does"
    assert not empty, '"Owns …" says nothing: what is it, what does it do?'


def test_what_docstrings_and_comments_name_exists() -> None:
    gone = {name: missing for name in MODULES if (missing := named_in_vain(REPOSITORY / name))}
    assert not gone, "no module, name in a module or key of the configuration"


@pytest.mark.parametrize(
    ("name", "stands"),
    [
        ("casework.case", True),
        ("mail.letter.parse", True),
        ("letter.parse.parse", True),
        ("front_desk.FileDesk", True),
        ("loops.writer", False),
        ("mail.parse", False),
        ("front_desk.Nobody", False),
    ],
)
def test_a_name_is_looked_for_from_daemon_and_from_mail(name: str, stands: bool) -> None:
    assert any(leads_somewhere(beginning, name.split(".")) for beginning in BEGINNINGS) is stands
