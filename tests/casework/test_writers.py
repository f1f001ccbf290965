"""Who wrote a mail whose From does not say so: a person names them, or a web form does."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from daemon.casework import quarantine
from daemon.settings import policy_of
from tests.casework.conftest import OpenOffice
from tests.casework.test_attachments import run
from tests.casework.test_whole_life import KHALID, NOURA, STAFF, last, text_of
from tests.integration.office import MAILBOX, TEAM, Office, mail, proven

FORM = "no-reply@furas.example"
FORMS = {"form_senders": [FORM]}
SITE = proven("furas.example")
LONE = "202612345"


def release(office: Office, inbox_id: int, writer: str = "") -> str:
    policy, now = policy_of(office.system.config), office.clock.now()
    return office.system.database.transact_now(quarantine.release, inbox_id, policy, now, writer)


def of_two(*headers: tuple[str, str]) -> bytes:
    """A mail of two authors, with the Sender that RFC 5322, 3.6.2 then demands."""
    return mail(f"{KHALID}, huda@example.sa", headers=[*headers, ("Sender", KHALID)], message_id="<two@x>")


async def test_a_mail_of_two_authors_is_released_as_that_of_whom_a_person_names(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(of_two(proven()))
        assert [(row.kind, row.reason) for row in office.inbox()] == [("broken", "no_sender")]
        assert release(office, 1) == "no_sender"

        assert release(office, 1, KHALID) == ""
        await office.work()

        ticket = office.ticket()
        assert (ticket.requester.email, ticket.authenticated, ticket.request_number) == (KHALID, False, LONE)
        assert [row.kind for row in office.inbox()] == ["human"]
        assert ticket.number in text_of(last(office, KHALID))
        assert "لم يثبت" in text_of(last(office, TEAM))
        assert office.folders() == {"INBOX": 0, "Processed": 1, "Quarantine": 0}


@pytest.mark.parametrize(
    "raw",
    [
        mail(KHALID, message_id="<n@x>").replace(b"From: khalid@example.sa\r\n", b""),
        mail(KHALID, message_id="<n@x>").replace(b"From: khalid", b"From: \r\nSender: khalid"),
        mail(KHALID, message_id="<n@x>").replace(b"From: khalid@example.sa", b"From: Khalid <khalid@>"),
        b"\r\n\r\n" + "رقم الطلب: 202612345 تجاوز المدة".encode(),
    ],
    ids=["no From", "Sender alone", "half an address", "no header"],
)
async def test_whatever_a_citizen_wrote_a_command_reaches_it(open_office: OpenOffice, raw: bytes) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(raw)
        assert office.tickets() == []

        assert release(office, 1, "Huda@Example.sa") == ""
        await office.work()

        assert office.ticket().requester.email == "Huda@Example.sa"
        assert office.mails_to("Huda@Example.sa")


async def test_a_mail_recorded_as_a_machines_is_somebodys_once_a_person_says_whose(
    open_office: OpenOffice,
) -> None:
    """A web form that nobody named in the configuration."""
    async with open_office(**STAFF) as office:
        await office.handle(mail(FORM, message_id="<w@x>", headers=[SITE]))
        assert [(row.kind, row.outcome) for row in office.inbox()] == [("auto", "recorded")]

        assert release(office, 1) == "not_quarantined"
        assert release(office, 1, KHALID) == ""
        await office.work()

        assert office.ticket().requester.email == KHALID


@pytest.mark.parametrize(
    ("writer", "code"),
    [
        (NOURA, "protected_address"),
        (MAILBOX, "protected_address"),
        (TEAM, "protected_address"),
        ("khalid", "bad_address"),
        ("khalid@example.sa, huda@example.sa", "bad_address"),
        ("khalid@example.sa\r\nBcc: x@y.example", "bad_address"),
    ],
)
async def test_nobody_is_made_staff_and_nothing_an_address_by_a_release(
    open_office: OpenOffice, writer: str, code: str
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(of_two())

        assert release(office, 1, writer) == code
        await office.work()
        assert office.tickets() == []


async def test_a_named_writer_proves_nothing_to_a_proved_complaint(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(KHALID, message_id="<k@x>", headers=[proven()]))
        await office.handle(of_two(proven()))

        release(office, 2, KHALID)
        await office.work()

        assert [ticket.authenticated for ticket in office.tickets()] == [True, False]


async def test_the_operator_releases_at_the_command_line(
    open_office: OpenOffice, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(of_two())
        assert run(office, "mail", "release", "1", "--as", NOURA) == 1
        assert "address of our own" in capsys.readouterr().err
        assert run(office, "mail", "release", "1", "--as", KHALID) == 0
        assert KHALID in capsys.readouterr().out


# --- web forms ----------------------------------------------------------------------------------------


def through_form(
    reply_to: Sequence[str] = (KHALID,), headers: Sequence[tuple[str, str]] = (SITE,), sender: str = FORM
) -> bytes:
    answers = [("Reply-To", one) for one in reply_to]
    return mail(f"موقع فرص <{sender}>", headers=[*headers, *answers], message_id="<form@x>")


async def test_who_filled_in_a_form_is_the_requester_and_proved_by_nothing(open_office: OpenOffice) -> None:
    async with open_office(mailbox=FORMS, **STAFF) as office:
        await office.handle(through_form())

        ticket = office.ticket()
        assert (ticket.requester.email, ticket.authenticated, ticket.request_number) == (KHALID, False, LONE)
        assert "https://" not in office.sms_to()[-1].text
        assert "Re: شكوى" not in str(last(office, KHALID)["Subject"])
        assert not office.mails_to(FORM)
        assert office.inbox()[0].proof == ""


async def test_a_form_is_heard_though_it_says_that_a_program_sent_it(open_office: OpenOffice) -> None:
    async with open_office(mailbox=FORMS, **STAFF) as office:
        await office.handle(through_form(headers=[SITE, ("Auto-Submitted", "auto-generated")]))

        assert office.ticket().requester.email == KHALID


@pytest.mark.parametrize("headers", [(), (proven("furas.example", "none"),), (proven("evil.example"),)])
async def test_a_form_that_does_not_prove_its_address_speaks_for_nobody(
    open_office: OpenOffice, headers: Sequence[tuple[str, str]]
) -> None:
    async with open_office(mailbox=FORMS, **STAFF) as office:
        await office.handle(through_form(headers=headers))

        assert office.tickets() == []
        assert not office.mails_to(KHALID)


async def test_only_a_form_may_say_that_somebody_else_wrote(open_office: OpenOffice) -> None:
    async with open_office(mailbox=FORMS, **STAFF) as office:
        await office.handle(through_form(sender="eve@furas.example"))

        assert office.ticket().requester.email == "eve@furas.example"
        assert not office.mails_to(KHALID)


@pytest.mark.parametrize(
    "reply_to",
    [(), (f"{KHALID}, huda@example.sa",), (KHALID, "huda@example.sa"), (MAILBOX,), (FORM,), ("nobody",)],
    ids=["none", "two in one", "two fields", "the desk", "the form", "no address"],
)
async def test_a_form_without_one_writer_waits_for_a_person(
    open_office: OpenOffice, reply_to: Sequence[str]
) -> None:
    async with open_office(mailbox=FORMS, **STAFF) as office:
        await office.handle(through_form(reply_to))

        assert office.tickets() == []
        assert [(row.kind, row.reason) for row in office.inbox()] == [("broken", "no_sender")]
        assert release(office, 1, KHALID) == ""
        await office.work()
        assert office.ticket().requester.email == KHALID


async def test_who_types_a_staff_address_into_a_form_is_no_staff(open_office: OpenOffice) -> None:
    async with open_office(mailbox=FORMS, **STAFF) as office:
        await office.handle(mail(KHALID, message_id="<k@x>", headers=[proven()]))
        to = str(last(office, TEAM)["Reply-To"])
        head = [SITE, ("Reply-To", NOURA)]
        await office.handle(mail(FORM, text="#حل\nانتهى", headers=head, to=to, message_id="<form@x>"))

        assert office.ticket().state == "open"
        assert len(office.mails_to(KHALID)) == 1


async def test_a_form_filled_in_in_a_proved_requesters_name_joins_nothing(open_office: OpenOffice) -> None:
    async with open_office(mailbox=FORMS, **STAFF) as office:
        await office.handle(mail(KHALID, message_id="<k@x>", headers=[proven()]))
        await office.handle(through_form())

        assert [ticket.authenticated for ticket in office.tickets()] == [True, False]
        assert office.tickets()[1].linked_to == office.tickets()[0].number
