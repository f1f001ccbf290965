"""One connection to the relay: one transaction after another, and what each answer means for the mail.

A cut before the final dot means that nothing was taken; after it nobody knows (RFC 1047).
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from daemon.courier import DeliveryFailure, OutcomeUnknown, PermanentFailure, Receipt, TemporaryFailure
from daemon.mail.wire.smtp.dialogue import Answer, Broken, Cut, Dialogue, Silent, Unreadable
from daemon.mail.wire.smtp.replies import Stage, classify, closing, is_about_login, tidy
from daemon.mail.wire.smtp.settings import SmtpSettings

_STAGES: tuple[Stage, ...] = ("mail", "rcpt", "data")
_WANTED = {"mail": (250,), "rcpt": (250, 251), "data": (354,)}
NEEDS_SMTPUTF8 = "the address holds letters that are not ASCII, and the mail server does not offer SMTPUTF8"


class Lost(Exception):
    """The connection ended before the final dot: nothing was accepted. `failure` says so to the outside."""

    def __init__(self, failure: TemporaryFailure) -> None:
        super().__init__(failure.reason)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class Offers:
    """What the relay offers of SIZE (RFC 1870), 8BITMIME (6152), PIPELINING (2920) and SMTPUTF8 (6531)."""

    size: bool = False
    eightbit: bool = False
    pipelining: bool = False
    smtputf8: bool = False


class Connection:
    """A logged-in connection. `is_clean` while the server waits for the next transaction; `is_reused` once it
    was kept from an earlier one; `used_at` is when that ended (the loop's time, in seconds); `carried` counts
    the transactions. `in_groups` false makes it speak step by step, whatever is offered; `broke_in_group` is
    set where it ended among commands that were sent together and no refusal explains it."""

    def __init__(self, dialogue: Dialogue, settings: SmtpSettings, offers: Offers) -> None:
        self._dialogue = dialogue
        self._timeout_s = settings.timeout_s
        self._final_timeout_s = settings.final_timeout_s
        self._offers = offers
        self.in_groups = offers.pipelining
        self.is_clean = True
        self.is_reused = False
        self.used_at = 0.0
        self.carried = 0
        self.broke_in_group = False

    @property
    def is_connected(self) -> bool:
        return self._dialogue.is_open

    async def send(self, sender: str, recipient: str, content: bytes) -> Receipt:
        """One transaction: addresses for the wire, `content` as it stands there (`content.on_the_wire`).

        Raises Lost, TemporaryFailure, PermanentFailure or OutcomeUnknown; `is_clean` says whether the
        connection can take another one.
        """
        commands = self._envelope(sender, recipient, content)
        self.is_clean = False
        self.carried += 1
        try:
            await self._begin(commands)
            receipt = await self._send_content(content)
        except DeliveryFailure as failure:
            # The next transaction needs a fresh envelope; a connection that cannot give one is dropped.
            if not isinstance(failure, OutcomeUnknown) and self.is_connected:
                with contextlib.suppress(Lost, DeliveryFailure):
                    self.is_clean = (await self._ask(b"RSET")).code == 250
            raise
        self.is_clean = self.is_connected
        return receipt

    async def noop(self) -> None:
        """Raises Lost or TemporaryFailure."""
        self.is_clean = False
        answer = await self._ask(b"NOOP")
        if answer.code != 250:
            raise classify(answer.code, answer.text, "connect")
        self.is_clean = True

    async def quit(self) -> None:
        """Take leave, for at most two seconds. Never raises."""
        with contextlib.suppress(Broken):
            self._dialogue.say([b"QUIT"])
            await self._dialogue.hear(2.0)
        self.close()

    def close(self) -> None:
        self._dialogue.close()

    # --- the envelope ---------------------------------------------------------------------------------

    def _envelope(self, sender: str, recipient: str, content: bytes) -> list[bytes]:
        """MAIL, RCPT and DATA. Raises PermanentFailure where an address needs what is not offered."""
        options = [b"SIZE=%d" % len(content)] if self._offers.size else []
        is_utf8 = not (sender.isascii() and recipient.isascii())
        if is_utf8 and not (self._offers.smtputf8 and self._offers.eightbit):
            raise PermanentFailure(NEEDS_SMTPUTF8, code="5.6.7")  # the code: RFC 6531, section 3.5
        if self._offers.eightbit and not content.isascii():
            options.append(b"BODY=8BITMIME")
        if is_utf8:
            options.append(b"SMTPUTF8")
        mail = b" ".join([b"MAIL FROM:<%b>" % sender.encode(), *options])
        return [mail, b"RCPT TO:<%b>" % recipient.encode(), b"DATA"]

    async def _begin(self, commands: list[bytes]) -> None:
        """The envelope, up to the server's "go on". Raises Lost or DeliveryFailure."""
        try:
            begin = self._begin_together if self.in_groups else self._begin_step_by_step
            refusal = await begin(commands)
        except Broken as error:
            self.close()
            self.broke_in_group = self.in_groups
            raise _ended(error) from error
        if refusal is not None:
            raise refusal

    async def _begin_step_by_step(self, commands: list[bytes]) -> DeliveryFailure | Lost | None:
        """The first refusal. Raises Broken."""
        for stage, command in zip(_STAGES, commands, strict=True):
            self._dialogue.say([command])
            refusal = self._judged(await self._dialogue.hear(self._timeout_s), stage)
            if refusal is not None:
                return refusal
        return None

    async def _begin_together(self, commands: list[bytes]) -> DeliveryFailure | Lost | None:
        """The first refusal, which counts also where the rest is lost; all commands go in one write (RFC
        2920). Raises Broken where there is none."""
        refusals: dict[Stage, DeliveryFailure | Lost] = {}
        first: DeliveryFailure | Lost | None = None
        try:
            self._dialogue.say(commands)
            for place, stage in enumerate(_STAGES):
                answer = await self._dialogue.hear(self._timeout_s, together=len(_STAGES) - place)
                refusal = self._judged(answer, stage)
                if refusal is not None:
                    refusals[stage] = refusal
                    first = first or refusal
                if isinstance(refusal, Lost):
                    return first
            if first is not None and "data" not in refusals:
                await self._end_empty(is_to_nobody="rcpt" in refusals)
        except Broken:
            if first is None:
                raise
            self.close()
        return first

    async def _end_empty(self, *, is_to_nobody: bool) -> None:
        """Where DATA was let pass though nobody is to get it, a dot ends it (RFC 2920, section 3.1). Where
        somebody would get that empty mail, only the end of the connection does. Raises Broken."""
        if not is_to_nobody:
            self.close()
            return
        self._dialogue.send(b".\r\n")
        await self._dialogue.hear(self._timeout_s)

    def _judged(self, answer: Answer, stage: Stage) -> DeliveryFailure | Lost | None:
        """What refuses, None where nothing does. Raises Unreadable where the answer belongs to no such
        command: another one was lost on the way, and we and the server are out of step."""
        if answer.code in _WANTED[stage]:
            return None
        if not 400 <= answer.code <= 599:
            raise Unreadable("out of step")
        if answer.code == 421:
            # RFC 5321, section 3.8: the server may say this at any time and closes.
            self.close()
            return Lost(closing(answer.text))
        failure = classify(answer.code, answer.text, stage)
        if self.is_reused and isinstance(failure, TemporaryFailure) and is_about_login(failure.code):
            # Logged in once, and no longer: the token ended in the middle. A new connection shows a new one.
            self.close()
            return Lost(failure)
        return failure

    async def _ask(self, command: bytes) -> Answer:
        """Raises Lost or TemporaryFailure."""
        try:
            self._dialogue.say([command])
            return await self._dialogue.hear(self._timeout_s)
        except Broken as error:
            self.close()
            raise _ended(error) from error

    # --- the content ----------------------------------------------------------------------------------

    async def _send_content(self, content: bytes) -> Receipt:
        """From here on the server may have taken the message, whatever we hear (RFC 1047)."""
        dialogue = self._dialogue
        try:
            # One write: a final dot in a packet of its own waits 40 ms for a delayed acknowledgement.
            dialogue.send(content)
        except Broken as error:  # refused because it is closed: nothing went out
            raise Lost(TemporaryFailure("connection lost", outage=True)) from error
        try:
            answer = await dialogue.hear(self._final_timeout_s)
        except Broken as error:
            is_whole = not dialogue.is_writing
            self.close()
            if not is_whole:  # the final dot is the last of it and has not left
                raise Lost(TemporaryFailure("connection lost within the message", outage=True)) from error
            raise OutcomeUnknown(_in_doubt(error)) from error
        if dialogue.is_writing:
            self.close()  # answered before the end: the next answer would be about anything
        return self._received(answer)

    def _received(self, answer: Answer) -> Receipt:
        if answer.code == 250:
            return Receipt(detail=tidy(answer.text))
        if answer.code == 421:
            self.close()
            raise closing(answer.text)
        if not 400 <= answer.code <= 599:
            self.close()
            raise OutcomeUnknown("unexpected answer after the message", code=str(answer.code))
        raise classify(answer.code, answer.text, "content")


def _ended(error: Broken) -> Lost | TemporaryFailure:
    if isinstance(error, Cut):
        return Lost(TemporaryFailure("connection lost", outage=True))
    if isinstance(error, Silent):
        return TemporaryFailure("server did not answer in time", outage=True)
    return TemporaryFailure("server's answer was not understood", outage=True)


def _in_doubt(error: Broken) -> str:
    if isinstance(error, Cut):
        return "connection lost after the message"
    if isinstance(error, Silent):
        return "no answer after the message"
    return "the answer after the message was not understood"
