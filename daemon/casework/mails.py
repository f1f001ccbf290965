"""What becomes of an inbox row: treated by what its writer proved, then settled as a case of its kind.

The rules are in `workflow`, the rows in `casework.case`. Called inside the transaction: by the loop, and by
whatever else must decide on something at once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from daemon.casework import canaries, deliveries, dsn, receipts, staff_cases
from daemon.casework.case import MOST_PARTICIPANTS, Case, Cases
from daemon.casework.finding import route
from daemon.casework.incoming import oversize_of
from daemon.casework.letter import Letter
from daemon.casework.occasion import Occasion
from daemon.casework.quarantine import is_judging, shown_subject
from daemon.casework.staff_mail import Tokens, tokens_of
from daemon.mail.meaning.citizen_words import SurveyAnswer
from daemon.mail.meaning.commands import parse_commands
from daemon.mail.meaning.extraction_policy import ExtractionPolicy
from daemon.reading.mail import Reading, display_name
from daemon.sms.report import Fields
from daemon.store import blocked, inbox, outbox
from daemon.store.inbox import Outcome
from daemon.store.lost import first_life_of
from daemon.workflow import notices, steps
from daemon.workflow.events import MailReceived, MailTooLarge, Match
from daemon.workflow.model import Person
from daemon.workflow.naming import stamp
from daemon.workflow.policy import Policy
from daemon.workflow.staff import ours as addresses_of_ours
from daemon.workflow.steps import Step
from daemon.workflow.trust import Evidence, Treatment, treat


class Casework:
    """Settles rows inside the caller's transaction, under one policy. `declared`: how the SMS gateway reports
    that the configuration declares."""

    def __init__(self, cases: Cases, extraction: ExtractionPolicy, declared: Fields | None = None) -> None:
        self._cases = cases
        self._extraction = extraction
        self._declared = declared

    def settle(
        self,
        connection: Connection,
        row: inbox.Claimed,
        reading: Reading | None,
        ours: set[str],
        now: datetime,
    ) -> Outcome:
        """Decide on one row. `ours` are those of the bounced Message-IDs that are ours."""
        case = self._cases.at(connection, now)
        if row.source == deliveries.FAILED:
            return deliveries.on_failure(case, row)
        if row.source == deliveries.ACCEPTED:
            return deliveries.on_acceptance(case, row)
        if row.source == receipts.SOURCE:
            return receipts.on_receipt(case, row, self._declared)
        assert reading is not None
        letter = Letter(case, row, reading)
        if (canary := canaries.on_mail(letter)) is not None:
            return canary
        outcome = self._on_mail(letter, ours)
        return replace(outcome, proof=reading.authenticity.proof)

    def set_aside(
        self, connection: Connection, row: inbox.Claimed, reason: str, now: datetime, detail: str = ""
    ) -> Outcome:
        """Keep whole what cannot be handled, and tell the operator."""
        told = f"{reason} {detail}".strip()
        self._cases.at(connection, now).alert("quarantine", f"inbox {row.id}: {told}")
        kind = "broken" if row.source in ("mail", "too_large") else None
        explanation = [steps.packed(Step("set_aside", {"told": told}))]
        return Outcome("quarantined", kind, "quarantined", reason, explanation)

    def _on_mail(self, letter: Letter, ours: set[str]) -> Outcome:
        reading, policy = letter.reading, letter.case.policy
        classified = reading.classification
        if classified.reason:
            letter.step("classified_machine", mail_kind=classified.kind, sign=classified.reason)
        else:
            letter.step("classified_person", mail_kind=classified.kind)
        person = _person(reading, policy)
        held = tokens_of(reading, person, policy, letter.case.stationery, letter.case.now)
        # A Message-ID of ours on another's mail says nothing: anybody who got one may write it.
        treatment = treat(_evidence(letter, person, held))
        letter.step("sender", finding=reading.authenticity.why)
        kind, reason = treatment.kind, treatment.reason
        letter.step("treated", mail_kind=kind, treatment=treatment.action, grounds=reason)
        if letter.is_silent:
            letter.step("imported_silently")
        if treatment.kind == "bounce" and not letter.is_silent:
            deliveries.on_bounce(letter, ours)
            dsn.on_report(letter, ours)
        if treatment.action == "record":
            return Outcome("done", kind, "recorded", reason, letter.explanation)
        if treatment.action == "staff" and letter.is_silent:
            # What a member of staff once wrote is no order of today.
            return Outcome("done", kind, "recorded", reason, letter.explanation)
        if treatment.action == "quarantine":
            _tell_of_quarantine(letter, treatment)
            return Outcome("quarantined", kind, "quarantined", reason, letter.explanation)
        if letter.row.source == "too_large":
            return _on_too_large(letter)
        if treatment.action == "staff":
            assert person is not None
            return self._on_staff(letter, person, held)
        return _on_human(letter)

    def _on_staff(self, letter: Letter, person: Person, held: Tokens) -> Outcome:
        """A member of staff judges what was set aside, hands in a citizen's mail, or answers a notice."""
        reading = letter.reading
        script = parse_commands("" if reading.mail.is_text_attached else reading.new_text.text)
        if is_judging(script, held):
            return staff_cases.on_judging(letter, person, held, script)
        return staff_cases.on_staff(letter, person, held, self._extraction)


def _person(reading: Reading, policy: Policy) -> Person | None:
    """The member of staff that the From address names, proved or not."""
    return next((one for one in policy.people if one.email == reading.staff_member), None)


def _evidence(letter: Letter, person: Person | None, held: Tokens) -> Evidence:
    reading, was_released = letter.reading, letter.row.was_released
    is_doubtful = reading.classification.kind == "human" and person is None and not was_released
    return Evidence(
        kind=reading.classification.kind,
        reason=reading.classification.reason,
        has_sender=reading.mail.sender is not None,
        is_rostered=person is not None,
        is_active=person is None or person.is_active,
        has_token=held.held is not None or held.may_judge,
        has_stray_token=held.is_stray,
        is_authenticated=letter.is_authenticated,
        dmarc=reading.authenticity.dmarc,
        is_spam=reading.authenticity.is_spam,
        is_blocked=is_doubtful
        and blocked.is_blocked(letter.case.connection, letter.email, is_proven=letter.is_authenticated),
        was_released=was_released,
    )


# --- a person wrote -----------------------------------------------------------------------------------


def _on_human(letter: Letter) -> Outcome:
    """A citizen's mail: a new complaint, or one more word about one."""
    routed = route(letter.case.connection, letter.reading)
    letter.note(steps.packed(routed.why))
    occasion = Occasion(
        "mail",
        _received(letter, routed.match),
        routed.found,
        letter.row.id,
        words=letter.words(copied_in=_copied_in(letter)),
        answered=letter.answered(),
        linked=routed.linked,
        first_life=first_life_of(letter.row.payload),
    )
    settled = letter.case.settle(occasion)
    return letter.outcome(settled, "human", routed.match, answered=settled.answered_requester)


def _received(letter: Letter, match: Match) -> MailReceived:
    reading, mail = letter.reading, letter.reading.mail
    rating = _survey_answer(letter.case, reading)
    return MailReceived(
        at=letter.at,
        sender_email=letter.email,
        sender_name=display_name(reading),
        subject=mail.subject,
        text=mail.text,
        new_text=reading.new_text.text,
        is_new_text_certain=reading.new_text.certain,
        match=match,
        attachments=tuple(attachment.filename for attachment in mail.attachments),
        request_number=reading.extracted.request_number,
        answer_number=reading.answer_number,
        phone=reading.extracted.phone,
        category=reading.extracted.category,
        is_thanks=reading.is_thanks,
        wants_escalation=reading.wants_escalation,
        asks_status=reading.asks_status,
        privacy_wish=reading.privacy_wish,
        is_authenticated=letter.is_authenticated,
        is_silent=letter.is_silent,
        survey_score=rating.score if rating else None,
        is_only_score=bool(rating and rating.is_only),
        survey_comment=rating.comment if rating else "",
        objects=bool(rating and rating.objects),
        language=reading.language,
    )


def _survey_answer(case: Case, reading: Reading) -> SurveyAnswer | None:
    """The number in an answer to our survey; in any other mail a number means nothing."""
    if reading.survey_answer is None or not reading.candidates.replied_ids:
        return None
    answered = outbox.by_reference(case.connection, reading.candidates.replied_ids[0])
    return reading.survey_answer if answered and notices.of(answered.notification).is_survey else None


def _copied_in(letter: Letter) -> tuple[str, ...]:
    """Whom the writer copied in: neither themselves nor anybody of ours."""
    policy = letter.case.policy
    nobody = addresses_of_ours(policy) | {letter.email.lower(), ""}
    mailbox = policy.mailbox_address.lower().partition("@")
    found = []
    for address in letter.reading.mail.cc:
        local, _, domain = address.email.lower().rpartition("@")
        is_ours = (local.partition("+")[0], domain) == (mailbox[0], mailbox[2])
        if address.email.lower() not in nobody and not is_ours and len(address.email) <= 254:
            found.append(address.email)
    return tuple(found[:MOST_PARTICIPANTS])


def _on_too_large(letter: Letter) -> Outcome:
    """A mail of which only the header is here: its writer is told, the whole stays in quarantine."""
    case, row, size = letter.case, letter.row, oversize_of(letter.row)
    if letter.is_silent:
        letter.step("too_large_kept", megabytes=size.limit_mb)
        return Outcome("quarantined", "human", "quarantined", "too_large", letter.explanation)
    routed = route(case.connection, letter.reading)
    letter.note(steps.packed(routed.why))
    event = MailTooLarge(row.received_at, letter.email, size.size_mb, size.limit_mb)
    settled = case.settle(Occasion("mail", event, routed.found, row.id, answered=letter.answered()))
    case.alert("too_large", f"inbox {row.id}: {event.size_mb} MB")
    letter.step("too_large_told", megabytes=event.limit_mb)
    answered = any(not said.suppressed for said in settled.said)
    reason, explanation = "too_large", letter.explanation
    return Outcome("quarantined", "human", "quarantined", reason, explanation, settled.ticket_id, answered)


def _tell_of_quarantine(letter: Letter, treatment: Treatment) -> None:
    case, row, reading = letter.case, letter.row, letter.reading
    if treatment.reason == "blocked":
        return  # quietly
    case.alert("quarantine", f"inbox {row.id}: {treatment.reason}")
    if treatment.reason != "staff_auth_failed" or not reading.staff_member or letter.is_silent:
        return
    # At most once an hour to one person: a forger must not flood them through us (DESIGN §2).
    case.notify(
        "staff_quarantine",
        "staff",
        reading.staff_member,
        {
            "reason": treatment.reason,
            "verdict": reading.authenticity.verdict,
            "sender": letter.email,
            "subject": shown_subject(reading.mail.subject),
            "received_at": stamp(row.received_at, case.policy),
            "quarantine_id": row.id,
        },
    )
