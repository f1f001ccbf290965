"""Judges what a staff mail proves, against what it wants (DESIGN §2, Staff by e-mail)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from daemon.workflow import commands
from daemon.workflow.commands import Refused
from daemon.workflow.events import StaffWrote
from daemon.workflow.model import Person, Ticket
from daemon.workflow.policy import Policy
from daemon.workflow.vocabulary import Refusal, Verdict

_UNPROVED: Final[Mapping[Verdict, Refusal]] = {"absent": "no_verdict", "fail": "refuted"}


def may_still_hold(person: Person, ticket: Ticket, policy: Policy) -> bool:
    """Whether `person` may still use a token about `ticket`: it was made for them, and the ticket may have
    gone to others since (LESSONS S2)."""
    teams = {team.name for team in policy.teams if team.name == ticket.team or team.is_escalation}
    lead = next((team.lead for team in policy.teams if team.name == ticket.team), None)
    addresses = {(ticket.assignee or "").lower(), (lead or "").lower()}
    return bool(teams & person.teams) or person.email.lower() in addresses or not teams


def is_of_another_team(person: Person, ticket: Ticket) -> bool:
    """Whether `person` answers for `ticket` neither by their team nor because it was assigned to them."""
    is_theirs = person.email.lower() == (ticket.assignee or "").lower()
    return ticket.team is not None and ticket.team not in person.teams and not is_theirs


def check_proofs(event: StaffWrote, policy: Policy) -> None:
    """What reaches a citizen and what changes a ticket needs both proofs, and what stays inside one of them.
    Where the mail server says nothing of anybody, the token is both. Being on the roster and active was
    judged before: without it the mail never comes here. Raises Refused."""
    if not policy.has_border:
        if not event.has_token:
            raise Refused("no_token")
        return
    has_token = event.has_token or (event.has_anothers_token and is_only_spoken(event))
    if needs_both(event):
        is_proved = event.is_authenticated and has_token
    else:
        is_proved = event.is_authenticated or has_token
    if not is_proved:
        raise Refused("no_token" if event.is_authenticated else why_unproved(event.verdict))


def needs_both(event: StaffWrote) -> bool:
    """Whether a citizen would read it, or a ticket would change."""
    if event.commands:
        return not all(isinstance(command, commands.INTERNAL) for command in event.commands)
    return event.goes_to_citizen


def is_harmless(event: StaffWrote) -> bool:
    """Whether it only asks something of the program."""
    return bool(event.commands) and all(isinstance(one, commands.HARMLESS) for one in event.commands)


def is_only_spoken(event: StaffWrote) -> bool:
    """Whether it says something and orders nothing: a member of another team may answer, not decide."""
    return all(isinstance(command, commands.SPOKEN) for command in event.commands)


def is_known(event: StaffWrote, policy: Policy) -> bool:
    """Whether the writer is who they say, as far as the mail server can tell at all."""
    return event.is_authenticated or not policy.has_border


def why_unproved(verdict: Verdict) -> Refusal:
    """What is told to a writer whose From is not proved: the mail server was silent (the operator must look),
    it refuted them, or it knew nothing."""
    return _UNPROVED.get(verdict, "not_authenticated")
