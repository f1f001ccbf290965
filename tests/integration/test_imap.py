"""The IMAP adapter against a real Dovecot, and against a scripted server for what Dovecot never does."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psutil
import pytest

from daemon.clock import ManualClock
from daemon.mail.wire.certificates import CertificateEnds
from daemon.mail.wire.imap.errors import MailboxUnavailable
from daemon.mail.wire.imap.mailbox import Mailbox
from daemon.mail.wire.imap.settings import ImapSettings
from daemon.mail.wire.oauth2 import TokenUnavailable
from tests.conftest import started
from tests.servers.dovecot import Dovecot, dovecot, messages
from tests.servers.scripted_imap import (
    CAPABILITIES,
    Conversation,
    Reply,
    ScriptedImap,
    cut,
    scripted_imap,
    silence,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NEVER = asyncio.Event
RAW = b"Subject: x\r\n\r\nx\r\n"


def settings_for(server: Dovecot, user: str, **changes: object) -> ImapSettings:
    known: dict[str, object] = {
        "host": server.host,
        "port": server.port,
        "security": "none",
        "username": user,
        "password": server.password,
    }
    return ImapSettings(**{**known, **changes})  # type: ignore[arg-type]


@asynccontextmanager
async def connected(settings: ImapSettings) -> AsyncIterator[Mailbox]:
    mailbox = Mailbox(settings, ManualClock(NOW))
    await mailbox.connect()
    try:
        yield mailbox
    finally:
        await mailbox.close()


@asynccontextmanager
async def at_script(
    replies: dict[str, Reply] | None = None, *, timeout_s: float = 5.0, **changes: object
) -> AsyncIterator[tuple[Mailbox, ScriptedImap]]:
    async with scripted_imap(replies) as script:
        known: dict[str, object] = {
            "host": script.host,
            "port": script.port,
            "security": "none",
            "username": "u",
            "password": "secret-pw",
            "timeout_s": timeout_s,
        }
        settings = ImapSettings(**{**known, **changes})  # type: ignore[arg-type]
        mailbox = Mailbox(settings, ManualClock(NOW))
        try:
            yield mailbox, script
        finally:
            await mailbox.close()


# --- the ordinary way, at a real server ---------------------------------------------------------------


async def test_mails_are_listed_fetched_whole_and_moved(imap_server: Dovecot, imap_user: str) -> None:
    sent = messages(3)
    imap_server.append(sent, user=imap_user, internaldate=NOW)
    async with connected(settings_for(imap_server, imap_user)) as mailbox:
        uids = await mailbox.list_uids()
        fetched = [mail async for mail in mailbox.fetch(uids)]
        await mailbox.move(uids[:2], "Processed")
        await mailbox.move(uids[2:], "Quarantine")

        assert uids == [1, 2, 3]
        assert [mail.raw for mail in fetched] == sent
        assert {mail.internaldate for mail in fetched} == {NOW}
        assert all(mail.internaldate.tzinfo is not None for mail in fetched)
        assert await mailbox.list_uids() == []
    assert imap_server.read("Processed", user=imap_user) == sent[:2]
    assert imap_server.read("Quarantine", user=imap_user) == sent[2:]


async def test_folders_with_arabic_spaces_and_quotes_work(imap_server: Dovecot, imap_user: str) -> None:
    settings = settings_for(
        imap_server, imap_user, processed="الأرشيف & غيره", quarantine='my "Q" \\ 100% ~peter'
    )
    imap_server.append(messages(2), user=imap_user)
    async with connected(settings) as mailbox:
        await mailbox.move([1], settings.processed)
        await mailbox.move([2], settings.quarantine)
    async with connected(settings) as mailbox:  # found again, not made again
        assert await mailbox.list_uids() == []
    assert imap_server.count("الأرشيف & غيره", user=imap_user) == 1


async def test_tls_is_verified(imap_server: Dovecot, imap_user: str) -> None:
    ends = CertificateEnds()
    trusted = settings_for(
        imap_server, imap_user, port=imap_server.tls_port, security="tls", ca_file=str(imap_server.ca_file)
    )
    async with connected(replace(trusted, certificates=ends)) as mailbox:
        assert await mailbox.list_uids() == []
    assert ends.by_server["imap"] > datetime.now(UTC)

    untrusted = settings_for(imap_server, imap_user, port=imap_server.tls_port, security="tls")
    with pytest.raises(MailboxUnavailable, match=r"TLS refused: self.signed") as caught:
        await Mailbox(untrusted).connect()
    assert not caught.value.is_auth


async def test_a_wrong_password_is_our_own_fault(imap_server: Dovecot, imap_user: str) -> None:
    with pytest.raises(MailboxUnavailable, match="login refused") as caught:
        await Mailbox(settings_for(imap_server, imap_user, password="wrong")).connect()
    assert caught.value.is_auth
    assert "@" not in caught.value.reason


async def test_a_refused_connection_is_an_outage() -> None:
    with pytest.raises(MailboxUnavailable, match="cannot connect") as caught:
        await Mailbox(ImapSettings(host="127.0.0.1", port=1, security="none", username="u")).connect()
    assert not caught.value.is_auth


async def test_thousands_of_mails_are_listed_and_moved(imap_server: Dovecot, imap_user: str) -> None:
    count = 1200
    imap_server.drop((b"Subject: %d\r\n\r\nx\r\n" % number for number in range(count)), user=imap_user)
    async with connected(settings_for(imap_server, imap_user)) as mailbox:
        uids = await mailbox.list_uids()
        assert uids == list(range(1, count + 1))
        assert len(await mailbox.sizes(uids)) == count
        await mailbox.move(uids[::2], "Processed")  # a set far too long for one line
        assert await mailbox.list_uids() == uids[1::2]
        await mailbox.move(uids[1::2], "Processed")
        assert await mailbox.list_uids() == []


async def test_mail_that_just_came_is_listed_without_waiting(imap_server: Dovecot, imap_user: str) -> None:
    async with connected(settings_for(imap_server, imap_user)) as mailbox:
        assert await mailbox.list_uids() == []
        await asyncio.to_thread(imap_server.append, messages(1), user=imap_user)
        assert await mailbox.list_uids() == [1]


async def test_a_mail_of_25_mb_is_fetched_with_little_memory(imap_server: Dovecot, imap_user: str) -> None:
    size = 25 * 1024 * 1024
    line = b"x" * 76 + b"\r\n"
    big = b"Subject: big\r\n\r\n" + line * (size // len(line))
    imap_server.drop([big, *messages(3)], user=imap_user)
    process = psutil.Process()
    async with connected(settings_for(imap_server, imap_user)) as mailbox:
        uids = await mailbox.list_uids()
        before, peak = process.memory_info().rss, 0
        async for mail in mailbox.fetch(uids):
            peak = max(peak, process.memory_info().rss)
            if len(mail.raw) > size // 2:
                assert mail.raw == big
            del mail
    assert peak - before < 2.2 * size


async def test_only_the_head_of_an_oversized_mail_is_fetched(imap_server: Dovecot, imap_user: str) -> None:
    imap_server.append(messages(1, size_bytes=100_000), user=imap_user, internaldate=NOW)
    async with connected(settings_for(imap_server, imap_user)) as mailbox:
        head = await mailbox.fetch_header(1, 4096)
        short = await mailbox.fetch_header(1, 20)

        assert head is not None
        assert short is not None
        assert head.raw.startswith(b"From: c0@example.sa\r\n")
        assert head.raw.endswith(b"\r\n\r\n")
        assert head.internaldate == NOW
        assert len(short.raw) == 20
        assert await mailbox.fetch_header(99, 20) is None


async def test_mails_that_vanish_are_left_out(imap_server: Dovecot, imap_user: str) -> None:
    imap_server.append(messages(4), user=imap_user)
    async with connected(settings_for(imap_server, imap_user)) as mailbox:
        async with connected(settings_for(imap_server, imap_user)) as other:
            await other.move([2, 3], "Quarantine")
        assert [mail.uid async for mail in mailbox.fetch([1, 2, 3, 4])] == [1, 4]
        await mailbox.move([1, 2, 3, 4], "Processed")
        await mailbox.move([77], "Processed")
    assert imap_server.count("Processed", user=imap_user) == 2


async def test_a_target_folder_that_somebody_removed_is_made_again(
    imap_server: Dovecot, imap_user: str
) -> None:
    imap_server.append(messages(1), user=imap_user)
    async with connected(settings_for(imap_server, imap_user)) as mailbox:
        client = imap_server.client(imap_user)
        client.delete("Processed")
        client.logout()
        await mailbox.move([1], "Processed")
    assert imap_server.count("Processed", user=imap_user) == 1


async def test_idle_tells_of_new_mail(imap_server: Dovecot, imap_user: str) -> None:
    async with connected(settings_for(imap_server, imap_user)) as mailbox:
        assert await mailbox.list_uids() == []
        waiting = asyncio.create_task(mailbox.wait_for_change(20.0, NEVER()))
        await asyncio.to_thread(imap_server.append, messages(1), user=imap_user)
        assert await waiting is True
        assert len(await mailbox.list_uids()) == 1
        assert await mailbox.wait_for_change(0.05, NEVER()) is False


async def test_mail_that_came_between_listing_and_waiting_is_not_missed(
    imap_server: Dovecot, imap_user: str
) -> None:
    imap_server.append(messages(1), user=imap_user)
    async with connected(settings_for(imap_server, imap_user)) as mailbox:
        uids = await mailbox.list_uids()
        imap_server.append(messages(1, first=1), user=imap_user)
        await mailbox.move(uids, "Processed")  # its answer tells of the second mail, and only its answer
        began = time.monotonic()
        assert await mailbox.wait_for_change(20.0, NEVER()) is True
        assert time.monotonic() - began < 5


async def test_waiting_ends_at_once_when_woken(imap_server: Dovecot, imap_user: str) -> None:
    async with connected(settings_for(imap_server, imap_user)) as mailbox:
        wake = asyncio.Event()
        asyncio.get_running_loop().call_later(0.05, wake.set)
        began = time.monotonic()
        assert await mailbox.wait_for_change(20.0, wake) is False
        assert time.monotonic() - began < 2
        assert await mailbox.list_uids() == []  # the connection is still good


async def test_a_server_that_dies_while_we_wait_is_noticed() -> None:
    with started(dovecot()) as server:
        mailbox = Mailbox(settings_for(server, server.user))
        await mailbox.connect()
        before = mailbox.uidvalidity
        waiting = asyncio.create_task(mailbox.wait_for_change(60.0, NEVER()))
        await asyncio.sleep(0.05)
        await asyncio.to_thread(server.stop)
        with pytest.raises(MailboxUnavailable):
            await waiting
        assert not mailbox.is_connected

        await asyncio.to_thread(server.start)
        await mailbox.connect()
        assert mailbox.uidvalidity == before
        assert await mailbox.list_uids() == []
        await mailbox.close()


async def test_without_move_and_idle_it_copies_expunges_and_polls() -> None:
    with started(dovecot(extra="imap_capability = IMAP4rev1 UIDPLUS LITERAL+")) as server:
        server.append(messages(3))
        async with connected(settings_for(server, server.user, poll_s=0.05)) as mailbox:
            assert mailbox._session is not None
            assert not mailbox._session.may_idle
            client = server.client()
            client.select("INBOX")
            client.uid("STORE", "3", "+FLAGS", "(\\Deleted)")  # somebody else's mark must survive
            client.logout()
            await mailbox.move([1, 2], "Processed")
            assert await mailbox.list_uids() == [3]
            waiting = asyncio.create_task(mailbox.wait_for_change(20.0, NEVER()))
            await asyncio.to_thread(server.append, messages(1, first=9))
            assert await waiting is True
        assert server.count("Processed") == 2
        assert server.count() == 2


async def test_without_uidplus_a_moved_mail_stays_marked_and_is_not_listed() -> None:
    with started(dovecot(extra="imap_capability = IMAP4rev1 IDLE")) as server:
        server.append(messages(2))
        async with connected(settings_for(server, server.user)) as mailbox:
            await mailbox.move([1], "Processed")
            assert await mailbox.list_uids() == [2]
        assert server.count("Processed") == 1
        assert server.count() == 2


# --- what no real server does on demand ---------------------------------------------------------------


async def test_an_esearch_answer_is_understood() -> None:
    reply = '* ESEARCH (TAG "{tag}") UID ALL 3:5,9\r\n{tag} OK done\r\n'
    async with at_script({"UID SEARCH": reply}) as (mailbox, _):
        await mailbox.connect()
        assert await mailbox.list_uids() == [3, 4, 5, 9]


async def test_a_missing_search_line_does_not_look_like_an_empty_mailbox() -> None:
    select = "* 2 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n{tag} OK done\r\n"
    fetch = "* 1 FETCH (UID 31 FLAGS ())\r\n* 2 FETCH (FLAGS (\\Seen) UID 40)\r\n{tag} OK done\r\n"
    replies: dict[str, Reply] = {"SELECT": select, "UID SEARCH": "{tag} OK done\r\n", "FETCH 1:2": fetch}
    async with at_script(replies) as (mailbox, _):
        await mailbox.connect()
        assert await mailbox.list_uids() == [31, 40]


async def test_searching_names_no_charset() -> None:
    async with at_script() as (mailbox, script):
        await mailbox.connect()
        await mailbox.list_uids()
        assert "UID SEARCH ALL" in script.heard


async def test_thousands_of_lines_in_one_read_are_no_trouble() -> None:
    noise = "".join(f"* {number} FETCH (FLAGS (\\Seen))\r\n" for number in range(1, 5001))
    async with at_script({"UID SEARCH": noise + "* SEARCH 5\r\n{tag} OK done\r\n"}) as (mailbox, _):
        await mailbox.connect()
        assert await mailbox.list_uids() == [5]


async def test_a_line_of_25_000_uids_is_read() -> None:
    line = "* SEARCH " + " ".join(str(uid) for uid in range(1_000_000, 1_025_000)) + "\r\n{tag} OK done\r\n"
    async with at_script({"UID SEARCH": line}) as (mailbox, _):
        await mailbox.connect()
        assert await mailbox.list_uids() == list(range(1_000_000, 1_025_000))


async def test_a_move_of_20_000_mails_is_one_range_and_as_many_lines() -> None:
    select = "* 20000 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n{tag} OK done\r\n"
    moved = "* 1 EXPUNGE\r\n" * 20_000 + "* OK [COPYUID 1 1:20000 1:20000] Moved\r\n{tag} OK done\r\n"
    async with at_script({"SELECT": select, "UID MOVE": moved}) as (mailbox, script):
        await mailbox.connect()
        await mailbox.move(range(1, 20_001), "Processed")
        assert 'UID MOVE 1:20000 "Processed"' in script.heard
        assert mailbox._session is not None
        assert mailbox._session.protocol.exists == 0


async def test_answers_in_any_order_cut_anywhere_are_read() -> None:
    raw = b"Subject: x\r\n\r\n5 FETCH (UID 9 BODY[] {3}\r\nA1 OK done\r\n)"
    answer = (
        b"* 4 FETCH (FLAGS (\\Seen))\r\n* 1 FETCH (BODY[] {%d}\r\n%b"
        b' INTERNALDATE " 1-Feb-2026 03:04:05 +0300"'
        b" UID 8)\r\n* OK [ALERT] nothing {7}\r\n* 2 FETCH (UID 9 BODY[] {0}\r\n INTERNALDATE NIL)\r\n"
        b'* 3 FETCH (UID 10 INTERNALDATE "nonsense" BODY[] "a \\"b\\" {4}")\r\n'
        b"* 5 FETCH (UID 11 BODY[] NIL)\r\n{tag} OK done\r\n" % (len(raw), raw)
    )

    async def drip(conversation: Conversation, line: str) -> None:
        whole = answer.replace(b"{tag}", conversation.tag.encode())
        for start in range(0, len(whole), 7):
            await conversation.say(whole[start : start + 7])
            await asyncio.sleep(0)

    async with at_script({"UID FETCH": drip}) as (mailbox, _):
        await mailbox.connect()
        mails = [mail async for mail in mailbox.fetch([8, 9, 10, 11], sizes={})]
    assert [(mail.uid, mail.raw) for mail in mails] == [(8, raw), (9, b""), (10, b'a "b" {4}'), (11, b"")]
    assert mails[0].internaldate == datetime(2026, 2, 1, 0, 4, 5, tzinfo=UTC)
    assert mails[1].internaldate == mails[2].internaldate == NOW


async def test_one_rotten_mail_does_not_hide_the_others(caplog: pytest.LogCaptureFixture) -> None:
    async def fetch(conversation: Conversation, line: str) -> None:
        wanted = line.split()[2]
        if wanted in ("1", "3"):
            await conversation.say(f"* 1 FETCH (UID {wanted} BODY[] {{2}}\r\nok)\r\n{{tag}} OK done\r\n")
        else:
            await conversation.say("{tag} NO [SERVERBUG] someone@example.sa cannot be read\r\n")

    async with at_script({"UID FETCH": fetch}) as (mailbox, _):
        await mailbox.connect()
        assert [mail.uid async for mail in mailbox.fetch([1, 2, 3], sizes={})] == [1, 3]
    assert "will not hand out" in caplog.text
    assert "example.sa" not in caplog.text


CALLS = {
    "UID SEARCH": "list",
    "UID FETCH": "fetch",
    "UID MOVE": "move",
    "IDLE": "wait",
    "LIST": "connect",
    "SELECT": "connect",
    "CAPABILITY": "connect",
    "LOGIN": "connect",
}
FAULTS: dict[str, Reply] = {
    "silence": silence,
    "cut": cut,
    "bye": "* BYE shutting down\r\n",
    "garbage": "A1 OK what\r\nZZ99 OK\r\n\x00\xff(((\r\n{tag} MAYBE\r\n",
    "refusal": "{tag} NO [UNAVAILABLE] not today\r\n",
}
# Refused, these two are no outage: one mail is left out, or NOOP stands in.
NO_OUTAGE = (("UID FETCH", "refusal"), ("IDLE", "refusal"))


@pytest.mark.parametrize("command, fault", [(c, f) for c in CALLS for f in FAULTS if (c, f) not in NO_OUTAGE])
async def test_every_command_ends_whatever_the_server_does(command: str, fault: str) -> None:
    call = CALLS[command]
    async with at_script({command: FAULTS[fault]}, timeout_s=0.3) as (mailbox, _):

        async def play() -> None:
            await mailbox.connect()
            if call == "list":
                await mailbox.list_uids()
            elif call == "fetch":
                _ = [mail async for mail in mailbox.fetch([1], sizes={})]
            elif call == "move":
                await mailbox.move([1], "Processed")
            elif call == "wait":
                await mailbox.wait_for_change(30.0, NEVER())

        began = time.monotonic()
        with pytest.raises(MailboxUnavailable) as caught:
            await play()
        assert time.monotonic() - began < 3
        assert not caught.value.is_auth
        assert not mailbox.is_connected


@pytest.mark.parametrize("greeting", ["* BYE too busy\r\n", "hello?\r\n", "", silence, cut])
async def test_a_strange_greeting_is_an_outage(greeting: Reply) -> None:
    async with scripted_imap(greeting=greeting) as script:
        settings = ImapSettings(
            host=script.host, port=script.port, security="none", username="u", timeout_s=0.3
        )
        with pytest.raises(MailboxUnavailable):
            await Mailbox(settings).connect()


async def test_a_transfer_may_take_long_but_not_stand_still() -> None:
    async def slow(conversation: Conversation, line: str) -> None:
        await conversation.say("* 1 FETCH (UID 1 BODY[] {20}\r\n")
        for _ in range(20):
            await asyncio.sleep(0.05)
            await conversation.say("x")
        await conversation.say(")\r\n{tag} OK done\r\n")

    async def stuck(conversation: Conversation, line: str) -> None:
        await conversation.say("* 1 FETCH (UID 1 BODY[] {20}\r\nxxx")
        await silence(conversation, line)

    async with at_script({"UID FETCH": slow}, timeout_s=0.4) as (mailbox, _):
        await mailbox.connect()
        assert [mail.raw async for mail in mailbox.fetch([1], sizes={1: 1_000_000})] == [b"x" * 20]
    async with at_script({"UID FETCH": stuck}, timeout_s=0.2) as (mailbox, _):
        await mailbox.connect()
        with pytest.raises(MailboxUnavailable, match="no answer in time"):
            _ = [mail async for mail in mailbox.fetch([1], sizes={1: 1_000_000})]


async def test_idle_refused_falls_back_to_polling() -> None:
    count = {"noop": 0}

    async def noop(conversation: Conversation, line: str) -> None:
        count["noop"] += 1
        news = "* 1 EXISTS\r\n" if count["noop"] == 3 else ""
        await conversation.say(f"{news}{{tag}} OK done\r\n")

    async with at_script({"IDLE": "{tag} BAD no\r\n", "NOOP": noop}, poll_s=0.01) as (mailbox, _):
        await mailbox.connect()
        assert await mailbox.wait_for_change(20.0, NEVER()) is True
    assert count["noop"] == 3


async def test_keep_alive_lines_and_expunges_are_no_news() -> None:
    async def idle(conversation: Conversation, line: str) -> None:
        await conversation.say("+ idling\r\n* OK Still here\r\n* 2 EXPUNGE\r\n* 1 EXISTS\r\n* 0 RECENT\r\n")
        if await conversation.hear() == "DONE":
            await conversation.say("{tag} OK done\r\n")

    select = "* 2 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n{tag} OK done\r\n"
    async with at_script({"IDLE": idle, "SELECT": select}) as (mailbox, _):
        await mailbox.connect()
        assert await mailbox.wait_for_change(0.2, NEVER()) is False


async def test_a_changed_uidvalidity_is_seen_after_connecting_again() -> None:
    async with at_script() as (mailbox, script):
        await mailbox.connect()
        assert mailbox.uidvalidity == 7
        script.replies["SELECT"] = "* 0 EXISTS\r\n* OK [UIDVALIDITY 8] ok\r\n{tag} OK done\r\n"
        await mailbox.connect()
        assert mailbox.uidvalidity == 8


@pytest.mark.parametrize(
    "select, reason",
    [
        ("* 0 EXISTS\r\n{tag} OK done\r\n", "no UIDVALIDITY"),
        ("* OK [UIDVALIDITY 7] ok\r\n{tag} OK [READ-ONLY] done\r\n", "read-only"),
        ("{tag} NO [NONEXISTENT] none\r\n", "cannot select"),
    ],
)
async def test_a_folder_we_cannot_work_with_is_refused(select: str, reason: str) -> None:
    async with at_script({"SELECT": select}) as (mailbox, _):
        with pytest.raises(MailboxUnavailable, match=reason):
            await mailbox.connect()


class OneToken:
    def __init__(self) -> None:
        self.forgotten = 0

    async def token(self) -> str:
        return "to-ken"

    def forget(self, refused: str) -> bool:
        self.forgotten += 1
        return False


async def test_xoauth2_logs_in_and_learns_what_the_server_can_only_then() -> None:
    count = {"asked": 0}

    async def capability(conversation: Conversation, line: str) -> None:
        count["asked"] += 1
        can = "IMAP4rev1 AUTH=XOAUTH2 LOGINDISABLED" if count["asked"] == 1 else CAPABILITIES
        await conversation.say(f"* CAPABILITY {can}\r\n{{tag}} OK done\r\n")

    changes = {"auth": "xoauth2", "token_source": OneToken(), "password": ""}
    async with at_script({"CAPABILITY": capability}, **changes) as (mailbox, script):
        await mailbox.connect()
        assert "AUTHENTICATE XOAUTH2 dXNlcj11AWF1dGg9QmVhcmVyIHRvLWtlbgEB" in script.heard
        assert mailbox._session is not None
        assert mailbox._session.may_idle


async def test_a_refused_token_is_answered_forgotten_and_named_as_our_fault(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)

    async def refuse(conversation: Conversation, line: str) -> None:
        await conversation.say("+ eyJzdGF0dXMiOiI0MDAifQ==\r\n")
        assert await conversation.hear() == ""  # without our empty line it would wait for ever
        await conversation.say("{tag} NO AUTHENTICATE failed.\r\n")

    source = OneToken()
    changes = {"auth": "xoauth2", "token_source": source, "password": ""}
    async with at_script({"AUTHENTICATE": refuse}, **changes) as (mailbox, _):
        with pytest.raises(MailboxUnavailable, match="login refused") as caught:
            await mailbox.connect()
    assert caught.value.is_auth
    assert source.forgotten == 1
    assert "to-ken" not in caplog.text
    assert "dXNlcj11" not in caplog.text


async def test_a_token_that_cannot_be_had_says_whose_fault_it_is() -> None:
    class NoToken(OneToken):
        async def token(self) -> str:
            raise TokenUnavailable("token endpoint refused: HTTP 401 invalid_client", is_auth=True)

    async with at_script(auth="xoauth2", token_source=NoToken()) as (mailbox, _):
        with pytest.raises(MailboxUnavailable, match="invalid_client") as caught:
            await mailbox.connect()
    assert caught.value.is_auth


async def test_passwords_are_not_sent_where_they_are_not_taken() -> None:
    capability = "* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n{tag} OK done\r\n"
    async with at_script({"CAPABILITY": capability}) as (mailbox, script):
        with pytest.raises(MailboxUnavailable, match="LOGINDISABLED") as caught:
            await mailbox.connect()
        assert caught.value.is_auth
        assert not any("secret-pw" in line for line in script.heard)


async def test_a_cancelled_call_leaves_no_half_answer_for_the_next() -> None:
    async with at_script({"UID SEARCH": silence}) as (mailbox, _):
        await mailbox.connect()
        listing = asyncio.create_task(mailbox.list_uids())
        await asyncio.sleep(0.05)
        listing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listing
        assert not mailbox.is_connected
        with pytest.raises(MailboxUnavailable, match="not connected"):
            await mailbox.list_uids()


async def test_nothing_of_a_mail_or_a_password_is_logged(
    imap_server: Dovecot, imap_user: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    imap_server.append([b"Subject: geheim\r\n\r\nvertraulich\r\n"], user=imap_user)
    async with connected(settings_for(imap_server, imap_user)) as mailbox:
        assert len([mail async for mail in mailbox.fetch(await mailbox.list_uids())]) == 1
    for secret in ("geheim", "vertraulich", imap_server.password):
        assert secret not in caplog.text


async def test_the_servers_clock_is_known_by_the_age_of_a_mail(imap_server: Dovecot, imap_user: str):
    long_ago = datetime.now(UTC) - timedelta(days=3000)
    imap_server.append([RAW], user=imap_user, internaldate=long_ago)
    async with connected(settings_for(imap_server, imap_user)) as mailbox:
        (uid,) = await mailbox.list_uids()
        arrived_at = (await mailbox.arrived([uid]))[uid]
        found = await mailbox.server_time(uid, arrived_at, may_write=False)

    assert found is not None
    assert abs(found - datetime.now(UTC)) < timedelta(seconds=10)


async def test_the_servers_clock_is_known_by_a_mail_of_our_own_that_leaves_no_trace(
    imap_server: Dovecot, imap_user: str
):
    imap_server.append([RAW], user=imap_user, internaldate=NOW)
    async with connected(settings_for(imap_server, imap_user)) as mailbox:
        mailbox._open_session().protocol.capabilities.discard("WITHIN")
        (uid,) = await mailbox.list_uids()
        unknown = await mailbox.server_time(uid, NOW, may_write=False)
        found = await mailbox.server_time(uid, NOW, may_write=True)
        still_there = await mailbox.list_uids()

    assert unknown is None
    assert found is not None
    assert abs(found - datetime.now(UTC)) < timedelta(seconds=10)
    assert still_there == [uid]
    assert imap_server.count("Processed", user=imap_user) == 0


async def test_uidnext_is_known_after_each_connect(imap_server: Dovecot, imap_user: str):
    imap_server.append([RAW, RAW], user=imap_user)
    async with connected(settings_for(imap_server, imap_user)) as mailbox:
        assert mailbox.uidnext == 3
