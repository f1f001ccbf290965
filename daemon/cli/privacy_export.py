"""The command `privacy export`: everything about one person, for that person to read, in one archive."""

from __future__ import annotations

import argparse
import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from daemon.casework import person_copy
from daemon.casework.person_copy import Case, PersonCopy, Said
from daemon.cli.context import CommandFailed, Context, account, print_json, print_line, ticket_number
from daemon.cli.named_texts import library
from daemon.cli.privacy import document, identity, planned_for
from daemon.clock import SystemClock
from daemon.operator_desk import Went
from daemon.store import audit
from daemon.store.audit import Deed
from daemon.store.files import FileStore
from daemon.templating.page_words import PageWords, Shelf
from daemon.templating.person_page import PAGE, Chapter, Entry, page


def export(context: Context, arguments: argparse.Namespace) -> int:
    who, without = identity(arguments.person), frozenset(map(ticket_number, arguments.without))
    now = SystemClock().now()
    with context.database() as database:
        planned = planned_for(context, database, who, without)
        if planned.is_empty:
            raise CommandFailed("nothing of that person is kept")
        shown = document(planned)
        if arguments.dry_run:
            return _show(shown, arguments)
        found = database.read_now(person_copy.gather, planned)
        # Without the person's name: the folder may be anybody's to list.
        output = arguments.output or Path(
            f"export-{now.astimezone(context.config.service.timezone):%Y-%m-%d}.zip"
        )
        write(context, found, output, now)
        counts: dict[str, str | int] = {
            "tickets": ", ".join(planned.person.numbers),
            "mails": len(found.mails),
        }
        deed = Deed(arguments.by or account(), "person_exported", "", counts)
        database.transact_now(audit.record, deed, now)
    if arguments.json:
        print_json(shown | {"output": str(output), "exported": True})
    else:
        print_line(f"{output}: {len(found.cases)} complaints, {len(found.mails)} mails")
    return 0


def _show(shown: dict[str, Any], arguments: argparse.Namespace) -> int:
    if arguments.json:
        print_json(shown | {"exported": False})
        return 0
    for one in shown["tickets"]:
        print_line(f"{one['number']}  {one['state']}  {one['channel']}")
    print_line(f"mails and calls: {shown['mails']}; messages of ours: {shown['messages']}")
    print_line("a dry run: nothing was written")
    return 0


def write(context: Context, found: PersonCopy, output: Path, now: datetime) -> None:
    """The archive, for its owner alone; nothing is written over. Raises CommandFailed."""
    language = next((one.ticket.language for one in found.cases if one.ticket.language), None)
    with library(context, takes_in=False) as texts:
        words = Shelf(texts).words(language or context.config.service.language, "report", PAGE)
    stored = FileStore(context.config.service.data_dir / "files")
    try:
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(
                "data.json", json.dumps(_data(context, found, now), ensure_ascii=False, indent=2)
            )
            archive.writestr("data.html", _page(context, found, words, now))
            for mail in found.mails:
                if mail.raw:
                    archive.writestr(f"mails/{mail.id}.eml", mail.raw)
            for one in {file for case in found.cases for said in case.said for file in said.files}:
                content = stored.read(one.sha256) if one.path else None
                if content is not None:
                    archive.writestr(one.path, content)
    except OSError as error:
        raise CommandFailed(f"{output}: {error.strerror}") from None


# --- the data, for a program -----------------------------------------------------------------------------


def _data(context: Context, found: PersonCopy, now: datetime) -> dict[str, Any]:
    return {
        "made_at": context.stamp(now),
        "person": {
            "addresses": found.mailboxes,
            "mobiles": found.mobiles,
            "accounts": found.handles,
            "is_blocked": found.is_blocked,
        },
        "complaints": [_complaint(context, one) for one in found.cases],
        "elsewhere": [_said(context, one) for one in found.elsewhere],
        "mails": [
            {
                "id": one.id,
                "received_at": context.stamp(one.at),
                "reason": one.reason or None,
                "file": f"mails/{one.id}.eml" if one.raw else None,
            }
            for one in found.mails
        ],
        "withheld": asdict(found.withheld),
    }


def _complaint(context: Context, case: Case) -> dict[str, Any]:
    ticket, requester = case.ticket, case.ticket.requester
    times = ("opened_at", "first_response_at", "resolved_at", "closed_at", "escalated_at", "rated_at")
    plain = (
        "number",
        "state",
        "close_reason",
        "channel",
        "category",
        "request_number",
        "subject",
        "language",
    )
    return {
        **{name: getattr(ticket, name) for name in (*plain, "rating", "rating_comment")},
        **{name: context.stamp(getattr(ticket, name)) for name in times},
        "name": requester.name,
        "email": requester.email,
        "phone": requester.phone,
        "account": requester.handle,
        "said": [_said(context, one) for one in case.said],
        "told": [_told(context, one) for one in case.told],
    }


def _said(context: Context, said: Said) -> dict[str, Any]:
    return {
        "at": context.stamp(said.at),
        "subject": said.subject,
        "text": said.text,
        "files": [{"name": one.filename, "file": one.path or None} for one in said.files],
    }


def _told(context: Context, told: Went) -> dict[str, Any]:
    return {
        "at": context.stamp(told.at),
        "channel": told.channel,
        "recipient": told.recipient,
        "subject": told.subject,
        "text": told.text,
        "state": told.state,
        "delivery": told.delivery or None,
    }


# --- the data, for a person ------------------------------------------------------------------------------


def _page(context: Context, found: PersonCopy, words: PageWords, now: datetime) -> str:
    def stamp(instant: datetime) -> str:
        return instant.astimezone(context.config.service.timezone).strftime("%Y-%m-%d %H:%M")

    facts = (
        ("made_at", stamp(now)),
        ("mailboxes", ", ".join(found.mailboxes)),
        ("mobiles", ", ".join(found.mobiles)),
        ("handles", ", ".join(found.handles)),
        ("blocked", words.plain("person_is_blocked") if found.is_blocked else ""),
    )
    return page(words, facts, _chapters(found, words, stamp), stamp)


def _chapters(found: PersonCopy, words: PageWords, stamp: Any) -> Iterator[Chapter]:
    for case in found.cases:
        ticket = case.ticket
        facts = (
            ("name", ticket.requester.name),
            ("request_number", ticket.request_number or ""),
            ("channel", words.plain(f"channel_{ticket.channel}")),
            ("state", words.plain(f"person_state_{ticket.state}")),
            ("opened_at", stamp(ticket.opened_at)),
            ("closed_at", stamp(ticket.closed_at) if ticket.closed_at else ""),
            ("rating", str(ticket.rating or "")),
            ("rating_comment", ticket.rating_comment),
        )
        entries = [*map(_entry_said, case.said), *map(_entry_told, case.told)]
        yield Chapter(ticket.number, facts, tuple(sorted(entries, key=lambda one: one.at)))
    if found.elsewhere:
        yield Chapter(words.plain("person_elsewhere"), (), tuple(map(_entry_said, found.elsewhere)))
    aside = tuple(Entry(one.at, "set_aside", "", "") for one in found.mails if not one.raw)
    if aside:
        yield Chapter(words.plain("person_mails"), (), aside)


def _entry_said(said: Said) -> Entry:
    return Entry(
        said.at, "said", said.subject, said.text, tuple((one.filename, one.path) for one in said.files)
    )


def _entry_told(told: Went) -> Entry:
    return Entry(told.at, f"told_{told.channel}", told.subject, told.text)
