"""Builds the web server from the configuration: the citizen's pages, the intake API and the admins' pages.

It is loaded only where the web is wanted. Concrete classes meet here and in `assembly`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from starlette.routing import Route

from daemon import __version__
from daemon.casework.file_counter import FileCounter
from daemon.casework.operators import Operators
from daemon.casework.ticket_file import Saying
from daemon.clock import Clock, SystemClock
from daemon.config import Config
from daemon.config.sms import Sms
from daemon.counting.desk import FiguresDesk
from daemon.dispatch.trial import Trials
from daemon.front_desk import FrontDesk, ReceiptDesk
from daemon.reading.reader import Reader
from daemon.settings import gateways_of, holiday_names
from daemon.store import migrations
from daemon.store.database import Database
from daemon.tallies import Tallies
from daemon.templating.around import words_in_force
from daemon.templating.sources import Folder
from daemon.web.admin import audit_pages
from daemon.web.admin.cookies import ATTEMPT, DEVICE, SESSION, OwnCookie
from daemon.web.admin.desk.sections import desk_sections
from daemon.web.admin.devices import Devices
from daemon.web.admin.figures.section import Bureau
from daemon.web.admin.figures.section import section as figures_section
from daemon.web.admin.passwords import Passwords
from daemon.web.admin.people import Admin, Admins
from daemon.web.admin.routes import BACK, Section, admin_routes
from daemon.web.admin.sessions import Sessions
from daemon.web.admin.shell import Shell
from daemon.web.admin.signing import Limits, Reception
from daemon.web.admin.texts.section import texts_section
from daemon.web.app import ApiClient, WebSettings, build_app
from daemon.web.metrics import Watched, metrics_routes
from daemon.web.receipts import receipt_routes
from daemon.web.server import WebServer
from daemon.web.settings import MB, Hook, UploadLimits
from daemon.wording.desk import TextsDesk
from daemon.wording.library import Library
from daemon.workflow.policy import Policy
from daemon.workflow.vocabulary import DELIVERY_CHANNELS

if TYPE_CHECKING:
    from daemon.web.admin.ministry import Ministry


@dataclass(frozen=True, slots=True)
class Behind:
    """What the web asks. `health` tells of each part of the program; `library` is None where the texts were
    given otherwise (tests)."""

    config: Config
    database: Database
    clock: Clock
    policy: Policy
    counter: FrontDesk
    files: FileCounter
    receipts: ReceiptDesk
    health: Callable[[], Mapping[str, str]]
    library: Library | None = None
    reader: Reader | None = None
    on_decided: Callable[[], None] = lambda: None
    trials: Trials | None = None
    tallies: Tallies = field(default_factory=lambda: Tallies(DELIVERY_CHANNELS))
    holds_mailbox: Callable[[], bool] = lambda: False
    days_left: Callable[[datetime], Mapping[str, float]] = lambda now: {}


def web_of(behind: Behind) -> WebServer:
    """The embedded web server."""
    config, settings = behind.config, settings_of(behind.config, behind.policy, behind.library)
    app = build_app(behind.counter, settings, behind.health, clock=behind.clock, files=behind.files)
    app.router.routes.extend(admin_routes_of(behind, settings))
    app.router.routes.extend(receipt_routes(behind.receipts, hooks_of(config.sms)))
    app.router.routes.extend(metrics_routes(watched_of(behind)))
    web = config.web
    return WebServer(app, host=web.host, port=web.port, trusted_proxies=web.trusted_proxies)


def watched_of(behind: Behind) -> Watched:
    """What /metrics tells."""
    sms = behind.config.sms
    return Watched(
        database=behind.database,
        clock=behind.clock,
        zone=behind.config.service.timezone,
        tallies=behind.tallies,
        health=behind.health,
        holds_mailbox=behind.holds_mailbox,
        days_left=behind.days_left,
        version=__version__,
        schema=migrations.HEAD,
        asked=len(sms.asked_after),
        gateways=tuple(sms.told_by),
        share_pair=sms.pair,
        canary_interval_s=60.0 * behind.config.canary.every_minutes,
        key_hash=behind.config.web.metrics_key_hash,
    )


def settings_of(config: Config, policy: Policy, library: Library | None = None) -> WebSettings:
    """`library` None: the words of the pages are those of the folder."""
    limits = config.limits
    return WebSettings(
        public_url=config.service.public_url,
        language=config.service.language,
        service_name=policy.service_name,
        unified_number=policy.unified_number,
        processing_business_days=policy.processing_business_days,
        api_clients=tuple(
            ApiClient(one.name, one.key_hash, one.channels, one.read == "all") for one in config.api_clients
        ),
        trusted_proxies=config.web.trusted_proxies,
        texts=library or Folder(config.service.templates_dir),
        is_official=config.web.official_strip,
        privacy_notice_url=policy.privacy_url,
        keep_years=tuple(config.privacy.keep_years.items()),
        uploads=UploadLimits(limits.attachments_max, limits.attachment_mb * MB, limits.attachments_mb * MB),
    )


def hooks_of(sms: Sms) -> tuple[Hook, ...]:
    """Of the gateways whose reports come in: also of one that is not used any more, whose last ones do."""
    return tuple(
        Hook(
            name,
            (keys.receipt_secret, keys.previous_receipt_secret),
            keys.receipt_from,
            keys.receipt_signature_header,
            keys.receipt_signature_key,
            keys.receipt_answer,
        )
        for name, keys in sms.told_by.items()
    )


def sections_of(behind: Behind, settings: WebSettings) -> tuple[Section, ...]:
    """The sections of /admin/ in the order of its navigation."""
    desk = desk_sections(operators_of(behind), behind.files) if behind.reader else ()
    return (
        *_texts(behind, settings),
        *desk,
        _figures(behind, settings),
        audit_pages.section(behind.database),
    )


def operators_of(behind: Behind) -> Operators:
    """What answers the operators' pages."""
    config = behind.config
    assert behind.reader is not None
    words = words_in_force(behind.library or Folder(config.service.templates_dir), config.service.language)
    saying = Saying(behind.policy, words, holiday_names(config))
    return Operators(
        behind.database, saying, gateways_of(config), behind.reader, behind.clock, behind.on_decided
    )


def _texts(behind: Behind, settings: WebSettings) -> tuple[Section, ...]:
    """The section of the texts, where they come out of the database."""
    config = behind.config
    if behind.library is None or behind.trials is None:
        return ()
    desk = TextsDesk(behind.library, config.sms.segment_price)
    return (texts_section(desk, behind.trials, config.service.timezone, settings),)


def _figures(behind: Behind, settings: WebSettings) -> Section:
    price = behind.config.sms.segment_price
    desk = FiguresDesk(behind.database, behind.policy)
    return figures_section(Bureau(desk, behind.clock, behind.policy, settings, price))


def admin_routes_of(behind: Behind, settings: WebSettings) -> list[Route]:
    """The routes of /admin/; none where no admin is configured, nor another way to sign in."""
    config = behind.config
    if not config.admins and config.oidc is None:
        return []
    sections = sections_of(behind, settings)
    admins = admins_of(config)
    reception = Reception(
        Shell(settings, sections),
        admins,
        Sessions(behind.database, admins, SystemClock()),  # the sandbox's may run fast, and people do not
        Passwords([one.password_hash for one in config.admins]),
        OwnCookie(settings, SESSION),
        Limits(),
        Devices(config.service.secret_key, SystemClock()),
        OwnCookie(settings, DEVICE),
        has_oidc=config.oidc is not None,
    )
    return admin_routes(settings, reception, sections, ministry_of(config, settings, reception))


def ministry_of(config: Config, settings: WebSettings, reception: Reception) -> Ministry | None:
    """The sign-in through [oidc]; None where it is not configured."""
    if config.oidc is None:
        return None
    from daemon.web.admin.ministry import Attempts, Ministry
    from daemon.web.admin.oidc import Provider, oidc_settings

    given = config.oidc
    redirect_uri = config.service.public_url + BACK
    provider = Provider(oidc_settings(given, redirect_uri))
    attempts = Attempts(config.service.secret_key, SystemClock())
    return Ministry(reception, provider, attempts, OwnCookie(settings, ATTEMPT))


def admins_of(config: Config) -> Admins:
    return Admins(
        Admin(one.name, one.password_hash, (one.email or "").lower(), frozenset(one.roles), one.subject)
        for one in config.admins
    )
