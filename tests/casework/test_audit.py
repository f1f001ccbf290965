"""The audit: a chain in which nothing can be changed unnoticed, also after details were erased."""

from __future__ import annotations

import json
import string
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, select, update

from daemon.cli.main import main
from daemon.store import audit, counters
from daemon.store.admin_tables import audit as rows
from daemon.store.audit import Deed, Entry, recorded
from daemon.store.database import Database
from tests.casework.conftest import OpenOffice
from tests.casework.test_digest import at
from tests.integration.office import TEAM, mail

NOW = datetime(2026, 11, 22, 9, 0, 0, 123456, tzinfo=UTC)


def written(database: Database, count: int = 3) -> list[Entry]:
    for number in range(1, count + 1):
        deed = Deed("نورة", "mail_released", f"mail {number}", {"writer": f"saad{number}@example.net"})
        database.transact_now(audit.record, deed, NOW)
    return database.read_now(audit.latest)[::-1]


def test_each_row_stands_on_the_one_before_it(database: Database) -> None:
    entries = written(database)

    verdict = database.read_now(audit.verify)

    assert [one.place for one in entries] == [1, 2, 3]
    assert len({one.link for one in entries}) == 3
    assert verdict.holds
    assert (verdict.entries, verdict.head) == (3, entries[-1].link)
    assert database.read_now(audit.head) == (3, entries[-1].link)


def test_an_empty_chain_holds(database: Database) -> None:
    assert database.read_now(audit.verify).holds
    assert database.read_now(audit.head) == (0, "")


def change(**values: Any) -> Callable[[Connection], object]:
    return lambda connection: connection.execute(update(rows).where(rows.c.place == 2).values(**values))


def take_out(place: int) -> Callable[[Connection], object]:
    return lambda connection: connection.execute(delete(rows).where(rows.c.place == place))


def put_in(place: int) -> Callable[[Connection], object]:
    def put(connection: Connection) -> None:
        [copied] = connection.execute(select(rows).where(rows.c.place == 2)).mappings()
        connection.execute(insert(rows).values(**{**copied, "place": place}))

    return put


def change_places(connection: Connection) -> None:
    for place, to in ((2, 100), (3, 2), (100, 3)):
        connection.execute(update(rows).where(rows.c.place == place).values(place=to))


@pytest.mark.parametrize(
    ("tamper", "place"),
    [
        (change(who="Somebody else"), 2),
        (change(act="mail_blocked"), 2),
        (change(about="mail 1"), 2),
        (change(at=datetime(2026, 11, 22, 9, 1, tzinfo=UTC)), 2),
        (change(detail="{}"), 2),
        (change(salt="0" * 32), 2),
        (change(detail=None), 2),  # half an erasure: what remains of it would betray a guess
        (change(salt=None), 2),
        (change(digest="0" * 64), 2),
        (change(link="0" * 64), 2),
        (take_out(1), 1),
        (take_out(2), 2),
        (take_out(3), 3),
        (change_places, 2),
        (put_in(0), 1),
        (put_in(-7), 1),
        (put_in(4), 4),
    ],
)
def test_no_row_can_be_changed_or_taken_out(
    database: Database, tamper: Callable[[Connection], object], place: int
) -> None:
    written(database)

    database.transact_now(tamper)

    verdict = database.read_now(audit.verify)
    assert not verdict.holds
    assert verdict.broken_at == place
    assert verdict.why


def test_who_writes_the_chain_anew_is_found_out_by_the_head_that_left(database: Database) -> None:
    head = written(database)[-1].link

    def anew(connection: Connection) -> None:
        connection.execute(delete(rows))
        counters.set_count(connection, "audit", 0)

    database.transact_now(anew)
    written(database, 4)

    assert database.read_now(audit.verify).holds
    assert not database.read_now(audit.verify, head).holds


def test_a_head_stays_in_the_chain_while_it_grows(database: Database) -> None:
    head = written(database)[1].link
    written(database)

    assert database.read_now(audit.verify, head).holds
    assert database.read_now(audit.verify, head[: audit.SHOWN]).holds


def test_details_can_be_erased_and_the_chain_still_holds(database: Database) -> None:
    written(database)

    erased = database.transact_now(audit.erase, "mail 2")

    verdict = database.read_now(audit.verify)
    [_, entry, _] = database.read_now(audit.latest)
    assert erased == 1
    assert verdict.holds
    assert verdict.erased == 1
    assert audit.detail_of(entry) is None
    assert "saad2" not in str(entry)


def test_equal_details_have_different_digests(database: Database) -> None:
    # Else whoever guesses an erased detail could check the guess.
    for _ in range(2):
        database.transact_now(audit.record, Deed("x", "mail_blocked", "mail 1", {"blocked": "a@b.sa"}), NOW)

    first, second = database.read_now(audit.latest)
    assert first.digest != second.digest


@given(
    st.lists(
        st.tuples(
            st.text(max_size=20), st.text(max_size=20), st.dictionaries(st.text(max_size=5), st.text())
        ),
        min_size=1,
        max_size=5,
    )
)
def test_whatever_stands_in_it_the_chain_holds(
    one_database: Database, deeds: list[tuple[str, str, dict[str, str]]]
) -> None:
    def anew(connection: Connection) -> None:
        connection.execute(delete(rows))
        counters.set_count(connection, "audit", 0)

    one_database.transact_now(anew)
    for who, about, detail in deeds:
        one_database.transact_now(audit.record, Deed(who, "text_saved", about, detail), NOW)

    assert one_database.read_now(audit.verify).holds
    assert one_database.read_now(audit.verify).entries == len(deeds)


def test_an_act_that_fails_leaves_no_line(database: Database) -> None:
    def act(connection: Connection) -> None:
        audit.record(connection, Deed("x", "text_saved"), NOW)
        raise ValueError

    with pytest.raises(ValueError):
        database.transact_now(act)

    written(database, 1)
    assert [one.place for one in database.read_now(audit.latest)] == [1]


def test_what_was_refused_is_not_told(database: Database) -> None:
    refuse = recorded(lambda _: "", lambda code: Deed("x", "mail_released") if code else None, NOW)

    database.transact_now(refuse)

    assert database.read_now(audit.latest) == []


# --- by commands --------------------------------------------------------------------------------------


async def test_what_an_operator_orders_by_command_is_audited(
    open_office: OpenOffice,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "root")

    def run(*words: str) -> int:
        return main(["--config", str(tmp_path / "shakwa.toml"), *words])

    async with open_office():
        assert (
            run("tickets", "open", "--channel", "phone", "--text", "تأخر", "--phone", "0541112233", "--json")
            == 0
        )
        number = json.loads(capsys.readouterr().out)["number"]
        assert run("tickets", "note", number, "--text", "اتصل العميل") == 0
        assert run("tickets", "escalate", number) == 0
        assert run("tickets", "close", number, "--reason", "withdrawn") == 0
        assert run("tickets", "close", number, "--reason", "withdrawn") == 1
        capsys.readouterr()
        assert run("audit", "list", "--json") == 0
        found = json.loads(capsys.readouterr().out)
        assert run("audit", "verify", "--json") == 0
        verdict = json.loads(capsys.readouterr().out)

    assert [(one["who"], one["act"], one["about"]) for one in found] == [
        ("root", act, f"ticket {number}")
        for act in ("ticket_opened", "ticket_noted", "ticket_escalated", "ticket_closed")
    ]
    assert found[-1]["detail"] == {"reason": "withdrawn"}
    assert "تأخر" not in str(found)
    assert verdict == {
        "holds": True,
        "entries": 4,
        "erased": 0,
        "head": found[-1]["link"],
        "broken_at": None,
        "why": None,
    }


def test_a_head_is_as_long_as_it_is() -> None:
    assert set(audit._sha256("a", "b")) <= set(string.hexdigits)
    assert audit._sha256("a", "b") != audit._sha256("ab", "")


@pytest.mark.parametrize("head", ["x", "0" * 31, "0" * 65, "g" * 32])
async def test_what_cannot_be_a_head_is_refused(
    open_office: OpenOffice, tmp_path: Path, capsys: pytest.CaptureFixture[str], head: str
) -> None:
    async with open_office():
        assert main(["--config", str(tmp_path / "shakwa.toml"), "audit", "verify", "--head", head]) == 1

    assert "hexadecimal" in capsys.readouterr().err


async def test_the_head_leaves_the_machine_with_the_digest(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(mail())
        [*_, newest] = written(office.system.database)
        office.clock.set(at(23, 8))

        assert await office.system.digest.run()
        await office.work()

        bodies = [one.get_body(("plain",)) for one in office.mails_to(TEAM)]
        (digest,) = [one.get_content() for one in bodies if one and "ملخص شكاوى" in one.get_content()]
        assert newest.link[: audit.SHOWN] in digest
