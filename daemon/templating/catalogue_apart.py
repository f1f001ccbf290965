"""The part of the catalogue that is about no ticket: the digest, what was set aside, alerts."""

from __future__ import annotations

from daemon.templating.declaring import declared as _notification
from daemon.templating.variables import Variable
from daemon.workflow.vocabulary import VERDICTS

_LIST = Variable("list", empty=True)
_NUMBER = Variable("number")

ABOUT_NO_TICKET = (
    _notification(
        "staff_digest",
        {
            "team_name": Variable(),
            "day": Variable(),
            "open_count": _NUMBER,
            "awaiting_count": _NUMBER,
            "due_today": _LIST,
            "half_used": Variable("list", empty=True, default=[]),
            "breached": _LIST,
            "held": Variable("list", empty=True, default=[]),
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
            "what": Variable(),
            "detail": Variable("lines", empty=True),
            "since": Variable("moment", empty=True),
        },
        email=("what",),
        ticket=False,
    ),
)
