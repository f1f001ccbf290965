"""The kinds of deadlines, what each kind does, and the marks that they leave on a ticket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

FIRST_RESPONSE: Final = "first_response"
FIRST_RESPONSE_SOON = "first_response_80"
PROCESSING: Final = "processing"
PROCESSING_SOON = "processing_80"
PROCESSING_DELAYED = "processing_delayed"
INFO_WARNING = "info_warning"
ATTACHMENTS_UNSEEN = "attachments_unseen"
NO_RESPONSE = "no_response"
RESOLVED_CLOSURE = "resolved_closure"
SURVEY = "survey"
SURVEY_REMINDER = "survey_reminder"
ESCALATION_ANSWER: Final = "escalation_answer"
ESCALATION_ANSWER_SOON = "escalation_answer_80"
ESCALATION: Final = "escalation"
ESCALATION_SOON = "escalation_80"
OVERDUE = "overdue"
ESCALATION_OVERDUE = "escalation_overdue"
STALLED = "stalled"

SPEAKING = frozenset(
    {INFO_WARNING, NO_RESPONSE, RESOLVED_CLOSURE, PROCESSING_DELAYED, SURVEY, SURVEY_REMINDER}
)
"""Deadlines that speak to a citizen: only between 08:00 and 21:00 (DESIGN §2, Time)."""

UNANSWERED = frozenset({INFO_WARNING, NO_RESPONSE, RESOLVED_CLOSURE})
"""Deadlines that act because the citizen is silent: only once all mail up to them has been read."""

CLOSURES = frozenset({NO_RESPONSE, RESOLVED_CLOSURE})
"""Deadlines that close a ticket because the citizen is silent."""

RESTS_ON: Final[Mapping[str, str]] = {NO_RESPONSE: "info_warning", RESOLVED_CLOSURE: "resolved"}
"""After which notification the citizen was silent, of each of them."""

TIMES = frozenset({FIRST_RESPONSE, PROCESSING, ESCALATION_ANSWER, ESCALATION})
"""The times that staff must keep; past one of them it is breached."""

AGAIN = frozenset({OVERDUE, ESCALATION_OVERDUE, STALLED})
"""Deadlines that come again every few business days until somebody acts."""

STAFF_REMINDERS = (
    TIMES | AGAIN | {FIRST_RESPONSE_SOON, PROCESSING_SOON, ESCALATION_ANSWER_SOON, ESCALATION_SOON}
)
"""Deadlines of which staff are told; those within `policy.reminders_within` come in one mail."""


def told_of(kind: str) -> str:
    """The mark on a ticket of whose breach staff heard a few minutes before, in another one's mail."""
    return f"{kind}_told"


def late(kind: str) -> str:
    """The mark on a ticket whose time of that kind was breached since it was last reopened, or since its
    escalation was raised or accepted."""
    return f"{kind}_late"


ESCALATION_MARKS = frozenset(
    mark
    for kind in (ESCALATION_ANSWER, ESCALATION)
    for mark in (kind, f"{kind}_80", told_of(kind), late(kind))
)
"""What a ticket remembers of the clock of its present escalation."""

SOON = 0.8
"""Staff are reminded at 80 % of first-response and processing times, in business time (DESIGN §2)."""
