"""The citizens' mobiles: keeps what the SMS console shows, with the moment it came."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sms:
    """One text on somebody's mobile, come at `at` (seconds of time.monotonic())."""

    number: str
    text: str
    reference: str
    at: float


@dataclass
class Phones:
    """`take` is what the SMS console hands its lines to."""

    received: list[Sms] = field(default_factory=list)
    on_sms: Callable[[Sms], None] = lambda sms: None

    def take(self, line: str) -> None:
        at = time.monotonic()
        entry = json.loads(line)
        sms = Sms(entry["to"], entry["text"], entry["reference"], at)
        self.received.append(sms)
        self.on_sms(sms)

    def sms(self, reference: str, number: str) -> Sms | None:
        found = (one for one in self.received if (one.reference, one.number) == (reference, number))
        return next(found, None)
