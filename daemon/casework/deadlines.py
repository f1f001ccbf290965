"""Owns acting on deadlines that fell due: look up, ask the rules, write; and what staff hear of together.

The rules are in `workflow`, which row is due is the desk's to find.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from daemon.casework.records import Records
from daemon.store import deadlines, tickets
from daemon.workflow.deadlines import SPEAKING, open_deadlines
from daemon.workflow.decide import decide
from daemon.workflow.events import DeadlineReached
from daemon.workflow.model import Decision, Facts, Notification
from daemon.workflow.policy import Policy
from daemon.workflow.timekeeping import in_one_mail


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
    """Keeps them inside the caller's transaction, under one policy."""

    def __init__(self, policy: Policy, records: Records) -> None:
        self._policy = policy
        self._records = records

    def on_due(self, connection: Connection, due: deadlines.Due, now: datetime) -> bool:
        """Act on one due deadline; False where another desk already did."""
        stored = self._due_ticket(connection, due, now)
        if stored is None:
            return False
        if due.kind in SPEAKING and (morning := self._speaking_time(now)) > now:
            deadlines.postpone(connection, due, morning)
            return True
        decision = decide(Facts(stored.ticket), DeadlineReached(due.kind, due.due_at), self._policy, now)
        self._records.write_ticket(connection, decision, stored, "deadline", now)
        cause = f"deadline:{due.ticket_id}:{due.kind}:{due.due_at.isoformat()}"
        self._records.say(connection, cause, decision, stored.id, now)
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
        stored = self._due_ticket(connection, due, now + self._policy.reminders_within)
        if stored is None:
            return []
        decision = decide(Facts(stored.ticket), DeadlineReached(due.kind, due.due_at), self._policy, now)
        if told is not None and not {told_to(said) for said in decision.notifications} <= told:
            return []
        self._records.write_ticket(connection, decision, stored, "deadline", now)
        return [Reminder(due, decision, said) for said in decision.notifications]

    def say_together(self, connection: Connection, reminders: list[Reminder], now: datetime) -> None:
        """One mail for each address and kind of notice (DESIGN §2, Time)."""
        for index, said in in_one_mail([reminder.said for reminder in reminders]):
            due, decision = reminders[index].due, reminders[index].decision
            cause = f"deadline:{due.ticket_id}:{due.kind}:{due.due_at.isoformat()}"
            self._records.say(connection, cause, replace(decision, notifications=(said,)), due.ticket_id, now)

    def _due_ticket(
        self, connection: Connection, due: deadlines.Due, until: datetime
    ) -> tickets.Stored | None:
        """The deadline's ticket, locked; None where another desk already acted, or it is not due after
        all: computed by another calendar, or by a clock that was ahead."""
        stored = tickets.by_id(connection, due.ticket_id)
        if stored is None or not deadlines.still_stands(connection, due):
            return None
        wanted = open_deadlines(stored.ticket, self._policy)
        if any(one.kind == due.kind and one.due_at <= until for one in wanted):
            return stored
        deadlines.reconcile(connection, stored.id, wanted)
        return None

    def _speaking_time(self, now: datetime) -> datetime:
        policy = self._policy
        return policy.calendar.next_speaking_time(now, policy.speaks_from, policy.speaks_until)

    # --- a mail -------------------------------------------------------------------------------------
