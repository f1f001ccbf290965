"""Owns the desk's counter: complaints and words that do not come by mail are decided at once, in one
transaction, because whoever brings them waits for the answer (STYLE §4). Implements `front_desk.FrontDesk`.

What came in is kept as an inbox row like everything else; the rules are `workflow`'s.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from daemon.casework.records import Records
from daemon.clock import Clock
from daemon.dispatch.links import Links
from daemon.front_desk import (
    Answer,
    Caller,
    Complaint,
    KeyReused,
    Said,
    Standing,
    Step,
    Survey,
    SurveyOver,
    UnknownTicket,
)
from daemon.mail.meaning.extraction import Extracted, ExtractionPolicy, extract_both
from daemon.store import addresses, history, idempotency, inbox, merging, messages, outbox, tickets
from daemon.store.database import Database
from daemon.store.inbox import Outcome
from daemon.store.messages import Message
from daemon.workflow import notices
from daemon.workflow.citizen import escalation_ground
from daemon.workflow.commands import Command
from daemon.workflow.deadlines import is_survey_open, processing_due, survey_closes_at
from daemon.workflow.decide import decide
from daemon.workflow.events import ComplaintMade, CustomerSaid, StaffWrote, SurveyAnswered, TicketMerged
from daemon.workflow.model import Decision, Facts, Person, Ticket
from daemon.workflow.policy import Policy
from daemon.workflow.saying import missing

PAGE = Caller("page")
OPERATOR = Person("operator", "")
"""Who orders at the command line: root on the machine needs no other proof."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """What became of an order: its line of history, or in `refused` the code that says why not."""

    note: str
    refused: str = ""


class Counter:
    """Decides on what is brought; `on_decided` wakes whoever sends."""

    def __init__(
        self,
        database: Database,
        policy: Policy,
        records: Records,
        links: Links,
        extraction: ExtractionPolicy,
        clock: Clock,
        on_decided: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._policy = policy
        self._records = records
        self._links = links
        self._extraction = extraction
        self._clock = clock
        self._on_decided = on_decided

    # --- the front desk, for the web ----------------------------------------------------------------

    async def open(self, complaint: Complaint, caller: Caller) -> Answer:
        answer = await self._database.transact(self.open_now, complaint, caller)
        self._on_decided()
        return answer

    async def say(self, number: str, said: Said, caller: Caller) -> Answer:
        answer = await self._database.transact(self.say_now, number, said, caller)
        self._on_decided()
        return answer

    async def standing(self, number: str) -> Standing:
        return await asyncio.to_thread(self._database.read_now, self._standing_of, number)

    async def page(self, token: str) -> Standing:
        return await asyncio.to_thread(self._database.read_now, self._page, token)

    async def say_on_page(self, token: str, said: Said) -> Answer:
        answer = await self._database.transact(self._say_on_page, token, said)
        self._on_decided()
        return answer

    async def survey(self, token: str) -> Survey:
        return await asyncio.to_thread(self._database.read_now, self._survey, token)

    async def rate(self, token: str, score: int, comment: str = "") -> None:
        if not 1 <= score <= 5:
            raise ValueError("a score is from 1 to 5")
        await self._database.transact(self._rate, token, score, comment)

    # --- complaints ---------------------------------------------------------------------------------

    def open_now(self, connection: Connection, complaint: Complaint, caller: Caller) -> Answer:
        """`open` inside the caller's transaction. Raises KeyReused."""
        now = self._clock.now()
        if (earlier := self._answered_before(connection, caller, now)) is not None:
            return earlier
        found = self._found(complaint.text)
        request = complaint.request_number or found.request_number
        tickets.lock_requester(connection, complaint.phone or complaint.email or "")
        stored = None
        if complaint.phone and request:
            stored = tickets.by_vouched_phone(connection, complaint.phone, request)
        event = ComplaintMade(
            at=now,
            channel=complaint.channel,
            text=complaint.text,
            name=complaint.name,
            phone=complaint.phone,
            email=complaint.email,
            request_number=request,
            category=complaint.category or found.category,
            first_response_at=complaint.first_response_at,
        )
        if stored:
            facts = Facts(ticket=stored.ticket)
        else:
            is_dead = complaint.email is not None and addresses.is_suppressed(connection, complaint.email)
            facts = Facts(new_number=self._number(connection, now), is_email_dead=is_dead)
        decision = decide(facts, event, self._policy, now)
        payload = {"client": caller.name} | _without_empty(asdict(complaint))
        return self._settle(connection, decision, stored, "intake", payload, caller, complaint.text, now)

    def say_now(self, connection: Connection, number: str, said: Said, caller: Caller) -> Answer:
        """`say` inside the caller's transaction. Raises UnknownTicket, KeyReused."""
        now = self._clock.now()
        if (earlier := self._answered_before(connection, caller, now)) is not None:
            return earlier
        stored = tickets.following(connection, tickets.by_number(connection, number))
        if stored is None:
            raise UnknownTicket(number)
        return self._said(connection, stored, said, caller, now, is_vouched=True)

    def order_now(self, connection: Connection, number: str, command: Command) -> Ordered:
        """What the operator orders at the command line, as a member of staff with every proof would by mail.
        Raises UnknownTicket."""
        now = self._clock.now()
        stored = tickets.by_number(connection, number)
        if stored is None:
            raise UnknownTicket(number)
        event = StaffWrote(now, OPERATOR, (command,), is_authenticated=True, has_token=True)
        decision = decide(Facts(stored.ticket), event, self._policy, now)
        if decision.outcome == "refused":
            return Ordered(decision.note, decision.note.rpartition(": ")[2])
        self._records.write_ticket(connection, decision, stored, "operator", now)
        payload = {"client": OPERATOR.name, "command": type(command).__name__} | asdict(command)
        lines = [f"decided: {decision.note}"]
        outcome = Outcome("done", None, decision.outcome, "", lines, stored.id)
        inbox_id = inbox.add_settled(connection, "operator", payload, outcome, now)
        if text := getattr(command, "text", ""):
            messages.add(
                connection,
                stored.id,
                inbox_id,
                Message(
                    at=now,
                    sender_name=OPERATOR.name,
                    is_staff=True,
                    text=text,
                    new_text=text,
                ),
            )
        self._records.say(connection, f"inbox:{inbox_id}", decision, stored.id, now)
        return Ordered(decision.note)

    def merge_now(self, connection: Connection, number: str, into: str) -> Ordered:
        """Let ticket `number` go on as ticket `into` of the same requester; what is said about it from now
        on, by mail or through its links, belongs there. Raises UnknownTicket."""
        now = self._clock.now()
        first, second = sorted((number, into))  # two operators lock in the same order
        found = {one: tickets.by_number(connection, one) for one in (first, second)}
        stored, other = found[number], tickets.following(connection, found[into])
        if stored is None or other is None:
            raise UnknownTicket(into if stored else number)
        if refused := _why_not_merged(stored, other):
            return Ordered("", refused)
        decision = decide(Facts(stored.ticket), TicketMerged(other.ticket.number), self._policy, now)
        self._records.write_ticket(connection, decision, stored, "operator", now)
        cause = f"merged:{stored.id}:{other.id}"
        self._records.say(connection, cause, decision, stored.id, now)
        merging.merge(connection, stored.id, other.id)
        note = f"{number} was merged into this one"
        history.add(connection, other.id, "operator", note, other.ticket.state, now)
        return Ordered(decision.note)

    def _say_on_page(self, connection: Connection, token: str, said: Said) -> Answer:
        stored = self._behind(connection, token)
        return self._said(connection, stored, said, PAGE, self._clock.now(), is_vouched=False)

    def _said(
        self,
        connection: Connection,
        stored: tickets.Stored,
        said: Said,
        caller: Caller,
        now: datetime,
        *,
        is_vouched: bool,
    ) -> Answer:
        found, answer_number = extract_both("", said.text, self._extraction)
        event = CustomerSaid(
            at=now,
            kind=said.kind,
            text=said.text,
            request_number=said.request_number or found.request_number,
            answer_number=answer_number,
            phone=found.phone,
            category=found.category,
            is_vouched=is_vouched,
        )
        ticket = stored.ticket
        facts = Facts(ticket=ticket)
        if not is_vouched:
            # What the holder of a link can cause is limited like what a mail can cause.
            who = ticket.requester
            recent = self._records.recent(connection, who.email or "", who.phone, "", now)
            facts = Facts(ticket=ticket, recent=recent)
        if ticket.state == "closed":
            facts = Facts(ticket, new_number=self._number(connection, now), recent=facts.recent)
        decision = decide(facts, event, self._policy, now)
        payload = {"client": caller.name} | _without_empty(asdict(said))
        source = "intake" if is_vouched else "page"
        return self._settle(connection, decision, stored, source, payload, caller, said.text, now)

    def _settle(
        self,
        connection: Connection,
        decision: Decision,
        stored: tickets.Stored | None,
        source: str,
        payload: dict[str, Any],
        caller: Caller,
        text: str,
        now: datetime,
    ) -> Answer:
        """Write the decision, what came in, and the answer under its key."""
        ticket = decision.ticket
        assert ticket is not None
        ticket_id = self._records.write_ticket(connection, decision, stored, source, now)
        lines = [f"brought by {caller.name}", f"decided: {decision.note}"]
        outcome = Outcome("done", None, decision.outcome, "", lines, ticket_id)
        inbox_id = inbox.add_settled(connection, source, payload, outcome, now)
        if text:
            self._keep(connection, ticket_id, inbox_id, ticket, text, now)
        self._records.say(connection, f"inbox:{inbox_id}", decision, ticket_id, now)
        standing = self._standing(connection, tickets.Stored(ticket_id, ticket), now)
        answer = Answer(decision.outcome, standing)
        if caller.key is not None:
            kept = _to_json(answer)
            idempotency.keep(connection, caller.name, caller.key, caller.request_hash, ticket_id, kept, now)
        return answer

    def _keep(
        self, connection: Connection, ticket_id: int, inbox_id: int, ticket: Ticket, text: str, now: datetime
    ) -> None:
        messages.add(
            connection,
            ticket_id,
            inbox_id,
            Message(
                at=now,
                sender_email=ticket.requester.email or "",
                sender_name=ticket.requester.name,
                is_requester=True,
                text=text,
                new_text=text,
            ),
        )

    def _answered_before(self, connection: Connection, caller: Caller, now: datetime) -> Answer | None:
        """The answer first given under this key. Raises KeyReused."""
        if caller.key is None:
            return None
        tickets.lock_requester(connection, f"key:{caller.name}:{caller.key}")
        row = idempotency.find(connection, caller.name, caller.key, now)
        if row is None:
            return None
        if row.request_hash != caller.request_hash:
            raise KeyReused(caller.key)
        return _from_json(row.answer)

    def _found(self, text: str) -> Extracted:
        return extract_both("", text, self._extraction)[0]

    def _number(self, connection: Connection, now: datetime) -> str:
        return self._records.new_number(connection, now)

    # --- how it stands ------------------------------------------------------------------------------

    def _behind(self, connection: Connection, token: str) -> tickets.Stored:
        ticket_id = self._links.status_ticket(token, self._clock.now())
        stored = tickets.by_id(connection, ticket_id) if ticket_id is not None else None
        stored = tickets.following(connection, stored)
        if stored is None:
            raise UnknownTicket("link")
        return stored

    def _page(self, connection: Connection, token: str) -> Standing:
        return self._standing(connection, self._behind(connection, token), self._clock.now())

    def _standing_of(self, connection: Connection, number: str) -> Standing:
        stored = tickets.following(connection, tickets.by_number(connection, number))
        if stored is None:
            raise UnknownTicket(number)
        return self._standing(connection, stored, self._clock.now())

    def _standing(self, connection: Connection, stored: tickets.Stored, now: datetime) -> Standing:
        ticket, policy = stored.ticket, self._policy
        is_over = ticket.state == "closed" and (
            ticket.close_reason == "spam"
            or ticket.closed_at is None
            or now - ticket.closed_at > policy.reopen_within
        )
        ground = "" if is_over else escalation_ground(ticket, policy, now)
        return Standing(
            number=ticket.number,
            state=ticket.state,
            channel=ticket.channel,
            opened_at=ticket.opened_at,
            status_url=self._links.status(stored.id, now),
            close_reason=ticket.close_reason,
            category=ticket.category,
            request_number=ticket.request_number,
            missing=tuple(missing(ticket)),
            escalation=ticket.escalation,
            may_escalate=bool(ground) and not ticket.escalated,
            escalation_possible_at=None if ground else processing_due(ticket, policy),
            may_add=not is_over,
            rating=ticket.rating,
            steps=_steps(connection, stored.id),
        )

    # --- survey -------------------------------------------------------------------------------------

    def _surveyed(self, connection: Connection, token: str) -> tickets.Stored:
        now = self._clock.now()
        ticket_id = self._links.survey_ticket(token, now)
        stored = tickets.by_id(connection, ticket_id) if ticket_id is not None else None
        if stored is None:
            raise UnknownTicket("link")
        if not is_survey_open(stored.ticket, self._policy, now):
            ticket = stored.ticket
            is_answered = ticket.rated_at and ticket.surveyed_at and ticket.rated_at >= ticket.surveyed_at
            raise SurveyOver(ticket.rating if is_answered else None)
        return stored

    def _survey(self, connection: Connection, token: str) -> Survey:
        ticket = self._surveyed(connection, token).ticket
        return Survey(ticket.number, survey_closes_at(ticket, self._policy))

    def _rate(self, connection: Connection, token: str, score: int, comment: str) -> None:
        stored, now = self._surveyed(connection, token), self._clock.now()
        decision = decide(Facts(stored.ticket), SurveyAnswered(now, score, comment), self._policy, now)
        self._records.write_ticket(connection, decision, stored, "survey", now)
        payload = {"client": PAGE.name, "score": score, "comment": comment}
        lines = [f"decided: {decision.note}"]
        outcome = Outcome("done", None, decision.outcome, "", lines, stored.id)
        inbox.add_settled(connection, "survey", payload, outcome, now)


def _why_not_merged(stored: tickets.Stored, other: tickets.Stored) -> str:
    """Why these two stay apart, or "". Of two people's complaints neither may learn of the other's."""
    if stored.id == other.id:
        return "the_same_ticket"
    if stored.merged_into is not None:
        return "merged_already"
    one, two = stored.ticket.requester, other.ticket.requester
    same_email = one.email is not None and one.email.lower() == (two.email or "").lower()
    same_phone = one.phone == two.phone and one.is_phone_vouched and two.is_phone_vouched
    return "" if same_email or same_phone else "another_requester"


def _steps(connection: Connection, ticket_id: int) -> tuple[Step, ...]:
    """What was said to the customer, once for both channels, and when they wrote, in order."""
    found: dict[tuple[str, str], Step] = {}
    for row in outbox.of_ticket(connection, ticket_id):
        if row.audience == "requester" and row.state not in ("suppressed", "cancelled"):
            quotes = notices.of(row.notification).quotes_staff
            text = str(row.values.get("text") or "") if quotes else ""
            found.setdefault((row.cause, row.notification), Step(row.created_at, row.notification, text))
    for message in messages.of_ticket(connection, ticket_id):
        if message.is_requester:
            found[("message", str(message.id))] = Step(message.at, "customer_wrote")
    return tuple(sorted(found.values(), key=lambda step: (step.at, step.what != "customer_wrote")))


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value.isoformat() if isinstance(value, datetime) else value
        for key, value in values.items()
        if value not in (None, "")
    }


INSTANTS = ("opened_at", "escalation_possible_at")


def _to_json(answer: Answer) -> dict[str, Any]:
    """An answer as it is kept; the history is left out, since no answer through the API tells it."""
    standing = asdict(answer.standing) | {"steps": []}
    for key in INSTANTS:
        standing[key] = standing[key].isoformat() if standing[key] else None
    return {"outcome": answer.outcome, "standing": standing}


def _from_json(kept: dict[str, Any]) -> Answer:
    standing = dict(kept["standing"])
    for key in INSTANTS:
        standing[key] = datetime.fromisoformat(standing[key]) if standing[key] else None
    standing["missing"] = tuple(standing["missing"])
    standing["steps"] = ()
    return Answer(kept["outcome"], Standing(**standing))
