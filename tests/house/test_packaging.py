"""What pyproject.toml promises of the package is what the rest of the repository says."""

from __future__ import annotations

import argparse
import importlib.metadata
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from daemon import __version__, resources
from daemon.cli import commands, extras, main

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def wanted(path: Path) -> set[str]:
    lines = (line.split("  #")[0].strip() for line in path.read_text("utf-8").splitlines())
    return {str(Requirement(line)) for line in lines if line and not line.startswith(("#", "-r "))}


def declared() -> set[str]:
    """The dependencies and all extras of the package, but for extras that name one another."""
    lines = [*PROJECT["dependencies"]]
    for extra in PROJECT["optional-dependencies"].values():
        lines += extra
    return {str(found) for line in lines if (found := Requirement(line)).name != PROJECT["name"]}


_MODULES = {
    "argon2-cffi": "argon2",
    "python-multipart": "python_multipart",
    "prometheus-client": "prometheus_client",
}
"""Projects whose module has another name."""


def test_the_package_wants_exactly_what_is_locked_with_hashes() -> None:
    assert declared() == wanted(ROOT / "requirements" / "runtime.in"), "pyproject.toml and runtime.in differ"


@pytest.mark.parametrize("name", ["runtime", "development"])
def test_a_lock_pins_everything_that_its_list_wants_and_names_no_index(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
    locked = {line.split("==")[0] for line in text.splitlines() if "==" in line}
    listed = wanted(ROOT / "requirements" / f"{name}.in") | declared()

    missing = {Requirement(line).name for line in listed} - locked

    assert not missing, f"run `make lock`: requirements/{name}.txt lacks {missing}"
    assert "://" not in text


def test_each_optional_library_is_known_to_the_line_that_says_what_to_install() -> None:
    libraries = {
        Requirement(line).name: extra
        for extra, lines in PROJECT["optional-dependencies"].items()
        for line in lines
        if Requirement(line).name != PROJECT["name"]
    }

    assert dict(extras.LIBRARIES) == {_MODULES.get(name, name): extra for name, extra in libraries.items()}


def test_a_missing_library_of_an_extra_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def needs_uvicorn(name: str) -> commands.Work:
        raise ModuleNotFoundError("No module named 'uvicorn'", name="uvicorn")

    arguments = argparse.Namespace(run="running.serve", config=None)
    monkeypatch.setattr(commands, "work", needs_uvicorn)
    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", lambda *_: arguments)

    code = main.main([])

    assert code == 1
    line = "run.py: uvicorn is not installed, which this needs: pip install 'shakwa[web]'\n"
    assert capsys.readouterr().err == line


def test_a_missing_module_of_our_own_is_a_bug_and_no_extra() -> None:
    assert extras.remedy(ModuleNotFoundError("No module named 'daemon.web'", name="daemon.web")) is None
    assert extras.remedy(ModuleNotFoundError("without a name")) is None


def test_the_version_stands_in_one_place() -> None:
    assert "version" in PROJECT["dynamic"]
    assert "version" not in PROJECT
    assert f'__version__ = "{__version__}"' in (ROOT / "daemon" / "__init__.py").read_text("utf-8")
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8"), "operators read what changed"


def test_what_the_program_comes_with_is_found_in_the_source_tree() -> None:
    assert resources.import_root() == ROOT
    assert resources.templates() == ROOT / "templates"
    for folder in (resources.templates(), resources.pages(), resources.migrations()):
        assert folder.is_dir(), folder
    assert resources.report_page().is_file()


def test_the_locked_library_versions_are_those_that_the_tests_run_with() -> None:
    text = (ROOT / "requirements" / "runtime.txt").read_text("utf-8")
    locked = dict(line.split(" ")[0].split("==") for line in text.splitlines() if "==" in line)

    for line in sorted(declared()):
        name = Requirement(line).name
        assert importlib.metadata.version(name) == locked[name], name
