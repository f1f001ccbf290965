"""The acts in which days pass: a question without an answer, an escalation, and every deadline."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta

from daemon.sandbox.messages import (
    ACCEPTED,
    FAHD,
    FOLLOW_UP,
    MONA,
    TEAM,
    THE_OUTCOME_OF_ESCALATION,
    THE_WISH_TO_ESCALATE,
    WITHOUT_A_NUMBER,
    letter,
)
from daemon.sandbox.pages import link_in
from daemon.sandbox.stage import PATIENCE_S, Stage, check
from daemon.sandbox.witness import Due, Note
from daemon.workflow.deadline_kinds import INFO_WARNING, NO_RESPONSE, SPEAKING

TOLD_AGAIN = {"breach_told_again", "standstill_told"}
"""What is told every few days for as long as nobody acts."""


async def nobody_answers(stage: Stage) -> None:
    """Asked, reminded, closed: the guide's way with a complaint that lacks its number."""
    stage.screen.act("Act 8: nobody answers the question")
    mail = letter(FAHD, "طلب متأخر", WITHOUT_A_NUMBER, stage.clock.now())
    await stage.show_arrival(FAHD, "writes to the desk, and then no more", mail, WITHOUT_A_NUMBER)
    asked = await stage.exchange(
        mail,
        {
            ("info_requested", "email", FAHD.address),
            ("info_requested", "sms", FAHD.mobile),
            ("staff_new", "email", TEAM),
        },
    )
    number = asked.verdict.ticket
    assert number is not None
    stage.exchanges["fahd"] = asked

    warned_at = await stage.due(number, INFO_WARNING)
    await stage.step(
        f"He is silent until {stage.local(warned_at)}: he is asked once more, and told what follows"
    )
    await stage.hurry_to(warned_at)
    warning = await stage.letter_about("info_warning", number)
    stage.screen.quote((f"Subject: {warning.subject}",), warning.text.partition("———")[0].strip())
    stage.letters["fahd warned"] = warning
    told = await stage.sms_about("info_warning", number)
    stage.screen.verified(f"It went by e-mail, and by SMS to {told.number}.")

    closes_at = await stage.due(number, NO_RESPONSE)
    await stage.step(f"Three business days after that was accepted, {stage.local(closes_at)}, it is closed")
    await stage.hurry_to(closes_at)
    closed = await stage.letter_about("closed_no_response", number)
    ticket = await stage.ticket(number)
    check(
        (ticket.state, ticket.close_reason) == ("closed", "no_response"), "it was not closed for no response"
    )
    stage.screen.quote((f"Subject: {closed.subject}",), closed.text.partition("———")[0].strip())
    stage.letters["fahd closed"] = closed
    stage.screen.verified(f"{number} is closed for no response, and he was told so.")


async def escalated(stage: Stage) -> None:
    """The guide's second case: a closure without processing."""
    stage.screen.act("Act 9: an escalation")
    number, notice = stage.exchanges["fahd"].verdict.ticket, stage.letters["fahd closed"].message
    assert number is not None
    mail = letter(FAHD, str(notice["Subject"]), THE_WISH_TO_ESCALATE, stage.clock.now(), answers=notice)
    await stage.show_arrival(FAHD, "answers the closure", mail, THE_WISH_TO_ESCALATE)
    raised = await stage.exchange(
        mail,
        {
            ("escalation_received", "email", FAHD.address),
            ("staff_escalated", "email", FOLLOW_UP),
            ("staff_update", "email", TEAM),
        },
    )
    ticket = await stage.ticket(number)
    check(ticket.escalation == "raised", f"the escalation is {ticket.escalation or 'not there'}")
    await stage.show_letter(raised, "escalation_received", FAHD.first_name)
    stage.screen.verified("The wish counts, because the complaint was closed without processing (the guide).")

    asked = raised.letters["staff_escalated"].message
    mail = letter(MONA, str(asked["Subject"]), ACCEPTED, stage.clock.now(), answers=asked)
    await stage.show_arrival(MONA, "of the team for escalations takes it", mail, ACCEPTED)
    accepted = await stage.exchange(
        mail,
        {
            ("escalation_outcome", "email", FAHD.address),
            ("escalation_outcome", "sms", FAHD.mobile),
            ("staff_new", "email", MONA.address),
            ("staff_note", "email", TEAM),  # whose complaint it was
        },
    )
    ticket = await stage.ticket(number)
    check(ticket.escalation == "accepted", f"the escalation is {ticket.escalation}, not accepted")
    await stage.show_letter(accepted, "escalation_outcome", FAHD.first_name)
    stage.screen.verified(f"{number} is hers now; whatever Fahd writes reaches her.")

    asked = accepted.letters["staff_new"].message
    mail = letter(MONA, str(asked["Subject"]), THE_OUTCOME_OF_ESCALATION, stage.clock.now(), answers=asked)
    await stage.show_arrival(MONA, "says what came of it", mail, THE_OUTCOME_OF_ESCALATION)
    done = await stage.exchange(
        mail, {("resolved", "email", FAHD.address), ("staff_done", "email", MONA.address)}
    )
    ticket = await stage.ticket(number)
    check((ticket.state, ticket.escalation) == ("resolved", "done"), "the escalation has no end")
    await stage.show_letter(done, "resolved", FAHD.first_name)
    page = await stage.show_page(
        "his status page, which the reminder named", link_in(stage.letters["fahd warned"].text)
    )
    check(number in page, "the page does not hold the number")
    stage.screen.verified("His page shows the same.")


async def the_days_go_by(stage: Stage) -> None:
    """The clock is hurried; nobody of staff answers, so that every deadline there is falls due."""
    assert stage.days_in_s is not None
    stage.screen.act("Act 10: the days go by")
    promised = await stage.witness.deadlines()
    speed = stage.speed
    await stage.step(
        f"Nobody answers. From here {stage.witness.policy.processing_business_days} business days pass in "
        f"about {stage.days_in_s:.0f} s",
        f"One second is {speed / 3600:.1f} hours. Deadlines are rows in the database, so a clock that runs "
        "differently loses none and fires none twice. Only business days count; Friday and Saturday do not.",
    )
    before = {note.id for note in await stage.witness.notes()}
    stage.clock.run_at(speed)
    stage.post.on_letter = lambda letter: stage.screen.tell(
        f"            to {letter.recipient}: {letter.subject}"
    )
    stage.phones.on_sms = lambda sms: stage.screen.tell(f"            SMS to {sms.number}: {sms.text}")
    try:
        seen = await _watch_the_days(stage, promised, before, speed)
        await stage.until(stage.nothing_unsaid, "what the desk had to say")
    finally:
        stage.clock.run_at(1.0)
        stage.post.on_letter, stage.phones.on_sms = lambda letter: None, lambda sms: None
    for due in promised:
        _verify_noticed(due, seen, timedelta(seconds=speed))
    once = [(note.ticket, note.note) for note in seen if not TOLD_AGAIN & set(note.codes)]
    check(len(set(once)) == len(once), "a deadline fired twice")
    stage.screen.verified(f"Each of the {len(promised)} deadlines fell due once, and none before its time.")


async def _watch_the_days(
    stage: Stage, promised: Sequence[Due], before: set[int], speed: float
) -> list[Note]:
    """Tell each day and each history line until the days are over and every promised deadline is gone."""
    assert stage.days_in_s is not None
    policy, calendar = stage.witness.policy, stage.witness.policy.calendar
    zone = calendar.timezone
    over_at = calendar.add_business_days(stage.clock.now(), policy.processing_business_days)
    give_up_at = time.monotonic() + 3 * stage.days_in_s + PATIENCE_S
    open_keys = set(promised)  # with their times: what is told again and again never stands at the same one
    seen: list[Note] = []
    today = stage.clock.now().astimezone(zone).date()
    while open_keys or stage.clock.now() < over_at:
        late = sorted((due.ticket, due.kind) for due in open_keys)
        check(time.monotonic() < give_up_at, f"deadlines did not fall due: {late}")
        await asyncio.sleep(min(0.1, 3600 / speed))
        day = stage.clock.now().astimezone(zone).date()
        while today < day:  # on a busy machine more than one day may lie between two looks
            today += timedelta(days=1)
            worked = calendar.is_business_day(today)
            stage.screen.tell(f"{today:%a %d %b}  " + ("a business day" if worked else "not a business day"))
        # The deadlines before the notes: what has left the first is then surely in the second.
        standing = set(await stage.witness.deadlines())
        for note in await stage.witness.notes():
            if note.id not in before:
                before.add(note.id)
                seen.append(note)
                at = note.at.astimezone(zone)
                stage.screen.tell(f"            {at:%a %d %b %H:%M}  {note.ticket}: {note.note}")
        open_keys &= standing
    return seen


def _verify_noticed(due: Due, seen: Sequence[Note], one_second: timedelta) -> None:
    """The first history line of that ticket after the due time is there, and soon."""
    noted = [note.at for note in seen if note.ticket == due.ticket and note.at >= due.due_at]
    check(bool(noted), f"{due.ticket}: {due.kind} was not noted after it was due")
    late = min(noted) - due.due_at
    # What the machine needs for one look is hours on the hurried clock.
    # What speaks to a citizen may have to wait for the morning of the next business day.
    night = timedelta(days=4) if due.kind in SPEAKING else timedelta()
    check(late < 5 * one_second + night, f"{due.ticket}: {due.kind} was noted {late} late")
