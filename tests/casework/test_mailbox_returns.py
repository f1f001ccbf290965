"""A mail server that vanishes, says BYE, numbers its folder anew or answers slowly: we are back within a
minute of its return, and no mail is taken in twice.

Client and server talk over a real socket on a loop whose clock jumps, so an outage of an hour takes no time.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from daemon.clock import ManualClock
from daemon.loops.fetch import Fetch, FetchRules
from daemon.mail.wire.imap.errors import MailboxUnavailable
from daemon.mail.wire.imap.mailbox import Mailbox
from daemon.mail.wire.imap.settings import ImapSettings
from daemon.service import BACKOFF_S, Runner
from daemon.store import inbox
from daemon.store.database import Database
from daemon.store.liveness import liveness_of
from tests.casework.conftest import AtOnce
from tests.integration.office import START, mail
from tests.servers.jumping_loop import run_jumping
from tests.servers.scripted_imap import CAPABILITIES, Conversation, serving

WITHIN_S = 60.0


@dataclass
class FickleServer:
    """One folder. `turn` changes its mood for all connections: "hole": those that stand hear nothing ever
    again, and new ones neither; "bye": all are hung up on; "slow": each answer takes seconds."""

    mails: dict[int, bytes] = field(default_factory=dict)
    uidvalidity: int = 1
    mood: str = "well"
    slowness_s: float = 8.0
    logins: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    _live: list[Conversation] = field(default_factory=list)
    _dead: list[Conversation] = field(default_factory=list)

    def turn(self, mood: str) -> None:
        self.mood = mood
        if mood == "hole":
            self._dead += self._live
        self.wake()

    def wake(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = Conversation(reader, writer)
        self._live.append(talk)
        try:
            if await self._is_over(talk):
                return
            await talk.say("* OK ready\r\n")
            while line := await talk.hear():
                talk.tag, _, command = line.partition(" ")
                if await self._is_over(talk):
                    return
                await self._answer(talk, command)
        finally:
            self._live.remove(talk)

    async def _is_over(self, talk: Conversation) -> bool:
        if self.mood == "hole" or talk in self._dead:
            self._dead.append(talk)
            while await talk.reader.read(4096):
                pass
            return True
        if self.mood == "bye":
            await talk.say("* BYE shutting down\r\n")
            talk.writer.close()
            return True
        if self.mood == "slow":
            await asyncio.sleep(self.slowness_s)
        return False

    async def _answer(self, talk: Conversation, command: str) -> None:
        word = command.upper()
        if word.startswith("CAPABILITY"):
            await talk.say(f"* CAPABILITY {CAPABILITIES}\r\n")
        elif word.startswith("LOGIN"):
            self.logins += 1
        elif word.startswith("LIST"):
            await talk.say('* LIST () "/" Processed\r\n')
        elif word.startswith("SELECT"):
            await talk.say(f"* {len(self.mails)} EXISTS\r\n* OK [UIDVALIDITY {self.uidvalidity}] ok\r\n")
        elif word.startswith("UID SEARCH"):
            await talk.say(f"* SEARCH {' '.join(map(str, self.mails))}\r\n")
        elif word.startswith("UID FETCH"):
            await self._fetch(talk, command)
        elif word == "IDLE":
            await self._idle(talk)
            return
        await talk.say("{tag} OK done\r\n")

    async def _fetch(self, talk: Conversation, command: str) -> None:
        low, _, high = re.findall(r"UID FETCH (\S+)", command)[0].partition(":")
        for number, (uid, raw) in enumerate(self.mails.items(), 1):
            if int(low) <= uid <= int(high or low):
                about = f"* {number} FETCH (UID {uid} RFC822.SIZE {len(raw)}"
                if "BODY" in command:
                    date = 'INTERNALDATE "22-Nov-2026 11:00:00 +0000"'
                    await talk.say(f"{about} {date} BODY[] {{{len(raw)}}}\r\n".encode() + raw + b")\r\n")
                else:
                    await talk.say(f"{about})\r\n")

    async def _idle(self, talk: Conversation) -> None:
        await talk.say("+ idling\r\n")
        known = len(self.mails)
        heard = asyncio.ensure_future(talk.hear())
        while not heard.done():
            changed = asyncio.ensure_future(self.changed.wait())
            await asyncio.wait({heard, changed}, return_when=asyncio.FIRST_COMPLETED)
            changed.cancel()
            if not heard.done() and (self.mood in ("bye", "hole") or talk in self._dead):
                heard.cancel()
                await asyncio.gather(heard, return_exceptions=True)
                await self._is_over(talk)
                talk.writer.close()
                return
            if len(self.mails) > known:
                known = len(self.mails)
                await talk.say(f"* {known} EXISTS\r\n")
        if await self._is_over(talk):
            return
        await talk.say("{tag} OK IDLE done\r\n")


@pytest.fixture(autouse=True)
def unlucky(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jitter always makes the pause as long as it may become."""
    monkeypatch.setattr(random, "uniform", lambda low, high: high)


@dataclass
class Desk:
    """The loop that fetches, run as the service runs it."""

    database: Database
    server: FickleServer

    @contextlib.asynccontextmanager
    async def running(self):  # type: ignore[no-untyped-def]
        asyncio.get_running_loop().set_default_executor(AtOnce(1))
        liveness = liveness_of(self.database)
        async with serving(self.server.serve) as port:
            settings = ImapSettings("127.0.0.1", "infocs", port, "none", "secret")
            rules = FetchRules("INBOX", "Processed", "Quarantine", 60, 1_000_000)
            clock = ManualClock(START)
            fetch = Fetch(self.database, liveness, Mailbox(settings, clock), rules, clock)

            async def nobody(name: str, error: str) -> None:
                pass

            stopping = asyncio.Event()
            runner = asyncio.ensure_future(Runner(fetch, (MailboxUnavailable,), nobody).run(stopping))
            try:
                yield
            finally:
                runner.cancel()
                await asyncio.gather(runner, return_exceptions=True)
                await fetch.close()
                liveness.close()

    def taken_in(self) -> int:
        return len(self.database.read_now(inbox.walk))

    def arrive(self) -> None:
        uid = max(self.server.mails, default=0) + 1
        self.server.mails[uid] = mail(f"c{uid}@example.sa", message_id=f"<{uid}@x>")
        self.server.wake()

    async def until(self, count: int) -> float:
        """Seconds of the loop's clock until so many mails are taken in."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while self.taken_in() < count:
            assert loop.time() < began + 600, f"{self.taken_in()} of {count} mails after ten minutes"
            await asyncio.sleep(1.0)
        return loop.time() - began


def outages() -> Iterator[float]:
    """Of every length, so that its end falls into each pause and each wait of ours."""
    yield from (0.5, 3.0, 19.0, 31.0, 59.0, 97.0, 900.0)


@pytest.mark.parametrize("mood", ["hole", "bye"])
def test_we_are_back_within_a_minute_of_the_servers_return(database: Database, mood: str) -> None:
    async def play() -> list[float]:
        desk, waits = Desk(database, FickleServer()), []
        async with desk.running():
            desk.arrive()
            await desk.until(1)
            for number, outage_s in enumerate(outages(), 2):
                await asyncio.sleep(number * 1.7)  # somewhere in a round of IDLE
                desk.server.turn(mood)
                desk.arrive()
                await asyncio.sleep(outage_s)
                desk.server.turn("well")
                waits.append(await desk.until(number))
        return waits

    assert max(run_jumping(play())) <= WITHIN_S


def test_a_server_that_numbers_its_folder_anew_brings_what_is_new_and_nothing_twice(
    database: Database,
) -> None:
    async def play() -> float:
        desk = Desk(database, FickleServer())
        async with desk.running():
            for _ in range(3):
                desk.arrive()
            await desk.until(3)
            desk.server.turn("bye")
            desk.server.uidvalidity = 2
            desk.server.mails = {uid + 70: raw for uid, raw in desk.server.mails.items()}
            desk.arrive()
            await asyncio.sleep(40)
            desk.server.turn("well")
            waited_s = await desk.until(4)
            await asyncio.sleep(300)
            assert desk.taken_in() == 4
        return waited_s

    assert run_jumping(play()) <= WITHIN_S


def test_a_slow_server_is_waited_for_and_no_connection_is_thrown_away(database: Database) -> None:
    async def play() -> tuple[int, float]:
        desk = Desk(database, FickleServer())
        async with desk.running():
            desk.arrive()
            await desk.until(1)
            desk.server.turn("slow")
            desk.arrive()
            await desk.until(2)
            desk.server.turn("well")
            desk.arrive()
            return desk.server.logins, await desk.until(3)

    logins, waited_s = run_jumping(play())

    assert logins == 1
    assert waited_s <= WITHIN_S


def test_no_pause_and_no_wait_is_longer_than_a_return_may_take() -> None:
    """An attempt that began in the hole ends by its time-out, and then comes the longest pause."""
    assert max(BACKOFF_S) * 1.2 + ImapSettings("h", "u").timeout_s <= WITHIN_S
