"""The door: who may come in, who is ended, by a clock that is moved by hand; and who passes the turnstile."""

from __future__ import annotations

import asyncio
import importlib.metadata
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message, Receive, Scope, Send

from daemon.web import connections, turnstile
from daemon.web.door import BODY_S, HEADERS_S, IDLE_S, SENDING_S, Door, Stage
from daemon.web.turnstile import MOST_BYTES, Turnstile


@dataclass(eq=False)
class Someone:
    peer: str = "127.0.0.1"
    stage: Stage = Stage.IDLE
    unsent_bytes: int = 0
    ended: str = ""

    def time_out(self) -> None:
        self.ended = "timed out"

    def cut(self) -> None:
        self.ended = "cut"


@dataclass
class Entrance:
    """A door and its time."""

    now: float = 1000.0
    most: int = 4
    most_per_peer: int = 2
    proxies: tuple[str, ...] = ()
    door: Door = field(init=False)

    def __post_init__(self) -> None:
        self.door = Door(
            most=self.most, most_per_peer=self.most_per_peer, proxies=self.proxies, monotonic=lambda: self.now
        )

    def come(self, **about: Any) -> Someone:
        someone = Someone(**about)
        assert self.door.enter(someone)
        self.now += 0.001
        return someone

    def later(self, seconds: float) -> None:
        self.now += seconds
        self.door.sweep()


@pytest.mark.parametrize(
    "stage, allowed_s", [(Stage.IDLE, IDLE_S), (Stage.HEADERS, HEADERS_S), (Stage.BODY, BODY_S)]
)
def test_each_stage_has_its_time_however_often_an_octet_comes(stage: Stage, allowed_s: float) -> None:
    entrance = Entrance()
    slow = entrance.come(stage=stage)

    for _ in range(9):
        entrance.later(allowed_s / 10)
        entrance.door.moved(slow)  # one more octet
    early = slow.ended
    entrance.later(allowed_s / 10)

    assert (early, slow.ended) == ("", "timed out")
    assert len(entrance.door) == 0


def test_who_waits_for_us_is_not_hurried() -> None:
    entrance = Entrance()
    asking = entrance.come(stage=Stage.ANSWER)

    entrance.later(3600)

    assert not asking.ended


def test_the_next_stage_has_a_time_of_its_own() -> None:
    entrance = Entrance()
    one = entrance.come(stage=Stage.HEADERS)
    entrance.later(HEADERS_S - 1)

    one.stage = Stage.BODY
    entrance.door.moved(one)
    entrance.later(BODY_S - 1)

    assert not one.ended


def test_an_answer_that_is_not_taken_is_given_up_and_one_that_is_taken_slowly_is_not() -> None:
    entrance = Entrance()
    stuck = entrance.come(stage=Stage.ANSWER, unsent_bytes=1000)
    slow = entrance.come(stage=Stage.IDLE, unsent_bytes=1000)
    entrance.later(0)

    for _ in range(4):
        slow.unsent_bytes -= 1
        entrance.later(SENDING_S / 4)

    assert (stuck.ended, slow.ended) == ("cut", "")


@pytest.mark.parametrize("stage", [Stage.IDLE, Stage.HEADERS, Stage.BODY])
def test_a_newcomer_takes_the_place_of_the_one_that_was_silent_longest(stage: Stage) -> None:
    entrance = Entrance()
    at_work = entrance.come(stage=Stage.ANSWER)
    silent = [entrance.come(stage=stage) for _ in range(3)]

    newcomers = [entrance.come() for _ in range(2)]

    assert [one.ended for one in silent] == ["cut", "cut", ""]
    assert not any(one.ended for one in (at_work, *newcomers))
    assert len(entrance.door) == entrance.most


def test_who_does_not_take_our_answer_makes_room_too() -> None:
    entrance = Entrance()
    deaf = entrance.come(stage=Stage.ANSWER, unsent_bytes=70_000)
    for _ in range(3):
        entrance.come(stage=Stage.ANSWER)

    entrance.come()

    assert deaf.ended == "cut"


def test_where_all_are_at_work_a_newcomer_is_turned_away() -> None:
    entrance = Entrance()
    for _ in range(entrance.most):
        entrance.come(stage=Stage.ANSWER)

    assert not entrance.door.enter(Someone())
    assert len(entrance.door) == entrance.most


@pytest.mark.parametrize(
    "first, second, is_one_line",
    [
        ("198.51.100.1", "198.51.100.1", True),
        ("198.51.100.1", "198.51.100.2", False),
        ("::ffff:198.51.100.1", "198.51.100.1", True),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("127.0.0.1", "127.0.0.1", False),  # everybody stands behind our proxy
        ("::1", "::1", False),
        ("10.1.2.3", "10.1.2.3", False),
    ],
)
def test_one_line_has_a_limit_of_its_own_and_harms_itself_alone(
    first: str, second: str, is_one_line: bool
) -> None:
    entrance = Entrance(most_per_peer=1, proxies=("10.0.0.0/8", "proxy.example"))
    bystander = entrance.come(peer="203.0.113.9", stage=Stage.HEADERS)
    before = entrance.come(peer=first, stage=Stage.HEADERS)

    entrance.come(peer=second)

    assert (before.ended == "cut") == is_one_line
    assert not bystander.ended


def test_a_line_is_free_again_when_its_connections_have_left() -> None:
    entrance = Entrance(most_per_peer=1)
    at_work = entrance.come(peer="198.51.100.1", stage=Stage.ANSWER)
    assert not entrance.door.enter(Someone(peer="198.51.100.1"))

    entrance.door.leave(at_work)
    entrance.door.leave(at_work)  # also told twice

    assert entrance.door.enter(Someone(peer="198.51.100.1"))


def test_a_flood_is_one_line_a_minute_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    entrance = Entrance()
    for _ in range(1000):
        entrance.come(stage=Stage.HEADERS)
        entrance.door.sweep()
    entrance.later(60)

    assert len(caplog.records) == 2
    assert sum(vars(record)["count"] for record in caplog.records) == 1000


def test_the_names_of_uvicorn_are_those_of_the_version_that_is_installed() -> None:
    """Read `daemon/web/connections.py` beside the new `h11_impl.py` before you change PINNED."""
    assert importlib.metadata.version("uvicorn") == connections.PINNED


# --- the turnstile ----------------------------------------------------------------------------------------


class Hall:
    """An application that answers when it is told to, and counts who is inside."""

    def __init__(self) -> None:
        self.inside = 0
        self.most_inside = 0
        self.bodies: list[bytes] = []
        self.go_on = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] in turnstile.UNHINDERED:
            await Response("well")(scope, receive, send)
            return
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        self.bodies.append((await receive()).get("body", b""))
        await self.go_on.wait()
        self.inside -= 1
        await Response("answered")(scope, receive, send)


def gate_of(hall: Hall, places: int = 2) -> Turnstile:
    return Turnstile(hall, lambda scope, status: PlainTextResponse("no", status), places)


async def ask(
    app: Turnstile,
    path: str = "/c/x",
    body: tuple[Message, ...] = ({"type": "http.request"},),
    **headers: str,
) -> int:
    """The status that `app` answers with; a body whose messages are used up never goes on."""
    messages, statuses = list(body), []

    async def receive() -> Message:
        if not messages:
            await asyncio.Event().wait()
        return messages.pop(0)

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": path, "headers": pairs}
    await app(scope, receive, send)
    (status,) = statuses
    return int(status)


async def ticks(count: int = 20) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_health_is_told_while_every_place_is_taken() -> None:
    hall = Hall()
    app = gate_of(hall)
    asking = [asyncio.create_task(ask(app)) for _ in range(50)]
    await ticks()

    assert hall.inside == 2
    assert [await ask(app, path) for path in ("/healthz", "/readyz")] == [200, 200]

    hall.go_on.set()
    assert await asyncio.gather(*asking) == [200] * 50
    assert hall.most_inside == 2


async def test_a_flood_of_pages_leaves_the_places_of_the_programs() -> None:
    hall = Hall()
    app = gate_of(hall)
    asking = [asyncio.create_task(ask(app, path)) for path in ("/c/x", "/s/x", "/c/x", "/api/v1/complaints")]
    await ticks()

    assert hall.inside == 3
    hall.go_on.set()
    await asyncio.gather(*asking)


async def test_a_long_queue_is_not_made_longer() -> None:
    hall = Hall()
    app = gate_of(hall)
    asking = [asyncio.create_task(ask(app)) for _ in range(2 + turnstile.MOST_WAITING)]
    await ticks()

    assert await ask(app) == 503

    hall.go_on.set()
    assert set(await asyncio.gather(*asking)) == {200}


async def test_nobody_waits_for_a_place_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turnstile, "WAIT_S", 0.0)
    hall = Hall()
    app = gate_of(hall, places=1)
    asking = asyncio.create_task(ask(app))
    await ticks()

    async with asyncio.timeout(5):
        assert await ask(app) == 503

    hall.go_on.set()
    assert await asking == 200


async def test_a_body_that_drips_in_holds_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    hall = Hall()
    hall.go_on.set()
    app = gate_of(hall, places=1)
    begun: tuple[Message, ...] = ({"type": "http.request", "body": b"a", "more_body": True},)
    dripping = [asyncio.create_task(ask(app, body=begun)) for _ in range(30)]
    await ticks()

    assert await ask(app) == 200

    for one in dripping:
        one.cancel()
    monkeypatch.setattr(turnstile, "READ_S", 0.0)
    async with asyncio.timeout(5):
        assert await ask(app, body=begun) == 408
    assert hall.bodies == [b""]


async def test_a_body_arrives_whole() -> None:
    hall = Hall()
    hall.go_on.set()
    pieces: tuple[Message, ...] = (
        {"type": "http.request", "body": b"so", "more_body": True},
        {"type": "http.request", "body": b"me", "more_body": False},
    )

    assert await ask(gate_of(hall), body=pieces) == 200
    assert hall.bodies == [b"some"]


async def test_a_body_is_gathered_no_further_than_anybody_reads() -> None:
    hall = Hall()
    hall.go_on.set()
    piece: Message = {"type": "http.request", "body": bytes(MOST_BYTES // 2), "more_body": True}

    assert await ask(gate_of(hall), body=(piece,) * 3) == 200  # the application says 413
    assert len(hall.bodies[0]) > MOST_BYTES
    assert await ask(gate_of(hall), body=(piece,), content_length=str(MOST_BYTES + 1)) == 200
    assert len(hall.bodies[1]) == MOST_BYTES // 2  # it was not gathered at all


async def test_all_bodies_together_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turnstile, "MOST_GATHERED_BYTES", 10)
    hall = Hall()
    app = gate_of(hall)
    begun: tuple[Message, ...] = ({"type": "http.request", "body": b"eight...", "more_body": True},)
    dripping = asyncio.create_task(ask(app, body=begun))
    await ticks()

    assert await ask(app, body=begun) == 503

    dripping.cancel()
    await ticks()
    hall.go_on.set()
    assert await ask(app, body=({"type": "http.request", "body": b"eight..."},)) == 200


async def test_an_answer_that_is_not_read_holds_no_place() -> None:
    hall = Hall()
    hall.go_on.set()
    app = gate_of(hall, places=1)

    async def never(_: Message) -> None:
        await asyncio.Event().wait()

    async def receive() -> Message:
        return {"type": "http.request"}

    deaf = asyncio.create_task(
        app({"type": "http", "method": "GET", "path": "/c/x", "headers": []}, receive, never)
    )
    await ticks()

    assert await ask(app) == 200
    deaf.cancel()
