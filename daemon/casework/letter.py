"""One mail while it is settled: its inbox row, what was understood of it, and the explanation of its way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from daemon.casework.case import Case
from daemon.casework.incoming import is_silent
from daemon.casework.occasion import Settled, Words
from daemon.casework.saying import Answered, answered, steps_of
from daemon.mail.wire.thread_index import usable
from daemon.store import inbox
from daemon.store.inbox import Outcome
from daemon.store.messages import Message, Part
from daemon.workflow import steps
from daemon.workflow.steps import Code, Step

if TYPE_CHECKING:
    from daemon.reading.mail import Reading

MOST_REPLIED = 10


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail while it is settled. `explanation` grows, for `mail explain`."""

    case: Case
    row: inbox.Claimed
    reading: Reading
    explanation: list[str] = field(default_factory=list)

    @property
    def at(self) -> datetime:
        """When it came: a Date header never counts (DESIGN §2, Time)."""
        return min(self.row.received_at, self.case.now)

    @property
    def email(self) -> str:
        return self.reading.sender_email

    @property
    def is_authenticated(self) -> bool:
        return self.reading.authenticity.authenticated

    @property
    def is_silent(self) -> bool:
        """An old mail of which nobody is to be told (`mail import --silent`)."""
        return is_silent(self.row)

    def note(self, line: str) -> None:
        """Add a line to its explanation: a packed step, or a packed entry of the history."""
        self.explanation.append(line)

    def step(self, code: Code, **values: str | int) -> None:
        """Add a step to its explanation."""
        self.note(steps.packed(Step(code, values)))  # type: ignore[arg-type]  # Step checks them

    def answered(self) -> Answered:
        return answered(self.reading, is_provable=self.case.policy.proves_citizens)

    def words(self, *, is_staff: bool = False, copied_in: tuple[str, ...] = ()) -> Words:
        """The letter as one of the ticket's messages."""
        from daemon.reading.mail import display_name

        mail = self.reading.mail
        message_id = mail.message_id if mail.message_id and _is_storable(mail.message_id) else None
        replied = self.reading.candidates.replied_ids[:MOST_REPLIED]
        message = Message(
            at=self.at,
            text=mail.text,
            new_text=self.reading.new_text.text,
            sender_email=self.email,
            sender_name=display_name(self.reading),
            subject=mail.subject,
            message_id=message_id,
            thread_index=usable(mail.header("thread-index")),
            parts=self.parts(),
        )
        return Words(
            message,
            "staff" if is_staff else "writer",
            thread=tuple(one for one in (message_id, *replied) if one and _is_storable(one)),
            copied_in=copied_in,
            is_proved=self.is_authenticated,
            judged=self.reading.judged,
        )

    def parts(self) -> tuple[Part, ...]:
        """Its files, as its sender described them."""
        listed = self.reading.mail.attachments
        return tuple(Part(one.filename, one.content_type, one.size_bytes) for one in listed)

    def outcome(self, settled: Settled, kind: str, reason: str, *, answered: bool) -> Outcome:
        """What became of it, where it was decided on."""
        self.note(settled.decision.note)
        self.explanation.extend(steps_of(settled.said))
        outcome, explanation = settled.decision.outcome, self.explanation
        return Outcome("done", kind, outcome, reason, explanation, settled.ticket_id, answered)


def _is_storable(message_id: str) -> bool:
    """A line of mail has at most 998 octets (RFC 5322, 2.1.1); a longer id would also burst an index."""
    return len(message_id.encode("utf-8", "replace")) <= 998
