"""Mails that were made to stop the desk, beside an ordinary citizen's: the daemon with its workers."""

from __future__ import annotations

import base64
import tarfile
import time
from email.message import EmailMessage
from email.policy import SMTP

from daemon.store import inbox
from tests.e2e.conftest import Forge
from tests.e2e.test_crash import Workshop, empty_sqlite, workshop
from tests.e2e.test_serve import complaints, ends_within, serve
from tests.integration.office import OPERATOR
from tests.servers import wait_until

__all__ = ["empty_sqlite", "workshop"]  # fixtures


def carriage_returns() -> bytes:
    """What once held everything for seconds: a base64 text of bare CRs."""
    body = base64.encodebytes(b"\r" * 147_000)
    return b"From: a@evil.example\r\nSubject: x\r\nContent-Transfer-Encoding: base64\r\n\r\n" + body


def pax_digits(size: int = 400_000) -> bytes:
    """A tar whose PAX header is one number without an end (CVE-2024-6232 in Python before 3.11.10)."""
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, size
    packed = header.tobuf(tarfile.USTAR_FORMAT) + b"1" * size + b"\0" * (-size % 512)
    inner = tarfile.TarInfo("a.txt")
    packed += inner.tobuf(tarfile.USTAR_FORMAT) + b"\0" * 1024
    made = EmailMessage(policy=SMTP)
    made["From"], made["Subject"] = "b@evil.example", "x"
    made.set_content("text")
    made.add_attachment(packed, maintype="application", subtype="x-tar", filename="a.tar")
    return made.as_bytes()


def test_an_ordinary_citizen_is_answered_while_hostile_mails_are_read(
    forge: Forge, workshop: Workshop
) -> None:
    with workshop.lineage(mails=complaints(1)) as lineage:
        daemon = serve(forge, lineage)
        lineage.smtp.wait_for(2)
        hostile = [carriage_returns(), pax_digits(), pax_digits(500_000)]

        began = time.monotonic()
        lineage.box.append([*hostile, *complaints(1, first=50)], user=lineage.user)
        wait_until(lambda: lineage.smtp.messages_to("c50@example.sa"), 30, "the citizen's acknowledgement")
        answered_s = time.monotonic() - began

        wait_until(lambda: lineage.database.read_now(inbox.backlog) == 0, 60, "the end of the hostile mails")
        found = {row.reason for row in lineage.database.read_now(inbox.walk) if row.state == "quarantined"}
        if found:
            wait_until(lambda: lineage.smtp.messages_to(OPERATOR), 30, "the alert to the operator")
        code = ends_within(daemon, 10)

    assert code == 0
    assert answered_s < 15, "on a busy machine; at rest it is under a second"
    assert found <= {"too_costly"}
    assert "Traceback" not in daemon.said
