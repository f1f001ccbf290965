"""The heartbeat: asked for while all is well, and for nothing else."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import respx

from daemon.loops.heartbeat import Heartbeat

URL = "https://hc-ping.example/secret-path"


@pytest.fixture
def outside() -> Iterator[respx.MockRouter]:
    with respx.mock(assert_all_called=False) as router:
        yield router


class Health:
    def __init__(self) -> None:
        self.is_well = True

    def __call__(self) -> bool:
        return self.is_well


async def test_it_is_asked_for_while_all_is_well_and_no_longer(outside: respx.MockRouter) -> None:
    route, health = outside.get(URL).respond(200), Health()
    heartbeat = Heartbeat(URL, health)

    heard = [await heartbeat.beat(), await heartbeat.beat()]
    health.is_well = False
    heard.append(await heartbeat.beat())
    health.is_well = True
    heard.append(await heartbeat.beat())

    assert heard == [True, True, False, True]
    assert route.call_count == 3


async def test_it_follows_nobody_elsewhere(outside: respx.MockRouter) -> None:
    outside.get(URL).respond(302, headers={"Location": "https://elsewhere.example/"})
    elsewhere = outside.get("https://elsewhere.example/").respond(200)

    assert not await Heartbeat(URL, Health()).beat()
    assert not elsewhere.called


@pytest.mark.parametrize(
    "failure",
    [httpx.ConnectError("x"), httpx.ReadTimeout("x"), httpx.RemoteProtocolError("x"), httpx.Response(500)],
    ids=["unreachable", "silent", "rubbish", "broken"],
)
async def test_what_is_not_heard_is_logged_once_and_without_the_address(
    outside: respx.MockRouter, caplog: pytest.LogCaptureFixture, failure: Any
) -> None:
    caplog.set_level(logging.INFO, "daemon")
    outside.get(URL).mock(side_effect=[failure, failure, failure, httpx.Response(200), httpx.Response(200)])
    heartbeat = Heartbeat(URL, Health())

    heard = [await heartbeat.beat() for _ in range(5)]

    assert heard == [False, False, False, True, True]
    said = [record.getMessage() for record in caplog.records if record.name.startswith("daemon")]
    assert len(said) == 2
    assert said[1] == "the heartbeat is heard again"
    assert not any("secret-path" in line or "hc-ping" in line for line in said)
