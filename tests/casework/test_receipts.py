"""Receipts, from what a gateway posts to the rows: kept once, shown, and what follows for the complaint."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from daemon.casework.deliveries import Acceptance, report
from daemon.courier import TemporaryFailure
from daemon.front_desk import Complaint
from daemon.loops.inquiry import Inquiry
from daemon.sms.report import Report
from daemon.store import history, schema, tickets
from daemon.workflow.history import Line
from tests.casework.conftest import OpenOffice
from tests.casework.receipts import PATH, as_json, caller, reported, row_of, said_of, sms_of, unifonic
from tests.casework.test_hostile_senders import bounce
from tests.casework.test_other_channels import BY_PHONE, brought
from tests.casework.test_outbox_commands import shown
from tests.casework.test_whole_life import KHALID, NOURA, STAFF, last, staff_answer
from tests.integration.office import TEAM, Office, mail, proven, text_of

WITHOUT_NUMBER = "طلبي متأخر وقد تجاوز المدة دون أي إجراء.\nجوالي ٠٥٠١٢٣٤٥٦٧\n"
BY_SMS_ALONE = replace(BY_PHONE, request_number=None)


async def warned(office: Office) -> None:
    """A complaint without its number, two business days later: its requester was warned by mail and SMS."""
    await office.handle(mail(text=WITHOUT_NUMBER, headers=[proven()], message_id="<k@x>"))
    await a_while_later(office, 2)


async def warned_by_sms_alone(office: Office, complaint: Complaint = BY_SMS_ALONE) -> None:
    await brought(office, complaint)
    await a_while_later(office, 2)
    assert [row.channel for row in office.outbox("info_warning")] == ["sms"]


async def a_while_later(office: Office, days: int) -> None:
    office.clock.advance(days=days)
    await office.work()


def lines(office: Office) -> list[Line]:
    lived = office.system.database.read_now(history.of_ticket, 1)
    return [line for one in lived for line in one.entry.lines]


def codes(office: Office) -> list[str]:
    return [line.code for line in lines(office)]


# --- kept, and shown ------------------------------------------------------------------------------------


async def test_a_report_is_an_inbox_row_first_and_then_shown_on_its_message(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        sms = sms_of(office, "received")
        async with caller(office) as gateway:
            answer = await gateway.post(PATH, data=unifonic(sms, "Delivered"))

        assert (answer.status_code, answer.text) == (200, "OK")
        with office.system.database.engine.connect() as connection:
            rows = connection.execute(select(schema.inbox).where(schema.inbox.c.source == "receipt")).all()
        assert [row.state for row in rows] == ["queued"]
        assert row_of(office, sms).standing == "accepted", "not understood yet"

        await office.work()

        assert row_of(office, sms).standing == "delivered"
        assert said_of(office, sms) == [("webhook", "delivered")]
        assert not office.outbox("staff_delivery_failed")


async def test_repeated_and_late_reports_change_nothing(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        sms = sms_of(office, "received")
        delivered, sent = unifonic(sms, "Delivered"), unifonic(sms, "Sent")

        await reported(office, delivered, sent, delivered, sent, delivered)

        assert row_of(office, sms).standing == "delivered"
        assert said_of(office, sms) == [("webhook", "delivered"), ("webhook", "accepted")]


async def test_several_reports_in_one_call_are_each_heard(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(), mail(sender="sara@example.sa", subject="أخرى"))
        rows = office.outbox("received", channel="sms")
        headers = {"Content-Type": "application/json"}

        async with caller(office) as gateway:
            body = as_json(*(unifonic(row, "Delivered") for row in rows))
            assert (await gateway.post(PATH, content=body, headers=headers)).status_code == 200
        await office.work()

        assert [row_of(office, row).standing for row in rows] == ["delivered", "delivered"]


async def test_a_report_that_overtakes_the_acceptance_is_kept_for_it(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await reported(
            office, {"MessageID": "2", "DLR": "Undelivered"}, {"MessageID": "77", "DLR": "Delivered"}
        )

        await office.handle(mail(), mail(sender="sara@example.sa", subject="أخرى"))

        first, second = (row_of(office, row) for row in office.outbox("received", channel="sms"))
        assert (first.peer_id, first.standing) == ("1", "accepted")
        assert (second.peer_id, second.standing) == ("2", "undelivered")


async def test_what_two_processes_wrote_at_the_same_moment_is_matched_a_little_later(
    open_office: OpenOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_office(**STAFF) as office:
        await reported(office, {"MessageID": "1", "DLR": "Delivered"})
        monkeypatch.setattr("daemon.loops.delivery.match_accepted", lambda *_: None)
        await office.handle(mail())
        sms = sms_of(office, "received")
        assert row_of(office, sms).standing == "accepted"

        await office.system.inquiry.run()

        assert row_of(office, sms).standing == "delivered"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"[" * 9000, b'{"MessageID": ""}', b"\xff\x00", b'{"DLR": "x"}', b"7"]
)
async def test_what_is_not_understood_is_kept_and_does_nothing(open_office: OpenOffice, body: bytes) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        async with caller(office) as gateway:
            answer = await gateway.post(PATH, content=body, headers={"Content-Type": "application/json"})
        await office.work()

        assert answer.status_code == 200
        with office.system.database.engine.connect() as connection:
            (row,) = connection.execute(select(schema.inbox).where(schema.inbox.c.source == "receipt")).all()
        assert (row.state, row.reason) == ("done", "not_understood")


async def test_the_reports_of_a_day_hold_up_no_citizen(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        async with caller(office) as gateway:
            for number in range(200):
                await gateway.post(PATH, data={"MessageID": str(1000 + number), "DLR": "Delivered"})
        office.arrive(mail())
        await office.system.fetch.step()

        await office.system.desk.step()
        await office.system.desk.step()

        assert office.tickets()


# --- the complaint --------------------------------------------------------------------------------------


async def test_a_warning_that_did_not_arrive_anywhere_holds_the_closure(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await warned_by_sms_alone(office)
        assert "no_response" in {kind for _, kind in office.deadlines()}

        await reported(office, unifonic(sms_of(office, "info_warning"), "Undelivered", ErrorCode="21"))

        assert office.ticket().held
        assert {kind for _, kind in office.deadlines()} == {"stalled"}
        assert "notice_undelivered" in codes(office)
        told = text_of(last(office, TEAM))
        assert "لم يصل" in told
        assert "undelivered 21" in told
        await a_while_later(office, 20)
        assert office.ticket().state == "awaiting_info"
        assert not office.outbox("operator_alert"), "a telephone that is off is no trouble of ours"


@pytest.mark.parametrize("is_bounced_first", [True, False])
async def test_an_undelivered_sms_and_a_bounce_hold_it_in_either_order(
    open_office: OpenOffice, is_bounced_first: bool
) -> None:
    async with open_office(**STAFF) as office:
        await warned(office)
        sms, email = sms_of(office, "info_warning"), office.outbox("info_warning", channel="email")[-1]
        accepted_at = office.ticket().warning_accepted_at
        assert accepted_at

        for is_bounce in (is_bounced_first, not is_bounced_first):
            assert not office.ticket().held, "one of them took it"
            assert office.ticket().warning_accepted_at == accepted_at
            if is_bounce:
                await office.handle(bounce(email.reference, KHALID))
            else:
                await reported(office, unifonic(sms, "Undelivered"))

        assert office.ticket().held
        assert office.ticket().warning_accepted_at is None


async def test_an_sms_that_did_not_arrive_beside_a_mail_that_did_troubles_nobody(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await warned(office)
        before = len(office.outbox())

        await reported(office, unifonic(sms_of(office, "info_warning"), "Undelivered"))

        assert len(office.outbox()) == before
        assert "notice_undelivered" in codes(office)
        await a_while_later(office, 6)
        assert office.ticket().close_reason == "no_response"


@pytest.mark.parametrize(
    ("state", "expected"), [("Delivered", "delivered"), ("Sent", "accepted"), ("", "accepted")]
)
async def test_a_closing_names_the_message_that_it_rests_on(
    open_office: OpenOffice, state: str, expected: str
) -> None:
    async with open_office(**STAFF) as office:
        await warned_by_sms_alone(office)
        sms = sms_of(office, "info_warning")
        if state:
            await reported(office, unifonic(sms, state, DLRTimestamp="2026-11-24 12:00:30"))

        await a_while_later(office, 6)

        (named,) = [line for line in lines(office) if line.code == "closure_rests_on"]
        assert named.values["number"] == sms.id
        assert (named.values["channel"], named.values["delivery"]) == ("sms", expected)
        assert str(named.values["moment"]).startswith("2026-11-24T12:0")


async def test_of_two_channels_a_closing_rests_on_the_one_that_is_known_to_have_arrived(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await warned(office)
        await reported(office, unifonic(sms_of(office, "info_warning"), "Delivered"))

        await a_while_later(office, 6)

        (named,) = [line for line in lines(office) if line.code == "closure_rests_on"]
        assert (named.values["channel"], named.values["delivery"]) == ("sms", "delivered")


@pytest.mark.parametrize("order", [("Delivered", "Undelivered"), ("Undelivered", "Delivered")])
async def test_what_is_contradictory_holds_the_closure_and_a_person_judges(
    open_office: OpenOffice, order: tuple[str, str]
) -> None:
    async with open_office(**STAFF) as office:
        await warned_by_sms_alone(office)
        sms = sms_of(office, "info_warning")

        for state in order:
            await reported(office, unifonic(sms, state))

        now = row_of(office, sms)
        assert (now.standing, now.is_contradictory) == ("undelivered", True)
        assert office.ticket().held
        assert len(office.outbox("staff_delivery_failed")) == 1
        if order[0] == "Delivered":
            assert "notice_contradicted" in codes(office)
            assert "تقرير آخر" in text_of(last(office, TEAM))


async def test_an_undelivered_outcome_by_sms_alone_holds_its_closure_too(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await brought(office)
        await office.handle(staff_answer(last(office, TEAM), "#حل\nتمت المعالجة"))

        await reported(office, unifonic(sms_of(office, "resolved"), "Undelivered"))
        await a_while_later(office, 5)

        assert (office.ticket().state, office.ticket().held) == ("resolved", True)


# --- the other channel ----------------------------------------------------------------------------------


async def with_an_address_since(office: Office) -> None:
    """A complaint by telephone, of which a member of staff sees only the mobile; its address comes later."""
    await warned_by_sms_alone(office)
    stored = office.system.database.read_now(tickets.walk)[0]
    known = replace(stored.ticket, requester=replace(stored.ticket.requester, email=KHALID))
    office.system.database.transact_now(tickets.save, stored.id, known)


async def test_a_number_that_takes_nothing_makes_the_mail_speak_once(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await with_an_address_since(office)
        sms = sms_of(office, "info_warning")

        await reported(office, unifonic(sms, "Undelivered"), unifonic(sms, "Expired"))

        (spoken,) = office.outbox("info_warning", channel="email")
        assert (spoken.recipient, spoken.instead_of, spoken.state) == (KHALID, sms.id, "sent")
        assert not office.outbox("staff_delivery_failed")
        assert not office.ticket().held, "another channel took it, and the three days run from then"
        assert office.ticket().warning_accepted_at == office.clock.now()


async def test_what_speaks_in_place_of_another_is_never_replaced_in_turn(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await with_an_address_since(office)
        await reported(office, unifonic(sms_of(office, "info_warning"), "Undelivered"))
        (spoken,) = office.outbox("info_warning", channel="email")

        await office.handle(bounce(spoken.reference, KHALID))

        assert [row.channel for row in office.outbox("info_warning")] == ["sms", "email"]
        assert office.ticket().held
        assert office.outbox("staff_delivery_failed")


async def test_words_that_are_not_true_any_more_are_not_said_again(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await with_an_address_since(office)
        await office.handle(staff_answer(last(office, TEAM), "#طلب 202612345"))
        assert office.ticket().state == "open"

        await reported(office, unifonic(sms_of(office, "info_warning"), "Undelivered"))

        assert not office.outbox("info_warning", channel="email")


async def test_an_acceptance_that_is_read_after_the_bad_news_starts_no_clock(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await warned_by_sms_alone(office)
        sms = sms_of(office, "info_warning")
        await reported(office, unifonic(sms, "Undelivered"))
        now = office.clock.now()
        office.system.database.transact_now(report, Acceptance(sms.id, now), now)
        await office.work()

        assert office.ticket().held
        assert office.ticket().warning_accepted_at is None


# --- staff see it ---------------------------------------------------------------------------------------


async def test_staff_see_what_did_not_arrive_on_the_ticket(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        await reported(office, unifonic(sms_of(office, "received"), "Undelivered"))

        await office.handle(staff_answer(last(office, TEAM), "#حالة"))

        told = text_of(last(office, NOURA))
        assert "رسائل لم تصل إلى العميل" in told
        assert "لم يصل إشعار «تسجيل الشكوى» المرسل عبر الرسائل النصية" in told


async def test_commands_show_how_a_message_stands_and_what_was_said_of_it(
    open_office: OpenOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        sms = sms_of(office, "received")
        number = office.ticket().number
        before = shown(office, capsys, "outbox", "show", str(sms.id))
        await reported(office, unifonic(sms, "Delivered"), unifonic(sms, "Undelivered", ErrorCode="21"))

        after = shown(office, capsys, "outbox", "show", str(sms.id))
        (line,) = [
            one for one in shown(office, capsys, "tickets", "show", number)["outbox"] if one["id"] == sms.id
        ]

        assert before["delivery"] == {
            "state": "accepted",
            "at": "2026-11-22T12:00:00+03:00",
            "segments": [],
            "contradictory": False,
        }
        assert before["receipts"] == []
        at = "2026-11-22T12:00:00+03:00"  # the gateway's clock is ahead of ours
        assert after["delivery"] == {"state": "undelivered", "at": at, "segments": [], "contradictory": True}
        assert [(one["state"], one["code"]) for one in after["receipts"]] == [
            ("delivered", None),
            ("undelivered", "21"),
        ]
        assert line["delivery"] == {"state": "undelivered", "at": at, "contradictory": True}


async def test_the_digest_counts_what_did_not_arrive_and_what_stays_silent(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(), mail(sender="sara@example.sa", subject="أخرى"))
        first, _ = office.outbox("received", channel="sms")
        office.clock.advance(hours=73)
        await reported(office, unifonic(first, "Undelivered"))
        await office.system.inquiry.run()
        await office.work()

        await office.system.digest.run()

        values = office.outbox("staff_digest")[-1].values
        assert (values["undelivered_count"], values["silent_count"]) == (1, 1)


# --- e-mail ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "state", "kept"),
    [
        ("delayed", "accepted", ("dsn", "accepted")),
        ("relayed", "accepted", ("dsn", "accepted")),
        ("delivered", "delivered", ("dsn", "delivered")),
        ("failed", "undelivered", ("dsn", "undelivered")),
    ],
)
async def test_a_report_about_a_mail_is_its_receipt(
    open_office: OpenOffice, action: str, state: str, kept: tuple[str, str]
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(headers=[proven()]))
        email = office.outbox("received", channel="email")[-1]
        told = bounce(email.reference, KHALID).replace(b"Action: failed", f"Action: {action}".encode())

        await office.handle(told, told.replace(b"Subject: ", b"Subject: again "))

        assert row_of(office, email).standing == state
        assert said_of(office, email) == [kept]
        assert office.ticket().requester.is_email_dead == (action == "failed")


@pytest.mark.parametrize("action", ["delayed", "delivered", "failed"])
async def test_a_forged_report_about_a_mail_is_no_receipt(open_office: OpenOffice, action: str) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(headers=[proven()]))
        email = office.outbox("received", channel="email")[-1]
        forged = bounce(email.reference, "else@else.example", "fail")

        await office.handle(forged.replace(b"Action: failed", f"Action: {action}".encode()))

        assert said_of(office, email) == []


async def test_a_report_that_somebody_behind_a_forwarding_has_it_is_not_more_than_that(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(headers=[proven()]))
        email = office.outbox("received", channel="email")[-1]
        told = bounce(email.reference, "behind@else.example")

        await office.handle(told.replace(b"Action: failed", b"Action: delivered"))

        assert row_of(office, email).standing == "accepted"


# --- asking ---------------------------------------------------------------------------------------------


class Playing:
    """A gateway that can be asked."""

    def __init__(self, *answers: Report | TemporaryFailure | None) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def status(self, peer_id: str) -> Report | None:
        self.asked.append(peer_id)
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, TemporaryFailure):
            raise answer
        return answer


def inquiry(office: Office, gateway: Playing) -> Inquiry:
    hours = tuple(timedelta(hours=count) for count in (1, 6, 24, 72))
    return Inquiry(office.system.database, {"unifonic": gateway}, hours, office.clock)


async def test_what_stays_silent_is_asked_for_at_its_times_and_ends_as_silent(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        sms, gateway = sms_of(office, "received"), Playing()
        asking = inquiry(office, gateway)

        asked = []
        for _ in range(80):
            await asking.run()
            asked.append(len(gateway.asked))
            office.clock.advance(hours=1)

        assert [hour for hour in range(1, 80) if asked[hour] > asked[hour - 1]] == [1, 6, 24, 72]
        assert row_of(office, sms).standing == "silent"
        assert said_of(office, sms) == [("asked", "silent")]
        await reported(office, unifonic(sms, "Delivered"))
        assert row_of(office, sms).standing == "delivered", "late is better than never"


async def test_what_is_learned_by_asking_counts_like_a_report(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await warned_by_sms_alone(office)
        office.clock.advance(hours=1)
        sms = sms_of(office, "info_warning")
        others = [row.peer_id for row in office.outbox(channel="sms") if row.id != sms.id]
        gateway = Playing(*(None for _ in others), Report(sms.peer_id or "", "undelivered", code="21"))

        await inquiry(office, gateway).run()
        await office.work()

        assert gateway.asked[-1] == sms.peer_id
        assert said_of(office, sms) == [("asked", "undelivered")]
        assert office.ticket().held


async def test_after_a_downtime_a_message_is_asked_for_once(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        office.clock.advance(hours=30)
        gateway = Playing()

        for _ in range(3):
            await inquiry(office, gateway).run()

        assert len(gateway.asked) == 1


async def test_a_gateway_that_is_down_is_asked_once_a_tick_and_nobody_turns_silent_for_it(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(), mail(sender="sara@example.sa", subject="أخرى"))
        office.clock.advance(hours=73)
        gateway = Playing(*[TemporaryFailure("no answer") for _ in range(40)])
        asking = inquiry(office, gateway)

        await asking.run()
        await asking.run()

        assert len(gateway.asked) == 2, "the second message waits with the first"
        assert {row_of(office, row).standing for row in office.outbox("received", channel="sms")} == {
            "accepted"
        }
        office.clock.advance(hours=24)
        await asking.run()
        assert {row_of(office, row).standing for row in office.outbox("received", channel="sms")} == {
            "silent"
        }


async def test_so_many_are_asked_for_at_once_and_no_more(open_office: OpenOffice) -> None:
    async with open_office(**STAFF, limits={"automatic_per_number_per_hour": 1000}) as office:
        mails = [mail(sender=f"c{number}@example{number}.sa", subject=f"{number}") for number in range(30)]
        await office.handle(*mails)
        office.clock.advance(hours=2)
        gateway = Playing()
        asking = inquiry(office, gateway)

        counts = []
        for _ in range(3):
            await asking.run()
            counts.append(len(gateway.asked))

        sent = len([row for row in office.outbox(channel="sms") if row.state == "sent"])
        assert counts == [min(20, sent), sent, sent]


# --- what nobody may read -------------------------------------------------------------------------------


async def test_no_number_and_no_secret_is_logged(
    open_office: OpenOffice, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        sms = sms_of(office, "received")
        with caplog.at_level(logging.DEBUG):
            async with caller(office, networks=("198.51.100.0/24",)) as stranger:
                await stranger.post(PATH, data=unifonic(sms, "Delivered"))
            await reported(office, unifonic(sms, "Undelivered"), {"Recipient": sms.recipient, "x": "y"})

    ours = [one.getMessage() for one in caplog.records if not one.name.startswith(("httpx", "httpcore"))]
    assert not any(sms.recipient.lstrip("+") in line or PATH[-20:] in line for line in ours)
