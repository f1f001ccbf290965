"""What becomes of a mail whose reading costs too much or cannot begin, and of the mails beside it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import pytest

from daemon.mail.letter.message import Attachment, IncomingMail
from daemon.reading.attachments import Judged
from daemon.reading.mail import Reading
from daemon.reading.process import TooCostly, WorkerBroken, WorkersUnavailable
from daemon.reading.reader import Reader
from daemon.store import inbox
from tests.casework.conftest import OpenOffice
from tests.integration.office import OPERATOR, mail, text_of


class Disturbed:
    """A reader on which one kind of mail does what `act` does, before it is read."""

    def __init__(self, reader: Reader, act: Callable[[], None], *, is_elsewhere: bool = False) -> None:
        self._reader = reader
        self._act = act
        self.is_elsewhere = is_elsewhere

    def read(self, raw: bytes) -> Reading:
        if b"costly" in raw:
            self._act()
        return self._reader.read(raw)

    def parse(self, raw: bytes) -> IncomingMail:
        return self._reader.parse(raw)

    def judge(self, raw: bytes, listed: Sequence[Attachment]) -> list[tuple[Judged, bytes]]:
        return self._reader.judge(raw, listed)

    def octets_of(self, raw: bytes, position: int) -> bytes | None:
        return self._reader.octets_of(raw, position)

    def start(self, mails: int = 0) -> None:
        self._reader.start(mails)

    def warm(self) -> None:
        self._reader.warm()

    def check(self) -> bool:
        return self._reader.check()

    def close(self) -> None:
        self._reader.close()


def _waited(event: threading.Event) -> None:
    assert event.wait(60)


def raising(error: Exception) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


async def test_a_mail_that_costs_too_much_is_set_aside_at_once_and_whole(open_office: OpenOffice) -> None:
    raw = mail(subject="costly")
    async with open_office(lambda reader: Disturbed(reader, raising(TooCostly("cpu")))) as office:
        await office.handle(mail("سارة <sara@example.sa>"), raw, mail("نورة <noura@example.sa>"))

        (row,) = [row for row in office.inbox() if row.state == "quarantined"]
        assert (row.reason, row.kind, row.attempts, row.answered) == ("too_costly", "broken", 1, False)
        assert office.system.database.read_now(inbox.raw_of, row.id) == raw
        assert len(office.tickets()) == 2
        assert office.folders() == {"INBOX": 0, "Processed": 2, "Quarantine": 1}
        (alert,) = office.mails_to(OPERATOR)
        assert "too_costly cpu" in text_of(alert)


async def test_what_is_set_aside_so_can_be_judged_afresh(open_office: OpenOffice) -> None:
    acts = iter([raising(TooCostly("memory"))])
    async with open_office(lambda reader: Disturbed(reader, lambda: next(acts, lambda: None)())) as office:
        await office.handle(mail(subject="costly"))
        (row,) = office.inbox()

        office.system.database.transact_now(inbox.replay, row.id, office.clock.now())
        await office.work()

        assert office.ticket().state == "open"


async def test_where_no_worker_starts_the_mail_waits_and_the_operator_hears_of_it(
    open_office: OpenOffice,
) -> None:
    acts = iter([raising(WorkersUnavailable("no worker can be started: OSError"))])
    async with open_office(lambda reader: Disturbed(reader, lambda: next(acts, lambda: None)())) as office:
        await office.handle(mail(subject="costly"))

        assert [row.state for row in office.inbox()] == ["queued"]
        assert office.tickets() == []

        office.clock.advance(minutes=2)
        await office.work()

        assert office.ticket().state == "open"


async def test_reading_that_breaks_is_a_bug_and_is_tried_again(open_office: OpenOffice) -> None:
    error = WorkerBroken("ValueError")
    async with open_office(lambda reader: Disturbed(reader, raising(error))) as office:
        await office.handle(mail(subject="costly"))
        for _ in range(4):
            office.clock.advance(hours=1)
            await office.work()

        (row,) = office.inbox()
        assert (row.state, row.reason) == ("quarantined", "failed")


async def test_a_slow_mail_keeps_no_other_waiting(
    open_office: OpenOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end = threading.Event()
    monkeypatch.setattr("daemon.loops.in_hand.PATIENCE_S", 0.05)

    def slow(reader: Reader) -> Reader:
        return Disturbed(reader, lambda: _waited(may_end), is_elsewhere=True)

    async with open_office(slow) as office:
        office.arrive(mail(subject="costly"), mail("سارة <sara@example.sa>", "شكوى أخرى"))
        await office.system.fetch.step()

        await office.system.desk.step()

        assert [row.state for row in office.inbox()] == ["claimed", "done"]
        may_end.set()
        await office.work()
        assert [row.state for row in office.inbox()] == ["done", "done"]
        assert len(office.tickets()) == 2
