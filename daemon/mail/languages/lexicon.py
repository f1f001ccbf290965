"""The words of the languages of those who write to us, as mail programs and people use them.

Each language has a file beside this module, named by ISO 639-1; `schema` has the tables and keys that it may
have. A new language is one new file (README.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from daemon.mail.languages.notation import expression, factored
from daemon.mail.languages.schema import TABLES, Words
from daemon.mail.languages.tables import FOLDER, read_tables


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its code (ISO 639-1) and its words by table."""

    code: str
    tables: dict[str, object]

    def expressions(self, table: str, key: str) -> list[str]:
        """The entries of one key as regular expressions, in the order of the file."""
        return [expression(entry) for entry in self.entries(table, key)]

    def entries(self, table: str, key: str) -> Words:
        """The entries of one key, as they stand in the file."""
        found: Words = getattr(self.tables[table], key)
        return found


@cache
def languages() -> tuple[Language, ...]:
    """All languages, in the order of their codes. Raises BadLanguageFile."""
    files = sorted(path for path in FOLDER.glob("*.toml") if len(path.stem) == 2)
    return tuple(Language(path.stem, read_tables(path, TABLES)) for path in files)


def expressions(table: str, key: str) -> list[str]:
    """All languages' entries of one key as regular expressions, each once.

    The longest come first, so that "sent on" is not read as "sent".
    """
    found = {one for language in languages() for one in language.expressions(table, key)}
    return sorted(found, key=lambda one: (-len(one), one))


@cache
def words(table: str, key: str) -> str:
    """`expressions` as one group of a regular expression."""
    return factored(expressions(table, key))


@cache
def phrases(table: str, key: str) -> tuple[str, ...]:
    """All languages' entries of a key that holds plain phrases, each once, as written."""
    found = (entry for language in languages() for entry in language.entries(table, key))
    return tuple(dict.fromkeys(str(entry) for entry in found))
