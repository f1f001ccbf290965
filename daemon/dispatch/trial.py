"""Writes a test of a text: a real message to whoever tries their words, which nobody takes for a real one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from daemon.clock import Clock
from daemon.courier import Courier, FrozenMessage
from daemon.dispatch.marks import Marks, Stationery
from daemon.dispatch.writer import Letterhead
from daemon.mail.wire.compose import compose
from daemon.mail.wire.outgoing import OutgoingMail
from daemon.templating.rendered import RenderedEmail, RenderedSms

TEST: Final = {"ar": "تجربة", "en": "test"}
"""How the subject of a test begins, in brackets."""


class Trials:
    """Sends tests in the desk's own name. `open_courier` gives a courier of "email" or "sms" that is closed
    after use; None where there is none."""

    def __init__(
        self,
        letterhead: Letterhead,
        stationery: Stationery,
        clock: Clock,
        open_courier: Callable[[str], Courier | None],
        *,
        has_sms: bool = False,
    ) -> None:
        self.has_sms = has_sms
        """Whether there is a gateway."""
        self._letterhead = letterhead
        self._marks = Marks(stationery, letterhead.mailbox_address)
        self._clock = clock
        self._open_courier = open_courier

    def mail(self, to: str, shown: RenderedEmail | RenderedSms, language: str) -> FrozenMessage:
        """The test as a mail; an SMS stands in it as text."""
        reference = self._marks.reference("email")
        if isinstance(shown, RenderedEmail):
            subject, text, html = shown.subject, shown.text, shown.html
        else:
            subject, text, html = f"SMS ({shown.segments})", shown.text, ""
        mail = OutgoingMail(
            message_id=reference,
            date=self._clock.now(),
            from_name=self._letterhead.from_name,
            from_address=self._letterhead.mailbox_address,
            to_address=to,
            subject=f"[{TEST[language]}] {subject}",
            text=text,
            html=html,
            language=language,
        )
        return FrozenMessage(self._letterhead.mailbox_address, to, compose(mail), reference)

    async def send_mail(self, to: str, shown: RenderedEmail | RenderedSms, language: str) -> None:
        """Raises DeliveryFailure."""
        await self._send("email", self.mail(to, shown, language))

    async def send_sms(self, to: str, shown: RenderedSms) -> None:
        """`to` in E.164. Raises DeliveryFailure."""
        sender, reference = self._letterhead.sms_sender, self._marks.reference("sms")
        await self._send("sms", FrozenMessage(sender, to, shown.text.encode(), reference))

    async def _send(self, channel: str, message: FrozenMessage) -> None:
        courier = self._open_courier(channel)
        assert courier is not None, f"a page offers no test by {channel} where there is none"
        try:
            await courier.deliver(message)
        finally:
            await courier.close()
