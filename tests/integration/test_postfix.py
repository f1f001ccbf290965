"""The SMTP adapter against a real Postfix: TLS, groups of commands, greylisting, its rate, its reports."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from daemon.clock import ManualClock
from daemon.courier import FrozenMessage, TemporaryFailure
from daemon.mail.wire.smtp.courier import SmtpCourier
from daemon.mail.wire.smtp.dialogue import Dialogue
from daemon.mail.wire.smtp.settings import SmtpSettings
from daemon.store.database import Database
from tests.casework.conftest import offices_of
from tests.casework.receipts import row_of
from tests.conftest import started
from tests.integration.office import START, proven
from tests.integration.office import mail as mail_from
from tests.servers.postfix import GONE, HOME, SLOW, TAKEN, Postfix, postfix

INFOCS = f"infocs@{HOME}"


@pytest.fixture(scope="module")
def server() -> Iterator[Postfix]:
    with started(postfix()) as running:
        yield running


@contextlib.asynccontextmanager
async def courier_at(server: Postfix, **changes: object) -> AsyncIterator[SmtpCourier]:
    known: dict[str, object] = {"host": server.host, "port": server.port, "ca_file": str(server.ca_file)}
    known |= {"security": "starttls", "local_hostname": "desk.test"}
    courier = SmtpCourier(SmtpSettings(**{**known, **changes}))  # type: ignore[arg-type]
    try:
        yield courier
    finally:
        await courier.close()


def mail(recipient: str, subject: str) -> FrozenMessage:
    content = f"From: {INFOCS}\r\nTo: {recipient}\r\nSubject: {subject}\r\n\r\n.\r\nbody\r\n".encode()
    return FrozenMessage(INFOCS, recipient, content, f"<{subject}@{HOME}>")


async def test_mails_go_in_two_writes_each_over_starttls(
    server: Postfix, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes: list[int] = []
    send = Dialogue.send

    def counted(self: Dialogue, octets: bytes, *, answers: int = 1) -> None:
        writes.append(len(octets))
        send(self, octets, answers=answers)

    monkeypatch.setattr(Dialogue, "send", counted)
    async with courier_at(server, connections=1) as courier:
        for number in range(5):
            await courier.deliver(mail(f"k@{TAKEN}", f"two-writes-{number}"))
        assert len(writes) == 10
        assert "STARTTLS" in await courier.check()

    assert server.wait_for(b"two-writes-4").endswith(b"\n\n.\nbody\n")


async def test_a_relay_that_demands_tls_gets_nothing_in_clear(server: Postfix) -> None:
    async with courier_at(server, security="none") as courier:
        with pytest.raises(TemporaryFailure, match="STARTTLS") as caught:
            await courier.deliver(mail(f"k@{TAKEN}", "in-clear"))

    assert caught.value.outage
    assert not any(b"in-clear" in one for one in server.mails())


async def test_greylisting_puts_off_one_recipient_and_the_connection_goes_on(server: Postfix) -> None:
    async with courier_at(server, connections=1) as courier:
        with pytest.raises(TemporaryFailure) as caught:
            await courier.deliver(mail(f"grey@{TAKEN}", "grey"))
        await courier.deliver(mail(f"k@{TAKEN}", "other"))
        await courier.deliver(mail(f"grey@{TAKEN}", "grey"))

    assert caught.value.code == "450 4.2.0"
    assert not caught.value.outage
    assert caught.value.retry_after is None


async def test_a_rate_is_an_outage_with_a_minutes_silence(server: Postfix) -> None:
    async with courier_at(server, port=server.hasty_port) as courier:
        for number in range(2):
            await courier.deliver(mail(f"k@{TAKEN}", f"hasty-{number}"))
        with pytest.raises(TemporaryFailure, match="slower") as caught:
            await courier.deliver(mail(f"k@{TAKEN}", "hasty-2"))

    assert caught.value.outage
    assert caught.value.retry_after is not None
    assert caught.value.retry_after.total_seconds() == 60


async def test_an_arabic_address_arrives_by_smtputf8(server: Postfix) -> None:
    async with courier_at(server) as courier:
        await courier.deliver(mail(f"خالد@{TAKEN}", "smtputf8"))

    assert f"خالد@{TAKEN}".encode() in server.wait_for(b"smtputf8")


@pytest.mark.parametrize(
    "domain, mark, standing",
    [(GONE, b"Action: failed", "undelivered"), (SLOW, b"Action: delayed", "accepted")],
)
async def test_what_postfix_reports_of_a_mail_of_ours_is_its_receipt(
    server: Postfix, sqlite_database: Database, tmp_path: Path, domain: str, mark: bytes, standing: str
) -> None:
    """A mail of the desk's own making, sent to a real Postfix; its real report, read by the desk."""
    async with offices_of(sqlite_database, ManualClock(START), tmp_path)() as office:
        citizen = f"khalid@{domain}"
        await office.handle(mail_from(citizen, headers=[proven(domain)]))
        row = office.outbox("received", channel="email")[-1]
        made = office.smtp.messages_to(citizen)[-1]
        async with courier_at(server) as courier:
            await courier.deliver(FrozenMessage(INFOCS, citizen, made.content, row.reference))
        report = await asyncio.to_thread(server.wait_for, mark, row.reference.encode())

        await office.handle(report)

        assert row_of(office, row).standing == standing  # type: ignore[arg-type]
        assert [line.kind for line in office.inbox()][-1] == "bounce"
