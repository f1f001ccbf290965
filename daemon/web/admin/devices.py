"""Knows the browsers in which an admin has signed in before: a stranger who tries their name all day long
does not keep them out.

A cookie of half a year names the browser, signed with our key for that admin alone; it opens nothing, and
ends with the password that they had then (OWASP, "Device Cookies"). Nothing is stored: every daemon knows it.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta

from daemon.clock import Clock
from daemon.web.admin.people import Admin

VALID = timedelta(days=180)
MOST_LENGTH = 200


class Devices:
    """Makes the cookies of known browsers, and knows them again."""

    def __init__(self, key: bytes, clock: Clock) -> None:
        self._key = hmac.digest(key, b"known device", "sha256")
        self._clock = clock

    def made(self, admin: Admin) -> str:
        """What the cookie of a browser holds in which `admin` has just signed in."""
        until = int((self._clock.now() + VALID).timestamp())
        content = f"{secrets.token_urlsafe(18)}.{until}"
        return f"{content}.{self._signature(content, admin)}"

    def known(self, cookie: str, admin: Admin | None) -> str:
        """The name of the browser, where it is one of that admin's; "" for any other."""
        content, _, signature = cookie[:MOST_LENGTH].rpartition(".")
        name, _, until = content.partition(".")
        if admin is None or not (until.isascii() and until.isdigit()):
            return ""
        is_own = hmac.compare_digest(signature.encode(), self._signature(content, admin).encode())
        return name if is_own and self._clock.now().timestamp() <= int(until) else ""

    def _signature(self, content: str, admin: Admin) -> str:
        return hmac.digest(self._key, f"{content}.{admin.fingerprint}".encode(), "sha256").hex()
