"""One case in one transaction: gather the facts, ask the rules, write, always in the same order.

    ticket · inbox row of a call · message · files · participants and thread · deadlines · notices · history

Mail from citizens and staff, calls, the page, orders, deadlines, deliveries and scans all go this way; they
differ in the `Occasion` alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from daemon.casework import ceiling, files, ledger
from daemon.casework.facts import Gathering
from daemon.casework.occasion import Decided, Occasion, Settled, Words
from daemon.casework.saying import Speaker, Speech, is_words_of_staff
from daemon.dispatch.marks import Stationery
from daemon.store import (
    addresses,
    deadlines,
    history,
    inbox,
    messages,
    outbox,
    participants,
    search,
    switches,
    threads,
    tickets,
)
from daemon.store.inbox import Outcome
from daemon.workflow import steps, trust
from daemon.workflow.budgets import ALARMING, whose
from daemon.workflow.deadlines import open_deadlines
from daemon.workflow.decide import decide
from daemon.workflow.events import StaffWrote
from daemon.workflow.model import Notification, Value
from daemon.workflow.naming import house, stamp
from daemon.workflow.passing_on import Filed, for_citizen, is_any_left_out
from daemon.workflow.policy import Policy
from daemon.workflow.staff import tell_of_files
from daemon.workflow.steps import Step
from daemon.workflow.vocabulary import Alarm, Audience

MOST_PARTICIPANTS = 5


class Cases:
    """Opens cases under one policy and one stationery."""

    def __init__(self, policy: Policy, stationery: Stationery) -> None:
        self.policy = policy
        self.stationery = stationery
        self.speaker = Speaker(policy, stationery)

    def at(self, connection: Connection, now: datetime) -> Case:
        """The case that is settled now, inside the caller's transaction."""
        return Case(self, connection, now)

    def policy_in(self, connection: Connection) -> Policy:
        """The policy, with what admins switched off by now."""
        off = frozenset(switches.off(connection))
        return replace(self.policy, switched_off=off) if off else self.policy


@dataclass(frozen=True, slots=True)
class Enclosed:
    """The files that go along: `to_staff` with the notice, `to_citizen` with what staff wrote to them."""

    to_staff: tuple[Filed, ...] = ()
    to_citizen: tuple[Filed, ...] = ()


class Case:
    """One occasion, from its facts to its rows."""

    def __init__(self, cases: Cases, connection: Connection, now: datetime) -> None:
        self.policy = cases.policy_in(connection)
        self.stationery = cases.stationery
        self.connection = connection
        self.now = now
        self._speaker = cases.speaker
        self.stationery = cases.stationery

    def settle(self, occasion: Occasion) -> Settled:
        """Decide and write."""
        return self.write(self.decide(occasion))

    def decide(self, occasion: Occasion) -> Decided:
        """What follows from it. Raises ImpossibleEvent."""
        facts = Gathering(self.policy, self.connection, self.now).facts(occasion)
        return Decided(occasion, decide(facts, occasion.event, self.policy, self.now))

    def write(self, decided: Decided) -> Settled:
        """Write all of it. A refusal is told to its writer, and changes no ticket."""
        occasion, decision = decided.occasion, decided.decision
        known_id = occasion.found.id if occasion.found and decision.ticket else None
        if decision.ticket is None or decided.is_refused:
            return self._say(decided, known_id, Enclosed())
        ticket_id = self._write_ticket(decided)
        decided = self._with_row(decided, ticket_id)
        filed = self._keep_words(decided, ticket_id)
        decided, enclosed = self._enclose(decided, ticket_id, filed)
        is_new = ticket_id != known_id
        wanted = open_deadlines(decision.ticket, self.policy)
        deadlines.reconcile(self.connection, ticket_id, wanted, is_new=is_new)
        settled = self._say(decided, ticket_id, enclosed)
        source, state = occasion.source, decision.ticket.state
        history.add(self.connection, ticket_id, source, decision.history, state, self.now)
        return settled

    # --- the rows, in their order ---------------------------------------------------------------------

    def _write_ticket(self, decided: Decided) -> int:
        found, ticket = decided.occasion.found, decided.decision.ticket
        assert ticket is not None
        if found is None or found.ticket.number != ticket.number:
            life = decided.occasion.first_life
            former_id = life.ticket_id if life and life.number == ticket.number else None
            ticket_id = tickets.create(self.connection, ticket, former_id)
            search.index(self.connection, ticket_id, ticket)
            return ticket_id
        if ticket != found.ticket:
            tickets.save(self.connection, found.id, ticket)
            search.index(self.connection, found.id, ticket, found.ticket)
        return found.id

    def _with_row(self, decided: Decided, ticket_id: int) -> Decided:
        """With the inbox row of what did not come as one, decided as it came in."""
        occasion, call = decided.occasion, decided.occasion.call
        if call is None:
            return decided
        lines = [steps.packed(Step("brought", {"program": call.by}))] if call.by else []
        lines.append(decided.decision.note)
        outcome = Outcome("done", None, decided.decision.outcome, "", lines, ticket_id)
        source, payload = occasion.source, dict(call.payload)
        inbox_id = inbox.add_settled(self.connection, source, payload, outcome, self.now)
        if call.raw:
            inbox.keep_raw(self.connection, inbox_id, call.raw)
        return replace(decided, occasion=replace(occasion, inbox_id=inbox_id))

    def _keep_words(self, decided: Decided, ticket_id: int) -> tuple[Filed, ...]:
        """What was said, with its files; a requester's also as part of their thread."""
        words, inbox_id, ticket = decided.occasion.words, decided.occasion.inbox_id, decided.decision.ticket
        assert ticket is not None
        if words is None or inbox_id is None:
            return ()
        message, requester = words.message, ticket.requester
        is_theirs = message.sender_email.lower() == (requester.email or "").lower()
        is_theirs = is_theirs and trust.speaks_for_requester(ticket, is_proved=words.is_proved)
        is_requester = words.by == "requester" or (words.by == "writer" and is_theirs)
        if words.by == "requester" and not message.sender_email:
            message = replace(message, sender_email=requester.email or "", sender_name=requester.name)
        message = replace(message, is_requester=is_requester, is_staff=words.by == "staff")
        kept_id = messages.add(self.connection, ticket_id, inbox_id, message)
        filed = files.write_down(self.connection, ticket_id, ticket.number, kept_id, words.judged)
        if is_requester:
            self._note_requester(decided.occasion, words, ticket_id)
        return filed

    def _note_requester(self, occasion: Occasion, words: Words, ticket_id: int) -> None:
        """Their thread, that their address is alive, and whom they copied in."""
        threads.add(self.connection, ticket_id, words.thread)
        found, copied = occasion.found, words.copied_in
        if words.by == "writer" and found and found.ticket.requester.is_email_dead:
            addresses.forget(self.connection, words.message.sender_email)
        if copied:
            participants.add(
                self.connection, ticket_id, copied, self.now, MOST_PARTICIPANTS, is_proved=words.is_proved
            )

    def _enclose(
        self, decided: Decided, ticket_id: int, filed: tuple[Filed, ...]
    ) -> tuple[Decided, Enclosed]:
        """Which files go along. Whoever is assigned the ticket gets the whole case; files of a staff mail go
        with its answer to the citizen, and its writer is told of those that do not."""
        occasion, decision = decided.occasion, decided.decision
        if not isinstance(occasion.event, StaffWrote):
            return decided, Enclosed(filed or occasion.files)
        is_handed_on = any(said.name == "staff_new" for said in decision.notifications)
        to_staff = files.of_ticket(self.connection, ticket_id) if is_handed_on else ()
        if not filed or not any(is_words_of_staff(said) for said in decision.notifications):
            return decided, Enclosed(to_staff)
        found = for_citizen(filed, self.stationery.passing_on)
        if is_any_left_out(found) and decision.ticket is not None:
            told = tell_of_files(decision.ticket, occasion.event.writer, self.policy, found.values)
            # In place of the confirmation: one mail of one cause to one person.
            said = (one for one in decision.notifications if one.name != "staff_done")
            decision = replace(decision, notifications=(*said, told))
        return replace(decided, decision=decision), Enclosed(to_staff, found.carried)

    def _say(self, decided: Decided, ticket_id: int | None, enclosed: Enclosed) -> Settled:
        occasion, decision = decided.occasion, decided.decision
        assert occasion.cause or occasion.inbox_id is not None, "what is said needs a cause of its own"
        cause = occasion.cause or f"inbox:{occasion.inbox_id}"
        is_of_deadline = occasion.source == "deadline"
        if is_of_deadline:
            said = ceiling.under_ceiling(
                self.connection, decision.notifications, self.policy.answers_per_number_per_day, self.now
            )
            decision = replace(decision, notifications=said)
        speech = Speech(
            cause,
            decision,
            ticket_id,
            occasion.answered,
            files=enclosed.to_staff,
            answer_files=enclosed.to_citizen,
            account=occasion.account,
            news_of=occasion.news_of,
            is_of_deadline=is_of_deadline,
            instead_of=occasion.failed.id if occasion.failed else None,
        )
        written = self.say(speech)
        self._tell_of_budgets(written)
        return Settled(decision, ticket_id, tuple(written))

    def _tell_of_budgets(self, said: Sequence[outbox.ToSay]) -> None:
        """Tell the operator where a budget is used up that no single person exhausts."""
        for row in said:
            for budget in ALARMING:
                if row.suppressed == budget:
                    self.alert(budget, whose(row.limit_total, row.limit_domain, budget))

    # --- what is said besides ---------------------------------------------------------------------------

    def say(self, speech: Speech) -> list[outbox.ToSay]:
        """Say something that needs no more than that; returns what had not been said already."""
        return self._speaker.say(self.connection, speech, self.now)

    def alert(self, what: Alarm, detail: str) -> None:
        """Tell the operator by mail, at most once an hour for each kind of trouble."""
        if operator := self.policy.operator:
            values = {"what": what, "detail": detail, "since": stamp(self.now, self.policy)}
            self.notify("operator_alert", "operator", operator, values, key=what)

    def say_once(self, said: Notification, cause: str, reference: str) -> None:
        """Say something that is about no ticket, once for its cause, under a Message-ID of the caller's."""
        named = replace(said, values=house(self.policy) | dict(said.values))
        row = self._speaker.drafted(self.connection, named, cause, self.now)
        outbox.add(self.connection, [replace(row, reference=reference)], self.now)

    def notify(
        self,
        name: str,
        audience: Audience,
        recipient: str,
        values: Mapping[str, Value],
        *,
        key: str = "",
    ) -> None:
        """Say something that is about no ticket, at most once an hour to one recipient for one `key`."""
        limit = f"notice:{name}:{key}:{recipient.lower()}"
        if ledger.was_told(self.connection, limit, self.now):
            return
        said = Notification(name, "email", recipient, audience, house(self.policy) | dict(values))
        cause = f"notice:{name}:{key}:{self.now.isoformat()}"
        self._speaker.tell(self.connection, said, cause, limit, self.now)
