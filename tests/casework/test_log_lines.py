"""What the log tells of one complaint: what came in, what became of it, what was sent, by their numbers."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tests.casework.conftest import PERSONAL, OpenOffice
from tests.integration.office import mail, proven


def of_program(caplog: pytest.LogCaptureFixture, message: str) -> list[dict[str, Any]]:
    """The fields of the lines that say so."""
    return [
        vars(one) for one in caplog.records if one.name.startswith("daemon") and one.getMessage() == message
    ]


async def test_a_complaint_is_followed_by_its_numbers(
    open_office: OpenOffice, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "daemon")
    async with open_office() as office:
        await office.handle(mail(headers=[proven()]))
        due = min(row.due_at for row in office.deadline_rows())
        office.clock.advance(seconds=(due - office.clock.now()).total_seconds())
        await office.work()
        (row,) = office.inbox()
        sent = {one.id for one in office.outbox() if one.state == "sent"}

    (decided,) = of_program(caplog, "decided: opened")
    assert (decided["inbox_id"], decided["ticket_id"], decided["kind"]) == (row.id, row.ticket_id, "human")
    lines = of_program(caplog, "sent")
    assert {one["outbox_id"] for one in lines} == sent
    assert {one["ticket_id"] for one in lines} == {row.ticket_id}
    assert of_program(caplog, "acted on a deadline")[0]["ticket_id"] == row.ticket_id


async def test_what_is_put_off_and_given_up_names_its_complaint(
    open_office: OpenOffice, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "daemon")
    async with open_office() as office:
        office.smtp.rcpt["khalid@example.sa"] = "550 5.1.1 no such user"  # as `replies.tidy` leaves it
        await office.handle(mail(headers=[proven()]))
        ticket_id = office.inbox()[0].ticket_id

    given_up = [one for one in caplog.records if one.getMessage().startswith("given up")]
    assert [vars(one)["ticket_id"] for one in given_up] == [ticket_id]


@pytest.mark.parametrize(
    "line",
    [
        "refused: <khalid@example.sa>",
        "to +966501234567",
        "to 0501234567",
        "from خالد",
        "at /c/tok0000000000000000000001",
    ],
)
def test_a_line_that_told_of_somebody_would_be_found(line: str) -> None:
    assert PERSONAL.search(line)
