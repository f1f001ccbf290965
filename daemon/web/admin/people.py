"""The admins as values: who is configured, and who is signed in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from daemon.config.values import folded
from daemon.store.sessions import Way
from daemon.workflow.vocabulary import ADMIN_ROLES, AdminRole


@dataclass(frozen=True, slots=True)
class Admin:
    """One of [[admins]]. `email`: "" where none is given; lower case. `subject`: as the provider of [oidc]
    names them by [oidc] claim, "" where it does not."""

    name: str
    password_hash: str = field(repr=False)
    email: str = ""
    roles: frozenset[AdminRole] = frozenset(ADMIN_ROLES)
    subject: str = ""

    @property
    def fingerprint(self) -> str:
        """Of what lets them in. A session lasts only while it stays the same."""
        known_by = f"{self.email}\n{self.subject}" if self.subject else self.email
        return hashlib.sha256(f"{self.password_hash}\n{known_by}".encode()).hexdigest()


class Admins:
    """All of [[admins]], found by name, address or subject."""

    def __init__(self, admins: Iterable[Admin] = ()) -> None:
        self._by_name = {folded(one.name): one for one in admins}
        self._by_email = {one.email: one for one in self._by_name.values() if one.email}
        self._by_subject = {one.subject: one for one in self._by_name.values() if one.subject}

    def __iter__(self) -> Iterator[Admin]:
        return iter(self._by_name.values())

    def __len__(self) -> int:
        return len(self._by_name)

    def named(self, name: str) -> Admin | None:
        """However it is spaced, and in capitals or not."""
        return self._by_name.get(folded(name))

    def with_email(self, email: str) -> Admin | None:
        # Only of ASCII: some letters beyond become one of another address where they are made small.
        return self._by_email.get(email.lower()) if email.isascii() else None

    def with_subject(self, subject: str) -> Admin | None:
        """Letter by letter (OpenID Connect Core 1.0, section 2: `sub` is case-sensitive)."""
        return self._by_subject.get(subject)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks. `name` is what revisions and the audit write down; `email` "" where none is known."""

    name: str
    email: str
    roles: frozenset[AdminRole]
    way: Way

    def may(self, role: AdminRole | None) -> bool:
        return role is None or role in self.roles
