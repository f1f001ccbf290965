"""The words of the commands of staff, of the reasons for closing and of the categories, and the nearest to a
word that is none of them. All are compared folded (`languages.folding`).
"""

from __future__ import annotations

import difflib
import re
from typing import Final

from daemon.mail.languages.folding import fold
from daemon.workflow.vocabulary import Category, CloseReason, Language

WORDS: Final[dict[str, tuple[str, str]]] = {
    "resolve": ("حل", "resolve"),
    "reply": ("رد", "reply"),
    "info": ("بيانات", "info"),
    "extend": ("تمديد", "extend"),
    "close": ("إغلاق", "close"),
    "note": ("ملاحظة", "note"),
    "assign": ("إسناد", "assign"),
    "request": ("طلب", "request"),
    "phone": ("جوال", "phone"),
    "category": ("فئة", "category"),
    "language": ("لغة", "language"),
    "escalate": ("تصعيد", "escalate"),
    "accept": ("قبول", "accept"),
    "decline": ("رفض", "decline"),
    "reopen": ("فتح", "reopen"),
    "status": ("حالة", "status"),
    "help": ("مساعدة", "help"),
    "behalf": ("نيابة", "behalf"),
    "release": ("إفراج", "release"),
    "block": ("حظر", "block"),
}
_SYNONYMS: Final[dict[str, tuple[str, ...]]] = {
    # Of two words, the first is never a command that would take the second for its text.
    "resolve": ("solve",),
    "reply": ("إجابة", "جواب", "answer"),
    "info": ("طلب بيانات", "طلب معلومات", "معلومات", "request info"),
    "extend": ("مهلة",),
    "close": ("إقفال",),
    "note": (
        *("ملاحظة داخلية", "ملاحظة للموظفين", "ملاحظة للفريق", "ملاحظة للزملاء", "تعليق داخلي"),
        *("ملحوظة", "داخلي", "داخلية", "سري", "سرية", "للعلم"),
        *("internal note", "comment", "internal", "private", "confidential", "fyi"),
    ),
    "assign": ("تحويل", "إحالة", "transfer", "reassign"),
    "category": ("تصنيف",),
    "phone": ("هاتف", "mobile"),
    "accept": ("موافقة", "approve"),
    "decline": ("reject",),
    "reopen": ("إعادة فتح",),
    "behalf": ("بالنيابة",),
    "block": ("حجب",),
}
"""What people write for a command's word. The article may stand before each word of it."""


def _key(words: str) -> str:
    """Folded, without articles and whatever joins the words."""
    return "".join(part.removeprefix("ال") for part in re.split(r"[\s_-]+", fold(words)))


_NAMES: Final = {
    _key(word): name for table in (WORDS, _SYNONYMS) for name, words in table.items() for word in words
}
_SHOWN: Final = {
    _key(word): f"#{WORDS[name][word.isascii()]}"
    for table in (WORDS, _SYNONYMS)
    for name, words in table.items()
    for word in words
}


def command_named(words: str) -> str:
    """The name of the command that `words` stand for, "" for none."""
    return _NAMES.get(_key(words), "")


JUDGES: Final = frozenset({"release", "block"})
WITH_ARGUMENT: Final = JUDGES | frozenset(
    ("extend", "close", "assign", "request", "phone", "category", "language", "behalf")
)
TAKES_TEXT: Final = frozenset(
    {
        "resolve",
        "reply",
        "info",
        "extend",
        "close",
        "note",
        "escalate",
        "accept",
        "decline",
        "reopen",
        "behalf",
    }
)
TO_CITIZEN: Final = frozenset({"resolve", "reply", "info", "extend", "close", "decline"})
"""Their text is for the citizen (DESIGN §2)."""
AS_AN_INTERNAL_ANSWER: Final = frozenset({"note", "status", "help"})
"""In an answer that stays internal it makes no difference whether one of these was meant."""
EXCLUSIVE: Final = (
    # Each of these leaves the complaint, or the escalation, in a state of its own, or answers.
    frozenset({"resolve", "reply", "info", "close"}),
    frozenset({"accept", "decline"}),
)

CLOSE_REASONS: Final[tuple[tuple[CloseReason, tuple[str, ...]], ...]] = (
    ("no_response", ("عدم تجاوب", "عدم رد", "عدم استجابة", "no response")),
    ("not_admitted", ("غير مقبولة", "غير مقبول", "عدم قبول", "not admitted")),
    ("duplicate", ("مكررة", "مكرر", "متكررة", "تكرار", "duplicate")),
    (
        "withdrawn",
        (
            *("منسحبة", "منسحب", "مسحوبة", "مسحوب", "انسحاب", "سحب", "withdrawn"),
            *("بطلب العميل سحبها", "بطلب العميل", "طلب العميل سحبها", "طلب العميل"),
        ),
    ),
    ("spam", ("مزعجة", "مزعج", "إزعاج", "spam")),
    ("resolved", ("معالجة", "معالجتها", "تمت معالجتها", "عولجت", "بعد معالجة", "بعد معالجتها", "resolved")),
)
_CATEGORIES: Final[tuple[tuple[Category, tuple[str, ...]], ...]] = (
    ("technical", ("تقني", "تقنية", "فني", "فنية", "تحديات تقنية", "مشكلة تقنية", "technical", "tech")),
    (
        "sla_exceeded",
        (
            *("تجاوز", "تأخر", "تأخير", "مستوى الخدمة", "مستوى خدمة", "تجاوز مستوى الخدمة", "تجاوز المدة"),
            *("تجاوز اتفاقية مستوى الخدمة", "sla", "sla exceeded"),
        ),
    ),
)

NUMBERS: Final = {
    # Folded, as in «ثلاثة أيام», «خمسة عشر يومًا».
    **dict.fromkeys(("واحد", "واحده", "one"), 1),
    **dict.fromkeys(("اثنين", "اثنان", "two"), 2),
    **dict.fromkeys(("ثلاثه", "ثلاث", "three"), 3),
    **dict.fromkeys(("اربعه", "اربع", "four"), 4),
    **dict.fromkeys(("خمسه", "خمس", "five"), 5),
    **dict.fromkeys(("سته", "ست", "six"), 6),
    **dict.fromkeys(("سبعه", "سبع", "seven"), 7),
    **dict.fromkeys(("ثمانيه", "ثماني", "ثمان", "eight"), 8),
    **dict.fromkeys(("تسعه", "تسع", "nine"), 9),
    **dict.fromkeys(("عشره", "عشر", "ten"), 10),
    **dict.fromkeys(("احد عشر", "eleven"), 11),
    **dict.fromkeys(("اثنا عشر", "اثني عشر", "twelve"), 12),
    **dict.fromkeys(("ثلاثه عشر", "thirteen"), 13),
    **dict.fromkeys(("اربعه عشر", "fourteen"), 14),
    **dict.fromkeys(("خمسه عشر", "fifteen"), 15),
    **dict.fromkeys(("عشرين", "عشرون", "twenty"), 20),
    **dict.fromkeys(("ثلاثين", "ثلاثون", "thirty"), 30),
}
GREATER_NUMBER: Final = (
    r"[\s-]+و?(?:واحد|اثن|ثلاث|اربع|خمس|ست|سبع|ثمان|تسع|عشر|مئ|ماي|ماء|مائ|الف|الاف"
    r"|one|two|three|four|five|six|seven|eight|nine|hundred|thousand)"
)
"""What after a number in words makes it another: «ثلاثة وعشرين», "twenty-one"."""
_LANGUAGES: Final[tuple[tuple[Language, tuple[str, ...]], ...]] = (
    ("ar", ("ar", "arabic", "عربي", "عربية", "العربية", "بالعربية")),
    ("en", ("en", "english", "إنجليزي", "إنجليزية", "الإنجليزية", "بالإنجليزية")),
)
LANGUAGE_OF: Final = {fold(word): language for language, words in _LANGUAGES for word in words}
CATEGORY_OF: Final = {fold(words): category for category, spelled in _CATEGORIES for words in spelled}


def shown_as(words: str) -> str:
    """The command that `words` stand for, as people are shown it: «#حل»; "" for none."""
    return _SHOWN.get(_key(words), "")


def nearest(word: str) -> str:
    """The commands that `word` may have been meant for, at most three, in the script it is written in."""
    first = re.split("[_-]", word, maxsplit=1)[0]
    close = [
        match
        for spelled in dict.fromkeys((word, first))
        for match in difflib.get_close_matches(_key(spelled), _NAMES, 3, 0.6)
    ]
    return " ".join(dict.fromkeys(_SHOWN[match] for match in close[:3]))
