"""Runs tests in a copy of the program, in a process that has the libraries loaded already."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from tests.guards.guard import ROOT, Guard

_COPIED = ("daemon", "templates", "tests", "config", "docs", "pyproject.toml", "README.md", "run.py")
_LIBRARIES = (
    "pytest",
    "hypothesis",
    "sqlalchemy",
    "jinja2",
    "httpx",
    "starlette.applications",
    "cryptography.x509",
)
_LIMIT_S = 300
"""A guard may end a loop: tests that never end have noticed, too."""

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload([*_LIBRARIES])
_moments = count(1_000_000_000)


class Copy:
    """A copy of the program in a folder of its own, with one guard at a time taken out."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        for name in _COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            elif source.exists():
                shutil.copy(source, folder / name)

    @contextmanager
    def without(self, guard: Guard) -> Iterator[None]:
        file = self.folder / "daemon" / guard.file
        whole = file.read_text("utf-8")
        self._write(file, whole.replace(guard.text, guard.instead))
        try:
            yield
        finally:
            self._write(file, whole)

    def passes(self, tests: Sequence[str]) -> bool:
        """Whether all of `tests` pass."""
        run = _processes.Process(target=_run, args=(str(self.folder), list(tests)))
        run.start()
        run.join(_LIMIT_S)
        if run.exitcode is None:
            run.kill()
            run.join()
        return run.exitcode == 0

    def _write(self, file: Path, text: str) -> None:
        """Python tells compiled code from its text by length and second: each has a second of its own."""
        file.write_text(text, "utf-8")
        moment = next(_moments)
        os.utime(file, (moment, moment))


def _run(folder: str, tests: list[str]) -> None:
    os.chdir(folder)
    for name in [name for name in sys.modules if name.partition(".")[0] in ("tests", "daemon")]:
        del sys.modules[name]
    sys.path[:0] = [folder]
    sys.pycache_prefix = f"{folder}/.compiled"
    sys.dont_write_bytecode = False
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    import pytest

    # The libraries were loaded before pytest could rewrite their asserts, and need not be.
    options = ["-x", "-q", "-p", "no:xdist", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    sys.exit(int(pytest.main([*options, *(f"tests/{one}" for one in tests)])))
