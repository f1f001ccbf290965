"""The lines of a staff mail that are commands, known or not: `#` and a word, and what follows on the line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from daemon.mail.languages.folding import clean
from daemon.mail.meaning.command_words import WITH_ARGUMENT, WORDS, command_named
from daemon.mail.meaning.staff_signature import without_signature

MAX_JUDGED: Final = 100
"""Mails that one answer may judge: a digest names forty."""
MAX_WORD: Final = 40


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A line that is a command: its name ("" if unknown), its word, what follows on it, the text below."""

    name: str
    word: str
    rest: str
    below: str = ""

    @property
    def text(self) -> str:
        return own_text(self.rest, self.below)


LINE_END: Final = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
DIRECTION_MARK: Final = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]+")
_HASH: Final = "#＃﹟"
_COMMAND: Final = re.compile(
    # Asterisks: mail programs write bold text so in the plain part.
    rf"[\s*]*[{_HASH}][\s*{_HASH}]*(?P<word>[^\s*:：،,؛;.!/()]*)(?P<rest>.*)",
    re.DOTALL,
)
_LEAD: Final = re.compile(r"[\s*:：،,؛;]*(?:[-–—.](?=\s)\s*)?")


def first_lines(lines: list[str]) -> tuple[int, list[CommandLine]]:
    """The commands at the top, and the index of the line after them where text begins."""
    found: list[CommandLine] = []
    for index, line in enumerate(lines):
        command = command_on(line)
        if command is not None:
            found.append(command)
            # What follows behalf was written by somebody else: nothing in it is an order, nor a mistake.
            # And of so many lines two collide, or one is unknown: the mail is a mistake already.
            if command.name == "behalf" or len(found) > len(WORDS) + MAX_JUDGED:
                return index + 1, found
        elif DIRECTION_MARK.sub("", line).strip():
            return index, found
    return len(lines), found


def command_on(line: str) -> CommandLine | None:
    """The command that `line` is, known or not; None if it is text, as «#1 الهوية» is."""
    if not any(sign in line for sign in _HASH):
        return None
    match = _COMMAND.fullmatch(DIRECTION_MARK.sub("", line))
    if match is None or match["word"][:1].isdecimal():
        return None
    name, word, rest = named(match["word"], match["rest"])
    return CommandLine(name, clean(word)[:MAX_WORD], rest[lead_length(rest) :].strip())


def lead_length(rest: str) -> int:
    match = _LEAD.match(rest)
    return match.end() if match else 0


def named(word: str, rest: str) -> tuple[str, str, str]:
    """A command's name ("" for none), its word or two, and what follows, where `rest` comes after `word`.

    Glued to the word may be what is expected after it: «#تمديد3», «#إغلاق_مكررة» as hashtags go. But
    «#حل_المشكلة» is somebody's hashtag, and resolves nothing.
    """
    word = word[: 2 * MAX_WORD]
    second = _SECOND_WORD.match(rest)
    if second is not None and (name := command_named(f"{word} {second[1]}")):
        return name, f"{word} {second[1]}", rest[second.end() :]
    if name := command_named(word):
        return name, word, rest
    for index, char in enumerate(word[:MAX_WORD]):
        if char in "_-" or char.isdecimal():
            name = command_named(word[:index])
            if name in WITH_ARGUMENT:
                return name, word[:index], word[index:].lstrip("_") + rest
    return "", word, rest


_SECOND_WORD: Final = re.compile(
    rf"[\s*]{{1,10}}((?=[^\W\d_])[^\s*:：،,؛;.!/()#]{{1,{MAX_WORD}}})(?=[\s*:：،,؛;.!/()]|\Z)"
)


def own_text(rest: str, below: str) -> str:
    """Both, or "" where they are only a signature."""
    text = joined(rest, below)
    return text if without_signature(text) else ""


def joined(*texts: str) -> str:
    return "\n".join(text for text in texts if text)
