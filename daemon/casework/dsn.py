"""A report about an e-mail of ours (RFC 3464) is a receipt of that message, whatever it says of it.

What a failure does besides stands in `casework.deliveries`: it marks the address and holds the closure. A
report of a delay does neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from daemon.casework import deliveries, receipts
from daemon.casework.letter import Letter
from daemon.store.receipts import EMAIL, Heard
from daemon.workflow import steps
from daemon.workflow.receipts import Receipt
from daemon.workflow.vocabulary import DeliveryState

_STATES: Final[Mapping[str, DeliveryState]] = {
    "failed": "undelivered",
    "": "undelivered",  # a bounce without a report says so in words
    "delivered": "delivered",
    # RFC 3464, section 2.3.3: handed on to where no more is told, to several, or still being tried.
    "relayed": "accepted",
    "expanded": "accepted",
    "delayed": "accepted",
}


def on_report(letter: Letter, ours: set[str]) -> None:
    """Keep it as a receipt of the message that it is about; a forged one does nothing."""
    row = deliveries.believed(letter, ours)
    if row is None:
        return
    case, said = letter.case, letter.reading.classification
    state = _STATES.get(said.bounce_action, "unknown")
    if state == "delivered" and not deliveries.names_recipient(letter, row):
        state = "accepted"  # somebody has it: one behind a forwarding
    receipt = Receipt(state, letter.at, code=said.status)
    heard = Heard("dsn", EMAIL, row.reference, receipt, said.bounce_action, letter.row.id)
    letter.note(steps.packed(receipts.hear(case.connection, heard, case.now, row.id)))
