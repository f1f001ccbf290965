"""A notification that the guide does not demand is switched off here, and on again."""

from __future__ import annotations

import asyncio

from starlette.exceptions import HTTPException
from starlette.responses import Response

from daemon.web.admin.texts.listing import title_of
from daemon.web.admin.visits import Visit
from daemon.wording.desk import TextsDesk
from daemon.wording.revisions import Refusal
from daemon.workflow import notices


class Switching:
    def __init__(self, desk: TextsDesk) -> None:
        self._desk = desk

    async def show(self, visit: Visit) -> Response:
        return await self._page(visit, "", 200)

    async def switch(self, visit: Visit) -> Response:
        name, form = visit.request.path_params["name"], await visit.form()
        why = " ".join(form.get("why", "").split())[:500]
        if not why:
            return await self._page(visit, "why_missing", 422)
        wants_off = form.get("off") == "yes"
        try:
            await asyncio.to_thread(self._desk.switch, name, visit.admin.name, why, off=wants_off)
        except Refusal:
            raise HTTPException(404) from None
        return visit.to("texts", done="switched_off" if wants_off else "switched_on")

    async def _page(self, visit: Visit, mistake: str, status: int) -> Response:
        name = visit.request.path_params["name"]
        if name not in notices.NOTICES or not notices.of(name).may_be_off:
            raise HTTPException(404)
        past = await asyncio.to_thread(self._desk.switchings, name)
        return visit.page(
            "admin/texts/switch.html",
            status,
            name=name,
            title=title_of(name),
            past=past[::-1],
            is_off=bool(past) and past[-1].is_off,
            mistake=mistake,
        )
