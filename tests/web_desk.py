"""A front desk in memory: the protocol with a little of the real rules, and faults on request.

The rules stand in daemon/workflow and are tested there; here it matters what the web does with answers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from starlette.applications import Starlette

from daemon.clock import ManualClock
from daemon.front_desk import (
    Answer,
    Caller,
    Complaint,
    FilesRefused,
    KeyReused,
    Said,
    Standing,
    Step,
    Survey,
    SurveyOver,
    UnknownTicket,
    Upload,
)
from daemon.web.app import ApiClient, WebSettings, build_app
from daemon.web.callers import Gate
from daemon.web.throttle import Throttle
from daemon.workflow.ticket_number import format_number

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)  # Sunday, 12:00 in Riyadh
KEY = "call-centre-key-0123456789"
WEBSITE_KEY = "website-key-0123456789"
X_KEY = "x-desk-key-0123456789"
CLIENTS = tuple(
    ApiClient(name, hashlib.sha256(key.encode()).hexdigest(), channels, reads_all)
    for name, key, channels, reads_all in (
        ("call-centre", KEY, ("phone", "sign_language"), True),
        ("website", WEBSITE_KEY, ("website", "chatbot"), True),
        ("x-desk", X_KEY, ("x",), False),
    )
)
AUTHORIZED = {"Authorization": f"Bearer {KEY}"}
PUBLIC_URL = "https://shakwa.momah.gov.sa"
TOKEN = "tok0000000000000000000001"
SURVEY_TOKEN = "srv0000000000000000000001"
NUMBER = format_number(2026, 1)


@dataclass
class FakeDesk:
    """`fault`, where set, is raised by every call; `calls` counts those that would have written."""

    clock: ManualClock = field(default_factory=lambda: ManualClock(NOW))
    standings: dict[str, Standing] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    surveys: dict[str, Survey] = field(default_factory=dict)
    ratings: dict[str, tuple[int, str]] = field(default_factory=dict)
    complaints: list[tuple[Complaint, Caller]] = field(default_factory=list)
    said: list[tuple[str, Said]] = field(default_factory=list)
    answers: dict[tuple[str, str], tuple[str, Answer]] = field(default_factory=dict)
    openers: dict[str, str] = field(default_factory=dict)
    files: list[Upload] = field(default_factory=list)
    refused: tuple[tuple[str, str], ...] = ()
    fault: Exception | None = None

    def place(self, **changes: Any) -> Standing:
        """Put a complaint behind TOKEN."""
        standing = replace(self._new(len(self.standings) + 1, TOKEN, "email"), **changes)
        self.standings[standing.number] = standing
        self.tokens[TOKEN] = standing.number
        return standing

    def place_survey(self, **changes: Any) -> None:
        self.surveys[SURVEY_TOKEN] = replace(Survey(NUMBER, self.clock.now() + timedelta(days=14)), **changes)

    @property
    def has_written(self) -> bool:
        return bool(self.complaints or self.said or self.ratings)

    # --- the protocol -------------------------------------------------------------------------------

    async def open(self, complaint: Complaint, caller: Caller) -> Answer:
        self._stumble()
        if (earlier := self._earlier(caller)) is not None:
            return earlier
        self.complaints.append((complaint, caller))
        count = len(self.standings) + 1
        standing = replace(
            self._new(count, f"tok{count:022d}", complaint.channel),
            request_number=complaint.request_number,
            category=complaint.category,
            state="open" if complaint.request_number else "awaiting_info",
            missing=() if complaint.request_number else ("request_number",),
        )
        self.standings[standing.number] = standing
        self.openers[standing.number] = caller.name
        return self._remember(caller, Answer("opened", standing))

    async def say(self, number: str, said: Said, caller: Caller) -> Answer:
        self._stumble()
        if (earlier := self._earlier(caller)) is not None:
            return earlier
        self._known(number, caller)
        return self._remember(caller, self._hear(number, said))

    async def standing(self, number: str, caller: Caller) -> Standing:
        self._stumble()
        return self._known(number, caller)

    async def page(self, token: str) -> Standing:
        self._stumble()
        return self._standing(self._number(token))

    async def say_on_page(self, token: str, said: Said, files: Sequence[Upload] = ()) -> Answer:
        self._stumble()
        if self.refused:
            raise FilesRefused(self.refused)
        self.files += files
        return self._hear(self._number(token), said)

    async def survey(self, token: str) -> Survey:
        self._stumble()
        survey = self.surveys.get(token)
        if survey is None:
            raise UnknownTicket
        if token in self.ratings:
            raise SurveyOver(self.ratings[token][0])
        if self.clock.now() >= survey.closes_at:
            raise SurveyOver
        return survey

    async def rate(self, token: str, score: int, comment: str = "") -> None:
        await self.survey(token)
        if not 1 <= score <= 5:
            raise ValueError("a score is from 1 to 5")
        self.ratings[token] = (score, comment)

    # --- its little rules ---------------------------------------------------------------------------

    def _new(self, count: int, token: str, channel: str) -> Standing:
        return Standing(
            number=format_number(2026, count),
            state="open",
            channel=channel,
            opened_at=self.clock.now(),
            status_url=f"{PUBLIC_URL}/c/{token}",
            request_number="44012345",
            escalation_possible_at=self.clock.now() + timedelta(days=14),
            steps=(Step(self.clock.now(), "customer_wrote"), Step(self.clock.now(), "received")),
        )

    def _hear(self, number: str, said: Said) -> Answer:
        before = self._standing(number)
        self.said.append((number, said))
        standing, outcome = before, "added"
        if said.kind == "escalation":
            outcome = "escalated" if before.may_escalate else "recorded"
            if before.may_escalate:
                standing = replace(before, escalation="raised", may_escalate=False)
        elif not before.may_add:
            count = len(self.standings) + 1
            standing, outcome = self._new(count, f"tok{count:022d}", "website"), "opened"
            self.tokens[f"tok{count:022d}"] = standing.number
        elif before.state in ("resolved", "closed"):
            standing, outcome = replace(before, state="open", close_reason=None), "reopened"
        elif said.request_number:
            standing = replace(before, state="open", request_number=said.request_number, missing=())
        self.standings[standing.number] = standing
        return Answer(outcome, standing)

    def _stumble(self) -> None:
        if self.fault is not None:
            raise self.fault

    def _known(self, number: str, caller: Caller) -> Standing:
        standing = self._standing(number)
        if caller.channels is not None and self.openers.get(number) != caller.name:
            raise UnknownTicket
        return standing

    def _standing(self, number: str) -> Standing:
        if number not in self.standings:
            raise UnknownTicket
        return self.standings[number]

    def _number(self, token: str) -> str:
        if token not in self.tokens:
            raise UnknownTicket
        return self.tokens[token]

    def _earlier(self, caller: Caller) -> Answer | None:
        if caller.key is None or (caller.name, caller.key) not in self.answers:
            return None
        request_hash, answer = self.answers[caller.name, caller.key]
        if request_hash != caller.request_hash:
            raise KeyReused
        return answer

    def _remember(self, caller: Caller, answer: Answer) -> Answer:
        if caller.key is not None:
            self.answers[caller.name, caller.key] = (caller.request_hash, answer)
        return answer


def settings_of(**changes: Any) -> WebSettings:
    return replace(WebSettings(public_url=PUBLIC_URL, api_clients=CLIENTS), **changes)


def app_of(desk: FakeDesk, *, parts: dict[str, str] | None = None, **changes: Any) -> Starlette:
    gate = changes.pop("gate", Gate(Throttle(1000, 1.0), Throttle(1000, 1.0)))
    health = {"mailbox": "ok", "database": "ok"} if parts is None else parts
    return build_app(desk, settings_of(**changes), lambda: health, clock=desk.clock, gate=gate)


def caller_of(app: Starlette, **options: Any) -> httpx.AsyncClient:
    """A caller without a socket. What the app raises is raised in the test: nothing may get that far."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk.test", **options)
