"""Rows of attachments, on each database."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from daemon.store import attachments, messages, tickets
from daemon.store.attachments import Attached
from daemon.store.database import Database
from daemon.store.messages import Message
from daemon.workflow.model import Requester, Ticket
from tests.integration.rows import taken_in

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def row(position: int, name: str, **changed: object) -> Attached:
    usual: dict[str, object] = {
        "position": position,
        "name": name,
        "filename": "صورة.pdf",
        "declared_type": "application/pdf",
        "media_type": "application/pdf",
        "size_bytes": 5,
        "sha256": f"{position:064x}",
        "verdict": "clean",
        "detail": "",
        "is_unopened": False,
        "must_scan": False,
    }
    return Attached(**usual | changed)  # type: ignore[arg-type]


def message(connection: Connection, number: str, inbox_id: int) -> tuple[int, int]:
    """The ids of a new ticket and of a message of it."""
    ticket = Ticket(number, "open", "email", Requester("خالد", "k@example.sa"), NOW)
    ticket_id = tickets.create(connection, ticket)
    message_id = messages.add(
        connection,
        ticket_id,
        inbox_id,
        Message(
            at=NOW,
            sender_email="k@example.sa",
            is_requester=True,
            text="نص",
            new_text="نص",
        ),
    )
    return ticket_id, message_id


def test_a_tickets_files_are_counted_and_found_with_the_mail_they_came_with(database: Database) -> None:
    (first, second) = taken_in(database, 2)

    def write(connection: Connection) -> tuple[int, list[int]]:
        ticket_id, message_id = message(connection, "FRS-2026-000001-1", first)
        _, other = message(connection, "FRS-2026-000002-9", second)
        attachments.add(connection, other, [row(1, "b-1")])
        return ticket_id, attachments.add(connection, message_id, [row(1, "a-1"), row(2, "a-2")])

    ticket_id, ids = database.transact_now(write)

    assert database.read_now(attachments.count_of_ticket, ticket_id) == 2
    found = database.read_now(attachments.of_ticket, ticket_id)
    assert [(one.id, one.name, one.inbox_id, one.number) for one in found] == [
        (ids[0], "a-1", first, "FRS-2026-000001-1"),
        (ids[1], "a-2", first, "FRS-2026-000001-1"),
    ]
    by_name = database.read_now(attachments.by_name, "a-2")
    by_id = database.read_now(attachments.by_id, ids[1])
    assert by_name is not None
    assert by_name == by_id
    assert database.read_now(attachments.by_name, "c") is None
    assert database.read_now(attachments.raw_of, first) is not None
    assert database.read_now(attachments.raw_of, None) is None


def test_only_what_may_be_passed_on_is_needed_in_the_file_store(database: Database) -> None:
    (inbox_id,) = taken_in(database, 1)

    def write(connection: Connection) -> None:
        _, message_id = message(connection, "FRS-2026-000001-1", inbox_id)
        rows = [
            row(at, f"a-{at}", verdict=verdict, sha256=letter * 64)
            for at, (letter, verdict) in enumerate(
                [("a", "clean"), ("b", "unscanned"), ("c", "infected"), ("d", "blocked"), ("d", "clean")], 1
            )
        ]
        attachments.add(connection, message_id, rows)

    database.transact_now(write)

    asked = [letter * 64 for letter in "abcdef"]
    assert database.read_now(attachments.kept, asked) == {"a" * 64, "b" * 64, "d" * 64}


def test_a_file_waits_for_the_scanner_until_one_process_wrote_its_verdict(database: Database) -> None:
    (first, second) = taken_in(database, 2)

    def write(connection: Connection) -> list[int]:
        ids = []
        for inbox_id, number in ((first, "FRS-2026-000001-1"), (second, "FRS-2026-000002-9")):
            _, message_id = message(connection, number, inbox_id)
            waiting = [
                row(at, f"{number}-{at}", verdict="unscanned", must_scan=True, sha256="a" * 64)
                for at in (1, 2)
            ]
            ids += attachments.add(connection, message_id, [*waiting, row(3, f"{number}-3")])
        return ids

    ids = database.transact_now(write)

    assert [one.id for one in database.read_now(attachments.to_scan, 1)] == ids[:2]
    assert [one.id for one in database.read_now(attachments.to_scan, 10)] == [*ids[:2], *ids[3:5]]
    assert database.transact_now(attachments.judge, ids[0], "infected", "Name") is True
    assert database.transact_now(attachments.judge, ids[0], "clean", "") is False
    assert [one.id for one in database.read_now(attachments.to_scan, 1)] == ids[1:2]


def test_no_two_files_have_one_name(database: Database) -> None:
    (inbox_id,) = taken_in(database, 1)

    def write(connection: Connection) -> None:
        _, message_id = message(connection, "FRS-2026-000001-1", inbox_id)
        attachments.add(connection, message_id, [row(1, "same"), row(2, "same")])

    with pytest.raises(IntegrityError):
        database.transact_now(write)
