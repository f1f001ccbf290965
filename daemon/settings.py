"""Turns the configuration into the values that rules and store are set up with.

It is apart from `assembly`, so that a command which only looks something up need not load what sends.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from daemon import resources
from daemon.clock import Clock
from daemon.config import Config
from daemon.saudi_calendar import public_sector_holidays
from daemon.store import migrations
from daemon.store.database import Database
from daemon.workflow.business_days import Calendar
from daemon.workflow.model import Person, Team
from daemon.workflow.policy import Policy

if TYPE_CHECKING:
    from daemon.wording.library import Library

HOLIDAY_YEARS = (2025, 2045)


def open_database(config: Config) -> Database:
    """The database, made if it is empty. Raises SchemaOutdated, StoreUnavailable."""
    config.service.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = Database(config.database_url)
    try:
        migrations.ensure(database)
    except BaseException:
        database.close()
        raise
    return database


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


def calendar_of(config: Config) -> Calendar:
    given = config.calendar
    holidays = frozenset(public_sector_holidays(*HOLIDAY_YEARS)) | given.extra_holidays
    return Calendar(
        weekend=given.weekend,
        holidays=holidays,
        working_days_instead=given.working_days_instead,
        timezone=config.service.timezone,
    )


def policy_of(config: Config) -> Policy:
    return Policy(
        calendar=calendar_of(config),
        mailbox_address=config.mailbox.address,
        service_name=config.service.name,
        privacy_url=config.privacy.notice_url or "",
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
