"""How a message travels, beside its words: the conversation that a mail joins, and the files that go along.

It is decided with the row, kept in it as JSON of a closed shape, and read again when the bytes are made and
when they are sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

AUTO_GENERATED = "auto-generated"
"""What a machine wrote by itself; an answer to a mail is `auto-replied` (RFC 3834, section 5)."""
AUTO_REPLIED = "auto-replied"

Json = str | int | None | list["Json"]


LANGUAGE = "language"
"""Among the values of a row to the requester: the language of their complaint."""


class BadEnvelope(ValueError):
    """The JSON of a row is none that `to_json` writes."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """The header lines by which a mail client groups mails (RFC 5322, section 3.6.4; Thread-Index is
    Outlook's). `reply_subject` replaces the template's subject; `auto_submitted` is "" for a person's words.
    """

    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    reply_subject: str | None = None
    thread_index: str | None = None
    reply_to: str | None = None
    auto_submitted: str = AUTO_GENERATED


OURS = 0
"""In place of an attachment's id: a file that we made ourselves (`store.monthly_reports`)."""


@dataclass(frozen=True, slots=True)
class FileReference:
    """A file that goes along. The hash is as good as its octets: they are put in at the moment of sending."""

    attachment_id: int
    sha256: str
    name: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """The whole envelope of a message. An SMS has an empty one."""

    conversation: Conversation = Conversation()
    files: tuple[FileReference, ...] = ()


_DEFAULTS = Conversation()
_NAMES = tuple(field.name for field in fields(Conversation))


def to_json(envelope: Envelope) -> dict[str, Json]:
    """The envelope as a row keeps it: what differs from an empty one."""
    kept: dict[str, Json] = {}
    for name in _NAMES:
        value = getattr(envelope.conversation, name)
        if value != getattr(_DEFAULTS, name):
            kept[name] = list(value) if isinstance(value, tuple) else value
    if envelope.files:
        kept["files"] = [[one.attachment_id, one.sha256, one.name, one.media_type] for one in envelope.files]
    return kept


def from_json(kept: Mapping[str, object]) -> Envelope:
    """The envelope that a row holds. Raises BadEnvelope for any other shape."""
    values = dict(kept)
    files = values.pop("files", [])
    references = values.pop("references", [])
    if not isinstance(files, list) or not isinstance(references, list):
        raise BadEnvelope("a list is none")
    unknown = set(values) - set(_NAMES)
    if unknown or not all(value is None or isinstance(value, str) for value in values.values()):
        raise BadEnvelope(f"not of an envelope: {sorted(unknown or values)}")
    if not all(isinstance(one, str) for one in references):
        raise BadEnvelope("references are no texts")
    conversation = Conversation(references=tuple(references), **values)  # type: ignore[arg-type]
    return Envelope(conversation, tuple(_file(one) for one in files))


def _file(kept: object) -> FileReference:
    match kept:
        case [int(attachment_id), str(sha256), str(name), str(media_type)]:
            return FileReference(attachment_id, sha256, name, media_type)
    raise BadEnvelope("a file is none")
