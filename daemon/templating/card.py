"""The cheat card at the foot of a notice to staff: the commands that fit it, each a mail ready to send.

Every word stands in LANGUAGE/cheat_card.md, and which commands in the pieces that it names; an empty file
means no cards. What a command does is not known here (LESSONS §3, 29). The first three are shown as buttons.
"""

from __future__ import annotations

from daemon.templating import blocks
from daemon.templating.environment import Allowed, Compiled
from daemon.templating.errors import RenderError, SourceError
from daemon.templating.form import Shelf
from daemon.templating.form_writing import Writer
from daemon.templating.keys import CARD_FILE
from daemon.templating.markup import skeleton
from daemon.templating.names import names
from daemon.templating.slots import Frame, fill
from daemon.templating.values import Values
from daemon.templating.variables import Notification, Variable
from daemon.workflow.vocabulary import STATES

CARD = Notification(
    "cheat_card",
    "staff",
    ("email",),
    {
        "notification": Variable(),
        "state": Variable(choices=STATES),
        "ticket_number": Variable("ticket"),
        "reply_to": Variable(),
        "reply_subject": Variable(),
        # What the program decides: whether a link can be followed, and which commands fit.
        "following": Variable(choices=("linked", "plain"), is_derived=True),
        "deciding": Variable(choices=("", "escalation"), is_derived=True),
        "to_citizen": Variable(choices=("", "processing", "escalation", "resolved"), is_derived=True),
        "inside": Variable(choices=("running", "ended"), is_derived=True),
    },
    {},
)
"""What a card may say, as the catalogue says it of a mail."""
_MAX_SUBJECT = 150
"""Characters of the subject in a link. An Arabic letter takes six there, and programs on Windows take no
more than 2,083 for all of it."""


def _to_citizen(notification: str, state: str) -> str:
    """Of which commands the text reaches the citizen. While an escalation waits to be decided some do not
    fit."""
    if state in ("open", "awaiting_info"):
        return "escalation" if notification == "staff_escalated" else "processing"
    return state if state == "resolved" else ""


class CardSource:
    """A cheat_card.md, ready to render. Raises SourceError."""

    def __init__(self, source: str, language: str, shelf: Shelf) -> None:
        self.path = f"{language}/{CARD_FILE}"
        self.language = language
        written = Writer(CARD, language, names(language), shelf).jinja(source, self.path, "body")
        self._compiled = Compiled(written, self.path, language, "body", Allowed(CARD.variables))

    def render(self, notification: str, values: Values, subject: str, reply_to: str) -> tuple[str, str]:
        """The card in text and HTML, each "" where it has nothing to say. Without `reply_to`, the address
        that holds the token, a link could not be proved to come from a notice: there are no links then.

        Raises SourceError for a link that leads elsewhere, RenderError for all else.
        """
        state = str(values.get("state") or "open")
        scope = {
            "notification": notification,
            "state": state,
            "following": "linked" if reply_to else "plain",
            "deciding": "escalation" if notification == "staff_escalated" else "",
            "to_citizen": _to_citizen(notification, state),
            "inside": "ended" if state in ("resolved", "closed") else "running",
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
