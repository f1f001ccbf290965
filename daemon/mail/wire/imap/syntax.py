"""The grammar of IMAP (RFC 9051, section 9), as far as one mailbox needs it: what a response says, as a
value, and the parts of a command, as text. Pure; any octets are read or passed over, none raises.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple


class Untagged(NamedTuple):
    """One untagged response: its text without "* ", a marker `{n}` in place of each literal."""

    text: bytes
    literals: tuple[bytes, ...] = ()


# --- literals and words -----------------------------------------------------------------------------

_LITERAL = re.compile(rb"\{(\d{1,12})\}$")
_COUNT = re.compile(rb"(\d{1,10}) ([A-Za-z]+)")
_STATUS_WORDS = (b"OK", b"NO", b"BAD", b"BYE", b"PREAUTH")
_ADDRESS = re.compile(r"(?<!\S)\S*@\S*")  # from the word's beginning: no sign is looked at twice


def literal_size(line: bytes) -> int | None:
    """The octets of the literal that `line` announces at its end ("{12}"), or None."""
    found = _LITERAL.search(line) if line.endswith(b"}") else None
    return int(found[1]) if found else None


def may_hold_literal(line: bytes) -> bool:
    """Whether a response that begins with `line` is data. Status texts are free and may end like a literal;
    no data response begins like one of them."""
    return line.startswith(b"* ") and line[2:].split(b" ", 1)[0].upper() not in _STATUS_WORDS


def word_of(text: bytes) -> tuple[bytes, int | None]:
    """What an untagged response is about, in capitals, and the number before it: "3 EXISTS", "SEARCH 5"."""
    counted = _COUNT.match(text)
    if counted:
        return counted[2].upper(), int(counted[1])
    return text.split(b" ", 1)[0].upper(), None


def readable(text: bytes) -> str:
    """What a server said, fit for a log: printable, short, without addresses."""
    plain = "".join(char for char in text.decode("utf-8", "replace") if char.isprintable())
    return _ADDRESS.sub("…", plain)[:200]


# --- status and capabilities ------------------------------------------------------------------------

_UIDVALIDITY = re.compile(rb"\[UIDVALIDITY (\d{1,10})\]", re.IGNORECASE)


def has_code(text: bytes, code: str) -> bool:
    """Whether the text of a status response holds this response code (section 7.1; RFC 5530), in any case."""
    return b"[%b]" % code.encode("ascii") in text.upper()


def uidvalidity(lines: Iterable[bytes]) -> int | None:
    """What SELECT said of UIDVALIDITY (section 7.1)."""
    return next((int(found[1]) for line in lines if (found := _UIDVALIDITY.search(line))), None)


_UIDNEXT = re.compile(rb"\[UIDNEXT (\d{1,10})\]", re.IGNORECASE)
_APPENDUID = re.compile(rb"\[APPENDUID \d{1,10} (\d{1,10})\]", re.IGNORECASE)


def uidnext(lines: Iterable[bytes]) -> int | None:
    """What SELECT said of UIDNEXT (section 7.1), None where the server does not say."""
    return next((int(found[1]) for line in lines if (found := _UIDNEXT.search(line))), None)


def appended_uid(said: bytes) -> int | None:
    """The UID in an APPENDUID code (section 7.1), None where there is none."""
    found = _APPENDUID.search(said)
    return int(found[1]) if found else None


def capabilities(line: bytes) -> frozenset[str]:
    """The names in a CAPABILITY response (section 7.2.2), in capitals; names are ASCII and have no case."""
    names = {name.upper() for name in line.decode("ascii", "replace").split()}
    return frozenset(names - {"CAPABILITY"})


def is_selectable(line: bytes) -> bool:
    """Whether the folder of this LIST response can be selected (section 7.3.1)."""
    return b"\\noselect" not in line.lower()


# --- FETCH ------------------------------------------------------------------------------------------

# Each alternative takes what it began, closed or not: a text is walked once, whatever it holds.
_TOKEN = re.compile(
    rb'"(?P<quoted>(?:[^"\\]++|\\.)*+)"?'
    rb"|(?P<literal>~?\{\d++\})"
    rb"|(?P<open>\()"
    rb"|(?P<close>\))"
    rb"|(?P<section>[Bb][OoIi][A-Za-z]{2,4}\[[^\]]*+\]?(?:<\d++>)?)"
    rb'|(?P<atom>[^\s()"{]++)',
    re.DOTALL,
)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)


class Fetched(NamedTuple):
    """What one FETCH response (section 7.5.2) says of a mail: None where it does not say it. `body` is the
    first BODY[…] item, whatever its section; NIL is an empty one."""

    uid: int | None = None
    size_bytes: int | None = None
    internaldate: datetime | None = None
    body: bytes | None = None
    is_deleted: bool = False


def fetched(response: Untagged) -> Fetched:
    """Read a FETCH response. What stands inside a string or a literal is never taken for an item."""
    found: dict[bytes, _Value] = {}
    for name, value in _items(response):
        found.setdefault(name, value)
    atom, string, _ = found.get(b"BODY[]", _NOTHING)
    when = found.get(b"INTERNALDATE", _NOTHING)[1]
    return Fetched(
        uid=_number(found.get(b"UID", _NOTHING)[0]),
        size_bytes=_number(found.get(b"RFC822.SIZE", _NOTHING)[0]),
        internaldate=parse_internaldate(when) if when else None,
        body=b"" if atom.upper() == b"NIL" else string,
        is_deleted=any(flag.upper() == b"\\DELETED" for flag in found.get(b"FLAGS", _NOTHING)[2]),
    )


_Value = tuple[bytes, bytes | None, Sequence[bytes]]
"""An item's value: an atom (NIL among them), a string, or the atoms of a list."""
_NOTHING: _Value = (b"", None, ())


def _items(response: Untagged) -> Iterator[tuple[bytes, _Value]]:
    """The items of `msg-att`: a name in capitals, without its section, and its value, in turn, inside the
    outer parentheses."""
    depth, name, atoms = 0, b"", list[bytes]()
    literals = iter(response.literals)
    for token in _TOKEN.finditer(response.text):
        kind, text = token.lastgroup, token[0]
        if kind == "open":
            depth += 1
            atoms = []
            continue
        if not depth:
            continue  # "12 FETCH"
        if kind == "close":
            depth -= 1
            value: _Value = (b"", None, atoms)
        elif kind == "literal":
            value = (b"", next(literals, None), ())
        elif kind == "quoted":
            value = (b"", _ESCAPED.sub(rb"\1", token["quoted"]), ())
        elif depth > 1:
            atoms.append(text)
        elif not name:
            name = text.upper() if kind == "atom" else text.partition(b"[")[0].upper() + b"[]"
            continue
        else:
            value = (text, None, ())
        if depth == 1 and name:
            yield name, value
            name = b""


def _number(atom: bytes) -> int | None:
    return int(atom) if atom.isdigit() and len(atom) <= 19 else None


_MONTHS = {
    name: number
    for number, name in enumerate(
        (b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"), 1
    )
}
_DATE_TIME = re.compile(
    rb"\s*+(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d{1,2}):(\d{2}):(\d{2})(?: ?([+-])(\d{2}):?(\d{2}))?"
)


def parse_internaldate(text: bytes) -> datetime | None:
    """`date-time` without its quotes as an aware instant; without a zone it counts as UTC. None if it
    cannot be read."""
    found = _DATE_TIME.match(text)
    month = _MONTHS.get(found[2].lower()) if found else None
    if found is None or month is None:
        return None
    offset = timedelta(hours=int(found[8] or 0), minutes=int(found[9] or 0))
    try:
        zone = timezone(-offset if found[7] == b"-" else offset) if found[7] else UTC
        second = min(int(found[6]), 59)  # a leap second has no datetime
        return datetime(
            int(found[3]), month, int(found[1]), int(found[4]), int(found[5]), second, tzinfo=zone
        )
    except ValueError:
        return None


# --- SEARCH and sets of UIDs ------------------------------------------------------------------------

_ESEARCH_ALL = re.compile(rb"\bALL ([0-9:,]++)")
_RANGE = re.compile(rb"(\d{1,10})(?::(\d{1,10}))?")


def searched(text: bytes) -> list[int]:
    """UIDs of a SEARCH line, or of an ESEARCH line (section 7.3.4), which some servers send unasked. None of
    them where a set cannot be read."""
    if text[:7].upper() != b"ESEARCH":
        return [int(word) for word in text.split()[1:] if word.isdigit() and len(word) <= 10]
    found = _ESEARCH_ALL.search(text)
    return uids_of(found[1]) if found else []


def uids_of(named: bytes) -> list[int]:
    """What a `sequence-set` of numbers names; none where it cannot be read."""
    uids: list[int] = []
    for part in named.split(b","):
        found = _RANGE.fullmatch(part)
        if found is None:
            return []
        low, high = int(found[1]), int(found[2] or found[1])
        uids += range(min(low, high), max(low, high) + 1)
    return uids


def uid_set(uids: Sequence[int]) -> str:
    """`sequence-set` of exactly these: neighbours as a range."""
    parts: list[str] = []
    ordered = sorted(set(uids))
    start = 0
    for end in range(1, len(ordered) + 1):
        if end == len(ordered) or ordered[end] != ordered[end - 1] + 1:
            low, high = ordered[start], ordered[end - 1]
            parts.append(str(low) if low == high else f"{low}:{high}")
            start = end
    return ",".join(parts)


# --- strings and names of folders -------------------------------------------------------------------

_SEARCHABLE = re.compile(r"<[!#-\[\]-~]{1,250}>")


def criterion(message_id: str | None, size_bytes: int) -> str:
    """A `search-key` for one mail: its Message-ID where that can be searched for, else its size."""
    if message_id and _SEARCHABLE.fullmatch(message_id):
        return f"HEADER MESSAGE-ID {quoted(message_id)}"
    return f"LARGER {max(0, size_bytes - 1)} SMALLER {size_bytes + 1}"


def quoted(text: str) -> str:
    """`quoted`: what stands inside needs no line end and no NUL, which no quoted string may hold."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def quoted_folder(name: str) -> str:
    return quoted(encode_folder(name))


def encode_folder(name: str) -> str:
    """Modified UTF-7 (RFC 3501, section 5.1.3): "الوارد" becomes "&BicGRAZIBicGMQYv-"."""
    out: list[str] = []
    wide = ""
    for char in f"{name}\0":  # the NUL only closes the last run
        plain = "\x20" <= char <= "\x7e"
        if wide and (plain or char == "\0"):
            coded = (
                b64encode(wide.encode("utf-16-be", "surrogatepass")).decode().rstrip("=").replace("/", ",")
            )
            out.append(f"&{coded}-")
            wide = ""
        if plain:
            out.append("&-" if char == "&" else char)
        elif char not in "\0\r\n":
            wide += char
    return "".join(out)
