"""Answers /s/TOKEN: one question, answered once.

Only a POST records an answer, because mail scanners follow links (FACTS §12): ?score=4 chooses, no more.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from daemon.front_desk import MAX_COMMENT, FrontDesk, SurveyOver
from daemon.store.database import StoreUnavailable
from daemon.web.bodies import read_form
from daemon.web.callers import Gate, retry_after, token_of
from daemon.web.pages import Again, Pages

RETRY_S = 30
LOW = 2
"""Up to this score the thanks say how the complaint is opened again."""
SCORES = {sign: score for digits in ("12345", "١٢٣٤٥") for score, sign in enumerate(digits, 1)}


class Surveys:
    def __init__(self, desk: FrontDesk, pages: Pages, gate: Gate) -> None:
        self._desk = desk
        self._pages = pages
        self._gate = gate

    async def show(self, request: Request) -> Response:
        """The form. A link of the mail may choose a score; it is sent by hand all the same. Raises
        UnknownTicket, StoreUnavailable."""
        token = token_of(request)
        try:
            return await self._form(token, score=SCORES.get(request.query_params.get("score", "")))
        except SurveyOver as over:
            return self._over(over)

    async def answer(self, request: Request) -> Response:
        """Record the answer. Raises UnknownTicket."""
        token = token_of(request)
        typed = await read_form(request)
        score, comment = SCORES.get(typed.get("score", "").strip()), typed.get("comment", "").strip()
        if wait := self._gate.wait_s(request, token):
            return self._again(token, "too_often", 429, wait, score, comment)
        try:
            survey = await self._desk.survey(token)
            pages = self._pages.in_language(survey.language)
            mistakes = self._mistakes(pages, score, comment)
            if score is None or mistakes:
                return await self._form(token, 422, score, comment, mistakes)
            await self._desk.rate(token, score, comment)
        except SurveyOver as over:
            return self._over(over)
        except StoreUnavailable:
            return self._again(token, "unavailable", 503, RETRY_S, score, comment)
        return pages.render("thanks", score=score, is_low=score <= LOW, page=survey.status_url)

    def _mistakes(self, pages: Pages, score: int | None, comment: str) -> Mapping[str, str]:
        mistakes = {}
        if score is None:
            mistakes["score"] = pages.say("score_missing")
        if len(comment) > MAX_COMMENT:
            mistakes["comment"] = pages.say("comment_too_long", most=MAX_COMMENT)
        return mistakes

    async def _form(
        self,
        token: str,
        status: int = 200,
        score: int | None = None,
        comment: str = "",
        mistakes: Mapping[str, str] | None = None,
    ) -> Response:
        survey = await self._desk.survey(token)
        return self._pages.in_language(survey.language).render(
            "survey",
            status,
            number=survey.number,
            closes_at=survey.closes_at,
            score=score,
            comment=comment,
            mistakes=mistakes or {},
            most=MAX_COMMENT,
            action=self._address(token),
        )

    def _again(
        self, token: str, word: str, status: int, wait: int, score: int | None, comment: str
    ) -> Response:
        again = Again({"score": str(score or ""), "comment": comment}, self._address(token))
        return self._pages.again(word, status, retry_after(wait), again)

    def _over(self, over: SurveyOver) -> Response:
        if over.rating is not None:  # also the second of two quick presses: a thank-you, not a reproach
            return self._pages.notice("rated", 200, score=over.rating)
        return self._pages.notice("survey_over", 410)

    def _address(self, token: str) -> str:
        return f"{self._pages.base_path}/s/{token}"
