"""Recognises reports that mail servers send about mail in general: DMARC aggregates and TLS reports.

They concern a domain and no mail of ours, so they are no bounces; nobody reads an answer to them.
"""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.machines.signs import Signs

# RFC 7489, 7.2.1.1: «receiver!policy-domain!begin!end[!unique].xml.gz»; RFC 8460, 5.1, the same.
_FILE: Final = re.compile(
    r"[\w.-]{1,255}![\w.-]{1,255}!\d{6,12}!\d{6,12}(?:![\w.-]{1,200})?\.(?:xml|json|zip|gz)(?:\.gz)?",
    re.IGNORECASE,
)
_SUBJECT: Final = re.compile(
    r"(?:dmarc aggregate )?report[ -]domain: ?[{<\"]?[\w.-]{1,255}[}>\"]?[;,]? +submitter: ?[{<\"]?\S"
)
_TLS: Final = ("application/tlsrpt+gzip", "application/tlsrpt+json")


def recognise(signs: Signs) -> str:
    """By the file that such a report is, or by the subject that the standards give it."""
    if signs.is_answer:
        return ""
    mail = signs.mail
    is_report = mail.content_parameters.get("report-type", "").lower() == "tlsrpt"
    if is_report or any(kind in mail.part_types for kind in _TLS):
        return "tls_report"
    if any(_FILE.fullmatch(one.filename.strip()) for one in mail.attachments):
        return "dmarc_report"
    return "dmarc_report" if _SUBJECT.match(signs.subject) else ""
