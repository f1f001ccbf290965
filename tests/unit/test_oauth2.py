"""Tokens by client credentials: one request for many callers, renewed ahead of the end."""

from __future__ import annotations

import asyncio

import httpx
import pytest
import respx

from daemon.mail.wire.oauth2 import ClientCredentials, OAuth2Settings, TokenUnavailable

URL = "https://login.example.sa/tenant/oauth2/v2.0/token"
SETTINGS = OAuth2Settings(URL, "client", "hush", "https://outlook.office365.com/.default")


class Watch:
    def __init__(self) -> None:
        self.s = 0.0

    def __call__(self) -> float:
        return self.s


def answer(token: str, expires_in: object = 3600) -> httpx.Response:
    return httpx.Response(200, json={"token_type": "Bearer", "access_token": token, "expires_in": expires_in})


async def test_many_callers_share_one_request_until_shortly_before_the_end() -> None:
    watch = Watch()
    source = ClientCredentials(SETTINGS, monotonic=watch)
    with respx.mock() as mock:
        route = mock.post(URL).mock(side_effect=[answer("one"), answer("two", "3600"), answer("three")])
        assert await asyncio.gather(*(source.token() for _ in range(20))) == ["one"] * 20
        watch.s = 3299
        assert await source.token() == "one"
        watch.s = 3301
        assert await source.token() == "two"
        assert not source.forget("two")  # made just now: another one would be refused as well
        assert await source.token() == "three"
        sent = dict(httpx.QueryParams(route.calls[0].request.content.decode()))
    assert sent == {
        "grant_type": "client_credentials",
        "client_id": "client",
        "client_secret": "hush",
        "scope": "https://outlook.office365.com/.default",
    }


async def test_two_who_are_refused_with_one_token_replace_it_once() -> None:
    watch = Watch()
    source = ClientCredentials(SETTINGS, monotonic=watch)
    with respx.mock() as mock:
        route = mock.post(URL).mock(side_effect=[answer("one"), answer("two")])
        await source.token()
        watch.s = 120

        assert source.forget("one")
        assert await source.token() == "two"
        assert source.forget("one")  # who was shown the old one, and heard of it later
        assert await source.token() == "two"

    assert route.call_count == 2


async def test_a_short_outage_of_the_issuer_is_not_noticed() -> None:
    watch = Watch()
    source = ClientCredentials(SETTINGS, monotonic=watch)
    with respx.mock() as mock:
        mock.post(URL).mock(side_effect=[answer("one"), httpx.ConnectError("x"), httpx.Response(503)])
        assert await source.token() == "one"
        watch.s = 3400
        assert await source.token() == "one"
        watch.s = 3601
        with pytest.raises(TokenUnavailable) as caught:
            await source.token()
    assert not caught.value.is_auth


@pytest.mark.parametrize(
    "response, is_auth",
    [
        (
            httpx.Response(401, json={"error": "invalid_client", "error_description": "AADSTS7000215: hush"}),
            True,
        ),
        (httpx.Response(400, json={"error": "invalid_request"}), True),
        (httpx.Response(429), False),
        (httpx.Response(500, text="<html>"), False),
        (httpx.Response(200, json={"access_token": ""}), False),
        (httpx.Response(200, text="nonsense"), False),
        (httpx.Response(302, headers={"Location": "https://evil.example/"}), False),
    ],
)
async def test_refusals_say_whose_fault_it_is_and_no_secret(response: httpx.Response, is_auth: bool) -> None:
    with respx.mock() as mock:
        mock.post(URL).mock(return_value=response)
        with pytest.raises(TokenUnavailable) as caught:
            await ClientCredentials(SETTINGS).token()
    assert caught.value.is_auth is is_auth
    assert "hush" not in caught.value.reason
    if response.status_code == 401:
        assert "invalid_client AADSTS7000215" in caught.value.reason


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ReadTimeout, httpx.ConnectTimeout])
async def test_an_issuer_that_does_not_answer_is_no_fault_of_ours(error: type[httpx.TransportError]) -> None:
    with respx.mock() as mock:
        mock.post(URL).mock(side_effect=error("x"))
        with pytest.raises(TokenUnavailable, match="does not answer") as caught:
            await ClientCredentials(SETTINGS).token()
    assert not caught.value.is_auth


def test_settings_do_not_print_the_secret() -> None:
    assert "hush" not in repr(SETTINGS)
