"""The commands `db backup` and `db restore`."""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import hmac
from typing import TYPE_CHECKING

from daemon.backup import erasures
from daemon.backup.erasures import Found
from daemon.backup.making import Made, Source, make
from daemon.cli.context import CommandFailed, Context, WrongUse, account, print_json, print_line
from daemon.clock import SystemClock
from daemon.config import Config
from daemon.invocation import name
from daemon.store import audit, migrations
from daemon.store.audit import Deed
from daemon.store.database import Database
from daemon.store.files import FileStore

if TYPE_CHECKING:
    from pathlib import Path

    from daemon.casework.erased_again import Redone


def backup(context: Context, arguments: argparse.Namespace) -> int:
    config, now = context.config, SystemClock().now()
    kept = config.backup
    to = arguments.to_option or arguments.to
    if to is None:
        to = kept.folder
        to.mkdir(parents=True, exist_ok=True, mode=0o700)
    keep = arguments.keep or (kept.keep if to == kept.folder else 0)
    source = Source(
        config.database_url, config.service.data_dir / "files", config.service.data_dir, _mark(config)
    )
    made = make(source, to, now, arguments.key or kept.public_keys, keep)
    _record(config, made)
    if arguments.json:
        print_json(
            {
                "path": str(made.path),
                "bytes": made.size_bytes,
                "schema": made.schema,
                "tickets": made.tickets,
                "files": made.files,
                "encrypted": made.is_encrypted,
                "removed": made.removed,
            }
        )
        return 0
    sealed = "encrypted" if made.is_encrypted else "not encrypted"
    print_line(
        f"{made.path}: version {made.schema}, {made.tickets} tickets, {made.files} files, "
        f"{made.size_bytes} bytes, {sealed}"
    )
    if made.removed:
        print_line(f"{made.removed} older removed")
    return 0


def _record(config: Config, made: Made) -> None:
    """In the audit: whoever has a backup has everything. Not where the tables are older than this program."""
    if made.schema != migrations.HEAD:
        return
    deed = Deed(account(), "database_backed_up", "database", {"path": str(made.path)})
    with contextlib.closing(Database(config.database_url)) as database:
        database.transact_now(audit.record, deed, SystemClock().now())


def restore(context: Context, arguments: argparse.Namespace) -> int:
    from daemon.backup.restoring import Target, mark_in_place
    from daemon.backup.restoring import restore as bring_back
    from daemon.casework.erased_again import Redone, redo
    from daemon.settings import gateways_of

    config = context.config
    if arguments.in_place == (arguments.file is not None):
        raise WrongUse("give the FILE of a backup, or --in-place for a database that is there already")
    if arguments.file is not None and not arguments.file.is_file():
        raise CommandFailed(f"there is no file {arguments.file}")
    record = _record_of_erasures(config, arguments.file)
    redone = Redone()

    def settle(database: Database) -> None:
        redo(database, record.erasures, account(), SystemClock().now(), redone)

    target = Target(
        config.database_url,
        config.service.data_dir / "files",
        config.service.data_dir,
        gateways_of(config),
        account(),
        _mark(config),
        has_mailbox=not arguments.without_mailbox,
        is_replacing=arguments.replace,
        settle=settle,
    )
    if arguments.in_place:
        taken_at = mark_in_place(target, SystemClock().now())
        _clear(config, redone)
        if arguments.json:
            print_json({"taken_at": context.stamp(taken_at), **_document(record, redone), "on_hold": True})
        else:
            print_line(f"the database knows of what happened until {context.stamp(taken_at)}")
            _print_erased(record, redone)
            print_line(_what_next())
        return 0
    done = bring_back(arguments.file, target, SystemClock().now(), arguments.identity)
    _clear(config, redone)
    aside = [str(path) for path in done.put_aside]
    if arguments.json:
        print_json(
            {
                "taken_at": context.stamp(done.taken_at),
                "schema": done.manifest.about.schema,
                "tickets": done.manifest.counts.get("tickets", 0),
                "files": done.files,
                "put_aside": aside,
                "has_other_key": done.has_other_key,
                **_document(record, redone),
                "on_hold": True,
            }
        )
        return 0
    tickets = done.manifest.counts.get("tickets", 0)
    print_line(f"restored as of {context.stamp(done.taken_at)}: {tickets} tickets, {done.files} files")
    for path in aside:
        print_line(f"what was there lies in {path}")
    if done.has_other_key:
        print_line("secret_key is another than the backup's: links and reply tokens in old mails do not work")
    _print_erased(record, redone)
    print_line(_what_next())
    return 0


def _record_of_erasures(config: Config, archive: Path | None) -> Found:
    """What is recorded beside the database, beside our backups, and beside the one given; from now on all of
    it beside the database. Raises CommandFailed: without it somebody would be back."""
    data_dir = config.service.data_dir
    folders = (data_dir, config.backup.folder, *([archive.parent] if archive else ()))
    try:
        found = erasures.read(dict.fromkeys(folders))
        erasures.carry(found, data_dir)
    except OSError as error:
        raise CommandFailed(
            "nothing was restored: the record of erasures cannot be read or kept: "
            f"{error.strerror}: {error.filename}"
        ) from None
    return found


def _clear(config: Config, redone: Redone) -> None:
    """Files of those who were erased go too."""
    files = FileStore(config.service.data_dir / "files")
    for sha256 in sorted(redone.files):
        files.remove(sha256, age_s=0)


def _document(record: Found, redone: Redone) -> dict[str, object]:
    return {
        "erasures_recorded": len(record.erasures),
        "erased_again": redone.count,
        "not_erased_again": [*redone.left, *_unreadable(record)],
    }


def _unreadable(record: Found) -> list[str]:
    count = record.unreadable
    return [f"{count} lines of the record of erasures cannot be read"] if count else []


def _print_erased(record: Found, redone: Redone) -> None:
    if not record.erasures:
        print_line(
            "no erasure is recorded beside the backup or the database: whoever was erased since is back, "
            "and is to be erased again before anything is released (docs/PRIVACY.md)"
        )
    else:
        print_line(f"erased again: {redone.count} of {len(record.erasures)} recorded; the rest it knew")
    for line in (*redone.left, *_unreadable(record)):
        print_line(line)


def _what_next() -> str:
    return (
        f"sending is on hold. Start the daemon, or run `{name()} once`: it takes in what the mailbox holds "
        f"since; `{name()} outbox list` shows what waits, and `{name()} outbox release --all` sends it"
    )


def _mark(config: Config) -> str:
    """By which a restore knows whether the same secret key signs our tokens; it tells nothing of the key."""
    return hmac.new(config.service.secret_key, b"shakwa: mark of a backup", hashlib.sha256).hexdigest()[:16]
