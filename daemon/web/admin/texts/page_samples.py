"""What the previews of our pages are filled in with: a complaint in each of its states, which nobody has.

All of it is invented, and says so where words stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from daemon.front_desk import Standing, Step
from daemon.templating import sample_values
from daemon.templating.page_words import PageWords
from daemon.templating.person_page import Chapter, Entry
from daemon.workflow.business_days import Calendar
from daemon.workflow.figures import Report, report
from daemon.workflow.measures import Case
from daemon.workflow.period import month_of
from daemon.workflow.policy import Policy
from daemon.workflow.vocabulary import CHANNELS, CloseReason

NOW: Final = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
TOKEN: Final = "preview"  # noqa: S105 - of no page
FILE_NAME: Final = "مثال.pdf"
NOTICE_URL: Final = "https://example.gov.sa/privacy"
KEPT: Final = (
    ("complaints", 5.0),
    ("raw_mails", 1.0),
    ("messages", 2.0),
    ("set_aside", 1.0),
    ("other_mail", 1.0),
)


def _at(month: int, day: int, hour: int = 9) -> datetime:
    return datetime(2026, month, day, hour, 5, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Invented:
    """What staff and customers wrote in the samples of one language, and what they are called."""

    reply: str
    typed: str
    person: str


INVENTED: Final[Mapping[str, Invented]] = {
    "ar": Invented(
        "مثال على رد كتبه الموظف بشأن الطلب رقم 1234567.", "مثال على ما يكتبه العميل.", "اسم للمثال"
    ),
    "en": Invented(
        "An example of a reply about request 1234567.",
        "An example of what a customer writes.",
        "Example Name",
    ),
}


def open_ticket(language: str) -> Standing:
    """Being processed, answered once."""
    reply = INVENTED[language].reply
    told = (("received", 23, ""), ("in_progress", 23, ""), ("reply", 24, reply))
    return Standing(
        sample_values.TICKET,
        "open",
        "email",
        _at(11, 23),
        "",
        category="technical",
        request_number="1234567",
        escalation_possible_at=_at(12, 7),
        answer_by=_at(11, 26),
        next_by=_at(12, 7),
        steps=tuple(Step(_at(11, day), what, text) for what, day, text in told),
    )


def late_ticket(language: str) -> Standing:
    """Over its time, so that it may be escalated."""
    found = replace(open_ticket(language), is_late=True, may_escalate=True, opened_at=_at(11, 1))
    return replace(found, escalation_possible_at=None, answer_by=None, next_by=None)


def waiting_ticket(language: str) -> Standing:
    """Without the data that it needs."""
    found = replace(open_ticket(language), state="awaiting_info", request_number=None, category=None)
    return replace(
        found,
        missing=("request_number", "ground", "mobile"),
        escalation_possible_at=None,
        next_by=_at(11, 30),
        steps=(Step(_at(11, 23), "received"), Step(_at(11, 23, 10), "info_requested")),
    )


def resolved_ticket(language: str) -> Standing:
    found = replace(open_ticket(language), state="resolved", escalation_possible_at=None, answer_by=None)
    steps = (*found.steps[:2], Step(_at(11, 24), "resolved", INVENTED[language].reply))
    return replace(found, next_by=_at(11, 26), steps=steps)


def closed_ticket(language: str, reason: CloseReason | None = "resolved") -> Standing:
    """Closed, and to be reopened until a day."""
    found = resolved_ticket(language)
    rating = 4 if reason == "resolved" else None
    return replace(found, state="closed", close_reason=reason, next_by=_at(12, 8), rating=rating)


def long_history(language: str, told: tuple[str, ...]) -> Standing:
    """With each of these steps."""
    return replace(open_ticket(language), steps=tuple(Step(_at(11, 23), what) for what in told))


def policy() -> Policy:
    """The guide's own, of no desk."""
    return Policy(Calendar(), "example@example.com")


def counted() -> Report:
    """The figures of a month in which a few complaints came, one in each state."""
    zone = ZoneInfo("Asia/Riyadh")
    cases = [
        Case(
            channel,
            "technical" if at % 2 else "sla_exceeded",
            STATES[at % 4],
            _at(11, 2 + at),
            close_reason="resolved" if at % 4 == 3 else "",
            used=timedelta(hours=20),
            first_response_at=_at(11, 3 + at),
            resolved_at=_at(11, 6 + at) if at % 4 > 1 else None,
            closed_at=_at(11, 9 + at) if at % 4 == 3 else None,
            rating=4 if at % 4 == 3 else None,
            rated_at=_at(11, 10 + at) if at % 4 == 3 else None,
            surveyed_at=_at(11, 9 + at) if at % 4 == 3 else None,
        )
        for at, channel in enumerate(CHANNELS)
    ]
    return report(cases, {}, month_of(NOW.date(), zone), policy())


def person_facts(words: PageWords) -> tuple[tuple[str, str], ...]:
    """Of the copy of somebody's own data."""
    return (
        ("made_at", "2026-11-25 12:00"),
        ("mailboxes", "example@example.com"),
        ("mobiles", "+966500000000"),
        ("handles", "example"),
        ("blocked", words.plain("person_is_blocked")),
    )


STATES: Final = ("awaiting_info", "open", "resolved", "closed")


def person_chapters(words: PageWords) -> tuple[Chapter, ...]:
    """A complaint in each state, and what is kept besides."""
    invented = INVENTED[words.language]
    said = (
        Entry(_at(11, 23), "said", invented.typed, invented.typed, ((FILE_NAME, ""), (FILE_NAME, FILE_NAME))),
        Entry(_at(11, 24), "told_email", invented.reply, invented.reply),
        Entry(_at(11, 24), "told_sms", "", invented.reply),
    )
    aside = Entry(_at(11, 25), "set_aside", "", "")
    return (
        *(
            Chapter(sample_values.TICKET, _facts(words, state), said if state == "closed" else ())
            for state in STATES
        ),
        Chapter(words.plain("person_elsewhere"), (), said[:1]),
        Chapter(words.plain("person_mails"), (), (aside,)),
    )


def _facts(words: PageWords, state: str) -> tuple[tuple[str, str], ...]:
    is_closed = state == "closed"
    return (
        ("name", INVENTED[words.language].person),
        ("request_number", "1234567"),
        ("channel", words.plain("channel_email")),
        ("state", words.plain(f"person_state_{state}")),
        ("opened_at", "2026-11-23 12:05"),
        ("closed_at", "2026-11-25 12:05" if is_closed else ""),
        ("rating", "4" if is_closed else ""),
        ("rating_comment", INVENTED[words.language].typed if is_closed else ""),
    )
