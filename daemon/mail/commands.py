"""Owns reading what staff order by mail, and the two wishes that a citizen's words may hold.

What a command does, and whether its writer may give it, is `workflow`'s; so are the values
(`workflow.commands`). Words are compared folded (`mail.arabic`).

All or nothing: a mail with one mistake is not carried out at all and not relayed (DESIGN §2). So a command
that stands below a text is a mistake too, not text: it might be a note that nobody but staff should read.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

import phonenumbers

from daemon.mail.arabic import clean, fold, strip_bidi
from daemon.mail.extraction_words import COURTESIES
from daemon.mail.staff_text import without_signature
from daemon.workflow.commands import (
    Accept,
    AskInfo,
    Assign,
    Close,
    Command,
    Decline,
    Escalate,
    Extend,
    Help,
    Note,
    Reopen,
    Resolve,
    SetCategory,
    SetPhone,
    SetRequest,
    Status,
)
from daemon.workflow.model import Category, CloseReason
from daemon.workflow.ticket_number import PREFIX, normalise

MistakeCode = Literal[
    "unknown_command",
    "no_text",
    "bad_number",
    "bad_reason",
    "bad_person",
    "bad_days",
    "bad_phone",
    "bad_address",
    "not_first",
    "cannot_combine",
]


@dataclass(frozen=True, slots=True)
class Behalf:
    """#نيابة: the mail is the complaint of `email`, handed in by staff; `text` is what they wrote about it."""

    email: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Mistake:
    """Why a mail of staff cannot be carried out.

    `word` is the command's word as written, without `#`. `detail` is "#word"s for an unknown command (the
    nearest ones) and for one that cannot be combined (the one it collides with), for a bad argument the
    argument as written (at most 200 characters). `bad_reason` is also an unknown category, `not_first` a
    command below a text. `word` and `detail` are the writer's own words: show them to nobody else.
    """

    code: MistakeCode
    word: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """What a mail of staff says: `commands` in their order, or an `answer`, or `mistakes` and then neither."""

    commands: tuple[Command | Behalf, ...] = ()
    answer: str = ""
    mistakes: tuple[Mistake, ...] = ()


def parse_commands(new_text: str, request_number_digits: tuple[int, int] = (5, 15)) -> Script:
    """Read the commands on the first lines of `new_text`, which is what was written now, signature and all.

    A command is `#` and a word, Arabic or English; several stand on a line each, with blank lines between
    or none. Its argument is on its line. Text follows there or below: the first line that is no command
    begins the text of the last command that takes one. Where none of them does, the text is internal all
    the same, and becomes a note. Without any command the whole is an answer.

    Combined are any, but each only once, only one of resolve, info and close, one of accept and decline,
    and behalf alone. A text that is only a signature is none (`staff_text.without_signature`); otherwise
    texts keep it, and those bound for the citizen go through `staff_text.relayable`.
    `request_number_digits` are the fewest and most digits of a request number. Never raises; linear.
    """
    lines = _LINE_END.split(new_text)
    at, written = _command_lines(lines)
    text = "\n".join(lines[at:]).strip()
    below = [] if any(w.name == "behalf" for w in written) else list(_commands_below(lines[at:]))
    if not written:
        return Script(mistakes=tuple(below)) if below else Script(answer=new_text.strip())
    reader = _Reader(range(request_number_digits[0], request_number_digits[1] + 1))
    mistakes = [*_collisions(written), *below]
    if without_signature(text):
        _hand_text(written, text)
    commands: list[Command | Behalf] = []
    for each in written:
        result = reader.read(each)
        if isinstance(result, Mistake):
            mistakes.append(result)
        else:
            commands.append(result)
    return Script(mistakes=tuple(mistakes[:_MAX_MISTAKES])) if mistakes else Script(tuple(commands))


_MAX_MISTAKES: Final = 10
_MAX_DETAIL: Final = 200
_MAX_WORD: Final = 40

# ---- words -----------------------------------------------------------------------------------------

_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "resolve": ("حل", "resolve"),
    "info": ("بيانات", "info"),
    "extend": ("تمديد", "extend"),
    "close": ("إغلاق", "close"),
    "note": ("ملاحظة", "note"),
    "assign": ("إسناد", "assign"),
    "request": ("طلب", "request"),
    "phone": ("جوال", "phone"),
    "category": ("فئة", "category"),
    "escalate": ("تصعيد", "escalate"),
    "accept": ("قبول", "accept"),
    "decline": ("رفض", "decline"),
    "reopen": ("فتح", "reopen"),
    "status": ("حالة", "status"),
    "help": ("مساعدة", "help"),
    "behalf": ("نيابة", "behalf"),
    "note_below": (),  # never written: the text below commands that take none
}
_NAMES: Final[dict[str, str]] = {fold(word): name for name, words in _WORDS.items() for word in words}
_SHOWN: Final[dict[str, str]] = {fold(word): word for words in _WORDS.values() for word in words}
_WITH_ARGUMENT: Final = frozenset({"extend", "close", "assign", "request", "phone", "category", "behalf"})
_TAKES_TEXT: Final = frozenset(
    {"resolve", "info", "close", "note", "escalate", "accept", "decline", "reopen", "behalf"}
)
_EXCLUSIVE: Final = (frozenset({"resolve", "info", "close"}), frozenset({"accept", "decline"}))

_CLOSE_REASONS: Final[dict[str, CloseReason]] = {
    fold(words): reason
    for reason, spellings in {
        "no_response": ("عدم تجاوب", "عدم التجاوب", "عدم رد", "عدم الرد", "no response"),
        "not_admitted": ("غير مقبولة", "غير مقبول", "not admitted"),
        "duplicate": ("مكررة", "مكرر", "duplicate"),
        "withdrawn": ("منسحب", "منسحبة", "انسحاب", "withdrawn"),
        "spam": ("مزعج", "مزعجة", "إزعاج", "spam"),
    }.items()
    for words in spellings
    for reason in (_close_reason(reason) for _close_reason in (lambda r: r,))  # keeps the Literal's type
}
