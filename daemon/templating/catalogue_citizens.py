"""The part of the catalogue that is said to citizens: the variables of each notification. No wording."""

from __future__ import annotations

from collections.abc import Mapping

from daemon.templating.declaring import declared as _notification
from daemon.templating.variables import Variable
from daemon.workflow.vocabulary import CLOSE_REASONS, ESCALATIONS, MISSING, STATES

_NUMBER = Variable("number")
_TEXT = Variable("lines")
_OWN_WORDS = Variable("lines", empty=True, default="")
_STATUS_URL = Variable("url", empty=True, default="")
_MOMENT_OR_NONE = Variable("moment", empty=True, default="")
_ADDRESSED: Mapping[str, Variable] = {"requester_name": Variable(empty=True, default="")}
_ABOUT: Mapping[str, Variable] = {
    **_ADDRESSED,
    "request_number": Variable(empty=True, default=""),
    "opened_at": _MOMENT_OR_NONE,
    "status_url": _STATUS_URL,
}
_FIRST_RESPONSE = Variable("number", empty=True, default=0, sample=1)
"""0 where no first response is owed."""
_WAS_TOLD = Variable("flag", default=False, sample=False)

_TOLD_CLOSE_REASONS = tuple(reason for reason in CLOSE_REASONS if reason != "spam")
"""Of spam nobody hears anything (DESIGN §2, Notifications)."""
_ABOUT_SURVEY = {name: variable for name, variable in _ABOUT.items() if name != "status_url"}

TO_CITIZENS = (
    _notification(
        "received",
        {
            **_ABOUT,
            "request_number": Variable(empty=True),
            "opened_at": Variable("moment"),
            "first_response_days": _FIRST_RESPONSE,
            "processing_days": _NUMBER,
            "missing": Variable("list", worded="missing", choices=MISSING[1:], empty=True),
            "is_about_privacy": _WAS_TOLD,
        },
    ),
    _notification(
        "info_requested",
        {
            **_ABOUT,
            "request_number": Variable(empty=True, sample=""),
            "opened_at": Variable("moment"),
            "processing_days": _NUMBER,
            "missing": Variable(
                "list", worded="missing", choices=MISSING, sample=["request_number", "ground"]
            ),
            "text": Variable("lines", empty=True, default="", sample=""),
        },
        email=("ticket_number", "missing"),
        sms=("ticket_number", "status_url"),
    ),
    _notification(
        "in_progress",
        {**_ABOUT, "first_response_days": _FIRST_RESPONSE, "processing_days": _NUMBER},
    ),
    _notification("joined", {**_ABOUT, "joined_at": Variable("moment"), "is_reopened": _WAS_TOLD}),
    _notification(
        "reopened",
        {**_ABOUT, "first_response_days": _FIRST_RESPONSE, "by_staff": _WAS_TOLD},
    ),
    _notification(
        "too_large",
        {**_ADDRESSED, "size_mb": _NUMBER, "limit_mb": _NUMBER},
        email=("limit_mb",),
        sms=("limit_mb",),
        ticket=False,
    ),
    _notification(
        "info_warning",
        {
            **_ABOUT,
            "missing": Variable("list", worded="missing", choices=MISSING, sample=["request_number"]),
            "text": Variable("lines", empty=True, default="", sample=""),
            "closure_business_days": _NUMBER,
        },
        email=("ticket_number", "missing", "closure_business_days"),
        sms=("ticket_number", "closure_business_days", "status_url"),
    ),
    _notification(
        "closed_no_response",
        {**_ABOUT, "reopen_days": _NUMBER, "reopen_until": _MOMENT_OR_NONE, "text": _OWN_WORDS},
        email=("ticket_number", "reopen_until"),
    ),
    _notification(
        "closed",
        {
            **_ABOUT,
            "close_reason": Variable(worded="reason", choices=("resolved", "duplicate", "withdrawn")),
            "other_ticket": Variable("ticket", empty=True, default=""),
            "has_exceeded": _WAS_TOLD,
            "reopen_days": _NUMBER,
            "reopen_until": _MOMENT_OR_NONE,
            "text": _OWN_WORDS,
        },
        email=("ticket_number", "close_reason", "reopen_until"),
        sms=("ticket_number", "close_reason"),
    ),
    _notification(
        "closed_not_admitted",
        {**_ABOUT, "text": _OWN_WORDS, "reopen_days": _NUMBER, "reopen_until": _MOMENT_OR_NONE},
        email=("ticket_number", "text", "reopen_until"),
    ),
    _notification(
        "resolved",
        {
            **_ABOUT,
            "text": _TEXT,
            "closure_business_days": _NUMBER,
            "closes_at": _MOMENT_OR_NONE,
            "reopen_days": Variable("number", empty=True, default=0),
        },
        email=("ticket_number", "text", "closure_business_days"),
        sms=("ticket_number", "closure_business_days"),
    ),
    _notification(
        "reply",
        {**_ABOUT, "text": _TEXT},
        email=("ticket_number", "text"),
        sms=("ticket_number", "status_url"),
    ),
    _notification(
        "status",
        {
            **_ABOUT,
            "state": Variable(worded="state", choices=STATES),
            "close_reason": Variable(
                worded="reason", choices=(*_TOLD_CLOSE_REASONS, ""), empty=True, sample=""
            ),
            "opened_at": Variable("moment"),
            "missing": Variable("list", worded="missing", choices=MISSING, empty=True),
            "text": Variable("lines", empty=True, default="", sample=""),
            "processing_days": _NUMBER,
            "is_late": _WAS_TOLD,
            "closes_at": _MOMENT_OR_NONE,
            "reopen_until": _MOMENT_OR_NONE,
            "escalation": Variable(worded="escalation", choices=ESCALATIONS, empty=True),
        },
        email=("ticket_number", "standing", "missing", "escalation"),
        sms=("ticket_number", "standing"),
    ),
    _notification(
        "processing_delayed",
        {**_ABOUT, "processing_days": _NUMBER, "is_escalated": _WAS_TOLD},
    ),
    _notification("escalation_received", _ABOUT),
    _notification(
        "escalation_too_early",
        {**_ABOUT, "possible_at": Variable("moment", empty=True), "is_reopened": _WAS_TOLD},
        email=("ticket_number", "possible_at"),
        sms=("ticket_number", "possible_at"),
    ),
    _notification(
        "escalation_outcome",
        {
            **_ABOUT,
            "outcome": Variable(choices=("accepted", "declined")),
            "by_staff": _WAS_TOLD,
            "is_open": Variable("flag", default=True),
            "text": _OWN_WORDS,
        },
        email=("ticket_number", "outcome", "text"),
        sms=("ticket_number", "outcome"),
    ),
    _notification(
        "survey",
        {**_ABOUT_SURVEY, "survey_url": Variable("url"), "valid_days": _NUMBER},
        email=("ticket_number", "survey_url", "valid_days"),
        sms=("ticket_number", "survey_url"),
    ),
    _notification(
        "survey_reminder",
        {**_ABOUT_SURVEY, "survey_url": Variable("url"), "valid_days": _NUMBER},
        email=("ticket_number", "survey_url", "valid_days"),
        sms=("ticket_number", "survey_url"),
    ),
)
