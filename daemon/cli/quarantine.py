"""The commands `mail release`, `block`, `unblock` and `blocked`: what the operator does about quarantine."""

from __future__ import annotations

import argparse
from typing import Any

from daemon.cli.context import CommandFailed, Context, account, print_json, print_table, tell
from daemon.clock import SystemClock
from daemon.settings import policy_of
from daemon.store import blocked, inbox
from daemon.store.audit import Deed, recorded
from daemon.store.database import Database

OPERATOR = "operator"
WHY_NOT = {
    "not_quarantined": "mail {id} is not in quarantine ({state}, {outcome})",
    "mail_too_large": "mail {id} is over limits.message_mb and only its header was taken in: "
    "raise the limit, then move the mail from {folder} back to {inbox} in the mailbox",
    "no_sender": "mail {id} has no usable sender: `mail show {id}` says what it is; `mail release {id} --as "
    "ADDRESS` takes it for that person's",
    "bad_address": "{whom} is no e-mail address",
    "protected_address": "{whom} is an address of our own: it cannot be blocked, and is no customer",
    "protected_domain": "{whom} has addresses of our own (mailbox, teams, staff) and cannot be blocked",
    "public_domain": "{whom} is a public mail service: block the one address, without --domain",
}


def release(context: Context, arguments: argparse.Namespace) -> int:
    from daemon.casework import quarantine

    with context.database() as database:
        row = _find(database, arguments.id)
        writer, policy, now = arguments.writer.strip(), policy_of(context.config), SystemClock().now()

        def deed(code: str) -> Deed | None:
            detail = {"writer": writer} if writer else {}
            return None if code else Deed(account(), "mail_released", f"mail {row.id}", detail)

        release_it = recorded(quarantine.release, deed, now)
        code = database.transact_now(release_it, row.id, policy, now, writer)
        if code:
            raise CommandFailed(_why_not(context, code, row, writer))
    whose = f"that of {writer}, unproved," if writer else "a person's"
    line = f"mail {row.id} is released: it will be decided on as {whose} at the next pass"
    tell(arguments, line, id=row.id, state="queued", writer=writer or None)
    return 0


def block(context: Context, arguments: argparse.Namespace) -> int:
    from daemon.casework import quarantine

    with context.database() as database:
        row, now = _find(database, arguments.id), SystemClock().now()

        def deed(found: tuple[str, str]) -> Deed | None:
            code, pattern = found
            return None if code else Deed(account(), "mail_blocked", f"mail {row.id}", {"blocked": pattern})

        code, pattern = database.transact_now(
            recorded(quarantine.block, deed, now),
            row.id,
            OPERATOR,
            policy_of(context.config),
            now,
            is_whole_domain=arguments.domain,
        )
        if code:
            raise CommandFailed(_why_not(context, code, row, pattern))
    tell(arguments, f"{pattern} is blocked; mail {row.id} stays where it is", id=row.id, blocked=pattern)
    return 0


def unblock(context: Context, arguments: argparse.Namespace) -> int:
    wanted = arguments.address.strip().lower()
    pattern = wanted if "@" in wanted else f"@{wanted}"

    def deed(was_blocked: bool) -> Deed | None:
        return Deed(account(), "mail_unblocked", "", {"blocked": pattern}) if was_blocked else None

    with context.database() as database:
        if not database.transact_now(recorded(blocked.remove, deed, SystemClock().now()), pattern):
            raise CommandFailed(f"{wanted} is not blocked; `mail blocked` lists who is")
    tell(arguments, f"{pattern} is no longer blocked", unblocked=pattern)
    return 0


def list_blocked(context: Context, arguments: argparse.Namespace) -> int:
    with context.database() as database:
        found = [
            {
                "pattern": row.pattern,
                "blocked_at": context.stamp(row.blocked_at),
                "blocked_by": row.blocked_by,
                "mail": row.inbox_id,
                "spares_proven": row.spares_proven,
            }
            for row in database.read_now(blocked.walk)
        ]
    if arguments.json:
        print_json(found)
        return 0
    print_table(
        ("BLOCKED", "SINCE", "BY", "MAIL", "EXCEPT"),
        (
            (
                one["pattern"],
                one["blocked_at"],
                one["blocked_by"],
                one["mail"],
                "proven senders" if one["spares_proven"] else "-",
            )
            for one in found
        ),
    )
    return 0


def _find(database: Database, wanted: str) -> Any:
    row = database.read_now(inbox.find, wanted)
    if row is None or row.source not in ("mail", "too_large"):
        raise CommandFailed(f"there is no mail {wanted!r}")
    return row


def _why_not(context: Context, code: str, row: Any, whom: str = "") -> str:
    box = context.config.mailbox
    return WHY_NOT[code].format(
        id=row.id,
        state=row.state,
        outcome=row.outcome or "not decided yet",
        whom=whom,
        folder=box.quarantine,
        inbox=box.folder,
    )
