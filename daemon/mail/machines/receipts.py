"""Owns receipts and the answers of calendars: that a mail was read, that an invitation was taken."""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.machines import senders
from daemon.mail.machines.persons import speaks_for_self
from daemon.mail.machines.signs import Signs, one_of

_READ_SUBJECT: Final = re.compile(
    one_of(
        r"(?:not )?read",
        r"read (?:receipt|notification)",
        r"return receipt(?: \([\w ]{1,40}\))?",
        r"(?:un)?gelesen",
        r"nicht gelesen",
        r"lesebest[aä]tigung",
        r"(?:non )?lu",
        r"(?:no )?le[ií]do",
        r"(?:n[aã]o )?lid[oa]",
        r"(?:non )?letto",
        r"(?:niet )?gelezen",
        r"(?:nie )?przeczytan[oey]",
        r"(?:не )?прочтено",
        r"прочитано",
        r"okundu",
        r"開封済み|開封確認|已读|已讀|未读",
        r"(?:لم )?(?:تمت?|تتم) (?:ال)?قراء(?:ه|ته|تها)|مقروء[ه]?|قراءه|ايصال (?:بالقراءه|قراءه)",
    )
    + r"\s*[:：]"
)
_READ_TEXT: Final = re.compile(
    one_of(
        r"(?:message|mail)\b[^.]{0,300}(?:was|has been) (?:read|displayed|opened"
        r"|deleted without being read)",
        r"(?:return|read) receipt",
        r"no guarantee that the (?:message|recipient)",
        r"wurde [^.\n]{0,60}(?:gelesen|ge[oö]ffnet|angezeigt)",
        r"a [eé]t[eé] (?:lu|affich[eé])",
        r"(?:fue|ha sido) (?:le[ií]d|mostrad|abiert)",
        r"foi (?:lid|exibid|abert)",
        r"[eè] stat[oa] (?:lett|visualizzat)",
        r"(?:is|werd) (?:gelezen|geopend|weergegeven)",
        r"(?:прочитано|отображено)",
        r"(?:تمت? قراء|تم فتح|تمت قراءتها|حذف\w* (?:دون|بدون) قراء)",
    )
)
_CALENDAR_SUBJECT: Final = re.compile(
    one_of(
        r"(?:accepted|declined|tentative(?:ly accepted)?|new time proposed)",
        r"(?:zugesagt|abgesagt|angenommen|abgelehnt|mit vorbehalt|zusage|absage)",
        r"(?:accept[eé]e?|refus[eé]e?|provisoire|d[eé]clin[eé]e?)",
        r"(?:aceptad[ao]|rechazad[ao]|provisional)",
        r"(?:aceit[eo]|recusad[ao])",
        r"(?:accettat[oa]|rifiutat[oa]|provvisorio)",
        r"(?:geaccepteerd|geweigerd|voorlopig)",
        r"(?:zaakceptowan[oeay]|odrzucon[oeay])",
        r"(?:godk[aä]nt|accepteret|godtatt|avslag)",
        r"(?:принято|отклонено|под вопросом)",
        r"(?:kabul edildi|reddedildi)",
        r"(?:承諾|辞退|已接受|已拒绝|已拒絕|수락|거절)",
        r"(?:تم القبول|مقبول|تم الرفض|مرفوض|قبول مبدئي|مبدئي)",
    )
    + r"\s*[:：]"
)


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
