"""Writes an outbox row's message: the bytes that the row is frozen into, just before the first attempt.

The words come from `templating`, the octets from `wire.compose`. It is done only once (STYLE §4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from daemon.courier import PermanentFailure
from daemon.dispatch.envelope import LANGUAGE, BadEnvelope, Envelope, from_json
from daemon.mail.wire.compose import compose
from daemon.mail.wire.enclosures import File, with_files
from daemon.mail.wire.header_lines import Uncomposable
from daemon.mail.wire.outgoing import OutgoingMail
from daemon.mail.wire.thread_index import answer_to
from daemon.store.outbox import Claimed

if TYPE_CHECKING:
    from daemon.templating.engine import TemplateSet
    from daemon.templating.rendered import RenderedEmail


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Whom our messages come from: the mailbox and its display name, the SMS sender name."""

    mailbox_address: str
    from_name: str
    sms_sender: str
    language: str


@dataclass(frozen=True, slots=True)
class Written:
    """A message ready to be frozen. `problem` says why the last good wording had to be used, or ""."""

    row_id: int
    sender: str
    content: bytes
    revision: str
    problem: str = ""
    made_of: Mapping[str, str] = field(default_factory=dict)
    """The revision of each text that had a part in it, by path."""


class Writer:
    """Writes each row in its language: of the complaint to its requester, of the service to staff."""

    def __init__(
        self,
        templates: Mapping[str, TemplateSet],
        letterhead: Letterhead,
        content_of: Callable[[int, str], bytes | None] = lambda attachment_id, sha256: None,
    ) -> None:
        self._templates = templates
        self._letterhead = letterhead
        self._content_of = content_of

    def write(self, row: Claimed) -> Written:
        """Render and compose. Raises PermanentFailure where no mail can go to that address."""
        templates = self._templates_of(row)
        if row.channel == "sms":
            sms = templates.render_sms(row.notification, row.values)
            octets, sender = sms.text.encode(), self._letterhead.sms_sender
            return Written(row.id, sender, octets, sms.revision, sms.problem, sms.made_of)
        try:
            envelope = from_json(row.thread)
        except BadEnvelope as error:
            raise PermanentFailure(f"its envelope cannot be read: {error}") from None
        email = templates.render_email(row.notification, row.values, _takes_commands(row, envelope))
        try:
            content = compose(self._mail(row, envelope, email, templates.language))
        except Uncomposable as error:
            raise PermanentFailure(str(error), code="5.1.3") from None
        sender = self._letterhead.mailbox_address
        return Written(row.id, sender, content, email.revision, email.problem, email.made_of)

    def complete(self, row: Claimed, content: bytes, *, without: bool = False) -> bytes:
        """The frozen `content` with the row's files in it. They are frozen by their hash: kept in the row,
        they would be there once more for each person told. The notice must go whatever became of a file: for
        one that is lost, and `without` for each, an empty one goes whose name says so. Reads files, so not
        for the event loop. Raises StoreUnavailable."""
        files = []
        for one in from_json(row.thread).files:
            found = None if without else self._content_of(one.attachment_id, one.sha256)
            lost = File(f"{one.name}.missing.txt", "text/plain", b"")
            files.append(lost if found is None else File(one.name, one.media_type, found))
        return with_files(content, files)

    def _templates_of(self, row: Claimed) -> TemplateSet:
        wanted = row.values.get(LANGUAGE) if row.audience in ("requester", "participant") else None
        return self._templates.get(str(wanted)) or self._templates[self._letterhead.language]

    def _mail(self, row: Claimed, envelope: Envelope, email: RenderedEmail, language: str) -> OutgoingMail:
        head, joined = self._letterhead, envelope.conversation
        return OutgoingMail(
            message_id=row.reference,
            date=row.created_at,
            from_name=head.from_name,
            from_address=head.mailbox_address,
            to_address=row.recipient,
            # Authenticated writers get their own subject back, so that their client keeps the thread.
            subject=f"Re: {joined.reply_subject}" if joined.reply_subject else email.subject,
            text=email.text,
            html=email.html,
            language=language,
            reply_to=joined.reply_to,
            in_reply_to=joined.in_reply_to,
            references=joined.references,
            thread_index=answer_to(joined.thread_index, row.created_at, row.reference),
            auto_submitted=joined.auto_submitted,
            takes_files=bool(envelope.files),
        )


def has_files(row: Claimed) -> bool:
    """Whether files go along with the row's mail."""
    return bool(from_json(row.thread).files)


def _takes_commands(row: Claimed, envelope: Envelope) -> str | None:
    """The address that takes commands on the row's ticket; "" where only its own thread does (DESIGN §4,
    mailbox.subaddressing), None where the row has no reply token (`casework.saying`)."""
    if row.audience != "staff" or row.ticket_id is None:
        return None
    return envelope.conversation.reply_to or ""
