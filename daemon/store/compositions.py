"""Of which texts the messages were made: the revision of each file that had a part in one, by path.

A mail takes words from its text, from shared pieces, from the page and its footer, and from the names of
codes. A message names its composition, so that it can be shown later as it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select

from daemon.store.dialects import PerDialect
from daemon.store.schema import compositions

_ADD = PerDialect(lambda insert: insert(compositions).on_conflict_do_nothing(index_elements=["id"]))


def name_of(parts: Mapping[str, str]) -> str:
    """What the composition is called: 12 hexadecimal digits, the same for the same parts. "" for none."""
    if not parts:
        return ""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]


def add(connection: Connection, found: Iterable[Mapping[str, str]]) -> None:
    """Remember the compositions; those that are known stay as they are."""
    rows = {name: {"id": name, "parts": dict(parts)} for parts in found if (name := name_of(parts))}
    if rows:
        connection.execute(_ADD.on(connection), list(rows.values()))


def parts_of(connection: Connection, name: str) -> Mapping[str, str]:
    """The revision of each file, by path; empty where it is not known."""
    return connection.execute(select(compositions.c.parts).where(compositions.c.id == name)).scalar() or {}


def with_part(connection: Connection, path: str, revision: str) -> list[str]:
    """The compositions in which that file had that revision."""
    rows = connection.execute(select(compositions.c.id, compositions.c.parts))
    return [row.id for row in rows if row.parts.get(path) == revision]
