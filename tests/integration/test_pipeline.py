"""One mail's way through the assembled program: what becomes of it, and which ticket it finds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.integration.conftest import OpenOffice
from tests.integration.office import (
    PHONE,
    REQUEST,
    TEAM,
    Office,
    mail,
    proven,
    read,
    text_of,
)

KHALID = "khalid@example.sa"


# --- a complaint ------------------------------------------------------------------------------------------


async def test_a_complaint_becomes_a_ticket_an_answer_an_sms_and_a_notice_to_staff(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        await office.handle(mail(message_id="<first@example.sa>"))

        ticket = office.ticket()
        assert (ticket.state, ticket.request_number, ticket.category) == ("open", "202612345", "sla_exceeded")
        assert ticket.requester.phone == "+966501234567"
        assert ticket.opened_at == office.clock.now()
        (answer,) = office.mails_to(KHALID)
        assert ticket.number in text_of(answer)
        assert answer["In-Reply-To"] == "<first@example.sa>"
        assert answer["Auto-Submitted"] == "auto-replied"
        (sms,) = office.sms_to()
        assert ticket.number in sms.text
        (notice,) = office.mails_to(TEAM)
        assert ticket.number in text_of(notice)
        assert "خالد العتيبي" in text_of(notice)
        assert office.folders() == {"INBOX": 0, "Processed": 1, "Quarantine": 0}
        assert office.deadlines() >= {(1, "first_response"), (1, "processing")}
        assert office.states() == {"sent"}


async def test_a_complaint_without_a_number_is_asked_for_it_and_goes_on_when_it_comes(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        await office.handle(mail(text=f"طلبي متأخر تجاوز المدة\n{PHONE}\n", message_id="<a@example.sa>"))
        asked = office.ticket()
        (question,) = office.mails_to(KHALID)
        deadlines_while_waiting = office.deadlines()

        office.clock.advance(hours=2)
        number_only = mail(subject="رد: شكوى", text="٢٠٢٦١٢٣٤٥\n", answers=question["Message-ID"])
        await office.handle(number_only)

        assert asked.state == "awaiting_info"
        assert deadlines_while_waiting == {(1, "info_warning")}, "while data is awaited no other clock runs"
        assert [row.notification for row in office.outbox(channel="sms")] == ["info_requested"]
        ticket = office.ticket()
        assert (ticket.state, ticket.request_number) == ("open", "202612345")
        assert ticket.running_since == office.clock.now()
        assert [row.notification for row in office.outbox() if row.recipient == KHALID] == [
            "info_requested",
            "in_progress",
        ]
        assert office.deadlines() >= {(1, "first_response"), (1, "processing")}
        assert (1, "info_warning") not in office.deadlines()
        assert len(office.mails_to(TEAM)) == 2


async def test_downtime_does_not_move_the_day_on_which_a_complaint_was_opened(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        await office.work()  # its first start: what came before that is left where it lies
        arrived = office.clock.now()
        office.clock.advance(days=3)

        await office.handle(mail(), at=arrived)

        assert office.ticket().opened_at == arrived
        assert office.ticket().first_response_breached_at == office.clock.now()


async def test_a_deadline_that_passes_leaves_its_mark_once(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(mail())

        for _ in range(3):
            office.clock.advance(days=10)
            await office.work()

        ticket = office.ticket()
        assert ticket.first_response_breached_at is not None
        assert ticket.processing_breached_at is not None
        assert office.deadlines() == {(1, "overdue")}


# --- the same mail again ----------------------------------------------------------------------------------


async def test_the_same_complaint_delivered_twice_is_one_ticket(open_office: OpenOffice) -> None:
    async with open_office() as office:
        one = mail(message_id="<same@example.sa>")

        await office.handle(one, one)
        await office.handle(one)

        assert len(office.tickets()) == 1
        assert len(office.mails_to(KHALID)) == len(office.sms_to()) == 1
        assert office.folders() == {"INBOX": 0, "Processed": 3, "Quarantine": 0}


async def test_the_same_complaint_through_two_aliases_is_one_ticket(open_office: OpenOffice) -> None:
    async with open_office() as office:
        through = [
            mail(
                message_id="<same@example.sa>",
                headers=[
                    ("Return-Path", "<khalid@example.sa>"),
                    ("Delivered-To", alias),
                    (
                        "Received",
                        f"from mx{number}.example.sa by mx.momah.gov.sa; Sun, 22 Nov 2026 11:00:0{number}",
                    ),
                ],
            )
            for number, alias in enumerate(("infocs@momah.gov.sa", "complaints@momah.gov.sa"))
        ]

        await office.handle(*through)

        assert len(office.tickets()) == 1
        assert len(office.inbox()) == 1
        assert office.folders()["Processed"] == 2


@pytest.mark.parametrize("second", ["khalid@example.sa", "sara@example.sa"])
async def test_two_different_mails_that_share_a_message_id_are_two(
    open_office: OpenOffice, second: str
) -> None:
    async with open_office() as office:
        one = mail(message_id="<broken-program@example.sa>")
        other = mail(second, text="رقم الطلب: 777001 لم ينجز\n", message_id="<broken-program@example.sa>")

        await office.handle(one, other)

        assert [ticket.request_number for ticket in office.tickets()] == ["202612345", "777001"]
        assert len(office.outbox("received", channel="email")) == 2


def new_uidvalidity(office: Office) -> None:
    """As after a mailbox was rebuilt: the same mails under another UIDVALIDITY."""

    def validity() -> bytes:
        client = office.box.client(office.user)
        client.select("INBOX", readonly=True)
        _, found = client.response("UIDVALIDITY")
        client.logout()
        return bytes(found[0] or b"")

    before = validity()
    while validity() == before:  # Dovecot takes the second of the clock
        for path in office.box.maildir(user=office.user).glob("dovecot*"):
            path.unlink()


async def test_a_changed_uidvalidity_doubles_nothing_and_every_mail_is_moved(open_office: OpenOffice) -> None:
    async with open_office() as office:
        office.arrive(*(mail(f"c{number}@example.sa", message_id=f"<{number}@x>") for number in range(3)))
        await office.system.fetch.step()
        await office.system.desk.step()
        assert office.folders()["INBOX"] == 3, "decided, and not yet moved"
        await office.system.fetch.close()

        new_uidvalidity(office)
        office.arrive(mail("c3@example.sa"))
        await office.work()

        assert len(office.tickets()) == 4
        assert len(office.outbox("received", channel="email")) == 4
        assert office.folders() == {"INBOX": 0, "Processed": 4, "Quarantine": 0}


async def test_a_restart_between_any_two_steps_doubles_nothing(open_office: OpenOffice) -> None:
    stages = ["fetch", "desk", "email", "sms", "file"]
    for stage in stages:
        async with open_office() as office:
            system = office.system
            if stage == "fetch":
                office.arrive(*(mail(f"c{number}@example.sa") for number in range(3)))
                await system.fetch.step()
            elif stage == "desk":
                await system.desk.step()
            elif stage in ("email", "sms"):
                await system.deliveries[stages.index(stage) - 2].step()
            else:
                await office.work()

    async with open_office() as office:
        assert len(office.tickets()) == 3
        assert [len(office.mails_to(f"c{number}@example.sa")) for number in range(3)] == [1, 1, 1]
        assert len(office.sms.sent) == 3
        assert office.states() == {"sent"}
        assert office.folders()["Processed"] == 3


# --- which ticket -----------------------------------------------------------------------------------------


async def test_a_reply_that_overtakes_the_mail_it_answers_finds_the_same_ticket(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        reply = mail(subject="Re: شكوى", text="إضافة: لم يرد أحد\n", message_id="<r@x>", answers="<p@x>")
        await office.handle(reply)

        await office.handle(mail(message_id="<p@x>"))

        ticket = office.ticket()
        assert (ticket.state, ticket.request_number) == ("open", "202612345")
        assert len(office.messages()) == 2


async def test_a_reply_to_our_answer_joins_its_ticket(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(mail())
        (answer,) = office.mails_to(KHALID)

        await office.handle(mail(subject="Re: شكوى", text="أرفق لكم المستند\n", answers=answer["Message-ID"]))

        assert len(office.tickets()) == 1
        assert [message.is_requester for message in office.messages()] == [True, True]
        assert len(office.mails_to(KHALID)) == 1, "a reply to an open ticket is told to staff, not answered"
        assert len(office.mails_to(TEAM)) == 2


async def test_the_requester_who_names_the_number_in_the_subject_joins_the_ticket(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        await office.handle(mail())
        number = office.ticket().number
        arabic = number.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))

        await office.handle(mail("KHALID@example.sa", subject=f"بخصوص الشكوى {arabic}", text="هل من جديد؟\n"))

        assert len(office.tickets()) == 1
        assert [row.reason for row in office.inbox()] == ["none", "number"]


async def test_a_stranger_who_quotes_a_number_opens_a_ticket_of_their_own(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(mail())
        first = office.ticket()

        await office.handle(
            mail("stranger@elsewhere.sa", subject=f"الشكوى {first.number}", text="ما حالتها؟\n")
        )

        unchanged, own = office.tickets()
        assert unchanged == first
        assert own.requester.email == "stranger@elsewhere.sa"
        assert own.linked_to == first.number
        (answer,) = office.mails_to("stranger@elsewhere.sa")
        assert first.number not in text_of(answer)
        assert len(office.mails_to(KHALID)) == 1


async def test_a_stranger_who_answers_our_mail_is_kept_for_staff_and_told_nothing(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        await office.handle(mail())
        first = office.ticket()
        (answer,) = office.mails_to(KHALID)

        stranger = mail("stranger@elsewhere.sa", text="٩٩٩٩٩٩\n", answers=answer["Message-ID"])
        await office.handle(stranger)

        assert office.tickets() == [first]
        assert [message.is_requester for message in office.messages()] == [True, False]
        assert office.mails_to("stranger@elsewhere.sa") == []
        assert len(office.mails_to(KHALID)) == 1
        assert len(office.mails_to(TEAM)) == 2


async def test_a_second_complaint_about_the_same_request_joins_the_first_and_says_so(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        await office.handle(mail())

        await office.handle(mail(subject="شكوى ثانية", text=f"{REQUEST}\nولم يتصل أحد\n"))

        assert len(office.tickets()) == 1
        assert [row.notification for row in office.outbox() if row.recipient == KHALID] == [
            "received",
            "joined",
        ]


# --- words ------------------------------------------------------------------------------------------------


async def test_a_proven_writer_gets_their_own_subject_back_with_the_number(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(mail(subject="طلبي متأخر جداً", headers=[proven()]))

        (answer,) = office.mails_to(KHALID)
        assert answer["Subject"] == f"Re: طلبي متأخر جداً [{office.ticket().number}]"
        assert "خالد العتيبي" in text_of(answer)
        assert "202612345" in text_of(answer)


async def test_an_answer_to_a_writer_who_is_not_proven_contains_nothing_they_wrote(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        spam = "ربحت جائزة www.evil.example"
        await office.handle(
            mail(f"{spam} <victim@example.sa>", subject=spam, text=f"{REQUEST}\n{spam}\n{PHONE}\n")
        )

        (answer,) = office.mails_to("victim@example.sa")
        whole = (
            answer.as_string()
            + str(answer["Subject"])
            + "".join(part.get_content() for part in answer.walk() if part.get_content_maintype() == "text")
        )
        assert office.ticket().number in whole
        for theirs in ("جائزة", "evil", "202612345", "٢٠٢٦١٢٣٤٥"):
            assert theirs not in whole
        (sms,) = office.sms_to()
        assert "جائزة" not in sms.text


async def test_a_broken_template_file_stops_neither_intake_nor_answers(
    open_office: OpenOffice, tmp_path: Path
) -> None:
    folder = tmp_path / "templates"
    shutil.copytree(Path(__file__).resolve().parents[2] / "templates", folder)
    for name in ("received.email.md", "received.sms.txt", "staff_new.email.md"):
        (folder / "ar" / name).write_text("---\nsubject: ((لا أحد))\n---\n[[ ((مكسور")
    (folder / "layout.email.html").write_text("{{ content")

    async with open_office(service={"templates_dir": str(folder)}) as office:
        await office.handle(mail())

        number = office.ticket().number
        (answer,) = office.mails_to(KHALID)
        assert number in text_of(answer)
        assert number in office.sms_to()[0].text
        assert number in text_of(office.mails_to(TEAM)[0])


async def test_a_template_broken_while_we_run_leaves_the_last_good_wording_in_force(
    open_office: OpenOffice, tmp_path: Path
) -> None:
    folder = tmp_path / "templates"
    shutil.copytree(Path(__file__).resolve().parents[2] / "templates", folder)
    wording = (folder / "ar" / "received.sms.txt").read_text()
    (folder / "ar" / "received.sms.txt").write_text(wording.replace("منصة فرص", "منصة فرص الاستثمارية"))
    async with open_office(service={"templates_dir": str(folder)}) as office:
        await office.system.texts.follow()  # as the daemon does at its start
        (folder / "ar" / "received.sms.txt").write_text("{{ broken")

        await office.system.texts.follow()
        await office.handle(mail())

        assert office.sms_to()[0].text.startswith("منصة فرص الاستثمارية")


# --- odd mail ---------------------------------------------------------------------------------------------


async def test_a_mail_that_is_too_large_is_kept_in_quarantine_and_its_writer_told(
    open_office: OpenOffice,
) -> None:
    async with open_office(limits={"message_mb": 1}) as office:
        await office.handle(mail(attachment_bytes=1_200_000), mail("sara@example.sa"))

        assert [ticket.requester.email for ticket in office.tickets()] == ["sara@example.sa"]
        (told,) = office.mails_to(KHALID)
        assert office.outbox("too_large")[0].recipient == KHALID
        assert told["Auto-Submitted"] == "auto-replied"
        assert office.folders() == {"INBOX": 0, "Processed": 1, "Quarantine": 1}
        assert len(office.box.read("Quarantine", user=office.user)[0]) > 1_200_000


GARBAGE = [
    b"",
    b"no header at all, and no end of line",
    b"From: \r\n\r\n",
    b"From: a@example.sa, b@example.sa\r\n\r\ntwo writers",
    b"From: <<<>>>@@@\r\nSubject: =?utf-8?B?////?= =?x-none?Q?=ZZ?=\r\n\r\n\xff\xfe\xfd",
    b"From: nul@example.sa\r\nSubject: a\x00b\r\nMessage-ID: <\x00@x>\r\n\r\nnul \x00 in the text\x00",
    b"From: cs@example.sa\r\nContent-Type: text/plain; charset=klingon-8\r\n\r\n\xc7\xe1\xd3\xe1\xc7\xe3",
    b"From: b64@example.sa\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!not base64!!!",
    b"From: mp@example.sa\r\nContent-Type: multipart/mixed; boundary=\r\n\r\n--\r\n\r\n----\r\n",
    b"From: deep@example.sa\r\n"
    + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(300)),
    b"From: id@example.sa\r\nMessage-ID: <[abc]@x>\r\nIn-Reply-To: <[]@[]>\r\n"
    b"References: " + b"<x@y> " * 3000 + b"\r\n\r\n",
    b"From: many@example.sa\r\nTo: " + b", ".join(b"a%d@x.sa" % n for n in range(3000)) + b"\r\n\r\nhello",
    b"From: date@example.sa\r\nDate: yesterday-ish\r\nSubject: \xe4\xe5\xe6\xd8\r\n\r\nraw eight bit subject",
    b"From: \xd8\xae\xd8\xa7\xd9\x84 <utf8@example.sa>\r\nSubject: \xd8\xb4\xed\xa0\x80\r\n\r\n\xed\xa0\x80",
    b"From: tnef@example.sa\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n\r\n\x78\x9f\x3e\x22",
    "From: bidi@example.sa\r\nSubject: \u202eevil\u2066\u2069\r\n\r\n\u202e\u2028\u2029\ufeff".encode(),
]  # fmt: skip


async def test_garbage_is_handled_each_with_one_outcome_and_what_stands_behind_it_too(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        office.box.drop([*GARBAGE, mail("after@example.sa")], user=office.user)

        await office.work()

        assert len(office.inbox()) == len(GARBAGE) + 1
        assert {row.state for row in office.inbox()} <= {"done", "quarantined"}
        assert [row.last_error for row in office.inbox() if row.last_error] == []
        folders = office.folders()
        assert folders["INBOX"] == 0
        assert folders["Processed"] + folders["Quarantine"] == len(GARBAGE) + 1
        assert len(office.mails_to("after@example.sa")) == 1


async def test_mail_that_names_no_usable_writer_is_kept_in_quarantine(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(b"Subject: x\r\n\r\nno From at all\r\n", mail("a@example.sa, b@example.sa"))

        assert [(row.kind, row.reason) for row in office.inbox()] == [("broken", "no_sender")] * 2
        assert office.tickets() == []
        assert office.folders() == {"INBOX": 0, "Processed": 0, "Quarantine": 2}


async def test_everything_we_send_can_be_read_back(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(mail(), mail("sara@example.sa", text="طلبي متأخر\n"))

        for taken in office.smtp.taken:
            message = read(taken.content)
            assert not [defect for part in message.walk() for defect in part.defects]
            assert taken.mail_from == "infocs@momah.gov.sa"
            assert message["Message-ID"].endswith("@momah.gov.sa>")
            assert text_of(message)
