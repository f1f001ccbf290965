"""How times and numbers of days are worded, in Arabic and English. Latin digits, Asia/Riyadh.

The Umm al-Qura date comes from hijridate. Babel is not used: the patterns are fixed, and ar_SA puts invisible
marks into dates.
"""

from __future__ import annotations

from collections.abc import Sequence
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


_HIJRI_MONTHS = {
    "ar": (
        *("محرم", "صفر", "ربيع الأول", "ربيع الآخر", "جمادى الأولى", "جمادى الآخرة"),
        *("رجب", "شعبان", "رمضان", "شوال", "ذو القعدة", "ذو الحجة"),
    ),
    "en": (
        *("Muharram", "Safar", "Rabi al-Awwal", "Rabi al-Akhir", "Jumada al-Ula", "Jumada al-Akhirah"),
        *("Rajab", "Shaban", "Ramadan", "Shawwal", "Dhu al-Qadah", "Dhu al-Hijjah"),
    ),
}


def _hijri(local: datetime, language: str) -> str:
    """«13 جمادى الآخرة 1448هـ», or "" where Umm al-Qura has no such day."""
    from hijridate import Gregorian

    try:
        found = Gregorian(local.year, local.month, local.day).to_hijri()
    except OverflowError:
        return ""
    name = _HIJRI_MONTHS[language][found.month - 1]
    return f"{found.day} {name} {found.year}{'هـ' if language == 'ar' else ' AH'}"


@lru_cache(maxsize=2048)
def day_both(iso: str, language: str) -> Phrase:
    """«الاثنين 23 نوفمبر 2026م، الموافق 13 جمادى الآخرة 1448هـ» or "Monday 23 November 2026 (13 Jumada
    al-Akhirah 1448 AH)"; otherwise as `day`."""
    hijri = _hijri(_local(iso), language)
    if language == "en":
        return Phrase(f"{day(iso, language)}{f' ({hijri})' if hijri else ''}")
    return Phrase(f"{day(iso, language)}م{f'، الموافق {hijri}' if hijri else ''}")


@lru_cache(maxsize=2048)
def both(iso: str, language: str) -> Phrase:
    """As `day_both`, with the time: «…، الساعة 3:05 م» or "…, 3:05 PM"."""
    clock = moment(iso, language).rpartition("،" if language == "ar" else ",")[2].strip()
    return Phrase(f"{day_both(iso, language)}{f'، الساعة {clock}' if language == 'ar' else f', {clock}'}")


def days(count: int, language: str) -> Phrase:
    """Days in words that agree with the number, after a preposition: «يوم واحد», «يومين», «3 أيام»,
    «14 يومًا», «100 يوم»."""
    if language == "en":
        return Phrase("1 day" if count == 1 else f"{count} days")
    if count in (1, 2):
        return Phrase("يوم واحد" if count == 1 else "يومين")
    rest = count % 100
    if 3 <= rest <= 10:
        return Phrase(f"{count} أيام")
    return Phrase(f"{count} {'يوم' if rest < 3 else 'يومًا'}")


def years(count: float, language: str) -> Phrase:
    """A time of years, or of months where it is no whole number of years, after a preposition: «سنة واحدة»,
    «سنتين», «5 سنوات», «6 أشهر», «18 شهرًا»."""
    months = max(1, round(count * 12))
    number, unit = (months // 12, "year") if months % 12 == 0 else (months, "month")
    if language == "en":
        return Phrase(f"{number} {unit}{'' if number == 1 else 's'}")
    one, two, few, many = _TIMES[unit]
    if number in (1, 2):
        return Phrase(one if number == 1 else two)
    return Phrase(f"{number} {few if 3 <= number % 100 <= 10 else many}")


_TIMES = {
    "year": ("سنة واحدة", "سنتين", "سنوات", "سنة"),
    "month": ("شهر واحد", "شهرين", "أشهر", "شهرًا"),
}


def percent(value: int) -> Phrase:
    """«80%»: the sign stays with its number in either direction (UAX #9, W5)."""
    return Phrase(f"{value}%")


def listed(items: Sequence[str], language: str) -> str:
    """«رقم الطلب وسبب الشكوى», "request number, ground and mobile"."""
    if language == "ar":
        return " و".join(items)
    return " and ".join([one for one in (", ".join(items[:-1]), *items[-1:]) if one])


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


_IN_WORDS = {
    "ar": {1: "يوم عمل واحد", 3: "ثلاثة أيام عمل"},
    "en": {1: "one business day", 2: "two business days", 3: "three business days"},
}


def business_days_in_words(count: int, language: str) -> Phrase:
    """The same after a preposition, small numbers as words: «يوم عمل واحد», «يومي عمل», «ثلاثة أيام عمل»."""
    words = _IN_WORDS[language].get(count)
    return Phrase(words) if words else business_days(count, language, genitive=True)
