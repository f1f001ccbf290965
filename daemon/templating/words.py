"""Owns the Arabic of what the program itself notes: lines of a ticket's history, names of notifications.

The rules write their history in English, a sentence without personal data (`workflow`); staff read it in
the language of their notices. What has no words here is shown as it was noted: nothing is ever left out.
"""

from __future__ import annotations

import re
from typing import Final

_STATES: Final = {
    "awaiting_info": "بانتظار بيانات العميل",
    "open": "مفتوحة",
    "resolved": "تمت معالجتها",
    "closed": "مغلقة",
}
_REASONS: Final = {
    "resolved": "تمت معالجتها",
    "no_response": "لعدم تجاوب العميل",
    "not_admitted": "لعدم استيفاء الشروط",
    "duplicate": "لتكرارها",
    "withdrawn": "لانسحاب العميل",
    "spam": "لأنها رسالة مزعجة",
}
_GROUNDS: Final = {
    "processing_exceeded": "لتجاوز وقت المعالجة",
    "closed_unprocessed": "لإغلاقها دون معالجة",
}
_CATEGORIES: Final = {"sla_exceeded": "تجاوز مستوى الخدمة", "technical": "تحديات تقنية"}
_CLOCKS: Final = {"first_response": "الاستجابة الأولى", "processing": "المعالجة"}
_CHANNELS: Final = {"email": "البريد الإلكتروني", "sms": "الرسائل النصية"}
_NOTIFICATIONS: Final = {
    "received": "تسجيل الشكوى",
    "info_requested": "طلب البيانات",
    "info_warning": "التنبيه قبل الإغلاق",
    "closed": "إغلاق الشكوى",
    "closed_no_response": "الإغلاق لعدم التجاوب",
    "closed_not_admitted": "الإغلاق لعدم استيفاء الشروط",
    "escalation_outcome": "نتيجة طلب التصعيد",
    "survey": "طلب التقييم",
    "in_progress": "بدء المعالجة",
    "reply": "رد الموظف",
    "resolved": "نتيجة المعالجة",
    "reopened": "إعادة فتح الشكوى",
    "joined": "ضم شكوى إلى أخرى",
    "escalation_received": "استلام طلب التصعيد",
    "escalation_too_early": "موعد إمكان التصعيد",
    "processing_delayed": "الاعتذار عن التأخر",
    "survey_reminder": "التذكير بالتقييم",
    "status": "بيان حالة الشكوى",
    "too_large": "تجاوز الرسالة الحجم المسموح",
}
_KINDS: Final = {
    "ground": _GROUNDS,
    "reason": _REASONS,
    "category": _CATEGORIES,
    "clock": _CLOCKS,
    "channel": _CHANNELS,
    "notification": _NOTIFICATIONS,
}

# What stands in braces is one of a kind above, or is kept as it is (`number`, `code`).
_NOTES: Final = {
    "opened": "سُجلت الشكوى",
    "opened; the request number is missing and was asked for": "سُجلت الشكوى وطُلب رقم الطلب الناقص",
    "handed in by staff": "قدمها موظف نيابة عن العميل",
    "reply received": "ورد رد من العميل",
    "reply received, the request number is still missing": "ورد رد من العميل، ورقم الطلب ما زال ناقصًا",
    "the awaited data arrived": "وردت البيانات المطلوبة",
    "a second complaint about the same request joined": "ضُمت شكوى ثانية بشأن الطلب نفسه",
    "reopened by the requester's reply": "أُعيد فتحها برد العميل",
    "reopened by staff": "أعاد الموظف فتحها",
    "thanks recorded": "وردت رسالة شكر",
    "mail recorded": "حُفظت رسالة واردة",
    "the requester asked how it stands": "سأل العميل عن حالة الشكوى",
    "a participant's mail joined, unverified": "وردت رسالة من مشارك في المراسلة، دون تحقق",
    "a mail from another address joined, unverified": "وردت رسالة من عنوان آخر، دون تحقق",
    "a mail over the limit of size came": "وردت رسالة تجاوزت الحجم المسموح",
    "a withdrawal came after the closing": "طلب العميل سحب الشكوى بعد إغلاقها",
    "a rating came while no survey was open": "ورد تقييم خارج مدته",
    "rated {number} by mail": "قيّم العميل المعالجة بالبريد: {number} من 5",
    "rated {number} on the survey's page": "قيّم العميل المعالجة في صفحة التقييم: {number} من 5",
    "wished to escalate before the time": "طلب العميل التصعيد قبل موعده",
    "wrote again about the escalation": "كتب العميل مجددًا بشأن التصعيد",
    "escalation raised: {ground}": "رُفع طلب تصعيد {ground}",
    "escalated by staff": "رفع الموظف طلب تصعيد",
    "escalation accepted": "قُبل طلب التصعيد",
    "escalation declined": "رُفض طلب التصعيد",
    "answered by staff": "رد الموظف على العميل",
    "resolved": "عولجت الشكوى وأُبلغ العميل بالنتيجة",
    "data asked for by staff": "طلب الموظف بيانات من العميل",
    "note by staff": "ملاحظة من الموظف",
    "assigned": "أُسندت إلى موظف",
    "asked for help": "طلب الموظف قائمة الأوامر",
    "asked how it stands": "سأل الموظف عن حالة الشكوى",
    "mobile set by staff": "سجل الموظف رقم الجوال",
    "request number set by staff": "سجل الموظف رقم الطلب",
    "category: {category}": "سُجلت الفئة: {category}",
    "staff time extended by {number}": "مُدد موعد الموظف {number} من أيام العمل",
    "staff mail refused: {code}": "لم تُقبل رسالة من الموظف ({code})",
    "closed by staff: {reason}": "أغلقها الموظف {reason}",
    "closed: withdrawn by the requester": "أُغلقت بطلب العميل",
    "closed: no response": "أُغلقت لعدم تجاوب العميل",
    "closed: resolved and not objected to": "أُغلقت بعد معالجتها دون اعتراض",
    "merged into {code}": "ضُمت إلى الشكوى {code}",
    "{code} was merged into this one": "ضُمت إليها الشكوى {code}",
    "warned that it will be closed": "نُبه العميل إلى قرب إغلاقها",
    "no channel could carry the warning: held": "لم تصل أي وسيلة بالتنبيه إلى العميل، فعُلق الإغلاق",
    "not warned: nobody has looked at the attachments": "لم يُنبه العميل، إذ لم يطلع أحد على المرفقات",
    "attachments scanned: nothing found": "فُحصت المرفقات من الفيروسات، ولم يُعثر على شيء",
    "attachments scanned: staff told": "فُحصت المرفقات من الفيروسات، وأُبلغ الموظفون بالنتيجة",
    "not closed: the requester had written": "لم تُغلق لأن العميل كان قد كتب",
    "open for staff": "فُتحت لنظر الموظف",
    "asked to rate how it was handled": "طُلب تقييم المعالجة من العميل",
    "reminded of the survey": "ذُكّر العميل بالتقييم",
    "told that processing exceeded the expected time": "اعتُذر للعميل عن تأخر المعالجة",
    "staff reminded: 80 % of {clock} time used": "ذُكّر الموظف: مضى 80% من وقت {clock}",
    "staff told: {clock} time is all but over": "أُبلغ الموظف بقرب انتهاء وقت {clock}",
    "{clock} time exceeded": "تجاوزت وقت {clock}",
    "the warning was accepted by {channel}": "وصل التنبيه عبر {channel}",
    "the outcome was accepted by {channel}": "وصلت نتيجة المعالجة عبر {channel}",
    "{notification} accepted by {channel}": "وصل إشعار «{notification}» عبر {channel}",
    "{notification} by {channel} bounced": "ارتد إشعار «{notification}» المرسل عبر {channel}",
    "{notification} by {channel} failed": "تعذر إشعار «{notification}» المرسل عبر {channel}",
    "{notification} to staff failed": "تعذر إشعار داخلي ({notification})",
    "deadlines computed afresh: the calendar changed": "أُعيد حساب المواعيد لتغيّر التقويم",
}


def _pattern(note: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", note)
    names = (f"(?P<{part}>[^ ;]+)" if at % 2 else re.escape(part) for at, part in enumerate(parts))
    return re.compile("".join(names))


_PATTERNS: Final = [(_pattern(note), words) for note, words in _NOTES.items()]


def history_line(line: str, language: str) -> str:
    """A line of a ticket's history, "NOTE [STATE]" with notes divided by "; ", in words of `language`."""
    if language != "ar":
        return line
    notes, _, state = line.partition(" [")
    state = _STATES.get(state.rstrip("]"), state.rstrip("]"))
    said = _note(notes) or "، ".join(_note(note) or note for note in notes.split("; "))
    return f"{said} – {state}" if state else said


def notification_name(name: str, language: str) -> str:
    """What a notification is called where staff read of it."""
    return _NOTIFICATIONS.get(name, name) if language == "ar" else name


def _note(note: str) -> str | None:
    for pattern, words in _PATTERNS:
        if found := pattern.fullmatch(note):
            named = found.groupdict()
            return words.format(**{kind: _KINDS.get(kind, {}).get(one, one) for kind, one in named.items()})
    return None
