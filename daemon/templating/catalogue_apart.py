"""The part of the catalogue that is about no ticket: the digest, what was set aside, alerts."""

from __future__ import annotations

from daemon.templating.declaring import declared as _notification
from daemon.templating.variables import Variable
from daemon.workflow.vocabulary import ALARMS, VERDICTS

_LIST = Variable("list", empty=True)
_LISTED = Variable("list", empty=True, default=[], told="listed")
_NUMBER = Variable("number")

ABOUT_NO_TICKET = (
    _notification(
        "staff_digest",
        {
            "team_name": Variable(),
            "day": Variable("moment"),
            "open_count": _NUMBER,
            "awaiting_count": _NUMBER,
            # A complaint each (`workflow.listed`).
            "due_today": Variable("list", empty=True, told="listed"),
            "half_used": _LISTED,
            "breached": Variable("list", empty=True, told="listed"),
            "held": _LISTED,
            "suppressed_count": _NUMBER,
            "suppressed": Variable("list", empty=True, default=[]),
            "quarantined_count": _NUMBER,
            # A line each: number, reason, sender, subject, when it came.
            "quarantined": Variable("list", empty=True, default=[]),
            "quarantined_unlisted": Variable("number", default=0, sample=0),
        },
        email=("day", "open_count", "due_today", "breached"),
        ticket=False,
    ),
    _notification(
        "staff_quarantine",
        {
            "reason": Variable(sample="staff_auth_failed"),
            "verdict": Variable(choices=VERDICTS, default="other", sample="other"),
            "sender": Variable(empty=True),
            "subject": Variable(empty=True, is_foreign=True),
            "received_at": Variable("moment"),
            "quarantine_id": Variable(),
        },
        email=("quarantine_id",),
        ticket=False,
    ),
    _notification(
        "staff_judged",
        {
            # Numbers of mails; of those blocked also whom.
            "released": _LIST,
            "blocked": _LIST,
        },
        email=("released", "blocked"),
        ticket=False,
    ),
    _notification(
        "operator_alert",
        {
            "what": Variable(worded="alarm", choices=ALARMS),
            "detail": Variable("lines", empty=True),
            "since": Variable("moment", empty=True),
        },
        email=("what",),
        ticket=False,
    ),
)
