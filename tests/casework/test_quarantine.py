"""What was set aside: released, blocked, filed again; by the operator and by an answer to the digest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from daemon.casework import quarantine
from daemon.mail.trust.tokens import Keyring, Scope, holder_tag, mint
from daemon.settings import policy_of
from daemon.store import arrivals, blocked, inbox, places
from tests.casework.conftest import OpenOffice
from tests.integration.office import MAILBOX, OPERATOR, PHONE, REQUEST, TEAM, Office, mail, proven, text_of

RIYADH = ZoneInfo("Asia/Riyadh")
KHALID = "khalid@example.sa"
SPAMMER = "sales@spam.example"
NOURA = "noura@momah.gov.sa"
STAFF: dict[str, Any] = {
    "mailbox": {"spam_header": "X-Spam-Flag: YES"},
    "teams": [
        {"name": "special", "address": "special@momah.gov.sa", "escalation": True},
        {"name": "care", "address": TEAM},
    ],
    "staff": [
        {"name": "نورة", "email": NOURA, "teams": ["care"], "aliases": ["n@momah.gov.sa"]},
        {"name": "سعد", "email": "saad@momah.gov.sa", "teams": ["special"]},
        {"name": "منى", "email": "mona@momah.gov.sa", "teams": ["care"], "active": False},
    ],
}
SPAM = ("X-Spam-Flag", "YES")


def refuted(**changed: Any) -> bytes:
    return mail(headers=[proven(verdict="fail")], **changed)


def spam(number: int = 1, sender: str = SPAMMER, subject: str = "عرض", *, by_owner: bool = True) -> bytes:
    proof = [proven(sender.partition("@")[2])] if by_owner else []
    text = f"رقم الطلب: {700000 + number}\n"
    return mail(sender, subject, text, headers=[SPAM, *proof], message_id=f"<{number}@spam>")


def release(office: Office, inbox_id: int, writer: str = "") -> str:
    policy, now = policy_of(office.system.config), office.clock.now()
    return office.system.database.transact_now(quarantine.release, inbox_id, policy, now, writer)


def block(office: Office, inbox_id: int, *, domain: bool = False) -> tuple[str, str]:
    return office.system.database.transact_now(
        quarantine.block,
        inbox_id,
        "operator",
        policy_of(office.system.config),
        office.clock.now(),
        is_whole_domain=domain,
    )


def states(office: Office) -> list[tuple[str, str | None]]:
    return [(row.state, row.reason) for row in office.inbox()]


async def digest(office: Office, day: int = 23) -> Any:
    """The morning's digest of the team that judges; returns its outbox row."""
    office.clock.set(datetime(2026, 11, day, 8, 0, tzinfo=RIYADH))
    await office.system.digest.run()
    await office.work()
    return [row for row in office.outbox("staff_digest") if row.recipient == TEAM][-1]


def answer(
    to: Any,
    text: str,
    sender: str = NOURA,
    *,
    headers: Sequence[tuple[str, str]] = (proven("momah.gov.sa"),),
    number: int = 1,
) -> bytes:
    """An answer to an outbox row, by its Reply-To."""
    return mail(
        sender,
        "Re: ملخص",
        text,
        headers=headers,
        to=to.thread["reply_to"],
        message_id=f"<{number}@answer>",
    )


# --- release ------------------------------------------------------------------------------------------


async def test_a_released_mail_is_decided_on_at_the_time_it_came_and_its_copy_follows(
    open_office: OpenOffice,
) -> None:
    async with open_office() as office:
        came = office.clock.now()
        await office.handle(refuted(message_id="<1@x>"))
        assert office.folders() == {"INBOX": 0, "Processed": 0, "Quarantine": 1}
        office.clock.advance(hours=5)

        assert release(office, 1) == ""
        await office.work()

        assert office.ticket().opened_at == came
        assert office.ticket().requester.email == KHALID
        assert len(office.mails_to(KHALID)) == 1
        assert states(office) == [("done", "none")]
        assert office.folders() == {"INBOX": 0, "Processed": 1, "Quarantine": 0}
        assert release(office, 1) == "not_quarantined"
        await office.work()
        assert len(office.tickets()) == 1


async def test_a_person_taken_for_a_machine_by_their_words_can_be_released(open_office: OpenOffice) -> None:
    async with open_office() as office:
        words = "أنا خارج المكتب حاليًا ولن أتمكن من الرد. للحالات العاجلة يرجى الاتصال بالزملاء."
        await office.handle(mail(KHALID, "رد تلقائي: شكوى", words, message_id="<1@x>"))
        assert office.tickets() == []
        assert office.inbox()[0].kind == "auto"

        assert release(office, 1) == ""
        await office.work()

        assert office.ticket().requester.email == KHALID
        assert (office.inbox()[0].kind, office.inbox()[0].reason) == ("human", "none")


async def test_a_machine_that_says_so_in_its_header_is_never_released(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(mail(KHALID, headers=[("Auto-Submitted", "auto-replied")], message_id="<1@x>"))

        assert release(office, 1) == "not_quarantined"


async def test_a_replayed_mail_goes_where_its_new_outcome_puts_it(open_office: OpenOffice) -> None:
    async with open_office(mailbox={"spam_header": "X-Spam-Flag: YES"}) as office:
        await office.handle(spam(), mail("sara@example.sa", text="شكرا", message_id="<2@x>"))
        assert office.folders() == {"INBOX": 0, "Processed": 1, "Quarantine": 1}

    async with open_office(mailbox={"spam_header": "X-Other: YES"}) as office:
        assert office.system.database.transact_now(inbox.replay, 1, office.clock.now())
        await office.work()

        assert office.inbox()[0].state == "done"
        assert office.folders() == {"INBOX": 0, "Processed": 2, "Quarantine": 0}
        assert office.system.database.read_now(places.to_refile) == []


async def test_a_replayed_mail_goes_back_to_quarantine_where_it_belongs_there_now(
    open_office: OpenOffice,
) -> None:
    fresh = mail(NOURA, text="سؤال", headers=[proven("momah.gov.sa")], message_id="<1@x>")
    async with open_office(**STAFF) as office:
        await office.handle(fresh)
        assert (office.inbox()[0].state, office.inbox()[0].ticket_id) == ("done", None)
        assert office.folders() == {"INBOX": 0, "Processed": 1, "Quarantine": 0}

    elsewhere = {**STAFF, "mailbox": {**STAFF["mailbox"], "authserv_id": "mx.other.example"}}
    async with open_office(**elsewhere) as office:
        assert office.system.database.transact_now(inbox.replay, 1, office.clock.now())
        await office.work()

        assert office.inbox()[0].state == "quarantined"
        assert office.folders() == {"INBOX": 0, "Processed": 0, "Quarantine": 1}
        assert office.system.database.read_now(places.to_refile) == []


async def test_mail_that_comes_while_another_is_filed_again_is_seen(open_office: OpenOffice) -> None:
    async with open_office() as office:
        await office.handle(refuted(message_id="<1@x>"))
        release(office, 1)
        await office.system.desk.step()
        office.arrive(mail("sara@example.sa"))

        await office.work()

        assert {ticket.requester.email for ticket in office.tickets()} == {KHALID, "sara@example.sa"}


async def test_a_released_staff_mail_is_heard_with_no_proof_more_than_it_had(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())
        notice = office.outbox("staff_new")[0]
        before = office.ticket()
        refuted_by_border = [proven("momah.gov.sa", "fail")]
        await office.handle(
            answer(notice, "#حل تم\n", headers=refuted_by_border, number=1),
            answer(notice, "نأمل إرسال المخطط.\n", headers=refuted_by_border, number=2),
        )
        assert [row.reason for row in office.inbox()[1:]] == ["staff_auth_failed"] * 2

        assert [release(office, number) for number in (2, 3)] == ["", ""]
        await office.work()

        assert office.ticket().state == before.state
        assert office.outbox("resolved") == []
        errors = [row.values["error"] for row in office.outbox("staff_command_error")]
        assert errors == ["refuted", "refuted"], "the token alone carries no word to the citizen"
        assert office.outbox("reply") == []
        assert len(office.tickets()) == 1


LONG = "".join(f"X-Long-{number}: {'x' * 900}\r\n" for number in range(100)).encode()


@pytest.mark.parametrize("before", [b"\r\n\r\n", LONG], ids=["blank lines", "a long header"])
async def test_a_sender_far_down_can_be_released(open_office: OpenOffice, before: bytes) -> None:
    async with open_office(**STAFF) as office:
        with office.system.database.engine.begin() as connection:
            when = office.clock.now()
            raw = before + b"From: khalid@example.sa\r\n" + b"Subject: x\r\n\r\nx"
            arrival = arrivals.Arrival(1, when, raw, "f", "s", None)
            (inbox_id,) = arrivals.bring_in(connection, [arrival], when)
            found = quarantine.find(connection, inbox_id or 0)

        assert (found.sender if found else "") == KHALID


# --- block --------------------------------------------------------------------------------------------


async def test_a_blocked_sender_is_kept_quietly(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(spam(1), mail())
        assert block(office, 1) == ("", SPAMMER)
        said = len(office.outbox())
        office.clock.advance(minutes=61)

        await office.handle(
            mail("Sales@Spam.Example"), mail(SPAMMER, headers=[proven("spam.example")], subject="2")
        )
        other = mail("other@spam.example", message_id="<o@x>")
        await office.handle(other)

        assert states(office)[0] == ("quarantined", "spam"), "the mail itself stays"
        assert states(office)[2:4] == [("quarantined", "blocked")] * 2
        assert office.mails_to(SPAMMER) == office.mails_to("Sales@Spam.Example") == []
        assert len(office.tickets()) == 2
        assert not [row for row in office.outbox()[said:] if row.recipient == OPERATOR]
        assert office.folders() == {"INBOX": 0, "Processed": 2, "Quarantine": 3}
        lines = (await digest(office)).values["quarantined"]
        assert [line.partition(":")[0] for line in lines] == ["1"]

        assert office.system.database.transact_now(blocked.remove, SPAMMER)
        await office.handle(mail(SPAMMER, subject="3"))
        assert len(office.tickets()) == 3


async def test_a_blocked_domain_is_all_its_writers_and_no_other(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(spam(1))
        assert block(office, 1, domain=True) == ("", "@spam.example")

        await office.handle(mail("x@spam.example"), mail("y@sub.spam.example"), mail("z@notspam.example"))

        assert [ticket.requester.email for ticket in office.tickets()] == [
            "y@sub.spam.example",
            "z@notspam.example",
        ]


@pytest.mark.parametrize("forged", [refuted(), spam(1, KHALID, by_owner=False)], ids=["refuted", "spam"])
async def test_the_owner_of_an_address_is_not_silenced_by_a_forger(
    open_office: OpenOffice, forged: bytes
) -> None:
    async with open_office(mailbox={"spam_header": "X-Spam-Flag: YES"}) as office:
        await office.handle(forged)
        assert block(office, 1) == ("", KHALID)

        await office.handle(mail(message_id="<2@x>"), mail(headers=[proven()], message_id="<3@x>"))

        assert [row.reason for row in office.inbox()[1:2]] == ["blocked"]
        assert office.ticket().authenticated
        assert len(office.mails_to(KHALID)) == 1


async def test_a_block_for_another_mail_of_theirs_ends_that_mercy(open_office: OpenOffice) -> None:
    async with open_office(mailbox={"spam_header": "X-Spam-Flag: YES"}) as office:
        await office.handle(refuted(), spam(1, sender=KHALID))
        block(office, 1)
        block(office, 2)

        await office.handle(mail(headers=[proven()], message_id="<3@x>"))

        assert office.tickets() == []


@pytest.mark.parametrize("sender", ["n@momah.gov.sa", "mona@momah.gov.sa", TEAM])
async def test_our_own_addresses_are_not_blocked(open_office: OpenOffice, sender: str) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail(sender))

        assert block(office, 1)[0] == "protected_address"
        assert block(office, 1, domain=True)[0] == "protected_domain"
        assert office.system.database.read_now(blocked.walk) == []


async def test_a_released_mail_of_a_blocked_sender_is_decided_on(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(spam(1))
        block(office, 1)
        await office.handle(mail(SPAMMER, message_id="<2@x>"))

        assert release(office, 2) == ""
        await office.work()

        assert office.ticket().requester.email == SPAMMER
        await office.handle(mail(SPAMMER, message_id="<3@x>", subject="3"))
        assert office.inbox()[-1].reason == "blocked", "one release is no pardon"


# --- the digest -----------------------------------------------------------------------------------------


async def test_the_digest_lists_what_was_set_aside_since_the_last_one(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(spam(1, subject="https://evil.example <b>اضغط</b> **هنا**"))
        office.clock.set(datetime(2026, 11, 23, 7, 59, 40, tzinfo=RIYADH))
        await office.handle(refuted())

        first = await digest(office, 23)
        await office.handle(spam(2))
        second = await digest(office, 24)

        lines = first.values["quarantined"]
        assert [line.partition(":")[0] for line in lines] == ["1", "2"]
        assert [line.partition(":")[0] for line in second.values["quarantined"]] == ["3"]
        assert all(row.recipient == TEAM for row in office.outbox("staff_digest"))
        (sent, _) = [one for one in office.mails_to(TEAM) if "ملخص" in one["Subject"]]
        html = sent.get_body(("html",))
        assert html is not None
        shown = html.get_content()
        assert "&lt;b&gt;" in shown
        assert "https://evil" not in shown + text_of(sent)
        assert "evil.example" not in shown + text_of(sent)
        assert SPAMMER not in shown + text_of(sent)
        assert "#إفراج 17" in text_of(sent)
        token = first.thread["reply_to"].partition("@")[0].partition("+")[2]
        assert token
        assert token not in first.reference, "every forward shows a Message-ID to its reader"


async def test_a_team_whose_address_has_capitals_reads_no_mail_twice(open_office: OpenOffice) -> None:
    teams = [{"name": "care", "address": "Care@Momah.gov.sa"}]
    async with open_office(**STAFF | {"teams": teams, "staff": []}) as office:
        await office.handle(spam(1))
        first = await digest(office, 23)
        await office.handle(spam(2))
        second = await digest(office, 24)

        listed = [[line.partition(":")[0] for line in one.values["quarantined"]] for one in (first, second)]
        assert listed == [["1"], ["2"]]


async def test_the_digest_counts_what_it_does_not_list(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(*(spam(number) for number in range(43)))

        values = (await digest(office)).values

        assert len(values["quarantined"]) == 40
        assert (values["quarantined_count"], values["quarantined_unlisted"]) == (43, 3)


async def test_a_digest_with_nothing_to_judge_carries_no_token(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(mail())

        assert "reply_to" not in (await digest(office)).thread


# --- by an answer to it -----------------------------------------------------------------------------------


async def test_a_member_releases_and_blocks_by_answering_the_digest(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        came = office.clock.now()
        await office.handle(refuted(), spam(1), spam(2, sender="other@spam.example"))
        listed = await digest(office)
        operators = len(office.mails_to(OPERATOR))

        await office.handle(answer(listed, "#إفراج ١\n#حظر 2\n\nشكرًا\nنورة\n"))

        assert office.ticket().opened_at == came
        assert [row.pattern for row in office.system.database.read_now(blocked.walk)] == [SPAMMER]
        assert [row.blocked_by for row in office.system.database.read_now(blocked.walk)] == [NOURA]
        assert [row.state for row in office.inbox()] == ["done", "quarantined", "quarantined", "done"]
        assert office.folders()["Quarantine"] == 2
        (told,) = office.outbox("staff_judged")
        assert (told.recipient, told.values["released"]) == (NOURA, ["1"])
        assert office.outbox("staff_command_error") == []
        assert len(office.mails_to(OPERATOR)) == operators
        assert office.inbox()[-1].outcome == "staff"


@pytest.mark.parametrize("subaddressing", [True, False])
async def test_a_digests_token_counts_from_a_message_id_only_without_subaddressing(
    open_office: OpenOffice, subaddressing: bool
) -> None:
    async with open_office(**STAFF | {"mailbox": {"subaddressing": subaddressing}}) as office:
        await office.handle(refuted())
        listed = await digest(office)

        await office.handle(
            mail(NOURA, "Re:", "#release 1\n", headers=[proven("momah.gov.sa")], answers=listed.reference)
        )

        assert [ticket.requester.email for ticket in office.tickets()] == ([] if subaddressing else [KHALID])


@pytest.mark.parametrize(
    ("text", "error", "detail"),
    [
        ("#release 99\n", "unknown_mail", "99"),
        ("#release 3\n", "not_quarantined", "3"),
        ("#block 3\n", "not_quarantined", "3"),
        ("#إفراج 1 99\n", "unknown_mail", "99"),
        ("#حظر 2\n#إفراج 3\n", "not_quarantined", "3"),
        ("#release 1\n#block 1\n", "cannot_combine", "1"),
        ("#block 4\n", "protected_address", "4"),
        ("#إفراج الكل\n", "bad_number", "الكل"),
        ("#release 1\n#حل تم\n", "cannot_combine", "#release"),
        ("#افرج 1\n", "unknown_command", "#إفراج"),
        ("#حل تم\n", "no_ticket", ""),
    ],
)
async def test_what_cannot_be_done_is_explained_and_nothing_of_it_is_done(
    open_office: OpenOffice, text: str, error: str, detail: str
) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(refuted(), spam(1), mail("sara@example.sa"), mail("n@momah.gov.sa"))
        listed = await digest(office)
        before = states(office), office.tickets()

        await office.handle(answer(listed, text))

        (told,) = office.outbox("staff_command_error")
        values = told.values
        assert (told.recipient, values["error"], values["detail"]) == (NOURA, error, detail)
        assert (states(office)[:-1], office.tickets()) == before
        assert office.system.database.read_now(blocked.walk) == []
        assert office.outbox("staff_judged") == []


async def test_both_proofs_are_needed(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(refuted(), mail("sara@example.sa"))
        listed = await digest(office)
        notice = office.outbox("staff_new")[0]
        before = office.inbox()[0].state

        await office.handle(
            answer(listed, "#release 1\n", headers=(), number=1),  # a token, no proof
            answer(notice, "#release 1\n", number=2),  # a ticket's token
            mail(NOURA, "Re:", "#release 1\n", headers=[proven("momah.gov.sa")], message_id="<3@answer>"),
            answer(listed, "#release 1\n", "saad@momah.gov.sa", number=4),  # of another team
            answer(listed, "#release 1\n", "mona@momah.gov.sa", number=5),  # not active
            answer(listed, "#release 1\n", "eve@evil.example", headers=[proven("evil.example")], number=6),
        )
        office.clock.advance(days=14)
        await office.handle(answer(listed, "#release 1\n", number=7))

        errors = [(row.recipient, row.values["error"]) for row in office.outbox("staff_command_error")]
        saads = errors.pop(1)
        assert saads == ("saad@momah.gov.sa", "no_digest"), "the second sender's first mail, in turn"
        assert errors == [
            (NOURA, "no_verdict"),
            (NOURA, "no_digest"),
            (NOURA, "no_digest"),
            (NOURA, "no_digest"),
        ]
        assert office.inbox()[0].state == before == "quarantined"
        assert [row.reason for row in office.inbox()[6:8]] == ["staff_inactive", "token_off_roster"]
        assert len(office.tickets()) == 1


async def test_a_digests_token_is_good_for_no_ticket(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(refuted(), mail("sara@example.sa", text=f"{REQUEST}\n{PHONE}\n"))
        listed = await digest(office)
        office.clock.advance(minutes=5)
        before = office.tickets()

        await office.handle(answer(listed, f"#حل تم {before[0].number}\n"))
        # What an attacker who learnt how tokens are made, but not the key, would write.
        forged = mint(
            Keyring(b"another secret of this test"), Scope("quarantine", holder_tag(TEAM), 0, "internal"),
            office.clock.now() + timedelta(days=1),
        )  # fmt: skip
        to = f"{MAILBOX.partition('@')[0]}+{forged}@momah.gov.sa"
        await office.handle(mail(NOURA, "Re:", "#release 1\n", headers=[proven("momah.gov.sa")], to=to))

        assert office.tickets() == before
        assert office.outbox("resolved") == []
        assert [row.values["error"] for row in office.outbox("staff_command_error")] == [
            "no_ticket",
            "no_digest",
        ]
        assert office.inbox()[0].state == "quarantined"


async def test_two_members_answer_the_same_digest_and_the_second_is_told(open_office: OpenOffice) -> None:
    async with open_office(**STAFF) as office:
        await office.handle(refuted())
        listed = await digest(office)

        await office.handle(answer(listed, "#release 1\n", number=1))
        await office.handle(answer(listed, "#release 1\n", number=2))

        assert len(office.tickets()) == 1
        assert [row.values["error"] for row in office.outbox("staff_command_error")] == ["not_quarantined"]
