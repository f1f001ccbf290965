"""Owns the words that remain when no template can serve, and the marker line. Cannot fail.

They are short on purpose: a citizen hears the number and what happened, staff the number and the text.
"""

from __future__ import annotations

from collections.abc import Mapping

from daemon.templating.values import Values, clean, single_line

MARKER: Mapping[str, str] = {
    "ar": "## الرجاء الرد أعلى هذا السطر ##",
    "en": "## Please reply above this line ##",
}
"""First line of both parts of every mail: a reply's new text stands above it."""

_GENERAL = {
    "ar": "نفيدكم بوجود مستجدات على شكواكم رقم {number}.",
    "en": "There is news about your complaint {number}.",
}
_WITHOUT_NUMBER = {
    "ar": "نفيدكم بوصول رسالتكم إلى العناية بالعملاء.",
    "en": "Your message has reached customer care.",
}
_SENTENCES: Mapping[str, Mapping[str, str]] = {
    "ar": {
        "received": "نفيدكم بتسجيل شكواكم برقم {number}.",
        "info_requested": "نفيدكم بتسجيل شكواكم برقم {number}، ونأمل تزويدنا برقم الطلب على منصة فرص.",
        "info_warning": "نأمل تزويدنا بالبيانات الناقصة لشكواكم رقم {number} لتجنب إغلاقها.",
        "in_progress": "نفيدكم باستلام بيانات شكواكم رقم {number}، وهي قيد المعالجة.",
        "joined": "نفيدكم بضم رسالتكم إلى شكواكم القائمة رقم {number}.",
        "reopened": "نفيدكم بإعادة فتح شكواكم رقم {number}.",
        "resolved": "نفيدكم بمعالجة شكواكم رقم {number}.",
        "closed": "نفيدكم بإغلاق شكواكم رقم {number}.",
        "closed_no_response": "نفيدكم بإغلاق شكواكم رقم {number} لعدم اكتمال بياناتها.",
        "closed_not_admitted": "نفيدكم بإغلاق شكواكم رقم {number} لعدم استيفاء شروط استقبال الشكاوى.",
        "too_large": "تعذر استلام رسالتكم لكبر حجمها، ونأمل إعادة إرسالها دون المرفقات الكبيرة.",
    },
    "en": {
        "received": "Your complaint is registered under number {number}.",
        "info_requested": "Your complaint is registered under number {number}. "
        "Please send us the number of your request on Furas.",
        "info_warning": "Please send us the missing data of complaint {number} so that it is not closed.",
        "in_progress": "We have the data of your complaint {number} and are working on it.",
        "joined": "Your message was added to your open complaint {number}.",
        "reopened": "Your complaint {number} is open again.",
        "resolved": "Your complaint {number} was processed.",
        "closed": "Your complaint {number} is closed.",
        "closed_no_response": "Your complaint {number} is closed because its data is incomplete.",
        "closed_not_admitted": "Your complaint {number} is closed: it does not meet the conditions.",
        "too_large": "Your message was too large for us. Please send it again without large attachments.",
    },
}
_CONTACT = {"ar": "الرقم الموحد: 199040", "en": "Unified number: 199040"}
_SUBJECT = {"ar": "شكواكم رقم {number}", "en": "Your complaint {number}"}
_SUBJECT_WITHOUT = {"ar": "العناية بالعملاء - منصة فرص", "en": "Furas customer care"}
_TO_CITIZEN = {
    "ar": "الرد على هذه الرسالة يصل إلى العميل",
    "en": "a reply to this message reaches the customer",
}
_INTERNAL = {
    "ar": "الرد على هذه الرسالة داخلي ولا يصل إلى العميل",
    "en": "a reply to this message stays internal and does not reach the customer",
}
_TICKET = {"ar": "الشكوى {number}", "en": "Ticket {number}"}
_DESK = {"ar": "نظام الشكاوى", "en": "Complaint desk"}

LAYOUT = """<!DOCTYPE html>
<html lang="{{ language }}" dir="{{ direction }}">
<head><meta charset="utf-8"><title>{{ subject }}</title></head>
<body dir="{{ direction }}" style="font-family:Tahoma,Arial,sans-serif;font-size:16px;line-height:1.8">
<p style="margin:0 0 16px;font-size:12px;color:#5f6b65">{{ marker }}</p>
{{ content }}
{{ footer }}
</body>
</html>
"""

FOOTER = {
    "ar": '{% if audience == "citizen" %}\nوزارة البلديات والإسكان\nالرقم الموحد: 199040\n{% endif %}\n',
    "en": '{% if audience == "citizen" %}\n'
    "Ministry of Municipalities and Housing\nUnified number: 199040\n{% endif %}\n",
}


def is_for_staff(name: str) -> bool:
    """Whether a notification stays inside, by its name alone: it may be one that nobody declared."""
    return name.startswith(("staff_", "operator_"))


def sentence(name: str, language: str, values: Values) -> str:
    """The one sentence for a citizen, in either channel."""
    number = _line(values, "ticket_number")
    words = _SENTENCES[language].get(name, _GENERAL[language])
    if not number and "{number}" in words:
        words = _WITHOUT_NUMBER[language]
    return words.format(number=number)


def sms(name: str, language: str, values: Values) -> str:
    """The SMS: the sentence and the number to call."""
    return f"{sentence(name, language, values)} {_CONTACT[language]}"


def subject(name: str, language: str, values: Values) -> str:
    """The subject: the ticket's number where there is one."""
    number = _line(values, "ticket_number")
    if is_for_staff(name):
        return f"{_ticket(language, number)}: {name}"
    return _SUBJECT[language].format(number=number) if number else _SUBJECT_WITHOUT[language]


def paragraphs(name: str, language: str, values: Values) -> list[str]:
    """The body's paragraphs, plain text with \\n inside; the caller adds marker and footer."""
    if not is_for_staff(name):
        greeting = "السلام عليكم ورحمة الله وبركاته،" if language == "ar" else "Dear customer,"
        return [greeting, sentence(name, language, values), _CONTACT[language]]
    number = _line(values, "ticket_number")
    reaches = values.get("replies_go_to_citizen") is True
    visibility = (_TO_CITIZEN if reaches else _INTERNAL)[language]
    told = [
        _text(values, key) for key in ("subject", "what", "detail", "text", "status_url", "quarantine_id")
    ]
    return [f"{_ticket(language, number)} – {visibility}", name, *(text for text in told if text)]


def _ticket(language: str, number: str) -> str:
    return _TICKET[language].format(number=number) if number else _DESK[language]


def _text(values: Values, key: str) -> str:
    value = values.get(key)
    return clean(value) if isinstance(value, str) else ""


def _line(values: Values, key: str) -> str:
    return single_line(_text(values, key))
