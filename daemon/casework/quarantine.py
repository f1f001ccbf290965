"""Releases and blocks mails that were set aside, and lists them for the digest.

Staff order it by a command or by an answer to the digest. `workflow.quarantine` says who may be blocked
and what may be released.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Connection

from daemon.mail.letter.fingerprint import split
from daemon.mail.meaning.orders import Judge
from daemon.store import blocked, inbox
from daemon.store.digests import SetAsideRow
from daemon.templating.formats import moment
from daemon.templating.page_words import PageWords
from daemon.workflow.commands import Refused
from daemon.workflow.events import StaffWrote
from daemon.workflow.mailbox import is_address
from daemon.workflow.model import Decision, Facts
from daemon.workflow.policy import Policy
from daemon.workflow.quarantine import (
    SetAside,
    Verdict,
    check,
    judged,
    not_judged,
    verdicts_of,
    why_no_block,
    why_no_domain_block,
    why_no_release,
)
from daemon.workflow.vocabulary import DomainRefusal, Refusal

if TYPE_CHECKING:
    from daemon.casework.staff_mail import Tokens
    from daemon.mail.letter.message import IncomingMail
    from daemon.mail.meaning.commands import Script

SUBJECT_CHARS = 80

_WRITER = re.compile(rb"^from[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE)
_MOST_WRITERS = 20
_FIELD_BYTES = 2_000


def heading(raw: bytes) -> IncomingMail:
    """Who wrote and about what: of the header alone, and of no more than its first 64 KB, since this is no
    worker. Never raises, as little as `parse` does."""
    from daemon.mail.letter.parse import parse

    return parse(split(raw[: inbox.HEAD_BYTES])[0] + b"\r\n\r\n")


def far_down(raw: bytes) -> IncomingMail:
    """The same where From stands behind more header than that: of each From the first 2 KB, and nothing else.
    What the whole costs to read is for a worker to find out."""
    from daemon.mail.letter.parse import parse

    fields = [found[0][:_FIELD_BYTES] for found in islice(_WRITER.finditer(split(raw)[0]), _MOST_WRITERS)]
    return parse(b"\r\n".join([*fields, b"", b""]))


def find(connection: Connection, inbox_id: int) -> SetAside | None:
    """What is known of one mail; None where there is no mail of that number."""
    from daemon.mail.letter.headers import MAX_HEADER_BYTES

    row = inbox.row_of(connection, inbox_id)
    if row is None or row.source not in ("mail", "too_large"):
        return None
    sender = heading(inbox.head_of(connection, inbox_id)).sender
    if sender is None:
        sender = far_down(inbox.head_of(connection, inbox_id, MAX_HEADER_BYTES)).sender
    return SetAside(
        row.state, row.source, row.reason or "", sender.email if sender else "", row.outcome or ""
    )


def release(
    connection: Connection, inbox_id: int, policy: Policy, now: datetime, writer: str = ""
) -> Refusal | Literal[""]:
    """Have the mail decided on as a person's; as that of `writer`, where a person says whose it is. Returns
    "", or the code of why not."""
    if writer and not is_address(writer):
        return "bad_address"
    code = why_no_release(find(connection, inbox_id), policy, writer)
    if code:
        return code
    # Somebody else may have been quicker since we looked.
    return "" if inbox.release(connection, inbox_id, now, writer) else "not_quarantined"


def block(
    connection: Connection,
    inbox_id: int,
    by: str,
    policy: Policy,
    now: datetime,
    *,
    is_whole_domain: bool = False,
) -> tuple[Refusal | DomainRefusal | Literal[""], str]:
    """Block the mail's sender. Returns ("", what is blocked), or the code of why not and who it was."""
    found = find(connection, inbox_id)
    code: Refusal | DomainRefusal | Literal[""] = why_no_block(found, policy)
    pattern = found.sender.lower() if found else ""
    if is_whole_domain and found is not None and code in ("", "protected_address"):
        domain = pattern.rpartition("@")[2]
        pattern, code = f"@{domain}", why_no_domain_block(domain, policy)
    if found is None or code:
        return code, pattern
    _block(connection, inbox_id, pattern, by, now)
    return "", pattern


def _block(connection: Connection, inbox_id: int, pattern: str, by: str, now: datetime) -> None:
    """Whoever proves the address is another than the writer of a mail that did not."""
    spares_proven = not _was_proven(connection, inbox_id)
    blocked.add(connection, pattern, by, inbox_id, now, spares_proven=spares_proven)


def _was_proven(connection: Connection, inbox_id: int) -> bool:
    """Whether the mail proved its From."""
    row = inbox.row_of(connection, inbox_id)
    return row is not None and row.proof != ""


# --- by an answer to the digest -----------------------------------------------------------------------


def is_judging(script: Script, held: Tokens) -> bool:
    """Whether a staff mail is about what was set aside: it says so, or is an answer to a digest that wanted
    to say something."""
    says_so = any(isinstance(order, Judge) for order in script.commands)
    return says_so or (bool(script.mistakes) and held.may_judge and held.held is None)


def judge(
    connection: Connection,
    script: Script,
    event: StaffWrote,
    facts: Facts,
    policy: Policy,
) -> Decision:
    """Carry out all of it or nothing, and tell the writer either way (DESIGN §2, Staff by e-mail). `event`
    says who orders it, and what is proved of them."""
    try:
        if script.mistakes:
            first = script.mistakes[0]
            event = replace(event, mistaken_command=first.word)
            raise Refused(first.code, first.detail)
        orders = [order for order in script.commands if isinstance(order, Judge)]
        event = replace(event, mistaken_command=orders[0].verdict)
        verdicts = verdicts_of(
            event, [(inbox_id, order.verdict) for order in orders for inbox_id in order.inbox_ids], policy
        )
        found = {inbox_id: find(connection, inbox_id) for inbox_id in verdicts}
        check(verdicts, found, policy)
        with connection.begin_nested():
            patterns = _carry_out(connection, verdicts, found, event.writer.email, event.at)
    except Refused as refused:
        return not_judged(facts, event, refused, policy)
    return judged(facts, event, verdicts, patterns, policy)


def _carry_out(
    connection: Connection,
    verdicts: Mapping[int, Verdict],
    found: Mapping[int, SetAside | None],
    by: str,
    now: datetime,
) -> list[str]:
    """Returns which mail's sender was blocked, a line each. Raises Refused where somebody else was quicker;
    what was done before it is rolled back by the caller."""
    patterns = []
    for inbox_id, verdict in verdicts.items():
        if verdict == "release":
            if not inbox.release(connection, inbox_id, now):
                raise Refused("not_quarantined", str(inbox_id))
        elif (one := found[inbox_id]) is not None:
            pattern = one.sender.lower()
            _block(connection, inbox_id, pattern, by, now)
            patterns.append(f"{inbox_id}: {unlinked(pattern)}")
    return patterns


# --- in the digest ------------------------------------------------------------------------------------


def digest_lines(rows: Sequence[SetAsideRow], words: PageWords) -> list[str]:
    """One line for each: number, reason, sender, subject, when it came. `words` hold "digest"."""
    return [_line(row, words) for row in rows]


def why(reason: str, words: PageWords) -> str:
    """A reason in words; itself where it has none."""
    word = f"set_aside_{reason}"
    return words.plain(word) if words.knows(word) else reason


def _line(row: SetAsideRow, words: PageWords) -> str:
    mail = heading(row.head)
    subject = shown_subject(mail.subject)
    # In words: a date of digits and hyphens turns round after an Arabic word (UAX #9, W2).
    came = str(moment(row.received_at.isoformat(), words.language))
    told = [why(row.reason, words), unlinked(mail.sender.email if mail.sender else "")]
    told += [f"«{subject}»" if subject else "", came]
    return f"{row.inbox_id}: " + " – ".join(part for part in told if part)


def shown_subject(subject: str) -> str:
    """What a stranger wrote as subject, for a notice to staff: cut short, and no link."""
    return unlinked(subject if len(subject) <= SUBJECT_CHARS else f"{subject[:SUBJECT_CHARS]}…")


_DOT = re.compile(r"(?<=[\w-])[.\u3002\uff0e\uff61](?=[^\W\d_])")


def unlinked(text: str) -> str:
    """`text` without what mail programs make links of by themselves: a digest must not offer a deceiver's
    links to click on (LESSONS S18). Dots of names, at signs and schemes stand in brackets."""
    return _DOT.sub("[.]", text).replace("@", "[@]").replace("://", "[:]//")
