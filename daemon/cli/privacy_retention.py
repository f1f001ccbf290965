"""The command `privacy retention`: removes what was kept as long as [privacy] keep_years says."""

from __future__ import annotations

import argparse

from daemon.casework import retention
from daemon.cli.context import Context, account, print_json, print_table
from daemon.clock import SystemClock
from daemon.store.files import FileStore


def retire(context: Context, arguments: argparse.Namespace) -> int:
    keep_years, now = context.config.privacy.keep_years, SystemClock().now()
    with context.database() as database:
        counts = database.read_now(retention.due, keep_years, now)
        if not arguments.dry_run:
            done = retention.retire(database, keep_years, now, arguments.by or account())
            counts = dict.fromkeys(keep_years, 0) | done.counts
            files = FileStore(context.config.service.data_dir / "files")
            for sha256 in sorted(done.files):
                files.remove(sha256, age_s=0)
    found: dict[str, dict[str, float | None]] = {
        name: {"keep_years": years, "too_old" if arguments.dry_run else "removed": counts[name]}
        for name, years in keep_years.items()
    }
    for name in retention.KINDS:
        found.setdefault(name, {"keep_years": None})
    if arguments.json:
        print_json(found)
        return 0
    heading = "TOO OLD" if arguments.dry_run else "REMOVED"
    print_table(
        ("KIND", "KEPT", heading),
        ((name, _kept(one["keep_years"]), counts.get(name)) for name, one in found.items()),
    )
    return 0


def _kept(years: float | None) -> str:
    return "for ever" if years is None else f"{years:g} years"
