"""The command `tickets list`, and a ticket as it is listed.

`cli.ticket` shows one with all that belongs to it; what an agent does with one stands in `cli.agents`.
"""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from daemon.cli.context import (
    Context,
    print_json,
    print_table,
    ticket_number,
)
from daemon.clock import SystemClock
from daemon.settings import policy_of
from daemon.store import tickets
from daemon.store.ticket_rows import Stored
from daemon.workflow.clocks import first_response_due, processing_due, reopened_processing_due
from daemon.workflow.model import Ticket
from daemon.workflow.policy import Policy

MOST_FOUND = 1000


def list_tickets(context: Context, arguments: argparse.Namespace) -> int:
    policy = policy_of(context.config)
    with context.database() as database:
        stored = database.read_now(_found, arguments)
    found = [document(context, one.ticket, policy) for one in stored]
    if arguments.json:
        print_json(found)
        return 0
    print_table(
        ("NUMBER", "STATE", "OPENED", "FIRST RESPONSE", "PROCESSING", "REQUEST", "SUBJECT"),
        (
            (
                one["number"],
                one["state"],
                one["opened_at"],
                one["first_response_due"],
                one["processing_due"],
                one["request_number"],
                one["subject"],
            )
            for one in found
        ),
    )
    return 0


def _found(connection: Connection, arguments: argparse.Namespace) -> list[Stored]:
    """All, or those that were asked for, oldest first. Raises CommandFailed for a mistyped number."""
    if not (arguments.find or arguments.state or arguments.late or arguments.escalated):
        return tickets.walk(connection, arguments.limit)
    from daemon.store import search
    from daemon.workflow.search_words import wanted_of

    wanted = wanted_of(arguments.find or "")
    if wanted.number:
        one = tickets.by_number(connection, wanted.number)
        return [one] if one else []
    if wanted.is_mistyped and not wanted.words:
        ticket_number(arguments.find)
    asked = search.Filter(
        wanted.words, arguments.state or "", is_late=arguments.late, is_escalated=arguments.escalated
    )
    return search.find(connection, asked, SystemClock().now(), arguments.limit or MOST_FOUND)[::-1]


def document(context: Context, ticket: Ticket, policy: Policy) -> dict[str, Any]:
    """A ticket as `tickets list --json` shows it (DESIGN §4)."""
    return {
        "number": ticket.number,
        "state": ticket.state,
        "close_reason": ticket.close_reason,
        "channel": ticket.channel,
        "category": ticket.category,
        "request_number": ticket.request_number,
        "requester": {
            "name": ticket.requester.name,
            "email": ticket.requester.email,
            "phone": ticket.requester.phone,
            "handle": ticket.requester.handle,
        },
        "subject": ticket.subject,
        "opened_at": context.stamp(ticket.opened_at),
        "first_response_due": context.stamp(first_response_due(ticket, policy)),
        "processing_due": context.stamp(reopened_processing_due(ticket, policy)),
        "escalation_possible_at": context.stamp(processing_due(ticket, policy)),
        "escalated": ticket.escalated,
        "escalation": ticket.escalation or None,
        "assignee": ticket.assignee,
        "contacted_at": context.stamp(ticket.contacted_at),
        "language": ticket.language or context.config.service.language,
        "first_response_at": context.stamp(ticket.first_response_at),
        "breached": sorted(
            kind
            for kind, at in (
                ("first_response", ticket.first_response_breached_at),
                ("processing", ticket.processing_breached_at),
            )
            if at
        ),
        "breached_at": context.stamp(_breached_at(ticket)),
        "team": ticket.team,
        "held": ticket.held,
        "linked_to": ticket.linked_to,
        "rating": ticket.rating,
        "rating_comment": ticket.rating_comment or None,
        "rated_at": context.stamp(ticket.rated_at),
    }


def _breached_at(ticket: Ticket) -> datetime | None:
    """When the first of the opening's two promises was broken; None where both held so far."""
    return min(filter(None, (ticket.first_response_breached_at, ticket.processing_breached_at)), default=None)
