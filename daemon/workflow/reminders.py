"""What staff are told of the times they must keep: nearly over, over, and over still.

After the last breach they are reminded again every few business days, so that no open promise is without a
clock (DESIGN §2, States).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from daemon.workflow import clocks, deadline_kinds, deadlines, escalation_clock, unproved_words
from daemon.workflow.events import DeadlineReached
from daemon.workflow.history import Line
from daemon.workflow.listed import Listed, packed
from daemon.workflow.model import Decision, Notification, Ticket, Value
from daemon.workflow.naming import about_for_staff, stamp
from daemon.workflow.policy import Policy
from daemon.workflow.saying_to_staff import to_staff, to_teams
from daemon.workflow.teams import escalation_addresses, responsible, team_of
from daemon.workflow.vocabulary import STANDSTILL, Clock


def breach(ticket: Ticket, event: DeadlineReached, policy: Policy, now: datetime) -> Decision:
    """Recorded, and told to the responsible, the lead and an escalation team. No escalation is raised:
    that is the citizen's to do (DESIGN §2, States)."""
    line = Line("breached", {"clock": event.kind})
    told = deadline_kinds.told_of(event.kind)
    says = () if told in ticket.reminded else tell_of_breach(ticket, event, policy)
    ticket = replace(ticket, reminded=ticket.reminded - {told} | {deadline_kinds.late(event.kind)})
    return Decision(_told_late(ticket, event.kind, now), says, (line,), "breached")


def breached(ticket: Ticket, kind: str, now: datetime) -> Ticket:
    """With the moment of the breach, where it is the promise of the opening: what the reports count. A breach
    after a reopening stands in the history and in the marks."""
    if ticket.reopened_at is not None:
        return ticket
    if kind == deadline_kinds.PROCESSING:
        return replace(ticket, processing_breached_at=now)
    return replace(ticket, first_response_breached_at=now)


def _told_late(ticket: Ticket, kind: str, now: datetime) -> Ticket:
    if kind in (
        deadline_kinds.ESCALATION_ANSWER,
        deadline_kinds.ESCALATION,
        deadline_kinds.ESCALATION_OVERDUE,
    ):
        return replace(ticket, escalation_told_late_at=now)
    return replace(ticket, told_late_at=now)


def remind_again(ticket: Ticket, event: DeadlineReached, policy: Policy, now: datetime) -> Decision:
    """Still over its time, or still waiting for staff: the responsible and the lead hear of it again, every
    few business days until somebody acts (DESIGN §2, No open promise without a clock)."""
    ticket = _told_late(ticket, event.kind, now)
    if event.kind == deadline_kinds.STALLED:
        says = tell_of_standstill(ticket, policy, now, is_again=True)
        return Decision(ticket, says, (Line("standstill_told"),), "reminded")
    if event.kind == deadline_kinds.ESCALATION_OVERDUE:
        kind = escalation_clock.escalation_time(ticket)
    else:
        kind = deadlines.overdue_time(ticket, policy) or deadline_kinds.PROCESSING
    due_at = _due_of(ticket, kind, policy)
    values = about_for_staff(ticket) | {"kind": kind, "due_at": stamp(due_at, policy), "is_again": True}
    values |= {"is_reopened": ticket.reopened_at is not None}
    says = to_teams("staff_breached", ticket, policy, _in_charge(ticket, kind, policy), values)
    return Decision(ticket, says, (Line("breach_told_again", {"clock": kind}),), "reminded")


def _due_of(ticket: Ticket, kind: Clock, policy: Policy) -> datetime | None:
    match kind:
        case "first_response":
            return clocks.first_response_due(ticket, policy)
        case "processing":
            return clocks.staff_processing_due(ticket, policy)
        case _:
            return escalation_clock.escalation_due(ticket, policy)


def late_time(ticket: Ticket, policy: Policy, now: datetime) -> tuple[Clock, datetime] | None:
    """Which time of the ticket is over and not met, and when it ended; None where each was met since."""
    over = deadlines.overdue_time(ticket, policy)
    kinds: list[Clock] = [over] if over else []
    if ticket.escalated:
        kinds.append(escalation_clock.escalation_time(ticket))
    ends = ((kind, _due_of(ticket, kind, policy)) for kind in kinds)
    return next(((kind, due_at) for kind, due_at in ends if due_at is not None and due_at < now), None)


def tell_of_standstill(
    ticket: Ticket, policy: Policy, now: datetime, *, is_again: bool
) -> tuple[Notification, ...]:
    """To the responsible and the lead: nothing goes on here before one of them acts."""
    values = about_for_staff(ticket) | {
        "kind": STANDSTILL,
        "due_at": stamp(now, policy),
        "is_again": is_again,
    }
    cause = "attachments" if ticket.has_unseen_attachments and not ticket.held else "unheard"
    values |= {"cause": "unproved" if unproved_words.is_held(ticket) else cause}
    return to_teams("staff_breached", ticket, policy, _in_charge(ticket, "processing", policy), values)


def _in_charge(ticket: Ticket, kind: str, policy: Policy) -> list[str]:
    """The responsible and the lead; of an escalation the lead of the specialised team, and that team itself
    as long as nobody has accepted it."""
    if kind not in (deadline_kinds.ESCALATION_ANSWER, deadline_kinds.ESCALATION):
        return responsible(ticket, policy) + _lead_of(ticket, policy)
    special = [team for team in policy.teams if team.is_escalation]
    leads = [team.lead for team in special if team.lead] or _lead_of(ticket, policy)
    if kind == deadline_kinds.ESCALATION_ANSWER:
        return escalation_addresses(ticket, policy) + leads
    return responsible(ticket, policy) + leads


def _lead_of(ticket: Ticket, policy: Policy) -> list[str]:
    team = team_of(ticket, policy)
    return [team.lead] if team and team.lead else []


def forewarn(ticket: Ticket, event: DeadlineReached, policy: Policy) -> Decision:
    """The time is all but over, and a mail about another ticket goes to the same people now: it names this
    one too, and the breach itself, if it comes to it, is recorded without a second mail."""
    says = tell_of_breach(ticket, event, policy)
    ticket = replace(ticket, reminded=ticket.reminded | {deadline_kinds.told_of(event.kind)})
    return Decision(ticket, says, (Line("staff_forewarned", {"clock": event.kind}),), "reminded")


def tell_of_breach(ticket: Ticket, event: DeadlineReached, policy: Policy) -> tuple[Notification, ...]:
    due_at = stamp(event.due_at, policy)
    values = about_for_staff(ticket) | {"kind": event.kind, "due_at": due_at, "is_again": False}
    values |= {"is_reopened": ticket.reopened_at is not None}
    addresses = responsible(ticket, policy) + _in_charge(ticket, event.kind, policy)
    if event.kind == deadline_kinds.ESCALATION_ANSWER:
        addresses += _lead_of(ticket, policy)
    addresses += escalation_addresses(ticket, policy)
    return to_teams("staff_breached", ticket, policy, addresses, values)


def remind_staff(ticket: Ticket, event: DeadlineReached, policy: Policy, now: datetime) -> Decision:
    """The time is nearly over. Found late, after a downtime, it may be over: then the breach says what is."""
    kind: Clock = event.kind.removesuffix("_80")  # type: ignore[assignment]  # the caller chose the kinds
    ticket = replace(ticket, reminded=ticket.reminded | {event.kind})
    due = _due_of(ticket, kind, policy)
    if due is not None and due < now:
        return Decision(ticket, (), (Line("staff_reminded", {"clock": kind}),), "recorded")
    values = about_for_staff(ticket) | {"kind": kind, "percent": 80, "due_at": stamp(due, policy)}
    says = to_staff("staff_due_soon", ticket, policy, values)
    if kind == deadline_kinds.ESCALATION_ANSWER:
        says = to_teams("staff_due_soon", ticket, policy, escalation_addresses(ticket, policy), values)
    return Decision(ticket, says, (Line("staff_reminded", {"clock": kind}),), "reminded")


MOST_LISTED = 40
"""Lines of one list in a mail to staff: nobody reads more."""


def in_one_mail(reminders: Sequence[Notification]) -> tuple[tuple[int, Notification], ...]:
    """A team's reminders within a quarter of an hour, in one mail for each address and kind of notice: the
    first carries the others. Returns each with the index of that first one (DESIGN §2, Time)."""
    together: dict[tuple[str, str], list[int]] = {}
    for index, said in enumerate(reminders):
        together.setdefault((said.name, said.recipient.lower()), []).append(index)
    return tuple(
        (indices[0], _with_others(reminders[indices[0]], [reminders[index] for index in indices[1:]]))
        for indices in together.values()
    )


LISTS = {
    "first_response": (deadline_kinds.FIRST_RESPONSE,),
    "processing": (deadline_kinds.PROCESSING,),
    "escalation": (deadline_kinds.ESCALATION_ANSWER, deadline_kinds.ESCALATION),
    "standstill": (STANDSTILL,),
}
"""The lists of such a mail, with the kinds of notice that stand in each."""


def _with_others(first: Notification, others: Sequence[Notification]) -> Notification:
    values: dict[str, Value] = {
        f"others_{name}": [_line(said) for said in others if said.values["kind"] in kinds][:MOST_LISTED]
        for name, kinds in LISTS.items()
        if name != "standstill" or first.name == "staff_breached"
    }
    unlisted = max(0, len(others) - sum(len(lines) for lines in values.values() if isinstance(lines, list)))
    return replace(first, values={**first.values, **values, "others_unlisted": unlisted})


def _line(said: Notification) -> str:
    """A ticket's number and its due time."""
    number = str(said.values["ticket_number"])
    is_over = said.values["kind"] == STANDSTILL
    return packed(Listed(number, due_at="" if is_over else str(said.values["due_at"])))
