"""`privacy erase`: nothing in any byte names the person any more, and all else is as it was."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import quopri
import re
import sqlite3
from collections.abc import Callable
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from daemon.casework.mask import Identity, Mask
from daemon.casework.person import NoPerson, read
from daemon.cli.main import main
from daemon.front_desk import Caller, Complaint, Said, UnknownTicket
from daemon.store import audit, blocked, compaction, migrations, schema
from daemon.store.database import Database
from tests.casework.conftest import OpenOffice
from tests.casework.receipts import reported, unifonic
from tests.casework.test_hostile_senders import bounce
from tests.casework.test_other_channels import brought, page_of
from tests.casework.test_whole_life import STAFF, last, staff_answer
from tests.integration.office import TEAM, Office, mail, proven, text_of

KHALID = "khalid@example.sa"
SARA = "sara@sara.example"
SARA_MAIL: dict[str, Any] = {
    "sender": f"سارة المطيري <{SARA}>",
    "subject": "تأخر رخصة البناء في الرياض",
    "text": "السلام عليكم\nرقم الطلب: ٧٠٠٠٠٠١ وقد تجاوز المدة دون أي إجراء.\nجوالي 0559876543\n",
}
KHALID_MAIL: dict[str, Any] = {
    "sender": f"خالد بن سعد العتيبي <{KHALID}>",
    "subject": "شكوى عن استرداد مبلغ الضمان",
    "text": "السلام عليكم\nرقم الطلب: ٢٠٢٦١٢٣٤٥ وقد تجاوز المدة دون أي إجراء.\nجوالي ٠٥٤١٩٨٧٦٥٠\n",
}
TRACES = (
    *("khalid", "541987650", "٥٤١٩٨٧٦٥٠", "العتيبي", "استرداد مبلغ الضمان", "202612345", "٢٠٢٦١٢٣٤٥"),
    *("07aa-khalids-own-id",),
)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    monkeypatch.setattr("getpass.getuser", lambda: "root")

    def command(*words: str) -> int:
        return main(["--config", str(tmp_path / "shakwa.toml"), *words])

    return command


def close_all(database: Database) -> None:
    def close(connection: Any) -> None:
        values = {"state": "closed", "close_reason": "resolved", "running_since": None}
        connection.execute(update(schema.tickets).values(values))
        connection.execute(schema.deadlines.delete())
        is_waiting = schema.outbox.c.state.in_(("queued", "claimed"))
        connection.execute(update(schema.outbox).where(is_waiting).values(state="cancelled", claimed_by=None))

    database.transact_now(close)


def octets_of(database: Database) -> bytes:
    """Every byte of the database's files."""
    assert database.path is not None
    folder = database.path.parent
    return b"".join(path.read_bytes() for path in sorted(folder.glob(f"{database.path.name}*")))


def traces_in(database: Database, traces: tuple[str, ...] = TRACES) -> list[str]:
    """What is found, in the octets themselves and in the decoded octets of what is kept of mails."""
    octets = octets_of(database).lower() if database.path is not None else b""
    found, where = {trace for trace in traces if trace.encode() in octets}, []
    with database.engine.connect() as connection:
        for table in schema.metadata.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                for name, value in row.items():
                    text = (
                        decoded(value).decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                    )
                    where += [f"{trace} in {table.name}.{name}" for trace in traces if trace in text.lower()]
    return sorted({*where, *found})


def decoded(raw: bytes) -> bytes:
    parts = [part.get_payload(decode=True) for part in message_from_bytes(raw).walk()]
    texts = [part for part in parts if isinstance(part, bytes)]
    return b"\n".join([raw, quopri.decodestring(raw), *texts])


def report(run: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> list[Any]:
    """The figures of several periods, without when they were made and what customers wrote."""
    capsys.readouterr()
    found = []
    for since, until in (
        ("2026-11-01", "2026-11-30"),
        ("2026-11-22", "2026-11-22"),
        ("2026-10-01", "2027-03-31"),
    ):
        assert run("report", "--json", "--from", since, "--to", until) == 0
        document = json.loads(capsys.readouterr().out)
        found.append({key: one for key, one in document.items() if key not in ("made_at", "comments")})
    return found


def rows_of(database: Database, trace: str) -> list[Any]:
    """Every row of every table that holds `trace`, as it stands."""
    found: list[Any] = []
    with database.engine.connect() as connection:
        for table in schema.metadata.sorted_tables:
            for row in connection.execute(select(table)).all():
                if trace in repr(tuple(row)):
                    found.append((table.name, tuple(row)))
    return found


async def lived(office: Office) -> None:
    """Both complain; staff answer, a mail of his is set aside, digests go out."""
    await office.handle(
        mail(**KHALID_MAIL, message_id="<07aa-khalids-own-id@example.sa>", attachment_bytes=400)
    )
    await office.handle(staff_answer(last(office, TEAM), "نعمل على طلبكم يا أستاذ خالد بن سعد العتيبي."))
    await office.handle(mail(**SARA_MAIL))
    await office.handle(mail(**KHALID_MAIL | {"text": "وهذا ملحق"}, headers=[proven(verdict="fail")]))
    office.clock.advance(days=1)
    await office.system.digest.run()
    await office.work()
    close_all(office.system.database)


async def test_nothing_names_the_erased_person_in_any_byte_and_the_figures_stay(
    open_office: OpenOffice, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office(**STAFF) as office:
        await lived(office)
        database = office.system.database
        before, hers = report(run, capsys), rows_of(database, SARA)
        assert set(TRACES) <= set(traces_in(database))

        assert run("privacy", "erase", "KHALID+furas@Example.SA", "--yes") == 0

        told = capsys.readouterr().out
        assert traces_in(database) == []
        assert report(run, capsys) == before
        assert rows_of(database, SARA) == hers
        assert run("audit", "verify") == 0
        assert "1 complaints" in told
        files = office.system.config.service.data_dir / "files"
        assert [path for path in files.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "spelled",
    ["0541987650", "+966 54 198 7650", "٠٠٩٦٦٥٤١٩٨٧٦٥٠", "khalid@example.sa", "<Khalid+x@EXAMPLE.sa>"],
)
async def test_every_spelling_finds_the_person(
    open_office: OpenOffice, run: Callable[..., int], spelled: str
) -> None:
    async with open_office(**STAFF) as office:
        await lived(office)

        assert run("privacy", "erase", spelled) == 0

        assert traces_in(office.system.database) == []


async def test_a_dry_run_shows_and_changes_nothing(
    open_office: OpenOffice, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office(**STAFF) as office:
        await lived(office)
        before = rows_of(office.system.database, "")

        assert run("privacy", "erase", KHALID, "--dry-run", "--json") == 0

        shown = json.loads(capsys.readouterr().out)
        assert shown["erased"] is False
        assert [one["state"] for one in shown["tickets"]] == ["closed"]
        assert shown["mails"] >= 3
        assert rows_of(office.system.database, "") == before


async def test_the_record_of_an_erasure_says_what_and_not_whose(
    open_office: OpenOffice, run: Callable[..., int]
) -> None:
    async with open_office(**STAFF) as office:
        await lived(office)

        run("privacy", "erase", KHALID, "--why", "request 7")

        newest = office.system.database.read_now(audit.latest)[0]
        detail = audit.detail_of(newest) or {}
        assert (newest.who, newest.act) == ("root", "person_erased")
        assert re.fullmatch("erasure [0-9a-f]{16}", newest.about)
        assert detail["why"] == "request 7"
        assert str(detail["tickets"]).startswith("FRS-2026-")


async def test_a_reason_that_names_the_person_is_refused(
    open_office: OpenOffice, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office(**STAFF) as office:
        await lived(office)

        assert run("privacy", "erase", KHALID, "--why", f"asked by {KHALID}") == 1

        assert "--why names the person" in capsys.readouterr().err
        assert traces_in(office.system.database)


async def test_an_open_complaint_is_refused_unless_forced_and_then_ends_in_silence(
    open_office: OpenOffice, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(**KHALID_MAIL))
        count = len(office.smtp.taken)

        assert run("privacy", "erase", KHALID) == 1
        assert "not closed" in capsys.readouterr().err
        assert run("privacy", "erase", KHALID, "--force") == 0

        await office.work()
        office.clock.advance(days=20)
        await office.work()
        assert len(office.smtp.taken) == count
        assert office.deadlines() == set()
        row = office.ticket()
        assert (row.state, row.close_reason, row.requester.email) == ("closed", "withdrawn", None)
        assert traces_in(office.system.database) == []


@pytest.mark.parametrize("held", [KHALID, "0541987650", "NUMBER"])
async def test_a_legal_hold_is_respected_until_it_ends(
    open_office: OpenOffice, run: Callable[..., int], capsys: pytest.CaptureFixture[str], held: str
) -> None:
    async with open_office(**STAFF) as office:
        await lived(office)
        what = office.tickets()[0].number if held == "NUMBER" else held
        assert run("privacy", "hold", what, "--why", "case 12 of the board of grievances") == 0

        assert run("privacy", "erase", KHALID) == 1
        assert "legal hold" in capsys.readouterr().err
        assert traces_in(office.system.database)

        assert run("privacy", "unhold", what) == 0
        assert run("privacy", "erase", KHALID) == 0
        assert traces_in(office.system.database) == []
        assert run("audit", "verify") == 0


async def test_who_was_erased_begins_anew_and_the_old_page_is_gone(
    open_office: OpenOffice, run: Callable[..., int]
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(**KHALID_MAIL, headers=[proven()]))
        said = last(office, KHALID)
        number, page = office.ticket().number, page_of(text_of(said))
        close_all(office.system.database)
        run("privacy", "erase", KHALID)

        await office.handle(
            mail(
                **KHALID_MAIL | {"subject": f"Re: [{number}]"}, headers=[proven()], answers=said["Message-ID"]
            )
        )

        assert [one.state for one in office.tickets()] == ["closed", "open"]
        with pytest.raises(UnknownTicket):
            await office.system.counter.page(page)


async def test_staff_who_answer_an_erased_complaint_put_nothing_back_on_it(
    open_office: OpenOffice, run: Callable[..., int]
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(**KHALID_MAIL))
        answer = staff_answer(last(office, TEAM), "تمت المعالجة.")
        close_all(office.system.database)
        run("privacy", "erase", KHALID)
        messages = len(office.messages())

        await office.handle(answer)

        assert len(office.messages()) == messages
        assert office.ticket().requester.email is None


async def test_a_mobile_that_two_persons_bear_is_asked_about(
    open_office: OpenOffice, run: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(**KHALID_MAIL))
        await office.handle(
            mail(**SARA_MAIL | {"text": "رقم الطلب: 7000001 تجاوز المدة\nجوالي 0541987650\n"})
        )
        close_all(office.system.database)

        assert run("privacy", "erase", "0541987650") == 1
        assert SARA in capsys.readouterr().err

        assert run("privacy", "erase", KHALID) == 0
        assert "stays there" in capsys.readouterr().out
        assert office.tickets()[1].requester.phone == "+966541987650"
        assert office.tickets()[0].requester.phone is None


async def test_a_call_from_the_same_mobile_goes_too_unless_it_is_left_out(
    open_office: OpenOffice, run: Callable[..., int]
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(**KHALID_MAIL))
        call = await brought(
            office, Complaint("phone", "تأخر طلبي", "خالد", "+966541987650", request_number="7000009")
        )
        close_all(office.system.database)

        assert run("privacy", "erase", KHALID, "--without", call.standing.number) == 0
        assert office.tickets()[1].requester.phone == "+966541987650"

        assert run("privacy", "erase", KHALID, "0541987650") == 0
        assert traces_in(office.system.database) == []


@pytest.mark.parametrize(
    "spelled", ["@Khalid_Otaibi", "https://x.com/KHALID_otaibi", "twitter.com/khalid_otaibi/"]
)
async def test_who_is_known_by_an_account_alone_can_be_erased_and_kept(
    open_office: OpenOffice, run: Callable[..., int], spelled: str
) -> None:
    async with open_office(**STAFF) as office:
        told = Complaint("x", KHALID_MAIL["text"], "خالد العتيبي", handle="Khalid_Otaibi")
        await brought(office, told)
        await office.handle(mail(**SARA_MAIL | {"text": "مثل ما كتب @khalid_OTAIBI، رقم الطلب: 7000001"}))
        close_all(office.system.database)
        traces = ("khalid_otaibi", "العتيبي", "541987650")
        assert run("privacy", "hold", spelled, "--why", "case 12") == 0
        assert run("privacy", "erase", spelled) == 1
        assert set(traces_in(office.system.database, traces)) >= {"khalid_otaibi"}

        assert run("privacy", "unhold", spelled) == 0
        assert run("privacy", "erase", spelled) == 0

        assert traces_in(office.system.database, traces) == []
        assert office.tickets()[1].requester.email == SARA


def test_a_bare_word_is_nobody() -> None:
    for typed in ("khalid", "@", "@a b", "x.com/", "12", "https://y.com/khalid"):
        with pytest.raises(NoPerson):
            read([typed])


def test_an_account_is_masked_where_it_is_one_and_nowhere_else() -> None:
    mask = Mask(Identity(handles=frozenset({"ali_sa"})))

    for text in ("@ali_sa", "(@Ali_SA)", "https://x.com/ali_sa?s=1", "كتب @ali_sa، ثم", "%40ali_sa"):
        assert mask.is_in(text)
        assert "ali_sa" not in mask.in_text(text).lower()
    for text in ("ali_sa", "@ali_sad", "office@ali_sa", "@ali", "box.com/ali_sa", "x.com/ali_sa2"):
        assert not mask.is_in(text), text
        assert mask.in_text(text) == text


async def test_a_block_and_what_is_known_of_the_address_go_too(
    open_office: OpenOffice, run: Callable[..., int]
) -> None:
    async with open_office(**STAFF) as office:
        await lived(office)
        database = office.system.database
        database.transact_now(blocked.add, KHALID, "operator", 1, office.clock.now(), spares_proven=False)
        database.transact_now(blocked.add, SARA, "operator", 1, office.clock.now(), spares_proven=False)

        run("privacy", "erase", KHALID)

        assert [one.pattern for one in database.read_now(blocked.walk)] == [SARA]


async def test_what_others_wrote_of_the_person_is_masked_and_their_words_stay(
    open_office: OpenOffice, run: Callable[..., int]
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(**KHALID_MAIL))
        text = SARA_MAIL["text"] + f"وقد راسلتُ {KHALID} وهاتفه ٠٥٤ ١٩٨ ٧٦٥٠ ولم يرد.\n"
        await office.handle(mail(**SARA_MAIL | {"text": text}))
        close_all(office.system.database)

        assert run("privacy", "erase", KHALID) == 0

        [hers] = [row for row in office.messages() if row.sender_email == SARA]
        assert "راسلتُ [erased] وهاتفه [erased] ولم يرد." in hers.text
        assert "سارة المطيري" in hers.sender_name
        assert traces_in(office.system.database) == []


async def test_nothing_is_left_to_be_sent(open_office: OpenOffice, run: Callable[..., int]) -> None:
    async with open_office(**STAFF) as office:
        office.smtp.is_away = True  # type: ignore[attr-defined]  # the relay in memory
        await office.handle(mail(**KHALID_MAIL))
        count = len(office.smtp.taken)

        assert run("privacy", "erase", KHALID, "--force") == 0

        office.smtp.is_away = False  # type: ignore[attr-defined]
        office.clock.advance(hours=8)
        await office.work()
        assert len(office.smtp.taken) == count
        assert office.states() <= {"cancelled", "sent"}
        assert traces_in(office.system.database) == []


async def test_an_erased_mail_cannot_be_judged_again(
    open_office: OpenOffice, run: Callable[..., int]
) -> None:
    async with open_office(**STAFF) as office:
        await lived(office)
        set_aside = next(row.id for row in office.inbox() if row.state == "quarantined")
        run("privacy", "erase", KHALID)

        assert run("mail", "replay", str(set_aside)) == 1
        assert run("mail", "show", str(set_aside)) in (0, 1)
        assert run("mail", "list") == 0
        assert run("mail", "export", "--jsonl") == 0
        assert run("tickets", "list") == 0
        assert run("outbox", "list") == 0
        assert run("db", "check") == 0


@pytest.mark.parametrize(
    "address", [TEAM, "NOURA+x@momah.gov.sa", "infocs@momah.gov.sa", "operator@momah.gov.sa"]
)
async def test_an_address_of_ours_is_refused(
    open_office: OpenOffice, run: Callable[..., int], capsys: pytest.CaptureFixture[str], address: str
) -> None:
    async with open_office(**STAFF) as office:
        await lived(office)
        before = rows_of(office.system.database, "")

        assert run("privacy", "erase", address) == 1

        assert "ministry's own" in capsys.readouterr().err
        assert rows_of(office.system.database, "") == before


async def test_receipts_and_bounces_that_come_late_do_nothing(
    open_office: OpenOffice, run: Callable[..., int]
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(**KHALID_MAIL, headers=[proven()]))
        [sms] = office.outbox("received", channel="sms")
        reference = str(last(office, KHALID)["Message-ID"])
        close_all(office.system.database)
        run("privacy", "erase", KHALID)
        count = len(office.smtp.taken)

        await reported(office, unifonic(sms, "Undelivered"))
        await office.handle(bounce(reference, KHALID))

        assert len(office.smtp.taken) == count
        assert office.count(schema.addresses) == 0
        assert office.ticket().requester.email is None


EVENTS = ("mail", "tagged", "reply", "call", "spam", "copied", "answered", "day", "page")


async def happen(office: Office, event: str, who: str, number: int) -> None:
    given = dict(KHALID_MAIL if who == "khalid" else SARA_MAIL)
    phone = "+966541987650" if who == "khalid" else "+966559876543"
    match event:
        case "mail":
            await office.handle(
                mail(**given, message_id=f"<{who}.{number}@own.example>", attachment_bytes=50 + number)
            )
        case "tagged":
            sender = given["sender"].replace("@", f"+t{number}@").upper()
            await office.handle(mail(**given | {"sender": sender}))
        case "reply":
            await office.handle(
                mail(**given | {"text": f"أضيف إلى ما سبق {number}"}, answers=f"<{who}.0@own.example>")
            )
        case "call":
            name = "خالد بن سعد العتيبي" if who == "khalid" else "سارة المطيري"
            await brought(
                office, Complaint("phone", f"اتصل {number}", name, phone, request_number=f"90000{number}")
            )
        case "spam":
            await office.handle(mail(**given | {"text": f"عرض {number}"}, headers=[proven(verdict="fail")]))
        case "copied":
            await office.handle(mail(**given, headers=[("Cc", f"friend{number}@friends.example")]))
        case "answered" if office.smtp.messages_to(TEAM):
            await office.handle(staff_answer(last(office, TEAM), f"جواب {number}"))
        case "page":
            for ticket in office.tickets()[-1:]:
                await office.system.counter.say(
                    ticket.number, Said("information", f"زيادة {number}"), Caller("agents")
                )
                await office.work()
        case "day":
            office.clock.advance(days=1)
            await office.work()
            await office.system.digest.run()
            await office.work()


@given(
    st.lists(st.tuples(st.sampled_from(EVENTS), st.sampled_from(("khalid", "sara"))), min_size=1, max_size=7)
)
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_of_any_mixture_of_two_persons_one_goes_whole_and_the_other_stays_whole(
    open_new_office: Callable[[], OpenOffice], tmp_path: Path, happened: list[tuple[str, str]]
) -> None:
    async def lives() -> None:
        async with open_new_office()(**STAFF) as office:
            for number, (event, who) in enumerate(happened):
                await happen(office, event, who, number)
            database = office.system.database
            close_all(database)
            config = ["--config", str(tmp_path / "shakwa.toml")]
            with database.engine.connect() as connection:
                hers = set(
                    connection.execute(
                        select(schema.tickets.c.id).where(schema.tickets.c.requester_email.like("sara%"))
                    ).scalars()
                )
            before = of_tickets(database, hers)

            assert main([*config, "privacy", "erase", KHALID, "0541987650", "--yes"]) == 0

            assert traces_in(database) == []
            assert of_tickets(database, hers) == before
            assert database.read_now(audit.verify).holds
            assert migrations.integrity(database) == []

    asyncio.run(lives())


def of_tickets(database: Database, ids: set[int]) -> list[Any]:
    """Everything that hangs on these tickets."""
    found: list[Any] = []
    with database.engine.connect() as connection:
        for table in (schema.messages, schema.outbox, schema.history, schema.inbox, schema.ticket_words):
            rows = connection.execute(select(table).where(table.c.ticket_id.in_(ids))).all()
            found += [(table.name, tuple(row)) for row in rows]
        mails = select(schema.inbox.c.id).where(schema.inbox.c.ticket_id.in_(ids))
        raws = connection.execute(
            select(schema.raw_mails).where(schema.raw_mails.c.inbox_id.in_(mails))
        ).all()
        tickets = connection.execute(select(schema.tickets).where(schema.tickets.c.id.in_(ids))).all()
    return [*found, *map(tuple, raws), *map(tuple, tickets)]


def test_a_base64_mail_of_another_is_masked_and_stays_a_mail() -> None:
    body = base64.b64encode(f"راسلت {KHALID} أمس".encode()).decode()
    raw = (
        f"From: {SARA}\r\nSubject: x\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n{body}\r\n"
    ).encode()

    masked = Mask(Identity(frozenset({KHALID}))).in_octets(raw)

    assert "راسلت [erased] أمس" in decoded(masked).decode()
    assert SARA.encode() in masked


def test_deleted_rows_leave_the_file_also_where_sqlite_does_not_overwrite_them(tmp_path: Path) -> None:
    # Debian's SQLite overwrites what is deleted by itself; others are built without that.
    secret, path = b"\xd8\xae\xd8\xa7\xd9\x84\xd8\xaf 541987650", tmp_path / "shakwa.db"
    database = Database(f"sqlite:///{path}")
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete=OFF")
        connection.execute("CREATE TABLE words (text)")
        connection.executemany("INSERT INTO words VALUES (?)", [(secret + bytes(500),)] * 50)
        connection.execute("DELETE FROM words")
    assert any(secret in file.read_bytes() for file in tmp_path.iterdir())

    compaction.compact(database)

    assert not any(secret in file.read_bytes() for file in tmp_path.iterdir())
    database.close()
