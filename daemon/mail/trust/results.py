"""Reads what our own border wrote of DMARC into Authentication-Results (RFC 8601).

A sender can write any header: which fields are the border's, and what they then say, is judged in doubt
against the mail.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from daemon.mail.letter.message import IncomingMail
from daemon.mail.trust import border as borders
from daemon.workflow.vocabulary import Finding, Verdict

Dmarc = Literal["pass", "fail", "none"]
_MAX_FIELD = 10_000
"""Characters of an Authentication-Results field that are read; a longer one is not ours."""

_MAX_FIELDS = 50
_ID = re.compile(r"\s*([^\s;=/]+)(?:\s*/\s*[0-9]+|\s+[0-9]+)?\s*(?:;|\(|\Z)")
_NO_ID = re.compile(r"[a-z][a-z0-9-]*\s*=")
_RESULT = re.compile(r"dmarc(?:\s*/\s*[0-9]+)?\s*=\s*([a-z]+)(?!\S)")
_ANY_RESULT = re.compile(r"(?<![\w.-])dmarc\s*=\s*([a-z]+)")
_HEADER_FROM = re.compile(r"(?<![^\s])header\s*\.\s*from\s*=\s*(\S+)")


@dataclass(frozen=True, slots=True)
class _Said:
    """What our border says of dmarc: the verdict, the header.from that it states (None: none), and why."""

    dmarc: Dmarc
    why: Finding
    header_from: str | None = None
    is_silent: bool = False
    """It says nothing of it at all."""

    @property
    def verdict(self) -> Verdict:
        if self.dmarc != "none":
            return self.dmarc
        return "absent" if self.is_silent else "other"


def dmarc_of(mail: IncomingMail, authserv_id: str | None, border: Sequence[str]) -> _Said:
    if authserv_id is None:
        return _Said("none", "no_authserv_id", is_silent=True)
    found = own_fields(mail, authserv_id.strip().lower(), border)
    said = [_said(field.raw, field.parts) for field in found.fields]
    refuted = next((one for one in said if one.dmarc == "fail"), None)
    if refuted:
        return refuted  # among fields of which anybody may have written one: a forger only hurts themselves
    if not said or (not found.is_bounded and found.fields[0].place >= _MAX_FIELDS):
        return _Said("none", "results_below" if found.below else "no_results", is_silent=True)
    if not found.is_bounded:
        # One further down may be the sender's, where the border removes none.
        found, said = replace(found, fields=found.fields[:1]), said[:1]
    if any(field.is_loose for field in found.fields):
        return _Said("none", "not_as_servers_write")
    return _together(said)


def _together(said: Sequence[_Said]) -> _Said:
    """Several fields of our border, one for each of its filters, in whatever order: those that speak of dmarc
    must agree."""
    speaking = [one for one in said if not one.is_silent]
    if not speaking:
        return said[0]
    if doubtful := next((one for one in speaking if one.dmarc != "pass"), None):
        return doubtful
    if len({one.header_from for one in speaking}) > 1:
        return _Said("none", "two_domains")
    return speaking[0]


@dataclass(frozen=True, slots=True)
class _Field:
    """A field of our border's id, whole, and its parts (between semicolons) after the id; `place` is how many
    such fields of anybody stand above it, `header` how many headers; `is_loose`, that only a lenient reader
    finds it."""

    raw: str
    parts: list[str]
    place: int
    is_loose: bool
    header: int

    @property
    def speaks_of_dmarc(self) -> bool:
        return any(map(_RESULT.match, self.parts))


def _said(raw: str, parts: list[str]) -> _Said:
    """What one field of ours says of dmarc."""
    results = [part for part in parts if _RESULT.match(part)]
    words = [match[1] for match in map(_RESULT.match, results) if match]
    if "fail" in words:
        return _Said("fail", "dmarc_fail")
    if words == ["pass"] and any(word != "pass" for word in _ANY_RESULT.findall(raw.lower())):
        # Two values of the sender's, one opening a comment or quotation and one closing it, could hide the
        # border's own result and bring another. Comments that tell of «arc» say dmarc=pass too, and may.
        return _Said("none", "hidden_beside_pass")
    if len(words) > 1:
        # One From has one verdict (RFC 7489, 6.6.1); a second one was smuggled into a value.
        return _Said("none", "several_results")
    if not parts:
        return _Said("none", "not_understood")
    if not words and any(word != "pass" for word in _ANY_RESULT.findall(raw.lower())):
        return _Said("none", "hidden")
    if not words:
        return _Said("none", "no_dmarc", is_silent=True)
    if words != ["pass"]:
        return _Said("none", _OTHER_RESULTS.get(words[0], "dmarc_unknown"))
    stated = _HEADER_FROM.findall(results[0])
    if len(stated) > 1:
        return _Said("none", "several_header_from")
    return _Said("pass", "dmarc_pass", stated[0].strip("<>,") if stated else None)


_OTHER_RESULTS: Final[Mapping[str, Finding]] = {
    "none": "dmarc_none",
    "temperror": "dmarc_temperror",
    "permerror": "dmarc_permerror",
    "bestguesspass": "dmarc_bestguesspass",
}


@dataclass(frozen=True, slots=True)
class _Fields:
    """The fields of our border, from the top. `is_bounded`: they stand above the Received with which it took
    the mail, so nobody else wrote one of them; `below`: how many stand under it, which count for nothing."""

    fields: Sequence[_Field]
    is_bounded: bool
    below: int = 0


def own_fields(mail: IncomingMail, authserv_id: str, border: Sequence[str]) -> _Fields:
    """The fields of `authserv_id`; those of other servers are passed over.

    A mail without any Received came over no border; of it the topmost field counts, as long as no `border` is
    named.
    """
    found = _fields_of(mail, authserv_id)
    if not border and not mail.all_headers("received"):
        is_first = bool(found) and found[0].place == 0
        return _Fields(found if authserv_id or is_first else (), False)
    line = border_of(mail, authserv_id, border)
    above = [field for field in found if line is not None and field.header < line.place]
    return _Fields(above, True, len(found) - len(above))


def border_of(mail: IncomingMail, authserv_id: str, border: Sequence[str]) -> borders.Line | None:
    """Where the border took the mail in: as it is named, else as the mail itself shows."""
    headers = borders.plain(mail.headers, mail.loose_headers)
    if border:
        return borders.find(headers, border)
    if not authserv_id and (line := borders.find(headers, borders.MICROSOFT)):
        return line
    return borders.find(headers, (), authserv_id)


def _fields_of(mail: IncomingMail, authserv_id: str) -> list[_Field]:
    places = [place for place, (name, _) in enumerate(mail.headers) if name == "authentication-results"]
    loose = set(mail.loose_headers)
    found: list[_Field] = []
    for place, header in enumerate(places):
        value = mail.headers[header][1]
        parts = _parts(value)
        field = _Field(value, [], place, header in loose, header)
        if not authserv_id:
            if parts and _NO_ID.match(parts[0]):
                found.append(replace(field, parts=parts))
        elif _stated_id(value if parts is None else parts[0]) == authserv_id:
            # Ours but not to be understood proves nothing, and nothing below it does.
            found.append(replace(field, parts=[] if parts is None else parts[1:] or [""]))
    return found


def _stated_id(text: str) -> str | None:
    """The authserv-id that `text` starts with; after it only a version number or a semicolon may come."""
    match = _ID.match(text.lower())
    return match[1] if match else None


def _parts(value: str) -> list[str] | None:
    """`value` in lower case, without comments, cut at its semicolons; None if it is malformed or too long.

    What stands in quotes stays, but for the signs that mean something outside (RFC 8601, 2.2; RFC 5322,
    3.2.2 for nested comments).
    """
    if len(value) > _MAX_FIELD:
        return None
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for char in value.lower():
        if escaped:
            escaped = False
            if depth == 0:
                kept.append(_inert(char))
        elif char == "\\" and (quoted or depth):
            escaped = True
        elif quoted:
            if char == '"':
                quoted = False
            else:
                kept.append(_inert(char))
        elif char == "(":
            depth += 1
            kept.append(" ")
        elif char == ")" and depth:
            depth -= 1
        elif depth:
            continue
        elif char == '"':
            quoted = True
        else:
            kept.append(char)
    if depth or quoted or escaped:
        return None
    return [part.strip() for part in "".join(kept).split(";")]


def _inert(char: str) -> str:
    return "_" if char in ';="()\\' or char.isspace() else char
