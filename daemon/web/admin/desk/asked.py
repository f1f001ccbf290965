"""Reads what an operator asks for: ids from the address, names and reasons from a form."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from daemon.operator_desk import Person
from daemon.web.admin.visits import Visit

MAX_WHY = 300


def id_of(visit: Visit) -> int:
    """The id in the address, as {id:row} lets it in."""
    found: int = visit.request.path_params["id"]
    return found


def why_of(
    visit: Visit, form: Mapping[str, str], mistakes: dict[str, Markup], *, must: bool = True
) -> Person:
    """Who acts and why; a mistake under `why` where a reason must be given and is not."""
    why = " ".join(form.get("why", "").split())
    if must and not why:
        mistakes["why"] = visit.say("why_missing")
    elif len(why) > MAX_WHY:
        mistakes["why"] = visit.say("why_too_long", most=MAX_WHY)
    return Person(visit.admin.name, why)


def check_sure(visit: Visit, form: Mapping[str, str], mistakes: dict[str, Markup]) -> None:
    """What cannot be undone, or stops everything, is confirmed."""
    if form.get("sure") != "yes":
        mistakes["sure"] = visit.say("sure_missing")
