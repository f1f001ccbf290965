"""Files that a citizen adds on their page: checked, kept and passed on as those of mails are."""

from __future__ import annotations

import io
import zipfile

import httpx
import pytest

from daemon.casework import uploads
from daemon.front_desk import Upload
from daemon.mail.letter.contents import attachment_contents
from daemon.web.app import WebSettings, build_app
from daemon.web.settings import UploadLimits
from tests.casework.conftest import OpenOffice
from tests.casework.test_attachments import EXE, PDF, PNG, files_of, lying, rows, stored, told
from tests.casework.test_whole_life import STAFF
from tests.integration.office import TEAM, Office, mail, text_of

WEB = {"enabled": True, "port": 0}
PAGE = "https://shakwa.example"


def browser(office: Office, **limits: int) -> httpx.AsyncClient:
    settings = WebSettings(public_url=PAGE, uploads=UploadLimits(**limits))
    app = build_app(office.system.counter, settings, dict, clock=office.clock)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=PAGE)


def page_of(office: Office) -> str:
    links = office.system.desk.rules.stationery.links
    return f"/c/{links.status(1, office.clock.now(), 0).rpartition('/')[2]}"


async def add(office: Office, *files: tuple[str, bytes], text: str = "", **limits: int) -> httpx.Response:
    """Send the form as a browser does, and let what follows be sent."""
    async with browser(office, **limits) as web:
        sent = [("files", (name, content, "application/octet-stream")) for name, content in files]
        answer = await web.post(f"{page_of(office)}/information", data={"text": text}, files=sent)
    await office.work()
    return answer


def bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("a.txt", b"\0" * (201 * 2**20))
    return made.getvalue()


async def test_a_file_of_the_page_reaches_staff_as_one_of_a_mail_does(open_office: OpenOffice) -> None:
    async with open_office(web=WEB, **STAFF) as office:
        await office.handle(mail())

        answer = await add(office, ("صورة الرخصة.pdf", PDF), ("b.png", PNG), text="مرفق ما طلبتم.")

        number = office.ticket().number
        assert answer.status_code == 303
        assert answer.headers["location"].endswith("?done=added")
        heard = told(office)
        assert files_of(heard) == {
            f"{number}-attachment-1.pdf": PDF,
            f"{number}-attachment-2.png": PNG,
        }
        assert "مرفق ما طلبتم." in text_of(heard)
        assert "(صورة الرخصة.pdf)" in text_of(heard)
        assert [(row.filename, row.verdict) for row in rows(office)] == [
            ("صورة الرخصة.pdf", "unscanned"),
            ("b.png", "unscanned"),
        ]
        assert lying(office) == 2


async def test_files_alone_are_enough(open_office: OpenOffice) -> None:
    async with open_office(web=WEB, **STAFF) as office:
        await office.handle(mail())

        answer = await add(office, ("a.pdf", PDF))

        assert answer.status_code == 303
        assert PDF in files_of(told(office)).values()


async def test_nobody_is_warned_before_staff_looked_at_files_of_the_page(open_office: OpenOffice) -> None:
    async with open_office(web=WEB, **STAFF) as office:
        await office.handle(mail(text="لدي شكوى."))
        assert not office.ticket().has_unseen_attachments

        await add(office, ("a.pdf", PDF), text="مرفق")

        assert office.ticket().has_unseen_attachments


@pytest.mark.parametrize(
    "name, content, told_why",
    [
        ("a.exe", EXE, "لا نستقبل هذا النوع من الملفات"),
        ("photo.jpg.exe", b"text", "لا نستقبل هذا النوع من الملفات"),
        ("photo.pdf", EXE, "لا نستقبل هذا النوع من الملفات"),
        ("gpj\u202eexe.scr", b"text", "لا نستقبل هذا النوع من الملفات"),
        (f"{'x' * 300}.exe", b"text", "لا نستقبل هذا النوع من الملفات"),
        ("page.html", b"<html><script>alert(1)</script>", "لا نستقبل هذا النوع من الملفات"),
        ("bomb.zip", bomb(), "لا نستقبل هذا النوع من الملفات"),
        ("big.pdf", PDF.ljust(2**20 + 1), "أكبر من <bdi>1</bdi> ميجابايت"),
    ],
)
async def test_what_a_mail_may_not_carry_the_page_does_not_take(
    open_office: OpenOffice, name: str, content: bytes, told_why: str
) -> None:
    async with open_office(web=WEB, **STAFF) as office:
        await office.handle(mail())
        before = len(office.mails_to(TEAM))

        answer = await add(office, ("good.pdf", PDF), (name, content), text="ما كتبته باق", file_bytes=2**20)

        assert answer.status_code == 422
        assert told_why in answer.text
        assert "ما كتبته باق</textarea>" in answer.text
        assert rows(office) == []
        assert len(office.mails_to(TEAM)) == before


async def test_a_lost_file_of_the_page_is_found_again(open_office: OpenOffice) -> None:
    async with open_office(web=WEB, **STAFF) as office:
        await office.handle(mail())
        await add(office, ("a.pdf", PDF))
        for path in stored(office).folder.rglob("*.bin"):
            path.unlink()

        (row,) = rows(office)
        shelf = office.system.rescan._shelf
        assert shelf.content(row.id, row.sha256) == PDF


async def test_files_of_the_page_are_numbered_on_after_those_of_mails(open_office: OpenOffice) -> None:
    async with open_office(web=WEB, **STAFF) as office:
        await office.handle(mail())
        await add(office, ("a.pdf", PDF))
        await add(office, ("a.pdf", PDF))

        number = office.ticket().number
        assert [row.name for row in rows(office)] == [f"{number}-attachment-{n}.pdf" for n in (1, 2)]
        assert lying(office) == 1


async def test_where_files_cannot_be_kept_nothing_is_and_the_text_comes_back(open_office: OpenOffice) -> None:
    async with open_office(web=WEB, **STAFF) as office:
        await office.handle(mail())
        stored(office).folder.parent.mkdir(exist_ok=True)
        stored(office).folder.write_bytes(b"no folder")

        answer = await add(office, ("a.pdf", PDF), text="ما كتبته باق")

        assert answer.status_code == 503
        assert "ما كتبته باق</textarea>" in answer.text
        assert 'type="file"' in answer.text
        assert rows(office) == []


@pytest.mark.parametrize(
    "upload",
    [
        Upload("\u202eصورة\r\nX-Spam: yes\r\n\r\n.pdf", "text/plain; charset=x", b"hello"),
        Upload("", "text/html", b"<b>"),
        Upload("a.txt", "multipart/mixed", b"--x"),
        Upload("a.eml", "message/partial", b"From: a"),
        Upload("a.eml", "message/rfc822", b"Subject: x\r\n\r\ny"),
        Upload('a";x="y.pdf', "text/plain\r\nX: y", b""),
        Upload("\ud800.pdf", "ا/ب", b"\r\n--shakwa--\r\n"),
    ],
)
def test_whatever_a_file_is_called_it_is_one_file_of_the_mail(upload: Upload) -> None:
    raw = uploads.carrying([Upload("first.pdf", "application/pdf", PDF), upload])

    found = list(attachment_contents(raw))

    assert [content for _, content in found] == [PDF, upload.content]
    assert "\n" not in found[1][0].filename
    assert "\r" not in raw.decode("ascii").replace("\r\n", "")
