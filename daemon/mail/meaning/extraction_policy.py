"""What `extraction` goes by: the words that an operator may give in place of the program's own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ExtractionPolicy:
    """Empty patterns stand for those of `languages/furas.toml`; its README has the notation. Whoever extracts
    looks them up: a command that reads no text need not read the languages' files."""

    request_number_patterns: tuple[str, ...] = ()
    """Regular expressions on folded text, each with a group called `number`, else its first group."""
    sla_exceeded_patterns: tuple[str, ...] = ()
    """Phrases or regular expressions on folded text; so `technical_patterns`."""
    technical_patterns: tuple[str, ...] = ()
    request_number_digits: tuple[int, int] = (5, 15)
    """Fewest and most digits of a request number."""
    scanned_characters: int = 20_000
    """Of the new text, from its beginning: more than a person writes, and a bound on the work."""
