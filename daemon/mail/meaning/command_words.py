"""The words of the commands of staff, of the reasons for closing and of the categories, and the nearest to a
word that is none of them. All are compared folded (`languages.folding`).
"""

from __future__ import annotations

import difflib
from typing import Final

from daemon.mail.languages.folding import fold
from daemon.workflow.vocabulary import Category, CloseReason

WORDS: Final[dict[str, tuple[str, str]]] = {
    "resolve": ("حل", "resolve"),
    "info": ("بيانات", "info"),
    "extend": ("تمديد", "extend"),
    "close": ("إغلاق", "close"),
    "note": ("ملاحظة", "note"),
    "assign": ("إسناد", "assign"),
    "request": ("طلب", "request"),
    "phone": ("جوال", "phone"),
    "category": ("فئة", "category"),
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
NAMES: Final = {fold(word): name for name, words in WORDS.items() for word in words}
_SHOWN: Final = {fold(word): f"#{word}" for words in WORDS.values() for word in words}
JUDGES: Final = frozenset({"release", "block"})
WITH_ARGUMENT: Final = JUDGES | {"extend", "close", "assign", "request", "phone", "category", "behalf"}
TAKES_TEXT: Final = frozenset(
    {"resolve", "info", "extend", "close", "note", "escalate", "accept", "decline", "reopen", "behalf"}
)
EXCLUSIVE: Final = (
    # Each of these leaves the complaint, or the escalation, in a state of its own.
    frozenset({"resolve", "info", "close"}),
    frozenset({"accept", "decline"}),
)

CLOSE_REASONS: Final[tuple[tuple[CloseReason, tuple[str, ...]], ...]] = (
    ("no_response", ("عدم التجاوب", "عدم تجاوب", "عدم الرد", "عدم رد", "no response")),
    ("not_admitted", ("غير مقبولة", "غير مقبول", "not admitted")),
    ("duplicate", ("مكررة", "مكرر", "duplicate")),
    ("withdrawn", ("منسحبة", "منسحب", "انسحاب", "withdrawn")),
    ("spam", ("مزعجة", "مزعج", "إزعاج", "spam")),
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
CATEGORY_OF: Final = {fold(words): category for category, spelled in _CATEGORIES for words in spelled}


def nearest(word: str) -> str:
    """The commands that `word` may have been meant for, at most three, in the script it is written in."""
    folded = fold(word)
    without_article = folded.removeprefix("ال")
    matches = dict.fromkeys(
        match
        for spelled in (folded, without_article)
        for match in difflib.get_close_matches(spelled, NAMES, 3, 0.6)
    )
    return " ".join(_SHOWN[match] for match in list(matches)[:3])
