"""The list of the texts, by notification, with what waits for somebody on top."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.responses import Response

from daemon.templating.words import shipped
from daemon.web.admin.asking import one_of
from daemon.web.admin.visits import Visit
from daemon.wording.desk import TextsDesk
from daemon.wording.overview import Row
from daemon.workflow import notices

SHARED = "shared"
DONE = ("approved_in_force", "approved_waiting_for_time", "switched_off", "switched_on")


@dataclass(frozen=True, slots=True)
class Group:
    """The texts of one notification. `title` is what people call it; `may_be_off`: an admin may switch it."""

    name: str
    title: str
    rows: list[Row]
    may_be_off: bool = False
    is_off: bool = False


class Listing:
    def __init__(self, desk: TextsDesk) -> None:
        self._desk = desk

    async def show(self, visit: Visit) -> Response:
        query = visit.request.query_params
        wanted, audience = query.get("q", "").strip()[:100], query.get("audience", "")
        rows = await asyncio.to_thread(self._desk.rows)
        named = [row for row in rows if _matches(row, wanted, audience)]
        found = named or [row for row in rows if _says(self._desk, row, wanted, audience)]
        return visit.page(
            "admin/texts/list.html",
            groups=groups_of(found),
            asking=[row for row in rows if row.state in ("waiting_for_second", "new_shipped_version")],
            wanted=wanted,
            audience=audience,
            done=one_of(visit, "done", DONE),
        )


def title_of(name: str) -> str:
    """What people call a notification."""
    return shipped("ar").name("notification", name)


def _matches(row: Row, wanted: str, audience: str) -> bool:
    if audience and row.text.audience != audience:
        return False
    name = row.text.name.partition(".")[0]
    about = f"{row.text.name} {title_of(name)} {row.text.called} {row.text.path}".casefold()
    return all(word in about for word in wanted.casefold().split())


def _says(desk: TextsDesk, row: Row, wanted: str, audience: str) -> bool:
    """Whether these very words stand in what is in force."""
    if not wanted or (audience and row.text.audience != audience) or not desk.texts.has(row.text.path):
        return False
    return " ".join(wanted.split()).casefold() in " ".join(desk.texts.read(row.text.path).split()).casefold()


def groups_of(rows: Iterable[Row]) -> list[Group]:
    """The notifications to citizens, then those to staff, then what is shared."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        name = row.text.name.partition(".")[0]
        found.setdefault(name if name in notices.NOTICES else SHARED, []).append(row)
    order = [*notices.NOTICES, SHARED]
    return [
        Group(
            name,
            "" if name == SHARED else title_of(name),
            sorted(found[name], key=lambda row: (row.text.language != "ar", row.text.channel, row.text.name)),
            name in notices.NOTICES and notices.of(name).may_be_off,
            any(row.is_off for row in found[name]),
        )
        for name in order
        if name in found
    ]
