"""The play: its acts in order, each an `async def` that takes the stage.

To show another part of a complaint's life, add a function to ACTS (or to DAYS, where days must pass).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from daemon.sandbox.messages import (
    A_CALL,
    AN_ANSWER,
    HUDA,
    KHALID,
    LATE_REQUEST,
    NO_NUMBER,
    NOURA,
    REQUEST_OF_HUDA,
    REQUEST_OF_KHALID,
    REQUEST_OF_NOURA,
    SAME_REQUEST,
    SARA,
    TEAM,
    THE_NUMBER,
    THE_OUTCOME,
    THE_RATING,
    absence_notice,
    letter,
)
from daemon.sandbox.pages import link_in
from daemon.sandbox.stage import Exchange, Stage, check
from daemon.sandbox.story_of_days import escalated, nobody_answers, the_days_go_by
from daemon.workflow.clocks import first_response_due, processing_due
from daemon.workflow.deadline_kinds import RESOLVED_CLOSURE, SURVEY
from daemon.workflow.model import Ticket

Act = Callable[[Stage], Awaitable[None]]


async def play(stage: Stage) -> None:
    """All acts, then the table. Raises StoryFailed with one clear line."""
    acts: Sequence[Act] = ACTS if stage.days_in_s is None else (*ACTS, *DAYS)
    for act in acts:
        await act(stage)
    await _curtain(stage)


async def a_complaint_arrives(stage: Stage) -> None:
    stage.screen.act("Act 1: a complaint arrives by e-mail")
    mail = letter(KHALID, "طلبي متأخر", LATE_REQUEST, stage.clock.now())
    await stage.show_arrival(KHALID, "writes to the desk", mail, LATE_REQUEST)

    told = await stage.exchange(
        mail,
        {
            ("received", "email", KHALID.address),
            ("received", "sms", KHALID.mobile),
            ("staff_new", "email", TEAM),
        },
    )
    ticket = await stage.ticket(told.verdict.ticket)
    check(ticket.state == "open", f"the ticket is {ticket.state}, not open")
    check(ticket.request_number == REQUEST_OF_KHALID, "the request number was not found")
    check(ticket.category == "sla_exceeded", "the ground of the complaint was not found")
    check(ticket.requester.phone == KHALID.mobile, "the mobile was not found")
    stage.exchanges["khalid"] = told

    await stage.show_decision(
        told,
        f"The desk opens the complaint {ticket.number}",
        f"Found in the text: request number {ticket.request_number} (the guide wants one), mobile "
        f"{ticket.requester.phone}, ground: the request is past its service level ({ticket.category}).",
        *_promises(stage, ticket),
    )
    await stage.show_letter(told, "received", KHALID.first_name)
    stage.verify_answer(told, "received", ticket.number)
    await stage.show_sms(told, "received", KHALID)
    stage.verify_sms(told, "received", ticket.number)
    await stage.show_letter(told, "staff_new", "the team")
    stage.verify_notice(told, "staff_new", ticket.number, LATE_REQUEST)


async def the_number_is_missing(stage: Stage) -> None:
    stage.screen.act("Act 2: a complaint without the request number")
    mail = letter(NOURA, "مشكلة تقنية", NO_NUMBER, stage.clock.now())
    await stage.show_arrival(NOURA, "writes to the desk", mail, NO_NUMBER)

    asked = await stage.exchange(
        mail,
        {
            ("info_requested", "email", NOURA.address),
            ("info_requested", "sms", NOURA.mobile),
            ("staff_new", "email", TEAM),
        },
    )
    ticket = await stage.ticket(asked.verdict.ticket)
    check(ticket.state == "awaiting_info", f"the ticket is {ticket.state}, not awaiting_info")
    check(not ticket.is_running, "a clock runs although the number is missing")
    stage.exchanges["noura"] = asked

    await stage.show_decision(
        asked,
        f"The desk opens {ticket.number}, and it waits",
        "The request number is missing, and only that holds a complaint. The clocks stand meanwhile. She is "
        "not refused: she has her number at once, and is asked for exactly what is missing.",
    )
    await stage.show_letter(asked, "info_requested", NOURA.first_name)
    stage.verify_answer(asked, "info_requested", ticket.number)
    await stage.show_sms(asked, "info_requested", NOURA)
    stage.verify_sms(asked, "info_requested", ticket.number)
    stage.verify_notice(asked, "staff_new", ticket.number, NO_NUMBER)
    await _she_answers(stage, asked)


async def _she_answers(stage: Stage, asked: Exchange) -> None:
    question = asked.letters["info_requested"].message
    mail = letter(NOURA, str(question["Subject"]), THE_NUMBER, stage.clock.now(), answers=question)
    await stage.show_arrival(
        NOURA, "answers from her mail program, which quotes our mail below (not shown)", mail, THE_NUMBER
    )

    told = await stage.exchange(
        mail, {("in_progress", "email", NOURA.address), ("staff_update", "email", TEAM)}
    )
    check(told.verdict.ticket == asked.verdict.ticket, "the answer did not reach its own ticket")
    ticket = await stage.ticket(told.verdict.ticket)
    check(ticket.state == "open", f"the ticket is {ticket.state}, not open")
    check(ticket.request_number == REQUEST_OF_NOURA, "the request number was not found in the answer")

    await stage.show_decision(
        told,
        f"The data is there: {ticket.number} is open",
        f"Her mail answers a mail of ours, so it belongs to {ticket.number}. The new text alone was read, "
        f"not the quotation: request number {ticket.request_number}, written in Arabic digits.",
        *_promises(stage, ticket),
    )
    await stage.show_letter(told, "in_progress", NOURA.first_name)
    stage.verify_answer(told, "in_progress", ticket.number)
    await stage.show_letter(told, "staff_update", "the team")
    stage.verify_notice(told, "staff_update", ticket.number, THE_NUMBER)


async def the_same_request_again(stage: Stage) -> None:
    stage.screen.act("Act 3: the same request once more")
    first = stage.exchanges["khalid"].verdict.ticket
    before = len(await stage.witness.tickets())
    mail = letter(KHALID, "متابعة", SAME_REQUEST, stage.clock.now())
    await stage.show_arrival(KHALID, "writes a new mail, with another subject", mail, SAME_REQUEST)

    told = await stage.exchange(mail, {("joined", "email", KHALID.address), ("staff_update", "email", TEAM)})
    check(told.verdict.ticket == first, f"it went to {told.verdict.ticket}, not to {first}")
    check(len(await stage.witness.tickets()) == before, "a second ticket was opened")

    await stage.show_decision(
        told,
        f"No second complaint: it joins {first}",
        "The same requester, the same request number, and the first complaint is not closed.",
    )
    await stage.show_letter(told, "joined", KHALID.first_name)
    assert first is not None
    stage.verify_answer(told, "joined", first)
    stage.verify_notice(told, "staff_update", first, SAME_REQUEST)


async def a_machine_answers(stage: Stage) -> None:
    stage.screen.act("Act 4: a machine answers, and is left alone")
    acknowledgement = stage.exchanges["khalid"].letters["received"].message
    mail = absence_notice(KHALID, acknowledgement, stage.clock.now())
    await stage.show_arrival(
        KHALID, "is away: his mail server answers our mail by itself", mail, mail.get_content()
    )

    told = await stage.exchange(mail, set())
    check(told.verdict.kind == "auto", f"the notice was taken for {told.verdict.kind}")
    check(told.verdict.outcome == "recorded", f"the notice was {told.verdict.outcome}, not recorded")
    await stage.show_decision(told, "The desk writes it down and says nothing to anybody")
    stage.screen.verified("No mail, no SMS: two machines cannot begin to write to each other.")


async def a_call_by_telephone(stage: Stage) -> None:
    """What the unified number brings in: the intake API, SMS alone, the citizen's own page."""
    stage.screen.act("Act 5: a call by telephone")
    await stage.step(
        f"{HUDA.first_name} calls the unified number; the call centre reports it to the intake API"
    )
    stage.screen.quote((f"POST {stage.web.url}/api/v1/complaints", f"channel: phone  {HUDA.mobile}"), A_CALL)
    opened = await stage.call(HUDA, A_CALL, REQUEST_OF_HUDA)
    number = str(opened["number"])
    ticket = await stage.ticket(number)
    check((ticket.channel, ticket.state) == ("phone", "open"), "the call opened no complaint")
    check(ticket.first_response_at is not None, "the call does not count as its first response")
    sms = await stage.sms_about("received", number)
    check(number in sms.text, "the SMS does not hold the number")
    check(await stage.witness.said_about(number, "received", "email") is None, "an e-mail went to nobody")
    await stage.step("The agent reads the number out; she has no e-mail address, so the rest comes by SMS")
    stage.screen.quote((sms.number,), sms.text)
    page = await stage.show_page("her status page", str(opened["status_url"]))
    check(number in page, "the page does not hold the number")
    check(A_CALL not in page, "the page repeats what was said")
    stage.screen.verified("Her page holds the number and how it stands; what she said is not repeated there.")


async def staff_answer_by_mail(stage: Stage) -> None:
    stage.screen.act("Act 6: staff work from their own mail program")
    khalid = stage.exchanges["khalid"]
    number = khalid.verdict.ticket
    assert number is not None
    notice = khalid.letters["staff_new"].message
    mail = letter(SARA, str(notice["Subject"]), AN_ANSWER, stage.clock.now(), answers=notice)
    await stage.show_arrival(SARA, "answers the notice, which says where an answer goes", mail, AN_ANSWER)
    told = await stage.exchange(mail, {("reply", "email", KHALID.address)})
    check(told.verdict.kind == "staff", f"her mail was taken for {told.verdict.kind}")
    ticket = await stage.ticket(number)
    check(ticket.first_response_at is not None, "the first response was not noted")
    await stage.show_decision(
        told,
        "The desk passes on what she wrote, and only that",
        "Two proofs: her address passed DMARC at the ministry's border, and the answer carries the token of "
        "this notice. The quotation, her signature and her address stay behind.",
    )
    await stage.show_letter(told, "reply", KHALID.first_name)
    reply = told.letters["reply"]
    check(SARA.address not in reply.message.as_string(), "the citizen can see an address of staff")
    answered = str(reply.message["References"] or "")
    check(khalid.verdict.message_id in answered, "the answer does not stand in the citizen's own thread")
    stage.screen.verified("It stands in the citizen's own thread and shows no address of staff.")

    mail = letter(SARA, str(notice["Subject"]), THE_OUTCOME, stage.clock.now(), answers=notice)
    await stage.show_arrival(SARA, "orders with a word on the first line", mail, THE_OUTCOME)
    done = await stage.exchange(
        mail, {("resolved", "email", KHALID.address), ("staff_done", "email", SARA.address)}
    )
    ticket = await stage.ticket(number)
    check(ticket.state == "resolved", f"the ticket is {ticket.state}, not resolved")
    await stage.show_letter(done, "resolved", KHALID.first_name)
    stage.screen.verified(f"{number} is resolved, and closes after one business day unless Khalid objects.")


async def closed_and_rated(stage: Stage) -> None:
    """The clock is hurried from deadline to deadline."""
    stage.screen.act("Act 7: closed, and asked how it went")
    number = stage.exchanges["khalid"].verdict.ticket
    assert number is not None
    closes_at = await stage.due(number, RESOLVED_CLOSURE)
    await stage.step(f"Nobody objects until {stage.local(closes_at)}: the clock is hurried")
    await stage.hurry_to(closes_at)
    closed = await stage.letter_about("closed", number)
    ticket = await stage.ticket(number)
    check((ticket.state, ticket.close_reason) == ("closed", "resolved"), "the ticket did not close")
    stage.screen.quote((f"Subject: {closed.subject}",), "…")
    asks_at = await stage.due(number, SURVEY)
    await stage.step(f"One business day later, {stage.local(asks_at)}, the desk asks how it went")
    await stage.hurry_to(asks_at)
    asked = await stage.letter_about("survey", number)
    stage.screen.quote((f"Subject: {asked.subject}",), asked.text.partition("———")[0].strip())
    await stage.show_page("the survey's page", link_in(asked.text))
    check((await stage.ticket(number)).rating is None, "to look at the page was taken for an answer")

    mail = letter(KHALID, asked.subject, THE_RATING, stage.clock.now(), answers=asked.message)
    await stage.show_arrival(KHALID, "answers with a number; the link would do as well", mail, THE_RATING)
    told = await stage.exchange(mail, set())
    ticket = await stage.ticket(number)
    check(told.verdict.outcome == "rated", f"the answer was {told.verdict.outcome}, not a rating")
    check(ticket.rating == 5, f"the rating is {ticket.rating}, not 5")
    check(ticket.state == "closed", "the rating reopened the complaint")
    stage.screen.verified(f"{number} is rated 5 of 5 and stays closed: its whole life is told.")


ACTS: Sequence[Act] = (
    a_complaint_arrives,
    the_number_is_missing,
    the_same_request_again,
    a_machine_answers,
    a_call_by_telephone,
    staff_answer_by_mail,
    closed_and_rated,
    nobody_answers,
    escalated,
)
DAYS: Sequence[Act] = (the_days_go_by,)


async def _curtain(stage: Stage) -> None:
    stage.screen.act("What there is now")
    policy = stage.witness.policy
    stage.screen.table(
        ("NUMBER", "STATE", "REQUEST", "FIRST RESPONSE DUE", "PROCESSING DUE", "MAILS", "SUBJECT"),
        [
            (
                ticket.number,
                ticket.state,
                ticket.request_number or "-",
                _due(stage, first_response_due(ticket, policy)),
                _due(stage, processing_due(ticket, policy)),
                str(sum(one.ticket == ticket.number for one in await stage.witness.verdicts())),
                ticket.subject,
            )
            for ticket in await stage.witness.tickets()
        ],
    )
    slowest = max(
        found.letters[name].at - stage.post.accepted_at(found.verdict.message_id)
        for name, found in (
            ("received", stage.exchanges["khalid"]),
            ("info_requested", stage.exchanges["noura"]),
        )
    )
    stage.screen.line()
    stage.screen.tell(
        f"From mail to acknowledgement: {slowest:.2f} s at most. Everything told above was checked."
    )


def _due(stage: Stage, due: datetime | None) -> str:
    return stage.local(due) if due else "-"


def _promises(stage: Stage, ticket: Ticket) -> list[str]:
    policy = stage.witness.policy
    return [
        f"A person must have answered by {stage.local(first_response_due(ticket, policy))} (the guide: one "
        f"business day); processing takes {policy.processing_business_days} business days on average: "
        f"{stage.local(processing_due(ticket, policy))}."
    ]
