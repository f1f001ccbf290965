"""After a restore: what the mailbox still has is there again under its own number, and nobody hears twice.

A backup is a copy of the whole database; the loss puts that copy back under a world that has gone on.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from daemon.casework import logbook, outgoing
from daemon.mail.trust.tokens import Keyring
from daemon.store import holds, recovery, tickets
from daemon.store.database import Database
from daemon.store.hold_rows import By
from daemon.store.holds import What
from tests.casework.conftest import OpenOffice, driver_of
from tests.casework.test_whole_life import KHALID, STAFF, TEAM, last, staff_answer
from tests.integration.office import Office, mail, proven

LOGBOOK = "Shakwa-Logbook"
GATEWAYS = {"email": ("smtp",), "sms": ("unifonic",)}


@dataclass
class Vault:
    """A backup of the database under test."""

    database: Database
    taken_at: datetime | None = None

    def __post_init__(self) -> None:
        self._copy = sqlite3.connect(":memory:", check_same_thread=False)

    def back_up(self, office: Office) -> None:
        self.taken_at = office.clock.now()
        with self.database.engine.connect() as connection:
            driver_of(connection).backup(self._copy)

    def restore(self, office: Office) -> None:
        """As `db restore` does: the copy, on hold, with its numbers far ahead."""
        assert self.taken_at is not None
        with self.database.engine.connect() as connection:
            self._copy.backup(driver_of(connection))
        self.database.transact_now(recovery.mark, self.taken_at, office.clock.now(), "sara", GATEWAYS)

    def close(self) -> None:
        self._copy.close()


@pytest.fixture
def vault(database: Database) -> Any:
    vault = Vault(database)
    yield vault
    vault.close()


@contextlib.asynccontextmanager
async def lost_and_restored(
    open_office: OpenOffice, vault: Vault, office: Office, **changed: Any
) -> AsyncIterator[Office]:
    """The daemon ends, the database is lost and restored, and another daemon starts, on hold."""
    await office.system.fetch.close()
    office.system.liveness.close()
    office.clock.advance(hours=3)
    vault.restore(office)
    async with open_office(**changed) as again:
        await again.work()
        yield again


async def release(office: Office) -> None:
    by = By("sara", "looked at", office.clock.now())
    office.system.database.transact_now(outgoing.release, What("all"), by, GATEWAYS)
    await office.work()


def heard(office: Office) -> list[tuple[str, bytes]]:
    """All that anybody was sent so far, by mail and SMS."""
    relay, gateway = office.smtp, office.sms
    return [(one.recipient, one.content) for one in (*relay.taken, *gateway.taken)]  # type: ignore[attr-defined]


def since(office: Office, said: list[tuple[str, bytes]]) -> Counter[str]:
    """How often everybody was written to since `said`."""
    return Counter(recipient for recipient, _ in heard(office)) - Counter(recipient for recipient, _ in said)


def complaint(number: int) -> bytes:
    return mail(
        sender=f"c{number}@example.sa",
        text=f"السلام عليكم\nطلبي رقم 2026{number:05d} متأخر\nجوالي 05{number:08d}\n",
        message_id=f"<c{number}@example.sa>",
    )


def stood(office: Office) -> dict[str, Any]:
    """All that the tickets are, and what was promised."""
    found = {one.ticket.number: (one.id, one.ticket) for one in office.system.database.read_now(tickets.walk)}
    return {"tickets": found, "deadlines": {tuple(row) for row in office.deadline_rows()}}


async def test_complaints_after_the_backup_keep_their_numbers_and_nobody_hears_twice(
    open_office: OpenOffice, vault: Vault
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(complaint(1))
        vault.back_up(office)
        for batch in range(4):
            office.clock.advance(minutes=20)
            await office.handle(*(complaint(10 * batch + number) for number in range(2, 12)))
        await office.handle(complaint(1))  # the same once more
        before, said = stood(office), heard(office)

        async with lost_and_restored(open_office, vault, office, **STAFF) as again:
            assert stood(again) == before
            assert heard(again) == said
            await release(again)
            assert heard(again) == said
            assert len(again.tickets()) == 41
            assert not again.outbox() or {row.state for row in again.outbox()} <= {"sent", "suppressed"}


async def test_a_mail_that_came_after_the_loss_is_answered_once_the_hold_is_released(
    open_office: OpenOffice, vault: Vault
) -> None:
    async with open_office() as office:
        vault.back_up(office)
        office.clock.advance(minutes=5)
        await office.handle(complaint(1), complaint(2))
        said = heard(office)
        office.arrive(complaint(3))

        async with lost_and_restored(open_office, vault, office) as again:
            assert heard(again) == said
            await release(again)
            new = since(again, said)

    assert new == {"c3@example.sa": 1, "+966500000003": 1, TEAM: 1}


async def test_a_long_story_after_the_backup_is_told_again_to_nobody_and_ends_as_it_did(
    open_office: OpenOffice, vault: Vault
) -> None:
    async with open_office(**STAFF) as office:
        vault.back_up(office)
        await office.handle(mail(message_id="<first@example.sa>", headers=[proven()]))
        notice = last(office, TEAM)
        office.clock.advance(hours=2)
        await office.handle(staff_answer(notice, "نعمل على الطلب"))
        office.clock.advance(days=1)
        answer = last(office, KHALID)
        await office.handle(
            mail(subject="Re: شكوى", text="وماذا بعد؟", answers=str(answer["Message-ID"]), headers=[proven()])
        )
        office.clock.advance(hours=1)
        await office.handle(staff_answer(notice, "#حل\nأنجز الطلب"))
        for _ in range(30):  # closed, surveyed, reminded
            office.clock.advance(hours=6)
            await office.work()
        before, said = stood(office), heard(office)
        assert office.ticket().state == "closed"

        async with lost_and_restored(open_office, vault, office, **STAFF) as again:
            await release(again)
            after = stood(again)
            assert [(a[0], a[1].state, a[1].close_reason) for a in after["tickets"].values()] == [
                (b[0], b[1].state, b[1].close_reason) for b in before["tickets"].values()
            ]
            assert heard(again) == said
            for _ in range(12):
                again.clock.advance(hours=6)
                await again.work()
            assert heard(again) == said


async def test_a_member_of_staff_answers_a_notice_of_before_the_loss_and_reaches_its_citizen(
    open_office: OpenOffice, vault: Vault
) -> None:
    async with open_office(**STAFF) as office:
        vault.back_up(office)
        await office.handle(complaint(1), complaint(2), complaint(3))
        notices = office.mails_to(TEAM)

        async with lost_and_restored(open_office, vault, office, **STAFF) as again:
            await release(again)
            said = heard(again)
            for number, notice in enumerate(notices, 1):
                await again.handle(staff_answer(notice, f"جواب الشكوى {number}"))
            new = since(again, said)

    assert {one: count for one, count in new.items() if one.endswith("@example.sa")} == {
        f"c{number}@example.sa": 1 for number in range(1, 4)
    }


async def test_what_waited_is_said_after_the_release_and_what_left_since_is_not(
    open_office: OpenOffice, vault: Vault
) -> None:
    async with open_office() as office:
        office.sms.is_away = True  # type: ignore[attr-defined]
        await office.handle(complaint(1))
        vault.back_up(office)
        office.sms.is_away = False  # type: ignore[attr-defined]
        office.clock.advance(minutes=30)
        await office.work_until(lambda: office.sms_to("+966500000001"), "the SMS", minutes=10)
        office.smtp.is_away = True  # type: ignore[attr-defined]
        await office.handle(complaint(2))
        office.clock.advance(minutes=5)
        await office.handle(complaint(3))
        said = heard(office)
        assert not office.mails_to("c2@example.sa")
        office.smtp.is_away = False  # type: ignore[attr-defined]

        async with lost_and_restored(open_office, vault, office) as again:
            await release(again)
            new = since(again, said)

    assert new["c2@example.sa"] == 1
    assert new["+966500000001"] == 0
    assert new["c1@example.sa"] == 0


async def test_without_a_logbook_nothing_is_lost_nothing_said_and_no_number_given_twice(
    open_office: OpenOffice, vault: Vault
) -> None:
    async with open_office(backup={"logbook": ""}) as office:
        vault.back_up(office)
        office.clock.advance(minutes=5)
        await office.handle(*(complaint(number) for number in range(1, 21)))
        numbers = {one.number for one in office.tickets()}
        said = heard(office)

        async with lost_and_restored(open_office, vault, office, backup={"logbook": ""}) as again:
            await release(again)

            assert heard(again) == said
            assert {one.requester.email for one in again.tickets()} == {
                f"c{number}@example.sa" for number in range(1, 21)
            }
            assert not numbers & {one.number for one in again.tickets()}
            assert {row.last_error for row in again.outbox()} == {
                "restored: it may have been said before the loss"
            }


async def test_a_second_restore_of_the_same_backup_ends_the_same(
    open_office: OpenOffice, vault: Vault
) -> None:
    async with open_office() as office:
        vault.back_up(office)
        await office.handle(*(complaint(number) for number in range(1, 6)))
        before, said = stood(office), heard(office)

        async with lost_and_restored(open_office, vault, office) as again:
            await again.handle(complaint(6))
            async with lost_and_restored(open_office, vault, again) as third:
                assert {k: v for k, v in stood(third)["tickets"].items() if k in before["tickets"]} == before[
                    "tickets"
                ]
                assert len(third.tickets()) == 6
                await release(third)
                assert since(third, said)["c1@example.sa"] == 0


async def test_the_hold_cannot_be_released_before_the_mailbox_was_read(
    open_office: OpenOffice, vault: Vault
) -> None:
    async with open_office() as office:
        await office.handle(complaint(1))
        vault.back_up(office)
        vault.restore(office)
        by = By("sara", "in a hurry", office.clock.now())

        with pytest.raises(outgoing.CatchingUp, match="read the mailbox first"):
            office.system.database.transact_now(outgoing.release, What("all"), by, GATEWAYS)

        assert office.system.database.read_now(holds.in_force)


async def test_nothing_is_decided_before_the_mailbox_was_read(open_office: OpenOffice, vault: Vault) -> None:
    """The citizen's answer lies in the mailbox: nothing may be held against their silence."""
    async with open_office() as office:
        await office.handle(mail(text="لم يصلني شيء", message_id="<m@example.sa>"))
        vault.back_up(office)
        office.clock.advance(days=1)
        asked = last(office, KHALID)
        await office.handle(
            mail(subject="Re: شكوى", text="رقم الطلب 202612345", answers=str(asked["Message-ID"]))
        )
        assert office.ticket().state == "open"
        office.clock.advance(days=20)

        async with lost_and_restored(open_office, vault, office) as again:
            assert again.ticket().state == "open"


async def test_a_page_of_the_logbook_holds_no_data_of_anybody(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(message_id="<secret.id@example.sa>"))
        await office.system.fetch.logbook.write(is_last=True)  # type: ignore[union-attr]
        pages = [one.raw for one in office.box.folders[LOGBOOK].values()]  # type: ignore[attr-defined]
        keys = office.system.fetch.logbook._binding.keys  # type: ignore[union-attr]

    import base64
    import zlib

    assert pages
    for raw in pages:
        body = raw.partition(b"\r\nsignature ")[2].partition(b"\r\n")[2]
        text = zlib.decompress(base64.b64decode(body)).decode()
        assert not [word for word in ("khalid", "966", "0501", "202612345", "secret.id") if word in text]
        assert logbook.unbound(raw, keys) is not None


async def test_a_page_that_is_not_ours_is_passed_over(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(complaint(1))
        (raw, *_) = [one.raw for one in office.box.folders[LOGBOOK].values()]  # type: ignore[attr-defined]

    assert logbook.unbound(raw, Keyring(b"another secret of ours")) is None
    assert logbook.unbound(raw.replace(b"signature ", b"signature 0"), Keyring(b"0123456789abcdef")) is None
    assert logbook.unbound(b"Subject: hello\r\n\r\nsignature x\r\n!!", Keyring(b"0123456789abcdef")) is None
    assert logbook.unbound(b"", Keyring(b"0123456789abcdef")) is None


async def test_a_server_that_takes_no_page_still_has_its_mail_filed(open_office: OpenOffice) -> None:
    async with open_office() as office:

        async def refuse(folder: str, raw: bytes) -> None:
            from daemon.mail.wire.imap.errors import MailboxUnavailable

            raise MailboxUnavailable("server refused APPEND: over quota")

        office.box.keep = refuse  # type: ignore[attr-defined]
        await office.handle(complaint(1))

        assert office.folders() == {"INBOX": 0, "Processed": 1, "Quarantine": 0}


async def test_a_mail_that_no_page_names_was_answered_all_the_same(
    open_office: OpenOffice, vault: Vault
) -> None:
    """It lies in the folder of decided mail; the server took no page when it was filed."""
    async with open_office() as office:
        office.arrive(complaint(1))
        vault.back_up(office)
        await office.work()
        office.clock.advance(minutes=5)
        await office.handle(complaint(2))
        pages = office.box.folders[LOGBOOK]  # type: ignore[attr-defined]
        del pages[min(pages)]
        said = heard(office)

        async with lost_and_restored(open_office, vault, office) as again:
            await release(again)

            assert heard(again) == said
            assert len(again.tickets()) == 2
