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
    path = os.path.abspath(sys.argv[0])
    if name() == INSTALLED:
        # The package's command calls itself by its bare name: it is found as a shell finds it.
        folders = [os.path.dirname(path), *os.get_exec_path()]
        places = (os.path.join(folder, INSTALLED) for folder in folders)
        found = next((place for place in places if os.path.isfile(place) and os.access(place, os.X_OK)), None)
        if found:
            return shlex.quote(found)
    return f"{shlex.quote(sys.executable)} {shlex.quote(path)}"
