"""The commands `mail list`, `show`, `explain`, `replay` and `export`: what came in and what became of it.

`cli.quarantine` acts on quarantined mail, `cli.importing` takes in mail from files.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from daemon.cli.context import (
    CommandFailed,
    Context,
    account,
    print_json,
    print_line,
    print_table,
    tell,
)
from daemon.cli.output import write_octets
from daemon.clock import SystemClock
from daemon.store import inbox, places, tickets
from daemon.store.audit import Deed, recorded
from daemon.store.database import Database

if TYPE_CHECKING:
    from daemon.reading.reader import Reader

PAGE = 100


def list_rows(context: Context, arguments: argparse.Namespace) -> int:
    with context.database() as database:
        rows = database.read_now(
            inbox.walk, state=arguments.state, limit=arguments.limit, newest_first=bool(arguments.limit)
        )
        found = [database.read_now(_summary, context, row) for row in sorted(rows, key=lambda row: row.id)]
    if arguments.json:
        print_json(found)
        return 0
    print_table(
        ("ID", "RECEIVED", "STATE", "KIND", "OUTCOME", "REASON", "TICKET", "BYTES"),
        (
            tuple(
                one[key]
                for key in ("id", "received_at", "state", "kind", "outcome", "reason", "ticket", "size_bytes")
            )
            for one in found
        ),
    )
    return 0


def _summary(connection: Connection, context: Context, row: inbox.Kept) -> dict[str, Any]:
    lay = places.places_of(connection, row.id)
    return {
        "id": row.id,
        "sha256": row.sha256,
        "uid": lay[-1].uid if lay else None,
        "message_id": row.message_id,
        "received_at": context.stamp(row.received_at),
        "state": row.state,
        "kind": row.kind,
        "outcome": row.outcome,
        "reason": row.reason,
        "ticket": tickets.number_of(connection, row.ticket_id) if row.ticket_id else None,
        "answered": row.answered,
        "size_bytes": row.size_bytes,
        "attempts": row.attempts,
        "error": row.last_error,
        "places": [
            {
                "folder": place.folder,
                "uidvalidity": place.uidvalidity,
                "uid": place.uid,
                "moved_to": place.moved_to,
                "moved_at": context.stamp(place.moved_at),
            }
            for place in lay
        ],
    }


def _find(database: Database, wanted: str) -> inbox.Kept:
    row = database.read_now(inbox.find, wanted)
    if row is None:
        raise CommandFailed(f"there is no mail {wanted!r}")
    return row


def show(context: Context, arguments: argparse.Namespace) -> int:
    from daemon.rulebook import pool_of

    with context.database() as database:
        row = _find(database, arguments.id)
        raw = database.read_now(inbox.raw_of, row.id)
        summary = database.read_now(_summary, context, row)
    if arguments.raw:
        write_octets(raw)
        return 0
    with closing(pool_of(context.config)) as reader:
        understood = _understood(raw, reader)
    found = summary | understood
    if arguments.json:
        print_json(found)
        return 0
    for key, value in found.items():
        if key not in ("text", "new_text", "places", "attachments"):
            print_line(f"{key:14} {value if value is not None else '-'}")
    for attachment in found["attachments"]:
        about = f"{attachment['content_type']}, {attachment['size_bytes']} bytes"
        print_line(f"attachment     {attachment['filename']} ({about})")
    print()
    print(f"it {_meaning('too_costly')}" if understood is _UNREAD else found["text"])
    return 0


def explain(context: Context, arguments: argparse.Namespace) -> int:
    with context.database() as database:
        row = _find(database, arguments.id)
        summary = database.read_now(_summary, context, row)
        from daemon.cli.english import english
        from daemon.cli.explanation import worded

        words = database.read_now(english, context.config.service.templates_dir)
    lines = worded(row.explanation, words) or ["not decided yet"]
    if arguments.json:
        print_json(summary | {"explanation": lines})
        return 0
    print_line(f"mail {row.id}: {row.state}, {row.kind or '-'}, {row.outcome or '-'} ({row.reason or '-'})")
    for line in lines:
        print_line(f"  {line}")
    if row.state == "quarantined":
        print_line(f"  in quarantine: {_meaning(row.reason)}; docs/QUARANTINE.md says what to do")
    if row.last_error:
        print_line(f"  last error: {row.last_error}")
    return 0


def _meaning(reason: str | None) -> str:
    from daemon.casework.quarantine import why
    from daemon.templating.page_words import Shelf

    if reason == "blocked":  # of which the digest is silent
        return "its sender is blocked"
    return why(reason, Shelf().words("en", "digest")) if reason else "-"


def replay(context: Context, arguments: argparse.Namespace) -> int:
    with context.database() as database:
        row = _find(database, arguments.id)
        if row.ticket_id is not None:
            number = database.read_now(tickets.number_of, row.ticket_id)
            raise CommandFailed(f"mail {row.id} belongs to ticket {number} already; nothing is done twice")
        now = SystemClock().now()

        def deed(is_replayed: bool) -> Deed | None:
            return Deed(account(), "mail_replayed", f"mail {row.id}") if is_replayed else None

        if not database.transact_now(recorded(inbox.replay, deed, now), row.id, now):
            raise CommandFailed(f"mail {row.id} is waiting to be decided already")
    tell(arguments, f"mail {row.id} will be decided afresh at the next pass", id=row.id, state="queued")
    return 0


def export(context: Context, arguments: argparse.Namespace) -> int:
    from daemon.rulebook import pool_of

    with context.database() as database, closing(pool_of(context.config)) as reader:
        for line in _lines(context, database, reader):
            sys.stdout.write(json_line(line) + "\n")
    return 0


_OTHER_LINE_ENDS = str.maketrans({end: f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"})


def json_line(document: Any) -> str:
    """`document` on one line, by anybody's idea of a line: JSON lets U+0085, U+2028 and U+2029 stand as they
    are, and many readers end a line there (Unicode 5.8)."""
    return json.dumps(document, ensure_ascii=False).translate(_OTHER_LINE_ENDS)


EXPORTED = (
    "id", "sha256", "uid", "message_id", "received_at", "kind", "outcome", "reason", "ticket", "answered",
    "from", "from_name", "subject", "text", "new_text", "attachments",
)  # fmt: skip


def _lines(context: Context, database: Database, reader: Reader) -> Iterator[dict[str, Any]]:
    """A page of rows at a time: an inbox of years is never in memory at once."""
    after = 0
    while rows := database.read_now(inbox.walk, after=after, limit=PAGE):
        for row in rows:
            raw = database.read_now(inbox.raw_of, row.id)
            found = database.read_now(_summary, context, row) | _understood(raw, reader)
            yield {key: found[key] for key in EXPORTED}
        after = rows[-1].id


_UNREAD: dict[str, Any] = {
    "from": None,
    "from_name": None,
    "subject": "",
    "text": "",
    "new_text": "",
    "attachments": [],
}


def _understood(raw: bytes, reader: Reader) -> dict[str, Any]:
    """The mail's own content, read again from its octets: what we once understood may improve. Of one that
    costs too much nothing is known."""
    from daemon.reading.process import ReadingFailed, WorkersUnavailable

    try:
        reading = reader.read(raw)
    except WorkersUnavailable as error:
        raise CommandFailed(f"mail cannot be read: {error}") from None
    except ReadingFailed:
        return _UNREAD
    mail = reading.mail
    return {
        "message_id": mail.message_id,
        "from": mail.sender.email if mail.sender else None,
        "from_name": mail.sender.name if mail.sender else None,
        "subject": mail.subject,
        "text": mail.text,
        "new_text": reading.new_text.text,
        "attachments": [
            {"filename": part.filename, "content_type": part.content_type, "size_bytes": part.size_bytes}
            for part in mail.attachments
        ],
    }
