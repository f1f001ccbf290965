"""Draws the charts of a report as SVG: bars of a course of time, stacked, and of a distribution with a line.

Each is one image with a title and a description for who cannot see it; the page puts the same numbers in a
table beside it. Time runs from the right in Arabic. A colour never stands alone: each part of a stack has a
hatching of its own, so that it can be told apart when it is printed in black.

No library draws them: pygal and its like bring their own styles, fonts and scripts, know neither right to
left nor titles that a screen reader finds, and matplotlib wants numpy. What is needed is rectangles.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup, escape

WIDTH: Final = 400
HEIGHT: Final = 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 36, 8, 14, 26
_INNER: Final = WIDTH - _LEFT - _RIGHT
_FLOOR: Final = HEIGHT - _BOTTOM
_MOST_LABELS: Final = 7
_GAP: Final = 0.24
"""Of a bar's width."""

HATCHINGS: Final = (
    "",
    "M0 0L6 6M-1.5 4.5L1.5 7.5M4.5 -1.5L7.5 1.5",
    "M0 3H6",
    "M3 0V6",
    "M6 0L0 6M1.5 -1.5L-1.5 1.5M7.5 4.5L4.5 7.5",
    "M0 3H6M3 0V6",
)


@dataclass(frozen=True, slots=True)
class Series:
    """One part of every bar."""

    label: str
    values: Sequence[int]


@dataclass(frozen=True, slots=True)
class Chart:
    """`labels` name the bars, in order; `line_after` is the number of bars before the line, with its name."""

    name: str
    """Of the elements in the page: Latin letters."""
    title: str
    description: str
    labels: Sequence[str]
    series: Sequence[Series]
    direction: str
    line_after: int | None = None
    line_label: str = ""

    def draw(self) -> Markup:
        return Markup("").join(_parts(self))


def swatch(chart: Chart, place: int) -> Markup:
    """A sample of one part, for the legend."""
    return Markup('<svg class="swatch" viewBox="0 0 12 12" aria-hidden="true">{}</svg>').format(
        _rect(0, 0, 12, 12, _fill(chart.name, place))
    )


def bar(share: float, direction: str) -> Markup:
    """One bar in a line of a table; `share` of the longest, 0 to 1."""
    width = round(100 * max(0.0, min(1.0, share)), 1)
    x = 100 - width if direction == "rtl" else 0
    return Markup(
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" width="100" height="10"/>'
        '<rect class="fill" x="{}" width="{}" height="10"/></svg>'
    ).format(x, width)


def _parts(chart: Chart) -> Iterator[Markup]:
    yield Markup(
        '<svg class="chart" role="img" viewBox="0 0 {} {}" aria-labelledby="{}-title {}-description">'
        '<title id="{}-title">{}</title><desc id="{}-description">{}</desc>'
    ).format(*(WIDTH, HEIGHT, chart.name, chart.name, chart.name, chart.title, chart.name, chart.description))
    yield _patterns(chart)
    top = _ceiling([sum(values) for values in zip(*(one.values for one in chart.series), strict=True)])
    for part in (0, 0.5, 1):
        if top * part == int(top * part):
            yield _grid(chart, int(top * part), _FLOOR - part * (_FLOOR - _TOP))
    yield from _bars(chart, top)
    if chart.line_after is not None:
        yield _line(chart, chart.line_after)
    yield Markup("</svg>")


def _patterns(chart: Chart) -> Markup:
    found = Markup("").join(
        Markup(
            '<pattern id="{}-p{}" width="6" height="6" patternUnits="userSpaceOnUse">'
            '<rect class="part part-{}" width="6" height="6"/><path class="hatching" d="{}"/></pattern>'
        ).format(chart.name, place, place % len(HATCHINGS), HATCHINGS[place % len(HATCHINGS)])
        for place in range(len(chart.series))
    )
    return Markup("<defs>{}</defs>").format(found)


def _fill(name: str, place: int) -> str:
    return f"url(#{name}-p{place})"


def _grid(chart: Chart, value: int, y: float) -> Markup:
    is_rtl = chart.direction == "rtl"
    x = WIDTH - _LEFT / 2 if is_rtl else _LEFT / 2
    return Markup(
        '<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/><text class="label" x="{}" y="{}">{}</text>'
    ).format(_at(chart, 0), _at(chart, _INNER), round(y, 1), round(y, 1), round(x, 1), round(y + 4, 1), value)


def _bars(chart: Chart, top: int) -> Iterator[Markup]:
    count = len(chart.labels)
    step = _INNER / max(1, count)
    every = -(-count // _MOST_LABELS)
    for place, label in enumerate(chart.labels):
        y = float(_FLOOR)
        for number, one in enumerate(chart.series):
            height = one.values[place] / top * (_FLOOR - _TOP)
            y -= height
            if height:
                left, right = (_at(chart, step * (place + gap)) for gap in (_GAP / 2, 1 - _GAP / 2))
                yield _rect(min(left, right), y, abs(right - left), height, _fill(chart.name, number))
        if place % every == 0:
            yield Markup('<text class="label" x="{}" y="{}">{}</text>').format(
                _at(chart, step * (place + 0.5)), HEIGHT - 8, label
            )


def _line(chart: Chart, after: int) -> Markup:
    x = _at(chart, _INNER / max(1, len(chart.labels)) * after)
    return Markup(
        '<line class="promise" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<text class="label promised" x="{}" y="10">{}</text>'
    ).format(x, x, _TOP, _FLOOR, x, chart.line_label)


def _rect(x: float, y: float, width: float, height: float, fill: str) -> Markup:
    return Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>').format(
        *(round(number, 1) for number in (x, y, width, height)), escape(fill)
    )


def _at(chart: Chart, along: float) -> float:
    """Where that lies from the side at which reading begins."""
    return round(WIDTH - _LEFT - along if chart.direction == "rtl" else _LEFT + along, 1)


def _ceiling(sums: Sequence[int]) -> int:
    """A round number that no bar passes."""
    most = max(sums, default=0)
    size = 1
    while True:
        for step in (1, 2, 3, 4, 5, 6, 8, 10):
            if step * size >= max(2, most):
                return step * size
        size *= 10


def shares(counts: Mapping[str, int]) -> list[float]:
    """Each as a share of the largest."""
    most = max(counts.values(), default=0)
    return [count / most if most else 0.0 for count in counts.values()]
