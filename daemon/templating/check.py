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
from daemon.templating.pieces import NO_PIECES, MappingShelf
from daemon.templating.remarks import remark
from daemon.templating.source import EmailSource, SmsSource, normalized, segments
from daemon.templating.telling import told
from daemon.templating.values import Values
from daemon.templating.variables import Notification
from daemon.templating.words import shipped
from daemon.workflow.variants import omitted_in, variants_of

MAX_SEGMENTS = 2
MAX_SUBJECT = 150
"""Longest subject in the ordinary sample; beyond it phones show nothing of use."""

CHECK_SECONDS = 10
CHECK_MEMORY_MB = 512

_OPENERS = {"\u202a": "\u202c", "\u202b": "\u202c", "\u202d": "\u202c", "\u202e": "\u202c"}
_OPENERS |= {"\u2066": "\u2069", "\u2067": "\u2069", "\u2068": "\u2069"}
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")
_BEFORE_COMMAND = re.compile("^[\\s*>\u200e\u200f\u061c\u2066-\u2069\u202a-\u202e]+")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def check(key: TextKey, source: str, shelf: Shelf) -> list[Problem]:
    """Everything that is wrong with `source` as that text; empty when it may serve.

    Looks at the form, names, what must be said, rendering of every sample, subject, direction marks, and SMS
    length (two segments). Never raises on account of the source.
    """
    return examine(key, source, shelf)[1]


def examine(key: TextKey, source: str, shelf: Shelf) -> tuple[EmailSource | SmsSource | None, list[Problem]]:
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
            problems = list(_sms_problems(template, source))
    except TemplateError as error:
        return None, [error.problem]
    return None if problems else template, problems


def _is_declared(key: TextKey, notification: Notification) -> bool:
    is_known = key.language in LANGUAGES and key.channel in notification.channels
    return is_known and key.variant in variants_of(key.name, key.channel)


def _samples(template: EmailSource | SmsSource) -> Iterator[tuple[str, Values]]:
    """What the text is rendered with: the values of which it is said, ready as when they are sent."""
    key, words = template.key, shipped(template.language)
    for label, values in samples.contexts_of(template.notification, key.channel, key.variant):
        yield label, told(template.notification, values, words)


def check_layout(page: str, footer: str, language: str) -> list[Problem]:
    """Everything that is wrong with the page or the footer around the mails."""
    try:
        layout = Layout(page, footer, language)
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


def check_card(source: str, language: str) -> tuple[CardSource | None, list[Problem]]:
    """The cheat card if it may serve, else everything that is wrong with it."""
    try:
        card = CardSource(normalized(source), language)
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
        yield Problem(template.path, line, f"the control character U+{ord(found[0]):04X} is not allowed")
    if line := unbalanced(source):
        yield Problem(template.path, line, "direction marks are not balanced")
    for missing in sorted(_must_be_said(template) - template.names):
        yield Problem(template.path, 0, f"{missing} must be mentioned")


def _must_be_said(template: EmailSource | SmsSource) -> frozenset[str]:
    """The variables that the text must mention; what the program decides by choosing the text is said so."""
    declared = template.notification
    mandatory = declared.mandatory[template.channel]
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
    for marker in MARKER.values():
        if marker in source:
            yield Problem(template.path, 0, "the marker line belongs to the layout, not here")
    for label, values in _samples(template):
        try:
            subject, text, html = template.render(values, _plain_layout(template.language))
        except TemplateError as error:
            yield Problem(error.problem.path, error.problem.line, f"sample {label}: {error.problem.message}")
            return
        problem = _mail_problem(template, label, values, subject, text, html)
        if problem:
            yield Problem(template.path, 0, f"sample {label}: {problem}")
            return


def _mail_problem(
    template: EmailSource, label: str, values: Values, subject: str, text: str, html: str
) -> str:
    number = str(values.get("ticket_number", ""))
    body = text.split("\n")[2:]
    first = next((line for line in body if line.strip()), "")
    must_show = "ticket_number" in template.notification.mandatory["email"]
    if not subject:
        return "the subject is empty"
    if _DIRECTION.search(subject):
        return "direction marks do not belong into a subject"
    if label == "usual" and len(subject) > MAX_SUBJECT:
        return f"the subject is longer than {MAX_SUBJECT} characters"
    if must_show and number not in text:
        return "the ticket number does not appear"
    if must_show and template.notification.audience == "staff" and number not in first:
        return "the first line must name the ticket"
    if unbalanced(text) or unbalanced(html):
        return "direction marks are not balanced"
    if label == "usual" and (name := _unsaid(template, values, text)):
        return f"{name} does not appear"
    if "{{" in source_words(subject, values) or "{%" in source_words(subject, values):
        return "a brace was left in the subject"
    return ""


def _unsaid(template: EmailSource, values: Values, text: str) -> str:
    """The first mandatory variable of words that the text leaves out, or ""."""
    shown = _DIRECTION.sub("", text)
    for name in sorted(_must_be_said(template)):
        variable = template.notification.variables[name]
        said = variable.kind in ("line", "lines") and not variable.choices  # a choice decides, unseen
        words = str(values[name]) if said else ""
        if any(line not in shown for line in words.split("\n")):
            return name
    return ""


def source_words(text: str, values: Values) -> str:
    """`text` if no value brought braces of its own, else ""."""
    return "" if any("{{" in str(value) for value in values.values()) else text


def _sms_problems(template: SmsSource, source: str) -> Iterator[Problem]:
    yield from _source_problems(template, source)
    for label, values in _samples(template):
        try:
            text = template.render(values)
        except TemplateError as error:
            yield Problem(error.problem.path, error.problem.line, f"sample {label}: {error.problem.message}")
            return
        problem = _sms_problem(template, values, text)
        if problem:
            yield Problem(template.path, 0, f"sample {label}: {problem}")
            return


def _sms_problem(template: SmsSource, values: Values, text: str) -> str:
    if not text:
        return "the text is empty"
    if "ticket_number" in template.notification.mandatory["sms"] and str(values["ticket_number"]) not in text:
        return "the ticket number does not appear"
    if _DIRECTION.search(text):
        return "direction marks do not belong into an SMS"
    if (count := segments(text)) > MAX_SEGMENTS:
        return f"{count} segments ({len(text)} characters), at most {MAX_SEGMENTS} are allowed"
    return ""


def check_in_subprocess(
    key: TextKey,
    source: str,
    pieces: Mapping[str, str],
    *,
    seconds: int = CHECK_SECONDS,
    memory_mb: int = CHECK_MEMORY_MB,
) -> list[Problem]:
    """`check` with hard limits: `seconds` of processor and of wall time, `memory_mb` of address space.

    What breaks a limit is a problem like any other. The child gets no environment, so no secret.
    Blocks; a daemon calls it from a worker thread.
    """
    root = resources.import_root()
    job = {"path": key.path, "source": source, "pieces": dict(pieces)}
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
    problems = check(key, job["source"], MappingShelf(job["pieces"]))
    json.dump([[problem.path, problem.line, problem.message] for problem in problems], sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(_child(sys.argv[1:]))
