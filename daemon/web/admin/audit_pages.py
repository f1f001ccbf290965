"""Answers /admin/audit: who did what, the newest first, a page at a time."""

from __future__ import annotations

import asyncio
from functools import partial

from sqlalchemy import Connection
from starlette.responses import Response

from daemon.store import audit
from daemon.store.audit import Entry
from daemon.store.database import Database
from daemon.templating.values import clean
from daemon.web.admin.routes import Address, Section
from daemon.web.admin.visits import Visit

ON_A_PAGE = 50


def section(database: Database) -> Section:
    return Section("audit", "operator", (Address("", _Pages(database).list),), ("admin_audit",))


class _Pages:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, visit: Visit) -> Response:
        """`before`: the place after which the page begins."""
        given = visit.request.query_params.get("before", "")
        is_place = given.isascii() and given.isdecimal() and len(given) < 10
        before = int(given) if is_place else None
        found, head = await asyncio.to_thread(self._database.read_now, _page, before)
        shown = found[:ON_A_PAGE]
        return visit.page(
            "admin/audit/list.html",
            entries=[(one, audit.detail_of(one)) for one in shown],
            older=shown[-1].place if len(found) > ON_A_PAGE else None,
            head=head,
            is_newest=before is None,
            named=partial(_named, visit, "detail"),
            valued=partial(_named, visit, "value"),
        )


def _named(visit: Visit, kind: str, code: object) -> str:
    """What a detail or its value is called; itself where no word is written for it."""
    word = f"{kind}_{code}"
    return visit.say(word) if visit.knows(word) else clean(str(code))


def _page(connection: Connection, before: int | None) -> tuple[list[Entry], str]:
    found = audit.latest(connection, ON_A_PAGE + 1, before=before)
    return found, audit.head(connection)[1]
