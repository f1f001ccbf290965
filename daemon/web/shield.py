"""Puts the security headers on every answer, and catches a bug that nothing else caught.

It stands inside Starlette's own error handler and leaves nothing to it. That handler passes the exception on
to the server, which would log its text, and the text may hold what a citizen wrote.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from daemon.traces import where

log = logging.getLogger(__name__)

# OWASP HTTP Headers Cheat Sheet. The token stands in the address: it must not travel in a Referer, stay in
# a cache, or be found by a search engine.
_HEADERS = (
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("X-Robots-Tag", "noindex, nofollow"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"),
)
_POLICY = (
    "default-src 'none'; {style}font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HSTS = ("Strict-Transport-Security", "max-age=31536000")


def security_headers(style_hashes: Iterable[str], *, is_https: bool) -> tuple[tuple[str, str], ...]:
    """The headers of every answer. HSTS only where citizens come by https: elsewhere it locks them out."""
    style = " ".join(f"'{digest}'" for digest in style_hashes)
    policy = _POLICY.format(style=f"style-src {style}; " if style else "")
    headers = (*_HEADERS, ("Content-Security-Policy", policy))
    return (*headers, _HSTS) if is_https else headers


class Shield:
    """ASGI middleware. `apology(scope)` is the answer to a request that met a bug of ours."""

    def __init__(
        self, app: ASGIApp, headers: tuple[tuple[str, str], ...], apology: Callable[[Scope], Response]
    ) -> None:
        self._app = app
        self._headers = headers
        self._apology = apology

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def send_shielded(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                headers = MutableHeaders(scope=message)
                for name, value in self._headers:
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, send_shielded)
        except ClientDisconnect:
            log.debug("a caller hung up")
        except Exception as error:  # noqa: BLE001 - a bug in one request must not reach its caller
            log.error("a request met a bug:\n%s", where(error))
            if not has_begun:
                await self._apology(scope)(scope, receive, send_shielded)
