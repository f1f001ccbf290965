"""Treats a mail from a member of staff as a case: it is relayed, obeyed, or explained to them; or it hands in
a citizen's mail; or it judges what was set aside.

`casework.staff_mail` understands what the mail says; `workflow.staff` judges what may be done.
"""

from __future__ import annotations

from dataclasses import replace

from daemon.casework import ledger
from daemon.casework.finding import answered_notice, is_about_another, was_carried_out
from daemon.casework.ledger import Reached
from daemon.casework.letter import Letter
from daemon.casework.occasion import Occasion, Settled, Words
from daemon.casework.quarantine import judge
from daemon.casework.saying import Speech, steps_of
from daemon.casework.staff_mail import Tokens, handed_in, understand
from daemon.mail.meaning.commands import Script
from daemon.mail.meaning.extraction_policy import ExtractionPolicy
from daemon.store import tickets
from daemon.store.inbox import Outcome
from daemon.store.lost import first_life_of
from daemon.store.messages import Message
from daemon.workflow.budgets import of_writer
from daemon.workflow.events import MailReceived, StaffHandedIn, StaffWrote
from daemon.workflow.model import Facts, Person
from daemon.workflow.staff_proofs import may_still_hold


def on_staff(letter: Letter, person: Person, held: Tokens, extraction: ExtractionPolicy) -> Outcome:
    """A member of staff answered one of our notices, or hands in a citizen's mail."""
    case, reading, row, scope = letter.case, letter.reading, letter.row, held.held
    if order := handed_in(reading, person, extraction, letter.at):
        return _on_handed_in(letter, order)
    # A colleague's reply address opens nothing that is theirs, but it says which ticket is meant.
    notice = answered_notice(case.connection, reading, scope or held.of_colleague)
    found = notice.found
    if found:
        letter.step("about", ticket=found.ticket.number)
    else:
        letter.step("about_nothing")
    goes_to_citizen = notice.goes_to_citizen
    event = understand(
        reading, person, scope, goes_to_citizen=goes_to_citizen, policy=case.policy, now=case.now
    )
    if scope and found and not may_still_hold(person, found.ticket, case.policy):
        letter.step("token_no_longer_theirs")
        event = replace(event, has_token=False, has_anothers_token=True)
    elif found and (of_colleague := held.of_colleague):
        letter.step("address_of_colleague")
        event = replace(event, has_anothers_token=of_colleague.ticket_id == found.id)
    if is_about_another(case.connection, reading, scope or held.of_colleague, found):
        letter.step("token_of_another")
        event = replace(event, mistake="other_ticket", mistaken_command="", mistake_detail="")
    if found and was_carried_out(case.connection, reading, found):
        letter.step("carried_out_before")
        return Outcome("done", "staff", "recorded", "already_done", letter.explanation, found.id)
    words, answered = letter.words(is_staff=True), letter.answered()
    occasion = Occasion(
        "staff", event, found, row.id, words=words, answered=answered, notice_at=notice.written_at
    )
    settled = case.settle(occasion)
    return letter.outcome(settled, "staff", event.mistake, answered=settled.reached(letter.email))


def _on_handed_in(letter: Letter, event: StaffHandedIn) -> Outcome:
    """Staff forwarded a citizen's mail: a complaint of the citizen's, or one more about their request."""
    case, mail = letter.case, event.mail
    letter.step("on_behalf")
    tickets.lock_requester(case.connection, mail.sender_email)
    found, linked = None, None
    if request := mail.request_number:
        # Staff say whose it is; nothing proves that it is not a deceiver who wrote to them.
        found = tickets.by_request(case.connection, mail.sender_email, request, is_proved=False)
        linked = tickets.number_by_request(case.connection, mail.sender_email, request)
    if found:
        event = replace(event, mail=replace(mail, match="request"))
    words, answered = _of_citizen(letter, mail), letter.answered()
    occasion = Occasion(
        "staff",
        event,
        found,
        letter.row.id,
        words=words,
        answered=answered,
        linked=None if found else linked,
        first_life=first_life_of(letter.row.payload),
    )
    settled = case.settle(occasion)
    return letter.outcome(settled, "staff", "behalf", answered=settled.reached(letter.email))


def _of_citizen(letter: Letter, mail: MailReceived) -> Words:
    """As the citizen's own message. Without the staff mail's Message-ID: nothing that we tell the citizen may
    answer a mail they never saw."""
    message = Message(
        at=mail.at,
        text=mail.text,
        new_text=mail.text,
        sender_email=mail.sender_email,
        sender_name=mail.sender_name,
        subject=mail.subject,
        parts=letter.parts(),
    )
    return Words(message, "requester", judged=letter.reading.judged)


def on_judging(letter: Letter, person: Person, held: Tokens, script: Script) -> Outcome:
    """A member of staff releases or blocks what their team's digest listed."""
    case = letter.case
    is_provable = case.policy.proves_citizens
    account = of_writer(letter.email, is_proved=letter.is_authenticated, is_provable=is_provable)
    whom = Reached(letter.email, account=account)
    recent = ledger.recent(case.connection, whom, case.policy, case.now)
    is_proved = letter.is_authenticated
    event = StaffWrote(
        case.now,
        person,
        is_authenticated=is_proved,
        has_token=held.may_judge,
        verdict=letter.reading.authenticity.verdict,
    )
    decision = judge(case.connection, script, event, Facts(recent=recent), case.policy)
    said = case.say(Speech(f"inbox:{letter.row.id}", decision, None, letter.answered(), account=account))
    settled = Settled(decision, None, tuple(said))
    letter.step("about_quarantine")
    letter.note(decision.note)
    letter.explanation.extend(steps_of(said))
    answered = settled.reached(letter.email)
    return Outcome("done", "staff", decision.outcome, "quarantine", letter.explanation, None, answered)
