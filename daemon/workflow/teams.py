"""Says which team, or which addresses, answer for a ticket."""

from __future__ import annotations

from daemon.workflow.model import Team, Ticket
from daemon.workflow.policy import Policy


def responsible(ticket: Ticket, policy: Policy) -> list[str]:
    """The addresses that answer for the ticket. Where the member who accepted its escalation has left, the
    specialised team, which promised to contact the requester; not the team that it was taken from."""
    if any(person.is_active and person.email == ticket.assignee for person in policy.people):
        return [ticket.assignee or ""]
    if ticket.escalation == "accepted":
        return escalation_addresses(ticket, policy)
    team = team_of(ticket, policy)
    return [team.address] if team else [policy.operator] if policy.operator else []


def team_of(ticket: Ticket, policy: Policy) -> Team | None:
    return next((team for team in policy.teams if team.name == ticket.team), None)


def team_for(category: str | None, policy: Policy) -> Team | None:
    """The team of that category; else the one without categories, which takes the rest."""
    named = (team for team in policy.teams if category in team.categories)
    rest = (team for team in policy.teams if not team.categories and not team.is_escalation)
    return next(named, None) or next(rest, None) or (policy.teams[0] if policy.teams else None)


def privacy_team(policy: Policy) -> Team | None:
    """The team that answers what people ask about their own data."""
    named = (team for team in policy.teams if team.name == policy.privacy_team)
    return next(named, None) or team_for(None, policy)


def escalation_addresses(ticket: Ticket, policy: Policy) -> list[str]:
    """The specialised teams of the guide; the ticket's own team where none is set up."""
    special = [team.address for team in policy.teams if team.is_escalation]
    own = team_of(ticket, policy)
    return special or ([own.address] if own else [policy.operator] if policy.operator else [])
