"""Says which share of the SMS goes to the second of two gateways: more while the first is slow or fails.

As GOV.UK Notify does it: a tenth at a time, so that no gateway drowns in what another one could not carry,
and never by a decision that one slow minute takes back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

STEP: Final = 10
"""Percent of all SMS by which the share moves at once."""
PAUSE: Final = timedelta(minutes=10)
"""Between two moves, at least; and so long back is looked."""
PEACE: Final = timedelta(hours=1)
"""So long the first gateway must be well for each step back to it."""
LEAST: Final = 5
"""Fewer reports, or fewer tries, say nothing of a gateway."""

Why = Literal["", "slow", "failing", "stalled", "peace"]
"""Why the share moved: what is wrong with the gateway that is left, or that the first one has been well."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What counts as slow: `percent` of the reports took longer than `after`; 0 percent: nothing does."""

    after: timedelta = timedelta(minutes=4)
    percent: int = 30


@dataclass(frozen=True, slots=True)
class Seen:
    """A gateway's last ten minutes: the final `reports` that came, how many of them were `slow`, and how many
    told that an SMS did not arrive (`lost`); the `tries` to hand it an SMS, and how many `failed`.
    `is_stalled`: SMS wait for a report as long as that, and it, that used to report, has become silent."""

    reports: int = 0
    slow: int = 0
    lost: int = 0
    tries: int = 0
    failed: int = 0
    is_stalled: bool = False

    def trouble(self, bounds: Bounds) -> Why:
        """What is wrong with it, "" for nothing."""
        if not bounds.percent:
            return ""
        if _is_much(self.failed, self.tries, bounds) or _is_much(self.lost, self.reports, bounds):
            return "failing"
        if _is_much(self.slow, self.reports, bounds):
            return "slow"
        return "stalled" if self.is_stalled else ""


def _is_much(part: int, whole: int, bounds: Bounds) -> bool:
    return whole >= LEAST and part * 100 >= whole * bounds.percent


@dataclass(frozen=True, slots=True)
class Share:
    """How all SMS are shared: `percent` of them to the second gateway, the rest to the first. `moved_at` is
    None before the first move; since `calm_since` the first gateway has been well; `why` is of the last
    move."""

    percent: int
    moved_at: datetime | None
    calm_since: datetime
    why: Why = ""

    @property
    def first(self) -> int:
        return 100 - self.percent


def at_rest(now: datetime) -> Share:
    """All of it to the first gateway."""
    return Share(0, None, now)


def looked(share: Share, first: Seen, second: Seen, now: datetime, bounds: Bounds) -> Share:
    """The share after a look at both gateways; the very same where nothing changed.

    It moves by STEP at most, and not within PAUSE of the last move; back in peace once in PEACE. Where both
    are in trouble nothing is gained by moving. A clock that was set back makes the past no future: time
    begins anew from there.
    """
    share = _without_future(share, now)
    wrong, other = first.trouble(bounds), second.trouble(bounds)
    if wrong:
        share = replace(share, calm_since=now)
    since = now - share.moved_at if share.moved_at is not None else None
    may_move = since is None or since >= PAUSE
    if wrong and not other:
        return _moved(share, STEP, wrong, now) if may_move else share
    if other and not wrong:
        return _moved(share, -STEP, other, now) if may_move else share
    is_peace = not wrong and not other and now - share.calm_since >= PEACE
    if is_peace and (since is None or since >= PEACE):
        return _moved(share, -STEP, "peace", now)
    return share


def _without_future(share: Share, now: datetime) -> Share:
    if share.moved_at is not None and share.moved_at > now:
        share = replace(share, moved_at=now)
    return replace(share, calm_since=now) if share.calm_since > now else share


def _moved(share: Share, step: int, why: Why, now: datetime) -> Share:
    percent = min(max(share.percent + step, 0), 100)
    return share if percent == share.percent else Share(percent, now, share.calm_since, why)


def is_of_second(share: Share, lot: int) -> bool:
    """Whether an SMS that drew `lot`, from 0 to 99, goes to the second gateway."""
    return lot < share.percent
