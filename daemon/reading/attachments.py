"""The judging of attachments: which files a mail holds, what each is, and whether it is refused.

Plain functions of octets and rules. Whether the virus scanner finds anything in what is left, and where it is
kept, is `casework.filing`'s.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from daemon.attachments import names
from daemon.attachments.check import Check, Rules
from daemon.mail.letter.contents import attachment_contents
from daemon.mail.letter.message import Attachment
from daemon.workflow.passing_on import Verdict

MOST_LISTED = 200
"""Of files that are too many to be looked at, so many are named at most."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One attachment of a mail, judged; `sha256` None where it was not looked at. `must_scan`: the virus
    scanner was not there, and is asked again."""

    position: int
    filename: str
    declared_type: str
    media_type: str
    size_bytes: int
    sha256: str | None
    verdict: Verdict
    detail: str = ""
    is_unopened: bool = False
    must_scan: bool = False


def judge(raw: bytes, listed: Sequence[Attachment], rules: Rules) -> Iterator[tuple[Judged, bytes]]:
    """Each attachment of the mail `raw`, of which `listed` are known, with its octets; one at a time, since
    each may have many megabytes. A verdict of "unscanned" means: nothing against it so far. Those beyond the
    limit are named without being looked at, with no octets."""
    check = Check(rules, enclosed=_enclosed)
    position = 0
    for position, (attachment, content) in enumerate(islice(attachment_contents(raw), rules.most), 1):
        yield _judged(check, position, attachment, content), content
    for at, attachment in enumerate(listed[position : position + MOST_LISTED], position + 1):
        yield _not_looked_at(at, attachment), b""


def octets_of(raw: bytes, position: int) -> bytes | None:
    """The octets of the attachment that stands there, counted from 1; None where there is none."""
    found = islice(attachment_contents(raw), position - 1, position)
    return next((content for _, content in found), None)


def _judged(check: Check, position: int, attachment: Attachment, content: bytes) -> Judged:
    checked = check.check(attachment.filename, attachment.content_type, content)
    verdict: Verdict = "unscanned"
    if checked.refusal:
        verdict = "too_large" if checked.refusal == "too_large" else "blocked"
    return Judged(
        position=position,
        filename=names.shown(attachment.filename),
        declared_type=attachment.content_type[:200],
        media_type=checked.media_type,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        verdict=verdict,
        detail=checked.detail if checked.refusal else "",
        is_unopened=checked.is_unopened,
    )


def _enclosed(content: bytes) -> Iterator[tuple[str, bytes]]:
    return ((attachment.filename, octets) for attachment, octets in attachment_contents(content))


def _not_looked_at(position: int, attachment: Attachment) -> Judged:
    return Judged(
        position=position,
        filename=names.shown(attachment.filename),
        declared_type=attachment.content_type[:200],
        media_type="application/octet-stream",
        size_bytes=attachment.size_bytes,
        sha256=None,
        verdict="too_many",
        detail="too_many",
    )
