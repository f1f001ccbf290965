"""How a mail was taken, routed and answered, step by step: a closed list of codes, each with its values.

A step is kept as code and values (`packed`), and becomes words at the very end, from the steps in
`templates/LANGUAGE/history.toml`. It never holds what a person wrote.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from daemon.workflow import vocabulary

Code = Literal[
    # what the mail is, and what may be done with it
    "classified_machine",
    "classified_person",
    "sender",
    "treated",
    "imported_silently",
    "set_aside",
    "canary",
    # which complaint it belongs to
    "answers_ours",
    "same_thread",
    "answer_came_before",
    "requester_names",
    "participant_names",
    "same_request",
    "requester_asks",
    "stranger_names",
    "new",
    # a member of staff wrote
    "about",
    "about_nothing",
    "about_quarantine",
    "on_behalf",
    "token_no_longer_theirs",
    "address_of_colleague",
    "token_of_another",
    "carried_out_before",
    # it is over the limit of size
    "too_large_kept",
    "too_large_told",
    # what was said
    "said",
    "not_said",
    "said_nothing",
    # no mail of a person: a bounce, a receipt, what a program brought
    "no_failure_of_ours",
    "forged_bounce",
    "row_bounced",
    "receipt_again",
    "receipt_of_none",
    "receipt_of",
    "no_report",
    "came_back",
    "shadow_only",
    "erased",
    "brought",
]
CODES: Final[tuple[Code, ...]] = get_args(Code)

Kind = Literal[
    "mail_kind",
    "sign",
    "finding",
    "treatment",
    "grounds",
    "ticket",
    "megabytes",
    "notification",
    "channel",
    "limit",
    "message",
    "told",
    "gateway",
    "program",
]
"""What a value is. Those of `WORDED`, and notifications and channels, may have words of their own."""

WORDED: Final[Mapping[Kind, tuple[str, ...]]] = {
    "mail_kind": ("human", "staff", "bounce", "auto", "list", "own", "broken"),
    "finding": vocabulary.FINDINGS,
    "treatment": ("decide", "record", "quarantine", "staff"),
    "grounds": (
        *("no_sender", "released", "blocked", "token_off_roster", "dmarc_fail", "spam"),
        *("staff_inactive", "staff_auth_failed", "proved"),
    ),
}

_VALUES: Final[Mapping[Code, tuple[Kind, ...]]] = {
    "classified_machine": ("mail_kind", "sign"),
    "classified_person": ("mail_kind",),
    "sender": ("finding",),
    "treated": ("mail_kind", "treatment", "grounds"),
    "set_aside": ("told",),
    "canary": ("message", "told"),
    "answers_ours": ("ticket",),
    "same_thread": ("ticket",),
    "answer_came_before": ("ticket",),
    "requester_names": ("ticket",),
    "participant_names": ("ticket",),
    "same_request": ("ticket",),
    "requester_asks": ("ticket",),
    "stranger_names": ("ticket",),
    "about": ("ticket",),
    "too_large_kept": ("megabytes",),
    "too_large_told": ("megabytes",),
    "said": ("notification", "channel"),
    "not_said": ("notification", "channel", "limit"),
    "row_bounced": ("message",),
    "receipt_again": ("told",),
    "receipt_of_none": ("told",),
    "receipt_of": ("told", "message"),
    "no_report": ("gateway",),
    "came_back": ("message",),
    "shadow_only": ("message",),
    "erased": ("message",),
    "brought": ("program",),
}


def values_of(code: Code) -> tuple[Kind, ...]:
    """Which values a step of that code has; each stands under the name of its kind."""
    return _VALUES.get(code, ())


@dataclass(frozen=True, slots=True)
class Step:
    """One step. Raises ValueError for values that are not the code's."""

    code: Code
    values: Mapping[Kind, str | int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if set(self.values) != set(values_of(self.code)):
            raise ValueError(f"{self.code} has the values {values_of(self.code)}, not {tuple(self.values)}")

    def __str__(self) -> str:
        """The code with its values, where there are no words."""
        return " ".join((self.code, *map(str, self.values.values())))


def packed(step: Step) -> str:
    """The step as the store keeps it."""
    return json.dumps({"step": step.code} | {str(kind): value for kind, value in step.values.items()})


def unpacked(text: str) -> Step | None:
    """The step that `packed` made `text` of; None for any other text, as a sentence of an earlier version."""
    try:
        found = json.loads(text)
        values = {key: value for key, value in found.items() if key != "step"}
        return Step(found["step"], values)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
