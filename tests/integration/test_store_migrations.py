"""Versions of the schema: made once, refused when they differ, and like what the program expects."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from daemon.store import history, migrations
from daemon.store.database import Database, SchemaOutdated
from daemon.store.schema import metadata
from daemon.workflow.history import to_json
from tests.integration.rows import taken_in


@pytest.fixture
def empty(empty_database_url: str):
    opened = Database(empty_database_url)
    yield opened
    opened.close()


def execute(database: Database, *statements: str) -> None:
    with database.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


LATER = "later"
"""A revision after the newest: as the next release will have one. On SQLite it copies the tickets."""


@pytest.fixture
def next_release(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[], None]:
    """Called, it makes of this program the next release, which has one revision more."""
    (tmp_path / "later.py").write_text(
        f"""import sqlalchemy as sa
from alembic import op

revision = "{LATER}"
down_revision = "{migrations.HEAD}"


def upgrade() -> None:
    with op.batch_alter_table("tickets") as tickets:
        tickets.alter_column("number", existing_type=sa.Text(), nullable=False)
"""
    )

    def release() -> None:
        monkeypatch.setattr(migrations, "FOLDERS", (*migrations.FOLDERS, tmp_path))
        monkeypatch.setattr(migrations, "HEAD", LATER)
        monkeypatch.setattr(migrations, "FLOOR", LATER)

    return release


def test_the_named_head_is_the_newest_revision() -> None:
    assert migrations.known()[0] == migrations.HEAD
    assert migrations.known() == sorted(migrations.known(), reverse=True)  # floors are compared by number


def test_an_empty_database_gets_its_tables_and_a_second_start_changes_nothing(empty: Database) -> None:
    migrations.ensure(empty)
    taken_in(empty, 1)

    migrations.ensure(empty)

    assert empty.read_now(migrations.current) == migrations.HEAD
    assert migrations.drift(empty) == []
    assert migrations.integrity(empty) == []


def shape(database: Database) -> dict[str, dict[str, list[str]]]:
    """Every table with its columns, keys and indexes, in an order of their own."""
    seen = inspect(database.engine)
    looks = {
        "columns": lambda table: [
            (one["name"], str(one["type"]), one["nullable"], one["default"])
            for one in seen.get_columns(table)
        ],
        "key": lambda table: [seen.get_pk_constraint(table)],
        "references": seen.get_foreign_keys,
        "unique": seen.get_unique_constraints,
        "checks": seen.get_check_constraints,
        "indexes": lambda table: [
            {**one, "dialect_options": sorted((k, str(v)) for k, v in one.get("dialect_options", {}).items())}
            for one in seen.get_indexes(table)
        ],
    }
    return {
        table: {name: sorted(map(str, look(table))) for name, look in looks.items()}
        for table in seen.get_table_names()
    }


def test_a_first_start_makes_the_tables_that_all_revisions_lead_to(
    empty: Database, empty_database_url: str
) -> None:
    migrations.upgrade(empty)
    led_to = shape(empty)
    with empty.engine.begin() as connection:
        # What refers to another table goes before it.
        for table in ("alembic_version", *(one.name for one in reversed(metadata.sorted_tables))):
            connection.exec_driver_sql(f"DROP TABLE {table}" + ("" if empty.is_sqlite else " CASCADE"))

    migrations.ensure(empty)

    assert shape(empty) == led_to
    assert led_to["alembic_version"]["columns"]


def test_daemons_that_start_together_on_an_empty_database_make_its_tables_once(
    empty_database_url: str,
) -> None:
    several = [Database(empty_database_url) for _ in range(3)]

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(migrations.ensure, several))

    assert [database.read_now(migrations.current) for database in several] == [migrations.HEAD] * 3
    for database in several:
        database.close()


STARTING = """
import sys
from alembic import command
from daemon.store import migrations
from daemon.store.database import Database

print("ready", flush=True)
sys.stdin.readline()
database = Database(sys.argv[1])
migrations.ensure(database)
print(database.read_now(migrations.current))
"""
"""A daemon up to its tables, held back until the others are as far."""


def test_processes_that_start_together_on_an_empty_database_all_start(empty_database_url: str) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", STARTING, empty_database_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in started:
        assert process.stdout is not None
        process.stdout.readline()

    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=600)[0] for process in started]

    assert [process.returncode for process in started] == [0] * 4
    assert said == [f"{migrations.HEAD}\n"] * 4


def test_the_change_to_a_write_ahead_log_waits_for_a_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = sqlite3.connect(tmp_path / "shakwa.db", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr("daemon.store.database.time.sleep", lambda _: writer.execute("COMMIT"))
    opened = Database(f"sqlite:///{tmp_path}/shakwa.db")

    migrations.ensure(opened)

    assert writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    writer.close()
    opened.close()


def test_upgrade_says_what_it_was_and_what_it_is(empty: Database) -> None:
    assert migrations.upgrade(empty) == (None, migrations.HEAD)
    assert migrations.upgrade(empty) == (migrations.HEAD, migrations.HEAD)


def test_tables_without_a_version_are_refused_with_the_command_that_upgrades(database: Database) -> None:
    execute(database, "DROP TABLE alembic_version")

    with pytest.raises(
        SchemaOutdated, match=r"older version: stop every daemon, then run `run\.py db upgrade`"
    ):
        migrations.ensure(database)


def test_an_older_version_is_refused_until_it_is_upgraded(
    database: Database, next_release: Callable[[], None]
) -> None:
    older = migrations.HEAD
    next_release()

    with pytest.raises(
        SchemaOutdated, match=r"older version: stop every daemon, then run `run\.py db upgrade`"
    ):
        migrations.ensure(database)

    assert migrations.upgrade(database) == (older, LATER)
    migrations.ensure(database)
    assert migrations.drift(database) == []


@pytest.fixture
def gentle_release(tmp_path: Path) -> Callable[[], contextlib.AbstractContextManager[None]]:
    """Within it this program is the next release, whose one revision only adds what ours does not miss."""
    (tmp_path / "gentle.py").write_text(
        f"""import sqlalchemy as sa
from alembic import op

revision = "{LATER}"
down_revision = "{migrations.HEAD}"
oldest_program = "{migrations.HEAD}"


def upgrade() -> None:
    op.create_table("colours", sa.Column("name", sa.Text(), primary_key=True))
    op.add_column("tickets", sa.Column("colour", sa.Text(), nullable=True))
    op.create_index("ix_tickets_colour", "tickets", ["colour"])
"""
    )

    @contextlib.contextmanager
    def release() -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(migrations, "FOLDERS", (*migrations.FOLDERS, tmp_path))
            patch.setattr(migrations, "HEAD", LATER)
            yield

    return release


def test_a_release_that_only_added_something_may_share_with_the_one_before(
    database: Database,
    gentle_release: Callable[[], contextlib.AbstractContextManager[None]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with gentle_release():
        with pytest.raises(SchemaOutdated, match=r"older version: run `run\.py db upgrade`"):
            migrations.ensure(database)
        migrations.upgrade(database)
        migrations.ensure(database)

    migrations.ensure(database)

    assert "newer version, which this program may share" in caplog.text
    assert len(taken_in(database, 2)) == 2


def test_what_one_release_shut_out_the_next_does_not_let_in(
    database: Database, gentle_release: Callable[[], contextlib.AbstractContextManager[None]]
) -> None:
    execute(database, "UPDATE schema_floor SET oldest = '9990'")
    with gentle_release():
        migrations.upgrade(database)

    with pytest.raises(SchemaOutdated, match="newer version"):
        migrations.ensure(database)


def test_the_named_floor_is_what_the_revisions_say_and_what_a_database_keeps(empty: Database) -> None:
    migrations.upgrade(empty)

    kept = empty.read_now(
        lambda connection: connection.execute(text("SELECT oldest FROM schema_floor")).all()
    )
    assert migrations.floor_of_known() == migrations.FLOOR
    assert [row.oldest for row in kept] == [migrations.FLOOR]


def test_a_newer_version_is_refused_and_named(database: Database) -> None:
    execute(database, "UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(SchemaOutdated, match=r"newer version \(9999\)"):
        migrations.ensure(database)


@pytest.mark.parametrize(
    "statement, named",
    [
        ("DROP INDEX ix_outbox_due", "ix_outbox_due"),
        ("ALTER TABLE history DROP COLUMN lines", "lines"),
        ("CREATE TABLE strange (id INTEGER)", "strange"),
        ("ALTER TABLE tickets ADD COLUMN colour TEXT", "colour"),
    ],
)
def test_a_difference_in_shape_is_named(database: Database, statement: str, named: str) -> None:
    execute(database, statement)

    found = migrations.drift(database)

    assert len(found) == 1
    assert named in found[0]


def test_a_row_that_refers_to_nothing_is_found(sqlite_database: Database) -> None:
    with sqlite_database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("PRAGMA foreign_keys=OFF")
        raw.execute("INSERT INTO raw_mails (inbox_id, raw) VALUES (77, x'00')")
        raw.execute("PRAGMA foreign_keys=ON")

    assert migrations.integrity(sqlite_database) == ["row 77 of raw_mails refers to nothing in inbox"]


def test_a_torn_file_is_found(sqlite_database: Database) -> None:
    taken_in(sqlite_database, 60)
    path = sqlite_database.path
    assert path is not None
    sqlite_database.engine.dispose()
    raw = sqlite3.connect(path)
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (page,) = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_inbox_due'").fetchone()
    raw.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096 + 200)
        file.write(b"\x5a" * 3000)

    found = migrations.integrity(sqlite_database)

    assert found


TICKET = (
    "INSERT INTO tickets (id, number, state, channel, requester_name, requester_email, subject,"
    " authenticated, opened_at, used_s, wrote_since_asked, has_unseen_attachments, extension_days,"
    " reminded, held, escalation) VALUES (1, 'FRS-2026-000001-7', 'open', 'email', '', 'k@example.sa',"
    " '', false, '2026-11-22 09:00:00', 0, false, false, 0, '[]', false, '')"
)
HANGING = {
    "ticket_threads": "(message_id, ticket_id) VALUES ('<a@b>', 1)",
    "messages": "(ticket_id, inbox_id, at, sender_email, sender_name, is_requester, is_staff, subject, text,"
    " attachments) VALUES (1, 1, '2026-11-22 09:00:00', 'k@example.sa', '', true, false, '', 'نص', '[]')",
    "history": "(ticket_id, at, event, note, state)"
    " VALUES (1, '2026-11-22 09:00:00', 'mail', 'opened', 'open')",
    "deadlines": "(ticket_id, kind, due_at) VALUES (1, 'processing', '2026-12-06 09:00:00')",
    "outbox": "(idempotency_key, cause, ticket_id, notification, channel, audience, recipient, reference,"
    " \"values\", thread, state, due_at, created_at) VALUES ('k', 'inbox:1', 1, 'received', 'email',"
    " 'requester', 'k@example.sa', '<r@s>', '{}', '{}', 'sent', '2026-11-22 09:00:00',"
    " '2026-11-22 09:00:00')",
}
"""What belongs to a ticket, in the columns of the first version."""


def test_an_upgrade_loses_nothing_that_hangs_on_a_ticket(
    empty: Database, next_release: Callable[[], None]
) -> None:
    migrations.upgrade(empty, "0001")
    execute(
        empty,
        TICKET,
        "INSERT INTO inbox (id, source, received_at, state, due_at, ticket_id)"
        " VALUES (1, 'mail', '2026-11-22 09:00:00', 'done', '2026-11-22 09:00:00', 1)",
        "INSERT INTO raw_mails (inbox_id, raw) VALUES (1, '\\x00')",
        *(f"INSERT INTO {table} {values}" for table, values in HANGING.items()),
    )

    next_release()
    migrations.upgrade(empty)

    assert migrations.drift(empty) == []
    assert migrations.integrity(empty) == []
    with empty.engine.connect() as connection:
        for table in ("tickets", "inbox", "raw_mails", *HANGING):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 1, table
        kept = connection.execute(text("SELECT number, rating_comment FROM tickets")).one()
    assert tuple(kept) == ("FRS-2026-000001-7", "")


def test_foreign_keys_are_enforced_again_after_an_upgrade(sqlite_database: Database) -> None:
    migrations.upgrade(sqlite_database)
    with sqlite_database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


@pytest.mark.parametrize(
    ("note", "lines"),
    [
        ("opened", [{"code": "opened"}]),
        (
            "opened; the request number is missing and was asked for; handed in by staff",
            [{"code": "opened_incomplete"}, {"code": "handed_in"}],
        ),
        ("rated 4 by mail", [{"code": "rated_by_mail", "number": 4}]),
        (
            "mobile set by staff; category: technical",
            [{"code": "phone_set"}, {"code": "category_set", "category": "technical"}],
        ),
        ("not closed: the requester had written; open for staff", [{"code": "closing_withheld"}]),
        (
            "survey by email bounced",
            [{"code": "notice_bounced", "notification": "survey", "channel": "email"}],
        ),
        (
            "something of old; thanks recorded",
            [{"code": "noted", "text": "something of old"}, {"code": "thanks_received"}],
        ),
        ("", []),
    ],
)
def test_the_sentences_of_the_history_become_codes(empty: Database, note: str, lines: list[object]) -> None:
    migrations.upgrade(empty, "0001")
    execute(empty, TICKET)
    with empty.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO history (ticket_id, at, event, note, state)"
                " VALUES (1, '2026-11-22 09:00:00', 'mail', :note, 'open')"
            ),
            {"note": note},
        )

    migrations.upgrade(empty)

    (kept,) = empty.read_now(history.of_ticket, 1)
    assert to_json(kept.entry.lines) == lines
    assert (kept.event, kept.entry.state) == ("mail", "open")
    assert migrations.drift(empty) == []


def test_more_lines_than_one_batch_are_converted(empty: Database) -> None:
    migrations.upgrade(empty, "0001")
    execute(empty, TICKET)
    with empty.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO history (ticket_id, at, event, note, state)"
                " VALUES (1, '2026-11-22 09:00:00', 'mail', 'opened', 'open')"
            ),
            [{}] * 2001,
        )

    migrations.upgrade(empty)

    kept = empty.read_now(history.of_ticket, 1)
    assert [str(line) for one in kept for line in one.entry.lines] == ["opened"] * 2001
