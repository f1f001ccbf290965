"""What `doctor` says of /admin/: who may sign in there, and whether the ministry's own sign-in answers."""

from __future__ import annotations

from urllib.parse import urlsplit

from daemon.cli.doctor_mail import NeedsAPerson, Unwell
from daemon.config import Config
from daemon.workflow.vocabulary import ADMIN_ROLES


async def admins(config: Config) -> str:
    """Raises Unwell."""
    if not config.admins and config.oidc is None:
        return "none: /admin/ is not there ([[admins]] is empty)"
    if not config.web.enabled:
        return NeedsAPerson("[[admins]] are configured, but [web] enabled is off: /admin/ is not there")
    import argon2  # noqa: F401 - a sign-in needs it, and it belongs to an extra

    url = config.service.public_url
    is_here = urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")
    if not url.startswith("https://") and not is_here:
        raise Unwell(
            f"service.public_url {url} is not https: passwords and cookies of admins travel in the open"
        )
    found = f"{len(config.admins)} may sign in"
    if config.oidc is not None:
        found += f", also through {config.oidc.issuer}, which answers"
        await _ask_provider(config)
        if not any(_known_there(config)):
            return NeedsAPerson(f"{found}, but lets nobody in: set {_what_is_missing(config)} of [[admins]]")
    idle = [role for role in ADMIN_ROLES if not any(role in one.roles for one in config.admins)]
    if idle:
        return NeedsAPerson(f"{found}; nobody has the role {', '.join(idle)}")
    return found


def _known_there(config: Config) -> list[str]:
    """By what the provider's word names each admin, "" for one whom it cannot name."""
    assert config.oidc is not None
    by_address = config.oidc.claim == "email"
    return [(one.email or "") if by_address else one.subject for one in config.admins]


def _what_is_missing(config: Config) -> str:
    assert config.oidc is not None
    return "email" if config.oidc.claim == "email" else "subject"


async def _ask_provider(config: Config) -> None:
    from daemon.web.admin.oidc import Attempt, OidcTrouble, Provider, oidc_settings

    given = config.oidc
    assert given is not None
    settings = oidc_settings(given, config.service.public_url)
    try:
        await Provider(settings).address(Attempt("x" * 43, "x" * 43, "x" * 43))
    except OidcTrouble as trouble:
        reason = {
            "provider_unreachable": "does not answer with .well-known/openid-configuration: is the address "
            "right, does this machine reach it, and trust its certificate (SSL_CERT_FILE)?",
            "provider_unsound": "names another issuer than [oidc] issuer, or an address that is not https",
        }[trouble.why]
        raise Unwell(f"[oidc] {given.issuer} {reason}") from None
