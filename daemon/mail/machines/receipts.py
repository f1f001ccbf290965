"""Receipts and the answers of calendars: that a mail was read, that an invitation was taken."""

from __future__ import annotations

from typing import Final

from daemon.mail.languages import lexicon
from daemon.mail.languages.notation import lazy
from daemon.mail.machines import senders
from daemon.mail.machines.persons import speaks_for_self
from daemon.mail.machines.signs import Signs

_READ_SUBJECT: Final = lazy(lambda: lexicon.words("receipts", "read_subjects") + r"\s*[:：]")
_READ_TEXT: Final = lazy(lambda: lexicon.words("receipts", "read_texts"))
_CALENDAR_SUBJECT: Final = lazy(lambda: lexicon.words("receipts", "calendar_subjects") + r"\s*[:：]")


def recognise_receipt(signs: Signs) -> str:
    """RFC 8098, and what Exchange calls its receipts. From a mail system they are bounces: Dovecot says so
    that a mailbox is full.
    """
    mail = signs.mail
    if senders.is_mail_system(signs):
        return ""
    if "message/disposition-notification" in mail.part_types or (
        mail.content_parameters.get("report-type", "").lower() == "disposition-notification"
    ):
        return "mdn"
    if "message/global-disposition-notification" in mail.part_types:  # RFC 8098, section 10
        return "mdn"
    if signs.header("x-messageclass").startswith(("report.ipm.note.ipnrn", "report.ipm.note.ipnnrn")):
        return "mdn"
    return ""


def recognise_receipt_wording(signs: Signs) -> str:
    """A receipt that lost its structure on the way: subject and sentence together."""
    is_receipt = _READ_SUBJECT.match(signs.subject) and _READ_TEXT.search(signs.head)
    return "receipt_wording" if is_receipt and not speaks_for_self(signs.own) else ""


def recognise_calendar(signs: Signs) -> str:
    """RFC 5546, section 3.2: a REPLY or COUNTER comes from a program; a REQUEST invites."""
    mail = signs.mail
    if mail.calendar_method in ("reply", "counter", "declinecounter", "refresh"):
        return "calendar_reply"
    has_calendar = mail.content_type == "text/calendar" or "text/calendar" in mail.part_types
    if has_calendar and not mail.calendar_method and _CALENDAR_SUBJECT.match(signs.subject):
        return "calendar_reply"
    return ""
