"""Keeps other sites from acting in an admin's name: no token, but what browsers say of a request's origin.

The rules are those of Go 1.25's http.CrossOriginProtection. Every browser of the last years sends
Sec-Fetch-Site (https://www.w3.org/TR/fetch-metadata/), older ones Origin with each POST. What sends neither
is no browser, and nobody can make it carry an admin's cookie.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def origin_of(url: str) -> str:
    """Scheme, host and port as a browser names them in Origin (RFC 6454, section 6.2)."""
    parts = urlsplit(url)
    port = {"http": 80, "https": 443}.get(parts.scheme)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host if host.isascii() else host.encode("idna").decode()
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port not in (None, port) else "")


def is_ours(method: str, headers: Mapping[str, str], own_origin: str) -> bool:
    """Whether a request may act: it changes nothing, or comes from a page of `own_origin`."""
    if method in SAFE_METHODS:
        return True
    site = headers.get("sec-fetch-site", "")
    if site:
        return site in ("same-origin", "none")
    origin = headers.get("origin", "")
    return not origin or origin == own_origin
