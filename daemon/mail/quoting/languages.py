"""Owns the words with which mail programs introduce a quotation, all languages together.

Words only: where they may stand is for the modules that look for attribution lines, header blocks and
separators. Each field is a list of alternatives between "|", regular expressions on text as
`quote_lines.folded` leaves it: lower case, one alef, ASCII digits, no tashkeel. To teach a new language, add
an entry to `quote_words_latin` or `quote_words_other`.

Sources: FACTS §4.9 for Arabic; elsewhere what the programs themselves write in that language.
"""

from __future__ import annotations

from typing import Final

from daemon.mail.quoting.language import Language
from daemon.mail.quoting.words_latin import LATIN
from daemon.mail.quoting.words_other import OTHER

LANGUAGES: Final[tuple[Language, ...]] = (*OTHER, *LATIN)


def words(field: str) -> str:
    """All languages' alternatives of one field of `Language`, as the inside of a group.

    The longest come first, so that "sent on" is not read as "sent".
    """
    found = {one for language in LANGUAGES for one in _alternatives(getattr(language, field))}
    return "|".join(sorted(found, key=lambda one: (-len(one), one)))


def _alternatives(expression: str) -> list[str]:
    """Split at each "|" that stands outside parentheses."""
    parts, depth = [""], 0
    for sign in expression:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "|" and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return [part for part in parts if part]
