"""Owns one inbox row from its reading to its outcome: look up, gather the facts, ask the rules, write.

The rules are in `workflow`, the queries in `store`, the rows in `casework.records`. A function of the
transaction: the loop calls it, and whatever else must decide on something at once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from daemon.casework.deliveries import Aftermath
from daemon.casework.finding import route
from daemon.casework.quarantine import is_judging, judge, shown_subject
from daemon.casework.records import MOST_PARTICIPANTS, Records, is_words_of_staff
from daemon.casework.staff_mail import Tokens, handed_in, tokens_of, understand
from daemon.mail.meaning.citizen_words import SurveyAnswer
from daemon.mail.meaning.commands import Script, parse_commands
from daemon.mail.meaning.extraction import ExtractionPolicy
from daemon.mail.trust.tokens import Keyring, Scope
from daemon.mail.wire.thread_index import usable
from daemon.reading import filing
from daemon.reading.mail import Reading, display_name
from daemon.store import addresses, blocked, history, inbox, messages, outbox, participants, threads, tickets
from daemon.store.inbox import Outcome
from daemon.store.messages import Message, Part
from daemon.workflow import notices
from daemon.workflow.decide import decide
from daemon.workflow.events import (
    MailReceived,
    MailTooLarge,
    StaffHandedIn,
)
from daemon.workflow.model import Decision, Facts, Person
from daemon.workflow.passing_on import Filed, for_citizen, is_any_left_out
from daemon.workflow.policy import Policy
from daemon.workflow.saying import house, stamp
from daemon.workflow.staff import may_still_hold, ours, tell_of_files
from daemon.workflow.trust import Evidence, Treatment, treat


class Casework:
    """Settles rows inside the caller's transaction, under one policy."""

    def __init__(self, policy: Policy, records: Records, keys: Keyring, extraction: ExtractionPolicy) -> None:
        self._policy = policy
        self._records = records
        self._keys = keys
        self._extraction = extraction
        self._aftermath = Aftermath(policy, records)

    def settle(
        self,
        connection: Connection,
        row: inbox.Claimed,
        reading: Reading | None,
        ours: set[str],
        now: datetime,
    ) -> Outcome:
        """Decide on one row. `ours` are the Message-IDs in question that are ours."""
        if row.source == "delivery_failure":
            return self._aftermath.on_failure(connection, row, now)
        if row.source == "delivery_accepted":
            return self._aftermath.on_acceptance(connection, row, now)
        assert reading is not None
        return self._on_mail(connection, row, reading, ours, now)

    def set_aside(
        self, connection: Connection, row: inbox.Claimed, reason: str, now: datetime, detail: str = ""
    ) -> Outcome:
        """Keep whole what cannot be handled, and tell the operator."""
        told = f"{reason} {detail}".strip()
        self._records.alert(connection, "quarantine", f"inbox {row.id}: {told}", now)
        kind = "broken" if row.source in ("mail", "too_large") else None
        return Outcome("quarantined", kind, "quarantined", reason, [f"set aside: {told}"])

    def _on_mail(
        self, connection: Connection, row: inbox.Claimed, reading: Reading, ours: set[str], now: datetime
    ) -> Outcome:
        classified = reading.classification
        explanation = [f"classified {classified.kind}: {classified.reason or 'no sign of a machine'}"]
        if reading.mail.message_id in ours:
            treatment = Treatment("own", "record", "our_message_id")
        else:
            person = self._person(reading)
            held = tokens_of(reading, person, self._policy, self._keys, now)
            treatment = treat(self._evidence(connection, row, reading, person, held))
        explanation.append(f"sender: {reading.authenticity.why}")
        explanation.append(f"treated as {treatment.kind}: {treatment.action} ({treatment.reason})")
        if treatment.kind == "bounce":
            self._aftermath.on_bounce(connection, reading, ours, explanation, now)
        if treatment.action == "record":
            return Outcome("done", treatment.kind, "recorded", treatment.reason, explanation)
        if treatment.action == "quarantine":
            self._tell_of_quarantine(connection, row, reading, treatment, now)
            return Outcome("quarantined", treatment.kind, "quarantined", treatment.reason, explanation)
        if row.source == "too_large":
            return self._on_too_large(connection, row, reading, explanation, now)
        if treatment.action == "staff":
            assert person is not None
            text = "" if reading.mail.is_text_attached else reading.new_text.text
            script = parse_commands(text)
            if is_judging(script, held):
                return self._on_judging(connection, row, reading, person, held, script, explanation, now)
            return self._on_staff(connection, row, reading, person, held.held, explanation, now)
        return self._on_human(connection, row, reading, explanation, now)

    def _evidence(
        self,
        connection: Connection,
        row: inbox.Claimed,
        reading: Reading,
        person: Person | None,
        held: Tokens,
    ) -> Evidence:
        is_doubtful = reading.classification.kind == "human" and person is None and not row.was_released
        is_proven = reading.authenticity.authenticated
        return Evidence(
            kind=reading.classification.kind,
            reason=reading.classification.reason,
            has_sender=reading.mail.sender is not None,
            is_rostered=person is not None,
            is_active=person is None or person.is_active,
            has_token=held.held is not None or held.may_judge,
            has_stray_token=held.is_stray,
            is_authenticated=reading.authenticity.authenticated,
            dmarc=reading.authenticity.dmarc,
            is_spam=reading.authenticity.is_spam,
            is_blocked=is_doubtful
            and blocked.is_blocked(connection, reading.sender_email, is_proven=is_proven),
            was_released=row.was_released,
        )

    def _person(self, reading: Reading) -> Person | None:
        """The member of staff that the From address names, proved or not."""
        return next((one for one in self._policy.people if one.email == reading.staff_member), None)

    def _on_staff(
        self,
        connection: Connection,
        row: inbox.Claimed,
        reading: Reading,
        person: Person,
        scope: Scope | None,
        explanation: list[str],
        now: datetime,
    ) -> Outcome:
        """A member of staff answered one of our notices: relayed, obeyed, or explained to them."""
        if order := handed_in(reading, person, self._extraction, min(row.received_at, now)):
            return self._on_handed_in(connection, row, reading, order, explanation, now)
        found, goes_to_citizen = self._answered_notice(connection, reading, scope)
        explanation.append(f"about {found.ticket.number if found else 'no ticket of ours'}")
        event = understand(
            reading, person, scope, goes_to_citizen=goes_to_citizen, policy=self._policy, now=now
        )
        if scope and found and not may_still_hold(person, found.ticket, self._policy):
            explanation.append("its token is of a ticket that is no longer theirs")
            event = replace(event, has_token=False)
        if self._is_about_another(connection, reading, scope, found):
            explanation.append("it carries a token of that ticket, and is about another")
            event = replace(event, mistake="other_ticket", mistaken_command="", mistake_detail="")
        if found and self._was_carried_out(connection, reading, found):
            explanation.append("a mail of this Message-ID by the same person was carried out before")
            return Outcome("done", "staff", "recorded", "already_done", explanation, found.id)
        recent = self._records.recent(connection, reading.sender_email, None, reading.sender_domain, now)
        facts = Facts(recent=recent)
        if found:
            lines = [f"{one.note} [{one.state}]" for one in history.of_ticket(connection, found.id)]
            text = messages.first_text(connection, found.id)
            facts = replace(facts, ticket=found.ticket, first_text=text, history=tuple(lines))
        decision = decide(facts, event, self._policy, now)
        ticket_id, answer_files = None, tuple[Filed, ...]()
        if found and decision.outcome != "refused":
            ticket_id = self._records.write_ticket(connection, decision, found, "staff", now)
            at, number = min(row.received_at, now), found.ticket.number
            theirs = self._keep(connection, ticket_id, number, row, reading, at, is_staff=True)
            decision, answer_files = self._with_answer(decision, person, theirs)
        ticket_id = ticket_id or (found.id if found else None)
        # Whoever is assigned the ticket gets the whole case.
        is_handed_on = any(said.name == "staff_new" for said in decision.notifications)
        files = filing.of_ticket(connection, found.id) if found and is_handed_on else ()
        written = self._records.say(
            connection,
            f"inbox:{row.id}",
            decision,
            ticket_id,
            now,
            reading=reading,
            files=files,
            answer_files=answer_files,
        )
        explanation.append(f"decided: {decision.note}; said {_names(written)}")
        answered = any(said.recipient.lower() == reading.sender_email.lower() for said in written)
        return Outcome("done", "staff", decision.outcome, event.mistake, explanation, ticket_id, answered)

    def _with_answer(
        self, decision: Decision, writer: Person, files: tuple[Filed, ...]
    ) -> tuple[Decision, tuple[Filed, ...]]:
        """Which files of a staff mail go with its answer to the citizen; its writer is told of the others."""
        if not files or not any(is_words_of_staff(said) for said in decision.notifications):
            return decision, ()
        found = for_citizen(files, self._records.passing_on)
        if is_any_left_out(found) and decision.ticket is not None:
            told = tell_of_files(decision.ticket, writer, self._policy, found.values)
            decision = replace(decision, notifications=(*decision.notifications, told))
        return decision, found.carried

    def _on_judging(
        self,
        connection: Connection,
        row: inbox.Claimed,
        reading: Reading,
        person: Person,
        held: Tokens,
        script: Script,
        explanation: list[str],
        now: datetime,
    ) -> Outcome:
        """A member of staff releases or blocks what their team's digest listed."""
        recent = self._records.recent(connection, reading.sender_email, None, reading.sender_domain, now)
        decision = judge(
            connection,
            script,
            person,
            held,
            Facts(recent=recent),
            self._policy,
            now,
            is_authenticated=reading.authenticity.authenticated,
        )
        written = self._records.say(connection, f"inbox:{row.id}", decision, None, now, reading=reading)
        explanation.append(f"about quarantined mail: {decision.note}; said {_names(written)}")
        answered = any(said.recipient.lower() == reading.sender_email.lower() for said in written)
        return Outcome("done", "staff", decision.outcome, "quarantine", explanation, None, answered)

    def _on_handed_in(
        self,
        connection: Connection,
        row: inbox.Claimed,
        reading: Reading,
        event: StaffHandedIn,
        explanation: list[str],
        now: datetime,
    ) -> Outcome:
        """Staff forwarded a citizen's mail: a complaint of the citizen's, or one more about their request."""
        mail = event.mail
        explanation.append("handed in by staff on a citizen's behalf")
        tickets.lock_requester(connection, mail.sender_email)
        found = None
        if mail.request_number:
            found = tickets.by_request(connection, mail.sender_email, mail.request_number)
        if found:
            event = replace(event, mail=replace(mail, match="request"))
        domain = mail.sender_email.rpartition("@")[2].lower()
        facts = self._facts(connection, mail, found, None, domain, now)
        decision = decide(facts, event, self._policy, now)
        ticket_id, filed = None, tuple[Filed, ...]()
        if decision.ticket is not None:
            ticket_id = self._records.write_ticket(connection, decision, found, "staff", now)
            number = decision.ticket.number
            filed = self._keep_handed_in(connection, ticket_id, number, row, reading, mail)
        written = self._records.say(
            connection, f"inbox:{row.id}", decision, ticket_id, now, reading=reading, files=filed
        )
        explanation.append(f"decided: {decision.note}; said {_names(written)}")
        answered = any(said.recipient.lower() == reading.sender_email.lower() for said in written)
        return Outcome("done", "staff", decision.outcome, "behalf", explanation, ticket_id, answered)

    def _keep_handed_in(
        self,
        connection: Connection,
        ticket_id: int,
        number: str,
        row: inbox.Claimed,
        reading: Reading,
        mail: MailReceived,
    ) -> tuple[Filed, ...]:
        """As the citizen's own message. Without the staff mail's Message-ID: nothing that we tell the
        citizen may answer a mail they never saw."""
        kept_id = messages.add(
            connection,
            ticket_id,
            row.id,
            Message(
                at=mail.at,
                sender_email=mail.sender_email,
                sender_name=mail.sender_name,
                is_requester=True,
                subject=mail.subject,
                text=mail.text,
                new_text=mail.text,
                parts=_parts(reading),
            ),
        )
        return filing.write_down(connection, ticket_id, number, kept_id, reading.judged)

    def _answered_notice(
        self, connection: Connection, reading: Reading, scope: Scope | None
    ) -> tuple[tickets.Stored | None, bool]:
        """The ticket, and whether a plain answer goes to the citizen: as the token says, else as the
        answered notice was, else (a number in the subject) it stays internal."""
        if scope is not None:
            return self._of_token(connection, scope), scope.visibility == "citizen"
        for message_id in reading.candidates.replied_ids:
            notice = outbox.by_reference(connection, message_id)
            if notice is not None and notice.ticket_id and notice.audience == "staff":
                stored = tickets.by_id(connection, notice.ticket_id)
                return tickets.following(connection, stored), notices.of(notice.notification).is_relayed
        for number in reading.candidates.numbers:
            if stored := tickets.following(connection, tickets.by_number(connection, number)):
                return stored, False
        return None, False

    def _was_carried_out(self, connection: Connection, reading: Reading, found: tickets.Stored) -> bool:
        """Whether this is a staff mail once more with a blank appended, which relaxed DKIM lets pass."""
        own = reading.mail.message_id
        if not own:
            return False
        return messages.staff_said(connection, found.id, own, reading.sender_email)

    def _of_token(self, connection: Connection, scope: Scope) -> tickets.Stored | None:
        return tickets.following(connection, tickets.by_id(connection, scope.ticket_id))

    def _is_about_another(
        self, connection: Connection, reading: Reading, scope: Scope | None, found: tickets.Stored | None
    ) -> bool:
        """Whether a mail that carries a token is itself about another ticket: it answers that one's notice,
        or bears its number. A token in the wrong mail would send one citizen's words to another."""
        if scope is None or found is None:
            return False
        answered = (outbox.by_reference(connection, one) for one in reading.candidates.replied_ids[:1])
        about = [tickets.by_id(connection, one.ticket_id) for one in answered if one and one.ticket_id]
        about += [tickets.by_number(connection, number) for number in reading.candidates.numbers]
        theirs = [tickets.following(connection, one) for one in about if one is not None]
        return bool(theirs) and all(one is None or one.id != found.id for one in theirs)

    def _on_human(
        self,
        connection: Connection,
        row: inbox.Claimed,
        reading: Reading,
        explanation: list[str],
        now: datetime,
    ) -> Outcome:
        found, match, linked, why = route(connection, reading)
        explanation.append(why)
        mail = reading.mail
        rating = self._survey_answer(connection, reading)
        event = MailReceived(
            at=min(row.received_at, now),
            sender_email=reading.sender_email,
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
            is_authenticated=reading.authenticity.authenticated,
            survey_score=rating.score if rating else None,
            is_only_score=bool(rating and rating.is_only),
            survey_comment=rating.comment if rating else "",
            objects=bool(rating and rating.objects),
        )
        facts = self._facts(connection, event, found, linked, reading.sender_domain, now)
        decision = decide(facts, event, self._policy, now)
        ticket_id = self._records.write_ticket(connection, decision, found, "mail", now)
        assert decision.ticket is not None
        is_requester = (decision.ticket.requester.email or "").lower() == event.sender_email.lower()
        number = decision.ticket.number
        filed = self._keep(connection, ticket_id, number, row, reading, event.at, is_requester=is_requester)
        if is_requester and found and found.ticket.requester.is_email_dead:
            addresses.forget(connection, event.sender_email)
        copied = self._copied_in(reading, event.sender_email) if is_requester else []
        if copied:
            is_proved = event.is_authenticated
            participants.add(connection, ticket_id, copied, now, MOST_PARTICIPANTS, is_proved=is_proved)
        written = self._records.say(
            connection, f"inbox:{row.id}", decision, ticket_id, now, reading=reading, files=filed
        )
        explanation.append(f"decided: {decision.note}; said {_names(written)}")
        answered = any(said.audience == "requester" and not said.suppressed for said in written)
        return Outcome("done", "human", decision.outcome, match, explanation, ticket_id, answered)

    def _survey_answer(self, connection: Connection, reading: Reading) -> SurveyAnswer | None:
        """The number in an answer to our survey; in any other mail a number means nothing."""
        if reading.survey_answer is None or not reading.candidates.replied_ids:
            return None
        answered = outbox.by_reference(connection, reading.candidates.replied_ids[0])
        return reading.survey_answer if answered and notices.of(answered.notification).is_survey else None

    def _facts(
        self,
        connection: Connection,
        event: MailReceived,
        found: tickets.Stored | None,
        linked: str | None,
        domain: str,
        now: datetime,
    ) -> Facts:
        facts = Facts(ticket=found.ticket if found else None, linked_ticket=linked)
        if found and event.sender_email.lower() != (found.ticket.requester.email or "").lower():
            copied = participants.of_ticket(connection, found.id)
            facts = replace(facts, is_participant=event.sender_email.lower() in copied)
        if found is None or found.ticket.state == "closed":
            known, is_borrowed = tickets.known_phone(connection, event.sender_email)
            facts = replace(
                facts,
                new_number=self._records.new_number(connection, event.at),
                known_phone=known,
                is_phone_borrowed=is_borrowed,
            )
        phone = event.phone or facts.known_phone or (found.ticket.requester.phone if found else None)
        return replace(facts, recent=self._records.recent(connection, event.sender_email, phone, domain, now))

    def _copied_in(self, reading: Reading, requester: str) -> list[str]:
        """Whom the requester copied in: neither themselves nor anybody of ours."""
        nobody = ours(self._policy) | {requester.lower(), ""}
        mailbox = self._policy.mailbox_address.lower().partition("@")
        found = []
        for address in reading.mail.cc:
            local, _, domain = address.email.lower().rpartition("@")
            is_ours = (local.partition("+")[0], domain) == (mailbox[0], mailbox[2])
            if address.email.lower() not in nobody and not is_ours and len(address.email) <= 254:
                found.append(address.email)
        return found[:MOST_PARTICIPANTS]

    def _keep(
        self,
        connection: Connection,
        ticket_id: int,
        number: str,
        row: inbox.Claimed,
        reading: Reading,
        at: datetime,
        *,
        is_requester: bool = False,
        is_staff: bool = False,
    ) -> tuple[Filed, ...]:
        """The mail as one of the ticket's messages, with its files; a requester's also as part of their
        thread."""
        mail = reading.mail
        message_id = mail.message_id if mail.message_id and _is_storable(mail.message_id) else None
        kept_id = messages.add(
            connection,
            ticket_id,
            row.id,
            Message(
                at=at,
                sender_email=reading.sender_email,
                sender_name=display_name(reading),
                is_requester=is_requester,
                is_staff=is_staff,
                message_id=message_id,
                subject=mail.subject,
                text=mail.text,
                new_text=reading.new_text.text,
                parts=_parts(reading),
                thread_index=usable(mail.header("thread-index")),
            ),
        )
        filed = filing.write_down(connection, ticket_id, number, kept_id, reading.judged)
        if is_requester:
            ids = ([message_id] if message_id else []) + list(reading.candidates.replied_ids[:10])
            threads.add(connection, ticket_id, [found for found in ids if _is_storable(found)])
        return filed

    def _on_too_large(
        self,
        connection: Connection,
        row: inbox.Claimed,
        reading: Reading,
        explanation: list[str],
        now: datetime,
    ) -> Outcome:
        payload = row.payload or {}
        event = MailTooLarge(row.received_at, reading.sender_email, payload["size_mb"], payload["limit_mb"])
        found, _, _, why = route(connection, reading)
        explanation.append(why)
        recent = self._records.recent(connection, reading.sender_email, None, reading.sender_domain, now)
        decision = decide(Facts(found.ticket if found else None, recent=recent), event, self._policy, now)
        ticket_id = self._records.write_ticket(connection, decision, found, "mail", now) if found else None
        cause = f"inbox:{row.id}"
        written = self._records.say(connection, cause, decision, ticket_id, now, reading=reading)
        self._records.alert(connection, "too_large", f"inbox {row.id}: {event.size_mb} MB", now)
        explanation.append(f"over the limit of {event.limit_mb} MB: kept in quarantine, the writer was told")
        answered = any(not said.suppressed for said in written)
        return Outcome("quarantined", "human", "quarantined", "too_large", explanation, ticket_id, answered)

    def _tell_of_quarantine(
        self,
        connection: Connection,
        row: inbox.Claimed,
        reading: Reading,
        treatment: Treatment,
        now: datetime,
    ) -> None:
        if treatment.reason == "blocked":
            return  # quietly
        self._records.alert(connection, "quarantine", f"inbox {row.id}: {treatment.reason}", now)
        if treatment.reason != "staff_auth_failed" or not reading.staff_member:
            return
        values = house(self._policy) | {
            "reason": treatment.reason,
            "sender": reading.sender_email,
            "subject": shown_subject(reading.mail.subject),
            "received_at": stamp(row.received_at, self._policy),
            "quarantine_id": row.id,
        }
        # At most once an hour to one person: a forger must not flood them through us (DESIGN §2).
        self._records.notice(connection, "staff_quarantine", "staff", reading.staff_member, values, now)


def _parts(reading: Reading) -> tuple[Part, ...]:
    return tuple(Part(part.filename, part.content_type, part.size_bytes) for part in reading.mail.attachments)


def _is_storable(message_id: str) -> bool:
    """A line of mail has at most 998 octets (RFC 5322, 2.1.1); a longer id would also burst an index."""
    return len(message_id.encode("utf-8", "replace")) <= 998


def _names(written: list[outbox.ToSay]) -> str:
    return ", ".join(map(_name, written)) or "nothing"


def _name(said: outbox.ToSay) -> str:
    suppressed = f" (not sent: {said.suppressed})" if said.suppressed else ""
    return f"{said.notification} by {said.channel}{suppressed}"
