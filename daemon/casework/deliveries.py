"""What happens to our own messages after they left: accepted, refused for good, bounced later.

Each comes back as an inbox row, so that it is decided on once, in its turn. `workflow` decides what follows
for a ticket; `loops.delivery` tries again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection

from daemon.casework.case import Case
from daemon.casework.occasion import Occasion
from daemon.store import addresses, inbox, messages, other_ways, outbox, shadow, tickets
from daemon.store.inbox import Outcome
from daemon.workflow import steps
from daemon.workflow.events import DeliveryAccepted, DeliveryFailed
from daemon.workflow.steps import Code, Step

if TYPE_CHECKING:
    from daemon.casework.letter import Letter

FAILED: Final = "delivery_failure"
ACCEPTED: Final = "delivery_accepted"
"""Sources of inbox rows."""
FLAGS: Final = (
    *("has_bounced", "is_of_another", "is_undelivered", "is_contradictory", "is_cancelled"),
    "is_late",
)


@dataclass(frozen=True, slots=True)
class Failure:
    """An outbox row failed for good, as an inbox row reports it. `is_of_another`: a bounce does not name the
    row's recipient; it may be of a forwarding behind it, or a forgery. `is_undelivered`: a receipt says so,
    `is_contradictory`: and another one says that it arrived. `is_cancelled`: the operator ended it;
    `is_late`: it waits since days, and is still tried."""

    outbox_id: int
    error: str
    has_bounced: bool = False
    is_of_another: bool = False
    said: str = ""
    """What the server said that bounced it."""
    is_undelivered: bool = False
    is_contradictory: bool = False
    is_cancelled: bool = False
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The next system took an outbox row whose acceptance starts a clock."""

    outbox_id: int
    at: datetime


def report(connection: Connection, what: Failure | Acceptance, now: datetime) -> None:
    """Queue it as an inbox row."""
    if isinstance(what, Acceptance):
        taken = {"outbox_id": what.outbox_id, "at": what.at.isoformat()}
        inbox.add_event(connection, ACCEPTED, taken, now)
        return
    failed: dict[str, object] = {"outbox_id": what.outbox_id, "error": what.error}
    failed |= {"said": what.said} if what.said else {}
    flags = {name: True for name in FLAGS if getattr(what, name)}
    inbox.add_event(connection, FAILED, failed | flags, now)


def failure_of(payload: Mapping[str, object] | None) -> Failure:
    """What `report` wrote. Raises ValueError for any other shape."""
    match payload:
        case {"outbox_id": int(outbox_id), "error": str(error), **more}:
            said = more.get("said", "")
            flags = {name: more.get(name) is True for name in FLAGS}
            return Failure(outbox_id, error, said=said if isinstance(said, str) else "", **flags)
    raise ValueError("no report of a failure")


def acceptance_of(payload: Mapping[str, object] | None) -> Acceptance:
    """What `report` wrote. Raises ValueError for any other shape."""
    match payload:
        case {"outbox_id": int(outbox_id), "at": str(at)}:
            return Acceptance(outbox_id, datetime.fromisoformat(at))
    raise ValueError("no report of an acceptance")


def believed(letter: Letter, ours: set[str]) -> outbox.Kept | None:
    """Our message that a report is about; None where it is not about ours, or is forged.

    A mail server signs no reports, so DMARC may refute a true one. One on the null path (RFC 5321, 4.5.5)
    that names our Message-ID and the recipient of that very row is its own proof.
    """
    bounced, authenticity = letter.reading.classification, letter.reading.authenticity
    if bounced.bounced_message_id not in ours:
        return None
    row = outbox.by_reference(letter.case.connection, bounced.bounced_message_id or "")
    if row is None:
        return None
    is_own_proof = letter.reading.mail.return_path == "" and names_recipient(letter, row)
    is_forged = authenticity.is_spam or (authenticity.dmarc == "fail" and not is_own_proof)
    return None if is_forged else row


def names_recipient(letter: Letter, row: outbox.Kept) -> bool:
    """Whether a report names the very recipient of that row; else it may be of a forwarding behind it."""
    named = (letter.reading.classification.bounced_recipient or "").lower()
    return named == row.recipient.lower()


def on_bounce(letter: Letter, ours: set[str]) -> None:
    """A bounce of our own mail queues a failure of that very row; a forged one does nothing."""
    case, bounced = letter.case, letter.reading.classification
    if bounced.bounced_message_id not in ours or bounced.bounce_action not in ("failed", ""):
        letter.step("no_failure_of_ours")
        return
    row = believed(letter, ours)
    if row is None:
        letter.step("forged_bounce")
        return
    error = f"bounced {bounced.status}".strip()
    if outbox.mark_bounced(case.connection, row.id, error, case.now):
        is_of_another = not names_recipient(letter, row)
        report(case.connection, Failure(row.id, error, True, is_of_another, bounced.said), case.now)
        letter.step("row_bounced", message=row.id)


def on_failure(case: Case, row: inbox.Claimed) -> Outcome:
    """A message of ours failed for good: staff hear of it, and what is left is tried another way."""
    failure = failure_of(row.payload)
    said = outbox.by_id(case.connection, failure.outbox_id)
    assert said is not None
    found = tickets.by_id(case.connection, said.ticket_id) if said.ticket_id else None
    found = tickets.following(case.connection, found)
    is_dead = _may_be_dead(case, said, failure) and _note(case, said, failure)
    event = DeliveryFailed(
        at=case.now,
        notification=said.notification,
        channel=said.channel,
        recipient=said.recipient,
        audience=said.audience,
        error=f"{failure.error}: {failure.said}" if failure.said else failure.error,
        has_bounced=failure.has_bounced,
        is_address_dead=is_dead,
        is_undelivered=failure.is_undelivered,
        is_contradictory=failure.is_contradictory,
        is_superseded=failure.is_undelivered and other_ways.is_superseded(case.connection, said),
        is_cancelled=failure.is_cancelled,
        is_late=failure.is_late,
    )
    settled = case.settle(Occasion("delivery", event, found, row.id, failed=said))
    if said.audience != "operator" and not (
        failure.is_undelivered or failure.is_cancelled or failure.is_late
    ):
        # An alert about an undelivered alert would feed itself; and that a telephone is off is no trouble of
        # ours: staff hear of it where it matters, and the digest counts it.
        case.alert("delivery", f"outbox {said.id}: {failure.error}")
    note = settled.decision.note
    return Outcome("done", None, "recorded", "delivery_failed", [note], settled.ticket_id)


def _may_be_dead(case: Case, said: outbox.Kept, failure: Failure) -> bool:
    is_ended = not (failure.is_cancelled or failure.is_late)
    return said.channel == "email" and is_ended and not _is_alive(case, said, failure)


def _is_alive(case: Case, said: outbox.Kept, failure: Failure) -> bool:
    """Whether the requester has written since they got what now comes back. Their answer carries its
    Message-ID to everybody whom it is copied to, and with that a bounce can be forged (DESIGN §3,
    Classification): it holds the closure and staff hear of it, and the address stays."""
    if not failure.has_bounced or said.audience != "requester" or said.ticket_id is None:
        return False
    sent_at = said.sent_at or said.created_at
    return messages.requester_wrote_since(case.connection, said.ticket_id, sent_at) is not None


def _note(case: Case, said: outbox.Kept, failure: Failure) -> bool:
    """Remember the failure; True where the address is to get no more mail."""
    is_hard = is_dead_address(failure.error) and not failure.is_of_another
    return addresses.note_failure(case.connection, said.recipient, case.now, is_hard=is_hard)


def on_acceptance(case: Case, row: inbox.Claimed) -> Outcome:
    """A message was taken whose acceptance starts a clock."""
    taken = acceptance_of(row.payload)
    said = outbox.by_id(case.connection, taken.outbox_id)
    assert said is not None
    if said.has_come_back:
        # Both are known at once: it was taken, and did not arrive. No clock runs from that.
        return _recorded("came_back", "came_back", said.id)
    if said.gateway == shadow.SHADOW and not shadow.is_on(case.connection):
        # Decided on after the desk went live: its reader never had it, and no clock runs against them.
        return _recorded("shadow", "shadow_only", said.id)
    assert said.ticket_id is not None
    found = tickets.following(case.connection, tickets.by_id(case.connection, said.ticket_id))
    if found is None:
        return _recorded("erased", "erased", said.id)
    event = DeliveryAccepted(taken.at, said.notification, said.channel)
    settled = case.settle(Occasion("delivery", event, found, row.id))
    note = settled.decision.note
    return Outcome("done", None, "recorded", "delivery_accepted", [note], settled.ticket_id)


def _recorded(reason: str, code: Code, outbox_id: int) -> Outcome:
    """No more is done about it."""
    return Outcome("done", None, "recorded", reason, [steps.packed(Step(code, {"message": outbox_id}))])


_DEAD = re.compile(r"(?<![0-9.])5\.(?:1\.(?:1|2|3|6|10)|2\.1|4\.4)(?![0-9])")
"""Enhanced status codes (RFC 3463, section 3) that speak of the address itself: no such mailbox or domain,
bad syntax, moved away, no MX that takes mail, disabled."""


def is_dead_address(error: str) -> bool:
    """Whether a failure for good says that the address takes nothing, and not only this message."""
    return _DEAD.search(error) is not None
