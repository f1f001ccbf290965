"""A restore of a backup that is older than an erasure brings nobody back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from daemon.backup import erasures
from daemon.backup.erasures import NAME
from daemon.front_desk import Complaint
from daemon.store import audit, schema
from daemon.store.database import Database
from tests.casework.conftest import OpenOffice
from tests.casework.test_erasure import KHALID, KHALID_MAIL, SARA, SARA_MAIL, close_all, lived, traces_in
from tests.casework.test_erasure import run as _run
from tests.casework.test_other_channels import brought
from tests.casework.test_whole_life import STAFF
from tests.integration.office import Office, mail, proven

run = _run
Run = Callable[..., int]
NOURA = "noura@noura.example"
BY_PHONE = Complaint("phone", "تأخر طلبي", "خالد", "+966541987650", request_number="7000009")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "elsewhere" / "a.backup"
    path.parent.mkdir()
    return path


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """Of the offices here."""
    path = tmp_path / "data"
    path.mkdir()
    return path


@pytest.fixture(autouse=True)
def _one_clock(monkeypatch: pytest.MonkeyPatch, clock: Any) -> None:
    for command in ("backups", "privacy", "privacy_holds"):
        monkeypatch.setattr(f"daemon.cli.{command}.SystemClock", lambda: clock)


@pytest.fixture(autouse=True)
def _nothing_aside(database: Database) -> Iterator[None]:
    """What a restore puts aside stays for a person to remove."""
    yield
    database.engine.dispose()
    assert database.path is not None
    for path in database.path.parent.glob("*.before-*"):
        path.unlink()


async def ended(office: Office) -> None:
    await office.system.fetch.close()
    office.system.liveness.close()
    office.system.database.engine.dispose()


async def backed_up_and_erased(office: Office, run: Run, archive: Path) -> None:
    """Both lived; a backup; both write once more; he is erased; an hour goes by."""
    await lived(office)
    assert run("db", "backup", str(archive)) == 0
    office.clock.advance(minutes=10)
    await office.handle(mail(**KHALID_MAIL | {"text": "رقم الطلب: ٢٠٢٦١٢٣٤٥ مرة أخرى"}))
    await office.handle(mail(**SARA_MAIL | {"text": "رقم الطلب: ٧٠٠٠٠٠٢ وهذا طلب آخر"}))
    close_all(office.system.database)
    assert run("privacy", "erase", KHALID, "--yes") == 0
    assert traces_in(office.system.database) == []
    office.clock.advance(hours=1)


def restored(run: Run, archive: Path, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run("db", "restore", str(archive), "--replace", "--json", *words) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    for path in told["put_aside"]:
        Path(path).unlink()
    return told


def senders(office: Office) -> list[str]:
    def found(connection: Any) -> list[str]:
        return list(connection.execute(select(schema.messages.c.sender_email)).scalars())

    return office.system.database.read_now(found)


async def test_who_was_erased_after_the_backup_stays_erased(
    open_office: OpenOffice, run: Run, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office(**STAFF) as office:
        await backed_up_and_erased(office, run, archive)
        known, hers = len(office.tickets()), senders(office).count(SARA)
        await ended(office)

    told = restored(run, archive, capsys)

    assert (told["erasures_recorded"], told["erased_again"], told["not_erased_again"]) == (1, 1, [])
    async with open_office(**STAFF) as again:
        assert traces_in(again.system.database) == []
        await again.work()  # the mailbox has his mails still, and hers
        assert traces_in(again.system.database) == []
        assert senders(again).count(SARA) == hers
        assert len(again.tickets()) == known - 1, "what he wrote after the backup is in no table any more"
        assert run("audit", "verify") == 0
        acts = [(one.act, one.about) for one in again.system.database.read_now(audit.latest)]
        assert [act for act, _ in acts].count("person_erased") == 1
        files = again.system.config.service.data_dir / "files"
        assert [path for path in files.rglob("*") if path.is_file()] == []


async def test_the_record_names_nobody_and_outlives_the_machine_beside_the_backups(
    open_office: OpenOffice, run: Run, archive: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office(**STAFF) as office:
        folder = office.system.config.backup.folder
        folder.mkdir(parents=True)
        await backed_up_and_erased(office, run, archive)
        await ended(office)
    records = [data_dir / NAME, folder / NAME]
    for path in records:
        assert path.stat().st_mode & 0o777 == 0o600
        text = path.read_text("utf-8")
        assert not [one for one in (KHALID, "khalid", "541987650", "العتيبي") if one in text]
    (data_dir / NAME).unlink()

    told = restored(run, archive, capsys)

    assert told["erased_again"] == 1
    assert erasures.read([data_dir]).erasures == erasures.read([folder]).erasures


async def test_a_backup_takes_the_record_along_and_knows_what_was_erased_before_it(
    open_office: OpenOffice, run: Run, archive: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office(**STAFF) as office:
        await backed_up_and_erased(office, run, archive)
        await office.handle(mail(**KHALID_MAIL, message_id="<he-is-back@example.sa>"))
        newer = archive.with_name("b.backup")
        assert run("db", "backup", str(newer)) == 0
        await ended(office)
    (data_dir / NAME).unlink()

    told = restored(run, newer, capsys)

    assert (told["erasures_recorded"], told["erased_again"]) == (1, 0)
    async with open_office(**STAFF) as again:
        assert senders(again).count(KHALID) == 1, "he came back by himself, after the erasure"
        await ended(again)

    assert restored(run, archive, capsys)["erased_again"] == 1
    async with open_office(**STAFF) as once_more:
        await once_more.work()
        assert senders(once_more).count(KHALID) == 1
        assert [one.requester.email for one in once_more.tickets()].count(KHALID) == 1


async def test_what_a_hold_keeps_and_what_was_only_begun_is_told(
    open_office: OpenOffice, run: Run, archive: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office(**STAFF) as office:
        assert run("privacy", "hold", KHALID, "--why", "case 12") == 0
        await lived(office)
        number = office.tickets()[0].number
        assert run("db", "backup", str(archive)) == 0
        assert run("privacy", "unhold", KHALID) == 0
        assert run("privacy", "erase", KHALID) == 0
        await ended(office)
    erasures.add(data_dir, erasures.Erasure("f" * 16, office.clock.now(), ("FRS-2026-000002-5",)))
    erasures.add(data_dir, erasures.Erasure("e" * 16, office.clock.now(), (number,)))
    with (data_dir / NAME).open("a") as record:
        record.write('{"id": "cut')

    told = restored(run, archive, capsys)

    assert told["erased_again"] == 0
    held, begun, unreadable = sorted(told["not_erased_again"], key=len, reverse=True)
    assert number in held
    assert "a legal hold" in held
    assert KHALID not in str(told)
    assert "FRS-2026-000002-5" in begun
    assert "1 lines" in unreadable
    assert run("db", "restore", str(archive), "--replace") == 0
    assert held in capsys.readouterr().out


async def test_without_a_record_it_is_said_what_is_to_be_done(
    open_office: OpenOffice, run: Run, archive: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office(**STAFF) as office:
        await backed_up_and_erased(office, run, archive)
        await ended(office)
    for path in (*data_dir.rglob(NAME), *archive.parent.glob(NAME)):
        path.unlink()
    capsys.readouterr()

    assert run("db", "restore", str(archive), "--replace") == 0

    assert "no erasure is recorded" in capsys.readouterr().out
    async with open_office(**STAFF) as again:
        assert traces_in(again.system.database)


async def test_a_database_put_in_its_place_forgets_too(
    open_office: OpenOffice, run: Run, archive: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office(**STAFF) as office:
        await backed_up_and_erased(office, run, archive)
        await ended(office)
    record = data_dir / NAME
    kept = record.read_bytes()
    record.unlink()
    restored(run, archive, capsys)
    record.write_bytes(kept)  # a continuous copy brings the database, and nothing else

    assert run("db", "restore", "--in-place", "--json") == 0

    told = json.loads(capsys.readouterr().out)
    assert (told["erased_again"], told["not_erased_again"]) == (1, [])
    async with open_office(**STAFF) as again:
        assert traces_in(again.system.database) == []


async def test_nobody_elses_complaint_goes_along(
    open_office: OpenOffice, run: Run, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # His call is all there is of him, and two others' complaints bear the same mobile.
    shared = {"text": "رقم الطلب: 7000001 تجاوز المدة\nجوالي 0541987650\n"}
    async with open_office(**STAFF) as office:
        await office.handle(mail(**SARA_MAIL | shared), mail(**SARA_MAIL | shared | {"sender": NOURA}))
        call = await brought(office, BY_PHONE)
        close_all(office.system.database)
        assert run("db", "backup", str(archive)) == 0
        others = [one for one in office.tickets() if one.requester.email]
        without = [word for one in others for word in ("--without", one.number)]
        assert run("privacy", "erase", "0541987650", *without) == 0
        await ended(office)

    told = restored(run, archive, capsys)

    assert (told["erased_again"], told["not_erased_again"]) == (1, [])
    async with open_office(**STAFF) as again:
        assert [one.requester.email for one in again.tickets()] == [SARA, NOURA, None]
        [his] = [one for one in again.tickets() if one.number == call.standing.number]
        assert his.requester.phone is None


async def test_a_complaint_that_was_left_out_is_left_out_again(
    open_office: OpenOffice, run: Run, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(**KHALID_MAIL))
        call = await brought(office, BY_PHONE)
        close_all(office.system.database)
        assert run("db", "backup", str(archive)) == 0
        assert run("privacy", "erase", KHALID, "--without", call.standing.number) == 0
        await ended(office)

    assert restored(run, archive, capsys)["erased_again"] == 1

    async with open_office(**STAFF) as again:
        his, brothers = again.tickets()
        assert (his.requester.email, his.requester.phone) == (None, None)
        assert (brothers.number, brothers.requester.phone) == (call.standing.number, "+966541987650")


async def test_a_mail_that_was_set_aside_and_the_mobile_on_anothers_complaint_go_again(
    open_office: OpenOffice, run: Run, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(**KHALID_MAIL | {"text": "ملحق"}, headers=[proven(verdict="fail")]))
        await office.handle(
            mail(**SARA_MAIL | {"text": "رقم الطلب: 7000001 تجاوز المدة\nجوالي 0541987650\n"})
        )
        close_all(office.system.database)
        assert run("db", "backup", str(archive)) == 0
        assert run("privacy", "erase", KHALID, "0541987650") == 0
        await ended(office)

    assert restored(run, archive, capsys)["erased_again"] == 1

    async with open_office(**STAFF) as again:
        assert traces_in(again.system.database, ("khalid", "العتيبي")) == []
        [hers] = again.tickets()
        assert (hers.requester.email, hers.requester.phone) == (SARA, None)


async def test_what_a_restore_put_aside_is_named_by_an_erasure(
    open_office: OpenOffice, run: Run, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office(**STAFF) as office:
        await lived(office)
        assert run("db", "backup", str(archive)) == 0
        await ended(office)
    assert run("db", "restore", str(archive), "--replace", "--without-mailbox") == 0
    capsys.readouterr()

    assert run("privacy", "erase", KHALID, "--force") == 0

    told = capsys.readouterr().out
    assert "still holds it: remove" in told
    assert ".before-" in told


async def test_an_erasure_whose_record_cannot_be_written_is_not_begun(
    open_office: OpenOffice, run: Run, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office(**STAFF) as office:
        await lived(office)
        (data_dir / NAME).mkdir()

        assert run("privacy", "erase", KHALID) == 1

        assert "the record of erasures cannot be written" in capsys.readouterr().err
        assert traces_in(office.system.database)


async def test_a_record_that_cannot_be_read_or_kept_is_told_in_one_line(
    open_office: OpenOffice, run: Run, archive: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office(**STAFF) as office:
        await backed_up_and_erased(office, run, archive)
        await ended(office)
    kept = (data_dir / NAME).read_bytes()
    (data_dir / NAME).unlink()
    (data_dir / NAME).mkdir()
    capsys.readouterr()

    assert run("db", "restore", str(archive), "--replace") == 1
    [line] = capsys.readouterr().err.splitlines()
    assert "nothing was restored: the record of erasures cannot be read or kept" in line
    assert run("db", "backup", str(archive.with_name("b.backup"))) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert "no backup was made" in line

    (data_dir / NAME).rmdir()
    (archive.parent / NAME).write_bytes(kept)
    told = restored(run, archive, capsys)
    assert told["erased_again"] == 1
    assert erasures.read([data_dir]) == erasures.read([archive.parent])
