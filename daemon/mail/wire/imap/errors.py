"""What goes wrong with a mailbox.

MailboxUnavailable   the connection, the server or our login failed: connect again later
"""

from __future__ import annotations


class MailboxUnavailable(Exception):
    """The mailbox cannot be used over this connection; it is closed, connect again. `is_auth` is true
    where our credentials were refused, so that a person must act. `reason` names no person."""

    def __init__(self, reason: str, *, is_auth: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_auth = is_auth
