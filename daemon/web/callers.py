"""Reads the token in a page's address, and limits how often one caller may post.

Surveys and status pages share it.
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Mapping

from starlette.requests import Request

from daemon.front_desk import UnknownTicket
from daemon.web.throttle import Throttle

# What a reader's program may have taken into the link: the end of our sentence, a closing mark.
_AFTER_LINK = ".,;:!?)]}>»\"'،؛؟\u200e\u200f\u2066\u2067\u2068\u2069\n"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,200}", re.ASCII)


def token_of(request: Request) -> str:
    """The token in the path. Raises UnknownTicket for what cannot be one."""
    token: str = request.path_params["token"].rstrip(_AFTER_LINK)
    if not _TOKEN.fullmatch(token):
        raise UnknownTicket
    return token


class Gate:
    """Lets posts to pages through, or says how long to wait."""

    def __init__(self, by_token: Throttle, by_address: Throttle) -> None:
        self._by_token = by_token
        self._by_address = by_address

    def wait_s(self, request: Request, token: str) -> int:
        """0, or the seconds for Retry-After. A phone network hides many people behind one address, so
        that limit is wide; one page is posted to by one person."""
        address = line_of(request)
        return math.ceil(self._by_address.take(address) or self._by_token.take(token))


def line_of(request: Request) -> str:
    """One subscriber's line: an IPv6 address stands for its /64, all of which one machine may use."""
    address = request.client.host if request.client else ""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if parsed.version == 6 and parsed.ipv4_mapped is None:
        return parsed.exploded[:19]
    return str(parsed)


def retry_after(seconds: int) -> Mapping[str, str]:
    return {"Retry-After": str(max(1, seconds))}
