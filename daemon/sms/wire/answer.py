"""A gateway's answer: octets of any shape and charset become a status, a text and perhaps a JSON document.

Gateways send numbers as text and text as numbers, HTML in place of JSON, and JSON in the wrong charset.
Nothing in here raises for what a peer sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias

MOST_OCTETS = 256 * 1024
"""Of one answer. The largest that is documented is a page of a hundred messages, of about 300 octets each."""
MOST_OBJECTS = 2000
_CHARSET = re.compile(r"charset=[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,32}")
_MANY_DIGITS = re.compile(r"[0-9]{7,}")

Json: TypeAlias = bool | int | float | str | list[Any] | dict[str, Any] | None
"""What stands in a JSON document."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`text` is the body ("" where it was too long to be read), `document` its JSON, None where it is none.
    `retry_after` is the header of that name as it came."""

    status: int
    text: str = ""
    document: Json = None
    retry_after: str = ""

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    def wait(self, now: datetime) -> timedelta | None:
        """RFC 9110, section 10.2.3: seconds or an HTTP date; bounded, since a typo may name a year."""
        if self.retry_after.isascii() and self.retry_after.isdigit():
            wait = timedelta(seconds=min(int(self.retry_after[:9]), 86400))
        else:
            try:
                wait = parsedate_to_datetime(self.retry_after) - now
            except (ValueError, TypeError):
                return None
        return min(max(wait, timedelta(0)), timedelta(hours=6))


def read(status: int, content: bytes, *, content_type: str = "", retry_after: str = "") -> Answer:
    """The answer in `content`. Octets beyond MOST_OCTETS make a body that is not understood."""
    if len(content) > MOST_OCTETS:
        return Answer(status, retry_after=retry_after.strip())
    text = _decoded(content, content_type)
    return Answer(status, text, parsed(text), retry_after.strip())


def parsed(text: str) -> Json:
    """The JSON document in `text`, None where there is none."""
    try:
        found: Json = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
    return found


def _decoded(content: bytes, content_type: str) -> str:
    """UTF-8 as RFC 8259 wants it, else the charset that is named, else what Arabic Windows writes."""
    named = _CHARSET.search(content_type)
    for charset in ("utf-8-sig", named[1] if named else "utf-8-sig", "windows-1256"):
        try:
            return content.decode(charset).strip()
        except (LookupError, ValueError):
            continue
    return content.decode("utf-8", "replace").strip()


# --- inside a document ----------------------------------------------------------------------------------


def at(document: Json, path: str) -> Json:
    """The value at a dotted path ("data.Messages.0.id"), None where there is none."""
    value = document
    for step in path.split(".") if path else ():
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isascii() and step.isdigit() and len(step) < 6:
            value = value[int(step)] if int(step) < len(value) else None
        else:
            return None
    return value


def text_of(value: Json) -> str:
    """A scalar as text, stripped: 6014905066 and "6014905066" are the same; "" for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return value.strip() if isinstance(value, str) else ""


def text_at(document: Json, *paths: str) -> str:
    """The first of `paths` at which a scalar stands, as text."""
    return next((found for path in paths if (found := text_of(at(document, path)))), "")


def words_in(value: Json) -> str:
    """Every scalar inside `value` as one text, for refusals that come as lists or objects of sentences."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return " ".join(filter(None, (words_in(one) for one in list(inner)[:20])))
    return text_of(value)


def objects(value: Json) -> Iterator[dict[str, Any]]:
    """Every object inside `value`, at most MOST_OBJECTS: lists have stood under several names, and bare."""
    waiting, count = [value], 0
    while waiting and count < MOST_OBJECTS:
        one = waiting.pop()
        if isinstance(one, dict):
            count += 1
            yield one
            waiting.extend(reversed(one.values()))
        elif isinstance(one, list):
            waiting.extend(reversed(one[:MOST_OBJECTS]))


def identifier(value: Json) -> str:
    """The peer's identifier of a message: a scalar of at most 100 printable characters, else ""."""
    found = text_of(value)
    return found if len(found) <= 100 and found.isprintable() and not isinstance(value, bool) else ""


def code_of(value: Json) -> str:
    """A peer's error code as it may stand in a log: short, and without anything like a number of a person."""
    found = text_of(value)
    return found if _CODE.fullmatch(found) and not _MANY_DIGITS.search(found) else ""


def numbers_in(value: Json) -> frozenset[str]:
    """The numbers of a list, or of a text that looks like one: "[966501234567,]"."""
    if isinstance(value, list):
        return frozenset(digits for one in value if (digits := _digits(text_of(one))))
    return frozenset(re.findall(r"[0-9]{5,}", text_of(value)))


def _digits(text: str) -> str:
    return "".join(re.findall(r"[0-9]+", text))
