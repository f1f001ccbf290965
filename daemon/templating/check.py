"""Checks whether a text may serve. It renders every sample and chooses no fallback.

Each channel has its own look: `check_email`, `check_sms`. What stands around the mails is checked in
`check_around`; `check_apart` adds hard limits around what an editor just typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from daemon.templating import samples
from daemon.templating.catalogue import LANGUAGES, NOTIFICATIONS
from daemon.templating.check_email import email_problems
from daemon.templating.check_sms import sms_problems
from daemon.templating.content import normalized
from daemon.templating.demanded import must_be_said
from daemon.templating.direction_marks import unbalanced
from daemon.templating.errors import Problem, TemplateError
from daemon.templating.findings import AnyText, name_of, problem
from daemon.templating.form import Shelf
from daemon.templating.hosts import foreign_hosts
from daemon.templating.keys import TextKey
from daemon.templating.remarks import remark
from daemon.templating.setting import Setting
from daemon.templating.source import EmailSource, SmsSource
from daemon.templating.telling import told
from daemon.templating.values import Values
from daemon.templating.variables import Notification
from daemon.templating.words import shipped
from daemon.workflow.variants import CHOICES, variants_of

ANYWHERE = Setting()
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def check(key: TextKey, source: str, shelf: Shelf, setting: Setting = ANYWHERE) -> list[Problem]:
    """Everything that is wrong with `source` as that text; empty when it may serve.

    Looks at the form, names, what must be said, rendering of every sample, subject, direction marks, hosts
    that it leads to, and for an SMS at its length (two segments, with the longest link of `setting`). Never
    raises on account of the source.
    """
    return examine(key, source, shelf, setting)[1]


def examine(
    key: TextKey, source: str, shelf: Shelf, setting: Setting = ANYWHERE
) -> tuple[AnyText | None, list[Problem]]:
    """`check`, and the compiled template if there are no problems."""
    notification = NOTIFICATIONS.get(key.name)
    if notification is None or not _is_declared(key, notification):
        language = key.language if key.language in LANGUAGES else "en"
        return None, [Problem(key.path, 0, remark(language, "no_such_text"))]
    template: AnyText
    try:
        if key.channel == "email":
            template = EmailSource(notification, source, key.language, shelf, key.variant)
            problems = [
                *_source_problems(template, source, setting),
                *email_problems(template, source, _samples(template)),
            ]
        else:
            template = SmsSource(notification, source, key.language, shelf, key.variant)
            problems = [
                *_source_problems(template, source, setting),
                *sms_problems(template, _samples(template), setting),
            ]
    except TemplateError as error:
        return None, [error.problem]
    return None if problems else template, problems


def compiled(key: TextKey, source: str, shelf: Shelf) -> tuple[AnyText | None, list[Problem]]:
    """The text without a look at any sample: for one that was checked before it came in force."""
    make = EmailSource if key.channel == "email" else SmsSource
    try:
        return make(NOTIFICATIONS[key.name], source, key.language, shelf, key.variant), []
    except TemplateError as error:
        return None, [error.problem]


def _is_declared(key: TextKey, notification: Notification) -> bool:
    is_known = key.language in LANGUAGES and key.channel in notification.channels
    return is_known and key.variant in variants_of(key.name, key.channel)


def _samples(template: AnyText) -> Iterator[tuple[str, Values]]:
    """What the text is rendered with: the values of which it is said, ready as when they are sent."""
    key, words = template.key, shipped(template.language)
    for label, values in samples.contexts_of(template.notification, key.channel, key.variant):
        yield label, told(template.notification, values, words)


def _source_problems(template: AnyText, source: str, setting: Setting) -> Iterator[Problem]:
    if found := _CONTROL.search(normalized(source)):
        line = normalized(source).count("\n", 0, found.start()) + 1
        yield problem(template, line, "control_character", sign=f"U+{ord(found[0]):04X}")
    if line := unbalanced(source):
        yield problem(template, line, "marks_unbalanced")
    decided_by = {CHOICES[name].needs for name in template.names if name in CHOICES}
    for missing in sorted(must_be_said(template) - template.names - decided_by):
        yield problem(template, 0, "must_be_mentioned", name=name_of(template, missing))
    for path, words in template.parts.items():
        for number, host in foreign_hosts(words, setting):
            yield Problem(path, number, remark(template.language, "host_not_registered", host=host))
