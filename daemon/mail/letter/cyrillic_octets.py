"""Says whether octets without a label are Russian, in KOI8-R or windows-1251.

This is asked before they are taken for Arabic, since short words of the one may pass for the other.
"""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.letter.arabic_octets import count_high, stands_in_words

_CODECS: Final = ("koi8_r", "cp1251")
# By how often a letter stands in Russian prose, roughly the logarithm.
_WEIGHTS: Final = {**dict.fromkeys("оеа", 3), **dict.fromkeys("интсрвл", 2), **dict.fromkeys("кмдпуяызбг", 1)}
_MIXED_CASE: Final = re.compile("[а-яё][А-ЯЁ]")
_STRANGE: Final = re.compile("[^\x00-\x7fа-яА-ЯёЁ\u2010-\u2122«»№]")
_LEAST: Final = 1.2
_ASCII: Final = bytes(range(0x80))


def likelier_cyrillic(window: bytes) -> tuple[str, float] | None:
    """The codec that makes Russian of `window`, and how Russian it is for each high octet; None if none."""
    if not stands_in_words(window) or len(set(window.translate(None, _ASCII))) < 2:
        return None  # «ÁÁÁ» is no word
    high = count_high(window)
    codec, likelihood = max(
        ((codec, _likelihood(window.decode(codec, "replace")) / high) for codec in _CODECS),
        key=lambda pair: pair[1],
    )
    return (codec, likelihood) if likelihood >= _LEAST else None


def _likelihood(text: str) -> float:
    letters = sum(_WEIGHTS.get(char, 0) for char in text)
    return letters - 4.0 * len(_MIXED_CASE.findall(text)) - 3.0 * len(_STRANGE.findall(text))
