"""One guard of the program, and the edit that takes it out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Guard:
    """`text` stands once in `daemon/<file>`; with `instead` in its place the guard does nothing. `tests` are
    the files below `tests/` of which one must then fail."""

    what: str
    file: str
    text: str
    instead: str
    tests: tuple[str, ...]

    @property
    def occurrences(self) -> int:
        return (ROOT / "daemon" / self.file).read_text("utf-8").count(self.text)


def guards_of(file: str, *tests: str, **edits: tuple[str, str]) -> list[Guard]:
    """The guards of one file that the same tests watch: what each guards, in words joined by underscores,
    with (text, instead)."""
    return [
        Guard(what.replace("_", " "), file, text, instead, tests) for what, (text, instead) in edits.items()
    ]
