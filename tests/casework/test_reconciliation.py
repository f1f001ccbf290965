"""The daily reconciliation: whatever contradicts itself is named, once, and nothing else is."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from daemon.casework.reconciliation import Comparison, lines
from daemon.cli.main import main
from daemon.settings import scope_of
from daemon.store import holds
from daemon.store import reconciliation as store
from daemon.store.database import Database
from daemon.store.holds import What
from daemon.templating.page_words import Shelf
from daemon.workflow.reconciliation import KINDS, Discrepancy
from tests.casework.conftest import OpenOffice, driver_of
from tests.casework.test_quarantine import refuted
from tests.integration.office import OPERATOR, TEAM, Office, mail

Named = tuple[str, str, int]
Captured = pytest.CaptureFixture[str]


async def lived(office: Office) -> None:
    """Complaints that were answered by mail and SMS, and a mail that was set aside."""
    await office.handle(mail(message_id="<1@x>"), mail("sara@example.sa", text="طلبي متأخر"), refuted())
    office.clock.advance(hours=1)


def execute(office: Office, statement: str, **values: Any) -> None:
    with office.system.database.engine.begin() as connection:
        connection.execute(text(statement), values)


async def compared(office: Office) -> list[Discrepancy]:
    comparison = Comparison(office.system.database, office.system.liveness, scope_of(office.system.config))
    return list((await comparison.run(office.box, office.clock.now())).found)  # type: ignore[arg-type]


async def found(office: Office) -> list[tuple[str, str, int]]:
    return [(one.kind, one.where, one.number) for one in await compared(office)]


async def reconciled(office: Office) -> bool:
    return await office.system.reconciliation.run(office.box)  # type: ignore[arg-type]


async def next_morning(office: Office, hour: int = 6) -> None:
    office.clock.advance(days=1)
    local = office.clock.now().astimezone(office.system.config.service.timezone)
    office.clock.set(local.replace(hour=hour, minute=5))


LONG = timedelta(days=7)
SENT_SMS = "(SELECT min(id) FROM outbox WHERE channel = 'sms')"
PLANTED: dict[str, tuple[str, tuple[str, str, int]]] = {
    # What is planted, and how it is named.
    "no such state": ("UPDATE inbox SET state = 'lost' WHERE id = 1", ("inbox_without_end", "inbox", 1)),
    "no outcome": ("UPDATE inbox SET outcome = NULL WHERE id = 2", ("inbox_without_end", "inbox", 2)),
    "no time": ("UPDATE inbox SET decided_at = NULL WHERE id = 3", ("inbox_without_end", "inbox", 3)),
    "no ticket": ("UPDATE inbox SET ticket_id = NULL WHERE id = 1", ("inbox_without_end", "inbox", 1)),
    "set aside and done": ("UPDATE inbox SET state = 'done' WHERE id = 3", ("inbox_without_end", "inbox", 3)),
    "done and set aside": (
        "UPDATE inbox SET state = 'quarantined' WHERE id = 1",
        ("inbox_without_end", "inbox", 1),
    ),
    "claimed by no name": (
        "UPDATE inbox SET state = 'claimed' WHERE id = 1",
        ("inbox_without_end", "inbox", 1),
    ),
    "claimed by the dead": (
        "UPDATE inbox SET state = 'claimed', claimed_by = 'dead' WHERE id = 1",
        ("inbox_claimed_by_nobody", "inbox", 1),
    ),
    "waits long": (
        "UPDATE inbox SET state = 'queued', due_at = :past WHERE id = 1",
        ("inbox_waits", "inbox", 1),
    ),
    "waits too far": (
        "UPDATE inbox SET state = 'queued', due_at = :future WHERE id = 1",
        ("inbox_waits", "inbox", 1),
    ),
    "sent at no time": ("UPDATE outbox SET sent_at = NULL WHERE id = 1", ("outbox_without_end", "outbox", 1)),
    "sent and to be sent": (
        "UPDATE outbox SET state = 'queued' WHERE id = 1",
        ("outbox_without_end", "outbox", 1),
    ),
    "failed for no reason": (
        "UPDATE outbox SET state = 'failed', sent_at = NULL WHERE id = 1",
        ("outbox_without_end", "outbox", 1),
    ),
    "no such outbox state": (
        "UPDATE outbox SET state = '' WHERE id = 1",
        ("outbox_without_end", "outbox", 1),
    ),
    "no such delivery": (
        "UPDATE outbox SET delivery_state = 'perhaps' WHERE id = 1",
        ("outbox_without_end", "outbox", 1),
    ),
    "message of the dead": (
        "UPDATE outbox SET state = 'claimed', claimed_by = 'dead', sent_at = NULL WHERE id = 1",
        ("outbox_claimed_by_nobody", "outbox", 1),
    ),
    "message waits long": (
        "UPDATE outbox SET state = 'queued', sent_at = NULL, due_at = :past WHERE id = 1",
        ("outbox_waits", "outbox", 1),
    ),
    "message waits too far": (
        "UPDATE outbox SET state = 'queued', sent_at = NULL, due_at = :future WHERE id = 1",
        ("outbox_waits", "outbox", 1),
    ),
    "held by nothing": (
        "UPDATE outbox SET state = 'held', sent_at = NULL WHERE id = 1",
        ("outbox_held_by_nothing", "outbox", 1),
    ),
    "SMS unheard": (
        f"UPDATE outbox SET sent_at = :past WHERE id = {SENT_SMS}",
        ("sms_unheard", "outbox", 2),
    ),
    "not filed": (
        "UPDATE mailbox_uids SET moved_at = NULL, moved_to = NULL, uid = 77 WHERE id = 1",
        ("mail_gone", "mailbox", 77),
    ),
    "under another validity": (
        "UPDATE mailbox_uids SET moved_at = NULL, moved_to = NULL, uidvalidity = 9 WHERE id = 1",
        ("places_void", "mailbox", 0),
    ),
}


async def test_a_desk_that_works_has_nothing_to_tell(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await lived(office)

        assert await compared(office) == []
        await reconciled(office)
        for _ in range(6):  # until the SMS that stayed silent is called so
            await next_morning(office)
            await office.system.inquiry.run()
            await office.handle(mail("sara@example.sa", text="طلبي متأخر"))
            assert await reconciled(office)
            last = office.system.database.read_now(store.last)
            assert last is not None
            assert last.found == ()


@contextlib.asynccontextmanager
async def damaged(open_office: OpenOffice) -> AsyncIterator[Callable[..., Awaitable[list[Named]]]]:
    """What is named after these contradictions were planted in rows that are whole."""
    async with open_office() as office:
        await lived(office)
        await reconciled(office)
        office.clock.advance(hours=2)
        now = office.clock.now().replace(tzinfo=None)
        whole = sqlite3.connect(":memory:")
        with office.system.database.engine.connect() as connection:
            driver_of(connection).backup(whole)

        async def plant(*names: str) -> list[Named]:
            with office.system.database.engine.connect() as connection:
                whole.backup(driver_of(connection))
            for name in names:
                times = {"past": now - LONG, "future": now + LONG}
                statement = PLANTED[name][0]
                execute(office, statement, **{key: at for key, at in times.items() if f":{key}" in statement})
            return await found(office)

        try:
            yield plant
        finally:
            whole.close()


async def test_a_contradiction_is_named_once_and_alone(open_office: OpenOffice) -> None:
    async with damaged(open_office) as plant:
        for name, (_, expected) in PLANTED.items():
            assert await plant(name) == [expected], name


async def test_of_two_contradictions_both_rows_are_named_and_no_other(open_office: OpenOffice) -> None:
    async with damaged(open_office) as plant:
        pairs = itertools.combinations(PLANTED, 2)
        for first, second in itertools.islice(pairs, 0, None, 7):
            if PLANTED[first][1][1:] == PLANTED[second][1][1:]:
                continue  # in one row the later one may mend the earlier
            named = [(where, number) for _, where, number in await plant(first, second)]

            rows = {PLANTED[name][1][1:] for name in (first, second)}
            # Of the two that are planted in one place the later one stands.
            wanted = rows if len(of_the_mailbox(rows)) < 2 else {PLANTED[second][1][1:]}
            assert sorted(named) == sorted(wanted), (first, second)


def of_the_mailbox(rows: set[tuple[str, int]]) -> set[tuple[str, int]]:
    return {one for one in rows if one[0] == "mailbox"}


def test_every_kind_is_planted_somewhere() -> None:
    here = {expected[0] for _, expected in PLANTED.values()}
    of_the_server = {"mail_unseen", "mail_unfiled", "folder_surplus", "folder_shortage"}

    assert here | of_the_server == set(KINDS)


# --- the mailbox ----------------------------------------------------------------------------------------


async def test_a_mail_that_nobody_took_in_is_named_once_it_lies_there_for_an_hour(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        await lived(office)
        office.arrive(mail(message_id="<unread@x>"))

        assert await found(office) == [], "it has only just come"
        office.clock.advance(minutes=61)
        ((kind, where, _),) = await found(office)

        assert (kind, where) == ("mail_unseen", "mailbox")
        await office.work()
        assert await found(office) == []


async def test_a_mail_that_was_decided_on_and_never_moved_is_named(open_office: OpenOffice) -> None:
    async with open_office() as office:
        office.arrive(mail())
        await office.system.fetch.step()
        await office.system.desk.step()

        assert await found(office) == []
        office.clock.advance(minutes=61)

        assert [kind for kind, _, _ in await found(office)] == ["mail_unfiled"]


async def test_a_mail_that_somebody_put_into_our_folder_unread_is_a_surplus(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await lived(office)
        await reconciled(office)
        await next_morning(office)
        await office.handle(mail(message_id="<2@x>"))
        office.box._put("Processed", mail(message_id="<dragged@x>"), office.clock.now())  # type: ignore[attr-defined]

        (one,) = await compared(office)

        assert (one.kind, one.folder, one.count) == ("folder_surplus", "Processed", 1)


async def test_a_mail_that_vanished_from_our_folder_is_a_shortage_and_old_ones_may_be_tidied_away(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        await lived(office)
        await reconciled(office)
        office.box.folders["Processed"].clear()  # type: ignore[attr-defined]
        await next_morning(office)
        await office.handle(mail(message_id="<2@x>"))
        assert await compared(office) == [], "what was there before is the mailbox owner's"

        office.box.folders["Processed"].clear()  # type: ignore[attr-defined]

        (one,) = await compared(office)
        assert (one.kind, one.folder, one.count) == ("folder_shortage", "Processed", 1)


async def test_a_mailbox_that_was_numbered_anew_is_no_contradiction(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await lived(office)
        await reconciled(office)
        await next_morning(office)
        office.box.uidvalidity = 2  # type: ignore[attr-defined]
        office.system.fetch._mailbox.is_connected = False  # type: ignore[misc]
        await office.handle(mail(message_id="<2@x>"))

        assert await found(office) == []


@dataclass
class Interrupted:
    """A mail server that is asked while the daemon works: once it listed its mails, all are handled."""

    box: Any
    work: Callable[[], Awaitable[None]]
    old: datetime
    uidvalidity: int = 1

    async def list_uids(self) -> list[int]:
        uids: list[int] = await self.box.list_uids()
        await self.work()
        return uids

    async def arrived(self, uids: Sequence[int]) -> dict[int, datetime]:
        return dict.fromkeys(uids, self.old)

    async def uids_from(self, folder: str, first: int) -> tuple[int, list[int]]:
        found: tuple[int, list[int]] = await self.box.uids_from(folder, first)
        return found


async def test_what_is_under_way_while_the_server_is_asked_is_no_contradiction(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        await lived(office)
        await reconciled(office)
        await next_morning(office)
        office.arrive(mail(message_id="<2@x>"), at=office.clock.now() - timedelta(hours=3))
        old = office.clock.now() - timedelta(hours=3)
        server = Interrupted(office.box, office.work, old)

        comparison = Comparison(
            office.system.database, office.system.liveness, scope_of(office.system.config)
        )
        result = await comparison.run(server, office.clock.now())

        assert result.found == ()
        assert office.box.count("INBOX", user=office.user) == 0


# --- daily, and told ------------------------------------------------------------------------------------


def alerts(office: Office) -> list[Any]:
    return [row for row in office.outbox("operator_alert") if row.values["what"] == "reconciliation"]


async def test_it_is_done_once_a_day_and_the_operator_is_told_in_arabic(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await lived(office)
        await reconciled(office)
        execute(office, PLANTED["no outcome"][0])
        await next_morning(office, hour=5)
        assert not await reconciled(office), "before six"
        await next_morning(office)

        assert await reconciled(office)
        assert not await reconciled(office)
        await office.work()

        (told,) = alerts(office)
        assert (told.recipient, told.values["what"]) == (OPERATOR, "reconciliation")
        said = office.mails_to(OPERATOR)[-1]
        assert "لا تتطابق" in str(said["Subject"])
        assert re.search("واردات لا تنتهي إلى نتيجة.*2", str(said.get_body(("plain",)).get_content()))  # type: ignore[union-attr]

    async with open_office() as office:
        assert not await reconciled(office), "nor after a restart"
        await next_morning(office)
        assert await reconciled(office), "as long as it stands, each day"
        assert len(alerts(office)) == 2


async def test_the_digest_tells_what_was_found_that_morning(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await lived(office)
        await reconciled(office)
        execute(office, PLANTED["no outcome"][0])
        await next_morning(office)
        await reconciled(office)
        await office.work()
        await next_morning(office, hour=8)
        await reconciled(office)

        assert await office.system.digest.run()

        (row,) = office.outbox("staff_digest")
        assert row.recipient == TEAM
        (line,) = row.values["unsettled"]
        assert "واردات لا تنتهي إلى نتيجة" in line


async def test_a_thousand_contradictions_make_a_mail_that_can_be_read(database: Database) -> None:
    found = [Discrepancy("inbox_waits", "inbox", number) for number in range(1, 1000)]

    (line,) = lines(found, Shelf().words("ar", "digest"))

    assert line.endswith("1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 (+987)")


async def test_what_a_hold_in_force_stops_is_no_contradiction(open_office: OpenOffice) -> None:
    async with open_office() as office:
        hold = What("kind", "received")
        office.system.database.transact_now(holds.put, hold, "sara", "نقل", office.clock.now())
        await office.handle(mail())
        assert {row.state for row in office.outbox()} == {"held", "sent"}

        assert await found(office) == []


async def test_whoever_does_not_hold_the_mailbox_leaves_it_to_the_other(open_office: OpenOffice) -> None:
    async with open_office() as office:
        fetch = office.system.fetch

        await office.system.reconciliation.arrange(fetch, office.box)  # type: ignore[arg-type]
        assert fetch.chore is None
        assert office.system.database.read_now(store.last) is None

        await lived(office)
        await office.system.reconciliation.arrange(fetch, office.box)  # type: ignore[arg-type]
        await office.work()
        assert office.system.database.read_now(store.last) is not None


async def test_a_mail_server_that_is_down_all_morning_leaves_the_rows_to_be_compared(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        await lived(office)
        await next_morning(office)
        office.box.is_connected = False  # type: ignore[misc]

        await office.system.reconciliation.arrange(office.system.fetch, office.box)  # type: ignore[arg-type]
        assert office.system.database.read_now(store.last) is None, "it is waited for"
        office.clock.advance(hours=1)
        await office.system.reconciliation.arrange(office.system.fetch, office.box)  # type: ignore[arg-type]

        last = office.system.database.read_now(store.last)
        assert last is not None
        assert not last.is_whole


# --- by command -----------------------------------------------------------------------------------------


def run(*argv: str) -> int:
    """In a thread: the command has an event loop of its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(main, list(argv)).result()


async def test_the_command_names_it_and_says_where_the_mailbox_could_not_be_asked(
    open_office: OpenOffice, capsys: Captured
) -> None:
    async with open_office() as office:
        await lived(office)
        execute(office, PLANTED["no outcome"][0])
        path = str(office.system.config.service.data_dir.parent / "shakwa.toml")
        capsys.readouterr()

        assert run("--config", path, "db", "reconcile", "--json") == 1

        told = json.loads(capsys.readouterr().out)
        assert not told["is_whole"]
        assert told["mailbox"]["mails"] is None
        assert told["mailbox"]["error"]
        named = {(one["kind"], one["where"], one["number"]) for one in told["found"]}
        # It goes by the real clock, by which the SMS were never reported on.
        assert {one for one in named if one[0] != "sms_unheard"} == {("inbox_without_end", "inbox", 2)}
        assert run("--config", path, "db", "reconcile") == 1
        assert "inbox rows without an end (number): 2" in capsys.readouterr().out
        assert office.system.database.read_now(store.last) is None, "it changes nothing"


# --- what it costs --------------------------------------------------------------------------------------


async def test_no_query_walks_through_a_table(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await lived(office)
        asked: list[tuple[str, Any]] = []
        database = office.system.database
        from sqlalchemy import event

        def heard(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
            if statement.startswith("SELECT"):
                asked.append((statement, parameters))

        event.listen(database.engine, "before_cursor_execute", heard)
        try:
            await compared(office)
        finally:
            event.remove(database.engine, "before_cursor_execute", heard)

        with database.engine.connect() as connection:
            for statement, parameters in asked:
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
                for step in (str(row[-1]) for row in plan):
                    # A table of a few rows, and an index that holds only what is under way, may be walked.
                    assert not re.search(r"SCAN (inbox|outbox|mailbox_uids)\\b(?!.* USING)", step), (
                        step,
                        statement,
                    )
                    if "delivery_state IS NULL" in statement:
                        assert "ix_outbox_unheard" in step or "B-TREE" in step, step
                    assert "SCAN inbox USING" not in step or "without_end" in step or "claimed" in step, step
