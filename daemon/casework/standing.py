"""Tells how a complaint stands, for its customer or an agent.

It also writes the answer as it is kept under an Idempotency-Key, and reads it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache

from pydantic import TypeAdapter
from sqlalchemy import Connection

from daemon.casework.case import Case
from daemon.front_desk import Answer, Standing, Step
from daemon.store import messages, outbox, ticket_rows
from daemon.workflow import notices, trust
from daemon.workflow.clocks import first_response_due, processing_due
from daemon.workflow.deadline_kinds import NO_RESPONSE
from daemon.workflow.deadlines import open_deadlines
from daemon.workflow.endings import closes_at, reopen_until
from daemon.workflow.escalation import asked_escalation, escalation_ground
from daemon.workflow.model import Ticket
from daemon.workflow.naming import missing
from daemon.workflow.policy import Policy
from daemon.workflow.reopening import is_over_for_good


def standing_of(case: Case, stored: ticket_rows.Stored, *, is_on_page: bool = False) -> Standing:
    """How the complaint stands now, for who holds its link (`is_on_page`) or for who brought it. Once a mail
    has proved the address that a caller gave, the caller reads no word of staff, and has only the link of
    before, which opens nothing any more."""
    ticket, policy, now = stored.ticket, case.policy, case.now
    is_open = is_on_page or not trust.is_proved_since(ticket)
    epoch = trust.epoch(ticket) if is_open else trust.EPOCHS[0]
    is_over = is_over_for_good(ticket, policy, now)
    ground = "" if is_over else escalation_ground(ticket, policy, now)
    return Standing(
        number=ticket.number,
        state=ticket.state,
        channel=ticket.channel,
        opened_at=ticket.opened_at,
        status_url=case.stationery.links.status(stored.id, now, epoch),
        close_reason=ticket.close_reason,
        category=ticket.category,
        request_number=ticket.request_number,
        missing=tuple(missing(ticket)),
        escalation=asked_escalation(ticket),
        may_escalate=bool(ground) and asked_escalation(ticket) not in ("raised", "accepted"),
        escalation_possible_at=None if ground else processing_due(ticket, policy),
        is_late=ticket.state == "open" and ground == "processing_exceeded",
        is_held=ticket.held,
        answer_by=first_response_due(ticket, policy) if ticket.state == "open" else None,
        next_by=_next_by(ticket, policy),
        may_add=not is_over,
        rating=ticket.rating,
        language=ticket.language,
        steps=_steps(case.connection, stored.id, is_open=is_open),
    )


def _next_by(ticket: Ticket, policy: Policy) -> datetime | None:
    if ticket.state == "open":
        return processing_due(ticket, policy)
    if ticket.state == "resolved":
        return closes_at(ticket, policy)
    if ticket.state == "closed":
        return reopen_until(ticket, policy)
    due = (one.due_at for one in open_deadlines(ticket, policy) if one.kind == NO_RESPONSE)
    return next(due, None)


def _steps(connection: Connection, ticket_id: int, *, is_open: bool) -> tuple[Step, ...]:
    """What was said to the customer, once for both channels, and when they wrote, in order; with the words
    where it `is_open`."""
    found: dict[tuple[str, str], Step] = {}
    for row in outbox.of_ticket(connection, ticket_id):
        if row.audience == "requester" and row.state not in ("suppressed", "cancelled"):
            quotes = is_open and notices.of(row.notification).quotes_staff
            text = str(row.values.get("text") or "") if quotes else ""
            found.setdefault((row.cause, row.notification), Step(row.created_at, row.notification, text))
    for message in messages.of_ticket(connection, ticket_id):
        if message.is_requester:
            found[("message", str(message.id))] = Step(message.at, "customer_wrote")
    return tuple(sorted(found.values(), key=lambda step: (step.at, step.what != "customer_wrote")))


def to_json(answer: Answer) -> Mapping[str, object]:
    """An answer as it is kept; the history is left out, since no answer through the API tells it."""
    kept = replace(answer, standing=replace(answer.standing, steps=()))
    found: Mapping[str, object] = _shape().dump_python(kept, mode="json")
    return found


def from_json(kept: Mapping[str, object]) -> Answer:
    """Read again what `to_json` kept. Raises ValueError for any other shape."""
    return _shape().validate_python(kept)


@cache
def _shape() -> TypeAdapter[Answer]:
    return TypeAdapter(Answer)
