"""The desk's counter: decides at once, in one transaction, on complaints and words that do not come by mail.

Whoever brings them waits for the answer (STYLE §4). It implements `front_desk.FrontDesk`. What came in is
kept as an inbox row like everything else; the rules are those of `workflow`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from daemon.casework.case import Case, Cases
from daemon.casework.occasion import Call, Occasion, Source, Words
from daemon.casework.standing import from_json, standing_of, to_json
from daemon.casework.uploads import NO_FILES, Enclosure, Uploads
from daemon.clock import Clock
from daemon.dispatch.links import LinkTo
from daemon.front_desk import (
    Answer,
    Caller,
    Complaint,
    KeyReused,
    Said,
    Standing,
    Survey,
    SurveyOver,
    UnknownTicket,
    Upload,
)
from daemon.mail.meaning.extraction_policy import ExtractionPolicy
from daemon.mail.meaning.written_language import written_in
from daemon.store import audit, callers, idempotency, ticket_rows, tickets
from daemon.store.audit import Deed
from daemon.store.database import Database
from daemon.store.idempotency import Given
from daemon.store.messages import Message
from daemon.workflow import trust
from daemon.workflow.endings import is_survey_open, page_ends_at, survey_closes_at
from daemon.workflow.events import ComplaintMade, CustomerSaid, SurveyAnswered
from daemon.workflow.reach import may_open_page
from daemon.workflow.reopening import is_over_for_good
from daemon.workflow.vocabulary import Act

if TYPE_CHECKING:
    from daemon.mail.meaning.extraction import Extracted

PAGE = Caller("page")


class Counter:
    """Decides on what is brought; `on_decided` wakes whoever sends."""

    def __init__(
        self,
        database: Database,
        cases: Cases,
        extraction: ExtractionPolicy,
        clock: Clock,
        on_decided: Callable[[], None] = lambda: None,
        uploads: Uploads | None = None,
    ) -> None:
        """`uploads` checks the files that customers add; None: nobody adds any."""
        self._database = database
        self._cases = cases
        self._extraction = extraction
        self._clock = clock
        self._on_decided = on_decided
        self._uploads = uploads

    # --- the front desk, for the web ----------------------------------------------------------------

    async def open(self, complaint: Complaint, caller: Caller) -> Answer:
        answer = await self._database.transact(self.open_now, complaint, caller)
        self._on_decided()
        return answer

    async def say(self, number: str, said: Said, caller: Caller) -> Answer:
        answer = await self._database.transact(self.say_now, number, said, caller)
        self._on_decided()
        return answer

    async def standing(self, number: str, caller: Caller) -> Standing:
        return await asyncio.to_thread(self._database.read_now, self._standing_of, number, caller)

    async def page(self, token: str) -> Standing:
        return await asyncio.to_thread(self._database.read_now, self._page, token)

    async def say_on_page(self, token: str, said: Said, files: Sequence[Upload] = ()) -> Answer:
        enclosure = await self._uploads.judged(files) if files and self._uploads else NO_FILES
        answer = await self._database.transact(self._say_on_page, token, said, enclosure)
        self._on_decided()
        return answer

    async def survey(self, token: str) -> Survey:
        return await asyncio.to_thread(self._database.read_now, self._survey, token)

    async def rate(self, token: str, score: int, comment: str = "") -> None:
        if not 1 <= score <= 5:
            raise ValueError("a score is from 1 to 5")
        await self._database.transact(self._rate, token, score, comment)

    def _extracted(self, text: str) -> tuple[Extracted, str | None]:
        from daemon.mail.meaning.extraction import extract_both  # few who come to the counter bring a text

        return extract_both("", text, self._extraction)

    # --- complaints ---------------------------------------------------------------------------------

    def open_now(self, connection: Connection, complaint: Complaint, caller: Caller) -> Answer:
        """`open` inside the caller's transaction. Raises KeyReused."""
        case = self._case(connection)
        if (earlier := _answered_before(case, caller)) is not None:
            return earlier
        found, _ = self._extracted(complaint.text)
        request = complaint.request_number or found.request_number
        tickets.lock_requester(connection, complaint.phone or complaint.handle or complaint.email or "")
        stored, linked = _of_same_requester(connection, complaint, request) if request else None, None
        if stored and not _knows(connection, caller, stored):
            # To join is to write into it, and the answer is its link. Staff see that the two belong together.
            linked, stored = stored.ticket.number, None
        elif stored is None and request and complaint.email and not (complaint.phone or complaint.handle):
            linked = tickets.number_by_request(connection, complaint.email, request)
        event = ComplaintMade(
            at=case.now,
            channel=complaint.channel,
            text=complaint.text,
            name=complaint.name,
            phone=complaint.phone,
            email=complaint.email,
            request_number=request,
            category=complaint.category or found.category,
            handle=complaint.handle,
            contacted_at=complaint.contacted_at,
            first_response_at=complaint.first_response_at,
            language=complaint.language or written_in("", complaint.text),
        )
        payload = {"client": caller.name} | _without_empty(asdict(complaint))
        call, words = Call(payload, caller.name, caller.is_staff), _words(complaint.text, case.now)
        occasion = Occasion("intake", event, stored, call=call, words=words, linked=linked)
        return _settle(case, occasion, caller)

    def say_now(self, connection: Connection, number: str, said: Said, caller: Caller) -> Answer:
        """`say` inside the caller's transaction. Raises UnknownTicket, KeyReused."""
        case = self._case(connection)
        if (earlier := _answered_before(case, caller)) is not None:
            return earlier
        stored = tickets.following(connection, _named(connection, number, caller))
        if stored is None or not _knows(connection, caller, stored):
            raise UnknownTicket(number)
        return self._said(case, stored, said, caller, "intake")

    def _say_on_page(self, connection: Connection, token: str, said: Said, files: Enclosure) -> Answer:
        case = self._case(connection)
        return self._said(case, _behind(case, token), said, PAGE, "page", files)

    def _said(
        self,
        case: Case,
        stored: ticket_rows.Stored,
        said: Said,
        caller: Caller,
        source: Source,
        files: Enclosure = NO_FILES,
    ) -> Answer:
        """What is said on the page is vouched for by nobody but its link, and so are the files."""
        found, answer_number = self._extracted(said.text)
        event = CustomerSaid(
            at=case.now,
            kind=said.kind,
            text=said.text,
            request_number=said.request_number or found.request_number,
            answer_number=answer_number,
            phone=said.phone or found.phone,
            category=said.category or found.category,
            is_vouched=source != "page",
            attachments=files.names,
        )
        payload = {"client": caller.name} | _without_empty(asdict(said))
        call = Call(payload, caller.name, caller.is_staff, files.raw)
        words = _words(said.text, case.now, files)
        return _settle(case, Occasion(source, event, stored, call=call, words=words), caller)

    def _case(self, connection: Connection) -> Case:
        return self._cases.at(connection, self._clock.now())

    # --- how it stands ------------------------------------------------------------------------------

    def _page(self, connection: Connection, token: str) -> Standing:
        case = self._case(connection)
        return standing_of(case, _behind(case, token), is_on_page=True)

    def _standing_of(self, connection: Connection, number: str, caller: Caller) -> Standing:
        """Of the ticket into which it was merged, unless the caller does not know that one."""
        stored = _named(connection, number, caller)
        followed = tickets.following(connection, stored)
        is_known = followed is not None and _knows(connection, caller, followed)
        return standing_of(self._case(connection), followed if followed and is_known else stored)

    # --- survey -------------------------------------------------------------------------------------

    def _survey(self, connection: Connection, token: str) -> Survey:
        case = self._case(connection)
        stored = _surveyed(case, token)
        ticket = stored.ticket
        closes_at, page = survey_closes_at(ticket, case.policy), ""
        if may_open_page(ticket, case.policy, "survey") and not is_over_for_good(
            ticket, case.policy, case.now
        ):
            page = case.stationery.links.status(stored.id, case.now, trust.epoch(ticket))
        return Survey(ticket.number, closes_at, ticket.language, page)

    def _rate(self, connection: Connection, token: str, score: int, comment: str) -> None:
        case = self._case(connection)
        event = SurveyAnswered(case.now, score, comment)
        call = Call({"client": PAGE.name, "score": score, "comment": comment})
        case.settle(Occasion("survey", event, _surveyed(case, token), call=call))


def _of_same_requester(
    connection: Connection, complaint: Complaint, request: str
) -> ticket_rows.Stored | None:
    """Their unclosed ticket about the same request: known by the mobile, by the account on X, or by the
    address where that is all there is (DESIGN §2, Requester)."""
    found = tickets.by_vouched_phone(connection, complaint.phone, request) if complaint.phone else None
    if found is None and complaint.handle:
        found = tickets.by_vouched_handle(connection, complaint.handle, request)
    if found is None and complaint.email and not (complaint.phone or complaint.handle):
        found = tickets.by_vouched_email(connection, complaint.email, request)
    return found


def _settle(case: Case, occasion: Occasion, caller: Caller) -> Answer:
    """Settle it, and keep the answer under its key."""
    settled = case.settle(occasion)
    ticket, ticket_id = settled.decision.ticket, settled.ticket_id
    assert ticket is not None
    assert ticket_id is not None
    standing = standing_of(case, ticket_rows.Stored(ticket_id, ticket), is_on_page=caller is PAGE)
    answer = Answer(settled.decision.outcome, standing)
    if caller.key is not None:
        kept, asked = to_json(answer), caller.request_hash
        given = Given(caller.name, caller.key, asked, ticket_id, kept)
        idempotency.keep(case.connection, given, case.now)
    if caller is not PAGE and not caller.is_staff:  # what agents do is written down by their command
        act: Act = "ticket_opened" if answer.outcome == "opened" else "ticket_added_to"
        detail = {"outcome": answer.outcome, "door": "api"}
        audit.record(case.connection, Deed(caller.name, act, f"ticket {ticket.number}", detail), case.now)
    return answer


def _answered_before(case: Case, caller: Caller) -> Answer | None:
    """The answer first given under this key. Raises KeyReused."""
    if caller.key is None:
        return None
    tickets.lock_requester(case.connection, f"key:{caller.name}:{caller.key}")
    row = idempotency.find(case.connection, caller.name, caller.key, case.now)
    if row is None:
        return None
    if row.request_hash != caller.request_hash:
        raise KeyReused(caller.key)
    return from_json(row.answer)


def _words(text: str, at: datetime, files: Enclosure = NO_FILES) -> Words | None:
    if not text and not files.judged:
        return None
    message = Message(at=at, text=text, new_text=text, parts=files.parts)
    return Words(message, "requester", judged=files.judged)


def _named(connection: Connection, number: str, caller: Caller) -> ticket_rows.Stored:
    stored = tickets.by_number(connection, number)
    if stored is None or not _knows(connection, caller, stored):
        raise UnknownTicket(number)
    return stored


def _knows(connection: Connection, caller: Caller, stored: ticket_rows.Stored) -> bool:
    """Whether the caller may read the ticket, say something about it, and have its link (LESSONS S26)."""
    if caller.channels is None:
        return True
    return stored.ticket.channel in caller.channels and callers.opened_by(connection, stored.id, caller.name)


def _behind(case: Case, token: str) -> ticket_rows.Stored:
    """The ticket whose page the link opens. Raises UnknownTicket."""
    named = _linked(case, case.stationery.links.status_ticket(token, case.now))
    stored = tickets.following(case.connection, named)
    if stored is None or not trust.are_equal(named.ticket, stored.ticket):
        raise UnknownTicket("link")
    ends_at = page_ends_at(stored.ticket, case.policy)
    if ends_at is not None and case.now >= ends_at:
        raise UnknownTicket("link")
    return stored


def _linked(case: Case, link: LinkTo | None) -> ticket_rows.Stored:
    """The ticket that a link names, made since its requester was last proved. Raises UnknownTicket."""
    stored = tickets.by_id(case.connection, link.ticket_id) if link is not None else None
    if stored is None or link is None or link.epoch != trust.epoch(stored.ticket):
        raise UnknownTicket("link")
    return stored


def _surveyed(case: Case, token: str) -> ticket_rows.Stored:
    """The ticket whose survey the link opens. Raises UnknownTicket, SurveyOver."""
    stored = _linked(case, case.stationery.links.survey_ticket(token, case.now))
    if not is_survey_open(stored.ticket, case.policy, case.now):
        ticket = stored.ticket
        is_answered = ticket.rated_at and ticket.surveyed_at and ticket.rated_at >= ticket.surveyed_at
        raise SurveyOver(ticket.rating if is_answered else None)
    return stored


def _without_empty(values: dict[str, Any]) -> dict[str, object]:
    return {
        key: value.isoformat() if isinstance(value, datetime) else value
        for key, value in values.items()
        if value not in (None, "")
    }
