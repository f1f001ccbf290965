"""Our talk with the virus scanner, against a real clamd with a database of one signature."""

from __future__ import annotations

import contextlib
import io
import socket
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from daemon.attachments.clamd import Clamd, ClamdSettings, ScannerUnavailable, ScanRefused
from tests.servers import wait_until
from tests.servers.clamd import INFECTED, SIGNATURE, STREAM_MAX_BYTES, ClamdServer


def asking(server: ClamdServer) -> Clamd:
    return Clamd(ClamdSettings(path=str(server.path), timeout_s=20.0))


def test_a_harmless_file_is_clean_and_an_infected_one_is_named(clamd_server: ClamdServer) -> None:
    clamd = asking(clamd_server)

    assert clamd.scan(b"") == ""
    assert clamd.scan("السلام عليكم".encode()) == ""
    assert clamd.scan(b"\0" * 3_000_000) == ""
    assert clamd.scan(b"before " + INFECTED + b" after").startswith(SIGNATURE)


def test_an_infected_file_is_found_inside_an_archive(clamd_server: ClamdServer) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", INFECTED)

    assert asking(clamd_server).scan(made.getvalue()).startswith(SIGNATURE)


def test_a_file_over_the_scanners_own_limit_is_refused_for_good(clamd_server: ClamdServer) -> None:
    for size in (STREAM_MAX_BYTES + 1, 5 * STREAM_MAX_BYTES):
        with pytest.raises(ScanRefused, match="StreamMaxLength"):
            asking(clamd_server).scan(b"x" * size)


def test_the_scanner_says_its_version(clamd_server: ClamdServer) -> None:
    assert asking(clamd_server).check().startswith("ClamAV ")


def test_a_scanner_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(ScannerUnavailable, match="No such file"):
        Clamd(ClamdSettings(path=str(tmp_path / "none"))).scan(b"x")


@contextlib.contextmanager
def peer(answer: bytes | None) -> Iterator[Clamd]:
    """What listens on TCP, takes a little and says `answer`; with None it takes all and stays silent."""
    listener = socket.create_server(("127.0.0.1", 0))
    released = threading.Event()

    def serve() -> None:
        channel, _ = listener.accept()
        with channel:
            channel.recv(10)
            if answer is None:
                released.wait(10)
            else:
                channel.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield Clamd(ClamdSettings(host="127.0.0.1", port=listener.getsockname()[1], timeout_s=0.3))
    finally:
        released.set()
        thread.join(10)
        listener.close()


@pytest.mark.parametrize(
    "answer, why",
    [
        (None, "no answer within 0.3 s"),
        (b"", "hung up without an answer"),
        (b"COMMAND READ TIMED OUT\0", "COMMAND READ TIMED OUT"),
        (b"stream: Can't allocate memory ERROR\0", "ERROR"),
    ],
)
def test_silence_and_trouble_of_the_scanner_are_never_taken_for_clean(answer: bytes | None, why: str) -> None:
    with peer(answer) as clamd, pytest.raises(ScannerUnavailable, match=why):
        clamd.scan(b"x" * 100_000)


def test_a_question_under_way_ends_when_we_stop() -> None:
    with peer(None) as quick:
        clamd = Clamd(replace(quick._settings, timeout_s=60.0))
        caught: list[Exception] = []

        def ask() -> None:
            try:
                clamd.scan(b"x")
            except ScannerUnavailable as failure:
                caught.append(failure)

        asker = threading.Thread(target=ask)
        asker.start()
        wait_until(lambda: clamd._open, what="the question")
        clamd.stop()
        asker.join(10)

        assert not asker.is_alive()
        assert len(caught) == 1
        assert clamd._open == set()
        with pytest.raises(ScannerUnavailable):
            clamd.scan(b"x")
