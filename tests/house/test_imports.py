"""The directions of imports (docs/ARCHITECTURE.md); the rules are pure, on the standard library only."""

from __future__ import annotations

import ast
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.each import each
from tests.house.trees import nodes_of

ROOT = Path(__file__).resolve().parents[2] / "daemon"

# Each part may import the parts below it, and of its own line only itself.
LAYERS = [
    {"cli"},
    {"assembly"},
    {"rulebook", "ticks"},
    {"adapters", "watching", "web_assembly"},
    {"health"},
    {"service", "simulation", "web", "settings", "opening", "sms_gateways"},
    {"loops"},
    {"casework"},
    {"dispatch", "reading", "wording", "counting", "backup"},
    {
        "mail",
        "sms",
        "attachments",
        "store",
        "templating",
        "sandbox",
        "config",
        "saudi_calendar",
        "front_desk",
        "operator_desk",
    },
    {"workflow", "courier", "clock", "traces", "resources", "invocation", "plain", "placeholders", "tallies"},
]
# The rooms of `mail`, by the same rule.
FLOORS = [{"machines", "meaning", "trust", "wire"}, {"letter", "quoting"}, {"languages"}]
# `settings` turns configuration into values for rules and store; only what stands above the loops asks it.
RANK = {part: rank for rank, layer in enumerate(LAYERS) for part in layer}
FLOOR = {room: rank for rank, floor in enumerate(FLOORS) for room in floor}


def modules() -> list[Path]:
    return sorted(path for path in ROOT.rglob("*.py") if path.relative_to(ROOT).parts != ("__init__.py",))


def part_of(module: str) -> str | None:
    names = module.split(".")
    return names[1] if names[0] == "daemon" and len(names) > 1 else None


@cache
def imports(path: Path) -> set[str]:
    found = set()
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            module = node.module or ""
            found |= {f"daemon.{alias.name}" for alias in node.names} if module == "daemon" else {module}
    return found


def test_imports_point_one_way() -> None:
    for path in modules():
        own = path.relative_to(ROOT).parts[0].removesuffix(".py")
        assert own in RANK, f"{own} has no place among the layers"
        for module in imports(path):
            part = part_of(module)
            if part is None or part == own or part == "__version__":
                continue
            assert RANK[part] > RANK[own], f"{path}: {own} must not import {part}"


def test_the_rooms_of_mail_import_the_floors_below_them() -> None:
    for path in sorted((ROOT / "mail").rglob("*.py")):
        own, *rest = path.relative_to(ROOT / "mail").parts
        if not rest:
            assert own == "__init__.py", f"mail/{own} stands in no room"
            continue
        for module in imports(path):
            names = module.split(".")
            if names[:2] != ["daemon", "mail"] or names[2] == own:
                continue
            assert FLOOR[names[2]] > FLOOR[own], f"{path}: mail/{own} must not import mail/{names[2]}"


@pytest.mark.parametrize("room", ["letter", "quoting", "languages"])
def test_reading_a_letter_needs_nothing_else_of_ours(room: str) -> None:
    for path in sorted((ROOT / "mail" / room).rglob("*.py")):
        ours = {module for module in imports(path) if module.startswith("daemon.")}
        known = {module for module in ours if module.split(".")[2] in {room, "languages"}}
        assert ours == known, f"{path.name} imports {ours - known}"


@pytest.mark.parametrize("path", sorted((ROOT / "reading").glob("*.py")), ids=lambda path: path.name)
def test_what_reads_hostile_octets_knows_no_store(path: Path) -> None:
    # It is to run in a process of its own: octets and rules go in, plain values come out.
    ours = {part_of(module) for module in imports(path)} - {None}

    assert ours <= {"reading", "mail", "attachments", "workflow", "traces"}
    assert not any(module.startswith(("sqlalchemy", "daemon.attachments.clamd")) for module in imports(path))


@each("path", sorted((ROOT / "workflow").glob("*.py")), ids=lambda path: path.name)
def test_the_rules_know_only_the_standard_library_and_themselves(path: Path) -> None:
    for module in imports(path):
        top = module.split(".")[0]
        assert top in sys.stdlib_module_names or module.startswith("daemon.workflow"), module
        assert top not in {"logging", "os", "socket", "time", "asyncio"}, (
            f"{module}: no I/O, no clock, no log"
        )


def test_only_the_config_and_the_entry_points_read_the_environment() -> None:
    # SHAKWA_CONFIG, SHAKWA_LOG; systemd's own variables and credentials; handed on to pg_dump.
    allowed = {
        *("cli/main.py", "cli/doctor_unit.py", "config/secrets.py", "service.py", "backup/databases.py"),
    }

    reading = {str(path.relative_to(ROOT)) for path in modules() if "os.environ" in path.read_text("utf-8")}

    assert reading <= allowed


def test_the_rules_are_asked_in_one_place() -> None:
    naming = (path for path in modules() if "decide(" in path.read_text("utf-8"))
    asking = [path for path in naming if "decide" in called(path)]

    assert [str(path.relative_to(ROOT)) for path in asking] == ["casework/case.py"]


def called(path: Path) -> set[str]:
    """Names of functions that a module calls, by name alone or as a module's."""
    calls = (node.func for node in nodes_of(path) if isinstance(node, ast.Call))
    return {getattr(one, "id", "") for one in calls}
