"""Says whether two complaints may be merged into one."""

from __future__ import annotations

from typing import Literal

from daemon.workflow.model import Requester, Ticket
from daemon.workflow.trust import are_equal
from daemon.workflow.vocabulary import MergeRefusal


def why_not_merged(ticket: Ticket, into: Ticket, *, was_merged: bool) -> MergeRefusal | Literal[""]:
    """Why these two stay apart, or "". Of two people's complaints neither may learn of the other's, and who
    proved nothing would read what belongs to who did."""
    if ticket.number == into.number:
        return "the_same_ticket"
    if was_merged:
        return "merged_already"
    if ticket.escalated and not into.escalated:
        return "open_escalation"  # it would end with its ticket, and nobody would follow it up
    one, two = ticket.requester, into.requester
    if not are_equal(ticket, into):
        return "unequally_proved"
    same_email = one.email is not None and one.email.lower() == (two.email or "").lower()
    same_email = same_email and not (_is_known_otherwise(one) or _is_known_otherwise(two))
    same_phone = one.phone == two.phone and one.is_phone_vouched and two.is_phone_vouched
    same_handle = one.handle is not None and one.handle == two.handle
    return "" if same_email or same_phone or same_handle else "another_requester"


def _is_known_otherwise(requester: Requester) -> bool:
    """By a mobile or an account that somebody vouched for: then the address is only where answers go."""
    return requester.is_phone_vouched or requester.handle is not None
