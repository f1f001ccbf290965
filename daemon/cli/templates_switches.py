"""The commands `templates off` and `on`: a notification that the guide does not demand is sent no more."""

from __future__ import annotations

import argparse

from daemon.cli.context import CommandFailed, Context, tell
from daemon.cli.templates_acts import who
from daemon.clock import SystemClock
from daemon.store.switches import Switch
from daemon.wording.revisions import Refusal
from daemon.wording.switching import switch


def off(context: Context, arguments: argparse.Namespace) -> int:
    return _switch(context, arguments, off=True)


def on(context: Context, arguments: argparse.Namespace) -> int:
    return _switch(context, arguments, off=False)


def _switch(context: Context, arguments: argparse.Namespace, *, off: bool) -> int:
    wanted = Switch(arguments.name, off, SystemClock().now(), who(arguments), arguments.why)
    with context.database() as database:
        try:
            database.transact_now(switch, wanted)
        except Refusal as refusal:
            raise CommandFailed(str(refusal)) from None
    line = f"{wanted.notification} is {'off: nobody gets it any more' if off else 'on again'}"
    tell(arguments, line, notification=wanted.notification, off=off)
    return 0
