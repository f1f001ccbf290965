"""Builds the system from its configuration: build(config) -> System. Only here do concrete classes meet.

Configuration is handed down as values; nothing below imports `config` or reads the environment.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from daemon import rulebook
from daemon.adapters import Adapters, allowed_of, scanner_of, shares_of, trials_of
from daemon.casework.case import Cases
from daemon.casework.counter import Counter
from daemon.casework.file_counter import FileCounter
from daemon.casework.files import Shelf, remove_orphans
from daemon.casework.filing import Filing, Stopped
from daemon.casework.logbook import Logbook
from daemon.casework.receipt_counter import ReceiptCounter
from daemon.casework.reconciliation import Comparison
from daemon.casework.recovery import Recovery
from daemon.casework.untimely import Sieve
from daemon.casework.uploads import Uploads
from daemon.clock import Clock, SystemClock
from daemon.config import Config
from daemon.counting.keeper import Keeper
from daemon.dispatch.handover import Handover
from daemon.dispatch.line import Line
from daemon.dispatch.writer import Writer
from daemon.health import health_of, is_well
from daemon.loops.calendar_change import CalendarChange
from daemon.loops.delivery import Delivery
from daemon.loops.desk import Desk, DeskRules
from daemon.loops.digest import Digest
from daemon.loops.fetch import Fetch
from daemon.loops.housekeeping import Salvage, Tick
from daemon.loops.in_hand import InHand
from daemon.loops.inquiry import Inquiry
from daemon.loops.monthly import MonthlyReport, Paper
from daemon.loops.reconciliation import Reconciliation
from daemon.loops.rescan import Rescan
from daemon.loops.retention import Retention
from daemon.loops.rewording import Rewording
from daemon.loops.shares import Shares
from daemon.loops.tallying import tally
from daemon.loops.troubles import ProblemTeller
from daemon.opening import open_database
from daemon.reading.reader import Reader
from daemon.service import Service
from daemon.settings import binding_of, days_left, fetch_rules, library_of, scope_of, where_of
from daemon.sms.wire.connections import CONNECTIONS
from daemon.store.database import Database
from daemon.store.files import FileStore, FilesUnavailable
from daemon.store.liveness import Liveness, liveness_of
from daemon.store.pace import Pace
from daemon.tallies import LineCounter, Tallies
from daemon.templating import page_words
from daemon.templating.sources import Folder
from daemon.ticks import Parts, service_of
from daemon.watching import Peers, ticks_of
from daemon.wording.sets import Sets

if TYPE_CHECKING:
    from daemon.templating.engine import TemplateSet

log = logging.getLogger(__name__)


@dataclass(slots=True)
class System:
    """Everything that lives while the program runs."""

    config: Config
    clock: Clock
    database: Database
    liveness: Liveness
    texts: Rewording
    reader: Reader
    desk: Desk
    fetch: Fetch
    deliveries: tuple[Delivery, ...]
    salvage: Salvage
    calendar: CalendarChange
    digest: Digest
    monthly: MonthlyReport
    keeper: Keeper
    counter: Counter
    rescan: Rescan
    inquiry: Inquiry
    shares: Shares | None
    reconciliation: Reconciliation
    tallies: Tallies
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
    adapters = adapters or allowed_of(config, clock)
    database = database or open_database(config)
    liveness = liveness_of(database)
    library = None if templates else library_of(config, database, clock)
    sets = templates or Sets(library or Folder(config.service.templates_dir))
    rules = rulebook.desk_rules(config)

    files = FileStore(config.service.data_dir / "files")
    scanner = scanner_of(config)
    reader = adapters.reader or rulebook.pool_of(config)
    filing, shelf = Filing(files, reader, scanner), Shelf(database, files, reader)
    desk = Desk(database, liveness, rules, clock, InHand(reader, filing))
    fetch = Fetch(database, liveness, adapters.mailbox, fetch_rules(config), clock, on_arrival=desk.wake.set)
    recovery = Recovery(database, where_of(config), binding_of(config), clock)
    desk.recovery = fetch.recovery = recovery
    if config.backup.logbook and not config.service.is_shadow:
        fetch.logbook = Logbook(database, adapters.mailbox, binding_of(config), clock)
    problems = ProblemTeller(database, desk, clock)
    desk.on_problem = filing.on_problem = problems.note
    writer = Writer(sets, rulebook.letterhead(config), shelf.content)
    sieve = Sieve(rules.policy)
    shares = shares_of(config, adapters.sms, database, clock, desk.cases)
    deliveries = tuple(
        Delivery(database, liveness, handover, clock, on_news=desk.wake.set, sift=sieve.sift)
        for handover in _handovers(config, adapters, writer, problems, shares)
    )

    def on_decided() -> None:
        fetch.wake.set()
        for delivery in deliveries:
            delivery.wake.set()

    desk.on_decided = on_decided
    tallies = tally(desk, deliveries)
    salvage = Salvage(database, liveness, clock)
    calendar = CalendarChange(database, rules.policy, clock)
    words = page_words.Shelf(library or Folder(config.service.templates_dir))
    digest = Digest(database, desk.cases, clock, config.service.language, words)
    counter = counter_of(database, rules, clock, on_decided, Uploads(filing))
    inquiry = Inquiry(database, adapters.asked, config.sms.asked_after, clock)

    async def note() -> None:
        if fetch.logbook is not None and await fetch.logbook.is_due():
            fetch.wake.set()

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

    async def ask() -> None:
        if await inquiry.run():
            desk.wake.set()

    comparison = Comparison(database, liveness, scope_of(config))
    language = config.service.language
    reconciliation = Reconciliation(database, desk.cases, clock, comparison, language, words)

    async def reconcile() -> None:
        if config.service.is_shadow:
            return  # what is decided lies where it lay: nothing would add up
        await reconciliation.arrange(fetch, adapters.mailbox)

    keeper = Keeper(database, rules.policy)
    paper = Paper(words, config.service.language, config.sms.segment_price)
    monthly = MonthlyReport(database, desk.cases, clock, keeper, paper)

    aged = Retention(database, files, config.privacy.keep_years, config.service.timezone, clock)
    looks: list[Tick] = [
        ("files", 3600.0, tidy),
        ("scan", 60.0, scan_again),
        ("receipts", 60.0, ask),
        *([("shares", 30.0, shares.look)] if shares else ()),
        ("figures", 15.0, keeper.run),
        ("reconciliation", 60.0, reconcile),
        ("restore", 5.0, recovery.settle_if_held),
        ("logbook", 10.0, note),
        ("retention", 600.0, aged.run),
    ]
    texts = Rewording(sets, library, problems.note)
    parts = Parts(fetch, desk, deliveries, salvage, calendar, digest, monthly, texts, problems)
    peers = Peers(database, adapters.email, deliveries, clock, problems.note)
    looks += ticks_of(config, peers, lambda: fetch.is_holding, lambda: is_well(service))
    service = service_of(parts, looks)

    def on_ready() -> None:
        logging.getLogger("daemon").addHandler(LineCounter(tallies.lines))
        desk.warm()
        if isinstance(sets, Sets):
            sets.warm()

    service.on_ready = on_ready
    if config.web.enabled:
        file_counter = FileCounter(database, shelf, rules.stationery.links, passing_on, clock)
        from daemon.web_assembly import Behind, web_of  # a command need not load the web

        behind = Behind(
            config,
            database,
            clock,
            rules.policy,
            counter,
            file_counter,
            ReceiptCounter(database, clock, desk.wake.set),
            partial(health_of, service),
            library,
            reader,
            on_decided,
            trials_of(config, clock),
            tallies,
            lambda: fetch.is_holding,
            partial(days_left, config, adapters.certificates.by_server),
        )
        service.serve(web_of(behind))
    return System(
        config=config,
        clock=clock,
        database=database,
        liveness=liveness,
        texts=texts,
        reader=reader,
        desk=desk,
        fetch=fetch,
        deliveries=deliveries,
        salvage=salvage,
        calendar=calendar,
        digest=digest,
        monthly=monthly,
        keeper=keeper,
        counter=counter,
        rescan=rescan,
        inquiry=inquiry,
        shares=shares,
        reconciliation=reconciliation,
        tallies=tallies,
        service=service,
    )


def counter_of(
    database: Database,
    rules: DeskRules,
    clock: Clock,
    on_decided: Callable[[], None] = lambda: None,
    uploads: Uploads | None = None,
) -> Counter:
    """The desk's counter, for the web and for commands."""
    cases = Cases(rules.policy, rules.stationery)
    return Counter(database, cases, rules.reading.extraction, clock, on_decided, uploads)


def _handovers(
    config: Config, adapters: Adapters, writer: Writer, problems: ProblemTeller, shares: Shares | None
) -> Iterator[Handover]:
    mail, texts = config.smtp, config.sms
    # A relay counts what one login sends on all its connections; behind SMS there may be a second gateway.
    smtp = Line(
        "email",
        gateways=("smtp",),
        connections=mail.connections,
        pace=Pace("email", mail.host, mail.per_minute) if mail.per_minute else None,
        heeds_wishes=True,
    )
    yield Handover(smtp, adapters.email, writer, problems.note)
    if adapters.sms is not None:
        pace = Pace("sms", texts.gateway, texts.per_minute) if texts.per_minute else None
        sms = Line("sms", gateways=texts.names, connections=CONNECTIONS, pace=pace)
        yield Handover(sms, adapters.sms, writer, problems.note, shares.choose if shares else None)
