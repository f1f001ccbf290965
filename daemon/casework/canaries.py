"""Knows a canary among the mails, and answers it through the outbox like any complaint.

It is known by a mark that only we can make (`mail.trust.canary_tokens`), and that is good once. It uses up no
ticket number and is in no figure; its mail is recorded as our own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from daemon.casework.letter import Letter
from daemon.dispatch.marks import Stationery
from daemon.mail.trust.canary_tokens import CanaryMark, mint, verify
from daemon.store import canaries
from daemon.store.inbox import Outcome
from daemon.workflow.model import Notification
from daemon.workflow.naming import stamp

REASON: Final = "canary"


def on_mail(letter: Letter) -> Outcome | None:
    """What becomes of a canary's mail; None where it is none."""
    stationery = letter.case.stationery
    for text in _marks_in(letter):
        mark = verify(stationery.keys, text)
        if mark is not None and _is_taken(letter, mark, stationery):
            letter.step("canary", message=mark.canary_id, told=mark.way)
            return Outcome("done", "own", "recorded", REASON, letter.explanation)
    return None


def _marks_in(letter: Letter) -> Iterator[str]:
    yield from letter.reading.candidates.tokens
    yield (letter.reading.mail.message_id or "").strip("<>").partition("@")[0]


def _is_taken(letter: Letter, mark: CanaryMark, stationery: Stationery) -> bool:
    """False where its mark came before: a copy is treated as any mail."""
    connection, now = letter.case.connection, letter.case.now
    if mark.way == "back":
        was_under_way = canaries.note(connection, mark.canary_id, "returned_at", at=now)
        return was_under_way and canaries.end(connection, mark.canary_id, "done")
    if not canaries.note(connection, mark.canary_id, "arrived_at", at=letter.at):
        return False
    canaries.note(connection, mark.canary_id, "decided_at", at=now)
    back = mint(stationery.keys, CanaryMark(mark.canary_id, "back"))
    local, _, domain = letter.case.policy.mailbox_address.rpartition("@")
    home = f"{local}+{back}@{domain}" if stationery.subaddressing else letter.case.policy.mailbox_address
    recipient = stationery.canaries_to or home
    values = {"what": "canary", "detail": "", "since": stamp(now, letter.case.policy)}
    said = Notification("operator_alert", "email", recipient, "operator", values)
    letter.case.say_once(said, f"canary:{mark.canary_id}", f"<{back}@{domain}>")
    return True
