"""Turns the configuration into the values that rules and store are set up with.

It is apart from `assembly`, so that a command which only looks something up need not load what sends.
`opening` is apart from it: a command that asks the store alone need not load the rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from daemon import resources
from daemon.clock import Clock
from daemon.config import Config
from daemon.saudi_calendar import public_sector_holidays
from daemon.workflow.business_days import Calendar
from daemon.workflow.model import Person, Team
from daemon.workflow.policy import Policy

if TYPE_CHECKING:
    from daemon.casework.logbook import Binding
    from daemon.casework.reconciliation import Scope
    from daemon.casework.recovery import Where
    from daemon.loops.canary import Route
    from daemon.loops.fetch import FetchRules
    from daemon.mail.trust.tokens import Keyring
    from daemon.store.database import Database
    from daemon.wording.library import Library

HOLIDAY_YEARS = (2025, 2045)


def library_of(config: Config, database: Database, clock: Clock) -> Library:
    """What is in force of every text. Raises StoreUnavailable."""
    library = unread_library_of(config, database, clock)
    library.open()
    return library


def unread_library_of(config: Config, database: Database, clock: Clock) -> Library:
    """The same before it asked the database: the texts that the program comes with."""
    from daemon.templating.setting import Setting
    from daemon.wording.library import Library
    from daemon.wording.revisions import Rules

    setting = Setting(config.service.public_url, config.templates.sms_hosts)
    rules = Rules(config.templates.second_person, setting)
    return Library(database, clock, resources.pristine(), config.service.templates_dir, rules)


def holiday_names(config: Config) -> Mapping[date, str]:
    """What each holiday is called; "" for one that the configuration alone names."""
    return dict.fromkeys(config.calendar.extra_holidays, "") | public_sector_holidays(*HOLIDAY_YEARS)


def calendar_of(config: Config) -> Calendar:
    given = config.calendar
    holidays = frozenset(public_sector_holidays(*HOLIDAY_YEARS)) | given.extra_holidays
    return Calendar(
        weekend=given.weekend,
        holidays=holidays,
        working_days_instead=given.working_days_instead,
        timezone=config.service.timezone,
    )


def gateways_of(config: Config) -> Mapping[str, tuple[str, ...]]:
    """By what each channel's messages go; of two SMS gateways the preferred one first."""
    return {"email": ("smtp",), "sms": config.sms.names}


def scope_of(config: Config) -> Scope:
    """What a reconciliation compares."""
    from daemon.casework.reconciliation import Scope

    box, asked = config.mailbox, config.sms.asked_after
    silent_after = max(asked) if asked else None
    filed_in = (box.processed, box.quarantine)
    return Scope(box.folder, filed_in, gateways_of(config), silent_after, box.answer_since)


def days_left(config: Config, certificates: Mapping[str, datetime], now: datetime) -> dict[str, float]:
    """How many days are left of the servers' certificates and of the secret of [oauth2], by what ends."""
    left = {
        f"{server}_certificate": (ends - now) / timedelta(days=1) for server, ends in certificates.items()
    }
    ends = config.oauth2.client_secret_expires if config.oauth2 else None
    if ends is not None:
        left["oauth2_secret"] = float((ends - now.astimezone(config.service.timezone).date()).days)
    return left


def keyring_of(config: Config) -> Keyring:
    """The keys of our tokens; what the previous one signed stays good while it stands in the file."""
    from daemon.mail.trust.tokens import Keyring

    previous = config.service.previous_secret_key
    return Keyring(config.service.secret_key, (previous,) if previous else ())


def route_of(config: Config) -> Route:
    """The way of a canary."""
    from daemon.loops.canary import Route

    box, is_seen_back = config.mailbox, config.canary.address is None
    return Route(box.address, keyring_of(config), box.subaddressing, is_seen_back)


def policy_of(config: Config) -> Policy:
    return Policy(
        calendar=calendar_of(config),
        mailbox_address=config.mailbox.address,
        service_name=config.service.name,
        privacy_url=config.privacy.notice_url or "",
        privacy_team=config.privacy.team or "",
        teams=tuple(
            Team(team.name, team.address, frozenset(team.categories), team.escalation, team.lead)
            for team in config.teams
        ),
        people=tuple(
            Person(person.name, person.email, frozenset(person.teams), person.active)
            for person in config.staff
        ),
        staff_addresses=frozenset(
            address.lower() for person in config.staff for address in (person.email, *person.aliases)
        ),
        operator=config.service.operator,
        has_sms=config.sms.gateway != "none",
        first_response_business_days=config.workflow.first_response_business_days,
        processing_business_days=config.workflow.processing_business_days,
        info_warning_business_days=config.workflow.info_warning_business_days,
        closure_business_days=config.workflow.closure_business_days,
        resolved_closure_business_days=config.workflow.resolved_closure_business_days,
        escalation_answer_business_days=config.workflow.escalation_answer_business_days,
        escalation_business_days=config.workflow.escalation_business_days,
        overdue_reminder_business_days=config.workflow.overdue_reminder_business_days,
        survey_business_days=config.workflow.survey_business_days,
        survey_reminder_business_days=config.workflow.survey_reminder_business_days,
        survey_valid=timedelta(days=config.workflow.survey_valid_days),
        reminders_within=timedelta(minutes=config.workflow.reminders_within_minutes),
        notices_per_sender=config.limits.notices_per_sender,
        speaks_from=config.workflow.speaks_from,
        speaks_until=config.workflow.speaks_until,
        has_border=config.mailbox.authserv_id is not None or config.mailbox.internal_header is not None,
        proves_citizens=config.mailbox.authserv_id is not None,
        confirm_commands=config.workflow.confirm_commands,
        reopen_within=timedelta(days=config.workflow.reopen_days),
        answers_per_address_per_hour=config.limits.automatic_per_address_per_hour,
        answers_per_number_per_hour=config.limits.automatic_per_number_per_hour,
        answers_per_number_per_day=config.limits.automatic_per_number_per_day,
        answers_per_domain_per_hour=config.limits.automatic_per_domain_per_hour,
        mobiles_per_sender_per_day=config.limits.automatic_mobiles_per_sender_per_day,
        sms_per_domain_per_hour=config.limits.automatic_sms_per_domain_per_hour,
        sms_per_proved_domain_per_hour=config.limits.automatic_sms_per_proved_domain_per_hour,
        sms_in_all_per_hour=config.limits.automatic_sms_in_all_per_hour,
        sms_of_clients={
            client.name: client.sms_per_hour
            for client in config.api_clients
            if client.sms_per_hour is not None
        },
    )


def where_of(config: Config) -> Where:
    """What is looked through after a restore."""
    from daemon.casework.recovery import Where

    box = config.mailbox
    forms = tuple(address.lower() for address in box.form_senders)
    filed_in = tuple(dict.fromkeys((box.processed, box.quarantine)))
    return Where(box.folder, filed_in, config.limits.message_mb * 1024 * 1024, forms)


def binding_of(config: Config) -> Binding:
    """The logbook in the mailbox."""
    from daemon.casework.logbook import Binding

    return Binding(config.backup.logbook, config.mailbox.address, keyring_of(config))


def fetch_rules(config: Config) -> FetchRules:
    """How the mailbox is read."""
    from daemon.loops.fetch import FetchRules

    box = config.mailbox
    return FetchRules(
        folder=box.folder,
        processed=box.processed,
        quarantine=box.quarantine,
        poll_seconds=box.poll_seconds,
        max_bytes=config.limits.message_mb * 1024 * 1024,
        forms=tuple(address.lower() for address in box.form_senders),
        answer_since=box.answer_since,
        only_reads=config.service.is_shadow,
    )
