"""Sends complaints of the program's own, and follows each on its way.

It goes out by the relay, into the mailbox, through the desk, and back as an answer. One that does not come
through in time is lost, and the operator hears of it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import policy
from email.message import EmailMessage
from typing import Final

from sqlalchemy import Connection

from daemon.clock import Clock
from daemon.courier import Courier, DeliveryFailure, FrozenMessage
from daemon.mail.trust.canary_tokens import CanaryMark, mint
from daemon.mail.trust.tokens import Keyring
from daemon.store import canaries, outbox
from daemon.store.database import Database
from daemon.workflow.vocabulary import Alarm

log = logging.getLogger(__name__)

PATIENCE: Final = timedelta(minutes=10)
"""A canary that takes longer is lost: a real complaint takes seconds."""
_WORDS: Final = (
    "A complaint of the program's own, to see that mail comes and goes. It is counted nowhere, and no answer "
    "is needed.\n\nRequest number: 202600000\n"
)


@dataclass(frozen=True, slots=True)
class Route:
    """`mailbox` is the desk's address; `is_seen_back`: the answer comes back to it, and not elsewhere."""

    mailbox: str
    keys: Keyring
    subaddressing: bool
    is_seen_back: bool


class Canaries:
    """`on_problem` hears of one that was lost."""

    def __init__(
        self,
        database: Database,
        courier: Courier,
        route: Route,
        clock: Clock,
        on_problem: Callable[[Alarm, str], None] = lambda what, detail: None,
    ) -> None:
        self._database = database
        self._courier = courier
        self._route = route
        self._clock = clock
        self._on_problem = on_problem
        self.is_lost = False
        """Whether the last one that ended was lost, as far as this daemon follows them."""

    async def look(self, every: timedelta) -> None:
        """Follow those under way, and send one where the last began so long ago. Raises StoreUnavailable."""
        await self._database.transact(self._follow_all)
        last = await self._database.transact(canaries.last_begun)
        now = self._clock.now()
        if last is None or now - last >= every or last > now + every:
            try:
                await self.send()
            except DeliveryFailure as failure:
                log.warning("a canary could not be sent: %s", failure.reason)

    async def send(self) -> int:
        """Send one; returns its id. Raises DeliveryFailure where the relay does not take it, and
        StoreUnavailable."""
        canary_id = await self._database.transact(canaries.begin, self._clock.now())
        try:
            await self._courier.deliver(_letter(self._route, canary_id))
        except DeliveryFailure:
            await self.give_up(canary_id)
            raise
        await self._database.transact(canaries.note_taken, canary_id, "sent_at", self._clock.now())
        return canary_id

    async def follow(self, canary_id: int) -> canaries.Canary | None:
        """How far it is now. Raises StoreUnavailable."""
        return await self._database.transact(self._followed, canary_id)

    async def give_up(self, canary_id: int) -> None:
        """Nobody waits for it any more. Raises StoreUnavailable."""
        await self._database.transact(canaries.end, canary_id, "lost")

    def _followed(self, connection: Connection, canary_id: int) -> canaries.Canary | None:
        """Its answer leaves by the outbox: what is known of that row is written down."""
        canary = canaries.of_id(connection, canary_id)
        if canary is None or canary.outcome == "lost" or canary.answered_at is not None:
            return canary
        answer = outbox.by_reference(connection, _reference(self._route, canary_id))
        if answer is None or answer.sent_at is None:
            return canary
        canaries.note_taken(connection, canary_id, "answered_at", answer.sent_at)
        if not self._route.is_seen_back:
            canaries.end(connection, canary_id, "done")
        return canaries.of_id(connection, canary_id)

    def _follow_all(self, connection: Connection) -> None:
        for one in canaries.under_way(connection):
            canary = self._followed(connection, one.id)
            if canary is not None and not canary.outcome and self._is_late(canary, self._clock.now()):
                canaries.end(connection, canary.id, "lost")
                log.warning("a canary is lost: %s", where_it_is(canary), extra={"canary_id": canary.id})
                self._on_problem("canary_lost", where_it_is(canary))
        last = canaries.last_ended(connection)
        self.is_lost = last is not None and last.outcome == "lost"

    @staticmethod
    def _is_late(canary: canaries.Canary, now: datetime) -> bool:
        return abs(now - canary.begun_at) > PATIENCE


def where_it_is(canary: canaries.Canary) -> str:
    """The leg on which it is, in words."""
    if canary.sent_at is None and canary.arrived_at is None:
        return "the mail relay did not take it"
    if canary.decided_at is None:
        return "it was sent, and did not come into the mailbox, or nobody decided on it"
    if canary.answered_at is None:
        return "it was decided on, and its answer was not sent"
    return "its answer was sent, and did not come back"


def _reference(route: Route, canary_id: int) -> str:
    mark = mint(route.keys, CanaryMark(canary_id, "back"))
    return f"<{mark}@{route.mailbox.rpartition('@')[2]}>"


def _letter(route: Route, canary_id: int) -> FrozenMessage:
    local, _, domain = route.mailbox.rpartition("@")
    mark = mint(route.keys, CanaryMark(canary_id, "out"))
    to = f"{local}+{mark}@{domain}" if route.subaddressing else route.mailbox
    made = EmailMessage(policy=policy.SMTP.clone(max_line_length=998, cte_type="7bit"))
    made["From"], made["To"], made["Message-ID"] = route.mailbox, to, f"<{mark}@{domain}>"
    made["Subject"], made["Auto-Submitted"] = "canary", "auto-generated"
    made.set_content(_WORDS)
    return FrozenMessage(route.mailbox, to, made.as_bytes(), f"<{mark}@{domain}>")
