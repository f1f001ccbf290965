"""The sentences of pages as rows of a form: each with its values, the program's own words, and the same
sentence in the other language."""

from __future__ import annotations

from dataclasses import dataclass

from daemon.templating.keys import page_of
from daemon.templating.page_words import LANGUAGES, shipped
from daemon.web.admin.texts.fields import SENTENCE, Fields


@dataclass(frozen=True, slots=True)
class Row:
    """One sentence. `own`: what the program says, "" where that is what stands there; `pair`: what it says in
    the other language; `values`: as they are written, which must all stay."""

    name: str
    text: str
    own: str
    pair: str
    values: tuple[str, ...]

    @property
    def field(self) -> str:
        return f"{SENTENCE}{self.name}"


def rows_of(path: str, fields: Fields) -> list[Row]:
    """Empty where the text is none of pages."""
    key = page_of(path)
    if key is None or fields.sentences is None:
        return []
    own = shipped(key.language)[key.name]
    other = shipped(next(one for one in LANGUAGES if one != key.language))[key.name]
    return [
        Row(
            name,
            fields.sentences.get(name, one.text),
            "" if fields.sentences.get(name, one.text) == one.text else one.text,
            other[name].text if name in other else "",
            tuple(f"(({value}))" for value in sorted(one.values)),
        )
        for name, one in own.items()
    ]
