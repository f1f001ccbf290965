"""Says what a sample shows, in the words of the pages: an ordinary day, a lack, one choice of a value."""

from __future__ import annotations

from typing import Final

from daemon.templating.catalogue import NOTIFICATIONS
from daemon.templating.keys import PageKey, TextKey
from daemon.templating.names import names
from daemon.templating.variables import Variable
from daemon.templating.words import shipped
from daemon.web.admin.visits import Visit

NAMED: Final = ("usual", "empty", "full", "long", "mixed", "markup", "breaks", "long-subject")
"""Samples that have words of their own."""


def label_of(visit: Visit, label: str, key: TextKey | PageKey) -> str:
    """What the select shows for a sample."""
    if label in NAMED:
        return str(visit.say(f"sample_{label.replace('-', '_')}"))
    variables = NOTIFICATIONS[key.name].variables
    if label in variables:
        return plain(visit, "sample_yes", _name(label, key.language))
    for prefix, word in (("no-", "sample_without"), ("not-", "sample_no")):
        if label.startswith(prefix) and label.removeprefix(prefix) in variables:
            return plain(visit, word, _name(label.removeprefix(prefix), key.language))
    name, _, choice = label.partition("-")
    if name in variables:
        said = _choice(variables[name], choice, key.language)
        return f"{_name(name, key.language)}: {said}"
    return label.replace("-", " ")


def plain(visit: Visit, word: str, name: str) -> str:
    """A sentence of the pages as text: an option holds no elements."""
    return visit.say(word, name=name).striptags()


def _name(variable: str, language: str) -> str:
    found = names(language).values
    return next((spelt[0] for key, spelt in found.items() if key.partition(".")[0] == variable), variable)


def _choice(variable: Variable, choice: str, language: str) -> str:
    return shipped(language).name(variable.worded, choice) if variable.worded else choice
