"""Checks an SMS's text as a phone shows it: segments with the longest link, number, marks and addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from daemon.templating import samples
from daemon.templating.direction_marks import DIRECTION
from daemon.templating.errors import Problem, TemplateError
from daemon.templating.findings import Remark, failed, in_sample
from daemon.templating.setting import Setting
from daemon.templating.source import SmsSource, segments
from daemon.templating.values import Values
from daemon.templating.variables import Notification

MAX_SEGMENTS = 2


def sms_problems(
    template: SmsSource, filled: Iterable[tuple[str, Values]], setting: Setting
) -> Iterator[Problem]:
    """What is wrong with the text in the first of the samples that shows it."""
    for label, values in filled:
        try:
            text = template.render(_with_links(template.notification, values, setting))
        except TemplateError as error:
            yield failed(template, label, error)
            return
        found = _sms_problem(template, values, text)
        if not found and label not in samples.HOSTILE:
            found = _stray(values, text, setting)
        if found:
            yield in_sample(template, label, found)
            return


def _stray(values: Values, text: str, setting: Setting) -> Remark | None:
    """A mark that no phone understands, wherever it came from."""
    for value in values.values():
        if isinstance(value, str) and value:
            text = text.replace(value, "")
    text = text.replace(setting.link("c") or "\0", "")
    if found := re.search(r"\*\*|\]\(|^#|[\[\]]", text):
        return "no_marks_in_sms", {"found": found[0]}
    return None


def _with_links(notification: Notification, values: Values, setting: Setting) -> Values:
    """The sample with links as long as they get at this desk."""
    if not setting.public_url:
        return values
    links = {
        name: setting.link("c")
        for name, variable in notification.given.items()
        if variable.kind == "url" and values.get(name)
    }
    return {**values, **links}


def _sms_problem(template: SmsSource, values: Values, text: str) -> Remark | None:
    if not text:
        return "sms_empty", {}
    if "ticket_number" in template.notification.mandatory["sms"] and str(values["ticket_number"]) not in text:
        return "number_not_shown", {}
    if DIRECTION.search(text):
        return "sms_marks", {}
    if (count := segments(text)) > MAX_SEGMENTS:
        return "sms_too_long", {"count": str(count), "length": str(len(text)), "limit": str(MAX_SEGMENTS)}
    return None
