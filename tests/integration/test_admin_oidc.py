"""Signing in through an identity provider: who it proves gets in, and no token that is not its own, for us,
for this attempt."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey

from daemon.config.oidc import Claim
from daemon.store.database import Database
from daemon.web.admin.oidc import OidcSettings, Provider
from daemon.web.admin.routes import BACK
from tests.admin_house import NOURA, URL, AdminHouse, Visitor, admin_house
from tests.servers.identity_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    IdentityProvider,
    identity_provider,
)

FAILED = "تعذر الدخول بحساب الوزارة"
NO_ADMIN = "ليس من حسابات الإدارة"


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    with identity_provider() as running:
        yield running


@pytest.fixture
def house(provider: IdentityProvider, sqlite_database: Database) -> AdminHouse:
    house = admin_house(sqlite_database)
    house.provider = Provider(OidcSettings(provider.url, CLIENT_ID, CLIENT_SECRET, URL + BACK))
    house.rebuild()
    return house


async def came_back(visitor: Visitor, provider: IdentityProvider, onwards: str = "") -> httpx.Response:
    """A browser's whole way: to the provider, signed in there, and back."""
    gone = await visitor.get("/admin/sign-in/ministry", params={"next": onwards} if onwards else {})
    assert gone.status_code == 303, gone.text
    back = provider.authorize(gone.headers["location"])
    # A top-level navigation from another site.
    return await visitor.get(back.removeprefix(URL), headers={"Sec-Fetch-Site": "cross-site"})


async def test_who_the_provider_proves_is_signed_in(house: AdminHouse, provider: IdentityProvider) -> None:
    visitor = house.visitor()

    page = await visitor.get("/admin/sign-in?next=/admin/texts")
    answer = await came_back(visitor, provider, "/admin/texts")

    assert 'href="/admin/sign-in/ministry?next=' in page.text
    assert answer.status_code == 303
    assert answer.headers["location"] == "/admin/texts"
    assert NOURA.name in (await visitor.get("/admin/")).text
    [entry] = house.audited()
    assert (entry.who, entry.act) == (NOURA.name, "sign_in")
    assert '"way": "oidc"' in (entry.detail or "")


async def test_an_address_counts_in_whatever_letters(house: AdminHouse, provider: IdentityProvider) -> None:
    provider.email = "Noura@MOMAH.gov.sa"

    assert (await came_back(house.visitor(), provider)).status_code == 303


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "somebody@momah.gov.sa"},
        {"email": "noura@momah.gov.sa.evil.example"},
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": 1.5},
        {"email": None},
        {"email": ["noura@momah.gov.sa"]},
        {"email": ""},
    ],
)
async def test_only_an_admin_with_a_verified_address_gets_in(
    house: AdminHouse, provider: IdentityProvider, claims: dict[str, Any]
) -> None:
    provider.claims = claims

    answer = await came_back(house.visitor(), provider)

    assert answer.status_code == 403
    assert NO_ADMIN in answer.text
    [entry] = house.audited()
    assert (entry.who, entry.act) == ("", "sign_in_failed")
    assert "@" not in str(entry)


ENTRA = OidcSettings("", CLIENT_ID, CLIENT_SECRET, URL + BACK, "oid")
OID = "2f1b5d3c-0c7e-4a52-9f8e-6b1d3a7c9e10"


def configured(house: AdminHouse, provider: IdentityProvider, settings: OidcSettings) -> AdminHouse:
    """With another [oidc], and an admin whom the provider knows by that id."""
    house.admins = (replace(NOURA, subject=OID), *house.admins[1:])
    house.provider = Provider(replace(settings, issuer=provider.url))
    house.rebuild()
    return house


@pytest.mark.parametrize("claim", ["oid", "sub"])
async def test_an_admin_may_be_known_by_an_id_that_is_nobody_elses(
    house: AdminHouse, provider: IdentityProvider, claim: Claim
) -> None:
    configured(house, provider, replace(ENTRA, claim=claim))
    provider.claims = {claim: OID, "email": None, "email_verified": None}

    visitor = house.visitor()

    assert (await came_back(visitor, provider)).status_code == 303
    assert NOURA.name in (await visitor.get("/admin/")).text
    assert provider.scopes == {"oid": "openid profile", "sub": "openid"}[claim]


@pytest.mark.parametrize(
    "claims",
    [
        {"oid": None},
        {"oid": ""},
        {"oid": [OID]},
        {"oid": OID.upper()},
        {"oid": "0" * 36},
        {"oid": None, "sub": OID, "preferred_username": "noura@momah.gov.sa"},
    ],
)
async def test_where_an_id_counts_no_address_and_no_other_id_does(
    house: AdminHouse, provider: IdentityProvider, claims: dict[str, Any]
) -> None:
    configured(house, provider, ENTRA)
    provider.claims = claims  # with Noura's own address, verified

    answer = await came_back(house.visitor(), provider)

    assert answer.status_code == 403
    assert NO_ADMIN in answer.text


async def test_somebody_of_another_tenant_is_not_let_in_whatever_they_are_called(
    house: AdminHouse, provider: IdentityProvider
) -> None:
    configured(house, provider, ENTRA)
    provider.claims = {"oid": OID, "iss": f"{provider.url}/another-tenant/v2.0", "tid": "another-tenant"}

    answer = await came_back(house.visitor(), provider)

    assert answer.status_code == 403
    assert FAILED in answer.text


@pytest.mark.parametrize("proved", [True, "true", "1", 1])
async def test_with_entra_an_address_counts_where_its_domains_owner_proved_it(
    house: AdminHouse, provider: IdentityProvider, proved: object
) -> None:
    configured(house, provider, replace(ENTRA, claim="email", verified_by="xms_edov"))
    provider.claims = {"email_verified": None, "xms_edov": proved}

    assert (await came_back(house.visitor(), provider)).status_code == 303


@pytest.mark.parametrize("proved", [None, False, "false", "0", 0, "", "yes", [True]])
async def test_with_entra_an_address_that_anybody_could_have_written_lets_nobody_in(
    house: AdminHouse, provider: IdentityProvider, proved: object
) -> None:
    configured(house, provider, replace(ENTRA, claim="email", verified_by="xms_edov"))
    provider.claims = {"email_verified": True, "xms_edov": proved}

    assert (await came_back(house.visitor(), provider)).status_code == 403


async def test_what_entra_says_of_a_domain_counts_only_where_it_is_configured(
    house: AdminHouse, provider: IdentityProvider
) -> None:
    provider.claims = {"email_verified": None, "xms_edov": True}

    assert (await came_back(house.visitor(), provider)).status_code == 403


async def test_a_session_ends_where_its_admin_is_known_by_another_id(
    house: AdminHouse, provider: IdentityProvider
) -> None:
    configured(house, provider, ENTRA)
    provider.claims = {"oid": OID}
    visitor = house.visitor()
    await came_back(visitor, provider)
    token = visitor.cookies["__Host-shakwa-admin"]
    assert await house.reception.sessions.find(token) is not None

    house.admins = (replace(NOURA, subject="another"),)
    house.rebuild()

    assert await house.reception.sessions.find(token) is None


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://another.example"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": None},
        {"aud": [CLIENT_ID, "another-client"]},
        {"aud": [CLIENT_ID, "another-client"], "azp": "another-client"},
        {"azp": "another-client"},
        {"exp": int(time.time()) - 600},
        {"exp": None},
        {"exp": "soon"},
        {"iat": None},
        {"nbf": int(time.time()) + 6_000},
        {"nonce": "of another attempt"},
        {"nonce": None},
    ],
)
async def test_a_token_that_is_not_for_us_and_this_attempt_lets_nobody_in(
    house: AdminHouse, provider: IdentityProvider, claims: dict[str, Any]
) -> None:
    provider.claims = claims

    answer = await came_back(house.visitor(), provider)

    assert answer.status_code == 403
    assert FAILED in answer.text


async def test_a_token_that_somebody_else_signed_lets_nobody_in(
    house: AdminHouse, provider: IdentityProvider
) -> None:
    provider.signs_with = RSAKey.generate_key(2048, {"kid": provider.keys[0].kid})

    assert (await came_back(house.visitor(), provider)).status_code == 403


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
async def test_a_token_that_anybody_could_sign_lets_nobody_in(
    house: AdminHouse, provider: IdentityProvider, algorithm: str
) -> None:
    provider.header = {"alg": algorithm}

    assert (await came_back(house.visitor(), provider)).status_code == 403


async def test_a_new_key_of_the_provider_is_asked_for(
    house: AdminHouse, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await came_back(house.visitor(), provider)).status_code == 303
    provider.change_key()
    assert house.provider is not None
    house.provider._monotonic = lambda: time.monotonic() + 61

    assert (await came_back(house.visitor("198.51.100.2"), provider)).status_code == 303


async def test_what_the_provider_says_of_itself_is_kept(
    house: AdminHouse, provider: IdentityProvider
) -> None:
    for _ in range(3):
        await came_back(house.visitor(), provider)
    provider.signs_with = RSAKey.generate_key(2048, {"kid": "unknown"})
    for _ in range(3):
        await came_back(house.visitor(), provider)

    assert provider.asked.count("/.well-known/openid-configuration") == 1
    assert provider.asked.count("/keys") == 1


async def test_an_answer_that_this_browser_did_not_ask_for_counts_for_nothing(
    house: AdminHouse, provider: IdentityProvider
) -> None:
    # Login CSRF: the attacker sends their own answer to somebody else's browser.
    attacker, victim = house.visitor(), house.visitor()
    gone = await attacker.get("/admin/sign-in/ministry")
    back = provider.authorize(gone.headers["location"]).removeprefix(URL)

    without = await victim.get(back)
    await victim.get("/admin/sign-in/ministry")
    with_another = await victim.get(back)

    assert without.status_code == with_another.status_code == 403
    assert "/token" not in provider.asked


async def test_an_attempt_ends(house: AdminHouse, provider: IdentityProvider) -> None:
    visitor = house.visitor()
    gone = await visitor.get("/admin/sign-in/ministry")
    back = provider.authorize(gone.headers["location"]).removeprefix(URL)

    house.clock.advance(minutes=11)

    assert (await visitor.get(back)).status_code == 403


async def test_an_attempt_serves_once(house: AdminHouse, provider: IdentityProvider) -> None:
    visitor = house.visitor()
    gone = await visitor.get("/admin/sign-in/ministry")
    back = provider.authorize(gone.headers["location"]).removeprefix(URL)

    first, second = await visitor.get(back), await visitor.get(back)

    assert [first.status_code, second.status_code] == [303, 403]


@pytest.mark.parametrize("cookie", ["", "x", "a.b.c.d", "...", "é"])
async def test_no_cookie_of_anybody_breaks_anything(house: AdminHouse, cookie: str) -> None:
    header = {"Cookie": f"__Host-shakwa-admin-attempt={cookie}".encode()}

    answer = await house.visitor().get(f"{BACK}?state=&code=x", headers=header)  # type: ignore[arg-type]

    assert answer.status_code == 403


async def test_the_cookie_of_the_attempt_is_short_and_ours_alone(house: AdminHouse) -> None:
    cookie = (await house.visitor().get("/admin/sign-in/ministry")).headers["set-cookie"]

    assert cookie.startswith("__Host-shakwa-admin-attempt=")
    for flag in ("HttpOnly", "Secure", "SameSite=lax", "Max-Age=600", "Path=/"):
        assert flag in cookie


async def test_what_the_provider_refuses_is_a_page(house: AdminHouse, provider: IdentityProvider) -> None:
    visitor = house.visitor()
    gone = await visitor.get("/admin/sign-in/ministry")
    back = provider.authorize(gone.headers["location"]).removeprefix(URL)
    state = back.rpartition("state=")[2]

    answer = await visitor.get(f"{BACK}?error=access_denied&error_description=<b>x</b>&state={state}")

    assert answer.status_code == 403
    assert "<b>x</b>" not in answer.text
    assert FAILED in answer.text


async def test_another_providers_answer_is_not_taken_for_this_ones(
    house: AdminHouse, provider: IdentityProvider
) -> None:
    visitor = house.visitor()
    gone = await visitor.get("/admin/sign-in/ministry")
    back = provider.authorize(gone.headers["location"]).removeprefix(URL)

    assert (await visitor.get(f"{back}&iss=https://another.example")).status_code == 403


async def test_a_provider_that_is_down_or_somebody_else_is_a_page(
    house: AdminHouse, provider: IdentityProvider
) -> None:
    provider.is_down = True
    down = await house.visitor().get("/admin/sign-in/ministry")
    provider.is_down, provider.metadata = False, {"issuer": "https://another.example"}
    other = await house.visitor().get("/admin/sign-in/ministry")
    provider.metadata = {"token_endpoint": "http://login.example.sa/token"}
    plain = await house.visitor().get("/admin/sign-in/ministry")

    assert [down.status_code, other.status_code, plain.status_code] == [403] * 3
    assert FAILED in down.text
    assert (await house.visitor().sign_in()).status_code == 303


async def test_one_line_begins_only_so_many_attempts(house: AdminHouse, provider: IdentityProvider) -> None:
    visitor = house.visitor()

    answers = [(await visitor.get("/admin/sign-in/ministry")).status_code for _ in range(21)]

    assert answers == [303] * 20 + [429]


async def test_where_no_provider_is_configured_there_is_no_such_address(sqlite_database: Database) -> None:
    visitor = admin_house(sqlite_database).visitor()

    assert "ministry" not in (await visitor.get("/admin/sign-in")).text
    assert (await visitor.get("/admin/sign-in/ministry")).headers["location"].startswith("/admin/sign-in?")


async def test_who_never_went_and_comes_back_all_the_time_fills_no_audit(house: AdminHouse) -> None:
    visitor = house.visitor()

    answers = [
        await visitor.get(f"{BACK}?state=x&code=y", headers={"Sec-Fetch-Site": "cross-site"})
        for _ in range(40)
    ]

    assert [one.status_code for one in answers] == [403] * 20 + [429] * 20
    assert "Retry-After" in answers[-1].headers
    assert len(house.audited()) == 20
    assert (await house.visitor("198.51.100.200").get("/admin/sign-in/ministry")).status_code == 303
