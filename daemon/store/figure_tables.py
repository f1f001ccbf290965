"""The tables of the kept figures (`store.figures`). `schema` lists them among all tables."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from daemon.store.kinds_of_columns import Id, Instant, metadata

counted_tickets = Table(
    "counted_tickets",
    metadata,
    # What of each ticket the figures hold, so that it can be taken out again when it changes.
    Column(
        "ticket_id", Id, ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    Column("counted", JSON, nullable=False),  # {"group": […], "entries": [[span, what, value, times] …]}
)

figures = Table(
    "figures",
    metadata,
    # The counts of each cell (`workflow.counts`) in each month and each day, and of what stands now. They
    # outlive the tickets: what retention removes stays counted.
    Column("key", Text, primary_key=True),  # span and cell in one
    Column("span", Text, nullable=False),  # 2026-11, 2026-11-23, now
    Column("shape", Text, nullable=False),  # which of the four below are asked; the others are "*"
    Column("channel", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("member", Text, nullable=False),
    Column("opened", Integer, nullable=False),  # of `counts`, so that a course of days reads no JSON
    Column("closed", Integer, nullable=False),
    Column("counts", JSON, nullable=False),
    Index("ix_figures_span", "span", "shape"),
)

monthly_reports = Table(
    "monthly_reports",
    metadata,
    # The pages that went to the leads, as they were made: a mail names one by its hash (`dispatch.envelope`).
    Column("sha256", Text, primary_key=True),
    Column("month", Text, nullable=False),  # 2026-11
    Column("about", Text, nullable=False),  # a team, or "" for all
    Column("made_at", Instant, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
