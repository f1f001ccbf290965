"""Answers /admin/tickets: the search, and all that is known of one complaint."""

from __future__ import annotations

import asyncio
from functools import partial

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response

from daemon.front_desk import FileRoom, FileWithheld, UnknownTicket
from daemon.operator_desk import Came, FileLine, NotFound, OperatorDesk, Query, Went
from daemon.templating.values import clean
from daemon.web.admin.asking import one_of, page_of
from daemon.web.admin.desk.arithmetic import shown
from daemon.web.admin.desk.asked import id_of
from daemon.web.admin.visits import Visit
from daemon.web.files import to_save
from daemon.workflow.ticket_number import normalise
from daemon.workflow.vocabulary import CHANNELS, STATES

MAX_QUERY = 200
TOLD = 60
"""Of what came, went and happened, on a page; it begins with the last of it."""


class TicketPages:
    def __init__(self, desk: OperatorDesk, files: FileRoom | None = None) -> None:
        """`files` None: none are given out."""
        self._desk = desk
        self._files = files

    async def search(self, visit: Visit) -> Response:
        asked = visit.request.query_params
        typed = clean(asked.get("q", ""))[:MAX_QUERY]
        if (number := normalise(typed)) is not None:
            return visit.to(f"tickets/{number}")
        query = Query(
            typed,
            one_of(visit, "state", STATES),
            one_of(visit, "team", self._desk.teams),
            one_of(visit, "channel", CHANNELS),
            asked.get("late") == "1",
            asked.get("escalated") == "1",
            page_of(visit),
        )
        found = await self._desk.tickets(query)
        return visit.page(
            "admin/desk/search.html",
            query=query,
            found=found,
            teams=self._desk.teams,
            states=STATES,
            channels=CHANNELS,
            name=self._desk.name,
            narrowed=_narrowed(query),
        )

    async def show(self, visit: Visit) -> Response:
        number = normalise(visit.request.path_params["number"])
        if number is None:
            raise HTTPException(404)
        try:
            file = await self._desk.ticket(number)
        except NotFound:
            return visit.notice("no_ticket", 404, number=number)
        kinds = {Came: "came", Went: "went"}
        end = min(page_of(visit) or len(file.timeline), len(file.timeline))
        begin = max(0, end - TOLD)
        # In a thread: a customer may have written much, and a page of megabytes takes seconds.
        return await asyncio.to_thread(
            visit.page,
            "admin/desk/ticket.html",
            file=file,
            ticket=file.ticket,
            timeline=[(kinds.get(type(one), "happened"), one) for one in file.timeline[begin:end]],
            earlier=begin,
            is_whole=end == len(file.timeline),
            reckonings=[shown(one, file.holidays, visit.language) for one in file.reckonings],
            name=self._desk.name,
            gives_files=self._files is not None,
            judged=partial(judged, visit),
        )

    async def file(self, visit: Visit) -> Response:
        """A file of the complaint, for a browser to save and never to show."""
        number = normalise(visit.request.path_params["number"])
        if number is None or self._files is None:
            raise HTTPException(404)
        try:
            found = await self._files.taken_out(number, id_of(visit), visit.admin.name)
        except UnknownTicket:
            raise HTTPException(404) from None
        except FileWithheld:
            return visit.notice("file_withheld", 403)
        return to_save(found)


def judged(visit: Visit, file: FileLine) -> Markup:
    """Why a file was judged as it was, in words of the desk's language."""
    word = f"why_{file.detail.partition(':')[0]}"
    if file.verdict == "infected":
        return visit.say("why_virus", name=file.detail)
    return visit.say(word) if visit.knows(word) else visit.say("why_kind", kind=file.detail)


def _narrowed(query: Query) -> dict[str, str]:
    """What was asked for, for the address of the next page."""
    found = {"q": query.text, "state": query.state, "team": query.team, "channel": query.channel}
    found |= {"late": "1" if query.is_late else "", "escalated": "1" if query.is_escalated else ""}
    return {name: value for name, value in found.items() if value}
