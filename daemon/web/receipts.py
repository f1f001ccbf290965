"""POST /hooks/sms/{gateway}/{secret}: an SMS gateway tells what became of a message (DESIGN §4, Web).

The secret in the address proves the caller; addresses and a signature do where they are configured. What came
is kept before it is understood, and 200 is said only then: a gateway that hears anything else says it again.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import logging
from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from daemon.front_desk import ReceiptDesk
from daemon.web.bodies import read
from daemon.web.settings import Hook

log = logging.getLogger(__name__)

HOOKS = "/hooks/"
MOST_BYTES = 64 * 1024
"""A report is some 200 octets; a gateway that gathers them sends a hundred at once."""


def receipt_routes(desk: ReceiptDesk, hooks: Sequence[Hook]) -> list[Route]:
    """There is an address also where no gateway is configured, and it knows nobody."""
    return [Route(HOOKS + "sms/{gateway}/{secret}", Receipts(desk, hooks).take, methods=["POST"])]


class Receipts:
    """Takes reports in. Nobody learns from an answer, or from its time, which gateways there are."""

    def __init__(self, desk: ReceiptDesk, hooks: Sequence[Hook]) -> None:
        self._desk = desk
        self._known = [(_digest(hook.gateway, one), hook) for hook in hooks for one in hook.secrets if one]

    async def take(self, request: Request) -> Response:
        """Raises HTTPException, StoreUnavailable."""
        hook = self._hook_of(request)
        if not _may_call(hook, request):
            log.warning("a receipt of %s came from an address that is not in receipt_from", hook.gateway)
            raise HTTPException(404)
        body = await read(request, MOST_BYTES)
        if hook.signature_key and not _is_signed(hook, request, body):
            log.warning("a receipt of %s has no right signature", hook.gateway)
            raise HTTPException(403)
        await self._desk.take(hook.gateway, body, request.headers.get("content-type", ""))
        return PlainTextResponse(hook.answer or "OK")

    def _hook_of(self, request: Request) -> Hook:
        given = _digest(request.path_params["gateway"], request.path_params["secret"])
        # All are compared, so that the time tells nothing about which was nearly right.
        found = [hook for digest, hook in self._known if hmac.compare_digest(digest, given)]
        if not found:
            raise HTTPException(404)
        return found[0]


def _digest(gateway: str, secret: str) -> bytes:
    return hashlib.sha256(f"{gateway}\0{secret}".encode("utf-8", "surrogatepass")).digest()


def _may_call(hook: Hook, request: Request) -> bool:
    if not hook.networks:
        return True
    try:
        address = ipaddress.ip_address(request.client.host if request.client else "")
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in ipaddress.ip_network(network, strict=False) for network in hook.networks)


def _is_signed(hook: Hook, request: Request, body: bytes) -> bool:
    """HMAC-SHA256 of the body, hexadecimal, perhaps behind «sha256=»."""
    given = request.headers.get(hook.signature_header, "").strip().lower().removeprefix("sha256=")
    wanted = hmac.new(hook.signature_key.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())
