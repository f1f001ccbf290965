"""The rules of quarantine: who may be blocked, which mail may be released, which team judges, what it orders.

`workflow.trust` decides what is set aside in the first place; docs/QUARANTINE.md names every reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from daemon.workflow.commands import Refused
from daemon.workflow.events import StaffWrote
from daemon.workflow.history import Line
from daemon.workflow.model import Decision, Facts, Notification, Team
from daemon.workflow.naming import house
from daemon.workflow.policy import Policy
from daemon.workflow.providers import is_public
from daemon.workflow.saying import limit
from daemon.workflow.staff import explain, ours, refusal
from daemon.workflow.staff_proofs import is_known, why_unproved
from daemon.workflow.trust import is_guess
from daemon.workflow.vocabulary import DomainRefusal, Refusal

Verdict = Literal["release", "block"]


@dataclass(frozen=True, slots=True)
class SetAside:
    """What is known of one inbox row: its state and source, the usable sender's address or ""."""

    state: str
    source: str
    reason: str
    sender: str
    outcome: str = ""


def judging_team(policy: Policy) -> Team | None:
    """Who judges what was set aside: the team without categories, which takes what no other does, but no
    escalation team; else the first. None where there is no team."""
    rest = (team for team in policy.teams if not team.categories and not team.is_escalation)
    return next(rest, policy.teams[0] if policy.teams else None)


def why_no_release(found: SetAside | None, policy: Policy, writer: str = "") -> Refusal | Literal[""]:
    """Why the mail may not be released, as a code; "" where it may. Where a person says who wrote it, as
    `writer`, no sender is needed, and it may be one that was only recorded as a machine's."""
    if found is None:
        return "unknown_mail"
    is_recorded = found.state == "done" and (
        is_guess(found.reason) or (bool(writer) and found.outcome == "recorded")
    )
    if found.state != "quarantined" and not is_recorded:
        return "not_quarantined"
    if found.source == "too_large":
        return "mail_too_large"  # only its header was taken in: there is nothing to judge
    if writer:
        return "protected_address" if writer.lower() in protected(policy) else ""
    return "" if found.sender else "no_sender"


def why_no_block(found: SetAside | None, policy: Policy) -> Refusal | Literal[""]:
    """Why the mail's sender may not be blocked, as a code; "" where they may. An address of our own may not:
    the block would silence the ministry, not the one who writes in its name."""
    if found is None:
        return "unknown_mail"
    if not found.sender:
        return "no_sender"
    return "protected_address" if found.sender.lower() in protected(policy) else ""


def why_no_domain_block(domain: str, policy: Policy) -> DomainRefusal | Literal[""]:
    """Why not all of `domain` may be blocked, as a code; "" where it may."""
    domain = domain.lower()
    if any(address.rpartition("@")[2] == domain for address in protected(policy)):
        return "protected_domain"
    return "public_domain" if is_public(domain) else ""


def protected(policy: Policy) -> frozenset[str]:
    """Addresses of our own, in lower case: the mailbox, teams and their leads, staff by any address, the
    operator."""
    others: Iterable[str | None] = (policy.operator, *(team.lead for team in policy.teams))
    return ours(policy) | policy.staff_addresses | {other.lower() for other in others if other}


# --- by an answer to the digest -----------------------------------------------------------------------


def verdicts_of(
    event: StaffWrote, orders: Sequence[tuple[int, Verdict]], policy: Policy
) -> dict[int, Verdict]:
    """What is ordered of each mail. Both proofs are needed, as for every command that changes something;
    being on the roster and active was judged before. Raises Refused."""
    if not is_known(event, policy):
        raise Refused(why_unproved(event.verdict))
    if not event.has_token:
        raise Refused("no_digest")
    verdicts = dict(orders)
    contradicted = [inbox_id for inbox_id, verdict in orders if verdicts[inbox_id] != verdict]
    if contradicted:
        raise Refused("cannot_combine", str(contradicted[0]))
    return verdicts


def check(verdicts: Mapping[int, Verdict], found: Mapping[int, SetAside | None], policy: Policy) -> None:
    """Check that every verdict can be carried out. Raises Refused at the first that cannot."""
    for inbox_id, verdict in verdicts.items():
        one = found[inbox_id]
        if one is not None and one.state != "quarantined":
            raise Refused("not_quarantined", str(inbox_id))
        code = why_no_release(one, policy) if verdict == "release" else why_no_block(one, policy)
        if code:
            raise Refused(code, str(inbox_id))


def judged(
    facts: Facts, event: StaffWrote, verdicts: Mapping[int, Verdict], blocked: Sequence[str], policy: Policy
) -> Decision:
    """The writer hears what was done; `blocked` names whom, as it may be shown."""
    released = [str(inbox_id) for inbox_id, verdict in verdicts.items() if verdict == "release"]
    values = house(policy) | {"released": released, "blocked": list(blocked)}
    said = Notification("staff_judged", "email", event.writer.email, "staff", values)
    lines = tuple(
        Line("mail_released" if verdict == "release" else "mail_blocked", {"number": inbox_id})
        for inbox_id, verdict in verdicts.items()
    )
    return Decision(None, (limit(facts, said, policy, is_authenticated=True),), lines, "staff")


def not_judged(facts: Facts, event: StaffWrote, refused: Refused, policy: Policy) -> Decision:
    """Nothing is done, and the writer hears why."""
    (said,) = explain(None, event, policy, refused)
    return refusal(None, (limit(facts, said, policy, is_authenticated=True),), refused)
