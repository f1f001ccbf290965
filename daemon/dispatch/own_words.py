"""Makes the words of an SMS its own: gateways refuse the same words to the same number as a duplicate.

A complaint may be answered twice or reopened twice, and says the same each time. Nobody would hear of the
second (Unifonic's ER-09, Msegat's 1061), and a refusal would not show whether our own first try was accepted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import count

from sqlalchemy import Connection

from daemon.dispatch.writer import Written
from daemon.store.frozen import texts_before
from daemon.store.outbox import Claimed


def own_words(text: str, earlier: Iterable[str]) -> str:
    """`text`, with a count behind it where the same words went to the same number before: "… (2)"."""
    said = set(earlier)
    counted = (f"{text} ({number})" for number in count(2))
    return text if text not in said else next(one for one in counted if one not in said)


def apart(connection: Connection, fresh: list[tuple[Claimed, Written]]) -> list[tuple[Claimed, Written]]:
    """The same SMS, each with words of its own beside those that its number had before."""
    before = texts_before(connection, [(row.ticket_id, row.recipient) for row, _ in fresh])
    kept = []
    for row, written in fresh:
        earlier = before.setdefault((row.ticket_id, row.recipient), [])
        text = own_words(written.content.decode("utf-8"), earlier)
        earlier.append(text)
        kept.append((row, replace(written, content=text.encode("utf-8"))))
    return kept
