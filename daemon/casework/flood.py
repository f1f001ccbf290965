"""Bundles the notices of a flood: what one sender's many mails, or many words on one ticket's page, have to
tell a team comes in one mail.

The first few notices go as usual. The next one is held for a quarter of an hour, and carries those that come
meanwhile as lines: number, subject, and the address by which an answer reaches that complaint. The others are
recorded as rows that are not sent. While the flood goes on there is one such mail in each quarter of an hour
(DESIGN §3, Fairness); the complaints themselves are decided on as always.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from daemon.casework.quarantine import shown_subject
from daemon.store import outbox, said_lately
from daemon.store.outbox import ToSay
from daemon.store.said_lately import Said
from daemon.workflow import notices
from daemon.workflow.policy import Policy

IN_ONE_NOTICE = "in_one_notice"
"""Why a row is only recorded: its ticket stands in a mail that goes later."""
MOST_LISTED = 500


def bundled(
    connection: Connection, rows: Sequence[ToSay], sender: str, policy: Policy, now: datetime
) -> list[ToSay]:
    """The rows, those to staff counted for `sender`, and held or only recorded where they are too many.
    `sender` is whose words staff are told of (`Occasion.news_of`), "" where it is nobody's."""
    if not sender or not policy.reminders_within:
        return list(rows)
    return [_counted(connection, row, sender, policy, now) if _is_news(row) else row for row in rows]


def _counted(connection: Connection, row: ToSay, sender: str, policy: Policy, now: datetime) -> ToSay:
    window, most = policy.reminders_within, policy.notices_per_sender
    usual, held = _keys(row.recipient, sender)
    # A mail that is held was written down a window before it goes, and the flood may go on after it.
    counted = said_lately.sums(
        connection,
        {
            "held": [Said("limit_key", held, now - 2 * window, 1)],
            "usual": [Said("limit_key", usual, now - window, most)],
        },
    )
    is_flood = counted["held"] or counted["usual"] >= most
    if not is_flood:
        return replace(row, limit_key=usual)
    if outbox.waiting_under(connection, held, now) is None:
        return replace(row, limit_key=held, due_at=now + window)
    return replace(row, limit_key=usual, suppressed=IN_ONE_NOTICE)


def list_in_one(connection: Connection, written: Sequence[ToSay], sender: str, now: datetime) -> None:
    """Write those of the new rows that are not sent into the mail that is held."""
    for row in written:
        if row.suppressed == IN_ONE_NOTICE:
            _, held = _keys(row.recipient, sender)
            outbox.add_line(connection, held, _line(row), MOST_LISTED, now)


def _line(row: ToSay) -> str:
    subject = shown_subject(str(row.values.get("subject", "")))
    told = (row.values["ticket_number"], subject, row.thread.get("reply_to"))
    return " – ".join(str(part) for part in told if part)


def _keys(recipient: str, sender: str) -> tuple[str, str]:
    """Under what the notices of one sender to one address are counted: the usual ones, and those held."""
    return f"staff:{recipient.lower()}:{sender}", f"flood:{recipient.lower()}:{sender}"


def _is_news(row: ToSay) -> bool:
    return row.audience == "staff" and notices.of(row.notification).is_relayed
