"""Makes outbox rows of what a decision says: conversation, links, files, copies, limits.

It words nothing. What was said already because of the same cause is not said again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from daemon.casework import ceiling, flood
from daemon.casework.ledger import limit_key
from daemon.dispatch.envelope import (
    AUTO_GENERATED,
    AUTO_REPLIED,
    LANGUAGE,
    Conversation,
    Envelope,
    FileReference,
    to_json,
)
from daemon.dispatch.marks import Marks, Stationery
from daemon.mail.wire.thread_index import usable
from daemon.store import messages, outbox, participants
from daemon.workflow import notices, steps, trust
from daemon.workflow.budgets import NOBODY, Account
from daemon.workflow.endings import survey_closes_at
from daemon.workflow.model import Decision, Notification, Ticket, Value
from daemon.workflow.passing_on import LINKED, Filed, sort_out
from daemon.workflow.policy import Policy
from daemon.workflow.steps import Step

if TYPE_CHECKING:
    from daemon.reading.mail import Reading

MAX_REFERENCES = 20
WITHOUT = ("status_url", "requester_name")
"""What a copy to somebody else leaves out."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The mail that what is said answers: its writer, how far proved, and what joins an answer to it.
    `is_provable`: a citizen can be proved here at all (`Policy.proves_citizens`)."""

    email: str
    is_proved: bool
    message_id: str | None
    references: tuple[str, ...]
    thread_index: str | None
    is_provable: bool = True


def answered(reading: Reading, *, is_provable: bool) -> Answered:
    """`reading` as the mail that is answered."""
    mail = reading.mail
    return Answered(
        is_provable=is_provable,
        email=reading.sender_email,
        is_proved=reading.authenticity.authenticated,
        message_id=mail.message_id,
        references=mail.references,
        thread_index=usable(mail.header("thread-index")),
    )


@dataclass(frozen=True, slots=True)
class Speech:
    """What is to be said because of `cause`: staff get `files`, and the requester `answer_files` with what
    staff wrote to them."""

    cause: str
    decision: Decision
    ticket_id: int | None = None
    answered: Answered | None = None
    files: tuple[Filed, ...] = ()
    answer_files: tuple[Filed, ...] = ()
    account: Account = NOBODY
    """On whom automatic answers are charged."""
    news_of: str = ""
    """Whose words they are that staff are told of (`Occasion.news_of`)."""
    is_of_deadline: bool = False
    enclosed: tuple[FileReference, ...] = ()
    """Files of our own that go along."""
    instead_of: int | None = None
    """The outbox row that did not arrive, in whose place the requester is told."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A row to be, with its envelope still open."""

    row: outbox.ToSay
    envelope: Envelope

    def sealed(self) -> outbox.ToSay:
        """The row, with its envelope as it is kept."""
        return replace(self.row, thread=to_json(self.envelope)) if self.row.channel == "email" else self.row


class Speaker:
    """Writes what is said under one policy."""

    def __init__(self, policy: Policy, stationery: Stationery) -> None:
        self._policy = policy
        self._stationery = stationery
        self._links = stationery.links
        self._marks = Marks(stationery, policy.mailbox_address)

    def say(self, connection: Connection, speech: Speech, now: datetime) -> list[outbox.ToSay]:
        """Write what is to be said; returns the rows of what was not said already."""
        drafts = [self._draft(connection, said, speech, now) for said in speech.decision.notifications]
        drafts += self._copies(connection, drafts, speech)
        rows, sender = [draft.sealed() for draft in drafts], speech.news_of
        written = outbox.add(connection, flood.bundled(connection, rows, sender, self._policy, now), now)
        flood.list_in_one(connection, written, sender, now)
        return written

    def tell(self, connection: Connection, said: Notification, cause: str, limit: str, now: datetime) -> None:
        """Write a message that is about no ticket, counted under `limit`."""
        outbox.add(connection, [replace(self.drafted(connection, said, cause, now), limit_key=limit)], now)

    def drafted(self, connection: Connection, said: Notification, cause: str, now: datetime) -> outbox.ToSay:
        """The row of a message that is about no ticket, not written yet."""
        speech = Speech(cause, Decision(None, (said,), (), "recorded"))
        return self._draft(connection, said, speech, now).sealed()

    # --- one row ------------------------------------------------------------------------------------

    def _draft(self, connection: Connection, said: Notification, speech: Speech, now: datetime) -> Draft:
        said = self._with_links(said, speech.decision.ticket, speech.ticket_id, now)
        token = self._marks.token(said, speech.ticket_id, now)
        account = speech.account if said.is_automatic_answer else NOBODY
        is_sms = said.channel == "sms"
        limit = limit_key(said.channel, said.recipient, account) if said.is_automatic_answer else None
        if is_sms and speech.is_of_deadline:
            limit = ceiling.key_of(said.recipient)
        row = outbox.ToSay(
            cause=speech.cause,
            notification=said.name,
            channel=said.channel,
            audience=said.audience,
            recipient=said.recipient,
            reference=self._marks.reference(said.channel, token),
            values=_in_language(said, speech.decision.ticket),
            thread={},
            ticket_id=speech.ticket_id,
            limit_key=limit,
            limit_domain=account.domain or None,
            limit_sender=(account.sender or None) if is_sms else None,
            limit_total=(account.total or None) if is_sms else None,
            suppressed=said.suppressed,
            instead_of=speech.instead_of if said.audience == "requester" else None,
        )
        conversation = self._conversation(connection, said, speech, token)
        return self._with_files(Draft(row, Envelope(conversation)), said, speech, now)

    def _with_links(
        self, said: Notification, ticket: Ticket | None, ticket_id: int | None, now: datetime
    ) -> Notification:
        """What is said to the requester, with the links that only the ticket's row makes possible."""
        if said.audience != "requester" or ticket_id is None or ticket is None:
            return said
        if said.channel == "sms" and ticket.requester.is_phone_unproved:
            return said  # to a mobile that may be a stranger's
        links = {}
        if "status_url" in said.values:
            links["status_url"] = self._links.status(ticket_id, now, trust.epoch(ticket))
        if "survey_url" in said.values:
            closes_at = survey_closes_at(ticket, self._policy)
            links["survey_url"] = self._links.survey(ticket_id, closes_at, trust.epoch(ticket))
        return replace(said, values={**said.values, **links}) if links else said

    def _conversation(
        self, connection: Connection, said: Notification, speech: Speech, token: str
    ) -> Conversation:
        """How a mail joins its conversation: the citizen's mail for an answer, a root of the ticket's own for
        staff. What a deadline or staff have to say joins the requester's own conversation, and carries
        nothing of the staff mail that caused it."""
        wrote, ticket = speech.answered, speech.decision.ticket
        if said.channel != "email":
            return Conversation()
        if said.audience == "requester":
            is_theirs = wrote is not None and _is_of(ticket, wrote.email)
            if speech.ticket_id and not is_theirs:
                return self._their_own(connection, said, speech)
            if wrote is not None:
                return _answering(wrote, said)
        return Conversation(
            references=self._root(said),
            reply_to=self._marks.reply_to(token),
            auto_submitted=AUTO_REPLIED if wrote else AUTO_GENERATED,
        )

    def _root(self, said: Notification) -> tuple[str, ...]:
        number = said.values.get("ticket_number")
        return (self._marks.root_of(str(number)),) if number else ()

    def _their_own(self, connection: Connection, said: Notification, speech: Speech) -> Conversation:
        assert speech.ticket_id is not None
        ids, index = messages.requester_thread(connection, speech.ticket_id, MAX_REFERENCES)
        caused = AUTO_REPLIED if speech.answered else AUTO_GENERATED
        return Conversation(
            in_reply_to=ids[-1] if ids else None,
            references=tuple(ids),
            reply_subject=said.reply_subject,
            thread_index=index,
            # A person's words are no automatic mail (RFC 3834, section 1).
            auto_submitted="" if notices.of(said.name).is_personal else caused,
        )

    def _with_files(self, draft: Draft, said: Notification, speech: Speech, now: datetime) -> Draft:
        """The notice with what may go along. Only named here: the octets lie under their hash, which is as
        good as frozen, and are put in at the moment of sending (`dispatch.writer`)."""
        carried: Sequence[Filed] = ()
        row = draft.row
        takes_files = notices.of(said.name).carries_files and said.values.get("reason") != "files_left_out"
        if speech.files and takes_files:
            found = sort_out(speech.files, self._stationery.passing_on)
            links = [self._links.file(one.id, one.name, now) for one in found.linked]
            carried = found.carried
            row = replace(row, values={**row.values, **found.values, LINKED: links})
        if speech.answer_files and is_words_of_staff(said):
            carried = speech.answer_files
        files = tuple(FileReference(one.id, one.sha256, one.name, one.media_type) for one in carried)
        return Draft(row, replace(draft.envelope, files=(*files, *speech.enclosed)))

    # --- to whom the requester copied in --------------------------------------------------------------

    def _copies(self, connection: Connection, drafts: list[Draft], speech: Speech) -> list[Draft]:
        """What staff say to a requester goes to whom they copied in too (LESSONS §1, 27): only where the
        requester is proved, or we could be made to write to strangers; and without the links, which would
        let others act; without the requester's own subject and name, or an authenticated stranger could have
        us mail their words to anybody (LESSONS S6)."""
        ticket, ticket_id = speech.decision.ticket, speech.ticket_id
        answers = [draft for draft in drafts if _is_copied(draft.row)]
        if not answers or ticket is None or ticket_id is None or not ticket.authenticated:
            return []
        copied = participants.of_ticket(connection, ticket_id, are_proved=True)
        return [self._copy(draft, email) for draft in answers for email in copied]

    def _copy(self, draft: Draft, email: str) -> Draft:
        row, envelope = draft.row, draft.envelope
        without: dict[str, Value] = {key: "" for key in WITHOUT if key in row.values}
        copy = replace(
            row,
            audience="participant",
            recipient=email,
            reference=self._marks.reference("email"),
            values={**row.values, **without},
            limit_key=None,
            limit_domain=None,
            limit_sender=None,
            limit_total=None,
        )
        return Draft(copy, replace(envelope, conversation=replace(envelope.conversation, reply_subject=None)))


def _in_language(said: Notification, ticket: Ticket | None) -> dict[str, Value]:
    """The values, with the language that the requester is written to in where their complaint has one."""
    if said.audience != "requester" or ticket is None or ticket.language is None:
        return dict(said.values)
    return {**said.values, LANGUAGE: ticket.language}


def is_words_of_staff(said: Notification) -> bool:
    """Whether a mail to the requester holds what staff wrote to them."""
    return said.audience == "requester" and said.channel == "email" and bool(said.values.get("text"))


def steps_of(written: Sequence[outbox.ToSay]) -> list[str]:
    """What was said, for `mail explain`."""
    return list(map(steps.packed, map(_step, written))) or [steps.packed(Step("said_nothing"))]


def _step(said: outbox.ToSay) -> Step:
    if said.suppressed:
        values = {"notification": said.notification, "channel": said.channel, "limit": said.suppressed}
        return Step("not_said", values)  # type: ignore[arg-type]  # Step checks them
    return Step("said", {"notification": said.notification, "channel": said.channel})


def _answering(wrote: Answered, said: Notification) -> Conversation:
    parent = (wrote.message_id,) if wrote.message_id else ()
    return Conversation(
        in_reply_to=wrote.message_id,
        references=(*wrote.references, *parent)[-MAX_REFERENCES:],
        reply_subject=said.reply_subject,
        thread_index=wrote.thread_index,
        auto_submitted=AUTO_REPLIED,
    )


def _is_of(ticket: Ticket | None, email: str) -> bool:
    requester = ticket.requester.email if ticket else None
    return email.lower() == (requester or "").lower()


def _is_copied(row: outbox.ToSay) -> bool:
    is_mail = row.audience == "requester" and row.channel == "email"
    # Whoever was copied in heard it with the row that this one stands in for.
    return is_mail and row.instead_of is None and notices.of(row.notification).is_copied
