"""Asks the identity provider who somebody is: OpenID Connect Core 1.0, authorization code with PKCE.

What the provider publishes about itself and its keys is kept for an hour. Only the configured issuer and the
endpoints that it names are asked, and never by plain HTTP but on this machine.

    OidcTrouble   nobody is known by it; `why` is a code for the audit, without anybody's data
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from daemon.config.oidc import Claim, Oidc, VerifiedBy

with warnings.catch_warnings():
    import authlib.deprecate  # it shows its warnings whatever we say before it is loaded

    # Authlib would rather use a successor of httpx; ours serves as well.
    warnings.simplefilter("ignore", authlib.deprecate.AuthlibDeprecationWarning)
    from authlib.common.errors import AuthlibBaseError
    from authlib.common.security import is_secure_transport
    from authlib.integrations.httpx_client import AsyncOAuth2Client

SCOPES: Final[Mapping[Claim, str]] = {"email": "openid email", "sub": "openid", "oid": "openid profile"}
"""What brings the claim by which an admin is known. Entra puts `oid` into a token with `profile` only."""
VERIFIED: Final = {"email_verified": (True, "true"), "xms_edov": (True, "true", "1")}
"""What a provider says where it has proved an address, by claim. Entra's `xms_edov` is true where the owner
of the address's domain did; tokens spell that in several ways."""
MOST_LENGTH: Final = 255
"""Of a subject (OpenID Connect Core 1.0, section 2)."""
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""With a key that only the provider has: no "none", and no secret that two share."""
KEPT_S = 3_600.0
KEYS_AT_MOST_EVERY_S = 60.0
"""An unknown key may mean that the provider has a new one, but a forger must not have us ask all the time."""
TIMEOUT_S = 10.0
LEEWAY_S = 60
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class OidcTrouble(Exception):
    """The provider did not say who it is, or not so that it can be believed."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """`redirect_uri`: where the provider sends people back to, as it is registered there. `claim`: what an
    admin is known by; an address counts only where the claim `verified_by` is true."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    claim: Claim = "email"
    verified_by: VerifiedBy = "email_verified"


def oidc_settings(given: Oidc, redirect_uri: str) -> OidcSettings:
    """As configured."""
    return OidcSettings(
        given.issuer, given.client_id, given.client_secret, redirect_uri, given.claim, given.verified_by
    )


@dataclass(frozen=True, slots=True)
class Attempt:
    """What binds one sign-in together. Each is a secret of this attempt alone."""

    state: str
    nonce: str
    verifier: str


class Provider:
    """The identity provider. Every call raises OidcTrouble."""

    def __init__(
        self,
        settings: OidcSettings,
        *,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings
        self._now = now
        self._monotonic = monotonic
        self._metadata: tuple[float, Mapping[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def address(self, attempt: Attempt) -> str:
        """Where a browser asks the provider to sign somebody in."""
        metadata = await self._discovered()
        async with self._client(metadata) as client:
            url, _ = client.create_authorization_url(
                metadata["authorization_endpoint"],
                state=attempt.state,
                code_verifier=attempt.verifier,
                nonce=attempt.nonce,
            )
        return str(url)

    async def known_by(self, code: str, attempt: Attempt) -> str:
        """The verified address, or the subject, of whoever came back with `code` ([oidc] claim)."""
        metadata = await self._discovered()
        async with self._client(metadata) as client:
            try:
                token = await client.fetch_token(
                    metadata["token_endpoint"], code=code, code_verifier=attempt.verifier
                )
            except (AuthlibBaseError, httpx.HTTPError, ValueError):
                raise OidcTrouble("code_refused") from None
        claims = await self._claims(str(token.get("id_token") or ""), metadata)
        self._check(claims, attempt)
        return self._named(claims)

    def _named(self, claims: Mapping[str, Any]) -> str:
        claim, verified_by = self.settings.claim, self.settings.verified_by
        if claim == "email" and claims.get(verified_by) not in VERIFIED[verified_by]:
            raise OidcTrouble("email_unverified")
        found = claims.get(claim)
        if not isinstance(found, str) or not 0 < len(found) <= MOST_LENGTH:
            raise OidcTrouble("email_unverified" if claim == "email" else "claim_missing")
        return found

    async def _claims(self, id_token: str, metadata: Mapping[str, Any]) -> dict[str, Any]:
        """What a token says that the provider signed."""
        for is_fresh in (False, True):
            keys = await self._provider_keys(metadata, is_fresh=is_fresh)
            try:
                return jwt.decode(id_token, keys, algorithms=ALGORITHMS).claims
            except (JoseError, ValueError, KeyError, TypeError):
                continue
        raise OidcTrouble("token_unsigned")

    def _check(self, claims: dict[str, Any], attempt: Attempt) -> None:
        """OpenID Connect Core 1.0, section 3.1.3.7."""
        ours = self.settings.client_id
        registry = jwt.JWTClaimsRegistry(
            now=lambda: int(self._now()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self.settings.issuer},
            aud={"essential": True, "value": ours},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": attempt.nonce},
        )
        try:
            registry.validate(claims)
        except (JoseError, TypeError, ValueError):
            raise OidcTrouble("token_not_ours") from None
        is_for_several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if (is_for_several or "azp" in claims) and claims.get("azp") != ours:
            raise OidcTrouble("token_not_ours")

    def _client(self, metadata: Mapping[str, Any]) -> Any:
        ways = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        is_basic = "client_secret_basic" in ways
        return AsyncOAuth2Client(
            self.settings.client_id,
            self.settings.client_secret,
            token_endpoint_auth_method="client_secret_basic" if is_basic else "client_secret_post",
            scope=SCOPES[self.settings.claim],
            redirect_uri=self.settings.redirect_uri,
            code_challenge_method="S256",
            timeout=TIMEOUT_S,
        )

    async def _discovered(self) -> Mapping[str, Any]:
        """What the provider says of itself (OpenID Connect Discovery 1.0, section 4)."""
        if self._metadata and self._monotonic() - self._metadata[0] < KEPT_S:
            return self._metadata[1]
        found = await self._asked(f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration")
        is_itself = found.get("issuer") == self.settings.issuer
        if not is_itself or not all(is_secure_transport(str(found.get(one, ""))) for one in _ENDPOINTS):
            raise OidcTrouble("provider_unsound")
        self._metadata = (self._monotonic(), found)
        return found

    async def _provider_keys(self, metadata: Mapping[str, Any], *, is_fresh: bool) -> KeySet:
        if self._keys:
            age = self._monotonic() - self._keys[0]
            if age < (KEYS_AT_MOST_EVERY_S if is_fresh else KEPT_S):
                return self._keys[1]
        found = await self._asked(metadata["jwks_uri"])
        try:
            keys = KeySet.import_key_set(found)  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError, TypeError):
            raise OidcTrouble("provider_unsound") from None
        self._keys = (self._monotonic(), keys)
        return keys

    async def _asked(self, url: str) -> Mapping[str, Any]:
        """A JSON document of the provider's."""
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT_S) as client:
                answer = await client.get(url)
                found = answer.raise_for_status().json()
        except (httpx.HTTPError, ValueError):
            raise OidcTrouble("provider_unreachable") from None
        if not isinstance(found, dict):
            raise OidcTrouble("provider_unsound")
        return found
