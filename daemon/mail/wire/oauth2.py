"""Access tokens by client credentials (RFC 6749, section 4.4), for the two mail protocols.

`imap` and `smtp` show a token to their servers (XOAUTH2).
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import httpx

_AHEAD_S = 300.0
"""A token this near its end is replaced: a login begun with it must still find it valid."""


class TokenUnavailable(Exception):
    """No token could be had. `is_auth` is true where the issuer refused our credentials (a person must
    act), false where it could not be asked. `reason` holds no secret."""

    def __init__(self, reason: str, *, is_auth: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_auth = is_auth


class TokenSource(Protocol):
    async def token(self) -> str:
        """A bearer token good for at least some minutes. Raises TokenUnavailable."""

    def forget(self) -> None:
        """A server refused the last token: ask for a new one next time."""


@dataclass(frozen=True, slots=True)
class OAuth2Settings:
    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str = ""
    timeout_s: float = 20.0
    ca_file: str | None = None


class ClientCredentials:
    """A TokenSource that keeps one token and renews it ahead of its end; concurrent callers share one
    request."""

    def __init__(self, settings: OAuth2Settings, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._monotonic = monotonic  # lifetimes are durations: a moved wall clock must not stretch them
        self._lock = asyncio.Lock()
        self._token = ""
        self._renew_after = 0.0
        self._ends = 0.0

    async def token(self) -> str:
        if self._token and self._monotonic() < self._renew_after:
            return self._token
        async with self._lock:
            if self._token and self._monotonic() < self._renew_after:
                return self._token
            try:
                self._token, lifetime_s = await self._request()
            except TokenUnavailable as failure:
                # An issuer that is down shortly before the end costs nothing: the old one still opens doors.
                if not failure.is_auth and self._token and self._monotonic() < self._ends:
                    return self._token
                raise
            now = self._monotonic()
            self._ends = now + lifetime_s
            self._renew_after = now + max(lifetime_s - _AHEAD_S, lifetime_s / 2)
            return self._token

    def forget(self) -> None:
        self._token = ""

    async def _request(self) -> tuple[str, float]:
        asked = self._settings
        form = {
            "grant_type": "client_credentials",
            "client_id": asked.client_id,
            "client_secret": asked.client_secret,
        }
        if asked.scope:
            form["scope"] = asked.scope
        try:
            verify = ssl.create_default_context(cafile=asked.ca_file)
            async with httpx.AsyncClient(
                verify=verify, timeout=asked.timeout_s, trust_env=False, follow_redirects=False
            ) as client:
                response = await client.post(
                    asked.token_url, data=form, headers={"Accept": "application/json"}
                )
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise TokenUnavailable(
                f"token endpoint does not answer ({type(error).__name__})", is_auth=False
            ) from error
        return _read(response)


def _read(response: httpx.Response) -> tuple[str, float]:
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        answer = {}
    if response.status_code == 200 and isinstance(answer.get("access_token"), str) and answer["access_token"]:
        return answer["access_token"], _lifetime_s(answer.get("expires_in"))
    # `error` is a word of RFC 6749, section 5.2; `error_description` may quote ids and is left out,
    # but for the vendor's own code at its head ("AADSTS7000215"), which operators look up.
    word = str(answer.get("error", ""))[:60]
    vendor = str(answer.get("error_description", "")).split(":")[0]
    detail = " ".join(part for part in (word, vendor if vendor.startswith("AADSTS") else "") if part)
    raise TokenUnavailable(
        f"token endpoint refused: HTTP {response.status_code} {detail}".rstrip(),
        is_auth=400 <= response.status_code < 500 and response.status_code not in (408, 429),
    )


def _lifetime_s(value: object) -> float:
    """RFC 6749, section 5.1: `expires_in` is recommended, not required; some issuers send it as text."""
    try:
        return max(0.0, float(str(value)))
    except ValueError:
        return 600.0
