"""The sample values with which templates are checked, previewed and compared with stored copies.

Each notification gets a usual context, one for every choice and flag, one with everything empty that may
be, and hostile ones: the longest names, mixed directions, markup, line breaks, a very long subject.
"""

from __future__ import annotations

from collections.abc import Iterator

from daemon.templating.catalogue import NOTIFICATIONS
from daemon.templating.sample_values import (
    BY_KIND,
    FILES,
    HOSTILE_WORDS,
    LONG_SUBJECT,
    LONGEST_URL,
    REPLY_TO,
    TOGETHER,
    USUAL,
    USUAL_OF,
    VARIANTS_OF,
    Context,
)
from daemon.templating.values import Value
from daemon.templating.variables import Notification, Variable
from daemon.workflow.variants import variant_of
from daemon.workflow.vocabulary import DeliveryChannel

__all__ = ["HOSTILE", "REPLY_TO", "Context", "answerable", "contexts", "contexts_of", "usual", "value_of"]

HOSTILE = (*HOSTILE_WORDS, "long-subject")
"""The samples of what a stranger may write."""


def usual(notification: Notification) -> Context:
    """The context of an ordinary day, which is also the preview's."""
    values = {name: _usual_value(name, variable) for name, variable in notification.given.items()}
    return values | USUAL_OF.get(notification.name, {})


def _usual_value(name: str, variable: Variable) -> Value:
    if variable.sample is not None:
        return variable.sample
    if variable.choices and variable.kind == "list":
        return []
    value = USUAL[name] if name in USUAL else BY_KIND[variable.kind]
    if variable.choices and value not in variable.choices:
        return variable.choices[0]
    return value


def value_of(name: str) -> Value | None:
    """What a variable of that name usually holds, where anything is usual."""
    return USUAL.get(name)


def answerable() -> Iterator[tuple[str, Context, str]]:
    """Every notice to staff that can be answered with commands, in every state of its ticket, with the
    address that takes them and without: name, values, address."""
    for name, notification in NOTIFICATIONS.items():
        if notification.audience == "staff" and "ticket_number" in notification.variables:
            for state in ("open", "awaiting_info", "resolved", "closed"):
                for address in (REPLY_TO, ""):
                    yield name, {**usual(notification), "state": state}, address


def contexts_of(
    notification: Notification, channel: DeliveryChannel, variant: str
) -> Iterator[tuple[str, Context]]:
    """The samples of which one variant is said, around an ordinary one; none where nothing leads to it."""

    def is_said(values: Context) -> bool:
        return variant_of(notification.name, channel, {**notification.defaults, **values}) == variant

    base = next((values for _, values in contexts(notification) if is_said(values)), None)
    if base is not None:
        yield from ((label, values) for label, values in _around(notification, base) if is_said(values))
        yield from ((label, values) for label, values in _led(notification) if is_said(values))


def contexts(notification: Notification) -> Iterator[tuple[str, Context]]:
    """Every sample as (its name, its values). The name is stable: it names the stored copies."""
    yield from _around(notification, usual(notification))
    yield from _led(notification)


def _led(notification: Notification) -> Iterator[tuple[str, Context]]:
    for label, values in VARIANTS_OF.get(notification.name, {}).items():
        yield label, {**usual(notification), **values}


def _around(notification: Notification, base: Context) -> Iterator[tuple[str, Context]]:
    variables = notification.given
    yield "usual", base
    yield "empty", {name: _emptied(variables[name], value) for name, value in base.items()}
    yield "full", {**base, **_fullest(notification)}
    for name, variable in variables.items():
        yield from _one_by_one(name, variable, base)
    for label, words in HOSTILE_WORDS.items():
        yield label, {name: _hostile(variables[name], value, words) for name, value in base.items()}
    if "subject" in variables:
        yield "long-subject", {**base, "subject": LONG_SUBJECT}


def _emptied(variable: Variable, value: Value) -> Value:
    if variable.kind == "flag":
        return False
    if not variable.empty:
        return value
    return [] if variable.kind == "list" else ""


def _fullest(notification: Notification) -> Context:
    full: Context = {}
    for name, variable in notification.given.items():
        if variable.kind == "list" and variable.choices:
            full[name] = list(variable.choices)
        elif name in ("linked_ticket", "other_ticket"):
            full[name] = "FRS-2026-000077-1"
        elif name in FILES:
            full[name] = FILES[name]
        elif variable.kind == "url":
            full[name] = LONGEST_URL
        elif variable.sample == "" and variable.empty:
            full[name] = USUAL[name]
    return full


def _one_by_one(name: str, variable: Variable, base: Context) -> Iterator[tuple[str, Context]]:
    together = {key: value for key, value in TOGETHER.get(name, {}).items() if key in base}
    if variable.kind == "flag":
        is_usual = bool(base[name])
        yield (f"not-{name}" if is_usual else name), {**base, **together, name: not is_usual}
    elif variable.kind == "list":
        for choice in variable.choices:
            yield f"{name}-{choice}", {**base, name: [choice]}
    elif variable.kind == "number":
        for number in (1, 2, 3, 11):
            yield f"{name}-{number}", {**base, name: number}
    else:
        for choice in variable.choices:
            if choice != base[name] or together:
                yield f"{name}-{choice or 'none'}", {**base, **together, name: choice}
        if variable.empty and not variable.choices:
            yield f"no-{name}", {**base, name: ""}


def _hostile(variable: Variable, value: Value, words: dict[str, str]) -> Value:
    if variable.choices:
        return value
    if variable.kind in ("line", "lines"):
        return words[variable.kind]
    if variable.kind == "list":
        return [words["line"]] * 3
    return value
