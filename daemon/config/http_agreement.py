"""What is wrong with a declared gateway beside its types: placeholders, credentials, what is not said at all.

Reads the document as it stands and passes over what is of a wrong type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from daemon.config.mistakes import Path
from daemon.placeholders import CREDENTIALS, OF_MESSAGE, mistakes_in, names_in

Mistake = tuple[Path, str]
HERE: Path = ("sms", "http")
KNOWN: Mapping[str, tuple[str, ...]] = {
    "send": OF_MESSAGE + CREDENTIALS,
    "token": ("username", "secret", "basic"),
    "find": ("reference", *CREDENTIALS),
    "status": ("id", *CREDENTIALS),
    "balance": CREDENTIALS,
    "senders": ("sender", *CREDENTIALS),
}
"""Which placeholders may stand in which table."""
GIVEN: Mapping[str, tuple[str, ...]] = {
    "token": ("url", "path"),
    "find": ("url", "reference", "id"),
    "status": ("url",),
    "balance": ("url", "path"),
    "senders": ("url",),
}
"""What a table must say where it stands."""
OURS = ("host", "content-length", "transfer-encoding", "connection", "accept-encoding", "content-type")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def mistakes_of(table: Mapping[str, Any], *, is_used: bool) -> Iterator[Mistake]:
    """Everything that is wrong with `table`, [sms.http]; what it lacks only where it is used."""
    for name, known in KNOWN.items():
        call = table.get(name)
        if isinstance(call, dict):
            yield from _call((*HERE, name), call, known)
            yield from _lacking((*HERE, name), call, GIVEN.get(name, ()))
    yield from _url((*HERE, "url"), table.get("url"), KNOWN["send"])
    yield from _errors(table.get("errors"))
    yield from _unknown_credentials(table)
    if is_used:
        yield from _needed(table)


def _call(path: Path, call: Mapping[str, Any], known: tuple[str, ...]) -> Iterator[Mistake]:
    yield from _url((*path, "url"), call.get("url"), known)
    yield from _places((*path, "fields"), call.get("fields"), known)
    headers = call.get("headers")
    for name, value in headers.items() if isinstance(headers, dict) else ():
        where = (*path, "headers", name)
        if not _HEADER.fullmatch(name) or name.lower() in OURS:
            yield where, "is no header that may be set"
        yield from _places(where, value, tuple(one for one in known if one != "text"))
    fields = call.get("fields")
    if call.get("body") == "form" and isinstance(fields, dict):
        for name, value in fields.items():
            if isinstance(value, dict) or (
                isinstance(value, list) and any(isinstance(one, dict) for one in value)
            ):
                yield (*path, "fields", name), "a form holds texts and lists of texts only"


def _url(path: Path, url: Any, known: tuple[str, ...]) -> Iterator[Mistake]:
    if not isinstance(url, str):
        return
    before, _, query = url.partition("?")
    if "((" in before:
        yield path, "placeholders may stand in its query only"
    else:
        yield from _places(path, query, known)


def _places(path: Path, value: Any, known: tuple[str, ...]) -> Iterator[Mistake]:
    if isinstance(value, str):
        yield from ((path, why) for why in mistakes_in(value, known))
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _places((*path, name), one, known)
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _places((*path, number), one, known)


def _lacking(path: Path, table: Mapping[str, Any], needed: tuple[str, ...]) -> Iterator[Mistake]:
    yield from (((*path, name), "is required") for name in needed if table.get(name, "") == "")


def _errors(errors: Any) -> Iterator[Mistake]:
    for number, one in enumerate(errors) if isinstance(errors, list) else ():
        if isinstance(one, dict) and not any(one.get(name) for name in ("status", "values", "words")):
            yield (*HERE, "errors", number), "matches everything: give status, values or words"


def _unknown_credentials(table: Mapping[str, Any]) -> Iterator[Mistake]:
    """A placeholder that nothing is given for would send an empty credential."""
    used = names_in([table.get("url"), *map(table.get, KNOWN)])
    if "token" in used and "token" not in table:
        yield (*HERE, "token"), "is required: ((token)) is used"
    for name, wanted in (("secret", {"secret", "basic"}), ("username", {"username", "basic"})):
        if used & wanted and not table.get(name) and f"{name}_file" not in table:
            yield (*HERE, name), f"is required: (({sorted(used & wanted)[0]})) is used"


def _needed(table: Mapping[str, Any]) -> Iterator[Mistake]:
    send, success = table.get("send"), table.get("success")
    if send is None and success is None and "((" not in str(table.get("url", "")):
        return  # the plain way, by the address alone (`daemon.sms_gateways`)
    used = names_in([table.get("url"), send])
    if not used & {"number", "number_plus"} or "text" not in used:
        yield (*HERE, "send"), "must say where ((number)) and ((text)) go"
    has_values = isinstance(success, dict) and success.get("values") and success.get("path")
    if not has_values and not (isinstance(success, dict) and success.get("id")):
        yield (*HERE, "success"), "must say what an acceptance looks like: path and values, or id"
