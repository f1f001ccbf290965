"""What is read outside the workers (header, fingerprint, mailbox) costs in proportion to its size."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.casework.quarantine import far_down, heading
from daemon.mail.letter.fingerprint import fingerprint, message_id
from daemon.reading.mailboxes import mails_in
from tests.growth import assert_grows_linearly

FROM = b"From: a@b.example\r\n"
SHAPES: dict[str, Callable[[int], bytes]] = {
    "bare CRs": lambda n: FROM + b"X: " + b"\r" * n,
    "encoded words": lambda n: FROM + b"Subject: " + b"=?utf-8?B?YQ==?= " * (n // 17),
    "open encoded words": lambda n: FROM + b"Subject: " + b"=?utf-8?Q?" * (n // 10),
    "open angles": lambda n: b"From: " + b"<" * n,
    "open comments": lambda n: b"From: " + b"(" * n,
    "quoted pairs": lambda n: b"From: " + b'"\\' * (n // 2),
    "many addresses": lambda n: b"From: " + b"a@b.example, " * (n // 13),
    "at signs": lambda n: b"From: " + b"a@" * (n // 2),
    "dots": lambda n: b"From: a@" + b"a." * (n // 2),
    "blank folds": lambda n: FROM + b"X:" + b" \r\n" * (n // 3),
    "folds": lambda n: FROM + b"Subject: " + b"a\r\n " * (n // 4),
    "fields": lambda n: FROM + b"X: y\r\n" * (n // 6),
    "parameters": lambda n: FROM + b"Content-Type: " + b'a;b*0*="\\' * (n // 10),
    "results": lambda n: FROM + b"Authentication-Results: " + b'((;="' * (n // 5),
    "open ids": lambda n: FROM + b"References: " + b"<" * n,
    "dates": lambda n: FROM + b"Date: " + b"1 " * (n // 2),
    "colons": lambda n: FROM + b":" * n,
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("read", [heading, far_down, fingerprint, message_id], ids=lambda read: read.__name__)
def test_a_header_costs_in_proportion(shape: str, read: Callable[[bytes], object]) -> None:
    """The digest and `mail block` read it inside the program, `mail import` and the fetching, too."""
    assert_grows_linearly(read, lambda n: SHAPES[shape](n) + b"\r\n\r\n", 30_000)


@pytest.mark.parametrize(
    "line",
    [b"From a Nov" + b" " * 5_000, b"From " + b"Nov 1 1:1:1:1 " * 400, b"From " + b" " * 5_000, b">" * 5_000],
    ids=["blanks", "months", "nothing", "quoted"],
)
def test_a_mailbox_costs_in_proportion(tmp_path: Path, line: bytes) -> None:
    def mailbox(n: int) -> Path:
        path = tmp_path / f"{n}.mbox"
        path.write_bytes(b"From a Sun Nov 22 09:00:00 2026\n" + FROM + b"\n" + (line + b"\n") * n)
        return path

    assert_grows_linearly(lambda path: list(mails_in(path, 10**8)), mailbox, 30)


def test_a_long_separator_costs_in_proportion(tmp_path: Path) -> None:
    def mailbox(n: int) -> Path:
        path = tmp_path / f"{n}.mbox"
        path.write_bytes(b"From a Sun Nov 22 09:00:00 2026\n\nFrom " + b"Nov " * 90 + b"Nov" + b" " * n)
        return path

    assert_grows_linearly(lambda path: list(mails_in(path, 10**8)), mailbox, 100_000)
