"""Knows how the program was called, so that it names itself, and commands to type, as the reader does.

Installed it is `shakwa`; in every other way (the source tree, a test, the bench) it is `run.py`.
"""

from __future__ import annotations

import os
import shlex
import sys

INSTALLED = "shakwa"
"""The command of `[project.scripts]` in pyproject.toml."""


def name() -> str:
    """`shakwa` or `run.py`."""
    return INSTALLED if os.path.basename(sys.argv[0]) == INSTALLED else "run.py"


def command_line() -> str:
    """What starts this very program from any folder, quoted for a shell."""
    return f"{shlex.quote(sys.executable)} {shlex.quote(os.path.abspath(sys.argv[0]))}"
