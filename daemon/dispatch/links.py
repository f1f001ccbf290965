"""Makes and reads the links in our messages: the status page, the survey (DESIGN §4, Web), files for staff.

They are built from `service.public_url`, whether or not this process serves the pages.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from daemon.mail.trust.tokens import Keyring, mint_link, verify_link

STATUS_LIFE = timedelta(days=400)
"""How long a link to the status page is good: longer than any complaint and its reopenings should take."""

LATE = timedelta(days=90)

FILE_LIFE = timedelta(days=30)
"""How long staff can fetch a file that was too large to go with its notice."""


@dataclass(frozen=True, slots=True)
class Links:
    """Makes and reads links under one set of keys."""

    keys: Keyring = field(repr=False)
    public_url: str

    def status(self, ticket_id: int, now: datetime) -> str:
        return f"{self.public_url}/c/{mint_link(self.keys, 'status', ticket_id, now + STATUS_LIFE)}"

    def survey(self, ticket_id: int, closes_at: datetime) -> str:
        """Known a while after `closes_at`, so that who comes late hears that it is over."""
        expires = closes_at + LATE
        return f"{self.public_url}/s/{mint_link(self.keys, 'survey', ticket_id, expires)}"

    def file(self, attachment_id: int, name: str, now: datetime) -> str:
        """Ends in `name`, which is ours, so that whoever reads the link knows which file it is."""
        return f"{self.public_url}/f/{mint_link(self.keys, 'file', attachment_id, now + FILE_LIFE)}/{name}"

    def status_ticket(self, token: str, now: datetime) -> int | None:
        """The id of the ticket whose page this token opens, None for no token of ours."""
        return verify_link(self.keys, "status", token, now)

    def survey_ticket(self, token: str, now: datetime) -> int | None:
        return verify_link(self.keys, "survey", token, now)

    def attachment(self, token: str, now: datetime) -> int | None:
        """The id of the attachment that this token opens, None for no token of ours."""
        return verify_link(self.keys, "file", token, now)
