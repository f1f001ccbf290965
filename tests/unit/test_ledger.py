"""The ledger of the harness that kills: what counts as kept, and what as changed."""

from __future__ import annotations

from dataclasses import fields

from daemon.dispatch.envelope import Envelope, FileReference, to_json
from daemon.store.outbox import Kept
from tests.harness.ledger import Ledger
from tests.servers.smtp_sink import Taken

FROZEN = b"Message-ID: <1@momah>\r\n\r\n--b\r\n\r\nwords\r\n--b--\r\n"
WHOLE = FROZEN.replace(b"--b--\r\n", b"--b\r\n\r\nfile\r\n--b--\r\n")
FILES = to_json(Envelope(files=(FileReference(1, "ab", "report.html", "text/html"),)))


def faults(arrived: list[bytes], thread: dict[str, object]) -> list[str]:
    values = dict.fromkeys(one.name for one in fields(Kept)) | {"id": 1, "notification": "staff_report"}
    values |= {"state": "sent", "channel": "email", "reference": "<1@momah>", "thread": thread}
    row = Kept(**(values | {"frozen": FROZEN}))  # type: ignore[arg-type]
    ledger = Ledger()
    ledger.at_the_end([Taken("a@momah", ("b@momah",), one, 0.0) for one in arrived], [], [row])
    return ledger.faults


def test_a_mail_arrives_as_it_was_frozen() -> None:
    assert faults([FROZEN, FROZEN], {}) == []
    assert faults([WHOLE], {})
    assert faults([], {})


def test_a_mail_with_files_arrives_as_it_was_frozen_and_with_them_the_same_each_time() -> None:
    assert faults([WHOLE, WHOLE], dict(FILES)) == []
    assert faults([WHOLE, WHOLE.replace(b"file", b"elif")], dict(FILES))
    assert faults([WHOLE.replace(b"words", b"sword")], dict(FILES))
    assert faults([], dict(FILES))
