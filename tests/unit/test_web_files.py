"""/f/TOKEN: a file for staff is saved, and never run by a browser."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx
import pytest

from daemon.front_desk import FileWithheld, StaffFile, UnknownTicket
from daemon.store.database import StoreUnavailable
from daemon.web.app import build_app
from tests.web_desk import FakeDesk, caller_of, settings_of

TOKEN = "fil0000000000000000000001"
NAME = "FRS-2026-000001-7-attachment-1.pdf"


@dataclass
class FakeFiles:
    content: bytes = b"<script>alert(1)</script>"
    fault: Exception | None = None
    asked: list[str] = field(default_factory=list)

    async def file(self, token: str) -> StaffFile:
        self.asked.append(token)
        if self.fault:
            raise self.fault
        if token != TOKEN:
            raise UnknownTicket("link")
        return StaffFile(NAME, self.content)


def web(files: FakeFiles | None) -> httpx.AsyncClient:
    desk = FakeDesk()
    return caller_of(build_app(desk, settings_of(), dict, clock=desk.clock, files=files))


@pytest.mark.parametrize("path", [f"/f/{TOKEN}", f"/f/{TOKEN}/{NAME}", f"/f/{TOKEN}/anything%0d%0aX-Y: 1"])
async def test_a_file_is_saved_under_our_name_and_nothing_of_it_is_run(path: str) -> None:
    async with web(FakeFiles()) as caller:
        got = await caller.get(path)

    assert got.status_code == 200
    assert got.content == b"<script>alert(1)</script>"
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"] == f'attachment; filename="{NAME}"'
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["cache-control"] == "no-store"
    assert got.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert got.headers["referrer-policy"] == "no-referrer"


async def test_what_may_not_be_given_out_is_explained(caplog: pytest.LogCaptureFixture) -> None:
    async with web(FakeFiles(fault=FileWithheld("unscanned"))) as caller:
        got = await caller.get(f"/f/{TOKEN}")

    assert got.status_code == 403
    assert "الملف محجوز" in got.text
    assert got.headers["content-type"].startswith("text/html")


async def test_a_wrong_token_and_an_outage_are_told_apart() -> None:
    async with web(FakeFiles()) as caller:
        assert (await caller.get("/f/nonsense")).status_code == 404
        assert (await caller.get("/f/..%2f..%2fetc")).status_code == 404
        assert (await caller.post(f"/f/{TOKEN}")).status_code == 405
    async with web(FakeFiles(fault=StoreUnavailable("locked"))) as caller:
        assert (await caller.get(f"/f/{TOKEN}")).status_code == 503


async def test_without_files_there_is_no_such_address() -> None:
    async with web(None) as caller:
        assert (await caller.get(f"/f/{TOKEN}")).status_code == 404
