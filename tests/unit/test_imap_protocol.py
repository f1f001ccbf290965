"""What `mail/wire/imap/protocol.py` takes for granted in aioimaplib, held to the version it was read against.

Fails when the pin moves, or when the library renames or retypes what we lean on: read the module against the
new version, then change TRIED_VERSION.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from aioimaplib import aioimaplib

from daemon.mail.wire.imap import protocol
from daemon.mail.wire.imap.protocol import TRIED_VERSION, Answer, Protocol, answer_of
from daemon.mail.wire.imap.syntax import Untagged
from tests.each import each

ROOT = Path(__file__).resolve().parents[2]

PRIVATE = {"_exception", "_response_done", "_continuation"}
"""The library's private names that the module says it touches."""
OVERRIDDEN = {
    "data_received": "(self, d: bytes) -> None",
    "connection_lost": "(self, exc: Optional[Exception]) -> None",
    "welcome": "(self, command: bytes) -> None",
    "capability": "(self) -> None",
    "_continuation": "(self, line: bytes) -> None",
}
CALLED = {
    "_response_done": "(self, line: bytes) -> None",
    "new_tag": "(self) -> str",
    "wait": "(self, state_regexp: str) -> None",
    "wait_for_idle_response": "(self)",
    "idle_done": "(self) -> None",
    "execute": "(self, command: aioimaplib.aioimaplib.Command, scrub: str = None)"
    " -> aioimaplib.aioimaplib.Response",
    "simple_command": "(self, name, *args: str) -> aioimaplib.aioimaplib.Response",
    "login": "(self, user: str, password: str) -> aioimaplib.aioimaplib.Response",
    "xoauth2": "(self, user: str, token: str) -> aioimaplib.aioimaplib.Response",
    "search": "(self, *criteria, charset: Optional[str] = 'utf-8', by_uid: bool = False)"
    " -> aioimaplib.aioimaplib.Response",
    "fetch": "(self, message_set: str, message_parts: str, by_uid: bool = False, timeout: float = None)"
    " -> aioimaplib.aioimaplib.Response",
    "move": "(self, uid_set: str, mailbox: str, by_uid: bool = False) -> aioimaplib.aioimaplib.Response",
    "copy": "(self, *args: str, by_uid: bool = False) -> aioimaplib.aioimaplib.Response",
    "store": "(self, *args: str, by_uid: bool = False) -> aioimaplib.aioimaplib.Response",
    "expunge": "(self, *args: str, by_uid=False) -> aioimaplib.aioimaplib.Response",
}


class Wire:
    """A transport that only remembers."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.is_aborted = False

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def abort(self) -> None:
        self.is_aborted = True


def spoken_to() -> tuple[Protocol, Wire]:
    """A greeted, logged-in connection without a socket."""
    one, wire = Protocol(asyncio.get_running_loop()), Wire()
    one.connection_made(wire)
    one._greeted = True
    one.state = aioimaplib.SELECTED
    return one, wire


def tag_of(wire: Wire) -> bytes:
    return wire.written[-1].split(b" ")[0]


# --- the library --------------------------------------------------------------------------------------


def test_the_version_is_the_one_the_module_was_read_against() -> None:
    pinned = re.search(r"^aioimaplib==(\S+)", (ROOT / "requirements/runtime.txt").read_text("utf-8"), re.M)

    assert pinned is not None
    assert pinned[1].rstrip("\\") == version("aioimaplib") == TRIED_VERSION


@each("name", [*OVERRIDDEN, *CALLED])
def test_a_method_we_override_or_call_is_as_it_was(name: str) -> None:
    method = getattr(aioimaplib.IMAP4ClientProtocol, name)

    assert str(inspect.signature(method)) == {**OVERRIDDEN, **CALLED}[name]


async def test_the_state_of_a_connection_is_as_it_was() -> None:
    one = aioimaplib.IMAP4ClientProtocol(asyncio.get_running_loop())

    assert one.pending_sync_command is None
    assert one.pending_async_commands == {}
    assert isinstance(one.tagpre, str)
    assert one.tasks == set()
    assert one.transport is None
    assert one.state == "STARTED"
    assert isinstance(one.capabilities, set)
    assert one.loop is asyncio.get_running_loop()


async def test_a_command_fails_by_its_private_exception() -> None:
    command = aioimaplib.Command("NOOP", "A1", loop=asyncio.get_running_loop())
    assert command._exception is None

    command._exception = ConnectionError("gone")
    command.close(b"", "KO")

    with pytest.raises(ConnectionError, match="gone"):
        await command.wait()


async def test_a_command_takes_any_line_it_is_given() -> None:
    command = aioimaplib.Command("NOOP", "A1", loop=asyncio.get_running_loop())
    whole = Untagged(b"1 FETCH ()", (b"x",))

    command.append_to_resp(whole)
    command.close(b"done", "OK")

    assert answer_of(command.response) == Answer("OK", b"done", [], [whole])


# --- the module ---------------------------------------------------------------------------------------


def test_no_other_module_touches_the_library() -> None:
    touching = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "daemon").rglob("*.py")
        if re.search(r"^\s*(?:from|import) aioimaplib", path.read_text("utf-8"), re.M)
    }

    assert touching == {"daemon/mail/wire/imap/protocol.py"}


def test_the_module_touches_no_private_name_but_those_it_lists() -> None:
    tree = ast.parse(inspect.getsource(protocol))
    theirs = {*vars(aioimaplib.IMAP4ClientProtocol), *vars(aioimaplib.Command), *instance_names()}
    private = {name for name in theirs if name.startswith("_") and not name.startswith("__")}
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    used |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}

    assert used & private == PRIVATE
    assert all(name in (protocol.__doc__ or "") for name in PRIVATE)


def instance_names() -> set[str]:
    async def names() -> set[str]:
        loop = asyncio.get_running_loop()
        return {
            *vars(aioimaplib.IMAP4ClientProtocol(loop)),
            *vars(aioimaplib.Command("NOOP", "A1", loop=loop)),
        }

    return asyncio.run(names())


# --- our protocol, without a socket -------------------------------------------------------------------


async def test_every_waiting_command_fails_when_the_connection_ends() -> None:
    one, wire = spoken_to()
    waiting = asyncio.ensure_future(one.simple_command("NOOP"))
    await asyncio.sleep(0)

    one.data_received(b"* BYE shutting down\r\n")
    one.connection_lost(None)

    with pytest.raises(ConnectionError, match="server said BYE shutting down"):
        await waiting
    assert wire.is_aborted
    assert one.lost.result() == "server said BYE shutting down"


@pytest.mark.parametrize(
    "octets, reason",
    [
        (b"%b MAYBE\r\n", "no such result"),
        (b"* 1 FETCH (BODY[] {999999999999}\r\n", "larger than"),
        (b"%b9 OK what\r\n", "not understood"),
    ],
)
async def test_a_server_that_makes_no_sense_ends_the_connection(octets: bytes, reason: str) -> None:
    one, wire = spoken_to()

    one.data_received(octets.replace(b"%b", one.tagpre.encode()))

    assert wire.is_aborted
    assert reason in one.lost.result()


async def test_a_mail_reaches_its_command_whole_and_other_lines_as_text() -> None:
    one, wire = spoken_to()
    asked = asyncio.ensure_future(one.fetch("1", "(UID BODY.PEEK[])", by_uid=True))
    await asyncio.sleep(0)

    one.data_received(
        b"* 1 FETCH (UID 9 BODY[] {2}\r\nhi)\r\n* OK noise\r\n" + tag_of(wire) + b" OK done\r\n"
    )

    answer = answer_of(await asked)
    assert answer.responses == [Untagged(b"1 FETCH (UID 9 BODY[] {2})", (b"hi",))]
    assert (answer.is_ok, answer.said, list(answer.lines)) == (True, b"done", [])


async def test_mails_are_counted_and_only_growth_is_news() -> None:
    one, _ = spoken_to()

    one.data_received(b"* 2 EXISTS\r\n")
    assert (one.exists, one.news.is_set()) == (2, True)

    one.news.clear()
    one.data_received(b"* 1 EXPUNGE\r\n* 1 EXISTS\r\n")
    assert (one.exists, one.news.is_set()) == (1, False)


@pytest.mark.parametrize(
    "said, can",
    [
        (b"* CAPABILITY imap4rev2 idle\r\n", {"IMAP4REV2", "IDLE"}),
        (b"* CAPABILITY IMAP4rev1 MOVE\r\n* CAPABILITY UIDPLUS\r\n", {"IMAP4REV1", "MOVE", "UIDPLUS"}),
    ],
)
async def test_capabilities_are_learnt_in_capitals(said: bytes, can: set[str]) -> None:
    one, wire = spoken_to()
    asked = asyncio.ensure_future(one.capability())
    await asyncio.sleep(0)

    one.data_received(said + tag_of(wire) + b" OK done\r\n")

    await asked
    assert one.capabilities == can


async def test_a_server_that_names_no_imap4_is_refused() -> None:
    one, wire = spoken_to()
    asked: asyncio.Future[Any] = asyncio.ensure_future(one.capability())
    await asyncio.sleep(0)

    one.data_received(b"* CAPABILITY POP3\r\n" + tag_of(wire) + b" OK done\r\n")

    with pytest.raises(protocol.ProtocolError):
        await asked


async def test_a_refused_token_is_answered_by_an_empty_line() -> None:
    one, wire = spoken_to()
    one.state = aioimaplib.NONAUTH
    asked = asyncio.ensure_future(one.xoauth2("u", "to-ken"))
    await asyncio.sleep(0)
    tag = tag_of(wire)

    one.data_received(b"+ eyJzdGF0dXMiOiI0MDAifQ==\r\n" + tag + b" NO failed\r\n")

    assert wire.written[-1] == b"\r\n"
    assert one.refusal == "eyJzdGF0dXMiOiI0MDAifQ=="
    assert not answer_of(await asked).is_ok
