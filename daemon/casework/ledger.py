"""Counts what was said already: the automatic answers of the last hour and day, and notices about one thing.

The limits come from the policy; `workflow.budgets` judges whether one is reached.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from daemon.store import said_lately
from daemon.workflow.budgets import NOBODY, Account
from daemon.workflow.mailbox import same_mailbox
from daemon.workflow.model import Recent, ToNumber
from daemon.workflow.policy import Policy

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reached:
    """Whom an automatic answer may reach, "" for what is not known, and on whom it is charged."""

    email: str = ""
    phones: tuple[str, ...] = ()
    account: Account = NOBODY


def recent(connection: Connection, whom: Reached, policy: Policy, now: datetime) -> Recent:
    """What was charged so far, each counted up to its limit."""
    sender, domain, total = whom.account.sender, whom.account.domain, whom.account.total
    client = whom.account.client
    found = Recent(client=client)
    reached = _Counting(connection, whom.account, now)
    if whom.email:
        most = policy.answers_per_address_per_hour
        found = replace(found, to_address=reached.count("email", whom.email, HOUR, most))
    if domain and whom.account.is_unproved:
        most = policy.answers_per_domain_per_hour
        to_domain = said_lately.count_recent(connection, "limit_domain", domain, now - HOUR, most)
        found = replace(found, to_domain=to_domain)
    if not whom.phones or not policy.has_sms:
        return found
    most_mobiles, most_in_total = policy.mobiles_per_sender_per_day, policy.sms_in_total_per_hour(client)
    most_of_domain = max(policy.sms_per_domain_per_hour, policy.sms_per_proved_domain_per_hour)
    return replace(
        found,
        numbers={phone: _to_number(reached, phone, policy) for phone in whom.phones},
        mobiles=said_lately.mobiles_of(connection, sender, now - DAY, most_mobiles)
        if sender
        else frozenset(),
        sms_of_domain=said_lately.count_sms_of_domain(connection, domain, now - HOUR, most_of_domain)
        if domain
        else 0,
        sms_in_total=said_lately.count_recent(connection, "limit_total", total, now - HOUR, most_in_total)
        if total
        else 0,
    )


@dataclass(frozen=True, slots=True)
class _Counting:
    """Counts what reached a person, against one more answer of `account`."""

    connection: Connection
    account: Account
    now: datetime

    def count(self, channel: str, recipient: str, within: timedelta, most: int) -> int:
        keys, since = self.account.counted_with(_spelt(channel, recipient)), self.now - within
        return sum(said_lately.count_recent(self.connection, "limit_key", key, since, most) for key in keys)


def _to_number(reached: _Counting, phone: str, policy: Policy) -> ToNumber:
    return ToNumber(
        reached.count("sms", phone, HOUR, policy.answers_per_number_per_hour),
        reached.count("sms", phone, DAY, policy.answers_per_number_per_day),
    )


def limit_key(channel: str, recipient: str, account: Account) -> str:
    """Under what an answer that `account` caused is counted."""
    return account.under(_spelt(channel, recipient))


def _spelt(channel: str, recipient: str) -> str:
    """A mailbox is one however it is spelt (LESSONS S25)."""
    return f"{channel}:{same_mailbox(recipient) if channel == 'email' else recipient}"


def was_told(connection: Connection, limit: str, now: datetime) -> bool:
    """Whether something was said under `limit` within the last hour."""
    return bool(said_lately.count_recent(connection, "limit_key", limit, now - HOUR, 1))
