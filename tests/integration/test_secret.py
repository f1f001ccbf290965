"""`secret` makes what the configuration takes, and shows a secret nowhere else."""

from __future__ import annotations

import hashlib
import io
import json

import pytest

from daemon.cli.main import main
from daemon.config.people import Admin, ApiClient
from daemon.web.admin.passwords import Passwords


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch):
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


async def test_an_admins_hash_lets_their_password_in(typed, capsys: pytest.CaptureFixture[str]) -> None:
    typed("صباح الخير يا جدة\n")

    assert main(["secret", "admin"]) == 0

    printed = capsys.readouterr()
    password_hash = printed.out.strip()
    assert password_hash.startswith("$argon2id$")
    assert "password_hash" in printed.err
    assert Admin(name="x", password_hash=password_hash).password_hash == password_hash
    checked = Passwords([password_hash])
    assert await checked.is_right(password_hash, "x", "صباح الخير يا جدة")
    assert not await checked.is_right(password_hash, "x", "صباح الخير يا جدة ")


@pytest.mark.parametrize("password", ["", "short", "x" * 1001, "a password\x07 that rings"])
def test_a_password_that_would_not_do_is_refused(
    password: str, typed, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(f"{password}\n")

    assert main(["secret", "admin"]) == 1

    printed = capsys.readouterr()
    assert printed.out == ""
    assert "password" in printed.err


def test_a_key_is_long_enough_and_never_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    keys = []
    for _ in range(2):
        assert main(["secret", "key", "--json"]) == 0
        keys.append(json.loads(capsys.readouterr().out)["secret_key"])

    assert keys[0] != keys[1]
    assert len(keys[0]) == 64


def test_a_clients_key_comes_with_its_hash(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["secret", "api-key", "call-centre", "--json"]) == 0

    made = json.loads(capsys.readouterr().out)
    assert made["key_hash"] == hashlib.sha256(made["key"].encode()).hexdigest()
    assert ApiClient(name=made["name"], key_hash=made["key_hash"], channels=("phone",))


def test_a_client_needs_a_name() -> None:
    assert main(["secret", "api-key", " "]) == 1
