"""What comes attached, scanned by a real clamd: withheld, passed on later, told of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from daemon.cli import doctor
from daemon.cli.doctor_mail import Unwell
from daemon.templating.defanging import defanged
from tests.casework.test_attachments import PDF, carrying, files_of, lying, rows, told, with_more
from tests.casework.test_whole_life import KHALID, NOURA, STAFF, staff_answer
from tests.integration.conftest import OpenOffice
from tests.integration.office import TEAM, Office, mail, text_of
from tests.servers.clamd import INFECTED, SIGNATURE, STREAM_MAX_BYTES, ClamdServer


def scanned_by(server: ClamdServer, **more: Any) -> dict[str, Any]:
    return {"socket": str(server.path), **more}


async def test_an_infected_file_is_kept_in_its_mail_and_passed_on_to_nobody(
    open_office: OpenOffice, clamd_server: ClamdServer
) -> None:
    async with open_office(clamav=scanned_by(clamd_server)) as office:
        await office.handle(carrying(("bad.pdf", PDF + INFECTED), ("good.pdf", PDF)))

        number = office.ticket().number
        assert [(one.verdict, one.detail.startswith(SIGNATURE)) for one in rows(office)] == [
            ("infected", True),
            ("clean", False),
        ]
        assert set(files_of(told(office))) == {f"{number}-attachment-2.pdf"}
        assert f"{number}-attachment-1.pdf (bad.pdf): {defanged(SIGNATURE)}" in text_of(told(office))
        assert lying(office) == 1


async def test_a_file_that_the_scanner_never_takes_is_withheld_for_good_where_it_fails_closed(
    open_office: OpenOffice, clamd_server: ClamdServer
) -> None:
    async with open_office(clamav=scanned_by(clamd_server, fail_closed=True)) as office:
        await office.handle(carrying(("a.pdf", PDF.ljust(STREAM_MAX_BYTES + 5))))

        assert files_of(told(office)) == {}
        assert [(one.verdict, one.detail, one.must_scan) for one in rows(office)] == [
            ("unscanned", "too_large_for_scanner", False)
        ]


async def test_what_was_withheld_goes_to_staff_once_the_scanner_is_back(
    open_office: OpenOffice, tmp_path: Path, clamd_server: ClamdServer
) -> None:
    socket = tmp_path / "clamd"
    async with open_office(clamav={"socket": str(socket), "fail_closed": True}) as office:
        await office.handle(carrying(("good.pdf", PDF), ("bad.pdf", PDF + INFECTED)))
        assert files_of(told(office)) == {}
        assert await office.system.rescan.run() is False

        socket.symlink_to(clamd_server.path)
        forget_the_rest(office)
        assert await office.system.rescan.run() is True
        assert await office.system.rescan.run() is False
        await office.work()

        number = office.ticket().number
        (first, second) = office.mails_to(TEAM)
        assert files_of(second) == {f"{number}-attachment-1.pdf": PDF}
        assert "والنتيجة أدناه" in text_of(second)
        assert f"{number}-attachment-2.pdf (bad.pdf): {defanged(SIGNATURE)}" in text_of(second)
        assert first["References"] == second["References"]
        assert [(one.verdict, one.must_scan) for one in rows(office)] == [
            ("clean", False),
            ("infected", False),
        ]


async def test_staff_who_have_a_file_hear_of_it_again_only_where_it_is_infected(
    open_office: OpenOffice, tmp_path: Path, clamd_server: ClamdServer
) -> None:
    socket = tmp_path / "clamd"
    async with open_office(clamav={"socket": str(socket)}) as office:
        await office.handle(
            carrying(("good.pdf", PDF), message_id="<1@example.sa>"),
            carrying(("bad.pdf", PDF + INFECTED), message_id="<2@example.sa>", subject="ثانية"),
        )
        assert len(office.mails_to(TEAM)) == 2

        socket.symlink_to(clamd_server.path)
        forget_the_rest(office)
        assert await office.system.rescan.run() is True
        await office.work()

        assert len(office.mails_to(TEAM)) == 3
        assert "bad.pdf" in text_of(told(office))
        assert "good.pdf" not in text_of(told(office))
        assert files_of(told(office)) == {}


def forget_the_rest(office: Office) -> None:
    """The scanner's rest is on the real clock."""
    filing = office.system.rescan._filing
    filing._rests_until = 0.0


async def test_a_mail_whose_scan_we_cut_off_by_stopping_is_taken_up_at_the_next_start(
    open_office: OpenOffice, clamd_server: ClamdServer
) -> None:
    async with open_office(clamav=scanned_by(clamd_server)) as office:
        office.system.desk.stop()
        office.arrive(carrying(("a.pdf", PDF)))
        await office.system.fetch.step()
        await office.system.desk.step()

        assert office.tickets() == []
        assert {row.state for row in office.inbox()} == {"queued"}
    async with open_office(clamav=scanned_by(clamd_server)) as office:
        await office.work()

        assert len(files_of(told(office))) == 1
        assert [one.verdict for one in rows(office)] == ["clean"]


async def test_doctor_tells_of_the_folder_and_the_scanner(
    open_office: OpenOffice, clamd_server: ClamdServer, tmp_path: Path
) -> None:
    async with open_office(clamav=scanned_by(clamd_server, fail_closed=True)) as office:
        config = office.system.config
        assert "can be written" in await doctor._files(config)
        assert (await doctor._scanner(config)).startswith("ClamAV ")
    async with open_office() as office:
        assert "without a scan" in await doctor._scanner(office.system.config)
    async with open_office(clamav={"socket": str(tmp_path / "none")}) as office:
        with pytest.raises(Unwell, match="passed on with a caution"):
            await doctor._scanner(office.system.config)


async def test_an_infected_file_of_staff_never_reaches_the_citizen(
    open_office: OpenOffice, clamd_server: ClamdServer
) -> None:
    async with open_office(**STAFF, clamav=scanned_by(clamd_server)) as office:
        await office.handle(mail())
        answer = staff_answer(told(office), "نرفق لكم الخطاب.")
        await office.handle(with_more(answer, ("b.pdf", PDF + INFECTED)))

        assert files_of(office.mails_to(KHALID)[-1]) == {}
        assert defanged(SIGNATURE) in text_of(office.mails_to(NOURA)[0])
