"""What comes attached, on its whole way: judged, kept once, passed on to staff and citizens."""

from __future__ import annotations

import hashlib
import json
import os
import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Row, select, update

from daemon.casework.file_counter import FileCounter
from daemon.casework.files import Shelf, remove_orphans
from daemon.cli.main import main
from daemon.reading.reader import OwnReader
from daemon.store import schema
from daemon.store.files import FileStore
from daemon.web.app import WebSettings, build_app
from tests.casework.conftest import OpenOffice
from tests.casework.test_whole_life import KHALID, NOURA, STAFF, staff_answer
from tests.integration.office import TEAM, Office, mail, text_of

PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\n"
EXE = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0" + b"\0" * 200
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 3000
MB = 2**20


def carrying(*files: tuple[str, bytes], **given: Any) -> bytes:
    """A complaint with these files, all declared as octets."""
    made = message_from_bytes(mail(**given), policy=policy.SMTP)
    assert isinstance(made, EmailMessage)
    for name, content in files:
        made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return made.as_bytes()


def rows(office: Office) -> list[Row[Any]]:
    with office.system.database.engine.connect() as connection:
        return list(connection.execute(select(schema.attachments).order_by(schema.attachments.c.id)))


def stored(office: Office) -> FileStore:
    return FileStore(office.system.config.service.data_dir / "files")


def lying(office: Office) -> int:
    return sum(path.is_file() for path in stored(office).folder.rglob("*"))


def files_of(message: EmailMessage) -> dict[str, bytes]:
    return {part.get_filename() or "": part.get_content() for part in message.iter_attachments()}


def told(office: Office) -> EmailMessage:
    return office.mails_to(TEAM)[-1]


async def test_a_file_goes_to_staff_with_the_notice_under_a_name_of_ours(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(carrying(("تقرير\u202e.pdf", PDF), ("صورة.png", PNG)))

        number = office.ticket().number
        notice = told(office)
        assert files_of(notice) == {f"{number}-attachment-1.pdf": PDF, f"{number}-attachment-2.png": PNG}
        assert [part.get_content_type() for part in notice.iter_attachments()] == [
            "application/pdf",
            "image/png",
        ]
        assert f"{number}-attachment-1.pdf (تقرير.pdf)" in text_of(notice)
        assert [(one.filename, one.media_type, one.verdict) for one in rows(office)] == [
            ("تقرير.pdf", "application/pdf", "unscanned"),
            ("صورة.png", "image/png", "unscanned"),
        ]
        assert lying(office) == 2


async def test_the_octets_are_not_kept_once_more_for_each_notice(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(carrying(("a.png", PNG * 300)))

        (row,) = office.outbox("staff_new")
        assert len(row.frozen) < 30_000
        assert len(files_of(told(office))[f"{office.ticket().number}-attachment-1.png"]) == len(PNG) * 300


async def test_the_same_file_in_two_mails_lies_there_once_and_is_counted_on(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(carrying(("a.pdf", PDF), message_id="<1@example.sa>"))
        await office.handle(
            carrying(("b.pdf", PDF), ("c.png", PNG), message_id="<2@example.sa>", subject="ثانية")
        )

        number = office.ticket().number
        assert [one.name for one in rows(office)] == [
            f"{number}-attachment-1.pdf",
            f"{number}-attachment-2.pdf",
            f"{number}-attachment-3.png",
        ]
        assert lying(office) == 2
        assert set(files_of(told(office))) == {f"{number}-attachment-2.pdf", f"{number}-attachment-3.png"}


async def test_what_runs_is_named_and_not_passed_on_and_its_text_is(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(carrying(("report.pdf", EXE), ("وثيقة.pdf\u202e.scr", PDF), ("c.pdf", PDF)))

        number = office.ticket().number
        notice = told(office)
        assert set(files_of(notice)) == {f"{number}-attachment-3.pdf"}
        assert [(one.verdict, one.detail) for one in rows(office)] == [
            ("blocked", "exe"),
            ("blocked", "scr"),
            ("unscanned", ""),
        ]
        text = text_of(notice)
        assert "لم تُسلَّم" in text
        assert f"{number}-attachment-1.exe (report.pdf)" in text
        assert "٢٠٢٦١٢٣٤٥" in text
        assert lying(office) == 1


async def test_what_is_too_large_or_too_many_is_named(open_office: OpenOffice) -> None:
    limits = {"attachment_mb": 1, "attachments_mb": 2, "attachments_max": 4}
    async with open_office(limits=limits) as office:
        half = PDF.ljust(800_000, b"x")
        await office.handle(
            carrying(
                ("1.pdf", half),
                ("2.pdf", PDF.ljust(MB + 1)),
                ("3.pdf", half),
                ("4.pdf", half),
                ("5.pdf", PDF),
            )
        )

        assert [(one.verdict, one.detail) for one in rows(office)] == [
            ("unscanned", ""),
            ("too_large", "file"),
            ("unscanned", ""),
            ("too_large", "mail"),
            ("too_many", "too_many"),
        ]
        assert len(files_of(told(office))) == 2
        assert all(f"({at}.pdf)" in text_of(told(office)) for at in range(1, 6))


async def test_large_files_are_said_to_lie_with_us_where_no_web_serves_them(open_office: OpenOffice) -> None:
    async with open_office(limits={"attachments_to_staff_mb": 1}) as office:
        await office.handle(carrying(("big.pdf", PDF.ljust(MB + 1)), ("small.pdf", PDF)))

        number = office.ticket().number
        assert set(files_of(told(office))) == {f"{number}-attachment-2.pdf"}
        assert "محفوظة في نظام الشكاوى" in text_of(told(office))
        assert "/f/" not in text_of(told(office))


async def test_whoever_is_assigned_the_ticket_gets_its_files_too(open_office: OpenOffice) -> None:
    sara = {"name": "سارة القحطاني", "email": "sara@momah.gov.sa", "teams": ["care"]}
    from tests.integration.office import proven

    async with open_office(staff=[sara]) as office:
        await office.handle(carrying(("a.pdf", PDF)))
        (notice,) = office.outbox("staff_new")
        order = carrying(
            ("mine.pdf", PDF + b"staff"),
            sender=sara["email"],
            subject="Re:",
            text="#إسناد سارة\n",
            to=notice.thread["reply_to"],
            headers=[proven("momah.gov.sa")],
        )
        await office.handle(order)

        (got,) = office.mails_to(sara["email"])
        assert files_of(got) == {f"{office.ticket().number}-attachment-1.pdf": PDF}


# --- the scanner ------------------------------------------------------------------------------------


async def test_without_its_scanner_the_text_passes_and_with_fail_closed_no_file_does(
    open_office: OpenOffice, tmp_path: Path
) -> None:
    async with open_office(clamav={"socket": str(tmp_path / "none"), "fail_closed": True}) as office:
        await office.handle(carrying(("a.pdf", PDF)))

        assert files_of(told(office)) == {}
        text = text_of(told(office))
        assert "محجوزة" in text
        assert "٢٠٢٦١٢٣٤٥" in text
        assert [(one.verdict, one.must_scan) for one in rows(office)] == [("unscanned", True)]


async def test_without_its_scanner_and_not_closed_a_file_passes_with_a_caution(
    open_office: OpenOffice, tmp_path: Path
) -> None:
    async with open_office(clamav={"socket": str(tmp_path / "none")}) as office:
        await office.handle(carrying(("a.pdf", PDF)))

        assert len(files_of(told(office))) == 1
        assert "لم تُفحص" in text_of(told(office))


# --- the operator -----------------------------------------------------------------------------------


def run(office: Office, *arguments: str) -> int:
    path = office.system.config.service.data_dir.parent / "shakwa.toml"
    return main(["--config", str(path), *arguments])


async def test_the_operator_sees_each_file_and_can_write_it_out(
    open_office: OpenOffice, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office() as office:
        await office.handle(carrying(("a.pdf", PDF), ("run.exe", EXE)))
        number = office.ticket().number

        assert run(office, "tickets", "show", number, "--json") == 0
        (message,) = json.loads(capsys.readouterr().out)["messages"]
        assert [
            (
                one["name"],
                one["filename"],
                one["content_type"],
                one["size_bytes"],
                one["verdict"],
                one["detail"],
            )
            for one in message["attachments"]
        ] == [
            (f"{number}-attachment-1.pdf", "a.pdf", "application/pdf", len(PDF), "unscanned", ""),
            (f"{number}-attachment-2.exe", "run.exe", "application/x-msdownload", len(EXE), "blocked", "exe"),
        ]
        assert message["attachments"][0]["sha256"] == hashlib.sha256(PDF).hexdigest()
        assert run(office, "tickets", "show", number) == 0
        assert f"{number}-attachment-2.exe  run.exe" in capsys.readouterr().out

        out = tmp_path / "out.pdf"
        give = ("tickets", "attachment", f"{number}-attachment-1.pdf", "--output", str(out))
        assert run(office, *give) == 0
        assert out.read_bytes() == PDF
        assert run(office, *give) == 1
        assert "File exists" in capsys.readouterr().err
        assert run(office, "tickets", "attachment", f"{number}-attachment-2.exe") == 1
        assert "withheld: blocked (exe)" in capsys.readouterr().err
        withheld = ("--withheld", "--output", str(tmp_path / "out.exe"))
        assert run(office, "tickets", "attachment", f"{number}-attachment-2.exe", *withheld) == 0
        assert (tmp_path / "out.exe").read_bytes() == EXE
        assert run(office, "tickets", "attachment", "FRS-2026-000009-9-attachment-1.pdf") == 1
        assert "there is no attachment" in capsys.readouterr().err


# --- trouble ----------------------------------------------------------------------------------------


async def test_where_files_cannot_be_kept_their_mail_waits_and_others_go_on(open_office: OpenOffice) -> None:
    async with open_office() as office:
        folder = stored(office).folder
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.write_text("")  # no folder can be made here
        await office.handle(carrying(("a.pdf", PDF)), mail("sara@example.sa"))

        assert [ticket.requester.email for ticket in office.tickets()] == ["sara@example.sa"]
        assert office.folders()["INBOX"] == 1
        for _ in range(12):  # longer than any count of attempts
            office.clock.advance(minutes=2)
            await office.work()
        assert len(office.tickets()) == 1

        folder.unlink()
        office.clock.advance(minutes=2)
        await office.work()

        assert len(office.tickets()) == 2
        assert len(files_of(told(office))) == 1
        assert office.folders() == {"INBOX": 0, "Processed": 2, "Quarantine": 0}


async def test_where_the_relay_refuses_the_files_the_words_go_without_them(open_office: OpenOffice) -> None:
    async with open_office() as office:
        office.smtp.data[TEAM] = ["552 5.3.4 message too large"]
        await office.handle(carrying(("a.pdf", PDF)))

        number = office.ticket().number
        assert files_of(told(office)) == {f"{number}-attachment-1.pdf.missing.txt": b""}
        assert "٢٠٢٦١٢٣٤٥" in text_of(told(office))
        assert office.states() == {"sent"}


async def test_where_the_relay_refuses_the_person_it_is_a_failure_like_any_other(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        office.smtp.rcpt[TEAM] = "550 5.1.1 no such user"
        await office.handle(carrying(("a.pdf", PDF)))

        assert [row.state for row in office.outbox("staff_new")] == ["failed"]


async def test_a_file_that_is_lost_is_taken_out_of_its_mail_again(open_office: OpenOffice) -> None:
    async with open_office() as office:
        office.arrive(carrying(("a.pdf", PDF), ("b.pdf", PDF + b"2")))
        await office.system.fetch.step()
        await office.system.desk.step()
        for path in stored(office).folder.rglob("*.bin"):
            path.unlink()
        await office.work()

        assert sorted(files_of(told(office)).values()) == [PDF, PDF + b"2"]
        assert lying(office) == 2


async def test_a_file_without_a_row_is_removed_after_a_day_and_one_with_a_row_never(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        await office.handle(carrying(("a.pdf", PDF)))
        store = stored(office)
        orphan, fresh = store.put(b"of a process that died before its commit"), store.put(b"just now")
        for path in store.folder.rglob("*.bin"):
            if fresh not in path.name:
                os.utime(path, (1, 1))

        removed = remove_orphans(office.system.database, store)

        assert removed == 1
        assert store.read(orphan) is None
        assert store.read(fresh) is not None
        assert store.read(rows(office)[0].sha256) == PDF


# --- from staff to the citizen ----------------------------------------------------------------------


def with_more(raw: bytes, *files: tuple[str, bytes]) -> bytes:
    made = message_from_bytes(raw, policy=policy.SMTP)
    assert isinstance(made, EmailMessage)
    for name, content in files:
        made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return made.as_bytes()


async def test_files_of_an_answer_go_to_the_citizen_under_our_names(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(carrying(("a.pdf", PDF)))
        letter = PDF + b"letter"
        answer = staff_answer(told(office), "نرفق لكم خطاب الأمانة.")
        await office.handle(with_more(answer, ("خطاب نورة.pdf", letter), ("image001.png", PNG)))

        number = office.ticket().number
        got = office.mails_to(KHALID)[-1]
        assert files_of(got) == {f"{number}-attachment-2.pdf": letter}
        assert "خطاب الأمانة" in text_of(got)
        assert "نورة" not in got.as_string() + text_of(got)
        assert office.mails_to(NOURA) == []


async def test_what_of_an_answer_does_not_go_along_is_told_to_its_writer(open_office: OpenOffice) -> None:
    async with open_office(**STAFF, limits={"attachments_to_staff_mb": 1}) as office:
        await office.handle(mail())
        answer = staff_answer(told(office), "#حل\nانتهى العمل.")
        forwarded = b"From: a@b.sa\r\nTo: c@d.sa\r\nSubject: x\r\n\r\nhello"
        files = [("b.pdf", PDF), ("big.pdf", PDF.ljust(MB + 1)), ("run.exe", EXE), ("old.eml", forwarded)]
        await office.handle(with_more(answer, *files, ("card.vcf", b"BEGIN:VCARD")))

        number = office.ticket().number
        assert list(files_of(office.mails_to(KHALID)[-1])) == [f"{number}-attachment-1.pdf"]
        (heard,) = office.mails_to(NOURA)
        assert "دون المرفقات" in text_of(heard)
        assert files_of(heard) == {}
        for name in ("big.pdf", "run.exe", "old.eml", "card.vcf"):
            assert f"({name})" in text_of(heard)
        assert "(b.pdf)" not in text_of(heard)


async def test_files_of_a_note_stay_inside(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        before = len(office.mails_to(KHALID))
        await office.handle(with_more(staff_answer(told(office), "#ملاحظة\nللاطلاع."), ("b.pdf", PDF)))

        assert len(office.mails_to(KHALID)) == before
        assert files_of(office.mails_to(NOURA)[-1]) == {}
        assert len(rows(office)) == 1


# --- by link ----------------------------------------------------------------------------------------


def browser(office: Office) -> httpx.AsyncClient:
    system = office.system
    stationery = system.desk.rules.stationery
    files = FileCounter(
        system.database,
        Shelf(system.database, stored(office), OwnReader(system.desk.rules.reading)),
        stationery.links,
        stationery.passing_on,
        office.clock,
    )
    settings = WebSettings(public_url="https://shakwa.example")
    app = build_app(system.counter, settings, dict, clock=office.clock, files=files)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://shakwa.example")


def link_in(message: EmailMessage) -> str:
    (path,) = re.findall(r"https://shakwa\.example(/f/\S+)", text_of(message))
    return path


WEB = {"enabled": True, "port": 0}


async def test_a_large_file_goes_by_a_link_that_ends_after_thirty_days(open_office: OpenOffice) -> None:
    big = PDF.ljust(MB + 1, b"x")
    async with open_office(limits={"attachments_to_staff_mb": 1}, web=WEB) as office, browser(office) as web:
        await office.handle(carrying(("big.pdf", big), ("small.pdf", PDF)))

        path = link_in(told(office))
        got = await web.get(path)
        assert got.content == big
        number = office.ticket().number
        assert path.endswith(f"/{number}-attachment-1.pdf")
        assert got.headers["content-disposition"] == f'attachment; filename="{number}-attachment-1.pdf"'

        for path_of_file in stored(office).folder.rglob("*.bin"):
            path_of_file.unlink()
        assert (await web.get(path)).content == big

        assert (await web.get(path[:10] + path[11:])).status_code == 404
        office.clock.advance(days=29)
        assert (await web.get(path)).status_code == 200
        office.clock.advance(days=2)
        assert (await web.get(path)).status_code == 404


async def test_no_link_of_another_purpose_opens_a_file(open_office: OpenOffice) -> None:
    async with open_office(web=WEB) as office, browser(office) as web:
        await office.handle(carrying(("a.pdf", PDF)))
        links = office.system.desk.rules.stationery.links
        status = links.status(1, office.clock.now(), 0).rpartition("/")[2]
        file = links.file(1, "x", office.clock.now()).split("/")[-2]

        assert (await web.get(f"/f/{status}")).status_code == 404
        assert (await web.get(f"/c/{file}")).status_code == 404
        assert (await web.get(f"/f/{file}")).status_code == 200


async def test_a_file_that_turns_out_infected_is_not_given_out_by_an_old_link(
    open_office: OpenOffice,
) -> None:
    async with open_office(limits={"attachments_to_staff_mb": 0}, web=WEB) as office, browser(office) as web:
        await office.handle(carrying(("a.pdf", PDF)))
        path = link_in(told(office))
        assert (await web.get(path)).status_code == 200

        with office.system.database.engine.begin() as connection:
            connection.execute(update(schema.attachments).values(verdict="infected"))

        assert (await web.get(path)).status_code == 403
