"""Makes the values of a notification ready for its text: codes get words, a stranger's words lose their
links, and what the program decides by several values becomes one choice."""

from __future__ import annotations

from dataclasses import replace

from daemon.templating.defanging import defanged
from daemon.templating.form import IN_WORDS
from daemon.templating.values import Value, Values
from daemon.templating.variables import Notification, Variable
from daemon.templating.words import Words
from daemon.workflow.listed import unpacked
from daemon.workflow.variants import CHOICES


def told(notification: Notification, values: Values, words: Words) -> Values:
    """`values`, and beside them what a text shows instead of codes."""
    with_defaults = {**notification.defaults, **values}
    found: dict[str, Value] = {}
    for key, variable in notification.variables.items():
        if variable.is_derived:
            found[key] = CHOICES[key].choose(with_defaults)
            continue
        value = with_defaults.get(key)
        if value is not None:
            found |= _one(key, variable, value, words)
            if value and variable.is_foreign and not _is_ours(variable, values):
                found[key] = _defanged(value)
    return {**values, **found} if found else values


def _is_ours(variable: Variable, values: Values) -> bool:
    return bool(values.get(variable.unless, bool(variable.unless)))


def _one(key: str, variable: Variable, value: Value, words: Words) -> dict[str, Value]:
    items = [str(one) for one in value] if isinstance(value, list | tuple) else None
    if variable.worded and variable.choices:
        table = variable.worded
        if items is None:
            return {f"{key}{IN_WORDS}": words.name(table, str(value)) if value else ""}
        ordered = [choice for choice in variable.choices if choice in items]
        return {f"{key}{IN_WORDS}": [words.name(table, one) for one in ordered]}
    if variable.told == "history" and items is not None:
        return {key: [words.value(one) for one in items]}
    if variable.told == "listed" and items is not None:
        return {key: [_listed(one, words) for one in items]}
    if variable.told == "notification":
        if items is not None:
            return {key: [words.name("notification", one) for one in items]}
        return {key: words.name("notification", str(value))}
    return {}


def _listed(item: str, words: Words) -> str:
    """One complaint of a list; its subject is a stranger's, and shown without links."""
    found = unpacked(item)
    return words.listed(replace(found, subject=defanged(found.subject))) if found else item


def _defanged(value: Value) -> Value:
    if isinstance(value, list | tuple):
        return [defanged(one) for one in value]
    return defanged(str(value))
