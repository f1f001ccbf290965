"""What the desk would have said beside what the team really sent: they belong together by their thread."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta

from daemon.cli import shadow_report
from daemon.cli.sent_folder import answered
from daemon.workflow.beside import Came, Meant, Sent, compared
from daemon.workflow.period import Period

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CAME = (
    Came("FRS-1", MONDAY, "<1@x>"),
    Came("FRS-1", MONDAY + 3 * HOUR, "<1b@x>"),
    Came("FRS-2", MONDAY + HOUR, "<2@x>"),
    Came("FRS-3", MONDAY + 2 * HOUR, "<3@x>"),
    Came("mail 4", MONDAY + 2 * HOUR, "<4@x>"),
    Came("mail 5", MONDAY + 2 * HOUR, None),
    Came("mail 6", MONDAY + 2 * HOUR, "<6@x>", is_human=False),
    Came("mail 7", MONDAY + 2 * HOUR, "<7@x>", is_human=False),
)
MEANT = (
    Meant("FRS-1", MONDAY, "received"),
    Meant("FRS-2", MONDAY + HOUR, "info_requested"),
    Meant("FRS-0", MONDAY + 4 * HOUR, "info_warning"),
)
SENT = (
    Sent(MONDAY + 5 * HOUR, ("<1b@x>",)),
    Sent(MONDAY + 2 * HOUR, ("<unknown@x>", "<1@x>")),
    Sent(MONDAY + 6 * HOUR, ("<3@x>",)),
    Sent(MONDAY + 6 * HOUR, ("<6@x>",)),
    Sent(MONDAY + 6 * HOUR, ("<elsewhere@x>",)),
    Sent(MONDAY + 6 * HOUR, ()),
)
FOUND = compared(CAME, MEANT, SENT)


def stamp(at: datetime | None) -> str | None:
    return None if at is None else f"{at:%H:%M}"


def test_each_conversation_says_who_answered_it() -> None:
    assert {one.thread: one.verdict for one in FOUND.conversations} == {
        "FRS-1": "both",
        "FRS-2": "desk",
        "FRS-3": "team",
        "mail 4": "neither",
        "mail 5": "neither",
        "mail 6": "team",
        "FRS-0": "desk",
    }
    assert FOUND.unrelated == 2


def test_a_conversation_has_its_first_mail_and_every_answer_in_order() -> None:
    (one,) = [one for one in FOUND.conversations if one.thread == "FRS-1"]

    assert one.came_at == MONDAY
    assert one.team == (MONDAY + 2 * HOUR, MONDAY + 5 * HOUR)
    assert [said.notification for said in one.desk] == ["received"]
    assert FOUND.conversations[0] is one


def test_nothing_beside_nothing_is_nothing() -> None:
    assert compared((), (), ()).conversations == ()


def test_what_a_mail_answers_is_named_nearest_first() -> None:
    raw = (
        b"Subject: =?utf-8?B?2LHYrw==?=\r\nIn-Reply-To:\r\n <3@x>\r\n"
        b"References: <1@x> <2@x>\r\n\t<3@x> not-an-id <\xff@x>\r\n\r\n"
    )

    assert list(answered(raw))[:3] in (["<3@x>", "<\ufffd@x>", "<2@x>"], ["<3@x>", "<\udcff@x>", "<2@x>"])
    assert list(answered(b"\xff\x00garbage")) == []


def test_the_report_tells_it_in_each_of_its_forms() -> None:
    period = Period(MONDAY, MONDAY + 24 * HOUR)

    text = shadow_report.as_text([], period, stamp, FOUND).decode()
    rows = list(csv.DictReader(io.StringIO(shadow_report.as_csv([], stamp, FOUND).decode("utf-8-sig"))))
    told = json.loads(shadow_report.as_json([], period, stamp, FOUND))["beside"]

    assert "     1  answered by the team, and the desk would have\n" in text
    assert "     2  answered by the team alone\n" in text
    assert "FRS-1               came 09:00  team 11:00 and 1 more  desk 09:00 received\n" in text
    assert "FRS-0               came before  team -  desk 13:00 info_warning\n" in text
    assert [row["answered_by"] for row in rows] == [one["answered_by"] for one in told["conversations"]]
    assert told["counts"] == {"both": 1, "team": 2, "desk": 2, "neither": 2}
    assert told["unrelated"] == 2
    assert "beside" not in json.loads(shadow_report.as_json([], period, stamp))
