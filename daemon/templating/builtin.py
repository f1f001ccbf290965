"""The words that remain when no template can serve, and the marker line. It cannot fail.

They are short on purpose: a citizen reads the number, what happened, by when to answer and what staff wrote
to them; staff the number and the text. All other words stand in templates/; these must not, since they are
said when no file of texts can be read.
"""

from __future__ import annotations

from collections.abc import Mapping

from daemon.templating.catalogue import NOTIFICATIONS
from daemon.templating.form import IN_WORDS
from daemon.templating.formats import business_days_in_words, days, listed, moment
from daemon.templating.values import Values, clean, shorten_list, single_line
from daemon.templating.variables import Audience
from daemon.workflow import notices
from daemon.workflow.variants import CHOICES, variant_of
from daemon.workflow.vocabulary import DeliveryChannel

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
        "info_requested": "نفيدكم بتسجيل شكواكم برقم {number}، ونأمل تزويدنا برقم الطلب.",
        "info_requested.by_staff": "نأمل تزويدنا ببيانات إضافية لشكواكم رقم {number}.",
        "info_requested.by_staff_no_link": "نأمل تزويدنا ببيانات إضافية لشكواكم رقم {number}، بالرد على "
        "رسالتنا في بريدكم.",
        "info_warning": "نأمل إكمال شكواكم {number}{within_of_arrival}؛ لئلا تُغلق.",
        "in_progress": "نفيدكم باستلام بيانات شكواكم رقم {number}، وهي قيد المعالجة.",
        "joined": "نفيدكم بضم رسالتكم إلى شكواكم القائمة رقم {number}.",
        "joined.reopened": "نفيدكم بإعادة فتح شكواكم رقم {number}، وقد ضُمت إليها رسالتكم.",
        "reopened": "نفيدكم بإعادة فتح شكواكم رقم {number}.",
        "resolved": "عولجت شكواكم {number}، ويمكنكم الاعتراض{within_of_arrival}.",
        "closed": "نفيدكم بإغلاق شكواكم رقم {number} بعد معالجتها، ويمكنكم إعادة فتحها{within}.",
        "closed.late": "نفيدكم بإغلاق شكواكم رقم {number} بعد معالجتها، ويمكنكم إعادة فتحها أو "
        "تصعيدها{within}.",
        "closed.duplicate": "نفيدكم بإغلاق شكواكم رقم {number}؛ لتكرارها، ويمكنكم إعادة فتحها أو "
        "تصعيدها{within}.",
        "closed.withdrawn": "نفيدكم بإغلاق شكواكم رقم {number} بناءً على طلبكم، ويمكنكم إعادة فتحها{within}.",
        "closed.merged": "نفيدكم بضم شكواكم رقم {number} إلى شكواكم رقم {other}، وتُستكمل المعالجة بالرقم "
        "الأخير.",
        "closed_no_response": "نفيدكم بإغلاق شكواكم رقم {number}؛ لعدم تلقي ردكم، ويمكنكم إعادة فتحها أو "
        "تصعيدها{within}.",
        "closed_not_admitted": "نفيدكم بإغلاق شكواكم رقم {number}؛ لعدم استيفاء الشروط، ويمكنكم إعادة "
        "فتحها أو تصعيدها{within}.",
        "reply": "نفيدكم بوجود رد بشأن شكواكم رقم {number}.",
        "status": "حالة شكواكم رقم {number}: {standing}.",
        "processing_delayed": "نعتذر عن تأخر معالجة شكواكم رقم {number}، ويمكنكم طلب تصعيدها.",
        "processing_delayed.escalated": "نعتذر عن تأخر معالجة شكواكم رقم {number}، ويتابع الفريق المختص طلب "
        "تصعيدها.",
        "escalation_received": "نفيدكم باستلام طلب تصعيد شكواكم رقم {number}.",
        "escalation_too_early": "سجلنا رغبتكم في تصعيد شكواكم رقم {number}، ويمكنكم طلبه من {possible}.",
        "escalation_too_early.reopened": "أُعيد فتح شكواكم رقم {number}، ويمكنكم طلب تصعيدها من {possible}.",
        "escalation_too_early.undated": "سجلنا رغبتكم في تصعيد شكواكم رقم {number}، ويمكن ذلك إن "
        "تجاوزت وقتها المتوقع.",
        "escalation_outcome": "نفيدكم بقبول طلب تصعيد شكواكم رقم {number}، وسيتواصل معكم الفريق المختص.",
        "escalation_outcome.declined": "نفيدكم بتعذر قبول طلب تصعيد شكواكم رقم {number}.",
        "escalation_outcome.by_staff": "نفيدكم بإحالة شكواكم رقم {number} إلى الفريق المختص، وسيتواصل معكم.",
        "escalation_outcome.by_staff_declined": "نفيدكم بأن الفريق المختص اطلع على شكواكم رقم {number}.",
        "survey": "نأمل تقييم معالجة شكواكم رقم {number}{within}.",
        "survey_reminder": "نذكركم بتقييم معالجة شكواكم رقم {number}{within}.",
        "too_large": "نعتذر عن تعذر استلام رسالتكم لكبر حجمها{limit}، ونأمل إعادة إرسالها دون المرفقات "
        "الكبيرة.",
    },
    "en": {
        "received": "Your complaint is registered under number {number}.",
        "info_requested": "Your complaint is registered under number {number}. "
        "Please send us the number of your request on Furas.",
        "info_requested.by_staff": "We need more details about your complaint {number}.",
        "info_requested.by_staff_no_link": "We need more details about your complaint {number}. Please reply "
        "to our e-mail.",
        "info_warning": "Please send us the missing data of complaint {number}{within_of_arrival} so that it "
        "is not closed.",
        "in_progress": "We have the data of your complaint {number} and are working on it.",
        "joined": "Your message was added to your open complaint {number}.",
        "joined.reopened": "Your complaint {number} is open again, and your message was added to it.",
        "reopened": "Your complaint {number} is open again.",
        "resolved": "Your complaint {number} was processed. You can object{within_of_arrival}.",
        "closed": "Your complaint {number} is closed after processing. You can have it reopened{within}.",
        "closed.late": "Your complaint {number} is closed after processing. You can have it reopened or "
        "escalated{within}.",
        "closed.duplicate": "Your complaint {number} is closed because it repeats another. "
        "You can have it reopened or escalated{within}.",
        "closed.withdrawn": "Your complaint {number} is closed as you asked. You can have it "
        "reopened{within}.",
        "closed.merged": "Your complaint {number} was joined to your complaint {other} and continues under "
        "that number.",
        "closed_no_response": "Your complaint {number} is closed because we received no answer. "
        "You can have it reopened or escalated{within}.",
        "closed_not_admitted": "Your complaint {number} is closed: it does not meet the conditions. "
        "You can have it reopened or escalated{within}.",
        "reply": "There is an answer on your complaint {number}.",
        "status": "Your complaint {number} is {standing}.",
        "processing_delayed": "We apologise for the delay of your complaint {number} and are working on it. "
        "You can ask for its escalation.",
        "processing_delayed.escalated": "We apologise for the delay of your complaint {number}. The "
        "specialised team is following up its escalation.",
        "escalation_received": "We received your escalation of complaint {number}.",
        "escalation_too_early": "We recorded your wish to escalate complaint {number}. You can ask for it "
        "from {possible}.",
        "escalation_too_early.reopened": "Your complaint {number} is open again. You can ask for its "
        "escalation from {possible}.",
        "escalation_too_early.undated": "We recorded your wish to escalate complaint {number}. You can ask "
        "for it if it takes longer than expected.",
        "escalation_outcome": "Your escalation of complaint {number} is accepted. The specialised team will "
        "contact you.",
        "escalation_outcome.declined": "Your escalation of complaint {number} could not be accepted.",
        "escalation_outcome.by_staff": "Your complaint {number} is with the specialised team, which will "
        "contact you.",
        "escalation_outcome.by_staff_declined": "The specialised team looked at your complaint {number}.",
        "survey": "Please rate how we processed your complaint {number}{within}.",
        "survey_reminder": "Please remember to rate how we processed your complaint {number}{within}.",
        "too_large": "Your message was too large for us{limit}. Please send it again without large "
        "attachments.",
    },
}
"""By notification, or by notification and variant where that says another thing."""
_STANDINGS: Mapping[str, Mapping[str, str]] = {
    "ar": {
        "awaiting_info": "بانتظار استكمال بياناتها",
        "open": "قيد المعالجة",
        "late": "قيد المعالجة، وقد تجاوزت الوقت المتوقع، ونعتذر عن ذلك، ويمكنكم طلب تصعيدها",
        "late_escalated": "قيد المعالجة، وقد تجاوزت الوقت المتوقع، ونعتذر عن ذلك",
        "resolved": "عولجت",
        "resolved_late": "عولجت بعد الوقت المتوقع، ويمكنكم طلب تصعيدها",
        "closed": "مغلقة",
        "closed_resolved": "أُغلقت بعد معالجتها",
        "closed_resolved_late": "أُغلقت بعد معالجتها، ويمكنكم طلب تصعيدها",
        "closed_no_response": "أُغلقت لعدم تلقي ردكم",
        "closed_not_admitted": "أُغلقت لعدم استيفاء الشروط",
        "closed_duplicate": "أُغلقت لتكرارها",
        "closed_withdrawn": "أُغلقت بناءً على طلبكم",
    },
    "en": {
        "awaiting_info": "waiting for details from you",
        "open": "being processed",
        "late": "being processed, longer than expected, for which we apologise. You can ask for its "
        "escalation",
        "late_escalated": "being processed, longer than expected, for which we apologise",
        "resolved": "processed",
        "resolved_late": "processed, later than expected. You can ask for its escalation",
        "closed": "closed",
        "closed_resolved": "closed after processing",
        "closed_resolved_late": "closed after processing. You can ask for its escalation",
        "closed_no_response": "closed because we received no answer",
        "closed_not_admitted": "closed because it does not meet the conditions",
        "closed_duplicate": "closed because it repeats another",
        "closed_withdrawn": "closed as you asked",
    },
}
_OF_ARRIVAL = {"ar": " من وصول هذه الرسالة", "en": " of receiving this message"}
_LIMIT = {"ar": " (الحد {size} ميجابايت)", "en": " (the limit is {size} MB)"}
_MISSING = {"ar": "البيانات المطلوبة: {listed}", "en": "What we need: {listed}"}
_ESCALATIONS: Mapping[str, Mapping[str, str]] = {
    "ar": {
        "raised": "حالة طلب التصعيد: مُسجَّل، ويدرسه الفريق المختص",
        "accepted": "حالة طلب التصعيد: مقبول، ويتابعه الفريق المختص",
        "declined": "حالة طلب التصعيد: تعذر قبوله",
        "done": "حالة طلب التصعيد: اكتملت متابعته",
    },
    "en": {
        "raised": "Status of the escalation: recorded; the specialised team is examining it",
        "accepted": "Status of the escalation: accepted; the specialised team is following it up",
        "declined": "Status of the escalation: it could not be accepted",
        "done": "Status of the escalation: followed up",
    },
}
_TOLD_STAFF = (
    *("subject", "what", "kind", "ground", "due_at", "command", "error", "detail", "text"),
    *("status_url", "quarantine_id", "breached", "due_today", "history"),
    *("attachments", "attachments_linked", "attachments_kept", "attachments_withheld"),
    *("attachments_infected", "attachments_blocked", "attachments_too_large"),
)
_MAX_ADDRESS = 64
_TWO_PARTS = {"ar": 134, "en": 306}
"""Letters of an SMS that is sent in two parts."""
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


def sentence(name: str, language: str, values: Values, channel: DeliveryChannel = "email") -> str:
    """The one sentence for a citizen: of the variant that these values are said in."""
    number = _line(values, "ticket_number")
    table = _SENTENCES[language]
    words = table.get(f"{name}.{variant_of(name, channel, values)}") or table.get(name, _GENERAL[language])
    if not number and "{number}" in words:
        words = _WITHOUT_NUMBER[language]
    within = _within(language, values)
    size = values.get("limit_mb")
    return words.format(
        number=number,
        other=_line(values, "other_ticket"),
        within=within,
        within_of_arrival=f"{within}{_OF_ARRIVAL[language]}" if within and channel == "email" else within,
        possible=_moment(language, values, "possible_at"),
        standing=_STANDINGS[language][CHOICES["standing"].choose(values)],
        limit=_LIMIT[language].format(size=size) if isinstance(size, int) and size else "",
    )


_COUNTED = (
    ("closure_business_days", business_days_in_words),
    ("reopen_days", days),
    ("valid_days", days),
)


def _within(language: str, values: Values) -> str:
    """« خلال ثلاثة أيام عمل», or "" where no number of days is known."""
    for key, in_words in _COUNTED:
        count = values.get(key)
        if isinstance(count, int) and not isinstance(count, bool) and count > 0:
            return f" {'خلال' if language == 'ar' else 'within'} {in_words(count, language)}"
    return ""


def _moment(language: str, values: Values, key: str) -> str:
    """A time in words; where it is none that can be read, as it stands."""
    said = _line(values, key)
    try:
        return moment(said, language) if said else ""
    except ValueError:
        return said


def sms(name: str, language: str, values: Values) -> str:
    """The SMS: the sentence, and the address that it asks to open or the number to call."""
    said, address = sentence(name, language, values, "sms"), _line(values, _address_of(name))
    fits = len(address) <= _MAX_ADDRESS and len(said) + 1 + len(address) <= _TWO_PARTS[language]
    return f"{said} {address if address and fits else _CONTACT[language]}"


def _address_of(name: str) -> str:
    return "status_url" if notices.of(name).holds_page else "survey_url"


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
        told = [text for text in _told_citizens(name, language, values) if text]
        return [greeting, sentence(name, language, values), *told, _CONTACT[language]]
    number = _line(values, "ticket_number")
    reaches = values.get("replies_go_to_citizen") is True
    visibility = (_TO_CITIZEN if reaches else _INTERNAL)[language]
    shown = [_text(values, key) for key in _TOLD_STAFF]
    return [f"{_ticket(language, number)} – {visibility}", name, *(text for text in shown if text)]


def _told_citizens(name: str, language: str, values: Values) -> tuple[str, ...]:
    """Without these there would be nothing to hear or to follow. Staff wrote them, or we did: what a citizen
    wrote is never sent back from here."""
    given = NOTIFICATIONS[name].given if name in NOTIFICATIONS else {}
    wanted = [one for one in _items(values, f"missing{IN_WORDS}") if "missing" in given]
    escalation = _line(values, "escalation") if "escalation" in given else ""
    return (
        _text(values, "text") if "text" in given else "",
        _MISSING[language].format(listed=listed(wanted, language)) if wanted else "",
        _ESCALATIONS[language].get(escalation, ""),
        _text(values, _address_of(name)),
    )


def _ticket(language: str, number: str) -> str:
    return _TICKET[language].format(number=number) if number else _DESK[language]


def _items(values: Values, key: str) -> list[str]:
    value = values.get(key)
    return [one for one in value if isinstance(one, str)] if isinstance(value, (list, tuple)) else []


def _text(values: Values, key: str) -> str:
    value = values.get(key)
    if isinstance(value, (list, tuple)):
        return "\n".join(single_line(item) for item in shorten_list(value) if isinstance(item, str))
    return clean(value) if isinstance(value, str) else ""


def _line(values: Values, key: str) -> str:
    return single_line(_text(values, key))
