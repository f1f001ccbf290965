"""How admins sign in through the ministry's identity provider: [oidc]."""

from __future__ import annotations

from typing import Literal

from daemon.config.values import REQUIRED, GivenLine, SafeAddress, Table, key, secret

Claim = Literal["email", "sub", "oid"]
VerifiedBy = Literal["email_verified", "xms_edov"]


class Oidc(Table):
    """Sign-in of [[admins]] by OpenID Connect, beside their passwords (docs/ADMIN.md)."""

    is_optional_in_file = True

    issuer: SafeAddress = key(
        REQUIRED,
        "As the provider names itself; below it lies .well-known/openid-configuration.",
        example="https://login.example.sa/realms/ministry",
        min_length=1,
    )
    client_id: GivenLine = key(REQUIRED, "The application's id there.", example="shakwa")
    client_secret: GivenLine = secret(REQUIRED, "The application's secret.", example="oidc_secret")
    claim: Claim = key(
        "email",
        'What an admin is known by: "email" (a verified address), "sub" or, with Microsoft Entra, "oid" '
        "(both the subject of [[admins]]).",
    )
    verified_by: VerifiedBy = key(
        "email_verified",
        'Which claim says that the address is proved: "email_verified", or "xms_edov" with Microsoft Entra.',
    )
