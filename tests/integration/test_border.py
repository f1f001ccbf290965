"""The program behind a real border (docs/DEPLOY.md): Postfix with OpenDKIM and OpenDMARC in front, Dovecot's
LMTP with sub-addressing behind it. Nothing here writes an Authentication-Results by hand but the forgers."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from daemon.clock import ManualClock
from daemon.store.database import Database
from tests.casework.test_whole_life import NOURA, STAFF, staff_answer, text_of
from tests.conftest import started
from tests.integration.office import MAILBOX, REQUEST, TEAM, Office, configuration, mail, office
from tests.servers import wait_until
from tests.servers.border import AUTHSERV_ID, HOME, Border, border
from tests.servers.dkim import Signer
from tests.servers.sms_gateway import SmsGateway
from tests.unit.test_mail_clients import apple, gmail, outlook

CITIZEN, STRANGER = Signer("example.sa"), Signer("other.example")
OWN = Signer(HOME)
NO_POLICY = "nopolicy.example"
"""A domain that says nothing of DMARC."""
TEXTS = {
    f"_dmarc.{HOME}": "v=DMARC1; p=reject",
    "_dmarc.example.sa": "v=DMARC1; p=reject",
    **dict((CITIZEN.record, STRANGER.record)),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Border]:
    with started(border(OWN, dict(TEXTS))) as running:
        yield running


Desk = Callable[[], contextlib.AbstractAsyncContextManager[Office]]


@pytest.fixture
def open_desk(server: Border, sqlite_database: Database, sms_server: SmsGateway, tmp_path: Path) -> Desk:
    @contextlib.asynccontextmanager
    async def opened() -> AsyncIterator[Office]:
        path = configuration(
            url=sqlite_database.url,
            folder=tmp_path,
            imap=server.box,
            user=MAILBOX,
            smtp=server,
            sms=sms_server,
            changed=STAFF,
        )
        clock = ManualClock(datetime.now(UTC))
        async with office(path, clock, server.box, MAILBOX, server, sms_server) as desk:  # type: ignore[arg-type]
            yield desk

    return opened


async def come(desk: Office, server: Border, raw: bytes, to: str = MAILBOX) -> None:
    """`raw` comes from outside, and the desk does what is to be done."""
    before = server.box.count()
    await asyncio.to_thread(server.receive, raw, to)
    await asyncio.to_thread(wait_until, lambda: server.box.count() > before, 60, "the mail in the mailbox")
    await desk.work()


def newest(server: Border, user: str, count: int) -> EmailMessage:
    found = message_from_bytes(server.wait_for(user, count)[-1], policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def about(server: Border, user: str, number: str) -> EmailMessage:
    """The mail to `user` whose subject has that number."""
    found: list[EmailMessage] = []

    def is_there() -> bool:
        mails = [message_from_bytes(one, policy=policy.default) for one in server.mails(user)]
        found[:] = [one for one in mails if isinstance(one, EmailMessage) and number in str(one["Subject"])]
        return bool(found)

    wait_until(is_there, 60, f"a mail to {user} about {number}")
    return found[0]


def complaint(sender: str, **fields: str) -> bytes:
    return mail(f"خالد <{sender}>", text=f"السلام عليكم\n{REQUEST}\n", message_id=f"<1.{sender}>", **fields)


def outcomes(desk: Office) -> list[tuple[str | None, str | None]]:
    return [(row.outcome, row.reason) for row in desk.inbox()]


async def test_what_the_border_proved_is_proved_and_our_answer_is_signed(
    server: Border, open_desk: Desk
) -> None:
    khalid = "khalid@example.sa"
    async with open_desk() as desk:
        await come(desk, server, CITIZEN.signed(complaint(khalid)))

        assert desk.ticket().authenticated
        answer = await asyncio.to_thread(newest, server, khalid, 1)
        assert desk.ticket().number in str(answer["Subject"])
        # As the citizen's own provider sees it.
        noura = "noura@elsewhere.example"
        await asyncio.to_thread(server.receive, server.mails(khalid)[0], noura, MAILBOX)
        judged = await asyncio.to_thread(newest, server, noura, 1)
        verdicts = " ".join(str(one) for one in judged.get_all("Authentication-Results", []))
        assert re.search(rf"dkim=pass\b.*header\.d={re.escape(HOME)}", verdicts, re.DOTALL)
        assert "dmarc=pass" in verdicts


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param(lambda raw: raw, id="unsigned"),
        pytest.param(STRANGER.signed, id="signed by somebody else"),
        pytest.param(
            lambda raw: CITIZEN.signed(raw).replace(b"From: ", b"From:  ", 1) + b"more\r\n", id="changed"
        ),
        pytest.param(
            lambda raw: (
                f"Authentication-Results: {AUTHSERV_ID}; dmarc=pass header.from=example.sa\r\n".encode() + raw
            ),
            id="with a verdict of its own",
        ),
    ],
)
async def test_a_mail_in_the_name_of_a_domain_that_signs_all_is_set_aside_unanswered(
    server: Border, open_desk: Desk, forged: Callable[[bytes], bytes]
) -> None:
    sara = "sara@example.sa"
    async with open_desk() as desk:
        await come(desk, server, forged(complaint(sara)))

        assert outcomes(desk) == [("quarantined", "dmarc_fail")]
        assert desk.tickets() == []
        assert server.mails(sara) == []


@pytest.mark.parametrize("is_signed", [False, True])
@pytest.mark.parametrize("verdict", ["dmarc=pass", "dkim=pass"])
async def test_a_strangers_verdict_under_our_id_proves_nothing(
    server: Border, open_desk: Desk, verdict: str, is_signed: bool
) -> None:
    huda = f"huda{is_signed}{verdict[:4]}@{NO_POLICY}".lower()
    async with open_desk() as desk:
        raw = complaint(huda)
        raw = STRANGER.signed(raw) if is_signed else raw
        claimed = f"Authentication-Results: {AUTHSERV_ID}; {verdict} header.from={NO_POLICY}\r\n"
        await come(desk, server, claimed.encode() + raw)

        assert not desk.ticket().authenticated
        assert len(await asyncio.to_thread(server.wait_for, huda, 1)) == 1, "answered, and no more"
        kept = b"\n".join(server.box.read("Processed"))
        assert f"{verdict} header.from={NO_POLICY}".encode() not in kept, "the border took it away"


@pytest.mark.parametrize("client", [gmail, outlook, apple], ids=["gmail", "outlook", "apple"])
async def test_an_answer_as_a_mail_program_writes_it_comes_to_its_complaint(
    server: Border, open_desk: Desk, client: Callable[[str], tuple[str, str]]
) -> None:
    salem = f"salem.{client.__name__}@example.sa"
    words = "المشكلة ما زالت قائمة إلى اليوم، وأرفق لكم التفاصيل."
    async with open_desk() as desk:
        await come(desk, server, CITIZEN.signed(complaint(salem)))
        told = await asyncio.to_thread(newest, server, salem, 1)
        answer = EmailMessage(policy=policy.SMTP)
        answer["From"], answer["To"], answer["Subject"] = salem, str(told["From"]), f"Re: {told['Subject']}"
        answer["Date"], answer["Message-ID"] = datetime.now(UTC), f"<2.{salem}>"
        answer["In-Reply-To"] = str(told["Message-ID"])
        text, html = client(words)
        answer.set_content(text)
        answer.add_alternative(html, subtype="html")

        await come(desk, server, CITIZEN.signed(answer.as_bytes()))

        assert [outcome for outcome, _ in outcomes(desk)] == ["opened", "added"]
        assert desk.messages()[-1].new_text == words


async def test_staff_answer_by_a_mail_that_the_border_proved_and_by_no_other(
    server: Border, open_desk: Desk
) -> None:
    fahad = "fahad@example.sa"
    async with open_desk() as desk:
        await come(desk, server, CITIZEN.signed(complaint(fahad)))
        notice = await asyncio.to_thread(about, server, TEAM, desk.ticket().number)
        address = str(notice["Reply-To"])
        words = "راجعنا طلبكم، ونفيدكم بموعد إنجازه غدًا."
        answer = staff_answer(notice, words, is_proved=False)

        await come(desk, server, STRANGER.signed(answer), address)
        assert outcomes(desk)[-1][0] == "quarantined"
        assert len(server.mails(fahad)) == 1

        await come(
            desk, server, OWN.signed(answer.replace(b"Subject: ", b"X-Second: 1\r\nSubject: ", 1)), address
        )
        told = await asyncio.to_thread(newest, server, fahad, 2)
        assert words in text_of(told)
        assert NOURA not in str(told)
