"""Keeps the templates in force in one language. Rendering always gives a message.

It takes `LANGUAGE/NAME[.VARIANT].email.md` and `.sms.txt`, `pieces/`, the footers, `cheat_card.md` and
`history.toml`, and `layout.email.html`, from its `sources`. `workflow.variants` decides which is said.
A text that fails its check never replaces the good one in memory. Rendering touches no disk. It falls back
from the source in force to those before it, then to the built-in words (DESIGN §4, Templates).
It knows nothing of why a message is sent or how it travels.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from daemon.templating import builtin
from daemon.templating.builtin import MARKER
from daemon.templating.card import CARD_FILE, CardSource
from daemon.templating.catalogue import LANGUAGES, NOTIFICATIONS
from daemon.templating.check import check_card, check_layout, compiled, examine
from daemon.templating.errors import Problem, RenderError, SourceError, TemplateError
from daemon.templating.keys import TextKey
from daemon.templating.layout import FOOTER_FILES, LAYOUT_FILE, Layout, builtin_layout, builtin_page
from daemon.templating.pieces import SourcesShelf
from daemon.templating.source import EmailSource, SmsSource, revision_of, segments
from daemon.templating.sources import Folder, Sources, why_unreadable
from daemon.templating.telling import told
from daemon.templating.values import Value, Values
from daemon.templating.words import HISTORY_FILE, Words
from daemon.templating.words import read as read_words
from daemon.templating.words import shipped as shipped_words
from daemon.workflow.variants import variant_of, variants_of
from daemon.workflow.vocabulary import DeliveryChannel as Channel

__all__ = [
    "MARKER",
    "Change",
    "Problem",
    "RenderError",
    "RenderedEmail",
    "RenderedSms",
    "SourceError",
    "TemplateError",
    "TemplateSet",
    "Value",
    "Values",
]

BUILTIN_REVISION = "builtin"


@dataclass(frozen=True, slots=True)
class RenderedEmail:
    """One e-mail: `subject` a single line, `text` with \\n line ends, `html` a whole page.

    `revision` names the source that served (see `revision_of`; "builtin" for the built-in words).
    `fallback` is "" when that was the source in force, else "previous" or "builtin"; `problem` then says
    why in one line that holds no value.
    """

    subject: str
    text: str
    html: str
    revision: str
    fallback: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RenderedSms:
    """One SMS: `text` a single line, `segments` as billed; the rest as in `RenderedEmail`."""

    text: str
    segments: int
    revision: str
    fallback: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A file whose content `reload` found new: a save. `accepted` when it now serves, else `problems`."""

    key: TextKey
    source: str
    revision: str
    accepted: bool
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class _Slot:
    """One template: the source in force, the one before it, and what is wrong with the file's content."""

    key: TextKey
    good: EmailSource | SmsSource | None = None
    previous: EmailSource | SmsSource | None = None
    good_text: str = ""
    content: str | None = None  # last content seen in the file, good or not
    signature: object = None
    problems: tuple[Problem, ...] = ()

    def serve(self, template: EmailSource | SmsSource, source: str) -> None:
        """The same source may make another template: a piece in it changed."""
        if self.good is not None and self.good_text != source:
            self.previous = self.good
        self.good, self.good_text = template, source


class TemplateSet:
    """All templates of one language; nothing about a file can make it raise.

    `sources` hold `ar/`, `en/` and the layout; a path stands for the files of that folder. A text is read
    and checked when it is first needed, so that a short command does not wait for those it never uses;
    `reload` and `problems` look at all of them. Safe to render from several threads.
    """

    def __init__(self, sources: Path | Sources, language: str) -> None:
        """Raises ValueError for a language other than "ar" and "en"."""
        if language not in LANGUAGES:
            raise ValueError(f"no templates in the language {language!r}")
        self.sources: Sources = Folder(sources) if isinstance(sources, Path) else sources
        self.language = language
        self._slots: dict[TextKey, _Slot] = {key: _Slot(key) for key in keys(language)}
        self._shelf = SourcesShelf(self.sources)
        self._builtin_layout = builtin_layout(language)
        self._layout = self._builtin_layout
        self._layout_seen: tuple[object, ...] = ()
        self._layout_problems: tuple[Problem, ...] = ()
        self._card: CardSource | None = None
        self._card_seen: object = None
        self._card_problems: tuple[Problem, ...] = ()
        self._words: Words | None = None
        self._words_seen: object = None
        self._words_problems: tuple[Problem, ...] = ()
        self._checked_at = float("-inf")
        self._reload_layout()

    # --- what is in force

    def names(self) -> list[str]:
        """The notifications that can be rendered, in the order of the catalogue."""
        return list(NOTIFICATIONS)

    def channels(self, name: str) -> tuple[Channel, ...]:
        """The channels of one notification. Raises KeyError for an unknown name."""
        return NOTIFICATIONS[name].channels

    def problems(self) -> list[Problem]:
        """What is wrong with the files as they now stand, for the operator; empty when all is well."""
        for key in self._slots:
            self._needed(key)
        self._needed_card()
        self._needed_words()
        found = [*self._layout_problems, *self._card_problems, *self._words_problems]
        for slot in self._slots.values():
            found += slot.problems
        return found

    def source(self, key: TextKey) -> str | None:
        """The text in force, or None where the built-in words serve. Raises KeyError."""
        slot = self._needed(key)
        return slot.good_text if slot.good is not None else None

    def revision(self, key: TextKey) -> str:
        """The revision in force. Raises KeyError."""
        good = self._needed(key).good
        return good.revision if good is not None else BUILTIN_REVISION

    def _needed(self, key: TextKey) -> _Slot:
        """The slot, its file read if nobody has yet. Raises KeyError."""
        slot = self._slots[key]
        if slot.content is None and not slot.problems:
            # Twice at once in two threads does no harm: both read the same file.
            self._reload_one(key, slot)
        return slot

    def _said(self, name: str, channel: Channel, values: Values) -> _Slot | None:
        """The slot of the variant that is said. Another variant never takes its place: it says another
        thing."""
        key = TextKey(name, variant_of(name, channel, values), channel, self.language)
        return self._needed(key) if key in self._slots else None

    # --- how it changes

    def reload(self, *, at_most_every_s: float = 0.0, used_alone: bool = False) -> list[Change]:
        """Read again what changed on disk (time, size or inode) and put into force what passes its check.

        Cheap when nothing changed: one stat a file, and not even that within `at_most_every_s` of the
        last time. A missing file leaves the last good source in force. `used_alone`: what nobody has needed
        yet is left for when they do; to make ready all of it takes a second. Returns the saves it found.
        """
        now = time.monotonic()
        if now - self._checked_at < at_most_every_s:
            return []
        self._checked_at = now
        self._reload_layout()
        self._reload_card()
        self._reload_words()
        self._reload_pieces()
        changes = []
        for key, slot in self._slots.items():
            if used_alone and slot.content is None and not slot.problems:
                continue
            change = self._reload_one(key, slot)
            if change is not None:
                changes.append(change)
        return changes

    def put(self, key: TextKey, source: str) -> list[Problem]:
        """Put a source from elsewhere (the browser, a rollback) into force if it passes the check.

        Returns the problems; empty means it serves now. Raises KeyError for an unknown template.
        """
        slot = self._needed(key)
        template, problems = examine(key, source, self._shelf)
        if template is not None:
            slot.serve(template, source)
        return problems

    def _reload_one(self, key: TextKey, slot: _Slot) -> Change | None:
        try:
            signature = self.sources.stamp(key.path)
            if signature == slot.signature:
                return None
            content = self.sources.read(key.path)
        except (OSError, ValueError) as error:
            slot.signature = None
            slot.problems = (Problem(key.path, 0, why_unreadable(error)),)
            return None
        slot.signature = signature
        if content == slot.content:
            return None
        slot.content = content
        template, problems = self._made(key, content)
        slot.problems = tuple(problems)
        if template is not None:
            slot.serve(template, content)
        return Change(key, content, revision_of(content), not problems, slot.problems)

    def _made(self, key: TextKey, source: str) -> tuple[EmailSource | SmsSource | None, list[Problem]]:
        """What was checked at its save is only compiled: with the desk's own setting, and under limits."""
        if self.sources.are_checked:
            return compiled(key, source, self._shelf)
        return examine(key, source, self._shelf)

    def _reload_pieces(self) -> None:
        """Where a piece changed, every text is made afresh of it; one that cannot be keeps its good form."""
        if self._shelf.is_current():
            return
        self._shelf = SourcesShelf(self.sources)
        self._card_seen = None
        for slot in self._slots.values():
            if slot.content is not None:
                slot.content, slot.signature, slot.problems = None, None, ()

    def _reload_layout(self) -> None:
        paths = {audience: f"{self.language}/{file}" for audience, file in FOOTER_FILES.items()}
        footers = dict(builtin.FOOTERS[self.language])
        try:
            found = {to: path for to, path in paths.items() if to == "citizen" or self._is_there(path)}
            seen = tuple(self.sources.stamp(path) for path in (LAYOUT_FILE, *found.values()))
            if seen == self._layout_seen:
                return
            page = self.sources.read(LAYOUT_FILE)
            footers |= {audience: self.sources.read(path) for audience, path in found.items()}
        except (OSError, ValueError) as error:
            self._layout_seen = ()
            self._layout_problems = (Problem(LAYOUT_FILE, 0, f"{why_unreadable(error)} (page or footer)"),)
            return
        self._layout_seen = seen
        self._layout_problems = tuple(check_layout(page, footers, self.language))
        if not self._layout_problems:
            self._layout = Layout(page, footers, self.language)

    def _is_there(self, path: str) -> bool:
        """Whether there is such a text: a folder may be older than the program, and lack what colleagues read
        below a mail."""
        try:
            self.sources.stamp(path)
        except OSError:
            return False
        return True

    def _needed_card(self) -> CardSource | None:
        """The card in force, its file read if nobody has yet."""
        if self._card_seen is None and not self._card_problems:
            self._reload_card()
        return self._card

    def _reload_card(self) -> None:
        path = f"{self.language}/{CARD_FILE}"
        try:
            seen = self.sources.stamp(path)
            if seen == self._card_seen:
                return
            source = self.sources.read(path)
        except (OSError, ValueError) as error:
            self._card_seen = None
            self._card_problems = (Problem(path, 0, why_unreadable(error)),)
            return
        self._card_seen = seen
        card, problems = check_card(source, self.language, self._shelf)
        self._card_problems = tuple(problems)
        self._card = card or self._card

    def _needed_words(self) -> Words:
        """The words of the history in force, their file read if nobody has yet."""
        if self._words_seen is None and not self._words_problems:
            self._reload_words()
        return self._words or Words()

    def _reload_words(self) -> None:
        path = f"{self.language}/{HISTORY_FILE}"
        try:
            seen = self.sources.stamp(path)
            if seen == self._words_seen:
                return
            source = self.sources.read(path)
        except (OSError, ValueError) as error:
            self._words_seen = None
            self._words_problems = (Problem(path, 0, why_unreadable(error)),)
            self._words = self._words or shipped_words(self.language)
            return
        self._words_seen = seen
        words, problems = read_words(source, self.language)
        self._words_problems = tuple(problems)
        self._words = words or self._words or shipped_words(self.language)

    # --- rendering

    def render_email(self, name: str, values: Values, reply_to: str | None = None) -> RenderedEmail:
        """The e-mail `name` with `values`. Never raises: see `fallback` and `problem` of the result.

        `reply_to`: for a notice to staff that can be answered with commands, the address that takes them,
        or "" where only a reply to the notice itself is understood; the cheat card stands at its foot.
        """
        values = self._told(name, values)
        slot = self._said(name, "email", values)
        card = self._needed_card() if reply_to is not None else None
        problem = _why_builtin(slot, name)
        for template, fallback in self._candidates(slot):
            if isinstance(template, EmailSource):
                try:
                    subject, text, html = template.render(values, self._layout, card, reply_to or "")
                except Exception as error:  # noqa: BLE001 - the citizen must hear, whatever it is
                    problem = problem or _one_line(error)
                else:
                    return RenderedEmail(subject, text, html, template.revision, fallback, problem)
        return self._builtin_email(name, values, problem)

    def _candidates(self, slot: _Slot | None) -> Iterator[tuple[EmailSource | SmsSource | None, str]]:
        """What may serve, the best first. What came before this process is compiled only where it must."""
        if slot is None:
            return
        yield slot.good, ""
        yield slot.previous, "previous"
        for source in self.sources.earlier(slot.key.path):
            yield self._made(slot.key, source)[0], "previous"

    def _told(self, name: str, values: Values) -> Values:
        notification = NOTIFICATIONS.get(name)
        return told(notification, values, self._needed_words()) if notification else values

    def render_sms(self, name: str, values: Values) -> RenderedSms:
        """The SMS `name` with `values`. Never raises, like `render_email`."""
        values = self._told(name, values)
        slot = self._said(name, "sms", values)
        problem = _why_builtin(slot, name)
        for template, fallback in self._candidates(slot):
            if isinstance(template, SmsSource):
                try:
                    text = template.render(values)
                    return RenderedSms(text, segments(text), template.revision, fallback, problem)
                except Exception as error:  # noqa: BLE001 - the citizen must hear, whatever it is
                    problem = problem or _one_line(error)
        text = builtin.sms(name, self.language, values)
        return RenderedSms(text, segments(text), BUILTIN_REVISION, "builtin", problem)

    def _builtin_email(self, name: str, values: Values, problem: str) -> RenderedEmail:
        marker = MARKER[self.language]
        subject = builtin.subject(name, self.language, values)
        paragraphs = builtin.paragraphs(name, self.language, values)
        text = "\n\n".join([marker, *paragraphs]) + "\n"
        html = builtin_page(self.language, subject, paragraphs)
        return RenderedEmail(subject, text, html, BUILTIN_REVISION, "builtin", problem)


def keys(language: str) -> Iterator[TextKey]:
    """Every text of one language."""
    for name, notification in NOTIFICATIONS.items():
        for channel in notification.channels:
            for variant in variants_of(name, channel):
                yield TextKey(name, variant, channel, language)


def _why_builtin(slot: _Slot | None, name: str) -> str:
    if slot is None:
        return f"there is no template {name}"
    if slot.good is None and slot.problems:
        return str(slot.problems[0])
    return ""


def _one_line(error: Exception) -> str:
    return str(error) if isinstance(error, TemplateError) else f"rendering failed ({type(error).__name__})"
