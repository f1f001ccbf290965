"""Compares what the desk would have said in shadow mode with what the team beside it really sent.

They belong together by their thread: a mail of the team names the mail that it answers (RFC 5322, section
3.6.4). No word of either is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Verdict = Literal["both", "team", "desk", "neither"]
VERDICTS: tuple[Verdict, ...] = ("both", "team", "desk", "neither")


@dataclass(frozen=True, slots=True)
class Came:
    """A mail that was read. `thread` is its complaint's number, or stands for the mail alone; `is_human`: a
    person wrote it, as the desk sees it."""

    thread: str
    at: datetime
    message_id: str | None
    is_human: bool = True


@dataclass(frozen=True, slots=True)
class Sent:
    """A mail of the team: when it was put into their folder, and which Message-IDs it answers, nearest
    first."""

    at: datetime
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Meant:
    """What the desk would have sent to a citizen by e-mail."""

    thread: str
    at: datetime
    notification: str


@dataclass(frozen=True, slots=True)
class Beside:
    """One conversation: when its first mail of the time came (None: before), and who answered when."""

    thread: str
    came_at: datetime | None
    team: tuple[datetime, ...]
    desk: tuple[Meant, ...]

    @property
    def verdict(self) -> Verdict:
        """Who would have answered."""
        if self.team and self.desk:
            return "both"
        return "team" if self.team else "desk" if self.desk else "neither"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Each conversation in its order, and how many mails of the team answer none of them."""

    conversations: tuple[Beside, ...]
    unrelated: int

    def count(self, verdict: Verdict) -> int:
        """How many conversations ended so."""
        return sum(one.verdict == verdict for one in self.conversations)


def compared(came: Sequence[Came], meant: Iterable[Meant], sent: Iterable[Sent]) -> Comparison:
    """By thread. What no person wrote is named only where the team answered it."""
    thread_of = {mail.message_id: mail.thread for mail in came if mail.message_id}
    first: dict[str, datetime] = {}
    people = set()
    for mail in came:
        first[mail.thread] = min(mail.at, first.get(mail.thread, mail.at))
        if mail.is_human:
            people.add(mail.thread)
    team: dict[str, list[datetime]] = {}
    unrelated = 0
    for mail_of_theirs in sent:
        thread = next((thread_of[one] for one in mail_of_theirs.answers if one in thread_of), None)
        if thread is None:
            unrelated += 1
        else:
            team.setdefault(thread, []).append(mail_of_theirs.at)
    desk: dict[str, list[Meant]] = {}
    for one in meant:
        desk.setdefault(one.thread, []).append(one)
    found = [
        Beside(
            thread,
            first.get(thread),
            tuple(sorted(team.get(thread, ()))),
            tuple(sorted(desk.get(thread, ()), key=lambda one: one.at)),
        )
        for thread in people | team.keys() | desk.keys()
    ]
    return Comparison(tuple(sorted(found, key=_place)), unrelated)


def _place(one: Beside) -> tuple[datetime, str]:
    instants = [at for at in (one.came_at, *one.team[:1]) if at is not None]
    return min(instants or [one.desk[0].at]), one.thread
