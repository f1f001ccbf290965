"""Several SMTP commands in one write (RFC 2920): fewer packets, each answer judged, a cut survived; and what
of the connection may be believed."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from daemon.courier import (
    DeliveryFailure,
    FrozenMessage,
    OutcomeUnknown,
    PermanentFailure,
    TemporaryFailure,
)
from daemon.mail.wire.smtp.courier import SmtpCourier
from daemon.mail.wire.smtp.settings import SmtpSettings
from tests.servers.certificates import make_certificate
from tests.servers.scripted_smtp import CUT, SILENCE, ScriptedSmtp, scripted_smtp

CONTENT = b"Subject: x\r\n\r\nbody\r\n"


def mail(recipient: str = "khalid@example.sa", content: bytes = CONTENT) -> FrozenMessage:
    return FrozenMessage("infocs@momah.gov.sa", recipient, content, "<m1@momah.gov.sa>")


@contextlib.asynccontextmanager
async def courier_at(server: ScriptedSmtp, **changes: object) -> AsyncIterator[SmtpCourier]:
    known: dict[str, object] = {"host": server.host, "port": server.port, "security": "none"}
    known |= {"local_hostname": "desk.test", "timeout_s": 2.0, "final_timeout_s": 2.0}
    courier = SmtpCourier(SmtpSettings(**{**known, **changes}))  # type: ignore[arg-type]
    try:
        yield courier
    finally:
        await courier.close()


async def packets_of_one_mail(server: ScriptedSmtp, courier: SmtpCourier) -> list[bytes]:
    """Of the second on a kept connection: the first pays for the greeting."""
    await courier.deliver(mail())
    server.packets.clear()
    await courier.deliver(mail())
    return list(server.packets)


async def test_a_mail_costs_two_packets_where_the_relay_takes_groups_and_four_where_not() -> None:
    async with scripted_smtp(ScriptedSmtp()) as server, courier_at(server) as courier:
        together = await packets_of_one_mail(server, courier)
    async with scripted_smtp(ScriptedSmtp(offers=("SIZE",))) as server, courier_at(server) as courier:
        apart = await packets_of_one_mail(server, courier)

    assert [packet.count(b"\r\n") for packet in together[:1]] == [3]
    assert together[0].endswith(b"DATA\r\n")
    assert (len(together), len(apart)) == (2, 4)


async def test_answers_that_come_octet_by_octet_are_told_apart() -> None:
    async with scripted_smtp(ScriptedSmtp(splits=True)) as server, courier_at(server) as courier:
        await courier.deliver(mail())
        await courier.deliver(mail())

    assert len(server.taken) == 2
    assert server.connection_count == 1


@pytest.mark.parametrize(
    "answers, failure, code",
    [
        ({"MAIL": "550 5.7.60 not yours", "RCPT": "503 x", "DATA": "503 x"}, TemporaryFailure, "550 5.7.60"),
        ({"MAIL": "552 5.3.4 too big", "RCPT": "503 x", "DATA": "503 x"}, PermanentFailure, "552 5.3.4"),
        ({"RCPT": "550 5.1.1 nobody", "DATA": "554 5.5.1 no recipients"}, PermanentFailure, "550 5.1.1"),
        ({"RCPT": "450 4.2.0 greylisted", "DATA": "554 none"}, TemporaryFailure, "450 4.2.0"),
        ({"DATA": "451 4.3.0 later"}, TemporaryFailure, "451 4.3.0"),
    ],
)
async def test_the_first_refusal_of_a_group_is_the_verdict_and_the_connection_goes_on(
    answers: dict[str, str | list[str]], failure: type[DeliveryFailure], code: str
) -> None:
    async with scripted_smtp(ScriptedSmtp(answers=answers)) as server, courier_at(server) as courier:
        with pytest.raises(failure) as caught:
            await courier.deliver(mail())
        server.answers.clear()
        await courier.deliver(mail())

    assert caught.value.code == code
    assert server.connection_count == 1
    assert server.taken == [CONTENT.removesuffix(b"\r\n")]


async def test_data_let_pass_for_a_refused_recipient_is_ended_by_a_dot_alone() -> None:
    script = ScriptedSmtp(answers={"RCPT": ["550 5.1.1 nobody"], ".": ["554 5.5.1 no valid recipients"]})
    async with scripted_smtp(script) as server, courier_at(server) as courier:
        with pytest.raises(PermanentFailure) as caught:
            await courier.deliver(mail())
        await courier.deliver(mail())

    assert caught.value.code == "550 5.1.1"
    assert server.taken == [b"", CONTENT.removesuffix(b"\r\n")]
    assert server.connection_count == 1


async def test_no_empty_mail_goes_to_a_recipient_that_was_taken_after_a_refused_sender() -> None:
    script = ScriptedSmtp(answers={"MAIL": ["451 4.3.0 later"]})
    async with scripted_smtp(script) as server, courier_at(server) as courier:
        with pytest.raises(TemporaryFailure):
            await courier.deliver(mail())

    assert server.taken == []


async def test_a_refusal_is_believed_though_the_rest_of_the_group_is_lost() -> None:
    script = ScriptedSmtp(answers={"RCPT": "550 5.1.1 nobody", "DATA": CUT})
    async with scripted_smtp(script) as server, courier_at(server) as courier:
        with pytest.raises(PermanentFailure) as caught:
            await courier.deliver(mail())

    assert caught.value.code == "550 5.1.1"
    assert server.connection_count == 1


@pytest.mark.parametrize("word", ["MAIL", "RCPT", "DATA"])
async def test_a_group_that_breaks_a_new_connection_is_said_again_step_by_step(word: str) -> None:
    script = ScriptedSmtp(answers={word: [CUT]})
    async with scripted_smtp(script) as server, courier_at(server) as courier:
        await courier.deliver(mail())
        server.packets.clear()
        await courier.deliver(mail())
        packets = list(server.packets)

    assert len(server.taken) == 2
    assert server.connection_count == 2
    assert len(packets) == 4  # and so it goes on, for a while


async def test_a_kept_connection_that_breaks_says_nothing_about_groups() -> None:
    async with scripted_smtp(ScriptedSmtp()) as server, courier_at(server) as courier:
        await courier.deliver(mail())
        server.answers["RCPT"] = [CUT]
        await courier.deliver(mail())
        server.packets.clear()
        await courier.deliver(mail())
        packets = list(server.packets)

    assert len(server.taken) == 3
    assert len(packets) == 2


async def test_a_server_that_swallows_part_of_a_group_is_an_outage_and_asked_step_by_step() -> None:
    script = ScriptedSmtp(answers={"RCPT": [SILENCE]})
    async with scripted_smtp(script) as server, courier_at(server, timeout_s=0.2) as courier:
        with pytest.raises(TemporaryFailure, match="not understood") as caught:
            await courier.deliver(mail())
        server.answers["DATA"] = [SILENCE]
        with pytest.raises(TemporaryFailure, match="in time"):
            await courier.deliver(mail())
        await courier.deliver(mail())

    assert caught.value.outage
    assert len(server.taken) == 1


async def test_421_in_a_group_is_an_outage_with_a_pause() -> None:
    script = ScriptedSmtp(answers={"RCPT": "421 4.7.0 too many errors"})
    async with scripted_smtp(script) as server, courier_at(server) as courier:
        with pytest.raises(TemporaryFailure) as caught:
            await courier.deliver(mail())

    assert caught.value.outage
    assert caught.value.retry_after is not None
    assert server.taken == []


async def test_an_answer_before_its_question_is_no_acceptance() -> None:
    """A "250" that was sent ahead must not be taken for the answer to the final dot."""
    script = ScriptedSmtp(answers={"DATA": "354 go\r\n250 2.0.0 ok, whatever comes"})
    async with scripted_smtp(script) as server, courier_at(server) as courier:
        with pytest.raises(TemporaryFailure):
            await courier.deliver(mail())

    assert server.taken == []


async def test_a_cut_within_a_large_message_is_not_in_doubt() -> None:
    large = b"Subject: x\r\n\r\n" + b"0123456789\r\n" * 2_000_000
    script = ScriptedSmtp(offers=("PIPELINING",), reads_content=False)
    async with scripted_smtp(script) as server, courier_at(server) as courier:
        with pytest.raises(TemporaryFailure) as caught:
            await courier.deliver(mail(content=large))

    assert caught.value.outage
    assert server.taken == []


async def test_a_cut_after_the_final_dot_is_in_doubt() -> None:
    script = ScriptedSmtp(answers={".": CUT})
    async with scripted_smtp(script) as server, courier_at(server) as courier:
        with pytest.raises(OutcomeUnknown):
            await courier.deliver(mail())

    assert len(server.taken) == 1


async def test_a_connection_carries_as_many_mails_as_it_may() -> None:
    async with scripted_smtp(ScriptedSmtp()) as server, courier_at(server, per_connection=2) as courier:
        for _ in range(5):
            await courier.deliver(mail())

    assert len(server.taken) == 5
    assert server.connection_count == 3
    assert server.words.count("QUIT") == 3


async def test_a_server_that_ends_a_connection_after_so_many_loses_nothing() -> None:
    async with scripted_smtp(ScriptedSmtp()) as server, courier_at(server) as courier:
        await courier.deliver(mail())
        server.answers["MAIL"] = ["421 4.7.0 too many messages in this connection"]
        await courier.deliver(mail())

    assert len(server.taken) == 2
    assert server.connection_count == 2


async def test_who_is_told_of_too_many_connections_uses_fewer() -> None:
    script = ScriptedSmtp(answers={"MAIL": ["432 4.3.2 Concurrent connections limit exceeded"] * 2})
    async with scripted_smtp(script) as server, courier_at(server, connections=3) as courier:
        failures = await asyncio.gather(*(courier.deliver(mail()) for _ in range(2)), return_exceptions=True)
        for failure in failures:
            assert isinstance(failure, TemporaryFailure)
            assert failure.outage
            assert failure.retry_after is not None
        server.answers.clear()
        await asyncio.gather(*(courier.deliver(mail()) for _ in range(9)))

        assert courier.connections == 2
    assert len(server.taken) == 9


# --- letters beyond ASCII -----------------------------------------------------------------------------

UTF8 = (*ScriptedSmtp().offers, "SMTPUTF8")
ARABIC = mail("خالد@مثال.السعودية", "To: خالد@xn--mgbh0fb.xn--mgberp4a5d4ar\r\n\r\nx\r\n".encode())


async def test_an_address_in_arabic_letters_goes_by_smtputf8() -> None:
    async with scripted_smtp(ScriptedSmtp(offers=UTF8)) as server, courier_at(server) as courier:
        await courier.deliver(ARABIC)
        await courier.deliver(mail("khalid@مثال.السعودية"))

    first, second = (line for line in server.heard if line.startswith("MAIL"))
    assert first.endswith("BODY=8BITMIME SMTPUTF8")
    assert "SMTPUTF8" not in second
    assert [line for line in server.heard if line.startswith("RCPT")] == [
        "RCPT TO:<خالد@xn--mgbh0fb.xn--mgberp4a5d4ar>",
        "RCPT TO:<khalid@xn--mgbh0fb.xn--mgberp4a5d4ar>",
    ]


async def test_it_is_refused_for_good_and_in_plain_words_where_the_relay_lacks_smtputf8() -> None:
    async with scripted_smtp(ScriptedSmtp()) as server, courier_at(server) as courier:
        with pytest.raises(PermanentFailure, match="SMTPUTF8") as caught:
            await courier.deliver(ARABIC)
        await courier.deliver(mail())

    assert caught.value.code == "5.6.7"
    assert server.words.count("MAIL") == 1
    assert server.connection_count == 1


# --- STARTTLS -----------------------------------------------------------------------------------------


@pytest.fixture
def tls_of_a_server(tmp_path: Path) -> tuple[ssl.SSLContext, str]:
    certificate = make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.cert, certificate.key)
    return context, str(certificate.cert)


async def test_nothing_that_was_offered_in_clear_counts_after_starttls(
    tls_of_a_server: tuple[ssl.SSLContext, str],
) -> None:
    context, ca_file = tls_of_a_server
    script = ScriptedSmtp(
        tls=context, offers=("SIZE",), offers_in_clear=("STARTTLS", "PIPELINING", "AUTH PLAIN")
    )
    async with scripted_smtp(script) as server:
        async with courier_at(server, security="starttls", ca_file=ca_file) as courier:
            await courier.deliver(mail())
        login = {"username": "u", "password": "secret"}
        async with courier_at(server, security="starttls", ca_file=ca_file, **login) as courier:
            with pytest.raises(TemporaryFailure, match="no login"):
                await courier.deliver(mail())

    assert not any(packet.count(b"\r\n") == 3 and b"DATA" in packet for packet in server.packets)
    assert "AUTH" not in server.words
    assert server.words.count("EHLO") == 4


async def test_answers_that_somebody_put_behind_starttls_in_clear_are_not_believed(
    tls_of_a_server: tuple[ssl.SSLContext, str],
) -> None:
    context, ca_file = tls_of_a_server
    script = ScriptedSmtp(
        tls=context,
        offers=("PIPELINING",),
        offers_in_clear=("STARTTLS",),
        injected=b"250-evil\r\n250-PIPELINING\r\n250 AUTH PLAIN\r\n",
    )
    login = {"username": "u", "password": "secret"}
    async with (
        scripted_smtp(script) as server,
        courier_at(server, security="starttls", ca_file=ca_file, **login) as courier,
    ):
        with pytest.raises(TemporaryFailure):
            await courier.deliver(mail())

    assert "AUTH" not in server.words
    assert server.taken == []


@pytest.mark.parametrize(
    "answers", [{"STARTTLS": "454 4.7.0 TLS not available"}, {"STARTTLS": "502 what"}, {"EHLO": "502 what"}]
)
async def test_a_server_that_refuses_tls_gets_nothing_in_clear(
    answers: dict[str, str | list[str]], tls_of_a_server: tuple[ssl.SSLContext, str]
) -> None:
    context, ca_file = tls_of_a_server
    script = ScriptedSmtp(tls=context, offers_in_clear=("STARTTLS", "AUTH PLAIN"), answers=answers)
    login = {"username": "u", "password": "secret"}
    async with (
        scripted_smtp(script) as server,
        courier_at(server, security="starttls", ca_file=ca_file, **login) as courier,
    ):
        with pytest.raises(TemporaryFailure) as caught:
            await courier.deliver(mail())

    assert caught.value.outage
    assert not {"AUTH", "MAIL"} & set(server.words)
