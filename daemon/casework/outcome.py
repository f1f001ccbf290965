"""Owns the shape of what became of one inbox row."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one inbox row, as it is written on the row."""

    state: str
    kind: str | None
    outcome: str
    reason: str
    explanation: list[str]
    ticket_id: int | None = None
    answered: bool = False
