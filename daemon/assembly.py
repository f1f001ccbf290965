"""Builds the system from its configuration: build(config) -> System. Only here do concrete classes meet.

Configuration is handed down as values; nothing below imports `config` or reads the environment.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from daemon.adapters import SMS_CONNECTIONS, Adapters, adapters_of, scanner_of
from daemon.attachments.check import BLOCKED
from daemon.attachments.check import Rules as AttachmentRules
from daemon.casework.case import Cases
from daemon.casework.counter import Counter
from daemon.casework.file_counter import FileCounter
from daemon.casework.files import Shelf, remove_orphans
from daemon.casework.filing import Filing, Stopped
from daemon.clock import Clock, SystemClock
from daemon.config import Config
from daemon.dispatch.handover import Handover
from daemon.dispatch.line import Line
from daemon.dispatch.marks import Stationery
from daemon.dispatch.writer import Letterhead, Writer
from daemon.loops.calendar_change import CalendarChange
from daemon.loops.delivery import Delivery
from daemon.loops.desk import Desk, DeskRules
from daemon.loops.digest import Digest
from daemon.loops.fetch import Fetch, FetchRules
from daemon.loops.housekeeping import Metronome, Salvage, Tick
from daemon.loops.in_hand import InHand
from daemon.loops.rescan import Rescan
from daemon.loops.rewording import Rewording
from daemon.mail.meaning import extraction_words as words_of
from daemon.mail.meaning.extraction import ExtractionPolicy
from daemon.mail.trust.tokens import Keyring
from daemon.mail.wire.imap.errors import MailboxUnavailable
from daemon.reading.mail import ReadingRules
from daemon.reading.pool import Pool
from daemon.reading.process import Limits
from daemon.reading.reader import Reader
from daemon.service import Server, Service
from daemon.settings import library_of, open_database, policy_of
from daemon.store.database import Database, StoreUnavailable
from daemon.store.files import FileStore, FilesUnavailable
from daemon.store.liveness import Liveness, liveness_of
from daemon.templating.builtin import MARKER
from daemon.templating.engine import TemplateSet
from daemon.workflow.passing_on import PassingOn
from daemon.workflow.policy import Policy
from daemon.workflow.vocabulary import LANGUAGES, Alarm

log = logging.getLogger(__name__)

OUTAGES = (StoreUnavailable, MailboxUnavailable)


@dataclass(slots=True)
class System:
    """Everything that lives while the program runs."""

    config: Config
    clock: Clock
    database: Database
    liveness: Liveness
    templates: TemplateSet
    texts: Rewording
    reader: Reader
    desk: Desk
    fetch: Fetch
    deliveries: tuple[Delivery, ...]
    salvage: Salvage
    calendar: CalendarChange
    digest: Digest
    counter: Counter
    rescan: Rescan
    service: Service

    async def close(self) -> None:
        """Let go of every connection and lock."""
        await self.fetch.close()
        for delivery in self.deliveries:
            await delivery.close()
        self.desk.stop()
        await asyncio.to_thread(self.liveness.close)
        self.database.close()


def build(
    config: Config,
    *,
    clock: Clock | None = None,
    adapters: Adapters | None = None,
    database: Database | None = None,
    templates: Mapping[str, TemplateSet] | None = None,
) -> System:
    """Put the program together. Opens the database, but no connection to any other system. What is given is
    used in place of what is configured.

    Raises SchemaOutdated, StoreUnavailable.
    """
    clock = clock or SystemClock()
    adapters = adapters or adapters_of(config, clock)
    database = database or open_database(config)
    liveness = liveness_of(database)
    library = None if templates else library_of(config, database, clock)
    sources = library or config.service.templates_dir
    sets = templates or {language: TemplateSet(sources, language) for language in LANGUAGES}
    rules = desk_rules(config)

    files = FileStore(config.service.data_dir / "files")
    scanner = scanner_of(config)
    reader = adapters.reader or pool_of(config)
    filing, shelf = Filing(files, reader, scanner), Shelf(database, files, reader)
    desk = Desk(database, liveness, rules, clock, InHand(reader, filing))
    fetch = Fetch(database, liveness, adapters.mailbox, fetch_rules(config), clock, on_arrival=desk.wake.set)
    problems = ProblemTeller(database, desk, clock)
    desk.on_problem = filing.on_problem = problems.note
    writer = Writer(sets, letterhead(config), shelf.content)
    deliveries = tuple(
        Delivery(database, liveness, handover, clock, on_news=desk.wake.set)
        for handover in _handovers(config, adapters, writer, problems)
    )

    def on_decided() -> None:
        fetch.wake.set()
        for delivery in deliveries:
            delivery.wake.set()

    desk.on_decided = on_decided
    salvage = Salvage(database, liveness, clock)
    calendar = CalendarChange(database, rules.policy, clock)
    digest = Digest(database, desk.cases, clock, config.service.language)
    counter = counter_of(database, rules, clock, on_decided)

    async def tidy() -> None:
        try:
            await asyncio.to_thread(remove_orphans, database, files)
        except FilesUnavailable as error:
            log.warning("old files cannot be removed: %s", error)

    passing_on = rules.stationery.passing_on
    rescan = Rescan(database, filing, shelf, desk.cases, clock)

    async def scan_again() -> None:
        with contextlib.suppress(Stopped):
            if scanner is not None and await rescan.run():
                on_decided()

    looks: list[Tick] = [("files", 3600.0, tidy), ("scan", 60.0, scan_again)]
    texts = Rewording(tuple(sets.values()), library, problems.note)
    parts = _Parts(fetch, desk, deliveries, salvage, calendar, digest, texts, problems)
    service = _service(parts, looks)
    if config.web.enabled:
        file_counter = FileCounter(database, shelf, rules.stationery.links, passing_on, clock)
        service.serve(web_of(config, counter, file_counter, service, rules.policy, clock))
    return System(
        config=config,
        clock=clock,
        database=database,
        liveness=liveness,
        templates=sets[config.service.language],
        texts=texts,
        reader=reader,
        desk=desk,
        fetch=fetch,
        deliveries=deliveries,
        salvage=salvage,
        calendar=calendar,
        digest=digest,
        counter=counter,
        rescan=rescan,
        service=service,
    )


def counter_of(
    database: Database, rules: DeskRules, clock: Clock, on_decided: Callable[[], None] = lambda: None
) -> Counter:
    """The desk's counter, for the web and for commands."""
    cases = Cases(rules.policy, rules.stationery)
    return Counter(database, cases, rules.reading.extraction, clock, on_decided)


HEALTH = {"fetch": "mailbox", "desk": "database", "delivery-email": "sender", "delivery-sms": "sms"}
"""What each loop's trouble means to whoever watches (DESIGN §4, /readyz)."""


def web_of(
    config: Config,
    counter: Counter,
    files: FileCounter,
    service: Service,
    policy: Policy,
    clock: Clock,
) -> Server:
    """The embedded web server; loaded only where it is wanted."""
    from daemon.web.app import ApiClient, WebSettings, build_app
    from daemon.web.server import WebServer

    settings = WebSettings(
        public_url=config.service.public_url,
        language=config.service.language,
        service_name=policy.service_name,
        unified_number=policy.unified_number,
        processing_business_days=policy.processing_business_days,
        api_clients=tuple(
            ApiClient(one.name, one.key_hash, one.channels, one.read == "all") for one in config.api_clients
        ),
        trusted_proxies=config.web.trusted_proxies,
    )

    def health() -> dict[str, str]:
        # In words that name no host: anybody may ask.
        return {
            HEALTH.get(name, name): "ok" if how == "ok" else "does not work"
            for name, how in service.health().items()
        }

    app = build_app(counter, settings, health, clock=clock, files=files)
    web = config.web
    return WebServer(app, host=web.host, port=web.port, trusted_proxies=web.trusted_proxies)


def _handovers(
    config: Config, adapters: Adapters, writer: Writer, problems: ProblemTeller
) -> Iterator[Handover]:
    smtp = Line("email", connections=config.smtp.connections, per_minute=config.smtp.per_minute)
    yield Handover(smtp, adapters.email, writer, problems.note)
    if adapters.sms is not None:
        sms = Line("sms", connections=SMS_CONNECTIONS, per_minute=config.sms.per_minute)
        yield Handover(sms, adapters.sms, writer, problems.note)


LOOP_DOWN: Final[Mapping[str, Alarm]] = {
    "fetch": "fetch_down",
    "desk": "desk_down",
    "delivery-email": "delivery_down",
    "delivery-sms": "delivery_down",
}
"""What the operator hears where a loop of that name cannot work."""


class ProblemTeller:
    """Carries troubles from the loops to the operator's mailbox, through the desk's hourly notices."""

    def __init__(self, database: Database, desk: Desk, clock: Clock) -> None:
        self._database = database
        self._desk = desk
        self._clock = clock
        self._noted: dict[Alarm, str] = {}

    def note(self, what: Alarm, detail: str) -> None:
        """Remember a trouble until the next tick; one of each kind is enough."""
        self._noted.setdefault(what, detail)

    async def tell(self) -> None:
        """Raises StoreUnavailable; nothing noted is lost by it."""
        while self._noted:
            what, detail = next(iter(self._noted.items()))
            await self._database.transact(self._alert, what, detail)
            self._noted.pop(what, None)

    def _alert(self, connection: Connection, what: Alarm, detail: str) -> None:
        self._desk.cases.at(connection, self._clock.now()).alert(what, detail)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the service runs, and what its ticks call."""

    fetch: Fetch
    desk: Desk
    deliveries: tuple[Delivery, ...]
    salvage: Salvage
    calendar: CalendarChange
    digest: Digest
    texts: Rewording
    problems: ProblemTeller


def _service(parts: _Parts, looks: list[Tick]) -> Service:
    fetch, desk, deliveries, problems = parts.fetch, parts.desk, parts.deliveries, parts.problems

    async def free_claims() -> None:
        if await parts.salvage.run():
            desk.wake.set()
            for delivery in deliveries:
                delivery.wake.set()

    async def poll() -> None:
        fetch.wake.set()

    async def sweep() -> None:
        desk.wake.set()

    async def follow_calendar() -> None:
        await parts.calendar.follow()

    async def say_digests() -> None:
        if await parts.digest.run():
            deliveries[0].wake.set()

    ticks: list[Tick] = [
        ("free-claims", 5.0, free_claims),
        ("deadline-sweep", 5.0, sweep),
        ("mailbox-poll", fetch.idle_s, poll),
        ("texts", 5.0, parts.texts.follow),
        ("alerts", 5.0, problems.tell),
        ("digests", 30.0, say_digests),
        # Soon after the start, and not before it: many tickets take a while.
        ("calendar", 20.0, follow_calendar),
        *looks,
    ]
    metronome = Metronome(ticks)

    async def on_start() -> None:
        await parts.texts.begin()
        await free_claims()
        metronome.start()

    async def on_end() -> None:
        metronome.stop()

    async def on_outage(name: str, error: str) -> None:
        problems.note(LOOP_DOWN[name], error)

    return Service([fetch, desk, *deliveries], OUTAGES, on_outage=on_outage, on_start=on_start, on_end=on_end)


# --- configuration into values ---------------------------------------------------------------------


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
            request_number_patterns=workflow.request_number_patterns or words_of.request_number_patterns(),
            sla_exceeded_patterns=workflow.sla_exceeded_patterns or words_of.sla_exceeded_patterns(),
            technical_patterns=workflow.technical_patterns or words_of.technical_patterns(),
        ),
        thanks=workflow.thanks or words_of.thanks(),
        roster=roster,
        form_senders=tuple(address.lower() for address in box.form_senders),
    )
    passing_on = PassingOn(
        most_bytes=config.limits.attachments_to_staff_mb * 2**20,
        has_links=config.web.enabled,
        has_scanner=config.clamav.is_used,
        fail_closed=config.clamav.fail_closed,
    )
    stationery = Stationery(
        keyring_of(config), box.subaddressing, config.service.public_url, passing_on=passing_on
    )
    return DeskRules(policy_of(config), reading, stationery)


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


def keyring_of(config: Config) -> Keyring:
    """The keys of our tokens; what the previous one signed stays good while it stands in the file."""
    previous = config.service.previous_secret_key
    return Keyring(config.service.secret_key, (previous,) if previous else ())


def fetch_rules(config: Config) -> FetchRules:
    box = config.mailbox
    return FetchRules(
        folder=box.folder,
        processed=box.processed,
        quarantine=box.quarantine,
        poll_seconds=box.poll_seconds,
        max_bytes=config.limits.message_mb * 1024 * 1024,
        forms=tuple(address.lower() for address in box.form_senders),
    )


def letterhead(config: Config) -> Letterhead:
    return Letterhead(
        mailbox_address=config.mailbox.address,
        from_name=config.from_name,
        sms_sender=config.sms.sender,
        language=config.service.language,
    )
