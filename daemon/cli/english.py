"""What codes are called in what a command prints: in English, by the words that are in force."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection

from daemon.store import texts
from daemon.templating.keys import HISTORY_FILE
from daemon.templating.words import Words, read, words_of

LANGUAGE = "en"


def english(connection: Connection, folder: Path) -> Words:
    """In force in this database; where it knows none that may serve, those of the texts' folder."""
    found = texts.in_force_of(connection, f"{LANGUAGE}/{HISTORY_FILE}")
    words = _made(found.content) if found else None
    return words or words_of(folder, LANGUAGE)


@lru_cache(maxsize=2)
def _made(content: str) -> Words | None:
    """The sandbox asks again and again, and each reading takes ten milliseconds."""
    return read(content, LANGUAGE)[0]
