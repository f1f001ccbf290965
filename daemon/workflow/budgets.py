"""The budgets of automatic answers: on whom each is charged, and which one it would exceed.

They keep us from being a weapon, one half of a loop, or a well of paid SMS (LESSONS S23, S25; DESIGN §3,
Limits on answers). Answers of staff and messages of deadlines are charged to nobody. What nothing proved is
charged apart, to its sender and to whom it reaches: who writes in somebody's name uses up no budget of
theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from daemon.workflow.mailbox import same_mailbox
from daemon.workflow.model import Notification, Recent, Requester
from daemon.workflow.policy import Policy
from daemon.workflow.providers import is_public
from daemon.workflow.vocabulary import SharedBudget

UNPROVED: Final = "unproved"
_CLIENT: Final = "client:"
_PROVED: Final = "proved:"

ALARMING: Final[Mapping[SharedBudget, str]] = {
    "limit_per_domain": "automatic_per_domain_per_hour",
    "limit_sms_per_domain": "automatic_sms_per_domain_per_hour",
    "limit_sms_per_proved_domain": "automatic_sms_per_proved_domain_per_hour",
    "limit_sms_in_all": "automatic_sms_in_all_per_hour",
}
"""Budgets that no single person exhausts: over these the operator is told. Each with its key in [limits]."""


@dataclass(frozen=True, slots=True)
class Account:
    """On whom an automatic answer is charged, "" where there is nobody.

    `sender` is the mailbox of who caused it in its one spelling, marked where nothing proved it. `domain` is
    that mailbox's domain where nothing proved it; where something did, and it is somebody's own domain, that
    one marked so. `total` is the sum that its SMS belong to: of all unproved mail, or of one API client.
    """

    sender: str = ""
    domain: str = ""
    total: str = ""

    @property
    def client(self) -> str:
        """The API client's name, "" where it was none."""
        return self.total.removeprefix(_CLIENT) if self.total.startswith(_CLIENT) else ""

    @property
    def is_unproved(self) -> bool:
        return self.total == UNPROVED

    def under(self, reached: str) -> str:
        """Under what an answer to `reached` is counted: apart where nothing proved who caused it."""
        return _unproved(reached) if self.is_unproved else reached

    def counted_with(self, reached: str) -> tuple[str, ...]:
        """Under what is counted against one more answer to `reached`: where nothing proved who causes it,
        also what others caused, so that no more goes there than the budget."""
        return tuple(dict.fromkeys((reached, self.under(reached))))


def _unproved(whose: str) -> str:
    return f"{UNPROVED}:{whose}"


def whose(total: str | None, domain: str | None, budget: SharedBudget) -> str:
    """For the operator: the domain whose budget is used up, or the API client; "" for all unproved mail."""
    if budget != "limit_sms_in_all":
        return (domain or "").removeprefix(_PROVED).removeprefix(f"{UNPROVED}:")
    return (total or "").removeprefix(_CLIENT).removeprefix(UNPROVED)


NOBODY: Final = Account()
"""On whom nothing is charged."""


def of_writer(email: str, *, is_proved: bool, is_provable: bool = True) -> Account:
    """The account of who wrote a mail. Whoever has a domain of their own proves as many addresses there as
    they like, so that domain is charged too; a public provider's people have nothing in common. Where no
    citizen can be proved (`Policy.proves_citizens`), they are not charged for one another either."""
    sender = same_mailbox(email)
    domain = sender.rpartition("@")[2]
    if not is_proved:
        is_charged = is_provable or not is_public(domain)
        return Account(_unproved(sender), domain if is_charged else "", UNPROVED)
    return Account(sender, "" if is_public(domain) else _PROVED + domain)


def of_client(name: str) -> Account:
    """The account of an API client: it speaks for many people, so nothing is counted for a sender."""
    return Account(total=_CLIENT + name)


def of_page(requester: Requester) -> Account:
    """The account of who holds a ticket's link, who may be anybody."""
    whose = same_mailbox(requester.email or "") or requester.phone or ""
    return Account(_unproved(whose) if whose else "", total=UNPROVED)


def exceeded(recent: Recent, said: Notification, policy: Policy, *, is_proved: bool) -> str:
    """The code of the budget that `said` would exceed, "" where it may go. `recent` is what was charged so
    far; `is_proved` whether who caused it proved their address, or is vouched for."""
    if said.channel == "sms":
        return _exceeded_by_sms(recent, said.recipient, policy, is_proved=is_proved)
    if recent.to_address >= policy.answers_per_address_per_hour:
        return "limit_per_address"
    if not is_proved and recent.to_domain >= policy.answers_per_domain_per_hour:
        return "limit_per_domain"
    return ""


def _exceeded_by_sms(recent: Recent, number: str, policy: Policy, *, is_proved: bool) -> str:
    to_number = recent.to_number(number)
    if to_number.in_hour >= policy.answers_per_number_per_hour:
        return "limit_per_number"
    if to_number.in_day >= policy.answers_per_number_per_day:
        return "limit_per_number_a_day"
    if number not in recent.mobiles and len(recent.mobiles) >= policy.mobiles_per_sender_per_day:
        return "limit_mobiles_per_sender"
    if is_proved and recent.sms_of_domain >= policy.sms_per_proved_domain_per_hour:
        return "limit_sms_per_proved_domain"
    if not is_proved and recent.sms_of_domain >= policy.sms_per_domain_per_hour:
        return "limit_sms_per_domain"
    if recent.sms_in_total >= policy.sms_in_total_per_hour(recent.client):
        return "limit_sms_in_all"
    return ""
