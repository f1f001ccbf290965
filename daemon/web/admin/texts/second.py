"""What waits for a second person: they see what it changes and how it looks, and agree."""

from __future__ import annotations

import asyncio

from starlette.responses import Response

from daemon.web.admin.texts.display import Display
from daemon.web.admin.texts.looks import LOOKS
from daemon.web.admin.texts.past import SEEN_HEADERS
from daemon.web.admin.visits import Visit
from daemon.wording.desk import Broken, TextsDesk
from daemon.wording.differences import differences
from daemon.wording.previewing import USUAL
from daemon.wording.revisions import Refusal, is_same_person


class Review:
    def __init__(self, desk: TextsDesk, display: Display) -> None:
        self._desk = desk
        self._display = display

    async def show(self, visit: Visit) -> Response:
        path = visit.request.path_params["path"]
        standing = await asyncio.to_thread(self._desk.standing, path)
        if standing is None or standing.waiting is None:
            return visit.notice("nothing_waits", 404)
        waiting = standing.waiting
        look = LOOKS[0].name
        message = await asyncio.to_thread(self._display.show, path, waiting.content, USUAL, look)
        return visit.page(
            "admin/texts/review.html",
            headers=SEEN_HEADERS,
            standing=standing,
            waiting=waiting,
            parts=await asyncio.to_thread(differences, standing.content, waiting.content),
            message=message,
            is_own=is_same_person(waiting.by, visit.admin.name),
        )

    async def approve(self, visit: Visit) -> Response:
        path, form = visit.request.path_params["path"], await visit.form()
        try:
            made = await asyncio.to_thread(
                self._desk.approve, path, form.get("revision", ""), visit.admin.name
            )
        except Broken as refusal:
            problems = "; ".join(one.message for one in refusal.problems)
            return visit.notice("approve_broken", 422, problems=problems)
        except Refusal:
            # Somebody was faster, changed it meanwhile, or wrote it: the page shows how it stands now.
            return visit.to(f"texts/review/{path}")
        return visit.to("texts", done=f"approved_{made.state}")
