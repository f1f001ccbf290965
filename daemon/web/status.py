"""Answers /c/TOKEN: how the citizen's complaint stands, and the two things that they can say there.

What is said is posted and answered by a 303, so that a reload repeats nothing. The address then names one
of `OUTCOMES`, and nothing that anybody wrote.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from daemon.clock import Clock
from daemon.front_desk import (
    MAX_REQUEST_NUMBER,
    MAX_TEXT,
    Answer,
    FilesRefused,
    FrontDesk,
    Said,
    Standing,
    Upload,
    request_number_of,
)
from daemon.sms.numbers import saudi_mobile
from daemon.store.database import StoreUnavailable
from daemon.web.bodies import MAX_FORM_BYTES, declared_bytes, read_form
from daemon.web.callers import Gate, retry_after, token_of
from daemon.web.pages import Again, Pages
from daemon.web.settings import UploadLimits
from daemon.web.surveys import RETRY_S
from daemon.web.uploads import Form, Uploads, is_upload
from daemon.workflow.vocabulary import CATEGORIES, Category, SaidKind

OUTCOMES = ("added", "reopened", "opened", "escalated", "wished")
STAGES = ("registered", "processing", "resolved", "closed")
MOST_STEPS = 100
WISH = "objection"
"""In the address: the form is unfolded for who comes to object (`thanks.html`)."""
MOST_SENT_AT_ONCE = 2
"""Forms with files of one page. Who presses twice sends two; nobody shall hold every place (`turnstile`)."""

Fields = Mapping[str, str]
ADDED = ("request_number", "category", "phone", "text")
"""The fields of what is added, in their order on the page."""
_NOTHING: Fields = dict.fromkeys((*ADDED, "reason"), "")


class StatusPages:
    def __init__(self, desk: FrontDesk, pages: Pages, gate: Gate, clock: Clock, limits: UploadLimits) -> None:
        self._desk = desk
        self._pages = pages
        self._gate = gate
        self._clock = clock
        self._limits = limits
        self._uploads = Uploads(limits)
        self._sending: Counter[str] = Counter()
        """How many forms with files come now, by the token of their page."""

    async def show(self, request: Request) -> Response:
        """Raises UnknownTicket, StoreUnavailable."""
        token = token_of(request)
        standing = await self._desk.page(token)
        asked = request.query_params
        return self._page(token, standing, about=WISH if WISH in asked else asked.get("done", ""))

    async def add(self, request: Request) -> Response:
        """What the citizen adds, perhaps with files; an objection once it was resolved or closed. Raises
        UnknownTicket."""
        token = token_of(request)
        if not is_upload(request.scope):
            form = Form(await read_form(request))
            return await self._add(token, form, self._gate.wait_s(request, token))
        if self._sending[token] >= MOST_SENT_AT_ONCE:
            raise HTTPException(429)
        self._sending[token] += 1
        try:
            with contextlib.suppress(StoreUnavailable):  # told once the form was read: what was typed is kept
                await self._desk.page(token)
            wait = self._gate.wait_s(request, token)
            if wait and not 0 < declared_bytes(request.scope) <= MAX_FORM_BYTES:
                raise HTTPException(429, headers=retry_after(wait))  # a short one gets its words back
            async with self._uploads.read(request) as form:
                return await self._add(token, form, wait)
        finally:
            self._sending[token] -= 1
            self._sending += Counter()  # without those that are nought

    async def _add(self, token: str, form: Form, wait: int) -> Response:
        """`wait`: in how many seconds the next may come; 0: now."""
        typed = {name: form.fields.get(name, "").strip() for name in ADDED}
        again = Again(typed, f"{self._address(token)}/information", has_files=bool(form.files))
        if wait:
            return self._again("too_often", 429, wait, again)
        pages = self._pages
        try:
            before = await self._desk.page(token)
            pages = pages.in_language(before.language)
            said = said_in(typed, kind_of(before))
            if mistakes := _mistakes(pages, typed, said, form.files, self._limits):
                return self._page(token, before, 422, typed=typed, mistakes=mistakes)
            answer = await self._desk.say_on_page(token, said, form.files)
        except FilesRefused as refused:
            mistakes = {"files": files_refused(pages, refused)}
            return self._page(token, before, 422, typed=typed, mistakes=mistakes)
        except StoreUnavailable:
            return self._again("unavailable", 503, RETRY_S, again)
        return self._done(token, _what_was_added(before, answer), before, answer)

    async def escalate(self, request: Request) -> Response:
        """A wish to escalate, also before its time (DESIGN §2). Raises UnknownTicket."""
        token = token_of(request)
        text = (await read_form(request)).get("text", "").strip()
        again = Again({"text": text}, f"{self._address(token)}/escalation")
        if wait := self._gate.wait_s(request, token):
            return self._again("too_often", 429, wait, again)
        try:
            before = await self._desk.page(token)
            if not before.may_add:
                return self._page(token, before, 409)  # closed for good: the page says what is possible
            if len(text) > MAX_TEXT:
                say = self._pages.in_language(before.language).say
                mistakes = {"reason": say("text_too_long", most=MAX_TEXT)}
                return self._page(token, before, 422, typed={"reason": text}, mistakes=mistakes)
            answer = await self._desk.say_on_page(token, Said("escalation", text))
        except StoreUnavailable:
            return self._again("unavailable", 503, RETRY_S, again)
        is_escalated = answer.standing.escalation in ("raised", "accepted")
        return self._done(token, "escalated" if is_escalated else "wished", before, answer)

    def _page(
        self,
        token: str,
        standing: Standing,
        status: int = 200,
        *,
        typed: Fields = _NOTHING,
        mistakes: Mapping[str, str] | None = None,
        about: str = "",
    ) -> Response:
        """`about`: what the address says, one of OUTCOMES, WISH, or anything."""
        pages = self._pages.in_language(standing.language)
        typing = Typing(typed, mistakes or {}, about, self._limits, self._address(token))
        return pages.render("status", status, **values_of(pages, standing, self._clock.now(), typing))

    def _again(self, word: str, status: int, wait: int, again: Again) -> Response:
        return self._pages.again(word, status, retry_after(wait), again)

    def _done(self, token: str, outcome: str, before: Standing, answer: Answer) -> Response:
        # Words to a complaint closed for good open a new one, which has a page of its own.
        is_another = answer.standing.number != before.number
        page = answer.standing.status_url if is_another else self._address(token)
        return RedirectResponse(f"{page}?done={outcome}", 303)

    def _address(self, token: str) -> str:
        return f"{self._pages.base_path}/c/{token}"


@dataclass(frozen=True, slots=True)
class Typing:
    """What stands on the page beside the complaint itself: what was typed, what is wrong with it, what the
    address says (one of OUTCOMES, WISH, or anything), and where its forms go."""

    typed: Fields
    mistakes: Mapping[str, str]
    about: str
    limits: UploadLimits
    action: str


def values_of(pages: Pages, standing: Standing, now: datetime, typing: Typing) -> dict[str, Any]:
    """What `status.html` is filled in with."""
    possible_at, about = standing.escalation_possible_at, typing.about
    steps = [step for step in standing.steps if pages.knows(f"step_{step.what}")][-MOST_STEPS:]
    return {
        "standing": standing,
        "stages": stages_of(standing),
        "now": now,
        "next": next_word(standing, pages),
        "kind": kind_of(standing),
        "possible_at": possible_at if possible_at and possible_at > now else None,
        "steps": steps[::-1],
        "answer": next((step for step in reversed(steps) if step.text), None),
        "typed": {**_NOTHING, **typing.typed},
        "mistakes": typing.mistakes,
        "done": about if about in OUTCOMES else "",
        "wishes_to_object": about == WISH,
        "most": MAX_TEXT,
        "limits": typing.limits,
        "action": typing.action,
    }


def kind_of(standing: Standing) -> SaidKind:
    """What words added now are: after the outcome they object to it."""
    return "objection" if standing.state in ("resolved", "closed") else "information"


def said_in(typed: Fields, kind: SaidKind) -> Said:
    """What was typed; None in the place of what is no number, no Saudi mobile, neither ground."""
    ground: Category | None = next((one for one in CATEGORIES if one == typed["category"]), None)
    number, phone = request_number_of(typed["request_number"]), saudi_mobile(typed["phone"])
    return Said(kind, typed["text"], number, phone, ground)


def _mistakes(
    pages: Pages, typed: Fields, said: Said, files: Sequence[Upload], limits: UploadLimits
) -> dict[str, Markup]:
    """In the order of the fields: the first one gets the focus. Files stand no second time in a form that
    comes back: they are to be chosen again."""
    say, mistakes = pages.say, {}
    if typed["request_number"] and said.request_number is None:
        mistakes["request_number"] = say("number_invalid", most=MAX_REQUEST_NUMBER)
    if typed["phone"] and said.phone is None:
        mistakes["phone"] = say("phone_invalid")
    if len(said.text) > MAX_TEXT:
        mistakes["text"] = say("text_too_long", most=MAX_TEXT)
    elif not said.text and said.kind == "objection":
        mistakes["text"] = say("text_missing")
    elif not (said.text or said.category or typed["request_number"] or typed["phone"] or files):
        mistakes["text"] = say("all_missing")
    if wrong := _wrong_files(pages, files, limits):
        mistakes["files"] = wrong
    elif mistakes and files:
        mistakes["files"] = say("files_again")
    return mistakes


def _wrong_files(pages: Pages, files: Sequence[Upload], limits: UploadLimits) -> Markup | None:
    """What is known without looking into them."""
    if len(files) > limits.most:
        return pages.say("files_too_many", most_files=limits.most)
    if large := [one.filename for one in files if len(one.content) > limits.file_bytes]:
        return pages.say("file_too_large", name=large[0], most_mb=limits.file_mb)
    if sum(len(one.content) for one in files) > limits.all_bytes:
        return pages.say("files_too_large", most_mb=limits.all_mb)
    return None


def files_refused(pages: Pages, refused: FilesRefused) -> Markup:
    """Why the first of them cannot be taken."""
    name, verdict = refused.files[0]
    word = f"file_{verdict}" if verdict in ("blocked", "infected") else "file_unreadable"
    return pages.say(word, name=name)


def next_word(standing: Standing, pages: Pages) -> str:
    """The name of the sentence that says how it stands, and what is next."""
    state = standing.state
    if state == "closed":
        exact = f"next_closed_{standing.close_reason}"
        return exact if pages.knows(exact) else "next_closed"
    if state == "awaiting_info":
        return "next_awaiting_info" if "request_number" in standing.missing else "next_awaiting_answer"
    if state == "open" and standing.is_late:
        return "next_open_late"
    if state == "resolved" and standing.is_held:
        return "next_resolved_held"
    return f"next_{state}_by" if standing.next_by else f"next_{state}"


def stages_of(standing: Standing) -> tuple[Sequence[str], str]:
    """The stages that its way has, and the one where it is. What was closed unprocessed skips the middle."""
    if standing.state == "closed" and standing.close_reason != "resolved":
        return ("registered", "closed"), "closed"
    at = {"awaiting_info": "registered", "open": "processing"}.get(standing.state, standing.state)
    return STAGES, at


def _what_was_added(before: Standing, answer: Answer) -> str:
    if answer.standing.number != before.number:
        return "opened"
    was_over, is_over = (one.state in ("resolved", "closed") for one in (before, answer.standing))
    return "reopened" if was_over and not is_over else "added"
