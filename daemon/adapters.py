"""What stands between us and the world, as configured: the mailbox, the two ways out, the virus scanner.

Makes them and connects nothing. The sandbox and tests give `assembly` others of the same kinds.
"""

from __future__ import annotations

from dataclasses import dataclass

from daemon.attachments.clamd import Clamd, ClamdSettings
from daemon.clock import Clock
from daemon.config import Config
from daemon.config.sms import Sms
from daemon.courier import Courier
from daemon.mail.wire.imap.mailbox import Mailbox
from daemon.mail.wire.imap.settings import ImapSettings
from daemon.mail.wire.oauth2 import ClientCredentials, OAuth2Settings
from daemon.mail.wire.smtp.courier import SmtpCourier
from daemon.mail.wire.smtp.settings import SmtpSettings
from daemon.reading.reader import Reader
from daemon.sms.failover import Failover
from daemon.sms.gateways.console import ConsoleCourier
from daemon.sms.gateways.unifonic import UnifonicCourier, UnifonicSettings

SMS_CONNECTIONS = 4


@dataclass(frozen=True, slots=True)
class Adapters:
    """What stands between us and the world. The sandbox gives others of the same kinds."""

    mailbox: Mailbox
    email: Courier
    sms: Courier | None
    reader: Reader | None = None
    """Who reads mail; None: worker processes, under the configured limits."""


def adapters_of(config: Config, clock: Clock) -> Adapters:
    """The real ones, as configured."""
    token_source = None
    if config.oauth2:
        oauth2 = config.oauth2
        settings = OAuth2Settings(oauth2.token_url, oauth2.client_id, oauth2.client_secret, oauth2.scope)
        token_source = ClientCredentials(settings)
    box, smtp = config.mailbox, config.smtp
    ca_file = str(box.ca_file) if box.ca_file else None
    mailbox = Mailbox(
        ImapSettings(
            host=box.host,
            port=box.port,
            security=box.security,
            username=box.username,
            password=box.password,
            auth=box.auth,
            folder=box.folder,
            processed=box.processed,
            quarantine=box.quarantine,
            token_source=token_source,
            ca_file=ca_file,
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
            connections=smtp.connections,
            # Not the machine's own name: asking DNS for it may hang, and it is nobody's business.
            local_hostname=box.address.rpartition("@")[2],
        )
    )
    return Adapters(mailbox, email, sms_courier(config, clock))


def sms_courier(config: Config, clock: Clock) -> Courier | None:
    """The configured gateway, or None where SMS wait in the outbox for one."""
    sms = config.sms
    courier = _gateway(sms, sms.gateway, clock)
    if courier is None or sms.fallback is None:
        return courier
    second = _gateway(sms, sms.fallback, clock)
    return courier if second is None else Failover(courier, second)


def _gateway(sms: Sms, name: str, clock: Clock) -> Courier | None:
    if name == "unifonic" and sms.unifonic is not None:
        keys = sms.unifonic
        return UnifonicCourier(
            UnifonicSettings(
                app_sid=keys.app_sid, url=keys.url, sender=sms.sender, connections=SMS_CONNECTIONS
            ),
            clock,
        )
    if name == "console" and sms.console is not None:
        return ConsoleCourier(path=sms.console.path, clock=clock)
    return None


def scanner_of(config: Config) -> Clamd | None:
    """The virus scanner, None where none is configured."""
    clamav = config.clamav
    if not clamav.is_used:
        return None
    return Clamd(ClamdSettings(clamav.path, clamav.host, clamav.port, float(clamav.timeout_seconds)))
