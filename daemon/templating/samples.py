"""Owns the sample values with which templates are checked, previewed and compared with stored copies.

Each notification gets a usual context, one for every choice and flag, one with everything empty that may
be, and hostile ones: the longest names, mixed directions, markup, line breaks, a very long subject.
"""

from __future__ import annotations

from collections.abc import Iterator

from daemon.templating.catalogue import Notification, Variable
from daemon.templating.values import Value

Context = dict[str, Value]

TICKET = "FRS-2026-000123-4"
STATUS_URL = "https://furas.momah.gov.sa/c/k7q2m4x9t5w3z8n6"
LONGEST_URL = "https://shakwa.furas.momah.gov.sa/c/k7q2m4x9t5w3z8n6p4r7d2h5"
"""As long as a status page's address gets: the SMS limits are checked with it."""

_USUAL: Context = {
    "ticket_number": TICKET,
    "service_name": "منصة فرص",
    "unified_number": "199040",
    "mailbox_address": "infocs@momah.gov.sa",
    "requester_name": "عبدالله بن محمد القحطاني",
    "requester_email": "abdullah.q@example.com",
    "requester_phone": "+966501234567",
    "writer_email": "partner@example.org",
    "request_number": "4501728",
    "opened_at": "2026-11-23T12:05:00+00:00",
    "joined_at": "2026-11-24T06:30:00+00:00",
    "failed_at": "2026-11-23T13:40:00+00:00",
    "received_at": "2026-11-23T12:05:00+00:00",
    "since": "2026-11-23T11:55:00+00:00",
    "first_response_due": "2026-11-24T12:05:00+00:00",
    "processing_due": "2026-12-07T12:05:00+00:00",
    "processing_days": 10,
    "missing": [],
    "status_url": STATUS_URL,
    "size_mb": 41,
    "limit_mb": 35,
    "state": "open",
    "category": "sla_exceeded",
    "reason": "reply",
    "subject": "تأخر الرد على طلب استثمار موقع في حي النخيل",
    "text": "السلام عليكم،\n"
    "رفعت الطلب رقم 4501728 على منصة فرص منذ شهر ولم يُتخذ أي إجراء بشأنه.\n\nشاكرًا لكم.",
    "attachments": ["صورة الطلب.pdf", "screenshot-01.png"],
    "linked_ticket": "",
    "authenticated": True,
    "from_requester": True,
    "replies_go_to_citizen": True,
    "notification": "received",
    "channel": "email",
    "recipient": "abdullah.q@example.com",
    "error": "550 5.1.1 mailbox unavailable",
    "sender": "staff.member@momah.gov.sa",
    "quarantine_id": "1842",
    "what": "تعذر الاتصال بصندوق البريد",
    "detail": "imap.example.com:993: connection refused\nالمحاولة التالية خلال دقيقة",
}

_BY_KIND: dict[str, Value] = {
    "line": "نص",
    "lines": "سطر\nوسطر",
    "moment": "2026-11-23T12:05:00+00:00",
    "number": 7,
    "flag": True,
    "list": [],
    "url": STATUS_URL,
    "ticket": TICKET,
}

_LONG_NAME = (
    "المهندسة نورة بنت عبدالرحمن بن عبدالعزيز آل عبداللطيف الشمري"
    " - Al Abdullatif Trading & Contracting Co. Ltd."
)
_MARKUP = "**عاجل** <script>alert(1)</script> [اضغط](javascript:alert(1)) {{ ticket_number }} & 'x' \"y\" `z`"
_MIXED = "طلب (ABC-12) رقم 4501728-B/٧ \u202eمقلوب abc \u2066 بلا نهاية"
_BREAKS = "سطر\r\nBcc: victim@example.com\r\n\r\nنص\u2028آخر\u0000\u0085=?utf-8?B?2LQ=?="
_HOSTILE: dict[str, dict[str, str]] = {
    "long": {"line": _LONG_NAME, "lines": (_LONG_NAME + "\n") * 20},
    "mixed": {"line": _MIXED, "lines": f"{_MIXED}\n\u202bشكرًا\n" * 3},
    "markup": {"line": _MARKUP, "lines": f"# {_MARKUP}\n- {_MARKUP}\n---\n> {_MARKUP}"},
    "breaks": {"line": _BREAKS, "lines": _BREAKS * 3},
}
_LONG_SUBJECT = "شكوى بخصوص طلب " * 66


def usual(notification: Notification) -> Context:
    """The context of an ordinary day, which is also the preview's."""
    return {name: _usual_value(name, variable) for name, variable in notification.variables.items()}


def _usual_value(name: str, variable: Variable) -> Value:
    if variable.sample is not None:
        return variable.sample
    if variable.choices and variable.kind == "list":
        return []
    value = _USUAL[name] if name in _USUAL else _BY_KIND[variable.kind]
    if variable.choices and value not in variable.choices:
        return variable.choices[0]
    return value


def contexts(notification: Notification) -> Iterator[tuple[str, Context]]:
    """Every sample as (its name, its values). The name is stable: it names the stored copies."""
    base = usual(notification)
    variables = notification.variables
    yield "usual", base
    yield "empty", {name: _emptied(variables[name], value) for name, value in base.items()}
    yield "full", {**base, **_fullest(notification)}
    for name, variable in variables.items():
        yield from _one_by_one(name, variable, base)
    for label, words in _HOSTILE.items():
        yield label, {name: _hostile(variables[name], value, words) for name, value in base.items()}
    if "subject" in variables:
        yield "long-subject", {**base, "subject": _LONG_SUBJECT}


def _emptied(variable: Variable, value: Value) -> Value:
    if variable.kind == "flag":
        return False
    if not variable.empty:
        return value
    return [] if variable.kind == "list" else ""


def _fullest(notification: Notification) -> Context:
    full: Context = {}
    for name, variable in notification.variables.items():
        if variable.kind == "list" and variable.choices:
            full[name] = list(variable.choices)
        elif name == "linked_ticket":
            full[name] = "FRS-2026-000077-1"
        elif variable.kind == "url":
            full[name] = LONGEST_URL
        elif variable.sample == "" and variable.empty:
            full[name] = _USUAL[name]
    return full


def _one_by_one(name: str, variable: Variable, base: Context) -> Iterator[tuple[str, Context]]:
    if variable.kind == "flag":
        yield f"not-{name}", {**base, name: False}
    elif variable.kind == "list":
        for choice in variable.choices:
            yield f"{name}-{choice}", {**base, name: [choice]}
    elif variable.kind == "number":
        for number in (1, 2, 11):
            yield f"{name}-{number}", {**base, name: number}
    else:
        for choice in variable.choices:
            if choice != base[name]:
                yield f"{name}-{choice or 'none'}", {**base, name: choice}
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
