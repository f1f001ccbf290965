"""Opens a complaint: what it is from the first mail on, and who is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from daemon.workflow import trust
from daemon.workflow.clocks import start_clock
from daemon.workflow.events import MailReceived
from daemon.workflow.history import Line
from daemon.workflow.model import Decision, Facts, Notification, Requester, Team, Ticket, Value
from daemon.workflow.naming import missing
from daemon.workflow.policy import Policy
from daemon.workflow.saying import answer
from daemon.workflow.saying_to_staff import is_mail, staff_new, to_staff, to_teams
from daemon.workflow.teams import privacy_team, team_for
from daemon.workflow.vocabulary import IN_CHANNEL


def open_after(facts: Facts, ticket: Ticket, event: MailReceived, policy: Policy, now: datetime) -> Decision:
    """Words about a complaint that is closed for good: a new one, linked to it, of the same requester, who
    is reached where they were reached before."""
    known = ticket.requester
    # A mail does not reach the mobile that somebody gave on another channel, with this address perhaps.
    is_theirs = not known.is_phone_unproved and not (is_mail(event) and trust.standing(ticket) == "vouched")
    is_theirs = is_theirs or (known.is_phone_vouched and event.is_vouched)
    if event.phone is None and known.phone is not None and is_theirs:
        event = replace(event, phone=known.phone, is_phone_vouched=known.is_phone_vouched)
    facts = replace(
        facts,
        linked_ticket=ticket.number,
        is_own_link=True,
        is_email_dead=facts.is_email_dead or known.is_email_dead,
    )
    return open_ticket(facts, event, policy, now)


def open_ticket(facts: Facts, event: MailReceived, policy: Policy, now: datetime) -> Decision:
    """A new complaint. What holds it is a missing request number, nothing else (DESIGN §2)."""
    opened_at = min(event.at, now)
    is_about_privacy = is_wish_about_data(event)
    team = privacy_team(policy) if is_about_privacy else team_for(event.category, policy)
    ticket = Ticket(
        number=facts.new_number,
        state="open" if event.request_number or is_about_privacy else "awaiting_info",
        channel=event.channel,
        requester=Requester(
            event.sender_name,
            event.sender_email or None,
            event.phone or facts.known_phone,
            is_phone_vouched=event.is_phone_vouched,
            handle=event.handle,
            is_email_dead=facts.is_email_dead,
        ),
        opened_at=opened_at,
        subject=event.subject,
        category=event.category,
        request_number=event.request_number,
        authenticated=event.is_authenticated,
        has_unseen_attachments=bool(event.attachments),
        team=team.name if team else None,
        linked_to=facts.linked_ticket,
        language=event.language,
    )
    if ticket.requester.phone and trust.standing(ticket) == "unproved":
        ticket = replace(ticket, requester=replace(ticket.requester, is_phone_unproved=True))
    if ticket.channel in IN_CHANNEL:
        answered_at = event.first_response_at or opened_at
        contacted_at = event.contacted_at or min(opened_at, answered_at)
        ticket = replace(ticket, contacted_at=contacted_at, first_response_at=answered_at)
    if ticket.state == "open":
        ticket = start_clock(ticket, opened_at)
        name, line = "received", Line("opened")
    else:
        ticket = replace(ticket, info_requested_at=now)
        name, line = "info_requested", Line("opened_incomplete")
    # What is missing is asked for once, here (DESIGN §2).
    lacking: dict[str, Value] = {"missing": list(missing(ticket))}
    spoken = answer(facts, ticket, event, policy, name, **lacking | _about_privacy(is_about_privacy))
    # Where nobody can be asked, `staff_new` says so: one message of one cause.
    spoken = tuple(said for said in spoken if said.audience == "requester")
    text = event.text or event.new_text
    values = staff_new(
        ticket,
        policy,
        text,
        event.attachments,
        is_proved=event.is_authenticated or event.is_vouched or not ticket.requester.email,
        is_own_link=facts.is_own_link,
    )
    values["is_same_address"] = facts.is_same_address
    told = to_staff("staff_new", ticket, policy, values | _about_privacy(is_about_privacy))
    if is_about_privacy:
        told += _lead_too(team, ticket, policy, told)
        return Decision(ticket, spoken + told, (line, Line("privacy_asked")), "opened")
    return Decision(ticket, spoken + told, (line,), "opened")


def is_wish_about_data(event: MailReceived) -> bool:
    """Whether a mail asks about its writer's own data and nothing else: what names a request of Furas or a
    ground is a complaint, whatever it says of data. It opens a ticket like any other, which no request
    number holds; people verify who is asking, and the program itself does nothing about the data."""
    return bool(event.privacy_wish) and not event.request_number and not event.category


def _about_privacy(is_so: bool) -> dict[str, Value]:
    return {"is_about_privacy": True, "missing": []} if is_so else {}


def _lead_too(
    team: Team | None, ticket: Ticket, policy: Policy, told: tuple[Notification, ...]
) -> tuple[Notification, ...]:
    """The law gives thirty days: the lead hears of it at once (PDPL, Implementing Regulation, Art. 3)."""
    known = {said.recipient.lower() for said in told}
    if team is None or not team.lead or team.lead.lower() in known or not told:
        return ()
    return to_teams("staff_new", ticket, policy, [team.lead], told[0].values)
