"""A text as the fields of a form: an e-mail's subject, preview line and words apart, the words of pages
sentence by sentence, any other as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from daemon.templating.errors import Problem
from daemon.templating.keys import page_of
from daemon.templating.page_check import lines_of
from daemon.templating.page_file import filled, sentences_of

FENCE = "---"
SENTENCE = "say."
"""How the field of a sentence is called: "say.welcome"."""


@dataclass(frozen=True, slots=True)
class Fields:
    """`subject` and `preview` are None where the text has no such lines of its own. `sentences`: of pages, by
    their names; `body` is then the file that they began from, with its notes."""

    body: str
    subject: str | None = None
    preview: str | None = None
    sentences: Mapping[str, str] | None = None

    @property
    def content(self) -> str:
        """The file."""
        if self.sentences is not None:
            return filled(self.body, self.sentences)
        if self.subject is None:
            return self.body
        head = [FENCE, f"subject: {_line(self.subject)}"]
        if self.preview:
            head.append(f"preview: {_line(self.preview)}")
        return "\n".join([*head, FENCE, self.body])

    @property
    def lines_before(self) -> int:
        """Lines of the file before the words."""
        return 0 if self.subject is None else 4 if self.preview else 3


@dataclass(frozen=True, slots=True)
class Found:
    """Something that the check says: of which field, in which line (0: of all), in which other file.
    `beginning`: of that line, which has no number on the screen."""

    message: str
    field: str = "body"
    line: int = 0
    path: str = ""
    beginning: str = ""


LONGEST_BEGINNING = 40


def fields_of(content: str, path: str = "") -> Fields:
    """The form of a file. One whose head is not as we would write it stays whole."""
    if page := page_of(path):
        return Fields(content, sentences=sentences_of(page, content))
    lines = content.split("\n")
    if lines[0] != FENCE or FENCE not in lines[1:4]:
        return Fields(content)
    end = lines.index(FENCE, 1)
    head = dict(line.partition(": ")[::2] for line in lines[1:end])
    found = Fields("\n".join(lines[end + 1 :]), head.get("subject", ""), head.get("preview", ""))
    return found if found.content == content else Fields(content)


def posted(form: Mapping[str, str], *, is_split: bool) -> Fields:
    """What a form holds. `is_split`: the text has a subject of its own."""
    sentences = {
        name.removeprefix(SENTENCE): _line(value) for name, value in form.items() if name.startswith(SENTENCE)
    }
    if sentences:
        return Fields(form.get("body", ""), sentences=sentences)
    if not is_split:
        return Fields(form.get("body", ""))
    return Fields(form.get("body", ""), form.get("subject", ""), form.get("preview", ""))


def placed(problem: Problem, path: str, fields: Fields) -> Found:
    """Where a problem stands in the form."""
    if problem.path != path:
        return Found(problem.message, line=problem.line, path=problem.path)
    if fields.sentences is not None:
        names = {line: name for name, line in lines_of(fields.content).items()}
        name = names.get(problem.line, "")
        return Found(problem.message, f"{SENTENCE}{name}" if name else "body")
    if fields.subject is None or problem.line == 0:
        return Found(problem.message, line=problem.line, beginning=_beginning(fields.body, problem.line))
    if problem.line <= fields.lines_before:
        field = "preview" if fields.preview and problem.line == 3 else "subject"
        return Found(problem.message, field)
    line = problem.line - fields.lines_before
    return Found(problem.message, line=line, beginning=_beginning(fields.body, line))


def _beginning(body: str, line: int) -> str:
    """The first words of a line, "" where there are none."""
    lines = body.splitlines()
    words = lines[line - 1].strip() if 0 < line <= len(lines) else ""
    cut = words[:LONGEST_BEGINNING].rpartition(" ")[0] or words[:LONGEST_BEGINNING]
    return words if len(words) <= LONGEST_BEGINNING else f"{cut}…"


def _line(words: str) -> str:
    """A subject is one line, whatever was pasted."""
    return " ".join(words.split())
