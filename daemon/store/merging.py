"""Merges two tickets into one."""

from __future__ import annotations

from sqlalchemy import Connection, update

from daemon.store import messages, participants, threads
from daemon.store.schema import tickets


def merge(connection: Connection, from_id: int, into_id: int) -> None:
    """All that was said about one ticket belongs to the other from now on."""
    connection.execute(update(tickets).where(tickets.c.id == from_id).values(merged_into=into_id))
    messages.move(connection, from_id, into_id)
    threads.move(connection, from_id, into_id)
    participants.move(connection, from_id, into_id)
