"""The commands `outbox list`, `show` and `retry`: what waits, what failed and why."""

from __future__ import annotations

import argparse
from typing import Any

from sqlalchemy import Connection

from daemon.cli.context import CommandFailed, Context, print_json, print_line, print_table, whole_number
from daemon.cli.output import write_octets
from daemon.clock import SystemClock
from daemon.plain import ISOLATES
from daemon.store import outbox, tickets

STATES = ("queued", "claimed", "sent", "failed", "held", "cancelled", "suppressed")


def add(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="every message, oldest first")
    listing.add_argument("--json", action="store_true", help="one JSON document")
    listing.add_argument("--state", choices=STATES)
    listing.add_argument("--limit", type=whole_number, metavar="N", help="only the newest N")
    listing.set_defaults(run=list_rows)
    showing = actions.add_parser("show", help="one message: its life and its words")
    showing.add_argument("id", type=whole_number, metavar="ID")
    showing.add_argument("--json", action="store_true", help="one JSON document")
    showing.add_argument("--raw", action="store_true", help="the very bytes that are sent, nothing else")
    showing.set_defaults(run=show)
    retrying = actions.add_parser("retry", help="try waiting or failed messages now")
    retrying.add_argument("ids", type=whole_number, nargs="*", metavar="ID")
    retrying.add_argument("--failed", action="store_true", help="every failed one")
    retrying.set_defaults(run=retry)


def list_rows(context: Context, arguments: argparse.Namespace) -> int:
    with context.database() as database:
        rows = database.read_now(outbox.walk, state=arguments.state, limit=arguments.limit)
        found = database.read_now(_documents, context, rows)
    if arguments.json:
        print_json(found)
        return 0
    print_table(
        ("ID", "STATE", "CHANNEL", "NOTIFICATION", "TICKET", "TRIES", "DUE", "ERROR"),
        (
            (
                one["id"],
                one["state"],
                one["channel"],
                one["notification"],
                one["ticket"],
                one["attempts"],
                one["due_at"] if one["state"] == "queued" else one["sent_at"],
                one["error"] or "",
            )
            for one in found
        ),
    )
    return 0


def _documents(connection: Connection, context: Context, rows: list[outbox.Kept]) -> list[dict[str, Any]]:
    numbers: dict[int, str | None] = {}
    for row in rows:
        if row.ticket_id and row.ticket_id not in numbers:
            numbers[row.ticket_id] = tickets.number_of(connection, row.ticket_id)
    return [_document(context, row, numbers.get(row.ticket_id or 0)) for row in rows]


def _document(context: Context, row: outbox.Kept, ticket: str | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "state": row.state,
        "channel": row.channel,
        "notification": row.notification,
        "audience": row.audience,
        "recipient": row.recipient,
        "ticket": ticket,
        "cause": row.cause,
        "reference": row.reference,
        "attempts": row.attempts,
        "due_at": context.stamp(row.due_at),
        "created_at": context.stamp(row.created_at),
        "sent_at": context.stamp(row.sent_at),
        "peer_id": row.peer_id,
        "error": row.last_error,
        "is_uncertain": row.is_uncertain,
        "template_revision": row.template_revision,
    }


def show(context: Context, arguments: argparse.Namespace) -> int:
    with context.database() as database:
        row = database.read_now(outbox.by_id, arguments.id)
        if row is None:
            raise CommandFailed(f"there is no message {arguments.id} in the outbox")
        (found,) = database.read_now(_documents, context, [row])
    content = (row.frozen or b"").decode("utf-8", "replace")
    if arguments.raw:
        write_octets(row.frozen or b"")
    elif arguments.json:
        print_json(found | {"values": row.values, "content": content or None})
    else:
        for key, value in found.items():
            print_line(f"{key:18} {value if value is not None else '-'}")
        shown = content.replace("\r\n", "\n").translate(ISOLATES)
        print(f"\n{shown or 'not written yet: it is written just before the first attempt'}")
    return 0


def retry(context: Context, arguments: argparse.Namespace) -> int:
    if not arguments.ids and not arguments.failed:
        raise CommandFailed("which? give ids, or --failed for every failed one")
    now = SystemClock().now()
    with context.database() as database:
        ids = list(arguments.ids)
        if arguments.failed:
            ids += [row.id for row in database.read_now(outbox.walk, state="failed")]
        refused = [row_id for row_id in ids if not database.transact_now(outbox.retry, row_id, now)]
    if refused:
        names = ", ".join(map(str, refused))
        raise CommandFailed(f"not waiting or failed, left as they are: {names}")
    print(f"{len(ids)} will be tried at once")
    return 0
