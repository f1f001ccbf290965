"""The words of a ticket's history, and the names of states, reasons and notifications, in one language.

They stand in LANGUAGE/history.toml: a line for each code of `workflow.history`, with its values in braces,
and a table of names for each kind of value that has some. A table that is left out means: shown as it is.
Where the steps of a mail (`workflow.steps`) are left out, as in a text of an earlier version, the program's
own serve.
"""

from __future__ import annotations

import contextlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from string import Formatter
from typing import Any, Final

from daemon import resources
from daemon.templating.errors import Problem
from daemon.templating.formats import days, moment
from daemon.templating.keys import HISTORY_FILE
from daemon.workflow import steps
from daemon.workflow.history import CODES, WORDED, Entry, Line, unpacked, values_of
from daemon.workflow.listed import Listed
from daemon.workflow.vocabulary import ALARMS, CHANNELS, ESCALATIONS, MISSING, STATES

MAX_BYTES: Final = 100_000

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "state": STATES,
    "missing": MISSING,
    "origin": CHANNELS,
    "escalation": ESCALATIONS[1:],
    "alarm": ALARMS,
} | {str(kind): words for kind, words in (*WORDED.items(), *steps.WORDED.items())}
_JOINTS: Final[Mapping[str, tuple[str, ...]]] = {
    "separator": (),
    "entry": ("lines", "state"),
    "listed": ("number",),
    "assigned_to": ("person",),
    "late_by": ("days",),
}


class Words:
    """What one history.toml says, checked; without one, the codes as they are. Nothing here raises."""

    def __init__(self, document: Mapping[str, Any] | None = None, language: str = "en") -> None:
        """`document` is one in which `problems_of` finds nothing."""
        self._language = language
        found = document or {}
        self._lines: Mapping[str, str] = found.get("lines", {})
        self._steps: Mapping[str, str] = found.get("steps", {})
        self._names: Mapping[str, Mapping[str, str]] = {kind: found.get(kind, {}) for kind in _NAMES}
        self._separator = str(found.get("separator", "; "))
        self._entry = str(found.get("entry", "{lines} [{state}]"))
        self._listed = str(found.get("listed", "{number}"))
        self._assigned_to = str(found.get("assigned_to", "{person}"))
        self._late_by = str(found.get("late_by", "{days}"))

    def line(self, line: Line) -> str:
        """One thing that happened."""
        if line.code not in self._lines:
            return str(line)
        return self._lines[line.code].format(
            **{kind: self.name(kind, str(value)) for kind, value in line.values.items()}
        )

    def lines(self, lines: Iterable[Line]) -> str:
        """What one event left, in one line."""
        return self._separator.join(map(self.line, lines))

    def entry(self, entry: Entry) -> str:
        """The same with the state that it left the ticket in."""
        if not entry.state:
            return self.lines(entry.lines)
        return self._entry.format(lines=self.lines(entry.lines), state=self.name("state", entry.state))

    def step(self, step: steps.Step) -> str:
        """How a mail was taken, routed or answered."""
        if step.code not in self._steps:
            own = shipped(self._language)
            return str(step) if own is self or step.code not in own._steps else own.step(step)
        named = {kind: self.name(kind, str(value)) for kind, value in step.values.items()}
        return self._steps[step.code].format(**named).rstrip()

    def explained(self, line: str) -> str:
        """One line of a mail's explanation; a sentence of an earlier version as it is."""
        if (step := steps.unpacked(line)) is not None:
            return self.step(step)
        return self.value(line)

    def listed(self, one: Listed) -> str:
        """One complaint in a list: its number and subject, its time and how late it is, and who has it."""
        parts = [self._listed.format(number=one.number) + (f": {one.subject}" if one.subject else "")]
        if one.due_at:
            due = str(moment(one.due_at, self._language))
            if one.late_days:
                due += f" ({self._late_by.format(days=days(one.late_days, self._language))})"
            parts.append(f"{self.name('clock', one.clock)}: {due}" if one.clock else due)
        if one.assignee:
            parts.append(self._assigned_to.format(person=one.assignee))
        return " – ".join(parts)

    def value(self, text: str) -> str:
        """An entry that travelled as a value of a notification; any other text as it is."""
        found = unpacked(text)
        return text if found is None else self.entry(found)

    def name(self, kind: str, word: str) -> str:
        """What `word` is called; the word itself where it has no name. A moment is told as a date."""
        if kind == "moment":
            with contextlib.suppress(ValueError):
                return str(moment(word, self._language))
        return self._names.get(kind, {}).get(word, word)


def read(source: str, language: str) -> tuple[Words | None, list[Problem]]:
    """The words if they may serve, else everything that is wrong with them."""
    path = f"{language}/{HISTORY_FILE}"
    if len(source.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        return None, [Problem(path, 0, f"longer than {MAX_BYTES} bytes")]
    try:
        document = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        return None, [Problem(path, 0, str(error))]
    problems = [Problem(path, 0, message) for message in problems_of(document)]
    return (None, problems) if problems else (Words(document, language), [])


def words_of(directory: Path, language: str) -> Words:
    """The words that stand in `directory`; the program's own where they cannot serve (`doctor` says why)."""
    return _words_in(directory, language) or shipped(language)


def shipped(language: str) -> Words:
    """The words that come with the program: a folder of texts may be older than it, or be spoilt."""
    return _shipped(resources.templates(), language)


@cache
def _shipped(directory: Path, language: str) -> Words:
    """Read once: a page asks for hundreds of names, and each reading takes ten milliseconds."""
    return _words_in(directory, language) or Words(language=language)


def _words_in(directory: Path, language: str) -> Words | None:
    try:
        source = (directory / language / HISTORY_FILE).read_text("utf-8")
    except (OSError, ValueError):
        return None
    return _serving(source, language)


@lru_cache(maxsize=8)
def _serving(source: str, language: str) -> Words | None:
    """`read` takes milliseconds, and a list of texts asks for the same words a hundred times."""
    return read(source, language)[0]


def problems_of(document: Mapping[str, Any]) -> Iterator[str]:
    """Each key that is missing, unknown or no text, and each placeholder that is missing or unknown."""
    joints = {key: value for key, value in document.items() if not isinstance(value, dict)}
    yield from _differences("the top", joints, _JOINTS)
    lines = document.get("lines")
    if not isinstance(lines, dict):
        yield "[lines] is missing"
    else:
        yield from _differences("[lines]", lines, {code: values_of(code) for code in CODES})
    if isinstance(document.get("steps"), dict):
        wanted: dict[str, tuple[str, ...]] = {code: steps.values_of(code) for code in steps.CODES}
        yield from _differences("[steps]", document["steps"], wanted)
    for title, table in document.items():
        if title in ("lines", "steps") or not isinstance(table, dict):
            continue
        if title not in _NAMES:
            yield f"[{title}] is not known"
        else:
            yield from _differences(f"[{title}]", table, dict.fromkeys(_NAMES[title], ()))


def _differences(
    title: str, found: Mapping[str, Any], wanted: Mapping[str, tuple[str, ...]]
) -> Iterator[str]:
    for key in sorted(set(wanted) - set(found)):
        yield f"{key} is missing in {title}"
    for key, text in found.items():
        if key not in wanted:
            yield f"{key} is not known in {title}"
        elif not isinstance(text, str) or not text.strip(" "):
            yield f"{key} in {title} must be a text"
        elif _placeholders(text) != sorted(wanted[key]):
            named = " ".join(f"{{{name}}}" for name in wanted[key]) or "no braces"
            yield f"{key} in {title} must hold {named}, each once, and nothing else in braces"


def _placeholders(text: str) -> list[str] | None:
    """The names in braces, sorted; None where a brace holds anything but a name."""
    try:
        parts = [part[1:] for part in Formatter().parse(text) if part[1] is not None]
    except ValueError:
        return None
    names = [str(name) for name, *_ in parts]
    is_plain = all(not spec and conversion is None for _, spec, conversion in parts)
    return sorted(names) if is_plain and all(name.isidentifier() for name in names) else None
