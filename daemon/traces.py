"""Writes a bug to the log: where it happened, never with which values.

An exception's text may hold an address or a citizen's words (a database quotes the row it refused).
"""

from __future__ import annotations

import traceback


def where(error: BaseException) -> str:
    """The type and the places of `error` and of what caused it, one line each, without any value."""
    lines: list[str] = []
    current: BaseException | None = error
    while current is not None and len(lines) < 60:
        lines.append(type(current).__name__)
        lines += [
            f"  {frame.filename}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(current.__traceback__)[-20:]
        ]
        current = current.__cause__ or current.__context__
    return "\n".join(lines)
