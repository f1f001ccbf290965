"""The commands `tickets export` and `verify`: the evidence of one complaint, signed, and its check."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from sqlalchemy import Connection

from daemon import __version__
from daemon.backup import evidence as signed
from daemon.casework import evidence
from daemon.cli import reckonings, ticket
from daemon.cli.context import CommandFailed, Context, account, print_json, print_line, ticket_number
from daemon.clock import SystemClock
from daemon.settings import policy_of
from daemon.store import audit, tickets
from daemon.store.audit import Deed
from daemon.store.database import Database
from daemon.store.files import FileStore


def export(context: Context, arguments: argparse.Namespace) -> int:
    number, config = ticket_number(arguments.number), context.config
    path = arguments.to or Path(f"{number}.evidence.tar")
    if path.exists():
        raise CommandFailed(f"{path} is there already")
    now, by = SystemClock().now(), account()
    key = signed.key_of(config.service.secret_key)
    with context.database() as database:
        # First the record, so that the head in the archive is one that knows of it.
        deed = Deed(by, "ticket_exported", f"ticket {number}", {"to": str(path)})
        database.transact_now(_record, number, deed)
        members = database.read_now(_members, context, number)
        members |= _files(database, number, FileStore(config.service.data_dir / "files"))
        place, link = database.read_now(audit.head)
    about = {
        "number": number,
        "made_at": now.isoformat(timespec="seconds"),
        "made_by": by,
        "program": __version__,
        "audit_head": f"{place} {link}",
    }
    octets = signed.packed(about, members, key)
    try:
        _write(path, octets)
    except OSError as error:
        raise CommandFailed(f"{path} cannot be written: {error.strerror}") from None
    if arguments.json:
        found = {"path": str(path), "members": sorted(members), "key": signed.public_of(key)}
        print_json({**found, "audit_head": about["audit_head"]})
    else:
        print_line(f"{path}: {len(members)} members, {len(octets)} bytes")
        print_line(f"signed with the key {signed.public_of(key)}")
    return 0


def verify(context: Context, arguments: argparse.Namespace) -> int:
    """Without the configuration. 1 where the archive is not what was signed."""
    try:
        octets = arguments.file.read_bytes()
    except OSError as error:
        raise CommandFailed(f"{arguments.file} cannot be read: {error.strerror}") from None
    try:
        found = signed.check(octets, arguments.key or "")
    except signed.Changed as error:
        raise CommandFailed(f"{arguments.file} is not what was signed: {error}") from None
    if arguments.json:
        print_json({name: getattr(found, name) for name in found.__slots__})
        return 0
    print_line(f"{found.number}: {found.members} members as they were signed at {found.made_at}")
    print_line(f"head of the audit then: {found.audit_head}")
    compare = "" if arguments.key else "; compare it with the key that you know from the ministry"
    print_line(f"signed with the key {found.key}{compare}")
    return 0


def _record(connection: Connection, number: str, deed: Deed) -> None:
    if tickets.by_number(connection, number) is None:
        raise CommandFailed(f"there is no ticket {number}")
    audit.record(connection, deed, SystemClock().now())


def _members(connection: Connection, context: Context, number: str) -> dict[str, bytes]:
    stored = tickets.by_number(connection, number)
    assert stored is not None
    shown = ticket.gather(connection, context, number, policy_of(context.config)) or {}
    shown |= reckonings.documents(connection, context, number)
    return evidence.members_of(connection, stored.id, number, shown)


def _files(database: Database, number: str, store: FileStore) -> dict[str, bytes]:
    """Those that are kept; what was refused lies in its mail alone."""
    stored = database.read_now(tickets.by_number, number)
    assert stored is not None
    rows = database.read_now(evidence.files_of, stored.id)
    found = {row.name: store.read(row.sha256) for row in rows if row.sha256}
    return {f"files/{name}": content for name, content in found.items() if content is not None}


def _write(path: Path, octets: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(descriptor)
