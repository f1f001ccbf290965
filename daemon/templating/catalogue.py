"""The notifications as a template sees them: the variables that it may and must mention. No wording.

Which notifications there are, for whom and on which channels, stands in `workflow.notices`.
"""

from __future__ import annotations

from collections.abc import Mapping

from daemon.templating.catalogue_apart import ABOUT_NO_TICKET
from daemon.templating.catalogue_citizens import TO_CITIZENS
from daemon.templating.declaring import declared as _notification
from daemon.templating.variables import Notification, Variable
from daemon.workflow.vocabulary import (
    CATEGORIES,
    CHANNELS,
    CLOCKS,
    CLOSE_REASONS,
    DELIVERY_CHANNELS,
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
_CATEGORY = Variable(worded="category", choices=(*CATEGORIES, ""), empty=True)
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
_NOTE = Variable("lines", empty=True, is_foreign=True, unless="is_proved")
_INTERNAL = Variable("flag", default=False, sample=False)
_STATE = Variable(worded="state", choices=STATES, default="open")
"""For the cheat card, where the notice itself does not name it."""
_INSIDE: Mapping[str, Variable] = {"state": _STATE, "replies_go_to_citizen": _INTERNAL}
_TICKET_OR_NONE = Variable("ticket", empty=True, default="")

_ABOUT_TICKET: Mapping[str, Variable] = {
    "requester_name": _FOREIGN,
    "request_number": _NAME,
    "subject": _FOREIGN,
    "replies_go_to_citizen": _INTERNAL,
}
_LISTED = Variable("list", empty=True, default=[], told="listed")
_OTHERS: Mapping[str, Variable] = {
    # Of the other tickets in the same mail: number and due time each (`workflow.listed`).
    "others_first_response": _LISTED,
    "others_processing": _LISTED,
    "others_escalation": _LISTED,
    "others_unlisted": Variable("number", default=0, sample=0),
}
_SAME_SENDER: Mapping[str, Variable] = {
    # Of the same sender's other tickets, where one mail tells of many: number, subject, address to answer.
    "others": Variable("list", empty=True, default=[], is_foreign=True),
    "others_unlisted": Variable("number", default=0, sample=0),
}
_CLOCKS = Variable(worded="clock", choices=CLOCKS)


_ALL = (
    *TO_CITIZENS,
    _notification(
        "staff_new",
        {
            "state": Variable(worded="state", choices=STATES),
            "is_handed_over": Variable("flag", default=False, sample=False),
            "is_about_privacy": Variable("flag", default=False, sample=False),
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
            "others_standstill": _LISTED,
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
            # Messages that did not arrive: a line of the history each.
            "undelivered": Variable("list", empty=True, default=[], told="history"),
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
            # A receipt says that it did not arrive; and another one that it did.
            "is_undelivered": Variable("flag", default=False, sample=False),
            "is_contradictory": Variable("flag", default=False, sample=False),
            # It still waits.
            "is_late": Variable("flag", default=False, sample=False),
            "state": _STATE,
        },
        email=("ticket_number", "recipient"),
    ),
    *ABOUT_NO_TICKET,
)

NOTIFICATIONS: Mapping[str, Notification] = {notification.name: notification for notification in _ALL}
