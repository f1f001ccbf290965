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
    ways = [pair for pair in zip(_vouched(one), _vouched(two), strict=True) if any(pair)]
    if not ways or (ticket.authenticated and into.authenticated):
        # Proved; or all that is known of them.
        is_same = one.email is not None and one.email.lower() == (two.email or "").lower()
    else:
        # Who differs in one way is another, whatever else is the same.
        is_same = any(ours == theirs for ours, theirs in ways)
        is_same = is_same and all(ours == theirs for ours, theirs in ways if ours and theirs)
    return "" if is_same else "another_requester"


def _vouched(requester: Requester) -> tuple[str | None, str | None]:
    """The mobile and the account that somebody vouched for. Where there is one, the address is only where
    answers go, unless it is proved."""
    return requester.phone if requester.is_phone_vouched else None, requester.handle
