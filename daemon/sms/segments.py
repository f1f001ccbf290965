"""Measures an SMS: how it is encoded and how many segments are billed (3GPP TS 23.038, 23.040).

Others decide which length is allowed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import smsutil


@dataclass(frozen=True, slots=True)
class Segments:
    """`units` are septets of the GSM alphabet or UTF-16 code units; `segments` is never below 1."""

    encoding: Literal["gsm7", "ucs2"]
    units: int
    segments: int


def count(text: str) -> Segments:
    """Measure `text`: 160 units alone or 153 a part in GSM 7 bit, 70 or 67 in UCS-2. One character outside
    the GSM alphabet, any Arabic letter among them, makes the whole message UCS-2; a surrogate pair is
    never split."""
    if not text or smsutil.is_valid_gsm(text):
        if len(text) <= 80:  # no character takes more than two septets
            return Segments("gsm7", len(text) + sum(map(text.count, "\f^{}\\[~]|€")), 1)
        split = smsutil.split(text)
        return Segments("gsm7", split.total_bytes, max(1, len(split.parts)))
    units = len(text.encode("utf-16-be", "surrogatepass")) // 2
    if units <= 70:
        return Segments("ucs2", units, 1)
    if units == len(text):
        return Segments("ucs2", units, -(-units // 67))
    return Segments("ucs2", units, max(1, len(smsutil.split(text).parts)))
