"""The commands `tickets list` and `tickets show`.

What an agent does with a ticket stands in `cli.agents`, its files stand in `cli.files`.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection

from daemon.cli.context import (
    CommandFailed,
    Context,
    print_json,
    print_line,
    print_table,
    ticket_number,
    whole_number,
)
from daemon.settings import policy_of
from daemon.store import deadlines, history, messages, outbox, tickets
from daemon.templating.words import words_of
from daemon.workflow.deadlines import first_response_due, processing_due, reopened_processing_due
from daemon.workflow.model import Ticket
from daemon.workflow.policy import Policy


def add_list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--limit", type=whole_number, metavar="N", help="only the newest N")
    parser.set_defaults(run=list_tickets)


def add_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", metavar="N")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.set_defaults(run=show)


def list_tickets(context: Context, arguments: argparse.Namespace) -> int:
    policy = policy_of(context.config)
    with context.database() as database:
        stored = database.read_now(tickets.walk, arguments.limit)
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
        "team": ticket.team,
        "held": ticket.held,
        "linked_to": ticket.linked_to,
        "rating": ticket.rating,
        "rating_comment": ticket.rating_comment or None,
        "rated_at": context.stamp(ticket.rated_at),
    }


def show(context: Context, arguments: argparse.Namespace) -> int:
    number = ticket_number(arguments.number)
    with context.database() as database:
        found = database.read_now(_gather, context, number, policy_of(context.config))
    if found is None:
        raise CommandFailed(f"there is no ticket {number}")
    if arguments.json:
        print_json(found)
    else:
        _print(found)
    return 0


def _gather(connection: Connection, context: Context, number: str, policy: Policy) -> dict[str, Any] | None:
    stored = tickets.by_number(connection, number)
    if stored is None:
        return None
    from daemon.cli import files

    judged = files.by_message(connection, stored.id)
    english = words_of(context.config.service.templates_dir, "en")
    return document(context, stored.ticket, policy) | {
        "messages": [
            {
                "mail": row.inbox_id,
                "at": context.stamp(row.at),
                "from": row.sender_email,
                "from_name": row.sender_name,
                "is_requester": row.is_requester,
                "is_staff": row.is_staff,
                "subject": row.subject,
                "text": row.text,
                "new_text": row.new_text,
                "attachments": judged.get(row.id, [asdict(part) for part in row.parts]),
            }
            for row in messages.of_ticket(connection, stored.id)
        ],
        "deadlines": [
            {"kind": row.kind, "due_at": context.stamp(row.due_at)}
            for row in deadlines.of_ticket(connection, stored.id)
        ],
        "history": [
            {
                "at": context.stamp(row.at),
                "event": row.event,
                "note": english.lines(row.entry.lines),
                "state": row.entry.state,
                "lines": [{"code": line.code, "values": dict(line.values)} for line in row.entry.lines],
            }
            for row in history.of_ticket(connection, stored.id)
        ],
        "outbox": [
            {
                "id": row.id,
                "notification": row.notification,
                "channel": row.channel,
                "recipient": row.recipient,
                "state": row.state,
                "attempts": row.attempts,
                "due_at": context.stamp(row.due_at),
                "sent_at": context.stamp(row.sent_at),
                "reference": row.reference,
                "error": row.last_error,
            }
            for row in outbox.of_ticket(connection, stored.id)
        ],
    }


def _print(found: dict[str, Any]) -> None:
    from daemon.cli import files

    requester = found["requester"]
    print_line(
        f"{found['number']}  {found['state']}"
        + (f" ({found['close_reason']})" if found["close_reason"] else "")
    )
    print_line(f"  subject         {found['subject']}")
    who = "  ".join(requester[key] or "-" for key in ("name", "email", "phone", "handle"))
    print_line(f"  requester       {who}")
    print_line(f"  request number  {found['request_number'] or '-'}   category {found['category'] or '-'}")
    print_line(f"  opened          {found['opened_at']}")
    for line in found["deadlines"]:
        print_line(f"  due             {line['due_at']}  {line['kind']}")
    for title in ("messages", "history", "outbox"):
        print(f"\n{title}:")
        for line in found[title]:
            print_line("  " + _line(title, line))
            for one in line.get("attachments", ()):
                print_line(f"      {files.line(one)}")


def _line(title: str, line: dict[str, Any]) -> str:
    if title == "messages":
        text = " ".join(line["new_text"].split())
        return f"{line['at']}  mail {line['mail']}  {line['from']}: {text[:100]}"
    if title == "history":
        return f"{line['at']}  {line['event']}: {line['note']} [{line['state']}]"
    error = f"  {line['error']}" if line["error"] else ""
    return (
        f"{line['id']}  {line['notification']} {line['channel']} {line['recipient']}  {line['state']}{error}"
    )
