"""Acts on the deadlines that fell due, and gathers what staff should hear about in one mail.

The rules are in `workflow`; the desk finds the rows that are due.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from daemon.casework.case import Case, Cases
from daemon.casework.occasion import Occasion
from daemon.casework.saying import Speech
from daemon.store import deadlines, ticket_rows, tickets
from daemon.workflow.deadline_kinds import SPEAKING
from daemon.workflow.deadlines import open_deadlines
from daemon.workflow.events import DeadlineReached
from daemon.workflow.model import Decision, Notification
from daemon.workflow.reminders import in_one_mail


@dataclass(frozen=True, slots=True)
class Reminder:
    """Something to tell staff because of `due`, not written down yet."""

    due: deadlines.Due
    decision: Decision
    said: Notification


def told_to(said: Notification) -> tuple[str, str]:
    """What goes into one mail: the same kind of notice to the same address."""
    return said.name, said.recipient.lower()


class Promises:
    """Keeps the promises of time, inside the caller's transaction, under one policy."""

    def __init__(self, cases: Cases) -> None:
        self._cases = cases

    def on_due(self, connection: Connection, due: deadlines.Due, now: datetime) -> bool:
        """Act on one due deadline; False where another desk already did."""
        case = self._cases.at(connection, now)
        found = _due_ticket(case, due, now)
        if found is None:
            return False
        if due.kind in SPEAKING and (morning := _speaking_time(case)) > now:
            deadlines.postpone(connection, due, morning)
            return True
        case.settle(_occasion(due, found))
        return True

    def remind(
        self,
        connection: Connection,
        due: deadlines.Due,
        now: datetime,
        *,
        told: frozenset[tuple[str, str]] | None = None,
    ) -> list[Reminder]:
        """Act on a deadline of which staff are told; what is to be said is returned, since others may go in
        the same mail (`say_together`). One that lies some minutes ahead is acted on only where it joins mails
        that go anyway: `told` are those (`told_to`), and else it waits for its time."""
        case = self._cases.at(connection, now)
        found = _due_ticket(case, due, now + case.policy.reminders_within)
        if found is None:
            return []
        decided = case.decide(_occasion(due, found))
        decision = decided.decision
        if told is not None and not {told_to(said) for said in decision.notifications} <= told:
            return []
        case.write(replace(decided, decision=replace(decision, notifications=())))
        return [Reminder(due, decision, said) for said in decision.notifications]

    def say_together(self, connection: Connection, reminders: list[Reminder], now: datetime) -> None:
        """One mail for each address and kind of notice (DESIGN §2, Time)."""
        case = self._cases.at(connection, now)
        for index, said in in_one_mail([reminder.said for reminder in reminders]):
            due, decision = reminders[index].due, reminders[index].decision
            case.say(Speech(_cause(due), replace(decision, notifications=(said,)), due.ticket_id))


def _occasion(due: deadlines.Due, found: ticket_rows.Stored) -> Occasion:
    return Occasion("deadline", DeadlineReached(due.kind, due.due_at), found, cause=_cause(due))


def _cause(due: deadlines.Due) -> str:
    return f"deadline:{due.ticket_id}:{due.kind}:{due.due_at.isoformat()}"


def _due_ticket(case: Case, due: deadlines.Due, until: datetime) -> ticket_rows.Stored | None:
    """The deadline's ticket, locked; None where another desk already acted, or it is not due after all:
    computed by another calendar, or by a clock that was ahead."""
    found = tickets.by_id(case.connection, due.ticket_id)
    if found is None or not deadlines.still_stands(case.connection, due):
        return None
    wanted = open_deadlines(found.ticket, case.policy)
    if any(one.kind == due.kind and one.due_at <= until for one in wanted):
        return found
    deadlines.reconcile(case.connection, found.id, wanted)
    return None


def _speaking_time(case: Case) -> datetime:
    policy = case.policy
    return policy.calendar.next_speaking_time(case.now, policy.speaks_from, policy.speaks_until)
