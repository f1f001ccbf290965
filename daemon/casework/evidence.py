"""Gathers the evidence of one complaint: what came, what was said, what became of it, who did what.

ticket.json        as `tickets show --json --deadlines`: messages, history, and each deadline day by day
mails/ID.eml       each mail as it was fetched
sent/ID.eml, .txt  each message as it was sent, in the order of its row
files/NAME         what came with the mails, under our names
receipts.json      what gateways and providers said of our messages
audit.json         the rows of the audit about it, each with the link before it
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection

from daemon.store import attachments, audit, inbox, messages, outbox, receipts

Fetched = Callable[[int, str], bytes | None]
"""The octets of a file by its row's id and its hash (`casework.files.Shelf.content`)."""


def members_of(
    connection: Connection, ticket_id: int, number: str, shown: dict[str, Any]
) -> dict[str, bytes]:
    """Everything but the files. `shown`: the ticket as `tickets show --json` tells it."""
    found = {"ticket.json": _json(shown)}
    for row in messages.of_ticket(connection, ticket_id):
        if row.inbox_id is not None and (raw := inbox.raw_of(connection, row.inbox_id)):
            found[f"mails/{row.inbox_id}.eml"] = raw
    for said in outbox.of_ticket(connection, ticket_id):
        if said.frozen is not None:
            found[f"sent/{said.id}.{'eml' if said.channel == 'email' else 'txt'}"] = said.frozen
    found["receipts.json"] = _json(list(_receipts(connection, ticket_id)))
    found["audit.json"] = _json(audit.about(connection, f"ticket {number}"))
    return found


def files_of(connection: Connection, ticket_id: int) -> list[attachments.Kept]:
    """The files whose octets are to be put in."""
    return [one for one in attachments.of_ticket(connection, ticket_id) if one.sha256]


def _receipts(connection: Connection, ticket_id: int) -> Iterator[dict[str, Any]]:
    for said in outbox.of_ticket(connection, ticket_id):
        for one in receipts.shown_of(connection, said.id):
            yield {
                "message": said.id,
                "reference": said.reference,
                "source": one.source,
                "gateway": one.gateway,
                "word": one.word,
                "state": one.receipt.state,
                "received_at": one.receipt.received_at.isoformat(),
            }


def _json(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode()
