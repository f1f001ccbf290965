"""Owns the order of work on one inbox row or due deadline: read, look up, decide, write, all at once.

The rules are in `workflow`, the queries in `store`; this module gathers the facts, asks, and writes
ticket, history, deadlines and outbox in one transaction with "this row is done" (STYLE §4).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from daemon.clock import Clock
from daemon.loops.reading import Reading, ReadingRules, display_name, read
from daemon.store import deadlines, inbox, outbox, tickets
from daemon.store.database import Database, is_outage
from daemon.store.liveness import Liveness
from daemon.traces import where
from daemon.workflow.deadlines import open_deadlines
from daemon.workflow.decide import decide
from daemon.workflow.events import DeadlineReached, DeliveryFailed, MailReceived, MailTooLarge, Match
from daemon.workflow.model import Decision, Facts, Notification, Recent
from daemon.workflow.policy import Policy
from daemon.workflow.saying import house, stamp
from daemon.workflow.ticket_number import format_number
from daemon.workflow.trust import Evidence, Treatment, treat

log = logging.getLogger(__name__)

HOUR = timedelta(hours=1)
BATCH = 50
TRIES = 3
"""A row on which deciding itself failed so often is set aside with an alert."""
MAX_REFERENCES = 20


@dataclass(frozen=True, slots=True)
class DeskRules:
    """Everything the desk is set up with. `policy` is the workflow's, `reading` the mail's."""

    policy: Policy
    reading: ReadingRules


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one inbox row, as it is written on the row."""

    state: str
    kind: str | None
    outcome: str
    reason: str
    explanation: list[str]
    ticket_id: int | None = None
    answered: bool = False


class Desk:
    """Decides on inbox rows and due deadlines; any number of desks on any number of machines agree."""

    name = "desk"
    idle_s = 5.0

    def __init__(
        self,
        database: Database,
        liveness: Liveness,
        rules: DeskRules,
        clock: Clock,
        *,
        on_decided: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._liveness = liveness
        self.rules = rules
        self._clock = clock
        self.on_decided = on_decided
        self.wake = asyncio.Event()
        self._is_clean = True

    async def step(self) -> bool:
        """One batch of inbox rows, then one of due deadlines. True where there was anything to do."""
        found = await self._inbox_step()
        return await self._deadline_step() or found

    # --- inbox rows ---------------------------------------------------------------------------------

    async def _inbox_step(self) -> bool:
        owner = self._liveness.owner
        if not self._is_clean:
            # The store cut the last step short: what it left claimed is ours to give back.
            await self._database.transact(inbox.give_back, owner, self._clock.now())
        self._is_clean = False
        rows = await self._database.transact(inbox.claim, owner, self._clock.now(), limit=BATCH)
        found = await self._settle_batch(owner, rows) if rows else False
        self._is_clean = True
        return found

    async def _settle_batch(self, owner: str, rows: Sequence[inbox.Claimed]) -> bool:
        readings = await asyncio.to_thread(self._read_all, rows)
        failed = await self._database.transact(self._settle_all, owner, rows, readings)
        for row, error in failed:
            await self._database.transact(self._settle_failure, owner, row, error)
        self.on_decided()
        return True

    def _read_all(self, rows: Sequence[inbox.Claimed]) -> list[Reading | Exception | None]:
        return [self._read(row) for row in rows]

    def _read(self, row: inbox.Claimed) -> Reading | Exception | None:
        if row.source not in ("mail", "too_large") or row.attempts > inbox.MAX_ATTEMPTS:
            return None
        try:
            return read(row.raw, self.rules.reading)
        except Exception as error:  # noqa: BLE001
            # Reading is total; if it is not, that is a bug, and this mail must not stop the others.
            return error

    def _settle_all(
        self,
        connection: Connection,
        owner: str,
        rows: Sequence[inbox.Claimed],
        readings: Sequence[Reading | Exception | None],
    ) -> list[tuple[inbox.Claimed, Exception]]:
        """Settle each row in a savepoint of its own, all in one commit; return those that failed."""
        ours = _our_references(connection, readings)
        failed: list[tuple[inbox.Claimed, Exception]] = []
        for row, reading in zip(rows, readings, strict=True):
            try:
                with connection.begin_nested():
                    self._settle(connection, owner, row, reading, ours)
            except inbox.ClaimLost:
                continue  # another process has it
            except Exception as error:
                if is_outage(error):
                    raise  # the store is at fault, not this item
                failed.append((row, error))
        return failed

    def _settle(
        self,
        connection: Connection,
        owner: str,
        row: inbox.Claimed,
        reading: Reading | Exception | None,
        ours: set[str],
    ) -> None:
        if isinstance(reading, Exception):
            raise reading
        now = self._clock.now()
        if row.attempts > inbox.MAX_ATTEMPTS:
            outcome = self._set_aside(connection, row, "stopped_the_process", now)
        elif row.source == "delivery_failure":
            outcome = self._on_delivery_failure(connection, row, now)
        else:
            assert reading is not None
            outcome = self._on_mail(connection, row, reading, ours, now)
        _finish(connection, owner, row, outcome, now)

    def _settle_failure(
        self, connection: Connection, owner: str, row: inbox.Claimed, error: Exception
    ) -> None:
        """Deciding on this one row failed: later again, finally aside, always told."""
        log.error("inbox row failed: %s", where(error), extra={"inbox_id": row.id})
        now = self._clock.now()
        reason = f"{type(error).__name__}"
        if row.attempts < TRIES:
            inbox.put_off(connection, owner, row.id, reason, now + timedelta(seconds=10 * 6**row.attempts))
            return
        outcome = self._set_aside(connection, row, "failed", now, detail=reason)
        with contextlib.suppress(inbox.ClaimLost):
            _finish(connection, owner, row, outcome, now)

    def _set_aside(
        self, connection: Connection, row: inbox.Claimed, reason: str, now: datetime, detail: str = ""
    ) -> Outcome:
        self.alert(connection, "quarantine", f"inbox {row.id}: {reason} {detail}".strip(), now)
        kind = None if row.source == "delivery_failure" else "broken"
        return Outcome("quarantined", kind, "quarantined", reason, [f"set aside: {reason} {detail}".strip()])

    # --- a mail -------------------------------------------------------------------------------------

    def _on_mail(
        self, connection: Connection, row: inbox.Claimed, reading: Reading, ours: set[str], now: datetime
    ) -> Outcome:
        classified = reading.classification
        explanation = [f"classified {classified.kind}: {classified.reason or 'no sign of a machine'}"]
        if reading.mail.message_id in ours:
            treatment = Treatment("own", "record", "our_message_id")
        else:
            treatment = treat(self._evidence(row, reading))
        explanation.append(f"sender: {reading.authenticity.why}")
        explanation.append(f"treated as {treatment.kind}: {treatment.action} ({treatment.reason})")
        if treatment.kind == "bounce":
            self._on_bounce(connection, reading, ours, explanation, now)
        if treatment.action == "record":
            return Outcome("done", treatment.kind, "recorded", treatment.reason, explanation)
        if treatment.action == "quarantine":
            self._tell_of_quarantine(connection, row, reading, treatment, now)
            return Outcome("quarantined", treatment.kind, "quarantined", treatment.reason, explanation)
        if row.source == "too_large":
            return self._on_too_large(connection, row, reading, explanation, now)
        return self._on_human(connection, row, reading, explanation, now)

    def _evidence(self, row: inbox.Claimed, reading: Reading) -> Evidence:
        return Evidence(
            kind=reading.classification.kind,
            reason=reading.classification.reason,
            has_sender=reading.mail.sender is not None,
            is_rostered=reading.staff_member is not None,
            is_authenticated=reading.authenticity.authenticated,
            dmarc=reading.authenticity.dmarc,
            is_spam=reading.authenticity.is_spam,
            was_released=row.was_released,
        )

    def _on_human(
        self,
        connection: Connection,
        row: inbox.Claimed,
        reading: Reading,
        explanation: list[str],
        now: datetime,
    ) -> Outcome:
        found, match, linked, why = self._route(connection, reading)
        explanation.append(why)
        mail = reading.mail
        event = MailReceived(
            at=min(row.received_at, now),
            sender_email=reading.sender_email,
            sender_name=display_name(reading),
            subject=mail.subject,
            text=mail.text,
            new_text=reading.new_text.text,
            match=match,
            attachments=tuple(attachment.filename for attachment in mail.attachments),
            request_number=reading.extracted.request_number,
            answer_number=reading.answer_number,
            phone=reading.extracted.phone,
            category=reading.extracted.category,
            is_thanks=reading.is_thanks,
            is_authenticated=reading.authenticity.authenticated,
        )
        facts = self._facts(connection, event, found, linked, reading.sender_domain, now)
        decision = decide(facts, event, self.rules.policy, now)
        ticket_id = self._write_ticket(connection, decision, found, "mail", now)
        self._keep_message(connection, ticket_id, row, reading, event, decision)
        written = self._say(connection, f"inbox:{row.id}", decision, ticket_id, now, reading=reading)
        explanation.append(
            f"decided: {decision.note}; said {', '.join(said.notification for said in written) or 'nothing'}"
        )
        answered = any(said.audience == "requester" and not said.suppressed for said in written)
        return Outcome("done", "human", decision.outcome, match, explanation, ticket_id, answered)

    def _route(
        self, connection: Connection, reading: Reading
    ) -> tuple[tickets.Stored | None, Match, str | None, str]:
        """DESIGN §3's routing order. Returns the ticket, the rule, a number to link, and the reason."""
        email = reading.sender_email
        tickets.lock_requester(connection, email)
        found = reading.candidates
        replied = list(found.replied_ids)
        if replied and (stored := tickets.by_our_message(connection, replied)):
            return stored, "reply", None, f"routed: answers a mail of ours about {stored.ticket.number}"
        if replied and (stored := tickets.by_their_thread(connection, replied, email)):
            return stored, "reply", None, f"routed: same thread and writer as {stored.ticket.number}"
        if stored := self._overtaken(connection, reading):
            return stored, "reply", None, f"routed: its answer came before it, to {stored.ticket.number}"
        linked = None
        for number in found.numbers:
            stored = tickets.by_number(connection, number)
            if stored and (stored.ticket.requester.email or "").lower() == email.lower():
                return stored, "number", None, f"routed: the requester names {number} in the subject"
            linked = linked or (number if stored else None)
        request = reading.extracted.request_number
        if request and (stored := tickets.by_request(connection, email, request)):
            return (
                stored,
                "request",
                None,
                f"routed: same requester and request number as {stored.ticket.number}",
            )
        for number in found.body_numbers:
            linked = linked or (number if tickets.by_number(connection, number) else None)
        why = (
            f"routed: new; a stranger names {linked}, linked for staff"
            if linked
            else "routed: new, no trace of an earlier mail"
        )
        return None, "none", linked, why

    def _overtaken(self, connection: Connection, reading: Reading) -> tickets.Stored | None:
        """The ticket that an answer to this very mail opened before it came. One that only shares its
        Message-ID with an earlier mail is another mail (DESIGN §3, Nothing is done twice)."""
        own = reading.mail.message_id
        stored = tickets.by_their_thread(connection, [own], reading.sender_email) if own else None
        if own is None or stored is None or inbox.has_brought(connection, stored.id, own):
            return None
        return stored

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
        if found is None or found.ticket.state == "closed":
            year = event.at.astimezone(self.rules.policy.calendar.timezone).year
            count = tickets.next_count(connection, f"ticket:{year}")
            facts = replace(
                facts,
                new_number=format_number(year, count),
                known_phone=tickets.known_phone(connection, event.sender_email),
            )
        phone = event.phone or facts.known_phone or (found.ticket.requester.phone if found else None)
        return replace(facts, recent=self._recent(connection, event.sender_email, phone, domain, now))

    def _recent(
        self, connection: Connection, email: str, phone: str | None, domain: str, now: datetime
    ) -> Recent:
        policy, since = self.rules.policy, now - HOUR
        count = outbox.count_recent
        return Recent(
            to_address=count(
                connection,
                "limit_key",
                _limit_key("email", email),
                since,
                policy.answers_per_address_per_hour,
            ),
            to_number=count(
                connection, "limit_key", _limit_key("sms", phone), since, policy.answers_per_number_per_hour
            )
            if phone
            else 0,
            to_domain=count(connection, "limit_domain", domain, since, policy.answers_per_domain_per_hour),
        )

    def _keep_message(
        self,
        connection: Connection,
        ticket_id: int | None,
        row: inbox.Claimed,
        reading: Reading,
        event: MailReceived,
        decision: Decision,
    ) -> None:
        assert ticket_id is not None
        assert decision.ticket is not None
        mail = reading.mail
        is_requester = (decision.ticket.requester.email or "").lower() == event.sender_email.lower()
        tickets.add_message(
            connection,
            ticket_id,
            row.id,
            at=event.at,
            sender_email=event.sender_email,
            sender_name=event.sender_name,
            is_requester=is_requester,
            subject=event.subject,
            full_text=event.text,
            new_text=event.new_text,
            attachments=[
                {"filename": part.filename, "content_type": part.content_type, "size_bytes": part.size_bytes}
                for part in mail.attachments
            ],
        )
        if is_requester:
            ids = ([mail.message_id] if mail.message_id else []) + list(reading.candidates.replied_ids[:10])
            tickets.add_thread(connection, ticket_id, [found for found in ids if len(found) <= 998])

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
        facts = Facts(recent=self._recent(connection, reading.sender_email, None, reading.sender_domain, now))
        decision = decide(facts, event, self.rules.policy, now)
        written = self._say(connection, f"inbox:{row.id}", decision, None, now, reading=reading)
        self.alert(connection, "too_large", f"inbox {row.id}: {event.size_mb} MB", now)
        explanation.append(f"over the limit of {event.limit_mb} MB: kept in quarantine, the writer was told")
        answered = any(not said.suppressed for said in written)
        return Outcome("quarantined", "human", "quarantined", "too_large", explanation, None, answered)

    def _on_bounce(
        self, connection: Connection, reading: Reading, ours: set[str], explanation: list[str], now: datetime
    ) -> None:
        """A bounce of our own mail queues a failure of that very row; a forged one does nothing."""
        bounced = reading.classification
        if bounced.bounced_message_id not in ours or bounced.bounce_action not in ("failed", ""):
            explanation.append("not a failure of a mail of ours: nothing done")
            return
        row = outbox.by_reference(connection, bounced.bounced_message_id or "")
        error = f"bounced {bounced.status}".strip()
        if row is not None and outbox.mark_bounced(connection, row.id, error, now):
            payload = {"outbox_id": row.id, "error": error, "has_bounced": True}
            inbox.add_event(connection, "delivery_failure", payload, now)
            explanation.append(f"our outbox row {row.id} bounced")

    # --- a failed delivery ----------------------------------------------------------------------------

    def _on_delivery_failure(self, connection: Connection, row: inbox.Claimed, now: datetime) -> Outcome:
        payload = row.payload or {}
        said = outbox.by_id(connection, payload["outbox_id"])
        assert said is not None
        found = tickets.by_id(connection, said.ticket_id) if said.ticket_id else None
        event = DeliveryFailed(
            at=now,
            notification=said.notification,
            channel=said.channel,
            recipient=said.recipient,
            audience=said.audience,
            error=payload["error"],
            has_bounced=payload.get("has_bounced", False),
        )
        decision = decide(Facts(found.ticket if found else None), event, self.rules.policy, now)
        ticket_id = self._write_ticket(connection, decision, found, "delivery", now) if found else None
        self._say(connection, f"inbox:{row.id}", decision, ticket_id, now)
        if said.audience != "operator":
            # An alert about an undelivered alert would feed itself.
            self.alert(connection, "delivery", f"outbox {said.id}: {payload['error']}", now)
        return Outcome("done", None, "recorded", "delivery_failed", [decision.note], ticket_id)

    # --- deadlines --------------------------------------------------------------------------------------

    async def _deadline_step(self) -> bool:
        return await self._database.transact(self._sweep)

    def _sweep(self, connection: Connection) -> bool:
        found = deadlines.due(connection, self._clock.now())
        done = False
        for due in found:
            stored = tickets.by_id(connection, due.ticket_id)
            if stored is None or not deadlines.still_stands(connection, due):
                continue
            now = self._clock.now()
            event = DeadlineReached(due.kind, due.due_at)
            decision = decide(Facts(stored.ticket), event, self.rules.policy, now)
            self._write_ticket(connection, decision, stored, "deadline", now)
            cause = f"deadline:{due.ticket_id}:{due.kind}:{due.due_at.isoformat()}"
            self._say(connection, cause, decision, stored.id, now)
            done = True
        return done

    # --- writing ----------------------------------------------------------------------------------------

    def _write_ticket(
        self,
        connection: Connection,
        decision: Decision,
        found: tickets.Stored | None,
        event: str,
        now: datetime,
    ) -> int:
        ticket = decision.ticket
        assert ticket is not None
        is_new = found is None or found.ticket.number != ticket.number
        if is_new:
            ticket_id = tickets.create(connection, ticket)
        else:
            assert found is not None
            ticket_id = found.id
            if ticket != found.ticket:
                tickets.save(connection, ticket_id, ticket)
        tickets.add_history(connection, ticket_id, event, decision.note, ticket.state, now)
        wanted = open_deadlines(ticket, self.rules.policy)
        deadlines.reconcile(connection, ticket_id, wanted, is_new=is_new)
        return ticket_id

    def _say(
        self,
        connection: Connection,
        cause: str,
        decision: Decision,
        ticket_id: int | None,
        now: datetime,
        *,
        reading: Reading | None = None,
    ) -> list[outbox.ToSay]:
        rows = [self._to_say(cause, said, ticket_id, reading) for said in decision.notifications]
        return outbox.add(connection, rows, now)

    def _to_say(
        self, cause: str, said: Notification, ticket_id: int | None, reading: Reading | None
    ) -> outbox.ToSay:
        limit_domain = None
        if said.is_automatic_answer and reading and not reading.authenticity.authenticated:
            limit_domain = reading.sender_domain if said.channel == "email" else None
        return outbox.ToSay(
            cause=cause,
            notification=said.name,
            channel=said.channel,
            audience=said.audience,
            recipient=said.recipient,
            reference=self._reference(said.channel),
            values=dict(said.values),
            thread=self._thread(said, reading) if said.channel == "email" else {},
            ticket_id=ticket_id,
            limit_key=_limit_key(said.channel, said.recipient) if said.is_automatic_answer else None,
            limit_domain=limit_domain,
            suppressed=said.suppressed,
        )

    def _reference(self, channel: str) -> str:
        """A Message-ID, or an SMS reference: minted once, unguessable, the same at every try."""
        if channel == "sms":
            return secrets.token_hex(16)
        domain = self.rules.policy.mailbox_address.rpartition("@")[2]
        return f"<{secrets.token_hex(16)}.shakwa@{domain}>"

    def _thread(self, said: Notification, reading: Reading | None) -> dict[str, Any]:
        """How the mail joins its conversation: the citizen's mail for an answer, a root of the
        ticket's own for staff, so that their mail client groups all notices of one ticket."""
        submitted = "auto-replied" if reading else "auto-generated"
        if said.audience == "requester" and reading:
            parent = reading.mail.message_id
            references = [*reading.mail.references, *([parent] if parent else [])][-MAX_REFERENCES:]
            return {
                "in_reply_to": parent,
                "references": references,
                "reply_subject": said.reply_subject,
                "auto_submitted": submitted,
            }
        number = said.values.get("ticket_number")
        domain = self.rules.policy.mailbox_address.rpartition("@")[2]
        root = [f"<thread.{number}@{domain}>"] if number else []
        return {"references": root, "auto_submitted": submitted}

    # --- telling staff and the operator -------------------------------------------------------------------

    def _tell_of_quarantine(
        self,
        connection: Connection,
        row: inbox.Claimed,
        reading: Reading,
        treatment: Treatment,
        now: datetime,
    ) -> None:
        self.alert(connection, "quarantine", f"inbox {row.id}: {treatment.reason}", now)
        if treatment.reason != "staff_auth_failed" or not reading.staff_member:
            return
        values = house(self.rules.policy) | {
            "reason": treatment.reason,
            "sender": reading.sender_email,
            "subject": reading.mail.subject,
            "received_at": stamp(row.received_at, self.rules.policy),
            "quarantine_id": row.id,
        }
        # At most once an hour to one person: a forger must not flood them through us (DESIGN §2).
        self._notice(connection, "staff_quarantine", "staff", reading.staff_member, values, now)

    def alert(self, connection: Connection, what: str, detail: str, now: datetime) -> None:
        """Tell the operator by mail, at most once an hour for each kind of trouble."""
        operator = self.rules.policy.operator
        if not operator:
            return
        values = house(self.rules.policy) | {
            "what": what,
            "detail": detail,
            "since": stamp(now, self.rules.policy),
        }
        self._notice(connection, "operator_alert", "operator", operator, values, now, key=what)

    def _notice(
        self,
        connection: Connection,
        name: str,
        audience: Any,
        recipient: str,
        values: dict[str, Any],
        now: datetime,
        key: str = "",
    ) -> None:
        limit_key = f"notice:{name}:{key}:{recipient.lower()}"
        if outbox.count_recent(connection, "limit_key", limit_key, now - HOUR, 1):
            return
        said = Notification(name, "email", recipient, audience, values)
        cause = f"notice:{name}:{key}:{now.isoformat()}"
        outbox.add(connection, [replace(self._to_say(cause, said, None, None), limit_key=limit_key)], now)


def _finish(connection: Connection, owner: str, row: inbox.Claimed, outcome: Outcome, now: datetime) -> None:
    inbox.finish(
        connection,
        owner,
        row.id,
        state=outcome.state,
        kind=outcome.kind,
        outcome=outcome.outcome,
        reason=outcome.reason,
        explanation=outcome.explanation,
        ticket_id=outcome.ticket_id,
        answered=outcome.answered,
        now=now,
    )


def _limit_key(channel: str, recipient: str) -> str:
    return f"{channel}:{recipient.lower()}"


def _our_references(connection: Connection, readings: Sequence[Reading | Exception | None]) -> set[str]:
    """Which Message-IDs, of the mails themselves and of the mails they say bounced, are ours."""
    asked: set[str] = set()
    for reading in readings:
        if isinstance(reading, Reading):
            asked |= {reading.mail.message_id or "", reading.classification.bounced_message_id or ""}
    return outbox.known_references(connection, asked - {""})
