"""The commands `privacy hold`, `unhold` and `holds`: what must not be erased, and why."""

from __future__ import annotations

import argparse

from sqlalchemy import Connection

from daemon.cli.context import (
    CommandFailed,
    Context,
    account,
    print_json,
    print_table,
    tell,
    ticket_number,
)
from daemon.clock import SystemClock
from daemon.store import audit, privacy_holds, tickets
from daemon.store.audit import Deed
from daemon.store.hold_rows import By
from daemon.store.privacy_holds import Scope


def _by(arguments: argparse.Namespace) -> By:
    return By(arguments.by or account(), " ".join(arguments.why.split()), SystemClock().now())


def _what(given: str) -> tuple[Scope, str]:
    """Raises CommandFailed."""
    from daemon.casework import person  # with it comes what reads telephone numbers
    from daemon.casework.person import NoPerson

    try:
        who = person.read([given])
    except NoPerson:
        return "ticket", ticket_number(given)
    [value] = who.mailboxes | who.mobiles | {f"@{one}" for one in who.handles}
    return "person", value


def hold(context: Context, arguments: argparse.Namespace) -> int:
    (scope, value), by = _what(arguments.what), _by(arguments)
    if not by.why:
        raise CommandFailed("--why is empty: say why, it is kept with the hold")

    def act(connection: Connection) -> None:
        if scope == "ticket" and tickets.by_number(connection, value) is None:
            raise CommandFailed(f"there is no ticket {value}")
        if not privacy_holds.put(connection, scope, value, by):
            raise CommandFailed("on hold already")
        _record(connection, "hold_begun", scope, value, by)

    with context.database() as database:
        database.transact_now(act)
    line = "on hold: nothing of it is erased, or removed for its age, until `privacy unhold`"
    tell(arguments, line, scope=scope, on_hold=True)
    return 0


def unhold(context: Context, arguments: argparse.Namespace) -> int:
    (scope, value), by = _what(arguments.what), _by(arguments)

    def act(connection: Connection) -> None:
        if not privacy_holds.end(connection, value, by):
            raise CommandFailed("not on hold")
        _record(connection, "hold_ended", scope, value, by)

    with context.database() as database:
        database.transact_now(act)
    tell(arguments, "the hold has ended", scope=scope, on_hold=False)
    return 0


def _record(connection: Connection, act: str, scope: Scope, value: str, by: By) -> None:
    """Whom a hold on a person is about stands in the detail, which an erasure takes out."""
    about, detail = (f"ticket {value}", {}) if scope == "ticket" else ("", {"person": value})
    audit.record(connection, Deed(by.name, act, about, detail | {"why": by.why}), by.at)  # type: ignore[arg-type]


def list_holds(context: Context, arguments: argparse.Namespace) -> int:
    with context.database() as database:
        found = database.read_now(privacy_holds.in_force)
    if arguments.json:
        print_json(
            [
                {"what": one.value, "since": context.stamp(one.held_at), "by": one.held_by, "why": one.why}
                for one in found
            ]
        )
        return 0
    print_table(
        ("WHAT", "SINCE", "BY", "WHY"),
        ((one.value, context.stamp(one.held_at), one.held_by, one.why) for one in found),
    )
    return 0
