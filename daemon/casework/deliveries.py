"""Owns what becomes of our own messages after they left: accepted, refused for good, bounced later.

What follows for a ticket is decided in `workflow`; retries are `loops.delivery`'s.
"""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import Connection

from daemon.casework.records import Records
from daemon.reading.mail import Reading
from daemon.store import addresses, inbox, outbox, tickets
from daemon.store.inbox import Outcome
from daemon.workflow.decide import decide
from daemon.workflow.events import DeliveryAccepted, DeliveryFailed
from daemon.workflow.model import Facts
from daemon.workflow.policy import Policy


class Aftermath:
    """Notes it inside the caller's transaction, under one policy."""

    def __init__(self, policy: Policy, records: Records) -> None:
        self._policy = policy
        self._records = records

    def on_bounce(
        self, connection: Connection, reading: Reading, ours: set[str], explanation: list[str], now: datetime
    ) -> None:
        """A bounce of our own mail queues a failure of that very row; a forged one does nothing."""
        bounced = reading.classification
        if bounced.bounced_message_id not in ours or bounced.bounce_action not in ("failed", ""):
            explanation.append("not a failure of a mail of ours: nothing done")
            return
        if reading.authenticity.dmarc == "fail" or reading.authenticity.is_spam:
            explanation.append("a bounce that is forged, or called spam: nothing done")
            return
        row = outbox.by_reference(connection, bounced.bounced_message_id or "")
        error = f"bounced {bounced.status}".strip()
        if row is not None and outbox.mark_bounced(connection, row.id, error, now):
            payload = {"outbox_id": row.id, "error": error, "has_bounced": True}
            if bounced.bounced_recipient and bounced.bounced_recipient.lower() != row.recipient.lower():
                # Somewhere behind the address: it may be a forwarding, or a forgery. Staff hear of it.
                payload["is_of_another"] = True
            inbox.add_event(connection, "delivery_failure", payload, now)
            explanation.append(f"our outbox row {row.id} bounced")

    def on_failure(self, connection: Connection, row: inbox.Claimed, now: datetime) -> Outcome:
        payload = row.payload or {}
        said = outbox.by_id(connection, payload["outbox_id"])
        assert said is not None
        found = tickets.by_id(connection, said.ticket_id) if said.ticket_id else None
        found = tickets.following(connection, found)
        is_hard = is_dead_address(payload["error"]) and not payload.get("is_of_another")
        is_dead = said.channel == "email" and addresses.note_failure(
            connection, said.recipient, now, is_hard=is_hard
        )
        event = DeliveryFailed(
            at=now,
            notification=said.notification,
            channel=said.channel,
            recipient=said.recipient,
            audience=said.audience,
            error=payload["error"],
            has_bounced=payload.get("has_bounced", False),
            is_address_dead=is_dead,
        )
        has_other, accepted_at = outbox.other_channel(connection, said)
        facts = Facts(
            found.ticket if found else None,
            has_other_channel=has_other,
            other_accepted_at=accepted_at,
            may_try_sms=not outbox.was_said_by(connection, said, "sms"),
            failed_values=said.values,
        )
        decision = decide(facts, event, self._policy, now)
        ticket_id = (
            self._records.write_ticket(connection, decision, found, "delivery", now) if found else None
        )
        self._records.say(connection, f"inbox:{row.id}", decision, ticket_id, now)
        if said.audience != "operator":
            # An alert about an undelivered alert would feed itself.
            self._records.alert(connection, "delivery", f"outbox {said.id}: {payload['error']}", now)
        return Outcome("done", None, "recorded", "delivery_failed", [decision.note], ticket_id)

    def on_acceptance(self, connection: Connection, row: inbox.Claimed, now: datetime) -> Outcome:
        payload = row.payload or {}
        said = outbox.by_id(connection, payload["outbox_id"])
        assert said is not None
        assert said.ticket_id is not None
        found = tickets.following(connection, tickets.by_id(connection, said.ticket_id))
        assert found is not None
        event = DeliveryAccepted(datetime.fromisoformat(payload["at"]), said.notification, said.channel)
        decision = decide(Facts(found.ticket), event, self._policy, now)
        ticket_id = self._records.write_ticket(connection, decision, found, "delivery", now)
        return Outcome("done", None, "recorded", "delivery_accepted", [decision.note], ticket_id)


_DEAD = re.compile(r"(?<![0-9.])5\.(?:1\.(?:1|2|3|6|10)|2\.1|4\.4)(?![0-9])")
"""Enhanced status codes (RFC 3463, section 3) that speak of the address itself: no such mailbox or domain,
bad syntax, moved away, no MX that takes mail, disabled."""


def is_dead_address(error: str) -> bool:
    """Whether a failure for good says that the address takes nothing, and not only this message."""
    return _DEAD.search(error) is not None
