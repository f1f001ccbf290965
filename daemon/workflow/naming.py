"""Says what a message may name: the house, an instant, what a ticket lacks."""

from __future__ import annotations

from datetime import datetime

from daemon.workflow.model import Ticket, Value
from daemon.workflow.policy import Policy
from daemon.workflow.vocabulary import Missing


def missing(ticket: Ticket) -> list[Missing]:
    """Exactly what the ticket lacks, in the order it is asked for."""
    lacks: list[Missing] = []
    if not ticket.request_number:
        lacks.append("request_number")
    if not ticket.category:
        lacks.append("ground")
    if not ticket.requester.phone:
        lacks.append("mobile")
    return lacks


def asked_again(ticket: Ticket) -> list[str]:
    """What is asked for after the opening: a missing mobile is asked for once (DESIGN §2, States)."""
    return [one for one in missing(ticket) if one != "mobile"]


def stamp(instant: datetime | None, policy: Policy) -> str:
    """ISO 8601 with offset, in the desk's own time zone; "" for none."""
    return instant.astimezone(policy.calendar.timezone).isoformat(timespec="seconds") if instant else ""


def moment(instant: datetime, policy: Policy) -> str:
    """For the eye, in figures alone."""
    return f"{instant.astimezone(policy.calendar.timezone):%Y-%m-%d %H:%M}"


def house(policy: Policy) -> dict[str, Value]:
    """What every message may name."""
    named: dict[str, Value] = {
        "service_name": policy.service_name,
        "unified_number": policy.unified_number,
        "mailbox_address": policy.mailbox_address,
    }
    return named | {"privacy_url": policy.privacy_url} if policy.privacy_url else named


def about_for_staff(ticket: Ticket) -> dict[str, Value]:
    """What the short notices to staff name of a ticket."""
    return {
        "requester_name": ticket.requester.name,
        "request_number": ticket.request_number or "",
        "subject": ticket.subject,
        "state": ticket.state,
    }
