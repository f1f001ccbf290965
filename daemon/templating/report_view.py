"""Lays out a report: tiles, tables and charts with their words, which `report_body.html` puts on a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from markupsafe import Markup

from daemon.templating import charts, formats
from daemon.templating.charts import Chart, Series
from daemon.templating.report_words import NOTHING, ReportWords, percent, rating
from daemon.workflow.figures import MOST_DAYS, Day, Figures, Report, Share, Spread
from daemon.workflow.policy import Policy
from daemon.workflow.vocabulary import CHANNELS

MOST_BARS = 92
"""Days that are drawn each; of a longer time the months are."""

Text = str | Markup


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure in large, and what stands below it."""

    label: Text
    value: Text
    notes: Sequence[Text] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """The first cell of a row is its name."""

    title: Text
    columns: Sequence[Text]
    rows: Sequence[Sequence[Text]]


@dataclass(frozen=True, slots=True)
class Line:
    label: Text
    bar: Markup
    count: int


@dataclass(frozen=True, slots=True)
class Part:
    """A few lines with a bar each."""

    title: Text
    rows: Sequence[Line]
    note: Text = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart, the table of its numbers, and what is said where there are none."""

    title: Text
    table: Table
    nothing: Text
    chart: Markup | None = None
    legend: Sequence[tuple[Markup, str]] = field(default=())


class View:
    """One report in words. `price` is that of a segment in riyals, None where nobody said it."""

    def __init__(self, report: Report, policy: Policy, words: ReportWords, price: float | None) -> None:
        self._report = report
        self._policy = policy
        self._words = words
        self._price = price

    def tiles(self) -> Iterator[Tile]:
        figures, words = self._report.total, self._words
        yield self._tile(
            "opened", lambda one: str(one.opened), words.say("tile_reopened", count=figures.reopened)
        )
        resolved = words.say("tile_resolved", count=figures.closed["resolved"])
        yield self._tile("closed", lambda one: str(one.closed_count), resolved)
        median = words.say("tile_median", time=words.duration(figures.first_response.median))
        yield self._tile("response", lambda one: percent(one.first_response_in_time), median)
        median = words.say("tile_median", time=words.duration(figures.processing.median))
        yield self._tile("processing", lambda one: percent(one.processing_in_time), median)
        response, processing = figures.first_response_kept.rest, figures.processing_kept.rest
        missed = words.say("tile_missed_parts", response=response, processing=processing)
        yield self._tile("missed", _missed, missed)
        yield self._tile("rating", self._rated, words.say("tile_ratings", count=figures.rated))
        yield self._tile("sms", lambda one: str(one.sms.segments), *self._of_sms(figures))
        late = words.say("tile_late", count=figures.backlog.breached)
        yield Tile(words.say("tile_backlog"), str(sum(figures.backlog.states.values())), (late,))

    def _tile(self, name: str, value: Callable[[Figures], str], *notes: Text) -> Tile:
        before = self._report.previous
        told = [*notes, *([self._words.say("before", value=value(before))] if before else [])]
        return Tile(self._words.say(f"tile_{name}"), value(self._report.total), told)

    def _rated(self, figures: Figures) -> str:
        average = rating(figures.average_rating)
        return average if average == NOTHING else self._words.plain("rating_of_five", rating=average)

    def _of_sms(self, figures: Figures) -> Iterator[Text]:
        yield self._words.say("tile_messages", count=figures.sms.messages)
        if self._price is not None:
            cost = f"{self._price * figures.sms.segments:,.2f}"
            yield self._words.say("tile_cost", cost=cost)

    def times(self) -> Table:
        names = ("what", "count", "average", "median", "90", "95", "in_time", "kept", "missed")
        figures = self._report.total
        return Table(
            self._words.say("times_heading"),
            [self._words.say(f"times_{name}") for name in names],
            [
                [self._words.say(f"times_{name}"), *self._times(spread, in_time, kept)]
                for name, spread, in_time, kept in (
                    (
                        "response",
                        figures.first_response,
                        figures.first_response_in_time,
                        figures.first_response_kept,
                    ),
                    ("processing", figures.processing, figures.processing_in_time, figures.processing_kept),
                )
            ],
        )

    def _times(self, spread: Spread, in_time: Share, kept: Share) -> list[Text]:
        words = self._words
        taken = (spread.average, spread.median, spread.ninetieth, spread.ninety_fifth)
        part = words.plain("part_of", part=kept.part, all=kept.of)
        return [
            str(spread.count),
            *(words.duration(time) for time in taken),
            percent(in_time),
            f"{percent(kept)} ({part})" if kept.of else NOTHING,
            str(kept.rest),
        ]

    # --- charts -----------------------------------------------------------------------------------

    def course(self) -> Picture:
        """What came in each day or month, by channel."""
        words, days = self._words, in_bars(self._report.days)
        is_by_day = len(days) == len(self._report.days) and not _are_months(self._report.days)
        unit, name_of = ("days", words.day) if is_by_day else ("months", words.month)
        known = [name for name in CHANNELS if any(day.by_channel[name] for day in days)]
        title = words.plain(f"course_heading_{unit}")
        label = "day" if is_by_day else "month"
        rows = [[name_of(day.day), str(day.opened), str(day.closed)] for day in days]
        columns = [words.say(f"course_{name}") for name in (label, "opened", "closed")]
        table = Table(words.plain(f"course_table_{unit}"), columns, rows)
        total = sum(day.opened for day in days)
        if not total:
            return Picture(title, table, words.say("course_nothing"))
        most = max(days, key=lambda day: day.opened)
        told = words.plain("course_description", most_at=name_of(most.day), most=most.opened, all=total)
        chart = Chart(
            name="course",
            title=title,
            description=told,
            labels=[_short(day.day, is_by_day) for day in days],
            series=[
                Series(words.name("channel", name), [day.by_channel[name] for day in days]) for name in known
            ],
            direction=words.direction,
        )
        legend = [(charts.swatch(chart, place), one.label) for place, one in enumerate(chart.series)]
        return Picture(title, table, "", chart.draw(), legend)

    def distribution(self) -> Picture:
        """How many took how many business days, with the line of what is promised."""
        words, figures, days = self._words, self._report.total, self._policy.processing_business_days
        counts = figures.processing_days
        title = words.plain("distribution_heading")
        more = words.plain("distribution_more", days=MOST_DAYS)
        rows = [[str(day) if day <= MOST_DAYS else more, str(count)] for day, count in counts.items()]
        columns = [words.say("distribution_up_to"), words.say("distribution_count")]
        table = Table(words.plain("distribution_table"), columns, rows)
        if not figures.processing.count:
            return Picture(title, table, words.say("distribution_nothing"))
        promise = str(formats.business_days(days, words.language))
        kept, all_ = figures.processing_in_time.part, figures.processing_in_time.of
        chart = Chart(
            name="distribution",
            title=title,
            description=words.plain("distribution_description", promise=promise, kept=kept, all=all_),
            labels=[str(day) if day <= MOST_DAYS else f"+{MOST_DAYS}" for day in counts],
            series=[Series(title, list(counts.values()))],
            direction=words.direction,
            line_after=days if days <= MOST_DAYS else None,
            line_label=promise,
        )
        return Picture(title, table, "", chart.draw())

    # --- lines with bars --------------------------------------------------------------------------

    def parts(self) -> Iterator[Part]:
        words, figures = self._words, self._report.total
        yield self._part(words.say("reasons_heading"), "reason", figures.closed)
        scores = {str(score): count for score, count in sorted(figures.ratings.items(), reverse=True)}
        asked = figures.surveys
        surveys = words.say("ratings_surveys", sent=asked.of, answered=asked.part, share=percent(asked))
        yield self._part(words.say("ratings_heading"), "score", scores, surveys)
        raised = sum(figures.escalations.values())
        yield self._part(words.say("escalations_heading", count=raised), "escalation", figures.escalations)
        backlog = figures.backlog
        standing = {"late": backlog.breached, "escalated": backlog.escalated, "held": backlog.held}
        heading = words.say("backlog_heading", count=sum(backlog.states.values()))
        at = backlog.oldest_opened_at
        oldest = words.say("backlog_oldest", day=formats.day(at.isoformat(), words.language)) if at else ""
        yield self._part(heading, "state", {**backlog.states, **standing}, oldest)

    def _part(self, title: Text, kind: str, counts: Mapping[str, int], note: Text = "") -> Part:
        bars = (charts.bar(share, self._words.direction) for share in charts.shares(counts))
        names = ((self._words.name(kind, code), count) for code, count in counts.items())
        return Part(
            title, [Line(label, bar, count) for (label, count), bar in zip(names, bars, strict=True)], note
        )

    # --- tables -----------------------------------------------------------------------------------

    def tables(self) -> Iterator[Table]:
        report, words = self._report, self._words
        for kind, heading, groups in (
            ("channel", "channels", report.by_channel),
            ("category", "categories", report.by_category),
            ("team", "teams", report.by_team),
        ):
            if groups:
                rows = [(words.name(kind, name), figures) for name, figures in groups.items()]
                yield self._table(heading, kind, _OF_GROUPS, rows)
        if report.by_member:
            members = [(words.member(*who), figures) for who, figures in report.by_member.items()]
            yield self._table("members", "member", _OF_MEMBERS, members)

    def _table(
        self, heading: str, kind: str, columns: Sequence[str], rows: Sequence[tuple[str, Figures]]
    ) -> Table:
        words = self._words
        return Table(
            words.say(f"{heading}_heading"),
            [words.say(f"column_{kind}"), *(words.say(f"column_{name}") for name in columns)],
            [[label, *(self._cell(name, figures) for name in columns)] for label, figures in rows],
        )

    def _cell(self, column: str, figures: Figures) -> Text:
        return _CELLS[column](figures, self._words)

    def notes(self) -> Iterator[Text]:
        words, policy = self._words, self._policy
        yield words.say("note_events")
        yield words.say("note_times")
        yield words.say(
            "note_expected",
            response=formats.business_days(
                policy.first_response_business_days, words.language, genitive=True
            ),
            processing=formats.business_days(policy.processing_business_days, words.language),
        )
        yield words.say("note_kept")

    def comments(self) -> list[dict[str, Text]]:
        words = self._words
        return [
            {
                "text": one.text,
                "by": words.say(
                    "comment_by", score=one.score, day=formats.day(one.at.isoformat(), words.language)
                ),
            }
            for one in self._report.comments
        ]


_OF_GROUPS = (
    *("opened", "closed", "response", "response_in_time", "processing", "processing_95"),
    *("processing_in_time", "kept_response", "kept_processing", "escalations", "rating", "backlog"),
)
_OF_MEMBERS = (
    *("opened", "closed", "kept_response", "missed_response", "kept_processing", "missed_processing"),
    *("rating", "backlog"),
)
_CELLS: Mapping[str, Callable[[Figures, ReportWords], Text]] = {
    "opened": lambda one, words: str(one.opened),
    "closed": lambda one, words: str(one.closed_count),
    "response": lambda one, words: words.duration(one.first_response.median),
    "response_in_time": lambda one, words: percent(one.first_response_in_time),
    "processing": lambda one, words: words.duration(one.processing.median),
    "processing_95": lambda one, words: words.duration(one.processing.ninety_fifth),
    "processing_in_time": lambda one, words: percent(one.processing_in_time),
    "kept_response": lambda one, words: percent(one.first_response_kept),
    "kept_processing": lambda one, words: percent(one.processing_kept),
    "missed_response": lambda one, words: str(one.first_response_kept.rest),
    "missed_processing": lambda one, words: str(one.processing_kept.rest),
    "escalations": lambda one, words: str(sum(one.escalations.values())),
    "rating": lambda one, words: rating(one.average_rating),
    "backlog": lambda one, words: str(sum(one.backlog.states.values())),
}


def lines_of(view: View) -> list[str]:
    """The tiles as sentences, for a mail."""
    return [_sentence(tile) for tile in view.tiles()]


def _sentence(tile: Tile) -> str:
    comma = "، " if any("\u0600" <= letter <= "\u06ff" for letter in _bare(tile.label)) else ", "
    notes = comma.join(_bare(note) for note in tile.notes)
    return f"{_bare(tile.label)}: {_bare(tile.value)}" + (f" – {notes}" if notes else "")


def _bare(text: Text) -> str:
    return text.striptags() if isinstance(text, Markup) else text


def in_bars(days: Sequence[Day]) -> list[Day]:
    """The days themselves, or their months where they are too many to be drawn."""
    if len(days) <= MOST_BARS:
        return list(days)
    months: dict[date, Day] = {}
    for one in days:
        month = months.setdefault(one.day.replace(day=1), Day(one.day.replace(day=1)))
        month.opened += one.opened
        month.closed += one.closed
        month.by_channel.update(one.by_channel)
    return list(months.values())


def _are_months(days: Sequence[Day]) -> bool:
    return len(days) > 1 and all(one.day.day == 1 for one in days)


def _short(day: date, is_by_day: bool) -> str:
    return f"{day.day}/{day.month}" if is_by_day else f"{day.month}/{day.year % 100:02}"


def _missed(figures: Figures) -> str:
    return str(figures.first_response_kept.rest + figures.processing_kept.rest)
