"""Renders the texts in force. Rendering always gives a message.

`workflow.variants` decides which text is said. Rendering touches no disk. It falls back from the source in
force to those before it, then to the built-in words (DESIGN §4, Templates). It knows nothing of why a message
is sent or how it travels.
"""

from __future__ import annotations

from collections.abc import Iterator

from daemon.templating import builtin
from daemon.templating.catalogue import NOTIFICATIONS
from daemon.templating.errors import Problem, RenderError, SourceError, TemplateError
from daemon.templating.in_force import TextsInForce
from daemon.templating.keys import TextKey
from daemon.templating.layout import builtin_page
from daemon.templating.marker import MARKER
from daemon.templating.rendered import BUILTIN_REVISION, RenderedEmail, RenderedSms
from daemon.templating.slot import Change, Slot
from daemon.templating.source import EmailSource, SmsSource, segments
from daemon.templating.telling import told
from daemon.templating.values import Value, Values
from daemon.workflow.variants import variant_of
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


class TemplateSet(TextsInForce):
    """All templates of one language. Safe to render from several threads."""

    def _said(self, name: str, channel: Channel, values: Values) -> Slot | None:
        """The slot of the variant that is said. Another variant never takes its place: it says another
        thing."""
        key = TextKey(name, variant_of(name, channel, values), channel, self.language)
        return self._needed(key) if key in self._slots else None

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


def _why_builtin(slot: Slot | None, name: str) -> str:
    if slot is None:
        return f"there is no template {name}"
    if slot.good is None and slot.problems:
        return str(slot.problems[0])
    return ""


def _one_line(error: Exception) -> str:
    return str(error) if isinstance(error, TemplateError) else f"rendering failed ({type(error).__name__})"
