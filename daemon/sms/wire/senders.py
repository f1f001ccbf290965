"""Reads lists of sender names: whether ours is there, and may be used.

A sender that is not registered through the gateway is stopped by the operators since 30 September 2022, and
the gateway's acceptance does not show it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from daemon.sms.wire.answer import Json, objects, text_of

_ACTIVE = ("active", "activated", "accepted", "approved", "enabled", "1", "true")
_TOLD_AS = ("status", "state", "senderstatus", "isactive", "active")


def is_active(document: Json, sender: str) -> bool | None:
    """Whether `sender`, with its case, is listed as one that may be used; a name without any word about it
    is. None where `document` holds no list of names."""
    entries = [one for one in objects(document) if sender in map(text_of, one.values())]
    if entries:
        return any(map(_may_be_used, entries))
    lists = list(_lists(document))
    return any(sender in map(text_of, one) for one in lists) if lists else None


def _may_be_used(entry: Mapping[str, Json]) -> bool:
    told = [text_of(value).lower() for name, value in entry.items() if name.lower() in _TOLD_AS]
    return not told or any(word in _ACTIVE for word in told)


def _lists(document: Json) -> Iterator[list[Json]]:
    if isinstance(document, list):
        yield document
    yield from (value for one in objects(document) for value in one.values() if isinstance(value, list))
