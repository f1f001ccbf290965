"""Checks what stands around the mails: the page, its footers, and the cheat card below a notice to staff."""

from __future__ import annotations

import re
from collections.abc import Mapping

from daemon.templating import samples
from daemon.templating.card import CardSource
from daemon.templating.catalogue import NOTIFICATIONS
from daemon.templating.content import normalized
from daemon.templating.direction_marks import unbalanced
from daemon.templating.errors import Problem, TemplateError
from daemon.templating.form import Shelf
from daemon.templating.keys import LAYOUT_FILE
from daemon.templating.layout import Layout
from daemon.templating.marker import MARKER
from daemon.templating.pieces import NO_PIECES
from daemon.templating.source import EmailSource
from daemon.templating.variables import Audience

_BEFORE_COMMAND = re.compile("^[\\s*>\u200e\u200f\u061c\u2066-\u2069\u202a-\u202e]+")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def check_layout(page: str, footers: Mapping[Audience, str], language: str) -> list[Problem]:
    """Everything that is wrong with the page or the footers around the mails."""
    try:
        layout = Layout(page, footers, language)
        notification = NOTIFICATIONS["received"]
        probe = EmailSource(notification, "---\nsubject: x\n---\nx\n", language, NO_PIECES)
        _, text, html = probe.render(samples.usual(notification), layout)
    except TemplateError as error:
        return [error.problem]
    problems = []
    if unbalanced(text) or unbalanced(html):
        problems.append(Problem(LAYOUT_FILE, 0, "direction marks are not balanced"))
    if f'dir="{"rtl" if language == "ar" else "ltr"}"' not in html.partition("<h1 ")[0]:
        problems.append(Problem(LAYOUT_FILE, 0, "the page does not state its direction"))
    return problems


def check_card(source: str, language: str, shelf: Shelf) -> tuple[CardSource | None, list[Problem]]:
    """The cheat card if it may serve, else everything that is wrong with it."""
    try:
        card = CardSource(normalized(source), language, shelf)
        problem = _card_problem(card, source)
    except TemplateError as error:
        return None, [error.problem]
    return (None, [Problem(card.path, 0, problem)]) if problem else (card, [])


def _card_problem(card: CardSource, source: str) -> str:
    if any(marker in source for marker in MARKER.values()):
        return "the marker line belongs to the layout, not here"
    if _CONTROL.search(normalized(source)) or unbalanced(source):
        return "control characters, or direction marks that are not balanced"
    for name, values, reply_to in samples.answerable():
        text, html = card.render(name, values, "x", reply_to)
        if unbalanced(text) or unbalanced(html):
            return "direction marks are not balanced"
        if any(_BEFORE_COMMAND.sub("", line).startswith("#") for line in text.split("\n")):
            # Quoted by a program that drops the marker it would be an order.
            return f"sample {name}: a line must not begin with a command"
    return ""
