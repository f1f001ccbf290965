"""Judges what a staff mail proves, against what it wants (DESIGN §2, Staff by e-mail)."""

from __future__ import annotations

from daemon.workflow import commands
from daemon.workflow.commands import Refused
from daemon.workflow.events import StaffWrote
from daemon.workflow.model import Person, Ticket
from daemon.workflow.policy import Policy


def may_still_hold(person: Person, ticket: Ticket, policy: Policy) -> bool:
    """Whether `person` may still use a token about `ticket`: it was made for them, and the ticket may have
    gone to others since (LESSONS S2)."""
    teams = {team.name for team in policy.teams if team.name == ticket.team or team.is_escalation}
    lead = next((team.lead for team in policy.teams if team.name == ticket.team), None)
    addresses = {(ticket.assignee or "").lower(), (lead or "").lower()}
    return bool(teams & person.teams) or person.email.lower() in addresses or not teams


def check_proofs(event: StaffWrote) -> None:
    """A plain answer needs one proof, a command that changes state both (DESIGN §2). Being on the
    roster and active was judged before: without it the mail never comes here."""
    changes = any(not isinstance(command, commands.HARMLESS) for command in event.commands)
    if changes and not (event.is_authenticated and event.has_token):
        raise Refused("not_authenticated")
    if not (event.is_authenticated or event.has_token):
        raise Refused("not_authenticated")
