"""Knows the domains at which anybody may have an address: public mail services, and access providers."""

from __future__ import annotations

_PROVIDERS = frozenset(
    (
        *("gmail", "googlemail", "outlook", "hotmail", "live", "msn", "yahoo", "ymail", "rocketmail"),
        *("icloud", "aol", "gmx", "yandex", "protonmail"),
    )
)
"""First labels of public mail services, which have a domain in many countries (yahoo.co.uk, outlook.sa)."""
_PUBLIC = frozenset(
    (
        *("me.com", "mac.com", "proton.me", "pm.me", "mail.com", "email.com", "mail.ru", "bk.ru", "inbox.ru"),
        *("list.ru", "zoho.com", "fastmail.com", "tutanota.com", "tuta.io", "hey.com", "web.de", "qq.com"),
        *("163.com", "126.com", "naver.com", "maktoob.com", "stc.net.sa", "saudi.net.sa", "awalnet.net.sa"),
        *("nesma.net.sa", "sol.net.sa"),
    )
)


def is_public(domain: str) -> bool:
    """Whether anybody may have an address there: its writers have nothing else in common."""
    first, _, rest = domain.lower().partition(".")
    # gmail.com, yahoo.co.uk, outlook.sa; but not gmail.example.com, which is somebody's own.
    is_registry = rest.count(".") == 0 or rest.split(".")[0] in ("co", "com", "net", "org")
    return domain.lower() in _PUBLIC or (first in _PROVIDERS and is_registry)
