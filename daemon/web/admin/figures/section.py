"""The pages of the figures: the page itself, the same for a printer, and as CSV for a spreadsheet."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from daemon.clock import Clock
from daemon.counting.asking import Answer, Asked, Figures
from daemon.templating import formats
from daemon.templating.page_words import LANGUAGES, PageWords, Shelf
from daemon.templating.report_page import Sheet, body, page, period_of
from daemon.templating.report_shapes import as_csv
from daemon.templating.report_words import PAGE, ReportWords
from daemon.web.admin.figures import choice
from daemon.web.admin.figures.choice import Choice, Mistake, asked_of, choice_of
from daemon.web.admin.routes import Address, Section
from daemon.web.admin.visits import Visit
from daemon.web.settings import WebSettings
from daemon.workflow.policy import Policy
from daemon.workflow.vocabulary import CHANNELS

_PRINTED: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
}
"""A page that stands alone has its style in itself, and nothing else."""


@dataclass(frozen=True, slots=True)
class Bureau:
    """What the section needs. `price` is that of a segment of an SMS in riyals, None where nobody said it."""

    figures: Figures
    clock: Clock
    policy: Policy
    settings: WebSettings
    price: float | None = None


def section(bureau: Bureau) -> Section:
    """The section `figures`."""
    pages = _Pages(bureau)
    return Section(
        "figures",
        "figures",
        (
            Address("", pages.show),
            Address("/print", pages.print),
            Address("/csv", pages.csv),
        ),
        (PAGE, "admin_figures"),
    )


class _Pages:
    def __init__(self, bureau: Bureau) -> None:
        self._bureau = bureau
        settings = bureau.settings
        self._language = settings.language if settings.language in LANGUAGES else "ar"
        self._shelf = Shelf(settings.texts)
        self._teams = [team.name for team in bureau.policy.teams]

    async def show(self, visit: Visit) -> Response:
        chosen = choice_of(visit.request.query_params, self._today())
        try:
            asked = self._asked(chosen)
        except Mistake as mistake:
            return self._page(visit, chosen, None, mistake)
        answer = await self._bureau.figures.answer(asked)
        return await asyncio.to_thread(self._page, visit, chosen, answer)

    async def print(self, visit: Visit) -> Response:
        chosen, answer = await self._answer(visit)
        sheet, now = self._sheet(chosen), self._bureau.clock.now()
        written = await asyncio.to_thread(page, answer.report, now, sheet)
        return HTMLResponse(written, headers=dict(_PRINTED))

    async def csv(self, visit: Visit) -> Response:
        _, answer = await self._answer(visit)
        written = as_csv(answer.report, self._stamp, self._bureau.price)
        name = f"shakwa-{answer.report.period.start:%Y-%m-%d}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(written, headers=headers, media_type="text/csv; charset=utf-8")

    async def _answer(self, visit: Visit) -> tuple[Choice, Answer]:
        chosen = choice_of(visit.request.query_params, self._today())
        try:
            asked = self._asked(chosen)
        except Mistake:
            raise HTTPException(404) from None
        return chosen, await self._bureau.figures.answer(asked)

    def _asked(self, chosen: Choice) -> Asked:
        return asked_of(chosen, self._zone, CHANNELS, self._teams)

    def _page(
        self, visit: Visit, chosen: Choice, answer: Answer | None, mistake: Mistake | None = None
    ) -> Response:
        query = urlencode(chosen.query())
        sheet = self._sheet(chosen)
        return visit.page(
            "admin/figures/figures.html",
            422 if mistake else 200,
            chosen=chosen,
            mistake=mistake,
            periods=self._periods(),
            channels=[(name, self._in_words.name("channel", name)) for name in CHANNELS],
            teams=self._teams,
            query=query,
            waiting=answer.waiting if answer else 0,
            period=period_of(answer.report.period, sheet.words) if answer else "",
            body=body(answer.report, sheet) if answer else "",
        )

    def _periods(self) -> list[tuple[str, str]]:
        """Months and quarters as they can be chosen, each with its words."""
        today, words = self._today(), self._words()
        months = [(month.isoformat()[:7], _month(month, self._language)) for month in choice.months(today)]
        quarters = [
            (
                choice.quarter_name(first),
                words.plain("figures_quarter", number=(first.month + 2) // 3, year=first.year),
            )
            for first in choice.quarters(today)
        ]
        return months + quarters

    def _sheet(self, chosen: Choice) -> Sheet:
        names = [self._in_words.name("channel", chosen.channel)] if chosen.channel else []
        about = " – ".join([*names, *([chosen.team] if chosen.team else [])])
        bureau = self._bureau
        return Sheet(bureau.policy, self._words(), bureau.settings.service_name, bureau.price, about)

    def _words(self) -> PageWords:
        return self._shelf.words(self._language, PAGE, "admin_figures")

    @property
    def _in_words(self) -> ReportWords:
        return ReportWords(self._words(), {})

    @property
    def _zone(self) -> ZoneInfo:
        return self._bureau.policy.calendar.timezone

    def _today(self) -> date:
        return self._bureau.clock.now().astimezone(self._zone).date()

    def _stamp(self, at: datetime | None) -> str | None:
        return at.astimezone(self._zone).isoformat() if at else None


def _month(first: date, language: str) -> str:
    """«نوفمبر 2026»."""
    noon = datetime.combine(first, time(12), formats.RIYADH)
    return " ".join(formats.day(noon.isoformat(), language).split()[2:])
