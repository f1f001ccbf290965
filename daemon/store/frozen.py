"""Keeps the bytes of a message in its outbox row, the same for all tries, and of which texts it was made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, or_, select, update

from daemon.store import compositions
from daemon.store.schema import outbox

_FREEZE = (
    update(outbox)
    .where(outbox.c.id == bindparam("row_id"), outbox.c.claimed_by == bindparam("row_owner"))
    .values(
        sender=bindparam("new_sender"),
        frozen=bindparam("new_frozen"),
        template_revision=bindparam("new_revision"),
        composition=bindparam("new_composition"),
        gateway=func.coalesce(bindparam("new_gateway", type_=outbox.c.gateway.type), outbox.c.gateway),
    )
)


_TEXTS = select(outbox.c.ticket_id, outbox.c.recipient, outbox.c.frozen).where(
    outbox.c.channel == "sms", outbox.c.frozen.is_not(None)
)


class Frozen(NamedTuple):
    """A message as it stays for all tries: `sender` of the envelope, `revision` of its text, and the
    revisions of all that it was `made_of`, by path; of an SMS also the `gateway` that gets it."""

    row_id: int
    sender: str
    content: bytes
    revision: str
    made_of: Mapping[str, str] = {}
    gateway: str | None = None


def texts_before(
    connection: Connection, numbers: Iterable[tuple[int | None, str]]
) -> dict[tuple[int | None, str], list[str]]:
    """What went by SMS so far, by ticket and number: of the given ones, and perhaps of others."""
    wanted = set(numbers)
    tickets = [ticket for ticket, _ in wanted if ticket is not None]
    alone = [number for ticket, number in wanted if ticket is None]
    is_theirs = outbox.c.ticket_id.in_(tickets)
    is_alone = outbox.c.ticket_id.is_(None) & outbox.c.recipient.in_(alone)
    found: dict[tuple[int | None, str], list[str]] = {}
    for ticket, number, content in connection.execute(
        _TEXTS.where(or_(is_theirs, is_alone) if alone else is_theirs)
    ):
        found.setdefault((ticket, number), []).append(content.decode("utf-8", "replace"))
    return found


def freeze(connection: Connection, owner: str, rendered: Sequence[Frozen]) -> None:
    """Keep the bytes, and of what they were made."""
    compositions.add(connection, (one.made_of for one in rendered))
    if rendered:
        connection.execute(
            _FREEZE,
            [
                {
                    "row_id": one.row_id,
                    "row_owner": owner,
                    "new_sender": one.sender,
                    "new_frozen": one.content,
                    "new_revision": one.revision,
                    "new_gateway": one.gateway,
                    "new_composition": compositions.name_of(one.made_of) or None,
                }
                for one in rendered
            ],
        )
