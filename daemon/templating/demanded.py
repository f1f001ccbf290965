"""Tells which values a text must say, and which of them a rendering left out."""

from __future__ import annotations

from daemon.templating.direction_marks import DIRECTION
from daemon.templating.findings import AnyText
from daemon.templating.source import EmailSource
from daemon.templating.values import Values
from daemon.workflow.variants import known_in, omitted_in, variants_of


def must_be_said(template: AnyText) -> frozenset[str]:
    """The variables that the text must mention; what the program decides by choosing the text is said so."""
    declared = template.notification
    promised = set(known_in(declared.name, template.key.variant))
    if template.channel == "sms":
        promised &= {"other_ticket"}  # words of staff are said by mail alone
    mandatory = declared.mandatory[template.channel] | (promised & {"text", "other_ticket"})
    if len(variants_of(declared.name, template.channel)) == 1:
        return mandatory
    decided = {
        name
        for name in mandatory
        if declared.variables[name].choices or declared.variables[name].kind == "flag"
    }
    return mandatory - decided - set(omitted_in(declared.name, template.key.variant))


def unsaid(template: EmailSource, values: Values, text: str) -> str:
    """The first mandatory variable of words that the text leaves out, or ""."""
    shown = DIRECTION.sub("", text)
    for name in sorted(must_be_said(template)):
        variable = template.notification.variables[name]
        # A choice decides, unseen; a date and a number come in words.
        said = variable.kind in ("line", "lines", "url", "ticket") and not variable.choices
        words = str(values.get(name) or "") if said else ""
        if any(line not in shown for line in words.split("\n")):
            return name
    return ""
