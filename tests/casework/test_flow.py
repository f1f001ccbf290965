"""docs/FLOW.md shows the rows of one complaint at each stop; they are compared with what is written."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from daemon.clock import ManualClock
from daemon.courier import FrozenMessage, Receipt
from daemon.store import inbox, schema
from tests.casework.conftest import OpenOffice
from tests.casework.world import MemoryRelay
from tests.integration.office import AUTHSERV_ID, Office

FLOW = (Path(__file__).resolve().parents[2] / "docs" / "FLOW.md").read_text("utf-8")
RIYADH = ZoneInfo("Asia/Riyadh")
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
MAIL = f"""Authentication-Results: {AUTHSERV_ID}; dmarc=pass header.from=example.com
From: خالد العتيبي <khalid@example.com>
To: infocs@momah.gov.sa
Subject: طلبي متأخر
Message-ID: <b7@example.com>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8

رقم الطلب ٢٠٢٦١٢٣٤٥ وقد تجاوز المدة دون أي إجراء. جوالي ٠٥٠١٢٣٤٥٦٧
--b
Content-Type: image/png
Content-Disposition: attachment; filename=screen.png
Content-Transfer-Encoding: base64

{base64.b64encode(PICTURE).decode()}
--b--
""".replace("\n", "\r\n").encode()

Row = tuple[str, dict[str, str]]


def told(stop: int) -> list[Row]:
    """The rows that the page shows at one stop."""
    section = FLOW.split(f"\n## {stop}. ")[1].split("\n## ")[0]
    found = []
    for line in section.splitlines():
        table, *pairs = re.split(r" {2,}", line.strip())
        if line.startswith("    ") and table in schema.metadata.tables:
            found.append((table, dict(pair.split("=", 1) for pair in pairs)))
    return found


def shown(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(RIYADH):%Y-%m-%d %H:%M}"
    return "–" if value is None else "octets" if isinstance(value, bytes) else str(value)


def value_at(row: Any, path: str) -> Any:
    column, *steps = path.split(".")
    value = row._mapping[column]
    for step in steps:
        value = value[int(step) if isinstance(value, list) else step]
    return value


def is_like(row: Any, wanted: dict[str, str]) -> bool:
    for path, expected in wanted.items():
        actual = shown(value_at(row, path)) if "." not in path or value_at(row, path.split(".")[0]) else "–"
        if expected == "…" and actual == "–":
            return False
        if not (actual.startswith(expected[:-1]) if expected.endswith("…") else actual == expected):
            return False
    return True


def missing(connection: Connection, rows: list[Row]) -> Iterator[str]:
    for table, wanted in rows:
        ids = [wanted[key] for key in ("id",) if key in wanted]
        stored = connection.execute(select(schema.metadata.tables[table])).all()
        stored = [row for row in stored if not ids or str(row._mapping["id"]) == ids[0]]
        if not any(is_like(row, wanted) for row in stored):
            yield f"{table} {wanted} is not among {[dict(row._mapping) for row in stored]}"


def check(office: Office, *stops: int) -> None:
    with office.system.database.engine.connect() as connection:
        for stop in stops:
            rows = told(stop)
            assert rows, f"stop {stop} of docs/FLOW.md shows no row"
            assert not list(missing(connection, rows))


async def test_the_rows_on_the_page_are_those_that_are_written(
    open_office: OpenOffice, clock: ManualClock, monkeypatch: Any
) -> None:
    clock.advance(days=1, hours=-2)  # Monday at ten in Riyadh
    async with open_office() as office:
        office.arrive(MAIL)
        await office.system.fetch.step()
        check(office, 1)

        with office.system.database.engine.connect() as connection:
            inbox.claim(connection, "5f1c", clock.now(), limit=50)
            assert not list(missing(connection, told(2)))
            connection.rollback()

        await office.system.desk.step()
        await office.system.fetch.step()
        check(office, 5, 6)

        deliver = MemoryRelay.deliver
        on_the_way = []

        async def looking(relay: MemoryRelay, message: FrozenMessage) -> Receipt:
            if message.recipient == "khalid@example.com":
                check(office, 7)
            on_the_way.append(message)
            return await deliver(relay, message)

        monkeypatch.setattr(MemoryRelay, "deliver", looking)
        await office.work()
        check(office, 8)
        to_team = next(one for one in on_the_way if one.recipient == "care@momah.gov.sa")
        (frozen,) = [row.frozen for row in office.outbox("staff_new")]
        name = b"FRS-2026-000001-7-attachment-1.png"
        assert name in to_team.content
        assert b"image/png" not in frozen


def test_the_mail_on_the_page_is_the_one_that_is_sent_in() -> None:
    block = FLOW.split("\n\n")[2]

    for line in filter(None, map(str.strip, block.splitlines())):
        assert line in MAIL.decode()
