"""Weeks of a complaint's life under a moved system clock: each promise at its minute, none twice.

The table below is worked out by hand from the guide and DESIGN §2 (Time), not by the program. For each time
of it the program runs a minute before and says nothing, not even once more what it said before; then at
the time itself, and says just that.
"""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from daemon.store import tickets
from tests.casework.test_whole_life import OMAR, STAFF, staff_answer
from tests.conftest import started
from tests.e2e.conftest import Forge
from tests.e2e.moved_clock import RIYADH, MovedClock, daemon_at, forge_under, libfaketime
from tests.e2e.test_crash import Lineage, Workshop, empty_sqlite, workshop
from tests.integration.office import mail, proven, read
from tests.servers import wait_until

__all__ = ["empty_sqlite", "workshop"]  # fixtures

SARA, KHALID = "sara@example.sa", "khalid@example.sa"
MINUTE = timedelta(minutes=1)
Said = list[tuple[str, str]]


def at(day: int, hour: int, minute: int = 0, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=RIYADH)


@pytest.fixture(autouse=True, scope="module")
def _faketime() -> Iterator[None]:
    with started(libfaketime()):
        yield


@pytest.fixture(scope="module")
def moved(_faketime: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[MovedClock, Forge]]:
    folder = tmp_path_factory.mktemp("moved")
    clock = MovedClock(folder / "clock", at(29, 10))
    with forge_under(clock, folder) as forge:
        yield clock, forge


class Weeks:
    """A desk whose clock jumps from run to run; each gives what was said in it."""

    def __init__(self, lineage: Lineage, clock: MovedClock, forge: Forge) -> None:
        self.lineage = lineage
        self._clock, self._forge = clock, forge
        self._seen = 0

    def run(self, now: datetime) -> Counter[tuple[str, str]]:
        self._clock.set(now)
        run = self._forge.run(*self.lineage.arguments("once"))
        assert run.code == 0, run.said
        assert "Traceback" not in run.said
        rows = self.lineage.rows()
        new = sorted(rows, key=lambda row: row.id)[self._seen :]
        self._seen = len(rows)
        assert {row.state for row in new} <= {"sent"}, [(row.notification, row.last_error) for row in new]
        return Counter((row.notification, row.channel) for row in new)

    def receive(self, message: bytes, when: datetime) -> Counter[tuple[str, str]]:
        self.lineage.box.drop([message], user=self.lineage.user, internaldate=when)
        return self.run(when)

    def speaks(self, due: datetime, *said: tuple[str, str]) -> None:
        assert self.run(due - MINUTE) == Counter(), f"something was said before {due}"
        assert self.run(due) == Counter(said), f"at {due}"

    def notice(self, name: str) -> bytes:
        (*_, row) = [row for row in self.lineage.rows() if row.notification == name and row.frozen]
        return bytes(row.frozen)


def both(name: str) -> Said:
    return [(name, "email"), (name, "sms")]


def test_a_complaint_without_its_number_is_asked_warned_and_closed_to_the_minute(
    workshop: Workshop, moved: tuple[MovedClock, Forge]
) -> None:
    """Opened on a Sunday; the Friday and Saturday between warning and closure do not count."""
    with workshop.lineage(mails=[], **STAFF) as lineage:
        weeks = Weeks(lineage, *moved)
        text = "طلبي متأخر تجاوز المدة\nجوالي ٠٥٠٧٦٥٤٣٢١\n"
        opening = mail(SARA, text=text, message_id="<s1@x>", headers=[proven()])

        said = weeks.receive(opening, at(29, 10))
        assert said == Counter([*both("info_requested"), ("staff_new", "email")])
        weeks.speaks(at(1, 10, month=12), *both("info_warning"))  # two business days later
        weeks.speaks(at(6, 10, month=12), *both("closed_no_response"))  # three after it was accepted
        assert weeks.run(at(1, 9, month=2, year=2027)) == Counter(), "a closed complaint stays silent"


def test_a_complaint_that_staff_let_lie_is_told_of_escalated_solved_and_rated_to_the_minute(
    workshop: Workshop, moved: tuple[MovedClock, Forge]
) -> None:
    with workshop.lineage(mails=[], **STAFF) as lineage:
        weeks = Weeks(lineage, *moved)
        text = "رقم الطلب: ٢٠٢٦١٢٣٤٥ وقد تجاوز المدة\nجوالي ٠٥٠٧٦٥٤٣٢١\n"
        said = weeks.receive(mail(KHALID, text=text, message_id="<k1@x>", headers=[proven()]), at(29, 10))
        assert said == Counter([*both("received"), ("staff_new", "email")])

        weeks.speaks(at(30, 5, 12), ("staff_due_soon", "email"))  # 80 % of a business day
        weeks.speaks(at(30, 10), ("staff_breached", "email"), ("staff_breached", "email"))  # team, escalation
        for day in (2, 6, 8):  # again every two business days
            weeks.speaks(at(day, 8, month=12), ("staff_breached", "email"))
        weeks.speaks(at(9, 10, month=12), ("staff_due_soon", "email"))  # eight business days
        weeks.speaks(at(10, 8, month=12), ("staff_breached", "email"))
        weeks.speaks(
            at(13, 10, month=12),  # ten
            ("staff_breached", "email"),
            ("staff_breached", "email"),
            ("processing_delayed", "email"),
        )

        escalation = mail(KHALID, "تصعيد", "تصعيد", answers="<k1@x>", headers=[proven()])
        said = weeks.receive(escalation, at(13, 11, month=12))
        assert said == Counter(
            [("escalation_received", "email"), ("staff_escalated", "email"), ("staff_update", "email")]
        )
        accepted = staff_answer(read(weeks.notice("staff_escalated")), "#قبول", sender=f"عمر <{OMAR}>")
        # To the citizen, to whom it is assigned now, and to whose it was.
        assert weeks.receive(accepted, at(13, 12, month=12)) == Counter(
            [*both("escalation_outcome"), ("staff_new", "email"), ("staff_note", "email")]
        )
        outcome = staff_answer(read(weeks.notice("staff_new")), "#حل\nاعتُمد طلبكم.", sender=f"عمر <{OMAR}>")
        said = weeks.receive(outcome, at(14, 9, month=12))
        assert said == Counter([("resolved", "email"), ("staff_done", "email")])

        weeks.speaks(at(15, 9, month=12), *both("closed"))  # a business day after the outcome
        weeks.speaks(at(16, 9, month=12), *both("survey"))  # and one after closing
        weeks.speaks(at(21, 9, month=12), ("survey_reminder", "email"))  # three more
        assert weeks.run(at(1, 9, month=2, year=2027)) == Counter()


def test_five_days_of_downtime_skip_nothing_and_say_nothing_twice(
    workshop: Workshop, moved: tuple[MovedClock, Forge]
) -> None:
    with workshop.lineage(mails=[], **STAFF) as lineage:
        weeks = Weeks(lineage, *moved)
        text = "طلبي متأخر تجاوز المدة\nجوالي ٠٥٠٧٦٥٤٣٢١\n"
        asked = mail(SARA, text=text, message_id="<s1@x>", headers=[proven()])
        whole = mail(KHALID, message_id="<k1@x>")
        weeks.receive(asked, at(29, 10))
        weeks.receive(whole, at(29, 11))

        said = weeks.run(at(4, 12, month=12))  # a Friday, five days on

        assert said == Counter({("staff_breached", "email"): 2})  # nobody speaks to a citizen on a Friday
        assert weeks.run(at(4, 12, 1, month=12)) == Counter()
        weeks.speaks(at(6, 8, month=12), *both("info_warning"))
        # Three business days from when the warning was taken, not from when it should have gone.
        weeks.speaks(at(8, 8, month=12), ("staff_breached", "email"))  # of the other one, again
        weeks.speaks(at(9, 8, month=12), *both("closed_no_response"))


def test_a_daemon_that_runs_follows_a_clock_that_jumps_ahead_and_back(
    workshop: Workshop, tmp_path: Path
) -> None:
    text = "طلبي متأخر تجاوز المدة\nجوالي ٠٥٠٧٦٥٤٣٢١\n"
    opening = mail(SARA, text=text, message_id="<s1@x>", headers=[proven()])
    with workshop.lineage(mails=[], **STAFF) as lineage:
        lineage.box.drop([opening], user=lineage.user, internaldate=at(29, 10))
        output = tmp_path / "serve.log"

        def has_said(name: str) -> bool:
            rows = [row for row in lineage.rows() if row.notification == name]
            return len(rows) == 2 and {row.state for row in rows} == {"sent"}

        with daemon_at(at(29, 10, 5), lineage.config, output) as (process, clock):
            wait_until(lambda: has_said("info_requested"), 30, "the answer")
            clock.set(at(1, 10, 6, month=12))
            wait_until(lambda: has_said("info_warning"), 30, "the warning")
            clock.set(at(29, 10, 5))  # somebody sets it back: what was said is said, what comes still comes
            lineage.box.drop(
                [mail(KHALID, message_id="<k1@x>")], user=lineage.user, internaldate=at(29, 10, 5)
            )
            wait_until(lambda: has_said("received"), 30, "an answer after the clock went back")
            clock.set(at(6, 10, 7, month=12))
            wait_until(lambda: has_said("closed_no_response"), 30, "the closure")
            process.send_signal(signal.SIGTERM)
            assert process.wait(15) == 0, output.read_text()

        names = Counter((row.notification, row.channel) for row in lineage.rows())
        assert max(names[name, "email"] for name in ("info_warning", "closed_no_response", "received")) == 1
        closed = [stored.ticket for stored in lineage.database.read_now(tickets.walk)]
        assert {ticket.state for ticket in closed} == {"closed", "open"}
        assert "Traceback" not in output.read_text()
