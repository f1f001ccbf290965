"""The history of one text: each revision as its readers saw it, what it changed, and the way back."""

from __future__ import annotations

import asyncio

from starlette.exceptions import HTTPException
from starlette.responses import Response

from daemon.store.texts import Revision
from daemon.web.admin.asking import one_of, page_of
from daemon.web.admin.texts.display import Display
from daemon.web.admin.texts.looks import LOOKS
from daemon.web.admin.visits import Visit
from daemon.wording.desk import Broken, TextsDesk
from daemon.wording.overview import text_of
from daemon.wording.previewing import USUAL
from daemon.wording.revisions import NothingToDo, Overtaken, Refusal

SEEN_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; "
    "img-src 'self' data:; font-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
}
"""A page of ours that holds a mail in a frame, which takes its headers over."""


MISTAKES = ("why_missing", "nothing_changed", "overtaken_meanwhile")
ON_A_PAGE = 20
"""Revisions, each with what it changed."""


class History:
    def __init__(self, desk: TextsDesk, display: Display) -> None:
        self._desk = desk
        self._display = display

    async def show(self, visit: Visit) -> Response:
        path, before = self._path(visit), page_of(visit)
        past, head = await asyncio.to_thread(self._desk.history, path, before, ON_A_PAGE + 1)
        if not past:
            raise HTTPException(404)
        return visit.page(
            "admin/texts/history.html",
            text=text_of(path),
            entries=past[:ON_A_PAGE],
            older=past[ON_A_PAGE - 1].revision.id if len(past) > ON_A_PAGE else None,
            head=head,
            done=one_of(visit, "done", ("restored",)),
            mistake=one_of(visit, "mistake", MISTAKES),
        )

    async def seen(self, visit: Visit) -> Response:
        """One revision as its readers saw it."""
        revision = await self._revision(visit)
        query = visit.request.query_params
        sample, look = query.get("sample", USUAL), query.get("look", LOOKS[0].name)
        path, content = revision.path, revision.content
        choices = await asyncio.to_thread(self._display.choices, visit, path, content, is_draft=False)
        sample = choices.chosen(sample)
        message = await asyncio.to_thread(self._display.past, revision, sample, look)
        return visit.page(
            "admin/texts/seen.html",
            headers=SEEN_HEADERS,
            text=text_of(revision.path),
            revision=revision,
            message=message,
            samples=choices.samples,
            sample=sample,
            looks=choices.looks,
        )

    async def restore(self, visit: Visit) -> Response:
        """Say again what a revision says, or decline what a new version of the program offers."""
        path, form = self._path(visit), await visit.form()
        why = " ".join(form.get("why", "").split())[:500]
        if not why:
            return visit.to(f"texts/history/{path}", mistake="why_missing")
        try:
            await asyncio.to_thread(
                self._desk.roll_back,
                path,
                form.get("revision", ""),
                visit.admin.name,
                why,
                form.get("began_from", ""),
            )
        except Overtaken:
            # Somebody saved since the page was made: it shows theirs now, and both can be looked at.
            return visit.to(f"texts/history/{path}", mistake="overtaken_meanwhile")
        except NothingToDo:
            return visit.to(f"texts/history/{path}", mistake="nothing_changed")
        except Broken as refusal:
            problems = "; ".join(one.message for one in refusal.problems)
            return visit.notice("restore_broken", 422, problems=problems)
        except Refusal:
            raise HTTPException(404) from None
        return visit.to(f"texts/history/{path}", done="restored")

    def _path(self, visit: Visit) -> str:
        """Raises HTTPException 404: no database is asked for what a stranger wrote into an address."""
        path: str = visit.request.path_params["path"]
        if not self._desk.has(path):
            raise HTTPException(404)
        return path

    async def _revision(self, visit: Visit) -> Revision:
        found = await asyncio.to_thread(self._desk.revision, visit.request.path_params["id"])
        if found is None:
            raise HTTPException(404)
        return found
