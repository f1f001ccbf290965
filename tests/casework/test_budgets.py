"""How much mail, SMS and work one sender, one domain or one program can cause: from mails to rows."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from daemon.front_desk import Caller, Complaint, Said
from tests.casework.conftest import OpenOffice
from tests.casework.test_whole_life import NOURA, STAFF, last, staff_answer
from tests.integration.office import OPERATOR, TEAM, Office, mail, proven, text_of

SENDER = "khalid@example.sa"
CLIENT = Caller("call-centre")
BY_PHONE = Complaint("phone", "طلبي متأخر منذ شهر", "خالد", "+966501234567", request_number="20261234")


def mobile(number: int) -> str:
    return f"0555{number:06}"


def complaint(number: int, sender: str = SENDER, phone: str = "", *, is_proved: bool = False) -> bytes:
    text = f"رقم الطلب: {700_000 + number} تجاوز المدة\n" + (f"جوالي {phone}\n" if phone else "")
    headers = [proven(sender.rpartition("@")[2].rstrip(">"))] if is_proved else []
    return mail(sender, f"شكوى {number}", text, message_id=f"<{number}.{sender}>", headers=headers)


def suppressed(office: Office, channel: str = "sms") -> Counter[str]:
    """How many messages to citizens each limit held back."""
    rows = (row for row in office.outbox(channel=channel) if row.audience == "requester")
    return Counter(row.last_error for row in rows if row.state == "suppressed")


def alerts(office: Office) -> list[str]:
    return [str(row.values["what"]) for row in office.outbox("operator_alert")]


# --- SMS ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_proved", [True, False])
async def test_one_sender_with_sixty_mobiles_reaches_three_of_them_a_day(
    open_office: OpenOffice, is_proved: bool
) -> None:
    async with open_office() as office:
        spellings = [f"k.halid+{number}@gmail.com" for number in range(60)]
        await office.handle(
            *(
                complaint(number, sender, mobile(number), is_proved=is_proved)
                for number, sender in enumerate(spellings)
            )
        )

        assert len(office.tickets()) == 60, "all are complaints"
        assert {sms.to for sms in office.sms.sent} == {f"+966{mobile(number)[1:]}" for number in range(3)}
        assert suppressed(office) == {"limit_mobiles_per_sender": 57}

        office.clock.advance(hours=23)
        await office.handle(complaint(99, spellings[0], mobile(99), is_proved=is_proved))
        assert len(office.sms.sent) == 3
        office.clock.advance(hours=2)
        await office.handle(complaint(100, spellings[0], mobile(100), is_proved=is_proved))
        assert "+966555000100" in {sms.to for sms in office.sms.sent}


async def test_a_number_gets_five_sms_an_hour_and_twenty_a_day(open_office: OpenOffice) -> None:
    async with open_office() as office:
        for hour in range(6):
            await office.handle(
                *(complaint(n, f"c{n}@example{n}.sa", mobile(1)) for n in range(hour * 7, hour * 7 + 7))
            )
            office.clock.advance(minutes=61)

        assert len(office.sms_to(f"+966{mobile(1)[1:]}")) == 20
        assert suppressed(office) == {"limit_per_number": 8, "limit_per_number_a_day": 14}


async def test_a_reply_that_names_another_mobile_each_time_does_not_lift_the_numbers_limit(
    open_office: OpenOffice,
) -> None:
    """The SMS goes to the ticket's own mobile, whatever a later mail names."""
    async with open_office() as office:
        await office.system.counter.open(BY_PHONE, CLIENT)
        number = office.ticket().number
        for at in range(8):
            words = Said("escalation", f"أريد التصعيد، رقمي الآخر {mobile(at)}")
            await office.system.counter.say(number, words, CLIENT)
        await office.work()

        assert len(office.sms.sent) == len(office.sms_to(BY_PHONE.phone or "")) == 5


async def test_the_unproved_senders_of_a_domain_share_a_budget_and_the_operator_hears_once(
    open_office: OpenOffice,
) -> None:
    async with open_office(limits={"automatic_sms_per_domain_per_hour": 6}) as office:
        await office.handle(
            *(complaint(n, f"c{n}@example.sa", mobile(n)) for n in range(9)),
            complaint(20, "proved@example.sa", mobile(20), is_proved=True),
            complaint(21, "other@example.org", mobile(21)),
        )

        assert len(office.sms.sent) == 6 + 2
        assert suppressed(office) == {"limit_sms_per_domain": 3}
        assert alerts(office) == ["limit_sms_per_domain"]
        assert len(office.mails_to(OPERATOR)) == 1
        assert "example.sa" in str(office.outbox("operator_alert")[0].values["detail"])

        office.clock.advance(minutes=61)
        await office.handle(*(complaint(n, f"d{n}@example.sa", mobile(n)) for n in range(30, 38)))
        assert len(alerts(office)) == 2, "an hour later, once more"


async def test_the_proved_senders_of_a_domain_of_somebodys_own_share_a_budget_too(
    open_office: OpenOffice,
) -> None:
    async with open_office(limits={"automatic_sms_per_proved_domain_per_hour": 6}) as office:
        await office.handle(
            *(complaint(n, f"u{n}@evil.example", mobile(n), is_proved=True) for n in range(9)),
            *(complaint(20 + n, f"c{n}@gmail.com", mobile(20 + n), is_proved=True) for n in range(9)),
            complaint(40, "another@evil.example", mobile(40)),
        )

        assert len(office.sms.sent) == 6 + 9 + 1
        assert suppressed(office) == {"limit_sms_per_proved_domain": 3}
        assert alerts(office) == ["limit_sms_per_proved_domain"]
        assert "evil.example" in str(office.outbox("operator_alert")[0].values["detail"])


async def test_many_domains_share_one_budget_of_all_unproved_mail(open_office: OpenOffice) -> None:
    async with open_office(limits={"automatic_sms_in_all_per_hour": 10}) as office:
        await office.handle(
            *(complaint(n, f"c@example{n}.sa", mobile(n)) for n in range(15)),
            complaint(20, "proved@example.sa", mobile(20), is_proved=True),
        )
        await office.system.counter.open(BY_PHONE, CLIENT)
        await office.work()

        assert len(office.sms.sent) == 10 + 2, "who is proved, and a client of ours, pay on their own account"
        assert suppressed(office) == {"limit_sms_in_all": 5}
        assert alerts(office) == ["limit_sms_in_all"]
        assert len(office.mails_to("c@example14.sa")) == 1, "the mail goes all the same"


async def test_twenty_complaints_through_the_api_send_five_sms_to_one_mobile(open_office: OpenOffice) -> None:
    async with open_office() as office:
        for number in range(20):
            await office.system.counter.open(replace(BY_PHONE, request_number=str(30_000 + number)), CLIENT)
        await office.work()

        assert len(office.tickets()) == 20
        assert len(office.sms.sent) == 5
        assert suppressed(office) == {"limit_per_number": 15}
        assert len(office.mails_to(TEAM)) == 20, "it speaks for many people, and is no flood"


async def test_a_client_has_a_budget_of_its_own(open_office: OpenOffice) -> None:
    key = hashlib.sha256(b"k").hexdigest()
    clients = [
        {"name": "chatbot", "key_hash": key, "channels": ["chatbot"], "sms_per_hour": 4},
        {"name": "site", "key_hash": key, "channels": ["website"]},
    ]
    async with open_office(api_clients=clients, limits={"automatic_sms_in_all_per_hour": 6}) as office:
        for client in ("chatbot", "site"):
            for number in range(8):
                phone = f"+96650{len(client)}0000{number:02}"
                brought = replace(BY_PHONE, phone=phone, request_number=str(40_000 + number))
                await office.system.counter.open(brought, Caller(client))
        await office.work()

        sent = Counter(sms.to[:7] for sms in office.sms.sent)
        assert sent == {"+966507": 4, "+966504": 6}
        assert suppressed(office) == {"limit_sms_in_all": 4 + 2}
        assert "chatbot" in str(office.outbox("operator_alert")[0].values["detail"])


async def test_an_agent_at_the_phone_is_held_back_by_no_budget_and_uses_none_up(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        for number in range(8):
            brought = replace(BY_PHONE, request_number=str(50_000 + number))
            await office.system.counter.open(brought, Caller("agent", is_staff=True))
        await office.handle(complaint(1, phone="0501234567"))

        assert len(office.sms.sent) == 9
        assert not suppressed(office)


async def test_words_of_staff_and_deadlines_are_held_back_by_no_budget(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.system.counter.open(BY_PHONE, CLIENT)
        await office.work()
        notice = last(office, TEAM)
        for number in range(9):
            await office.system.counter.open(replace(BY_PHONE, request_number=str(60_000 + number)), CLIENT)
        await office.work()
        assert suppressed(office)

        await office.handle(staff_answer(notice, "#حل تمت المعالجة"))
        office.clock.set(datetime(2026, 11, 23, 12, 5, tzinfo=ZoneInfo("Asia/Riyadh")))
        await office.work()

        states = {row.notification: row.state for row in office.outbox("resolved", "closed", channel="sms")}
        assert states == {"resolved": "sent", "closed": "sent"}


async def test_mails_in_her_name_and_to_her_mobile_do_not_silence_her(open_office: OpenOffice) -> None:
    """What nothing proved has budgets of its own: of the sender, of the mailbox and of the number."""
    sara, hers = "sara@example.sa", mobile(7)
    async with open_office() as office:
        await office.handle(*(complaint(n, sara, mobile(20 + n)) for n in range(12)))
        await office.handle(*(complaint(20 + n, f"c{n}@example{n}.sa", hers) for n in range(12)))
        sms, mails = len(office.sms_to(f"+966{hers[1:]}")), len(office.mails_to(sara))
        assert (sms, mails) == (5, 10)

        await office.handle(complaint(99, sara, hers, is_proved=True))

        assert len(office.sms_to(f"+966{hers[1:]}")) == sms + 1
        assert len(office.mails_to(sara)) == mails + 1


@pytest.mark.parametrize(("is_proved", "later"), [(True, 5), (False, 0)])
async def test_what_a_limit_held_back_does_not_come_days_later(
    open_office: OpenOffice, is_proved: bool, later: int
) -> None:
    """Twelve complaints without a request number name somebody's mobile: all are warned at one hour."""
    text = f"طلبي متأخر منذ شهر\nجوالي {mobile(1)}\n"
    async with open_office(limits={"automatic_per_number_per_day": 5}) as office:
        await office.handle(
            *(
                mail(
                    f"c{n}@example{n}.sa",
                    "شكوى",
                    text,
                    message_id=f"<{n}@x>",
                    headers=[proven(f"example{n}.sa")] if is_proved else [],
                )
                for n in range(12)
            )
        )
        assert len(office.sms.sent) == 5
        for _ in range(4):
            office.clock.advance(hours=24)
            await office.work()

        warned = Counter((row.channel, row.state) for row in office.outbox("info_warning"))
        assert warned["email", "sent"] == 12
        assert warned["sms", "sent"] == len(office.sms.sent) - 5 == later
        assert suppressed(office)["limit_deadline_sms"] == (7 if is_proved else 0)


async def test_a_deadline_speaks_by_sms_where_that_is_the_only_way(open_office: OpenOffice) -> None:
    async with open_office(limits={"automatic_per_number_per_day": 5}) as office:
        for number in range(8):
            brought = replace(BY_PHONE, request_number=None, text=f"طلبي متأخر {number}")
            await office.system.counter.open(brought, Caller("agent", is_staff=True))
        for _ in range(4):
            office.clock.advance(hours=24)
            await office.work()

        assert Counter(row.state for row in office.outbox("info_warning")) == {"sent": 8}


# --- e-mail ---------------------------------------------------------------------------------------------


async def test_forty_plus_addresses_of_one_mailbox_get_ten_mails(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(*(complaint(n, f"box+{n}@example.sa") for n in range(40)))

        assert len(office.tickets()) == 40
        assert suppressed(office, "email") == {"limit_per_address": 30}


async def test_the_operator_hears_of_a_domain_over_its_budget_of_mail(open_office: OpenOffice) -> None:
    async with open_office(limits={"automatic_per_domain_per_hour": 3}) as office:
        await office.handle(*(complaint(n, f"c{n}@example.sa") for n in range(6)))

        assert suppressed(office, "email") == {"limit_per_domain": 3}
        assert alerts(office) == ["limit_per_domain"]


# --- shown ----------------------------------------------------------------------------------------------


async def test_the_digest_names_what_was_held_back(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(*(complaint(n, phone=mobile(n)) for n in range(5)))
        office.clock.set(datetime(2026, 11, 23, 8, tzinfo=ZoneInfo("Asia/Riyadh")))
        assert await office.system.digest.run()
        await office.work()

        (row,) = office.outbox("staff_digest")
        assert row.values["suppressed_count"] == 2
        held = [ticket.number for ticket in office.tickets()[3:]]
        assert [number in line for number, line in zip(held, row.values["suppressed"], strict=True)] == [
            True,
            True,
        ]
        assert "رسالة نصية" in row.values["suppressed"][0]


async def test_the_digest_after_a_weekend_names_what_was_held_back_before_and_in_it_and_once(
    open_office: OpenOffice,
) -> None:
    riyadh = ZoneInfo("Asia/Riyadh")
    async with open_office() as office:
        office.clock.set(datetime(2026, 11, 26, 8, tzinfo=riyadh))  # Thursday
        await office.handle(complaint(0, phone=mobile(0)))
        assert await office.system.digest.run()
        office.clock.set(datetime(2026, 11, 26, 15, tzinfo=riyadh))
        await office.handle(*(complaint(n, phone=mobile(n)) for n in range(1, 6)))
        held = sum(suppressed(office).values())
        assert held

        for day, count in ((29, held), (30, 0)):  # Sunday, Monday
            office.clock.set(datetime(2026, 11, day, 9, tzinfo=riyadh))
            assert await office.system.digest.run()
            await office.work()

            assert office.outbox("staff_digest")[-1].values["suppressed_count"] == count


async def test_a_team_that_had_nothing_to_hear_hears_what_was_held_back_since_that_morning(
    open_office: OpenOffice,
) -> None:
    riyadh = ZoneInfo("Asia/Riyadh")
    async with open_office() as office:
        office.clock.set(datetime(2026, 11, 26, 8, tzinfo=riyadh))
        assert not await office.system.digest.run()
        office.clock.set(datetime(2026, 11, 26, 15, tzinfo=riyadh))
        await office.handle(*(complaint(n, phone=mobile(n)) for n in range(5)))

        office.clock.set(datetime(2026, 11, 29, 9, tzinfo=riyadh))
        assert await office.system.digest.run()

        assert office.outbox("staff_digest")[-1].values["suppressed_count"] == 2


# --- one flood among others -------------------------------------------------------------------------------


async def test_a_flood_reaches_the_team_as_one_notice_in_a_quarter_of_an_hour(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        await office.handle(*(complaint(n, f"K.halid+{n}@gmail.com") for n in range(30)))
        assert len(office.tickets()) == 30
        assert len(office.mails_to(TEAM)) == 5

        office.clock.advance(minutes=15)
        await office.work()
        *_, one = office.mails_to(TEAM)
        assert len(office.mails_to(TEAM)) == 6
        text = text_of(one)
        assert all(ticket.number in text for ticket in office.tickets()[5:])
        recorded = [row.last_error for row in office.outbox("staff_new") if row.state == "suppressed"]
        assert recorded == ["in_one_notice"] * 24

        for at in range(30, 40):
            office.clock.advance(minutes=1)
            await office.handle(complaint(at, "khalid@gmail.com"))
        assert len(office.mails_to(TEAM)) == 6, "it goes on, and is told of in the next one"
        office.clock.advance(minutes=15)
        await office.work()
        assert len(office.mails_to(TEAM)) == 7

        office.clock.advance(minutes=31)
        await office.handle(complaint(99, "khalid@gmail.com"))
        assert len(office.mails_to(TEAM)) == 8, "once it is over, each is told of as usual"


async def test_each_complaint_of_a_flood_can_be_answered_at_its_address(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(*(complaint(n, is_proved=True) for n in range(9)))
        office.clock.advance(minutes=15)
        await office.work()
        (held,) = (row for row in office.outbox("staff_new") if row.values.get("others"))
        number, _, address = held.values["others"][-1].split(" – ")

        order = mail(NOURA, "", "#حل تمت المعالجة", to=address, headers=[proven("momah.gov.sa")])
        await office.handle(order)

        resolved = [ticket.number for ticket in office.tickets() if ticket.state == "resolved"]
        assert resolved == [number] == [office.tickets()[-1].number]


async def test_many_mails_about_one_ticket_are_a_flood_too_and_nobody_elses(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(complaint(1, is_proved=True))
        number = office.ticket().number
        replies = (
            mail(SENDER, f"[{number}]", f"كلمة {n}", message_id=f"<r{n}@x>", headers=[proven()])
            for n in range(20)
        )
        await office.handle(*replies, complaint(2, "huda@example.org"))

        told = [row.state for row in office.outbox("staff_new", "staff_update")]
        assert told.count("sent") == 5 + 1
        assert told.count("queued") == 1
        assert office.outbox("staff_new")[-1].state == "sent", "another citizen's is told of at once"


async def test_a_flood_in_her_name_does_not_hide_her_own_mail(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(*(complaint(n) for n in range(9)))
        told = len(office.mails_to(TEAM))

        await office.handle(complaint(99, is_proved=True))

        assert len(office.mails_to(TEAM)) == told + 1
        assert office.outbox("staff_new")[-1].state == "sent"


@pytest.mark.parametrize("is_on_page", [True, False])
async def test_many_words_on_one_tickets_page_are_a_flood_too(
    open_office: OpenOffice, is_on_page: bool
) -> None:
    async with open_office() as office:
        opened = await office.system.counter.open(BY_PHONE, CLIENT)
        number = opened.standing.number
        token = opened.standing.status_url.rpartition("/")[2]
        for at in range(30):
            words = Said("information", f"كلمة أخرى {at}")
            if is_on_page:
                await office.system.counter.say_on_page(token, words)
            else:
                await office.system.counter.say(number, words, CLIENT)
        agent = Caller("agent", is_staff=True)
        await office.system.counter.say(number, Said("information", "قالها بالهاتف"), agent)
        await office.system.counter.open(replace(BY_PHONE, request_number="30303"), CLIENT)
        await office.work()

        states = Counter(row.state for row in office.outbox("staff_update"))
        assert states == {"sent": 5 + 1, "queued": 1, "suppressed": 24}
        assert [row.state for row in office.outbox("staff_new")] == ["sent", "sent"]


async def test_a_citizen_behind_four_hundred_mails_of_one_sender_waits_for_one_batch(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        flood = [complaint(n, f"khalid+{n}@gmail.com") for n in range(400)]
        office.arrive(*flood, mail("huda@example.org", message_id="<h@x>"))
        while await office.system.fetch.step():
            pass

        await office.system.desk.step()
        await office.system.desk.step()

        assert [ticket.requester.email for ticket in office.tickets()].index("huda@example.org") <= 51


async def test_a_refuted_mail_in_her_name_does_not_keep_hers_unread(open_office: OpenOffice) -> None:
    async with open_office() as office:
        refuted = mail("huda@example.sa", message_id="<q@x>", headers=[proven("example.sa", "fail")])
        others = (complaint(n, f"c{n}@example{n}.sa") for n in range(2000))
        office.arrive(*(next(others) for _ in range(60)), refuted, complaint(1, "huda@example.sa"))
        for _ in range(4):
            while await office.system.fetch.step():
                pass
            await office.system.desk.step()
            office.arrive(*(next(others) for _ in range(50)))

        assert "huda@example.sa" in [ticket.requester.email for ticket in office.tickets()]


async def test_whoever_fills_in_a_web_form_does_not_wait_for_all_who_did_before(
    open_office: OpenOffice,
) -> None:
    site = "No-Reply@furas.example.sa"

    def filled_in(number: int, citizen: str) -> bytes:
        sent = complaint(number, site, is_proved=True)
        return sent.replace(b"Subject:", f"Reply-To: {citizen}\r\nSubject:".encode(), 1)

    async with open_office(mailbox={"form_senders": [site]}) as office:
        flood = [filled_in(n, f"k+{n}@gmail.com") for n in range(200)]
        office.arrive(*flood, filled_in(999, "huda@example.org"))
        while await office.system.fetch.step():
            pass

        await office.system.desk.step()

        assert "huda@example.org" in [ticket.requester.email for ticket in office.tickets()]


async def test_the_mails_of_one_sender_stay_in_their_order(open_office: OpenOffice) -> None:
    async with open_office() as office:
        for at in range(3):
            office.arrive(*(complaint(10 * at + n, "khalid@gmail.com") for n in range(5)))
            office.arrive(*(complaint(50 + 10 * at + n, f"c{at}@example.sa") for n in range(2)))
            await office.system.fetch.step()
            await office.system.desk.step()
        await office.work()

        theirs = [one.subject for one in office.tickets() if one.requester.email == "khalid@gmail.com"]
        assert theirs == [f"شكوى {10 * at + n}" for at in range(3) for n in range(5)]
