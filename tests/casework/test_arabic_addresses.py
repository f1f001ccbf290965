"""A citizen whose address has Arabic letters before the @: answered where the relay can, else staff hear."""

from __future__ import annotations

from daemon.mail.wire.smtp.connection import NEEDS_SMTPUTF8
from tests.casework.conftest import OpenOffice
from tests.integration.office import TEAM, mail, proven

KHALID = "خالد@example.sa"
FROM_KHALID = mail("khalid@example.sa", headers=[proven()]).replace(
    b"From: khalid@example.sa", f"From: {KHALID}".encode()
)
"""As a server sends it that speaks SMTPUTF8 (RFC 6532, section 3.2)."""


async def test_it_is_answered_at_the_address_as_it_was_written(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(FROM_KHALID)

        taken = office.smtp.messages_to(KHALID)
        assert f"\r\nTo: {KHALID}\r\n".encode() in taken[0].content
        assert not office.outbox("staff_delivery_failed")


async def test_staff_hear_that_the_relay_cannot_write_to_it(open_office: OpenOffice) -> None:
    async with open_office() as office:
        office.smtp.rcpt[KHALID] = f"553 5.6.7 {NEEDS_SMTPUTF8}"

        await office.handle(FROM_KHALID)

        assert [row.state for row in office.outbox("received", channel="email")] == ["failed"]
        told = office.outbox("staff_delivery_failed")
        assert [row.recipient for row in told] == [TEAM]
        assert "SMTPUTF8" in str(told[0].values)
        assert not office.ticket().requester.is_email_dead
