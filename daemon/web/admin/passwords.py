"""Checks passwords against argon2 hashes, in threads of its own and a few at a time.

One verification takes 64 MiB and a tenth of a second of a core as `secret admin` makes the hashes. A flood of
them waits for nothing: beyond a short queue each is turned away. A name that nobody has costs the same time.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import unicodedata
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

AT_ONCE = 2
MOST_WAITING = 8
MOST_CHARACTERS = 1_000
LEAST_CHARACTERS = 12
"""Of a new password."""


class TooMany(Exception):
    """So many passwords are being checked that this one was not."""


def spelt(password: str) -> bytes:
    """One spelling for equal passwords, whatever the keyboard (NIST SP 800-63B-4, section 3.1.1.2: NFKC)."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace")


def hash_of(password: str) -> str:
    """A new hash: argon2id, by the recommendation of RFC 9106, section 4, for little memory."""
    import argon2

    return argon2.PasswordHasher().hash(spelt(password))


def _matches(password_hash: str, password: bytes) -> bool:
    import argon2

    try:
        return argon2.PasswordHasher().verify(password_hash, password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


class Passwords:
    """`hashes`: of all admins. For an unknown name one of them is checked too, and the answer thrown away."""

    def __init__(self, hashes: Sequence[str]) -> None:
        self._hashes = hashes
        self._key = secrets.token_bytes(16)
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="password")
        self._begun = 0

    async def is_right(self, password_hash: str | None, name: str, password: str) -> bool:
        """Whether `password` is that of the hash; never where the hash is None. Raises TooMany."""
        if not self._hashes:
            return False
        if self._begun >= AT_ONCE + MOST_WAITING:
            raise TooMany
        self._begun += 1
        try:
            against = self._decoy(name) if password_hash is None else password_hash
            given = spelt(password[: MOST_CHARACTERS + 1])
            found = await asyncio.get_running_loop().run_in_executor(self._threads, _matches, against, given)
        finally:
            self._begun -= 1
        return found and password_hash is not None and len(password) <= MOST_CHARACTERS

    def _decoy(self, name: str) -> str:
        """Always the same for a name: hashes may cost differently."""
        digest = hashlib.blake2b(name.encode("utf-8", "replace"), key=self._key, digest_size=8).digest()
        return self._hashes[int.from_bytes(digest, "big") % len(self._hashes)]
