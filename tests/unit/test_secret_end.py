"""The operator hears a month ahead that the secret of [oauth2] ends; `doctor` says what a refusal means."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from daemon.cli.doctor_mail import NeedsAPerson, Unwell
from daemon.cli.doctor_tokens import tokens
from daemon.clock import ManualClock
from daemon.config import Config, ConfigError, check
from daemon.loops.secret_end import SecretEnd, is_told_on, said_of
from daemon.workflow.vocabulary import Alarm

URL = "https://login.example.sa/tenant/oauth2/v2.0/token"
ENDS = date(2026, 12, 31)
NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


def test_it_is_told_a_month_ahead_then_more_often_and_daily_after_the_end() -> None:
    told = [left for left in range(40, -4, -1) if is_told_on(left)]

    assert told == [30, 21, 14, 7, 6, 5, 4, 3, 2, 1, 0, -1, -2, -3]


async def test_it_is_told_once_a_day_by_the_day_of_the_service() -> None:
    clock = ManualClock(NOW)
    heard: list[tuple[Alarm, str]] = []
    look = SecretEnd(ENDS, UTC, clock, lambda what, detail: heard.append((what, detail))).look

    for _ in range(3):
        await look()
    clock.advance(days=1)
    await look()  # 29 days are no day of telling
    clock.advance(days=8)
    await look()

    assert [what for what, _ in heard] == ["secret_ends"] * 2
    assert "2026-12-31" in heard[0][1]


async def test_without_a_day_nothing_is_told() -> None:
    heard: list[str] = []

    await SecretEnd(None, UTC, ManualClock(NOW), lambda what, detail: heard.append(detail)).look()

    assert heard == []


def test_what_is_said_names_the_day_and_the_keys() -> None:
    assert "ends on 2026-12-31" in said_of(ENDS, date(2026, 12, 31))
    assert "ended on 2026-12-31" in said_of(ENDS, date(2027, 1, 1))


# --- doctor -------------------------------------------------------------------------------------------


def config_with(tmp_path: Path, **oauth2: Any) -> Config:
    document = {
        "service": {
            "public_url": "https://s.example.sa",
            "data_dir": str(tmp_path),
            "secret_key": "0123456789abcdef",
        },
        "mailbox": {"address": "infocs@momah.gov.sa", "host": "imap.example.sa", "auth": "xoauth2"},
        "smtp": {"host": "smtp.example.sa", "auth": "xoauth2", "username": "infocs@momah.gov.sa"},
        "oauth2": {"token_url": URL, "client_id": "c", "client_secret": "hush", "scope": "s"} | oauth2,
    }
    return check(document, tmp_path)


async def line(config: Config, *, answer: httpx.Response) -> str:
    with respx.mock() as mock:
        mock.post(URL).mock(return_value=answer)
        return await tokens(config, ManualClock(NOW))


GOOD = httpx.Response(200, json={"access_token": "t", "expires_in": 3600})


@pytest.mark.parametrize(
    "ends, needs_a_person, said",
    [
        (date(2027, 6, 1), False, "the secret ends on 2027-06-01"),
        (date(2026, 12, 31), True, "ends on 2026-12-31: make a new one"),
        (date(2026, 11, 1), True, "ended on 2026-11-01"),
        (None, True, "client_secret_expires is not set"),
    ],
)
async def test_doctor_says_how_long_the_secret_is_good(
    tmp_path: Path, ends: date | None, needs_a_person: bool, said: str
) -> None:
    found = await line(
        config_with(tmp_path, **({"client_secret_expires": ends} if ends else {})), answer=GOOD
    )

    assert isinstance(found, NeedsAPerson) is needs_a_person
    assert said in found
    assert "good for 60 min" in found


@pytest.mark.parametrize(
    "status, document, said",
    [
        (
            401,
            {"error": "invalid_client", "error_description": "AADSTS7000215: x hush"},
            "its value, not its id",
        ),
        (401, {"error": "invalid_client", "error_description": "AADSTS7000222: x"}, "the secret has ended"),
        (
            400,
            {"error": "unauthorized_client", "error_description": "AADSTS700016: x"},
            "no such application",
        ),
        (400, {"error": "invalid_request", "error_description": "AADSTS90002: x"}, "no such tenant"),
        (400, {"error": "invalid_scope", "error_description": "AADSTS70011: x"}, "the scope is wrong"),
        (401, {"error": "unauthorized_client", "error_description": "Client is unauthorized"}, "delegate"),
        (400, {"error": "invalid_grant"}, "clock"),
        (503, {}, "HTTP 503"),
    ],
)
async def test_doctor_says_what_a_refusal_means_and_what_to_do(
    tmp_path: Path, status: int, document: dict[str, str], said: str
) -> None:
    with pytest.raises(Unwell, match=said) as caught:
        await line(config_with(tmp_path), answer=httpx.Response(status, json=document))

    assert "hush" not in str(caught.value)


def test_a_secret_or_a_key_is_demanded(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"oauth2\.client_secret: is required"):
        config_with(tmp_path, client_secret="")
    assert config_with(tmp_path, client_secret="", private_key="k").oauth2 is not None
    assert config_with(tmp_path, client_secret_expires="2027-01-31").oauth2 is not None
