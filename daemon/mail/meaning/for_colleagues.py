"""Finds a line of staff that says itself that it is for no citizen, or that answers a wish to escalate.

«لا ترسلوا هذا للعميل», "for internal use only", «نرفض التصعيد لعدم الاختصاص»: sentences, not a command's word
alone. Text is folded (`languages.folding`) and a line at most, so that each pattern costs little.
"""

from __future__ import annotations

import re
from typing import Final

from daemon.mail.languages.folding import fold


def _any(*phrases: str) -> str:
    return f"(?:{'|'.join(fold(phrase) for phrase in phrases)})"


_CITIZEN: Final = _any(
    *("العميل", "المستثمر", "المواطن", "المستفيد", "المراجع", "المشتكي", "الشاكي", "مقدم الشكوى"),
    *("صاحب الشكوى", "صاحبة الشكوى", "العميلة", "المستثمرة", "المواطنة", "المستفيدة"),
    *("customer", "citizen", "client", "investor", "complainant", "requester", "user"),
)
_TO_CITIZEN: Final = (
    rf"(?:(?:الي|علي|مع|ل)?\s?{_CITIZEN}|لل{_CITIZEN.replace('ال', '')}|(?:to )?(?:the |this )?{_CITIZEN})"
)
_SENDS: Final = (
    r"(?:(?:لا|دون|بدون|بلا|عدم|من غير|يمنع|ممنوع)\s+(?:ان\s+)?(?:[تين]|ال)?"
    r"(?:رسل|حول|طلع|عرض|ذكر|خبر|بلغ|نقل|شارك|ارسال|عرض|ابلاغ|اطلاع|اخبار|تحويل|مشاركه|نقل)(?:وا|وه|وها|ه|ها|ي)?"
    r"|(?:do not|don['’]?t|never|not to|please no)\s+(?:send|sent|forward|tell|show|share|relay|inform))"
)
_SPARE: Final = r"(?:\s+[^\W\d_]{1,20}){0,3}\s+"
_KEEPS_FROM_CITIZEN: Final = re.compile(
    rf"(?<!\w){_SENDS}(?:{_SPARE}|\s+){_TO_CITIZEN}(?!\w)"
    r"|(?<!\w)(?:ليس|ليست|غير مخصص|غير مخصصه|غير موجه|غير موجهه|not (?:meant |intended )?for)"
    rf"\s+{_TO_CITIZEN}(?!\w)"
)
_STAYS_INSIDE: Final = re.compile(
    r"\A[\W_]*(?:ملاحظات|ملحوظات|notes)\s*[:：\-–—/]"
    rf"|(?<!\w){_SENDS}(?:\s+(?:هذا|هذه|ذلك|الرساله|النص|الرد|this|it|that))?(?:[\s.!؟،,:]*\Z|\s+(?:خارج|outside))"
    r"|(?<!\w)(?:للعلم|للاطلاع|للاحاطه)\s+(?:فقط|الداخلي)(?!\w)"
    r"|(?<!\w)(?:فقط\s+)(?:للعلم|للاطلاع)(?!\w)"
    r"|(?<!\w)(?:للفريق|للموظفين|للزملاء|لزملاء الفريق|للاستخدام الداخلي|داخلي|داخليه)\s+فقط(?!\w)"
    r"|(?<!\w)للاستخدام\s+الداخلي(?!\w)"
    r"|(?<!\w)(?:ملاحظه|ملحوظه|مذكره|رساله|تعليق|نص|كلام|رد)\s+(?:داخلي|داخليه|سري|سريه)(?!\w)"
    r"|(?<!\w)بيننا\s+فقط(?!\w)|(?<!\w)فيما\s+بيننا(?!\w)"
    r"|(?<!\w)for\s+internal\s+use(?!\w)|(?<!\w)(?:internal|internally|staff|team|colleagues)\s+only(?!\w)"
    r"|(?<!\w)(?:strictly\s+)?internal(?:ly)?(?:\s+(?:note|comment|memo|use))?[\W_]*\Z"
    r"|(?<!\w)note\s+to\s+(?:self|myself|the\s+team|team|colleagues|staff)(?!\w)"
    r"|(?<!\w)(?:off\s+the\s+record|between\s+us|just\s+between)(?!\w)"
)
_ACCEPTS: Final = (
    r"(?:[اني]قبل|قبلت|قبلنا|قبول|مقبول|(?:موافقه|موافقون|موافق|[اني]وافق)(?:\s+علي)?"
    r"|accept(?:ed|ing)?|approv(?:e|ed|ing))"
)
_DECLINES: Final = (
    r"(?:(?:لا|لن|لم|عدم|غير)\s+(?:[اني]قبل|قبول|[اني]وافق(?:\s+علي)?)|[اني]رفض|رفضت|رفضنا|رفض|مرفوض"
    r"|reject(?:ed|ing)?|declin(?:e|ed|ing)|refus(?:e|ed|ing))"
)
_BEFORE: Final = r"[\W_]*(?:(?:تم|قد|لقد|يتم|اننا|i|we|have|has|been|am|are|hereby|must|to)\s+){0,4}"
_ESCALATION: Final = r"(?:(?:the|this|your)\s+)?(?:طلب\s+)?(?:ال|لل)?(?:تصعيد|escalation)(?!\w)"
_ACCEPTED: Final = re.compile(
    rf"{_BEFORE}{_ACCEPTS}\s+{_ESCALATION}|{_BEFORE}{_ESCALATION}\s+(?:is\s+|was\s+)?{_ACCEPTS}(?!\w)"
)
_DECLINED: Final = re.compile(
    rf"{_BEFORE}{_DECLINES}\s+{_ESCALATION}"
    rf"|{_BEFORE}{_ESCALATION}\s+(?:is\s+|was\s+)?(?:{_DECLINES}|غير\s+مقبول|not\s+accepted)(?!\w)"
)


def kept_from_citizen(line: str) -> str:
    """The words of `line`, folded, that forbid to tell the citizen; "" for none. They mean it on any line."""
    match = _KEEPS_FROM_CITIZEN.search(line)
    return match[0].strip() if match else ""


def stays_inside(line: str) -> str:
    """As `kept_from_citizen`, and those that say so where a text begins: «للعلم فقط»; on other lines they
    stand in signatures too."""
    match = _STAYS_INSIDE.search(line)
    return kept_from_citizen(line) or (match[0].strip() if match else "")


def answer_to_escalation(line: str) -> tuple[str, str]:
    """Which command `line`, folded, is in other words, accept or decline, and they; "" twice for none."""
    for name, pattern in (("decline", _DECLINED), ("accept", _ACCEPTED)):
        if match := pattern.match(line):
            return name, match[0].strip()
    return "", ""
