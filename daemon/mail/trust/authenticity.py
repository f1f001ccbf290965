"""Reads what a mail's trace headers prove about its From address (RFC 8601). It decides nothing about rights.

Only what our own border wrote is evidence. A sender can write any header, so a field counts only by its
authserv-id and its place: above the Received with which the border took the mail (`border`). There all fields
count, and below none. In doubt the answer is "not authenticated".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from daemon.mail.letter.message import IncomingMail
from daemon.mail.trust import border as borders
from daemon.workflow.vocabulary import Proof, Verdict

Dmarc = Literal["pass", "fail", "none"]

_MAX_FIELD = 10_000
"""Characters of an Authentication-Results field that are read; a longer one is not ours."""
_MAX_FIELDS = 50

_GENERIC_SECOND_LEVEL = frozenset(
    [
        *("ac", "co", "com", "edu", "gov", "gob", "gouv", "go", "info", "mil", "med", "name", "ne", "net"),
        *("nom", "or", "org", "pub", "sch"),
    ]
)
"""Second-level names under which strangers register in country domains («gov.sa»). A stand-in for the
public suffix list, used only to refuse; a missing entry matters only if our own border states a
header.from that is not the domain of From."""


@dataclass(frozen=True, slots=True)
class Authenticity:
    """What the border vouches for. `why` is one line for `mail explain`, without personal data."""

    authenticated: bool
    """The From address is proved: see DESIGN §2, "Authenticated means"."""
    dmarc: Dmarc
    """The border's verdict; "none" also where it gave none, an error, or could not be trusted."""
    is_spam: bool
    why: str
    proof: Proof = ""
    """By what the From address is proved."""
    verdict: Verdict = "absent"
    """What the border said of From, as its writer is told."""


_PASSED = "dmarc=pass by our own mail server"
_INTERNAL = "internal header of the mail server"


def judge(
    mail: IncomingMail,
    authserv_id: str | None,
    internal_header: tuple[str, str] | None = None,
    spam_header: tuple[str, str] | None = None,
    border: Sequence[str] = (),
) -> Authenticity:
    """Say whether the From of `mail` is proved. Never raises.

    `authserv_id` is the border's own name. None trusts no Authentication-Results at all; "" is the form of
    Microsoft 365, which leaves the id out. `border` are the names that the border has in its Received, in
    lower case (`border.find`); without any they are learnt from the mail. `internal_header` and `spam_header`
    are (name, value), compared without regard to case; the border must strip the former from outside mail. A
    spam header with the value "" counts whatever it says, an internal one never: Exchange says «Anonymous» in
    the same header.

    `compauth`, Microsoft's own guess, is not evidence: a policy may make it pass where DMARC failed.
    """
    is_spam = spam_header is not None and _has_spam_header(mail, spam_header)
    said = _dmarc(mail, authserv_id, border)
    sender_domain = _single_from_domain(mail)

    if sender_domain is None:
        return Authenticity(False, said.dmarc, is_spam, "not exactly one usable From address", "", "other")
    if said.dmarc == "fail":
        # Also against an internal header: contradicting evidence proves nothing.
        return Authenticity(False, said.dmarc, is_spam, said.why, "", said.verdict)
    if internal_header is not None and _has_internal_header(mail, internal_header):
        return Authenticity(True, said.dmarc, is_spam, _INTERNAL, "internal_header", "pass")
    is_passed = said.dmarc == "pass"
    if is_passed and (said.header_from is None or not _is_aligned(said.header_from, sender_domain)):
        # A border that judged From names what it judged, Microsoft's too.
        why = "dmarc=pass does not name the domain of From"
        return Authenticity(False, "none", is_spam, why, "", "other")
    return Authenticity(is_passed, said.dmarc, is_spam, said.why, "dmarc" if is_passed else "", said.verdict)


def _single_from_domain(mail: IncomingMail) -> str | None:
    """The domain of the one From address, in lower case, or None (LESSONS S8: strict, or no identity)."""
    fields = mail.all_headers("from")
    if len(mail.from_addresses) != 1 or len(fields) > 1:
        return None
    email = mail.from_addresses[0].email.strip()
    local, _, domain = email.partition("@")
    if not local or not domain or re.search(r"[\s@<>()\[\],;:\"\\]", local + domain):
        return None
    return _normal_domain(domain)


def _normal_domain(domain: str) -> str:
    lowered = domain.strip().rstrip(".").lower()
    if lowered.isascii():
        return lowered
    try:
        return lowered.encode("idna").decode("ascii")
    except UnicodeError:  # empty or over-long labels, characters that IDNA forbids
        return lowered


def _is_aligned(header_from: str, sender_domain: str) -> bool:
    """Same domain, or one lies under the other (RFC 7489, 3.1.1, relaxed), and not just under «com»."""
    stated = _normal_domain(header_from.rpartition("@")[2])
    if stated == sender_domain:
        return True
    shorter, longer = sorted((stated, sender_domain), key=len)
    return longer.endswith("." + shorter) and not _is_public_suffix(shorter)


def _is_public_suffix(domain: str) -> bool:
    labels = domain.split(".")
    if len(labels) < 2:
        return True
    return len(labels) == 2 and len(labels[1]) == 2 and labels[0] in _GENERIC_SECOND_LEVEL


def _has_internal_header(mail: IncomingMail, wanted: tuple[str, str]) -> bool:
    name, value = wanted[0].strip().lower(), wanted[1].strip().lower()
    found = [v.strip().lower() for v in mail.all_headers(name)]
    # All of them: a second one with another value came from somewhere else.
    return bool(value and found) and all(v == value for v in found) and not any(mail.are_loose(name))


def _has_spam_header(mail: IncomingMail, wanted: tuple[str, str]) -> bool:
    name, value = wanted[0].strip().lower(), wanted[1].strip().lower()
    # «Yes, score=9.1 required=5.0» counts as «Yes»: SpamAssassin's X-Spam-Status.
    return any(
        not value or v == value or (v.startswith(value) and not v[len(value)].isalnum())
        for v in (v.strip().lower() for v in mail.all_headers(name))
    )


_ID = re.compile(r"\s*([^\s;=/]+)(?:\s*/\s*[0-9]+|\s+[0-9]+)?\s*(?:;|\(|\Z)")
_NO_ID = re.compile(r"[a-z][a-z0-9-]*\s*=")
_RESULT = re.compile(r"dmarc(?:\s*/\s*[0-9]+)?\s*=\s*([a-z]+)(?!\S)")
_ANY_RESULT = re.compile(r"(?<![\w.-])dmarc\s*=\s*([a-z]+)")
_HEADER_FROM = re.compile(r"(?<![^\s])header\s*\.\s*from\s*=\s*(\S+)")


@dataclass(frozen=True, slots=True)
class _Said:
    """What our border says of dmarc: the verdict, the header.from that it states (None: none), and why."""

    dmarc: Dmarc
    why: str
    header_from: str | None = None
    is_silent: bool = False
    """It says nothing of it at all."""

    @property
    def verdict(self) -> Verdict:
        if self.dmarc != "none":
            return self.dmarc
        return "absent" if self.is_silent else "other"


def _dmarc(mail: IncomingMail, authserv_id: str | None, border: Sequence[str]) -> _Said:
    if authserv_id is None:
        why = "no authserv-id is configured, so no Authentication-Results is trusted"
        return _Said("none", why, is_silent=True)
    found = own_fields(mail, authserv_id.strip().lower(), border)
    said = [_said(field.raw, field.parts) for field in found.fields]
    refuted = next((one for one in said if one.dmarc == "fail"), None)
    if refuted:
        return refuted  # among fields of which anybody may have written one: a forger only hurts themselves
    if not said or (not found.is_bounded and found.fields[0].place >= _MAX_FIELDS):
        why = "no Authentication-Results of our own mail server"
        if found.below:
            why += " above its Received, where the sender can write none"
        return _Said("none", why, is_silent=True)
    if not found.is_bounded:
        # One further down may be the sender's, where the border removes none.
        found, said = replace(found, fields=found.fields[:1]), said[:1]
    if any(field.is_loose for field in found.fields):
        return _Said("none", "the Authentication-Results is not written as a mail server writes")
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
        return _Said("none", "dmarc=pass for two domains by our own mail server")
    return speaking[0]


_SILENT = "no dmarc result by our own mail server"


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
        return _Said("fail", "dmarc=fail by our own mail server")
    if words == ["pass"] and any(word != "pass" for word in _ANY_RESULT.findall(raw.lower())):
        # Two values of the sender's, one opening a comment or quotation and one closing it, could hide the
        # border's own result and bring another. Comments that tell of «arc» say dmarc=pass too, and may.
        return _Said("none", "another dmarc result is hidden in our own mail server's field")
    if len(words) > 1:
        # One From has one verdict (RFC 7489, 6.6.1); a second one was smuggled into a value.
        return _Said("none", "more than one dmarc result in our own mail server's field")
    if not parts:
        return _Said("none", "our own mail server's field is not to be understood")
    if not words and any(word != "pass" for word in _ANY_RESULT.findall(raw.lower())):
        return _Said("none", "a dmarc result is hidden in our own mail server's field")
    if not words:
        return _Said("none", _SILENT, is_silent=True)
    if words != ["pass"]:
        said = f"dmarc={words[0]}" if words[0] in _OTHER_RESULTS else "no known dmarc result"
        return _Said("none", f"{said} by our own mail server")
    stated = _HEADER_FROM.findall(results[0])
    if len(stated) > 1:
        return _Said("none", "more than one header.from in our own mail server's dmarc result")
    return _Said("pass", _PASSED, stated[0].strip("<>,") if stated else None)


_OTHER_RESULTS = frozenset({"none", "temperror", "permerror", "bestguesspass"})


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
