"""Builds the web application: which address leads where, and what a caller hears when a request fails.

People get a page; programs (under /api/, /healthz, /readyz) get JSON. Nobody gets a traceback.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ExceptionHandler, Scope

from daemon.clock import Clock, SystemClock
from daemon.front_desk import FileDesk, FrontDesk, KeyReused, UnknownTicket
from daemon.store.database import StoreUnavailable
from daemon.web import openapi, static
from daemon.web.callers import Gate, retry_after
from daemon.web.complaints import Mistaken, fields_of
from daemon.web.files import Files
from daemon.web.intake import COMPLAINTS, ApiError, Intake
from daemon.web.pages import Pages, pages_of
from daemon.web.receipts import HOOKS
from daemon.web.settings import ApiClient, Health, WebSettings
from daemon.web.shield import Shield, security_headers
from daemon.web.status import StatusPages
from daemon.web.surveys import RETRY_S, Surveys
from daemon.web.throttle import Throttle
from daemon.web.turnstile import Turnstile

__all__ = ["ApiClient", "Health", "WebSettings", "build_app"]

_CODES: Mapping[int, tuple[str, str]] = {
    400: ("not_json", "the body is not a JSON document"),
    404: ("not_found", "there is nothing at this address"),
    405: ("method_not_allowed", "this address does not take that method"),
    408: ("too_slow", "the body took too long to arrive"),
    413: ("too_large", "the body is over 256 KiB"),
    415: ("wrong_content_type", "the body must be application/json, UTF-8, not compressed"),
    503: ("unavailable", "not now; nothing was written. Send the same again with the same Idempotency-Key"),
}
_NOTICES = {404: "not_found", 408: "too_slow", 413: "too_big", 429: "too_often", 503: "unavailable"}


def build_app(
    desk: FrontDesk,
    settings: WebSettings,
    health: Health,
    *,
    clock: Clock | None = None,
    gate: Gate | None = None,
    files: FileDesk | None = None,
) -> Starlette:
    """The ASGI application. `gate` is how often pages may be posted to: by default ten times at once and
    then twice a minute to one page, and twice a second from one line. `files` gives out files by link."""
    clock = clock or SystemClock()
    gate = gate or Gate(Throttle(burst=10, every_s=30.0), Throttle(burst=120, every_s=0.5))
    pages = pages_of(settings)
    surveys = Surveys(desk, pages, gate)
    status = StatusPages(desk, pages, gate, clock, settings.uploads)
    intake = Intake(desk, settings, clock)
    described = openapi.document(settings)

    async def describe(_: Request) -> Response:
        return JSONResponse(described)

    async def alive(_: Request) -> Response:
        return JSONResponse({"alive": True})

    async def ready(_: Request) -> Response:
        parts = dict(health())
        is_ready = all(how in ("ok", "on hold") for how in parts.values())
        return JSONResponse({"ready": is_ready, "parts": parts}, 200 if is_ready else 503)

    async def privacy(request: Request) -> Response:
        return pages.in_language(request.query_params.get("language")).render("privacy")

    async def robots(_: Request) -> Response:
        return PlainTextResponse("User-agent: *\nDisallow: /\n")

    apologies = _Apologies(pages)
    headers = security_headers([pages.style_hash], is_https=settings.is_https)
    app = Starlette(
        routes=[
            Route("/s/{token}", surveys.show, methods=["GET"]),
            Route("/s/{token}", surveys.answer, methods=["POST"]),
            *_file_routes(files, pages),
            Route("/c/{token}", status.show, methods=["GET"]),
            Route("/c/{token}/information", status.add, methods=["POST"]),
            Route("/c/{token}/escalation", status.escalate, methods=["POST"]),
            Route(COMPLAINTS, intake.open, methods=["POST"]),
            Route(f"{COMPLAINTS}/{{number}}", intake.show, methods=["GET"]),
            Route(f"{COMPLAINTS}/{{number}}/messages", intake.say, methods=["POST"]),
            Route("/api/v1/openapi.json", describe, methods=["GET"]),
            Route("/openapi.json", describe, methods=["GET"]),
            Route("/healthz", alive, methods=["GET"]),
            Route("/readyz", ready, methods=["GET"]),
            Route("/robots.txt", robots, methods=["GET"]),
            Route("/privacy", privacy, methods=["GET"]),
            Route(static.ROUTE, static.shipped().give, methods=["GET"]),
        ],
        middleware=[
            Middleware(Shield, headers=headers, apology=apologies.for_bug),
            Middleware(Turnstile, refuse=apologies.for_crowd),
        ],
        exception_handlers=apologies.handlers(),
    )
    # A redirect to a slash more or less would be built from the Host header, which is the caller's.
    app.router.redirect_slashes = False
    return app


def _file_routes(desk: FileDesk | None, pages: Pages) -> list[Route]:
    if desk is None:
        return []
    give = Files(desk, pages).give
    return [Route(path, give, methods=["GET"]) for path in ("/f/{token}", "/f/{token}/{name}")]


class _Apologies:
    """The answers to requests that could not be handled."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._for_crowd: dict[tuple[bool, int], Response] = {}

    def handlers(self) -> Mapping[type[Exception], ExceptionHandler]:
        return {
            HTTPException: self._http,
            ApiError: self._api_error,
            Mistaken: self._mistaken,
            UnknownTicket: self._unknown,
            KeyReused: self._key_reused,
            StoreUnavailable: self._unavailable,
        }

    def for_bug(self, scope: Scope) -> Response:
        if _is_program(scope["path"]):
            return ApiError(500, "internal", "an error of ours; it is in our log").response()
        return self._pages.notice("bug", 500)

    def for_crowd(self, scope: Scope, status: int) -> Response:
        """408 for a body that did not come, 503 where too many ask at once; each is made once."""
        key = (_is_program(scope["path"]), status)
        if key not in self._for_crowd:
            headers = retry_after(RETRY_S) if status == 503 else None
            self._for_crowd[key] = self._refused(scope["path"], status, headers)
        return self._for_crowd[key]

    def _http(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return self._refused(request.scope["path"], error.status_code, error.headers)

    def _refused(self, path: str, status: int, headers: Mapping[str, str] | None) -> Response:
        if _is_program(path):
            code, message = _CODES.get(status, ("refused", "the request cannot be handled"))
            return ApiError(status, code, message, headers=headers).response()
        return self._pages.notice(_NOTICES.get(status, "refused"), status, headers)

    def _api_error(self, _: Request, error: Exception) -> Response:
        assert isinstance(error, ApiError)
        return error.response()

    def _mistaken(self, _: Request, error: Exception) -> Response:
        assert isinstance(error, Mistaken)
        message = "some fields cannot be taken"
        return ApiError(422, "invalid_fields", message, tuple(fields_of(error.mistakes))).response()

    def _unknown(self, request: Request, _: Exception) -> Response:
        if _is_program(request.scope["path"]):
            return ApiError(404, "unknown_ticket", "there is no such complaint").response()
        return self._pages.notice("unknown", 404)

    def _key_reused(self, _: Request, __: Exception) -> Response:
        message = "this Idempotency-Key came with another request before"
        return ApiError(409, "key_reused", message).response()

    def _unavailable(self, request: Request, _: Exception) -> Response:
        return self._refused(request.scope["path"], 503, retry_after(RETRY_S))


def _is_program(path: str) -> bool:
    # The path as it was asked for: request.url is built with the Host header, which may say anything.
    return path.startswith(("/api/", HOOKS)) or path in ("/healthz", "/readyz", "/metrics")
