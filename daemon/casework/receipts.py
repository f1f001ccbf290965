"""What becomes of a receipt: it is kept, given to its message, and what follows for a ticket is decided.

Whatever a gateway posts is written down first, as an inbox row, and understood afterwards, in its turn. Only
a message that did not arrive moves a ticket (`casework.deliveries`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from daemon.casework import deliveries
from daemon.casework.case import Case
from daemon.sms import segments
from daemon.sms.receipts import reports_of
from daemon.sms.report import Fields, Report
from daemon.store import arrivals, inbox, receipts
from daemon.store.inbox import Outcome
from daemon.workflow import steps
from daemon.workflow.receipts import BARE, ERRORS, FINAL, WHOLE, Receipt, delivery_of
from daemon.workflow.steps import Step

SOURCE: Final = "receipt"
"""Source of inbox rows."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What a gateway posted to our webhook, as it came."""

    gateway: str
    body: bytes
    content_type: str


def take_in(connection: Connection, posted: Posted, now: datetime) -> int:
    """Keep it, before anybody tries to understand it. Gateways take their turns like other senders: one that
    comes back with the receipts of a day holds up no citizen."""
    payload = {
        "gateway": posted.gateway,
        "content_type": posted.content_type[:200],
        "body": posted.body.decode("utf-8", "replace"),
    }
    return arrivals.add_event(connection, SOURCE, payload, f"{SOURCE}:{posted.gateway}", now)


def _posted_of(payload: Mapping[str, object] | None) -> Posted:
    """What `take_in` wrote. Raises ValueError for any other shape."""
    match payload:
        case {"gateway": str(gateway), "content_type": str(content_type), "body": str(body)}:
            return Posted(gateway, body.encode("utf-8"), content_type)
    raise ValueError("no receipt")


def on_receipt(case: Case, row: inbox.Claimed, declared: Fields | None) -> Outcome:
    """A gateway reported: each report is kept once, and moves its message where it is news."""
    posted = _posted_of(row.payload)
    found = reports_of(posted.gateway, posted.body, posted.content_type, declared)
    if not found:
        nothing = steps.packed(Step("no_report", {"gateway": posted.gateway}))
        return Outcome("done", None, "recorded", "not_understood", [nothing])
    reports = [heard_of(posted.gateway, "webhook", report, row.received_at, row.id) for report in found]
    explanation = [steps.packed(hear(case.connection, heard, case.now)) for heard in reports]
    return Outcome("done", None, "recorded", SOURCE, explanation)


def heard_of(
    gateway: str, source: receipts.Source, report: Report, received_at: datetime, inbox_id: int | None = None
) -> receipts.Heard:
    """`report` as it is kept."""
    said = Receipt(report.state, received_at, report.at, report.segment or WHOLE, report.code)
    return receipts.Heard(source, gateway, report.peer_id, said, inbox_id=inbox_id)


def hear(connection: Connection, heard: receipts.Heard, now: datetime, outbox_id: int | None = None) -> Step:
    """Keep one receipt, and let its message follow; returns what became of it, for `explain`."""
    if outbox_id is None:
        message = receipts.message_of(connection, heard.gateway, heard.peer_id)
    else:
        message = receipts.before(connection, outbox_id)
    told = f"{heard.gateway} {heard.receipt.state} {heard.word}".strip()
    if not receipts.add(connection, heard, message.outbox_id if message else None):
        return Step("receipt_again", {"told": told})
    if message is None:
        return Step("receipt_of_none", {"told": told})
    if heard.receipt.state in FINAL and message.state is None and heard.receipt.segment == WHOLE:
        # The usual case: the first final word of the whole message decides alone.
        _stand(connection, message, [heard.receipt], now)
    elif heard.receipt.state not in BARE:
        _stand(connection, message, receipts.of_message(connection, message.outbox_id), now)
    return Step("receipt_of", {"told": told, "message": message.outbox_id})


def follow(connection: Connection, outbox_id: int, now: datetime) -> None:
    """Let a message stand as all its receipts say."""
    message = receipts.before(connection, outbox_id)
    if message is not None:
        _stand(connection, message, receipts.of_message(connection, outbox_id), now)


def _stand(connection: Connection, message: receipts.Before, said: Sequence[Receipt], now: datetime) -> None:
    """Where it turns out that a message did not arrive, that is a failure of delivery, and comes to the
    desk."""
    has_parts = any(one.segment for one in said)
    delivery = delivery_of(said, _segments_of(connection, message.outbox_id) if has_parts else 0)
    if not message.is_like(delivery):
        receipts.note(connection, message.outbox_id, delivery)
    # An e-mail that comes back is told by whoever read the bounce, with what it says of the address.
    if delivery.has_failed and message.state not in ERRORS and message.channel == "sms":
        code = next((one.code for one in said if one.state == delivery.state and one.code), "")
        failure = deliveries.Failure(
            message.outbox_id,
            f"{delivery.state} {code}".strip(),
            is_undelivered=True,
            is_contradictory=delivery.is_contradictory,
        )
        deliveries.report(connection, failure, now)


def _segments_of(connection: Connection, outbox_id: int) -> int:
    words = receipts.words_of(connection, outbox_id)
    return segments.count(words.decode("utf-8", "replace")).segments if words else 0


def match_accepted(connection: Connection, peer_ids: Sequence[str], now: datetime) -> None:
    """Let messages that a gateway accepted just now follow the receipts that came before."""
    for outbox_id in receipts.match_accepted(connection, peer_ids, now):
        follow(connection, outbox_id, now)


def match_early(connection: Connection, now: datetime, most: int) -> None:
    """The same for whatever waits for its acceptance."""
    for outbox_id in receipts.match_early(connection, now, most):
        follow(connection, outbox_id, now)
