"""Answers /admin/outbox: what waits, failed or is held; one message; retry, cancel, hold and release."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, get_args

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response

from daemon.operator_desk import HeldScope, MessageAct, MessageQuery, NotFound, OperatorDesk, Went
from daemon.web.admin.asking import one_of, page_of
from daemon.web.admin.desk.asked import check_sure, id_of, why_of
from daemon.web.admin.routes import FRAMED
from daemon.web.admin.visits import Visit
from daemon.workflow.notices import NOTICES
from daemon.workflow.vocabulary import DELIVERY_CHANNELS

VIEWS: Final[Mapping[str, tuple[str, ...]]] = {
    "waiting": ("queued", "claimed", "failed", "held"),
    "failed": ("failed",),
    "held": ("held",),
    "queued": ("queued", "claimed"),
    "suppressed": ("suppressed",),
    "cancelled": ("cancelled",),
    "sent": ("sent",),
}
"""What is looked at, and the states that it shows; the first where nothing is chosen."""
ACTS: Final[tuple[MessageAct, ...]] = get_args(MessageAct)
POSSIBLE: Final[Mapping[str, tuple[MessageAct, ...]]] = {
    "queued": ("retry", "hold", "cancel"),
    "failed": ("retry", "cancel"),
    "held": ("release", "cancel"),
    "suppressed": ("retry", "cancel"),
}
"""What can be done about a message in each state."""
DONE: Final = ("retry", "cancel", "hold", "release", "lifted", "holding")
_NOTHING: Mapping[str, str] = {"why": "", "sure": "", "scope": "", "kind": ""}


class MessagePages:
    def __init__(self, desk: OperatorDesk) -> None:
        self._desk = desk

    async def list(self, visit: Visit) -> Response:
        return await self._list(visit)

    async def _list(
        self,
        visit: Visit,
        status: int = 200,
        typed: Mapping[str, str] = _NOTHING,
        mistakes: Mapping[str, Markup] | None = None,
    ) -> Response:
        view = one_of(visit, "view", VIEWS) or next(iter(VIEWS))
        channel = one_of(visit, "channel", DELIVERY_CHANNELS)
        kind = one_of(visit, "kind", NOTICES)
        found = await self._desk.messages(MessageQuery(VIEWS[view], channel, kind, page_of(visit)))
        asked = {"view": view, "channel": channel, "kind": kind}
        return visit.page(
            "admin/desk/outbox.html",
            status,
            found=found,
            asked={name: value for name, value in asked.items() if value},
            views=VIEWS,
            channels=DELIVERY_CHANNELS,
            kinds=NOTICES,
            name=self._desk.name,
            typed={**_NOTHING, **typed},
            mistakes=mistakes or {},
            done=one_of(visit, "done", DONE),
            count=visit.request.query_params.get("count", ""),
        )

    async def show(self, visit: Visit) -> Response:
        return self._page(visit, await self._message(visit))

    async def html(self, visit: Visit) -> Response:
        """The mail as its reader sees it, for a frame that runs nothing and leads nowhere."""
        try:
            html = await self._desk.html_of(id_of(visit))
        except NotFound:
            raise HTTPException(404) from None
        return Response(html, 200, dict(FRAMED), "text/html; charset=utf-8")

    async def act(self, visit: Visit) -> Response:
        """As `outbox retry`, `cancel`, `hold` and `release` of one id."""
        act = next((one for one in ACTS if one == visit.request.path_params["act"]), None)
        if act is None:
            raise HTTPException(404)
        form, mistakes = await visit.form(), dict[str, Markup]()
        message = await self._message(visit)
        person = why_of(visit, form, mistakes, must=act in ("cancel", "hold"))
        if act == "cancel":
            check_sure(visit, form, mistakes)
        if not mistakes and not await self._desk.act(act, message.id, person):
            mistakes["act"] = visit.say("act_impossible")
        if mistakes:
            return self._page(visit, await self._message(visit), 422, form, mistakes, act)
        return visit.to(f"outbox/{message.id}", done=act)

    async def hold(self, visit: Visit) -> Response:
        """As `outbox hold --all`, `--channel` or `--kind`."""
        form, mistakes = await visit.form(), dict[str, Markup]()
        person = why_of(visit, form, mistakes)
        check_sure(visit, form, mistakes)
        scope, value = _scope_of(form)
        if scope is None:
            mistakes["scope"] = visit.say("scope_missing")
        if not mistakes and scope and not await self._desk.hold(scope, value, person):
            mistakes["scope"] = visit.say("held_already")
        if mistakes:
            return await self._list(visit, 422, form, mistakes)
        return visit.to("outbox", done="holding")

    async def lift(self, visit: Visit) -> Response:
        """As `outbox release` with the words of that hold."""
        form, mistakes = await visit.form(), dict[str, Markup]()
        person = why_of(visit, form, mistakes, must=False)
        if not mistakes and not await self._desk.lift(form.get("scope", ""), form.get("value", ""), person):
            mistakes["lift"] = visit.say("not_held")
        if mistakes:
            return await self._list(visit, 422, form, mistakes)
        return visit.to("outbox", done="lifted")

    async def retry_failed(self, visit: Visit) -> Response:
        """As `outbox retry --failed`."""
        form, mistakes = await visit.form(), dict[str, Markup]()
        person = why_of(visit, form, mistakes, must=False)
        if mistakes:
            return await self._list(visit, 422, form, mistakes)
        await self._desk.retry_failed(person)
        return visit.to("outbox", done="retry")

    async def _message(self, visit: Visit) -> Went:
        try:
            return await self._desk.message(id_of(visit))
        except NotFound:
            raise HTTPException(404) from None

    def _page(
        self,
        visit: Visit,
        message: Went,
        status: int = 200,
        typed: Mapping[str, str] = _NOTHING,
        mistakes: Mapping[str, Markup] | None = None,
        act: str = "",
    ) -> Response:
        return visit.page(
            "admin/desk/message.html",
            status,
            one=message,
            acts=POSSIBLE.get(message.state, ()),
            name=self._desk.name,
            typed={**_NOTHING, **typed},
            mistakes=mistakes or {},
            act=act,
            done=one_of(visit, "done", DONE),
        )


def _scope_of(form: Mapping[str, str]) -> tuple[HeldScope | None, str]:
    """What is to be held: "all", a channel, or "kind" with a notification's name beside it."""
    scope, kind = form.get("scope", ""), form.get("kind", "")
    if scope == "all":
        return "all", ""
    if scope in DELIVERY_CHANNELS:
        return "channel", scope
    return ("kind", kind) if scope == "kind" and kind in NOTICES else (None, "")
