"""What `doctor` says of /admin/."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from daemon.cli.doctor_admins import admins
from daemon.cli.doctor_mail import NeedsAPerson, Unwell
from daemon.config import load
from daemon.web.admin.oidc import OidcTrouble, Provider
from tests.integration.office import configuration

HASH = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$aGFzaGhhc2hoYXNoaGFzaA"
NOURA = {"name": "نورة", "password_hash": HASH, "email": "noura@example.sa"}
OIDC = {"issuer": "https://login.example.sa", "client_id": "shakwa", "client_secret": "x"}


async def said(folder: Path, **changed: Any) -> str:
    class Server:
        host, port, password, url, app_sid = "127.0.0.1", 1, "x", "http://127.0.0.1:1", "x"

    server: Any = Server()
    where = {"url": f"sqlite:///{folder}/x.db", "folder": folder, "user": "infocs", "changed": changed}
    return await admins(load(configuration(imap=server, smtp=server, sms=server, **where)))


async def test_without_admins_there_is_nothing_to_say(tmp_path: Path) -> None:
    assert (await said(tmp_path)).startswith("none:")


async def test_who_may_sign_in_is_counted_and_a_role_that_nobody_has_is_told(tmp_path: Path) -> None:
    web = {"enabled": True}

    whole = await said(tmp_path, admins=[NOURA], web=web)
    part = await said(tmp_path, admins=[{**NOURA, "roles": ["words", "figures"]}], web=web)

    assert whole == "1 may sign in"
    assert isinstance(part, NeedsAPerson)
    assert part == "1 may sign in; nobody has the role operator"


async def test_admins_without_the_web_are_told(tmp_path: Path) -> None:
    assert isinstance(await said(tmp_path, admins=[NOURA]), NeedsAPerson)


async def test_passwords_in_the_open_are_a_failure(tmp_path: Path) -> None:
    service = {"public_url": "http://shakwa.example"}

    with pytest.raises(Unwell, match="not https"):
        await said(tmp_path, admins=[NOURA], web={"enabled": True}, service=service)


@pytest.mark.parametrize(
    ("why", "told"), [("provider_unreachable", "SSL_CERT_FILE"), ("provider_unsound", "another issuer")]
)
async def test_a_provider_that_cannot_serve_is_a_failure_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str, told: str
) -> None:
    async def unable(self: Provider, attempt: object) -> str:
        raise OidcTrouble(why)

    monkeypatch.setattr(Provider, "address", unable)

    with pytest.raises(Unwell, match=told):
        await said(tmp_path, admins=[NOURA], web={"enabled": True}, oidc=OIDC)


@pytest.mark.parametrize(("claim", "missing"), [("email", "email"), ("oid", "subject")])
async def test_a_sign_in_that_knows_none_of_the_admins_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, claim: str, missing: str
) -> None:
    async def able(self: Provider, attempt: object) -> str:
        return "https://login.example.sa/authorize"

    monkeypatch.setattr(Provider, "address", able)
    alone = {"name": "نورة", "password_hash": HASH}

    told = await said(tmp_path, admins=[alone], web={"enabled": True}, oidc={**OIDC, "claim": claim})

    assert isinstance(told, NeedsAPerson)
    assert told.endswith(f"lets nobody in: set {missing} of [[admins]]")
