"""Lists every notification once: to whom it goes, on which channels, and what follows from it.

The words stand in `templates/`, and `templating.catalogue` says which values they may mention. A module that
needs to know something of a notification asks here by its name (`of`), and keeps no list of names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from daemon.workflow.vocabulary import CloseReason, DeliveryChannel, State

Way = Literal["both", "either", "email"]
"""A column of the table in DESIGN §2, Notifications: by e-mail and SMS; by e-mail, and by SMS only where
there is no address; by e-mail alone."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that is said. `audience` is whom it is for, `way` how it goes."""

    name: str
    audience: Literal["requester", "staff", "operator"]
    way: Way
    is_relayed: bool = False
    """Of a notice to staff: a plain answer to it goes to the citizen. To all others it stays internal."""
    carries_files: bool = False
    """Of a notice to staff: the files of a mail go along."""
    is_copied: bool = False
    """It goes to participants too: words of staff, and the end; not where the complaint was none."""
    is_personal: bool = False
    """All of it is what a person wrote, so it is no automatic mail (RFC 3834, section 1)."""
    quotes_staff: bool = False
    """Its `text` is what a member of staff wrote to the customer, who may read it on their page."""
    starts_clock: bool = False
    """Its acceptance by the next system starts a clock, or lets one go on that a failure held: the desk is
    told of it. Where no channel takes it, the ticket is held."""
    holds_page: bool = False
    """Its mail holds the link of the requester's page also where nobody proved to be them: it asks for what
    can be added there, or tells what can be read there."""
    must_be_heard: bool = False
    """Where no message of ours reaches the requester, staff are told to pass it on in the customer's own
    channel."""
    is_survey: bool = False
    """It asks for a rating: a number that answers it is one. It holds nothing but a link, which a mobile that
    may be a stranger's never gets."""
    is_promised: bool = False
    """The guide promises that the customer hears it (section 3, (2) and (3)). Where no citizen can be
    proved, it goes also to a mobile that had its one SMS."""
    gives_way: bool = False
    """Where the same person gets another message of the same cause, this one is left out."""
    needs_number: bool = False
    """It answers no unproved mail without a request number, which gets one acknowledgement (DESIGN §3,
    Backscatter)."""
    answers_writer: bool = False
    """It answers the member of staff who wrote, and counts as an automatic answer."""
    acknowledges: bool = False
    """It answers a complaint at once: how long its writer waits for it is measured."""
    may_be_off: bool = False
    """The guide does not demand it, and nothing is lost without it: an admin may switch it off."""
    true_in: tuple[State, ...] = ()
    """The states of the complaint in which it may be said later, where the first try reached nobody: that
    may be known days later. () for all."""
    ending: CloseReason | Literal[""] = ""
    """The reason of the closing that it tells; "" for one that its values name."""
    essential: str = ""
    """The value that its mail must hold besides a sentence, where no template can serve."""

    @property
    def channels(self) -> tuple[DeliveryChannel, ...]:
        """The channels on which it may go, so for which it has a template."""
        return ("email",) if self.way == "email" else ("email", "sms")


_ALL: Final = (
    # By e-mail and SMS.
    Notice("received", "requester", "both", acknowledges=True),
    Notice(
        "info_requested",
        "requester",
        "both",
        must_be_heard=True,
        quotes_staff=True,
        holds_page=True,
        acknowledges=True,
        true_in=("awaiting_info",),
    ),
    Notice(
        "info_warning",
        "requester",
        "both",
        starts_clock=True,
        is_promised=True,
        holds_page=True,
        essential="status_url",
        true_in=("awaiting_info",),
    ),
    Notice(
        "closed",
        "requester",
        "both",
        must_be_heard=True,
        is_copied=True,
        quotes_staff=True,
        is_promised=True,
        true_in=("closed",),
    ),
    Notice(
        "closed_no_response",
        "requester",
        "both",
        must_be_heard=True,
        is_promised=True,
        true_in=("closed",),
        ending="no_response",
    ),
    Notice(
        "closed_not_admitted",
        "requester",
        "both",
        must_be_heard=True,
        quotes_staff=True,
        is_promised=True,
        essential="text",
        true_in=("closed",),
        ending="not_admitted",
    ),
    Notice(
        "escalation_outcome",
        "requester",
        "both",
        must_be_heard=True,
        is_copied=True,
        quotes_staff=True,
        essential="text",
    ),
    Notice("survey", "requester", "both", is_survey=True, essential="survey_url", true_in=("closed",)),
    # By e-mail, and by SMS only where there is no address.
    Notice("in_progress", "requester", "either", gives_way=True, may_be_off=True, true_in=("open",)),
    Notice(
        "reply",
        "requester",
        "either",
        must_be_heard=True,
        is_copied=True,
        is_personal=True,
        quotes_staff=True,
        holds_page=True,
        essential="text",
    ),
    Notice(
        "resolved",
        "requester",
        "either",
        must_be_heard=True,
        is_copied=True,
        quotes_staff=True,
        starts_clock=True,
        holds_page=True,
        essential="text",
        true_in=("resolved",),
    ),
    Notice(
        "reopened",
        "requester",
        "either",
        gives_way=True,
        needs_number=True,
        may_be_off=True,
        true_in=("open",),
    ),
    Notice("joined", "requester", "either", may_be_off=True, acknowledges=True),
    Notice("escalation_received", "requester", "either", may_be_off=True),
    Notice("escalation_too_early", "requester", "either", may_be_off=True),
    Notice(
        "processing_delayed",
        "requester",
        "either",
        must_be_heard=True,
        holds_page=True,
        may_be_off=True,
        true_in=("open", "awaiting_info"),
    ),
    Notice(
        "survey_reminder",
        "requester",
        "either",
        is_survey=True,
        may_be_off=True,
        essential="survey_url",
        true_in=("closed",),
    ),
    Notice("status", "requester", "either", may_be_off=True),
    Notice("too_large", "requester", "either"),
    # To staff, by e-mail.
    Notice("staff_new", "staff", "email", is_relayed=True, carries_files=True),
    Notice("staff_update", "staff", "email", is_relayed=True, carries_files=True),
    Notice("staff_note", "staff", "email", may_be_off=True),
    Notice("staff_due_soon", "staff", "email", may_be_off=True),
    Notice("staff_breached", "staff", "email"),
    Notice("staff_escalated", "staff", "email"),
    Notice("staff_digest", "staff", "email"),
    Notice("staff_report", "staff", "email"),
    Notice("staff_command_error", "staff", "email", answers_writer=True),
    Notice("staff_done", "staff", "email"),
    Notice("staff_help", "staff", "email", answers_writer=True),
    Notice("staff_status", "staff", "email", answers_writer=True),
    Notice("staff_delivery_failed", "staff", "email"),
    Notice("staff_quarantine", "staff", "email"),
    Notice("staff_judged", "staff", "email"),
    Notice("operator_alert", "operator", "email"),
)

NOTICES: Final[Mapping[str, Notice]] = {notice.name: notice for notice in _ALL}


def of(name: str) -> Notice:
    """The notice of that name. A row of the outbox may be older than this list: a name that is not in it is
    for staff or for the requester by its name alone, and nothing follows from it."""
    return NOTICES.get(name) or Notice(name, "staff" if is_internal(name) else "requester", "either")


def is_internal(name: str) -> bool:
    """Whether a notification stays inside the house, by its name alone."""
    return name.startswith(("staff_", "operator_"))
