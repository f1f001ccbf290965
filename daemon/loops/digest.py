"""Sends the morning digest: once each business day, to each team, what waits and what will breach today.

So a team lead sees what will breach before it does (DESIGN §1).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection

from daemon.casework.case import Cases
from daemon.casework.quarantine import digest_lines
from daemon.casework.reconciliation import lines as unsettled_lines
from daemon.casework.saying import Speech
from daemon.clock import Clock
from daemon.store import audit, counters, digests, holds, reconciliation, switches, tickets
from daemon.store.database import Database
from daemon.templating.page_words import PageWords, Shelf
from daemon.workflow.deadline_kinds import ESCALATION, ESCALATION_ANSWER, FIRST_RESPONSE, PROCESSING, TIMES
from daemon.workflow.listed import Listed, packed
from daemon.workflow.model import Decision, Notification, Team, Value
from daemon.workflow.naming import house, stamp
from daemon.workflow.quarantine import judging_team
from daemon.workflow.reminders import late_time

MORNING = time(8)
"""From then on, as soon as the desk is up on that day."""
SAID_ON = "digest_said_on"
"""The counter that holds the day, as an ordinal, on which the digests were last said."""
WORTH_SAYING = (
    *("open_count", "awaiting_count", "held", "suppressed_count", "quarantined_count"),
    *("undelivered_count", "silent_count"),
    *("due_today", "half_used", "breached", "sending_held_at", "unsettled"),
)
MAX_SUBJECT = 60
"""Characters of a subject in a list."""


def cut(subject: str) -> str:
    line = " ".join(subject.split())
    return line if len(line) <= MAX_SUBJECT else f"{line[:MAX_SUBJECT]}…"


class Digest:
    """Says each team's digest once a day, to the team and its lead; that it was said is in the store."""

    def __init__(
        self, database: Database, cases: Cases, clock: Clock, language: str, shelf: Shelf | None = None
    ) -> None:
        """`shelf`: where its words stand; None: those that the program comes with."""
        self._database = database
        self._policy = cases.policy
        self._cases = cases
        self._clock = clock
        self._language = language
        self._shelf = shelf or Shelf()
        self._said_on = ""

    async def run(self) -> bool:
        """Say what is due; True where anything new was said. Raises StoreUnavailable."""
        now = self._clock.now()
        local = now.astimezone(self._policy.calendar.timezone)
        day = local.date().isoformat()
        is_due = self._policy.calendar.is_business_day(local.date()) and local.time() >= MORNING
        if not is_due or day == self._said_on:
            return False
        if await self._database.transact(counters.count_of, SAID_ON) == local.date().toordinal():
            self._said_on = day
            return False
        rows, count = await self._database.transact(self._set_aside)
        # Read outside every transaction: what others wrote may take a while.
        lines = await asyncio.to_thread(digest_lines, rows, self._words)
        set_aside: dict[str, Value] = {
            "quarantined": lines,
            "quarantined_ids": [str(row.inbox_id) for row in rows],
            "quarantined_count": count,
            "quarantined_unlisted": count - len(lines),
        }
        said = await self._database.transact(self._say, day, now, set_aside)
        self._said_on = day
        return said

    def _set_aside(self, connection: Connection) -> tuple[list[digests.SetAsideRow], int]:
        """What was set aside since the last digest of the team that judges it."""
        team = judging_team(self._policy)
        if team is None:
            return [], 0
        last = digests.last_digest(connection, team.address)
        since, listed = last if last else (None, set[int]())
        return digests.set_aside_since(connection, since, listed)

    def _say(self, connection: Connection, day: str, now: datetime, set_aside: Mapping[str, Value]) -> bool:
        said = False
        for team in self._policy.teams:
            values = self._values(connection, team, now)
            if team == judging_team(self._policy):
                values |= set_aside
                values["unsettled"] = self._unsettled(connection, day)
                values["switched_off"] = sorted(switches.off(connection))
                values["audit_head"] = audit.head(connection)[1][: audit.SHOWN]
            if not any(values.get(key) for key in WORTH_SAYING):
                continue
            addresses = dict.fromkeys(address.lower() for address in (team.address, team.lead) if address)
            notifications = (
                Notification("staff_digest", "email", address, "staff", values) for address in addresses
            )
            decision = Decision(None, tuple(notifications), (), "recorded")
            speech = Speech(f"digest:{team.name}:{day}", decision)
            said |= bool(self._cases.at(connection, now).say(speech))
        counters.set_count(connection, SAID_ON, date.fromisoformat(day).toordinal())
        return said

    def _values(self, connection: Connection, team: Team, now: datetime) -> dict[str, Value]:
        zone = self._policy.calendar.timezone
        tomorrow = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), zone)
        halves = self._halves(digests.extensions(connection), now)
        since = self._last_said(connection, team, now)
        found = digests.figures(connection, team, TIMES, tomorrow, halves, since)
        return house(self._policy) | {
            "team_name": team.name,
            "day": stamp(now, self._policy),
            "open_count": found.open_count,
            "awaiting_count": found.awaiting_count,
            "due_today": [packed(self._due(one, now)) for one in found.due],
            "half_used": [packed(self._due(one, now)) for one in found.half],
            "breached": [packed(self._breached(connection, number, now)) for number in found.breached],
            "held": [packed(self._of(connection, number)) for number in found.held],
            "suppressed_count": found.suppressed_count,
            "suppressed": [self._suppressed(one) for one in found.suppressed],
            "undelivered_count": found.undelivered_count,
            "silent_count": found.silent_count,
            "quarantined_count": 0,
            **self._on_hold(connection),
        }

    def _on_hold(self, connection: Connection) -> dict[str, Value]:
        """Since when and why an operator stops messages from being sent; nothing where none is stopped."""
        held = holds.in_force(connection)
        if not held:
            return {}
        why = "؛ " if self._language == "ar" else "; "
        return {
            "sending_held_at": stamp(held[0].held_at, self._policy),
            "sending_held_why": why.join(dict.fromkeys(one.why for one in held)),
        }

    def _unsettled(self, connection: Connection, day: str) -> list[str]:
        """What did not add up in this morning's reconciliation."""
        last = reconciliation.last(connection)
        zone = self._policy.calendar.timezone
        if last is None or last.at.astimezone(zone).date().isoformat() != day:
            return []
        return unsettled_lines(last.found, self._words)

    def _due(self, one: digests.TicketDue, now: datetime) -> Listed:
        return Listed(
            one.number,
            cut(one.subject),
            one.kind,
            stamp(one.due_at, self._policy),
            max(0, (now - one.due_at).days),
            self._name_of(one.assignee),
        )

    def _of(self, connection: Connection, number: str) -> Listed:
        stored = tickets.by_number(connection, number)
        if stored is None:
            return Listed(number)
        return Listed(number, cut(stored.ticket.subject), assignee=self._name_of(stored.ticket.assignee))

    def _breached(self, connection: Connection, number: str, now: datetime) -> Listed:
        """With the time that is over, and since when, where one still is."""
        listed, stored = self._of(connection, number), tickets.by_number(connection, number)
        time = late_time(stored.ticket, self._policy, now) if stored else None
        if time is None:
            return listed
        kind, due_at = time
        late_days = max(0, (now - due_at).days)
        return replace(listed, clock=kind, due_at=stamp(due_at, self._policy), late_days=late_days)

    def _name_of(self, address: str | None) -> str:
        """The name on the roster of the member that a ticket is assigned to, or their address."""
        if not address:
            return ""
        people = {person.email.lower(): person.name for person in self._policy.people}
        return people.get(address.lower()) or address

    def _last_said(self, connection: Connection, team: Team, now: datetime) -> datetime:
        """Since when the team heard nothing of what limits held back: a weekend, an Eid, an outage ago. A
        team that had nothing to hear on that morning has missed nothing before it."""
        day = counters.count_of(connection, SAID_ON)
        quiet = now - timedelta(days=1)
        if day is not None:
            quiet = datetime.combine(date.fromordinal(day), MORNING, self._policy.calendar.timezone)
        last = digests.last_digest(connection, team.address)
        return max(quiet, last[0]) if last else quiet

    def _suppressed(self, one: digests.Suppressed) -> str:
        """What a limit held back of one ticket: its customer may wait for words that did not go."""
        words, reason = self._words, f"unsent_{one.reason}"
        about = f"{words.plain('unsent_ticket')} {one.number}: " if one.number else ""
        times = f" × {one.count}" if one.count > 1 else ""
        why = words.plain(reason) if words.knows(reason) else one.reason
        return f"{about}{words.plain(f'unsent_{one.channel}')}{times} – {why}"

    @property
    def _words(self) -> PageWords:
        return self._shelf.words(self._language, "digest")

    def _halves(self, extensions: list[int], now: datetime) -> dict[tuple[str, int], datetime]:
        """By kind and extension: a clock that ends before this has used half its business time (DESIGN §2,
        Time: 50 % in the digest only)."""
        policy, found = self._policy, {}
        for extension in extensions:
            for kind, days in (
                (FIRST_RESPONSE, policy.first_response_business_days),
                (PROCESSING, policy.processing_business_days + extension),
                (ESCALATION_ANSWER, policy.escalation_answer_business_days),
                (ESCALATION, policy.escalation_business_days),
            ):
                found[kind, extension] = policy.calendar.advance(now, timedelta(days=days) / 2)
        return found
