"""The commands `outbox retry`, `cancel`, `hold` and `release`: what the operator does about messages."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from daemon.cli.context import CommandFailed, Context, WrongUse, account, tell, ticket_number
from daemon.clock import SystemClock
from daemon.store import holds, outbox_acts, tickets
from daemon.store.holds import Hold, What
from daemon.store.outbox_acts import ENDABLE, Chosen
from daemon.workflow.notices import NOTICES

if TYPE_CHECKING:
    from daemon.casework.outgoing import Done
    from daemon.store.hold_rows import By

MAX_WHY = 300


def chosen(connection: Connection, context: Context, arguments: argparse.Namespace) -> Chosen:
    """The messages that the options name. Raises CommandFailed."""
    channels: tuple[str, ...] = (arguments.channel,) if arguments.channel else ()
    others: tuple[str, ...] = ()
    if arguments.gateway:
        carried, others = _carried_by(context, arguments.gateway)
        if channels and channels != (carried,):
            raise CommandFailed(f"{arguments.gateway} carries {carried}, not {arguments.channel}")
        channels = (carried,)
    one_of_several = arguments.gateway if len(others) > 1 else ""
    ticket_id = _ticket_id(connection, arguments.ticket) if arguments.ticket else None
    ids = tuple(getattr(arguments, "ids", ()))
    wanted = Chosen(ids, ticket_id, channels, _kind(arguments.kind))
    return replace(wanted, gateway=one_of_several, is_preferred=one_of_several in others[:1])


def _ticket_id(connection: Connection, number: str) -> int:
    stored = tickets.by_number(connection, ticket_number(number))
    if stored is None:
        raise CommandFailed(f"there is no ticket {number}")
    return stored.id


def _carried_by(context: Context, gateway: str) -> tuple[str, tuple[str, ...]]:
    """The channel that goes by that gateway, and by which ones in all. Raises CommandFailed."""
    from daemon.settings import gateways_of

    gateways = gateways_of(context.config)
    for channel, names in gateways.items():
        if gateway in names:
            return channel, names
    known = ", ".join(name for names in gateways.values() for name in names)
    raise CommandFailed(f"nothing goes by {gateway!r}; gateways are: {known}")


def _kind(name: str | None) -> str:
    if name is None or name in NOTICES:
        return name or ""
    import difflib

    near = difflib.get_close_matches(name, NOTICES, 1)
    raise CommandFailed(f"there is no notification {name!r}" + (f"; did you mean {near[0]}?" if near else ""))


def _by(arguments: argparse.Namespace) -> By:
    why = " ".join((arguments.why or "").split())
    if len(why) > MAX_WHY:
        raise CommandFailed(f"--why has more than {MAX_WHY} characters")
    from daemon.store.hold_rows import By

    return By(arguments.by or account(), why, SystemClock().now())


def _told_why(arguments: argparse.Namespace) -> By:
    """Refuses a reason that says nothing; none at all is the operator's to leave out."""
    by = _by(arguments)
    if arguments.why is not None and not by.why:
        raise CommandFailed("--why is empty: say why, it is kept with what is done")
    return by


def _names_something(arguments: argparse.Namespace) -> bool:
    options = (arguments.ids, arguments.ticket, arguments.channel, arguments.gateway, arguments.kind)
    return any(options) or arguments.all


# --- retry and cancel -------------------------------------------------------------------------------------


def retry(context: Context, arguments: argparse.Namespace) -> int:
    from daemon.casework import outgoing
    from daemon.settings import gateways_of

    if not _names_something(arguments) and not arguments.failed:
        raise WrongUse("which? give ids, --failed for every failed one, or --ticket, --channel, --kind")
    states = ("failed",) if arguments.failed else ("failed", "queued")
    with context.database() as database:
        by, gateways = _by(arguments), gateways_of(context.config)

        def act(connection: Connection) -> Done:
            ids = _ids(connection, context, arguments, states)
            return outgoing.retry(connection, ids, by, gateways)

        done = database.transact_now(act)
    if done.refused:
        raise CommandFailed(f"not waiting or failed, or on hold, left as they are: {_numbers(done.refused)}")
    tell(arguments, f"{done.count} will be tried at once", retried=done.count)
    return 0


def cancel(context: Context, arguments: argparse.Namespace) -> int:
    from daemon.casework import outgoing

    if not _names_something(arguments):
        raise WrongUse("which? give ids, --all, or --ticket, --channel, --gateway, --kind")
    by = _told_why(arguments)
    with context.database() as database:

        def act(connection: Connection) -> Done:
            return outgoing.cancel(connection, _ids(connection, context, arguments, ENDABLE[:3]), by)

        done = database.transact_now(act)
    if done.refused:
        raise CommandFailed(f"sent, on its way or ended, left as they are: {_numbers(done.refused)}")
    tell(arguments, f"{done.count} are cancelled: they will never be sent", cancelled=done.count)
    return 0


def _ids(
    connection: Connection, context: Context, arguments: argparse.Namespace, states: tuple[str, ...]
) -> list[int]:
    """The ids that were given, each once; and all that fit the options."""
    wanted = chosen(connection, context, arguments)
    ids = list(dict.fromkeys(wanted.ids))
    by_options = (arguments.ticket, arguments.channel, arguments.gateway, arguments.kind, arguments.all)
    if any(by_options) or getattr(arguments, "failed", False):
        fits = replace(wanted, ids=(), states=states)
        ids += [row_id for row_id in outbox_acts.ids_of(connection, fits) if row_id not in set(ids)]
    return ids


def _numbers(ids: tuple[int, ...]) -> str:
    return ", ".join(map(str, ids))


# --- hold and release -------------------------------------------------------------------------------------


def hold(context: Context, arguments: argparse.Namespace) -> int:
    from daemon.casework import outgoing
    from daemon.settings import gateways_of

    by, gateways = _told_why(arguments), gateways_of(context.config)
    with context.database() as database:

        def act(connection: Connection) -> int:
            count = 0
            for what in _whats(connection, context, arguments) or [What("all")]:
                done = outgoing.hold(connection, what, by, gateways)
                if done is None:
                    raise CommandFailed(f"{_named(connection, what)} is on hold already")
                count += done.count
            return count

        count = database.transact_now(act)
    line = f"on hold; {count} messages wait. `outbox release` with the same words sends them"
    tell(arguments, line, held=count)
    return 0


def release(context: Context, arguments: argparse.Namespace) -> int:
    from daemon.casework import outgoing
    from daemon.settings import gateways_of

    by, gateways = _by(arguments), gateways_of(context.config)
    with context.database() as database:

        def act(connection: Connection) -> int:
            count = 0
            for what in _whats(connection, context, arguments) or [_only_hold(connection)]:
                done = outgoing.release(connection, what, by, gateways)
                if done is None:
                    raise CommandFailed(_no_such_hold(connection, what))
                count += done.count
            return count

        count = database.transact_now(act)
    tell(arguments, f"released; {count} messages go on", released=count)
    return 0


def _no_such_hold(connection: Connection, what: What) -> str:
    found = [_named(connection, one) for one in holds.in_force(connection)]
    then = f"on hold are: {', '.join(found)}" if found else "nothing is on hold"
    return f"{_named(connection, what)} is not on hold by itself; {then}"


def _whats(connection: Connection, context: Context, arguments: argparse.Namespace) -> list[What]:
    """What is to be held or released: one kind of thing, [] where nothing is named. Raises CommandFailed."""
    wanted = chosen(connection, context, arguments)
    found: dict[str, list[What]] = {
        "ids": [What("message", str(row_id)) for row_id in dict.fromkeys(wanted.ids)],
        "ticket": [What("ticket", str(wanted.ticket_id))] if arguments.ticket else [],
        "channel": [What("channel", arguments.channel)] if arguments.channel else [],
        "gateway": [What("gateway", arguments.gateway)] if arguments.gateway else [],
        "kind": [What("kind", arguments.kind)] if arguments.kind else [],
        "all": [What("all")] if arguments.all else [],
    }
    given = [whats for whats in found.values() if whats]
    if len(given) > 1:
        raise WrongUse("give one of: ids, --ticket, --channel, --gateway, --kind, --all")
    missing = set(wanted.ids) - set(outbox_acts.ids_of(connection, Chosen(wanted.ids))) if wanted.ids else ()
    if missing:
        raise CommandFailed(f"there is no message {_numbers(tuple(sorted(missing)))} in the outbox")
    return given[0] if given else []


def _only_hold(connection: Connection) -> What:
    """The hold in force, where there is one and nobody said which. Raises CommandFailed."""
    found = holds.in_force(connection)
    if not found:
        raise CommandFailed("nothing is on hold")
    if len(found) > 1:
        names = ", ".join(_named(connection, one) for one in found)
        raise WrongUse(f"which? on hold are: {names}; give ids, --ticket, --channel, --kind, --all")
    return What(found[0].scope, found[0].value)


def _named(connection: Connection, what: What | Hold) -> str:
    match what.scope:
        case "all":
            return "everything"
        case "ticket":
            return f"ticket {tickets.number_of(connection, int(what.value))}"
        case _:
            return f"{what.scope} {what.value}"


def hold_lines(connection: Connection, stamp: Mapping[int, str | None]) -> list[str]:
    """Each hold in force, a line: what, since when, by whom and why."""
    return [
        f"{_named(connection, one)} on hold since {stamp[one.id]} by {one.held_by}"
        f": {one.why or 'no reason given'}"
        for one in holds.in_force(connection)
    ]
