"""Tells whether a person wrote a mail, and holds the order in which the kinds of machines are asked.

Evidence only, from one IncomingMail; what follows from it is decided in `workflow`. How each kind is
recognised is `mail.machines`'s. Headers come first (RFC 3834, 3464, 8098, 2369, 2919), wording last:
answering a machine may loop, and taking a person for a machine is silence (docs/MACHINES.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from daemon.mail.letter.message import IncomingMail
from daemon.mail.machines import (
    absence,
    automation,
    bounce_report,
    bounces,
    challenges,
    lists,
    matters,
    receipts,
    reports,
    responders,
    senders,
)
from daemon.mail.machines.signs import Signs
from daemon.workflow.trust import is_guess

Kind = Literal["human", "bounce", "auto", "list", "own"]


@dataclass(frozen=True, slots=True)
class Classification:
    """What wrote this mail. `reason` is a short code for logs and `mail explain`; the rest describes a
    bounce: the Message-ID of ours that it encloses, RFC 3464 Action, recipient and RFC 3463 status.
    """

    kind: Kind
    reason: str
    bounced_message_id: str | None = None
    bounce_action: str = ""
    bounced_recipient: str | None = None
    status: str = ""
    said: str = ""
    """The words of the server that refused it."""


def classify(mail: IncomingMail, own_addresses: frozenset[str]) -> Classification:
    """Say what wrote `mail`. `own_addresses` are lower-case addresses of this desk (a `+detail` in the
    mail's address is ignored).
    """
    if _is_own(mail, own_addresses):
        return Classification("own", "own_address")
    signs = Signs(mail)
    for kind, recognise in _RULES:
        reason = recognise(signs)
        if reason and not _is_overruled(signs, reason):
            return _described(signs, reason) if kind == "bounce" else Classification(kind, reason)
    return Classification("human", "no_machine_sign")


def _is_overruled(signs: Signs, reason: str) -> bool:
    """Wording alone yields to somebody who names a request or a complaint of theirs; a header never does."""
    return is_guess(reason) and matters.names_matter(signs, reason.startswith(_RECEIPTS))


def _no_reply_sender(signs: Signs) -> str:
    return "no_reply_sender" if senders.reads_no_answers(signs) else ""


def _daemon_sender(signs: Signs) -> str:
    return "daemon_sender" if senders.is_mail_system(signs) else ""


# Codes of texts in which help desks and shops name numbers of their own.
_RECEIPTS: Final = ("subject_wording", "body_wording:automatic", "newsletter_wording")

# A challenge comes in a bounce's dress; receipts and bounces carry Auto-Submitted too, which says less.
_RULES: Final[tuple[tuple[Kind, Callable[[Signs], str]], ...]] = (
    ("auto", challenges.recognise),
    ("auto", reports.recognise),
    ("auto", receipts.recognise_receipt),
    ("bounce", bounces.recognise),
    ("auto", responders.recognise),
    ("auto", receipts.recognise_calendar),
    ("auto", _no_reply_sender),
    ("auto", _daemon_sender),
    ("list", lists.recognise),
    ("auto", receipts.recognise_receipt_wording),
    ("auto", absence.recognise),
    ("auto", automation.recognise),
    ("list", lists.recognise_newsletter),
)


def _is_own(mail: IncomingMail, own_addresses: frozenset[str]) -> bool:
    return mail.sender is not None and _without_detail(mail.sender.email) in own_addresses


def _without_detail(email: str) -> str:
    """RFC 5233: `user+detail@domain` is `user@domain`."""
    local, at, domain = email.lower().rpartition("@")
    return local.partition("+")[0] + at + domain


def _described(signs: Signs, reason: str) -> Classification:
    said = bounce_report.read(signs, reason)
    return Classification(
        "bounce", reason, said.message_id, said.action, said.recipient, said.status, said.said
    )
