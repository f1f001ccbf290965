"""Keeps the templates in force in one language. Rendering always gives a message.

It takes `LANGUAGE/NAME[.VARIANT].email.md` and `.sms.txt` and their `pieces/` from its `sources`, and what
stands around them by `around`. `workflow.variants` decides which is said. A text that fails its check never
replaces the good one in memory. Rendering touches no disk. It falls back from the source in force to those
before it, then to the built-in words (DESIGN §4, Templates). It knows nothing of why a message is sent or how
it travels.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from daemon.templating import builtin
from daemon.templating.around import Around
from daemon.templating.catalogue import LANGUAGES, NOTIFICATIONS
from daemon.templating.check import compiled, examine
from daemon.templating.content import revision_of
from daemon.templating.errors import Problem, RenderError, SourceError, TemplateError
from daemon.templating.keys import TextKey
from daemon.templating.layout import builtin_page
from daemon.templating.marker import MARKER
from daemon.templating.pieces import SourcesShelf
from daemon.templating.rendered import BUILTIN_REVISION, RenderedEmail, RenderedSms
from daemon.templating.slot import Change, Slot
from daemon.templating.source import EmailSource, SmsSource, segments
from daemon.templating.sources import Folder, Sources, why_unreadable
from daemon.templating.telling import told
from daemon.templating.values import Value, Values
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
        self._slots: dict[TextKey, Slot] = {key: Slot(key) for key in keys(language)}
        self._shelf = SourcesShelf(self.sources)
        self._around = Around(self.sources, language, self._shelf)
        self._checked_at = float("-inf")

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
        found = self._around.problems()
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

    def _needed(self, key: TextKey) -> Slot:
        """The slot, its file read if nobody has yet. Raises KeyError."""
        slot = self._slots[key]
        if slot.is_unread:
            # Twice at once in two threads does no harm: both read the same file.
            self._reload_one(key, slot)
        return slot

    def _said(self, name: str, channel: Channel, values: Values) -> Slot | None:
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
        self._around.reload()
        self._reload_pieces()
        changes = []
        for key, slot in self._slots.items():
            if used_alone and slot.is_unread:
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

    def _reload_one(self, key: TextKey, slot: Slot) -> Change | None:
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
        self._around.take_pieces(self._shelf)
        for slot in self._slots.values():
            if slot.content is not None:
                slot.content, slot.signature, slot.problems = None, None, ()

    # --- rendering

    def render_email(self, name: str, values: Values, reply_to: str | None = None) -> RenderedEmail:
        """The e-mail `name` with `values`. Never raises: see `fallback` and `problem` of the result.

        `reply_to`: for a notice to staff that can be answered with commands, the address that takes them,
        or "" where only a reply to the notice itself is understood; the cheat card stands at its foot.
        """
        values = self._told(name, values)
        slot = self._said(name, "email", values)
        card = self._around.card() if reply_to is not None else None
        problem = _why_builtin(slot, name)
        for template, fallback in self._candidates(slot):
            if isinstance(template, EmailSource):
                try:
                    subject, text, html = template.render(values, self._around.layout, card, reply_to or "")
                except Exception as error:  # noqa: BLE001 - the citizen must hear, whatever it is
                    problem = problem or _one_line(error)
                else:
                    audience = template.notification.audience
                    made_of = self._around.made_of(audience, has_card=card is not None)
                    made_of = {**template.revisions, **made_of}
                    return RenderedEmail(subject, text, html, template.revision, fallback, problem, made_of)
        return self._builtin_email(name, values, problem)

    def _candidates(self, slot: Slot | None) -> Iterator[tuple[EmailSource | SmsSource | None, str]]:
        """What may serve, the best first. What came before this process is compiled only where it must."""
        if slot is None:
            return
        yield slot.good, ""
        yield slot.previous, "previous"
        for source in self.sources.earlier(slot.key.path):
            yield self._made(slot.key, source)[0], "previous"

    def _told(self, name: str, values: Values) -> Values:
        notification = NOTIFICATIONS.get(name)
        return told(notification, values, self._around.words()) if notification else values

    def render_sms(self, name: str, values: Values) -> RenderedSms:
        """The SMS `name` with `values`. Never raises, like `render_email`."""
        values = self._told(name, values)
        slot = self._said(name, "sms", values)
        problem = _why_builtin(slot, name)
        for template, fallback in self._candidates(slot):
            if isinstance(template, SmsSource):
                try:
                    text = template.render(values)
                    made_of = {**template.revisions, **self._around.made_of(None, has_card=False)}
                    count = segments(text)
                    return RenderedSms(text, count, template.revision, fallback, problem, made_of)
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


def _why_builtin(slot: Slot | None, name: str) -> str:
    if slot is None:
        return f"there is no template {name}"
    if slot.good is None and slot.problems:
        return str(slot.problems[0])
    return ""


def _one_line(error: Exception) -> str:
    return str(error) if isinstance(error, TemplateError) else f"rendering failed ({type(error).__name__})"
