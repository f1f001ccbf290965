"""Decides which text of a notification is said, and which of several pieces in it. No wording.

A notification has one text, or several *variants* of it, each with a file of its own for each channel; the
values decide which. A text itself decides nothing (DESIGN §4, Templates).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from daemon.workflow.vocabulary import DeliveryChannel

Values = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Choice:
    """What the program decides from several values, so that pieces can be said by it. It belongs to every
    notification that knows the variable `needs`; `options` are what may be chosen."""

    needs: str
    options: tuple[str, ...]
    choose: Callable[[Values], str]
    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Values that an option promises, so that its piece may say them without brackets."""


CHOICES: Final[Mapping[str, Choice]] = {
    # The requester by name, or as somebody whose name is not known.
    "addressing": Choice(
        "requester_name",
        ("named", "unnamed"),
        lambda values: "named" if values.get("requester_name") else "unnamed",
        {"named": ("requester_name",)},
    ),
    "visibility": Choice(
        "replies_go_to_citizen",
        ("citizen", "internal"),
        lambda values: "citizen" if values.get("replies_go_to_citizen") is True else "internal",
    ),
}


def _closed(values: Values, channel: DeliveryChannel) -> str:
    if values.get("other_ticket"):
        return "merged"
    reason = str(values.get("close_reason", ""))
    return reason if reason in ("duplicate", "withdrawn") else ""


_CHOOSERS: Final[Mapping[str, Callable[[Values, DeliveryChannel], str]]] = {
    "closed": _closed,
}

VARIANTS: Final[Mapping[str, Mapping[DeliveryChannel, tuple[str, ...]]]] = {
    "closed": {"email": ("duplicate", "withdrawn", "merged"), "sms": ("duplicate", "withdrawn", "merged")},
}
"""The variants that a notification has beside its plain text, by channel."""


KNOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "closed.merged": ("other_ticket",),
}
"""Values that a variant promises: its text may say them without brackets."""


OMITS: Final[Mapping[str, tuple[str, ...]]] = {
    "closed.merged": ("reopen_days",),
}
"""Values that a variant need not say, though the notification must."""


def variants_of(name: str, channel: DeliveryChannel) -> tuple[str, ...]:
    """Every variant of a notification on a channel, the plain one ("") first."""
    return ("", *VARIANTS.get(name, {}).get(channel, ()))


def known_in(name: str, variant: str) -> tuple[str, ...]:
    """The values that are always known where that variant is said."""
    return KNOWN.get(f"{name}.{variant}" if variant else name, ())


def omitted_in(name: str, variant: str) -> tuple[str, ...]:
    """The values that a variant need not say."""
    return OMITS.get(f"{name}.{variant}" if variant else name, ())


def variant_of(name: str, channel: DeliveryChannel, values: Values) -> str:
    """Which is said of these values; "" for the plain text."""
    chooser = _CHOOSERS.get(name)
    found = chooser(values, channel) if chooser else ""
    return found if found in variants_of(name, channel) else ""
