"""Reads what an address asks for: a choice, and where the next page of a list begins."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from daemon.web.admin.visits import Visit

_LARGEST: Final = 2**31 - 1
"""Of the ids of rows."""


def page_of(visit: Visit) -> int | None:
    """From which id on the next page begins; None for the first page and for whatever is no id."""
    typed = visit.request.query_params.get("before", "")
    is_id = typed.isascii() and typed.isdecimal() and len(typed) < 11
    return int(typed) if is_id and 0 < int(typed) <= _LARGEST else None


def one_of(visit: Visit, name: str, known: Collection[str]) -> str:
    """A choice in the address, "" where it is none of those."""
    typed = visit.request.query_params.get(name, "")
    return typed if typed in known else ""
