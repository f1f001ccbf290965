"""`privacy erase` against a real mail server and both databases: copies on the server, bytes on the disk."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psycopg
from sqlalchemy import update

from daemon.casework import retention
from daemon.cli.main import main
from daemon.store import audit, compaction, schema
from tests.casework.test_erasure import KHALID, KHALID_MAIL, SARA_MAIL, TRACES, close_all, traces_in
from tests.integration.conftest import OpenOffice
from tests.integration.office import mail, proven
from tests.servers.postgres import Postgres


async def test_copies_on_the_mail_server_go_when_asked_for_and_no_byte_is_left(
    open_office: OpenOffice, tmp_path: Path, postgres_server: Postgres
) -> None:
    async with open_office() as office:
        await office.handle(mail(**KHALID_MAIL, message_id="<1@x>"))
        await office.handle(mail(**SARA_MAIL))
        await office.handle(mail(**KHALID_MAIL | {"text": "ملحق"}, headers=[proven(verdict="fail")]))
        database = office.system.database
        close_all(database)
        assert office.folders() == {"INBOX": 0, "Processed": 2, "Quarantine": 1}

        erase = ["--config", str(tmp_path / "shakwa.toml"), "privacy", "erase", KHALID, "--mailbox"]
        assert await asyncio.to_thread(main, erase) == 0

        assert office.folders() == {"INBOX": 0, "Processed": 1, "Quarantine": 0}
        assert database.read_now(audit.verify).holds
        folder = database.path.parent if database.path else tables_of(postgres_server, database.url)
        assert traces_in(database) == []
        everything = b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
        assert [trace for trace in TRACES if trace.encode() in everything.lower()] == []

        await office.handle(mail(**SARA_MAIL | {"text": "وأضيف إلى ما سبق"}))
        assert len([one for one in office.tickets() if one.requester.email]) >= 1


async def test_what_is_too_old_goes_on_either_database(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(mail(**KHALID_MAIL), mail(**SARA_MAIL))
        close_all(office.system.database)
        now = office.clock.now()
        office.system.database.transact_now(
            lambda one: one.execute(update(schema.tickets).values(closed_at=now))
        )
        office.clock.advance(days=800)

        done = retention.retire(
            office.system.database, dict.fromkeys(retention.KINDS, 1.0), office.clock.now(), "root"
        )

        assert done.counts["complaints"] == 2
        assert [one.requester.email for one in office.tickets()] == [None, None]
        compaction.compact(office.system.database)  # else the log still has the pages of before
        assert traces_in(office.system.database) == []
        assert office.system.database.read_now(audit.verify).holds


def tables_of(server: Postgres, url: str) -> Path:
    """Where PostgreSQL keeps the tables of a database, once it has let go of the old files."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        found = connection.execute(
            "SELECT oid FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    assert found is not None
    return server.root / "data" / "base" / str(found[0])
