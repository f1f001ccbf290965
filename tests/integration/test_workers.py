"""Worker processes that read mail: what they may not do, and what a mail that costs too much costs others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from daemon.attachments.check import Rules
from daemon.reading import frames, process
from daemon.reading import pool as pools
from daemon.reading.mail import read
from daemon.reading.pool import Pool
from daemon.reading.process import Limits, ReadingFailed, TooCostly, Worker, WorkersUnavailable
from daemon.reading.reader import OwnReader
from daemon.reading.rules import ReadingRules
from tests.servers import wait_until

CORPUS = sorted((Path(__file__).parents[1] / "corpus").glob("*.eml"))
RULES = ReadingRules("infocs@momah.gov.sa", "## الرجاء الرد أعلى هذا السطر ##")
MAIL = "From: sara@example.org\r\nSubject: شكوى\r\n\r\nرقم الطلب 123456\r\n".encode()
WITH_FILE = (
    b"From: sara@example.org\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\ntext\r\n--b\r\n'
    b"Content-Type: application/pdf; name=a.pdf\r\n\r\n%PDF-1.4 x\r\n--b\r\n"
    b"Content-Type: application/x-sh; name=a.sh\r\n\r\n#!/bin/sh\r\n--b--\r\n"
)


@pytest.fixture
def pool() -> Iterator[Pool]:
    made = Pool(RULES, Rules(), places=1)
    yield made
    made.close()


READY = b'{"cpu_s":0.5,"is_filtered":true}'


def endless(pool: Pool) -> threading.Thread:
    """A mail that never comes to its end: its worker is stopped, and has it in hand when this returns."""
    thread = threading.Thread(target=pytest.raises, args=(ReadingFailed, pool.read, MAIL))
    worker = pool._taken()
    os.kill(worker.pid, signal.SIGSTOP)
    pool._give_back(worker, is_good=True)
    thread.start()
    wait_until(lambda: worker.jobs, 30, "the slow mail in the worker that stands still")
    return thread


def test_a_worker_understands_what_this_process_understands(pool: Pool) -> None:
    for path in CORPUS:
        raw = path.read_bytes()

        assert pool.read(raw) == read(raw, RULES), path.name


def test_files_come_back_judged_with_the_octets_of_those_that_may_go_on(pool: Pool) -> None:
    own = OwnReader(RULES)
    listed = own.read(WITH_FILE).mail.attachments

    found = list(pool.judge(WITH_FILE, listed))

    assert [judged for judged, _ in found] == [judged for judged, _ in own.judge(WITH_FILE, listed)]
    assert [content for _, content in found] == [b"%PDF-1.4 x", b""]
    assert pool.octets_of(WITH_FILE, 1) == b"%PDF-1.4 x"
    assert pool.octets_of(WITH_FILE, 9) is None


def test_a_mail_that_takes_too_long_is_given_up_and_others_are_read(pool: Pool) -> None:
    pool.limits = Limits(time_s=1.0)
    thread = endless(pool)
    pool.limits = Limits()

    found = pool.read(MAIL)  # in the place that the slow one gives up, or after it

    assert found.extracted.request_number == "123456"
    thread.join(30)
    assert not thread.is_alive()
    assert pool.read(MAIL) == found


def test_a_mail_in_hand_for_long_gives_its_place_to_others(pool: Pool) -> None:
    pool.limits = Limits(time_s=3600.0)
    thread = endless(pool)

    assert pool.read(MAIL).mail.subject == "شكوى"  # there is one place, and the slow one holds none

    assert thread.is_alive()
    pool.close()
    thread.join(30)
    assert not thread.is_alive()


def test_where_a_pool_was_started_each_place_has_a_worker_that_waits() -> None:
    pool = Pool(RULES, Rules(), places=2)
    try:
        pool.start()
        first = list(pool._idle)
        assert len(first) == 2

        os.kill(first[-1].pid, signal.SIGKILL)
        assert pool.read(MAIL).mail.subject == "شكوى"

        wait_until(lambda: len(pool._idle) == 2, 30, "another worker in the place of the one that was lost")
        assert first[-1] not in pool._idle
    finally:
        pool.close()


def test_a_flood_starts_no_more_workers_than_there_are_lanes(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []
    start = Pool._start

    def counted(self: Pool) -> Worker:
        started.append(1)
        return start(self)

    monkeypatch.setattr(Pool, "_start", counted)
    monkeypatch.setattr(process, "SLOW_S", 3600.0)  # on a busy machine no mail counts as slow here
    large = MAIL + b"word " * (pools.SMALL_BYTES // 4)
    with closing(Pool(RULES, Rules(), places=2)) as pool, ThreadPoolExecutor(20) as threads:
        list(threads.map(pool.read, [MAIL, large] * 40))

    assert len(started) <= 4, "two places, the lane of small mails, and one while those start"


def test_beside_a_slow_mail_another_worker_waits_for_the_next(pool: Pool) -> None:
    pool.limits = Limits(time_s=3600.0)
    pool.start()
    thread = endless(pool)

    wait_until(lambda: pool._slow and pool._idle, 30, "a worker for the place that was given up")

    pool.close()
    thread.join(30)


def test_the_kernel_ends_a_worker_that_calculates_for_too_long(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        process,
        "_START",
        "import sys; sys.path[:] = sys.argv[1:]; import daemon.reading.worker as w\n"
        "w.read = lambda raw, rules: sum(1 for _ in iter(int, 1)) if b'endless' in raw else None\n"
        "w._load_all = lambda setting: None\nw.main()",
    )
    pool.limits = Limits(cpu_s=0.5)

    with pytest.raises(TooCostly, match="cpu"):
        pool.read(b"endless")


def test_a_mail_that_takes_too_much_memory_is_given_up() -> None:
    small = Pool(RULES, Rules(), Limits(memory_bytes=160 << 20), places=1)
    try:
        assert small.read(MAIL).mail.subject == "شكوى"

        with pytest.raises(TooCostly, match=r"memory|died"):
            small.read(MAIL + b"x" * (200 << 20))

        assert small.read(MAIL).mail.subject == "شكوى"
    finally:
        small.close()


def test_a_worker_that_somebody_killed_proves_nothing_against_its_mail(pool: Pool) -> None:
    worker = pool._taken()
    os.kill(worker.pid, signal.SIGKILL)
    pool._give_back(worker, is_good=True)

    assert pool.read(MAIL).mail.subject == "شكوى"


def test_a_mail_on_which_a_second_worker_dies_is_given_up(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        process,
        "_START",
        "import os, sys; sys.path[:] = sys.argv[1:]; import daemon.reading.worker as w\n"
        "w.read = lambda raw, rules: os._exit(9)\nw._load_all = lambda setting: None\nw.main()",
    )

    with pytest.raises(TooCostly, match="died"):
        pool.read(MAIL)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_whole_service_ends_no_worker(pool: Pool, number: signal.Signals) -> None:
    worker = pool._taken()
    os.kill(worker.pid, number)
    pool._give_back(worker, is_good=True)

    assert pool.read(MAIL).mail.subject == "شكوى"
    assert [one.pid for one in pool._idle] == [worker.pid]


@pytest.mark.parametrize(
    "answer",
    [
        b"v\x00\x00\x00\x02{}",  # no such value
        b"v\x00\x00\x00\x03\xff\xff\xff",
        b"o\x00\x00\x00\x01x",  # octets where a value is due
        b"v\xff\xff\xff\xff",  # more than anybody may answer
        b"v\x00\x20\x00\x00",  # more than a mail so small can need
        b"\x80\x04\x95pickle",
    ],
)
def test_what_a_worker_says_is_checked(pool: Pool, monkeypatch: pytest.MonkeyPatch, answer: bytes) -> None:
    lie = "\n".join(
        (
            "i, o = sys.stdin.buffer, sys.stdout.buffer",
            "i.read(int.from_bytes(i.read(5)[1:], 'big'))",
            f"r = {READY!r}; o.write(b'v' + len(r).to_bytes(4, 'big') + r); o.flush()",
            f"i.read(100); o.write({answer!r}); o.flush(); i.read()",
        )
    )
    monkeypatch.setattr(process, "_START", f"import sys\n{lie}")

    with pytest.raises(TooCostly, match="answer"):
        pool.read(MAIL)


def test_a_worker_that_speaks_unasked_is_replaced(pool: Pool) -> None:
    pool.read(MAIL)
    chatty = pool._idle[0]
    chatty._heard += b"v\x00\x00\x00\x02{}"

    assert pool.read(MAIL).mail.subject == pool.read(MAIL).mail.subject

    assert chatty not in pool._idle


def test_where_no_worker_starts_the_mail_waits(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_START", "raise SystemExit(1)")

    with pytest.raises(WorkersUnavailable):
        pool.read(MAIL)


def test_a_worker_has_nothing_that_is_worth_having(pool: Pool) -> None:
    worker = pool._taken()
    process = Path(f"/proc/{worker.pid}")

    environment, descriptors = (process / "environ").read_bytes(), sorted(os.listdir(process / "fd"))
    limits = (process / "limits").read_text()
    status = (process / "status").read_text()
    pool._give_back(worker, is_good=True)

    assert environment == b""
    assert len(descriptors) == 4  # its pipes: in, out twice, and standard error
    assert [line.split()[3] for line in limits.splitlines() if line.startswith("Max open files")] == ["0"]
    assert worker.is_filtered
    assert "Seccomp:\t2" in status
    assert "NoNewPrivs:\t1" in status


def test_a_confined_process_can_open_reach_start_and_kill_nothing() -> None:
    tried = """
import os, resource, socket, sys
sys.path[:] = sys.argv[1:]
from daemon.reading.confinement import confine
confine(1 << 30)
for act in (
    lambda: open("/etc/passwd"),
    lambda: os.open("/tmp/x", os.O_CREAT),
    lambda: os.stat("/etc/passwd"),
    lambda: os.listdir("/"),
    lambda: os.unlink("/tmp/x"),
    lambda: os.execv("/bin/true", ["true"]),
    lambda: os.kill(1, 0),
    lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9)),
    socket.socket,
    os.fork,
):
    try:
        act()
        print("possible", act)
    except (OSError, ValueError):
        print("refused")
"""
    command = [sys.executable, "-c", tried, *map(os.path.abspath, sys.path)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)

    assert run.stdout.split() == ["refused"] * 10


def test_a_small_mail_is_read_while_any_number_of_large_ones_come_to_no_end(pool: Pool) -> None:
    """Each place of the pool, and each of the slow ones, is taken, and more wait for one."""
    pool.limits = Limits(time_s=3600.0)
    large = MAIL + b"x" * pools.SMALL_BYTES
    stopped = threading.Event()

    def start() -> Worker:
        worker = Worker(pool._setting)
        ask = worker.ask

        def asked(job: frames.Job, octets: bytes, limits: Limits) -> Iterator[tuple[bytes, bytes]]:
            if len(octets) > pools.SMALL_BYTES and not stopped.is_set():
                os.kill(worker.pid, signal.SIGSTOP)  # as one that never comes to its end
            return ask(job, octets, limits)

        worker.ask = asked  # type: ignore[method-assign]
        return worker

    pool._start = start  # type: ignore[method-assign]
    pool.check()
    hostile = [
        threading.Thread(target=pytest.raises, args=(ReadingFailed, pool.read, large)) for _ in range(6)
    ]
    for thread in hostile:
        thread.start()

    assert pool.read(MAIL) == read(MAIL, RULES)
    assert pool.read(MAIL) == read(MAIL, RULES)

    assert any(thread.is_alive() for thread in hostile)
    pool.close()
    for thread in hostile:
        thread.join(30)


def test_beside_the_places_one_more_is_for_small_mails_only() -> None:
    lanes = pools._Lanes(2)
    for _ in range(2):
        pools._Place(lanes, is_small=False)

    assert not lanes.large.acquire(blocking=False)
    assert lanes.free.acquire(blocking=False)
    assert not lanes.free.acquire(blocking=False)


def test_a_slow_mail_leaves_its_place_and_one_too_many_is_set_back() -> None:
    lanes = pools._Lanes(1)
    for _ in range(pools.MOST_SLOW):
        slow = pools._Place(lanes, is_small=False)
        assert slow.give_up()
    last = pools._Place(lanes, is_small=False)

    with pytest.raises(pools.SetBack):
        last.give_up()

    assert not last.is_slow


def test_a_slow_mail_that_was_set_back_is_read_in_the_end(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "SLOW_S", 0.0)
    for _ in range(pools.MOST_SLOW):
        pool._lanes.slow.acquire()
    done: list[bool] = []
    thread = threading.Thread(target=lambda: done.append(pool.read(MAIL) == read(MAIL, RULES)))

    thread.start()
    thread.join(0.5)
    waited = thread.is_alive()
    pool._lanes.slow.release()
    thread.join(30)

    assert waited
    assert done == [True]


@pytest.mark.parametrize("memory_mb", [8, 60])
def test_memory_that_is_too_little_to_start_is_said_and_costs_no_mail(memory_mb: int) -> None:
    tight = Pool(RULES, Rules(), Limits(memory_bytes=memory_mb << 20), places=1)

    with pytest.raises(WorkersUnavailable):
        tight.check()
    with pytest.raises(WorkersUnavailable):
        tight.start()
    with pytest.raises(WorkersUnavailable):  # which puts the mail off (`loops.desk`)
        tight.read(MAIL)
    tight.close()
