"""The command `tickets show`: one ticket with its messages, deadlines, history and outbox.

What an agent does with a ticket stands in `cli.agents`, its files stand in `cli.files`.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection

from daemon.cli import files
from daemon.cli.context import CommandFailed, Context, print_json, print_line, ticket_number
from daemon.cli.english import english
from daemon.cli.tickets import document
from daemon.settings import policy_of
from daemon.store import deadlines, history, messages, outbox, tickets
from daemon.workflow.policy import Policy


def show(context: Context, arguments: argparse.Namespace) -> int:
    number = ticket_number(arguments.number)
    with context.database() as database:
        found = database.read_now(gather, context, number, policy_of(context.config))
        if found is None:
            raise CommandFailed(f"there is no ticket {number}")
        if arguments.deadlines:
            from daemon.cli import reckonings

            found |= database.read_now(reckonings.documents, context, number)
    if arguments.json:
        print_json(found)
    else:
        _print(found)
    return 0


def gather(connection: Connection, context: Context, number: str, policy: Policy) -> dict[str, Any] | None:
    """The ticket as one JSON document, None where there is none of that number."""
    stored = tickets.by_number(connection, number)
    if stored is None:
        return None
    judged = files.by_message(connection, stored.id)
    words = english(connection, context.config.service.templates_dir)
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
                "note": words.lines(row.entry.lines),
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
                "delivery": {
                    "state": row.standing,
                    "at": context.stamp(row.delivery_at or row.sent_at),
                    "contradictory": row.is_contradictory,
                },
            }
            for row in outbox.of_ticket(connection, stored.id)
        ],
    }


def _print(found: dict[str, Any]) -> None:
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
    if "arithmetic" in found:
        from daemon.cli import reckonings

        reckonings.print_them(found["arithmetic"])


def _line(title: str, line: dict[str, Any]) -> str:
    if title == "messages":
        text = " ".join(line["new_text"].split())
        return f"{line['at']}  mail {line['mail']}  {line['from']}: {text[:100]}"
    if title == "history":
        return f"{line['at']}  {line['event']}: {line['note']} [{line['state']}]"
    error = f"  {line['error']}" if line["error"] else ""
    standing = line["delivery"]["state"]
    how = f", {standing}" if standing not in (None, "accepted") else ""
    about = f"{line['id']}  {line['notification']} {line['channel']} {line['recipient']}"
    return f"{about}  {line['state']}{how}{error}"
