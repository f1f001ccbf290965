"""The register of the admins' pages. How a section joins:

    # daemon/web/admin/texts/section.py
    def section(desk: TextsDesk) -> Section:
        pages = _Pages(desk)
        return Section(
            "texts",                                     # its address: /admin/texts
            "words",                                     # the role that opens it
            (
                Address("", pages.list),                 # GET /admin/texts
                Address("/{path:path}/save", pages.save, ("POST",)),
            ),
            ("admin_texts",),                            # its words: templates/{ar,en}/pages/admin_texts.toml
        )

    async def list(self, visit: Visit) -> Response:
        rows = await self._desk.texts()
        return visit.page("admin/texts/list.html", rows=rows)

- The navigation shows it as `section_NAME`, the home page also `section_NAME_hint`: both in
  templates/{ar,en}/pages/admin.toml. Its templates lie in web/pages/admin/NAME/, and extend
  "admin/shell.html" in its blocks `title` and `main`.
- A handler is called only for an admin who is signed in and has the role, and a POST only from a page of ours
  (`origins`): a form needs no token. It answers a post by `visit.to(...)`, or by a page with status 422.
- Who did it is `visit.admin.name`. Whatever changes something is audited in the same transaction, as its last
  step: `store.audit.record(connection, Deed(visit.admin.name, "mail_released", f"mail {id}"), now)`; the acts
  stand in `workflow.vocabulary`.
- A handler may raise HTTPException and StoreUnavailable: they become pages. It never blocks the loop.
- The id of a row stands in an address as {id:row}.
- Style and script are files (`assets`); nothing inline is allowed. A page that is shown inside a frame of
  ours (a mail's preview) answers with the headers FRAMED.

`web_assembly.sections_of` lists the sections with their ports, in the order of the navigation.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from daemon.store.database import StoreUnavailable
from daemon.web.admin import assets
from daemon.web.admin.origins import SAFE_METHODS, is_ours, origin_of
from daemon.web.admin.shell import ROOT, Shell
from daemon.web.admin.signing import Reception, next_of
from daemon.web.admin.visits import MOST_FIELDS, Visit
from daemon.web.bodies import read_form
from daemon.web.callers import retry_after
from daemon.web.settings import WebSettings
from daemon.web.surveys import RETRY_S
from daemon.workflow.vocabulary import AdminRole

GO: Final = "sign-in/ministry"
BACK: Final = "/admin/sign-in/ministry/back"
"""Where the identity provider sends people back to, below public_url."""
Handler = Callable[[Visit], Awaitable[Response]]


class _Row(IntegerConvertor):
    """The id of a row in an address: {id:row}. Longer ones are no ids, and Starlette's own {id:int} stumbles
    over a number of thousands of digits before anybody is asked who they are."""

    regex = "[0-9]{1,9}"


register_url_convertor("row", _Row())

if TYPE_CHECKING:
    from daemon.web.admin.ministry import Ministry

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
    "frame-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
# With no-referrer a browser would send "Origin: null" with our own forms. No address of ours holds a secret.
_HEADERS = {"Content-Security-Policy": _POLICY, "Referrer-Policy": "same-origin"}

FRAMED: Final[Mapping[str, str]] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'none'; sandbox",
    "X-Frame-Options": "SAMEORIGIN",
}
"""The headers of a document that a page of ours shows in a frame: it runs nothing and leads nowhere."""


@dataclass(frozen=True, slots=True)
class Address:
    """One address of a section. `path` follows /admin/NAME and begins with "/" or is ""."""

    path: str
    handler: Handler
    methods: tuple[str, ...] = ("GET",)


@dataclass(frozen=True, slots=True)
class Section:
    """Some pages that belong together. `role` None: for every admin."""

    name: str
    role: AdminRole | None
    addresses: tuple[Address, ...]
    words: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class _Door:
    """What every request below /admin/ goes through."""

    settings: WebSettings
    shell: Shell
    reception: Reception

    async def public(self, handler: Callable[[Request], Awaitable[Response]], request: Request) -> Response:
        """For everybody: signing in and out, style and script."""
        return await self._answered(request, partial(handler, request), self.shell.notice)

    async def inside(self, section: Section, address: Address, request: Request) -> Response:
        """For admins who have the section's role."""
        return await self._answered(
            request, partial(self._inside, section, address, request), self.shell.notice
        )

    async def _inside(self, section: Section, address: Address, request: Request) -> Response:
        admin = await self.reception.sessions.find(self.reception.cookie.read(request))
        if admin is None:
            return await self._outside(request)
        visit = Visit(request, admin, self.shell, section.name)
        if not admin.may(section.role):
            return visit.notice("forbidden", 403)
        return await self._answered(request, partial(address.handler, visit), visit.notice)

    async def _answered(
        self,
        request: Request,
        answer: Callable[[], Awaitable[Response]],
        notice: Callable[[str, int], Response],
    ) -> Response:
        try:
            is_ours_ = is_ours(request.method, request.headers, origin_of(self.settings.public_url))
            response = await answer() if is_ours_ else notice("cross_site", 403)
        except HTTPException as error:
            response = notice("no_page" if error.status_code == 404 else "not_taken", error.status_code)
        except StoreUnavailable:
            response = notice("busy", 503)
            response.headers.update(retry_after(RETRY_S))
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    async def _outside(self, request: Request) -> Response:
        """Nobody is signed in, or not any more: they sign in, and what they wrote is not lost."""
        if request.method not in SAFE_METHODS:
            fields = await read_form(request, MOST_FIELDS)
            path = request.scope["path"].removeprefix(ROOT)
            return self.shell.page("admin/ended.html", 401, fields=fields, action=self.shell.address(path))
        query = request.scope.get("query_string", b"").decode("ascii", "replace")
        wanted = next_of(request.scope["path"] + (f"?{query}" if query else ""))
        asked = f"?{urlencode({'next': ROOT + wanted})}" if wanted else ""
        return RedirectResponse(self.shell.address(f"sign-in{asked}"), 303)


def admin_routes(
    settings: WebSettings,
    reception: Reception,
    sections: Sequence[Section],
    ministry: Ministry | None = None,
) -> list[Route]:
    """Every route of /admin/, for `app.build_app`. `ministry`: the sign-in by [oidc]."""
    door = _Door(settings, reception.shell, reception)

    def public(path: str, handler: Callable[[Request], Awaitable[Response]], method: str = "GET") -> Route:
        return Route(ROOT + path, partial(door.public, handler), methods=[method])

    def inside(section: Section, address: Address) -> Route:
        path = ROOT + section.name + address.path
        return Route(path, partial(door.inside, section, address), methods=list(address.methods))

    home = Section("", None, (Address("", _home), Address("{rest:path}", _nowhere)))
    return [
        Route(ROOT.rstrip("/"), partial(door.public, partial(_to_home, reception.shell)), methods=["GET"]),
        public("sign-in", reception.show),
        public("sign-in", reception.sign_in, "POST"),
        public("sign-out", reception.sign_out, "POST"),
        *([public(GO, ministry.go), public(BACK.removeprefix(ROOT), ministry.come_back)] if ministry else []),
        public("assets/{name}", assets.give),
        *(inside(section, address) for section in sections for address in section.addresses),
        *(inside(home, address) for address in home.addresses),
    ]


async def _to_home(shell: Shell, _: Request) -> Response:
    return RedirectResponse(shell.address(), 303)


async def _home(visit: Visit) -> Response:
    return visit.page("admin/home.html")


async def _nowhere(visit: Visit) -> Response:
    raise HTTPException(404)
