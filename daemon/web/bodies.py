"""Reads a request's body: bounded in octets and in time, JSON or a form, or a clear refusal.

Forms are read with the standard library alone: ours hold a few short fields and no files.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Scope

from daemon.templating.values import clean

MAX_JSON_BYTES = 256 * 1024
MAX_FORM_BYTES = 256 * 1024
"""20,000 Arabic letters (front_desk.MAX_TEXT) are 120,000 octets in a form, as many emoji 240,000."""
MAX_FIELDS = 20
READ_S = 20.0
"""A body that takes longer is a line that broke, or somebody who holds our connections open."""


async def read(request: Request, most_bytes: int) -> bytes:
    """The body. Raises HTTPException: 413 over `most_bytes`, 415 for an encoded one, 408 for a slow one."""
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise HTTPException(415)
    if declared_bytes(request.scope) > most_bytes:
        raise HTTPException(413)
    body = bytearray()
    try:
        async with asyncio.timeout(READ_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most_bytes:
                    raise HTTPException(413)
    except TimeoutError:
        raise HTTPException(408) from None
    return bytes(body)


def declared_bytes(scope: Scope) -> int:
    """What Content-Length says; 0 where it says nothing."""
    declared = Headers(scope=scope).get("content-length", "0")
    return int(declared[:20]) if declared.isascii() and declared.isdigit() else 0


async def read_form(request: Request, most_fields: int = MAX_FIELDS) -> Mapping[str, str]:
    """The fields of a form, the first value of each, clean, line breaks as \\n. Raises HTTPException."""
    # A form without a field may come without a type; browsers always name it.
    if _media_type(request) not in ("", "application/x-www-form-urlencoded"):
        raise HTTPException(415)
    body = await read(request, MAX_FORM_BYTES)
    try:
        pairs = parse_qsl(
            body.decode("ascii", "replace"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="replace",
            max_num_fields=most_fields,
        )
    except ValueError:  # too many fields
        raise HTTPException(400) from None
    return {name: clean(value) for name, value in reversed(pairs)}


async def read_json(request: Request) -> Any:
    """The JSON document (RFC 8259, UTF-8). Raises HTTPException 415 and 413, 400 for what is not JSON."""
    if _media_type(request) != "application/json":
        raise HTTPException(415)
    body = await read(request, MAX_JSON_BYTES)
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_refuse, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise HTTPException(400) from None


def canonical(document: Any) -> str:
    """One spelling for equal documents, whatever the order of their keys."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")  # which of them was meant?
    return found
