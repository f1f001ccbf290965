"""One complaint in a list of a mail to staff, as a value: its words are found where the mail is rendered."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """A complaint's number, and what else the list says of it. `due_at` is ISO 8601 with offset, of the time
    that `clock` names; `late_days` are whole days since then; `assignee` is a person's name."""

    number: str
    subject: str = ""
    clock: str = ""
    due_at: str = ""
    late_days: int = 0
    assignee: str = ""


def packed(one: Listed) -> str:
    """The complaint as one item of a list."""
    return json.dumps({key: value for key, value in asdict(one).items() if value}, ensure_ascii=False)


def unpacked(text: str) -> Listed | None:
    """What `packed` made `text` of; None for any other text."""
    try:
        found = Listed(**json.loads(text))
        if found.due_at:
            datetime.fromisoformat(found.due_at)
    except (ValueError, TypeError):
        return None
    return found
