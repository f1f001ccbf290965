"""Says as metrics of Prometheus what was read and counted (docs/RUNBOOK.md asks the questions).

No label holds a person's data: each comes from a closed list of ours, or names a gateway that is configured.
An age is 0 where nothing waits. Escaping, types and what is told of the process are the library's.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from daemon.store.gauges import Gauges, Happened, Waiting
from daemon.tallies import Histograms, Tallies
from daemon.workflow import deadline_kinds
from daemon.workflow.notices import NOTICES
from daemon.workflow.vocabulary import CHANNELS, DELIVERY_CHANNELS, STATES

SOURCES: Final = (
    *("mail", "too_large", "receipt", "delivery_failure", "delivery_accepted"),
    *("intake", "page", "survey", "operator"),
)
"""Of what waits in the inbox."""
KINDS_OF_DEADLINES: Final = sorted(
    deadline_kinds.SPEAKING
    | deadline_kinds.UNANSWERED
    | deadline_kinds.STAFF_REMINDERS
    | {deadline_kinds.ATTACHMENTS_UNSEEN}
)
SCOPES: Final = ("all", "channel", "gateway", "kind", "ticket", "message")
PROMISES: Final = ("first_response", "processing")
REASONS: Final = (
    *("dmarc_fail", "spam", "token_off_roster", "staff_auth_failed", "staff_inactive", "no_sender"),
    *("too_large", "too_costly", "failed", "stopped_the_process", "blocked"),
)
"""Why a mail is set aside (docs/QUARANTINE.md); others are counted under their own name."""
LEVELS: Final = ("warning", "error")
WAITING: Final = ("queued", "claimed")

_Labels = tuple[str, ...]
_L = TypeVar("_L", bound=tuple[str, ...])


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that one scrape tells. `gauges` is None where the database could not be read; `days_left`
    by what ends, below nought what has ended; `parts` are as /readyz has them."""

    now: datetime
    version: str
    schema: str
    database: str
    parts: Mapping[str, str]
    holds_mailbox: bool
    tallies: Tallies
    gauges: Gauges | None
    days_left: Mapping[str, float]
    reading_s: float
    share_pair: tuple[str, str] | None = None
    canary_interval_s: float = 0.0


def exposition(scene: Scene, process: CollectorRegistry) -> bytes:
    """The text of one scrape, format 0.0.4."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Told(scene))
    return generate_latest(registry) + generate_latest(process)


def process_registry() -> CollectorRegistry:
    """Memory, processor time, files and start of this process, as every client of Prometheus names them."""
    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    return registry


class _Told(Collector):
    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def collect(self) -> Iterator[Metric]:
        scene = self._scene
        yield from _program(scene)
        yield from _counted(scene.tallies)
        if (gauges := scene.gauges) is None:
            return
        yield from _inbox(gauges, scene.now)
        yield from _outbox(gauges, scene.now)
        yield from _deadlines(gauges, scene.now)
        yield from _receipts(gauges, scene.now)
        yield from _holds(gauges, scene.now)
        yield from _lately(gauges)
        yield from _shares(gauges, scene.share_pair)
        yield from _complaints(gauges)
        yield from _canaries(gauges, scene)


# --- this process --------------------------------------------------------------------------------------


def _program(scene: Scene) -> Iterator[Metric]:
    build = {
        "version": scene.version,
        "schema": scene.schema,
        "database": scene.database,
        "python": platform.python_version(),
    }
    yield InfoMetricFamily(
        "shakwa_build", "Which program this is, and of which version its tables are.", build
    )
    yield _one("shakwa_database_up", "Whether this scrape could read the database.", scene.gauges is not None)
    yield _one("shakwa_reading_seconds", "How long this scrape read the database.", scene.reading_s)
    yield _one(
        "shakwa_mailbox_held",
        "Whether this daemon holds the mailbox; of all daemons one does.",
        scene.holds_mailbox,
    )
    parts = {(name,): how in ("ok", "on hold") for name, how in scene.parts.items()}
    yield _gauge("shakwa_part_working", "Whether a part works, as /readyz says it.", ["part"], parts)
    left = {(what,): days for what, days in scene.days_left.items()}
    yield _gauge("shakwa_days_left", "Days until a secret or a certificate ends.", ["what"], left)


def _counted(tallies: Tallies) -> Iterator[Metric]:
    yield _counter(
        "shakwa_mails_decided",
        "Mails decided, by kind, outcome and reason.",
        ["kind", "outcome", "reason"],
        tallies.mails.counts,
    )
    yield _counter(
        "shakwa_messages_tried",
        "Tries to hand over a message, by what became of them.",
        ["channel", "kind", "result"],
        tallies.messages.counts,
    )
    lines: dict[_Labels, int] = {(level,): 0 for level in LEVELS}
    lines |= tallies.lines.counts
    yield _counter("shakwa_log_lines", "Lines of the log, by level.", ["level"], lines)
    yield _histogram(
        "shakwa_sending_seconds",
        "From the decision that something is said until the next system took it.",
        tallies.sending,
    )
    yield _histogram(
        "shakwa_acknowledging_seconds",
        "From the arrival of a mail until the next system took its acknowledgement.",
        tallies.acknowledging,
    )


# --- the same for every daemon -------------------------------------------------------------------------


def _inbox(gauges: Gauges, now: datetime) -> Iterator[Metric]:
    rows = _by(gauges.unread, lambda whose: whose, ((source,) for source in SOURCES))
    yield from _waiting("shakwa_unread", "items that came in and are not decided", ["source"], rows, now)
    if gauges.read_until is not None:
        yield _one(
            "shakwa_mailbox_read_age_seconds",
            "How long ago the mailbox was last seen to hold nothing new.",
            _age_s(gauges.read_until, now),
        )


def _outbox(gauges: Gauges, now: datetime) -> Iterator[Metric]:
    kinds = ((channel, name) for name, notice in NOTICES.items() for channel in notice.channels)
    queued = [one for one in gauges.unsent if one.whose[2] in WAITING]
    held = [one for one in gauges.unsent if one.whose[2] not in WAITING]
    rows = _by(queued, lambda whose: whose[:2], kinds)
    yield from _waiting("shakwa_unsent", "messages that are not sent", ["channel", "kind"], rows, now)
    stopped = _by(held, lambda whose: whose[:1], ((channel,) for channel in DELIVERY_CHANNELS))
    yield _gauge(
        "shakwa_held_messages",
        "Messages that a hold keeps back.",
        ["channel"],
        {whose: row.count for whose, row in stopped.items()},
    )


def _deadlines(gauges: Gauges, now: datetime) -> Iterator[Metric]:
    rows = _by(gauges.unswept, lambda whose: whose, ((kind,) for kind in KINDS_OF_DEADLINES))
    yield from _waiting(
        "shakwa_unswept_deadlines", "deadlines that fell due and are not acted on", ["kind"], rows, now
    )


def _receipts(gauges: Gauges, now: datetime) -> Iterator[Metric]:
    yield _one(
        "shakwa_oldest_silent_receipt_age_seconds",
        "Age of the oldest SMS of the last three days whose receipt is awaited; 0 where none is.",
        _age_s(gauges.awaited_since, now),
    )
    heard = {(gateway,): _age_s(at, now) for gateway, at in gauges.heard.items()}
    yield _gauge(
        "shakwa_last_receipt_age_seconds", "How long ago a gateway last reported.", ["gateway"], heard
    )


def _holds(gauges: Gauges, now: datetime) -> Iterator[Metric]:
    rows = _by(gauges.holds, lambda whose: whose, ((scope,) for scope in SCOPES))
    yield from _waiting("shakwa_holds", "holds on sending", ["scope"], rows, now)


def _lately(gauges: Gauges) -> Iterator[Metric]:
    yield _gauge(
        "shakwa_set_aside_last_day",
        "Mails set aside within a day, by reason.",
        ["reason"],
        _times(gauges.set_aside, ((reason,) for reason in REASONS)),
    )
    yield _gauge(
        "shakwa_given_up_last_day",
        "Messages of the last day that failed for good.",
        ["channel"],
        _times(gauges.given_up, ((channel,) for channel in DELIVERY_CHANNELS)),
    )
    yield _gauge(
        "shakwa_unreached_last_day",
        "Receipts within a day that say that a message did not arrive, or nothing.",
        ["gateway", "state"],
        _times(gauges.unreached, ()),
    )
    yield _gauge(
        "shakwa_gateway_errors_last_day",
        "How often within a day an SMS gateway could not take a message.",
        ["gateway"],
        _times(gauges.gateway_errors, ()),
    )


def _shares(gauges: Gauges, pair: tuple[str, str] | None) -> Iterator[Metric]:
    if pair is None:
        return
    first, second = pair
    of_second = gauges.shares.get(pair, 0) / 100
    shares = {(first, "first"): 1 - of_second, (second, "second"): of_second}
    yield _gauge(
        "shakwa_sms_share_ratio", "The share of all SMS that a gateway gets.", ["gateway", "place"], shares
    )


def _complaints(gauges: Gauges) -> Iterator[Metric]:
    standing = gauges.standing
    states = {(state,): standing.of(f"unclosed.{state}") for state in STATES if state != "closed"}
    yield _gauge("shakwa_complaints", "Complaints that are not closed.", ["state"], states)
    marks = {(mark,): standing.of(f"standing.{mark}") for mark in ("breached", "escalated", "held")}
    yield _gauge("shakwa_complaints_marked", "Of them, those past a promise, or that wait.", ["mark"], marks)
    told = {
        (channel, promise, kept): counts.of(f"{promise}_kept.{kept}")
        for channel in CHANNELS
        if (counts := gauges.promises.get(channel)) is not None
        for promise in PROMISES
        for kept in ("yes", "no")
    }
    every = {
        (channel, promise, kept): 0 for channel in CHANNELS for promise in PROMISES for kept in ("yes", "no")
    }
    yield _gauge(
        "shakwa_promises_today",
        "Promises of today that were kept or broken.",
        ["channel", "promise", "kept"],
        every | told,
    )


LEGS: Final = ("sent", "arrived", "decided", "answered", "returned")


def _canaries(gauges: Gauges, scene: Scene) -> Iterator[Metric]:
    if scene.canary_interval_s:
        interval = scene.canary_interval_s
        yield _one("shakwa_canary_interval_seconds", "How often a canary is sent.", interval)
    if gauges.canary_since is not None:
        says = "How long ago the last canary was sent that came through; where none did, the first."
        yield _one("shakwa_canary_age_seconds", says, _age_s(gauges.canary_since, scene.now))
    yield _one(
        "shakwa_canaries_lost_last_day", "Canaries of a day that did not come back.", gauges.canaries_lost
    )
    if (canary := gauges.canary) is not None:
        came = {(leg,): getattr(canary, f"{leg}_at") for leg in LEGS}
        took = {leg: _age_s(canary.begun_at, at) for leg, at in came.items() if at is not None}
        says = "From the sending of the last canary that came through to each leg of its way."
        yield _gauge("shakwa_canary_leg_seconds", says, ["leg"], took)


# --- families ------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Row:
    count: int = 0
    since: datetime | None = None


def _by(
    found: Iterable[Waiting], name: Callable[[_Labels], _Labels], every: Iterable[_Labels]
) -> dict[_Labels, _Row]:
    """Rows by their labels, `every` among them also where nothing waits."""
    rows = {labels: _Row() for labels in every}
    for one in found:
        row = rows.setdefault(name(one.whose), _Row())
        row.count += one.count
        row.since = one.since if row.since is None else min(row.since, one.since)
    return rows


def _waiting(
    name: str, what: str, labels: list[str], rows: Mapping[_Labels, _Row], now: datetime
) -> Iterator[Metric]:
    counts = {whose: row.count for whose, row in rows.items()}
    ages = {whose: _age_s(row.since, now) for whose, row in rows.items()}
    yield _gauge(name, f"How many {what}.", labels, counts)
    yield _gauge(
        f"{name}_oldest_age_seconds",
        f"Age of the oldest of the {what}; 0 where there are none.",
        labels,
        ages,
    )


def _times(found: Iterable[Happened], every: Iterable[_Labels]) -> dict[_Labels, int]:
    return dict.fromkeys(every, 0) | {one.what: one.count for one in found}


def _age_s(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max((now - since) / timedelta(seconds=1), 0.0)


def _one(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(name, says, value=float(value))


def _gauge(name: str, says: str, labels: list[str], values: Mapping[_L, float]) -> Metric:
    family = GaugeMetricFamily(name, says, labels=labels)
    for given, value in values.items():
        family.add_metric(given, float(value))
    return family


def _counter(name: str, says: str, labels: list[str], values: Mapping[_L, int]) -> Metric:
    family = CounterMetricFamily(name, says, labels=labels)
    for given, value in sorted(values.items()):
        family.add_metric(given, float(value))
    return family


def _histogram(name: str, says: str, kept: Histograms) -> Metric:
    family = HistogramMetricFamily(name, says, labels=["channel"])
    for channel, one in kept.by_channel.items():
        total, buckets = 0, []
        for bound, count in zip((*map(str, one.bounds), "+Inf"), one.counts, strict=True):
            total += count
            buckets.append((bound, float(total)))
        family.add_metric([channel], buckets, one.sum_s)
    return family
