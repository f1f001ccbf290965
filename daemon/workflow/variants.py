"""Decides which text of a notification is said, and which of several pieces in it. No wording.

A notification has one text, or several *variants* of it, each with a file of its own for each channel; the
values decide which. A text itself decides nothing (DESIGN §4, Templates).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from daemon.workflow import staff_variants
from daemon.workflow.choice import Choice, Values
from daemon.workflow.vocabulary import CLOSE_REASONS, DELIVERY_CHANNELS, DeliveryChannel

STANDINGS: Final = (
    *("awaiting_info", "open", "late", "late_escalated", "resolved", "resolved_late", "closed"),
    *(f"closed_{reason}" for reason in CLOSE_REASONS if reason != "spam"),
    "closed_resolved_late",
)


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
    "asked": Choice(
        "missing",
        ("number_and_ground", "number", "ground", "rest"),
        lambda values: _asked(values),
    ),
    "standing": Choice("is_late", STANDINGS, lambda values: _standing(values)),
    **staff_variants.CHOICES,
}


def _asked(values: Values) -> str:
    """What an SMS has room to name."""
    missing = values.get("missing")
    named = missing if isinstance(missing, list | tuple) else ()
    if "request_number" not in named:
        return "ground" if "ground" in named else "rest"
    return "number_and_ground" if "ground" in named else "number"


def _standing(values: Values) -> str:
    """The state of a complaint as its requester hears it: an open one may be late, one that was processed may
    have been, a closed one has its reason."""
    state, is_late = str(values.get("state", "")), values.get("is_late") is True
    if state == "open" and is_late:
        return "late_escalated" if values.get("escalation") in ("raised", "accepted") else "late"
    found = f"closed_{values.get('close_reason')}" if state == "closed" else state
    if is_late and found in ("resolved", "closed_resolved"):
        return f"{found}_late"
    return found if found in STANDINGS else "closed" if state == "closed" else "open"


def _closed(values: Values, channel: DeliveryChannel) -> str:
    if values.get("other_ticket"):
        return "merged"
    reason = str(values.get("close_reason", ""))
    if reason == "resolved" and values.get("has_exceeded") is True:
        return "late"
    return reason if reason in ("duplicate", "withdrawn") else ""


def _named(*words: object) -> str:
    """The name of a variant of several words, those that are not said left out."""
    return "_".join(str(word) for word in words if word)


def _link_lacks(values: Values, channel: DeliveryChannel) -> str:
    """An SMS that brings the link of the page says another thing where it may not."""
    return "no_link" if channel == "sms" and not values.get("status_url") else ""


def _asks(values: Values, channel: DeliveryChannel) -> str:
    """What staff ask for in their own words is another thing than what was missing from the beginning."""
    return _named("by_staff" if values.get("text") else "", _link_lacks(values, channel))


def _warned(values: Values, channel: DeliveryChannel) -> str:
    by_staff = "by_staff" if values.get("text") and channel == "email" else ""
    return _named(by_staff, _link_lacks(values, channel))


def _delayed(values: Values, channel: DeliveryChannel) -> str:
    return "escalated" if values.get("is_escalated") is True else _link_lacks(values, channel)


def _joined(values: Values, _: DeliveryChannel) -> str:
    return "reopened" if values.get("is_reopened") is True else ""


def _reopened(values: Values, _: DeliveryChannel) -> str:
    return "by_staff" if values.get("by_staff") is True else ""


def _too_early(values: Values, _: DeliveryChannel) -> str:
    if not values.get("possible_at"):
        return "undated"
    return "reopened" if values.get("is_reopened") is True else ""


def _decided(values: Values, _: DeliveryChannel) -> str:
    by_staff = "by_staff" if values.get("by_staff") is True else ""
    return _named(by_staff, "declined" if values.get("outcome") == "declined" else "")


def _received(values: Values, _: DeliveryChannel) -> str:
    return "privacy" if values.get("is_about_privacy") is True else ""


_CHOOSERS: Final[Mapping[str, Callable[[Values, DeliveryChannel], str]]] = {
    "closed": _closed,
    "received": _received,
    "info_requested": _asks,
    "info_warning": _warned,
    "reply": _link_lacks,
    "resolved": _link_lacks,
    "processing_delayed": _delayed,
    "joined": _joined,
    "reopened": _reopened,
    "escalation_too_early": _too_early,
    "escalation_outcome": _decided,
    **staff_variants.CHOOSERS,
}

VARIANTS: Final[Mapping[str, Mapping[DeliveryChannel, tuple[str, ...]]]] = {
    "closed": dict.fromkeys(DELIVERY_CHANNELS, ("late", "duplicate", "withdrawn", "merged")),
    "joined": dict.fromkeys(DELIVERY_CHANNELS, ("reopened",)),
    "received": dict.fromkeys(DELIVERY_CHANNELS, ("privacy",)),
    "info_requested": {"email": ("by_staff",), "sms": ("no_link", "by_staff", "by_staff_no_link")},
    "info_warning": {"email": ("by_staff",), "sms": ("no_link",)},
    "reply": {"sms": ("no_link",)},
    "resolved": {"sms": ("no_link",)},
    "processing_delayed": {"email": ("escalated",), "sms": ("escalated", "no_link")},
    "reopened": {"email": ("by_staff",)},
    "escalation_too_early": {"email": ("reopened", "undated"), "sms": ("reopened", "undated")},
    "escalation_outcome": {
        "email": ("declined", "by_staff", "by_staff_declined"),
        "sms": ("declined", "by_staff", "by_staff_declined"),
    },
    **staff_variants.VARIANTS,
}
"""The variants that a notification has beside its plain text, by channel."""


KNOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "closed.merged": ("other_ticket",),
    "info_requested.by_staff": ("text",),
    "info_warning.by_staff": ("text",),
    "escalation_too_early": ("possible_at",),
    "escalation_too_early.reopened": ("possible_at",),
    **staff_variants.KNOWN,
}
"""Values that a variant promises: its text may say them without brackets."""


OMITS: Final[Mapping[str, tuple[str, ...]]] = {
    "closed.merged": ("reopen_until",),
    "info_requested.no_link": ("status_url",),
    "info_requested.by_staff_no_link": ("status_url",),
    "info_warning.no_link": ("status_url",),
    "reply.no_link": ("status_url",),
    "escalation_too_early.undated": ("possible_at",),
    **staff_variants.OMITS,
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
