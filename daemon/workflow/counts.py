"""Counts events of complaints in cells: of all, of a channel, of a team and a category, and so on.

A cell is a `Group` in which ALL stands for whatever is not asked. Each complaint is counted in every cell
that holds it, so a figure of any of them is read off and never added up again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from daemon.workflow.measures import Case, Event, Group, events_of, standing_of
from daemon.workflow.policy import Policy

ALL = "*"
EVERYTHING = Group(ALL, ALL, ALL, ALL)

_STEPS_S = ((60, 1), (3_600, 6), (86_400, 360))
"""Up to a minute a time is kept by the second, up to an hour by a tenth of a minute, up to a day by a tenth
of an hour, and beyond by a tenth of a day: as fine as a page tells it."""
_LONG_STEP_S = 8_640

TIMES = frozenset({"first_response", "processing"})
"""What is counted by how long it took."""
VALUED = TIMES | {"rating"}
"""What is counted by a value."""


Kept = dict[str, int | list[list[int]]]


class Counts:
    """How often what was counted; of a time or a score, how often each value."""

    __slots__ = ("_times", "_values")

    def __init__(self) -> None:
        self._times: dict[str, int] = {}
        self._values: dict[str, dict[int, int]] = {}

    def add(self, what: str, value: int = 0, times: int = 1) -> None:
        if what in VALUED:
            of = self._values.setdefault(what, {})
            of[value] = of.get(value, 0) + times
        else:
            self._times[what] = self._times.get(what, 0) + times

    def join(self, other: Counts) -> None:
        """Add everything that `other` counted."""
        for what, times in other._times.items():
            self._times[what] = self._times.get(what, 0) + times
        for what, found in other._values.items():
            of = self._values.setdefault(what, {})
            for value, times in found.items():
                of[value] = of.get(value, 0) + times

    def of(self, what: str) -> int:
        """How often, whatever the value."""
        return sum(self.values(what).values()) if what in VALUED else self._times.get(what, 0)

    def values(self, what: str) -> Mapping[int, int]:
        """How often each value."""
        return self._values.get(what, {})

    def of_all(self, beginning: str) -> int:
        """How often everything whose name begins so."""
        return sum(times for what, times in self._times.items() if what.startswith(beginning))

    def __bool__(self) -> bool:
        return any(self._times.values()) or any(any(of.values()) for of in self._values.values())

    def to_json(self) -> Kept:
        """What is not nought: a number, or the values and how often each, in two lists."""
        kept: Kept = {what: times for what, times in self._times.items() if times}
        for what, of in self._values.items():
            if values := {value: times for value, times in of.items() if times}:
                kept[what] = [list(values), list(values.values())]
        return kept

    def read(self, kept: Mapping[str, int | list[list[int]]], sign: int = 1) -> None:
        """Add what `to_json` wrote, or with -1 take it out."""
        for what, found in kept.items():
            if isinstance(found, int):
                self._times[what] = self._times.get(what, 0) + sign * found
                continue
            of = self._values.setdefault(what, {})
            if not of and sign == 1:
                of.update(zip(*found, strict=True))
                continue
            for value, times in zip(*found, strict=True):
                of[value] = of.get(value, 0) + sign * times


Entry = tuple[str, str, int, int]
"""What of a complaint is counted: its span (a day, or NOW), what, its value, and how often."""
NOW = "now"
"""The span of what stands now, whatever the period."""


def entries_of(case: Case, reopenings: Iterable[datetime], policy: Policy) -> Iterator[Entry]:
    """Everything that is kept of a complaint, by the day on which it happened there where the desk stands.
    `reopenings`: when it came back, from resolved or closed."""
    zone = policy.calendar.timezone
    for event in (*events_of(case, policy), *(Event(at, "reopened") for at in reopenings)):
        day = event.at.astimezone(zone).date().isoformat()
        yield day, event.what, rounded(event.what, event.value), event.times
    for what in standing_of(case):
        yield NOW, what, 0, 1


def spread_out(group: Group, entries: Iterable[Entry], into: Mapping[tuple[str, Group], Counts]) -> None:
    """Count the entries in every cell that holds `group`, in their day, month and year. Of a member no
    single times are kept: there would be as many as complaints."""
    cells = [(cell, "m" in shape(cell)) for cell in views(group)]
    for span, what, value, times in entries:
        for part in (span,) if span == NOW else (span, span[:7], span[:4]):
            for cell, is_of_member in cells:
                if not (is_of_member and what in TIMES):
                    into[part, cell].add(what, value, times)


def views(group: Group) -> Iterator[Group]:
    """Every cell that holds a complaint of `group`: with and without its channel and its team, each for all,
    for its category and for its member."""
    for channel in (group.channel, ALL):
        for team in (group.team, ALL):
            yield Group(channel, ALL, team, ALL)
            yield Group(channel, group.category, team, ALL)
        yield Group(channel, ALL, group.team, group.member)


def shape(cell: Group) -> str:
    """Which of its four are asked: "" for all complaints, "ct" for those of a channel and a team."""
    return "".join(letter for letter, name in zip("cgtm", cell, strict=True) if name != ALL)


def shapes_within(scope: Group) -> dict[str, str]:
    """The cells that a report on `scope` (a channel, a team, both or neither) reads: their shapes, by what
    they divide it by."""
    channel, team = scope.channel != ALL, scope.team != ALL
    c, t = "c" * channel, "t" * team
    return {
        "total": c + t,
        "channel": "c" + t,
        "category": c + "g" + t,
        "team": c + "t",
        "member": c + "tm",
    }


def is_within(cell: Group, scope: Group) -> bool:
    """Whether the cell holds none but complaints of `scope`."""
    return scope.channel in (ALL, cell.channel) and scope.team in (ALL, cell.team)


def rounded(what: str, value: int) -> int:
    """A time as it is kept: rounded up to its step, so that what is over a promise stays over it."""
    if what not in TIMES:
        return value
    step = next((step for most, step in _STEPS_S if value <= most), _LONG_STEP_S)
    return -(-value // step) * step
