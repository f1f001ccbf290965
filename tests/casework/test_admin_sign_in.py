"""Who gets into /admin/, how long they stay, and what a stranger learns: nothing."""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from starlette.responses import PlainTextResponse, Response

from daemon.store.database import Database, StoreUnavailable
from daemon.store.schema import admin_sessions
from daemon.web.admin import passwords
from daemon.web.admin.cookies import DEVICE
from daemon.web.admin.passwords import Passwords, TooMany
from daemon.web.admin.people import Admins
from daemon.web.admin.routes import FRAMED, Address, Section
from daemon.web.admin.sessions import IDLE, LONGEST
from daemon.web.admin.signing import next_of
from daemon.web.admin.visits import Visit
from tests.admin_house import (
    CHEAP,
    HASH,
    NOURA,
    OTHER_HASH,
    PASSWORD,
    URL,
    WRITER,
    AdminHouse,
    Visitor,
    admin_house,
)

COOKIE = "__Host-shakwa-admin"
WRONG = "الاسم أو كلمة المرور غير صحيح."


async def say_who(visit: Visit) -> Response:
    return PlainTextResponse(f"{visit.admin.name} {visit.admin.way}")


async def echo(visit: Visit) -> Response:
    form = await visit.form()
    return visit.to("texts", said=form.get("text", ""))


async def fail(visit: Visit) -> Response:
    raise StoreUnavailable("locked")


async def framed(visit: Visit) -> Response:
    return PlainTextResponse("a mail", headers=dict(FRAMED))


TEXTS = Section(
    "texts",
    "words",
    (
        Address("", say_who),
        Address("/save", echo, ("POST",)),
        Address("/broken", fail),
        Address("/framed", framed),
    ),
)
OUTBOX = Section("outbox", "operator", (Address("", say_who), Address("/retry", echo, ("POST",))))


@pytest.fixture
def house(database: Database) -> AdminHouse:
    return admin_house(database, [TEXTS, OUTBOX])


def tokens(database: Database) -> list[str]:
    return list(database.read_now(lambda it: it.execute(select(admin_sessions.c.token_hash)).scalars().all()))


# --- getting in ---------------------------------------------------------------------------------------


async def test_an_admin_signs_in_and_is_led_to_what_they_asked_for(house: AdminHouse) -> None:
    visitor = house.visitor()

    asked = await visitor.get("/admin/texts?page=2")
    shown = await visitor.get(asked.headers["location"])
    [onwards] = re.findall(r'name="next" value="([^"]*)"', shown.text)
    signed = await visitor.sign_in(next=onwards)

    assert asked.status_code == 303
    assert asked.headers["location"] == "/admin/sign-in?next=%2Fadmin%2Ftexts%3Fpage%3D2"
    assert signed.status_code == 303
    assert signed.headers["location"] == "/admin/texts?page=2"
    assert (await visitor.get("/admin/texts")).text == f"{NOURA.name} password"


@pytest.mark.parametrize("name", ["نورة العتيبي", "  نورة   العتيبي ", "WRITER", "writer"])
async def test_a_name_counts_however_it_is_spaced_or_capitalised(house: AdminHouse, name: str) -> None:
    assert (await house.visitor().sign_in(name)).status_code == 303


async def test_a_password_counts_however_a_keyboard_composes_it(database: Database) -> None:
    # "é" as one character and as two; the hash was made of the first.
    admin = replace(NOURA, password_hash=CHEAP.hash("caf\u00e9 de Paris"))
    house = admin_house(database, admins=(admin,))

    assert (await house.visitor().sign_in(password="cafe\u0301 de Paris")).status_code == 303


@pytest.mark.parametrize("name", [NOURA.name, "nobody", "' OR 1=1 --", "\0a", "x" * 100_000])
async def test_a_wrong_password_and_an_unknown_name_read_the_same(house: AdminHouse, name: str) -> None:
    answer = await house.visitor().sign_in(name, "wrong")

    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert WRONG in answer.text
    assert "wrong" not in re.sub(r'class="[^"]*"', "", answer.text)


async def test_an_unknown_name_costs_a_verification_like_a_known_one(
    house: AdminHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    monkeypatch.setattr(passwords, "_matches", lambda against, _: bool(checked.append(against)))

    await house.visitor().sign_in(NOURA.name, "wrong")
    await house.visitor().sign_in("nobody", "wrong")
    await house.visitor().sign_in("nobody", "wrong")

    assert checked == [HASH] * 3


async def test_the_right_password_of_somebody_else_opens_nothing(database: Database) -> None:
    house = admin_house(database, admins=(NOURA, replace(WRITER, password_hash=OTHER_HASH)))

    assert (await house.visitor().sign_in(WRITER.name, PASSWORD)).status_code == 401
    assert (await house.visitor().sign_in("nobody", PASSWORD)).status_code == 401


@pytest.mark.parametrize("fields", [{"name": ""}, {"password": ""}, {"name": " "}])
async def test_an_empty_field_is_asked_for_and_costs_no_verification(
    house: AdminHouse, fields: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "_matches", lambda *_: pytest.fail("verified"))

    assert (await house.visitor().sign_in(**{"name": "x", "password": "y"} | fields)).status_code == 422


# --- floods -------------------------------------------------------------------------------------------


async def test_one_line_may_try_one_name_a_few_times_only_even_with_the_right_password(
    house: AdminHouse,
) -> None:
    visitor = house.visitor()

    answers = [(await visitor.sign_in(password="wrong")).status_code for _ in range(6)]
    refused = await visitor.sign_in()

    assert answers == [401] * 5 + [429]
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 30
    assert (await house.visitor("198.51.100.7").sign_in()).status_code == 303


async def test_one_line_may_try_only_so_many_names(house: AdminHouse) -> None:
    visitor = house.visitor()

    answers = [(await visitor.sign_in(f"name {number}", "wrong")).status_code for number in range(21)]

    assert answers == [401] * 20 + [429]


async def test_one_name_is_tried_only_so_often_however_many_lines_try_it(house: AdminHouse) -> None:
    answers = [
        (await house.visitor(f"198.51.100.{number}").sign_in(password="wrong")).status_code
        for number in range(31)
    ]

    assert answers == [401] * 30 + [429]


async def test_nobody_is_kept_out_of_the_browser_in_which_they_signed_in_before(house: AdminHouse) -> None:
    known = await house.signed_in()
    await known.post("/admin/sign-out")
    for number in range(40):
        await house.visitor(f"198.51.100.{number}").sign_in(password="wrong")
    for _ in range(25):
        await house.visitor().sign_in(password="wrong")  # from its very line

    assert (await house.visitor("198.51.100.200").sign_in()).status_code == 429
    assert (await known.sign_in()).status_code == 303


async def test_whoever_is_signed_in_stays_so_whatever_strangers_try(house: AdminHouse) -> None:
    visitor = await house.signed_in()
    for number in range(40):
        await house.visitor(f"198.51.100.{number}").sign_in(password="wrong")

    assert (await visitor.get("/admin/")).status_code == 200


async def test_a_known_browser_has_a_limit_of_its_own(house: AdminHouse) -> None:
    known = await house.signed_in()
    await known.post("/admin/sign-out")

    answers = [(await known.sign_in(password="wrong")).status_code for _ in range(11)]

    assert answers == [401] * 10 + [429]
    assert (await house.visitor("198.51.100.7").sign_in()).status_code == 303, "and costs no other line"


def device_of(visitor: Visitor) -> str:
    return str(visitor.cookies[f"__Host-{DEVICE}"])


async def test_a_known_browser_is_known_for_its_own_admin_alone(house: AdminHouse) -> None:
    devices = house.reception.devices
    cookie = device_of(await house.signed_in())

    assert devices.known(cookie, NOURA)
    assert not devices.known(cookie, WRITER)
    assert not devices.known(cookie, None)
    assert not devices.known(cookie, replace(NOURA, password_hash=OTHER_HASH)), "until the password changes"
    house.clock.advance(days=181)
    assert not devices.known(cookie, NOURA)


@pytest.mark.parametrize(
    "cookie", ["", ".", "..", "a.b.c", "a.99999999999.", "x" * 9_999, "é.1.ü", "a.²." + "0" * 64]
)
async def test_no_made_up_cookie_makes_a_browser_known(house: AdminHouse, cookie: str) -> None:
    assert house.reception.devices.known(cookie, NOURA) == ""


async def test_a_known_browser_opens_nothing_without_the_password(house: AdminHouse) -> None:
    known = await house.signed_in()
    await known.post("/admin/sign-out")

    assert (await known.get("/admin/")).headers["location"].startswith("/admin/sign-in")
    assert (await known.sign_in(password="wrong")).status_code == 401


async def test_the_cookie_of_a_known_browser_is_ours_alone(house: AdminHouse) -> None:
    cookies = (await house.visitor().sign_in()).headers.get_list("set-cookie")

    [device] = [one for one in cookies if one.startswith(f"__Host-{DEVICE}=")]
    for flag in ("HttpOnly", "Secure", "SameSite=lax", "Path=/", f"Max-Age={180 * 24 * 3600}"):
        assert flag in device


async def test_a_flood_of_passwords_is_turned_away_and_costs_no_memory() -> None:
    checked = Passwords([HASH])
    most = passwords.AT_ONCE + passwords.MOST_WAITING

    answers = await asyncio.gather(
        *(checked.is_right(HASH, "x", PASSWORD) for _ in range(most + 5)), return_exceptions=True
    )

    assert [isinstance(one, TooMany) for one in answers] == [False] * most + [True] * 5
    assert await checked.is_right(HASH, "x", PASSWORD)


async def test_a_password_of_any_length_is_answered(house: AdminHouse) -> None:
    assert (await house.visitor().sign_in(password="x" * 200_000)).status_code == 401


# --- the session --------------------------------------------------------------------------------------


async def test_the_cookie_is_ours_alone(house: AdminHouse) -> None:
    cookie = (await house.visitor().sign_in()).headers.get_list("set-cookie")[0]

    name, *flags = cookie.split("; ")
    assert name.startswith(f"{COOKIE}=")
    assert sorted(flags) == ["HttpOnly", "Path=/", "SameSite=lax", "Secure"]


async def test_without_https_the_cookie_needs_none(database: Database) -> None:
    house = admin_house(database, public_url="http://127.0.0.1:8080")

    answer = await house.visitor().sign_in()

    assert answer.headers["set-cookie"].startswith("shakwa-admin=")
    assert "Secure" not in answer.headers["set-cookie"]


async def test_the_database_holds_no_token_that_would_open_anything(house: AdminHouse) -> None:
    visitor = await house.signed_in()

    token = visitor.cookies[COOKIE]

    assert tokens(house.database) == [hashlib.sha256(token.encode()).hexdigest()]
    thief = house.visitor()
    thief.cookies.set(COOKIE, tokens(house.database)[0])
    assert (await thief.get("/admin/texts")).status_code == 303


async def test_a_token_that_somebody_planted_is_never_taken_over(house: AdminHouse) -> None:
    # Session fixation: the attacker's cookie must not become the admin's session.
    visitor = house.visitor()
    visitor.cookies.set(COOKIE, "planted", domain="shakwa.momah.gov.sa")

    answer = await visitor.sign_in()

    assert f"{COOKIE}=planted" not in answer.headers["set-cookie"]
    thief = house.visitor()
    thief.cookies.set(COOKIE, "planted")
    assert (await thief.get("/admin/texts")).status_code == 303


async def test_each_sign_in_makes_a_new_session_and_ends_the_one_before_it(house: AdminHouse) -> None:
    visitor = await house.signed_in()
    before = visitor.cookies[COOKIE]

    await visitor.sign_in()

    assert visitor.cookies[COOKIE] != before
    assert len(tokens(house.database)) == 1


async def test_a_session_ends_where_nobody_uses_it(house: AdminHouse) -> None:
    visitor = await house.signed_in()

    house.clock.advance(seconds=IDLE.total_seconds() - 1)
    used = await visitor.get("/admin/texts")
    house.clock.advance(seconds=IDLE.total_seconds() - 1)
    used_again = await visitor.get("/admin/texts")
    house.clock.advance(seconds=IDLE.total_seconds())
    ended = await visitor.get("/admin/texts")

    assert [used.status_code, used_again.status_code, ended.status_code] == [200, 200, 303]
    assert tokens(house.database) == []


async def test_a_session_ends_after_its_longest_time_whatever_happens(house: AdminHouse) -> None:
    visitor, step = await house.signed_in(), timedelta(minutes=50)

    steps = int(LONGEST / step)
    for _ in range(steps):
        house.clock.advance(seconds=step.total_seconds())
        assert (await visitor.get("/admin/texts")).status_code == 200
    house.clock.advance(seconds=step.total_seconds())

    assert (await visitor.get("/admin/texts")).status_code == 303


async def test_signing_out_ends_the_session_and_not_only_the_cookie(house: AdminHouse) -> None:
    visitor = await house.signed_in()
    token = visitor.cookies[COOKIE]

    answer = await visitor.post("/admin/sign-out")
    visitor.cookies.set(COOKIE, token, domain="shakwa.momah.gov.sa")

    assert answer.headers["location"] == "/admin/sign-in?done=out"
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert (await visitor.get("/admin/texts")).status_code == 303


@pytest.mark.parametrize(
    "admins",
    [
        (WRITER,),
        (replace(NOURA, password_hash=OTHER_HASH), WRITER),
        (replace(NOURA, email="somebody-else@momah.gov.sa"), WRITER),
    ],
    ids=["removed", "another password", "another address"],
)
async def test_an_admin_who_was_removed_or_changed_is_out(house: AdminHouse, admins: Any) -> None:
    visitor = await house.signed_in()

    house.admins = admins
    house.rebuild()
    visitor._transport.app = house.app  # type: ignore[attr-defined]

    assert (await visitor.get("/admin/texts")).status_code == 303
    assert tokens(house.database) == []


async def test_a_role_that_was_taken_away_opens_nothing_any_more(house: AdminHouse) -> None:
    visitor = await house.signed_in()

    house.admins = (replace(NOURA, roles=frozenset({"figures"})),)
    house.rebuild()
    visitor._transport.app = house.app  # type: ignore[attr-defined]

    assert (await visitor.get("/admin/texts")).status_code == 403


# --- roles --------------------------------------------------------------------------------------------


async def test_an_admin_opens_the_sections_of_their_roles_and_no_others(house: AdminHouse) -> None:
    writer = await house.signed_in(WRITER)

    home = await writer.get("/admin/")

    assert (await writer.get("/admin/texts")).status_code == 200
    assert (await writer.get("/admin/outbox")).status_code == 403
    assert (await writer.post("/admin/outbox/retry")).status_code == 403
    assert 'href="/admin/texts"' in home.text
    assert "/admin/outbox" not in home.text


@pytest.mark.parametrize("path", ["/admin/", "/admin/texts", "/admin/outbox", "/admin/x", "/admin/texts/x"])
async def test_a_stranger_learns_nothing_of_what_there_is(house: AdminHouse, path: str) -> None:
    answer = await house.visitor().get(path)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/admin/sign-in")


async def test_a_wrong_address_is_said_to_be_one(house: AdminHouse) -> None:
    visitor = await house.signed_in()

    assert (await visitor.get("/admin/nothing")).status_code == 404
    assert (await visitor.get("/admin/texts/broken")).status_code == 503


# --- other sites --------------------------------------------------------------------------------------

ORIGINS = [
    ({"Sec-Fetch-Site": "same-origin"}, True),
    ({"Sec-Fetch-Site": "none"}, True),
    ({"Sec-Fetch-Site": "same-site"}, False),
    ({"Sec-Fetch-Site": "cross-site"}, False),
    ({"Sec-Fetch-Site": "cross-site", "Origin": URL}, False),
    ({"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"}, True),
    ({"Origin": URL}, True),
    ({"Origin": "https://evil.example"}, False),
    ({"Origin": "http://shakwa.momah.gov.sa"}, False),
    ({"Origin": f"{URL}.evil.example"}, False),
    ({"Origin": f"{URL}:8443"}, False),
    ({"Origin": "null"}, False),
    ({}, True),  # no browser: nobody can make it carry the cookie of another
]


@pytest.mark.parametrize(("headers", "is_taken"), ORIGINS)
@pytest.mark.parametrize("path", ["/admin/texts/save", "/admin/sign-out", "/admin/sign-in"])
async def test_only_pages_of_ours_act(
    house: AdminHouse, headers: dict[str, str], is_taken: bool, path: str
) -> None:
    visitor = await house.signed_in()
    del visitor.headers["Sec-Fetch-Site"]

    answer = await visitor.post(path, headers=headers, data={"name": NOURA.name, "password": PASSWORD})

    assert answer.status_code == (303 if is_taken else 403)
    assert len(tokens(house.database)) == (0 if is_taken and path == "/admin/sign-out" else 1)


async def test_the_host_header_counts_for_nothing(house: AdminHouse) -> None:
    visitor = await house.signed_in()
    del visitor.headers["Sec-Fetch-Site"]

    headers = {"Origin": "https://evil.example", "Host": "evil.example"}

    assert (await visitor.post("/admin/texts/save", headers=headers)).status_code == 403


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "FOO"])
async def test_no_other_method_goes_around_it(house: AdminHouse, method: str) -> None:
    visitor = await house.signed_in()

    answer = await visitor.request(method, "/admin/texts/save", headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code in (403, 405)


@pytest.mark.parametrize(
    "given",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/admin/..//evil.example",
        "/admin/../c/token",
        "/admin/%2e%2e/c/token",
        "/admin/./x",
        "/c/token",
        "admin/texts",
        "/admin",
        "/administration/",
        "javascript:alert(1)",
        "/admin/\r\nSet-Cookie: x=y",
        "/admin/x y",
        " /admin/texts",
        "",
    ],
)
async def test_nobody_is_led_elsewhere(house: AdminHouse, given: str) -> None:
    answer = await house.visitor().sign_in(next=given)

    assert next_of(given) == ""
    assert answer.headers["location"] == "/admin/"
    assert (await (await house.signed_in()).get("/admin/sign-in", params={"next": given})).headers[
        "location"
    ] == "/admin/"


# --- every answer -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/admin/", "/admin/texts", "/admin/outbox", "/admin/x", "/admin/sign-in"])
@pytest.mark.parametrize("is_in", [True, False])
async def test_every_answer_is_kept_nowhere_and_lets_nothing_in(
    house: AdminHouse, path: str, is_in: bool
) -> None:
    visitor = await house.signed_in() if is_in else house.visitor()

    headers = (await visitor.get(path)).headers

    policy = headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert "style-src 'self'; script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


async def test_only_what_says_so_is_shown_in_a_frame_of_ours(house: AdminHouse) -> None:
    answer = await (await house.signed_in()).get("/admin/texts/framed")

    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert answer.headers["content-security-policy"].endswith("sandbox")


async def test_pages_hold_nothing_inline(house: AdminHouse) -> None:
    visitor = await house.signed_in()

    for page in (await visitor.get("/admin/"), await house.visitor().get("/admin/sign-in")):
        assert not re.search(r"<style|<script>| style=| on[a-z]+=", page.text)


@pytest.mark.parametrize("name", ["admin.css", "admin.js"])
async def test_style_and_script_are_kept_until_they_change(house: AdminHouse, name: str) -> None:
    page = await house.visitor().get("/admin/sign-in")
    [address] = re.findall(rf'"(/admin/assets/{re.escape(name)}[^"]*)"', page.text)

    first = await house.visitor().get(address)
    again = await house.visitor().get(address, headers={"If-None-Match": first.headers["etag"]})
    plain = await house.visitor().get(address.partition("?")[0])

    assert first.status_code == 200
    assert "immutable" in first.headers["cache-control"]
    assert again.status_code == 304
    assert plain.headers["cache-control"] == "no-cache"
    assert (await house.visitor().get("/admin/assets/shell.html")).status_code == 404


async def test_the_style_has_the_citizens_colours_and_font(house: AdminHouse) -> None:
    style = (await house.visitor().get("/admin/assets/admin.css")).text

    assert "--brand: #1b8354" in style
    fonts = set(re.findall(r"url\(\.\./\.\.(/static/[^)]+)\)", style))
    assert len(fonts) >= 2
    for font in fonts:
        assert (await house.visitor().get(font)).status_code == 200


async def test_what_was_written_is_not_lost_where_the_session_ended(house: AdminHouse) -> None:
    visitor = await house.signed_in()
    house.clock.advance(hours=2)

    answer = await visitor.post("/admin/texts/save", data={"text": "جملة طويلة <b>\n\nوثانية"})

    assert answer.status_code == 401
    assert 'action="/admin/texts/save"' in answer.text
    assert "جملة طويلة &lt;b&gt;\n\nوثانية</textarea>" in answer.text


async def test_a_path_in_the_public_address_stands_before_every_link(database: Database) -> None:
    house = admin_house(database, [TEXTS], public_url=f"{URL}/shakwa")
    visitor = house.visitor()
    visitor.base_url = URL  # type: ignore[assignment]  # the proxy takes the path off

    asked = await visitor.get("/admin/texts")
    signed = await visitor.sign_in(next="/admin/texts")
    page = await visitor.get("/admin/")

    assert asked.headers["location"] == "/shakwa/admin/sign-in?next=%2Fadmin%2Ftexts"
    assert signed.headers["location"] == "/shakwa/admin/texts"
    assert 'href="/shakwa/admin/texts"' in page.text
    assert not re.search(r'(href|action|src)="/admin', page.text)


async def test_english_pages_are_english(database: Database) -> None:
    house = admin_house(database, language="en")

    page = await house.visitor().get("/admin/sign-in")

    assert '<html lang="en" dir="ltr">' in page.text
    assert "Sign in" in page.text


# --- the audit ----------------------------------------------------------------------------------------


async def test_signing_in_and_out_and_failing_are_audited(house: AdminHouse) -> None:
    visitor = await house.signed_in()
    await visitor.post("/admin/sign-out")
    await house.visitor().sign_in(password="wrong")

    assert [(one.act, one.who) for one in house.audited()] == [
        ("sign_in_failed", NOURA.name),
        ("sign_out", NOURA.name),
        ("sign_in", NOURA.name),
    ]
    assert all("203.0.113.5" in (one.detail or "") for one in house.audited() if one.act != "sign_out")


async def test_what_an_unknown_person_typed_is_written_nowhere(house: AdminHouse) -> None:
    # People type their password where their name belongs.
    await house.visitor().sign_in("my-secret-password", "x")

    [entry] = house.audited()
    assert entry.act == "sign_in_failed"
    assert entry.who == ""
    assert "my-secret-password" not in str(entry)


def test_an_address_is_no_other_that_looks_the_same_in_small_letters() -> None:
    admins = Admins([replace(NOURA, email="kareem@momah.gov.sa")])

    assert admins.with_email("KAREEM@momah.gov.sa") is not None
    assert admins.with_email("\u212aareem@momah.gov.sa") is None  # the sign of a Kelvin
