"""Carries out what the operator orders at the command line: an order about a ticket, or a merging of two."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from sqlalchemy import Connection

from daemon.casework.case import Cases
from daemon.casework.occasion import Call, Occasion, Words
from daemon.clock import Clock
from daemon.front_desk import UnknownTicket
from daemon.store import history, merging, tickets
from daemon.store.messages import Message
from daemon.workflow.commands import Command
from daemon.workflow.events import StaffWrote, TicketMerged
from daemon.workflow.history import Line
from daemon.workflow.merging import why_not_merged
from daemon.workflow.model import Person
from daemon.workflow.vocabulary import MergeRefusal, Refusal

OPERATOR = Person("operator", "")
"""Who orders at the command line: root on the machine needs no other proof."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """What became of an order: what the history says of it, or in `refused` why it was not carried out."""

    lines: tuple[Line, ...] = ()
    refused: Refusal | MergeRefusal | Literal[""] = ""


class Orders:
    """Carried out inside the caller's transaction."""

    def __init__(self, cases: Cases, clock: Clock) -> None:
        self._cases = cases
        self._clock = clock

    def order(self, connection: Connection, number: str, command: Command) -> Ordered:
        """Carry out an order as if a member of staff with every proof had mailed it. Raises UnknownTicket."""
        case = self._cases.at(connection, self._clock.now())
        stored = tickets.by_number(connection, number)
        if stored is None:
            raise UnknownTicket(number)
        event = StaffWrote(case.now, OPERATOR, (command,), is_authenticated=True, has_token=True)
        payload = {"client": OPERATOR.name, "command": type(command).__name__} | asdict(command)
        text = getattr(command, "text", "")
        message = Message(at=case.now, text=text, new_text=text, sender_name=OPERATOR.name)
        words = Words(message, "staff") if text else None
        decided = case.decide(Occasion("operator", event, stored, call=Call(payload), words=words))
        if decided.is_refused:
            return Ordered(refused=decided.decision.refusal)
        case.write(decided)
        return Ordered(decided.decision.history)

    def merge(self, connection: Connection, number: str, into: str) -> Ordered:
        """Let ticket `number` go on as ticket `into` of the same requester; what is said about it from now
        on, by mail or through its links, belongs there. Raises UnknownTicket."""
        case = self._cases.at(connection, self._clock.now())
        first, second = sorted((number, into))  # two operators lock in the same order
        found = {one: tickets.by_number(connection, one) for one in (first, second)}
        stored, other = found[number], tickets.following(connection, found[into])
        if stored is None or other is None:
            raise UnknownTicket(into if stored else number)
        was_merged = stored.merged_into is not None
        if refused := why_not_merged(stored.ticket, other.ticket, was_merged=was_merged):
            return Ordered(refused=refused)
        event, cause = TicketMerged(other.ticket.number), f"merged:{stored.id}:{other.id}"
        settled = case.settle(Occasion("operator", event, stored, cause=cause))
        merging.merge(connection, stored.id, other.id)
        lines = (Line("merged_from", {"ticket": number}),)
        history.add(connection, other.id, "operator", lines, other.ticket.state, case.now)
        return Ordered(settled.decision.history)
