"""What the operators' pages need: words that complaints are found by, holds on sending, what people did.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from daemon.workflow.model import Requester, Ticket
from daemon.workflow.search_words import words_of

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only in a column that is exactly INTEGER.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
BATCH = 1000


def upgrade() -> None:
    op.create_index("ix_tickets_state", "tickets", ["state", "id"])
    op.create_index("ix_tickets_team", "tickets", ["team", "id"])
    op.create_index("ix_tickets_channel", "tickets", ["channel", "id"])
    _partial("ix_tickets_escalated", "tickets", ["id"], "escalation IN ('raised', 'accepted')")
    op.create_table(
        "ticket_words",
        sa.Column("word", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("ticket_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_words_ticket_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("word", "ticket_id", name=op.f("pk_ticket_words")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_ticket_words_ticket_id", "ticket_words", ["ticket_id"])
    op.create_table(
        "outbox_holds",
        sa.Column("id", ID, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("held_at", INSTANT, nullable=False),
        sa.Column("held_by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("released_at", INSTANT, nullable=True),
        sa.Column("released_by", sa.Text(), nullable=True),
        sa.Column("released_why", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_holds")),
    )
    _partial(
        "ix_outbox_holds_in_force", "outbox_holds", ["scope", "value"], "released_at IS NULL", unique=True
    )
    op.create_table(
        "outbox_acts",
        sa.Column("id", ID, nullable=False),
        sa.Column("outbox_id", ID, nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_outbox_acts_outbox_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_acts")),
    )
    op.create_index("ix_outbox_acts_outbox_id", "outbox_acts", ["outbox_id"])
    _find_words()


def _partial(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(
        name,
        table,
        columns,
        unique=unique,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )


_TICKETS = sa.table(
    "tickets",
    *map(
        sa.column,
        (
            *("id", "request_number", "requester_name", "requester_email"),
            *("requester_phone", "requester_handle", "subject", "opened_at"),
        ),
    ),
)
_WORDS = sa.table("ticket_words", sa.column("word"), sa.column("ticket_id"))


def _find_words() -> None:
    """The words of the complaints that are there already."""
    connection, after = op.get_bind(), 0
    while rows := connection.execute(
        sa.select(_TICKETS).where(_TICKETS.c.id > after).order_by(_TICKETS.c.id).limit(BATCH)
    ).all():
        words = [{"word": word, "ticket_id": row.id} for row in rows for word in _words(row)]
        if words:
            connection.execute(sa.insert(_WORDS), words)
        after = rows[-1].id


def _words(row: sa.Row[tuple[object, ...]]) -> list[str]:
    requester = Requester(
        row.requester_name, row.requester_email, row.requester_phone, handle=row.requester_handle
    )
    ticket = Ticket("", "open", "", requester, row.opened_at, row.subject, request_number=row.request_number)
    return words_of(ticket)
