"""Prints how each deadline of a ticket was computed, day by day: `tickets show N --deadlines`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

from daemon.cli.context import Context, print_line
from daemon.settings import holiday_names, policy_of
from daemon.store import history, tickets
from daemon.workflow.reckoning import Day, Reckoning, reckonings, stretches_of

KINDS = {
    "business": "business day",
    "weekend": "weekend",
    "holiday": "holiday",
    "instead": "business day (worked instead)",
}
ENDINGS = {
    "": "",
    "speaking": ", then moved to hours in which a citizen is spoken to",
    "morning": ", then that day's morning",
}


def documents(connection: Connection, context: Context, number: str) -> dict[str, Any]:
    """The arithmetic of the ticket's deadlines, under the key `arithmetic`."""
    stored = tickets.by_number(connection, number)
    if stored is None:
        return {}
    entries = ((row.at, row.entry.state) for row in history.of_ticket(connection, stored.id))
    found = reckonings(stored.ticket, policy_of(context.config), stretches_of(entries))
    names = holiday_names(context.config)
    return {"arithmetic": [_document(context, one, names) for one in found]}


def _document(context: Context, one: Reckoning, names: Mapping[date, str]) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "due_at": context.stamp(one.due_at),
        "since": context.stamp(one.since),
        "business_days": one.business / timedelta(days=1),
        "counted_at": context.stamp(one.counted_at),
        "ending": one.ending,
        "days": [_day(day, names) for day in one.days],
    }


def _day(day: Day, names: Mapping[date, str]) -> dict[str, Any]:
    return {
        "day": day.day.isoformat(),
        "until": day.last.isoformat(),
        "kind": day.kind,
        "holiday": names.get(day.day) or None if day.kind == "holiday" else None,
        "counted_s": day.counted.total_seconds(),
        "waited_s": day.waited.total_seconds(),
        "total_s": day.total.total_seconds(),
        "is_adjustment": day.is_adjustment,
    }


def print_them(found: Sequence[Mapping[str, Any]]) -> None:
    """The arithmetic for people: a line for each day."""
    for one in found:
        print()
        print_line(
            f"{one['kind']}: {one['business_days']:g} business days, counted from {one['since']}"
            f"{ENDINGS[one['ending']]}"
        )
        for day in one["days"]:
            print_line(f"  {_line(day)}")
        print_line(f"  due {one['due_at']}")


def _line(day: Mapping[str, Any]) -> str:
    shown = date.fromisoformat(day["day"])
    when = f"{shown:%a} {shown}" + (f" to {day['until']}" if day["until"] != day["day"] else "")
    what = KINDS[day["kind"]] + (f" ({day['holiday']})" if day["holiday"] else "")
    if day["is_adjustment"]:
        what = "as counted before, by the calendar of that time"
    counted, total = (_time(day[key]) for key in ("counted_s", "total_s"))
    waited = f"  waited for the customer {_time(day['waited_s'])}" if day["waited_s"] else ""
    return f"{when:14}  {what:30}  + {counted:>9}  = {total:>10}{waited}"


def _time(seconds: float) -> str:
    """«9 d 4:30»: a business day counts 24 hours."""
    minutes = round(abs(seconds) / 60)
    days, rest = divmod(minutes, 24 * 60)
    return ("-" if seconds < 0 else "") + (f"{days} d " if days else "") + f"{rest // 60}:{rest % 60:02}"
