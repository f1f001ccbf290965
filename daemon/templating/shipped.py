"""Knows every version of every text that the program ever came with, by its SHA-256.

A file of an admin's that equals one of them is none of their saves: it lies there since some installation
(DESIGN §4, Templates). The list stands beside the texts, in shipped.txt: a line for each version of a text,
with the version of the program that it came with. Lines stay for ever.

python -m daemon.templating.shipped     adds a line for each text that has none as it stands
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from daemon import __version__, resources
from daemon.templating.keys import is_text

LIST = "shipped.txt"


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def files(folder: Path) -> list[str]:
    """Every text below `folder`, relative to it."""
    return sorted(path for path, _ in entries(folder))


def entries(folder: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """The same with what the system says of each; in the order of the system. It is asked every few seconds,
    so it makes no objects of paths."""
    for inside in (
        "",
        *(f"{language}{rest}" for language in ("ar", "en") for rest in ("/", "/pieces/", "/pages/")),
    ):
        try:
            found = list(os.scandir(folder / inside))
        except OSError:
            continue  # it need not be there
        yield from ((path, one) for one in found if is_text(path := f"{inside}{one.name}") and _is_file(one))


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False  # a link in a circle, or a folder that nobody may look into


def listed(folder: Path) -> Mapping[str, frozenset[str]]:
    """The SHA-256 of each version of each text that the list in `folder` names, by path."""
    try:
        lines = (folder / LIST).read_text("utf-8").splitlines()
    except OSError:
        return {}
    found: dict[str, set[str]] = {}
    for line in lines:
        if line and not line.startswith("#"):
            _, sha256, path = line.split(" ", 2)
            found.setdefault(path, set()).add(sha256)
    return {path: frozenset(hashes) for path, hashes in found.items()}


def updated(folder: Path) -> str:
    """The list with a line for each text as it stands now. No line goes: somebody may have copied the folder
    as it was then."""
    path = folder / LIST
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    kept = [line for line in lines if line and not line.startswith("#")]
    present = [f"{__version__} {sha256_of((folder / name).read_bytes())} {name}" for name in files(folder)]
    versions = list(dict.fromkeys(line.partition(" ")[0] for line in (*kept, *present)))
    return "\n".join([HEAD, *sorted({*kept, *present}, key=lambda line: _place(line, versions))]) + "\n"


def _place(line: str, versions: list[str]) -> tuple[int, str, str]:
    """Versions in the order of their coming, within one by file: lines that two people add come apart."""
    version, sha256, path = line.split(" ", 2)
    return versions.index(version), path, sha256


HEAD = """\
# Every version of every text that the program came with: program, SHA-256, file.
# Written by `python -m daemon.templating.shipped`; lines stay for ever."""


if __name__ == "__main__":
    (resources.templates() / LIST).write_text(updated(resources.templates()), "utf-8")
