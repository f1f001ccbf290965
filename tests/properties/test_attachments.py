"""What an attachment is, what it is called, and what is refused."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from daemon.attachments.archives import Budget
from daemon.attachments.check import BLOCKED, Check, Checked, Rules
from daemon.attachments.names import ending, ours, shown
from daemon.attachments.types import extension_of, type_of, zip_type
from tests.each import each

PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\n"
EXE = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0" + b"\0" * 200
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 30
LNK = bytes.fromhex("4c0000000114020000000000c000000000000046") + b"\0" * 60


def zipped(*entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return made.getvalue()


def encrypted(archive: bytes) -> bytes:
    """With the flag that says so set in every header."""
    changed = bytearray(archive)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = changed.find(mark)
        while at >= 0:
            changed[at + offset] |= 1
            at = changed.find(mark, at + 4)
    return bytes(changed)


def tarred(*entries: tuple[str, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, content in entries:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return made.getvalue()


def ole(*streams: str) -> bytes:
    return (
        bytes.fromhex("d0cf11e0a1b11ae1")
        + b"\0" * 600
        + b"\0\0".join(name.encode("utf-16-le") for name in streams)
    )


def check(
    content: bytes, name: str = "a.bin", declared: str = "application/octet-stream", **rules: object
) -> Checked:
    return Check(Rules(**rules)).check(name, declared, content)  # type: ignore[arg-type]


# --- what it is -------------------------------------------------------------------------------------


def readable(value: object) -> str:
    """A case's name. Octets name none: an archive holds the time at which it was made."""
    return value if isinstance(value, str) else type(value).__name__


@each(
    "content, extension",
    [
        (PDF, "pdf"),
        (b"\n\n junk before " + PDF, "txt"),
        (b"\0\x01 junk " + PDF, "pdf"),
        (PNG, "png"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "jpg"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "heic"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0", "mp4"),
        (b"OggS\0\x02" + b"\0" * 20, "ogg"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "webp"),
        (b"AC1027" + b"\0" * 10, "dwg"),
        (EXE, "exe"),
        (LNK, "lnk"),
        (b"\x7fELF\x02\x01\x01" + b"\0" * 9, "elf"),
        (b"\0" * 32769 + b"CD001\x01", "iso"),
        (ole("WordDocument"), "doc"),
        (ole("Workbook"), "xls"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes.fromhex("84100c0000000000c000000000000046"), "msi"),
        ("السلام عليكم، طلبي متأخر".encode(), "txt"),
        ("السلام عليكم، طلبي متأخر".encode("windows-1256"), "txt"),
        ("\ufeffنص".encode("utf-16-le"), "txt"),
        (b"", "txt"),
        (b"MZ is how this note begins", "txt"),
        (b"  <!-- x -->\n<!DOCTYPE html><p>", "html"),
        (b"\xef\xbb\xbf<html>", "html"),
        (b"<script>alert(1)</script>", "html"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">', "svg"),
        (b'<?xml version="1.0"?><kml>', "xml"),
        (b"From: a@b.sa\r\nTo: c@d.sa\r\nSubject: x\r\n\r\nhello", "eml"),
        (bytes(range(256)) * 4, "bin"),
        (tarred(("a.txt", b"x")), "tar"),
    ],
    ids=readable,
)
def test_a_file_is_what_its_content_is(content: bytes, extension: str) -> None:
    assert extension_of(type_of(content)) == extension


def test_a_zip_is_what_is_in_it() -> None:
    assert extension_of(zip_type({"[Content_Types].xml", "word/document.xml"})) == "docx"
    assert extension_of(zip_type({"[Content_Types].xml", "xl/workbook.xml"})) == "xlsx"
    assert extension_of(zip_type({"META-INF/MANIFEST.MF", "A.class"})) == "jar"
    assert extension_of(zip_type({"content.xml"}, "application/vnd.oasis.opendocument.text")) == "odt"
    assert extension_of(zip_type({"photo.jpg"}, "text/html; nonsense")) == "zip"


@given(st.binary(max_size=3000))
def test_the_type_of_any_octets_can_be_told(content: bytes) -> None:
    assert "/" in type_of(content)


# --- what it is called ------------------------------------------------------------------------------


@each(
    "name, last",
    [
        ("تقرير.pdf", "pdf"),
        ("photo.jpg.exe", "exe"),
        ("photo.EXE. . ", "exe"),
        ("photo\u202egpj.exe", "exe"),
        ("invoice.e\u200bxe", "exe"),
        ("a.exe::$DATA", "exe"),
        ("..\\..\\windows\\evil.scr", "scr"),
        ("../../etc/cron.d/x.sh", "sh"),
        ("invoice．exe", "exe"),  # a full-width stop
        ("no ending", ""),
        (".htaccess", "htaccess"),
        ("", ""),
    ],
    ids=readable,
)
def test_an_ending_is_what_a_system_would_run(name: str, last: str) -> None:
    assert ending(name) == last


def test_a_senders_name_is_shown_without_paths_and_invisible_characters() -> None:
    assert shown("C:\\temp\\صورة\u202e الطلب\r\n.pdf") == "صورة الطلب.pdf"
    assert len(shown("ط" * 4000 + ".pdf")) == 150
    assert shown("ط" * 4000 + ".pdf").endswith(".pdf")


def test_our_name_says_what_the_content_is_and_nothing_of_theirs() -> None:
    number = "FRS-2026-000123-3"

    assert ours(number, 1, "application/pdf", "../x.exe") == "FRS-2026-000123-3-attachment-1.pdf"
    assert ours(number, 2, "text/plain", "data.js") == "FRS-2026-000123-3-attachment-2.txt"
    assert ours(number, 3, "text/plain", "data.csv") == "FRS-2026-000123-3-attachment-3.csv"
    assert ours(number, 4, "application/octet-stream", "x.exe") == "FRS-2026-000123-3-attachment-4.bin"


@given(st.text(max_size=60), st.sampled_from(["application/pdf", "text/plain", "application/octet-stream"]))
def test_our_name_is_a_safe_file_name_whatever_they_called_it(name: str, media_type: str) -> None:
    made = ours("FRS-2026-000123-3", 1, media_type, name)

    assert made.isascii()
    assert all(char.isalnum() or char in "-." for char in made)
    assert made.rpartition(".")[2] not in BLOCKED


# --- what is refused --------------------------------------------------------------------------------


@each(
    "content, name, why",
    [
        (EXE, "report.pdf", "exe"),
        (PDF, "report.exe", "exe"),
        (PDF, "report.pdf\u202e.exe", "exe"),
        (LNK, "file", "lnk"),
        (b"WScript.Echo 1", "order.pdf.vbs", "vbs"),
        (b"<html><form>", "invoice.txt", "html"),
        (zipped(("META-INF/MANIFEST.MF", b""), ("A.class", b"\xca\xfe\xba\xbe")), "tool.zip", "jar"),
        (zipped(("photos/1.jpg", EXE)), "photos.zip", "exe"),
        (zipped(("deep.zip", zipped(("run.js", b"x")))), "photos.zip", "js"),
        (tarred(("run.sh", b"echo")), "x.tar", "sh"),
        (gzip.compress(tarred(("x.scr", b"echo"))), "x.tar.gz", "scr"),
        (gzip.compress(b"echo"), "x.bat.gz", "bat"),
        (bz2.compress(EXE), "x.bz2", "exe"),
        (lzma.compress(EXE), "x.xz", "exe"),
        (zipped(("[Content_Types].xml", b""), ("word/vbaProject.bin", b"x")), "letter.docx", "macro"),
        (ole("Workbook", "_VBA_PROJECT"), "sheet.xls", "macro"),
        (encrypted(zipped(("secret/run.exe", b"x"))), "locked.zip", "exe"),
    ],
    ids=readable,
)
def test_what_runs_is_blocked_by_its_name_its_content_and_what_is_inside(
    content: bytes, name: str, why: str
) -> None:
    found = check(content, name)

    assert (found.refusal, found.detail) == ("blocked", why)


def test_a_zip_of_letters_is_a_zip_and_a_letter_may_hold_drawings() -> None:
    drawing = (b"word/media/1.svg", b'<svg xmlns="http://www.w3.org/2000/svg">')
    letter = zipped(
        ("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<w/>"), (drawing[0].decode(), drawing[1])
    )

    assert extension_of(check(letter, "a.docx").media_type) == "docx"
    assert check(letter, "a.docx").refusal == ""
    assert extension_of(check(zipped(("a.docx", letter)), "a.zip").media_type) == "zip"
    assert check(zipped(("a.docx", letter)), "a.zip").refusal == ""
    assert check(zipped((drawing[0].decode(), drawing[1])), "a.zip").detail == "svg"
    program = zipped(("[Content_Types].xml", b""), ("word/document.xml", b""), ("word/x.bin", EXE))
    assert check(program, "a.docx").detail == "exe"
    disguised = zipped(("mimetype", b"image/png"), ("run.js", b""))
    assert check(disguised, "a.png").detail == "js"


def test_a_document_with_a_password_keeps_its_ending_and_is_named_as_such() -> None:
    locked = ole("EncryptedPackage", "EncryptionInfo")

    assert check(locked, "عقد.docx").is_unopened
    assert check(locked, "عقد.docx", blocked=frozenset({"encrypted"})).detail == "encrypted"
    assert ours("N", 1, check(locked, "عقد.docx").media_type, "عقد.docx") == "N-attachment-1.docx"


@pytest.mark.parametrize(
    "content, name",
    [
        (PDF, "تقرير.pdf"),
        (PDF, "example.com.pdf"),
        (PNG, "صورة.png"),
        (zipped(("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<w/>" * 9000)), "letter.docx"),
        (zipped(("صور/1.png", PNG), ("2.pdf", PDF)), "photos.zip"),
        (gzip.compress(tarred(("a.txt", b"hello"))), "logs.tar.gz"),
        ("الاسم,الرقم\n".encode(), "data.csv"),
    ],
    ids=readable,
)
def test_what_people_send_passes(content: bytes, name: str) -> None:
    assert check(content, name) == Checked(check(content, name).media_type)


def test_the_list_of_the_config_is_the_one_that_counts() -> None:
    assert check(EXE, blocked=frozenset()).refusal == ""
    assert check(PDF, blocked=frozenset({"application/pdf"})).detail == "application/pdf"
    assert check(encrypted(zipped(("a.pdf", PDF))), blocked=frozenset({"encrypted"})).detail == "encrypted"


def test_a_program_inside_an_enclosed_mail_is_found() -> None:
    mail = b"From: a@b.sa\r\nTo: c@d.sa\r\nSubject: x\r\n\r\nhello"

    found = Check(Rules(), enclosed=lambda content: [("run.exe", EXE)]).check("x.eml", "message/rfc822", mail)

    assert (found.media_type, found.detail) == ("message/rfc822", "exe")
    bare = Check(Rules(), enclosed=lambda content: [("run.exe", EXE)]).check(
        "", "message/rfc822", b"X-Odd: 1\r\n\r\n"
    )
    assert (bare.media_type, bare.detail) == ("message/rfc822", "exe")
    page = Check(Rules(), enclosed=lambda content: [("ATT00001.htm", b"<html>")]).check("x.eml", "", mail)
    assert page.refusal == ""


def test_an_archive_that_nobody_can_look_into_is_named_as_such() -> None:
    assert check(encrypted(zipped(("a.pdf", PDF))), "a.zip").is_unopened
    assert check(b"Rar!\x1a\x07\x01\0" + b"\0" * 30, "a.rar").is_unopened
    assert check(b"PK\x03\x04" + b"\xff" * 50, "a.zip").is_unopened
    assert not check(zipped(("a.pdf", PDF)), "a.zip").is_unopened


# --- limits -----------------------------------------------------------------------------------------


def test_a_file_over_its_limit_is_too_large_and_so_is_what_is_over_the_mails() -> None:
    checks = Check(Rules(file_bytes=100, mail_bytes=150))

    found = [checks.check("a.pdf", "", PDF.ljust(size)) for size in (90, 101, 50, 20)]

    assert [(one.refusal, one.detail) for one in found] == [
        ("", ""),
        ("too_large", "file"),
        ("", ""),
        ("too_large", "mail"),
    ]


def forty_two(levels: int, width: int = 10) -> bytes:
    """Zips of zips of zeros, each a few kB."""
    made = zipped(("0.bin", b"\0" * 1_000_000))
    for level in range(levels):
        made = zipped(*((f"{level}-{number}.zip", made) for number in range(width)))
    return made


def overlapping(entries: int, octets: int) -> bytes:
    """Every entry of the directory leads to the same octets (D. Fifield, A better zip bomb, WOOT 2019)."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    kernel = packer.compress(b"\0" * octets) + packer.flush()
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 0, 0, len(kernel), octets, 1, 0) + b"0"
    made = local + kernel
    directory = b"".join(
        struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 8, 0, 0, 0, len(kernel), octets, 1, 0, 0, 0, 0, 0, 0)
        + b"0"
        for _ in range(entries)
    )
    return (
        made
        + directory
        + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, entries, entries, len(directory), len(made), 0)
    )


def lying(octets: int) -> bytes:
    """It says that it holds ten octets."""
    made = bytearray(zipped(("a.txt", b"\0" * octets)))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = made.find(mark) + offset
        made[at : at + 4] = (10).to_bytes(4, "little")
    return bytes(made)


BOMB_BYTES = 24_000_000  # more than `Budget.ratio_from`, from which on the ratio counts
BOMBS = {
    "one long entry": lambda: zipped(("a.txt", b"\0" * BOMB_BYTES)),
    "a lying entry": lambda: lying(BOMB_BYTES),
    "nested too deep": lambda: forty_two(5, 2),
    "nested and wide": lambda: forty_two(2),
    "overlapping": lambda: overlapping(1500, 1_000_000),
    "many entries": lambda: overlapping(60_000, 10),
    "gzip": lambda: gzip.compress(b"\0" * BOMB_BYTES),
    "gzip in gzip": lambda: gzip.compress(gzip.compress(b"\0" * BOMB_BYTES)),
    "bzip2": lambda: bz2.compress(b"\0" * BOMB_BYTES),
    "xz": lambda: lzma.compress(b"\0" * BOMB_BYTES, preset=1),
    "tiny streams": lambda: gzip.compress(b"") * 100_000,
}


@pytest.mark.parametrize("kind", BOMBS)
def test_an_archive_bomb_is_blocked_soon_and_in_little_memory(kind: str) -> None:
    bomb = BOMBS[kind]()
    looks: list[float] = []  # the budget looks at its clock once for each piece and each entry

    def standing_clock() -> float:
        looks.append(0.0)
        return 0.0

    tracemalloc.start()

    found = Check(Rules(), Budget(monotonic=standing_clock)).check("a.zip", "application/octet-stream", bomb)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.refusal == "blocked"
    assert found.detail.startswith("archive_bomb:")
    assert len(looks) < 5_000
    assert peak < 4_000_000


def test_an_honest_archive_may_compress_well_and_lie_in_two_others() -> None:
    assert check(zipped(("a.txt", b"\0" * 1_000_000)), "a.zip").detail == ""
    assert check(forty_two(2, 1), "a.zip").detail == ""
    assert check(forty_two(3, 1), "a.zip").detail == "archive_bomb:depth"


def test_a_long_archive_in_an_archive_is_counted_and_not_held() -> None:
    inner = zipped(("run.exe", b"MZ" + bytes(range(256)) * 1_000), method=zipfile.ZIP_STORED)
    outer = zipped(("b.zip", inner))

    assert Check(Rules(), Budget(nested_bytes=300_000)).check("a.zip", "", outer).detail == "exe"
    assert Check(Rules(), Budget(nested_bytes=200_000)).check("a.zip", "", outer).detail == ""


def test_an_archive_unpacks_to_so_much_and_no_more() -> None:
    archive = zipped(("a.txt", bytes(range(256)) * 400), method=zipfile.ZIP_STORED)

    assert (
        Check(Rules(), Budget(inflated_bytes=100_000)).check("a.zip", "", archive).detail
        == "archive_bomb:size"
    )
    assert Check(Rules(), Budget(inflated_bytes=110_000)).check("a.zip", "", archive).detail == ""


def test_a_mail_in_a_mail_is_looked_into_three_deep() -> None:
    mail = b"From: a@b.sa\nTo: c@d.sa\nSubject: x\n\nhello"
    for levels, detail in ((2, ""), (9, "archive_bomb:depth")):
        left = iter(range(levels))

        def enclosed(content: bytes, left: Iterator[int] = left) -> list[tuple[str, bytes]]:
            return [("x.eml", mail) for _ in [next(left, None)] if _ is not None]

        assert Check(Rules(), enclosed=enclosed).check("x.eml", "message/rfc822", mail).detail == detail


def test_an_archive_that_wants_much_memory_is_not_unpacked() -> None:
    archive = bytearray(lzma.compress(EXE))
    assert check(bytes(archive), "a.xz").detail == "exe"
    archive[16] = 30  # a dictionary of 128 MiB (The .xz File Format, 5.3.1), and the header's check sum anew
    size = 4 * (archive[12] + 1)
    archive[12 + size - 4 : 12 + size] = zlib.crc32(archive[12 : 12 + size - 4]).to_bytes(4, "little")

    assert check(bytes(archive), "a.xz").detail == ""


def test_the_time_for_archives_is_that_of_the_whole_mail() -> None:
    ticks = iter(range(1000))
    checks = Check(Rules(), Budget(seconds=5.0, monotonic=lambda: float(next(ticks))))

    found = [checks.check("a.zip", "", zipped(("a.txt", b"x"))) for _ in range(3)]

    assert [one.detail for one in found][-1] == "archive_bomb:time"
    assert found[0].detail == ""


@given(
    st.binary(max_size=2000), st.sampled_from([b"PK\x03\x04", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\0", b""])
)
def test_a_damaged_archive_raises_nothing(content: bytes, mark: bytes) -> None:
    check(mark + content, "a.zip")


@given(st.integers(0, 400), st.binary(min_size=1, max_size=8))
@example(at=29, change=b"\0\0\0")
def test_a_zip_changed_anywhere_raises_nothing(at: int, change: bytes) -> None:
    made = bytearray(zipped(("a.txt", b"hello"), ("b/c.tar", tarred(("x", b"y")))))
    made[at : at + len(change)] = change

    check(bytes(made), "a.zip")


def test_an_entry_without_a_name_and_a_reader_that_fails_stop_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nameless = zipped(("a", b"x")).replace(b"\x01\x00\x00\x00a", b"\x00\x00\x00\x00a")
    assert check(nameless, "a.zip").refusal == ""

    monkeypatch.setattr("zipfile.ZipFile.infolist", lambda self: 1 / 0)
    assert check(zipped(("a.pdf", PDF)), "a.zip").is_unopened
