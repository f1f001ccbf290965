"""What a forged bounce can do: whoever was copied in knows Message-IDs, and the customer's address."""

from __future__ import annotations

import pytest

from tests.casework.conftest import OpenOffice
from tests.casework.test_hostile_senders import bounce
from tests.casework.test_whole_life import KHALID, STAFF, last, staff_answer
from tests.integration.office import TEAM, Office, mail, proven

EVE = "eve@evil.example"


def from_khalid(message_id: str, text: str = "", answers: str = "") -> bytes:
    text = text or "رقم الطلب: 20261234 تجاوز المدة\n"
    headers = [proven(), ("Cc", EVE)]
    return mail(KHALID, text=text, message_id=message_id, answers=answers, headers=headers)


async def answered(office: Office) -> tuple[str, str]:
    """The Message-IDs of one answer of staff: the requester's, and that of whom they copied in."""
    await office.handle(from_khalid("<k@x>"))
    await office.handle(staff_answer(last(office, TEAM), "نعمل على طلبكم"))
    return str(last(office, KHALID)["Message-ID"]), str(last(office, EVE)["Message-ID"])


async def test_each_persons_copy_has_a_message_id_of_its_own_and_names_nobody_elses(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        theirs, copy = await answered(office)

        assert theirs != copy
        assert theirs not in last(office, EVE).as_string()
        assert len({row.reference for row in office.outbox()}) == len(office.outbox())


@pytest.mark.parametrize("verdict", ["none", "pass", "fail"])
@pytest.mark.parametrize("named", [KHALID, EVE, ""])
async def test_a_bounce_of_the_copy_touches_the_requester_in_nothing(
    open_office: OpenOffice, verdict: str, named: str
) -> None:
    async with open_office(**STAFF) as office:
        _, copy = await answered(office)

        await office.handle(bounce(copy, named, verdict))

        assert not office.outbox("staff_delivery_failed")
        assert not office.ticket().requester.is_email_dead
        assert [row.bounced_at for row in office.outbox("reply") if row.audience == "requester"] == [None]
        await office.handle(staff_answer(last(office, TEAM), "#حل تمت المعالجة"))
        assert not office.ticket().held
        assert office.outbox("resolved", channel="email")


@pytest.mark.parametrize("named", [EVE, "", "else@else.example"])
async def test_a_bounce_that_does_not_name_the_rows_recipient_silences_nobody(
    open_office: OpenOffice, named: str
) -> None:
    async with open_office(**STAFF) as office:
        theirs, _ = await answered(office)

        await office.handle(bounce(theirs, named, "fail"))
        assert not office.outbox("staff_delivery_failed"), "refuted, and it is no proof of its own"

        await office.handle(bounce(theirs, named))
        assert not office.ticket().requester.is_email_dead


@pytest.mark.parametrize("verdict", ["none", "fail"])
async def test_an_answer_to_all_gives_nobody_the_means_to_silence_its_writer(
    open_office: OpenOffice, verdict: str
) -> None:
    """The requester's own answer carries the Message-ID of our mail to Eve."""
    async with open_office(**STAFF) as office:
        theirs, _ = await answered(office)
        for number in range(4):
            office.clock.advance(minutes=5)
            await office.handle(from_khalid(f"<k{number}@x>", f"كلمة أخرى {number}", theirs))
            await office.handle(bounce(theirs, KHALID, verdict))
            assert not office.ticket().requester.is_email_dead
            office.clock.advance(minutes=5)
            await office.handle(staff_answer(office.mails_to(TEAM)[0], f"نعمل على طلبكم {number}"))
            theirs = str(last(office, KHALID)["Message-ID"])

        assert [row.state for row in office.outbox("reply") if row.recipient == KHALID] == ["sent"] * 5
        assert len(office.outbox("staff_delivery_failed")) == 4, "staff hear of it each time"


async def test_a_true_bounce_of_what_was_sent_after_their_last_word_marks_the_address(
    open_office: OpenOffice,
) -> None:
    async with open_office(**STAFF) as office:
        theirs, _ = await answered(office)
        office.clock.advance(minutes=5)
        await office.handle(from_khalid("<k2@x>", "كلمة أخرى", theirs))
        office.clock.advance(minutes=5)
        await office.handle(staff_answer(office.mails_to(TEAM)[0], "سننجزه غدًا"))

        await office.handle(bounce(str(last(office, KHALID)["Message-ID"]), KHALID, "fail"))

        assert office.ticket().requester.is_email_dead


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
async def test_a_report_of_no_failure_does_nothing(open_office: OpenOffice, action: str) -> None:
    async with open_office(**STAFF) as office:
        theirs, _ = await answered(office)

        await office.handle(bounce(theirs, KHALID).replace(b"Action: failed", f"Action: {action}".encode()))

        assert not any(row.bounced_at for row in office.outbox())
        assert not office.outbox("staff_delivery_failed")
        assert not office.ticket().requester.is_email_dead
