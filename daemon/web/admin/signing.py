"""Answers /admin/sign-in and /admin/sign-out.

Who is no admin, who mistypes their password and who is no admin any more read the same words, after the same
time. Nobody is led elsewhere: `next` is an address below /admin/, or it is not followed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from daemon.config.values import folded
from daemon.store.sessions import Way
from daemon.web.admin.cookies import OwnCookie
from daemon.web.admin.devices import VALID, Devices
from daemon.web.admin.passwords import Passwords, TooMany
from daemon.web.admin.people import Admin, Admins
from daemon.web.admin.sessions import Sessions
from daemon.web.admin.shell import ROOT, Shell
from daemon.web.bodies import read_form
from daemon.web.callers import line_of, retry_after
from daemon.web.surveys import RETRY_S
from daemon.web.throttle import Throttle

_NEXT = re.compile(r"/admin/[A-Za-z0-9/._~%=&?:@+-]{0,500}", re.ASCII)
_SAID = ("out",)
MOST_NAME = 200


def next_of(given: str) -> str:
    """The address below /admin/ to go on to, as it stands after ROOT; "" for anything else."""
    path = given.partition("?")[0]
    is_safe = _NEXT.fullmatch(given) and not {".", ".."} & set(unquote(path).split("/"))
    return given.removeprefix(ROOT) if is_safe else ""


@dataclass(frozen=True, slots=True)
class Limits:
    """How often somebody may try: one name from one line, one name in all, one line in all; and a browser in
    which that admin has signed in before, which nobody else's attempts concern."""

    of_both: Throttle = field(default_factory=lambda: Throttle(burst=5, every_s=30.0))
    of_name: Throttle = field(default_factory=lambda: Throttle(burst=30, every_s=60.0))
    of_line: Throttle = field(default_factory=lambda: Throttle(burst=20, every_s=10.0))
    of_device: Throttle = field(default_factory=lambda: Throttle(burst=10, every_s=30.0))

    def wait_s(self, name: str, line: str, device: str = "") -> int:
        """0, or the seconds until the next attempt. What is refused for its line counts for no name.
        `device`: the admin's own browser, "" where it is not known."""
        if device:
            return math.ceil(self.of_device.take(device))
        name = folded(name[:MOST_NAME])
        by_line = self.of_line.take(line) or self.of_both.take(f"{line} {name}")
        return math.ceil(by_line or self.of_name.take(name))


@dataclass(frozen=True, slots=True)
class Reception:
    """The handlers of signing in and out. `has_oidc`: the page offers the ministry's own sign-in."""

    shell: Shell
    admins: Admins
    sessions: Sessions
    passwords: Passwords
    cookie: OwnCookie
    limits: Limits
    devices: Devices
    device_cookie: OwnCookie
    has_oidc: bool = False

    async def show(self, request: Request) -> Response:
        if await self.sessions.find(self.cookie.read(request)):
            return self.onwards(request.query_params.get("next", ""))
        said = request.query_params.get("done", "")
        done = f"signed_{said}" if said in _SAID else ""
        return self.page(next_of(request.query_params.get("next", "")), done=done)

    async def sign_in(self, request: Request) -> Response:
        form, line = await read_form(request), line_of(request)
        name, onwards = form.get("name", ""), next_of(form.get("next", ""))
        if not name.strip() or not form.get("password"):
            return self.page(onwards, 422, name=name, mistake="sign_in_empty")
        admin = self.admins.named(name)
        device = self.devices.known(self.device_cookie.read(request), admin)
        if wait := self.limits.wait_s(name, line, device):
            return self.page(onwards, 429, name=name, mistake="sign_in_too_often", headers=retry_after(wait))
        password_hash = admin.password_hash if admin else None
        try:
            is_right = await self.passwords.is_right(password_hash, folded(name), form["password"])
        except TooMany:
            return self.page(onwards, 503, name=name, mistake="sign_in_busy", headers=retry_after(RETRY_S))
        if admin is None or not is_right:
            await self.sessions.refuse(admin, "password", line, "password" if admin else "name")
            return self.page(onwards, 401, name=name, mistake="sign_in_wrong")
        return await self.welcome(request, admin, "password", onwards)

    async def welcome(self, request: Request, admin: Admin, way: Way, onwards: str) -> Response:
        """Begin a session, with a token that nobody has seen before, and know the browser from now on.
        `onwards` as `next_of` gives it."""
        token = await self.sessions.begin(admin, way, line_of(request), self.cookie.read(request))
        response = RedirectResponse(self.shell.address(onwards), 303)
        self.cookie.set(response, token)
        self.device_cookie.set(response, self.devices.made(admin), int(VALID.total_seconds()))
        return response

    async def sign_out(self, request: Request) -> Response:
        await self.sessions.end(self.cookie.read(request))
        response = RedirectResponse(self.shell.address("sign-in?done=out"), 303)
        self.cookie.clear(response)
        return response

    def onwards(self, given: str) -> Response:
        return RedirectResponse(self.shell.address(next_of(given)), 303)

    def page(
        self,
        onwards: str,
        status: int = 200,
        *,
        name: str = "",
        mistake: str = "",
        done: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """The page of signing in; `mistake` and `done` are keys of its words."""
        values = {"name": name[:MOST_NAME], "mistake": mistake, "done": done, "has_oidc": self.has_oidc}
        asked = f"{ROOT}{onwards}" if onwards else ""
        return self.shell.page("admin/sign_in.html", status, headers, **values, next=asked)
