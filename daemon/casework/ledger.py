"""Counts what was said already: the automatic answers of the last hour and day, and notices about one thing.

The limits come from the policy; `workflow.budgets` judges whether one is reached.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from daemon.store import said_lately
from daemon.store.said_lately import Said
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
    account, hour_ago = whom.account, now - HOUR
    asked: dict[str, list[Said]] = {}
    if whom.email:
        asked["address"] = _reaching(
            account, "email", whom.email, hour_ago, policy.answers_per_address_per_hour
        )
    if domain and whom.account.is_unproved:
        asked["domain"] = [
            Said("limit_domain", domain, hour_ago, policy.answers_per_domain_per_hour, "email")
        ]
    phones = whom.phones if policy.has_sms else ()
    for phone in phones:
        asked[f"hour {phone}"] = _reaching(
            account, "sms", phone, hour_ago, policy.answers_per_number_per_hour
        )
        asked[f"day {phone}"] = _reaching(account, "sms", phone, now - DAY, policy.answers_per_number_per_day)
    if phones and domain:
        most = max(policy.sms_per_domain_per_hour, policy.sms_per_proved_domain_per_hour)
        asked["sms of domain"] = [Said("limit_domain", domain, hour_ago, most, "sms")]
    if phones and total:
        asked["sms in total"] = [Said("limit_total", total, hour_ago, policy.sms_in_total_per_hour(client))]
    counted = said_lately.sums(connection, asked)
    mobiles: frozenset[str] = frozenset()
    if phones and sender:
        mobiles = said_lately.mobiles_of(connection, sender, now - DAY, policy.mobiles_per_sender_per_day)
    return Recent(
        client=client,
        to_address=counted.get("address", 0),
        to_domain=counted.get("domain", 0),
        numbers={phone: ToNumber(counted[f"hour {phone}"], counted[f"day {phone}"]) for phone in phones},
        mobiles=mobiles,
        sms_of_domain=counted.get("sms of domain", 0),
        sms_in_total=counted.get("sms in total", 0),
    )


def _reaching(whom: Account, channel: str, recipient: str, since: datetime, most: int) -> list[Said]:
    """What reached that recipient, against one more answer of `whom`."""
    return [Said("limit_key", key, since, most) for key in whom.counted_with(_spelt(channel, recipient))]


def limit_key(channel: str, recipient: str, account: Account) -> str:
    """Under what an answer that `account` caused is counted."""
    return account.under(_spelt(channel, recipient))


def _spelt(channel: str, recipient: str) -> str:
    """A mailbox is one however it is spelt (LESSONS S25)."""
    return f"{channel}:{same_mailbox(recipient) if channel == 'email' else recipient}"


def was_told(connection: Connection, limit: str, now: datetime) -> bool:
    """Whether something was said under `limit` within the last hour."""
    return bool(said_lately.count_recent(connection, "limit_key", limit, now - HOUR, 1))
