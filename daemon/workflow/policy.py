"""How long, how often, how many: values only, which the configuration fills in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta

from daemon.workflow.business_days import Calendar
from daemon.workflow.model import Person, Team


@dataclass(frozen=True, slots=True)
class Policy:
    """The numbers of DESIGN §2 and §3, with its defaults."""

    calendar: Calendar
    mailbox_address: str
    service_name: str = "منصة فرص"
    unified_number: str = "199040"  # the guide, «قنوات استقبال الشكاوى»
    privacy_url: str = ""
    """The ministry's privacy notice, or none."""
    privacy_team: str = ""
    """The team that answers what people ask about their own data; "": the one that takes the rest."""
    teams: tuple[Team, ...] = ()
    operator: str | None = None
    switched_off: frozenset[str] = frozenset()
    """The notifications that an admin switched off; what the guide demands is never among them."""
    has_sms: bool = True
    """Whether there is a gateway at all: without one no SMS is promised to an outbox that nobody empties."""
    first_response_business_days: int = 1  # the guide, «الوقت المتوقع»: e-mail, one business day
    processing_business_days: int = 10  # the guide: «10 أيام عمل» on average
    info_warning_business_days: int = 2
    closure_business_days: int = 3  # the guide, section 3 (2): «خلال ثلاث أيام عمل»
    resolved_closure_business_days: int = 1
    escalation_answer_business_days: int = 1
    """From an escalation to its acceptance or refusal."""
    escalation_business_days: int = 5
    """From its acceptance until the ticket is resolved."""
    overdue_reminder_business_days: int = 2
    """Between two reminders of what is over its time, or waits for staff, until somebody acts."""
    survey_business_days: int = 1
    """After the moment of closing with reason `resolved` (the guide, section 3 (4))."""
    survey_reminder_business_days: int = 3
    survey_valid: timedelta = timedelta(days=14)
    speaks_from: time = time(8)
    speaks_until: time = time(21)
    people: tuple[Person, ...] = ()
    staff_addresses: frozenset[str] = frozenset()
    """Every address of staff in lower case, the aliases too, which `people` does not name."""
    reminders_within: timedelta = timedelta(minutes=15)
    """A team's reminders so close together come in one mail (DESIGN §2, Time), and so does a flood."""
    notices_per_sender: int = 5
    """So many notices in that time about one sender's mails; what comes after them goes in one mail."""
    reopen_within: timedelta = field(default=timedelta(days=14))
    answers_per_address_per_hour: int = 10
    answers_per_number_per_hour: int = 5
    answers_per_number_per_day: int = 20
    answers_per_domain_per_hour: int = 500
    mobiles_per_sender_per_day: int = 3
    sms_per_domain_per_hour: int = 100
    sms_per_proved_domain_per_hour: int = 300
    sms_in_all_per_hour: int = 500
    sms_of_clients: Mapping[str, int] = field(default_factory=dict)
    """Of API clients with a number of their own: SMS an hour, by the client's name."""
    has_border: bool = True
    """Whether a mail's From can be proved at all: `mailbox.authserv_id` or `internal_header` is set. Without
    either a reply token is all that is asked of staff, and nobody is ever authenticated."""
    proves_citizens: bool = True
    """Whether a citizen's From can be proved: `mailbox.authserv_id` is set. An internal header proves staff
    alone."""
    confirm_commands: bool = True
    """Whether staff hear of each command that was carried out."""
    staff_text_chars: int = 20_000
    """Longest citizen's text carried in a staff mail; the whole of it stays in the store."""

    def sms_in_total_per_hour(self, client: str) -> int:
        """SMS an hour that the API client of that name may cause; with "" all unproved mail together."""
        return self.sms_of_clients.get(client, self.sms_in_all_per_hour)
