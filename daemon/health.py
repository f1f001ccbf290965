"""Tells of each part of the program whether it works (DESIGN §4, /readyz), in words that name no host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from daemon.service import ON_HOLD, Service

PARTS: Final[Mapping[str, str]] = {
    "fetch": "mailbox",
    "desk": "database",
    "delivery-email": "sender",
    "delivery-sms": "sms",
}
"""What each loop's trouble means to whoever watches."""
BROKEN: Final = "does not work"


def health_of(service: Service) -> dict[str, str]:
    """Anybody may ask, so why a part does not work stands in the log alone."""
    return {
        PARTS.get(name, name): how if how in ("ok", ON_HOLD) else BROKEN
        for name, how in service.health().items()
    }


def is_well(service: Service) -> bool:
    """Whether every part works. What an operator holds back does."""
    return all(how in ("ok", ON_HOLD) for how in service.health().values())
