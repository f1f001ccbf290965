"""Removes a person's mails from the mail server: the copies in the folders that we filed them in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol

from daemon.mail.letter.fingerprint import fingerprint
from daemon.mail.wire.imap.mailbox import Sought
from daemon.store.belongings import Copy


class Server(Protocol):
    """The mailbox, as far as mails are removed from it."""

    async def remove(
        self, folder: str, wanted: Sequence[Sought], is_it: Callable[[Sought, bytes], bool]
    ) -> set[int]:
        """Returns the keys of those that were there. Raises MailboxUnavailable."""


async def remove(server: Server, copies: Sequence[Copy]) -> int:
    """Remove each copy, known by its fingerprint. Returns how many were there. Raises MailboxUnavailable."""
    by_folder: defaultdict[str, list[Copy]] = defaultdict(list)
    for copy in copies:
        by_folder[copy.folder].append(copy)
    removed = 0
    for folder, wanted in by_folder.items():
        known = {copy.inbox_id: copy.fingerprint for copy in wanted}
        sought = [Sought(copy.inbox_id, copy.message_id, copy.size_bytes) for copy in wanted]
        removed += len(await server.remove(folder, sought, partial(_is_it, known)))
    return removed


def _is_it(known: Mapping[int, str], one: Sought, raw: bytes) -> bool:
    return fingerprint(raw) == known[one.key]
