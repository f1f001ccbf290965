"""The admins' pages over a database, and a browser's requests to them: for tests of the sections too.

house = admin_house(database, [section])
visitor = await house.signed_in()
page = await visitor.get("/admin/texts")
await visitor.post("/admin/texts/save", data={...})   # as a browser posts a form of that page
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import argon2
import httpx
from starlette.applications import Starlette

from daemon.clock import ManualClock
from daemon.store import audit
from daemon.store.audit import Entry
from daemon.store.database import Database
from daemon.web.admin.cookies import ATTEMPT, DEVICE, SESSION, OwnCookie
from daemon.web.admin.devices import Devices
from daemon.web.admin.ministry import Attempts, Ministry
from daemon.web.admin.oidc import Provider
from daemon.web.admin.passwords import Passwords
from daemon.web.admin.people import Admin, Admins
from daemon.web.admin.routes import Section, admin_routes
from daemon.web.admin.sessions import Sessions
from daemon.web.admin.shell import Shell
from daemon.web.admin.signing import Limits, Reception
from daemon.web.app import WebSettings, build_app
from tests.web_desk import FakeDesk

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)  # Sunday, 12:00 in Riyadh
URL = "https://shakwa.momah.gov.sa"
PASSWORD = "صباح الخير يا جدة"
CHEAP = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
HASH = CHEAP.hash(PASSWORD)
OTHER_HASH = CHEAP.hash("another password")
OURS = {"Sec-Fetch-Site": "same-origin", "Origin": URL}
"""What a browser says of a form on a page of ours."""

NOURA = Admin("نورة العتيبي", HASH, "noura@momah.gov.sa")
WRITER = Admin("Writer", HASH, "writer@momah.gov.sa", frozenset({"words"}))


class Visitor(httpx.AsyncClient):
    """A browser: it keeps cookies, follows no redirect by itself, and says where its posts come from."""

    def __init__(self, app: Starlette, url: str = URL, address: str = "203.0.113.5") -> None:
        transport = httpx.ASGITransport(app=app, client=(address, 4711))
        super().__init__(transport=transport, base_url=url, headers={"Sec-Fetch-Site": "same-origin"})

    async def sign_in(
        self, name: str = NOURA.name, password: str = PASSWORD, **fields: str
    ) -> httpx.Response:
        data = {"name": name, "password": password, **fields}
        return await self.post("/admin/sign-in", data=data)


@dataclass
class AdminHouse:
    """`admins` and `sections` may be changed by a test, then `rebuild` is the program after its restart."""

    database: Database
    admins: tuple[Admin, ...]
    sections: Sequence[Section]
    clock: ManualClock
    settings: WebSettings
    limits: Limits = field(default_factory=Limits)
    provider: Provider | None = None
    app: Starlette = field(init=False)
    reception: Reception = field(init=False)

    def __post_init__(self) -> None:
        self.rebuild()

    def rebuild(self) -> None:
        admins = Admins(self.admins)
        self.reception = Reception(
            Shell(self.settings, self.sections),
            admins,
            Sessions(self.database, admins, self.clock),
            Passwords([one.password_hash for one in self.admins]),
            OwnCookie(self.settings, SESSION),
            self.limits,
            Devices(b"0123456789abcdef", self.clock),
            OwnCookie(self.settings, DEVICE),
            has_oidc=self.provider is not None,
        )
        ministry = None
        if self.provider is not None:
            attempts = Attempts(b"0123456789abcdef", self.clock)
            ministry = Ministry(self.reception, self.provider, attempts, OwnCookie(self.settings, ATTEMPT))
        self.app = build_app(FakeDesk(), self.settings, dict, clock=self.clock)
        self.app.router.routes.extend(admin_routes(self.settings, self.reception, self.sections, ministry))

    def visitor(self, address: str = "203.0.113.5") -> Visitor:
        return Visitor(self.app, self.settings.public_url, address)

    async def signed_in(self, admin: Admin = NOURA) -> Visitor:
        visitor = self.visitor()
        assert (await visitor.sign_in(admin.name)).status_code == 303
        return visitor

    def audited(self) -> list[Entry]:
        """The newest first."""
        return self.database.read_now(audit.latest)


def admin_house(
    database: Database,
    sections: Sequence[Section] = (),
    *,
    admins: tuple[Admin, ...] = (NOURA, WRITER),
    public_url: str = URL,
    language: str = "ar",
) -> AdminHouse:
    """Over a database with its tables (the fixture `database` of tests/casework)."""
    settings = WebSettings(public_url, language=language)
    return AdminHouse(database, admins, sections, ManualClock(NOW), settings)
