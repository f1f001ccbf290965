"""What the tables are made of: their names, the kinds of columns and indexes, alike on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import BigInteger, DateTime, Dialect, Index, Integer, MetaData, text
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""All tables, and how their indexes are named."""

_PARTIAL: list[tuple[Index, str]] = []


def partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index of some rows only."""
    index = Index(name, *columns, unique=unique, sqlite_where=text(where))
    _PARTIAL.append((index, where))
    return index


def tell_postgresql() -> None:
    """Say to the indexes of some rows which they are on PostgreSQL. Apart, since SQLAlchemy loads a dialect
    at the first word about it, and most commands look into SQLite."""
    for index, where in _PARTIAL:
        index.dialect_kwargs["postgresql_where"] = text(where)


# SQLite numbers rows by itself only in a column that is exactly INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept in UTC. SQLite would drop the offset and return naive time (FACTS §8.1)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive instant was about to be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
