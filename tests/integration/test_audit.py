"""One chain, however many daemons write it at once; on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from daemon.store import audit
from daemon.store.audit import Deed
from daemon.store.database import Database

NOW = datetime(2026, 11, 22, 9, 0, 0, 123456, tzinfo=UTC)
DAEMONS, EACH = 4, 15


def test_daemons_that_write_at_once_write_one_chain(database_url: str) -> None:
    several = [Database(database_url) for _ in range(DAEMONS)]

    def write(number: int) -> None:
        for count in range(EACH):
            deed = Deed(f"daemon {number}", "text_saved", f"text {count}", {"why": "نص", "count": count})
            several[number].transact_now(audit.record, deed, NOW)

    with ThreadPoolExecutor(DAEMONS) as pool:
        list(pool.map(write, range(DAEMONS)))

    verdict = several[0].read_now(audit.verify)
    entries = several[0].read_now(audit.latest)
    for database in several:
        database.close()
    assert verdict.holds, verdict
    assert verdict.entries == DAEMONS * EACH
    assert {one.who for one in entries} == {f"daemon {number}" for number in range(DAEMONS)}
    assert entries[0].at == NOW
