"""Processes of the program whose lines count in the coverage of the tests that started them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from coverage import Coverage

ROOT = Path(__file__).resolve().parents[2]


def run_py() -> list[str]:
    """`run.py` as a command; followed where the tests are. A few runs only: it makes each twice as dear.

    The process writes beside the data of the tests, which gather it at their end; so it must end by itself,
    and not by SIGKILL.
    """
    if Coverage.current() is None:
        return [sys.executable, str(ROOT / "run.py")]
    gathered = Path(os.environ.get("COVERAGE_FILE") or ROOT / ".coverage").absolute()
    test = os.environ["PYTEST_CURRENT_TEST"].rpartition(" (")[0]
    options = ["--parallel-mode", f"--rcfile={ROOT / 'pyproject.toml'}", f"--data-file={gathered}"]
    return [sys.executable, "-m", "coverage", "run", *options, f"--context={test}", str(ROOT / "run.py")]
