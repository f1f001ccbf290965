"""What every act of the play works with: it sends a letter, waits for what must follow, and checks it.

Nothing is claimed without a check.

    StoryFailed   something the story tells did not happen; the text is the one line a person reads
"""

from __future__ import annotations

import asyncio
import smtplib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from typing import Any, TypeVar

from daemon.sandbox.clock import SandboxClock
from daemon.sandbox.messages import DESK, TEAM, Person
from daemon.sandbox.pages import Web
from daemon.sandbox.phones import Phones, Sms
from daemon.sandbox.screen import Screen
from daemon.sandbox.servers import HOST, Letter, PostOffice
from daemon.sandbox.witness import Said, Verdict, Witness
from daemon.workflow.model import Ticket

T = TypeVar("T")

PATIENCE_S = 20.0
"""A desk that has not answered by then, on a busy machine too, will not."""
LOOK_EVERY_S = 0.04
HURRY_S = 0.4
"""In how long a deadline's day passes where the play only waits for it."""
_SIGNATURE = "\n———\n"
Expected = set[tuple[str, str, str]]
"""(notification, channel, recipient) of every message that a mail must cause; no other may come."""

NAMES = {
    "received": "the acknowledgement",
    "info_requested": "the request for what is missing",
    "in_progress": "the news that processing has begun",
    "joined": "the answer that it joined",
    "reply": "the answer of staff",
    "resolved": "the outcome",
    "escalation_outcome": "what became of the escalation",
    "info_warning": "the reminder",
    "escalation_received": "the answer that it is being followed up",
    "staff_escalated": "the notice of an escalation",
    "survey": "the question how it went",
    "staff_new": "the notice of a new complaint",
    "staff_update": "the notice of news",
}


class StoryFailed(Exception):
    """Something the story tells did not happen."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One mail to the desk and all that it caused."""

    mail: EmailMessage
    verdict: Verdict
    letters: dict[str, Letter]
    texts: dict[str, Sms]
    """By notification."""


@dataclass
class Stage:
    """The play's surroundings. `days_in_s` is None, or in how many seconds ten business days pass."""

    screen: Screen
    post: PostOffice
    phones: Phones
    witness: Witness
    clock: SandboxClock
    web: Web
    days_in_s: float | None = None
    exchanges: dict[str, Exchange] = field(default_factory=dict)
    """By a name that an act gives, for the acts after it."""
    letters: dict[str, Letter] = field(default_factory=dict)
    is_over: bool = False
    """Everything was played and verified."""
    _has_shown_a_letter: bool = False

    async def step(self, text: str, *lines: str) -> None:
        await asyncio.sleep(self.screen.pause_s)
        self.screen.step(text, *lines)

    def local(self, instant: datetime | None) -> str:
        if instant is None:
            return "none"
        return f"{instant.astimezone(self.witness.policy.calendar.timezone):%a %d %b %Y %H:%M}"

    @property
    def speed(self) -> float:
        """How fast the clock must run from now for the days of processing to pass in `days_in_s`."""
        if self.days_in_s is None:
            return 1.0
        policy, now = self.witness.policy, self.clock.now()
        over_at = policy.calendar.add_business_days(now, policy.processing_business_days)
        return (over_at - now).total_seconds() / self.days_in_s

    async def call(self, person: Person, text: str, request_number: str) -> dict[str, Any]:
        """What the intake API answers to a call of `person`'s. Raises StoryFailed."""
        complaint = {
            "channel": "phone",
            "text": text,
            "request_number": request_number,
            "category": "technical",
            "requester": {"name": person.name, "phone": person.mobile},
        }
        try:
            return await asyncio.to_thread(self.web.report_call, complaint)
        except OSError as error:
            raise StoryFailed(f"the intake API refused the call: {error}") from None

    # --- sending and waiting ------------------------------------------------------------------------------

    async def exchange(self, mail: EmailMessage, expected: Expected) -> Exchange:
        """Send `mail` to the desk by SMTP and wait until exactly `expected` has been said and has arrived.

        Raises StoryFailed.
        """
        message_id = str(mail["Message-ID"]).strip()
        await asyncio.to_thread(self._send, mail)
        verdict = await self.until(lambda: self._settled(message_id), "the desk's decision")
        said = {(one.notification, one.channel, one.recipient) for one in verdict.said}
        check(said == expected, f"the desk said {_names(said)}, not {_names(expected)}")
        letters: dict[str, Letter] = {}
        texts: dict[str, Sms] = {}
        for one in verdict.said:
            if one.channel == "sms":
                texts[one.notification] = await self._arrival(self.phones.sms, one)
            else:
                letters[one.notification] = await self._arrival(self.post.letter, one)
        return Exchange(mail, verdict, letters, texts)

    def _send(self, mail: EmailMessage) -> None:
        with smtplib.SMTP(HOST, self.post.smtp_port, local_hostname="localhost", timeout=PATIENCE_S) as smtp:
            smtp.send_message(mail, from_addr=_sender(mail), to_addrs=[DESK])

    async def _settled(self, message_id: str) -> Verdict | None:
        found = [one for one in await self.witness.verdicts() if one.message_id == message_id]
        return found[0] if found else None

    async def _arrival(self, look: Callable[[str, str], T | None], said: Said) -> T:
        async def arrived() -> T | None:
            return look(said.reference, said.recipient)

        return await self.until(arrived, f"{said.notification} by {said.channel}")

    async def until(self, look: Callable[[], Awaitable[T | None]], what: str) -> T:
        """What `look` finds, as soon as it finds anything. Raises StoryFailed after PATIENCE_S."""
        give_up_at = time.monotonic() + PATIENCE_S
        while (found := await look()) is None:
            check(time.monotonic() < give_up_at, f"{what} did not come within {PATIENCE_S:.0f} s")
            await asyncio.sleep(LOOK_EVERY_S)
        return found

    async def hurry_to(self, moment: datetime, within_s: float = HURRY_S) -> None:
        """Let the clock run fast until `moment`, in about `within_s`, and not past it: a deadline that is
        found late at night waits for the morning."""
        self.clock.run_to(moment, within_s)
        await asyncio.sleep(within_s + 0.01)
        self.clock.run_at(1.0)

    async def due(self, ticket: str, kind: str) -> datetime:
        """When that deadline of the ticket falls due, as soon as it has one: some begin when a message was
        accepted. Raises StoryFailed."""

        async def stands() -> datetime | None:
            found = await self.witness.deadlines()
            return next((one.due_at for one in found if (one.ticket, one.kind) == (ticket, kind)), None)

        return await self.until(stands, f"{ticket}: the deadline {kind}")

    async def letter_about(self, notification: str, number: str) -> Letter:
        """The latest letter of that kind about a ticket, as soon as it has arrived. Raises StoryFailed."""

        async def arrived() -> Letter | None:
            said = await self.witness.said_about(number, notification, "email")
            return self.post.letter(said.reference, said.recipient) if said else None

        return await self.until(arrived, notification)

    async def sms_about(self, notification: str, number: str) -> Sms:
        """The latest SMS of that kind about a ticket, as soon as it has arrived. Raises StoryFailed."""

        async def arrived() -> Sms | None:
            said = await self.witness.said_about(number, notification, "sms")
            return self.phones.sms(said.reference, said.recipient) if said else None

        return await self.until(arrived, f"{notification} by SMS")

    async def nothing_unsaid(self) -> bool | None:
        return None if await self.witness.unsaid() else True

    def seconds(self, exchange: Exchange, arrived: Letter | Sms) -> str:
        """From the mail's acceptance to an answer's arrival."""
        since = self.post.accepted_at(exchange.verdict.message_id)
        return f"{max(0.0, arrived.at - since):.2f} s"

    async def ticket(self, number: str | None) -> Ticket:
        """Raises StoryFailed."""
        found = [one for one in await self.witness.tickets() if one.number == number]
        check(bool(found), f"there is no ticket {number}")
        return found[0]

    # --- telling ------------------------------------------------------------------------------------------

    async def show_arrival(self, person: Person, what: str, mail: EmailMessage, text: str) -> None:
        await self.step(f"{person.first_name} {what}")
        self.screen.quote(_head(mail), text)

    async def show_decision(self, exchange: Exchange, title: str, *why: str) -> None:
        await self.step(title, *why)
        self.screen.tell(f"In the desk's own words (`mail explain {exchange.verdict.inbox_id}`):")
        self.screen.quote((), "\n".join(exchange.verdict.explanation))

    async def show_letter(self, exchange: Exchange, notification: str, to: str) -> None:
        letter = exchange.letters[notification]
        after = self.seconds(exchange, letter)
        await self.step(f"To {to} by e-mail, {after} after the mail: {NAMES.get(notification, notification)}")
        text = letter.text
        if self._has_shown_a_letter:
            # The marker above and the signature below are the same in every letter.
            text = text.partition(_SIGNATURE)[0].strip().removeprefix(_first_line(text)).strip() + "\n\n…"
        self._has_shown_a_letter = True
        self.screen.quote(_head(letter.message), text)

    async def show_sms(self, exchange: Exchange, notification: str, person: Person) -> None:
        sms = exchange.texts[notification]
        await self.step(f"To {person.first_name} by SMS, {self.seconds(exchange, sms)} after the mail")
        self.screen.quote((sms.number,), sms.text)

    async def show_page(self, what: str, address: str | None) -> str:
        """A page of the desk's as text, and the address to open it. Raises StoryFailed."""
        check(address is not None, f"there is no link to {what}")
        assert address is not None
        try:
            text = await asyncio.to_thread(self.web.page, address)
        except OSError as error:
            raise StoryFailed(f"{what} cannot be opened: {error}") from None
        self.screen.tell(f"Behind the link, {what}: {address}")
        self.screen.quote((), text)
        return text

    # --- checking -----------------------------------------------------------------------------------------

    def verify_answer(self, exchange: Exchange, notification: str, number: str) -> None:
        """The number in text and subject, and the thread that the citizen began. Raises StoryFailed."""
        letter = exchange.letters[notification]
        answered = str(letter.message["In-Reply-To"] or "").strip()
        check(number in letter.text, f"{notification}: the e-mail does not hold the number {number}")
        check(number in letter.subject, f"{notification}: the subject does not hold the number {number}")
        check(
            answered == exchange.verdict.message_id,
            f"{notification}: In-Reply-To is {answered!r}, not the citizen's {exchange.verdict.message_id}",
        )
        automatic = str(letter.message["Auto-Submitted"] or "")
        check(automatic == "auto-replied", f"{notification}: Auto-Submitted is {automatic!r}")
        self.screen.verified(
            f"The e-mail holds {number} in subject and text, and its In-Reply-To is the citizen's own "
            "Message-ID: it stands in the same thread. It is marked as automatic (RFC 3834)."
        )

    def verify_sms(self, exchange: Exchange, notification: str, number: str) -> None:
        text = exchange.texts[notification].text
        check(number in text, f"{notification}: the SMS does not hold the number {number}")
        self.screen.verified(f"The SMS holds {number}; {len(text)} characters.")

    def verify_notice(self, exchange: Exchange, notification: str, number: str, text: str) -> None:
        """Every line the citizen wrote is in the team's mail. Raises StoryFailed."""
        letter = exchange.letters[notification]
        check(number in letter.text, f"{notification}: the team's notice does not hold the number {number}")
        for line in text.split("\n"):
            check(line.strip() in letter.text, f"{notification}: the team's notice lacks a line of the text")
        self.screen.verified(f"The team ({TEAM}) has the number and every line the citizen wrote.")


def check(holds: bool, failure: str) -> None:
    """Raises StoryFailed, unless `holds`."""
    if not holds:
        raise StoryFailed(failure)


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]


def _head(mail: EmailMessage) -> list[str]:
    return [f"{name}: {mail[name]}" for name in ("From", "To", "Subject")]


def _sender(mail: EmailMessage) -> str:
    # An automatic answer has the null reverse-path (RFC 3834, section 3.3).
    return "" if mail["Auto-Submitted"] else mail["From"].addresses[0].addr_spec


def _names(said: Expected) -> str:
    return ", ".join(f"{name} by {channel}" for name, channel, _ in sorted(said)) or "nothing"
