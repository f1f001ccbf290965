"""Tokens that we hand out: known again, good for one thing, and never after their time."""

from __future__ import annotations

import base64
import hmac
import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.mail.letter.message import Address, IncomingMail
from daemon.mail.meaning.routing import candidates
from daemon.mail.trust.tokens import (
    LINK_TOKEN_LENGTH,
    REPLY_TOKEN_LENGTH,
    Keyring,
    Purpose,
    Scope,
    holder_tag,
    mint,
    mint_link,
    verify,
    verify_link,
)
from tests.each import each

NOW = datetime(2026, 10, 4, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=60)
KEYS = Keyring(b"a secret of this test alone")
OTHER_KEYS = Keyring(b"another secret of this test")
SARA = holder_tag("person:sara@momah.gov.sa")
SCOPE = Scope("reply", SARA, 7, "citizen")
TOKEN = mint(KEYS, SCOPE, LATER)
LINK = mint_link(KEYS, "status", 7, LATER)

scopes = st.builds(
    Scope,
    purpose=st.just("reply"),
    holder=st.text().map(holder_tag),
    ticket_id=st.integers(0, 2**32 - 1),
    visibility=st.sampled_from(["citizen", "internal"]),
)
moments = st.datetimes(datetime(1971, 1, 1), datetime(2105, 12, 31), timezones=st.just(UTC))
secrets = st.binary(min_size=16, max_size=64)


def test_a_proof_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[bytes] = []
    compare_digest = hmac.compare_digest

    def compare(ours: bytes, theirs: bytes) -> bool:
        compared.append(theirs)
        return compare_digest(ours, theirs)

    monkeypatch.setattr("daemon.mail.trust.tokens.hmac.compare_digest", compare)
    assert verify(KEYS, TOKEN, NOW) == SCOPE
    assert verify_link(KEYS, "status", LINK, NOW) == 7

    assert len(compared) == 2


# ---- reply tokens --------------------------------------------------------------------------------


@given(scopes, moments, secrets)
def test_a_token_gives_back_its_scope(scope: Scope, expires: datetime, secret: bytes) -> None:
    keys = Keyring(secret)

    token = mint(keys, scope, expires)

    assert verify(keys, token, expires - timedelta(seconds=2)) == scope


@given(scopes, moments)
def test_a_token_fits_before_the_at_sign_of_an_address(scope: Scope, expires: datetime) -> None:
    token = mint(KEYS, scope, expires)

    assert len(token) == REPLY_TOKEN_LENGTH
    assert set(token) <= set(string.ascii_lowercase + "234567")
    assert len(f"infocs+{token}") <= 64


@given(scopes, moments, secrets)
def test_a_token_of_one_purpose_is_no_token_of_the_other(
    scope: Scope, expires: datetime, secret: bytes
) -> None:
    keys, at = Keyring(secret), expires - timedelta(seconds=2)
    judging = replace(scope, purpose="quarantine")

    token, other = mint(keys, scope, expires), mint(keys, judging, expires)

    assert token != other
    assert verify(keys, other, at, "quarantine") == judging
    assert verify(keys, token, at, "quarantine") is None
    assert verify(keys, other, at) is None


@pytest.mark.parametrize("purpose", ["reply", "quarantine"])
def test_a_token_whose_purpose_is_written_over_has_no_proof(purpose: str) -> None:
    other: Purpose = "reply" if purpose == "quarantine" else "quarantine"
    token = mint(KEYS, replace(SCOPE, purpose=purpose), LATER)  # type: ignore[arg-type]
    octets = bytearray(base64.b32decode(token.upper()))

    octets[0] ^= 0x30
    forged = base64.b32encode(bytes(octets)).decode().lower()

    assert verify(KEYS, forged, NOW, other) is None


def test_a_link_is_no_token_for_judging() -> None:
    token = mint(KEYS, replace(SCOPE, purpose="quarantine"), LATER)

    assert verify(KEYS, LINK, NOW, "quarantine") is None
    assert verify_link(KEYS, "quarantine", token, NOW) is None


def test_routing_finds_a_token_of_ours_in_a_recipient_address() -> None:
    mail = IncomingMail(to=(Address("", f"InfoCS+{TOKEN.upper()}@momah.gov.sa"),))

    assert [verify(KEYS, token, NOW) for token in candidates(mail, "infocs@momah.gov.sa").tokens] == [SCOPE]


def test_the_same_arguments_give_the_same_token() -> None:
    assert mint(KEYS, SCOPE, LATER) == TOKEN


@given(st.integers(0, REPLY_TOKEN_LENGTH - 1), st.characters(codec="utf-8"))
def test_any_change_of_one_character_fails(place: int, char: str) -> None:
    changed = TOKEN[:place] + char + TOKEN[place + 1 :]

    expected = SCOPE if changed.isascii() and changed.lower() == TOKEN else None
    assert verify(KEYS, changed, NOW) == expected


def test_no_base32_letter_can_take_the_place_of_another() -> None:
    for place in range(REPLY_TOKEN_LENGTH):
        for char in string.ascii_lowercase + "234567":
            changed = TOKEN[:place] + char + TOKEN[place + 1 :]
            assert changed == TOKEN or verify(KEYS, changed, NOW) is None


def test_a_mail_server_may_change_the_case() -> None:
    assert verify(KEYS, TOKEN.upper(), NOW) == SCOPE
    assert verify(KEYS, TOKEN.title(), NOW) == SCOPE


def test_a_sign_that_only_lowers_to_a_letter_is_not_that_letter() -> None:
    # The Kelvin sign's lower-case form is the ASCII k.
    with_k = next(
        token for token in (mint(KEYS, SCOPE, LATER + timedelta(days=d)) for d in range(50)) if "k" in token
    )

    assert verify(KEYS, with_k, NOW) == SCOPE
    assert verify(KEYS, with_k.replace("k", "\u212a", 1), NOW) is None


@each(
    "token",
    [
        "",
        "a" * 40,
        "2" * 40,
        TOKEN[:-1],
        TOKEN[1:],
        TOKEN + "a",
        TOKEN + "=",
        f" {TOKEN}",
        f"{TOKEN}\n",
        f"\u200f{TOKEN}",
        TOKEN[20:] + TOKEN[:20],
        "notify-123-45",
        "7-0123456789abcdef",
        "1" * 40,
        "٧" * 40,
        "a" * 100_000,
    ],
)
def test_what_is_no_token_of_ours_proves_nothing(token: str) -> None:
    assert verify(KEYS, token, NOW) is None


@given(st.text(max_size=50))
def test_any_text_is_judged_without_an_error(text: str) -> None:
    assert verify(KEYS, text, NOW) is None
    assert verify_link(KEYS, "status", text, NOW) is None


@given(
    st.text(string.ascii_lowercase + "234567", min_size=40, max_size=40),
    st.text(string.ascii_letters + string.digits, min_size=26, max_size=26),
)
def test_a_guess_of_the_right_shape_fails(token: str, link: str) -> None:
    assert verify(KEYS, token, NOW) is None
    assert verify_link(KEYS, "status", link, NOW) is None


def test_another_secret_proves_nothing() -> None:
    assert verify(OTHER_KEYS, TOKEN, NOW) is None
    assert verify_link(OTHER_KEYS, "status", LINK, NOW) is None


@given(moments)
def test_a_token_ends_at_its_second(expires: datetime) -> None:
    token, link = mint(KEYS, SCOPE, expires), mint_link(KEYS, "status", 7, expires)
    whole = expires.replace(microsecond=0)
    just_before = whole - timedelta(milliseconds=1)

    assert verify(KEYS, token, just_before) == SCOPE
    assert verify(KEYS, token, whole) is None
    assert verify_link(KEYS, "status", link, just_before) == 7
    assert verify_link(KEYS, "status", link, whole) is None


def test_the_time_zone_makes_no_difference() -> None:
    riyadh = LATER.astimezone(ZoneInfo("Asia/Riyadh"))

    assert mint(KEYS, SCOPE, riyadh) == TOKEN
    assert verify(KEYS, TOKEN, riyadh - timedelta(seconds=1)) == SCOPE
    assert verify(KEYS, TOKEN, riyadh) is None


def test_after_a_change_of_the_secret_the_old_tokens_stay_good_and_new_ones_need_the_new_secret() -> None:
    changed = Keyring(OTHER_KEYS.current, (KEYS.current,))

    assert verify(changed, TOKEN, NOW) == SCOPE
    assert verify_link(changed, "status", LINK, NOW) == 7
    assert verify(KEYS, mint(changed, SCOPE, LATER), NOW) is None
    assert verify(changed, mint(changed, SCOPE, LATER), NOW) == SCOPE


@given(st.lists(secrets, min_size=2, max_size=300, unique=True))
def test_secrets_that_share_a_key_id_are_all_tried(several: list[bytes]) -> None:
    oldest = Keyring(several[-1])
    ring = Keyring(several[0], tuple(several[1:]))

    assert verify(ring, mint(oldest, SCOPE, LATER), NOW) == SCOPE


def test_tokens_differ_by_ticket_holder_visibility_and_time() -> None:
    tokens = {
        TOKEN,
        mint(KEYS, Scope("reply", SARA, 8, "citizen"), LATER),
        mint(KEYS, Scope("reply", holder_tag("team:sara@momah.gov.sa"), 7, "citizen"), LATER),
        mint(KEYS, Scope("reply", SARA, 7, "internal"), LATER),
        mint(KEYS, SCOPE, LATER + timedelta(seconds=1)),
    }

    assert len(tokens) == 5


def test_a_person_and_a_team_of_one_name_are_two_holders() -> None:
    assert holder_tag("person:العناية") != holder_tag("team:العناية")
    assert len(holder_tag("team:العناية")) == 10


@pytest.mark.parametrize(
    ("scope", "expires"),
    [
        (Scope("reply", "person:sara@momah.gov.sa", 7, "citizen"), LATER),
        (Scope("reply", SARA.upper() + "AB", 7, "citizen"), LATER),
        (Scope("reply", SARA, -1, "citizen"), LATER),
        (Scope("reply", SARA, 2**32, "citizen"), LATER),
        (SCOPE, LATER.replace(tzinfo=None)),
        (SCOPE, datetime(2107, 1, 1, tzinfo=UTC)),
        (SCOPE, datetime(1969, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_token_that_could_not_be_read_again_is_not_made(scope: Scope, expires: datetime) -> None:
    with pytest.raises(ValueError):
        mint(KEYS, scope, expires)


def test_a_naive_time_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError):
        verify(KEYS, TOKEN, NOW.replace(tzinfo=None))
    with pytest.raises(ValueError):
        verify_link(KEYS, "status", LINK, NOW.replace(tzinfo=None))


def test_a_short_secret_is_refused_and_no_secret_is_printed() -> None:
    with pytest.raises(ValueError):
        Keyring(b"short")
    with pytest.raises(ValueError):
        Keyring(KEYS.current, (b"",))

    assert "secret" not in repr(Keyring(KEYS.current, (OTHER_KEYS.current,)))


# ---- link tokens ---------------------------------------------------------------------------------


@given(st.integers(0, 2**32 - 1), moments, st.text(min_size=1), secrets)
def test_a_link_gives_back_its_subject(number: int, expires: datetime, purpose: str, secret: bytes) -> None:
    keys = Keyring(secret)

    link = mint_link(keys, purpose, number, expires)

    assert verify_link(keys, purpose, link, expires - timedelta(seconds=2)) == number
    assert len(link) == LINK_TOKEN_LENGTH
    assert link.isascii()
    assert link.isalnum()


@given(st.text(min_size=1), st.text(min_size=1))
def test_no_purpose_passes_for_another(purpose: str, other: str) -> None:
    link = mint_link(KEYS, purpose, 7, LATER)

    assert (verify_link(KEYS, other, link, NOW) == 7) is (purpose == other)
    assert verify(KEYS, link, NOW) is None


@pytest.mark.parametrize("purpose", ["status", "survey", "reply", "purpose:reply"])
def test_a_survey_link_is_never_a_reply_token_nor_the_other_way_round(purpose: str) -> None:
    link = mint_link(KEYS, purpose, 7, LATER)

    assert verify(KEYS, link, NOW) is None
    assert verify(KEYS, link.ljust(REPLY_TOKEN_LENGTH, "a"), NOW) is None
    assert verify_link(KEYS, purpose, TOKEN, NOW) is None
    assert verify_link(KEYS, purpose, TOKEN[:LINK_TOKEN_LENGTH], NOW) is None


@given(st.integers(0, LINK_TOKEN_LENGTH - 1), st.characters(codec="utf-8"))
def test_any_change_of_one_character_of_a_link_fails(place: int, char: str) -> None:
    changed = LINK[:place] + char + LINK[place + 1 :]

    assert verify_link(KEYS, "status", changed, NOW) == (7 if changed == LINK else None)


def test_no_letter_or_digit_of_a_link_can_take_the_place_of_another() -> None:
    for place in range(LINK_TOKEN_LENGTH):
        for char in string.ascii_letters + string.digits:
            changed = LINK[:place] + char + LINK[place + 1 :]
            assert changed == LINK or verify_link(KEYS, "status", changed, NOW) is None


@pytest.mark.parametrize("link", ["", LINK[:-1], LINK + "0", "0" + LINK, LINK.swapcase(), "z" * 26, "0" * 26])
def test_what_is_no_link_of_ours_leads_nowhere(link: str) -> None:
    assert verify_link(KEYS, "status", link, NOW) is None


def test_a_link_without_a_purpose_is_not_made() -> None:
    with pytest.raises(ValueError):
        mint_link(KEYS, "", 7, LATER)
    with pytest.raises(ValueError):
        verify_link(KEYS, "", LINK, NOW)
