"""The words that remain when no template can serve, and the marker line. It cannot fail.

They are short on purpose: a citizen reads the number and what happened, staff the number and the text.
"""

from __future__ import annotations

from collections.abc import Mapping

from daemon.templating.formats import business_days_in_words, days
from daemon.templating.values import Values, clean, shorten_list, single_line
from daemon.templating.variables import Audience
from daemon.workflow import notices

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
        "info_warning": "نأمل تزويدنا بالبيانات الناقصة لشكواكم رقم {number}{within}؛ لتجنب إغلاقها.",
        "in_progress": "نفيدكم باستلام بيانات شكواكم رقم {number}، وهي قيد المعالجة.",
        "joined": "نفيدكم بضم رسالتكم إلى شكواكم القائمة رقم {number}.",
        "reopened": "نفيدكم بإعادة فتح شكواكم رقم {number}.",
        "resolved": "نفيدكم بمعالجة شكواكم رقم {number}، ويمكنكم الاعتراض{within}.",
        "closed": "نفيدكم بإغلاق شكواكم رقم {number}، ويمكنكم إعادة فتحها{within}.",
        "closed_no_response": "نفيدكم بإغلاق شكواكم رقم {number}؛ لعدم تلقي ردكم على طلب بياناتها، "
        "ويمكنكم إعادة فتحها{within}.",
        "closed_not_admitted": "نفيدكم بإغلاق شكواكم رقم {number}؛ لعدم استيفاء الشروط، "
        "ويمكنكم إعادة فتحها{within}.",
        "reply": "نفيدكم بوجود رد بشأن شكواكم رقم {number}.",
        "processing_delayed": "نعتذر عن تأخر معالجة شكواكم رقم {number}، وما زالت قيد المعالجة، "
        "ويمكنكم طلب تصعيدها.",
        "escalation_received": "نفيدكم باستلام طلب تصعيد شكواكم رقم {number}.",
        "escalation_too_early": "نفيدكم بتسجيل رغبتكم في تصعيد شكواكم رقم {number}.",
        "escalation_outcome": "نفيدكم بصدور نتيجة طلب تصعيد شكواكم رقم {number}.",
        "survey": "نأمل تقييم معالجة شكواكم رقم {number}.",
        "survey_reminder": "نذكركم بتقييم معالجة شكواكم رقم {number}.",
        "too_large": "نعتذر عن تعذر استلام رسالتكم لكبر حجمها، ونأمل إعادة إرسالها دون المرفقات الكبيرة.",
    },
    "en": {
        "received": "Your complaint is registered under number {number}.",
        "info_requested": "Your complaint is registered under number {number}. "
        "Please send us the number of your request on Furas.",
        "info_warning": "Please send us the missing data of complaint {number}{within} so that it is not "
        "closed.",
        "in_progress": "We have the data of your complaint {number} and are working on it.",
        "joined": "Your message was added to your open complaint {number}.",
        "reopened": "Your complaint {number} is open again.",
        "resolved": "Your complaint {number} was processed. You can object{within}.",
        "closed": "Your complaint {number} is closed. You can have it reopened{within}.",
        "closed_no_response": "Your complaint {number} is closed because we received no answer. "
        "You can have it reopened{within}.",
        "closed_not_admitted": "Your complaint {number} is closed: it does not meet the conditions. "
        "You can have it reopened{within}.",
        "reply": "There is an answer on your complaint {number}.",
        "processing_delayed": "We apologise for the delay of your complaint {number} and are working on it. "
        "You can ask for its escalation.",
        "escalation_received": "We received your escalation of complaint {number}.",
        "escalation_too_early": "We recorded your wish to escalate complaint {number}.",
        "escalation_outcome": "There is an outcome of your escalation of complaint {number}.",
        "survey": "Please rate how we processed your complaint {number}.",
        "survey_reminder": "Please remember to rate how we processed your complaint {number}.",
        "too_large": "Your message was too large for us. Please send it again without large attachments.",
    },
}
_TOLD_STAFF = (
    *("subject", "what", "kind", "ground", "due_at", "command", "error", "detail", "text"),
    *("status_url", "quarantine_id", "breached", "due_today", "history"),
    *("attachments", "attachments_linked", "attachments_kept", "attachments_withheld"),
    *("attachments_infected", "attachments_blocked", "attachments_too_large"),
)
_MAX_ADDRESS = 60
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
<p dir="{{ direction }}" align="{{ side }}" style="text-align:{{ side }};font-size:12px">{{ marker }}</p>
{{ content }}
{{ footer }}
</body>
</html>
"""

FOOTERS: Mapping[str, Mapping[Audience, str]] = {
    "ar": {"citizen": "وزارة البلديات والإسكان\nالرقم الموحد: 199040\n"},
    "en": {"citizen": "Ministry of Municipalities and Housing\nUnified number: 199040\n"},
}
"""By language and audience; below other mails nothing stands."""


def sentence(name: str, language: str, values: Values) -> str:
    """The one sentence for a citizen, in either channel."""
    number = _line(values, "ticket_number")
    words = _SENTENCES[language].get(name, _GENERAL[language])
    if not number and "{number}" in words:
        words = _WITHOUT_NUMBER[language]
    return words.format(number=number, within=_within(language, values))


def _within(language: str, values: Values) -> str:
    """« خلال ثلاثة أيام عمل», or "" where no number of days is known."""
    for key, in_words in (("closure_business_days", business_days_in_words), ("reopen_days", days)):
        count = values.get(key)
        if isinstance(count, int) and not isinstance(count, bool) and count > 0:
            return f" {'خلال' if language == 'ar' else 'within'} {in_words(count, language)}"
    return ""


def sms(name: str, language: str, values: Values) -> str:
    """The SMS: the sentence and the number to call, or the address that it asks to open."""
    address = _line(values, "survey_url")
    tail = address if address and len(address) <= _MAX_ADDRESS else _CONTACT[language]
    return f"{sentence(name, language, values)} {tail}"


def subject(name: str, language: str, values: Values) -> str:
    """The subject: the ticket's number where there is one."""
    number = _line(values, "ticket_number")
    if notices.is_internal(name):
        return f"{_ticket(language, number)}: {name}"
    return _SUBJECT[language].format(number=number) if number else _SUBJECT_WITHOUT[language]


def paragraphs(name: str, language: str, values: Values) -> list[str]:
    """The body's paragraphs, plain text with \\n inside; the caller adds marker and footer."""
    if not notices.is_internal(name):
        greeting = "السلام عليكم ورحمة الله وبركاته،" if language == "ar" else "Dear customer,"
        # Without it there would be nothing to hear or to follow. Staff wrote it, or we did: what a citizen
        # wrote is never sent back from here.
        told = _text(values, notices.of(name).essential)
        return [greeting, sentence(name, language, values), *([told] if told else []), _CONTACT[language]]
    number = _line(values, "ticket_number")
    reaches = values.get("replies_go_to_citizen") is True
    visibility = (_TO_CITIZEN if reaches else _INTERNAL)[language]
    shown = [_text(values, key) for key in _TOLD_STAFF]
    return [f"{_ticket(language, number)} – {visibility}", name, *(text for text in shown if text)]


def _ticket(language: str, number: str) -> str:
    return _TICKET[language].format(number=number) if number else _DESK[language]


def _text(values: Values, key: str) -> str:
    value = values.get(key)
    if isinstance(value, (list, tuple)):
        return "\n".join(single_line(item) for item in shorten_list(value) if isinstance(item, str))
    return clean(value) if isinstance(value, str) else ""


def _line(values: Values, key: str) -> str:
    return single_line(_text(values, key))
