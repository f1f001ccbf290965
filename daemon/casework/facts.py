"""Gathers the facts of a case from the store: everything that a rule may look at besides the event.

Only here stands which facts an event needs. A rule that needs another look-up gets another field in `Facts`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from daemon.casework import ledger
from daemon.casework.ledger import Reached
from daemon.casework.occasion import Occasion
from daemon.mail.languages.folding import fold_digits
from daemon.store import (
    addresses,
    counters,
    history,
    messages,
    other_ways,
    outbox,
    participants,
    ticket_rows,
    tickets,
)
from daemon.workflow import trust
from daemon.workflow.deadline_kinds import RESTS_ON
from daemon.workflow.events import (
    ComplaintMade,
    CustomerSaid,
    DeadlineReached,
    DeliveryFailed,
    MailReceived,
    MailTooLarge,
    StaffHandedIn,
    StaffWrote,
)
from daemon.workflow.history import Entry
from daemon.workflow.model import Facts, Recent, RestsOn
from daemon.workflow.policy import Policy
from daemon.workflow.ticket_number import format_number

MOST_LATER = 5
"""So many later messages of the requester a member reads who is assigned a ticket, and so much of each:"""
LATER_CHARS = 2_000


class Gathering:
    """Gathers inside one transaction."""

    def __init__(self, policy: Policy, connection: Connection, now: datetime) -> None:
        self._policy = policy
        self._connection = connection
        self._now = now

    def facts(self, occasion: Occasion) -> Facts:
        """The facts on which `occasion.event` is decided."""
        match occasion.event:
            case MailReceived() as mail:
                return self._of_mail(occasion, mail)
            case StaffHandedIn(mail=mail):
                return self._of_mail(occasion, mail)
            case StaffWrote():
                return self._of_staff(occasion)
            case ComplaintMade() as complaint:
                return self._of_complaint(occasion, complaint)
            case CustomerSaid() as said:
                return self._of_words(occasion, said)
            case MailTooLarge():
                return replace(self._of_ticket(occasion), recent=self._recent_of_writer(occasion))
            case DeliveryFailed():
                return self._of_failure(occasion)
            case DeadlineReached(kind=kind) if kind in RESTS_ON:
                return self._of_closing(occasion, RESTS_ON[kind])
            case _:
                return self._of_ticket(occasion)

    def _of_ticket(self, occasion: Occasion) -> Facts:
        ticket = occasion.found.ticket if occasion.found else None
        return Facts(ticket, is_brought_by_staff=occasion.is_brought_by_staff)

    def _of_mail(self, occasion: Occasion, mail: MailReceived) -> Facts:
        found, email = occasion.found, mail.sender_email
        facts = replace(
            self._of_ticket(occasion),
            linked_ticket=occasion.linked,
            is_same_address=self._bears(occasion.linked, email),
        )
        if found and email.lower() != (found.ticket.requester.email or "").lower():
            is_copied_in = email.lower() in participants.of_ticket(self._connection, found.id)
            facts = replace(facts, is_participant=is_copied_in)
        if found and mail.is_silent:
            facts = replace(facts, is_unheard=not other_ways.is_spoken_of(self._connection, found.id))
        if found is None or found.ticket.state == "closed":
            number = self._former_number(occasion) or self._new_number(mail.at)
            facts = replace(facts, new_number=number)
        is_known = found is not None and found.ticket.authenticated and found.ticket.state != "closed"
        if mail.is_authenticated and not is_known:
            # Who only writes in somebody's name does not write for their mobile.
            facts = replace(facts, known_phone=tickets.proved_phone(self._connection, email))
        return replace(facts, recent=self._recent(occasion, email, mail.phone, facts.known_phone))

    def _bears(self, number: str | None, email: str) -> bool:
        """Whether the ticket of that number has the address of its requester in `email`."""
        linked = tickets.by_number(self._connection, number) if number else None
        return linked is not None and (linked.ticket.requester.email or "").lower() == email.lower()

    def _of_staff(self, occasion: Occasion) -> Facts:
        facts = replace(self._of_ticket(occasion), recent=self._recent_of_writer(occasion))
        if occasion.found is None:
            return facts
        lived = tuple(one.entry for one in history.of_ticket(self._connection, occasion.found.id))
        return replace(
            self._with_words(facts, occasion.found, lived),
            history=lived,
            undelivered=other_ways.undelivered_of(self._connection, occasion.found.id),
            wrote_since=self._wrote_since(occasion.found.id, occasion.notice_at),
        )

    def _with_words(self, facts: Facts, found: ticket_rows.Stored, lived: tuple[Entry, ...]) -> Facts:
        """With the requester's first words, of a proved requester the first that are proved, and whether
        they, and the request number beside them, are surely the requester's; and with their later ones.
        Another may have opened the complaint in their name; then the number is theirs where they named it
        too, or staff set it."""
        opening, known = messages.first_text(self._connection, found.id), trust.standing(found.ticket)
        proved = messages.proved_texts(self._connection, found.id) if known == "proved" else []
        later = messages.texts_after_first(
            self._connection, found.id, MOST_LATER + 1, LATER_CHARS, of_proved=bool(proved)
        )
        facts = replace(
            facts,
            first_text=opening,
            is_first_text_proved=known == "vouched",
            later_texts=tuple(later[-MOST_LATER:]),
            is_more_between=len(later) > MOST_LATER,
        )
        if not proved:
            return facts
        number = found.ticket.request_number or ""
        is_theirs = proved[0] == opening or any(number in fold_digits(text) for text in proved)
        is_set = any(line.code == "request_set" for entry in lived for line in entry.lines)
        return replace(facts, first_text=proved[0], is_first_text_proved=is_theirs or is_set)

    def _wrote_since(self, ticket_id: int, notice_at: datetime | None) -> datetime | None:
        if notice_at is None:
            return None
        return messages.requester_wrote_since(self._connection, ticket_id, notice_at)

    def _of_complaint(self, occasion: Occasion, complaint: ComplaintMade) -> Facts:
        facts = replace(
            self._of_ticket(occasion), recent=self._recent(occasion, complaint.email, complaint.phone)
        )
        if occasion.found:
            return facts
        email = complaint.email
        is_dead = email is not None and addresses.is_suppressed(self._connection, email)
        number = self._new_number(self._now)
        return replace(facts, new_number=number, is_email_dead=is_dead, linked_ticket=occasion.linked)

    def _of_words(self, occasion: Occasion, said: CustomerSaid) -> Facts:
        facts, ticket = self._of_ticket(occasion), occasion.found.ticket if occasion.found else None
        if ticket is not None:
            # What the holder of a link or of an API key can cause is limited like what a mail can cause.
            facts = replace(facts, recent=self._recent(occasion, ticket.requester.email, said.phone))
        if ticket is not None and ticket.state == "closed":
            facts = replace(facts, new_number=self._new_number(self._now))
        return facts

    def _of_failure(self, occasion: Occasion) -> Facts:
        failed = occasion.failed
        assert failed is not None
        has_other, accepted_at = other_ways.other_channel(self._connection, failed)
        return replace(
            self._of_ticket(occasion),
            has_other_channel=has_other,
            other_accepted_at=accepted_at,
            may_try_other=not other_ways.was_said_by(
                self._connection, failed, "email" if failed.channel == "sms" else "sms"
            ),
            failed_values=failed.values,
        )

    def _of_closing(self, occasion: Occasion, notification: str) -> Facts:
        assert occasion.found is not None
        found = other_ways.resting_on(self._connection, occasion.found.id, notification)
        return replace(self._of_ticket(occasion), rests_on=_resting_on(found) if found else None)

    def _former_number(self, occasion: Occasion) -> str | None:
        """The number that its citizen was told before a restore, unless a ticket has it by now."""
        number = occasion.first_life.number if occasion.first_life else None
        return None if number is None or tickets.by_number(self._connection, number) else number

    def _new_number(self, at: datetime) -> str:
        """The number that a ticket opened at `at` gets; counted up even where it is then not used."""
        year = at.astimezone(self._policy.calendar.timezone).year
        return format_number(year, counters.next_count(self._connection, f"ticket:{year}"))

    def _recent(self, occasion: Occasion, email: str | None, *phones: str | None) -> Recent:
        """What was charged so far to whom an answer may reach: `email`, and each of `phones` or the ticket's
        own mobile, whichever of them the rules choose."""
        if occasion.is_brought_by_staff:
            return Recent()
        own = occasion.found.ticket.requester.phone if occasion.found else None
        known = tuple(dict.fromkeys(phone for phone in (*phones, own) if phone))
        whom = Reached(email or "", known, occasion.account)
        return ledger.recent(self._connection, whom, self._policy, self._now)

    def _recent_of_writer(self, occasion: Occasion) -> Recent:
        return self._recent(occasion, occasion.answered.email) if occasion.answered else Recent()


def _resting_on(said: outbox.Kept) -> RestsOn:
    state = said.delivery_state or "accepted"
    at = said.delivery_at if state == "delivered" else said.sent_at
    return RestsOn(said.id, said.channel, state, at or said.created_at)
