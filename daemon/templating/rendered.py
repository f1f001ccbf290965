"""What rendering gives: one e-mail or one SMS, which revision served, and what it was made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

BUILTIN_REVISION = "builtin"


@dataclass(frozen=True, slots=True)
class RenderedEmail:
    """One e-mail: `subject` a single line, `text` with \\n line ends, `html` a whole page.

    `revision` names the source that served (see `revision_of`; "builtin" for the built-in words).
    `fallback` is "" when that was the source in force, else "previous" or "builtin"; `problem` then says
    why in one line that holds no value. `made_of` names the revision of each file that had a part in it, by
    path.
    """

    subject: str
    text: str
    html: str
    revision: str
    fallback: str = ""
    problem: str = ""
    made_of: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RenderedSms:
    """One SMS: `text` a single line, `segments` as billed; the rest as in `RenderedEmail`."""

    text: str
    segments: int
    revision: str
    fallback: str = ""
    problem: str = ""
    made_of: Mapping[str, str] = field(default_factory=dict)
