"""Checks an e-mail's text as its readers get it: subject, number, what must be said, stray marks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from daemon.templating import samples
from daemon.templating.demanded import unsaid
from daemon.templating.direction_marks import DIRECTION, unbalanced
from daemon.templating.errors import Problem, TemplateError
from daemon.templating.findings import Remark, failed, in_sample, name_of, problem
from daemon.templating.layout import Layout, builtin_layout
from daemon.templating.marker import MARKER
from daemon.templating.source import EmailSource
from daemon.templating.values import Values

MAX_SUBJECT = 120
"""Longest subject in the ordinary sample; beyond it phones show nothing of use."""


@cache
def _plain_layout(language: str) -> Layout:
    return builtin_layout(language)


def email_problems(
    template: EmailSource, source: str, filled: Iterable[tuple[str, Values]]
) -> Iterator[Problem]:
    """What is wrong with the text in the first of the samples that shows it."""
    if any(marker in source for marker in MARKER.values()):
        yield problem(template, 0, "marker_inside")
    for label, values in filled:
        try:
            subject, text, html = template.render(values, _plain_layout(template.language))
        except TemplateError as error:
            yield failed(template, label, error)
            return
        found = _subject_problem(label, subject) or _body_problem(template, values, text, html)
        if not found and label not in samples.HOSTILE and (name := unsaid(template, values, text)):
            found = "not_said", {"name": name_of(template, name)}
        if found:
            yield in_sample(template, label, found)
            return


def _subject_problem(label: str, subject: str) -> Remark | None:
    if not subject:
        return "subject_empty", {}
    if DIRECTION.search(subject):
        return "subject_marks", {}
    if label == "usual" and len(subject) > MAX_SUBJECT:
        return "subject_too_long", {"limit": str(MAX_SUBJECT)}
    return None


def _body_problem(template: EmailSource, values: Values, text: str, html: str) -> Remark | None:
    number = str(values.get("ticket_number", ""))
    first = next((line for line in text.split("\n")[2:] if line.strip()), "")
    if "ticket_number" in template.notification.mandatory["email"]:
        if number not in text:
            return "number_not_shown", {}
        if template.notification.audience == "staff" and number not in first:
            return "first_line_without_number", {}
    if unbalanced(text) or unbalanced(html):
        return "marks_unbalanced", {}
    if "**" in text and not any("*" in str(value) for value in values.values()):
        return "bold_not_closed", {}
    return None
