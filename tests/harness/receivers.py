"""What the mail relay and the SMS gateway do wrong during one life of the daemon."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from tests.servers.http_play import Fault
from tests.servers.sms_gateway import SmsGateway
from tests.servers.smtp_sink import SmtpSink

FEW, MANY = 3, 30


@dataclass(frozen=True)
class Receivers:
    smtp: SmtpSink
    sms: SmsGateway

    def calm(self) -> None:
        smtp, sms = self.smtp, self.sms
        smtp.rcpt.clear()
        smtp.data.clear()
        smtp.cut_at.clear()
        smtp.mail = smtp.greeting = ""
        smtp.cut_before_reply = smtp.cut_before_taking = smtp.cut_after_reply = 0
        smtp.delay_data_s = smtp.delay_reply_s = 0.0
        sms.faults.clear()
        sms.details_faults.clear()

    def misbehave(self, mood: str, dice: random.Random) -> None:
        """One of MOODS, until `calm`."""
        MOODS[mood](self, dice)


def _well(at: Receivers, dice: random.Random) -> None:
    """Nothing is wrong."""


def _throttled(at: Receivers, dice: random.Random) -> None:
    """As Microsoft 365 and the gateways do: only so many, then come again later."""
    at.smtp.data["*"] = ["", "451 4.7.500 server busy", "", "432 4.3.2 too many"] * FEW
    at.sms.faults = [Fault(429, "slow down", {"Retry-After": "1"}) for _ in range(FEW)]


def _storm(at: Receivers, dice: random.Random) -> None:
    """4yz at every step."""
    at.smtp.rcpt["*"] = ["450 4.2.1 greylisted"] * MANY
    at.smtp.mail = dice.choice(["", "421 4.3.2 shutting down", "451 4.3.0 later"])
    at.sms.faults = [Fault(503, "maintenance") for _ in range(MANY)]


def _distant(at: Receivers, dice: random.Random) -> None:
    """The answer comes late: it was taken long before."""
    at.smtp.delay_reply_s = dice.uniform(0.1, 0.6)
    at.sms.faults = [Fault(500, "late", accept=True, delay_s=dice.uniform(0.1, 0.4)) for _ in range(FEW)]


def _slow_to_take(at: Receivers, dice: random.Random) -> None:
    at.smtp.delay_data_s = dice.uniform(0.05, 0.4)


def _dropping(at: Receivers, dice: random.Random) -> None:
    """The connection dies at any step, before anything was taken."""
    at.smtp.cut_at = [dice.choice(["MAIL", "RCPT", "DATA"]) for _ in range(FEW)]
    at.smtp.cut_before_taking = dice.randrange(FEW)
    at.sms.faults = [Fault(cut=True) for _ in range(FEW)]


def _taking_unheard(at: Receivers, dice: random.Random) -> None:
    """It is taken, and the connection dies before the answer."""
    at.smtp.cut_before_reply = FEW
    at.sms.faults = [Fault(cut=True, accept=True) for _ in range(FEW)]
    at.sms.details_faults = [Fault(503, "maintenance")]


def _lying(at: Receivers, dice: random.Random) -> None:
    """250, and the connection is gone; an error for what was taken; success in words that nobody knows."""
    at.smtp.cut_after_reply = MANY
    at.sms.faults = [
        dice.choice([Fault(500, "oops", accept=True), Fault(200, "<html>", accept=True)]) for _ in range(FEW)
    ]


def _gone(at: Receivers, dice: random.Random) -> None:
    """Nobody is let in."""
    at.smtp.greeting = "421 4.3.2 not now"
    at.sms.faults = [Fault(503, "maintenance") for _ in range(MANY)]


MOODS: dict[str, Callable[[Receivers, random.Random], None]] = {
    "well": _well,
    "throttled": _throttled,
    "storm": _storm,
    "distant": _distant,
    "slow to take": _slow_to_take,
    "dropping": _dropping,
    "taking unheard": _taking_unheard,
    "lying": _lying,
    "gone": _gone,
}
