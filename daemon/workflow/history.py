"""What a ticket's history says: a closed list of codes, each with its values. No sentence anywhere.

A line is kept as code and values, and becomes words at the very end, from `templates/LANGUAGE/history.toml`.
It never holds what a person wrote.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from daemon.workflow import vocabulary
from daemon.workflow.notices import NOTICES
from daemon.workflow.receipts import STANDINGS

Code = Literal[
    # the requester, or a stranger, wrote
    "opened",
    "opened_incomplete",
    "taken_in_silently",
    "privacy_asked",
    "handed_in",
    "reply_received",
    "reply_incomplete",
    "data_arrived",
    "joined",
    "reopened_by_reply",
    "thanks_received",
    "mail_recorded",
    "status_asked",
    "participant_wrote",
    "stranger_wrote",
    "unproved_wrote",
    "mail_too_large",
    "withdrawn_too_late",
    "rated_too_late",
    "rated_by_mail",
    "rated_on_page",
    "escalation_too_early",
    "escalation_wished_again",
    "escalation_raised",
    # staff or the operator acted
    "escalated_by_staff",
    "escalation_accepted",
    "escalation_declined",
    "answered",
    "resolved",
    "info_requested",
    "noted_by_staff",
    "assigned",
    "help_asked",
    "status_asked_by_staff",
    "phone_set",
    "request_set",
    "category_set",
    "language_set",
    "extended",
    "refused",
    "reopened_by_staff",
    "closed_by_staff",
    "merged_into",
    "merged_from",
    "mail_released",
    "mail_blocked",
    # it ended
    "closed_withdrawn",
    "closed_no_response",
    "closed_unopposed",
    "closure_rests_on",
    # a clock ran out
    "warned",
    "warning_impossible",
    "warning_withheld",
    "closing_withheld",
    "survey_sent",
    "survey_reminded",
    "delay_told",
    "staff_reminded",
    "staff_forewarned",
    "breached",
    "breach_told_again",
    "standstill_told",
    "calendar_changed",
    # what became of messages and files
    "files_clean",
    "files_news",
    "warning_accepted",
    "outcome_accepted",
    "notice_accepted",
    "notice_bounced",
    "notice_failed",
    "notice_undelivered",
    "notice_contradicted",
    "notice_cancelled",
    "notice_late",
    "notice_lapsed",
    "copy_failed",
    "inside_notice_failed",
    # a line of an earlier version that has no code
    "noted",
]
CODES: Final[tuple[Code, ...]] = get_args(Code)

Kind = Literal[
    "ground",
    "reason",
    "category",
    "language",
    "clock",
    "channel",
    "notification",
    "number",
    "ticket",
    "refusal",
    "delivery",
    "moment",
    "text",
]
"""What a value is. Those of `WORDED` have words of their own in each language."""

WORDED: Final[Mapping[Kind, tuple[str, ...]]] = {
    "ground": vocabulary.GROUNDS,
    "reason": vocabulary.CLOSE_REASONS,
    "category": vocabulary.CATEGORIES,
    "language": vocabulary.LANGUAGES,
    "clock": vocabulary.CLOCKS,
    "channel": vocabulary.DELIVERY_CHANNELS,
    "notification": tuple(NOTICES),
    "refusal": vocabulary.REFUSALS,
    "delivery": STANDINGS,
}

_VALUES: Final[Mapping[Code, tuple[Kind, ...]]] = {
    "rated_by_mail": ("number",),
    "rated_on_page": ("number",),
    "escalation_raised": ("ground",),
    "category_set": ("category",),
    "language_set": ("language",),
    "extended": ("number",),
    "refused": ("refusal",),
    "closed_by_staff": ("reason",),
    "merged_into": ("ticket",),
    "merged_from": ("ticket",),
    "mail_released": ("number",),
    "mail_blocked": ("number",),
    "staff_reminded": ("clock",),
    "staff_forewarned": ("clock",),
    "breached": ("clock",),
    "breach_told_again": ("clock",),
    "warning_accepted": ("channel",),
    "outcome_accepted": ("channel",),
    "notice_accepted": ("notification", "channel"),
    "notice_bounced": ("notification", "channel"),
    "notice_failed": ("notification", "channel"),
    "notice_undelivered": ("notification", "channel"),
    "notice_contradicted": ("notification", "channel"),
    # The number is that of the message in the outbox; the moment is ISO 8601 with offset.
    "closure_rests_on": ("number", "channel", "delivery", "moment"),
    "notice_cancelled": ("notification", "channel"),
    "notice_late": ("notification", "channel"),
    "notice_lapsed": ("notification", "channel"),
    "copy_failed": ("notification",),
    "inside_notice_failed": ("notification",),
    "noted": ("text",),
}


def values_of(code: Code) -> tuple[Kind, ...]:
    """Which values a line of that code has; each stands under the name of its kind."""
    return _VALUES.get(code, ())


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened. Raises ValueError for values that are not the code's."""

    code: Code
    values: Mapping[Kind, str | int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if set(self.values) != set(values_of(self.code)):
            raise ValueError(f"{self.code} has the values {values_of(self.code)}, not {tuple(self.values)}")
        for kind, value in self.values.items():
            if type(value) is not (int if kind == "number" else str):
                raise ValueError(f"{self.code}: {kind} cannot be a {type(value).__name__}")

    def __str__(self) -> str:
        """The code with its values, for `mail explain`."""
        return " ".join((self.code, *map(str, self.values.values())))


@dataclass(frozen=True, slots=True)
class Entry:
    """What one event left in a ticket's history, and the state it left the ticket in ("": no ticket)."""

    lines: tuple[Line, ...]
    state: str


def to_json(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """The lines as the store keeps them."""
    return [{"code": line.code} | {str(kind): value for kind, value in line.values.items()} for line in lines]


def from_json(kept: Iterable[Mapping[str, Any]]) -> tuple[Line, ...]:
    """The lines that the store kept. What this version does not know is told as it stands."""
    return tuple(map(_line, kept))


def _line(kept: Mapping[str, Any]) -> Line:
    values = {key: value for key, value in kept.items() if key != "code"}
    try:
        return Line(kept["code"], values)  # type: ignore[arg-type]  # checked by Line
    except (KeyError, ValueError):
        return Line("noted", {"text": json.dumps(dict(kept), ensure_ascii=False)})


def packed(entry: Entry) -> str:
    """The entry as one value of a notification."""
    return json.dumps({"lines": to_json(entry.lines), "state": entry.state}, ensure_ascii=False)


def unpacked(text: str) -> Entry | None:
    """The entry that `packed` made `text` of; None for any other text."""
    try:
        found = json.loads(text)
        return Entry(from_json(found["lines"]), str(found["state"]))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
