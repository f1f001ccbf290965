"""Checks whether a template may serve. It renders every sample and chooses no fallback.

`check` runs in this process, because the allow-list in `environment` makes every accepted source end quickly.
`check_in_subprocess` adds hard limits of time and memory around what an editor just typed, for the
command line and the browser. `python -m daemon.templating.check` is its other half.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import cache

from daemon import resources
from daemon.templating import samples
from daemon.templating.builtin import MARKER
from daemon.templating.card import CardSource
from daemon.templating.catalogue import LANGUAGES, NOTIFICATIONS
from daemon.templating.errors import Problem, TemplateError
from daemon.templating.form import Shelf
from daemon.templating.keys import TextKey, key_of
from daemon.templating.layout import LAYOUT_FILE, Layout, builtin_layout
from daemon.templating.names import names
from daemon.templating.pieces import NO_PIECES, MappingShelf
from daemon.templating.remarks import remark
from daemon.templating.setting import Setting
from daemon.templating.source import EmailSource, SmsSource, normalized, segments
from daemon.templating.telling import told
from daemon.templating.values import Values
from daemon.templating.variables import Audience, Notification
from daemon.templating.words import shipped
from daemon.workflow.variants import CHOICES, known_in, omitted_in, variants_of

ANYWHERE = Setting()
MAX_SEGMENTS = 2
MAX_SUBJECT = 120
"""Longest subject in the ordinary sample; beyond it phones show nothing of use."""

CHECK_SECONDS = 10
CHECK_MEMORY_MB = 512

_OPENERS = {"\u202a": "\u202c", "\u202b": "\u202c", "\u202d": "\u202c", "\u202e": "\u202c"}
_OPENERS |= {"\u2066": "\u2069", "\u2067": "\u2069", "\u2068": "\u2069"}
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")
_BEFORE_COMMAND = re.compile("^[\\s*>\u200e\u200f\u061c\u2066-\u2069\u202a-\u202e]+")
_HOST = re.compile(r"(?<![\w.@-])(?:[a-z0-9-]+\.)+[a-z]{2,24}(?![\w-])", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def check(key: TextKey, source: str, shelf: Shelf, setting: Setting = ANYWHERE) -> list[Problem]:
    """Everything that is wrong with `source` as that text; empty when it may serve.

    Looks at the form, names, what must be said, rendering of every sample, subject, direction marks, and for
    an SMS at its length (two segments, with the longest link of `setting`) and the hosts it leads to. Never
    raises on account of the source.
    """
    return examine(key, source, shelf, setting)[1]


def examine(
    key: TextKey, source: str, shelf: Shelf, setting: Setting = ANYWHERE
) -> tuple[EmailSource | SmsSource | None, list[Problem]]:
    """`check`, and the compiled template if there are no problems."""
    notification = NOTIFICATIONS.get(key.name)
    if notification is None or not _is_declared(key, notification):
        language = key.language if key.language in LANGUAGES else "en"
        return None, [Problem(key.path, 0, remark(language, "no_such_text"))]
    template: EmailSource | SmsSource
    try:
        if key.channel == "email":
            template = EmailSource(notification, source, key.language, shelf, key.variant)
            problems = list(_email_problems(template, source))
        else:
            template = SmsSource(notification, source, key.language, shelf, key.variant)
            problems = list(_sms_problems(template, source, setting))
    except TemplateError as error:
        return None, [error.problem]
    return None if problems else template, problems


def compiled(key: TextKey, source: str, shelf: Shelf) -> tuple[EmailSource | SmsSource | None, list[Problem]]:
    """The text without a look at any sample: for one that was checked before it came in force."""
    make = EmailSource if key.channel == "email" else SmsSource
    try:
        return make(NOTIFICATIONS[key.name], source, key.language, shelf, key.variant), []
    except TemplateError as error:
        return None, [error.problem]


def _is_declared(key: TextKey, notification: Notification) -> bool:
    is_known = key.language in LANGUAGES and key.channel in notification.channels
    return is_known and key.variant in variants_of(key.name, key.channel)


def _samples(template: EmailSource | SmsSource) -> Iterator[tuple[str, Values]]:
    """What the text is rendered with: the values of which it is said, ready as when they are sent."""
    key, words = template.key, shipped(template.language)
    for label, values in samples.contexts_of(template.notification, key.channel, key.variant):
        yield label, told(template.notification, values, words)


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


@cache
def _plain_layout(language: str) -> Layout:
    return builtin_layout(language)


def unbalanced(text: str) -> int:
    """The first line, from 1, whose direction controls do not close within it (UAX #9), or 0."""
    if not _DIRECTION.search(text):
        return 0
    for number, line in enumerate(text.split("\n"), 1):
        waiting: list[str] = []
        for mark in _DIRECTION.findall(line):
            if mark in _OPENERS:
                waiting.append(_OPENERS[mark])
            elif not waiting or waiting.pop() != mark:
                return number
        if waiting:
            return number
    return 0


def _source_problems(template: EmailSource | SmsSource, source: str) -> Iterator[Problem]:
    if found := _CONTROL.search(normalized(source)):
        line = normalized(source).count("\n", 0, found.start()) + 1
        yield _problem(template, line, "control_character", sign=f"U+{ord(found[0]):04X}")
    if line := unbalanced(source):
        yield _problem(template, line, "marks_unbalanced")
    decided_by = {CHOICES[name].needs for name in template.names if name in CHOICES}
    for missing in sorted(_must_be_said(template) - template.names - decided_by):
        yield _problem(template, 0, "must_be_mentioned", name=_name_of(template, missing))


Remark = tuple[str, dict[str, str]]
"""A code of remarks.toml and its values."""


def _problem(template: EmailSource | SmsSource, line: int, code: str, **values: str) -> Problem:
    return Problem(template.path, line, remark(template.language, code, **values))


def _in_sample(template: EmailSource | SmsSource, label: str, found: Remark) -> Problem:
    code, values = found
    said = remark(template.language, code, **values)
    return _problem(template, 0, "in_sample", sample=label, problem=said)


def _failed(template: EmailSource | SmsSource, label: str, error: TemplateError) -> Problem:
    said = remark(template.language, "in_sample", sample=label, problem=error.problem.message)
    return Problem(error.problem.path, error.problem.line, said)


def _name_of(template: EmailSource | SmsSource, variable: str) -> str:
    """What editors call a variable."""
    found = names(template.language).values
    of_it = (names for key, names in found.items() if key.partition(".")[0] == variable)
    return next(of_it, (variable,))[0]


def _must_be_said(template: EmailSource | SmsSource) -> frozenset[str]:
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


def _email_problems(template: EmailSource, source: str) -> Iterator[Problem]:
    yield from _source_problems(template, source)
    if any(marker in source for marker in MARKER.values()):
        yield _problem(template, 0, "marker_inside")
    for label, values in _samples(template):
        try:
            subject, text, html = template.render(values, _plain_layout(template.language))
        except TemplateError as error:
            yield _failed(template, label, error)
            return
        found = _subject_problem(label, subject) or _body_problem(template, values, text, html)
        if not found and label not in samples.HOSTILE and (name := _unsaid(template, values, text)):
            found = "not_said", {"name": _name_of(template, name)}
        if found:
            yield _in_sample(template, label, found)
            return


def _subject_problem(label: str, subject: str) -> Remark | None:
    if not subject:
        return "subject_empty", {}
    if _DIRECTION.search(subject):
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


def _unsaid(template: EmailSource, values: Values, text: str) -> str:
    """The first mandatory variable of words that the text leaves out, or ""."""
    shown = _DIRECTION.sub("", text)
    for name in sorted(_must_be_said(template)):
        variable = template.notification.variables[name]
        # A choice decides, unseen; a date and a number come in words.
        said = variable.kind in ("line", "lines", "url", "ticket") and not variable.choices
        words = str(values.get(name) or "") if said else ""
        if any(line not in shown for line in words.split("\n")):
            return name
    return ""


def _sms_problems(template: SmsSource, source: str, setting: Setting) -> Iterator[Problem]:
    yield from _source_problems(template, source)
    for host in sorted({found[0].lower() for found in _HOST.finditer(source)} - setting.hosts):
        yield _problem(template, 0, "host_not_registered", host=host)
    for label, values in _samples(template):
        try:
            text = template.render(_with_links(template.notification, values, setting))
        except TemplateError as error:
            yield _failed(template, label, error)
            return
        found = _sms_problem(template, values, text)
        if not found and label not in samples.HOSTILE:
            found = _foreign_in_sms(values, text, setting)
        if found:
            yield _in_sample(template, label, found)
            return


_URL = re.compile(r"(?:https?://|www\.)\S+|(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])", re.IGNORECASE)


def _foreign_in_sms(values: Values, text: str, setting: Setting) -> Remark | None:
    """An address that is not our own link, or a mark that no phone understands, wherever it came from."""
    for value in values.values():
        if isinstance(value, str) and value:
            text = text.replace(value, "")
    text = text.replace(setting.link("c") or "\0", "")
    if (found := _URL.search(text)) and not any(host in found[0].lower() for host in setting.hosts):
        return "host_not_registered", {"host": found[0]}
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
    if _DIRECTION.search(text):
        return "sms_marks", {}
    if (count := segments(text)) > MAX_SEGMENTS:
        return "sms_too_long", {"count": str(count), "length": str(len(text)), "limit": str(MAX_SEGMENTS)}
    return None


def check_in_subprocess(
    key: TextKey,
    source: str,
    pieces: Mapping[str, str],
    setting: Setting = ANYWHERE,
    *,
    seconds: int = CHECK_SECONDS,
    memory_mb: int = CHECK_MEMORY_MB,
) -> list[Problem]:
    """`check` with hard limits: `seconds` of processor and of wall time, `memory_mb` of address space.

    What breaks a limit is a problem like any other. The child gets no environment, so no secret.
    Blocks; a daemon calls it from a worker thread.
    """
    root = resources.import_root()
    job = {"path": key.path, "source": source, "pieces": dict(pieces), "setting": asdict(setting)}
    child = subprocess.Popen(  # noqa: S603 - our own module, no shell
        [sys.executable, "-m", "daemon.templating.check", str(seconds), str(memory_mb)],
        cwd=root,
        env={"PYTHONPATH": str(root), "PYTHONUTF8": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    # communicate(timeout=) polls with time.sleep, which fails under a moved clock; a timer does not.
    guard = threading.Timer(seconds, child.kill)
    guard.start()
    try:
        answer, _ = child.communicate(json.dumps(job).encode())
    finally:
        guard.cancel()
        child.kill()
        child.wait()
    try:
        found = json.loads(answer)
        return [Problem(str(path), int(line), str(message)) for path, line, message in found]
    except ValueError:
        limits = remark(key.language, "too_costly", seconds=str(seconds), memory=str(memory_mb))
        return [Problem(key.path, 0, limits)]


def _child(arguments: list[str]) -> int:
    import resource

    seconds, memory_mb = int(arguments[0]), int(arguments[1])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    job = json.loads(sys.stdin.buffer.read())
    key = key_of(job["path"])
    assert key is not None
    setting = Setting(job["setting"]["public_url"], tuple(job["setting"]["sms_hosts"]))
    problems = check(key, job["source"], MappingShelf(job["pieces"]), setting)
    json.dump([[problem.path, problem.line, problem.message] for problem in problems], sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(_child(sys.argv[1:]))
