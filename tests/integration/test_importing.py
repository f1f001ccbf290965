"""mbox and Maildir as mails; what only looks like a separator is none."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest

from daemon.casework.incoming import imported
from daemon.mail.letter.fingerprint import fingerprint
from daemon.reading.mailboxes import FiledMail, Unreadable, mails_in

MB = 1024 * 1024
STAMP = b"From a@b.example Sun Nov 22 09:00:00 2026\n"
AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def mbox(path: Path, octets: bytes, max_bytes: int = MB) -> list[FiledMail]:
    file = path / "box"
    file.write_bytes(octets)
    return list(mails_in(file, max_bytes))


def test_messages_stand_between_separators_and_keep_their_octets(tmp_path: Path) -> None:
    one = b"Subject: 1\n\ntext\n"
    two = b"Subject: 2\n\n>From quoted\n>>From twice\nFrom no empty line before\n\nFrom here no date\nend\n"

    found = mbox(tmp_path, STAMP + one + b"\n" + STAMP + two + b"\n")

    assert [mail.raw for mail in found] == [
        one.replace(b"\n", b"\r\n"),
        two.replace(b">From q", b"From q").replace(b">>From", b">From").replace(b"\n", b"\r\n"),
    ]
    assert [mail.delivered_at for mail in found] == [AT, AT]


def test_an_imported_mail_is_the_one_that_the_server_hands_out(tmp_path: Path) -> None:
    raw = b"From: a@b.example\r\nMessage-ID: <1@x>\r\n\r\nFrom me to you\r\n"
    filed = raw.replace(b"\r\nFrom me", b"\r\n>From me").replace(b"\r\n", b"\n")

    (mail,) = mbox(tmp_path, STAMP + filed + b"\n")

    assert mail.raw == raw
    assert imported(mail, AT, MB).fingerprint == fingerprint(raw)


@pytest.mark.parametrize(
    ("line", "at"),
    [
        (b"From a@b.example Sun Nov 22 09:00:00 2026", AT),
        (b"From a@b.example Sun Nov 22 12:00:00 2026 +0300", AT),
        (b"From 1234567@xxx Sun Nov 22 12:00:00 +0300 2026", AT),
        (b"From - Sun Nov 22 09:00:00 2026\r", AT),
        (b"From MAILER-DAEMON Sun Nov 22 09:00 2026", AT),
        (b"From a b c Sun Nov 22 09:00:00 UTC 2026", AT),
        (b"From a@b.example Sun Foo 22 09:00:00 2026", None),
        (b"From a@b.example Sun Nov 99 09:00:00 2026", None),
    ],
)
def test_separators_of_many_programs_are_read(tmp_path: Path, line: bytes, at: datetime | None) -> None:
    (mail,) = mbox(tmp_path, line + b"\nSubject: x\n\ntext\n")

    assert mail.delivered_at == at


@pytest.mark.parametrize("octets", [b"", b"\n\n", b"Subject: x\n\ntext\n", b"\0" * 5000, b"From nobody\n"])
def test_what_is_no_mbox_is_said_in_one_line(tmp_path: Path, octets: bytes) -> None:
    with pytest.raises(Unreadable, match="box: no mbox") as caught:
        mbox(tmp_path, octets)
    assert "\n" not in str(caught.value)


def test_a_mail_over_the_limit_is_taken_in_by_its_header_and_never_held_whole(tmp_path: Path) -> None:
    file = tmp_path / "box"
    line = b"x" * 76 + b"\n"
    with file.open("wb") as opened:
        opened.write(STAMP + b"Message-ID: <1@x>\n\n")
        opened.writelines(line for _ in range(6 * MB // len(line)))
        opened.write(b"\n" + STAMP + b"Subject: small\n\ntext\n")

    tracemalloc.start()
    first, second = mails_in(file, MB)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    arrival = imported(first, AT, MB)
    assert arrival.source == "too_large"
    assert arrival.payload is not None
    assert arrival.payload["size_mb"] in (6, 7)
    assert arrival.message_id == "<1@x>"
    assert len(arrival.raw) < 100
    assert imported(second, AT, MB).source == "mail"
    assert peak < 4 * MB


def test_a_file_without_line_ends_ends(tmp_path: Path) -> None:
    (mail,) = mbox(tmp_path, STAMP + b"x" * (3 * MB), max_bytes=MB)

    assert mail.size_bytes == 3 * MB


def test_a_maildir_is_read_oldest_first_and_nothing_half_delivered(tmp_path: Path) -> None:
    for name in ("cur", "new", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "new" / "1795338000.1.host").write_bytes(b"Subject: 2\n\n")
    (tmp_path / "cur" / "1795337999.1.host:2,S").write_bytes(b"Subject: 1\r\n\r\n")
    (tmp_path / "cur" / ".hidden").write_bytes(b"x")
    (tmp_path / "tmp" / "1795337000.1.host").write_bytes(b"x")

    found = list(mails_in(tmp_path, MB))

    assert [mail.raw for mail in found] == [b"Subject: 1\r\n\r\n", b"Subject: 2\r\n\r\n"]
    assert found[1].delivered_at == AT


def test_a_folder_that_is_no_maildir_and_a_file_that_is_absent_are_named(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="no Maildir"):
        list(mails_in(tmp_path, MB))
    with pytest.raises(Unreadable, match="absent: No such file"):
        list(mails_in(tmp_path / "absent", MB))
