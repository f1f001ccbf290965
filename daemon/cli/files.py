"""The command `tickets attachment`: lists the files that came with a ticket's messages and hands them out."""

from __future__ import annotations

import argparse
import os
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from daemon.cli.context import CommandFailed, Context
from daemon.cli.output import write_octets
from daemon.store import attachments
from daemon.workflow.passing_on import PassingOn


def by_message(connection: Connection, ticket_id: int) -> dict[int, list[dict[str, Any]]]:
    """The ticket's files by the id of their message."""
    found: dict[int, list[dict[str, Any]]] = {}
    for row in attachments.of_ticket(connection, ticket_id):
        found.setdefault(row.message_id, []).append(
            {
                "name": row.name,
                "filename": row.filename,
                "content_type": row.media_type,
                "declared_type": row.declared_type,
                "size_bytes": row.size_bytes,
                "sha256": row.sha256,
                "verdict": row.verdict,
                "detail": row.detail,
            }
        )
    return found


def line(one: dict[str, Any]) -> str:
    """A file in a line; of a message from before there were verdicts only what the mail declared."""
    about = f"{one['content_type']}, {one['size_bytes']} bytes"
    if "name" not in one:
        return f"{one['filename']} ({about})"
    why = f": {one['detail']}" if one["detail"] else ""
    return f"{one['name']}  {one['filename']} ({about})  {one['verdict']}{why}"


def give(context: Context, arguments: argparse.Namespace) -> int:
    from daemon.casework.files import Shelf
    from daemon.rulebook import pool_of
    from daemon.store.files import FileStore

    config = context.config
    rule = PassingOn(fail_closed=config.clamav.fail_closed)
    with context.database() as database, closing(pool_of(config)) as reader:
        row = database.read_now(attachments.by_name, arguments.name)
        if row is None:
            raise CommandFailed(f"there is no attachment {arguments.name!r}")
        shelf = Shelf(database, FileStore(config.service.data_dir / "files"), reader)
        if rule.allows(row.verdict):
            content = shelf.content(row.id, row.sha256 or "")
        elif arguments.withheld:
            content = shelf.from_mail(row.id)
        else:
            why = f" ({row.detail})" if row.detail else ""
            raise CommandFailed(f"it is withheld: {row.verdict}{why}; --withheld writes it all the same")
    if content is None:
        raise CommandFailed("it is kept nowhere any more")
    _write(content, arguments.output)
    return 0


def _write(content: bytes, output: str | None) -> None:
    if output is None:
        write_octets(content)
        return
    try:
        descriptor = os.open(Path(output), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:
            file.write(content)
    except OSError as error:
        raise CommandFailed(f"{output}: {error.strerror}") from None
