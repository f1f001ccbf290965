"""Tells whether a mail is a bounce: RFC 3464 structure first, then the dialects of older systems.

`bounce_report` reads what the bounce says.
"""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.languages import lexicon
from daemon.mail.languages.notation import lazy
from daemon.mail.machines import absence, automation, responders, senders
from daemon.mail.machines.persons import greets, speaks_for_self
from daemon.mail.machines.signs import Signs

_TECHNICAL_CHARS: Final = 20_000
_BRIEF_CHARS: Final = 800
_SUBJECT: Final = lazy(lambda: rf"(?:\[?{_words('labels')}\]?[:!]? *)?{_words('subjects')}")
_FIXED_SUBJECT: Final = lazy(lambda: _words("fixed_subjects"))
_TAIL: Final = lazy(lambda: _words("tails"))
_TEXT: Final = lazy(lambda: _words("texts"))
_OPENING: Final = lazy(lambda: rf"\W*+{_words('openings')}")
_DELIVERED_TO: Final = lazy(
    lambda: rf"^\W*{_words('delivered_to')}\s{{1,5}}<?[^\s@<>]{{1,64}}@", re.MULTILINE
)
_TECHNICAL: Final = lazy(lambda: _words("technical"), re.MULTILINE | re.IGNORECASE)
# Hotmail's junk reports enclose the mail complained about and nothing else.
_COMPLAINT_SUBJECT: Final = lazy(lambda: _words("complaints"))
_REPORTS: Final = ("delivery-status", "global-delivery-status")


def recognise(signs: Signs) -> str:
    """By structure, by a header that only mail systems write, by the envelope and sender, by wording."""
    return _by_structure(signs) or _by_header(signs) or _by_sender(signs) or _by_wording(signs)


def _by_structure(signs: Signs) -> str:
    mail = signs.mail
    report = mail.content_parameters.get("report-type", "").lower()
    if report == "feedback-report" or "message/feedback-report" in mail.part_types:  # RFC 5965
        return "feedback_report"
    if mail.content_type == "multipart/report" and (signs.has_status or report in _REPORTS):
        return "dsn"
    # A gateway may have taken the report apart; a person who forwards one says so.
    return "dsn" if signs.has_status and not signs.is_answer else ""


def _by_header(signs: Signs) -> str:
    if signs.header("x-failed-recipients"):  # Exim, Gmail
        return "x_failed_recipients"
    if "x-ms-exchange-message-is-ndr" in signs.headers:
        return "exchange_ndr"
    if "report.ipm.note.ndr" in signs.header("x-messageclass"):
        return "exchange_ndr"
    return ""


def _by_sender(signs: Signs) -> str:
    """The null path (RFC 5321, section 4.5.5) or a mail system's name, with wording that fits."""
    is_daemon = senders.is_mail_system(signs)
    has_subject = _has_subject(signs)
    has_text = (is_daemon or signs.is_null_path) and _TEXT.search(signs.body) is not None
    if signs.has_status and (is_daemon or signs.is_null_path):
        return "dsn"
    if responders.says_automatic(signs) and not is_daemon and not has_subject:
        return ""  # an absence notice that says "mailbox", "quota" or "returned"
    if signs.is_null_path and (has_subject or (has_text and not _says_what_it_is(signs))):
        return "null_return_path"
    if is_daemon and (has_subject or has_text or senders.is_mailer_daemon(signs)):
        return "daemon_sender"
    if senders.is_perhaps_mail_system(signs) and (has_subject or _is_technical_verdict(signs)):
        return "daemon_sender"
    return ""


def _says_what_it_is(signs: Signs) -> bool:
    """A notice or a receipt on the null path, which happens to use a bounce's words."""
    return bool(absence.recognise(signs) or automation.recognise(signs))


def _is_technical_verdict(signs: Signs) -> bool:
    """The words of a mail system, none of a person, and what only systems enclose."""
    if signs.is_answer or greets(signs.head) or speaks_for_self(signs.head) or not looks_technical(signs):
        return False
    return _TEXT.search(signs.body) is not None


def _by_wording(signs: Signs) -> str:
    mail = signs.mail
    if mail.original_headers and _COMPLAINT_SUBJECT.fullmatch(signs.subject):
        return "feedback_report"
    if _is_verdict(signs):
        return "bounce_text"
    if signs.is_answer:
        return ""  # who forwards or answers a bounce is a person
    has_subject = _has_subject(signs)
    if _OPENING.match(signs.head) and (has_subject or looks_technical(signs)):
        return "bounce_text"
    if not has_subject or not _TEXT.search(signs.body) or speaks_for_self(signs.head):
        return ""
    is_fixed = "@" in signs.body and _FIXED_SUBJECT.fullmatch(signs.subject) is not None
    if is_fixed or (looks_technical(signs) and not greets(signs.head)):
        return "bounce_subject_and_text"
    return ""


def _is_verdict(signs: Signs) -> bool:
    """A few lines that hold nothing but the verdict and the address."""
    if len(signs.body) > _BRIEF_CHARS or not (_has_subject(signs) or _TAIL.search(signs.subject)):
        return False
    if not _DELIVERED_TO.search(signs.body):
        return False
    return not greets(signs.head) and not speaks_for_self(signs.head)


def _words(key: str) -> str:
    return lexicon.words("bounces", key)


def _has_subject(signs: Signs) -> bool:
    return _SUBJECT.match(signs.subject) is not None


def looks_technical(signs: Signs) -> bool:
    """An enclosed mail, a reply code or an enhanced status."""
    return bool(signs.mail.original_headers) or bool(_TECHNICAL.search(signs.mail.text[:_TECHNICAL_CHARS]))
