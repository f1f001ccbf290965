"""A value as header text: one line, RFC 2047 where it must, folded (RFC 5322, section 2.2.3). Pure."""

from __future__ import annotations

import re
from binascii import b2a_base64

LINE = 76
"""Octets of a header line before it is folded; RFC 5322, section 2.1.1 asks for 78 at most."""
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_PHRASE_WORD = re.compile(r"[A-Za-z0-9!*+/-]+")
_SPECIAL = re.compile(r'["\\]')
_BREAKS = re.compile("[\x00-\x1f\x7f\x80-\x9f\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NOT_TOKEN = re.compile(r"[^A-Za-z0-9-]")


def flat(value: str) -> str:
    """One line of text: whatever any reader may take for a line end becomes a space."""
    return encodable(_BREAKS.sub(" ", value)).strip()


def encodable(text: str) -> str:
    """`text` as UTF-8 can hold it: a lone surrogate becomes U+FFFD."""
    try:
        text.encode("utf-8")  # ten times as quick as looking for what hardly any text has
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text)
    return text


def token(value: str) -> str:
    """What of `value` may stand as a token: letters, digits and hyphens."""
    return _NOT_TOKEN.sub("", value)


def encode_text(text: str, *, first: int = LINE, is_phrase: bool = False) -> str:
    """Unstructured text, or with `is_phrase` a display name, for a header: as it is where ASCII allows,
    else folded RFC 2047 encoded-words (UTF-8, base64) of at most 75 characters, cut between characters.

    Words of ASCII, such as ticket numbers, stay readable between encoded ones. `first` is the room on
    the first line.
    """
    if is_phrase and text.isascii():
        if _ATOMS.fullmatch(text):
            return _fold(text.split(" "), first)
        return _fold(('"' + _SPECIAL.sub(r"\\\g<0>", text) + '"').split(" "), first)
    words: list[str] = []
    coded = ""  # a run of words to encode: the spaces between them must be inside
    for word in text.split(" "):
        if not _is_plain(word, is_phrase=is_phrase):
            coded = f"{coded} {word}" if coded else word
            continue
        if word == "" and coded:
            coded += " "
            continue
        words += _encoded_words(coded)
        coded = ""
        words.append(word)
    words += _encoded_words(coded)
    return _fold(words, first)


def _is_plain(word: str, *, is_phrase: bool) -> bool:
    if is_phrase:
        return _PHRASE_WORD.fullmatch(word) is not None
    # "=?" would be read as an encoded word; a longer word than a line is cut by encoding it.
    return word.isascii() and "=?" not in word and len(word) < LINE - 1


def _encoded_words(text: str) -> list[str]:
    """`text` as encoded-words; 45 octets become 60 characters, 72 with the frame (RFC 2047, section 2)."""
    octets = text.encode("utf-8")
    words: list[str] = []
    start = 0
    while start < len(octets):
        end = min(start + 45, len(octets))
        while end < len(octets) and octets[end] & 0xC0 == 0x80:
            end -= 1  # section 5: a character may not be split between two words
        coded = b2a_base64(octets[start:end], newline=False).decode("ascii")
        words.append(f"=?utf-8?b?{coded}?=")
        start = end
    return words


def _fold(words: list[str], room: int) -> str:
    out: list[str] = []
    used = 0
    for word in words:
        # An empty word is one more space: it may not stand alone on a line, which would end the header.
        if out and used + 1 + len(word) > room and word:
            out.append("\r\n ")
            used, room = 1, LINE
        elif out:
            out.append(" ")
            used += 1
        out.append(word)
        used += len(word)
    return "".join(out)
