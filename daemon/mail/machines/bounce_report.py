"""What a bounce says: which of our mails came back, to whom, with what outcome (RFC 3464, 3463).

Only the Message-ID decides anything later: it is compared with our own, so a forged report does nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from daemon.mail.languages import lexicon
from daemon.mail.languages.notation import lazy
from daemon.mail.letter.message import IncomingMail
from daemon.mail.machines.signs import Signs

_STATUS_CHARS: Final = 200_000
_TEXT_CHARS: Final = 8_000
_SAID_CHARS: Final = 300
_ANY_ADDRESS: Final = re.compile(r"<[^<>]{0,300}>|[^\s<>]{0,64}@[^\s<>]{0,255}")
_WORST_FIRST: Final = ("failed", "delayed", "relayed", "expanded", "delivered")
_FIELD: Final = re.compile(r"^([A-Za-z-]{1,60})[ \t]{0,9}:[ \t]{0,9}(.*)$", re.MULTILINE)
_CODE: Final = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_DELAY: Final = lazy(lambda: lexicon.words("bounces", "delays"))
_MESSAGE_ID: Final = re.compile(
    r"^[> \t]{0,40}(?:Original-)?Message-ID:\s{0,9}(<[^<>\s]{1,500}>)", re.MULTILINE | re.IGNORECASE
)
_ADDRESS: Final = re.compile(
    r"(?<![\w.!#$%&*+/?^`{|}~-])((?!(?i:smtp=)|['=])[\w.!#$%&'*+/=?^`{"
    r"|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8})"
)
# Where the returned mail begins: the addresses below it are those of the letter, not of the verdict.
_COPY: Final = lazy(
    lambda: rf"^[ \t>]{{0,20}}{lexicon.words('bounces', 'copies')}", re.MULTILINE | re.IGNORECASE
)
_TO_LINE: Final = re.compile(r"^[> \t]{0,20}To:[ \t]{0,9}(.{1,300})$", re.MULTILINE)
_VERDICT: Final = lazy(lambda: lexicon.words("bounces", "verdicts"), re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Report:
    """`action` is RFC 3464's word; `status` an RFC 3463 code or ""."""

    message_id: str | None
    action: str
    recipient: str | None
    status: str
    said: str = ""
    """What the peer said (Diagnostic-Code), on one line without addresses."""


def read(signs: Signs, reason: str) -> Report:
    """Read the machine's part of the bounce where there is one, else its words."""
    mail = signs.mail
    is_verdict = reason != "feedback_report"
    groups = _groups(mail.delivery_status)
    action, chosen = _worst(groups)
    status = _status(chosen) or (_status_in(signs.body) if is_verdict else "")
    if not is_verdict:
        action = "delivered"  # who complains of a mail has got it (RFC 5965, section 1)
    elif not action:
        action = "delayed" if _DELAY.search(signs.subject) or _DELAY.search(signs.head) else "failed"
    recipient = _typed(chosen.get("original-recipient", "")) or _typed(chosen.get("final-recipient", ""))
    message_id = _enclosed_id(mail) or _answered_id(mail, reason)
    said = _said(chosen.get("diagnostic-code", "")) if is_verdict else ""
    return Report(message_id, action, recipient or _recipient_in_words(mail), status, said)


def _groups(delivery_status: str) -> list[dict[str, str]]:
    """The groups of fields of RFC 3464, section 2; folded values joined."""
    unfolded = re.sub(r"\n[ \t]{1,99}(?=\S)", " ", delivery_status[:_STATUS_CHARS])
    found = []
    for block in re.split(r"\n[ \t]{0,99}\n", unfolded):
        group = {name.lower(): value.strip() for name, value in _FIELD.findall(block)}
        if group:
            found.append(group)
    return found


def _worst(groups: list[dict[str, str]]) -> tuple[str, dict[str, str]]:
    """The worst news decides: one recipient's failure stands before another's delivery."""
    actions = [_word(group.get("action", "")) for group in groups]
    for action in _WORST_FIRST:
        if action in actions:
            return action, groups[actions.index(action)]
    return "", next((group for group in groups if "final-recipient" in group), {})


def _word(value: str) -> str:
    return value.lower().partition(";")[0].strip().partition(" ")[0]


def _status(group: dict[str, str]) -> str:
    """Status, or what the peer itself said where Status is only the class (x.0.0, RFC 3463, section 3.1)."""
    stated, said = _status_in(group.get("status", "")), _status_in(group.get("diagnostic-code", ""))
    if stated.endswith(".0.0") and said[:1] == stated[:1]:
        return said
    return stated or said


def _status_in(text: str) -> str:
    found = _CODE.search(text)
    return ".".join(found.groups()) if found else ""


def _said(diagnostic: str) -> str:
    """Without its type («smtp;»), and without addresses: they name people."""
    words = diagnostic.partition(";")[2].strip() or diagnostic
    plain = " ".join("".join(char if char.isprintable() else " " for char in words[:2000]).split())
    return _ANY_ADDRESS.sub("…", plain)[:_SAID_CHARS]


def _typed(value: str) -> str | None:
    """`rfc822; a@b` -> `a@b` (RFC 3464, section 2.3.1)."""
    address = value.rpartition(";")[2].strip().strip("<>").strip()
    return address if "@" in address[1:] and len(address) < 400 and " " not in address else None


def _enclosed_id(mail: IncomingMail) -> str | None:
    for name, value in mail.original_headers:
        if name == "message-id" and (found := re.search(r"<[^<>\s]{1,900}>", value)):
            return found[0]
    for text in (mail.delivery_status, mail.text):
        if found := _MESSAGE_ID.search(text[:_STATUS_CHARS]):
            return found[1]
    return None


def _answered_id(mail: IncomingMail, reason: str) -> str | None:
    """Gmail and Exchange name the mail in In-Reply-To; answers of other machines do so too, hence not where
    a null path and some words are all that is known.
    """
    is_sure = reason in ("dsn", "x_failed_recipients", "exchange_ndr", "daemon_sender")
    return mail.in_reply_to[-1] if is_sure and mail.in_reply_to else None


def _recipient_in_words(mail: IncomingMail) -> str | None:
    """Exim's and Gmail's header, the address behind the verdict, the first of the text, the letter's To."""
    failed = (mail.header("x-failed-recipients") or "").partition(",")[0].strip()
    if "@" in failed:
        return failed
    text = mail.text[:_TEXT_CHARS]
    copy = _COPY.search(text)
    verdict = text[: copy.start()] if copy else text
    strangers: list[str] = [
        address for address in _ADDRESS.findall(verdict) if not _is_ours_or_theirs(mail, address)
    ]
    if strangers:
        behind = _VERDICT.search(verdict)
        after: list[str] = _ADDRESS.findall(verdict, behind.end()) if behind else []
        return next((address for address in after if address in strangers), strangers[0])
    return _letter_recipient(mail, text[copy.start() :] if copy else "")


def _is_ours_or_theirs(mail: IncomingMail, address: str) -> bool:
    """The desk's own address or the mail system's: named in bounces, and never what failed."""
    local = address.lower().partition("@")[0]
    named = {one.email.lower() for one in (*mail.to, *mail.from_addresses, *mail.reply_to)}
    return address.lower() in named or local.startswith(("postmaster", "mailer-daemon", "abuse", "owner-"))


def _letter_recipient(mail: IncomingMail, letter: str) -> str | None:
    """Whom the returned letter was written to."""
    value = next((value for name, value in mail.original_headers if name == "to"), "")
    if not value:
        line = _TO_LINE.search(letter)
        value = str(line[1]) if line else ""
    found = _ADDRESS.search(value)
    return found[1] if found else None
