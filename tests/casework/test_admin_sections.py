"""Every address below /admin/ that the program has, whoever wrote it: closed to strangers, other roles, other
sites. They are read from the application itself, so that one that somebody adds is asked for here too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.routing import Route

from daemon.clock import ManualClock
from daemon.config import load
from daemon.dispatch.trial import Trials
from daemon.reading.reader import OwnReader
from daemon.rulebook import desk_rules
from daemon.settings import library_of, policy_of
from daemon.store.database import Database
from daemon.web.admin.oidc import OidcSettings, Provider
from daemon.web.admin.people import Admin
from daemon.web_assembly import Behind, sections_of, settings_of
from daemon.workflow.vocabulary import ADMIN_ROLES
from tests.admin_house import HASH, NOURA, URL, AdminHouse, admin_house
from tests.casework.world import MemoryGateway, MemoryMailbox, MemoryRelay
from tests.integration.office import START, configuration

BY_ROLE = {role: Admin(f"only {role}", HASH, "", frozenset({role})) for role in ADMIN_ROLES}


PUBLIC = {
    ("GET", "/admin"),
    ("GET", "/admin/sign-in"),
    ("POST", "/admin/sign-in"),
    ("POST", "/admin/sign-out"),
    ("GET", "/admin/sign-in/ministry"),
    ("GET", "/admin/sign-in/ministry/back"),
    ("GET", "/admin/assets/{name}"),
}
"""What a stranger may ask for. Whoever adds to it says why in a review."""
FOR_ALL = {("GET", "/admin/"), ("GET", "/admin/{rest:path}")}
"""What an admin of any role may ask for: the home page, and the page that says that there is none."""


@dataclass(frozen=True)
class Asked:
    """One address by one method, as it is registered and as it is asked for."""

    method: str
    registered: str
    path: str

    @property
    def section(self) -> str:
        return self.registered.split("/")[2].partition("{")[0]


class Unasked(Provider):
    """An identity provider that nobody gets as far as."""


@pytest.fixture
def house(database: Database, tmp_path: Path) -> AdminHouse:
    servers: Any = {"imap": MemoryMailbox(), "smtp": MemoryRelay(), "sms": MemoryGateway()}
    path = configuration(url=database.url, folder=tmp_path, user="infocs", changed={}, **servers)
    config, clock, nobody = load(path), ManualClock(START), None
    behind: Any = Behind(
        config=config,
        database=database,
        clock=clock,
        policy=policy_of(config),
        counter=nobody,  # type: ignore[arg-type]  # nobody gets that far
        files=nobody,  # type: ignore[arg-type]
        receipts=nobody,  # type: ignore[arg-type]
        health=dict,
        library=library_of(config, database, clock),
        reader=OwnReader(desk_rules(config).reading),
        trials=object.__new__(Trials),
    )
    behind.library.open()
    sections = sections_of(behind, settings_of(config, behind.policy))
    house = admin_house(database, sections, admins=(NOURA, *BY_ROLE.values()))
    house.provider = Unasked(OidcSettings("https://login.example", "shakwa", "x", "https://x.example"))
    house.rebuild()
    return house


def addresses(house: AdminHouse) -> Iterator[Asked]:
    """Every address below /admin by each of its methods, with something in the place of what varies."""
    for route in house.app.router.routes:
        assert isinstance(route, Route), "what is mounted is walked by no test"
        if route.path.partition("{")[0].startswith("/admin"):
            path = re.sub(r"\{[^}]*\}", "1", route.path)
            for method in sorted((route.methods or {"GET", "POST"}) - {"HEAD"}):
                yield Asked(method, route.path, path)


def asked(house: AdminHouse) -> list[Asked]:
    """Those that are not for everybody."""
    return [one for one in addresses(house) if (one.method, one.registered) not in PUBLIC]


def is_shut(answer: httpx.Response) -> bool:
    """Whether the page says only that somebody must sign in."""
    if answer.status_code == 303:
        return answer.headers["location"].startswith("/admin/sign-in")
    return answer.status_code in (401, 415)


def test_the_whole_program_is_looked_at(house: AdminHouse) -> None:
    found = {one.section for one in asked(house)}

    assert found >= {"texts", "tickets", "quarantine", "unanswered", "outbox", "figures", "audit"}
    assert {(one.method, one.registered) for one in addresses(house)} >= PUBLIC


async def test_no_address_answers_a_stranger(house: AdminHouse) -> None:
    visitor = house.visitor()
    visitor.cookies.set("__Host-shakwa-admin", "x" * 43)

    for one in asked(house):
        for method in (one.method, "HEAD") if one.method == "GET" else (one.method,):
            assert is_shut(await visitor.request(method, one.path)), one


async def test_no_address_answers_who_signed_out(house: AdminHouse) -> None:
    visitor = await house.signed_in()
    kept = dict(visitor.cookies)
    await visitor.post("/admin/sign-out")
    visitor.cookies.update(kept)

    for one in asked(house):
        assert is_shut(await visitor.request(one.method, one.path)), one


async def test_no_address_answers_an_admin_of_other_roles(house: AdminHouse) -> None:
    roles = {section.name: section.role for section in house.sections}
    for role, admin in BY_ROLE.items():
        visitor = await house.signed_in(admin)
        for one in asked(house):
            if (one.method, one.registered) in FOR_ALL:
                continue
            if roles[one.section] not in (None, role):
                assert (await visitor.request(one.method, one.path)).status_code == 403, (role, one)


async def test_no_section_is_for_everybody(house: AdminHouse) -> None:
    assert [one.name for one in house.sections if one.role is None] == []


ELSEWHERE: list[dict[str, str]] = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": URL},
    {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "", "Origin": "null"},
]


async def test_no_address_takes_a_post_from_another_site(house: AdminHouse) -> None:
    visitor = await house.signed_in()

    for one in addresses(house):
        if one.method != "GET":
            for headers in ELSEWHERE:
                answer = await visitor.request(one.method, one.path, headers=headers)
                assert answer.status_code == 403, (one, headers)
    assert (await visitor.get("/admin/")).status_code == 200  # nor did any of them sign her out


@pytest.mark.parametrize("value", ["9" * 5_000, "2147483648", "%00", "%D9%A1"])
async def test_no_address_stumbles_over_what_stands_in_it(
    house: AdminHouse, value: str, caplog: pytest.LogCaptureFixture
) -> None:
    visitors = (house.visitor(), await house.signed_in())

    for one in addresses(house):
        if "{" in one.registered:
            path = re.sub(r"\{[^}]*\}", value, one.registered)
            data = {"why": "x", "sure": "yes"} if one.method == "POST" else None
            for visitor in visitors:
                answer = await visitor.request(one.method, path, data=data)
                assert answer.status_code in (303, 401, 404, 405), (one, answer.status_code)
    assert "bug" not in caplog.text


async def test_what_changes_something_is_never_asked_for_by_get(house: AdminHouse) -> None:
    # A link in a mail is a GET, and carries the cookie.
    for section in house.sections:
        for one in section.addresses:
            assert not {"GET", "POST"} <= set(one.methods), f"{section.name}{one.path}: two addresses, please"


@pytest.mark.parametrize("language", ["ar", "en"])
async def test_every_section_has_its_words_and_a_page(house: AdminHouse, language: str) -> None:
    house.settings = replace(house.settings, language=language)
    house.rebuild()
    visitor = await house.signed_in()

    home = (await visitor.get("/admin/")).text

    for section in house.sections:
        assert f'href="/admin/{section.name}"' in home
        answer = await visitor.get(f"/admin/{section.name}")
        assert answer.status_code in (200, 303), section.name
