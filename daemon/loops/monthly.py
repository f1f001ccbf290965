"""Sends the monthly report: on the first business day of a month, to each team's lead and to the operator.

The mail names the main figures of the month before and carries the whole report as one HTML file. Mail
programs show no SVG, so the charts cannot stand in the mail itself; a PNG or a PDF would need a library that
draws Arabic text, and the file is the page that `report` writes: it opens everywhere, prints, and can be read
to who cannot see it. What customers wrote stays out of it: a mail is out of reach once it was sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from daemon.casework.case import Cases
from daemon.casework.saying import Speech
from daemon.clock import Clock
from daemon.counting.asking import Answer, Asked
from daemon.counting.desk import answer
from daemon.counting.keeper import Keeper
from daemon.dispatch.envelope import OURS, FileReference
from daemon.loops.digest import MORNING
from daemon.store import counters, monthly_reports
from daemon.store.database import Database
from daemon.templating.page_words import Shelf
from daemon.templating.report_view import View, lines_of
from daemon.templating.report_words import PAGE, ReportWords
from daemon.workflow.counts import EVERYTHING
from daemon.workflow.model import Decision, Notification, Value
from daemon.workflow.naming import house
from daemon.workflow.period import Period, month_of, months_later
from daemon.workflow.policy import Policy

SAID_IN = "report_said_in"
"""The counter that holds the month, as a number, in which the reports were last said."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What the reports are written with: the texts' folder, the service's language and the price of a
    segment in riyals."""

    shelf: Shelf
    language: str
    price: float | None = None


@dataclass(frozen=True, slots=True)
class _Letter:
    """One report, for one reader."""

    recipient: str
    team: str
    lines: list[str]
    content: bytes


class MonthlyReport:
    """Says each lead's report once a month, also where the desk was down on its day."""

    def __init__(self, database: Database, cases: Cases, clock: Clock, keeper: Keeper, paper: Paper) -> None:
        self._database = database
        self._cases = cases
        self._policy: Policy = cases.policy
        self._clock = clock
        self._keeper = keeper
        self._paper = paper
        self._said_in = 0

    async def run(self) -> bool:
        """Say what is due; True where anything new was said. Raises StoreUnavailable."""
        now = self._clock.now()
        local = now.astimezone(self._policy.calendar.timezone)
        month = local.year * 12 + local.month
        if month == self._said_in or local < self._due(local.date()):
            return False
        if await self._database.transact(counters.count_of, SAID_IN) == month:
            self._said_in = month
            return False
        await self._keeper.run()
        period = month_of(months_later(local.date(), -1), self._policy.calendar.timezone)
        # Read and written outside every transaction: the leads' pages may take a while.
        letters = await asyncio.to_thread(self._letters, period, now)
        said = await self._database.transact(self._say, letters, period, month, now)
        self._said_in = month
        return said

    def _due(self, today: date) -> datetime:
        """The morning of the first business day of this month."""
        day, calendar = today.replace(day=1), self._policy.calendar
        while not calendar.is_business_day(day):
            day += timedelta(days=1)
        return datetime.combine(day, MORNING, calendar.timezone)

    def _letters(self, period: Period, now: datetime) -> list[_Letter]:
        whole = self._database.read_now(answer, Asked(period), self._policy)
        if not _tells_anything(whole):
            return []
        found = [self._letter(reader, team, period, now) for team, reader in self._readers()]
        return [letter for letter in found if letter is not None]

    def _readers(self) -> Iterator[tuple[str, str]]:
        """Each team and its lead; "" and the operator."""
        for team in self._policy.teams:
            if team.lead:
                yield team.name, team.lead.lower()
        if self._policy.operator:
            yield "", self._policy.operator.lower()

    def _letter(self, reader: str, team: str, period: Period, now: datetime) -> _Letter | None:
        scope = EVERYTHING._replace(team=team) if team else EVERYTHING
        found = self._database.read_now(answer, Asked(period, scope), self._policy)
        if not _tells_anything(found):
            return None
        from daemon.templating.report_page import Sheet, page  # Jinja2, once a month

        paper, policy = self._paper, self._policy
        words = paper.shelf.words(paper.language, PAGE)
        sheet = Sheet(policy, words, policy.service_name, paper.price, team, has_comments=False)
        view = View(found.report, policy, ReportWords(words, {}), paper.price)
        return _Letter(reader, team, lines_of(view), page(found.report, now, sheet).encode())

    def _say(
        self, connection: Connection, letters: list[_Letter], period: Period, month: int, now: datetime
    ) -> bool:
        said, name = False, period.start.strftime("%Y-%m")
        for letter in letters:
            sha256 = monthly_reports.add(connection, name, letter.team, letter.content, now)
            file = FileReference(OURS, sha256, f"shakwa-report-{name}.html", "text/html")
            words = self._paper.shelf.words(self._paper.language, PAGE)
            values: dict[str, Value] = house(self._policy) | {
                "report_month": ReportWords(words, {}).month(period.start.date()),
                "report_team": letter.team,
                "report_lines": letter.lines,
            }
            notification = Notification("staff_report", "email", letter.recipient, "staff", values)
            decision = Decision(None, (notification,), (), "recorded")
            speech = Speech(f"report:{letter.team}:{name}", decision)
            said |= bool(self._cases.at(connection, now).say(replace(speech, enclosed=(file,))))
        counters.set_count(connection, SAID_IN, month)
        return said


def _tells_anything(answer: Answer) -> bool:
    """Whether there is anything to say: a desk that is new, or a team without complaints, has nothing."""
    total = answer.report.total
    told = (total.opened, total.closed_count, total.reopened, total.rated, total.sms.messages)
    return any((*told, total.first_response.count, *total.backlog.states.values()))
