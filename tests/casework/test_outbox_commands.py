"""`outbox list|retry|cancel|hold|release`: what the operator does, from the command to what is sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from daemon.cli.main import main
from daemon.store import audit, history, holds, tickets
from daemon.store.holds import What
from tests.casework.conftest import OpenOffice
from tests.integration.office import Office, mail

Captured = pytest.CaptureFixture[str]


def run(office: Office, *arguments: str) -> int:
    path = office.system.config.service.data_dir.parent / "shakwa.toml"
    return main(["--config", str(path), *arguments])


def shown(office: Office, capsys: Captured, *arguments: str) -> Any:
    capsys.readouterr()
    assert run(office, *arguments, "--json") == 0
    return json.loads(capsys.readouterr().out)


def states(office: Office) -> set[str]:
    return {row.state for row in office.outbox()}


async def test_what_is_held_is_not_sent_and_all_else_goes_on(
    open_office: OpenOffice, capsys: Captured
) -> None:
    async with open_office() as office:
        assert run(office, "outbox", "hold", "--all", "--why", "نقل الخادم") == 0

        await office.handle(mail())

        assert office.ticket().state == "open", "it is decided on"
        assert states(office) == {"held"}
        assert run(office, "outbox", "release", "--all") == 0
        await office.work()
        assert states(office) == {"sent"}


async def test_a_hold_is_for_every_daemon_and_outlives_a_restart(open_office: OpenOffice) -> None:
    async with open_office() as office:
        run(office, "outbox", "hold", "--all", "--why", "نقل الخادم")

    async with open_office() as office:
        await office.handle(mail())

        assert states(office) == {"held"}


@pytest.mark.parametrize(
    ("what", "held"),
    [
        (("--channel", "sms"), {"sms"}),
        (("--channel", "email"), {"email"}),
        (("--gateway", "smtp"), {"email"}),
        (("--kind", "received"), {"email", "sms"}),
    ],
)
async def test_a_hold_stops_what_it_names_and_nothing_else(
    open_office: OpenOffice, what: tuple[str, ...], held: set[str]
) -> None:
    async with open_office() as office:
        assert run(office, "outbox", "hold", *what, "--why", "صيانة") == 0

        await office.handle(mail(text="رقم الطلب 4501728، جوالي 0501234567. لم يصلني رد منذ شهر."))

        assert {row.channel for row in office.outbox("received") if row.state == "held"} == held
        others = {row.state for row in office.outbox() if row.channel not in held}
        assert others <= {"sent"}
        if what[0] == "--kind":
            assert {row.state for row in office.outbox("staff_new")} == {"sent"}


async def test_one_complaint_or_one_message_is_held(open_office: OpenOffice, capsys: Captured) -> None:
    async with open_office() as office:
        run(office, "outbox", "hold", "--all", "--why", "صيانة")
        await office.handle(mail())
        one = office.outbox("received")[0].id
        assert run(office, "outbox", "hold", str(one), "--why", "خطأ في النص") == 0
        assert run(office, "outbox", "hold", "--ticket", office.ticket().number, "--why", "قضية") == 0

        assert run(office, "outbox", "release", "--ticket", office.ticket().number) == 0
        assert states(office) == {"held"}, "everything is on hold still"
        run(office, "outbox", "release", "--all")
        await office.work()

        assert states(office) == {"sent"}
        acts = shown(office, capsys, "outbox", "show", str(one))["acts"]
        assert [(act["act"], act["why"]) for act in acts] == [("hold", "خطأ في النص"), ("release", "")]


async def test_a_hold_that_is_not_there_is_not_released(open_office: OpenOffice, capsys: Captured) -> None:
    async with open_office() as office:
        run(office, "outbox", "hold", "--channel", "sms", "--why", "صيانة")
        capsys.readouterr()

        assert run(office, "outbox", "release", "--channel", "email") == 1
        assert "on hold are: channel sms" in capsys.readouterr().err
        assert run(office, "outbox", "hold", "--channel", "sms", "--why", "مرة أخرى") == 1
        assert "on hold already" in capsys.readouterr().err
        assert run(office, "outbox", "hold", "--channel", "sms", "--all", "--why", "كلاهما") == 2
        assert run(office, "outbox", "hold", "--all", "--why", "  ") == 1
        assert run(office, "outbox", "hold", "--gateway", "taqnyat", "--why", "بوابة") == 1
        assert run(office, "outbox", "hold", "--kind", "recieved", "--why", "اسم") == 1
        assert "did you mean received?" in capsys.readouterr().err


async def test_nobody_needs_to_say_why_or_what(open_office: OpenOffice, capsys: Captured) -> None:
    async with open_office() as office:
        assert run(office, "outbox", "release") == 1
        assert "nothing is on hold" in capsys.readouterr().err
        assert run(office, "outbox", "hold") == 0
        await office.handle(mail())
        capsys.readouterr()

        assert run(office, "outbox", "list") == 0
        assert "everything on hold since" in (told := capsys.readouterr().out)
        assert "no reason given" in told
        one = office.outbox("received", channel="email")[0].id
        assert run(office, "outbox", "cancel", str(one)) == 0
        assert run(office, "outbox", "release") == 0
        await office.work()
        assert states(office) == {"sent", "cancelled"}


async def test_of_two_holds_one_must_be_named(open_office: OpenOffice, capsys: Captured) -> None:
    async with open_office() as office:
        run(office, "outbox", "hold", "--channel", "sms")
        run(office, "outbox", "hold", "--kind", "received")
        capsys.readouterr()

        assert run(office, "outbox", "release") == 2
        assert "channel sms" in (told := capsys.readouterr().err)
        assert "kind received" in told


@pytest.mark.parametrize("wrong", [("retry",), ("cancel",), ("cancel", "--why", "سبب")])
async def test_a_command_that_names_no_message_is_wrong_use(
    open_office: OpenOffice, capsys: Captured, wrong: tuple[str, ...]
) -> None:
    async with open_office() as office:
        assert run(office, "outbox", *wrong) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


async def test_what_is_cancelled_is_never_sent_and_its_complaint_hears_of_it(
    open_office: OpenOffice, capsys: Captured
) -> None:
    async with open_office() as office:
        run(office, "outbox", "hold", "--all", "--why", "صيانة")
        await office.handle(mail())
        one = office.outbox("received", channel="email")[0].id

        assert run(office, "outbox", "cancel", str(one), "--why", "نص خاطئ", "--by", "سعد") == 0
        run(office, "outbox", "release", "--all")
        await office.work()

        found = {row.id: row for row in office.outbox()}
        assert found[one].state == "cancelled"
        assert "نص خاطئ" in (found[one].last_error or "")
        assert len(office.outbox("received", channel="sms")) == 1, "it is not said another way"
        stored = office.system.database.read_now(tickets.walk)[0]
        codes = [
            line.code
            for entry in office.system.database.read_now(history.of_ticket, stored.id)
            for line in entry.entry.lines
        ]
        assert "notice_cancelled" in codes
        assert office.outbox("staff_delivery_failed"), "staff know that the customer was not told"
        assert not office.outbox("operator_alert"), "the operator did it"
        capsys.readouterr()
        assert run(office, "outbox", "cancel", str(one), "--why", "مرة أخرى") == 1
        assert run(office, "outbox", "retry", str(one)) == 1
        assert "left as they are" in capsys.readouterr().err


async def test_a_cancelled_warning_closes_nothing(open_office: OpenOffice) -> None:
    """As one that bounced: nobody is closed out who was not warned."""
    async with open_office() as office:
        run(office, "outbox", "hold", "--kind", "info_warning", "--why", "صيانة")
        await office.handle(mail(text="لم يصلني رد ولم يعالج أحد شكواي حتى الآن."))
        assert office.ticket().state == "awaiting_info"
        office.clock.advance(days=2, hours=1)
        await office.work()
        warnings = [str(row.id) for row in office.outbox("info_warning")]
        assert warnings

        assert run(office, "outbox", "cancel", *warnings, "--why", "نص خاطئ") == 0
        await office.work()
        office.clock.advance(days=20)
        await office.work()

        assert office.ticket().state == "awaiting_info"
        assert office.ticket().held


async def test_retry_by_kind_leaves_what_is_on_hold(open_office: OpenOffice, capsys: Captured) -> None:
    async with open_office() as office:
        run(office, "outbox", "hold", "--kind", "received", "--why", "صيانة")
        await office.handle(mail())
        one = str(office.outbox("received")[0].id)
        capsys.readouterr()

        assert run(office, "outbox", "retry", one) == 1
        assert "on hold" in capsys.readouterr().err
        assert run(office, "outbox", "retry", "--kind", "staff_new") == 0
        assert "0 will be tried" in capsys.readouterr().out
        assert run(office, "outbox", "retry") == 2


async def test_the_list_is_filtered_and_says_what_is_on_hold(
    open_office: OpenOffice, capsys: Captured
) -> None:
    async with open_office() as office:
        run(office, "outbox", "hold", "--kind", "received", "--why", "صيانة \x1b[2J")
        await office.handle(mail())
        number = office.ticket().number

        of_ticket = shown(office, capsys, "outbox", "list", "--ticket", number)
        assert {one["ticket"] for one in of_ticket} == {number}
        of_kind = shown(office, capsys, "outbox", "list", "--kind", "staff_new", "--channel", "email")
        assert {one["notification"] for one in of_kind} == {"staff_new"}
        assert shown(office, capsys, "outbox", "list", "--gateway", "smtp", "--state", "failed") == []
        run(office, "outbox", "list")
        printed = capsys.readouterr().out
        assert "kind received on hold since" in printed
        assert "\x1b" not in printed


async def test_readiness_and_the_digest_say_that_sending_is_on_hold(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(mail())
        assert set(office.system.service.health().values()) == {"ok"}
        run(office, "outbox", "hold", "--channel", "sms", "--why", "تحديث البوابة")
        await office.work()

        assert office.system.service.health()["delivery-sms"] == "on hold"
        assert office.system.service.health()["delivery-email"] == "ok"
        office.clock.advance(days=1)
        await office.system.digest.run()
        (said, *_) = office.outbox("staff_digest")
        assert said.values["sending_held_why"] == "تحديث البوابة"


async def test_every_act_stands_in_the_audit(open_office: OpenOffice) -> None:
    async with open_office() as office:
        run(office, "outbox", "hold", "--all", "--why", "صيانة", "--by", "سعد")
        await office.handle(mail())
        run(office, "outbox", "cancel", "--kind", "staff_new", "--why", "لا حاجة", "--by", "سعد")
        run(office, "outbox", "release", "--all", "--by", "سعد")

        entries = office.system.database.read_now(audit.latest)[::-1]

        assert [entry.act for entry in entries] == ["sending_held", "message_cancelled", "sending_released"]
        assert {entry.who for entry in entries} == {"سعد"}


async def test_a_hold_of_the_very_same_is_put_once(open_office: OpenOffice) -> None:
    async with open_office() as office:
        database, now = office.system.database, office.clock.now()

        assert database.transact_now(holds.put, What("all"), "a", "b", now)
        assert not database.transact_now(holds.put, What("all"), "a", "b", now)
