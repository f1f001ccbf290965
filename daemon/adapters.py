"""What stands between us and the world, as configured: the mailbox, the two ways out, the virus scanner.

Makes them and connects nothing. The sandbox and tests give `assembly` others of the same kinds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from daemon.attachments.clamd import Clamd, ClamdSettings
from daemon.casework.case import Cases
from daemon.clock import Clock
from daemon.config import Config
from daemon.courier import Courier
from daemon.dispatch.marks import Stationery
from daemon.dispatch.trial import Trials
from daemon.dispatch.writer import Letterhead
from daemon.loops.inquiry import Asked
from daemon.loops.shares import Moves, Shares
from daemon.mail.trust.tokens import Keyring
from daemon.mail.wire.certificates import CertificateEnds
from daemon.mail.wire.imap.mailbox import Mailbox
from daemon.mail.wire.imap.settings import ImapSettings
from daemon.mail.wire.oauth2 import ClientCredentials, OAuth2Settings
from daemon.mail.wire.smtp.courier import SmtpCourier
from daemon.mail.wire.smtp.settings import SmtpSettings
from daemon.reading.reader import Reader
from daemon.sms.failover import Failover
from daemon.sms.report import Fields
from daemon.store.database import Database
from daemon.store.gateway_shares import Pair
from daemon.workflow.vocabulary import Alarm


@dataclass(frozen=True, slots=True)
class Adapters:
    """What stands between us and the world. The sandbox gives others of the same kinds."""

    mailbox: Mailbox
    email: Courier
    sms: Courier | None
    reader: Reader | None = None
    """Who reads mail; None: worker processes, under the configured limits."""
    asked: Mapping[str, Asked] = field(default_factory=dict)
    """The gateways that can be asked what became of an SMS."""
    certificates: CertificateEnds = field(default_factory=CertificateEnds)


def adapters_of(config: Config, clock: Clock) -> Adapters:
    """The real ones, as configured."""
    token_source, certificates = tokens_of(config), CertificateEnds()
    box, smtp = config.mailbox, config.smtp
    ca_file = str(box.ca_file) if box.ca_file else None
    mailbox = Mailbox(
        replace(
            _imap_of(config),
            only_reads=config.service.is_shadow,
            token_source=token_source,
            certificates=certificates,
        ),
        clock,
    )
    email = SmtpCourier(
        SmtpSettings(
            host=smtp.host,
            port=smtp.port,
            security=smtp.security,
            username=smtp.username,
            password=smtp.password,
            auth=smtp.auth,
            token_source=token_source,
            ca_file=ca_file,
            certificates=certificates,
            connections=smtp.connections,
            per_connection=smtp.messages_per_connection,
            # Not the machine's own name: asking DNS for it may hang, and it is nobody's business.
            local_hostname=box.address.rpartition("@")[2],
        )
    )
    gateways = _gateways(config, clock)
    asked = {name: gateway for name, gateway in gateways.items() if isinstance(gateway, Asked)}
    sms = Failover(gateways) if gateways else None
    return Adapters(mailbox, email, sms, asked=asked, certificates=certificates)


def examining(config: Config, clock: Clock, folder: str = "") -> Mailbox:
    """The mailbox for a command that only looks (EXAMINE): at `folder`, else where mail is read."""
    settings = _imap_of(config)
    return Mailbox(replace(settings, folder=folder or settings.folder, only_reads=True), clock)


def _imap_of(config: Config) -> ImapSettings:
    box = config.mailbox
    return ImapSettings(
        host=box.host,
        port=box.port,
        security=box.security,
        username=box.username,
        password=box.password,
        auth=box.auth,
        folder=box.folder,
        processed=box.processed,
        quarantine=box.quarantine,
        token_source=tokens_of(config),
        ca_file=str(box.ca_file) if box.ca_file else None,
    )


def allowed_of(config: Config, clock: Clock) -> Adapters:
    """Those that the daemon may use: in shadow mode nothing leaves the machine, and no gateway is asked for
    receipts."""
    real = adapters_of(config, clock)
    if not config.service.is_shadow:
        return real
    from daemon.dispatch.shadow import ShadowCourier

    sms = ShadowCourier() if real.sms is not None else None
    return replace(real, email=ShadowCourier(), sms=sms, asked={})


def tokens_of(config: Config) -> ClientCredentials | None:
    """Where the mail protocols get their tokens, None where they need none."""
    asked = config.oauth2
    if asked is None:
        return None
    return ClientCredentials(
        OAuth2Settings(
            asked.token_url,
            asked.client_id,
            client_secret=asked.client_secret,
            scope=asked.scope,
            private_key=asked.private_key,
            subject=asked.subject or config.mailbox.address,
        )
    )


def _gateways(config: Config, clock: Clock) -> dict[str, Courier]:
    """The gateway and its fallback, by their names."""
    if config.sms.gateway == "none":
        return {}
    from daemon.sms_gateways import gateways_of

    return gateways_of(config.sms, clock)


def shares_of(
    config: Config, sms: Courier | None, database: Database, clock: Clock, cases: Cases
) -> Shares | None:
    """Who shares the SMS out among the gateway and its fallback; None where there is only one."""
    pair = config.sms.pair
    if isinstance(sms, Failover):
        sms.on_move = Moves(database).note
    if pair is None:
        return None

    def alert(connection: Connection, now: datetime, what: Alarm, detail: str) -> None:
        cases.at(connection, now).alert(what, detail)

    shares = Shares(database, Pair(*pair), config.sms.bounds, clock, alert)
    if isinstance(sms, Failover):
        sms.on_error = shares.note_error
    return shares


def declared_reports(config: Config) -> Fields | None:
    """How the gateway reports that the configuration declares; None where there is none."""
    if config.sms.http is None:
        return None
    from daemon.config.http_gateway import Receipt
    from daemon.sms_gateways import fields_of  # it loads every gateway

    return fields_of(config.sms.http.receipt or Receipt())


def scanner_of(config: Config) -> Clamd | None:
    """The virus scanner, None where none is configured."""
    clamav = config.clamav
    if not clamav.is_used:
        return None
    return Clamd(ClamdSettings(clamav.path, clamav.host, clamav.port, float(clamav.timeout_seconds)))


def trials_of(config: Config, clock: Clock) -> Trials:
    """Who sends tests of the texts: by couriers of their own, so that a test waits for no queue."""

    def opened(channel: str) -> Courier | None:
        adapters = adapters_of(config, clock)
        return adapters.email if channel == "email" else adapters.sms

    letterhead = Letterhead(
        mailbox_address=config.mailbox.address,
        from_name=config.from_name,
        sms_sender=config.sms.sender,
        language=config.service.language,
    )
    stationery = Stationery(Keyring(config.service.secret_key))
    return Trials(letterhead, stationery, clock, opened, has_sms=config.sms.gateway != "none")
