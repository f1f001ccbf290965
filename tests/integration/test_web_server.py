"""The embedded server over real sockets: starts, tells its port, takes no signal, stops in time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from daemon.web.callers import Gate
from daemon.web.door import MOST_CONNECTIONS, Door, Stage
from daemon.web.server import CannotServe, WebServer
from daemon.web.throttle import Throttle
from tests.web_desk import AUTHORIZED, NUMBER, SURVEY_TOKEN, TOKEN, FakeDesk, app_of

STOP_S = 2.0


@pytest.fixture
def desk() -> FakeDesk:
    desk = FakeDesk()
    desk.place()
    desk.place_survey()
    return desk


@contextlib.asynccontextmanager
async def serving(desk: FakeDesk, **changes: Any) -> AsyncIterator[WebServer]:
    proxies, door = changes.get("trusted_proxies", ()), changes.pop("door", None)
    server = WebServer(app_of(desk, **changes), port=0, trusted_proxies=proxies, door=door)
    server.start()
    async with asyncio.TaskGroup() as group:
        group.create_task(server.run())
        try:
            yield server
        finally:
            server.stop()


async def test_it_serves_on_the_port_it_tells(desk: FakeDesk, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        async with serving(desk) as server, httpx.AsyncClient(base_url=server.url) as caller:
            page = await caller.get(f"/c/{TOKEN}")
            rated = await caller.post(f"/s/{SURVEY_TOKEN}", data={"score": "5"})
            standing = await caller.get(f"/api/v1/complaints/{NUMBER}", headers=AUTHORIZED)

    assert [one.status_code for one in (page, rated, standing)] == [200, 200, 200]
    assert desk.ratings == {SURVEY_TOKEN: (5, "")}
    assert "server" not in page.headers
    ours = [record for record in caplog.records if record.name != "httpx"]
    assert [record.getMessage() for record in ours] == [f"serving on {server.url}"]
    assert server.port > 0


async def test_head_has_no_body(desk: FakeDesk) -> None:
    async with serving(desk) as server, httpx.AsyncClient(base_url=server.url) as caller:
        head = await caller.head(f"/s/{SURVEY_TOKEN}")

    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 1000


async def test_it_takes_no_signal_from_the_service(desk: FakeDesk) -> None:
    before = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]

    async with serving(desk) as server, httpx.AsyncClient(base_url=server.url) as caller:
        await caller.get("/healthz")
        during = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]

    assert during == before


async def test_what_is_being_answered_may_end(desk: FakeDesk) -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()
    plain = desk.page

    async def slow(token: str) -> Any:
        arrived.set()
        await go_on.wait()
        return await plain(token)

    desk.page = slow  # type: ignore[method-assign]
    async with httpx.AsyncClient() as caller:
        async with serving(desk) as server:
            asked = asyncio.create_task(caller.get(f"{server.url}/c/{TOKEN}"))
            await arrived.wait()
            server.stop()
            go_on.set()
        answer = await asked

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "begun",
    [b"", b"GET /healthz HTT", b"POST /s/x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nsco", "silent"],
    ids=["idle", "half a line", "half a body", "a desk that never answers"],
)
async def test_nobody_holds_up_the_end(desk: FakeDesk, begun: bytes | str) -> None:
    arrived = asyncio.Event()
    if begun == "silent":

        async def never(_: str) -> Any:
            arrived.set()
            await asyncio.Event().wait()

        desk.page = never  # type: ignore[method-assign,assignment]
        begun = f"GET /c/{TOKEN} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    else:
        arrived.set()

    async with serving(desk) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        assert isinstance(begun, bytes)
        writer.write(begun)
        await writer.drain()
        await arrived.wait()
        await _is_connected(server)
        began = time.monotonic()
        server.stop()
    took = time.monotonic() - began

    assert took < STOP_S
    with contextlib.suppress(ConnectionError):
        await reader.read()
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


async def _is_connected(server: WebServer) -> None:
    async with httpx.AsyncClient(base_url=server.url) as caller:
        await caller.get("/healthz")  # answered after the connection before it was taken


async def test_it_ends_when_a_neighbour_fails(desk: FakeDesk) -> None:
    server = WebServer(app_of(desk), port=0)
    server.start()
    port = server.port

    async def failing() -> None:
        async with httpx.AsyncClient(base_url=server.url) as caller:
            await caller.get("/healthz")
        raise LookupError("a bug of a loop")

    async def both() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(server.run())
            group.create_task(failing())

    with pytest.raises(ExceptionGroup) as caught:
        await both()

    assert [type(error) for error in caught.value.exceptions] == [LookupError]
    with pytest.raises(ConnectionError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_stopped_before_it_ran_it_does_not_serve(desk: FakeDesk) -> None:
    server = WebServer(app_of(desk), port=0)
    server.start()
    server.stop()

    async with asyncio.timeout(STOP_S):
        await server.run()


def test_a_port_that_is_taken_is_one_clear_error(desk: FakeDesk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        server = WebServer(app_of(desk), port=port)
        with pytest.raises(CannotServe) as caught:
            server.start()

    assert str(caught.value) == f"web: cannot listen on 127.0.0.1:{port}: Address already in use"


def test_a_host_that_is_not_here_is_one_clear_error(desk: FakeDesk) -> None:
    for host in ("192.0.2.1", "no-such-host.invalid"):
        with pytest.raises(CannotServe, match=f"web: cannot listen on {host}:0: ."):
            WebServer(app_of(desk), host=host, port=0).start()


@pytest.mark.parametrize(
    "proxies, forwarded, statuses",
    [
        ((), ["198.51.100.1", "198.51.100.2"], [404, 429]),
        (("192.0.2.7",), ["198.51.100.1", "198.51.100.2"], [404, 429]),
        (("127.0.0.1",), ["198.51.100.1", "198.51.100.2"], [404, 404]),
        (("127.0.0.0/8",), ["198.51.100.1", "198.51.100.1"], [404, 429]),
        (("127.0.0.1",), ["9.9.9.9, 198.51.100.1", "8.8.8.8, 198.51.100.1"], [404, 429]),
    ],
)
async def test_an_address_is_believed_from_a_trusted_proxy_only(
    desk: FakeDesk, proxies: tuple[str, ...], forwarded: list[str], statuses: list[int]
) -> None:
    gate = Gate(Throttle(100, 1.0, lambda: 0.0), Throttle(1, 10.0, lambda: 0.0))

    async with (
        serving(desk, trusted_proxies=proxies, gate=gate) as server,
        httpx.AsyncClient(base_url=server.url) as caller,
    ):
        got = [
            await caller.post("/s/unknown", data={"score": "1"}, headers={"X-Forwarded-For": one})
            for one in forwarded
        ]

    assert [answer.status_code for answer in got] == statuses


async def test_what_is_not_http_is_refused_quietly(desk: FakeDesk, caplog: pytest.LogCaptureFixture) -> None:
    async with serving(desk) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"\x16\x03\x01 noura@example.sa\r\n\r\n")
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()

    assert answer.startswith(b"HTTP/1.1 400")
    assert "noura" not in caplog.text


# --- who says nothing, or says it slowly ------------------------------------------------------------------

FLOOD = MOST_CONNECTIONS + 60
HALF_A_REQUEST = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Endless: "
HALF_A_BODY = f"POST /c/{TOKEN}/information HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\ntext=".encode()
A_PAGE = f"GET /c/{TOKEN} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
ANSWERED_S = 1.0


@contextlib.asynccontextmanager
async def flooded(server: WebServer, begun: bytes, count: int = FLOOD) -> AsyncIterator[list[socket.socket]]:
    """So many connections, each of which said `begun` and nothing more."""
    loop = asyncio.get_running_loop()
    held = []
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            one = stack.enter_context(socket.socket())
            one.setblocking(False)
            await loop.sock_connect(one, ("127.0.0.1", server.port))
            with contextlib.suppress(ConnectionError):
                await loop.sock_sendall(one, begun)
            held.append(one)
        yield held


@pytest.mark.parametrize("begun", [b"", HALF_A_REQUEST, HALF_A_BODY], ids=["silent", "headers", "body"])
async def test_a_flood_of_what_is_begun_and_not_ended_keeps_nobody_out(desk: FakeDesk, begun: bytes) -> None:
    async with serving(desk) as server, flooded(server, begun), asyncio.timeout(20):
        for path in ("/healthz", "/readyz", f"/c/{TOKEN}", "/api/v1/openapi.json"):
            asked_at = time.monotonic()
            async with httpx.AsyncClient(base_url=server.url) as caller:
                answer = await caller.get(path)
            assert answer.status_code == 200, path
            assert time.monotonic() - asked_at < ANSWERED_S, path
        async with httpx.AsyncClient(base_url=server.url) as caller:
            said = await caller.post(f"/c/{TOKEN}/information", data={"text": "رقم الطلب 4401"})
        assert said.status_code == 303

        assert len(server.door) <= MOST_CONNECTIONS


async def test_health_is_told_while_pages_are_flooded(desk: FakeDesk) -> None:
    async def never(_: str) -> Any:
        await asyncio.Event().wait()

    desk.page = never  # type: ignore[method-assign,assignment]
    async with serving(desk) as server, flooded(server, A_PAGE), asyncio.timeout(20):
        for path in ("/healthz", "/readyz"):
            asked_at = time.monotonic()
            async with httpx.AsyncClient(base_url=server.url) as caller:
                assert (await caller.get(path)).status_code == 200
            assert time.monotonic() - asked_at < ANSWERED_S, path


async def test_answers_that_nobody_reads_keep_nobody_out(desk: FakeDesk) -> None:
    async with serving(desk) as server, flooded(server, A_PAGE * 400, 40), asyncio.timeout(20):
        asked_at = time.monotonic()
        async with httpx.AsyncClient(base_url=server.url) as caller:
            assert (await caller.get("/healthz")).status_code == 200
        assert time.monotonic() - asked_at < ANSWERED_S


@pytest.mark.parametrize(
    "begun, answer",
    [
        (b"", b""),
        (HALF_A_REQUEST, b"HTTP/1.1 408 "),
        (HALF_A_BODY, b"HTTP/1.1 408 "),
        (A_PAGE + HALF_A_REQUEST, b"HTTP/1.1 200 "),
        (A_PAGE.replace(b"Host: x", b"Host: x\r\nContent-Length: 9000000"), b"HTTP/1.1 200 "),
    ],
    ids=["silent", "headers", "body", "the second headers", "a body that nobody wants"],
)
async def test_who_is_too_slow_is_told_and_ended(desk: FakeDesk, begun: bytes, answer: bytes) -> None:
    now = [0.0]
    door = Door(monotonic=lambda: now[0])
    async with serving(desk, door=door) as server, asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(begun)
        await writer.drain()
        while begun.startswith(b"GET /c/") and not door_is_at_rest(door):
            await asyncio.sleep(0)
        await _is_connected(server)
        now[0] += 60.0
        got = await reader.read()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    assert got.startswith(answer)
    assert bool(got) == bool(answer)


def door_is_at_rest(door: Door) -> bool:
    """Whether nobody inside waits for us."""
    return bool(len(door)) and not any(seat.stage is Stage.ANSWER for seat in door._seats.values())


async def test_a_connection_is_used_for_request_after_request(desk: FakeDesk) -> None:
    now = [0.0]
    async with (
        serving(desk, door=Door(monotonic=lambda: now[0])) as server,
        httpx.AsyncClient(base_url=server.url, limits=httpx.Limits(max_connections=1)) as caller,
    ):
        for _ in range(20):
            now[0] += 8.0
            assert (await caller.get(f"/c/{TOKEN}")).status_code == 200
        assert len(server.door) == 1


async def test_long_files_come_in_while_pages_are_answered(desk: FakeDesk) -> None:
    content = bytes(range(256)) * 32_768  # 8 MB

    async with serving(desk) as server, httpx.AsyncClient(base_url=server.url, timeout=30) as caller:
        sending = [
            asyncio.create_task(
                caller.post(
                    f"/c/{TOKEN}/information", data={"text": "مرفق"}, files={"files": ("a.bin", content)}
                )
            )
            for _ in range(2)
        ]
        seen = [(await caller.get(f"/c/{TOKEN}")).status_code for _ in range(5)]
        answers = [answer.status_code for answer in await asyncio.gather(*sending)]
        unknown = await caller.post(
            "/c/unknown/information", data={"text": "x"}, files={"files": ("a", content)}
        )

    assert seen == [200] * 5
    assert answers == [303, 303]
    assert [one.content == content for one in desk.files] == [True, True]
    assert unknown.status_code == 404


async def test_a_file_over_the_limit_is_refused_by_its_announced_length(desk: FakeDesk) -> None:
    async with serving(desk) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        head = (
            f"POST /c/{TOKEN}/information HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n"
            "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
        )
        writer.write(head.encode())
        async with asyncio.timeout(10):
            assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")
        writer.close()
