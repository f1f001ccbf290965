"""Old mail that is imported silently: complaints with their clocks, and nobody is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from daemon import adapters
from daemon.cli.main import main
from daemon.cli.old_mail import OldMail
from daemon.store import history
from daemon.workflow.ticket_number import is_valid
from tests.casework.conftest import OpenOffice
from tests.casework.test_left_mail import box_of
from tests.casework.test_whole_life import NOURA, STAFF
from tests.integration.office import START, Office, mail

KHALID = "khalid@example.sa"
OLD = START - timedelta(days=200)


@pytest.fixture
def old_mail(tmp_path: Path) -> Callable[..., None]:
    """Imports mails from an mbox that says they were delivered long ago."""

    def import_them(*mails: bytes, at: datetime = OLD, silent: bool = True) -> None:
        stamp = f"From someone {at:%a %b %d %H:%M:%S %Y} +0000\n".encode()
        lines = (
            stamp + one.replace(b"\r\n", b"\n").replace(b"\nFrom ", b"\n>From ") + b"\n" for one in mails
        )
        (tmp_path / "old.mbox").write_bytes(b"".join(lines))
        config = next(tmp_path.glob("*.toml"))
        more = ["--silent"] if silent else []
        assert main(["--config", str(config), "mail", "import", str(tmp_path / "old.mbox"), *more]) == 0

    return import_them


def codes(office: Office) -> list[str]:
    entries = office.system.database.read_now(history.of_ticket, 1)
    return [line.code for one in entries for line in one.entry.lines]


def to_citizens(office: Office) -> list[str]:
    return [row.notification for row in office.outbox() if row.audience == "requester"]


async def test_an_old_complaint_is_a_ticket_from_its_day_and_nobody_is_told(
    open_office: OpenOffice, old_mail: Callable[..., None]
) -> None:
    async with open_office(**STAFF) as office:
        old_mail(mail())
        await office.work()

        ticket = office.ticket()
        assert is_valid(ticket.number)
        assert (ticket.state, ticket.opened_at) == ("open", OLD)
        assert ticket.number.startswith(f"FRS-{OLD:%Y}-")
        assert codes(office)[:2] == ["opened", "taken_in_silently"]
        assert to_citizens(office) == []
        assert "staff_new" not in [row.notification for row in office.outbox()]


async def test_without_its_request_number_nothing_is_awaited_that_nobody_asked_for(
    open_office: OpenOffice, old_mail: Callable[..., None]
) -> None:
    async with open_office(**STAFF) as office:
        old_mail(mail(text="السلام عليكم، لدي شكوى على تأخر المعاملة\n"))
        await office.work()

        ticket = office.ticket()
        assert (ticket.state, ticket.info_requested_at, ticket.running_since) == ("open", None, OLD)
        assert codes(office)[:2] == ["opened", "taken_in_silently"]
        assert to_citizens(office) == []


async def test_no_clock_ever_speaks_to_who_never_heard_of_it_and_staff_hear_of_the_breach(
    open_office: OpenOffice, old_mail: Callable[..., None]
) -> None:
    async with open_office(**STAFF) as office:
        old_mail(
            mail(),
            mail(text="شكوى بلا رقم\n", message_id="<2@x>", sender="b@example.sa"),
            at=START - timedelta(days=1),
        )
        for _ in range(60):
            await office.work()
            office.clock.advance(days=1)

        assert to_citizens(office) == []
        assert "staff_breached" in [row.notification for row in office.outbox()]
        assert {one.state for one in office.tickets()} == {"open"}


async def test_a_later_live_word_of_theirs_is_answered_and_names_the_complaint(
    open_office: OpenOffice, old_mail: Callable[..., None]
) -> None:
    async with open_office(**STAFF) as office:
        old_mail(mail(message_id="<old@example.sa>"))
        await office.work()
        await office.handle(
            mail(message_id="<new@example.sa>", text="ما حالة شكواي؟\n", answers="<old@example.sa>")
        )

        assert len(office.tickets()) == 1
        assert to_citizens(office) == ["status"]
        (row,) = [row for row in office.outbox() if row.audience == "requester"]
        assert row.values["ticket_number"] == office.ticket().number


async def test_an_old_thread_is_one_ticket_and_nobody_is_told_of_its_replies(
    open_office: OpenOffice, old_mail: Callable[..., None]
) -> None:
    async with open_office(**STAFF) as office:
        old_mail(
            mail(message_id="<1@example.sa>"),
            mail(message_id="<2@example.sa>", text="أود المتابعة\n", answers="<1@example.sa>"),
        )
        await office.work()

        assert len(office.tickets()) == 1
        assert codes(office).count("taken_in_silently") == 2
        assert not [row for row in office.outbox() if row.notification in ("staff_new", "staff_update")]
        assert to_citizens(office) == []


async def test_an_old_mail_that_joins_a_complaint_of_today_is_shown_to_staff_alone(
    open_office: OpenOffice, old_mail: Callable[..., None]
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(message_id="<1@example.sa>"))
        before = to_citizens(office)
        old_mail(mail(message_id="<0@example.sa>"))
        await office.work()

        assert len(office.tickets()) == 1
        assert to_citizens(office) == before
        assert [row.notification for row in office.outbox()][-1] == "staff_update"
        assert codes(office)[-1] == "taken_in_silently"


async def test_what_staff_once_wrote_is_no_order_of_today_and_what_is_set_aside_tells_no_member(
    open_office: OpenOffice, old_mail: Callable[..., None]
) -> None:
    async with open_office(**STAFF) as office:
        old_mail(mail(sender=NOURA, text="#حل\nانتهت المعاملة\n"))
        await office.work()

        assert office.tickets() == []
        assert {row.audience for row in office.outbox()} <= {"operator"}


async def test_replayed_or_released_it_is_still_silent(
    open_office: OpenOffice, old_mail: Callable[..., None], tmp_path: Path
) -> None:
    async with open_office(**STAFF, mailbox={"spam_header": "X-Spam: YES"}) as office:
        old_mail(mail(headers=[("X-Spam", "YES")]))
        await office.work()
        assert office.tickets() == []
        config = str(next(tmp_path.glob("*.toml")))
        assert main(["--config", config, "mail", "release", "1"]) == 0
        await office.work()

        assert codes(office)[:2] == ["opened", "taken_in_silently"]
        assert to_citizens(office) == []


async def test_without_silent_an_import_is_answered_as_before(
    open_office: OpenOffice, old_mail: Callable[..., None]
) -> None:
    async with open_office(**STAFF) as office:
        old_mail(mail(), silent=False)
        await office.work()

        assert to_citizens(office) == ["received", "received"]
        assert "taken_in_silently" not in codes(office)


@pytest.mark.parametrize("is_silent", [True, False])
async def test_the_old_mail_of_the_mailbox_is_taken_in_where_it_lies_and_then_filed(
    open_office: OpenOffice, monkeypatch: pytest.MonkeyPatch, is_silent: bool
) -> None:
    async with open_office(**STAFF) as office:
        office.arrive(mail(message_id="<1@x>"), mail("b@example.sa", message_id="<2@x>"), at=OLD)
        await office.handle(mail("c@example.sa", message_id="<3@x>"), at=START)
        assert office.folders() == {"INBOX": 2, "Processed": 1, "Quarantine": 0}
        before = to_citizens(office)
        monkeypatch.setattr(adapters, "examining", lambda *_: box_of(office))

        for new in (2, 0):
            taken = await OldMail(
                office.system.config, office.system.database, is_silent=is_silent
            ).import_all()
            assert (taken.total, taken.new) == (new, new)
        await office.work()

        assert office.folders() == {"INBOX": 0, "Processed": 3, "Quarantine": 0}
        assert sorted(one.opened_at for one in office.tickets()) == [OLD, OLD, START]
        assert (to_citizens(office) == before) is is_silent


def test_a_file_or_the_mailbox_and_not_both(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for words in (["import"], ["import", str(tmp_path), "--mailbox"]):
        assert main(["--config", "none.toml", "mail", *words]) == 2
        assert "either a file, a folder, or --mailbox" in capsys.readouterr().err
