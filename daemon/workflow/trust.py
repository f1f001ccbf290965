"""Owns the judgement on a mail before any ticket is looked for: decide, record or set aside.

Classification comes before routing (DESIGN §3): what a machine wrote is never answered, never
relayed and never a command, whatever token it carries.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["human", "staff", "bounce", "auto", "list", "own", "broken"]
Action = Literal["decide", "record", "quarantine"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about a mail's writer, from `mail.automatic` and `mail.authenticity`.

    `kind` is the classifier's word; `reason` its evidence. `was_released` is an operator's or a
    member of staff's own word that a person sent it, which outweighs every doubt but a missing sender.
    """

    kind: Literal["human", "bounce", "auto", "list", "own"]
    reason: str
    has_sender: bool
    is_rostered: bool = False
    is_authenticated: bool = False
    dmarc: Literal["pass", "fail", "none"] = "none"
    is_spam: bool = False
    was_released: bool = False


@dataclass(frozen=True, slots=True)
class Treatment:
    """`kind` as the inbox row keeps it, what to do, and why in a short code."""

    kind: Kind
    action: Action
    reason: str


def treat(evidence: Evidence) -> Treatment:
    """Say what may be done with a mail, before routing. Total: every mail has one treatment."""
    if evidence.kind != "human":
        return Treatment(evidence.kind, "record", evidence.reason)
    if not evidence.has_sender:
        return Treatment("broken", "quarantine", "no_sender")
    if evidence.was_released:
        return Treatment("human", "decide", "released")
    if evidence.is_rostered:
        # Even with proof: answers and commands by mail come with the staff channel. Kept whole,
        # never opened as a complaint, never relayed (LESSONS S1).
        reason = "staff_mail" if evidence.is_authenticated else "staff_auth_failed"
        return Treatment("staff", "quarantine", reason)
    if evidence.dmarc == "fail":
        return Treatment("human", "quarantine", "dmarc_fail")
    if evidence.is_spam:
        return Treatment("human", "quarantine", "spam")
    return Treatment("human", "decide", evidence.reason)
