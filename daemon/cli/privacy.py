"""The command `privacy erase`: one person's data gone, everywhere that the program keeps any."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from daemon.backup import erasures
from daemon.backup.erasures import Erasure
from daemon.backup.making import NAME
from daemon.backup.workplace import remove_left
from daemon.casework import erasure, person
from daemon.casework.erasure import Erased, InTheWay, Order, Plan
from daemon.casework.mask import Identity, Mask
from daemon.casework.person import Ambiguous, NoPerson
from daemon.cli.context import CommandFailed, Context, account, print_json, print_line, ticket_number
from daemon.cli.progress import ProgressLine
from daemon.clock import SystemClock
from daemon.store import compaction
from daemon.store.belongings import Copy
from daemon.store.database import Database
from daemon.store.files import FileStore
from daemon.workflow.mailbox import same_mailbox

MOST_LISTED = 200


def erase(context: Context, arguments: argparse.Namespace) -> int:
    who, order = identity(arguments.person), _order(arguments)
    if Mask(who).is_in(order.detail.get("why", "")):  # type: ignore[arg-type]  # a text
        raise CommandFailed("--why names the person; it is kept, and must not")
    with context.database() as database:
        planned = planned_for(context, database, who, order.without)
        if arguments.dry_run:
            return _show(database, planned, arguments)
        for line in erasure.obstacles(planned, is_forced=order.is_forced):
            raise CommandFailed(f"nothing was erased: {line}")
        if not _is_agreed(planned, arguments):
            raise CommandFailed("nothing was erased")
        removed = _remove_copies(context, planned.copies) if arguments.mailbox else 0
        done = _carry_out(context, database, who, order)
    if arguments.json:
        told = {"masked": done.masked, "removed_copies": removed, "put_aside": _put_aside(context)}
        print_json(document(done.plan) | told | {"erased": True})
        return 0
    for line in _told(done, removed, _expiry(context), is_mailbox=arguments.mailbox):
        print_line(line)
    for path in _put_aside(context):
        print_line(f"a restore put the database of before aside, and it still holds it: remove {path}")
    return 0


def identity(given: Sequence[str]) -> Identity:
    """Raises CommandFailed."""
    try:
        return person.read(given)
    except NoPerson as error:
        raise CommandFailed(
            f"{str(error)!r} is neither an address, nor a mobile, nor an account (@name)"
        ) from None


def planned_for(context: Context, database: Database, who: Identity, without: frozenset[str]) -> Plan:
    """Raises CommandFailed: also of an address of ours, which stands everywhere and is no customer's."""
    from daemon.settings import policy_of
    from daemon.workflow.staff import ours

    policy, forms = policy_of(context.config), context.config.mailbox.form_senders
    others = filter(None, (policy.operator, *(team.lead for team in policy.teams)))
    known = {*ours(policy), *policy.staff_addresses, *forms, *others}
    if who.mailboxes & set(map(same_mailbox, known)):
        raise CommandFailed("that is an address of the ministry's own: of the mailbox, a team or staff")
    try:
        return database.read_now(erasure.plan, who, without)
    except Ambiguous as error:
        raise CommandFailed(
            f"complaints of several addresses bear that mobile or account ({error}): "
            "name the person's address too"
        ) from None


def _order(arguments: argparse.Namespace) -> Order:
    why = " ".join(arguments.why.split())
    without = frozenset(map(ticket_number, arguments.without))
    detail: dict[str, str | int] = {"why": why} if why else {}
    return Order(arguments.by or account(), SystemClock().now(), arguments.force, without, detail)


def _carry_out(context: Context, database: Database, who: Identity, order: Order) -> Erased:
    with closing(ProgressLine()) as progress:
        try:
            done = erasure.erase(database, who, order, progress.show, partial(_note, context))
        except InTheWay as error:
            raise CommandFailed(f"nothing was erased: {error}") from None
        except OSError as error:
            raise CommandFailed(
                f"the record of erasures cannot be written ({error.filename}: {error.strerror}): "
                "run it again when it can"
            ) from None
        files = FileStore(context.config.service.data_dir / "files")
        for sha256 in sorted(done.plan.theirs.files):
            files.remove(sha256, age_s=0)
        _mask_console(context, done.plan)
        progress.show("writing the database anew")
        compaction.compact(database)
        for place in (context.config.service.data_dir, Path(tempfile.gettempdir())):
            remove_left(place)
    return done


def _note(context: Context, one: Erasure) -> None:
    """In the record beside the database, and in that beside the backups: a restore does it again. Raises
    OSError."""
    data_dir, folder = context.config.service.data_dir, context.config.backup.folder
    if not (one.tickets or one.others or one.mails):
        return
    for place in (data_dir, folder) if folder.is_dir() and folder != data_dir else (data_dir,):
        erasures.add(place, one)


def _put_aside(context: Context) -> list[str]:
    """Databases that a restore put aside: they hold whatever they held."""
    url = context.config.database_url
    if not url.startswith("sqlite"):
        return []
    path = Path(url.removeprefix("sqlite:///"))
    return sorted(map(str, path.parent.glob(f"{path.name}.before-*")))


def _mask_console(context: Context, planned: Plan) -> None:
    """What the gateway that is none has written down of SMS to the person."""
    console = context.config.sms.console
    if console is None or not console.path.is_file():
        return
    mask = Mask(planned.person.who)
    lines = console.path.read_text("utf-8").splitlines(keepends=True)
    console.path.write_text("".join(line for line in lines if not mask.is_in(line)), "utf-8")


def _remove_copies(context: Context, copies: Sequence[Copy]) -> int:
    """Before anything else: what knows the copies goes with the rows. Raises CommandFailed."""
    from daemon.adapters import adapters_of
    from daemon.casework import mail_copies
    from daemon.mail.wire.imap.errors import MailboxUnavailable

    async def remove() -> int:
        mailbox = adapters_of(context.config, SystemClock()).mailbox
        try:
            await mailbox.connect()
            return await mail_copies.remove(mailbox, copies)
        finally:
            await mailbox.close()

    try:
        return asyncio.run(remove()) if copies else 0
    except MailboxUnavailable as error:
        raise CommandFailed(f"nothing was erased: the mail server: {error.reason}") from None


# --- what a person reads ---------------------------------------------------------------------------------


def _show(database: Database, planned: Plan, arguments: argparse.Namespace) -> int:
    with closing(ProgressLine()) as progress:
        mask = database.read_now(erasure.mask_of, planned)
        count = len(database.read_now(erasure.mentions, mask, planned.theirs, progress.show))
    stand = list(erasure.obstacles(planned, is_forced=arguments.force))
    if arguments.json:
        print_json(document(planned) | {"masked": count, "obstacles": stand, "erased": False})
        return 0
    for line in (*_listed(planned), f"rows of others that name them: {count}, to be masked"):
        print_line(line)
    for line in stand:
        print_line(f"in the way: {line}")
    print_line("a dry run: nothing was changed")
    return 0


def document(planned: Plan) -> dict[str, Any]:
    """What there is of the person, in figures."""
    theirs = planned.theirs
    return {
        "tickets": [
            {"number": one.number, "state": one.state, "channel": one.channel}
            for one in planned.person.tickets
        ],
        "mails": len(theirs.inbox),
        "messages": len(theirs.outbox),
        "files": len(theirs.files),
        "blocks": len(theirs.blocks),
        "unsent": theirs.unsent,
        "copies": [{"mail": copy.inbox_id, "folder": copy.folder} for copy in planned.copies],
        "holds": [hold.why for hold in planned.holds],
        "shared": len(planned.person.shared),
    }


def _listed(planned: Plan) -> Iterator[str]:
    found, theirs = planned.person, planned.theirs
    for one in found.tickets:
        known = ", ".join(filter(None, (one.name, one.mailbox, one.phone, one.handle)))
        yield f"{one.number}  {one.state}  {one.channel}  {known}"
    yield f"mails and calls: {len(theirs.inbox)}; messages of ours: {len(theirs.outbox)}"
    yield f"files: {len(theirs.files)}; blocks: {len(theirs.blocks)}"
    yield from _remaining(planned)
    yield from _copies(planned.copies)


def _remaining(planned: Plan) -> Iterator[str]:
    for one in planned.person.shared:
        yield f"{one} stands on complaints of others too, and stays there"
    for other in planned.person.others:
        yield f"{other.number} is of {other.mailbox or 'another'}: only the mobile is masked there"


def _copies(copies: Sequence[Copy]) -> Iterator[str]:
    for copy in copies[:MOST_LISTED]:
        yield f"a copy of mail {copy.inbox_id} lies in {copy.folder} on the mail server"
    if len(copies) > MOST_LISTED:
        yield f"and {len(copies) - MOST_LISTED} more"


def _expiry(context: Context) -> str:
    """When the backups in our own folder will hold it no more, "" where there are none."""
    given = context.config.backup
    if not given.folder.is_dir():
        return ""
    count = sum(NAME.fullmatch(path.name) is not None for path in given.folder.iterdir())
    if not count:
        return ""
    if not given.keep:
        return f"{count} of them lie in {given.folder} and stay there: [backup] keep is 0"
    return f"{count} of them lie in {given.folder}; backup number {given.keep} from now ends the last"


def _told(done: Erased, removed: int, expiry: str, *, is_mailbox: bool) -> Iterator[str]:
    theirs = done.plan.theirs
    yield (
        f"erased: {len(done.plan.person.tickets)} complaints, {len(theirs.inbox)} mails and calls, "
        f"{len(theirs.outbox)} messages, {len(theirs.files)} files; masked in {done.masked} rows of others"
    )
    yield from _remaining(done.plan)
    if is_mailbox:
        yield f"{removed} of {len(done.plan.copies)} copies on the mail server are removed"
    else:
        yield from _copies(done.plan.copies)
        if done.plan.copies:
            yield "remove those by hand; before an erasure, --mailbox does it"
    yield "backups that were made before still hold it until they expire; a restore erases it again"
    if expiry:
        yield expiry


def _is_agreed(planned: Plan, arguments: argparse.Namespace) -> bool:
    """A person at a terminal looks at the list first."""
    if arguments.yes or arguments.json or not sys.stdin.isatty():
        return True
    for line in _listed(planned):
        print_line(line)
    print("Erase all of this for good? [y/N] ", end="", flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes", "نعم")
