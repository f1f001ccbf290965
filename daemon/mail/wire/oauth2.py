"""Access tokens for the two mail protocols, which show them to their servers (XOAUTH2).

By client credentials (RFC 6749, section 4.4: Microsoft 365), or by a signed assertion in the name of the
mailbox (RFC 7523, section 2.1: a service account of Google). No token and no secret is ever written down.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import httpx

_AHEAD_S = 300.0
"""A token this near its end is replaced: a login begun with it must still find it valid."""

JUST_NOW_S = 60.0
"""A token this young that a server refuses will not be better the next time."""
CLOCKS_DIFFER_S = 30
ASSERTION_S = 600


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

    def forget(self, refused: str) -> bool:
        """A server refused the token `refused`. True where asking for another one at once may help: it was
        not made just now."""


@dataclass(frozen=True, slots=True)
class OAuth2Settings:
    token_url: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    scope: str = ""
    private_key: str = field(default="", repr=False)
    """PEM: an assertion is signed with it, in place of showing the secret, in the name of `client_id`."""
    subject: str = ""
    """In whose name an assertion asks: the mailbox."""
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
        self._made_at = 0.0

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
            now = self._made_at = self._monotonic()
            self._ends = now + lifetime_s
            self._renew_after = now + max(lifetime_s - _AHEAD_S, lifetime_s / 2)
            return self._token

    def forget(self, refused: str) -> bool:
        if refused != self._token:
            return True  # another connection was refused before us, and there is a new one already
        self._token = ""
        return self._monotonic() - self._made_at >= JUST_NOW_S

    @property
    def lifetime_s(self) -> float:
        """How long the token at hand is still good."""
        return max(0.0, self._ends - self._monotonic()) if self._token else 0.0

    async def _request(self) -> tuple[str, float]:
        import httpx  # only who logs in this way waits for it

        asked = self._settings
        form = assertion_form(asked) if asked.private_key else secret_form(asked)
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


def secret_form(asked: OAuth2Settings) -> dict[str, str]:
    """What is posted for client credentials (RFC 6749, section 4.4.2)."""
    form = {
        "grant_type": "client_credentials",
        "client_id": asked.client_id,
        "client_secret": asked.client_secret,
    }
    return form | ({"scope": asked.scope} if asked.scope else {})


def assertion_form(asked: OAuth2Settings) -> dict[str, str]:
    """What is posted for an assertion (RFC 7523, section 2.1), as Google wants it of a service account with
    domain-wide delegation. Raises TokenUnavailable where it cannot be signed."""
    try:
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import RSAKey
    except ModuleNotFoundError:
        wanted = "joserfc is not installed, which signing needs: pip install 'shakwa[web]'"
        raise TokenUnavailable(wanted, is_auth=True) from None
    now = int(time.time())  # of the wall: the issuer compares it with its own
    claims = {"iss": asked.client_id, "scope": asked.scope, "aud": asked.token_url}
    times = {"iat": now - CLOCKS_DIFFER_S, "exp": now + ASSERTION_S}
    try:
        key = RSAKey.import_key(asked.private_key)
        assertion = jwt.encode({"alg": "RS256"}, claims | {"sub": asked.subject} | times, key)
    except (ValueError, TypeError, JoseError) as error:
        # Without its text, and without the chain to it: they may quote the key.
        reason = f"[oauth2] private_key is no RSA key in PEM ({type(error).__name__})"
        raise TokenUnavailable(reason, is_auth=True) from None
    return {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}


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
        f"token endpoint refused: HTTP {response.status_code} {detail}".rstrip() + _remedy(word, vendor),
        is_auth=400 <= response.status_code < 500 and response.status_code not in (408, 429),
    )


_REMEDIES = {
    # login.microsoftonline.com
    "AADSTS7000215": "the secret is wrong: [oauth2] client_secret must be its value, not its id",
    "AADSTS7000222": "the secret has ended: make a new one, and set client_secret and client_secret_expires",
    "AADSTS700016": "there is no such application in this tenant: see client_id, and TENANT in token_url",
    "AADSTS90002": "there is no such tenant: see TENANT in token_url",
    "AADSTS70011": "the scope is wrong: it must be https://outlook.office365.com/.default",
    "AADSTS1002012": "the scope is wrong: it must be https://outlook.office365.com/.default",
    # RFC 6749, section 5.2; Google
    "invalid_client": "see client_id and client_secret of [oauth2]",
    "invalid_scope": "see scope of [oauth2]",
    "unauthorized_client": "the application may not ask so: let an administrator consent to its permissions, "
    "or, at Google, delegate the scope to the service account",
    "invalid_grant": "the assertion is refused: see client_id, subject, private_key and this machine's clock",
    "unsupported_grant_type": "see token_url of [oauth2]: it takes no client credentials",
}


def _remedy(word: str, vendor: str) -> str:
    told = _REMEDIES.get(vendor) or _REMEDIES.get(word)
    return f"; {told}" if told else ""


def _lifetime_s(value: object) -> float:
    """RFC 6749, section 5.1: `expires_in` is recommended, not required; some issuers send it as text."""
    try:
        return max(0.0, float(str(value)))
    except ValueError:
        return 600.0
