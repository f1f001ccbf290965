"""Switches a notification off, and on again: only one that the guide does not demand."""

from __future__ import annotations

from sqlalchemy import Connection

from daemon.store import audit, switches, texts
from daemon.store.audit import Deed
from daemon.store.switches import Switch
from daemon.wording.revisions import NothingToDo, Refusal
from daemon.workflow import notices


class Demanded(Refusal):
    """The guide demands the notification, or something would be lost without it."""


def switch(connection: Connection, wanted: Switch) -> None:
    """From now on it is not sent any more, or is again. Raises Refusal."""
    name = wanted.notification
    if name not in notices.NOTICES:
        raise Refusal(f"there is no notification {name!r}; variants and pieces are not switched off alone")
    if not notices.of(name).may_be_off:
        raise Demanded(f"{name} is demanded by the guide or nothing else says it: it is not switched off")
    texts.announce(connection)
    is_off = name in switches.off(connection)
    if is_off == wanted.is_off:
        raise NothingToDo(f"{name} is {'off' if is_off else 'on'} already")
    switches.add(connection, wanted)
    detail = {"state": "off" if wanted.is_off else "on", "why": wanted.why}
    audit.record(
        connection, Deed(wanted.by, "notification_switched", f"notification {name}", detail), wanted.at
    )
