"""What goes wrong with a mailbox. Imports nothing, so that a command can name it without the library."""

from __future__ import annotations


class MailboxUnavailable(Exception):
    """The mailbox cannot be used over this connection; it is closed, connect again. `is_auth` is true
    where our credentials were refused, so that a person must act. `reason` names no person."""

    def __init__(self, reason: str, *, is_auth: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_auth = is_auth
