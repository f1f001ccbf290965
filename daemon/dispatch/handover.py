"""Hands one message to its courier: written once, sent with its files, or without them if they are refused.

Sometimes we cannot know whether a message went. Then the same message is tried again, after asking the peer
where the peer can tell (SMS). RFC 1047 leaves nothing better for mail.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection

from daemon.courier import (
    Courier,
    DeliveryFailure,
    FrozenMessage,
    OutcomeUnknown,
    PermanentFailure,
    Receipt,
    TemporaryFailure,
)
from daemon.dispatch.envelope import BadEnvelope
from daemon.dispatch.line import Line
from daemon.dispatch.writer import Writer, Written, has_files
from daemon.store.database import StoreUnavailable
from daemon.store.outbox import Claimed
from daemon.workflow.vocabulary import Alarm, DeliveryChannel

log = logging.getLogger(__name__)

DOWN: Final[Mapping[DeliveryChannel, Alarm]] = {"email": "email_down", "sms": "sms_down"}
"""What the operator hears where a channel's courier cannot be reached."""


@dataclass(frozen=True, slots=True)
class Result:
    """How one row went: exactly one of receipt and failure. `was_tried` is false where the line was already
    known to be down and the courier was not even asked."""

    row: Claimed
    receipt: Receipt | None = None
    failure: DeliveryFailure | None = None
    was_tried: bool = True

    @property
    def may_have_left(self) -> bool:
        return self.receipt is not None or isinstance(self.failure, OutcomeUnknown)


Choose = Callable[[Connection, Sequence[str]], list[str]]
"""Which gateways messages to those recipients are given to."""


class Handover:
    """Writes and hands over the messages of one channel. `on_problem` hears what an operator should know, as
    a kind and a detail without personal data; `choose` chooses where a channel has several gateways."""

    def __init__(
        self,
        line: Line,
        courier: Courier,
        writer: Writer,
        on_problem: Callable[[Alarm, str], None] = lambda what, detail: None,
        choose: Choose | None = None,
    ) -> None:
        self.line = line
        self.choose = choose
        self._courier = courier
        self._writer = writer
        self._on_problem = on_problem

    async def close(self) -> None:
        await self._courier.close()

    async def look(self) -> None:
        """Ask the peer whether it works, where nothing was heard of it for a while: that is to be known
        before somebody waits for a message."""
        if not self.line.is_unheard or self.line.is_down:
            return
        try:
            await self._courier.check()
        except TemporaryFailure as failure:
            if failure.outage and self.line.note_outage(failure):
                self._on_problem(DOWN[self.line.channel], failure.reason)
        except DeliveryFailure as failure:
            log.info("%s was asked whether it works: %s", self.line.channel, failure.reason)
        else:
            self.line.note_answer()

    def write(self, row: Claimed) -> Written:
        """The bytes of `row`, its own from now on. Raises PermanentFailure where none can be written."""
        written = self._writer.write(row)
        if written.problem:
            self._on_problem("template", f"{row.notification}: {written.problem}")
        return written

    async def deliver(self, row: Claimed, written: Written) -> Result:
        """Try once; ask first where an earlier try ended in doubt. Raises nothing that a peer can cause."""
        if self.line.is_down:
            down = TemporaryFailure("the channel is down", outage=True)
            return Result(row, failure=down, was_tried=False)
        try:
            receipt = await self._courier.find(row.reference) if row.is_uncertain else None
            if receipt is None:
                receipt = await self._hand_over(row, written)
        except BadEnvelope as error:
            # Frozen by another version, or damaged: this row fails alone, and its channel goes on.
            return Result(row, failure=PermanentFailure(f"the row cannot be read: {error}"))
        except DeliveryFailure as failure:
            if isinstance(failure, TemporaryFailure) and failure.outage and self.line.note_outage(failure):
                self._on_problem(DOWN[self.line.channel], failure.reason)
            return Result(row, failure=failure)
        self.line.note_answer()
        return Result(row, receipt=receipt)

    async def _hand_over(self, row: Claimed, written: Written) -> Receipt:
        """Raises DeliveryFailure."""
        doubt = (row.gateway or "") if row.is_uncertain else None
        message = FrozenMessage(
            written.sender,
            row.recipient,
            written.content,
            row.reference,
            doubt,
            row.gateway or "",
            self.line.barred,
        )
        if not has_files(row):
            return await self._courier.deliver(message)
        whole = replace(message, content=await self._completed(row, written))
        try:
            return await self._courier.deliver(whole)
        except PermanentFailure as refusal:
            # Too large for the relay, or a file it does not let pass. The words must arrive all the same.
            log.warning("refused with its files: %s", refusal.reason, extra={"outbox_id": row.id})
            self._on_problem("files_refused", f"outbox {row.id}: {refusal.code} {refusal.reason}")
            bare = replace(message, content=await self._completed(row, written, without=True))
            return await self._courier.deliver(bare)

    async def _completed(self, row: Claimed, written: Written, *, without: bool = False) -> bytes:
        try:
            return await asyncio.to_thread(self._writer.complete, row, written.content, without=without)
        except StoreUnavailable as error:
            raise TemporaryFailure(f"its files cannot be read: {error}") from error
