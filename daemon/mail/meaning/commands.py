"""Reads what staff order by mail: which lines are commands, what text belongs to which, and mistakes.

A word is known in `command_words`, a line in `command_lines`, an argument in `command_arguments`.

All or nothing: a mail with one mistake is neither carried out nor relayed (DESIGN §2). A command that
stands below a text is a mistake too and no text: it may head a note that only staff should read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Final

from daemon.mail.meaning.command_arguments import read_order
from daemon.mail.meaning.command_lines import LINE_END, CommandLine, command_on, first_lines, joined
from daemon.mail.meaning.command_words import EXCLUSIVE, JUDGES, TAKES_TEXT, TO_CITIZEN, WORDS
from daemon.mail.meaning.forgotten_sign import Forgotten, forgotten_first, forgotten_on
from daemon.mail.meaning.orders import Behalf, Judge, Mistake, Order
from daemon.mail.meaning.staff_signature import without_signature
from daemon.workflow.commands import Note

__all__ = ["Behalf", "Judge", "Mistake", "Order", "Script", "parse_commands"]


@dataclass(frozen=True, slots=True)
class Script:
    """What a mail of staff says: `commands` in their order, or an `answer`, or `mistakes` and neither.

    `forgotten` is a command without its sign where the answer, or the text for the citizen, begins.
    """

    commands: tuple[Order, ...] = ()
    answer: str = ""
    mistakes: tuple[Mistake, ...] = ()
    forgotten: Forgotten | None = None


def parse_commands(new_text: str, request_number_digits: tuple[int, int] = (5, 15)) -> Script:
    """Read the commands on the first lines of `new_text`, which is what was written now, signature and all.

    A command is `#` and a word, Arabic or English; several stand on a line each, with or without blank
    lines between. Its argument is on its line. Text follows there or below: the first line that is no
    command begins the text of the last command that takes text. Where none of them does, it is internal
    all the same (DESIGN §2) and becomes a note. Without any command the whole is an answer.

    Any may be combined, each once, but only one of resolve, info and close, one of accept and decline, and
    behalf with nothing else: below it all is text. Release and block may stand there often, with nothing
    else: they are about no complaint, so a text below them is nobody's. A text that is a mere signature is
    none; otherwise it keeps its own, and where it is bound for the citizen it still goes through
    `staff_text.relayable`.
    `request_number_digits` are the fewest and most digits of a request number. Never raises; linear in
    `new_text`.
    """
    lines = LINE_END.split(new_text)
    at, lines_read = first_lines(lines)
    is_handed_in = any(line.name == "behalf" for line in lines_read)
    below_text = iter(()) if is_handed_in else _commands_below(lines[at:])
    mistakes = list(islice(chain(_collisions(lines_read), below_text), _MAX_MISTAKES))
    if not lines_read:
        if mistakes:
            return Script(mistakes=tuple(mistakes))
        return Script(answer=new_text.strip(), forgotten=forgotten_first(lines, request_number_digits))

    below = "\n".join(lines[at:]).strip()
    taker = max((n for n, line in enumerate(lines_read) if line.name in TAKES_TEXT), default=None)
    orders: list[Order] = []
    loose: list[str] = []
    for number, line in enumerate(lines_read):
        if len(mistakes) == _MAX_MISTAKES:
            break
        order, left = read_order(replace(line, below=below if number == taker else ""), request_number_digits)
        loose.append(left)
        if isinstance(order, Mistake):
            mistakes.append(order)
        else:
            orders.append(order)
    if mistakes:
        return Script(mistakes=tuple(mistakes))
    if any(line.name in JUDGES for line in lines_read):
        return Script(tuple(orders))
    unclaimed = below if taker is None and without_signature(below) else ""
    heads_note = taker is not None and _heads_note(lines_read[taker], lines[at:], request_number_digits)
    return Script(_with_note(orders, [*loose, unclaimed]), forgotten=heads_note or None)


_MAX_MISTAKES: Final = 10


def _heads_note(taker: CommandLine, below: list[str], digits: tuple[int, int]) -> Forgotten | None:
    """«ملاحظة: …» right below a command that has its text or argument, and would tell it to the citizen."""
    if taker.name not in TO_CITIZEN or not taker.rest or not below:
        return None
    found = forgotten_on(below[0], digits)
    return found if found and found.name == "note" else None


def _commands_below(lines: list[str]) -> Iterator[Mistake]:
    for line in lines:
        command = command_on(line)
        if command is not None and command.name:
            yield Mistake("not_first", command.word)


def _collisions(lines: list[CommandLine]) -> Iterator[Mistake]:
    for index, line in enumerate(lines):
        for earlier in lines[:index][: len(WORDS)]:
            if not _may_stand_together(earlier.name, line.name):
                yield Mistake("cannot_combine", line.word, f"#{earlier.word}")
                break


def _may_stand_together(name: str, other: str) -> bool:
    if not (name and other):  # an unknown one is a mistake anyway
        return True
    if {name, other} & JUDGES:
        return {name, other} <= JUDGES
    if name == other or "behalf" in (name, other):
        return False
    return not any({name, other} <= group for group in EXCLUSIVE)


def _with_note(orders: list[Order], loose: list[str]) -> tuple[Order, ...]:
    """`orders`, with the text that belongs to none of them kept in their note, or in one of its own."""
    text = joined(*loose)
    if not text:
        return tuple(orders)
    if any(isinstance(order, Note) for order in orders):
        return tuple(Note(joined(o.text, text)) if isinstance(o, Note) else o for o in orders)
    return (*orders, Note(text))
