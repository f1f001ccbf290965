"""Counts what the loops did, for whoever watches: each mail decided, each try to send."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

from daemon.casework.staff_audit import Done
from daemon.courier import DeliveryFailure, OutcomeUnknown, PermanentFailure, TemporaryFailure
from daemon.dispatch.handover import Result
from daemon.loops.delivery import Delivery
from daemon.loops.desk import Desk
from daemon.tallies import Acknowledged, Tallies
from daemon.workflow import notices
from daemon.workflow.vocabulary import DELIVERY_CHANNELS

_MAIL: Final = "inbox:"


def tally(desk: Desk, deliveries: Sequence[Delivery]) -> Tallies:
    """What these loops count of their work from now on."""
    tallies = Tallies(DELIVERY_CHANNELS)
    desk.on_outcomes = partial(count_outcomes, tallies)
    for delivery in deliveries:
        delivery.on_results = partial(count_results, tallies)
    return tallies


def count_outcomes(tallies: Tallies, done: Sequence[Done]) -> None:
    for one in done:
        if one.outcome.kind is not None:  # else it was no mail
            tallies.mails.note(one.outcome.kind, one.outcome.outcome, one.outcome.reason)


def count_results(tallies: Tallies, results: Sequence[Result], now: datetime) -> None:
    """`now` is when they were written down."""
    for result in results:
        row = result.row
        tallies.messages.note(row.channel, row.notification, result_of(result))
        if result.receipt is None:
            continue
        tallies.sending.note(row.channel, (now - row.created_at).total_seconds())
        if notices.of(row.notification).acknowledges and row.cause.startswith(_MAIL):
            inbox_id = int(row.cause.removeprefix(_MAIL))
            tallies.acknowledged.append(Acknowledged(inbox_id, row.channel, now.timestamp()))


def result_of(result: Result) -> str:
    """sent, refused, later, outage or unknown; `waited` where the line was known to be down."""
    if result.receipt is not None:
        return "sent"
    if not result.was_tried:
        return "waited"
    return _of_failure(result.failure)


def _of_failure(failure: DeliveryFailure | None) -> str:
    match failure:
        case PermanentFailure():
            return "refused"
        case OutcomeUnknown():
            return "unknown"
        case TemporaryFailure(outage=True):
            return "outage"
        case _:
            return "later"
