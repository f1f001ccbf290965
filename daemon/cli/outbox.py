"""The commands `outbox list` and `show`: what waits, what failed and why. `cli.outbox_acts` acts on it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from daemon.cli import outbox_acts
from daemon.cli.context import CommandFailed, Context, print_json, print_line, print_table
from daemon.cli.output import write_octets
from daemon.plain import ISOLATES
from daemon.store import compositions, holds, outbox, receipts, tickets
from daemon.store import outbox_acts as acts
from daemon.workflow.receipts import delivery_of


def list_rows(context: Context, arguments: argparse.Namespace) -> int:
    with context.database() as database:
        rows = database.read_now(_chosen, context, arguments)
        found = database.read_now(_documents, context, rows)
        on_hold = database.read_now(_on_hold, context)
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
    for line in on_hold:
        print_line(line)
    return 0


def _chosen(connection: Connection, context: Context, arguments: argparse.Namespace) -> list[outbox.Kept]:
    wanted = outbox_acts.chosen(connection, context, arguments)
    states = (arguments.state,) if arguments.state else ()
    return acts.find(connection, replace(wanted, states=states), arguments.limit)[::-1]


def _on_hold(connection: Connection, context: Context) -> list[str]:
    stamps = {one.id: context.stamp(one.held_at) for one in holds.in_force(connection)}
    return outbox_acts.hold_lines(connection, stamps)


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


def delivery(context: Context, row: outbox.Kept, said: Sequence[receipts.Shown]) -> dict[str, Any]:
    """How a message stands after it left: `state` null before it did."""
    found = delivery_of(one.receipt for one in said)
    return {
        "state": row.standing,
        "at": context.stamp(row.delivery_at or row.sent_at),
        "segments": [
            {"segment": part.number, "state": part.state, "at": context.stamp(part.at)}
            for part in found.parts
        ],
        "contradictory": row.is_contradictory,
    }


def _receipt(context: Context, one: receipts.Shown) -> dict[str, Any]:
    return {
        "id": one.id,
        "source": one.source,
        "gateway": one.gateway,
        "state": one.receipt.state,
        "word": one.word or None,
        "segment": one.receipt.segment or None,
        "code": one.receipt.code or None,
        "at": context.stamp(one.receipt.at),
        "received_at": context.stamp(one.receipt.received_at),
    }


def show(context: Context, arguments: argparse.Namespace) -> int:
    with context.database() as database:
        row = database.read_now(outbox.by_id, arguments.id)
        if row is None:
            raise CommandFailed(f"there is no message {arguments.id} in the outbox")
        (found,) = database.read_now(_documents, context, [row])
        parts = database.read_now(compositions.parts_of, row.composition or "")
        found["made_of"] = [f"{path} {revision}" for path, revision in sorted(parts.items())]
        said = database.read_now(receipts.shown_of, row.id)
        done = [
            {"act": one.act, "at": context.stamp(one.at), "by": one.by, "why": one.why}
            for one in database.read_now(acts.of_message, row.id)
        ]
    found |= {"delivery": delivery(context, row, said), "receipts": [_receipt(context, one) for one in said]}
    content = (row.frozen or b"").decode("utf-8", "replace")
    if arguments.raw:
        write_octets(row.frozen or b"")
    elif arguments.json:
        print_json(found | {"values": row.values, "content": content or None, "acts": done})
    else:
        for key, value in found.items():
            if key in ("delivery", "receipts"):
                continue
            value = ", ".join(value) if isinstance(value, list) else value
            print_line(f"{key:18} {value if value is not None else '-'}")
        _print_delivery(found["delivery"], found["receipts"])
        for one in done:
            print_line(
                f"{one['act']:18} {one['at']} by {one['by']}" + (f": {one['why']}" if one["why"] else "")
            )
        shown = content.replace("\r\n", "\n").translate(ISOLATES)
        print(f"\n{shown or 'not written yet: it is written just before the first attempt'}")
    return 0


def _print_delivery(found: dict[str, Any], said: list[dict[str, Any]]) -> None:
    doubt = ", and another report says the contrary" if found["contradictory"] else ""
    print_line(f"{'delivery':18} {found['state'] or '-'}{doubt}")
    for one in said:
        parts = (one["state"], one["word"], one["segment"] and f"segment {one['segment']}", one["code"])
        told = " ".join(str(part) for part in parts if part)
        print_line(f"  {one['received_at']}  {one['gateway']} ({one['source']}): {told}")
