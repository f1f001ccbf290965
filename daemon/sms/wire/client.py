"""The HTTP client of a gateway: one request, one answer within bounds of size and time.

Which exception means what (httpx, "Exceptions"): before the connection stands nothing was sent; after it the
request may have arrived. No header, body or address of a request ever stands in an error.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from daemon.courier import OutcomeUnknown, TemporaryFailure
from daemon.sms.wire.answer import MOST_OCTETS, Answer, read
from daemon.sms.wire.connections import CONNECTIONS

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True, slots=True)
class Request:
    """`url` is a full address; `content` the body, None for a request without one."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WireSettings:
    """`url` is the full send endpoint, other endpoints lie beside it. `sender` is used where the message
    names none."""

    url: str
    sender: str = ""
    connections: int = CONNECTIONS
    timeout_s: float = 30.0
    connect_timeout_s: float = 10.0
    ca_file: str | None = None


class Client:
    """Speaks to one gateway over kept connections."""

    def __init__(self, settings: WireSettings) -> None:
        self._settings = settings
        self._transport: httpx.AsyncHTTPTransport | None = None
        self._extensions = {
            "timeout": {
                "connect": settings.connect_timeout_s,
                "read": settings.timeout_s,
                "write": settings.timeout_s,
                "pool": settings.timeout_s,
            }
        }
        # A peer that sends an octet now and then never trips the time-out of a read.
        self._whole_s = settings.connect_timeout_s + 2 * settings.timeout_s

    async def ask(self, request: Request) -> Answer:
        """Send `request` once. Raises TemporaryFailure where nothing was sent, OutcomeUnknown where it may
        have arrived."""
        import httpx  # with the first SMS: it is slow to load

        try:
            async with asyncio.timeout(self._whole_s):
                return await self._ask(request)
        except TimeoutError as error:
            raise OutcomeUnknown("no answer from the gateway (too slow)") from error
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise TemporaryFailure(f"gateway cannot be reached: {_cause(error)}", outage=True) from error
        except httpx.PoolTimeout as error:
            raise TemporaryFailure("gateway is slow: no connection came free") from error
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL) as error:
            raise TemporaryFailure("gateway address cannot be used", outage=True) from error
        except httpx.HTTPError as error:
            # Read and write errors, disconnects: the request may have arrived.
            raise OutcomeUnknown(f"no answer from the gateway ({type(error).__name__})") from error

    async def close(self) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            await transport.aclose()

    async def _ask(self, request: Request) -> Answer:
        # The transport and not httpx.AsyncClient: redirects, cookies, proxies from the environment and
        # hooks are unwanted here, and cost as much time as the request itself.
        import httpx

        url = _address(request.url)
        headers = {
            "Host": url.netloc.decode("ascii"),
            "Accept": "application/json",
            # An answer that unfolds to gigabytes costs them nothing and us everything.
            "Accept-Encoding": "identity",
            "User-Agent": "shakwa",
            **request.headers,
        }
        response = await self._open().handle_async_request(
            httpx.Request(
                request.method, url, headers=headers, content=request.content, extensions=self._extensions
            )
        )
        try:
            content = await _bounded(response)
        finally:
            await response.aclose()
        return read(
            response.status_code,
            content,
            content_type=response.headers.get("Content-Type", ""),
            retry_after=response.headers.get("Retry-After", ""),
        )

    def _open(self) -> httpx.AsyncHTTPTransport:
        if self._transport is None:
            import httpx

            try:
                verify = ssl.create_default_context(cafile=self._settings.ca_file)
            except OSError as error:
                raise TemporaryFailure(f"cannot read the CA file: {error.strerror}", outage=True) from error
            count = self._settings.connections
            self._transport = httpx.AsyncHTTPTransport(
                verify=verify,
                trust_env=False,
                http1=True,
                http2=False,
                # Kept shorter than gateways keep theirs: a request on a connection just closed is an
                # unknown outcome for nothing.
                limits=httpx.Limits(
                    max_connections=count, max_keepalive_connections=count, keepalive_expiry=20.0
                ),
            )
        return self._transport


@lru_cache(maxsize=64)
def _address(url: str) -> httpx.URL:
    """Parsed once: a gateway has few addresses, and a message many."""
    import httpx

    return httpx.URL(url)


async def _bounded(response: httpx.Response) -> bytes:
    """The body, and one octet more than is read of it where it is longer."""
    content = bytearray()
    async for chunk in response.aiter_raw():
        content += chunk
        if len(content) > MOST_OCTETS:
            return bytes(content[: MOST_OCTETS + 1])
    return bytes(content)


def _cause(error: BaseException) -> str:
    """Why no connection: the last cause that says something, without addresses."""
    while error.__cause__ is not None or error.__context__ is not None:
        error = error.__cause__ or error.__context__ or error
    if isinstance(error, ssl.SSLError):
        return f"TLS refused, {getattr(error, 'verify_message', '') or error.reason or 'handshake failed'}"
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return type(error).__name__
