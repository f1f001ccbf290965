"""Writes the report as one page for a browser, a printer or a phone: no remote parts, no script, no person.

`workflow.figures` counts; here the figures get their words, in Arabic or English.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from jinja2 import Environment, StrictUndefined

from daemon import resources
from daemon.templating import formats
from daemon.workflow.figures import Figures, Report, Share
from daemon.workflow.policy import Policy

TEMPLATE = resources.report_page()
NOTHING = "–"

_NAMES: Mapping[str, Mapping[str, str]] = {
    "ar": {
        "phone": "الرقم الموحد (199040)",
        "website": "الموقع الإلكتروني",
        "email": "البريد الإلكتروني",
        "x": "منصة إكس",
        "chatbot": "المحادثة الآلية",
        "sign_language": "لغة الإشارة",
        "sla_exceeded": "تجاوز اتفاقية مستوى الخدمة",
        "technical": "تحديات تقنية",
        "": "غير مصنفة",
        "resolved": "معالجة",
        "no_response": "عدم تجاوب العميل",
        "not_admitted": "غير مقبولة",
        "duplicate": "مكررة",
        "withdrawn": "منسحب منها",
        "spam": "مزعجة",
        "raised": "بانتظار البت",
        "accepted": "مقبولة",
        "declined": "مرفوضة",
        "done": "منجزة",
        "state_awaiting_info": "بانتظار بيانات من العميل",
        "state_open": "قيد المعالجة",
        "state_resolved": "معالجة ولم تغلق بعد",
        "late": "متأخرة عن وقتها",
        "escalated": "مصعدة",
        "held": "موقوفة لتعذر الوصول إلى العميل",
    },
    "en": {
        "phone": "Unified number (199040)",
        "website": "Website",
        "email": "E-mail",
        "x": "X",
        "chatbot": "Chatbot",
        "sign_language": "Sign language",
        "sla_exceeded": "Service level exceeded",
        "technical": "Technical obstacle",
        "": "Not classified",
        "resolved": "Resolved",
        "no_response": "No response",
        "not_admitted": "Not admitted",
        "duplicate": "Duplicate",
        "withdrawn": "Withdrawn",
        "spam": "Spam",
        "raised": "Waiting for a decision",
        "accepted": "Accepted",
        "declined": "Declined",
        "done": "Done",
        "state_awaiting_info": "Waiting for the customer's data",
        "state_open": "In progress",
        "state_resolved": "Resolved, not closed yet",
        "late": "Late",
        "escalated": "Escalated",
        "held": "Held: the customer cannot be reached",
    },
}

# One, two, three to ten, and the form after any other number or a fraction.
_UNITS: Mapping[str, tuple[tuple[float, tuple[str, str, str, str]], ...]] = {
    "ar": (
        (86400, ("يوم عمل", "يوما عمل", "أيام عمل", "يوم عمل")),
        (3600, ("ساعة", "ساعتان", "ساعات", "ساعة")),
        (60, ("دقيقة", "دقيقتان", "دقائق", "دقيقة")),
        (1, ("ثانية", "ثانيتان", "ثوان", "ثانية")),
    ),
    "en": (
        (86400, ("1 business day", "2 business days", "business days", "business days")),
        (3600, ("1 hour", "2 hours", "hours", "hours")),
        (60, ("1 minute", "2 minutes", "minutes", "minutes")),
        (1, ("1 second", "2 seconds", "seconds", "seconds")),
    ),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a chart: `width` is a share of the longest, in per cent."""

    label: str
    count: int
    width: int


@dataclass(frozen=True, slots=True)
class Group:
    """One row of a table."""

    label: str
    cells: tuple[str, ...]


def page(report: Report, made_at: datetime, policy: Policy, language: str, service_name: str) -> str:
    """The whole page. `made_at` is aware."""
    names = _NAMES[language]
    figures = report.total
    last = report.period.end - timedelta(microseconds=1)
    values = {
        "language": language,
        "direction": "rtl" if language == "ar" else "ltr",
        "service_name": service_name,
        "first_day": formats.day(report.period.start.isoformat(), language),
        "last_day": formats.day(last.isoformat(), language),
        "made_at": formats.moment(made_at.isoformat(), language),
        "figures": figures,
        "percent": percent,
        "duration": lambda time: duration(time, language),
        "closed_count": sum(figures.closed.values()),
        "escalation_count": sum(figures.escalations.values()),
        "backlog_count": sum(figures.backlog.states.values()),
        "oldest": _oldest(figures, language),
        "processing_promise": formats.business_days(policy.processing_business_days, language),
        "response_promise": formats.business_days(policy.first_response_business_days, language),
        "closed": _bars((names[key], count) for key, count in figures.closed.items()),
        "escalations": _bars((names[key], count) for key, count in figures.escalations.items()),
        "ratings": _bars(
            (str(score), count) for score, count in sorted(figures.ratings.items(), reverse=True)
        ),
        "backlog": _bars(
            [(names[f"state_{key}"], count) for key, count in figures.backlog.states.items()]
            + [
                (names["late"], figures.backlog.breached),
                (names["escalated"], figures.backlog.escalated),
                (names["held"], figures.backlog.held),
            ]
        ),
        "channels": _groups(report.by_channel, names, language),
        "categories": _groups(report.by_category, names, language),
    }
    return _environment().from_string(TEMPLATE.read_text("utf-8")).render(values)


def _environment() -> Environment:
    return Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _bars(counts: Iterable[tuple[str, int]]) -> list[Bar]:
    found = list(counts)
    most = max((count for _, count in found), default=0)
    return [Bar(label, count, round(100 * count / most) if most else 0) for label, count in found]


def _groups(groups: Mapping[str, Figures], names: Mapping[str, str], language: str) -> list[Group]:
    """In the order of the columns that the page heads."""
    return [
        Group(
            names.get(name, name),
            (
                str(figures.opened),
                str(sum(figures.closed.values())),
                duration(figures.first_response.median, language),
                percent(figures.first_response_in_time),
                duration(figures.processing.average, language),
                percent(figures.processing_in_time),
                percent(figures.first_response_kept),
                percent(figures.processing_kept),
                str(sum(figures.escalations.values())),
                rating(figures.average_rating),
                str(sum(figures.backlog.states.values())),
            ),
        )
        for name, figures in groups.items()
    ]


def _oldest(figures: Figures, language: str) -> str:
    at = figures.backlog.oldest_opened_at
    return str(formats.day(at.isoformat(), language)) if at else ""


def percent(share: Share) -> str:
    return NOTHING if share.ratio is None else f"{100 * share.ratio:.0f}%"


def rating(average: float | None) -> str:
    return NOTHING if average is None else f"{average:.1f}"


def duration(time: timedelta | None, language: str) -> str:
    """A duration in the largest unit of which there is at least one: «3 أيام عمل», «1.5 ساعة»."""
    if time is None:
        return NOTHING
    seconds = time.total_seconds()
    # What would be rounded up to the next larger unit is told in that one.
    size, (one, two, few, many) = next(
        (size, forms) for size, forms in _UNITS[language] if seconds >= size * 0.998 or size == 1
    )
    count = round(seconds / size, 1 if size > 1 else 0)
    if count == 1:
        return one
    if count == 2:
        return two
    number = f"{count:.0f}" if count == int(count) else f"{count:.1f}"
    is_few = count == int(count) and 3 <= int(count) % 100 <= 10
    return f"{number} {few if is_few else many}"
