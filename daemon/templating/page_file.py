"""A file of the words of our pages as the sentences in it, and the sentences as a file again: for a form of
one field for each of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from daemon.templating.content import normalized
from daemon.templating.keys import PageKey
from daemon.templating.page_words import read, shipped

_LINE = re.compile(r"([a-z][a-z0-9_]{0,99})[^\S\n]*=")


def sentences_of(key: PageKey, content: str) -> dict[str, str]:
    """Every sentence that the pages ask for, as it stands in the file; the program's own where it stands
    there not."""
    found = read(normalized(content))
    own = shipped(key.language)[key.name]
    return {name: text if isinstance(text := found.get(name), str) else one.text for name, one in own.items()}


def filled(content: str, sentences: Mapping[str, str]) -> str:
    """The file with these sentences and no others, its notes where they stood. One that is not written as we
    would, a line for each sentence, loses its notes."""
    kept = "\n".join([*_lines(normalized(content), sentences), ""])
    return kept if read(kept) == sentences else "\n".join([*_lines("", sentences), ""])


def _lines(content: str, sentences: Mapping[str, str]) -> Iterator[str]:
    seen = set()
    for line in content.rstrip("\n").split("\n") if content else ():
        found = _LINE.match(line)
        if found is None:
            yield line
        elif found[1] in sentences and found[1] not in seen:
            seen.add(found[1])
            yield _written(found[1], sentences[found[1]])
    yield from (_written(name, text) for name, text in sentences.items() if name not in seen)


def _written(name: str, text: str) -> str:
    """What JSON writes between quotation marks, TOML reads (TOML 1.0, basic strings)."""
    return f"{name} = {json.dumps(text, ensure_ascii=False)}"
