"""Holds a complaint in whose requester's name somebody wrote unproved, until staff have looked.

The words may be the requester's own, from a second device or a mail host without DMARC. So nobody is warned
of silence, and nothing is closed over them; staff hear of it at once (`staff_update`) and again meanwhile.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from daemon.workflow.model import Ticket

MARK: Final = "unproved_unseen"
"""The mark on a ticket that is held for this alone, and not because our words do not arrive."""


def hold(ticket: Ticket, now: datetime) -> Ticket:
    """Where silence or time would end it, neither does before staff act. What is held already stays so."""
    if ticket.state not in ("awaiting_info", "resolved") or ticket.held:
        return ticket
    return replace(ticket, held=True, reminded=ticket.reminded | {MARK}, told_late_at=now)


def is_held(ticket: Ticket) -> bool:
    return ticket.held and MARK in ticket.reminded


def seen(ticket: Ticket) -> Ticket:
    """Staff have looked, or the requester proved to be content: what was due goes on."""
    if MARK not in ticket.reminded:
        return ticket
    return replace(ticket, held=False, reminded=ticket.reminded - {MARK})


def hold_unheard(ticket: Ticket, at: datetime) -> Ticket:
    """Held because our words do not arrive, which looking does not mend."""
    return replace(ticket, held=True, reminded=ticket.reminded - {MARK}, told_late_at=at)
