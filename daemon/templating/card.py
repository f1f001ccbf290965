"""The cheat card at the foot of a notice to staff: the commands that fit it, each a mail ready to send.

Which commands, and every word, stand in LANGUAGE/cheat_card.md; an empty file means no cards. What a
command does is not known here (LESSONS §3, 29). The first three are shown as buttons.
"""

from __future__ import annotations

from daemon.templating import blocks
from daemon.templating.environment import Allowed, Compiled
from daemon.templating.errors import RenderError, SourceError
from daemon.templating.markup import skeleton
from daemon.templating.slots import Frame, fill
from daemon.templating.values import Values

CARD_FILE = "cheat_card.md"

_VARIABLES = ("notification", "state", "ticket_number", "reply_to", "reply_subject")
_MAX_SUBJECT = 150
"""Characters of the subject in a link. An Arabic letter takes six there, and programs on Windows take no
more than 2,083 for all of it."""


class CardSource:
    """A cheat_card.md, ready to render. Raises SourceError."""

    def __init__(self, source: str, language: str) -> None:
        self.path = f"{language}/{CARD_FILE}"
        self.language = language
        self._compiled = Compiled(source, self.path, language, "body", Allowed(_VARIABLES))

    def render(self, notification: str, values: Values, subject: str, reply_to: str) -> tuple[str, str]:
        """The card in text and HTML, each "" where it has nothing to say. Without `reply_to`, the address
        that holds the token, a link could not be proved to come from a notice: there are no links then.

        Raises SourceError for a link that leads elsewhere, RenderError for all else.
        """
        scope = {
            "notification": notification,
            "state": str(values.get("state") or "open"),
            "ticket_number": str(values.get("ticket_number", "")),
            "reply_to": reply_to,
            "reply_subject": f"Re: {subject}"[:_MAX_SUBJECT],
        }
        markdown, slots = self._compiled.run(scope)
        try:
            card = skeleton(markdown.strip(), self.language, kind="card")
        except ValueError as error:
            raise SourceError(self.path, 0, str(error)) from None
        frame = Frame(slots, scope, self.language)
        html = fill(card.html, frame)
        before, behind = blocks.card(self.language)
        return fill(card.text, frame), f"{before}{html}{behind}" if html else ""

    def render_or_nothing(
        self, notification: str, values: Values, subject: str, reply_to: str
    ) -> tuple[str, str]:
        """The same for a notice on its way: it rather goes without its card than in other words."""
        try:
            return self.render(notification, values, subject, reply_to)
        except (RenderError, SourceError):
            return "", ""
