"""Decides which text of a notice to staff is said, and which of several pieces in it, as `variants` does for
all. No wording."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from daemon.workflow.choice import Choice, Values
from daemon.workflow.vocabulary import NEWS, NOTE_KINDS, REFUSALS, STANDSTILL, STATES, DeliveryChannel


def _linking(values: Values) -> str:
    if not values.get("linked_ticket"):
        return ""
    if values.get("is_own_link"):
        return "own"
    return "same_address" if values.get("is_same_address") else "mentioned"


def _writing(values: Values) -> str:
    if values.get("from_requester"):
        return ""
    return "participant" if values.get("is_participant") else "stranger"


def _refusal(values: Values) -> str:
    error, detail = str(values.get("error", "")), str(values.get("detail", ""))
    if error == "bad_reason" and detail in CLOSED_OTHERWISE:
        return CLOSED_OTHERWISE[detail]
    if error == "cannot_combine" and not detail.startswith("#"):
        return "both_judged" if detail else "two_texts"
    return error if error in REFUSALS else "unknown"


CLOSED_OTHERWISE: Final[Mapping[str, str]] = {
    "no_response": "closing_unwarned",
    "resolved": "closing_as_resolved",
}
"""Why a complaint is not closed for a reason that is right in itself, by that reason."""


def _detailing(values: Values) -> str:
    """What the detail of a refusal is: commands that may have been meant, or what its writer wrote."""
    refusal = _refusal(values)
    if not values.get("detail") or refusal in (*_DETAIL_IN_WORDS, *CLOSED_OTHERWISE.values()):
        return ""
    return "meant" if refusal == "unknown_command" else "written"


_DETAIL_IN_WORDS: Final = ("impossible_state", "forgotten_sign", "cannot_combine", "both_judged")


def _offered(values: Values) -> str:
    """What else an answer without its sign may have been, beside the command that is named."""
    detail = str(values.get("detail", ""))
    if detail in ("#رد", "#reply"):
        return "note"
    return "reply" if detail in ("#ملاحظة", "#note") else "both"


def _standing(values: Values) -> str:
    detail = str(values.get("detail", ""))
    return detail if detail in (*STATES, *_STANDING) else ""


_STANDING: Final = ("raised", "accepted")
"""Beside its state what may forbid a command: how far an escalation is."""


def _sending(values: Values) -> str:
    """How what a command said reached the citizen."""
    if not values.get("sent"):
        return "nothing"
    if values.get("by_email"):
        return "both" if values.get("by_sms") else "email"
    return "sms"


def _other_times(values: Values) -> str:
    lists = ("first_response", "processing", "escalation", "standstill")
    return "listed" if any(values.get(f"others_{name}") for name in lists) else ""


CHOICES: Final[Mapping[str, Choice]] = {
    # What somebody wrote, or that it has no words.
    "wording": Choice(
        "text",
        ("words", "silence"),
        lambda values: "words" if values.get("text") else "silence",
        {"words": ("text",)},
    ),
    # The complaint with which a new one is connected, and how.
    "linking": Choice(
        "is_own_link",
        ("", "own", "same_address", "mentioned"),
        _linking,
        dict.fromkeys(("own", "same_address", "mentioned"), ("linked_ticket",)),
    ),
    # About a complaint, or about none.
    "heading": Choice(
        "ticket_number",
        ("ticket", "none"),
        lambda values: "ticket" if values.get("ticket_number") else "none",
        {"ticket": ("ticket_number",)},
    ),
    # Of a command that was not carried out: its name, the reason, and what else is to be said of it.
    "naming": Choice(
        "command",
        ("named", "unnamed"),
        lambda values: "named" if values.get("command") else "unnamed",
        {"named": ("command",)},
    ),
    "refusal": Choice(
        "command",
        (*REFUSALS, *CLOSED_OTHERWISE.values(), "both_judged", "two_texts", "unknown"),
        _refusal,
        dict.fromkeys(("cannot_combine", "both_judged"), ("detail",)),
    ),
    "standing_now": Choice("command", ("", *STATES, *_STANDING), _standing),
    "detailing": Choice(
        "command",
        ("", "meant", "written"),
        _detailing,
        dict.fromkeys(("meant", "written"), ("detail",)),
    ),
    "offered": Choice("command", ("both", "reply", "note"), _offered),
    "sending": Choice(
        "by_email",
        ("both", "email", "sms", "nothing"),
        _sending,
        dict.fromkeys(("both", "email", "sms"), ("sent",)),
    ),
    # A morning without anything late or due.
    "calm": Choice(
        "due_today",
        ("", "calm"),
        lambda values: "" if values.get("due_today") or values.get("breached") else "calm",
    ),
    # Whether a mail about one time tells of other complaints too.
    "other_times": Choice("others_first_response", ("", "listed"), _other_times),
    # A colleague by name, or one whose name is not known.
    "author": Choice(
        "writer_name",
        ("named", "unnamed"),
        lambda values: "named" if values.get("writer_name") else "unnamed",
        {"named": ("writer_name",)},
    ),
    # Of a mail that the customer did not write: by whom.
    "writing": Choice("is_participant", ("", "participant", "stranger"), _writing),
}


_NOT_SENT: Final = ("uncertain_quotation", "other_ticket")
_NOT_ACCEPTED: Final = ("not_authenticated", "no_verdict", "refuted", "no_token")


def _refused(values: Values, channel: DeliveryChannel) -> str:
    error = str(values.get("error", ""))
    if error in _NOT_SENT:
        return "not_sent"
    if error in _NOT_ACCEPTED:
        return "not_accepted"
    return error if error == "forgotten_sign" else ""


def _done(values: Values, channel: DeliveryChannel) -> str:
    if values.get("is_note"):
        return "note"
    return "crossed" if values.get("crossed_at") else ""


def _by(name: str) -> Callable[[Values, DeliveryChannel], str]:
    """The variant that is called as the value of that variable."""
    return lambda values, _: str(values.get(name, ""))


def _new(values: Values, channel: DeliveryChannel) -> str:
    return (
        "handed_over" if values.get("is_handed_over") else "privacy" if values.get("is_about_privacy") else ""
    )


def _late(values: Values, channel: DeliveryChannel) -> str:
    kind, cause = str(values.get("kind", "")), str(values.get("cause", ""))
    return cause if kind == STANDSTILL and cause in ("attachments", "unproved") else kind


def _failed(values: Values, channel: DeliveryChannel) -> str:
    if not values.get("channel"):
        return "unreached"
    return "late" if values.get("is_late") else "undelivered" if values.get("is_undelivered") else ""


def _held_back(values: Values, channel: DeliveryChannel) -> str:
    return {"fail": "refuted", "absent": "unchecked"}.get(str(values.get("verdict")), "")


CHOOSERS: Final[Mapping[str, Callable[[Values, DeliveryChannel], str]]] = {
    "staff_new": _new,
    "staff_update": _by("reason"),
    "staff_command_error": _refused,
    "staff_done": _done,
    "staff_due_soon": _by("kind"),
    "staff_breached": _late,
    "staff_note": _by("news"),
    "staff_delivery_failed": _failed,
    "staff_quarantine": _held_back,
}

VARIANTS: Final[Mapping[str, Mapping[DeliveryChannel, tuple[str, ...]]]] = {
    "staff_new": {"email": ("handed_over", "privacy")},
    "staff_update": {"email": NEWS[1:]},
    "staff_command_error": {"email": ("not_sent", "not_accepted", "forgotten_sign")},
    "staff_done": {"email": ("note", "crossed")},
    # The plain text is about processing.
    "staff_due_soon": {"email": ("first_response", "escalation_answer", "escalation")},
    "staff_breached": {
        "email": (
            *("first_response", "escalation_answer", "escalation"),
            *("standstill", "attachments", "unproved"),
        )
    },
    "staff_note": {"email": NOTE_KINDS[1:]},
    "staff_delivery_failed": {"email": ("unreached", "undelivered", "late")},
    "staff_quarantine": {"email": ("refuted", "unchecked")},
}

KNOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "staff_done.crossed": ("crossed_at",),
}

OMITS: Final[Mapping[str, tuple[str, ...]]] = {
    # What was not accepted was not read, and what was not sent was a text.
    "staff_command_error.not_accepted": ("command",),
    "staff_command_error.forgotten_sign": ("command",),
    "staff_command_error.not_sent": ("command",),
    "staff_done": ("crossed_at",),
    "staff_done.note": ("done", "sent", "crossed_at"),
    # No time is over: nothing goes on.
    "staff_breached.standstill": ("due_at",),
    "staff_breached.attachments": ("due_at",),
    "staff_breached.unproved": ("due_at",),
    "staff_note.accepted": ("text",),
    "staff_note.ended": ("text",),
    # No mail caused these.
    "staff_update.attachments_unseen": ("text",),
    "staff_update.attachments_scanned": ("text",),
    "staff_update.files_left_out": ("text",),
}
