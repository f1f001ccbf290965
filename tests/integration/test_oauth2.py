"""Tokens, and servers that demand XOAUTH2: one token shared, renewed in mid-session, in no log."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
from collections.abc import AsyncIterator, Iterator

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from daemon.clock import SystemClock
from daemon.courier import FrozenMessage, TemporaryFailure
from daemon.mail.wire.imap.errors import MailboxUnavailable
from daemon.mail.wire.imap.mailbox import Mailbox
from daemon.mail.wire.imap.settings import ImapSettings
from daemon.mail.wire.oauth2 import ClientCredentials, OAuth2Settings, TokenUnavailable
from daemon.mail.wire.smtp.courier import SmtpCourier
from daemon.mail.wire.smtp.settings import SmtpSettings
from tests.servers.scripted_imap import Conversation, ScriptedImap, serving
from tests.servers.scripted_smtp import ScriptedSmtp, scripted_smtp
from tests.servers.token_endpoint import CLIENT_ID, CLIENT_SECRET, TokenEndpoint, token_endpoint

MAILBOX = "infocs@momah.gov.sa"
MAIL = FrozenMessage(MAILBOX, "khalid@example.sa", b"Subject: x\r\n\r\nbody\r\n", "<m1@momah.gov.sa>")


class Watch:
    def __init__(self) -> None:
        self.s = 1000.0

    def __call__(self) -> float:
        return self.s


class Tenant:
    """A token endpoint, a mailbox and a relay that take the tokens in `good`."""

    def __init__(self, endpoint: TokenEndpoint, watch: Watch) -> None:
        self.endpoint = endpoint
        self.watch = watch
        self.good: set[str] = set()
        self.smtp = ScriptedSmtp(
            offers=("PIPELINING", "8BITMIME", "AUTH LOGIN XOAUTH2"), good_tokens=self.good
        )
        self.imap = ScriptedImap({"AUTHENTICATE": self._authenticate})
        self.source = self.source_of(CLIENT_SECRET)

    def source_of(self, client_secret: str) -> ClientCredentials:
        settings = OAuth2Settings(
            self.endpoint.url, CLIENT_ID, client_secret, "https://outlook.example/.default"
        )
        return ClientCredentials(settings, monotonic=self.watch)

    def takes(self, *numbers: int) -> None:
        """From now on the servers take the tokens of these requests, and no other."""
        self.good.clear()
        self.good.update(f"eyToken-number-{number}-of-the-desk" for number in numbers)

    async def _authenticate(self, conversation: Conversation, line: str) -> None:
        said = base64.b64decode(line.rpartition(" ")[2]).decode()
        if said.split("\x01")[1].removeprefix("auth=Bearer ") in self.good:
            await conversation.say("{tag} OK done\r\n")
            return
        await conversation.say("+ eyJzdGF0dXMiOiI0MDAifQ==\r\n")
        assert await conversation.hear() == ""
        await conversation.say("{tag} NO AUTHENTICATE failed.\r\n")

    @property
    def logins(self) -> int:
        return self.smtp.words.count("AUTH")


@pytest.fixture
def endpoint() -> Iterator[TokenEndpoint]:
    with token_endpoint() as endpoint:
        yield endpoint


@contextlib.asynccontextmanager
async def tenant_at(endpoint: TokenEndpoint) -> AsyncIterator[tuple[Tenant, SmtpCourier, Mailbox]]:
    tenant = Tenant(endpoint, Watch())
    tenant.takes(1)
    async with scripted_smtp(tenant.smtp), serving(tenant.imap.serve) as imap_port:
        known = {"username": MAILBOX, "auth": "xoauth2", "token_source": tenant.source, "timeout_s": 3.0}
        courier = SmtpCourier(
            SmtpSettings(  # type: ignore[arg-type]
                host="127.0.0.1", port=tenant.smtp.port, security="none", local_hostname="desk.test", **known
            )
        )
        mailbox = Mailbox(
            ImapSettings(host="127.0.0.1", port=imap_port, security="none", **known),  # type: ignore[arg-type]
            SystemClock(),
        )
        try:
            yield tenant, courier, mailbox
        finally:
            await courier.close()
            await mailbox.close()


async def test_mailbox_and_relay_share_one_token(endpoint: TokenEndpoint) -> None:
    async with tenant_at(endpoint) as (tenant, courier, mailbox):
        await asyncio.gather(mailbox.connect(), *(courier.deliver(MAIL) for _ in range(8)))

    assert len(endpoint.asked) == 1
    assert endpoint.asked[0]["grant_type"] == "client_credentials"
    assert len(tenant.smtp.taken) == 8


async def test_a_token_is_renewed_before_its_end_and_nobody_is_refused(endpoint: TokenEndpoint) -> None:
    async with tenant_at(endpoint) as (tenant, courier, mailbox):
        await courier.deliver(MAIL)
        tenant.takes(2)
        tenant.watch.s += 3400  # of 3600
        await mailbox.connect()

    assert len(endpoint.asked) == 2
    assert tenant.logins == 1


async def test_a_token_that_ends_in_mid_session_is_replaced_and_the_mail_goes(
    endpoint: TokenEndpoint,
) -> None:
    async with tenant_at(endpoint) as (tenant, courier, _):
        await courier.deliver(MAIL)
        tenant.watch.s += 120
        tenant.takes(2)
        tenant.smtp.answers["MAIL"] = ["530 5.7.57 Client not authenticated to send mail"]
        await courier.deliver(MAIL)

    assert len(tenant.smtp.taken) == 2
    assert len(endpoint.asked) == 2
    assert tenant.logins == 3  # the first, the old token refused, the new one taken


async def test_many_who_are_refused_with_one_token_ask_for_one_other(endpoint: TokenEndpoint) -> None:
    async with tenant_at(endpoint) as (tenant, courier, mailbox):
        await courier.deliver(MAIL)
        await courier.close()
        tenant.watch.s += 120
        tenant.takes(2)
        await asyncio.gather(mailbox.connect(), *(courier.deliver(MAIL) for _ in range(4)))

    assert len(endpoint.asked) == 2
    assert len(tenant.smtp.taken) == 5


async def test_a_mailbox_whose_session_ended_comes_back_with_a_new_token(endpoint: TokenEndpoint) -> None:
    async with tenant_at(endpoint) as (tenant, _, mailbox):
        await mailbox.connect()
        await mailbox.close()
        tenant.watch.s += 120
        tenant.takes(2)
        await mailbox.connect()

    assert len(endpoint.asked) == 2


async def test_a_new_token_that_is_refused_is_tried_once(endpoint: TokenEndpoint) -> None:
    async with tenant_at(endpoint) as (tenant, courier, mailbox):
        tenant.takes()
        with pytest.raises(TemporaryFailure, match="login refused") as caught:
            await courier.deliver(MAIL)
        with pytest.raises(MailboxUnavailable, match="login refused") as refused:
            await mailbox.connect()

    assert caught.value.outage
    assert caught.value.code == "535 5.7.3"
    assert refused.value.is_auth
    assert tenant.logins == 1
    assert sum("AUTHENTICATE" in line for line in tenant.imap.heard) == 1


async def test_no_token_and_no_secret_is_in_any_log_or_error(
    endpoint: TokenEndpoint, caplog: pytest.LogCaptureFixture
) -> None:
    names = (
        "",
        "aiosmtplib",
        "aioimaplib",
        "aioimaplib.aioimaplib",
        "httpx",
        "httpcore",
        "asyncio",
        "daemon",
    )
    for name in names:
        caplog.set_level(logging.DEBUG, logger=name)
    errors: list[BaseException] = []
    async with tenant_at(endpoint) as (tenant, courier, mailbox):
        asyncio.get_running_loop().set_debug(True)
        await asyncio.gather(mailbox.connect(), courier.deliver(MAIL))
        await mailbox.close()
        tenant.watch.s += 120
        tenant.takes()
        found = await asyncio.gather(mailbox.connect(), courier.deliver(MAIL), return_exceptions=True)
        await courier.close()
        found += await asyncio.gather(
            courier.deliver(MAIL), tenant.source_of("another~s3cr3t").token(), return_exceptions=True
        )
        errors += [one for one in found if isinstance(one, BaseException)]

    assert len(errors) >= 3
    said = caplog.text + "".join(map(_whole, errors)) + repr(tenant.source.__dict__["_settings"])
    hidden = [CLIENT_SECRET, "another~s3cr3t", *endpoint.tokens]
    hidden += [
        base64.b64encode(f"user={MAILBOX}\x01auth=Bearer {one}".encode())[:-4].decode()
        for one in endpoint.tokens
    ]
    assert endpoint.tokens
    assert [one for one in hidden if one in said] == []


def _whole(error: BaseException) -> str:
    """It and what led to it, as a traceback would print them."""
    found, chain = "", [error]
    while chain:
        one = chain.pop()
        found += f"{one!r} {one}\n"
        chain += [
            other for other in (one.__cause__, None if one.__suppress_context__ else one.__context__) if other
        ]
    return found


# --- Google -------------------------------------------------------------------------------------------


def service_account(endpoint: TokenEndpoint, private_key: str) -> ClientCredentials:
    return ClientCredentials(
        OAuth2Settings(
            endpoint.url,
            "desk@project.iam.gserviceaccount.example",
            scope="https://mail.google.com/",
            private_key=private_key,
            subject=MAILBOX,
        )
    )


async def test_a_service_account_signs_in_the_name_of_the_mailbox(endpoint: TokenEndpoint) -> None:
    key = RSAKey.generate_key(2048)
    pem = key.as_pem(private=True).decode()

    token = await service_account(endpoint, pem).token()

    form = endpoint.asked[0]
    claims = jwt.decode(form["assertion"], RSAKey.import_key(key.as_pem(private=False))).claims
    assert token == endpoint.tokens[0]
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    assert set(form) == {"grant_type", "assertion"}
    assert claims["iss"] == "desk@project.iam.gserviceaccount.example"
    assert (claims["sub"], claims["aud"]) == (MAILBOX, endpoint.url)
    assert claims["scope"] == "https://mail.google.com/"
    assert 0 < claims["exp"] - claims["iat"] <= 3600


@pytest.mark.parametrize(
    "key", ["not a key", "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----"]
)
async def test_a_key_that_is_none_is_named_and_not_shown(endpoint: TokenEndpoint, key: str) -> None:
    with pytest.raises(TokenUnavailable, match="private_key") as caught:
        await service_account(endpoint, key).token()

    assert caught.value.is_auth
    assert key not in _whole(caught.value)
    assert endpoint.asked == []
