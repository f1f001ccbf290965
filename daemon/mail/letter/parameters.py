"""Reads Content-Type and Content-Disposition: a value and its parameters (RFC 2045, section 5; RFC 2231)."""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.letter import charsets
from daemon.mail.letter.encoded_words import decode_words
from daemon.mail.letter.headers import raw_text
from daemon.mail.letter.safe_text import one_line

_MAX_PARAMETER_CHARS: Final = 8 * 1024


def _latin(value: bytes | None) -> str:
    if value is None:
        return ""
    return one_line(raw_text(value[:_MAX_PARAMETER_CHARS]))


def header_parameters(value: bytes | None) -> tuple[str, dict[str, str]]:
    """A structured header value: what stands before the first semicolon, and the parameters after it."""
    return _parameters(_latin(value))


def content_type(value: bytes | None, default: str = "text/plain") -> tuple[str, dict[str, str]]:
    """RFC 2045, section 5: media type in lower case and its parameters. Nonsense reads as text/plain."""
    if value is None:
        return default, {}
    first, parameters = header_parameters(value)
    match = _MEDIA_TYPE.match(first)
    if match is None and first.lower().startswith("multipart/"):
        return "multipart/mixed", parameters  # «multipart/*»: its parts are there (RFC 2046, section 5.1.3)
    if match is None:
        return ("text/html" if first.lower() == "html" else "text/plain"), parameters
    if "=" in first[match.end() :]:  # "text/plain charset=utf-8": the semicolon is missing
        _, more = _parameters("x;" + first[match.end() :])
        parameters = {**more, **parameters}
    return match[0].lower(), parameters


_MEDIA_TYPE: Final = re.compile(r"[\w.+-]{1,100}/[\w.+-]{1,100}")
_CONTINUED: Final = re.compile(r"(.+?)\*(?:(\d{1,3})(\*?))?")


def _parameters(value: str) -> tuple[str, dict[str, str]]:
    """Split `value; name=value…`; RFC 2231 continuations and charsets, RFC 2047 in values undone."""
    first, *others = _split(value, ";")
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for other in others[:200]:
        name, equals, content = other.partition("=")
        name = name.strip().lower()
        if not equals or not name:
            continue
        content = _unquoted(content.strip())
        match = _CONTINUED.fullmatch(name)
        if match is None:
            plain.setdefault(name, decode_words(content) if "=?" in content else content)
        else:
            is_coded = match[2] is None or bool(match[3])
            pieces.setdefault(match[1], {}).setdefault(int(match[2] or 0), (content, is_coded))
    for name, numbered in pieces.items():
        plain[name] = _rfc2231(numbered)
    return first.strip(), {name: one_line(content) for name, content in plain.items()}


def _rfc2231(numbered: dict[int, tuple[str, bool]]) -> str:
    octets: list[bytes] = []
    charset = "utf-8"
    for position, index in enumerate(sorted(numbered)):
        content, is_coded = numbered[index]
        if is_coded:
            if position == 0 and content.count("'") >= 2:
                label, _, content = content.partition("'")
                content = content.partition("'")[2]
                charset = label or charset
            octets.append(_percent_decoded(content.encode("utf-8", "replace")))
        else:
            octets.append(content.encode("utf-8", "replace"))
    text = charsets.decode(b"".join(octets), charset)[0]
    return decode_words(text) if "=?" in text else text


def _percent_decoded(octets: bytes) -> bytes:
    return _PERCENT.sub(lambda match: bytes((int(match[1], 16),)), octets)


_PERCENT: Final = re.compile(rb"%([0-9A-Fa-f]{2})")


def _split(value: str, separator: str) -> list[str]:
    """Split outside quoted strings. An unclosed quote does not swallow the rest of the header."""
    if '"' not in value:
        return value.split(separator)
    pieces: list[str] = []
    begin = 0
    is_quoted = is_escaped = False
    for index, char in enumerate(value):
        if is_escaped:
            is_escaped = False
        elif is_quoted and char == "\\":
            is_escaped = True
        elif char == '"':
            is_quoted = not is_quoted
        elif char == separator and not is_quoted:
            pieces.append(value[begin:index])
            begin = index + 1
    if is_quoted:
        return value.split(separator)
    return [*pieces, value[begin:]]


def _unquoted(content: str) -> str:
    if len(content) >= 2 and content[0] == '"':
        end = content.rfind('"')
        content = content[1:end] if end > 0 else content[1:]
        return _ESCAPED.sub(r"\1", content)
    return content.strip("'\"") if content[:1] in "'\"" else content


_ESCAPED: Final = re.compile(r'\\(["\\])')
