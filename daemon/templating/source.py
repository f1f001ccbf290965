"""One template file: its front matter, its compiled form, its revision, and its rendering.

It reads no file and chooses no fallback; `engine` does.
"""

from __future__ import annotations

import re

from smsutil import split as split_sms

from daemon.templating.card import CardSource
from daemon.templating.content import MAX_SOURCE_BYTES, normalized, revision_of
from daemon.templating.environment import Allowed, Compiled
from daemon.templating.errors import RenderError, SourceError
from daemon.templating.form import IN_WORDS, Shelf
from daemon.templating.form_writing import Writer
from daemon.templating.keys import TextKey
from daemon.templating.layout import Layout
from daemon.templating.markup import skeleton
from daemon.templating.names import NAMES_FILE, names
from daemon.templating.remarks import remark
from daemon.templating.slots import Frame
from daemon.templating.values import Value, Values
from daemon.templating.variables import Notification
from daemon.workflow.vocabulary import DeliveryChannel as Channel

MAX_LINES = 1_000
"""A text of more blocks than that takes longer to lay out than a message may."""
MAX_RENDERED_CHARACTERS = 2_000_000
MAX_SMS_CHARACTERS = 2_000
MAX_SUBJECT_CHARACTERS = 250
"""A longer subject is cut: some value in it was not meant for one."""

_ARABIC = re.compile("[\u0600-\u06ff]")  # none of it is in the GSM alphabet


def segments(text: str) -> int:
    """How many parts an SMS takes (3GPP TS 23.038 and 23.040): 160/153 GSM-7 septets or 70/67 UTF-16 units.

    Counted by smsutil except in the plain case of Arabic without emoji, which is most of ours.
    """
    if _ARABIC.search(text):
        units = len(text.encode("utf-16-be", "replace")) // 2
        if units <= 70:
            return 1
        if units == len(text):  # no surrogate pair that must not be cut in two
            return -(-units // 67)
    return len(split_sms(text).parts)


class _Source:
    channel: Channel

    def __init__(
        self, notification: Notification, source: str, language: str, shelf: Shelf, variant: str = ""
    ) -> None:
        self.notification = notification
        self.language = language
        self.key = TextKey(notification.name, variant, self.channel, language)
        self.path = self.key.path
        self.revision = revision_of(source)
        self._own = normalized(source)
        self._revisions: dict[str, str] = {}
        self._writer = Writer(notification, language, names(language), shelf, variant)
        if len(source.encode("utf-8", "surrogatepass")) > MAX_SOURCE_BYTES:
            raise self.refusal(0, "too_long", limit=str(MAX_SOURCE_BYTES))
        if source.count("\n") > MAX_LINES:
            raise self.refusal(MAX_LINES, "too_many_lines", limit=str(MAX_LINES))

    @property
    def parts(self) -> dict[str, str]:
        """The files that the text is made of: its own, and each shared piece in it."""
        return {self.path: self._own, **self._writer.pieces}

    @property
    def revisions(self) -> dict[str, str]:
        """The revision of each of them, and of the names that its values are written by."""
        found = self._revisions
        if not found:
            pieces = {path: revision_of(words) for path, words in self._writer.pieces.items()}
            named = {f"{self.language}/{NAMES_FILE}": names(self.language).revision}
            found = self._revisions = {self.path: self.revision, **pieces, **named}
        return found

    def refusal(self, line: int, code: str, **values: str) -> SourceError:
        return SourceError(self.path, line, remark(self.language, code, **values))

    def compile(self, source: str, purpose: str, first_line: int = 1) -> Compiled:
        declared = self.notification
        worded = {f"{name}{IN_WORDS}" for name, variable in declared.variables.items() if variable.worded}
        lists = {*declared.lists, *(f"{name}{IN_WORDS}" for name in declared.lists)}
        allowed = Allowed({*declared.variables, *worded}, lists)
        written = self._writer.jinja(source, self.path, purpose, first_line)
        return Compiled(written, self.path, self.language, purpose, allowed, first_line)

    def values(self, values: Values) -> dict[str, Value]:
        return {**self.notification.defaults, **values}

    def bounded(self, text: str, limit: int) -> str:
        if len(text) > limit:
            raise RenderError(self.path, 0, f"the message is longer than {limit} characters")
        return text


def _plain(found: frozenset[str]) -> frozenset[str]:
    return frozenset(name.removesuffix(IN_WORDS) for name in found)


class EmailSource(_Source):
    """A NAME.email.md, ready to render. Raises SourceError."""

    channel = "email"

    def __init__(
        self, notification: Notification, source: str, language: str, shelf: Shelf, variant: str = ""
    ) -> None:
        super().__init__(notification, source, language, shelf, variant)
        head, body, first_line = self._front_matter(normalized(source))
        self._subject = self.compile(*head["subject"])
        self._preview = self.compile(*head["preview"]) if "preview" in head else None
        self._body = self.compile(body, "body", first_line)
        self.names = _plain(self._subject.names | self._body.names)
        self.names_in_body = _plain(self._body.names)

    def _front_matter(self, source: str) -> tuple[dict[str, tuple[str, str, int]], str, int]:
        lines = source.split("\n")
        if lines[0].rstrip() != "---":
            raise self.refusal(1, "no_front_matter")
        found: dict[str, tuple[str, str, int]] = {}
        for number, line in enumerate(lines[1:], 2):
            if line.rstrip() == "---":
                if "subject" not in found:
                    raise self.refusal(number, "no_subject")
                return found, "\n".join(lines[number:]), number + 1
            if not line.strip():
                continue
            key, colon, value = (part.strip() for part in line.partition(":"))
            if key not in ("subject", "preview") or not colon or key in found:
                raise self.refusal(number, "front_matter")
            if not value:
                raise self.refusal(number, "empty_front_matter", key=key)
            found[key] = value, "line", number
        raise self.refusal(len(lines), "front_matter_not_closed")

    def render(
        self, values: Values, layout: Layout, card: CardSource | None = None, reply_to: str = ""
    ) -> tuple[str, str, str]:
        """Subject, text and HTML, with `card` at the foot. Raises RenderError."""
        scope = self.values(values)
        subject = " ".join(self._subject.run(scope)[0].split())
        if len(subject) > MAX_SUBJECT_CHARACTERS:
            subject = subject[: MAX_SUBJECT_CHARACTERS - 1] + "…"
        preview = " ".join(self._preview.run(scope)[0].split()) if self._preview else ""
        markdown, slots = self._body.run(scope)
        try:
            named = {**scope, "subject_line": subject, "preview_line": preview}
            frame = Frame(slots, named, self.language)
            below = (
                card.render_or_nothing(self.notification.name, scope, subject, reply_to) if card else ("", "")
            )
            text, html = layout.assemble(
                skeleton(markdown, self.language), self.notification.audience, frame, below
            )
        except KeyError as error:
            raise RenderError(self.path, 0, f"{error.args[0]} is undefined (in the layout)") from None
        except (ValueError, TypeError, RecursionError) as error:
            raise RenderError(self.path, 0, str(error)) from None
        return (
            subject,
            self.bounded(text, MAX_RENDERED_CHARACTERS),
            self.bounded(html, MAX_RENDERED_CHARACTERS),
        )


class SmsSource(_Source):
    """A NAME.sms.txt, ready to render. Raises SourceError."""

    channel = "sms"

    def __init__(
        self, notification: Notification, source: str, language: str, shelf: Shelf, variant: str = ""
    ) -> None:
        super().__init__(notification, source, language, shelf, variant)
        self._text = self.compile(normalized(source), "line")
        self.names = _plain(self._text.names)

    def render(self, values: Values) -> str:
        """The text: one line, since a line break costs a unit and phones show it unevenly.

        Raises RenderError.
        """
        text = " ".join(self._text.run(self.values(values))[0].split())
        return self.bounded(text, MAX_SMS_CHARACTERS)
