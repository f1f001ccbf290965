"""The history keeps codes and values; the sentences that it held become those.

Revision ID: 0002
Revises: 0001

What the program noted before this revision stands here, frozen. A sentence that is not among it becomes the
code `noted`, with the sentence as its text.
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BATCH = 1000

# Each sentence with what stands in its place: the code, and the values that the sentence held.
SENTENCES = {
    "opened": "opened",
    "opened; the request number is missing and was asked for": "opened_incomplete",
    "handed in by staff": "handed_in",
    "reply received": "reply_received",
    "reply received, the request number is still missing": "reply_incomplete",
    "the awaited data arrived": "data_arrived",
    "a second complaint about the same request joined": "joined",
    "reopened by the requester's reply": "reopened_by_reply",
    "reopened by staff": "reopened_by_staff",
    "thanks recorded": "thanks_received",
    "mail recorded": "mail_recorded",
    "the requester asked how it stands": "status_asked",
    "a participant's mail joined, unverified": "participant_wrote",
    "a mail from another address joined, unverified": "stranger_wrote",
    "a mail over the limit of size came": "mail_too_large",
    "a withdrawal came after the closing": "withdrawn_too_late",
    "a rating came while no survey was open": "rated_too_late",
    "rated {number} by mail": "rated_by_mail",
    "rated {number} on the survey's page": "rated_on_page",
    "wished to escalate before the time": "escalation_too_early",
    "wrote again about the escalation": "escalation_wished_again",
    "escalation raised: {ground}": "escalation_raised",
    "escalated by staff": "escalated_by_staff",
    "escalation accepted": "escalation_accepted",
    "escalation declined": "escalation_declined",
    "answered by staff": "answered",
    "resolved": "resolved",
    "data asked for by staff": "info_requested",
    "note by staff": "noted_by_staff",
    "assigned": "assigned",
    "asked for help": "help_asked",
    "asked how it stands": "status_asked_by_staff",
    "mobile set by staff": "phone_set",
    "request number set by staff": "request_set",
    "category: {category}": "category_set",
    "staff time extended by {number}": "extended",
    "staff mail refused: {refusal}": "refused",
    "closed by staff: {reason}": "closed_by_staff",
    "closed: withdrawn by the requester": "closed_withdrawn",
    "closed: no response": "closed_no_response",
    "closed: resolved and not objected to": "closed_unopposed",
    "merged into {ticket}": "merged_into",
    "{ticket} was merged into this one": "merged_from",
    "warned that it will be closed": "warned",
    "no channel could carry the warning: held": "warning_impossible",
    "not warned: nobody has looked at the attachments": "warning_withheld",
    "attachments scanned: nothing found": "files_clean",
    "attachments scanned: staff told": "files_news",
    "not closed: the requester had written; open for staff": "closing_withheld",
    "asked to rate how it was handled": "survey_sent",
    "reminded of the survey": "survey_reminded",
    "told that processing exceeded the expected time": "delay_told",
    "staff reminded: 80 % of {clock} time used": "staff_reminded",
    "staff told: {clock} time is all but over": "staff_forewarned",
    "{clock} time exceeded": "breached",
    "the warning was accepted by {channel}": "warning_accepted",
    "the outcome was accepted by {channel}": "outcome_accepted",
    "{notification} accepted by {channel}": "notice_accepted",
    "{notification} by {channel} bounced": "notice_bounced",
    "{notification} by {channel} failed": "notice_failed",
    "{notification} to participant failed": "copy_failed",
    "{notification} to staff failed": "inside_notice_failed",
    "{notification} to operator failed": "inside_notice_failed",
    "deadlines computed afresh: the calendar changed": "calendar_changed",
}


def _pattern(sentence: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", sentence)
    named = (f"(?P<{part}>[^ ;]+)" if at % 2 else re.escape(part) for at, part in enumerate(parts))
    return re.compile("".join(named))


PATTERNS = [(_pattern(sentence), code) for sentence, code in SENTENCES.items()]

HISTORY = sa.table(
    "history",
    sa.column("id", sa.BigInteger),
    sa.column("note", sa.Text),
    sa.column("lines", sa.JSON),
)


def upgrade() -> None:
    with op.batch_alter_table("history") as table:
        table.add_column(sa.Column("lines", sa.JSON(), nullable=True))
    _convert(op.get_bind())
    with op.batch_alter_table("history") as table:
        table.alter_column("lines", existing_type=sa.JSON(), nullable=False)
        table.drop_column("note")


def _convert(connection: sa.Connection) -> None:
    after = 0
    select = sa.select(HISTORY.c.id, HISTORY.c.note).order_by(HISTORY.c.id).limit(BATCH)
    update = sa.update(HISTORY).where(HISTORY.c.id == sa.bindparam("row_id"))
    while rows := connection.execute(select.where(HISTORY.c.id > after)).all():
        after = rows[-1].id
        found = [{"row_id": row.id, "lines": lines_of(row.note)} for row in rows]
        connection.execute(update, found)


def lines_of(note: str) -> list[dict[str, Any]]:
    """The lines that a note was made of. Several stood one after the other, divided by "; ", and a sentence
    may hold that too: the longest that is known is taken."""
    parts, lines = note.split("; ") if note else [], []
    while parts:
        for length in range(len(parts), 0, -1):
            if line := _line("; ".join(parts[:length])):
                break
        else:
            length, line = 1, {"code": "noted", "text": parts[0]}
        lines.append(line)
        parts = parts[length:]
    return lines


def _line(sentence: str) -> dict[str, Any] | None:
    for pattern, code in PATTERNS:
        if found := pattern.fullmatch(sentence):
            values: dict[str, Any] = dict(found.groupdict())
            if "number" in values:
                if not values["number"].isdecimal():
                    return None
                values["number"] = int(values["number"])
            return {"code": code, **values}
    return None
