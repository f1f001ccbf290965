"""Makes and reads the links in our messages: the status page, the survey (DESIGN §4, Web), files for staff.

They are built from `service.public_url`, whether or not this process serves the pages.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from daemon.mail.trust.tokens import Keyring, mint_link, verify_link
from daemon.workflow.trust import EPOCHS

STATUS_LIFE = timedelta(days=3650)
"""How long a link to the status page is read. It ends with its ticket (`workflow.endings.page_ends_at`)."""

LATE = timedelta(days=90)

FILE_LIFE = timedelta(days=30)
"""How long staff can fetch a file that was too large to go with its notice."""


@dataclass(frozen=True, slots=True)
class LinkTo:
    """What a link opens: a ticket's page, and the epoch of the ticket in which it was made."""

    ticket_id: int
    epoch: int


@dataclass(frozen=True, slots=True)
class Links:
    """Makes and reads links under one set of keys. `epoch` is `workflow.trust.epoch` of the ticket: a link of
    an earlier one is read, and opens nothing any more."""

    keys: Keyring = field(repr=False)
    public_url: str

    def status(self, ticket_id: int, now: datetime, epoch: int) -> str:
        purpose = _purpose("status", epoch)
        return f"{self.public_url}/c/{mint_link(self.keys, purpose, ticket_id, now + STATUS_LIFE)}"

    def survey(self, ticket_id: int, closes_at: datetime, epoch: int) -> str:
        """Known a while after `closes_at`, so that who comes late hears that it is over."""
        purpose = _purpose("survey", epoch)
        return f"{self.public_url}/s/{mint_link(self.keys, purpose, ticket_id, closes_at + LATE)}"

    def file(self, attachment_id: int, name: str, now: datetime) -> str:
        """Ends in `name`, which is ours, so that whoever reads the link knows which file it is."""
        return f"{self.public_url}/f/{mint_link(self.keys, 'file', attachment_id, now + FILE_LIFE)}/{name}"

    def status_ticket(self, token: str, now: datetime) -> LinkTo | None:
        """The ticket whose page this token opens, None for no token of ours."""
        return self._read("status", token, now)

    def survey_ticket(self, token: str, now: datetime) -> LinkTo | None:
        """The ticket whose survey this token opens, None for no token of ours."""
        return self._read("survey", token, now)

    def attachment(self, token: str, now: datetime) -> int | None:
        """The id of the attachment that this token opens, None for no token of ours."""
        return verify_link(self.keys, "file", token, now)

    def _read(self, purpose: str, token: str, now: datetime) -> LinkTo | None:
        read = ((one, verify_link(self.keys, _purpose(purpose, one), token, now)) for one in EPOCHS)
        return next((LinkTo(ticket_id, epoch) for epoch, ticket_id in read if ticket_id is not None), None)


def _purpose(purpose: str, epoch: int) -> str:
    """What a token is made for. The epoch lies in its proof, so that it makes no link longer."""
    return f"{purpose}.{epoch}" if epoch else purpose
