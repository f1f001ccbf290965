"""The commands `audit list`, `verify` and `export`: who did what, and whether the record is still whole."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection

from daemon.cli.context import CommandFailed, Context, account, print_json, print_line, print_table
from daemon.clock import SystemClock
from daemon.plain import one_line
from daemon.store import audit
from daemon.store.audit import Deed, Entry


def list_entries(context: Context, arguments: argparse.Namespace) -> int:
    with context.database() as database:
        found = database.read_now(audit.latest, arguments.limit)[::-1]
    if arguments.json:
        print_json([_document(context, one) for one in found])
        return 0
    print_table(
        ("PLACE", "AT", "WHO", "ACT", "ABOUT", "DETAIL"),
        ((one.place, context.stamp(one.at), one.who, one.act, one.about, _told(one)) for one in found),
    )
    return 0


def _document(context: Context, one: Entry) -> dict[str, object]:
    return {
        "place": one.place,
        "at": context.stamp(one.at),
        "who": one.who,
        "act": one.act,
        "about": one.about,
        "detail": audit.detail_of(one),
        "link": one.link,
    }


def _told(one: Entry) -> str:
    detail = audit.detail_of(one)
    if detail is None:
        return "(erased)"
    return ", ".join(f"{name}: {one_line(str(value))}" for name, value in detail.items())


def verify(context: Context, arguments: argparse.Namespace) -> int:
    head = arguments.head.strip().lower()
    if head and not re.fullmatch(rf"[0-9a-f]{{{audit.SHOWN},64}}", head):
        raise CommandFailed(f"a head has {audit.SHOWN} to 64 hexadecimal digits")
    if arguments.file is not None:
        found = _of_file(arguments.file, head)
    else:
        with context.database() as database:
            found = database.read_now(audit.verify, head)
    if arguments.json:
        print_json(
            {
                "holds": found.holds,
                "entries": found.entries,
                "erased": found.erased,
                "head": found.head,
                "broken_at": found.broken_at or None,
                "why": found.why or None,
            }
        )
    elif found.holds:
        print_line(f"the chain holds: {found.entries} entries, {found.erased} of them erased")
        print_line(f"head {found.head or '-'}")
    else:
        print_line(f"the chain is broken at {found.broken_at}: {found.why}")
    return 0 if found.holds else 1


def _of_file(path: Path, head: str) -> audit.Verdict:
    """Of an export, without configuration and database. That its newest rows were cut off is known by the
    head alone, which its last line repeats."""
    rows, last = _read(path)
    found = audit.follow(rows, head)
    # An export has at least the row that tells of it: one of nothing was cut to nothing.
    if found.holds and not (last and last == found.head):
        why = "the newest rows are missing, or the export was cut"
        return replace(found, broken_at=found.entries + 1, why=why)
    return found


def _read(path: Path) -> tuple[list[Entry], str]:
    try:
        documents = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    except OSError as error:
        raise CommandFailed(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise CommandFailed(f"{path} was cut or changed: a line of it is none of an export") from None
    last = (
        documents.pop() if documents and isinstance(documents[-1], dict) and "head" in documents[-1] else {}
    )
    try:
        return [audit.entry_of(one) for one in documents], str(last.get("head", ""))
    except (ValueError, TypeError):
        raise CommandFailed(f"{path} was cut or changed: a line of it is none of an export") from None


def export(context: Context, arguments: argparse.Namespace) -> int:
    """Every row as a line of JSON, and at the end the head."""
    with context.database() as database:
        deed = Deed(account(), "audit_exported", "audit", {"to": str(arguments.to or "-")})
        database.transact_now(audit.record, deed, SystemClock().now())
        lines = database.read_now(_lines)
    text = "".join(f"{line}\n" for line in lines)
    if arguments.to is None:
        sys.stdout.write(text)
        return 0
    try:
        with open(
            os.open(arguments.to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        ) as to:
            to.write(text)
    except OSError as error:
        raise CommandFailed(f"{arguments.to} cannot be written: {error.strerror}") from None
    print_line(f"{arguments.to}: {len(lines) - 1} entries; {lines[-1]}")
    return 0


def _lines(connection: Connection) -> list[str]:
    rows = [json.dumps(audit.document_of(one), ensure_ascii=False) for one in audit.walk(connection)]
    return [*rows, json.dumps({"head": audit.head(connection)[1]})]
