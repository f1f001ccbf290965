"""The default patterns of `extraction`, put together from the words in `languages/furas.toml`.

Patterns are matched against folded text (`languages.folding.fold`). Those of a request number begin with a
literal wherever they can: Python finds that quickly and looks no closer elsewhere.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from daemon.mail.languages import furas, lexicon

IDENTIFIER: Final = (
    # FR-123456, 2026/12345, 01-25-004003-12345, ط-12345, 1234567. Not the beginning of a longer number.
    r"(?:[a-z]{1,6}(?: ?[-/_] ?)?|(?:fr|req|rq|inv) |[ء-ي]{1,2}[-/])?[0-9]{1,15}(?: ?[-/_] ?[0-9]{1,15}){0,4}"
    r"(?![-/_.]?[0-9])"
)
GROUPED: Final = r"[0-9]{2,4}(?: [0-9]{2,4}){1,4}(?! ?[0-9])"  # 123 456 789
_NUMBER: Final = rf"(?P<number>{GROUPED}|{IDENTIFIER})(?![a-z@])"
_BARE_NUMBER: Final = (
    r"(?P<number>[0-9](?<![\-/.+_a-z0-9][0-9])[0-9]{0,14}(?:[-/_][0-9]{1,15}){0,4})"  # before its label
)
_END: Final = r"(?![ء-يa-z])"
_TABLE: Final = "request_number"


_SENTENCE: Final = r"[^\n.؟?!؛;]{1,80}?(?<![ء-يa-z])"
"""What may stand between a request and the word for its number."""


def request_number_patterns() -> tuple[str, ...]:
    """Regular expressions with a group `number`: the ways in which a request is named."""
    return _patterns("patterns")


def patterns_apart() -> tuple[str, ...]:
    """The same, with other words of the sentence before the number."""
    return _patterns("patterns_apart")


@cache
def _patterns(key: str) -> tuple[str, ...]:
    parts = {
        "<sentence>": _SENTENCE,
        "<end>": _END,
        "<number>": _NUMBER,
        "<bare_number>": _BARE_NUMBER,
        "<request>": furas.words(_TABLE, "request"),
        "<no_sum>": "".join(
            rf"(?<!{word} {request})"
            for word in furas.phrases(_TABLE, "no_sum")
            for request in ("طلب", "الطلب")
        ),
        "<to_number>": (
            # At most eight words or signs.
            r"(?:\s{0,4}(?:[:：؛=#\-–—.()\[\]«»\"'*/|،]"
            rf"|{furas.words(_TABLE, 'to_number')}{_END})){{0,8}}\s{{0,4}}"
        ),
        "<to_label>": rf"(?:\s{{1,4}}{furas.words(_TABLE, 'to_label')}{_END}){{0,6}}",
    }
    return tuple(_filled(pattern, parts) for pattern in furas.expressions(_TABLE, key))


def _filled(pattern: str, parts: dict[str, str]) -> str:
    for name, part in parts.items():
        pattern = pattern.replace(name, part)
    return pattern


def other_label() -> str:
    """Right before an unlabelled number it says that the number is another thing."""
    latin = furas.words(_TABLE, "other_labels_latin")
    return (
        rf"(?:{furas.words(_TABLE, 'other_labels')}|(?<![a-z]){latin})"
        rf"(?:\s{{1,3}}{furas.words(_TABLE, 'other_label_links')}){{0,2}}[\s:：#.=/\-(]{{0,4}}\Z"
    )


def other_thing() -> str:
    """As `other_label`, before a number that stands apart from its request."""
    things, links = furas.words(_TABLE, "other_things"), furas.words(_TABLE, "other_label_links")
    return rf"{things}(?:\s{{1,3}}{links}){{0,2}}\s{{0,4}}\Z"


def number_word() -> str:
    """Right before an unlabelled number it says that a number is meant: «الرقم»."""
    return (
        rf"(?:(?:^|[\s،,.:(]){furas.words(_TABLE, 'number_words')}(?:\s{{1,3}}هو)?{_END}"
        rf"|(?:^|\s){furas.words(_TABLE, 'number_words_latin')}{_END}|#)[\s:：#.=\-(]{{0,4}}\Z"
    )


def unit_after() -> str:
    """Right after a number it makes it a sum or a span."""
    latin, arabic = furas.words(_TABLE, "units_latin"), furas.words(_TABLE, "units_words")
    return rf"[\s)]{{0,3}}(?:{furas.words(_TABLE, 'units')}|{latin}(?![a-z])|{arabic}(?![ء-ي]))"


def sla_exceeded_patterns() -> tuple[str, ...]:
    """Phrases that say that the time for a request has passed."""
    return furas.phrases("grounds", "sla_exceeded")


def technical_patterns() -> tuple[str, ...]:
    """Phrases that say that something technical is in the way."""
    return furas.phrases("grounds", "technical")


@cache
def thanks() -> tuple[str, ...]:
    """Phrases of thanks in all languages, and signs that are thanks without a word."""
    return (*lexicon.phrases("courtesies", "thanks"), *furas.phrases("thanks", "signs"))
