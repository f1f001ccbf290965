"""Turns the configuration into the values that the desk, its workers and its letters are set up with."""

from __future__ import annotations

from daemon.adapters import declared_reports
from daemon.attachments.check import BLOCKED
from daemon.attachments.check import Rules as AttachmentRules
from daemon.config import Config
from daemon.dispatch.marks import Stationery
from daemon.dispatch.writer import Letterhead
from daemon.loops.desk import DeskRules
from daemon.mail.meaning.extraction_policy import ExtractionPolicy
from daemon.reading.pool import Pool
from daemon.reading.process import Limits
from daemon.reading.rules import ReadingRules
from daemon.settings import keyring_of, policy_of
from daemon.templating.marker import MARKER
from daemon.workflow.passing_on import PassingOn


def desk_rules(config: Config) -> DeskRules:
    workflow, box = config.workflow, config.mailbox
    roster = {
        address.lower(): person.email
        for person in config.staff
        for address in (person.email, *person.aliases)
    }
    reading = ReadingRules(
        mailbox_address=box.address,
        marker=MARKER[config.service.language],
        other_markers=tuple(
            marker for language, marker in MARKER.items() if language != config.service.language
        ),
        authserv_id=box.authserv_id,
        internal_header=box.internal_header,
        spam_header=box.spam_header,
        border=box.borders,
        extraction=ExtractionPolicy(
            request_number_patterns=workflow.request_number_patterns,
            sla_exceeded_patterns=workflow.sla_exceeded_patterns,
            technical_patterns=workflow.technical_patterns,
        ),
        thanks=workflow.thanks,
        roster=roster,
        form_senders=tuple(address.lower() for address in box.form_senders),
    )
    passing_on = PassingOn(
        most_bytes=config.limits.attachments_to_staff_mb * 2**20,
        has_links=config.web.enabled,
        has_scanner=config.clamav.is_used,
        fail_closed=config.clamav.fail_closed,
    )
    home, canaries_to = config.service.public_url, config.canary.address or ""
    stationery = Stationery(keyring_of(config), box.subaddressing, home, passing_on, canaries_to)
    return DeskRules(policy_of(config), reading, stationery, declared_reports(config))


def pool_of(config: Config) -> Pool:
    """The workers that read mail; none is started before the first mail."""
    given = config.limits
    limits = Limits(
        cpu_s=given.worker_cpu_seconds,
        time_s=given.worker_seconds,
        memory_bytes=given.worker_memory_mb << 20,
        answer_bytes=(4 * given.message_mb) << 20,
    )
    return Pool(desk_rules(config).reading, attachment_rules(config), limits, given.workers)


def attachment_rules(config: Config) -> AttachmentRules:
    limits = config.limits
    given = frozenset(limits.attachment_blocked)
    return AttachmentRules(
        file_bytes=limits.attachment_mb * 2**20,
        mail_bytes=limits.attachments_mb * 2**20,
        most=limits.attachments_max,
        blocked=(given - {"default"}) | (frozenset(BLOCKED) if "default" in given else frozenset()),
    )


def letterhead(config: Config) -> Letterhead:
    return Letterhead(
        mailbox_address=config.mailbox.address,
        from_name=config.from_name,
        sms_sender=config.sms.sender,
        language=config.service.language,
    )
