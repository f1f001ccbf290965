"""Judges a mail before any ticket is looked for: decide, record or set aside. Then who may speak for whom.

Classification comes before routing (DESIGN §3): what a machine wrote is never answered, never
relayed and never a command, whatever token it carries. Proved and unproved never share a ticket.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from daemon.workflow.model import Ticket

Kind = Literal["human", "staff", "bounce", "auto", "list", "own", "broken"]
Action = Literal["decide", "staff", "record", "quarantine"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about a mail's writer, from `machines.classifier` and `trust.authenticity`.

    `kind` is the classifier's word; `reason` its evidence. `was_released` is an operator's or a
    member of staff's own word that a person sent it, which outweighs every doubt but a missing sender.
    """

    kind: Literal["human", "bounce", "auto", "list", "own"]
    reason: str
    has_sender: bool
    is_rostered: bool = False
    is_active: bool = True
    has_token: bool = False
    """A reply token of ours that this very person may hold, not expired."""
    has_stray_token: bool = False
    """A good reply token among the recipients, in the hand of somebody who may not hold it."""
    is_authenticated: bool = False
    dmarc: Literal["pass", "fail", "none"] = "none"
    is_spam: bool = False
    is_blocked: bool = False
    """Staff or the operator blocked the address or its domain."""
    was_released: bool = False


@dataclass(frozen=True, slots=True)
class Treatment:
    """`kind` as the inbox row keeps it, what to do, and why in a short code."""

    kind: Kind
    action: Action
    reason: str


def is_guess(reason: str) -> bool:
    """Whether wording alone made a mail a machine's: there a person who reads it may know better
    (docs/MACHINES.md)."""
    return "wording" in reason or reason in ("bounce_text", "bounce_subject_and_text")


def treat(evidence: Evidence) -> Treatment:
    """Say what may be done with a mail, before routing. Total: every mail has one treatment."""
    is_person = evidence.kind == "human" or (evidence.was_released and is_guess(evidence.reason))
    if not is_person:
        return Treatment(evidence.kind, "record", evidence.reason)
    if not evidence.has_sender:
        return Treatment("broken", "quarantine", "no_sender")
    if evidence.is_rostered and (evidence.is_active or not evidence.was_released):
        return _staff(evidence)
    if evidence.was_released:
        return Treatment("human", "decide", "released")
    if evidence.is_blocked:
        # Before the stray token: whoever is blocked makes no noise any more.
        return Treatment("human", "quarantine", "blocked")
    if evidence.has_stray_token:
        # It counts for nothing, and somebody should know that it is about (DESIGN §2).
        return Treatment("human", "quarantine", "token_off_roster")
    if evidence.dmarc == "fail":
        return Treatment("human", "quarantine", "dmarc_fail")
    if evidence.is_spam:
        return Treatment("human", "quarantine", "spam")
    return Treatment("human", "decide", evidence.reason)


def _staff(evidence: Evidence) -> Treatment:
    """A rostered address proves nothing by itself (LESSONS S1, S2): one proof is needed to be heard at
    all; what may be done with one or both is judged in `workflow.staff_proofs`."""
    if not evidence.is_active:
        return Treatment("staff", "quarantine", "staff_inactive")
    if evidence.was_released:
        # Heard as staff, with no proof more than it had: no command is carried out for a release.
        return Treatment("staff", "staff", "released")
    is_proved = evidence.is_authenticated or evidence.has_token
    if evidence.dmarc == "fail" or not is_proved:
        return Treatment("staff", "quarantine", "staff_auth_failed")
    return Treatment("staff", "staff", "proved")


# --- who is who ---------------------------------------------------------------------------------------

Standing = Literal["proved", "vouched", "unproved"]


def standing(ticket: Ticket) -> Standing:
    """How well it is known who the requester is: an API client or an agent vouches for whoever speaks on
    another channel, and for a mobile; in mail DMARC proves it, or nothing does (DESIGN §3, Who is who)."""
    if ticket.channel != "email" or ticket.requester.is_phone_vouched:
        return "vouched"
    return "proved" if ticket.authenticated else "unproved"


def speaks_for_requester(ticket: Ticket, *, is_proved: bool) -> bool:
    """Whether a mail with the requester's address in From is taken for their word, where it answers a mail of
    ours or names the number. Nobody who proved nothing speaks for somebody who did."""
    return is_proved or standing(ticket) == "unproved"


def may_join(ticket: Ticket, *, is_proved: bool) -> bool:
    """Whether a mail with the requester's address in From belongs to the ticket only because it names the
    same request, or asks how it stands: its writer is as well known, and in the same way."""
    return standing(ticket) == ("proved" if is_proved else "unproved")


def are_equal(one: Ticket, other: Ticket) -> bool:
    """Whether two tickets may be one person's, and their links open one page."""
    return (standing(one), epoch(one)) == (standing(other), epoch(other))


EPOCHS: Final = (0, 1)
"""Every epoch that a link may be of."""


def epoch(ticket: Ticket) -> int:
    """Which links to the ticket's pages are good: proof ends those that were sent before it, whoever was
    vouched for then. A caller may have given somebody else's address."""
    return 1 if ticket.authenticated else 0


def is_proved_since(ticket: Ticket) -> bool:
    """Whether the address that a caller gave has been proved by a mail: what is said from then on is for the
    address. The caller, who may be somebody else, is told how it stands, and reads none of it."""
    return ticket.authenticated and standing(ticket) == "vouched"


def prove(ticket: Ticket, phone: str | None = None) -> Ticket:
    """The ticket, now that a mail proved its requester: a mobile that an unproved mail named counts no more,
    nor does a link (`epoch`). One that was vouched for is still told how it stands; it gets no link, unless
    the mail names it too (`phone`)."""
    requester = ticket.requester
    if requester.is_phone_vouched:
        requester = replace(requester, is_phone_unproved=requester.phone != phone)
    elif requester.is_phone_unproved:
        requester = replace(requester, phone=None, is_phone_unproved=False, is_phone_told=False)
    elif standing(ticket) == "vouched" and requester.phone not in (None, phone):
        requester = replace(requester, is_phone_unproved=True)
    return replace(ticket, authenticated=True, requester=requester)


def is_phone_sure(ticket: Ticket, *, is_proved: bool, is_vouched: bool) -> bool:
    """Whether a mobile that is named now is the requester's. Once the address of a call is proved, only a
    proved mail says so, or whoever holds the page's link, which the mail carried."""
    if is_proved_since(ticket):
        return is_proved and not is_vouched
    return is_vouched or standing(ticket) != "unproved"
