"""What the ministry tells people of their data, and how long it keeps them: [privacy]."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator

from daemon.config.values import GivenLine, Table, WebAddress, key

LEAST_YEARS: Mapping[str, float] = {
    # A complaint that may still be reopened or rated is not old; logs of a government entity stay a year
    # (NCA ECC 2-12).
    "complaints": 0.25,
    "raw_mails": 0.1,
    "messages": 0.1,
    "set_aside": 0.1,
    "other_mail": 0.1,
    "receipts": 0.1,
    "audit": 1.0,
}
"""The kinds that have a time of their own, and the shortest of each, in years."""
DEFAULT_YEARS: Mapping[str, float] = {"receipts": 0.25}
MOST_YEARS = 100


def _years(value: Any) -> dict[str, float]:
    """A number is that of the complaints. Raises ValueError."""
    given = {"complaints": value} if isinstance(value, int | float) else value
    if not isinstance(given, Mapping):
        raise ValueError("must be a number of years, or a table like { complaints = 5 }")
    for name, years in given.items():
        if name not in LEAST_YEARS:
            raise ValueError(f"knows no {name!r}; kinds are {', '.join(LEAST_YEARS)}")
        if isinstance(years, bool) or not isinstance(years, int | float):
            raise ValueError(f"{name} must be a number of years")
        if not LEAST_YEARS[name] <= years <= MOST_YEARS:
            raise ValueError(f"{name} must be from {LEAST_YEARS[name]:g} to {MOST_YEARS} years")
    return {**DEFAULT_YEARS, **{name: float(years) for name, years in given.items()}}


KeepYears = Annotated[dict[str, float], BeforeValidator(_years)]


class Privacy(Table):
    """What becomes of what people tell us of themselves."""

    notice_url: WebAddress | None = key(
        None,
        "The privacy notice that the foot of every mail to a citizen leads to.",
        says="no link",
        example="https://momah.example.sa/privacy",
        shown=False,
    )
    team: GivenLine | None = key(
        None,
        "The team that gets what people ask about their own data: to see, correct or erase them. Its lead is "
        "told too.",
        says="the team that takes the rest",
        example="care",
        shown=False,
    )
    keep_years: KeepYears = key(
        {},
        "How long each kind is kept, in years; a number alone is that of complaints. Removed every night, "
        "except what a legal hold is on; figures stay (docs/PRIVACY.md). Kinds: complaints (all of a closed "
        "one), raw_mails, messages (what we said), set_aside, other_mail (about no complaint), receipts (of "
        "no message known), audit (details of it).",
        says="receipts 0.25, all else for ever",
        example={
            "complaints": 5,
            "raw_mails": 2,
            "messages": 2,
            "set_aside": 0.5,
            "other_mail": 0.5,
            "audit": 5,
        },
        shown=False,
    )
