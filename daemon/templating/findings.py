"""What a check finds in one text, as a problem in the words of its editor."""

from __future__ import annotations

from daemon.templating.errors import Problem, TemplateError
from daemon.templating.names import names
from daemon.templating.remarks import remark
from daemon.templating.source import EmailSource, SmsSource

AnyText = EmailSource | SmsSource
Remark = tuple[str, dict[str, str]]
"""A code of remarks.toml and its values."""


def problem(template: AnyText, line: int, code: str, **values: str) -> Problem:
    """Something wrong in the text's own file; line 0: with all of it."""
    return Problem(template.path, line, remark(template.language, code, **values))


def in_sample(template: AnyText, label: str, found: Remark) -> Problem:
    """Something that shows where the text is filled in with a sample; the usual one needs no name."""
    code, values = found
    if label == "usual":
        return problem(template, 0, code, **values)
    said = remark(template.language, code, **values)
    return problem(template, 0, "in_sample", sample=label, problem=said)


def failed(template: AnyText, label: str, error: TemplateError) -> Problem:
    """A sample could not be rendered."""
    said = remark(template.language, "in_sample", sample=label, problem=error.problem.message)
    return Problem(error.problem.path, error.problem.line, said)


def name_of(template: AnyText, variable: str) -> str:
    """What editors call a variable."""
    found = names(template.language).values
    of_it = (names for key, names in found.items() if key.partition(".")[0] == variable)
    return next(of_it, (variable,))[0]
