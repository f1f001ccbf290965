"""The main path, and odd mail, over a real mailbox, relay and gateway. What needs no server stands in
tests/casework/test_pipeline.py."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.integration.conftest import OpenOffice
from tests.integration.office import TEAM, Office, mail, read, text_of

KHALID = "khalid@example.sa"


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


# --- the same mail again ----------------------------------------------------------------------------------


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


# --- words ------------------------------------------------------------------------------------------------


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


async def test_everything_we_send_can_be_read_back(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(mail(), mail("sara@example.sa", text="طلبي متأخر\n"))

        for taken in office.smtp.taken:
            message = read(taken.content)
            assert not [defect for part in message.walk() for defect in part.defects]
            assert taken.mail_from == "infocs@momah.gov.sa"
            assert message["Message-ID"].endswith("@momah.gov.sa>")
            assert text_of(message)
