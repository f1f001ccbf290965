"""The part of the catalogue that is about no ticket: digest, monthly report, what was set aside, alerts."""

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
            # Of messages since the last digest: that did not arrive, and of which nothing was heard.
            "undelivered_count": Variable("number", default=0),
            "silent_count": Variable("number", default=0),
            # Since when an operator holds messages back, and why.
            "sending_held_at": Variable("moment", empty=True, default="", sample=""),
            "sending_held_why": Variable(empty=True, default="", sample=""),
            # What did not add up in the reconciliation of this morning, a line for each kind.
            "unsettled": Variable("list", empty=True, default=[], sample=[]),
            "quarantined_count": _NUMBER,
            # A line each: number, reason, sender, subject, when it came.
            "quarantined": Variable("list", empty=True, default=[]),
            "quarantined_unlisted": Variable("number", default=0, sample=0),
            "switched_off": Variable("list", empty=True, default=[], sample=[], told="notification"),
            # Of the audit's chain (`store.audit`), so that it leaves the machine.
            "audit_head": Variable(empty=True, default="", sample=""),
        },
        email=("day", "open_count", "due_today", "breached"),
        ticket=False,
    ),
    _notification(
        "staff_report",
        {
            "report_month": Variable(),
            # "" for the figures of all teams.
            "report_team": Variable(empty=True),
            # A sentence each, of templates/{ar,en}/pages/report.toml.
            "report_lines": Variable("list"),
        },
        email=("report_month", "report_lines"),
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
