"""What the operator orders at the command line: an order about a ticket, and the merging of two."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Connection

from daemon.casework.case import Cases
from daemon.casework.occasion import Call, Occasion, Words
from daemon.clock import Clock
from daemon.front_desk import UnknownTicket
from daemon.store import history, merging, tickets
from daemon.store.messages import Message
from daemon.workflow.commands import Command
from daemon.workflow.events import StaffWrote, TicketMerged
from daemon.workflow.model import Person

OPERATOR = Person("operator", "")
"""Who orders at the command line: root on the machine needs no other proof."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """What became of an order: its line of history, or in `refused` the code that says why not."""

    note: str
    refused: str = ""


class Orders:
    """Carried out inside the caller's transaction."""

    def __init__(self, cases: Cases, clock: Clock) -> None:
        self._cases = cases
        self._clock = clock

    def order(self, connection: Connection, number: str, command: Command) -> Ordered:
        """As a member of staff with every proof would order it by mail. Raises UnknownTicket."""
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
        note = decided.decision.note
        if decided.is_refused:
            return Ordered(note, note.rpartition(": ")[2])
        case.write(decided)
        return Ordered(note)

    def merge(self, connection: Connection, number: str, into: str) -> Ordered:
        """Let ticket `number` go on as ticket `into` of the same requester; what is said about it from now
        on, by mail or through its links, belongs there. Raises UnknownTicket."""
        case = self._cases.at(connection, self._clock.now())
        first, second = sorted((number, into))  # two operators lock in the same order
        found = {one: tickets.by_number(connection, one) for one in (first, second)}
        stored, other = found[number], tickets.following(connection, found[into])
        if stored is None or other is None:
            raise UnknownTicket(into if stored else number)
        if refused := _why_not_merged(stored, other):
            return Ordered("", refused)
        event, cause = TicketMerged(other.ticket.number), f"merged:{stored.id}:{other.id}"
        settled = case.settle(Occasion("operator", event, stored, cause=cause))
        merging.merge(connection, stored.id, other.id)
        note = f"{number} was merged into this one"
        history.add(connection, other.id, "operator", note, other.ticket.state, case.now)
        return Ordered(settled.decision.note)


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
