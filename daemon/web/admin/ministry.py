"""Answers /admin/sign-in/ministry: an admin signs in through the ministry's identity provider.

A cookie of ten minutes binds the way there and back to one browser. It holds the state, signed; the nonce and
the PKCE verifier are made of it with our key, so that any daemon of the desk can take somebody back in.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from daemon.clock import Clock
from daemon.web.admin.cookies import OwnCookie
from daemon.web.admin.oidc import Attempt, OidcTrouble, Provider
from daemon.web.admin.signing import Reception, next_of
from daemon.web.callers import line_of, retry_after

VALID_S = 600
NO_ADMIN = ("no_admin", "email_unverified", "claim_missing")
"""Why somebody is not let in whom the provider knows."""


class Attempts:
    """Makes and knows again the attempts to sign in of all daemons that have the same key."""

    def __init__(self, key: bytes, clock: Clock) -> None:
        self._key = hmac.digest(key, b"oidc sign-in", "sha256")
        self._clock = clock

    def begin(self, onwards: str) -> tuple[Attempt, str]:
        """A new attempt, and what its cookie holds. `onwards` as `next_of` gives it."""
        state = secrets.token_urlsafe(24)
        until = int(self._clock.now().timestamp()) + VALID_S
        content = f"{state}.{until}.{base64.urlsafe_b64encode(onwards.encode()).decode()}"
        return self._of(state), f"{content}.{self._made('cookie', content)}"

    def taken_up(self, cookie: str, state: str) -> tuple[Attempt, str] | None:
        """The attempt of that cookie, and where it leads; None where it is none, over, or another's."""
        content, _, signature = cookie.rpartition(".")
        if not content or not hmac.compare_digest(signature.encode(), self._made("cookie", content).encode()):
            return None
        own, until, onwards = content.split(".")
        is_own = hmac.compare_digest(own.encode(), state.encode())
        if not is_own or self._clock.now().timestamp() > int(until):
            return None
        return self._of(own), base64.urlsafe_b64decode(onwards).decode()

    def _of(self, state: str) -> Attempt:
        return Attempt(state, self._made("nonce", state), self._made("verifier", state))

    def _made(self, what: str, of: str) -> str:
        """43 characters, as a PKCE verifier needs (RFC 7636, section 4.1)."""
        digest = hmac.digest(self._key, f"{what}:{of}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Ministry:
    """The handlers of the way there and back."""

    reception: Reception
    provider: Provider
    attempts: Attempts
    cookie: OwnCookie = field(repr=False)

    async def go(self, request: Request) -> Response:
        onwards = next_of(request.query_params.get("next", ""))
        if wait := self._wait_s(request):
            return self._too_often(onwards, wait)
        attempt, kept = self.attempts.begin(onwards)
        try:
            response: Response = RedirectResponse(await self.provider.address(attempt), 303)
        except OidcTrouble as trouble:
            return await self._refused(request, trouble.why, onwards)
        self.cookie.set(response, kept, VALID_S)
        return response

    async def come_back(self, request: Request) -> Response:
        asked = request.query_params
        # Each writes a line into the audit, and whoever comes back need not have gone: anybody may ask this.
        if wait := self._wait_s(request):
            return self._too_often("", wait)
        found = self.attempts.taken_up(self.cookie.read(request), asked.get("state", ""))
        if found is None:
            return await self._refused(request, "not_begun_here", "")
        attempt, onwards = found
        issuer = self.provider.settings.issuer
        if asked.get("iss", issuer) != issuer:  # RFC 9207: another provider's answer
            return await self._refused(request, "token_not_ours", onwards)
        if not asked.get("code"):
            return await self._refused(request, "refused_there", onwards)
        try:
            known_by = await self.provider.known_by(asked["code"], attempt)
        except OidcTrouble as trouble:
            return await self._refused(request, trouble.why, onwards)
        admins, claim = self.reception.admins, self.provider.settings.claim
        admin = admins.with_email(known_by) if claim == "email" else admins.with_subject(known_by)
        if admin is None:
            return await self._refused(request, "no_admin", onwards)
        response = await self.reception.welcome(request, admin, "oidc", onwards)
        self.cookie.clear(response)
        return response

    def _wait_s(self, request: Request) -> float:
        return self.reception.limits.of_line.take(line_of(request))

    def _too_often(self, onwards: str, wait_s: float) -> Response:
        headers = retry_after(int(wait_s) + 1)
        return self.reception.page(onwards, 429, mistake="sign_in_too_often", headers=headers)

    async def _refused(self, request: Request, why: str, onwards: str) -> Response:
        await self.reception.sessions.refuse(None, "oidc", line_of(request), why)
        mistake = "ministry_no_admin" if why in NO_ADMIN else "ministry_failed"
        response = self.reception.page(onwards, 403, mistake=mistake)
        self.cookie.clear(response)
        return response
