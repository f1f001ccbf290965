"""Owns the step from a decision to rows: ticket, history, deadlines, outbox, in the caller's transaction.

What is to be said gets its Message-ID or SMS reference, its thread and, for staff, its reply token here,
once; nothing is worded yet.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from daemon.dispatch.links import Links
from daemon.mail.trust.tokens import Keyring, Scope, Visibility, holder_tag, mint
from daemon.mail.wire.thread_index import usable
from daemon.reading.mail import Reading
from daemon.store import counters, deadlines, history, messages, outbox, participants, tickets
from daemon.workflow import notices
from daemon.workflow.deadlines import open_deadlines, survey_closes_at
from daemon.workflow.model import Decision, Notification, Recent, Ticket
from daemon.workflow.passing_on import LINKED, Filed, PassingOn, sort_out
from daemon.workflow.policy import Policy
from daemon.workflow.saying import house, stamp
from daemon.workflow.ticket_number import format_number
from daemon.workflow.vocabulary import Audience

HOUR = timedelta(hours=1)
MAX_REFERENCES = 20
JUDGING_LIFE = timedelta(days=14)
"""How long what a digest lists can be released or blocked by an answer to it."""
MOST_PARTICIPANTS = 5
TOKEN_LIFE = timedelta(days=180)
"""How long a notice to staff can be answered: longer than any complaint should take."""


@dataclass(frozen=True, slots=True)
class Stationery:
    """What our messages carry to be answered: the keys of reply tokens and links, the address that links
    begin with, whether the mail server delivers infocs+TOKEN@ (DESIGN §4, mailbox.subaddressing), and how
    files are passed on."""

    keys: Keyring = field(repr=False)
    subaddressing: bool = True
    public_url: str = ""
    passing_on: PassingOn = field(default_factory=PassingOn)

    @property
    def links(self) -> Links:
        return Links(self.keys, self.public_url)


class Records:
    """Writes decisions down, under one policy."""

    def __init__(self, policy: Policy, stationery: Stationery) -> None:
        self._policy = policy
        self._stationery = stationery
        self._links = stationery.links
        self._local, _, self._domain = policy.mailbox_address.rpartition("@")

    @property
    def passing_on(self) -> PassingOn:
        return self._stationery.passing_on

    def write_ticket(
        self,
        connection: Connection,
        decision: Decision,
        found: tickets.Stored | None,
        event: str,
        now: datetime,
    ) -> int:
        """Create or save the decision's ticket, its line of history and its deadlines; returns its id."""
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
        history.add(connection, ticket_id, event, decision.note, ticket.state, now)
        wanted = open_deadlines(ticket, self._policy)
        deadlines.reconcile(connection, ticket_id, wanted, is_new=is_new)
        return ticket_id

    def say(
        self,
        connection: Connection,
        cause: str,
        decision: Decision,
        ticket_id: int | None,
        now: datetime,
        *,
        reading: Reading | None = None,
        files: Sequence[Filed] = (),
        answer_files: Sequence[Filed] = (),
    ) -> list[outbox.ToSay]:
        """Write what is to be said because of `cause`, to staff with `files`, and what staff wrote to the
        requester with `answer_files`; returns what it had not already said."""
        requester = decision.ticket.requester.email if decision.ticket else None
        is_theirs = reading is not None and reading.sender_email.lower() == (requester or "").lower()
        rows = []
        for said in decision.notifications:
            row = self._to_say(
                cause, self._with_links(said, decision.ticket, ticket_id, now), ticket_id, reading, now
            )
            if said.audience == "requester" and said.channel == "email" and ticket_id and not is_theirs:
                row = replace(row, thread=row.thread | self._their_thread(connection, said, ticket_id))
            takes_files = notices.of(said.name).carries_files
            if files and takes_files and said.values.get("reason") != "files_left_out":
                row = self._with_files(row, files, now)
            if answer_files and is_words_of_staff(said):
                row = replace(row, thread=row.thread | {"files": _references(answer_files)})
            rows.append(row)
        copies = self._copies(connection, rows, decision.ticket, ticket_id)
        return outbox.add(connection, [*rows, *copies], now)

    def _with_files(self, row: outbox.ToSay, files: Sequence[Filed], now: datetime) -> outbox.ToSay:
        """The notice with what may go along. Only named here: the octets lie under their hash, which is as
        good as frozen, and are put in at the moment of sending (`dispatch.writer`)."""
        found = sort_out(files, self._stationery.passing_on)
        links = [self._links.file(one.id, one.name, now) for one in found.linked]
        carried = _references(found.carried)
        values = {**row.values, **found.values, LINKED: links}
        return replace(row, values=values, thread=row.thread | ({"files": carried} if carried else {}))

    def _copies(
        self,
        connection: Connection,
        rows: list[outbox.ToSay],
        ticket: Ticket | None,
        ticket_id: int | None,
    ) -> list[outbox.ToSay]:
        """What staff say to a requester goes to whom they copied in too (LESSONS §1, 27): only where the
        requester is proved, or we could be made to write to strangers; and without the links, which would
        let others act; without the requester's own subject and name, or an authenticated stranger could have
        us mail their words to anybody (LESSONS S6)."""
        mails = [row for row in rows if row.channel == "email" and row.audience == "requester"]
        answers = [row for row in mails if notices.of(row.notification).is_copied]
        if not answers or ticket is None or ticket_id is None or not ticket.authenticated:
            return []
        copied = participants.of_ticket(connection, ticket_id, are_proved=True)
        without = {"status_url": "", "requester_name": ""}
        return [
            replace(
                row,
                audience="participant",
                recipient=email,
                reference=self._reference("email", ""),
                thread=row.thread | {"reply_subject": None},
                values={**row.values, **{key: value for key, value in without.items() if key in row.values}},
                limit_key=None,
                limit_domain=None,
            )
            for row in answers
            for email in copied
        ]

    def _with_links(
        self, said: Notification, ticket: Ticket | None, ticket_id: int | None, now: datetime
    ) -> Notification:
        """What is said to the requester, with the links that only the ticket's row makes possible."""
        if said.audience != "requester" or ticket_id is None or ticket is None:
            return said
        if said.channel == "sms" and ticket.requester.is_phone_borrowed:
            return said  # to a mobile that may be a stranger's
        links = {}
        if "status_url" in said.values:
            links["status_url"] = self._links.status(ticket_id, now)
        if "survey_url" in said.values:
            links["survey_url"] = self._links.survey(ticket_id, survey_closes_at(ticket, self._policy))
        return replace(said, values={**said.values, **links}) if links else said

    def new_number(self, connection: Connection, at: datetime) -> str:
        """The number that a ticket opened at `at` gets; counted up even where it is then not used."""
        year = at.astimezone(self._policy.calendar.timezone).year
        return format_number(year, counters.next_count(connection, f"ticket:{year}"))

    def recent(
        self, connection: Connection, email: str, phone: str | None, domain: str, now: datetime
    ) -> Recent:
        """How many automatic answers these had within the last hour, counted up to their limits."""
        policy, since, count = self._policy, now - HOUR, outbox.count_recent
        to_address, to_number = limit_key("email", email), limit_key("sms", phone or "")
        return Recent(
            to_address=count(connection, "limit_key", to_address, since, policy.answers_per_address_per_hour)
            if email
            else 0,
            to_number=count(connection, "limit_key", to_number, since, policy.answers_per_number_per_hour)
            if phone
            else 0,
            to_domain=count(connection, "limit_domain", domain, since, policy.answers_per_domain_per_hour)
            if domain
            else 0,
        )

    def _their_thread(self, connection: Connection, said: Notification, ticket_id: int) -> dict[str, Any]:
        """What a deadline or staff have to say joins the requester's own conversation, and carries
        nothing of the staff mail that caused it."""
        ids, index = messages.requester_thread(connection, ticket_id, MAX_REFERENCES)
        return {
            "thread_index": index,
            "in_reply_to": ids[-1] if ids else None,
            "references": ids,
            "reply_subject": said.reply_subject,
            # A person's words are no automatic mail (RFC 3834, section 1).
            "auto_submitted": "" if notices.of(said.name).is_personal else "auto-generated",
        }

    def alert(self, connection: Connection, what: str, detail: str, now: datetime) -> None:
        """Tell the operator by mail, at most once an hour for each kind of trouble."""
        operator = self._policy.operator
        if not operator:
            return
        values = house(self._policy) | {"what": what, "detail": detail, "since": stamp(now, self._policy)}
        self.notice(connection, "operator_alert", "operator", operator, values, now, key=what)

    def notice(
        self,
        connection: Connection,
        name: str,
        audience: Audience,
        recipient: str,
        values: dict[str, Any],
        now: datetime,
        key: str = "",
    ) -> None:
        """Something about no ticket, at most once an hour to one recipient for one `key`."""
        limit = f"notice:{name}:{key}:{recipient.lower()}"
        if outbox.count_recent(connection, "limit_key", limit, now - HOUR, 1):
            return
        said = Notification(name, "email", recipient, audience, values)
        cause = f"notice:{name}:{key}:{now.isoformat()}"
        row = replace(self._to_say(cause, said, None, None, now), limit_key=limit)
        outbox.add(connection, [row], now)

    def _to_say(
        self,
        cause: str,
        said: Notification,
        ticket_id: int | None,
        reading: Reading | None,
        now: datetime,
    ) -> outbox.ToSay:
        limit_domain = None
        if said.is_automatic_answer and reading and not reading.authenticity.authenticated:
            limit_domain = reading.sender_domain if said.channel == "email" else None
        token = self._token(said, ticket_id, now)
        return outbox.ToSay(
            cause=cause,
            notification=said.name,
            channel=said.channel,
            audience=said.audience,
            recipient=said.recipient,
            reference=self._reference(said.channel, token),
            values=dict(said.values),
            thread=self._thread(said, reading, token) if said.channel == "email" else {},
            ticket_id=ticket_id,
            limit_key=limit_key(said.channel, said.recipient) if said.is_automatic_answer else None,
            limit_domain=limit_domain,
            suppressed=said.suppressed,
        )

    def _token(self, said: Notification, ticket_id: int | None, now: datetime) -> str:
        """A reply token for staff: for this address, this ticket, and the visibility of this notice; with a
        digest that lists what was set aside, for judging that."""
        if said.name == "staff_digest" and said.values.get("quarantined"):
            scope = Scope("quarantine", holder_tag(said.recipient.lower()), 0, "internal")
            return mint(self._stationery.keys, scope, now + JUDGING_LIFE)
        if said.audience != "staff" or ticket_id is None:
            return ""
        visibility: Visibility = "citizen" if notices.of(said.name).is_relayed else "internal"
        scope = Scope("reply", holder_tag(said.recipient.lower()), ticket_id, visibility)
        return mint(self._stationery.keys, scope, now + TOKEN_LIFE)

    def _reference(self, channel: str, token: str) -> str:
        """A Message-ID, or an SMS reference: minted once, unguessable, the same at every try. A reply
        token rides in it too, for mail servers and clients that lose the Reply-To."""
        unique = secrets.token_hex(16)
        if channel == "sms":
            return unique
        return f"<{token}.{unique}@{self._domain}>" if token else f"<{unique}.shakwa@{self._domain}>"

    def _thread(self, said: Notification, reading: Reading | None, token: str) -> dict[str, Any]:
        """How the mail joins its conversation: the citizen's mail for an answer, a root of the
        ticket's own for staff, so that their mail client groups all notices of one ticket."""
        thread: dict[str, Any] = {"auto_submitted": "auto-replied" if reading else "auto-generated"}
        if said.audience == "requester" and reading:
            parent = reading.mail.message_id
            references = [*reading.mail.references, *([parent] if parent else [])][-MAX_REFERENCES:]
            return thread | {
                "in_reply_to": parent,
                "references": references,
                "reply_subject": said.reply_subject,
                "thread_index": usable(reading.mail.header("thread-index")),
            }
        if number := said.values.get("ticket_number"):
            thread["references"] = [f"<thread.{number}@{self._domain}>"]
        if token and self._stationery.subaddressing:
            thread["reply_to"] = f"{self._local}+{token}@{self._domain}"
        return thread


def is_words_of_staff(said: Notification) -> bool:
    """Whether a mail to the requester holds what staff wrote to them."""
    return said.audience == "requester" and said.channel == "email" and bool(said.values.get("text"))


def _references(files: Sequence[Filed]) -> list[list[str | int]]:
    """What `dispatch.writer` needs to put them in."""
    return [[one.id, one.sha256, one.name, one.media_type] for one in files]


def limit_key(channel: str, recipient: str) -> str:
    """What the limits on answers count under."""
    return f"{channel}:{recipient.lower()}"
