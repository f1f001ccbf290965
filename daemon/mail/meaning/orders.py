"""What a line of a staff mail may order, and the mistakes that its writer may make.

What a command does, and whether its writer may give it, is `workflow`'s, and so are most of the values
(`workflow.commands`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from daemon.workflow.commands import Command
from daemon.workflow.vocabulary import Refusal


@dataclass(frozen=True, slots=True)
class Behalf:
    """#نيابة: the complaint of `email` (as written), handed in by staff; `text` is all that follows."""

    email: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Judge:
    """#إفراج and #حظر: what is to become of mails in quarantine, by their numbers in the digest."""

    verdict: Literal["release", "block"]
    inbox_ids: tuple[int, ...]


Order = Command | Behalf | Judge
"""Everything that a line of a staff mail may order."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """Why a mail of staff cannot be carried out.

    `word` is the command's word as written, without `#`. `detail` is, for an unknown command, the nearest
    ones («#حل #حالة»); for `cannot_combine` the command it collides with; for a bad argument the argument
    as written (at most 200 characters); else "". `bad_reason` also stands for an unknown category,
    `not_first` for a command below a text. Both are the writer's own words: for nobody else's eyes.
    """

    code: Refusal
    word: str
    detail: str = ""
