"""Decodes the encoded-words of RFC 2047 and forgives what programs get wrong. `charsets` reads raw octets."""

from __future__ import annotations

import binascii
import re
from typing import Final

from daemon.mail.letter import charsets
from daemon.mail.letter.transfer import from_base64


def decode_words(text: str) -> str:
    """Decode the RFC 2047 encoded-words of a header value, forgiving what programs get wrong.

    Neighbours of one charset are joined as octets first, since many programs split a character between
    two words (forbidden by section 5, seen daily). One pass: a word without its end ends the search.
    """
    if "=?" not in text:
        return text
    out: list[str] = []
    run: list[tuple[str, str, str]] = []  # charset, encoding, payload of words not yet decoded
    at = 0
    while True:
        word = _next_word(text, at)
        if word is None:
            break
        start, end, charset, encoding, payload = word
        between = text[at:start]
        if between.strip() or not run:
            out.append(_decoded_run(run))
            run = []
            out.append(between)
        run.append((charset, encoding, payload))
        at = end
    out.append(_decoded_run(run))
    out.append(text[at:])
    return "".join(out)


def _next_word(text: str, at: int) -> tuple[int, int, str, str, str] | None:
    while True:
        start = text.find("=?", at)
        if start < 0:
            return None
        match = _WORD_HEAD.match(text, start)
        if match is None:
            at = start + 2
            continue
        end = text.find("?=", match.end())
        # A bare "?" before an encoded octet ("what?=20is") is not the end of the word.
        while end >= 0 and match[2] in "qQ" and _HEX_PAIR.match(text, end + 2):
            further = text.find("?=", end + 2)
            if further < 0 or " " in text[end:further] or "=?" in text[end + 1 : further]:
                break
            end = further
        if end < 0:
            return None
        return start, end + 2, match[1].partition("*")[0], match[2], text[match.end() : end]


_CONTROL: Final = re.compile("[\x80-\x84\x86-\x9f]")
_WORD_HEAD: Final = re.compile(r"=\?([!->@-~]{0,60})\?([bBqQ])\?")
_HEX_PAIR: Final = re.compile(r"[0-9A-Fa-f]{2}")


def _decoded_run(run: list[tuple[str, str, str]]) -> str:
    out: list[str] = []
    index = 0
    while index < len(run):
        charset = run[index][0]
        octets: list[bytes] = []
        first = index
        while index < len(run) and run[index][0].lower() == charset.lower():
            _, encoding, payload = run[index]
            index += 1
            if encoding in "qQ":
                octets.append(_from_q(payload))
                continue
            letters = "".join(payload.split())
            # One base64 stream cut at any place into several words: join before decoding.
            while (
                len(letters.rstrip("=")) % 4
                and not letters.endswith("=")
                and index < len(run)
                and run[index][0].lower() == charset.lower()
                and run[index][1] in "bB"
            ):
                letters += "".join(run[index][2].split())
                index += 1
            octets.append(from_base64(letters.encode("ascii", "ignore")))
        text, is_repaired = charsets.decode(b"".join(octets), charset)
        if is_repaired and _CONTROL.search(text):  # no text at all: what was written says more
            text = " ".join(
                f"=?{name}?{encoding}?{payload}?=" for name, encoding, payload in run[first:index]
            )
        out.append(text)
    return "".join(out)


def _from_q(payload: str) -> bytes:
    octets = payload.replace("_", " ").encode("utf-8", "replace")
    return binascii.a2b_qp(octets)
