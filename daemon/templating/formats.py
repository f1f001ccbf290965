"""How times and numbers of days are worded, in Arabic and English. Latin digits, Asia/Riyadh.

Babel and hijridate are not used: the two patterns are fixed, and ar_SA puts invisible marks into dates.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from daemon.templating.values import Phrase

RIYADH = ZoneInfo("Asia/Riyadh")

_MONTHS = {
    "ar": (
        *("يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو"),
        *("يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}
_DAYS = {
    "ar": ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_HALVES = {"ar": ("ص", "م"), "en": ("AM", "PM")}


def _local(iso: str) -> datetime:
    instant = datetime.fromisoformat(iso)
    if instant.tzinfo is None:
        raise ValueError("a time needs its offset")
    return instant.astimezone(RIYADH)


@lru_cache(maxsize=2048)
def day(iso: str, language: str) -> Phrase:
    """«الأحد 22 نوفمبر 2026» or "Sunday 22 November 2026", in Riyadh, from ISO 8601 with offset.

    Raises ValueError when `iso` is no such time.
    """
    local = _local(iso)
    return Phrase(
        f"{_DAYS[language][local.weekday()]} {local.day} {_MONTHS[language][local.month - 1]} {local.year}"
    )


@lru_cache(maxsize=2048)
def moment(iso: str, language: str) -> Phrase:
    """«الأحد 22 نوفمبر 2026، 3:05 م» or "Sunday 22 November 2026, 3:05 PM"; otherwise as `day`."""
    local = _local(iso)
    comma = "،" if language == "ar" else ","
    clock = f"{local.hour % 12 or 12}:{local.minute:02} {_HALVES[language][local.hour >= 12]}"
    return Phrase(f"{day(iso, language)}{comma} {clock}")


def business_days(count: int, language: str, *, genitive: bool = False) -> Phrase:
    """Business days in words that agree with the number: «يوم عمل», «يوما عمل», «10 أيام عمل», «11 يوم عمل».

    `genitive` is for the place after a preposition or a noun («خلال يومي عمل»); it shows only for two.
    """
    if language == "en":
        return Phrase("1 business day" if count == 1 else f"{count} business days")
    if count == 1:
        return Phrase("يوم عمل")
    if count == 2:
        return Phrase("يومي عمل" if genitive else "يوما عمل")
    # 3-10 take the plural, 11-99 the singular, and beyond a hundred the last two digits decide.
    return Phrase(f"{count} أيام عمل" if 3 <= count % 100 <= 10 else f"{count} يوم عمل")
