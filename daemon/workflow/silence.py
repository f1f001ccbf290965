"""What becomes of an old mail that is taken in silently (`mail import --silent`): nobody is told of it.

Its clocks run from when it came, and nothing that a clock says goes to a requester who never heard of the
complaint. Their first word of it comes from a person, or answers their own: it joins their own mail and names
the complaint, as every word to them does.
"""

from __future__ import annotations

from dataclasses import replace

from daemon.workflow.clocks import start_clock
from daemon.workflow.deadline_kinds import PROCESSING_DELAYED
from daemon.workflow.history import Line
from daemon.workflow.model import Decision, Facts, Notification, Ticket

_OPENED = ("opened", "opened_incomplete")


def silenced(decision: Decision, facts: Facts) -> Decision:
    """`decision` on such a mail. Staff hear of one that joins a complaint that somebody was told of; and of
    a wish about personal data, whose time the law sets."""
    ticket = decision.ticket
    if ticket is None:
        return replace(decision, notifications=())
    lines = decision.history
    if decision.outcome == "opened":
        ticket = _unheard(ticket)
        lines = (Line("opened"), *(line for line in lines if line.code not in _OPENED))
    is_told = (
        any(line.code == "privacy_asked" for line in lines)
        if decision.outcome == "opened"
        else not facts.is_unheard
    )
    told = _to_staff(decision.notifications) if is_told else ()
    return replace(decision, ticket=ticket, notifications=told, history=(*lines, Line("taken_in_silently")))


def _to_staff(said: tuple[Notification, ...]) -> tuple[Notification, ...]:
    return tuple(one for one in said if one.audience == "staff")


def _unheard(ticket: Ticket) -> Ticket:
    """A new one. Nothing was asked for, so nothing is awaited: what is missing, staff ask for. Of a delay
    that lies before their first word of us nobody apologises."""
    if ticket.state == "awaiting_info":
        ticket = start_clock(replace(ticket, state="open", info_requested_at=None), ticket.opened_at)
    return replace(ticket, reminded=ticket.reminded | {PROCESSING_DELAYED})
