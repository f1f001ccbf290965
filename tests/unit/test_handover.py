"""The handing over of one message: asked about where it is in doubt, sent with its files, or without them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from daemon.courier import (
    DeliveryFailure,
    FrozenMessage,
    OutcomeUnknown,
    PermanentFailure,
    Receipt,
    TemporaryFailure,
)
from daemon.dispatch import handover as module
from daemon.dispatch.envelope import BadEnvelope
from daemon.dispatch.handover import Handover, Result
from daemon.dispatch.line import Line
from daemon.dispatch.writer import Writer, Written
from daemon.store.database import StoreUnavailable
from daemon.store.outbox import Claimed

WRITTEN = Written(7, "infocs@momah.gov.sa", b"words", "r1")


@dataclass
class Row:
    """What of an outbox row the handing over looks at."""

    id: int = 7
    notification: str = "received"
    recipient: str = "noura@example.sa"
    reference: str = "<m@momah.gov.sa>"
    is_uncertain: bool = False
    gateway: str | None = None


@dataclass
class Peer:
    """A courier that fails as it is told, a failure a try, and knows what it took."""

    failures: list[DeliveryFailure] = field(default_factory=list)
    known: dict[str, Receipt] = field(default_factory=dict)
    taken: list[FrozenMessage] = field(default_factory=list)

    async def deliver(self, message: FrozenMessage) -> Receipt:
        if self.failures:
            raise self.failures.pop(0)
        self.taken.append(message)
        return Receipt("peer-1")

    async def find(self, reference: str) -> Receipt | None:
        return self.known.get(reference)

    async def check(self) -> str:
        return "well"

    async def close(self) -> None:
        pass


@dataclass
class Scribe:
    """A writer whose files can be missing."""

    problem: str = ""
    are_files_lost: bool = False

    def write(self, row: object) -> Written:
        return Written(7, "infocs@momah.gov.sa", b"words", "r1", self.problem)

    def complete(self, row: object, content: bytes, *, without: bool = False) -> bytes:
        if self.are_files_lost:
            raise StoreUnavailable("disk")
        return content if without else content + b" and files"


@dataclass
class Desk:
    peer: Peer
    scribe: Scribe = field(default_factory=Scribe)
    line: Line = field(default_factory=lambda: Line("email"))
    problems: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.handover = Handover(
            self.line,
            self.peer,
            cast(Writer, self.scribe),
            lambda what, detail: self.problems.append((what, detail)),
        )

    async def deliver(self, **row: Any) -> Result:
        return await self.handover.deliver(cast(Claimed, Row(**row)), WRITTEN)


@pytest.fixture(autouse=True)
def carrying_words_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "has_files", lambda row: False)


@pytest.fixture
def carrying_files(carrying_words_alone: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "has_files", lambda row: True)


async def test_what_the_peer_took_comes_back_with_its_receipt() -> None:
    desk = Desk(Peer())

    result = await desk.deliver()

    assert (result.receipt, result.failure, result.was_tried) == (Receipt("peer-1"), None, True)
    assert [message.content for message in desk.peer.taken] == [b"words"]


async def test_a_message_in_doubt_is_asked_about_and_not_sent_twice() -> None:
    desk = Desk(Peer(known={"<m@momah.gov.sa>": Receipt("peer-0")}))

    result = await desk.deliver(is_uncertain=True)

    assert result.receipt == Receipt("peer-0")
    assert desk.peer.taken == []


async def test_a_message_in_doubt_that_the_peer_does_not_know_is_sent() -> None:
    desk = Desk(Peer())

    assert (await desk.deliver(is_uncertain=True)).receipt == Receipt("peer-1")


@pytest.mark.parametrize("gateway, told", [("taqnyat", "taqnyat"), (None, "")])
async def test_a_message_in_doubt_names_who_may_have_it(gateway: str | None, told: str) -> None:
    desk = Desk(Peer())

    await desk.deliver(is_uncertain=True, gateway=gateway)
    await desk.deliver(is_uncertain=False, gateway=gateway)

    assert [message.in_doubt_at for message in desk.peer.taken] == [told, None]


async def test_a_message_without_doubt_is_not_asked_about() -> None:
    desk = Desk(Peer(known={"<m@momah.gov.sa>": Receipt("peer-0")}))

    assert (await desk.deliver()).receipt == Receipt("peer-1")


@pytest.mark.parametrize(
    "failure", [TemporaryFailure("busy"), PermanentFailure("unknown"), OutcomeUnknown("cut")]
)
async def test_a_failure_of_one_message_leaves_the_line_up(failure: DeliveryFailure) -> None:
    desk = Desk(Peer([failure]))

    assert (await desk.deliver()).failure is failure
    assert not desk.line.is_down


async def test_after_an_outage_nobody_else_is_tried() -> None:
    desk = Desk(Peer([TemporaryFailure("refused", outage=True)]))

    first, second = await desk.deliver(), await desk.deliver()

    assert (first.was_tried, second.was_tried) == (True, False)
    assert isinstance(second.failure, TemporaryFailure)
    assert second.failure.outage
    assert desk.peer.taken == []


@pytest.mark.usefixtures("carrying_files")
async def test_files_go_with_their_message() -> None:
    desk = Desk(Peer())

    await desk.deliver()

    assert [message.content for message in desk.peer.taken] == [b"words and files"]


@pytest.mark.usefixtures("carrying_files")
async def test_a_mail_refused_with_its_files_goes_without_them_and_is_told_of() -> None:
    desk = Desk(Peer([PermanentFailure("too large", code="552 5.3.4")]))

    result = await desk.deliver()

    assert result.receipt is not None
    assert [message.content for message in desk.peer.taken] == [b"words"]
    assert desk.problems == [("files_refused", "outbox 7: 552 5.3.4 too large")]


@pytest.mark.usefixtures("carrying_files")
async def test_a_mail_refused_without_its_files_too_is_refused() -> None:
    desk = Desk(Peer([PermanentFailure("too large"), PermanentFailure("unknown")]))

    result = await desk.deliver()

    assert isinstance(result.failure, PermanentFailure)
    assert result.failure.reason == "unknown"


@pytest.mark.usefixtures("carrying_files")
async def test_files_that_cannot_be_read_put_their_message_off() -> None:
    desk = Desk(Peer(), Scribe(are_files_lost=True))

    failure = (await desk.deliver()).failure

    assert isinstance(failure, TemporaryFailure)
    assert not failure.outage
    assert desk.peer.taken == []


def test_wording_that_had_to_be_replaced_is_told_of() -> None:
    desk = Desk(Peer(), Scribe(problem="line 3: unknown name"))

    desk.handover.write(cast(Claimed, Row()))

    assert desk.problems == [("template", "received: line 3: unknown name")]


async def test_a_frozen_row_whose_envelope_cannot_be_read_fails_alone(
    carrying_words_alone: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoilt(row: object) -> bool:
        raise BadEnvelope("conversation")

    monkeypatch.setattr(module, "has_files", spoilt)
    desk = Desk(Peer())

    result = await desk.deliver()

    assert isinstance(result.failure, PermanentFailure)
    assert desk.peer.taken == []
    assert not desk.line.is_down
