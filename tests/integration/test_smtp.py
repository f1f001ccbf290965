"""The SMTP adapter against a real server that refuses, closes and falls silent where it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from daemon.courier import FrozenMessage, OutcomeUnknown, PermanentFailure, TemporaryFailure
from daemon.mail.wire.certificates import CertificateEnds
from daemon.mail.wire.smtp.courier import SmtpCourier
from daemon.mail.wire.smtp.settings import SmtpSettings
from tests.servers import free_port
from tests.servers.scripted_imap import serving
from tests.servers.smtp_sink import SmtpSink, smtp_sink

SENDER = "infocs@momah.gov.sa"


def mail(
    recipient: str = "khalid@example.sa", content: bytes = b"Subject: x\r\n\r\nbody\r\n"
) -> FrozenMessage:
    return FrozenMessage(SENDER, recipient, content, "<m1@momah.gov.sa>")


@contextlib.asynccontextmanager
async def courier_at(sink: SmtpSink, **changes: object) -> AsyncIterator[SmtpCourier]:
    known: dict[str, object] = {
        "host": sink.host,
        "port": sink.port,
        "security": "none",
        "local_hostname": "desk.test",
        "timeout_s": 5.0,
        "final_timeout_s": 5.0,
    }
    courier = SmtpCourier(SmtpSettings(**{**known, **changes}))  # type: ignore[arg-type]
    try:
        yield courier
    finally:
        await courier.close()


async def test_a_mail_arrives_octet_for_octet(smtp_server: SmtpSink) -> None:
    content = b"Subject: dots\r\n\r\n.\r\n..two\r\n.leading\r\nend"
    async with courier_at(smtp_server) as courier:
        receipt = await courier.deliver(mail(content=content))
    taken = smtp_server.taken[0]
    assert (taken.mail_from, taken.rcpt_to) == (SENDER, ("khalid@example.sa",))
    assert taken.content == content + b"\r\n"
    assert "queued as 1" in receipt.detail


async def test_lone_line_ends_cannot_smuggle_a_second_mail(smtp_server: SmtpSink) -> None:
    async with courier_at(smtp_server) as courier:
        await courier.deliver(mail(content=b"Subject: x\r\n\r\na\n.\nMAIL FROM:<evil@x>\r.\rb\r\n"))
    assert len(smtp_server.taken) == 1
    assert smtp_server.taken[0].content.endswith(b"a\r\n.\r\nMAIL FROM:<evil@x>\r\n.\r\nb\r\n")


async def test_a_null_reverse_path_can_be_sent(smtp_server: SmtpSink) -> None:
    async with courier_at(smtp_server) as courier:
        await courier.deliver(FrozenMessage("", "khalid@example.sa", b"x\r\n", "<m@x>"))
    assert smtp_server.taken[0].mail_from == ""


async def test_an_arabic_domain_is_written_in_ascii(smtp_server: SmtpSink) -> None:
    async with courier_at(smtp_server) as courier:
        await courier.deliver(mail("khalid@مثال.السعودية"))
    assert smtp_server.taken[0].rcpt_to == ("khalid@xn--mgbh0fb.xn--mgberp4a5d4ar",)


@pytest.mark.parametrize(
    "recipient", ["خالد@example.sa", "a@b> SIZE=1", "a\r\nRSET@x", "no-at-sign", "", "a@b\x00c", "a b@c"]
)
async def test_an_address_that_cannot_be_written_is_refused_for_good(
    smtp_server: SmtpSink, recipient: str
) -> None:
    async with courier_at(smtp_server) as courier:
        with pytest.raises(PermanentFailure) as caught:
            await courier.deliver(mail(recipient))
    assert smtp_server.taken == []
    assert "@" not in caught.value.reason


async def test_four_connections_carry_everything(smtp_server: SmtpSink) -> None:
    async with courier_at(smtp_server, connections=4) as courier:
        await asyncio.gather(*(courier.deliver(mail(f"c{number}@example.sa")) for number in range(100)))
    assert len({one.rcpt_to for one in smtp_server.taken}) == 100
    assert smtp_server.connection_count <= 4


async def test_a_refused_recipient_is_permanent_and_the_connection_stays(smtp_server: SmtpSink) -> None:
    smtp_server.rcpt["gone@example.sa"] = "550 5.1.1 <gone@example.sa>: no such user gone@example.sa"
    async with courier_at(smtp_server) as courier:
        with pytest.raises(PermanentFailure) as caught:
            await courier.deliver(mail("gone@example.sa"))
        await courier.deliver(mail())
    assert caught.value.code == "550 5.1.1"
    assert "gone" not in caught.value.reason
    assert "no such user" in caught.value.reason
    assert smtp_server.connection_count == 1


async def test_a_busy_mailbox_is_temporary_for_that_recipient_only(smtp_server: SmtpSink) -> None:
    smtp_server.rcpt["full@example.sa"] = "452 4.2.2 mailbox full"
    smtp_server.data["late@example.sa"] = ["451 4.3.0 try later"]
    async with courier_at(smtp_server) as courier:
        for recipient in ("full@example.sa", "late@example.sa"):
            with pytest.raises(TemporaryFailure) as caught:
                await courier.deliver(mail(recipient))
            assert not caught.value.outage
        await courier.deliver(mail("late@example.sa"))
    assert smtp_server.connection_count == 1


async def test_refused_content_is_permanent(smtp_server: SmtpSink) -> None:
    smtp_server.data["*"] = "554 5.6.0 message is malformed"
    async with courier_at(smtp_server) as courier:
        with pytest.raises(PermanentFailure):
            await courier.deliver(mail())


async def test_a_cut_after_the_final_dot_is_unknown_and_a_repeat_arrives(smtp_server: SmtpSink) -> None:
    smtp_server.cut_before_reply = 1
    async with courier_at(smtp_server) as courier:
        with pytest.raises(OutcomeUnknown):
            await courier.deliver(mail())
        assert len(smtp_server.taken) == 1
        await courier.deliver(mail())
        assert await courier.find("<m1@momah.gov.sa>") is None
    assert len(smtp_server.taken) == 2


async def test_silence_after_the_final_dot_is_unknown(smtp_server: SmtpSink) -> None:
    smtp_server.delay_data_s = 0.6
    async with courier_at(smtp_server, final_timeout_s=0.1) as courier:
        with pytest.raises(OutcomeUnknown):
            await courier.deliver(mail())


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
async def test_a_cut_before_the_message_is_temporary_on_a_new_connection(
    smtp_server: SmtpSink, stage: str
) -> None:
    smtp_server.extensions = []
    smtp_server.cut_at = [stage]
    async with courier_at(smtp_server) as courier:
        with pytest.raises(TemporaryFailure) as caught:
            await courier.deliver(mail())
    assert caught.value.outage
    assert smtp_server.taken == []


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
async def test_a_cut_on_a_kept_connection_is_tried_once_more(smtp_server: SmtpSink, stage: str) -> None:
    async with courier_at(smtp_server) as courier:
        await courier.deliver(mail())
        smtp_server.cut_at = [stage]
        await courier.deliver(mail())
        smtp_server.cut_at = [stage, stage]
        with pytest.raises(TemporaryFailure):
            await courier.deliver(mail())
    assert len(smtp_server.taken) == 2


async def test_connections_closed_while_idle_are_replaced(smtp_server: SmtpSink) -> None:
    async with courier_at(smtp_server) as courier:
        await courier.deliver(mail())
        smtp_server.drop_connections()
        await courier.deliver(mail())
        smtp_server.drop_connections()
        await asyncio.sleep(0)
        await courier.deliver(mail())
    assert len(smtp_server.taken) == 3


async def test_421_closes_and_is_an_outage(smtp_server: SmtpSink) -> None:
    smtp_server.mail = "421 4.7.0 too much, come back later"
    async with courier_at(smtp_server) as courier:
        with pytest.raises(TemporaryFailure) as caught:
            await courier.deliver(mail())
    assert caught.value.outage
    assert caught.value.retry_after is not None
    assert caught.value.retry_after > timedelta(0)


async def test_a_server_that_is_away_is_an_outage_until_it_is_back() -> None:
    port = free_port()
    settings = SmtpSettings(host="127.0.0.1", port=port, security="none", local_hostname="desk.test")
    courier = SmtpCourier(settings)
    with pytest.raises(TemporaryFailure, match="cannot connect") as caught:
        await courier.deliver(mail())
    assert caught.value.outage
    with smtp_sink(port=port) as sink:
        await courier.deliver(mail())
        assert len(sink.taken) == 1
        await courier.close()


async def test_a_greeting_that_refuses_is_an_outage(smtp_server: SmtpSink) -> None:
    smtp_server.greeting = "554 5.7.1 no service for 10.0.0.1"
    async with courier_at(smtp_server) as courier:
        with pytest.raises(TemporaryFailure) as caught:
            await courier.deliver(mail())
    assert caught.value.outage


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_tls_is_used_and_verified(security: str) -> None:
    with smtp_sink(security, username="u@x", password="p w") as sink:  # type: ignore[arg-type]
        login = {"security": security, "username": "u@x", "password": "p w"}
        ends = CertificateEnds()
        async with courier_at(sink, ca_file=str(sink.ca_file), certificates=ends, **login) as courier:
            await courier.deliver(mail())
            assert ends.by_server["smtp"] > datetime.now(UTC)
            assert "logged in" in await courier.check()
        async with courier_at(sink, **login) as courier:
            with pytest.raises(TemporaryFailure, match=r"TLS refused: self.signed") as caught:
                await courier.deliver(mail())
    assert caught.value.outage
    assert len(sink.taken) == 1


async def test_a_server_whose_starttls_was_stripped_gets_nothing(smtp_server: SmtpSink) -> None:
    login = {"username": "u", "password": "secret"}
    async with courier_at(smtp_server, security="starttls", **login) as courier:
        with pytest.raises(TemporaryFailure, match="STARTTLS") as caught:
            await courier.deliver(mail())
    assert caught.value.outage
    assert list(smtp_server.commands) == []
    assert smtp_server.login_count == 0


async def test_a_wrong_password_is_an_outage_and_tried_once_a_round() -> None:
    with smtp_sink(username="u", password="right") as sink:
        async with courier_at(sink, username="u", password="wrong", connections=4) as courier:
            failures = await asyncio.gather(
                *(courier.deliver(mail()) for _ in range(4)), return_exceptions=True
            )
            assert sink.login_count == 1
            with pytest.raises(TemporaryFailure, match="login refused") as caught:
                await courier.check()
    assert caught.value.outage
    assert caught.value.code.startswith("535")
    assert [type(failure) for failure in failures] == [TemporaryFailure] * 4


class OneToken:
    def __init__(self, token: str) -> None:
        self.value = token
        self.forgotten = 0

    async def token(self) -> str:
        return self.value

    def forget(self, refused: str) -> bool:
        self.forgotten += 1
        return False


async def test_xoauth2_logs_in_or_forgets_the_token() -> None:
    with smtp_sink(username="infocs@momah.gov.sa", token="good") as sink:
        oauth = {"username": "infocs@momah.gov.sa", "auth": "xoauth2"}
        async with courier_at(sink, token_source=OneToken("good"), **oauth) as courier:
            await courier.deliver(mail())
        bad = OneToken("bad")
        async with courier_at(sink, token_source=bad, **oauth) as courier:
            with pytest.raises(TemporaryFailure, match="login refused") as caught:
                await courier.deliver(mail())
    assert caught.value.outage
    assert bad.forgotten == 1


@contextlib.asynccontextmanager
async def odd_server(answer: bytes, after: bytes) -> AsyncIterator[int]:
    """Greets and answers EHLO; then `answer` to every command, `after` to the message."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 odd\r\n")
        is_body = False
        while line := await reader.readline():
            if is_body:
                if line == b".\r\n":
                    is_body = False
                    writer.write(after)
            elif line.startswith(b"EHLO"):
                writer.write(b"250-odd\r\n250 SIZE 1000\r\n")
            elif line == b"DATA\r\n" and answer.startswith(b"250 "):
                is_body = True
                writer.write(b"354 go\r\n")
            elif line == b"QUIT\r\n":
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(answer)

    async with serving(talk) as port:
        yield port


@pytest.mark.parametrize(
    "answer, after, failure",
    [
        (b"hello\r\n", b"", TemporaryFailure),
        (b"999 what\r\n", b"", TemporaryFailure),
        (b"220 what\r\n", b"", TemporaryFailure),
        (b"", b"", TemporaryFailure),
        (b"250-never\r\n" * 9000, b"", TemporaryFailure),
        (b"250 ok\r\n", b"hello\r\n", OutcomeUnknown),
        (b"250 ok\r\n", b"", OutcomeUnknown),
        (b"250 ok\r\n", b"354 more\r\n", OutcomeUnknown),
        (b"250 ok\r\n", b"421 4.3.2 going down\r\n", TemporaryFailure),
        (b"250 ok\r\n", b"552 5.3.4 too big\r\n", PermanentFailure),
    ],
)
async def test_odd_answers_end_in_one_of_the_three_failures(
    answer: bytes, after: bytes, failure: type[Exception]
) -> None:
    async with odd_server(answer, after) as port:
        settings = SmtpSettings(
            host="127.0.0.1",
            port=port,
            security="none",
            local_hostname="desk.test",
            timeout_s=0.3,
            final_timeout_s=0.3,
        )
        courier = SmtpCourier(settings)
        began = time.monotonic()
        with pytest.raises(failure):
            await courier.deliver(mail())
        assert time.monotonic() - began < 3
        await courier.close()


async def test_a_cancelled_delivery_gives_its_place_back(smtp_server: SmtpSink) -> None:
    smtp_server.delay_data_s = 30.0
    async with courier_at(smtp_server, connections=1) as courier:
        sending = asyncio.create_task(courier.deliver(mail()))
        while "DATA" not in smtp_server.commands:
            await asyncio.sleep(0.005)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        smtp_server.delay_data_s = 0.0
        await courier.deliver(mail())


async def test_a_broken_tls_handshake_is_an_outage() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 x\r\n")
        await reader.readline()
        writer.write(b"250-x\r\n250 STARTTLS\r\n")
        await reader.readline()
        writer.write(b"220 go\r\n")
        await reader.read(1)

    async with serving(talk) as port:
        courier = SmtpCourier(
            SmtpSettings(host="127.0.0.1", port=port, local_hostname="desk.test", timeout_s=2.0)
        )
        with pytest.raises(TemporaryFailure) as caught:
            await courier.deliver(mail())
        assert caught.value.outage
