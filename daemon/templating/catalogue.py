"""The notifications as a template sees them: the variables that it may and must mention. No wording.

Which notifications there are, for whom and on which channels, stands in `workflow.notices`.
"""

from __future__ import annotations

from collections.abc import Mapping

from daemon.templating.catalogue_apart import ABOUT_NO_TICKET
from daemon.templating.declaring import declared as _notification
from daemon.templating.variables import Notification, Variable
from daemon.workflow.vocabulary import (
    CATEGORIES,
    CHANNELS,
    CLOCKS,
    CLOSE_REASONS,
    DELIVERY_CHANNELS,
    ESCALATIONS,
    GROUNDS,
    MISSING,
    NEWS,
    NOTE_KINDS,
    REFUSALS,
    STANDSTILL,
    STATES,
)

LANGUAGES = ("ar", "en")

_NAME = Variable(empty=True)
_FOREIGN = Variable(empty=True, is_foreign=True)
_FOREIGN_TEXT = Variable("lines", empty=True, is_foreign=True)
_TOLD_CLOSE_REASONS = tuple(reason for reason in CLOSE_REASONS if reason != "spam")
"""Of spam nobody hears anything (DESIGN §2, Notifications)."""
_CATEGORY = Variable(worded="category", choices=(*CATEGORIES, ""), empty=True)
_LIST = Variable("list", empty=True)
_NO_FILES = Variable("list", empty=True, default=[], is_foreign=True)
_FOREIGN_FILES = Variable("list", empty=True, is_foreign=True)
_OWN_LINKS = Variable("list", empty=True, default=[])
_FILES: Mapping[str, Variable] = {
    # What became of the files of a mail (`workflow.passing_on`): `attachments` come along.
    f"attachments_{how}": _OWN_LINKS if how == "linked" else _NO_FILES
    for how in (
        *(
            "linked",
            "linked_names",
            "kept",
            "unscanned",
            "unopened",
            "withheld",
            "infected",
            "blocked",
            "too_large",
        ),
    )
}
_NUMBER = Variable("number")
_TEXT = Variable("lines")
_NOTE = Variable("lines", empty=True, is_foreign=True, unless="is_proved")
_STATUS_URL = Variable("url", empty=True, default="")
_INTERNAL = Variable("flag", default=False, sample=False)
_STATE = Variable(worded="state", choices=STATES, default="open")
"""For the cheat card, where the notice itself does not name it."""
_INSIDE: Mapping[str, Variable] = {"state": _STATE, "replies_go_to_citizen": _INTERNAL}
_TICKET_OR_NONE = Variable("ticket", empty=True, default="")

_CITIZEN: Mapping[str, Variable] = {
    "requester_name": Variable(empty=True, default=""),
    "request_number": Variable(empty=True, default=""),
}
_ABOUT_TICKET: Mapping[str, Variable] = {
    "requester_name": _FOREIGN,
    "request_number": _NAME,
    "subject": _FOREIGN,
    "replies_go_to_citizen": _INTERNAL,
}
_OTHERS: Mapping[str, Variable] = {
    # Of the other tickets in the same mail: number and due time each.
    "others_first_response": Variable("list", empty=True, default=[]),
    "others_processing": Variable("list", empty=True, default=[]),
    "others_escalation": Variable("list", empty=True, default=[]),
    "others_unlisted": Variable("number", default=0, sample=0),
}
_SAME_SENDER: Mapping[str, Variable] = {
    # Of the same sender's other tickets, where one mail tells of many: number, subject, address to answer.
    "others": Variable("list", empty=True, default=[], is_foreign=True),
    "others_unlisted": Variable("number", default=0, sample=0),
}
_CLOCKS = Variable(worded="clock", choices=CLOCKS)


_ALL = (
    _notification(
        "received",
        {
            "requester_name": _NAME,
            "request_number": Variable(empty=True),
            "opened_at": Variable("moment"),
            "processing_days": Variable("number"),
            "missing": Variable("list", worded="missing", choices=MISSING[1:], empty=True),
        },
    ),
    _notification(
        "info_requested",
        {
            "requester_name": _NAME,
            "request_number": Variable(empty=True, sample=""),
            "opened_at": Variable("moment"),
            "processing_days": Variable("number"),
            "missing": Variable(
                "list", worded="missing", choices=MISSING, sample=["request_number", "ground"]
            ),
            "text": Variable("lines", empty=True, default="", sample=""),
            "status_url": Variable("url", empty=True, default=""),
        },
        email=("ticket_number", "missing"),
        sms=("ticket_number", "missing", "status_url"),
    ),
    _notification(
        "in_progress",
        {
            "requester_name": Variable(empty=True, default=""),
            "request_number": Variable(empty=True),
            "processing_days": Variable("number"),
            "missing": Variable("list", worded="missing", choices=MISSING, empty=True),
        },
    ),
    _notification(
        "joined",
        {
            "requester_name": Variable(empty=True, default=""),
            "request_number": Variable(empty=True),
            "joined_at": Variable("moment"),
        },
    ),
    _notification(
        "reopened",
        {
            "requester_name": Variable(empty=True, default=""),
            "by_staff": Variable("flag", default=False, sample=False),
        },
    ),
    _notification(
        "too_large",
        {
            "ticket_number": Variable("ticket", empty=True, default="", sample=""),
            "requester_name": Variable(empty=True, default=""),
            "size_mb": Variable("number"),
            "limit_mb": Variable("number"),
        },
        email=("limit_mb",),
        sms=("limit_mb",),
    ),
    _notification(
        "info_warning",
        {
            **_CITIZEN,
            "missing": Variable("list", worded="missing", choices=MISSING, sample=["request_number"]),
            "text": Variable("lines", empty=True, default="", sample=""),
            "closure_business_days": _NUMBER,
            "status_url": _STATUS_URL,
        },
        email=("ticket_number", "missing", "closure_business_days"),
        sms=("ticket_number", "closure_business_days", "status_url"),
    ),
    _notification(
        "closed_no_response",
        {**_CITIZEN, "reopen_days": _NUMBER, "text": Variable("lines", empty=True, default="")},
        email=("ticket_number", "reopen_days"),
    ),
    _notification(
        "closed",
        {
            **_CITIZEN,
            "close_reason": Variable(worded="reason", choices=("resolved", "duplicate", "withdrawn")),
            "other_ticket": _TICKET_OR_NONE,
            "reopen_days": _NUMBER,
            "text": Variable("lines", empty=True, default=""),
        },
        email=("ticket_number", "close_reason", "reopen_days"),
        sms=("ticket_number", "close_reason"),
    ),
    _notification(
        "closed_not_admitted",
        {**_CITIZEN, "text": Variable("lines", empty=True), "reopen_days": _NUMBER},
        email=("ticket_number", "text", "reopen_days"),
    ),
    _notification(
        "resolved",
        {**_CITIZEN, "text": _TEXT, "closure_business_days": _NUMBER, "status_url": _STATUS_URL},
        email=("ticket_number", "text", "closure_business_days"),
    ),
    _notification(
        "reply",
        {**_CITIZEN, "text": _TEXT, "status_url": _STATUS_URL},
        email=("ticket_number", "text"),
        sms=("ticket_number", "status_url"),
    ),
    _notification(
        "status",
        {
            **_CITIZEN,
            "state": Variable(worded="state", choices=STATES),
            "close_reason": Variable(
                worded="reason", choices=(*_TOLD_CLOSE_REASONS, ""), empty=True, sample=""
            ),
            "opened_at": Variable("moment"),
            "missing": Variable("list", worded="missing", choices=MISSING, empty=True),
            "processing_days": _NUMBER,
            "escalation": Variable(worded="escalation", choices=ESCALATIONS, empty=True),
        },
        email=("ticket_number", "state", "close_reason", "missing", "escalation"),
        sms=("ticket_number", "state"),
    ),
    _notification(
        "processing_delayed",
        {
            **_CITIZEN,
            "processing_days": _NUMBER,
            "status_url": _STATUS_URL,
            "is_escalated": Variable("flag", default=False, sample=False),
        },
    ),
    _notification("escalation_received", _CITIZEN),
    _notification(
        "escalation_too_early",
        {
            **_CITIZEN,
            "possible_at": Variable("moment", empty=True),
            "is_reopened": Variable("flag", default=False, sample=False),
        },
        email=("ticket_number", "possible_at"),
        sms=("ticket_number", "possible_at"),
    ),
    _notification(
        "escalation_outcome",
        {
            **_CITIZEN,
            "outcome": Variable(choices=("accepted", "declined", "done")),
            "by_staff": Variable("flag", default=False, sample=False),
            "text": Variable("lines", empty=True),
        },
        email=("ticket_number", "outcome", "text"),
        sms=("ticket_number", "outcome"),
    ),
    _notification(
        "survey",
        {**_CITIZEN, "survey_url": Variable("url"), "valid_days": _NUMBER},
        email=("ticket_number", "survey_url"),
        sms=("ticket_number", "survey_url"),
    ),
    _notification(
        "survey_reminder",
        {**_CITIZEN, "survey_url": Variable("url"), "valid_days": _NUMBER},
        email=("ticket_number", "survey_url"),
        sms=("ticket_number", "survey_url"),
    ),
    _notification(
        "staff_new",
        {
            "state": Variable(worded="state", choices=STATES),
            "is_handed_over": Variable("flag", default=False, sample=False),
            "escalation_due": Variable("moment", empty=True, default="", sample=""),
            "channel": Variable(worded="origin", choices=CHANNELS, default="email"),
            "requester_name": _FOREIGN,
            "requester_email": _NAME,
            "requester_phone": _NAME,
            "requester_handle": Variable(empty=True, default="", sample="", is_foreign=True),
            "is_unreached": Variable("flag", default=False, sample=False),
            "request_number": _NAME,
            "category": _CATEGORY,
            "subject": _FOREIGN,
            "text": _FOREIGN_TEXT,
            "missing": Variable("list", worded="missing", choices=MISSING, empty=True),
            "opened_at": Variable("moment"),
            "first_response_due": Variable("moment", empty=True),
            "processing_due": Variable("moment", empty=True),
            "attachments": _FOREIGN_FILES,
            **_FILES,
            "linked_ticket": Variable("ticket", empty=True),
            "is_own_link": Variable("flag", default=False, sample=False),
            "is_same_address": Variable("flag", default=False, sample=False),
            "authenticated": Variable("flag"),
            "replies_go_to_citizen": Variable("flag"),
            **_SAME_SENDER,
        },
        email=("ticket_number", "text", "replies_go_to_citizen"),
    ),
    _notification(
        "staff_update",
        {
            "state": Variable(worded="state", choices=STATES),
            "reason": Variable(choices=NEWS),
            "from_requester": Variable("flag"),
            "is_participant": Variable("flag", default=False, sample=False),
            "is_proved": Variable("flag", default=True),
            "writer_email": _NAME,
            "requester_name": _FOREIGN,
            "request_number": _NAME,
            "subject": _FOREIGN,
            "text": _FOREIGN_TEXT,
            "attachments": _FOREIGN_FILES,
            **_FILES,
            "replies_go_to_citizen": Variable("flag", default=True),
            **_SAME_SENDER,
        },
        email=("ticket_number", "text", "replies_go_to_citizen"),
    ),
    _notification(
        "staff_note",
        {
            "news": Variable(choices=NOTE_KINDS, empty=True, default="", sample=""),
            "writer_name": _NAME,
            "text": _NOTE,
            "is_proved": Variable("flag", default=True),
            **_INSIDE,
        },
        email=("ticket_number", "text", "replies_go_to_citizen"),
    ),
    _notification(
        "staff_due_soon",
        {
            **_ABOUT_TICKET,
            **_OTHERS,
            "kind": _CLOCKS,
            "percent": _NUMBER,
            "due_at": Variable("moment"),
            "state": Variable(worded="state", choices=STATES),
        },
        email=("ticket_number", "kind", "due_at", "replies_go_to_citizen"),
    ),
    _notification(
        "staff_breached",
        {
            **_ABOUT_TICKET,
            **_OTHERS,
            "others_standstill": Variable("list", empty=True, default=[]),
            "kind": Variable(choices=(*CLOCKS, STANDSTILL)),
            "cause": Variable(
                choices=("", "unheard", "attachments", "unproved"), empty=True, default="", sample=""
            ),
            "is_again": Variable("flag", default=False, sample=False),
            "is_reopened": Variable("flag", default=False, sample=False),
            "due_at": Variable("moment"),
            "state": Variable(worded="state", choices=STATES),
        },
        email=("ticket_number", "kind", "due_at", "replies_go_to_citizen"),
    ),
    _notification(
        "staff_escalated",
        {
            **_ABOUT_TICKET,
            "ground": Variable(worded="ground", choices=GROUNDS),
            "raised_at": Variable("moment"),
            "text": _FOREIGN_TEXT,
            "state": _STATE,
        },
        email=("ticket_number", "ground", "text", "replies_go_to_citizen"),
    ),
    _notification(
        "staff_command_error",
        {
            "ticket_number": _TICKET_OR_NONE,
            "command": _FOREIGN,
            "error": Variable(choices=REFUSALS),
            "detail": _FOREIGN,
            **_INSIDE,
        },
        email=("command", "error", "replies_go_to_citizen"),
    ),
    _notification(
        "staff_done",
        {
            "done": Variable("list", told="history"),
            "sent": Variable("list", empty=True, told="notification"),
            "by_email": Variable("flag"),
            "by_sms": Variable("flag"),
            # The citizen wrote after the notice that was answered.
            "crossed_at": Variable("moment", empty=True, default="", sample=""),
            # A plain answer that stays internal, and that nobody else was told.
            "is_note": Variable("flag", default=False, sample=False),
            **_INSIDE,
        },
        email=("ticket_number", "done", "sent", "crossed_at"),
    ),
    _notification(
        "staff_help",
        {"ticket_number": _TICKET_OR_NONE, **_INSIDE},
        email=("replies_go_to_citizen",),
    ),
    _notification(
        "staff_status",
        {
            "state": Variable(worded="state", choices=STATES),
            "close_reason": Variable(worded="reason", choices=(*CLOSE_REASONS, ""), empty=True, sample=""),
            "requester_name": _FOREIGN,
            "request_number": _NAME,
            "category": _CATEGORY,
            "opened_at": Variable("moment"),
            "first_response_due": Variable("moment", empty=True),
            "processing_due": Variable("moment", empty=True),
            "history": Variable("list", empty=True, told="history"),
            "replies_go_to_citizen": _INTERNAL,
        },
        email=("ticket_number", "state", "history", "replies_go_to_citizen"),
    ),
    _notification(
        "staff_delivery_failed",
        {
            "notification": Variable(told="notification"),
            "channel": Variable(worded="channel", choices=(*DELIVERY_CHANNELS, "")),
            "recipient": Variable(),
            "error": _FOREIGN,
            "failed_at": Variable("moment", empty=True),
            "text": Variable("lines", empty=True, default="", sample=""),
            "missing": Variable(
                "list", worded="missing", choices=MISSING[:2], empty=True, default=[], sample=[]
            ),
            # The closing waits until staff told the customer.
            "is_held": Variable("flag", default=False, sample=False),
            "state": _STATE,
        },
        email=("ticket_number", "recipient"),
    ),
    *ABOUT_NO_TICKET,
)

NOTIFICATIONS: Mapping[str, Notification] = {notification.name: notification for notification in _ALL}
