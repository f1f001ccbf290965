"""Counts what was said already: the automatic answers of the last hour, and notices about one thing.

The limits come from the policy; `workflow.saying` judges whether one is reached.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from daemon.store import outbox
from daemon.workflow.mailbox import same_mailbox
from daemon.workflow.model import Recent
from daemon.workflow.policy import Policy

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Reached:
    """Whom an automatic answer may reach; "" for what is not known."""

    email: str = ""
    phone: str = ""
    domain: str = ""


def recent(connection: Connection, whom: Reached, policy: Policy, now: datetime) -> Recent:
    """How many automatic answers these had within the last hour, counted up to their limits."""
    since = now - HOUR

    def count(limit: str, is_known: str, most: int) -> int:
        return outbox.count_recent(connection, "limit_key", limit, since, most) if is_known else 0

    domain, most = whom.domain, policy.answers_per_domain_per_hour
    return Recent(
        to_address=count(limit_key("email", whom.email), whom.email, policy.answers_per_address_per_hour),
        to_number=count(limit_key("sms", whom.phone), whom.phone, policy.answers_per_number_per_hour),
        to_domain=outbox.count_recent(connection, "limit_domain", domain, since, most) if domain else 0,
    )


def limit_key(channel: str, recipient: str) -> str:
    """What the limits on answers count under: a mailbox is one however it is spelt (LESSONS S25)."""
    return f"{channel}:{same_mailbox(recipient) if channel == 'email' else recipient}"


def was_told(connection: Connection, limit: str, now: datetime) -> bool:
    """Whether something was said under `limit` within the last hour."""
    return bool(outbox.count_recent(connection, "limit_key", limit, now - HOUR, 1))
