"""The marks by which an answer finds its way: reply tokens, Message-IDs, SMS references, and the root of a
ticket's own thread.

They are made once, with the row. They cannot be guessed and are the same at every try.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from daemon.dispatch.links import Links
from daemon.mail.trust.tokens import Keyring, Scope, Visibility, holder_tag, mint
from daemon.workflow import notices
from daemon.workflow.model import Notification
from daemon.workflow.passing_on import PassingOn

JUDGING_LIFE = timedelta(days=14)
"""How long what a digest lists can be released or blocked by an answer to it."""
TOKEN_LIFE = timedelta(days=180)
"""How long a notice to staff can be answered: longer than any complaint should take."""


@dataclass(frozen=True, slots=True)
class Stationery:
    """What our messages carry to be answered: the keys of reply tokens and links, the address that links
    begin with, whether the mail server delivers infocs+TOKEN@ (DESIGN §4, mailbox.subaddressing), and how
    files are passed on."""

    keys: Keyring = field(repr=False)
    subaddressing: bool = True
    public_url: str = ""
    passing_on: PassingOn = field(default_factory=PassingOn)
    canaries_to: str = ""
    """Where the answer to a canary goes; "": to the mailbox itself."""

    @property
    def links(self) -> Links:
        return Links(self.keys, self.public_url)


class Marks:
    """Makes the marks for the mailbox at `mailbox_address`."""

    def __init__(self, stationery: Stationery, mailbox_address: str) -> None:
        self._stationery = stationery
        self._local, _, self._domain = mailbox_address.rpartition("@")

    def token(self, said: Notification, ticket_id: int | None, now: datetime) -> str:
        """A reply token for staff: for this address, this ticket, and the visibility of this notice; with a
        digest that lists what was set aside, for judging that. "" where an answer needs none."""
        if said.name == "staff_digest" and said.values.get("quarantined"):
            scope = Scope("quarantine", holder_tag(said.recipient.lower()), 0, "internal")
            return mint(self._stationery.keys, scope, now + JUDGING_LIFE)
        if said.audience != "staff" or ticket_id is None:
            return ""
        visibility: Visibility = "citizen" if notices.of(said.name).is_relayed else "internal"
        scope = Scope("reply", holder_tag(said.recipient.lower()), ticket_id, visibility)
        return mint(self._stationery.keys, scope, now + TOKEN_LIFE)

    def reference(self, channel: str, token: str = "") -> str:
        """A Message-ID, or an SMS reference. The reply token rides in it only where no Reply-To can carry it:
        every forward shows a Message-ID to its reader, in References."""
        unique = secrets.token_hex(16)
        if channel == "sms":
            return unique
        if token and not self._stationery.subaddressing:
            return f"<{token}.{unique}@{self._domain}>"
        return f"<{unique}.shakwa@{self._domain}>"

    def reply_to(self, token: str) -> str | None:
        """The address by which an answer brings `token` back; None where it has to ride in the Message-ID."""
        return f"{self._local}+{token}@{self._domain}" if token and self._stationery.subaddressing else None

    def root_of(self, ticket_number: str) -> str:
        """The root of a ticket's own thread, so that staff's mail clients group all notices of it."""
        return f"<thread.{ticket_number}@{self._domain}>"
