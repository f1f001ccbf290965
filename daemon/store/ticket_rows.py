"""A ticket as its row, and a row as its ticket."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from daemon.workflow.model import Requester, Ticket


@dataclass(frozen=True, slots=True)
class Stored:
    """A ticket, the id of its row, and of the one it was merged into."""

    id: int
    ticket: Ticket
    merged_into: int | None = None


def to_row(ticket: Ticket) -> dict[str, Any]:
    requester = ticket.requester
    return {
        "number": ticket.number,
        "state": ticket.state,
        "close_reason": ticket.close_reason,
        "channel": ticket.channel,
        "category": ticket.category,
        "request_number": ticket.request_number,
        "requester_name": requester.name,
        "requester_email": requester.email.lower() if requester.email else None,
        "requester_email_shown": requester.email,
        "requester_phone": requester.phone,
        "requester_handle": requester.handle.lower() if requester.handle else None,
        "phone_vouched": requester.is_phone_vouched,
        "phone_unproved": requester.is_phone_unproved,
        "phone_told": requester.is_phone_told,
        "email_dead": requester.is_email_dead,
        "subject": ticket.subject,
        "authenticated": ticket.authenticated,
        "team": ticket.team,
        "opened_at": ticket.opened_at,
        "running_since": ticket.running_since,
        "used_s": ticket.used.total_seconds(),
        "info_requested_at": ticket.info_requested_at,
        "info_text": ticket.info_text,
        "wrote_since_asked": ticket.wrote_since_asked,
        "has_unseen_attachments": ticket.has_unseen_attachments,
        "warned_at": ticket.warned_at,
        "warning_accepted_at": ticket.warning_accepted_at,
        "assignee": ticket.assignee,
        "extension_days": ticket.extension_days,
        "reminded": sorted(ticket.reminded),
        "first_response_at": ticket.first_response_at,
        "first_response_breached_at": ticket.first_response_breached_at,
        "processing_breached_at": ticket.processing_breached_at,
        "resolved_at": ticket.resolved_at,
        "closed_at": ticket.closed_at,
        "held": ticket.held,
        "escalation": ticket.escalation,
        "escalated_at": ticket.escalated_at,
        "escalation_accepted_at": ticket.escalation_accepted_at,
        "escalated_by_staff": ticket.is_escalated_by_staff,
        "reopened_at": ticket.reopened_at,
        "used_before_s": ticket.used_before.total_seconds(),
        "used_over_s": ticket.used_over.total_seconds(),
        "reanswered_at": ticket.reanswered_at,
        "told_late_at": ticket.told_late_at,
        "escalation_told_late_at": ticket.escalation_told_late_at,
        "contacted_at": ticket.contacted_at,
        "linked_to": ticket.linked_to,
        "surveyed_at": ticket.surveyed_at,
        "rating": ticket.rating,
        "rating_comment": ticket.rating_comment,
        "rated_at": ticket.rated_at,
        "language": ticket.language,
        "is_counted": False,
    }


def from_row(row: Row[Any]) -> Stored:
    ticket = Ticket(
        number=row.number,
        state=row.state,
        channel=row.channel,
        requester=Requester(
            row.requester_name,
            row.requester_email_shown,
            row.requester_phone,
            row.phone_vouched,
            is_phone_unproved=row.phone_unproved,
            is_phone_told=row.phone_told,
            handle=row.requester_handle,
            is_email_dead=row.email_dead,
        ),
        opened_at=row.opened_at,
        subject=row.subject,
        category=row.category,
        request_number=row.request_number,
        close_reason=row.close_reason,
        authenticated=row.authenticated,
        team=row.team,
        running_since=row.running_since,
        used=timedelta(seconds=row.used_s),
        info_requested_at=row.info_requested_at,
        info_text=row.info_text,
        wrote_since_asked=row.wrote_since_asked,
        has_unseen_attachments=row.has_unseen_attachments,
        warned_at=row.warned_at,
        warning_accepted_at=row.warning_accepted_at,
        assignee=row.assignee,
        extension_days=row.extension_days,
        reminded=frozenset(row.reminded),
        first_response_at=row.first_response_at,
        first_response_breached_at=row.first_response_breached_at,
        processing_breached_at=row.processing_breached_at,
        resolved_at=row.resolved_at,
        closed_at=row.closed_at,
        held=row.held,
        escalation=row.escalation,
        escalated_at=row.escalated_at,
        escalation_accepted_at=row.escalation_accepted_at,
        is_escalated_by_staff=row.escalated_by_staff,
        reopened_at=row.reopened_at,
        used_before=timedelta(seconds=row.used_before_s),
        used_over=timedelta(seconds=row.used_over_s),
        reanswered_at=row.reanswered_at,
        told_late_at=row.told_late_at,
        escalation_told_late_at=row.escalation_told_late_at,
        contacted_at=row.contacted_at,
        language=row.language,
        linked_to=row.linked_to,
        surveyed_at=row.surveyed_at,
        rating=row.rating,
        rating_comment=row.rating_comment,
        rated_at=row.rated_at,
    )
    return Stored(row.id, ticket, row.merged_into)
