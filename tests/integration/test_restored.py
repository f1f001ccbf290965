"""A backup, a loss and the way back between real servers, on both databases."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from daemon.backup.erasures import Erasure
from daemon.backup.making import Source, make
from daemon.backup.restoring import Target, restore
from daemon.casework import erasure, outgoing, person
from daemon.casework.erased_again import Redone, redo
from daemon.casework.erasure import Order
from daemon.store import audit, places
from daemon.store.database import Database
from daemon.store.hold_rows import By
from daemon.store.holds import What
from tests.casework.test_erasure import KHALID, KHALID_MAIL, SARA, SARA_MAIL, close_all, traces_in
from tests.integration.conftest import OpenOffice
from tests.integration.office import Office, mail

GATEWAYS = {"email": ("smtp",), "sms": ("unifonic",)}


def complaint(number: int, filler: str = "") -> bytes:
    return mail(
        sender=f"c{number}@example.sa",
        text=f"السلام عليكم\nطلبي رقم 2026{number:05d} متأخر\nجوالي 05{number:08d}\n{filler}",
        message_id=f"<c{number}@example.sa>",
    )


def heard(office: Office) -> Counter[str]:
    mails = Counter(recipient for one in office.smtp.taken for recipient in one.rcpt_to)
    return mails + Counter(one.to for one in office.sms.sent)


def numbers(office: Office) -> dict[str | None, str]:
    return {one.requester.email: one.number for one in office.tickets()}


async def test_complaints_after_a_backup_are_there_again_and_nobody_hears_twice(
    open_office: OpenOffice, database_url: str, tmp_path: Path
) -> None:
    async with open_office(limits={"message_mb": 1}) as office:
        await office.handle(complaint(1))
        source = Source(database_url, tmp_path / "files", tmp_path)
        archive = make(source, tmp_path / "a.backup", office.clock.now()).path
        office.clock.advance(minutes=5)
        await office.handle(*(complaint(number) for number in range(2, 14)))
        await office.handle(complaint(14, "x" * 1_200_000))  # over the limit: its header alone was read
        known, said, folders = numbers(office), heard(office), office.folders()
        office.arrive(complaint(15))
    office.clock.advance(hours=1)
    target = Target(database_url, tmp_path / "files", tmp_path, GATEWAYS, "sara", is_replacing=True)
    restore(archive, target, office.clock.now())

    async with open_office(limits={"message_mb": 1}) as again:
        await again.work()
        assert known.items() <= numbers(again).items()
        assert heard(again) == said
        by = By("sara", "looked at", again.clock.now())
        again.system.database.transact_now(outgoing.release, What("all"), by, GATEWAYS)
        await again.work()

        new = heard(again) - said
        assert {who.lstrip("+"): count for who, count in new.items()} == {
            "c15@example.sa": 1,
            "966500000015": 1,
            "care@momah.gov.sa": 1,
        }
        assert again.folders() == folders | {"Processed": folders["Processed"] + 1}
        assert again.system.database.read_now(places.read_until) is not None


async def test_who_was_erased_after_a_backup_stays_erased(
    open_office: OpenOffice, database_url: str, tmp_path: Path
) -> None:
    recorded: list[Erasure] = []
    redone = Redone()
    async with open_office() as office:
        await office.handle(mail(**KHALID_MAIL, message_id="<1@x>"), mail(**SARA_MAIL))
        source = Source(database_url, tmp_path / "files", tmp_path)
        archive = make(source, tmp_path / "a.backup", office.clock.now()).path
        office.clock.advance(minutes=5)
        await office.handle(mail(**KHALID_MAIL | {"text": "رقم الطلب: ٢٠٢٦١٢٣٤٥ مرة أخرى"}))
        database, now = office.system.database, office.clock.now()
        close_all(database)
        erasure.erase(database, person.read([KHALID]), Order("root", now), lambda text: None, recorded.append)
    office.clock.advance(hours=1)

    def settle(database: Database) -> None:
        redo(database, recorded, "sara", office.clock.now(), redone)

    target = Target(
        database_url, tmp_path / "files", tmp_path, GATEWAYS, "sara", is_replacing=True, settle=settle
    )
    restore(archive, target, office.clock.now())
    for path in tmp_path.rglob("*.before-*"):
        path.unlink()

    async with open_office() as again:
        assert (redone.count, redone.left) == (1, [])
        assert traces_in(again.system.database) == []
        await again.work()
        assert traces_in(again.system.database) == []
        assert [one.requester.email for one in again.tickets()] == [None, SARA]
        assert again.system.database.read_now(audit.verify).holds
